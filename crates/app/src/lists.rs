//! Reading: lists, one dossier, its journal, what is late.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use pli_domain::actor::Who;
use pli_domain::deadline::{AgeClass, Term, Timeliness};
use pli_domain::delay::plan::{Milestone, Plan};
use pli_domain::delay::{Clock, Delays};
use pli_domain::dossier::{Dossier, Kind, Stage};
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::{DigestId, DossierId, GovernmentChangeId, MemberId, UnitId, UserId};
use pli_domain::organisation::Organisation;
use pli_domain::published::PublishedQuestion;
use pli_domain::time::Timestamp;
use pli_persistence::{Asked, Filter, Past, Reader, Risk};
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::signature::awaiting;
use crate::{App, Caller, DueDay, Error, Length, Line, Page, Position, Published, PublishedFilter, Sheet};

/// The most that a page may hold.
pub(crate) const PAGE: u64 = 100;

/// Which dossiers are listed, in the words of the office. Each part that is given narrows the list.
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct List {
    /// Open or closed ones.
    pub open: Option<bool>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// At one stage.
    pub stage: Option<Stage>,
    /// Led by a unit or by one below it.
    pub unit: Option<UnitId>,
    /// Not led by any unit yet.
    pub unrouted: bool,
    /// On which clock it is due, and so in which order the list stands; each dossier's own term when `None`.
    pub clock: Option<Clock>,
    /// Late today.
    pub late: Option<Late>,
    /// Not late yet, but the latest date of its present stage has passed.
    pub at_risk: bool,
    /// Due between two days, both included.
    pub due: Option<(NaiveDate, NaiveDate)>,
    /// An acknowledgement is still to be sent.
    pub to_acknowledge: bool,
    /// More time was asked for, and nobody has decided.
    pub to_decide: bool,
    /// Refused by the unit that was to lead it, and led by none since.
    pub declined: bool,
    /// Questions that a group's president has signalled.
    pub signalled: bool,
    /// Reserved to compartments in which the person who asks is named.
    pub reserved: bool,
    /// Letters that somebody brought again lately, and that were not registered twice.
    pub presented: bool,
    /// Made from this instant on.
    pub since: Option<Timestamp>,
    /// Questions put in the chamber between two days, both included.
    pub sitting: Option<(NaiveDate, NaiveDate)>,
    /// Opened by a run of an import.
    pub import: Option<u32>,
    /// Moved by a change of government.
    pub government: Option<GovernmentChangeId>,
    /// Named in a message of reminders.
    pub message: Option<DigestId>,
    /// Received in one year.
    pub year: Option<i32>,
    /// Answered in time, or late.
    pub answered: Option<Timeliness>,
    /// Closed, and not answered.
    pub unanswered: bool,
    /// Received between two days, both included: of a question, published.
    pub received: Option<(NaiveDate, NaiveDate)>,
    /// By whom, and how, a question was put.
    pub asked: Asked,
    /// Written or put by one member of Parliament.
    pub member: Option<MemberId>,
    /// Closed between two days, both included.
    pub closed: Option<(NaiveDate, NaiveDate)>,
    /// Open on a past day of which a snapshot is kept. Lead unit, term, lateness and risk are then those of that day; what
    /// else is asked is of today.
    pub as_of: Option<NaiveDate>,
    /// Waiting for the approval or the signature of the person who asks.
    pub awaiting_me: bool,
    /// Whose reference, sender, subject or texts hold these words: see [`pli_domain::search::Query`].
    pub words: Option<String>,
}

/// How late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// By any number of days.
    Any,
    /// Within one class.
    Class(AgeClass),
}

impl List {
    /// Only what is open is late, at risk, to be acknowledged or decided, or awaits another unit or a person; on a past day
    /// what was late or at risk may be closed by now.
    #[must_use]
    pub fn of_open(&self) -> bool {
        let late = self.as_of.is_none() && (self.late.is_some() || self.at_risk);
        let awaited = self.to_acknowledge || self.to_decide || self.awaiting_me;
        late || awaited || self.declined || self.presented
    }

