//! Opening the database.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use pli_domain::actor::Scope;
use pli_migrations::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection as _, Error as SqlxError, SqliteConnection};
use sea_orm::{
    ConnAcquireErr, ConnectOptions, ConnectionTrait, Database, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait as _, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigratorTrait, seaql_migrations};
use tokio::time::error::Elapsed;

use crate::group::{Group, Turn};
use crate::herald::Herald;
use crate::hosts::{Hosts, Watch};
use crate::known::Known;
use crate::lease::Turns;
use crate::replica::Replica;
use crate::source::{Listener, Source};
use crate::sums::Sums;
use crate::{Reader, Settings, StoreError, UnitOfWork, source};

/// The database of one Pli.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: Source,
    pub(crate) herald: Herald,
    /// As they were when this process last looked.
    pub(crate) settings: Arc<RwLock<Option<Arc<Settings>>>>,
    pub(crate) replica: Option<Replica>,
    /// What belongs to the dossiers that were seen last.
    known: Known,
    /// What counters said last.
    sums: Sums,
    /// Those who write one after the other.
    group: Group,
    /// Whose turn it is to lease a connection.
    pub(crate) turns: Arc<Turns>,
    /// Looks who writes, when the database is on several machines.
    _watch: Option<Arc<Watch>>,
}

