//! Changes of the schema that are interrupted, begun by several servers at once, or made while older servers work.

use anyhow::{Result, ensure};
use pli_tests::{Engine, Office, Sql, TestStore};

use crate::history;
use crate::load::{Desk, Load};
use crate::program::{Program, Running};

pli_tests::on_both!(an_interrupted_upgrade_is_taken_up_where_it_was);

/// How often a whole upgrade is made at most: where the steps are quicker than whoever looks, too few of them are interrupted.
const PASSES: usize = 5;

async fn an_interrupted_upgrade_is_taken_up_where_it_was(engine: Engine) -> Result<()> {
    let whole = TestStore::open(engine).await?;
    let steps: i64 = whole.sql().await?.one("SELECT count(*) FROM seaql_migrations").await?;
    let wanted = schema(&whole.sql().await?, engine).await?;
    let mut kills = 0;
    for _ in 0..PASSES {
        let database = TestStore::bare(engine).await?;
        let files = tempfile::tempdir()?;
        let program = Program::on(database.url(), files.path());
        let sql = database.sql().await?;
        kills = interrupted(&program, &sql, steps).await?;
        drop(program.serve().await?);
        let found = schema(&sql, engine).await?;
        ensure!(found == wanted, "the schemas differ: {found:?}\n{wanted:?}");
        if kills > 3 {
            break;
        }
    }
    ensure!(kills > 3, "interrupted {kills} times only");
    Ok(())
}

/// Makes the steps on an empty database by servers that are killed one after the other: how many were.
async fn interrupted(program: &Program, sql: &Sql, steps: i64) -> Result<usize> {
    let mut kills = 0;
    loop {
        let before = made(sql).await;
        let mut server = program.begin("127.0.0.1:0")?;
        // Killed as soon as it has made some steps more, wherever it then is.
        while made(sql).await < (before + 5).min(steps) {
            ensure!(server.try_wait()?.is_none(), "it ended by itself");
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        server.kill().await?;
        kills += 1;
        if before + 5 >= steps {
            return Ok(kills);
        }
    }
}

/// How many steps are made; none while there is not even the list of them, or somebody writes.
async fn made(sql: &Sql) -> i64 {
    sql.one("SELECT count(*) FROM seaql_migrations").await.unwrap_or(0)
}

/// Every table, column and index.
async fn schema(sql: &Sql, engine: Engine) -> Result<Vec<String>> {
    sql.all(match engine {
        Engine::Sqlite => "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name, sql",
        Engine::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns \
             WHERE table_schema = 'public' UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        }
    })
    .await
}

/// One of them makes the steps; the others wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_once_on_an_empty_database_all_serve() -> Result<()> {
    let database = TestStore::bare(Engine::Postgres).await?;
    let files = tempfile::tempdir()?;
    let program = Program::on(database.url(), files.path());
    let (first, second, third) = tokio::try_join!(program.serve(), program.serve(), program.serve())?;
    for server in [first, second, third] {
        let ready = pli_tests::http().build()?.get(format!("{}/ready", server.url)).send().await?;
        ensure!(ready.status().is_success(), "{}", ready.text().await?);
    }
    let units: i64 = database.sql().await?.one("SELECT count(*) FROM unit WHERE parent_id IS NULL").await?;
    ensure!(units == 1, "the organisation was made {units} times");
    Ok(())
}

/// What a newer Pli may do to the tables on which older servers work: it only adds.
const ADDS: [&str; 6] = [
    "ALTER TABLE dossier ADD COLUMN next_word varchar(40)",
    "ALTER TABLE mail ADD COLUMN next_flag boolean NOT NULL DEFAULT false",
    "ALTER TABLE journal ADD COLUMN next_number bigint",
    "CREATE TABLE next_thing (dossier_id uuid NOT NULL REFERENCES dossier (id), word text NOT NULL)",
    "CREATE INDEX next_words ON dossier (next_word, id)",
    "CREATE INDEX next_things ON next_thing (dossier_id)",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_servers_work_on_while_a_newer_one_adds_and_stop_when_it_takes_away() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let program = Program::of(&office);
    let (mut first, second) = (program.serve().await?, program.serve().await?);
    let mut load = Load::start(&Desk::open(&office, &[&first.url, &second.url]).await?, 6);
    let sql = office.database.sql().await?;
    for (number, step) in ADDS.iter().enumerate() {
        load.more(4).await?;
        let made =
            format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m900{number}_next', 0)");
        sql.run(&format!("BEGIN; {step}; {made}; COMMIT")).await?;
    }
    load.more(12).await?;
    // One of them falls, and is started again as it was: it serves, and leaves the newer schema alone.
    first.kill().await?;
    let first = program.serve_again(&first).await?;
    load.more(12).await?;
    for server in [&first, &second] {
        ensure!(ready(server).await?.0 == 200, "an older server is not ready any more");
    }
    history::check(&load.stop().await?, &office).await?;

    sql.run("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9010_contract_next', 0)").await?;
    for server in [&first, &second] {
        let (status, said) = ready(server).await?;
        ensure!(status == 503 && said.contains(r#""missing":"schema""#), "{status}: {said}");
    }
    let refused = program.run(&["serve", "--listen", "127.0.0.1:0"]).await?;
    let said = String::from_utf8(refused.stderr)?;
    ensure!(!refused.status.success() && said.contains("m9010_contract_next"), "{said}");
    ensure!(said.contains("une version plus récente de Pli"), "{said}");
    Ok(())
}

async fn ready(server: &Running) -> Result<(u16, String)> {
    let asked = pli_tests::http().build()?.get(format!("{}/ready", server.url)).send().await?;
    Ok((asked.status().as_u16(), asked.text().await?))
}
