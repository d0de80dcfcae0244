//! The audit of GraphQL over HTTP: the suite that the specification's authors publish, run by Node against our server.

use anyhow::{Context as _, Result};
use pli_tests::{Engine, Served};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_audit_of_graphql_over_http_passes() -> Result<()> {
    let folder = std::env::var("PLI_TEST_HTTP_AUDIT").context(
        "the audit's packages are missing: run the tests by `cargo xtask test`, which installs them",
    )?;
    let served = Served::open(Engine::Sqlite, true).await?;
    let audit = Command::new("node")
        .arg(format!("{folder}/audit.mjs"))
        .arg(format!("{}/graphql", served.url))
        .output()
        .await
        .context("node could not be started")?;
    let said = String::from_utf8_lossy(&audit.stdout);
    assert!(audit.status.success(), "{said}");
    assert!(said.contains("audits: 61 ok, 0 notice, 0 warn, 0 error of 61"), "{said}");
    Ok(())
}
