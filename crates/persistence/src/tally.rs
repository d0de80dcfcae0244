//! The counters: how many dossiers each direction has, by the day of their term and by the day of their answer. The database
//! moves them with each row of a dossier (m0038), so that a page of figures costs directions and days, and not dossiers. What
//! is reserved is in none of them: whoever may see it has it counted by itself.

use chrono::{Datelike as _, Days, NaiveDate};
use pli_domain::actor::{Compartments, Reach};
use pli_domain::deadline::Timeliness;
use pli_domain::delay::Clock;
use pli_domain::ids::UnitId;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, SimpleExpr, UnionType};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::convert::word;
use crate::entity::entity;
use crate::filter::constant;
use crate::retards::{LateGroup, class};
use crate::select::common;
use crate::{Filter, Reader, StoreError};

entity!(tallied, "tallied_span", {
    #[sea_orm(primary_key, auto_increment = false)] span: String,
    clock: String,
    state: String,
    day: Date,
    branch_id: Uuid,
    kind: String,
    number: i64,
});

/// How many dossiers of a direction fell due in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueGroup {
    /// The place of the period among those that were asked for.
    pub period: usize,
    /// The lead unit, or its direction; `None` when not routed.
    pub lead: Option<UnitId>,
    /// How many were due, answered or not.
    pub due: u64,
    /// How many of them were answered in time.
    pub in_time: u64,
}

#[derive(Debug, FromQueryResult)]
struct LateRow {
    branch_id: Uuid,
    class: String,
    number: i64,
}

#[derive(Debug, FromQueryResult)]
struct DueRow {
    period: i32,
    branch_id: Uuid,
    state: String,
    number: i64,
}

#[derive(Debug, FromQueryResult)]
struct ClosedRow {
    state: String,
    day: NaiveDate,
    number: i64,
}

/// What the counters call a clock.
pub(crate) fn clock_word(clock: Option<Clock>) -> &'static str {
    match clock {
        None => "own",
        Some(Clock::Legal) => "legal",
        Some(Clock::Internal) => "internal",
    }
}

