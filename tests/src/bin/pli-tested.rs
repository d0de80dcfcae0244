//! `pli` itself, for the tests that start it as a process: cargo builds a program for the tests of its own package only.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    pli_server::start().await
}
