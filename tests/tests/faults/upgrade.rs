//! Changes of the schema that are interrupted, or begun by several servers at once.

use anyhow::{Result, ensure};
use pli_tests::{Engine, Sql, TestStore};

use crate::program::Program;

pli_tests::on_both!(an_interrupted_upgrade_is_taken_up_where_it_was);

async fn an_interrupted_upgrade_is_taken_up_where_it_was(engine: Engine) -> Result<()> {
    let (whole, database) = (TestStore::open(engine).await?, TestStore::bare(engine).await?);
    let files = tempfile::tempdir()?;
    let program = Program::on(database.url(), files.path());
    let sql = database.sql().await?;
    let steps: i64 = whole.sql().await?.one("SELECT count(*) FROM seaql_migrations").await?;
    let mut kills = 0;
    loop {
        let before = made(&sql).await;
        let mut server = program.begin("127.0.0.1:0")?;
        // Killed as soon as it has made some steps more, wherever it then is.
        while made(&sql).await < (before + 5).min(steps) {
            ensure!(server.try_wait()?.is_none(), "it ended by itself");
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        server.kill().await?;
        kills += 1;
        if before + 5 >= steps {
            break;
        }
    }
    ensure!(kills > 3, "interrupted {kills} times only");
    drop(program.serve().await?);
    let (found, wanted) = (schema(&sql, engine).await?, schema(&whole.sql().await?, engine).await?);
    ensure!(found == wanted, "the schemas differ: {found:?}\n{wanted:?}");
    Ok(())
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
