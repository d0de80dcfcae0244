//! How many dossiers were open on past days, and how they stood: from counters by lead unit, which the database keeps as what
//! is reserved comes and goes (m0039). What is reserved is in none of them: whoever may see it has it counted by itself.

use chrono::NaiveDate;
use pli_domain::actor::Reach;
use pli_domain::deadline::AgeClass;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, FromQueryResult, Iden, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::convert::NEVER;
use crate::entity::{dossier, entity};
use crate::select::{common, scoped};
use crate::snapshots::{Past, Snapshots, due_column, snapshot, snapshot_span};
use crate::sums::mark;
use crate::tally::{clock_word, positive};
use crate::{Filter, Reader, Store, StoreError, UnitOfWork};

entity!(past_tally, "past_tally", {
    #[sea_orm(primary_key, auto_increment = false)] clock: String,
    #[sea_orm(primary_key, auto_increment = false)] day: Date,
    #[sea_orm(primary_key, auto_increment = false)] lead_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] kind: String,
    up_to15: i32,
    up_to30: i32,
    up_to60: i32,
    over60: i32,
    at_risk: i32,
    on_time: i32,
});

/// The open dossiers of a past day that stood alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastGroup {
    /// The past day.
    pub day: NaiveDate,
    /// How late they were then, on the clock of the filter; `None` when they were not.
    pub late: Option<AgeClass>,
    /// Whether they were at risk, and not late.
    pub at_risk: bool,
    /// How many.
    pub number: u64,
}

/// A day, and whether its counters are there: an older Pli takes a snapshot without counting it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct PastDay {
    mark: Uuid,
    day: NaiveDate,
    counted: bool,
    up_to15: Option<i64>,
    up_to30: Option<i64>,
    up_to60: Option<i64>,
    over60: Option<i64>,
    at_risk: Option<i64>,
    on_time: Option<i64>,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    day: NaiveDate,
    due_on: NaiveDate,
    at_risk: bool,
    number: i64,
}

/// What a counter is of, and what it counts.
const COLUMNS: &str = "clock, day, lead_id, kind, up_to15, up_to30, up_to60, over60, at_risk, on_time";

/// Some rows of the view, counted.
const COUNT: &str = "SELECT clock, day, lead_id, kind, SUM(up_to15), SUM(up_to30), SUM(up_to60), SUM(over60), SUM(at_risk), \
     SUM(on_time) FROM past_dossier";

/// Waits for what is being reserved, and makes what is to be wait.
const LOCK: &str = "LOCK TABLE past_tally IN SHARE ROW EXCLUSIVE MODE";

/// The counters of a day that a recount would not give.
const WRONG: &str = "SELECT COUNT(*) AS number FROM (SELECT 1 AS wrong FROM (\
     SELECT clock, lead_id, kind, up_to15, up_to30, up_to60, over60, at_risk, on_time FROM past_tally WHERE day = {day} \
     UNION ALL SELECT clock, lead_id, kind, -up_to15, -up_to30, -up_to60, -over60, -at_risk, -on_time FROM past_dossier \
     WHERE day = {day} AND counted) AS counted GROUP BY clock, lead_id, kind HAVING SUM(up_to15) <> 0 OR SUM(up_to30) <> 0 \
     OR SUM(up_to60) <> 0 OR SUM(over60) <> 0 OR SUM(at_risk) <> 0 OR SUM(on_time) <> 0) AS faults";

impl PastDay {
    fn groups(self) -> impl Iterator<Item = PastGroup> {
        let group = move |late, at_risk, number: Option<i64>| PastGroup {
            day: self.day,
            late,
            at_risk,
            number: positive(number.unwrap_or(0)),
        };
        [
            group(Some(AgeClass::UpTo15), false, self.up_to15),
            group(Some(AgeClass::UpTo30), false, self.up_to30),
            group(Some(AgeClass::UpTo60), false, self.up_to60),
            group(Some(AgeClass::Over60), false, self.over60),
            group(None, true, self.at_risk),
            group(None, false, self.on_time),
        ]
        .into_iter()
        .filter(|group| group.number > 0)
    }
}

