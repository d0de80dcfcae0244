//! One command, one unit of work: all of it is kept, or nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use pli_domain::ids::{DossierId, UserId};
use pli_domain::reference::{Reference, Series};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryTrait,
};
use uuid::Uuid;

use crate::entity::{counter, dossier, idempotency};
use crate::group::Turn;
use crate::herald::Herald;
use crate::known::Known;
use crate::select::common;
use crate::settled;
use crate::{Sheet, StoreError};

/// A transaction that may write. Dropped without [`UnitOfWork::commit`], it leaves no trace.
#[derive(Debug)]
pub struct UnitOfWork {
    pub(crate) tx: DatabaseTransaction,
    /// Set by the first database error: PostgreSQL answers `COMMIT` with a silent rollback after one, SQLite keeps the
    /// rest; neither is what was meant.
    poisoned: AtomicBool,
    /// Set by a change of what the administrator keeps: its proof is written last, when all is changed.
    settled: AtomicBool,
    /// The dossiers in whose journals it writes: told once all is kept.
    written: Mutex<BTreeSet<DossierId>>,
    herald: Herald,
    pub(crate) known: Known,
    /// The rows of dossiers that it has written, each with how the dossier stands in the end where that was said.
    left: Mutex<Vec<(dossier::Model, Option<Sheet>)>>,
    /// The keys that it has claimed.
    claimed: Mutex<Vec<String>>,
    /// The hash of the proof of the settings that a claim has found to hold.
    proof: Mutex<Option<String>>,
    /// Where those of this process write one after the other, the others wait for their turn.
    turn: Option<Turn>,
}

/// What a command's key says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Never seen: the command is to be run.
    New,
    /// The same command was run before.
    Done {
        /// On what: a dossier, or what the administrator keeps.
        subject: Uuid,
        /// When.
        at: Timestamp,
    },
    /// The key was used for another command.
    Other,
}

impl UnitOfWork {
    pub(crate) fn new(tx: DatabaseTransaction, herald: Herald, known: Known, turn: Option<Turn>) -> Self {
        let (poisoned, settled) = (AtomicBool::new(false), AtomicBool::new(false));
        let (written, claimed) = (Mutex::default(), Mutex::default());
        let (left, proof) = (Mutex::default(), Mutex::default());
        Self { tx, poisoned, settled, written, herald, known, left, claimed, proof, turn }
    }

