//! How lateness goes: a snapshot each day, the trend that they draw, and how many answers came in time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Days, NaiveDate, TimeDelta};
use pli_domain::actor::Scope;
use pli_domain::deadline::{AgeClass, Timeliness};
use pli_domain::ids::UnitId;
use pli_persistence::{OpenDossier, PastGroup, Risk, SNAPSHOT_BATCH};

use crate::commands::run;
use crate::lists::risks;
use crate::{App, Caller, Error, Late, List};

/// How many weeks a trend shows, this one included.
const WEEKS: u64 = 12;

/// How many moves of the counters may wait before they are summed up.
const WAITING: u64 = 500;

/// Twelve weeks of a list, the present one last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// The first day of which a snapshot is kept; `None` when there is none yet.
    pub since: Option<NaiveDate>,
    /// The weeks, in order.
    pub weeks: Vec<Week>,
}

/// A week of a trend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub from: NaiveDate,
    /// Its Sunday, or today.
    pub to: NaiveDate,
    /// Its last snapshot, which says what was open, at risk and late; `None` when it has none.
    pub day: Option<NaiveDate>,
    late: BTreeMap<AgeClass, u64>,
    at_risk: u64,
    open: u64,
    in_time: u64,
    too_late: u64,
    list: List,
}

/// A figure of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Late on the day of the snapshot.
    Late(Late),
    /// At risk on that day.
    AtRisk,
    /// Open on that day.
    Open,
    /// Answered in the week.
    Answered(Timeliness),
}

impl Week {
    /// How many.
    #[must_use]
    pub fn count(&self, figure: Figure) -> u64 {
        match figure {
            Figure::Late(Late::Any) => self.late.values().sum(),
            Figure::Late(Late::Class(class)) => self.late.get(&class).copied().unwrap_or(0),
            Figure::AtRisk => self.at_risk,
            Figure::Open => self.open,
            Figure::Answered(Timeliness::InTime) => self.in_time,
            Figure::Answered(Timeliness::Late) => self.too_late,
        }
    }

    /// The list behind a figure; `None` when there is no figure, for want of a snapshot.
    #[must_use]
    pub fn list(&self, figure: Figure) -> Option<List> {
        let list = self.list.clone();
        let past = List { as_of: self.day, ..list.clone() };
        Some(match figure {
            Figure::Answered(timeliness) => {
                return Some(List { answered: Some(timeliness), closed: Some((self.from, self.to)), ..list });
            }
            _ if self.day.is_none() => return None,
            Figure::Late(late) => List { late: Some(late), ..past },
            Figure::AtRisk => List { at_risk: true, ..past },
            Figure::Open => past,
        })
    }

    fn answered(&mut self, timeliness: Timeliness) -> &mut u64 {
        match timeliness {
            Timeliness::InTime => &mut self.in_time,
            Timeliness::Late => &mut self.too_late,
        }
    }

    /// Adds what a snapshot says.
    fn add(&mut self, group: &PastGroup) {
        let add = |count: &mut u64| *count = count.saturating_add(group.number);
        add(&mut self.open);
        match group.late {
            Some(class) => add(self.late.entry(class).or_default()),
            None if group.at_risk => add(&mut self.at_risk),
            None => {}
        }
    }
}

/// Of the dossiers whose term fell in a period, how many were answered in time, by direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnTime {
    /// The first day of the period.
    pub from: NaiveDate,
    /// Its last day, which has passed.
    pub to: NaiveDate,
    /// A row for each direction that had a term in it, in the order of the organisation; the unrouted ones first.
    pub rows: Vec<OnTimeRow>,
    /// Which dossiers are counted, and on which clock.
    pub list: List,
}

/// A direction's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnTimeRow {
    /// The direction; `None` for the dossiers not given to any unit.
    pub unit: Option<UnitId>,
    /// How many were due, answered or not.
    pub due: u64,
    /// How many of them were answered in time.
    pub in_time: u64,
}

impl OnTime {
    /// All directions together.
    #[must_use]
    pub fn total(&self) -> OnTimeRow {
        let sum = |count: fn(&OnTimeRow) -> u64| self.rows.iter().map(count).sum();
        OnTimeRow { unit: None, due: sum(|row| row.due), in_time: sum(|row| row.in_time) }
    }

    /// The list behind a figure: what was due, or what of it was answered in time; of one row, or of all.
    #[must_use]
    pub fn list(&self, row: Option<&OnTimeRow>, in_time: bool) -> List {
        List {
            unit: row.map_or(self.list.unit, |row| row.unit),
            unrouted: row.is_some_and(|row| row.unit.is_none()),
            due: Some((self.from, self.to)),
            answered: in_time.then_some(Timeliness::InTime),
            ..self.list.clone()
        }
    }
}

/// The first day of the weeks that are shown.
fn first_shown(today: NaiveDate) -> NaiveDate {
    monday(today) - TimeDelta::weeks(WEEKS.saturating_sub(1).try_into().unwrap_or(0))
}

/// The Monday of a day's week.
fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(day.weekday().num_days_from_monday().into())
}

