//! `cargo xtask …`: what a developer of Pli runs, and CI with them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool talks to the terminal")]

mod check;
mod command;
mod postgres;
mod testing;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use command::{Interrupt, workspace_root};
use postgres::Postgres;

/// What a developer of Pli runs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test on SQLite and on a PostgreSQL of its own; installs what is missing (Debian)
    Test {
        /// Passed to `cargo test`: a filter, `-p CRATE`, and after a second `--` what goes to the tests
        #[arg(last = true, value_name = "ARGUMENTS")]
        arguments: Vec<String>,
    },
    /// Run what CI runs: format, lints, documentation, tests, dependencies
    Check {
        /// Leave out the tests (`cargo xtask test` runs them)
        #[arg(long)]
        without_tests: bool,
    },
    /// Write the generated files again: the schema, the tables of rights, the diagrams
    Generate,
    /// Measure Pli against its engines, on registers of 10 thousand to 1 million dossiers
    Bench {
        /// Passed on: `--sizes 10000` for a small machine; `--help` names the others
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<String>,
    },
    /// Start a throwaway PostgreSQL and keep it until Ctrl-C
    Postgres,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The causes on one line, and no backtrace: what failed is another program.
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let root = workspace_root()?;
    match task {
        Task::Test { arguments } => testing::test(&root, &arguments),
        Task::Check { without_tests } => check::check(&root, without_tests),
        Task::Generate => testing::generate(&root),
        Task::Bench { arguments } => testing::bench(&root, &arguments),
        Task::Postgres => keep_postgres(),
    }
}

/// Starts a server for a developer who wants `cargo test` itself, and stays until told to stop.
fn keep_postgres() -> Result<()> {
    tools::ensure_debian_packages(&[tools::POSTGRESQL])?;
    let interrupt = Interrupt::watch()?;
    let mut server = Postgres::start(&interrupt, postgres::HASTY)?;
    println!("export {}={}", testing::DATABASE_URL, server.url());
    println!("Ctrl-C stops the server and removes its data.");
    server.wait(&interrupt)
}
