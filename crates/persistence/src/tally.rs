//! The counters: how many dossiers each direction has, by the day of their term and by the day of their answer. The database
//! moves them with each row of a dossier (m0038), so that a page of figures costs directions and days, and not dossiers. What
//! is reserved is in none of them: whoever may see it has it counted by itself.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate};
use pli_domain::actor::{Compartments, Reach};
use pli_domain::deadline::{AgeClass, Timeliness};
use pli_domain::delay::Clock;
use pli_domain::dossier::Kind;
use pli_domain::ids::UnitId;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType, SelectStatement, SimpleExpr, UnionType};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select, TryGetable};
use strum::{EnumString, IntoStaticStr, VariantArray as _};
use uuid::Uuid;

use crate::convert::word;
use crate::entity::entity;
use crate::filter::constant;
use crate::retards::LateGroup;
use crate::select::common;
use crate::sums::{Part, tally_mark, unmarked};
use crate::{Filter, Reader, StoreError};

entity!(tallied, "tallied_span", {
    #[sea_orm(primary_key, auto_increment = false)] span: String,
    clock: String,
    state: String,
    day: Date,
    branch_id: Uuid,
    kind: String,
    number: i64,
    summed: bool,
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

/// How many dossiers were answered in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnsweredGroup {
    /// The place of the period among those that were asked for.
    pub period: usize,
    /// In time, or late.
    pub timeliness: Timeliness,
    /// How many.
    pub number: u64,
}

/// In which state dossiers are counted: by the day of their term, and, once answered, by that day too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum State {
    Open,
    InTime,
    TooLate,
    Unanswered,
    ClosedInTime,
    ClosedTooLate,
}

/// What the counters are asked: how many dossiers are in some states, by days of some periods.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    clock: Option<Clock>,
    kind: Option<Kind>,
    /// Of one direction; of none when it is nil.
    branch: Option<Uuid>,
    states: &'static [State],
    periods: Vec<(NaiveDate, NaiveDate)>,
}

/// How many, by the place of the period, direction and state.
pub(crate) type Told = BTreeMap<(usize, Uuid, State), i64>;

/// Before the first of all terms; PostgreSQL's calendar begins later than ours.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();

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

/// The places of the periods that hold a day.
fn holding(periods: &[(NaiveDate, NaiveDate)], day: NaiveDate) -> impl Iterator<Item = usize> {
    let periods = periods.iter().enumerate();
    periods.filter(move |(_, (from, to))| (from..=to).contains(&&day)).map(|(place, _)| place)
}

