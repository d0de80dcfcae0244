//! What can go wrong in the database, sorted once.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::sqlx::sqlite::SqliteError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

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
    /// A newer Pli has taken away, by this change of the schema, what this one stands on.
    #[error("the database is that of a newer Pli: {0}")]
    TooNew(String),
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
        if passes(&error) { Self::Busy(error) } else { Self::Driver(error) }
    }
}

/// Of SQLite: BUSY and LOCKED, IOERR and FULL.
const SQLITE: [i32; 4] = [5, 6, 10, 13];

/// The beginnings of PostgreSQL's codes: no connection, a transaction taken back (deadlock, serialisation), no room or too many
/// clients, a server that stops or starts.
const POSTGRES: [&str; 4] = ["08", "40", "53", "57P"];

/// Those of a connection that is no more.
const CUT: [&str; 2] = ["08", "57P"];

/// Whether the same again may pass: somebody else was first, there is no room, or the database went away.
fn passes(error: &DbErr) -> bool {
    let Some(cause) = cause(error) else { return matches!(error, DbErr::ConnectionAcquire(_)) };
    match cause {
        SqlxError::Io(_) | SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => true,
        SqlxError::Database(told) => {
            let code = told.code().unwrap_or_default();
            if told.try_downcast_ref::<SqliteError>().is_some() {
                // An extended code has the plain one in its last byte.
                code.parse::<i32>().is_ok_and(|code| SQLITE.contains(&(code & 0xff)))
            } else {
                POSTGRES.iter().any(|class| code.starts_with(class))
            }
        }
        _ => false,
    }
}

/// Whether the connection was cut before it answered: another may.
pub(crate) fn is_cut(error: &DbErr) -> bool {
    match cause(error) {
        Some(SqlxError::Io(_)) => true,
        Some(SqlxError::Database(told)) => {
            let code = told.code().unwrap_or_default();
            CUT.iter().any(|class| code.starts_with(class))
        }
        _ => false,
    }
}

fn cause(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}
