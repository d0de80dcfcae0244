//! Structured logs, on the error output.

use tracing_subscriber::EnvFilter;

/// Starts logging: for people, or as JSON lines. `RUST_LOG` chooses what is logged.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        EnvFilter::new("warn,pli_server=info,pli_web=info,pli_graphql=info,pli_app=info")
    });
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { logs.json().init() } else { logs.init() }
}
