//! One connection for all that a request reads, and its way from one request to the next.

use std::fmt;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{AssertSqlSafe, Error as SqlxError, Postgres, query_with};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    RuntimeErr, Statement, TransactionOptions, Values,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tracing::{Instrument as _, info_span};

use crate::error::is_cut;
use crate::source::{Listener, again, begin, gone};
use crate::store::{PATIENCE, too_long};
use crate::{Reader, Store};

/// How many of its connections a server leases at most. The others are for those who write, whom a request that reads may wait for.
const LEASES: usize = 8;

/// How long one may go from one request to the next before it goes back to the pool, which alone knows whether its server is still
/// the one that writes.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// Those who read take turns, on connections that go from one to the next: the driver asks each that comes back to its pool whether
/// it lives, which is one way to the database more for a request.
#[derive(Debug)]
pub(crate) struct Turns {
    free: Arc<Semaphore>,
    kept: StdMutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    connections: Vec<Bare>,
    /// Whether somebody looks after those that nobody takes.
    looked_after: bool,
}

/// A bare connection, since it has left the pool.
#[derive(Debug)]
struct Bare {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Bare {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < KEPT_FOR
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(LEASES)), kept: StdMutex::default() }
    }
}

impl Turns {
    async fn next(&self) -> Result<OwnedSemaphorePermit, DbErr> {
        let turn = timeout(PATIENCE, self.free.clone().acquire_owned()).await.map_err(too_long)?;
        turn.map_err(gone)
    }

    /// One that the reader before has left.
    fn left(&self) -> Option<Bare> {
        self.kept().connections.pop().filter(Bare::is_fresh)
    }

    /// Leaves a connection to the next reader, unless it has been away from the pool for long.
    fn leave(self: &Arc<Self>, bare: Bare) {
        if !bare.is_fresh() {
            return;
        }
        let mut kept = self.kept();
        kept.connections.push(bare);
        if !std::mem::replace(&mut kept.looked_after, true) {
            tokio::spawn(look_after(Arc::downgrade(self)));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives back what nobody has taken for long enough, as long as there is anything.
async fn look_after(turns: Weak<Turns>) {
    loop {
        sleep(KEPT_FOR).await;
        let Some(turns) = turns.upgrade() else { return };
        let mut kept = turns.kept();
        kept.connections.retain(Bare::is_fresh);
        if kept.connections.is_empty() {
            kept.looked_after = false;
            return;
        }
    }
}

/// One connection for all that a request reads: lent with its first statement, until it is given back or its last copy is dropped.
#[derive(Clone)]
pub struct Lease {
    pool: DatabaseConnection,
    listener: Option<Listener>,
    turns: Arc<Turns>,
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
    Connection(Lone, Option<Listener>),
}

/// A bare connection that is left to the next reader.
struct Lone {
    bare: Option<Bare>,
    turns: Arc<Turns>,
    /// Whether it stays with the readers: not when it was left half-way, by whoever goes away.
    stays: bool,
}

impl Drop for Lone {
    fn drop(&mut self) {
        if let Some(bare) = self.bare.take().filter(|_| self.stays) {
            self.turns.leave(bare);
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lease").finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "it hands on what scoped selects have made")]
impl Lease {
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
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
        let turn = self.turns.next().await?;
        let lent = match self.pool.get_database_backend() {
            DbBackend::Postgres => {
                let bare = match self.turns.left() {
                    Some(bare) => bare,
                    None => self.bare().await?,
                };
                let lone = Lone { bare: Some(bare), turns: self.turns.clone(), stays: true };
                Lent::Connection(lone, self.listener.clone())
            }
            _ => Lent::Transaction(begin(&self.pool, TransactionOptions::default()).await?),
        };
        Ok((lent, turn))
    }

    async fn bare(&self) -> Result<Bare, DbErr> {
        let connection = self.pool.get_postgres_connection_pool().acquire().await.map_err(not_lent)?;
        Ok(Bare { connection, since: Instant::now() })
    }

    /// Ends it: the connection is left to the next reader. What is still read is read statement by statement, since somebody may
    /// take a long time over it.
    pub async fn end(&self) {
        *self.state.lock().await = State::Over;
    }

    /// Ends it before something is changed: the connection goes back to the pool, for those who write.
    pub async fn give_back(&self) {
        let mut state = self.state.lock().await;
        if let State::Lent(Lent::Connection(lone, _), _) = &mut *state {
            lone.stays = false;
        }
        *state = State::Over;
    }
}

#[expect(clippy::disallowed_methods, reason = "it hands on what scoped selects have made")]
impl Lent {
    async fn rows(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (lone, listener) = match self {
            Self::Transaction(tx) => return tx.query_all_raw(statement.clone()).await,
            Self::Connection(lone, listener) => (lone, listener),
        };
        let Some(bare) = &mut lone.bare else { return Err(gone("left")) };
        lone.stays = false;
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
        let rows = asked.fetch_all(&mut *bare.connection).instrument(span).await;
        if let Some(Listener(told)) = listener {
            told(statement);
        }
        let rows = rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
        lone.stays = true;
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
            turns: self.turns.clone(),
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