/// Whether a connection may be used again. SQLite takes a transaction back by itself when the disk is full or fails; the driver's
/// own rollback then fails, and it goes on believing in a transaction (sqlx 0.9.0). What the next one commits would be a part
/// of one that nobody commits: acknowledged, and lost.
async fn is_outside_transactions(connection: &mut SqliteConnection) -> Result<bool, SqlxError> {
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // A rollback may be on its way to the connection's thread: what is asked after it is answered after it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// How many connections one server has.
pub(crate) const CONNECTIONS: u32 = 10;

/// How long one waits for a connection, or for one's turn.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) fn too_long(_: Elapsed) -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}

/// On SQLite the write lock is taken at once.
const WRITING: TransactionOptions = TransactionOptions {
    isolation_level: None,
    access_mode: None,
    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
};

/// Waits until nobody else changes the schema. The number is Pli's own.
const LOCK_SCHEMA: &str = "SELECT pg_advisory_xact_lock(5091909)";

impl Store {
    /// Opens a database: `sqlite://pli.sqlite` (made when missing) or `postgres://user@host/name`. With several hosts
    /// (`one:5432,two:5432`), the one that writes is found, and found again when another takes its place.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let hosts = Hosts::of(url);
        let mut options = ConnectOptions::new(hosts.writing().await?);
        options.max_connections(CONNECTIONS).acquire_timeout(PATIENCE).sqlx_logging(false);
        // A reference given to a sender must survive a power cut: FULL, not NORMAL.
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
        });
        options.map_sqlx_sqlite_pool_opts(|pool| {
            // A file does not hang up: nothing to ask it before.
            pool.test_before_acquire(false).after_release(|connection, _| {
                Box::pin(async move { is_outside_transactions(connection).await })
            })
        });
        let chosen = hosts.clone();
        options.map_sqlx_postgres_pool_opts(move |pool| chosen.choose(pool));
        let db = Database::connect(options).await?;
        let watch = match db.get_database_backend() {
            DbBackend::Postgres => hosts.watch(db.get_postgres_connection_pool().clone())?,
            _ => None,
        };
        Ok(Self {
            herald: Herald::of(&db),
            db: Source::of(db),
            settings: Arc::default(),
            replica: None,
            known: Known::default(),
            sums: Sums::default(),
            group: Group::default(),
            turns: Arc::default(),
            _watch: watch,
        })
    }

    /// Brings the schema up to date, with the rules that a new Pli starts with, and the search index and the senders
    /// where rows are older than them. A newer Pli keeps all of that: this one then leaves it alone.
    ///
    /// # Errors
    /// [`StoreError`] when a step fails; nothing of that step is kept. [`StoreError::TooNew`] when a newer Pli has taken away what
    /// this one stands on.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // Of several servers that start on one PostgreSQL, one makes the steps. The lock goes with its transaction, whatever ends
        // it; a SQLite file has one server.
        let lock = match self.db.get_database_backend() {
            DbBackend::Postgres => Some(self.lock_schema().await?),
            _ => None,
        };
        self.migrate_alone().await?;
        match lock {
            Some(lock) => Ok(lock.commit().await?),
            None => Ok(()),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a lock reads nothing and changes nothing")]
    async fn lock_schema(&self) -> Result<DatabaseTransaction, StoreError> {
        let lock = self.db.pool.begin().await?;
        lock.execute_unprepared(LOCK_SCHEMA).await?;
        Ok(lock)
    }

    async fn migrate_alone(&self) -> Result<(), StoreError> {
        Migrator::install(&self.db.pool).await?;
        let made = self.steps_made().await?;
        let newer = newer(&made);
        if let Some(step) = newer.iter().find(|step| contracts(step)) {
            return Err(StoreError::TooNew(step.clone()));
        }
        if !newer.is_empty() && has_all(&made) {
            tracing::warn!(?newer, "a newer Pli keeps the schema: it is left as it is");
            return Ok(());
        }
        let moved =
            !Migrator::get_pending_migrations(&self.db.pool).await.map_or(true, |steps| steps.is_empty());
        Migrator::up(&self.db.pool, None).await?;
        self.seed_rules().await?;
        self.seed_reminders().await?;
        self.seed_denominations().await?;
        self.seed_retention().await?;
        self.prove_settings(moved).await?;
        self.fill().await?;
        self.name_senders().await
    }

    /// Takes the last steps of the schema back, and with them what they hold; all of them, and every row, when it is not said how
    /// many. For tests of the steps.
    ///
    /// # Errors
    /// [`StoreError`] when a step fails.
    pub async fn unmigrate(&self, steps: Option<u32>) -> Result<(), StoreError> {
        Ok(Migrator::down(&self.db.pool, steps).await?)
    }

    /// The same database, and whoever listens is told of every statement that it is asked, with its values: to count
    /// them, and to look at their plans.
    #[must_use]
    pub fn watched(mut self, told: impl Fn(&Statement) + Send + Sync + 'static) -> Self {
        let listener = Listener(Arc::new(told));
        self.db.listener = Some(listener.clone());
        self.db.pool.set_metric_callback(move |asked| (listener.0)(asked.statement));
        self
    }

    /// Whether every change of the schema that this Pli knows is made, and a newer one has taken away nothing of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn is_up_to_date(&self) -> Result<bool, StoreError> {
        let made = self.steps_made().await?;
        Ok(has_all(&made) && !newer(&made).iter().any(|step| contracts(step)))
    }

    #[expect(clippy::disallowed_methods, reason = "what was done to the schema is nobody's")]
    async fn steps_made(&self) -> Result<BTreeSet<String>, StoreError> {
        let made = seaql_migrations::Entity::find().all(&self.db).await?;
        Ok(made.into_iter().map(|step| step.version).collect())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.pool.ping().await?)
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once: a transaction that reads and
    /// then writes would fail as soon as two meet.
    ///
    /// # Errors
    /// [`StoreError`] when the database is unreachable or stays locked.
    pub async fn begin(&self) -> Result<UnitOfWork, StoreError> {
        if self.has_one_writer() { self.join(true).await } else { self.apart().await }
    }

    /// The same for a short act of a person: on SQLite it may be kept together with those of others, all or none of them.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_act(&self) -> Result<UnitOfWork, StoreError> {
        if self.has_one_writer() { self.join(false).await } else { self.apart().await }
    }

    /// The same for a registration: there is one counter of arrivals, so on either engine those who come at once follow one another,
    /// and may be kept together.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_registration(&self) -> Result<UnitOfWork, StoreError> {
        self.join(false).await
    }

    fn has_one_writer(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Sqlite
    }

    async fn join(&self, alone: bool) -> Result<UnitOfWork, StoreError> {
        let (tx, turn) = self.group.join(&self.db.pool, WRITING, alone).await?;
        Ok(self.unit_of_work(tx, Some(turn)))
    }

    async fn apart(&self) -> Result<UnitOfWork, StoreError> {
        let tx = source::begin(&self.db.pool, WRITING).await?;
        Ok(self.unit_of_work(tx, None))
    }

    fn unit_of_work(&self, tx: DatabaseTransaction, turn: Option<Turn>) -> UnitOfWork {
        UnitOfWork::new(tx, self.herald.clone(), self.known.clone(), turn)
    }

    /// Reads what a scope allows.
    #[must_use]
    pub fn reader(&self, scope: Scope) -> Reader {
        Reader { db: self.db.clone(), known: self.known.clone(), sums: self.sums.clone(), scope }
    }
}

/// Whether every change that this Pli knows is among those made.
fn has_all(made: &BTreeSet<String>) -> bool {
    Migrator::migrations().iter().all(|step| made.contains(step.name()))
}

/// Those of the changes made that this Pli does not know.
fn newer(made: &BTreeSet<String>) -> Vec<String> {
    let known = Migrator::migrations();
    made.iter().filter(|step| known.iter().all(|known| known.name() != *step)).cloned().collect()
}

/// Whether a change takes away what an older Pli stands on. Its name says so (`m0050_contract_sender`): an older Pli knows no more
/// of it. All others only add, and older servers work on beside newer ones.
fn contracts(step: &str) -> bool {
    step.contains("_contract_")
}