/// The days before the first whole week of a period, its whole weeks, and the days after the last; each by what the counters
/// call it, its first and its last, by their Mondays when they are weeks. One that holds nothing ends before it begins.
fn spans((from, to): (NaiveDate, NaiveDate)) -> [(&'static str, NaiveDate, NaiveDate); 3] {
    let back = |day: NaiveDate, days| day.checked_sub_days(Days::new(days)).unwrap_or(day);
    let on = |day: NaiveDate, days| day.checked_add_days(Days::new(days)).unwrap_or(day);
    let monday = |day: NaiveDate| back(day, day.weekday().num_days_from_monday().into());
    let first = Ord::min(monday(on(from, 6)), on(to, 1));
    let after = Ord::max(monday(on(to, 1)), first);
    [("day", from, back(first, 1)), ("week", first, back(after, 7)), ("day", after, to)]
}

/// Of the counters, those of a period: the weeks are read as such, so that a year costs weeks. What is selected is told for each
/// span.
fn in_period(counters: &Select<tallied::Entity>, days: (NaiveDate, NaiveDate)) -> Select<tallied::Entity> {
    let [head, weeks, tail] = spans(days).map(|(span, from, to)| {
        counters
            .clone()
            .filter(is(tallied::Column::Span, span))
            .filter(tallied::Column::Day.between(from, to))
    });
    together(together(head, weeks), tail)
}

/// What the one and the other tell.
fn together(mut one: Select<tallied::Entity>, other: Select<tallied::Entity>) -> Select<tallied::Entity> {
    QuerySelect::query(&mut one).union(UnionType::All, other.into_query());
    one
}

/// A constant, so that PostgreSQL sees once for all which tables of the view are not meant.
fn is(column: tallied::Column, word: &'static str) -> SimpleExpr {
    Expr::col((tallied::Entity, column)).eq(constant(word))
}

fn unit(branch: Uuid) -> Option<UnitId> {
    (!branch.is_nil()).then_some(UnitId(branch))
}

pub(crate) fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

impl Reader {
    /// The counters that say what is asked of a filter, on its clock; `None` when they do not: when less than the whole
    /// register is in reach, or something is asked that they do not tell apart.
    fn counters(&self, filter: &Filter) -> Option<Select<tallied::Entity>> {
        let plain = Filter {
            clock: filter.clock,
            kind: filter.kind,
            leads: filter.leads.clone(),
            branch: filter.branch,
            unrouted: filter.unrouted,
            ..Filter::default()
        };
        let told = plain == *filter && filter.leads.is_some() == filter.branch.is_some();
        if !told || self.scope.reach != Reach::All {
            return None;
        }
        let mut counters =
            common::<tallied::Entity>().filter(tallied::Column::Clock.eq(clock_word(filter.clock)));
        if let Some(kind) = filter.kind {
            counters = counters.filter(tallied::Column::Kind.eq(<&str>::from(kind)));
        }
        if let Some(branch) = filter.branch {
            counters = counters.filter(tallied::Column::BranchId.eq(branch.0));
        }
        if filter.unrouted {
            counters = counters.filter(tallied::Column::BranchId.eq(Uuid::nil()));
        }
        Some(counters.select_only().column_as(number(), "number"))
    }

    /// The same list, of what is reserved and may be seen; `None` when there is none.
    pub(crate) fn reserved_part(&self, filter: &Filter) -> Option<Filter> {
        let none = matches!(&self.scope.compartments, Compartments::Of(named) if named.is_empty());
        (!none).then(|| Filter { reserved: true, ..filter.clone() })
    }

    /// The open dossiers of a list that are late on a day, by lead unit, or its direction, and class.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn late(&self, filter: &Filter, today: NaiveDate) -> Result<Vec<LateGroup>, StoreError> {
        let filter = Filter { open: None, ..filter.clone() };
        let Some(counters) = self.counters(&filter) else { return self.late_by_row(&filter, today).await };
        let rows: Vec<LateRow> = counters
            .filter(is(tallied::Column::Span, "day"))
            .filter(is(tallied::Column::State, "open"))
            .filter(tallied::Column::Day.lt(today))
            .column(tallied::Column::BranchId)
            .column_as(class(|| Expr::col((tallied::Entity, tallied::Column::Day)), today), "class")
            .group_by(tallied::Column::BranchId)
            .group_by(Expr::col("class"))
            .into_model()
            .all(&self.db)
            .await?;
        let mut groups = Vec::new();
        for row in rows.into_iter().filter(|row| row.number > 0) {
            let class = word("tally", "class", &row.class)?;
            groups.push(LateGroup { lead: unit(row.branch_id), class, count: positive(row.number) });
        }
        if let Some(reserved) = self.reserved_part(&filter) {
            groups.extend(self.late_by_row(&reserved, today).await?);
        }
        Ok(groups)
    }

    /// Of the dossiers of a list that were due in each of some periods, how many were answered in time, by lead unit or direction;
    /// one may be told in several groups.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn due_between(
        &self,
        filter: &Filter,
        periods: &[(NaiveDate, NaiveDate)],
    ) -> Result<Vec<DueGroup>, StoreError> {
        let Some(counters) = self.counters(filter) else { return self.due_by_row(filter, periods).await };
        let counters = counters
            .filter(tallied::Column::State.is_in(["open", "in_time", "too_late", "unanswered"]))
            .column(tallied::Column::BranchId)
            .column(tallied::Column::State)
            .group_by(tallied::Column::BranchId)
            .group_by(tallied::Column::State);
        let of_period = |(place, days): (i32, &_)| {
            in_period(&counters.clone().column_as(constant(place), "period"), *days)
        };
        let Some(told) = (0..).zip(periods).map(of_period).reduce(together) else { return Ok(Vec::new()) };
        let rows: Vec<DueRow> = told.into_model().all(&self.db).await?;
        let group = |row: DueRow| {
            let (period, number) = (usize::try_from(row.period).ok()?, positive(row.number));
            let in_time = if row.state == "in_time" { number } else { 0 };
            (number > 0).then_some(DueGroup { period, lead: unit(row.branch_id), due: number, in_time })
        };
        let mut groups: Vec<_> = rows.into_iter().filter_map(group).collect();
        if let Some(reserved) = self.reserved_part(filter) {
            groups.extend(self.due_by_row(&reserved, periods).await?);
        }
        Ok(groups)
    }

    async fn due_by_row(
        &self,
        filter: &Filter,
        periods: &[(NaiveDate, NaiveDate)],
    ) -> Result<Vec<DueGroup>, StoreError> {
        let mut groups = Vec::new();
        for (period, days) in periods.iter().enumerate() {
            let due = Filter { due: Some(*days), ..filter.clone() };
            let in_time = Filter { answered: Some(Timeliness::InTime), ..due.clone() };
            for (lead, due) in self.by_lead(&due).await? {
                groups.push(DueGroup { period, lead, due, in_time: 0 });
            }
            for (lead, in_time) in self.by_lead(&in_time).await? {
                groups.push(DueGroup { period, lead, due: 0, in_time });
            }
        }
        Ok(groups)
    }

    /// How many dossiers of a list were answered on each day between two, in time or late; those of a whole week may be told by
    /// its Monday.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn answered_between(
        &self,
        filter: &Filter,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Vec<(NaiveDate, Timeliness, u64)>, StoreError> {
        let Some(counters) = self.counters(filter) else {
            return self.answered_by_row(filter, (from, to)).await;
        };
        let counters = counters
            .filter(tallied::Column::State.is_in(["closed_in_time", "closed_too_late"]))
            .column(tallied::Column::State)
            .column(tallied::Column::Day)
            .group_by(tallied::Column::State)
            .group_by(tallied::Column::Day);
        let rows: Vec<ClosedRow> = in_period(&counters, (from, to)).into_model().all(&self.db).await?;
        let group = |row: ClosedRow| {
            let in_time = row.state == "closed_in_time";
            (row.day, if in_time { Timeliness::InTime } else { Timeliness::Late }, positive(row.number))
        };
        let mut groups: Vec<_> = rows.into_iter().map(group).collect();
        if let Some(reserved) = self.reserved_part(filter) {
            groups.extend(self.answered_by_row(&reserved, (from, to)).await?);
        }
        Ok(groups)
    }

    async fn answered_by_row(
        &self,
        filter: &Filter,
        days: (NaiveDate, NaiveDate),
    ) -> Result<Vec<(NaiveDate, Timeliness, u64)>, StoreError> {
        let mut groups = Vec::new();
        for timeliness in [Timeliness::InTime, Timeliness::Late] {
            let answered = Filter { answered: Some(timeliness), closed: Some(days), ..filter.clone() };
            let counted = self.by_closing(&answered).await?;
            groups.extend(counted.into_iter().map(|(day, number)| (day, timeliness, number)));
        }
        Ok(groups)
    }
}

/// PostgreSQL's sum of a `bigint` is a number of any length.
fn number() -> SimpleExpr {
    Expr::col((tallied::Entity, tallied::Column::Number)).sum().cast_as(Alias::new("bigint"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spans_of_a_period_hold_each_of_its_days_once() {
        let first = NaiveDate::from_ymd_opt(2025, 12, 20).unwrap();
        let day = |days| first + Days::new(days);
        for from in 0..16 {
            for to in 0..60 {
                let mut held = Vec::new();
                for (span, first, last) in spans((day(from), day(to))) {
                    let step = if span == "week" { 7 } else { 1 };
                    for begun in first.iter_days().step_by(step).take_while(|day| *day <= last) {
                        assert!(step == 1 || begun.weekday() == chrono::Weekday::Mon);
                        held.extend(begun.iter_days().take(step));
                    }
                }
                assert!(held.iter().copied().eq((from..=to).map(day)), "{from} {to}: {held:?}");
            }
        }
    }
}
