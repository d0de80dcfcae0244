//! Opening the database.

use std::time::Duration;

use pli_domain::actor::Scope;
use pli_migrations::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::{Reader, StoreError, UnitOfWork};

/// The database of one Pli.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
}

impl Store {
    /// Opens a database: `sqlite://pli.sqlite` (made when missing) or `postgres://user@host/name`.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(10).acquire_timeout(Duration::from_secs(15)).sqlx_logging(false);
        // A reference given to a sender must survive a power cut: FULL, not NORMAL.
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
        });
        Ok(Self { db: Database::connect(options).await? })
    }

    /// Brings the schema up to date, with the rules that a new Pli starts with, and the search index and the senders
    /// where rows are older than them.
    ///
    /// # Errors
    /// [`StoreError`] when a step fails; nothing of that step is kept.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let moved = !Migrator::get_pending_migrations(&self.db).await.map_or(true, |steps| steps.is_empty());
        Migrator::up(&self.db, None).await?;
        self.seed_rules().await?;
        self.seed_reminders().await?;
        self.seed_denominations().await?;
        self.seed_retention().await?;
        self.prove_settings(moved).await?;
        self.fill().await?;
        self.name_senders().await
    }

    /// Takes every step of the schema back, and with it every row. For tests of the steps.
    ///
    /// # Errors
    /// [`StoreError`] when a step fails.
    pub async fn unmigrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::down(&self.db, None).await?)
    }

    /// The same database, and whoever listens is told of every statement that it is asked, with its values: to count
    /// them, and to look at their plans.
    #[must_use]
    pub fn watched(mut self, told: impl Fn(&Statement) + Send + Sync + 'static) -> Self {
        self.db.set_metric_callback(move |asked| told(asked.statement));
        self
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.ping().await?)
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at once: a transaction that reads and
    /// then writes would fail as soon as two meet.
    ///
    /// # Errors
    /// [`StoreError`] when the database is unreachable or stays locked.
    #[expect(clippy::disallowed_methods, reason = "the one place where a transaction begins")]
    pub async fn begin(&self) -> Result<UnitOfWork, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        // Begun to its end even when whoever waits for it goes away: the driver leaves a `BEGIN` that was given up
        // half-way open on its connection (sqlx 0.9.0, PostgreSQL).
        let db = self.db.clone();
        let begun = tokio::spawn(async move { db.begin_with_options(options).await }).await;
        let tx = begun.unwrap_or_else(|error| Err(DbErr::Custom(error.to_string())))?;
        Ok(UnitOfWork::new(tx))
    }

    /// Reads what a scope allows.
    #[must_use]
    pub fn reader(&self, scope: Scope) -> Reader {
        Reader { db: self.db.clone(), scope }
    }
}
