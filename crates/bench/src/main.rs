//! `cargo xtask bench`: what Pli costs above its engines, and how that grows with the register.
//!
//! Every figure is taken side by side: in each round every level does the same work in turn, and ratios are those of one
//! round. Server, clients and floors share this machine.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints its tables")]

mod client;
mod floor;
mod import;
mod pgbench;
mod postgraphile;
mod rounds;
mod script;
mod server;
mod table;
mod tape;
mod work;

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use pli_tests::{Engine, Fine as _, Office, TestStore};

use rounds::{Pace, Until, pace, pace_on_threads};
use table::{Figures, Spread};
use tape::Recorder;
use work::{Level, Site, Work};

/// Measures Pli on registers that it makes.
#[derive(Parser)]
struct Arguments {
    /// Dossiers in the registers, one table each; some 5 % of them open
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    sizes: Vec<u64>,
    /// On one engine alone
    #[arg(long)]
    engine: Option<Only>,
    /// Clients at work at the same time
    #[arg(long, default_value_t = 16)]
    clients: u32,
    /// Rounds; each level does each piece of work once a round
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How long reading lasts in a round, in milliseconds
    #[arg(long, default_value_t = 1000)]
    time: u64,
    /// How many letters are registered, and routed, in a round
    #[arg(long, default_value_t = 400)]
    letters: u64,
}

/// An engine, as one names it on the command line.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    Sqlite,
    Postgres,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    for (engine, named) in [(Engine::Sqlite, Only::Sqlite), (Engine::Postgres, Only::Postgres)] {
        if arguments.engine.is_some_and(|only| only != named) {
            continue;
        }
        let mut grown = Vec::new();
        for &size in &arguments.sizes {
            println!("\n## {engine:?}, {size} dossiers\n");
            let figures = Box::pin(measure(&arguments, engine, size)).await?;
            println!("{figures}");
            grown.push((size, figures));
        }
        print_growth(engine, &grown);
        print_imports(&arguments, engine).await?;
    }
    let size = std::fs::metadata(server::program()?)?.len() / 1024 / 1024;
    println!("The program `pli` takes {size} MiB on disk.");
    Ok(())
}

/// Makes a register, and measures every piece of work on it.
async fn measure(arguments: &Arguments, engine: Engine, dossiers: u64) -> Result<Figures> {
    let recorder = Recorder::default();
    let listener = recorder.clone();
    let database = TestStore::open(engine).await?.watched(move |statement| listener.hear(statement));
    let office = Office::on(database).await?;
    office.fill(dossiers, |made| eprintln!("{engine:?}: {made} dossiers")).await?;
    if engine == Engine::Postgres {
        // As it does by itself within a minute or two.
        office.database.sql().await?.run("ANALYZE").await?;
    }
    // As on any day but the first there are a snapshot and a seal; what the register holds is sealed by the first server that starts.
    office.app.take_snapshot().await.fine()?;
    office.app.seal_day().await.fine()?;
    let site = Site::open(office, dossiers, &recorder, arguments.clients).await?;
    print_start(arguments, &site.served.office)?;

    let mut figures = Figures::default();
    // The first round warms up, and is not counted.
    for round in 0..=arguments.rounds {
        eprintln!("{engine:?}, {dossiers} dossiers: round {round} of {}", arguments.rounds);
        for work in Work::ALL {
            if !work.writes() {
                // As a server does each minute: those letters would have come in hours.
                site.served.office.app.tidy_up().await.fine()?;
            }
            for level in Level::ALL {
                let done = one(arguments, &site, work, level, round).await;
                let done = done.with_context(|| format!("{work:?} by {level:?}"))?;
                if let Some(pace) = done.filter(|_| round > 0) {
                    figures.keep(work, level, pace);
                }
            }
        }
    }
    Ok(figures)
}

/// One piece of work at one level, for one round; `None` when that level has no such work.
async fn one(
    arguments: &Arguments,
    site: &Arc<Site>,
    work: Work,
    level: Level,
    round: u32,
) -> Result<Option<Pace>> {
    let until = if work.writes() {
        Until::Done(arguments.letters)
    } else {
        Until::Elapsed(Duration::from_millis(arguments.time))
    };
    match level {
        Level::Alone if work.writes() => Ok(None),
        _ if work.is_page() && !matches!(level, Level::Api | Level::Alone) => Ok(None),
        Level::PostGraphile if !site.is_rivalled(work) => Ok(None),
        Level::Engine if site.served.office.database.engine == Engine::Postgres => {
            let url = site.served.office.database.url();
            let play = || pgbench::pace(url, site.tapes(work)?, arguments.clients, round, until);
            tokio::task::block_in_place(play).map(Some)
        }
        Level::Engine => {
            // SQLite has one writer; it is read by as many threads as there are cores.
            let cores = available_parallelism().map_or(1, NonZero::get);
            let mut connections = (0..if work.writes() { 1 } else { cores })
                .map(|_| floor::rusqlite(&site.served.office))
                .collect::<Result<Vec<_>>>()?;
            let once = |connection: &mut rusqlite::Connection| {
                let (tape, names) = site.tape(work, level, site.number())?;
                floor::play(connection, tape, names.as_ref())
            };
            tokio::task::block_in_place(|| pace_on_threads(&mut connections, until, once)).map(Some)
        }
        _ => {
            let site = site.clone();
            let once = move || {
                let site = site.clone();
                async move { site.once(work, level).await }
            };
            let clients = if level == Level::Alone { 1 } else { arguments.clients };
            pace(clients, until, once).await.map(Some)
        }
    }
}

/// How soon the program answers on this register, and what it holds in memory.
fn print_start(arguments: &Arguments, office: &Office) -> Result<()> {
    let program = server::program()?;
    let starts = (0..arguments.rounds)
        .map(|_| tokio::task::block_in_place(|| server::start(&program, office)))
        .collect::<Result<Vec<_>>>()?;
    let ready = Spread::of(starts.iter().map(|seen| seen.ready.as_secs_f64() * 1000.0).collect());
    let resident = Spread::of(starts.iter().map(|seen| seen.resident).collect());
    if let (Some(ready), Some(resident)) = (ready, resident) {
        println!("`pli serve` answers after {ready} ms, and holds {resident} MiB when idle.\n");
    }
    Ok(())
}

/// How the waits grow from the smallest register to the largest.
fn print_growth(engine: Engine, grown: &[(u64, Figures)]) {
    let [(small, first), .., (large, last)] = grown else { return };
    println!("## {engine:?}: the wait at {large} dossiers, against that at {small}\n");
    println!("| work | API | use case | sqlx |\n| --- | --- | --- | --- |");
    for work in Work::ALL {
        let times = [Level::Api, Level::App, Level::Sqlx].map(|level| {
            let pair = first.wait(work, level).zip(last.wait(work, level));
            pair.map_or("–".to_owned(), |(first, last)| format!("{:.2}", last.median / first.median))
        });
        println!("| {} | {} |", work.name(), times.join(" | "));
    }
}

/// Questions imported a second.
async fn print_imports(arguments: &Arguments, engine: Engine) -> Result<()> {
    let (mut by_app, mut by_floor, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        let (app, floor) = Box::pin(import::round(engine)).await?;
        by_app.push(app);
        by_floor.push(floor);
        ratios.push(app / floor);
    }
    if let (Some(app), Some(floor), Some(ratio)) =
        (Spread::of(by_app), Spread::of(by_floor), Spread::of(ratios))
    {
        println!(
            "\n{engine:?}: import, {app} questions a second; reading them and writing the same rows, {floor}; {ratio}.\n"
        );
    }
    Ok(())
}
