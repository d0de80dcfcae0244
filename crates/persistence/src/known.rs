//! What belongs to dossiers, as this process read or wrote it last: letter or question, parts, deadlines, documents.
//!
//! They change with the dossier's own row, which counts its acts and says when the last was, and in the same transaction. So the row is
//! read each time, in scope; while it is still the same to the last column, so is the rest, and need not be asked again.

use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use uuid::Uuid;

use crate::Sheet;
use crate::entity::dossier;

/// How many dossiers are kept: more than people look at within an hour. Each takes some 3 KiB.
const MOST: NonZero<usize> = NonZero::new(1000).unwrap();

/// The dossiers that were read or written last, each with its own row.
#[derive(Clone, Debug)]
pub(crate) struct Known(Arc<Mutex<LruCache<Uuid, (dossier::Model, Sheet)>>>);

impl Default for Known {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(MOST))))
    }
}

impl Known {
    /// The sheet of each of these rows, in order; `None` where it is to be read.
    pub(crate) fn of(&self, rows: &[dossier::Model]) -> Vec<Option<Sheet>> {
        let mut kept = self.kept();
        let known = |row: &dossier::Model| {
            let (same, sheet) = kept.get(&row.id)?;
            (same == row).then(|| sheet.clone())
        };
        rows.iter().map(known).collect()
    }

    /// Keeps what belongs to these rows: never what a transaction has not committed.
    pub(crate) fn keep(&self, sheets: impl IntoIterator<Item = (dossier::Model, Sheet)>) {
        let mut kept = self.kept();
        for (row, sheet) in sheets {
            kept.put(row.id, (row, sheet));
        }
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<Uuid, (dossier::Model, Sheet)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
