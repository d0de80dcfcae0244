//! The sums of counters, as this process read them last.
//!
//! The database draws another mark in the transaction that changes what is summed up (m0043). So the mark is read each time,
//! in one statement with what moved the counters since; while it is still the same, so are the sums, and need not be asked again.

use std::fmt;
use std::hash::Hash;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use lru::LruCache;
use sea_orm::sea_query::{Expr, ExprTrait as _, SubQueryStatement};
use sea_orm::{QueryFilter as _, QuerySelect as _, QueryTrait as _};
use uuid::Uuid;

use crate::entity::entity;
use crate::filter::constant;
use crate::past::PastDay;
use crate::select::common;
use crate::tally::{Question, Told};
use crate::{Filter, StoreError};

entity!(tally_mark, "tally_mark", {
    #[sea_orm(primary_key, auto_increment = false)] tally: String,
    mark: Uuid,
});

/// How many answers are kept of each kind: those of the lists that people look at between two times that all is summed up.
const MOST: NonZero<usize> = NonZero::new(200).unwrap();

/// What counters hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What is summed up.
    Sums,
    /// What moved them since.
    Moves,
}

/// The sums of each kind of counters, as they were read last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    /// What is due and what was answered.
    pub(crate) terms: Kept<Question, Told>,
    /// What is open: how many dossiers each of some lists holds.
    pub(crate) open: Kept<Vec<Filter>, Vec<i64>>,
    /// How the open dossiers of a list stood on past days.
    pub(crate) past: Kept<(Filter, Vec<NaiveDate>), Vec<PastDay>>,
}

/// What was answered, under which mark.
pub(crate) struct Kept<Q, A>(Arc<Mutex<LruCache<(Uuid, Q), A>>>);

impl<Q, A> fmt::Debug for Kept<Q, A> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl<Q, A> Clone for Kept<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: Hash + Eq, A> Default for Kept<Q, A> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(MOST))))
    }
}

impl<Q: Clone + Hash + Eq + Send + Sync, A: Clone + Send> Kept<Q, A> {
    /// What was answered under a mark.
    pub(crate) fn of(&self, mark: Uuid, asked: &Q) -> Option<A> {
        self.kept().get(&(mark, asked.clone())).cloned()
    }

    /// Keeps an answer, under the mark that its own statement told.
    pub(crate) fn keep(&self, mark: Uuid, asked: &Q, answer: A) {
        self.kept().put((mark, asked.clone()), answer);
    }

    /// The sums and what moved them since, as they stood together.
    pub(crate) async fn both<F>(
        &self,
        asked: &Q,
        read: impl Fn(Part) -> F + Send + Sync,
    ) -> Result<(A, A), StoreError>
    where
        F: Future<Output = Result<(Uuid, A), StoreError>> + Send,
    {
        loop {
            let (mark, moved) = read(Part::Moves).await?;
            if let Some(sums) = self.of(mark, asked) {
                return Ok((sums, moved));
            }
            let (of, sums) = read(Part::Sums).await?;
            self.keep(of, asked, sums.clone());
            // Otherwise they were summed up meanwhile.
            if of == mark {
                return Ok((sums, moved));
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<(Uuid, Q), A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mark of some sums, to be asked for beside them.
pub(crate) fn mark(of: &'static str) -> Expr {
    let mark = common::<tally_mark::Entity>()
        .filter(Expr::col((tally_mark::Entity, tally_mark::Column::Tally)).eq(constant(of)))
        .select_only()
        .column(tally_mark::Column::Mark);
    Expr::from(SubQueryStatement::from(mark.into_query()))
}

/// A kind of counters without a mark.
pub(crate) fn unmarked() -> StoreError {
    StoreError::Inconsistent { table: "tally_mark", column: "mark", value: String::new() }
}
