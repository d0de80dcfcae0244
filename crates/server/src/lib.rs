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
mod openid;
mod place;
mod proof;
pub mod seed;
pub mod work;

use std::process::ExitCode;

use clap::Parser as _;

pub use demo::fill;

/// What the binary does: reads its command line, opens the database, serves or does one job.
pub async fn start() -> ExitCode {
    let cli = cli::Cli::parse();
    logs::start(cli.log_json);
    match cli::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            jobs::tell(&format!("pli : {error:#}"));
            ExitCode::from(2)
        }
    }
}
