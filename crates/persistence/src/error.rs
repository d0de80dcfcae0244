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
    /// The database is locked, or broke a deadlock: the same again may pass.
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
        // SQLite says the first; the others are PostgreSQL's deadlock and serialisation failures.
        let busy = ["database is locked", "40P01", "40001", "deadlock detected"];
        if busy.iter().any(|sign| text.contains(sign)) { Self::Busy(error) } else { Self::Driver(error) }
    }
}
