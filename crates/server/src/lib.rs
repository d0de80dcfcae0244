//! What the binary `pli` is made of: the command line, HTTP, mail, the demonstration. A library too, so that the end-to-end
//! tests serve the very same thing.

// The futures of the API's roots nest as deep as they have parts.
#![recursion_limit = "256"]

mod backup;
pub mod cli;
mod deadline;
mod demo;
mod exchange;
pub mod http;
mod jobs;
pub mod logs;
pub mod mail;
mod members;
mod metrics;
mod openid;
mod place;
mod proof;
pub mod seed;
pub mod work;

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

pub use demo::fill;

/// With the C library's, a quarter of a request went to giving memory out and taking it back (docs/decisions/0042).
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// What the binary does: reads its command line, opens the database, serves or does one job.
pub async fn start() -> ExitCode {
    let cli = cli::Cli::parse();
    let done = match logs::start(cli.log_json, cli.traces.as_deref()) {
        Ok(traces) => {
            let done = cli::run(cli).await;
            if let Some(traces) = traces {
                traces.end();
            }
            done
        }
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| {
        jobs::tell(&format!("pli : {error:#}"));
        ExitCode::from(2)
    })
}

/// Opens as many files and connections at once as the machine allows: what it gives at first (1024 on Debian) is soon used up
/// by browsers that keep a connection and ask for nothing.
pub fn open_many_files() {
    let allowed = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: allowed.maximum, ..allowed }) {
        tracing::warn!(%error, "the number of open files stays as it is");
    }
}
