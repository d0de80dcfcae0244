//! Connections that ask for nothing.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use pli_tests::{Engine, Office};
use tokio::net::TcpStream;

use crate::history;
use crate::load::{Desk, Load};
use crate::program::Program;

const IDLE: usize = 10_000;

/// From one address of the loopback to one port there are fewer free ports than connections wanted, on some machines.
const FROM_EACH: usize = 5_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_connections_hold_nobody_up() -> Result<()> {
    // As the server does: what the machine allows, which is to be enough for both.
    pli_server::open_many_files();
    let office = Office::open(Engine::Sqlite).await?;
    let server = Program::of(&office).serve().await?;
    let address = server.url.trim_start_matches("http://").parse()?;
    let mut idle = Vec::with_capacity(IDLE);
    for number in 0..IDLE {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(format!("127.0.0.{}:0", 2 + number / FROM_EACH).parse()?)?;
        let connection = tokio::time::timeout(Duration::from_secs(30), socket.connect(address)).await;
        idle.push(connection.context("nobody lets us in any more")??);
    }
    let mut load = Load::start(&Desk::open(&office, &[&server.url]).await?, 4);
    load.more(20).await?;
    ensure!(idle.iter().all(is_open), "an idle connection was closed");
    history::check(&load.stop().await?, &office).await
}

/// Whether the other side has neither answered nor gone.
fn is_open(connection: &TcpStream) -> bool {
    let waits = |error: std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    connection.try_read(&mut [0]).is_err_and(waits)
}