    /// Where a dossier stands in this list.
    #[must_use]
    pub fn position(&self, sheet: &Sheet) -> Position {
        Position::of(sheet, self.clock)
    }

    /// The term of a dossier on the clock of this list.
    #[must_use]
    pub fn term(&self, dossier: &Dossier) -> Term {
        self.clock.map_or_else(|| dossier.term(), |clock| dossier.clock_term(clock))
    }

    /// The unit under which a lead unit is counted: its direction, or the one unit that is looked at within it.
    pub(crate) fn row_of(&self, lead: UnitId, organisation: &Organisation) -> UnitId {
        let direction = organisation.branch(lead);
        self.unit.filter(|unit| organisation.path(*unit).contains(&direction)).unwrap_or(direction)
    }

    pub(crate) fn filter(&self, caller: &Caller, today: NaiveDate) -> Filter {
        let leads = self.unit.map(|unit| caller.organisation.subtree(unit));
        let filter = Filter {
            open: if self.of_open() { Some(true) } else { self.open },
            kind: self.kind,
            stages: self.stage.into_iter().collect(),
            clock: self.clock,
            acknowledge: self.to_acknowledge,
            to_decide: self.to_decide,
            declined: self.declined,
            signalled: self.signalled,
            reserved: self.reserved,
            presented: self.presented.then(|| lately(today)),
            since: self.since,
            sitting: self.sitting,
            import: self.import,
            government: self.government,
            digest: self.message,
            received: self.received.or(self.year.map(year)),
            answered: self.answered,
            unanswered: self.unanswered,
            asked: self.asked.clone(),
            member: self.member,
            closed: self.closed,
            awaiting: self.awaiting_me.then(|| awaiting(caller)),
            words: self.words.clone().filter(|words| !words.trim().is_empty()),
            ..Filter::default()
        };
        let (unrouted, at_risk) = (self.unrouted, self.at_risk);
        let Some(day) = self.as_of else {
            let risk = at_risk.then(|| risks(&caller.delays, today));
            let branch = self.unit.filter(|unit| caller.organisation.is_branch(*unit));
            return Filter { leads, branch, unrouted, due: self.due_on(today), risk, ..filter };
        };
        let past = Past { day, leads, unrouted, due: self.due_on(day), at_risk };
        Filter { past: Some(past), ..filter }
    }

    /// Between which days its dossiers were or are due, seen from a day.
    fn due_on(&self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let late = self.late.map(|late| match late {
            Late::Any => (NaiveDate::MIN, day.checked_sub_days(Days::new(1)).unwrap_or(NaiveDate::MIN)),
            Late::Class(class) => class.due_between(day),
        });
        // What is at risk is not late yet.
        let early = self.at_risk.then_some((day, LAST));
        let due = [late, early, self.due].into_iter().flatten();
        due.reduce(|(from, to), (first, last)| (from.max(first), to.min(last)))
    }
}

/// From when on something has happened lately: seven days.
fn lately(today: NaiveDate) -> Timestamp {
    let from = today.checked_sub_days(Days::new(7)).unwrap_or(today);
    Timestamp::new(from.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// The last day that anything is due; what is never due comes after.
const LAST: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 30) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// The due dates that are at risk today, by plan and stage: what [`pli_domain::dossier::Dossier::is_at_risk`] says, turned
/// round for the database.
pub(crate) fn risks(delays: &Delays, today: NaiveDate) -> Vec<Risk> {
    let stages = |milestone| {
        Stage::OPEN.into_iter().filter(move |stage| stage.milestone() == Some(milestone)).collect::<Vec<_>>()
    };
    let risk = |plan: Plan, milestone: Milestone| Risk {
        plan,
        stages: stages(milestone),
        until: delays.risk_until(plan, milestone, today),
    };
    let of =
        |plan: &Plan| Milestone::VARIANTS.iter().map(|milestone| risk(*plan, *milestone)).collect::<Vec<_>>();
    Plan::VARIANTS.iter().flat_map(of).filter(|risk| risk.until >= today).collect()
}

/// The days of a year; a year that no database can be asked for has none.
fn year(year: i32) -> (NaiveDate, NaiveDate) {
    let known = (-4_712..=9_999).contains(&year);
    let day =
        |month, day| NaiveDate::from_ymd_opt(year, month, day).filter(|_| known).unwrap_or(NaiveDate::MAX);
    (day(1, 1), day(12, 31))
}

/// What is late, by direction and age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retards {
    /// A row for each direction with something late, in the order of the organisation; the unrouted ones first.
    pub rows: Vec<RetardsRow>,
    /// The day on which it is counted.
    pub today: NaiveDate,
    /// Which dossiers are counted, and on which clock.
    pub list: List,
}

