//! `pli`, the binary.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    pli_server::start().await
}
