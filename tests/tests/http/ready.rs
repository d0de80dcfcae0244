//! What a supervisor and a load balancer are told: `/health` whether the process lives, `/ready` whether it can work.

use anyhow::Result;
use pli_tests::{Engine, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

pli_tests::on_both!(what_is_missing_is_told_and_coming_back_is_enough);

async fn asked(served: &Served) -> Result<(StatusCode, Value)> {
    let health = served.page("/health", "").await?;
    assert_eq!((health.status(), health.json::<Value>().await?), (StatusCode::OK, json!({ "status": "ok" })));
    let ready = served.page("/ready", "").await?;
    Ok((ready.status(), ready.json().await?))
}

fn ready() -> (StatusCode, Value) {
    (StatusCode::OK, json!({ "status": "ready" }))
}

fn missing(what: &str) -> (StatusCode, Value) {
    (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "unready", "missing": what }))
}

async fn what_is_missing_is_told_and_coming_back_is_enough(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    assert_eq!(asked(&served).await?, ready());

    let files = served.office.files.path().to_owned();
    let aside = files.with_extension("aside");
    std::fs::rename(&files, &aside)?;
    std::fs::write(&files, "no folder")?;
    assert_eq!(asked(&served).await?, missing("files"));
    std::fs::remove_file(&files)?;
    std::fs::rename(&aside, &files)?;
    assert_eq!(asked(&served).await?, ready());

    let sql = served.office.database.sql().await?;
    let last = "(SELECT max(version) FROM seaql_migrations)";
    let name: String = sql.one(&format!("SELECT {last} AS version")).await?;
    sql.run(&format!("UPDATE seaql_migrations SET version = 'later' WHERE version = {last}")).await?;
    assert_eq!(asked(&served).await?, missing("schema"));
    sql.run(&format!("UPDATE seaql_migrations SET version = '{name}' WHERE version = 'later'")).await?;
    // What a newer Pli has added is no fault.
    sql.run("INSERT INTO seaql_migrations (version, applied_at) VALUES ('later', 0)").await?;
    assert_eq!(asked(&served).await?, ready());

    sql.run("ALTER TABLE seaql_migrations RENAME TO elsewhere").await?;
    assert_eq!(asked(&served).await?, missing("database"));
    sql.run("ALTER TABLE elsewhere RENAME TO seaql_migrations").await?;
    assert_eq!(asked(&served).await?, ready());
    Ok(())
}
