//! The machine of the database lost while people work, and another that takes its place: by synchronous replication nothing that was
//! acknowledged is lost, and the servers find the other by themselves.

use anyhow::{Result, ensure};
use pli_tests::{Office, TestStore};

use crate::cluster::{Cluster, SYNCHRONOUS, url};
use crate::history;
use crate::load::{Desk, Load};
use crate::program::{Program, Running};

const DATABASE: &str = "pli";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_takes_the_place_of_the_database_and_nothing_is_lost() -> Result<()> {
    let cluster = Cluster::prepare().await?;
    let mut first = cluster.primary("first", &SYNCHRONOUS).await?;
    let second = cluster.standby("second", &first, &[]).await?;
    first.sql("postgres").await?.run(&format!("CREATE DATABASE {DATABASE}")).await?;
    // Named first, the one that stands by: it is not taken for the one that writes.
    let database = url(&[&second, &first], DATABASE);
    let office = Office::on(TestStore::elsewhere(&database).await?).await?;
    let program = Program::of(&office);
    let (one, two) = (program.serve().await?, program.serve().await?);
    let mut load = Load::start(&Desk::open(&office, &[&one.url, &two.url]).await?, 6);
    load.more(20).await?;

    first.kill().await?;
    for server in [&one, &two] {
        ensure!(ready(server).await? == 503, "nobody writes, and it says that it is ready");
    }
    cluster.promote("second").await?;
    load.more(20).await?;
    for server in [&one, &two] {
        while ready(server).await? != 200 {}
    }

    // The machine comes back, and believes that it still writes. Neither those that work nor one that starts go to it.
    let _stale = cluster.again("first", &first, &SYNCHRONOUS).await?;
    let three = program.serve().await?;
    let mut other = Load::start_as(&Desk::open(&office, &[&three.url]).await?, 6..9);
    other.more(10).await?;
    load.more(10).await?;
    let mut deeds = load.stop().await?;
    deeds.extend(other.stop().await?);
    history::check_rows(&deeds, &second.sql(DATABASE).await?).await?;
    ensure!(office.faults().await?.is_empty(), "{:?}", office.faults().await?);
    Ok(())
}

async fn ready(server: &Running) -> Result<u16> {
    let asked = pli_tests::http().build()?.get(format!("{}/ready", server.url)).send().await?;
    Ok(asked.status().as_u16())
}
