//! Where one asks: the database that writes, or its replica; statement by statement, or on the one connection that a request has
//! leased.
//!
//! A connection is not asked before whether it lives, which would be one more way for each statement: what is only read, and a
//! transaction that has only begun, are asked again on another when theirs was cut.

use std::fmt;
use std::sync::Arc;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    Statement, TransactionOptions, TransactionTrait,
};
use tracing::Instrument as _;

use crate::error::is_cut;
use crate::lease::Lease;
use crate::replica::Follower;
use crate::store::CONNECTIONS;

/// Where one asks. What the replica does not answer, for whatever reason, the database is asked.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) pool: DatabaseConnection,
    pub(crate) replica: Option<Arc<Follower>>,
    pub(crate) lease: Option<Lease>,
    /// Whoever is told of each statement.
    pub(crate) listener: Option<Listener>,
}

/// Is told of statements, with their values.
#[derive(Clone)]
pub(crate) struct Listener(pub(crate) Arc<dyn Fn(&Statement) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Listener").finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "it hands on what scoped selects have made")]
impl Source {
    pub(crate) fn of(pool: DatabaseConnection) -> Self {
        Self { pool, replica: None, lease: None, listener: None }
    }

    async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if let Some(replica) = &self.replica
            && let Some(rows) = replica.rows(&statement).await
        {
            return Ok(rows);
        }
        match &self.lease {
            Some(lease) => lease.rows(statement).await,
            None => again(|| self.pool.query_all_raw(statement.clone())).await,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "it hands on what scoped selects have made")]
#[async_trait]
impl ConnectionTrait for Source {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.rows(statement).await
    }
}

/// Does what leaves no trace, and does it again while the connections that it is given were cut: the whole pool may have been.
pub(crate) async fn again<T, F: Future<Output = Result<T, DbErr>>>(once: impl Fn() -> F) -> Result<T, DbErr> {
    for _ in 0..CONNECTIONS {
        match once().await {
            Err(error) if is_cut(&error) => tracing::debug!(?error, "a connection was cut: another is asked"),
            done => return done,
        }
    }
    once().await
}

/// Begins a transaction, to its end even when whoever waits for it goes away: the driver leaves a `BEGIN` that was given up
/// half-way open on its connection (sqlx 0.9.0, PostgreSQL).
#[expect(clippy::disallowed_methods, reason = "the one place where a transaction begins")]
pub(crate) async fn begin(
    pool: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    let pool = pool.clone();
    let begun = async move { again(|| pool.begin_with_options(options)).await };
    tokio::spawn(begun.in_current_span()).await.unwrap_or_else(|error| Err(gone(error)))
}

/// A failure that is none of the database's.
pub(crate) fn gone(error: impl fmt::Display) -> DbErr {
    DbErr::Custom(error.to_string())
}
