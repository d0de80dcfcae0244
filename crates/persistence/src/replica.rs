//! A replica: a PostgreSQL server that stands by for the one that writes, and of which dashboards are read. It may be behind, and
//! it may be no replica at all any more; so it is asked by nobody before it says that it has all that was written when the one
//! who asks came in, on the same history. In every other case the database that writes is asked.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use metrics::counter;
use pli_domain::actor::Scope;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{Error as SqlxError, query};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr,
    Statement,
};
use strum::{EnumString, IntoStaticStr};
use tokio::sync::Semaphore;

use crate::hosts::{Watch, brief};
use crate::source::Source;
use crate::{Reader, Store, StoreError};

/// The figure that counts the dashboards, by who was asked for them. Without a replica it is not there.
pub const DASHBOARDS: &str = "pli_dashboards_total";

/// How often Pli looks whether the replica follows.
const EVERY: Duration = Duration::from_secs(1);

/// A replica that has not said within this time where it stands is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the replica works on a statement before it takes it back.
const LONGEST: &str = "SET statement_timeout = '10s'";

/// A statement that is not even taken back by then is on a line that hangs.
const LOST: Duration = Duration::from_secs(12);

/// How many connections a server holds to the replica, and how many of them figures may take: the others ask where it stands. Fewer than
/// the readers that lease a connection at the same time, so that figures which take long hold up no other reading.
const CONNECTIONS: u32 = 10;
const FIGURES: usize = 6;

/// How long it is waited for, in milliseconds, when it is a little behind.
const WAITS: [u64; 5] = [1, 2, 5, 10, 20];

/// How far the database that writes has come: its history, as the names of its files of WAL begin, and the place in it. What
/// was acknowledged lies before that place.
pub(crate) const MOMENT: &str =
    "left(pg_walfile_name(pg_current_wal_flush_lsn()), 8) || ' ' || pg_current_wal_flush_lsn()";

/// Which database this is: a replica has the same identifier as the one whose copy it is.
const IDENTITY: &str =
    "(SELECT system_identifier::text FROM pg_control_system()) || ' ' || current_database()";

/// Where a replica stands, seen from a moment: the words of [`State`]. Its history is that of the last place at which it could begin
/// again, which lags when it has changed.
const STANDING: &str = "SELECT CASE \
     WHEN (SELECT system_identifier::text FROM pg_control_system()) || ' ' || current_database() <> $1 THEN 'other_database' \
     WHEN NOT pg_is_in_recovery() THEN 'writes' \
     WHEN (SELECT upper(lpad(to_hex(min_recovery_end_timeline), 8, '0')) FROM pg_control_recovery()) \
          <> split_part($2, ' ', 1) THEN 'other_history' \
     WHEN pg_last_wal_replay_lsn() >= split_part($2, ' ', 2)::pg_lsn THEN 'follows' \
     ELSE 'behind' END";

/// How far the database had come at a moment: whoever sees that much sees all that was acknowledged before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment(pub(crate) String);

/// Where a replica stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum State {
    /// It has all that was written at the moment that was named.
    Follows,
    /// It lacks some of it.
    Behind,
    /// It follows another history, which was left when another server took the place of the one that wrote.
    OtherHistory,
    /// It stands by for nobody: it was promoted.
    Writes,
    /// It is another database's.
    OtherDatabase,
    /// It does not answer.
    Away,
}

/// The replica of a database.
#[derive(Clone, Debug)]
pub(crate) struct Replica {
    line: Arc<Line>,
    /// Looks whether it follows.
    _watch: Arc<Watch>,
}

/// The way to it.
pub(crate) struct Line {
    url: String,
    /// Which database it is to be a copy of.
    identity: String,
    /// Where it stood when somebody last looked, and its connections while it follows: they are made anew each time it does
    /// again, so that none of a server that has vanished is left.
    now: RwLock<(State, Option<DatabaseConnection>)>,
    /// Whoever finds none does not wait: the database is asked.
    turns: Semaphore,
}

/// Hides the address, which may hold a password.
impl fmt::Debug for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Line").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Replica {
    async fn of(db: &DatabaseConnection, url: &str) -> Result<Self, StoreError> {
        url.parse::<PgConnectOptions>().map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
        let identity = one_text(db, &format!("SELECT {IDENTITY}"), []).await?;
        let (now, turns) = (RwLock::new((State::Follows, None)), Semaphore::new(FIGURES));
        let line = Arc::new(Line { url: url.to_owned(), identity, now, turns });
        let mut before = moment(db).await?;
        line.look(&before).await;
        let (looked, db) = (line.clone(), db.clone());
        let watch = async move {
            loop {
                tokio::time::sleep(EVERY).await;
                // What was written since the last look may be on its way. While nobody writes, there is nothing to compare with.
                if let Ok(now) = moment(&db).await {
                    looked.look(&before).await;
                    before = now;
                }
            }
        };
        Ok(Self { line, _watch: Arc::new(Watch::on(watch)) })
    }

    /// Its connections, when it has all that was written at a moment, or has it in an instant.
    async fn having(&self, moment: &Moment) -> Option<DatabaseConnection> {
        let db = self.line.connections()?;
        for wait in WAITS {
            match self.line.standing(&db, moment).await {
                State::Follows => return Some(db),
                State::Behind => tokio::time::sleep(Duration::from_millis(wait)).await,
                other => {
                    self.line.stands(other, None);
                    return None;
                }
            }
        }
        None
    }
}

impl Line {
    fn state(&self) -> State {
        self.now.read().unwrap_or_else(PoisonError::into_inner).0
    }