/// A direction's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetardsRow {
    /// The direction; `None` for the dossiers not given to any unit.
    pub unit: Option<UnitId>,
    /// How many in each class.
    pub counts: BTreeMap<AgeClass, u64>,
    /// Which dossiers are counted, and on which clock.
    pub list: List,
}

impl RetardsRow {
    /// How many in a class; every class when `None`.
    #[must_use]
    pub fn count(&self, class: Option<AgeClass>) -> u64 {
        match class {
            Some(class) => self.counts.get(&class).copied().unwrap_or(0),
            None => self.counts.values().sum(),
        }
    }

    /// The list behind a figure of this row.
    #[must_use]
    pub fn list(&self, class: Option<AgeClass>) -> List {
        List {
            unit: self.unit,
            unrouted: self.unit.is_none(),
            late: Some(class.map_or(Late::Any, Late::Class)),
            ..self.list.clone()
        }
    }
}

impl App {
    pub(crate) fn reader(&self, caller: &Caller) -> Reader {
        self.store.reader(caller.scope.clone()).on(caller.lease.as_ref())
    }

    /// What figures are read by: a replica will do, when it has all that was acknowledged when the caller came.
    pub(crate) async fn dashboards(&self, caller: &Caller) -> Reader {
        let reader = self.store.dashboards(caller.scope.clone(), caller.moment.as_ref()).await;
        reader.on(caller.lease.as_ref())
    }

