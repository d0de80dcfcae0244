//! All that the schema allows, asked at random: schemathesis draws requests from the schema, and nothing breaks.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use pli_app::AccessRules;
use pli_tests::Person::{self, Administrator, Clerk, Coordinator};
use pli_tests::samples::{petition, question};
use pli_tests::{Engine, Fine as _, Served};
use serde_json::Value;
use tokio::process::Command;

/// Requests drawn for each field and mutation.
const EACH: &str = "8";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_an_administrator_asks_is_answered() -> Result<()> {
    asked_at_random(Engine::Sqlite, Administrator).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_coordinator_asks_is_answered() -> Result<()> {
    asked_at_random(Engine::Postgres, Coordinator).await
}

async fn asked_at_random(engine: Engine, person: Person) -> Result<()> {
    let program = std::env::var("PLI_TEST_SCHEMATHESIS")
        .context("schemathesis is missing: run the tests by `cargo xtask test`, which installs it")?;
    // A minute's quota would refuse most of what is asked.
    let rules = AccessRules { per_person: None, per_address: None, ..AccessRules::default() };
    let served = Served::open_with(engine, rules).await?;
    served.office.register(petition("Délais du greffe")).await?;
    let clerk = served.office.caller(Clerk).await?;
    served.office.app.receive_question(&clerk, served.office.key(), question(4321)).await.fine()?;
    let token = served.token(person).await?;
    let (folder, aside) = (Path::new(env!("CARGO_MANIFEST_DIR")), tempfile::tempdir()?);
    let said = Command::new(program)
        .arg("run")
        .arg(folder.join("../schema.graphql"))
        .args(["--url", &format!("{}/graphql", served.url)])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--max-examples", EACH, "--seed", "1", "--no-color", "--continue-on-failure"])
        .args([
            "--checks",
            "nothing_breaks",
            "--suppress-health-check",
            "all",
            "--generation-database",
            "none",
        ])
        .current_dir(&aside)
        .env("SCHEMATHESIS_HOOKS", folder.join("schemathesis/hooks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PLI_IDS", there(&served, &token).await?.join(","))
        .output()
        .await
        .context("schemathesis could not be started")?;
    let report = String::from_utf8_lossy(&said.stdout);
    ensure!(said.status.success(), "{report}{}", String::from_utf8_lossy(&said.stderr));
    ensure!(report.contains(" passed"), "nothing was asked: {report}");
    Ok(())
}

/// Identifiers of what this person can see.
async fn there(served: &Served, token: &str) -> Result<Vec<String>> {
    let query =
        "{ dossiers(first: 5) { edges { node { id } } } units { id } people { edges { node { id } } } }";
    let answer = served.ask(Some(token), query, Value::Null).await?;
    let mut found = Vec::new();
    identifiers(&answer, &mut found);
    Ok(found)
}

fn identifiers(answer: &Value, found: &mut Vec<String>) {
    match answer {
        Value::Object(fields) => {
            found.extend(fields.get("id").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| identifiers(field, found));
        }
        Value::Array(all) => all.iter().for_each(|one| identifiers(one, found)),
        _ => {}
    }
}