    fn connections(&self) -> Option<DatabaseConnection> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Looks whether it has by now what was written at a moment.
    async fn look(&self, moment: &Moment) {
        let known = self.connections();
        let Ok(db) = (match known {
            Some(db) => Ok(db),
            None => self.connect().await,
        }) else {
            return self.stands(State::Away, None);
        };
        let state = self.standing(&db, moment).await;
        self.stands(state, (state == State::Follows).then_some(db));
    }

    /// Connections to it, none of which is made yet.
    async fn connect(&self) -> Result<DatabaseConnection, DbErr> {
        let mut options = ConnectOptions::new(self.url.as_str());
        options
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_lazy(true)
            .sqlx_logging(false)
            .map_sqlx_postgres_pool_opts(|pool| {
                pool.after_connect(|connection, _| {
                    Box::pin(async {
                        query(LONGEST).execute(&mut *connection).await?;
                        brief(connection).await
                    })
                })
            });
        Database::connect(options).await
    }

    async fn standing(&self, db: &DatabaseConnection, Moment(moment): &Moment) -> State {
        let asked = one_text(db, STANDING, [self.identity.as_str(), moment]);
        let told = tokio::time::timeout(PATIENCE, asked).await;
        told.ok().and_then(Result::ok).and_then(|state| state.parse().ok()).unwrap_or(State::Away)
    }

    /// Notes where it stands, and says so when that is another place than before.
    fn stands(&self, state: State, db: Option<DatabaseConnection>) {
        let (before, _) =
            std::mem::replace(&mut *self.now.write().unwrap_or_else(PoisonError::into_inner), (state, db));
        match state {
            _ if state == before => {}
            State::Follows => tracing::warn!("dashboards are read from the replica again"),
            _ => tracing::warn!(replica = <&str>::from(state), "dashboards are not read from the replica"),
        }
    }
}

/// How far the database that writes has come.
async fn moment(db: &DatabaseConnection) -> Result<Moment, DbErr> {
    one_text(db, &format!("SELECT {MOMENT}"), []).await.map(Moment)
}

#[expect(clippy::disallowed_methods, reason = "where a server stands is nobody's")]
async fn one_text<const N: usize>(
    db: &DatabaseConnection,
    sql: &str,
    values: [&str; N],
) -> Result<String, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values.map(Into::into));
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?.try_get_by_index(0)
}

impl Store {
    /// The same database, whose dashboards are read from a replica while that has what they must show.
    ///
    /// # Errors
    /// [`StoreError`] when the address cannot be read, or the database itself fails: a replica may be away.
    pub async fn with_replica(mut self, url: &str) -> Result<Self, StoreError> {
        self.replica = Some(Replica::of(&self.db.pool, url).await?);
        Ok(self)
    }

    /// Whether dashboards are read from the replica; `None` when there is none.
    #[must_use]
    pub fn replica_follows(&self) -> Option<bool> {
        self.replica.as_ref().map(|replica| replica.line.state() == State::Follows)
    }

    /// Reads what a scope allows, for figures that cost much: from the replica, when it has all that was written at a moment.
    pub async fn dashboards(&self, scope: Scope, since: Option<&Moment>) -> Reader {
        let reader = self.reader(scope);
        let Some((replica, since)) = self.replica.as_ref().zip(since) else { return reader };
        let having = replica.having(since).await;
        let asked = if having.is_some() { "replica" } else { "primary" };
        counter!(DASHBOARDS, "server" => asked).increment(1);
        let replica = having
            .map(|db| Arc::new(Follower { line: replica.line.clone(), db, left: AtomicBool::new(false) }));
        Reader { db: Source { replica, ..reader.db }, ..reader }
    }
}

/// The replica, for whoever reads something from it.
#[derive(Debug)]
pub(crate) struct Follower {
    line: Arc<Line>,
    db: DatabaseConnection,
    /// Set by the first statement that it does not answer: what else is to be read is asked of the database, and waits for it no
    /// more.
    left: AtomicBool,
}

#[expect(clippy::disallowed_methods, reason = "it hands on what scoped selects have made")]
impl Follower {
    /// What the replica answers; `None` when the database is to be asked.
    pub(crate) async fn rows(&self, statement: &Statement) -> Option<Vec<QueryResult>> {
        if self.left.load(Ordering::Relaxed) {
            return None;
        }
        let rows = self.line.answered(self.db.query_all_raw(statement.clone())).await;
        self.left.store(rows.is_none(), Ordering::Relaxed);
        rows
    }
}

impl Line {
    /// What the replica answers; `None` when the database is to be asked. A statement that it takes back says nothing of the
    /// others.
    pub(crate) async fn answered<T>(&self, asked: impl Future<Output = Result<T, DbErr>>) -> Option<T> {
        let _turn = self.turns.try_acquire().ok()?;
        match tokio::time::timeout(LOST, asked).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) if taken_back(&error) => {
                tracing::debug!("the replica took a statement back: the database is asked");
                None
            }
            Ok(Err(_)) | Err(_) => {
                self.stands(State::Away, None);
                None
            }
        }
    }
}

/// Whether the replica cancelled a statement because what it had to replay was in its way, or because it took too long.
fn taken_back(error: &DbErr) -> bool {
    let DbErr::Query(RuntimeErr::SqlxError(cause)) = error else { return false };
    let SqlxError::Database(told) = cause.as_ref() else { return false };
    told.code().is_some_and(|code| code.starts_with("40") || code == "57014")
}
