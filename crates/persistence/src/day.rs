//! How many open dossiers some lists hold: from the counters of what is open, which the database moves with each row of a dossier
//! (m0041), or from the few rows that another index finds. What is reserved is in no counter: whoever may see it has it counted by
//! itself.

use chrono::{DateTime, Utc};
use pli_domain::actor::Reach;
use pli_domain::ids::UserId;
use pli_domain::time::Timestamp;
use sea_orm::sea_query::{
    Alias, Asterisk, CaseStatement, Expr, ExprTrait, SelectStatement, SubQueryStatement,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, FromQueryResult, QueryFilter, QueryResult, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use crate::entity::{account, dossier, entity};
use crate::filter::{at_risk, at_stage, between, constant};
use crate::select::common;
use crate::sums::{Part, mark, unmarked};
use crate::tally::positive;
use crate::{Filter, Reader, StoreError};

entity!(open_tallied, "open_tallied", {
    #[sea_orm(primary_key, auto_increment = false)] due_on: Date,
    plan: String,
    stage: String,
    unrouted: bool,
    declined: bool,
    to_acknowledge: bool,
    number: i64,
    summed: bool,
});

/// How many dossiers each list holds, by the columns of a row.
struct Counts(Vec<i64>);

impl FromQueryResult for Counts {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let columns = row.column_names().into_iter().filter(|column| column.starts_with("count_"));
        let count = |column: String| Ok(row.try_get::<Option<i64>>("", &column)?.unwrap_or(0));
        Ok(Self(columns.map(count).collect::<Result<_, DbErr>>()?))
    }
}

/// The same, with the mark of the sums.
struct Marked(Uuid, Counts);

impl FromQueryResult for Marked {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self(row.try_get("", "mark")?, Counts::from_query_result(row, prefix)?))
    }
}

/// The counters of a list of open dossiers; `None` when something is asked that they do not tell apart.
fn counters(filter: &Filter) -> Option<Condition> {
    use open_tallied::Column::{Declined, DueOn, Plan, Stage, ToAcknowledge, Unrouted};
    let plain = Filter {
        open: Some(true),
        stages: filter.stages.clone(),
        unrouted: filter.unrouted,
        due: filter.due,
        risk: filter.risk.clone(),
        acknowledge: filter.acknowledge,
        declined: filter.declined,
        ..Filter::default()
    };
    let asked = Condition::all()
        .add_option((!filter.stages.is_empty()).then(|| at_stage(Stage, &filter.stages)))
        .add_option(filter.unrouted.then(|| Expr::col(Unrouted)))
        .add_option(filter.due.map(|days| between(DueOn, days, constant)))
        .add_option(filter.risk.as_deref().map(|risks| at_risk(risks, (Plan, Stage, DueOn))))
        .add_option(filter.acknowledge.then(|| Expr::col(ToAcknowledge)))
        .add_option(filter.declined.then(|| Expr::col(Declined)));
    (plain == *filter).then_some(asked)
}

/// What a column is where a condition holds, summed up; PostgreSQL's sum of a `bigint` is a number of any length.
fn sum(of: Expr, held: Condition) -> Expr {
    Expr::expr(CaseStatement::new().case(held, of).finally(constant(0))).sum().cast_as(Alias::new("bigint"))
}

/// Adds to each count.
fn add(counts: &mut [i64], more: impl IntoIterator<Item = i64>) {
    for (count, more) in counts.iter_mut().zip(more) {
        *count = count.saturating_add(more);
    }
}

/// How many dossiers a list holds, to be asked beside others; an index may hold all that it takes.
fn number(list: Select<dossier::Entity>) -> SelectStatement {
    list.select_only().expr(Expr::col(Asterisk).count()).into_query()
}

impl Reader {
    /// How many open dossiers each of some lists holds; one query for all, another one when the counters were summed up since the
    /// same was asked, and one more for whoever may see what is reserved.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn open_counts(&self, filters: &[Filter]) -> Result<Vec<u64>, StoreError> {
        let open = Filter { open: Some(true), ..Filter::default() };
        if self.scope.reach != Reach::All {
            let counts = self.open_by_row(&open, filters).await?;
            return Ok(counts.into_iter().map(positive).collect());
        }
        let asked = filters.to_vec();
        let (mut counts, moved) =
            self.sums.open.both(&asked, |part| self.open_counted(filters, part)).await?;
        add(&mut counts, moved);
        if let Some(reserved) = self.reserved_part(&open) {
            let more = self.open_by_row(&reserved, filters).await?;
            // What is counted by row has them already.
            let of_counters = |(filter, more)| if counters(filter).is_some() { more } else { 0 };
            add(&mut counts, filters.iter().zip(more).map(of_counters));
        }
        Ok(counts.into_iter().map(positive).collect())
    }

    /// What the counters say of each list, and beside what moved them, how many rows the others hold.
    async fn open_counted(&self, filters: &[Filter], part: Part) -> Result<(Uuid, Vec<i64>), StoreError> {
        let summed = Expr::col((open_tallied::Entity, open_tallied::Column::Summed));
        let mut select = common::<open_tallied::Entity>()
            .filter(if part == Part::Sums { summed } else { summed.not() })
            .select_only()
            .column_as(mark("open_tally"), "mark");
        for (index, filter) in filters.iter().enumerate() {
            let count = match counters(filter) {
                Some(counters) => sum(Expr::col(open_tallied::Column::Number), counters),
                None if part == Part::Sums => constant(0).cast_as(Alias::new("bigint")),
                None => Expr::from(SubQueryStatement::from(number(self.listed(filter)))),
            };
            select = select.column_as(count, format!("count_{index}"));
        }
        let counts = select.into_model().one(&self.db).await?;
        let Marked(mark, Counts(counts)) = counts.ok_or_else(unmarked)?;
        Ok((mark, counts))
    }

    /// What came since a person signed in the time before the last, and is open: since when, and how many; `None` when there was
    /// no such time. The moment is compared where it stands: PostgreSQL plans that once, and not for each moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn arrived(&self, person: UserId) -> Result<Option<(Timestamp, u64)>, StoreError> {
        let open = Filter { open: Some(true), ..Filter::default() };
        let since = Expr::col((account::Entity, account::Column::SignedInBefore));
        let created = Expr::col((dossier::Entity, dossier::Column::CreatedAt));
        let arrived = number(self.listed(&open).filter(created.gte(since)));
        let row: Option<(Option<DateTime<Utc>>, i64)> = common::<account::Entity>()
            .filter(account::Column::Id.eq(person.0))
            .select_only()
            .column(account::Column::SignedInBefore)
            .column_as(Expr::from(SubQueryStatement::from(arrived)), "number")
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(row.and_then(|(since, number)| Some((Timestamp::new(since?), positive(number)))))
    }

    /// The same, at the cost of some open dossiers.
    async fn open_by_row(&self, open: &Filter, filters: &[Filter]) -> Result<Vec<i64>, StoreError> {
        let mut select = self.listed(open).select_only();
        for (index, filter) in filters.iter().enumerate() {
            let held = filter.condition(self.db.get_database_backend());
            select = select.column_as(sum(constant(1), held), format!("count_{index}"));
        }
        let counts = select.into_model::<Counts>().one(&self.db).await?;
        Ok(counts.map(|Counts(counts)| counts).unwrap_or_default())
    }
}