/// The first and the last day of all periods.
fn whole(periods: &[(NaiveDate, NaiveDate)]) -> (Option<NaiveDate>, Option<NaiveDate>) {
    (periods.iter().map(|(from, _)| *from).min(), periods.iter().map(|(_, to)| *to).max())
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

impl Question {
    /// Of the counters, those that are meant: of the sums, or of what moved them since.
    fn meant(&self, part: Part) -> Select<tallied::Entity> {
        let summed = Expr::col((tallied::Entity, tallied::Column::Summed));
        let states = self.states.iter().map(|state| constant(<&str>::from(state)));
        let mut counters = common::<tallied::Entity>()
            .filter(if part == Part::Sums { summed } else { summed.not() })
            .filter(tallied::Column::Clock.eq(clock_word(self.clock)))
            .filter(Expr::col((tallied::Entity, tallied::Column::State)).is_in(states));
        if let Some(kind) = self.kind {
            counters = counters.filter(tallied::Column::Kind.eq(<&str>::from(kind)));
        }
        if let Some(branch) = self.branch {
            counters = counters.filter(tallied::Column::BranchId.eq(branch));
        }
        counters
            .select_only()
            .column(tallied::Column::BranchId)
            .column(tallied::Column::State)
            .column_as(number(), "number")
            .group_by(tallied::Column::BranchId)
            .group_by(tallied::Column::State)
    }

    /// The sums of each period; the weeks are read as such, so that a year costs weeks.
    fn sums(&self) -> SelectStatement {
        let counters = self.meant(Part::Sums);
        // Periods may hold no day: all is added to nothing.
        let nothing = counters.clone().column_as(constant(0), "period").filter(constant(false));
        let of_period = |(place, days): (i32, &_)| {
            let counters = counters.clone().column_as(constant(place), "period");
            let held = spans(*days).into_iter().filter(|(_, from, to)| from <= to);
            held.map(move |(span, from, to)| {
                counters
                    .clone()
                    .filter(is(tallied::Column::Span, span))
                    .filter(tallied::Column::Day.between(from, to))
            })
        };
        (0..).zip(&self.periods).flat_map(of_period).fold(nothing, together).into_query()
    }

    /// What moved them since, by day.
    fn moves(&self) -> SelectStatement {
        let (from, to) = whole(&self.periods);
        self.meant(Part::Moves)
            .filter(is(tallied::Column::Span, "day"))
            .filter(tallied::Column::Day.between(from, to))
            .column(tallied::Column::Day)
            .group_by(tallied::Column::Day)
            .into_query()
    }
}

fn add(told: &mut Told, place: (usize, Uuid, State), number: i64) {
    let told = told.entry(place).or_default();
    *told = told.saturating_add(number);
}

/// What is asked of the counters, with the mark of their sums: one row at least, to tell that.
fn marked(asked: SelectStatement, place: &'static str) -> Select<tally_mark::Entity> {
    let told = |column: &'static str| Expr::col((Alias::new("told"), Alias::new(column)));
    let mut select = common::<tally_mark::Entity>()
        .filter(Expr::col((tally_mark::Entity, tally_mark::Column::Tally)).eq(constant("tally")))
        .select_only()
        .column(tally_mark::Column::Mark)
        .column_as(told(place), place);
    for column in ["branch_id", "state", "number"] {
        select = select.column_as(told(column), column);
    }
    QuerySelect::query(&mut select).join_subquery(JoinType::LeftJoin, asked, "told", constant(true));
    select
}

impl Reader {
    /// What the counters are to be asked for a filter, on its clock; `None` when they do not tell: when less than the whole
    /// register is in reach, or something is asked that they do not tell apart.
    fn question(
        &self,
        filter: &Filter,
        states: &'static [State],
        periods: Vec<(NaiveDate, NaiveDate)>,
    ) -> Option<Question> {
        let plain = Filter {
            clock: filter.clock,
            kind: filter.kind,
            leads: filter.leads.clone(),
            branch: filter.branch,
            unrouted: filter.unrouted,
            ..Filter::default()
        };
        let branch = match (filter.branch, filter.unrouted) {
            (Some(branch), false) => Some(branch.0),
            (None, true) => Some(Uuid::nil()),
            (None, false) => None,
            (Some(_), true) => return None,
        };
        let told = plain == *filter && filter.leads.is_some() == filter.branch.is_some();
        let Filter { clock, kind, .. } = *filter;
        (told && self.scope.reach == Reach::All).then_some(Question { clock, kind, branch, states, periods })
    }

    /// What the counters tell: their sums, and what moved them since.
    async fn told(&self, question: &Question) -> Result<Told, StoreError> {
        let read = async |part| match part {
            Part::Sums => {
                let of_period = |period: i32| usize::try_from(period).into_iter();
                self.under_mark(question.sums(), "period", of_period).await
            }
            Part::Moves => {
                self.under_mark(question.moves(), "day", |day: NaiveDate| holding(&question.periods, day))
                    .await
            }
        };
        let (mut told, moved) = self.sums.terms.both(question, read).await?;
        for (place, number) in moved {
            add(&mut told, place, number);
        }
        told.retain(|_, number| *number > 0);
        Ok(told)
    }

    /// What the counters are asked, by the periods in which each of their rows is; with the mark of their sums.
    async fn under_mark<P: TryGetable, I: Iterator<Item = usize>>(
        &self,
        asked: SelectStatement,
        place: &'static str,
        periods: impl Fn(P) -> I + Send,
    ) -> Result<(Uuid, Told), StoreError> {
        type Row<P> = (Uuid, Option<P>, Option<Uuid>, Option<String>, Option<i64>);
        let rows: Vec<Row<P>> = marked(asked, place).into_tuple().all(&self.db).await?;
        let mark = rows.first().ok_or_else(unmarked)?.0;
        let mut told = Told::new();
        for (_, place, branch, state, number) in rows {
            let (Some(place), Some(branch), Some(state), Some(number)) = (place, branch, state, number)
            else {
                continue;
            };
            let state = word("tally", "state", &state)?;
            for period in periods(place) {
                add(&mut told, (period, branch, state), number);
            }
        }
        Ok((mark, told))
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
        let classes = AgeClass::VARIANTS.iter().map(|class| class.due_between(today));
        let classes = classes.map(|(from, to)| (Ord::max(from, FIRST), to)).collect();
        let Some(question) = self.question(&filter, &[State::Open], classes) else {
            return self.late_by_row(&filter, today).await;
        };
        let told = self.told(&question).await?;
        let group = |((class, branch, _), number): ((usize, Uuid, State), i64)| {
            let class = *AgeClass::VARIANTS.get(class)?;
            Some(LateGroup { lead: unit(branch), class, count: positive(number) })
        };
        let mut groups: Vec<_> = told.into_iter().filter_map(group).collect();
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
        use State::{InTime, Open, TooLate, Unanswered};
        let due = &[Open, InTime, TooLate, Unanswered];
        let Some(question) = self.question(filter, due, periods.to_vec()) else {
            return self.due_by_row(filter, periods).await;
        };
        let told = self.told(&question).await?;
        let group = |((period, branch, state), number): ((usize, Uuid, State), i64)| {
            let due = positive(number);
            DueGroup { period, lead: unit(branch), due, in_time: if state == InTime { due } else { 0 } }
        };
        let mut groups: Vec<_> = told.into_iter().map(group).collect();
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

    /// How many dossiers of a list were answered in each of some periods, in time or late; one may be told in several groups.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn answered_between(
        &self,
        filter: &Filter,
        periods: &[(NaiveDate, NaiveDate)],
    ) -> Result<Vec<AnsweredGroup>, StoreError> {
        let closed = &[State::ClosedInTime, State::ClosedTooLate];
        let Some(question) = self.question(filter, closed, periods.to_vec()) else {
            return self.answered_by_row(filter, periods).await;
        };
        let told = self.told(&question).await?;
        let group = |((period, _, state), number): ((usize, Uuid, State), i64)| {
            let timeliness = if state == State::ClosedInTime { Timeliness::InTime } else { Timeliness::Late };
            AnsweredGroup { period, timeliness, number: positive(number) }
        };
        let mut groups: Vec<_> = told.into_iter().map(group).collect();
        if let Some(reserved) = self.reserved_part(filter) {
            groups.extend(self.answered_by_row(&reserved, periods).await?);
        }
        Ok(groups)
    }

    async fn answered_by_row(
        &self,
        filter: &Filter,
        periods: &[(NaiveDate, NaiveDate)],
    ) -> Result<Vec<AnsweredGroup>, StoreError> {
        let (Some(from), Some(to)) = whole(periods) else { return Ok(Vec::new()) };
        let mut groups = Vec::new();
        for timeliness in [Timeliness::InTime, Timeliness::Late] {
            let answered = Filter { answered: Some(timeliness), closed: Some((from, to)), ..filter.clone() };
            for (day, number) in self.by_closing(&answered).await? {
                let held = holding(periods, day);
                groups.extend(held.map(|period| AnsweredGroup { period, timeliness, number }));
            }
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
