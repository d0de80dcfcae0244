//! One commit for several. SQLite has one writer, a register one counter of its chronos, and most of what a small act costs is the way
//! to the disk. Those who would wait for each other write one after the other in one transaction, each within a savepoint of its own,
//! and none of them is told that something is kept before all of it is. Whoever has much to write does so alone.

use std::collections::HashSet;
use std::sync::Arc;

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionOptions, TransactionTrait as _};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::source::{begin, gone};
use crate::store::{PATIENCE, too_long};

/// Whether it was kept.
type Kept = Result<(), DbErr>;

/// What one writes in, and one's turn to do so.
type Begun = Result<(DatabaseTransaction, Turn), DbErr>;

/// Where those who write wait for their turn, the first who came first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group(Arc<Mutex<Option<Together>>>);

/// The transaction of those who are at work, or wait that it be kept.
#[derive(Debug)]
struct Together {
    /// The engine takes it back by itself when the disk is full or fails. The savepoint of whoever was writing is gone with it, and cannot
    /// be taken back; the driver, which counts on, then ends an outer savepoint instead of the transaction, and that fails, whatever
    /// was begun since (sqlx 0.9.0).
    whole: DatabaseTransaction,
    /// Those who wait that it be kept.
    waiting: Vec<oneshot::Sender<Kept>>,
    /// The keys that they have claimed.
    claimed: HashSet<String>,
}

/// One's turn to write: the others wait until it is kept or dropped. With a transaction of one's own there is nothing in it.
#[derive(Debug)]
pub(crate) struct Turn {
    group: Group,
    /// Taken only by [`Turn::keep`].
    together: Option<OwnedMutexGuard<Option<Together>>>,
}

impl Group {
    /// Waits for one's turn, and begins: a part of the transaction of those who wait that it be kept, or one's own once theirs is.
    pub(crate) async fn join(
        &self,
        pool: &DatabaseConnection,
        options: TransactionOptions,
        alone: bool,
    ) -> Begun {
        let together = timeout(PATIENCE, self.0.clone().lock_owned()).await.map_err(too_long)?;
        let (turn, pool) = (Turn { group: self.clone(), together: Some(together) }, pool.clone());
        // To its end even when whoever waits for it goes away.
        let begun = async move {
            if alone { turn.after(pool, options).await } else { turn.with(pool, options).await }
        };
        tokio::spawn(begun.in_current_span()).await.unwrap_or_else(|error| Err(gone(error)))
    }

    /// Keeps what all have written, unless somebody has meanwhile.
    async fn close(self, mut told: oneshot::Receiver<Kept>) -> Kept {
        let mut turn = tokio::select! {
            biased;
            kept = &mut told => return kept.unwrap_or_else(|error| Err(gone(error))),
            turn = self.0.lock_owned() => turn,
        };
        match (told.try_recv(), turn.take()) {
            (Ok(kept), others) => {
                *turn = others;
                kept
            }
            (Err(TryRecvError::Empty), Some(together)) => together.close().await,
            (Err(error), others) => {
                *turn = others;
                Err(gone(error))
            }
        }
    }
}

impl Together {
    /// Keeps what all have written, and tells each of them. What was not kept, for whatever reason, is done again.
    async fn close(self) -> Kept {
        let Self { whole, waiting, .. } = self;
        let kept = whole.commit().await;
        tell(waiting, &kept);
        kept
    }

    /// Keeps nothing, since a part of it could not begin. The driver counts a part that did not begin as ended, and the whole with it:
    /// to keep it now would do nothing, and succeed (sqlx 0.9.0, sea-orm 2.0.4).
    fn give_up(self, error: &DbErr) {
        let Self { whole, waiting, .. } = self;
        drop(whole);
        tell(waiting, &Err(error.clone()));
    }
}

/// Tells those who wait what became of what they wrote.
fn tell(waiting: Vec<oneshot::Sender<Kept>>, kept: &Kept) {
    if let Err(error) = kept {
        tracing::warn!(?error, together = waiting.len(), "what was written together is not kept");
    }
    for each in waiting {
        // Who does not listen any more has gone away.
        drop(each.send(kept.clone()));
    }
}

#[expect(clippy::disallowed_methods, reason = "a part of a transaction begins here")]
impl Turn {
    /// One's part of the transaction of all.
    async fn with(mut self, pool: DatabaseConnection, options: TransactionOptions) -> Begun {
        let Some(place) = self.together.as_deref_mut() else { return Err(gone("no turn")) };
        let together = if let Some(together) = place.take() {
            together
        } else {
            let whole = begin(&pool, options).await?;
            Together { whole, waiting: Vec::new(), claimed: HashSet::new() }
        };
        match together.whole.begin().await {
            Ok(own) => {
                *place = Some(together);
                Ok((own, self))
            }
            Err(error) => {
                together.give_up(&error);
                Err(error)
            }
        }
    }

    /// A transaction of one's own: nobody waits until it is done that what they did be kept.
    async fn after(mut self, pool: DatabaseConnection, options: TransactionOptions) -> Begun {
        if let Some(together) = self.together.as_deref_mut().and_then(Option::take) {
            // Each of them is told what became of it.
            drop(together.close().await);
        }
        Ok((begin(&pool, options).await?, self))
    }

    /// Whether somebody has claimed a key in what is not kept yet.
    pub(crate) fn has_claimed(&self, key: &str) -> bool {
        let together = self.together.as_deref().and_then(Option::as_ref);
        together.is_some_and(|together| together.claimed.contains(key))
    }

    /// Waits until one's part, which is done, is kept with those of the others. It is, even when whoever waits for it goes away.
    pub(crate) async fn keep(mut self, claimed: Vec<String>) -> Kept {
        let Some(together) = self.together.as_deref_mut().and_then(Option::as_mut) else { return Ok(()) };
        let (tell, told) = oneshot::channel();
        together.waiting.push(tell);
        together.claimed.extend(claimed);
        // Those who came meanwhile have their turn before this one's comes again.
        drop(self.together.take());
        let closed = tokio::spawn(self.group.clone().close(told).in_current_span());
        closed.await.unwrap_or_else(|error| Err(gone(error)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // What nobody waits for is taken back.
        if let Some(place) = self.together.as_deref_mut()
            && place.as_ref().is_some_and(|together| together.waiting.is_empty())
        {
            *place = None;
        }
    }
}
