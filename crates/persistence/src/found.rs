//! What a search has found: its dossiers, the latest received first, and how many there are of each sort, in one query.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pli_domain::dossier::{Kind, Stage};
use pli_domain::ids::{DossierId, UnitId};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DbBackend, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};

use crate::convert::word;
use crate::entity::dossier;
use crate::select::scoped;
use crate::{Filter, Page, Reader, Sheet, StoreError};

/// A place among the dossiers found: the day of receipt, then the identifier, the latest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The day.
    pub received_on: NaiveDate,
    /// The dossier.
    pub id: DossierId,
}

impl Receipt {
    /// Where a dossier stands.
    #[must_use]
    pub fn of(sheet: &Sheet) -> Self {
        Self { received_on: sheet.dossier.received_on, id: sheet.dossier.id }
    }
}

/// The dossiers of a list that are of one sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Letters or questions.
    pub kind: Kind,
    /// Their stage.
    pub stage: Stage,
    /// The unit that leads them; `None` when not routed.
    pub lead: Option<UnitId>,
    /// The year in which they were received.
    pub year: i32,
    /// Whether they are late, on the clock of the list.
    pub late: bool,
    /// How many.
    pub count: u64,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    kind: String,
    stage: String,
    lead_id: Option<uuid::Uuid>,
    year: i32,
    late: i32,
    number: i64,
}

impl Reader {
    /// A page of a list, the latest received first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn latest(
        &self,
        filter: &Filter,
        after: Option<Receipt>,
        size: u64,
    ) -> Result<Page<Sheet>, StoreError> {
        let mut select = self.listed(filter);
        if let Some(Receipt { received_on, id }) = after {
            let key = Expr::tuple([
                Expr::col((dossier::Entity, dossier::Column::ReceivedOn)),
                Expr::col((dossier::Entity, dossier::Column::Id)),
            ]);
            select = select.filter(key.lt(Expr::tuple([Expr::value(received_on), Expr::value(id.0)])));
        }
        let rows = select
            .order_by_desc(dossier::Column::ReceivedOn)
            .order_by_desc(dossier::Column::Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: self.sheets(items).await?, more })
    }

    /// Those of some references under which there is a dossier.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn references(&self, wanted: Vec<String>) -> Result<BTreeSet<String>, StoreError> {
        if wanted.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rows: Vec<String> = scoped::<dossier::Entity>(&self.scope)
            .filter(dossier::Column::Reference.is_in(wanted))
            .select_only()
            .column(dossier::Column::Reference)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// How many dossiers of a list there are of each sort: one query, whatever is asked of it afterwards.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn groups(&self, filter: &Filter, today: NaiveDate) -> Result<Vec<Group>, StoreError> {
        let year = match self.db.get_database_backend() {
            DbBackend::Postgres => "CAST(EXTRACT(YEAR FROM received_on) AS integer)",
            _ => "CAST(strftime('%Y', received_on) AS integer)",
        };
        let open = Expr::col((dossier::Entity, dossier::Column::Open));
        let late: Expr =
            CaseStatement::new().case(open.and(filter.due_column().lt(today)), 1).finally(0).into();
        let by = [dossier::Column::Kind, dossier::Column::Stage, dossier::Column::LeadId];
        let rows: Vec<Row> = self
            .listed(filter)
            .select_only()
            .columns(by)
            .column_as(Expr::cust(year), "year")
            .column_as(late, "late")
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(dossier::Column::Kind)
            .group_by(dossier::Column::Stage)
            .group_by(dossier::Column::LeadId)
            // By their names: PostgreSQL does not see that two expressions with a parameter are one.
            .group_by(Expr::col("year"))
            .group_by(Expr::col("late"))
            .into_model()
            .all(&self.db)
            .await?;
        let group = |row: Row| {
            Ok(Group {
                kind: word("dossier", "kind", &row.kind)?,
                stage: word("dossier", "stage", &row.stage)?,
                lead: row.lead_id.map(UnitId),
                year: row.year,
                late: row.late != 0,
                count: u64::try_from(row.number).unwrap_or(0),
            })
        };
        rows.into_iter().map(group).collect()
    }
}
