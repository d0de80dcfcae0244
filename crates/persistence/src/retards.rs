//! What is late, counted at the cost of what is open.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::ids::UnitId;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect};

use crate::entity::dossier;
use crate::{Filter, Reader, StoreError};

/// The open dossiers of one lead unit that were due on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateGroup {
    /// The lead unit; `None` when not routed.
    pub lead: Option<UnitId>,
    /// The day, on the clock of the filter.
    pub due_on: NaiveDate,
    /// How many.
    pub count: u64,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    lead_id: Option<uuid::Uuid>,
    due_on: NaiveDate,
    number: i64,
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

    /// The open dossiers due before a day on the clock of the filter, by lead unit and due date.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn late(&self, filter: &Filter, before: NaiveDate) -> Result<Vec<LateGroup>, StoreError> {
        let open = Filter { open: Some(true), ..filter.clone() };
        let rows: Vec<Row> = self
            .listed(&open)
            .filter(open.due_column().lt(before))
            .select_only()
            .column(dossier::Column::LeadId)
            .column_as(open.due_column(), "due_on")
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(dossier::Column::LeadId)
            .group_by(open.due_column())
            .into_model()
            .all(&self.db)
            .await?;
        let group = |row: Row| LateGroup {
            lead: row.lead_id.map(UnitId),
            due_on: row.due_on,
            count: u64::try_from(row.number).unwrap_or(0),
        };
        Ok(rows.into_iter().map(group).collect())
    }
}
