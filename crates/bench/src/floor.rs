//! The floors: the same statements, prepared, their rows decoded, without Pli. By sqlx, which Pli stands on, and on SQLite by
//! rusqlite, which asks the engine itself.

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDate, Utc};
use pli_tests::{Engine, Office};
use sea_orm::sea_query::Value;
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sea_orm::sqlx::{AssertSqlSafe, Row as _, TypeInfo as _, ValueRef as _, query, query_with};
use sea_query_sqlx::SqlxValues;
use uuid::Uuid;

use crate::tape::{Names, Tape};

/// The engine, by sqlx.
#[derive(Clone, Debug)]
pub(crate) enum Floor {
    /// SQLite has one writer: as many connections to read, and one to write.
    Sqlite { read: SqlitePool, write: SqlitePool },
    /// PostgreSQL.
    Postgres(PgPool),
}

/// Plays a tape on a connection.
macro_rules! play {
    ($connection:expr, $tape:expr, $names:expr, $begin:literal, $decode:ident) => {{
        if $names.is_some() {
            query($begin).execute(&mut *$connection).await?;
        }
        for statement in &$tape.statements {
            let values = $tape.values(statement, $names);
            let asked = query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values));
            let rows = asked.fetch_all(&mut *$connection).await.with_context(|| statement.to_string())?;
            rows.iter().try_for_each($decode)?;
        }
        if $names.is_some() {
            query("COMMIT").execute(&mut *$connection).await?;
        }
    }};
}

impl Floor {
    /// Opens an office's database without Pli.
    pub(crate) async fn of(office: &Office, clients: u32) -> Result<Self> {
        let url = office.database.url();
        Ok(match office.database.engine {
            Engine::Sqlite => {
                let options: SqliteConnectOptions = url.parse()?;
                let options = options
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(std::time::Duration::from_secs(10));
                let pool =
                    |most| SqlitePoolOptions::new().max_connections(most).connect_with(options.clone());
                Self::Sqlite { read: pool(clients).await?, write: pool(1).await? }
            }
            Engine::Postgres => {
                Self::Postgres(PgPoolOptions::new().max_connections(clients).connect(url).await?)
            }
        })
    }

    /// Plays a tape; in one transaction, under those names, when it writes.
    pub(crate) async fn play(&self, tape: &Tape, names: Option<&Names>) -> Result<()> {
        match self {
            Self::Sqlite { read, write } => {
                let mut connection = if names.is_some() { write } else { read }.acquire().await?;
                play!(connection, tape, names, "BEGIN IMMEDIATE", decode_sqlite);
            }
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                play!(connection, tape, names, "BEGIN", decode_postgres);
            }
        }
        Ok(())
    }
}

/// Somebody looks at it, for all that the compiler knows.
fn seen<T>(value: T) {
    std::hint::black_box(value);
}

/// Decodes every column.
fn decode_sqlite(row: &SqliteRow) -> Result<()> {
    for index in 0..row.columns().len() {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            continue;
        }
        match raw.type_info().name() {
            "INTEGER" | "BOOLEAN" => seen(row.try_get_unchecked::<i64, _>(index)?),
            "BLOB" => seen(row.try_get_unchecked::<Vec<u8>, _>(index)?),
            "REAL" => seen(row.try_get_unchecked::<f64, _>(index)?),
            _ => seen(row.try_get_unchecked::<String, _>(index)?),
        }
    }
    Ok(())
}

fn decode_postgres(row: &PgRow) -> Result<()> {
    for index in 0..row.columns().len() {
        let raw = row.try_get_raw(index)?;
        if raw.is_null() {
            continue;
        }
        match raw.type_info().name() {
            "UUID" => seen(row.try_get::<Uuid, _>(index)?),
            "BOOL" => seen(row.try_get::<bool, _>(index)?),
            "INT4" => seen(row.try_get::<i32, _>(index)?),
            "INT8" => seen(row.try_get::<i64, _>(index)?),
            "DATE" => seen(row.try_get::<NaiveDate, _>(index)?),
            "TIMESTAMPTZ" => seen(row.try_get::<DateTime<Utc>, _>(index)?),
            "TEXT" | "VARCHAR" => seen(row.try_get::<String, _>(index)?),
            _ => seen(raw.as_bytes().map_err(|error| anyhow::anyhow!("{error}"))?.to_vec()),
        }
    }
    Ok(())
}

/// A connection of rusqlite to an office's database, as durable as Pli's.
pub(crate) fn rusqlite(office: &Office) -> Result<rusqlite::Connection> {
    let path = office.database.url().strip_prefix("sqlite://").context("not SQLite")?;
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")?;
    connection.set_prepared_statement_cache_capacity(200);
    Ok(connection)
}

/// The same as [`Floor::play`], by rusqlite, which takes one statement at a time.
pub(crate) fn play(connection: &rusqlite::Connection, tape: &Tape, names: Option<&Names>) -> Result<()> {
    if names.is_some() {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    }
    for statement in &tape.statements {
        let mut values = tape.values(statement, names).0.into_iter().map(native);
        for sql in statement.sql.split("; ") {
            let mut prepared = connection.prepare_cached(sql)?;
            let (columns, wanted) = (prepared.column_count(), prepared.parameter_count());
            let mut rows = prepared.query(rusqlite::params_from_iter(values.by_ref().take(wanted)))?;
            while let Some(row) = rows.next()? {
                for index in 0..columns {
                    seen(row.get::<_, rusqlite::types::Value>(index)?);
                }
            }
        }
    }
    if names.is_some() {
        connection.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(())
}

/// A value as SQLite holds it.
fn native(value: Value) -> rusqlite::types::Value {
    use rusqlite::types::Value as Native;
    match value {
        Value::Bool(Some(value)) => Native::Integer(value.into()),
        Value::SmallInt(Some(value)) => Native::Integer(value.into()),
        Value::Int(Some(value)) => Native::Integer(value.into()),
        Value::BigInt(Some(value)) => Native::Integer(value),
        Value::Unsigned(Some(value)) => Native::Integer(value.into()),
        Value::BigUnsigned(Some(value)) => Native::Integer(i64::try_from(value).unwrap_or(i64::MAX)),
        Value::String(Some(value)) => Native::Text(value),
        Value::Bytes(Some(value)) => Native::Blob(value),
        Value::Uuid(Some(value)) => Native::Blob(value.as_bytes().to_vec()),
        Value::Json(Some(value)) => Native::Text(value.to_string()),
        Value::ChronoDate(Some(value)) => Native::Text(value.to_string()),
        Value::ChronoDateTimeUtc(Some(value)) => Native::Text(value.to_rfc3339()),
        _ => Native::Null,
    }
}
