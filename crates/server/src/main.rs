//! `pli`, the binary: reads its command line, opens the database, serves or does one job.

use std::process::ExitCode;

use clap::Parser as _;

use pli_server::cli::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    pli_server::logs::start(cli.log_json);
    match run(cli).await {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a command line tells its errors there")]
            {
                eprintln!("pli : {error:#}");
            }
            ExitCode::from(2)
        }
    }
}
