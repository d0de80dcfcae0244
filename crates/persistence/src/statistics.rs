//! The questions received in a period, as statistics look at them.

use pli_domain::deadline::Term;
use pli_domain::dossier::{Outcome, Stage};
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::ids::UnitId;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::convert::{NEVER, word};
use crate::entity::{dossier, published_question, question};
use crate::{Filter, Reader, StoreError};

/// By whom, and how, a question was put.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The house.
    pub house: Option<House>,
    /// The type.
    pub kind: Option<QuestionType>,
    /// The author's political group, as it is published; empty for those whose group is not known.
    pub group: Option<String>,
}

/// A question, as statistics look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerable {
    /// Its name.
    pub identity: QuestionIdentity,
    /// The author's political group, when it is known.
    pub group: Option<String>,
    /// The lead unit.
    pub lead: Option<UnitId>,
    /// Its term on the legal clock.
    pub term: Term,
    /// How it closed.
    pub outcome: Option<Outcome>,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    reference: String,
    author_group: Option<String>,
    lead_id: Option<uuid::Uuid>,
    stage: String,
    legal_due_on: chrono::NaiveDate,
    closed_on: Option<chrono::NaiveDate>,
}

impl Reader {
    /// The questions of a list; costs what the list holds.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn answerable(&self, filter: &Filter) -> Result<Vec<Answerable>, StoreError> {
        // A question's dossier has the question's name.
        let to_published = dossier::Entity::belongs_to(published_question::Entity)
            .from(dossier::Column::Reference)
            .to(published_question::Column::Identity);
        let rows: Vec<Row> = self
            .listed(filter)
            .join(JoinType::LeftJoin, to_published.into())
            .select_only()
            .column(dossier::Column::Reference)
            .column(published_question::Column::AuthorGroup)
            .column(dossier::Column::LeadId)
            .column(dossier::Column::Stage)
            .column(dossier::Column::LegalDueOn)
            .column(dossier::Column::ClosedOn)
            .into_model()
            .all(&self.db)
            .await?;
        rows.into_iter().map(Row::read).collect()
    }
}

impl Row {
    fn read(self) -> Result<Answerable, StoreError> {
        let stage: Stage = word("dossier", "stage", &self.stage)?;
        let outcome = stage.outcome();
        Ok(Answerable {
            identity: word("dossier", "reference", &self.reference)?,
            group: self.author_group.filter(|group| !group.is_empty()),
            lead: self.lead_id.map(UnitId),
            term: Term {
                due_on: Some(self.legal_due_on).filter(|due_on| *due_on != NEVER),
                answered_on: self.closed_on.filter(|_| outcome == Some(Outcome::Answered)),
                open: stage.is_open(),
            },
            outcome,
        })
    }
}

impl Asked {
    /// The dossiers of the questions that were put so; `None` when nothing is asked.
    pub(crate) fn dossiers(&self) -> Option<SelectStatement> {
        let Self { house, kind, group } = self;
        if *self == Self::default() {
            return None;
        }
        let identity = |like: String| question::Column::Identity.like(like);
        let house = house.map(|house| match house {
            House::Assembly => identity("AN-%".to_owned()),
            House::Senate => identity("SENAT-%".to_owned()),
        });
        let kind = kind.map(|kind| identity(format!("%-{}-%", kind.code())));
        let group = group.as_ref().map(|group| {
            let grouped = in_group((!group.is_empty()).then_some(group));
            let identity = Expr::col((question::Entity, question::Column::Identity));
            if group.is_empty() { identity.not_in_subquery(grouped) } else { identity.in_subquery(grouped) }
        });
        let mut dossiers = Query::select();
        dossiers
            .column(question::Column::DossierId)
            .from(Alias::new(sea_orm::Iden::to_string(&question::Entity)));
        for condition in [house, kind, group].into_iter().flatten() {
            dossiers.and_where(condition);
        }
        Some(dossiers)
    }
}

/// The questions of a group, or of any.
fn in_group(group: Option<&String>) -> SelectStatement {
    let column = published_question::Column::AuthorGroup;
    Query::select()
        .column(published_question::Column::Identity)
        .from(Alias::new(sea_orm::Iden::to_string(&published_question::Entity)))
        .and_where(group.map_or_else(|| column.ne(""), |group| column.eq(group)))
        .take()
}
