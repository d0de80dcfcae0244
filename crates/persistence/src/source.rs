//! Where one asks: the database that writes, or its replica; statement by statement, or on the one connection that a request has
//! leased.
//!
//! A connection is not asked before whether it lives, which would be one more way for each statement: what is only read, and a
//! transaction that has only begun, are asked again on another when theirs was cut.

use std::fmt;
use std::sync::Arc;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{AssertSqlSafe, Error as SqlxError, Postgres, query_with};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, Statement, TransactionOptions, TransactionTrait, Values,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::{Instrument as _, info_span};

use crate::error::is_cut;
use crate::replica::Follower;
use crate::store::{CONNECTIONS, PATIENCE, too_long};
use crate::{Reader, Store};

/// How many of its connections a server leases at most. The others are for those who write, whom a request that reads may wait for.
pub(crate) const LEASES: usize = 8;

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
async fn again<T, F: Future<Output = Result<T, DbErr>>>(once: impl Fn() -> F) -> Result<T, DbErr> {
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

/// One connection for all that a request reads: lent with its first statement, until it is given back or its last copy is dropped.
#[derive(Clone)]
pub struct Lease {
    pool: DatabaseConnection,
    listener: Option<Listener>,
    turns: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

/// How far a lease is.
enum State {
    New,
    Lent(Lent, OwnedSemaphorePermit),
    Over,
}

/// What is lent.
enum Lent {
    /// On SQLite all that is read is of one moment.
    Transaction(DatabaseTransaction),
    /// PostgreSQL shows each statement what is kept by then, within a transaction or not: to begin and to end one would be two more
    /// ways for nothing. The mapper lends no bare connection, so it is the driver's.
    Connection(PoolConnection<Postgres>, Option<Listener>),
}

impl fmt::Debug for Lease {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lease").finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "it hands on what scoped selects have made")]
impl Lease {
    async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut state = self.state.lock().await;
        let (mut lent, turn) = match std::mem::replace(&mut *state, State::Over) {
            State::Lent(lent, turn) => (lent, turn),
            State::New => self.take().await?,
            State::Over => {
                drop(state);
                return again(|| self.pool.query_all_raw(statement.clone())).await;
            }
        };
        match lent.rows(&statement).await {
            Ok(rows) => {
                *state = State::Lent(lent, turn);
                Ok(rows)
            }
            // Whatever failed, this one answers nothing any more.
            Err(error) => {
                drop((lent, turn));
                if !is_cut(&error) {
                    return Err(error);
                }
                again(|| self.pool.query_all_raw(statement.clone())).await
            }
        }
    }

    async fn take(&self) -> Result<(Lent, OwnedSemaphorePermit), DbErr> {
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned()).await.map_err(too_long)?;
        let turn = turn.map_err(gone)?;
        let lent = match self.pool.get_database_backend() {
            DbBackend::Postgres => {
                let connection = self.pool.get_postgres_connection_pool().acquire().await;
                Lent::Connection(connection.map_err(not_lent)?, self.listener.clone())
            }
            _ => Lent::Transaction(begin(&self.pool, TransactionOptions::default()).await?),
        };
        Ok((lent, turn))
    }

    /// Gives the connection back. What is still read is read statement by statement: somebody may take a long time over it.
    pub async fn give_back(&self) {
        *self.state.lock().await = State::Over;
    }
}

#[expect(clippy::disallowed_methods, reason = "it hands on what scoped selects have made")]
impl Lent {
    async fn rows(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (connection, listener) = match self {
            Self::Transaction(tx) => return tx.query_all_raw(statement.clone()).await,
            Self::Connection(connection, listener) => (connection, listener),
        };
        // As the mapper names it, for whoever follows a request down to its statements.
        let span = info_span!(
            target: "sea_orm",
            "sea_orm.query_all",
            otel.kind = "client",
            db.system = "postgresql",
            db.operation = "SELECT"
        );
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let asked = query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values));
        let rows = asked.fetch_all(&mut **connection).instrument(span).await;
        if let Some(Listener(told)) = listener {
            told(statement);
        }
        let rows = rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }
}

/// No connection was to be had, as the mapper says it.
fn not_lent(error: SqlxError) -> DbErr {
    match error {
        SqlxError::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
    }
}

impl Store {
    /// A lease of one connection, which is lent when something is read.
    #[must_use]
    pub fn lease(&self) -> Lease {
        Lease {
            pool: self.db.pool.clone(),
            listener: self.db.listener.clone(),
            turns: self.leases.clone(),
            state: Arc::new(Mutex::new(State::New)),
        }
    }

    /// The same store, which reads on a connection that a request has leased.
    #[must_use]
    pub fn on(&self, lease: &Lease) -> Self {
        let mut store = self.clone();
        store.db.lease = Some(lease.clone());
        store
    }

    /// The lease on whose connection it reads, if it does.
    #[must_use]
    pub fn leased(&self) -> Option<Lease> {
        self.db.lease.clone()
    }
}

impl Reader {
    /// The same, on a connection that the request has leased, if it has.
    #[must_use]
    pub fn on(mut self, lease: Option<&Lease>) -> Self {
        self.db.lease = lease.cloned();
        self
    }
}