impl Reader {
    /// How many dossiers were open on each of these days, of which snapshots are kept, by lateness and risk. Of the filter,
    /// clock, kind and lead units are looked at.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn past(
        &self,
        filter: &Filter,
        snapshots: &Snapshots,
        days: &[NaiveDate],
    ) -> Result<Vec<PastGroup>, StoreError> {
        if self.scope.reach != Reach::All {
            return self.past_by_row(filter, days).await;
        }
        let asked = (filter.clone(), days.to_vec());
        let counted = if let Some(known) = self.sums.past.of(snapshots.mark, &asked) {
            known
        } else {
            let counted = self.past_counted(filter, days).await?;
            if let Some(day) = counted.first() {
                self.sums.past.keep(day.mark, &asked, counted.clone());
            }
            counted
        };
        let (counted, others): (Vec<_>, Vec<_>) = counted.into_iter().partition(|day| day.counted);
        let known: Vec<_> = counted.iter().map(|day| day.day).collect();
        let others: Vec<_> = others.into_iter().map(|day| day.day).collect();
        let mut groups: Vec<_> = counted.into_iter().flat_map(PastDay::groups).collect();
        if let Some(reserved) = self.reserved_part(filter) {
            groups.extend(self.past_by_row(&reserved, &known).await?);
        }
        groups.extend(self.past_by_row(filter, &others).await?);
        Ok(groups)
    }

    /// Each of the days of which a snapshot is kept, with the sums of its counters.
    async fn past_counted(&self, filter: &Filter, days: &[NaiveDate]) -> Result<Vec<PastDay>, StoreError> {
        use past_tally::Column::{AtRisk, Clock, Day, Kind, LeadId, OnTime, Over60, UpTo15, UpTo30, UpTo60};
        let counter = |column| Expr::col((past_tally::Entity, column));
        let of_filter = Condition::all()
            .add(counter(Day).equals((snapshot::Entity, snapshot::Column::Day)))
            .add(Clock.eq(clock_word(filter.clock)))
            .add_option(filter.kind.map(|kind| Kind.eq(<&str>::from(kind))))
            .add_option(filter.leads.as_ref().map(|units| LeadId.is_in(units.iter().map(|unit| unit.0))))
            .add_option(filter.unrouted.then(|| LeadId.eq(Uuid::nil())));
        let mut select = common::<snapshot::Entity>()
            .filter(snapshot::Column::Day.is_in(days.iter().copied()))
            .select_only()
            .columns([snapshot::Column::Day, snapshot::Column::Counted])
            .column_as(mark("past_tally"), "mark")
            .column_as(counter(UpTo15).sum(), "up_to15")
            .column_as(counter(UpTo30).sum(), "up_to30")
            .column_as(counter(UpTo60).sum(), "up_to60")
            .column_as(counter(Over60).sum(), "over60")
            .column_as(counter(AtRisk).sum(), "at_risk")
            .column_as(counter(OnTime).sum(), "on_time")
            .group_by(snapshot::Column::Day);
        QuerySelect::query(&mut select).left_join(Alias::new(past_tally::Entity.to_string()), of_filter);
        Ok(select.into_model().all(&self.db).await?)
    }

    /// The same, at the cost of what was open.
    async fn past_by_row(&self, filter: &Filter, days: &[NaiveDate]) -> Result<Vec<PastGroup>, StoreError> {
        let Some(first) = days.iter().min() else { return Ok(Vec::new()) };
        let due = due_column(filter.clock);
        let day = || Expr::col((snapshot::Entity, snapshot::Column::Day));
        let span = |column| Expr::col((snapshot_span::Entity, column));
        let holds = span(snapshot_span::Column::FirstOn)
            .lte(day())
            .and(span(snapshot_span::Column::LastOn).gte(day()));
        let leads = Past {
            day: *first,
            leads: filter.leads.clone(),
            unrouted: filter.unrouted,
            due: None,
            at_risk: false,
        };
        let dossiers = Condition::all()
            .add_option(filter.kind.map(|kind| Expr::col(dossier::Column::Kind).eq(<&str>::from(kind))))
            .add_option(filter.reserved.then(|| Expr::col(dossier::Column::CompartmentId).is_not_null()));
        let of_these = (!dossiers.is_empty()).then(|| {
            let dossiers = Query::select()
                .column(dossier::Column::Id)
                .from(Alias::new(dossier::Entity.to_string()))
                .cond_where(dossiers)
                .take();
            snapshot_span::Column::DossierId.in_subquery(dossiers)
        });
        let mut spans = scoped::<snapshot_span::Entity>(&self.scope)
            .filter(snapshot_span::Column::LastOn.gte(*first))
            .filter(leads.condition(filter.clock))
            .filter(Condition::all().add_option(of_these))
            .select_only()
            .column_as(day(), "day")
            .column_as(due, "due_on")
            .column_as(snapshot_span::Column::AtRisk, "at_risk")
            .column_as(snapshot_span::Column::DossierId.count(), "number")
            .group_by(day())
            .group_by(due)
            .group_by(snapshot_span::Column::AtRisk);
        let wanted = snapshot::Column::Day.is_in(days.iter().copied());
        QuerySelect::query(&mut spans)
            .inner_join(Alias::new(snapshot::Entity.to_string()), holds.and(wanted));
        let rows: Vec<Row> = spans.into_model().all(&self.db).await?;
        let group = |row: Row| {
            let late = AgeClass::of((row.day - row.due_on).num_days());
            let at_risk = late.is_none() && row.at_risk && row.due_on < NEVER;
            PastGroup { day: row.day, late, at_risk, number: positive(row.number) }
        };
        Ok(rows.into_iter().map(group).collect())
    }
}

impl UnitOfWork {
    /// Counts the snapshots taken since a day that are not counted yet, and forgets the counters of those before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_snapshots(&self, since: NaiveDate) -> Result<(), StoreError> {
        if self.tx.get_database_backend() == DbBackend::Postgres {
            self.run_all(&[LOCK]).await?;
        }
        let to_count = format!("NOT counted AND day >= '{since}'");
        let before = format!("day < '{since}'");
        self.run_all(&[
            &format!(
                "INSERT INTO past_tally ({COLUMNS}) {COUNT} WHERE {to_count} GROUP BY clock, day, lead_id, kind"
            ),
            &format!("UPDATE snapshot SET counted = TRUE WHERE {to_count}"),
            &format!("DELETE FROM past_tally WHERE {before}"),
            &format!("UPDATE snapshot SET counted = FALSE WHERE counted AND {before}"),
        ])
        .await
    }
}

impl Store {
    /// How many counters of past days are not what a recount gives.
    pub(crate) async fn wrong_past_counters(&self) -> Result<u64, StoreError> {
        let days = common::<snapshot::Entity>()
            .filter(Expr::col(snapshot::Column::Counted))
            .order_by_asc(snapshot::Column::Day);
        let mut wrong = 0_u64;
        for counted in days.all(&self.db).await? {
            let faults = self.counted(WRONG.replace("{day}", &format!("'{}'", counted.day))).await?;
            wrong = wrong.saturating_add(faults);
        }
        Ok(wrong)
    }
}
