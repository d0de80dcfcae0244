//! What is late, counted at the cost of what is open; what was answered, and when, at the cost of a period.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::deadline::{AgeClass, Timeliness};
use pli_domain::dossier::{Outcome, Stage};
use pli_domain::ids::UnitId;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect};
use strum::VariantArray as _;

use crate::convert::{NEVER, word};
use crate::entity::dossier;
use crate::{Filter, Reader, StoreError};

/// The open dossiers of one lead unit, or of its direction, that are late alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateGroup {
    /// The lead unit, or its direction; `None` when not routed.
    pub lead: Option<UnitId>,
    /// How late, on the clock of the filter.
    pub class: AgeClass,
    /// How many.
    pub count: u64,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    lead_id: Option<uuid::Uuid>,
    class: String,
    number: i64,
}

/// The class of a term that has passed, said by its first day; for a `GROUP BY` of the name that it is given.
pub(crate) fn class(due: impl Fn() -> Expr, today: NaiveDate) -> Expr {
    let class = |case: CaseStatement, class: &AgeClass| {
        let (from, to) = class.due_between(today);
        // « Since ever » is no date: PostgreSQL's calendar begins later.
        let within = if from == NaiveDate::MIN { due().lte(to) } else { due().gte(from).and(due().lte(to)) };
        case.case(within, <&str>::from(class))
    };
    AgeClass::VARIANTS.iter().fold(CaseStatement::new(), class).into()
}

impl Reader {
    /// How many open dossiers each unit leads; a unit that leads none is not there.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn led(&self, units: BTreeSet<UnitId>) -> Result<BTreeMap<UnitId, u64>, StoreError> {
        let open = Filter { open: Some(true), leads: Some(units), ..Filter::default() };
        let rows: Vec<(Option<uuid::Uuid>, i64)> = self
            .listed(&open)
            .select_only()
            .column(dossier::Column::LeadId)
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(dossier::Column::LeadId)
            .into_tuple()
            .all(&self.db)
            .await?;
        let led = |(lead, number): (Option<uuid::Uuid>, i64)| {
            lead.map(|lead| (UnitId(lead), u64::try_from(number).unwrap_or(0)))
        };
        Ok(rows.into_iter().filter_map(led).collect())
    }

    /// The open dossiers that are late on a day by the clock of the filter, by lead unit and class.
    pub(crate) async fn late_by_row(
        &self,
        filter: &Filter,
        today: NaiveDate,
    ) -> Result<Vec<LateGroup>, StoreError> {
        let open = Filter { open: Some(true), ..filter.clone() };
        let rows: Vec<Row> = self
            .listed(&open)
            .filter(open.due_column().lt(today))
            .select_only()
            .column(dossier::Column::LeadId)
            .column_as(class(|| Expr::col((dossier::Entity, open.due_column())), today), "class")
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(dossier::Column::LeadId)
            .group_by(Expr::col("class"))
            .into_model()
            .all(&self.db)
            .await?;
        let group = |row: Row| {
            let class = word("dossier", "class", &row.class)?;
            let count = u64::try_from(row.number).unwrap_or(0);
            Ok(LateGroup { lead: row.lead_id.map(UnitId), class, count })
        };
        rows.into_iter().map(group).collect()
    }
}

impl Filter {
    /// What [`pli_domain::deadline::Term::standing`] says of an answer, asked of the table.
    pub(crate) fn answered(&self, timeliness: Timeliness) -> Expr {
        let in_time = Expr::col((dossier::Entity, dossier::Column::ClosedOn))
            .lte(Expr::col((dossier::Entity, self.due_column())));
        let timely = match timeliness {
            Timeliness::InTime => in_time,
            Timeliness::Late => in_time.not(),
        };
        dossier::Column::Stage
            .eq(Stage::Closed(Outcome::Answered).code())
            .and(self.due_column().lt(NEVER))
            .and(timely)
    }
}

impl Reader {
    /// How many dossiers of a list each unit leads; `None` are those not routed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn by_lead(&self, filter: &Filter) -> Result<Vec<(Option<UnitId>, u64)>, StoreError> {
        let rows: Vec<(Option<uuid::Uuid>, i64)> = self
            .listed(filter)
            .select_only()
            .column(dossier::Column::LeadId)
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(dossier::Column::LeadId)
            .into_tuple()
            .all(&self.db)
            .await?;
        let group = |(lead, number): (Option<_>, _)| (lead.map(UnitId), u64::try_from(number).unwrap_or(0));
        Ok(rows.into_iter().map(group).collect())
    }

    /// How many dossiers of a list were closed on each day.
    pub(crate) async fn by_closing(&self, filter: &Filter) -> Result<Vec<(NaiveDate, u64)>, StoreError> {
        let rows: Vec<(NaiveDate, i64)> = self
            .listed(filter)
            .filter(dossier::Column::ClosedOn.is_not_null())
            .select_only()
            .column(dossier::Column::ClosedOn)
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(dossier::Column::ClosedOn)
            .into_tuple()
            .all(&self.db)
            .await?;
        let group = |(day, number)| (day, u64::try_from(number).unwrap_or(0));
        Ok(rows.into_iter().map(group).collect())
    }
}
