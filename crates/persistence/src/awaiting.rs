//! What awaits one person.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pli_domain::delay::plan::Plan;
use pli_domain::dossier::Stage;
use pli_domain::ids::{DossierId, UnitId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use uuid::Uuid;

use crate::convert::{NEVER, word};
use crate::entity::dossier;
use crate::{Filter, Reader, StoreError};

/// A line of what awaits a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Awaiting {
    /// At this stage.
    pub stage: Stage,
    /// Led by one of these units.
    pub leads: BTreeSet<UnitId>,
    /// Whose draft is another's.
    pub not_by: Option<UserId>,
}

impl Awaiting {
    /// What these lines ask of the table. When there is none nothing waits: an empty « any » would hold for all.
    pub(crate) fn condition(lines: &[Self]) -> Condition {
        if lines.is_empty() {
            return Condition::all().add(Expr::value(false));
        }
        lines.iter().fold(Condition::any(), Self::or)
    }

    fn or(any: Condition, awaiting: &Self) -> Condition {
        let all = Condition::all()
            .add(dossier::Column::Stage.eq(awaiting.stage.code()))
            .add(dossier::Column::LeadId.is_in(awaiting.leads.iter().map(|unit| unit.0)))
            .add_option(awaiting.not_by.map(|person| dossier::Column::DraftAuthorId.ne(person.0)));
        any.add(all)
    }
}

/// A dossier that awaits its turn: what is needed to tell which comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The dossier.
    pub id: DossierId,
    /// Where it stands.
    pub stage: Stage,
    /// The stages that it goes through.
    pub plan: Plan,
    /// Its term.
    pub due_on: Option<NaiveDate>,
}

impl Reader {
    /// What a list holds, in no order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn turns(&self, filter: &Filter) -> Result<Vec<Turn>, StoreError> {
        use dossier::Column;
        let rows: Vec<(Uuid, String, String, NaiveDate)> = self
            .listed(filter)
            .select_only()
            .columns([Column::Id, Column::Stage, Column::Plan, Column::DueOn])
            .into_tuple()
            .all(&self.db)
            .await?;
        let read = |(id, stage, plan, due_on): (Uuid, String, String, NaiveDate)| {
            Ok(Turn {
                id: DossierId(id),
                stage: word("dossier", "stage", &stage)?,
                plan: word("dossier", "plan", &plan)?,
                due_on: (due_on != NEVER).then_some(due_on),
            })
        };
        rows.into_iter().map(read).collect()
    }
}
