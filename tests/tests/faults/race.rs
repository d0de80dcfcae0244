//! Clients and servers that meet.

use anyhow::Result;
use pli_tests::{Engine, Office};

use crate::history;
use crate::load::{Desk, Load};
use crate::program::Program;

pli_tests::on_both!(clients_who_hang_up_and_ask_again_are_served_once);

async fn clients_who_hang_up_and_ask_again_are_served_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let server = Program::of(&office).serve().await?;
    let mut load = Load::start(&Desk::open(&office, &[&server.url]).await?.hanging_up(), 6);
    load.more(60).await?;
    history::check(&load.stop().await?, &office).await
}

/// Two servers on one database: the same dossier, the same chrono, and the same key sent to both at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_give_each_chrono_once() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let program = Program::of(&office);
    let (first, mut second) = (program.serve().await?, program.serve().await?);
    let desk = Desk::open(&office, &[&first.url, &second.url]).await?;
    let mut load = Load::start(&desk.hanging_up(), 8);
    load.more(60).await?;
    second.kill().await?;
    load.more(30).await?;
    history::check(&load.stop().await?, &office).await
}
