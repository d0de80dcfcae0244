//! Writing dossiers.

use pli_domain::actor::Scope;
use pli_domain::delay::plan::Plan;
use pli_domain::dossier::{Body, Dossier};
use pli_domain::ids::{DossierId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, InsertStatement, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter,
    QuerySelect, QueryTrait, TryIntoModel,
};

use crate::attachments::document;
use crate::convert::{self, Rows, count, small};
use crate::entity::{assignment, deadline, dossier, draft, mail, question};
use crate::intake::sender_forms;
use crate::journal::{end_of_chain, place_after};
use crate::read::sheets;
use crate::select::scoped;
use crate::{Act, StoreError, UnitOfWork};

/// A dossier with what the domain does not need: its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The dossier's state.
    pub dossier: Dossier,
    /// What it is about.
    pub subject: String,
    /// Who wrote the letter; `None` for a question.
    pub sender: Option<String>,
    /// How many acts were accepted on it.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The words of a new dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What it is about.
    pub subject: String,
    /// Who wrote the letter.
    pub sender: Option<String>,
}

impl Sheet {
    pub(crate) fn from_rows(rows: Rows) -> Result<Self, StoreError> {
        Ok(Self {
            dossier: rows.dossier()?,
            version: count("dossier", "version", rows.dossier.version)?,
            created_at: Timestamp::new(rows.dossier.created_at),
            updated_at: Timestamp::new(rows.dossier.updated_at),
            subject: rows.dossier.subject,
            sender: rows.mail.map(|mail| mail.sender),
        })
    }
}

impl UnitOfWork {
    /// Reads a dossier in scope, to change it: until this unit of work ends, nobody else can.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn dossier(&self, scope: &Scope, id: DossierId) -> Result<Option<Sheet>, StoreError> {
        let row = scoped::<dossier::Entity>(scope)
            .filter(dossier::Column::Id.eq(id.0))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        let Some(dossier) = self.check(row)? else {
            return Ok(None);
        };
        let dossier = vec![dossier];
        if let Some(known) = self.known.of(&dossier).into_iter().flatten().next() {
            return Ok(Some(known));
        }
        let sheets = sheets(&self.tx, dossier).await;
        Ok(sheets.inspect_err(|_| self.poison())?.pop())
    }

    /// Whether a dossier is in scope.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn sees(&self, scope: &Scope, id: DossierId) -> Result<bool, StoreError> {
        let row = scoped::<dossier::Entity>(scope).filter(dossier::Column::Id.eq(id.0)).one(&self.tx).await;
        Ok(self.check(row)?.is_some())
    }

    /// Keeps a new dossier, with the first entry of its journal.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when its reference is taken.
    pub async fn add_dossier(
        &self,
        dossier: &Dossier,
        content: &Content,
        first: Act,
    ) -> Result<Sheet, StoreError> {
        let at = first.at;
        let sender = content.sender.clone().unwrap_or_default();
        let row = dossier::ActiveModel {
            id: Set(dossier.id.0),
            kind: Set(<&str>::from(dossier.kind()).to_owned()),
            reference: Set(dossier.reference.clone()),
            subject: Set(content.subject.clone()),
            content: Set(dossier.content.to_string()),
            plan: Set(<&str>::from(Plan::of(&dossier.body)).to_owned()),
            version: Set(1),
            created_at: Set(at.instant()),
            updated_at: Set(at.instant()),
            ..convert::write_state(dossier)
        };
        let mut rows = vec![dossier::Entity::insert(row.clone()).into_query()];
        match &dossier.body {
            Body::Mail(facts) => {
                let row = convert::write_mail(dossier.id, &sender, facts);
                rows.push(mail::Entity::insert(row).into_query());
                rows.extend(sender_forms(dossier.id, &sender));
            }
            Body::Question(facts) => {
                let row = convert::write_question(dossier.id, facts);
                rows.push(question::Entity::insert(row).into_query());
            }
        }
        rows.extend(children(None, dossier));
        rows.extend(self.entry(first, 1, None));
        let sheet = Sheet {
            dossier: dossier.clone(),
            subject: content.subject.clone(),
            sender: content.sender.clone(),
            version: 1,
            created_at: at,
            updated_at: at,
        };
        self.add_indexed(&sheet, rows).await?;
        self.has_written(row.try_into_model().inspect_err(|_| self.poison())?);
        Ok(sheet)
    }

    /// Keeps a dossier that an act has changed, if nobody changed it meanwhile, with the act's entry in its journal.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody did.
    #[expect(clippy::disallowed_methods, reason = "a compare-and-set on the version is an update of many")]
    pub async fn save_dossier(
        &self,
        before: &Sheet,
        dossier: Dossier,
        act: Act,
    ) -> Result<Sheet, StoreError> {
        let at = act.at;
        let version = before.version.saturating_add(1);
        let state = dossier::ActiveModel {
            version: Set(small(version)),
            updated_at: Set(at.instant()),
            ..convert::write_state(&dossier)
        };
        let mut update = dossier::Entity::update_many()
            .set(state)
            .filter(dossier::Column::Id.eq(dossier.id.0))
            .filter(dossier::Column::Version.eq(small(before.version)))
            .into_query();
        // Nobody else adds to the journal of a dossier that was read to be changed, so its end may be told with the row.
        let row = dossier::Column::iter().map(Expr::col);
        update.returning(Query::returning().exprs(end_of_chain(dossier.id).into_iter().chain(row)));
        let told = self.check(self.tx.query_one(&update).await)?.ok_or(StoreError::Stale)?;
        let seq = self.check(told.try_get_by_index(0))?;
        let (place, last) = place_after(seq, self.check(told.try_get_by_index(1))?)?;
        self.has_written(self.check(dossier::Model::from_query_result(&told, ""))?);
        if dossier.body != before.dossier.body {
            match &dossier.body {
                Body::Mail(facts) => {
                    let sender = before.sender.as_deref().unwrap_or_default();
                    self.check(convert::write_mail(dossier.id, sender, facts).update(&self.tx).await)?;
                }
                Body::Question(facts) => {
                    self.check(convert::write_question(dossier.id, facts).update(&self.tx).await)?;
                }
            }
        }
        let mut rows = self.entry(act, place, last.as_ref());
        rows.extend(children(Some(&before.dossier), &dossier));
        let joined = dossier.attachments.iter().skip(before.dossier.attachments.len());
        rows.extend(joined.map(|joined| document(dossier.id, place, joined)));
        self.insert_together(rows).await?;
        let after = Sheet { dossier, version, updated_at: at, ..before.clone() };
        if after.dossier.draft != before.dossier.draft || after.dossier.body != before.dossier.body {
            self.index(&after).await?;
        }
        Ok(after)
    }

    /// The text of a dossier's current draft.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn draft(&self, dossier: &Dossier) -> Result<Option<String>, StoreError> {
        let Some(version) = dossier.draft.as_ref().map(|draft| draft.version) else {
            return Ok(None);
        };
        let row = scoped::<draft::Entity>(&Scope::ALL)
            .filter(draft::Column::DossierId.eq(dossier.id.0))
            .filter(draft::Column::Version.eq(small(version)))
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.map(|row| row.text))
    }

    /// Keeps a version of the answer's text.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when that version exists.
    pub async fn add_draft(
        &self,
        id: DossierId,
        version: u32,
        text: &str,
        author: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = draft::ActiveModel {
            dossier_id: Set(id.0),
            version: Set(small(version)),
            text: Set(text.to_owned()),
            author_id: Set(author.0),
            created_at: Set(at.instant()),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }
}