impl App {
    /// Takes the snapshot of today, if it was not taken yet, here or by another server. Whether it was.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn take_snapshot(&self) -> Result<bool, Error> {
        let today = self.today();
        if self.store.last_snapshot().await?.is_some_and(|last| last >= today) {
            return Ok(false);
        }
        let app = self.clone();
        run(move || app.clone().snapshot_once(today)).await
    }

    async fn snapshot_once(self, today: NaiveDate) -> Result<bool, Error> {
        let risks = risks(&self.store.settings().await?.delays, today);
        let uow = self.store.begin().await?;
        if !uow.claim_snapshot(today, self.clock.now()).await? {
            return Ok(false);
        }
        // Each once, whatever is done to it meanwhile.
        for some in uow.open_ids().await?.chunks(SNAPSHOT_BATCH) {
            let open = uow.open_dossiers(some).await?;
            let judged = |dossier| (dossier, at_risk(&dossier, today, &risks));
            uow.keep_snapshot(today, &open.into_iter().map(judged).collect::<Vec<_>>()).await?;
        }
        uow.end_closed(today).await?;
        uow.count_snapshots(first_shown(today)).await?;
        uow.commit().await?;
        Ok(true)
    }

    /// Whether a snapshot of that day is kept.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn has_snapshot(&self, day: NaiveDate) -> Result<bool, Error> {
        Ok(self.store.reader(Scope::ALL).snapshots(day, day).await?.days.contains(&day))
    }

    /// Puts in order what was written since that was done last: sums up what moved the counters, when enough has, and sorts new
    /// words into the index.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn tidy_up(&self) -> Result<(), Error> {
        self.store.fold_counters(WAITING).await?;
        Ok(self.store.sort_in_words().await?)
    }

    /// Twelve weeks of a list, of which its clock, kind and unit are looked at.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn trend(&self, caller: &Caller, list: &List) -> Result<Trend, Error> {
        let list = narrowed(list);
        let today = self.today();
        let first = first_shown(today);
        let reader = self.dashboards(caller).await;
        let snapshots = reader.snapshots(first, today).await?;
        let days = &snapshots.days;
        let mut weeks: Vec<Week> =
            (0..WEEKS).map(|week| empty(first + Days::new(7 * week), today, days, &list)).collect();
        let filter = list.filter(caller, today);
        let last_days: Vec<_> = weeks.iter().filter_map(|week| week.day).collect();
        for group in reader.past(&filter, &snapshots, &last_days).await? {
            if let Some(week) = weeks.iter_mut().find(|week| week.day == Some(group.day)) {
                week.add(&group);
            }
        }
        let shown: Vec<_> = weeks.iter().map(|week| (week.from, week.to)).collect();
        for group in reader.answered_between(&filter, &shown).await? {
            let Some(week) = weeks.get_mut(group.period) else { continue };
            let count = week.answered(group.timeliness);
            *count = count.saturating_add(group.number);
        }
        Ok(Trend { since: days.first().copied(), weeks })
    }

    /// Of the dossiers of a list whose term fell in each of some periods, how many were answered in time. A period ends
    /// yesterday at the latest: whoever has until this evening is neither in time nor late. Of the list, its clock, kind and
    /// unit are looked at.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn on_time<const N: usize>(
        &self,
        caller: &Caller,
        list: &List,
        periods: [(NaiveDate, NaiveDate); N],
    ) -> Result<[OnTime; N], Error> {
        let (list, today) = (narrowed(list), self.today());
        let periods = periods.map(|(from, to)| (from, to.min(today - Days::new(1))));
        let mut rows: BTreeMap<(usize, Option<UnitId>), OnTimeRow> = BTreeMap::new();
        for group in self.dashboards(caller).await.due_between(&list.filter(caller, today), &periods).await? {
            let unit = group.lead.map(|lead| list.row_of(lead, &caller.organisation));
            let row = rows.entry((group.period, unit)).or_insert(OnTimeRow { unit, due: 0, in_time: 0 });
            row.due = row.due.saturating_add(group.due);
            row.in_time = row.in_time.saturating_add(group.in_time);
        }
        let mut found = periods.map(|(from, to)| OnTime { from, to, rows: Vec::new(), list: list.clone() });
        for ((period, _), row) in rows {
            if let Some(found) = found.get_mut(period) {
                found.rows.push(row);
            }
        }
        let order = caller.organisation.in_order();
        for found in &mut found {
            found.rows.sort_by_key(|row| order.iter().position(|unit| Some(unit.id) == row.unit));
        }
        Ok(found)
    }

    /// The twelve weeks that end yesterday, and this year until yesterday.
    #[must_use]
    pub fn periods(&self) -> [(NaiveDate, NaiveDate); 2] {
        let today = self.today();
        let yesterday = today - Days::new(1);
        let year = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
        [(today - Days::new(7 * WEEKS), yesterday), (year, yesterday)]
    }
}

/// What of a list a trend looks at.
fn narrowed(list: &List) -> List {
    List { clock: list.clock, kind: list.kind, unit: list.unit, unrouted: list.unrouted, ..List::default() }
}

/// A week of which nothing is counted yet.
fn empty(from: NaiveDate, today: NaiveDate, snapshots: &BTreeSet<NaiveDate>, list: &List) -> Week {
    let to = (from + Days::new(6)).min(today);
    Week {
        from,
        to,
        day: snapshots.range(from..=to).next_back().copied(),
        late: BTreeMap::new(),
        at_risk: 0,
        open: 0,
        in_time: 0,
        too_late: 0,
        list: list.clone(),
    }
}

/// What the list of those at risk asks of the database, asked of one dossier.
fn at_risk(dossier: &OpenDossier, today: NaiveDate, risks: &[Risk]) -> bool {
    let this = |risk: &Risk| {
        risk.plan == dossier.plan && risk.stages.contains(&dossier.stage) && dossier.due_on <= risk.until
    };
    dossier.due_on >= today && risks.iter().any(this)
}
