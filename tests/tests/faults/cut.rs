//! What Pli stands on, taken away while people work: connections that are cut, a disk that takes no more.

use anyhow::{Result, ensure};
use pli_tests::{Engine, Office};

use crate::history;
use crate::load::{Desk, Load};
use crate::program::Program;

/// After how many more acknowledgements the connections are cut, and how often all of these: what goes wrong only between one statement
/// of several who write together and the next is hit about every tenth time.
const CUTS: [usize; 6] = [5, 2, 9, 1, 4, 3];
const ROUNDS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_lose_nothing_and_come_back() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let server = Program::of(&office).serve().await?;
    let mut load = Load::start(&Desk::open(&office, &[&server.url]).await?, 6);
    let sql = office.database.sql().await?;
    for after in CUTS.repeat(ROUNDS) {
        load.more(after).await?;
        // What was told just now may be of before the last cut, and nothing be connected again.
        while sql.cut_the_others().await? == 0 {
            load.more(1).await?;
        }
    }
    load.more(12).await?;
    history::check(&load.stop().await?, &office).await
}

/// How large a file of the server may grow, in blocks of 512 bytes: the log of the database has some room, and ends.
const ROOM: u32 = 4_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_takes_no_more_loses_nothing() -> Result<()> {
    let office = Office::open(Engine::Sqlite).await?;
    let program = Program::of(&office);
    let mut server = program.clone().with_room(ROOM).serve().await?;
    let desk = Desk::open(&office, &[&server.url]).await?;
    let mut load = Load::start(&desk, 4);
    load.more(4).await?;
    load.until_refused(40).await?;
    // What is there is still read.
    let page = pli_tests::http().build()?.get(format!("{}/connexion", server.url)).send().await?;
    ensure!(page.status().is_success(), "{}", page.status());
    server.kill().await?;
    let _with_room = program.serve_again(&server).await?;
    load.more(8).await?;
    history::check(&load.stop().await?, &office).await
}