/// The parts and deadlines that are new or have changed. Both lists only grow; of a part only the stage moves, of a deadline the
/// dates too.
fn children(before: Option<&Dossier>, dossier: &Dossier) -> Vec<InsertStatement> {
    let parts = dossier
        .assignments
        .iter()
        .enumerate()
        .filter(|(index, part)| before.and_then(|before| before.assignments.get(*index)) != Some(*part));
    let parts: Vec<_> =
        parts.map(|(index, part)| convert::write_assignment(dossier.id, index, part)).collect();
    let deadlines = dossier.deadlines.iter().enumerate().filter(|(index, deadline)| {
        before.and_then(|before| before.deadlines.get(*index)) != Some(*deadline)
    });
    let deadlines: Vec<_> =
        deadlines.map(|(index, deadline)| convert::write_deadline(dossier.id, index, deadline)).collect();
    let mut rows = Vec::new();
    if !parts.is_empty() {
        let key = [assignment::Column::DossierId, assignment::Column::Position];
        let again = OnConflict::columns(key).update_column(assignment::Column::Stage).to_owned();
        rows.push(assignment::Entity::insert_many(parts).on_conflict(again).into_query());
    }
    if !deadlines.is_empty() {
        let key = [deadline::Column::DossierId, deadline::Column::Position];
        let moved = [
            deadline::Column::Stage,
            deadline::Column::Version,
            deadline::Column::StartOn,
            deadline::Column::DueOn,
            deadline::Column::RequestedUntil,
            deadline::Column::Changes,
        ];
        let again = OnConflict::columns(key).update_columns(moved).to_owned();
        rows.push(deadline::Entity::insert_many(deadlines).on_conflict(again).into_query());
    }
    rows
}