    /// A page of a list, first due first; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn dossiers(
        &self,
        caller: &Caller,
        list: &List,
        after: Option<Position>,
        size: u64,
    ) -> Result<Page<Sheet>, Error> {
        let filter = list.filter(caller, self.today());
        Ok(self.reader(caller).dossiers(&filter, after, size.min(PAGE)).await?)
    }

    /// How many dossiers a list holds.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn count(&self, caller: &Caller, list: &List) -> Result<u64, Error> {
        let filter = list.filter(caller, self.today());
        Ok(self.dashboards(caller).await.count(&filter).await?)
    }

    /// How long a list is, as far as one counts: what a page says above it.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn length(&self, caller: &Caller, list: &List) -> Result<Length, Error> {
        Ok(self.dashboards(caller).await.length(&list.filter(caller, self.today())).await?)
    }

    /// One dossier; `None` out of scope.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn dossier(&self, caller: &Caller, id: DossierId) -> Result<Option<Sheet>, Error> {
        let found = self.reader(caller).dossier(id).await?;
        self.opened(caller, found.as_slice()).await?;
        Ok(found)
    }

    /// Some dossiers, in no order; those out of scope are left out.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn some_dossiers(&self, caller: &Caller, ids: &[DossierId]) -> Result<Vec<Sheet>, Error> {
        Ok(self.reader(caller).some(ids).await?)
    }

    /// One dossier by its reference; `None` out of scope.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn dossier_by_reference(
        &self,
        caller: &Caller,
        reference: &str,
    ) -> Result<Option<Sheet>, Error> {
        // PostgreSQL cannot even be asked for the character zero.
        let reference = reference.trim().replace('\0', "");
        let found = self.reader(caller).by_reference(&reference).await?;
        self.opened(caller, found.as_slice()).await?;
        Ok(found)
    }

    /// The text of a dossier's current draft.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn draft(&self, caller: &Caller, sheet: &Sheet) -> Result<Option<String>, Error> {
        let Some(draft) = &sheet.dossier.draft else { return Ok(None) };
        let mut texts = self.drafts(caller, &[(sheet.dossier.id, draft.version)]).await?;
        Ok(texts.pop_first().map(|(_, text)| text))
    }

    /// The texts of some drafts, each by its dossier and version.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn drafts(
        &self,
        caller: &Caller,
        wanted: &[(DossierId, u32)],
    ) -> Result<BTreeMap<(DossierId, u32), String>, Error> {
        self.read_of(caller, &wanted.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
        Ok(self.reader(caller).drafts(wanted).await?)
    }

    /// A page of a dossier's journal, oldest first; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn journal(
        &self,
        caller: &Caller,
        id: DossierId,
        after: u32,
        size: u64,
    ) -> Result<Page<Line>, Error> {
        self.read_of(caller, &[id]).await?;
        Ok(self.reader(caller).journal(id, after, size.min(PAGE)).await?)
    }

    /// A person's name, when this process has seen it: it need not be asked for then.
    #[must_use]
    pub fn known_name(&self, person: UserId) -> Option<String> {
        self.store.known_name(person)
    }

    /// The names of those who acted.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn names(&self, who: impl IntoIterator<Item = Who>) -> Result<BTreeMap<UserId, String>, Error> {
        let people: BTreeSet<UserId> = who
            .into_iter()
            .filter_map(|who| match who {
                Who::User(id) => Some(id),
                Who::System(_) => None,
            })
            .collect();
        Ok(self.store.names(people).await?)
    }

    /// What is late of a list, on its clock, by direction and age.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn retards(&self, caller: &Caller, list: &List) -> Result<Retards, Error> {
        let today = self.today();
        let groups = self.dashboards(caller).await.late(&list.filter(caller, today), today).await?;
        let mut rows: BTreeMap<Option<UnitId>, BTreeMap<AgeClass, u64>> = BTreeMap::new();
        for group in groups {
            let unit = group.lead.map(|lead| list.row_of(lead, &caller.organisation));
            let count = rows.entry(unit).or_default().entry(group.class).or_default();
            *count = count.saturating_add(group.count);
        }
        let order = caller.organisation.in_order();
        let place = |row: &RetardsRow| order.iter().position(|unit| Some(unit.id) == row.unit);
        let mut rows: Vec<_> =
            rows.into_iter().map(|(unit, counts)| RetardsRow { unit, counts, list: list.clone() }).collect();
        rows.sort_by_key(place);
        Ok(Retards { rows, today, list: list.clone() })
    }

    /// The days on which something of a list is due, on its clock, with how many dossiers.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn due_days(&self, caller: &Caller, list: &List) -> Result<Vec<DueDay>, Error> {
        Ok(self.dashboards(caller).await.due_days(&list.filter(caller, self.today())).await?)
    }

    /// A page of the published questions, ours and others'; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn published_questions(
        &self,
        filter: &PublishedFilter,
        after: Option<&str>,
        size: u64,
    ) -> Result<Page<Published>, Error> {
        Ok(self.store.published_page(filter, after, size.min(PAGE)).await?)
    }

    /// What was published of a question.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn published(&self, identity: &QuestionIdentity) -> Result<Option<Published>, Error> {
        Ok(self.published_of(std::slice::from_ref(identity)).await?.remove(identity))
    }

    /// All that was published of a question: its texts, its ministries, its life in the Journal officiel. Public.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn published_record(
        &self,
        identity: &QuestionIdentity,
    ) -> Result<Option<PublishedQuestion>, Error> {
        Ok(self.published_records(std::slice::from_ref(identity)).await?.remove(identity))
    }

    /// The same, of some questions.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn published_records(
        &self,
        identities: &[QuestionIdentity],
    ) -> Result<BTreeMap<QuestionIdentity, PublishedQuestion>, Error> {
        Ok(self.store.published_records(identities).await?)
    }

    /// What was published of some questions.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn published_of(
        &self,
        identities: &[QuestionIdentity],
    ) -> Result<BTreeMap<QuestionIdentity, Published>, Error> {
        Ok(self.store.published(identities).await?)
    }
}
