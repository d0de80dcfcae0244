//! What can go wrong in the database, sorted once.

use sea_orm::{DbErr, SqlErr};

/// A failure of the store. Its text is for logs, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row holds what the domain does not know.
    #[error("inconsistent {table}.{column}: {value}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What it holds.
        value: String,
    },
    /// A compare-and-set found another version.
    #[error("the row was changed meanwhile")]
    Stale,
    /// Something of that name exists.
    #[error("a unique value stands twice: {0}")]
    Unique(String),
    /// The database is locked, broke a deadlock, went away or has no room left: the same again may pass.
    #[error("busy: {0}")]
    Busy(DbErr),
    /// An earlier error of this unit of work was swallowed: nothing of it may be kept.
    #[error("the unit of work failed before")]
    Poisoned,
    /// A document could not be written or read.
    #[error("files: {0}")]
    File(#[from] std::io::Error),
    /// Anything else.
    #[error("database: {0}")]
    Driver(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what)) = error.sql_err() {
            return Self::Unique(what);
        }
        let text = error.to_string();
        let passing = matches!(error, DbErr::Conn(_) | DbErr::ConnectionAcquire(_));
        let passing = passing || PASSING.iter().any(|sign| text.contains(sign));
        if passing { Self::Busy(error) } else { Self::Driver(error) }
    }
}

/// By what an error is known that the same again may not meet. First SQLite: a lock, a disk that takes no more; then PostgreSQL:
/// a deadlock, a serialisation failure, a full disk, a server that is stopped or starts; and a connection that is gone.
const PASSING: [&str; 12] = [
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "40P01",
    "40001",
    "deadlock detected",
    "53100",
    "No space left on device",
    "terminating connection",
    "the database system is",
    "error communicating with database",
    "pool timed out",
];
