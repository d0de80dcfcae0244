//! The one place where the clock is read and identifiers are made.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use pli_domain::time::Timestamp;
use uuid::{NoContext, Uuid};

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine.
    System,
    /// Set by hand (microseconds since 1970): tests, and the demonstration's past.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still until it is set.
    #[must_use]
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self::Set(Arc::new(AtomicI64::new(instant.timestamp_micros())))
    }

    /// Sets a clock made by [`Clock::at`]; the machine's stays as it is.
    pub fn set(&self, instant: DateTime<Utc>) {
        if let Self::Set(micros) = self {
            micros.store(instant.timestamp_micros(), Ordering::Relaxed);
        }
    }

    /// Now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    pub fn now(&self) -> Timestamp {
        Timestamp::new(match self {
            Self::System => Utc::now(),
            Self::Set(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::Relaxed)).unwrap_or_default()
            }
        })
    }

    /// A new identifier (UUID version 7): later ones sort after earlier ones.
    pub(crate) fn id(&self) -> Uuid {
        let now = self.now().instant();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
    }
}
