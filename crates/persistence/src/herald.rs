//! What has just been written, told to whoever follows it: in this server, and from one server to the others.
//!
//! On PostgreSQL the servers tell each other by `NOTIFY`, after the commit and not in its transaction: a transaction that notifies
//! holds a lock of the whole database while it commits, and all commands would commit one after the other. On SQLite the journal
//! itself is looked at, by the number of its rows, so that what another process writes is seen too. Written are hints: one may be
//! missed when a server falls, and whoever follows looks at the rows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pli_domain::ids::DossierId;
use sea_orm::sqlx::postgres::{PgListener, PgPool};
use sea_orm::sqlx::{Error as SqlxError, query};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement};
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

use crate::{Store, StoreError};

/// On which the servers tell each other.
const CHANNEL: &str = "pli_journal";

/// How much a follower may leave unread before it is told that it missed something.
const UNREAD: usize = 1_024;

/// How many dossiers a message names: it holds 8 000 bytes.
const TOGETHER: usize = 200;

/// How often a SQLite file is looked at for what another process has written.
const EVERY: Duration = Duration::from_secs(2);

/// How many rows one look reads.
const ROWS: i64 = 1_000;

const LAST: &str = "SELECT coalesce(max(rowid), 0) FROM journal";
const SINCE: &str = "SELECT rowid, dossier_id FROM journal WHERE rowid > ? ORDER BY rowid LIMIT ?";

/// Something has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A line was added to this dossier's journal.
    Dossier(DossierId),
    /// Nobody knows what: news were missed.
    Anything,
}

/// Tells what is written, and whom.
#[derive(Clone, Debug)]
pub(crate) struct Herald {
    followers: broadcast::Sender<Written>,
    /// By what the other servers are told; `None` on SQLite.
    pool: Option<PgPool>,
    unsent: Arc<Mutex<Unsent>>,
    /// Wakes the one who looks at a SQLite file.
    written: Arc<Notify>,
}

/// What the other servers are not told yet.
#[derive(Debug, Default)]
struct Unsent {
    dossiers: BTreeSet<DossierId>,
    /// Whether somebody is telling them.
    telling: bool,
}

impl Herald {
    pub(crate) fn of(db: &DatabaseConnection) -> Self {
        let postgres = db.get_database_backend() == DbBackend::Postgres;
        Self {
            followers: broadcast::Sender::new(UNREAD),
            pool: postgres.then(|| db.get_postgres_connection_pool().clone()),
            unsent: Arc::default(),
            written: Arc::default(),
        }
    }

    /// Tells that these dossiers have changed. Nobody waits for it; while one message leaves, what comes is gathered for the next.
    pub(crate) fn tell(&self, dossiers: BTreeSet<DossierId>) {
        let Some(pool) = &self.pool else { return self.written.notify_one() };
        let mut unsent = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
        unsent.dossiers.extend(dossiers);
        if !std::mem::replace(&mut unsent.telling, true) {
            tokio::spawn(tell_others(self.unsent.clone(), pool.clone()));
        }
    }
}

async fn tell_others(unsent: Arc<Mutex<Unsent>>, pool: PgPool) {
    loop {
        let dossiers: Vec<_> = {
            let mut unsent = unsent.lock().unwrap_or_else(PoisonError::into_inner);
            unsent.telling = !unsent.dossiers.is_empty();
            std::mem::take(&mut unsent.dossiers).into_iter().collect()
        };
        if dossiers.is_empty() {
            return;
        }
        for some in dossiers.chunks(TOGETHER) {
            let named: Vec<_> = some.iter().map(ToString::to_string).collect();
            let told = query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(named.join(",")).execute(&pool);
            if let Err(error) = told.await {
                tracing::warn!(%error, "the other servers are not told of a change");
            }
        }
    }
}

impl Store {
    /// What is written from now on, as long as somebody runs [`Store::follow`].
    #[must_use]
    pub fn written(&self) -> broadcast::Receiver<Written> {
        self.herald.followers.subscribe()
    }

    /// Follows what is written by this server and by all others, and tells whoever wants news. It never ends; one is enough for a
    /// process, and takes one connection however many want news.
    pub async fn follow(&self) {
        loop {
            let lost = match &self.herald.pool {
                Some(pool) => self.listen(pool).await,
                None => self.look().await,
            };
            if let Err(error) = lost {
                tracing::warn!(%error, "what is written is not followed for a moment");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn told(&self, written: Written) {
        // Nobody may want any.
        let _ = self.herald.followers.send(written);
    }

    async fn listen(&self, pool: &PgPool) -> Result<(), StoreError> {
        let mut line = PgListener::connect_with(pool).await.map_err(lost)?;
        line.listen(CHANNEL).await.map_err(lost)?;
        self.told(Written::Anything);
        loop {
            match line.try_recv().await.map_err(lost)? {
                Some(message) => {
                    for id in message.payload().split(',') {
                        let dossier = id.parse().map(|id: Uuid| Written::Dossier(DossierId(id)));
                        self.told(dossier.unwrap_or(Written::Anything));
                    }
                }
                // The connection was lost, and is there again.
                None => self.told(Written::Anything),
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "news name dossiers; whoever is told looks at them within a scope"
    )]
    async fn look(&self) -> Result<(), StoreError> {
        let sqlite = DbBackend::Sqlite;
        let row = self.db.query_one_raw(Statement::from_string(sqlite, LAST)).await?;
        let mut last: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        self.told(Written::Anything);
        loop {
            let since = Statement::from_sql_and_values(sqlite, SINCE, [last.into(), ROWS.into()]);
            for row in self.db.query_all_raw(since).await? {
                last = row.try_get_by_index(0)?;
                self.told(Written::Dossier(DossierId(row.try_get_by_index(1)?)));
            }
            tokio::select! {
                () = self.herald.written.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }
}

fn lost(error: SqlxError) -> StoreError {
    DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
}