    /// Notes that a line is added to a dossier's journal.
    pub(crate) fn writes(&self, dossier: DossierId) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(dossier);
    }

    /// Notes the row of a dossier, as it is written.
    pub(crate) fn has_written(&self, row: dossier::Model) {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).push((row, None));
    }

    /// Says how a dossier that was changed here stands in the end: once all is kept, nobody need ask for the rest of it.
    pub fn leaves(&self, sheet: &Sheet) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let last = left.iter_mut().rev().find(|(row, _)| row.id == sheet.dossier.id.0);
        if let Some((_, end)) = last {
            *end = Some(sheet.clone());
        }
    }

    /// Sorts the outcome of a statement; an error poisons the whole.
    pub(crate) fn check<T>(&self, outcome: Result<T, DbErr>) -> Result<T, StoreError> {
        outcome.map_err(|error| {
            self.poison();
            error.into()
        })
    }

    /// Notes that a statement has failed.
    pub(crate) fn poison(&self) {
        self.poisoned.store(true, Ordering::Relaxed);
    }

    /// Notes that what the administrator keeps is changed.
    pub(crate) fn changes_settings(&self) {
        self.settled.store(true, Ordering::Relaxed);
    }

    /// Keeps everything.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`] when a statement failed before; then nothing is kept.
    pub async fn commit(self) -> Result<(), StoreError> {
        if self.settled.load(Ordering::Relaxed) && !self.poisoned.load(Ordering::Relaxed) {
            self.check(settled::prove(&self.tx).await)?;
        }
        if self.poisoned.into_inner() {
            self.tx.rollback().await?;
            return Err(StoreError::Poisoned);
        }
        self.tx.commit().await?;
        if let Some(turn) = self.turn {
            let claimed = self.claimed.into_inner().unwrap_or_else(PoisonError::into_inner);
            // It may be another's doing: the same again may pass.
            turn.keep(claimed).await.map_err(StoreError::Busy)?;
        }
        let left = self.left.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.known.keep(left.into_iter().filter_map(|(row, end)| Some((row, end?))));
        let written = self.written.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !written.is_empty() {
            self.herald.tell(written);
        }
        Ok(())
    }

    /// Takes the next chrono of a register. A unit of work that is not committed gives it back.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn next_reference(&self, series: Series, year: i32) -> Result<Reference, StoreError> {
        let name = <&str>::from(series);
        let first = counter::ActiveModel { series: Set(name.to_owned()), year: Set(year), last: Set(1) };
        let next = Expr::col((counter::Entity, counter::Column::Last)).add(1);
        let bump = OnConflict::columns([counter::Column::Series, counter::Column::Year])
            .value(counter::Column::Last, next)
            .to_owned();
        let row = counter::Entity::insert(first).on_conflict(bump).exec_with_returning(&self.tx).await;
        let last = self.check(row)?.last;
        let number = u32::try_from(last).map_err(|_| StoreError::Inconsistent {
            table: "counter",
            column: "last",
            value: last.to_string(),
        })?;
        Ok(Reference { series, year, number })
    }

    /// The hash of the proof of the settings, when a claim has told it.
    pub(crate) fn told_proof(&self) -> Option<String> {
        self.proof.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Claims a command's key for a person: the same key and request is the same command, told apart by the digest of
    /// the request. Whoever claims it at the same moment waits until this unit of work ends. Which settings hold is told with it.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when it was there, and is there no more: ask again.
    #[expect(clippy::disallowed_methods, reason = "a key is in nobody's scope")]
    pub async fn claim(
        &self,
        person: UserId,
        key: &str,
        request: &str,
        subject: Uuid,
        at: Timestamp,
    ) -> Result<Claim, StoreError> {
        let row = idempotency::ActiveModel {
            account_id: Set(person.0),
            key: Set(key.to_owned()),
            request: Set(request.to_owned()),
            subject_id: Set(subject),
            created_at: Set(at.instant()),
        };
        let columns = [idempotency::Column::AccountId, idempotency::Column::Key];
        let once = OnConflict::columns(columns).do_nothing().to_owned();
        let mut insert = idempotency::Entity::insert(row).on_conflict(once).into_query();
        insert.returning(Query::returning().expr(settled::latest_hash()));
        let claimed = self.check(self.tx.query_one(&insert).await)?;
        let name = format!("{} {key}", person.0);
        if let Some(row) = claimed {
            let proof: Option<String> = self.check(row.try_get_by_index(0))?;
            *self.proof.lock().unwrap_or_else(PoisonError::into_inner) = proof;
            self.claimed.lock().unwrap_or_else(PoisonError::into_inner).push(name);
            return Ok(Claim::New);
        }
        // Nobody is told that something is done before it is kept.
        if self.turn.as_ref().is_some_and(|turn| turn.has_claimed(&name)) {
            return Err(StoreError::Busy(DbErr::Custom("it is being kept".to_owned())));
        }
        let known = common::<idempotency::Entity>()
            .filter(idempotency::Column::AccountId.eq(person.0))
            .filter(idempotency::Column::Key.eq(key))
            .one(&self.tx)
            .await;
        let known = self.check(known)?.ok_or_else(|| StoreError::Unique(key.to_owned()))?;
        let same = known.request == request;
        let done = Claim::Done { subject: known.subject_id, at: Timestamp::new(known.created_at) };
        Ok(if same { done } else { Claim::Other })
    }
}
