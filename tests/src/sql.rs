//! Statements of a test's own, round Pli: to look at what is stored, or to tamper with it.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement, TryGetable,
};
use tokio::time::sleep;

use crate::Engine;

/// One connection to the database of a test.
#[derive(Debug)]
pub struct Sql {
    db: DatabaseConnection,
    engine: Engine,
}

impl Sql {
    /// Connects to a database.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn connect(url: &str, engine: Engine) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        // One only: what is set on it lasts.
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.with_context(|| format!("connecting to {url}"))?;
        Ok(Self { db, engine })
    }

    /// Runs a statement; how many rows it changed.
    ///
    /// # Errors
    /// When the database refuses it.
    #[expect(clippy::disallowed_methods, reason = "a test goes round Pli to look, or to tamper")]
    pub async fn run(&self, sql: &str) -> Result<u64> {
        let done = self.db.execute_unprepared(sql).await.with_context(|| sql.to_owned())?;
        Ok(done.rows_affected())
    }

    /// The first column of every row.
    ///
    /// # Errors
    /// When the database refuses it, or a value is not a `T`.
    pub async fn all<T: TryGetable>(&self, sql: &str) -> Result<Vec<T>> {
        let rows = self.rows(sql).await?;
        rows.iter().map(|row| row.try_get_by_index(0).with_context(|| sql.to_owned())).collect()
    }

    /// The first column of the only row.
    ///
    /// # Errors
    /// When there is no row, or more than one.
    pub async fn one<T: TryGetable>(&self, sql: &str) -> Result<T> {
        let mut all = self.all(sql).await?;
        anyhow::ensure!(all.len() == 1, "{} rows: {sql}", all.len());
        all.pop().context("no row")
    }

    /// Every row.
    ///
    /// # Errors
    /// When the database refuses it.
    #[expect(clippy::disallowed_methods, reason = "a test goes round Pli to look, or to tamper")]
    pub async fn rows(&self, sql: &str) -> Result<Vec<QueryResult>> {
        let statement = Statement::from_string(self.db.get_database_backend(), sql.to_owned());
        self.db.query_all_raw(statement).await.with_context(|| sql.to_owned())
    }

    /// Cuts all other connections to the database, as PostgreSQL does when it is restarted: how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cut_the_others(&self) -> Result<i64> {
        self.one(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
    }

    /// Waits until so many statements wait for what another transaction holds (PostgreSQL).
    ///
    /// # Errors
    /// When nobody does, or the database fails.
    pub async fn until_locked_out(&self, many: i64) -> Result<()> {
        const LOCKED_OUT: &str = "SELECT count(*) FROM pg_stat_activity \
                                  WHERE datname = current_database() AND wait_event_type = 'Lock'";
        for _ in 0..10_000 {
            if self.one::<i64>(LOCKED_OUT).await? >= many {
                return Ok(());
            }
            sleep(Duration::from_millis(5)).await;
        }
        bail!("nobody waits")
    }

    /// How the engine would answer a query, as text.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn plan(&self, sql: &str) -> Result<String> {
        let (explain, column) = match self.engine {
            Engine::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
            Engine::Postgres => ("EXPLAIN", "QUERY PLAN"),
        };
        let rows = self.rows(&format!("{explain} {sql}")).await?;
        let lines = rows.iter().map(|row| row.try_get::<String>("", column));
        Ok(lines.collect::<Result<Vec<_>, _>>()?.join("\n"))
    }

    /// From now on, on this connection, neither triggers nor foreign keys hold: what somebody can do who owns the
    /// database. (SQLite's triggers are gone for good.)
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn lift_the_guards(&self) -> Result<()> {
        match self.engine {
            Engine::Postgres => {
                self.run("SET session_replication_role = replica").await?;
            }
            Engine::Sqlite => {
                self.run("PRAGMA foreign_keys = OFF").await?;
                let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
                for trigger in self.all::<String>(triggers).await? {
                    self.run(&format!("DROP TRIGGER {trigger}")).await?;
                }
            }
        }
        Ok(())
    }
}
