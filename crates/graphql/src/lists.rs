//! Lists by pages (Relay connections).

use async_graphql::connection::PageInfo;
use async_graphql::{ComplexObject, Context, ID, InputObject, OutputType, SimpleObject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use pli_app::{Asked, JournalPlace, Late, List, Page, Position};
use pli_domain::ids::DossierId;
use pli_domain::time::Timestamp;

use crate::account::Access;
use crate::batches::Batch;
use crate::compartments::Reading;
use crate::discrepancies::Discrepancy;
use crate::dossier::Dossier;
use crate::eliminations::Elimination;
use crate::enums::{AgeClass, Clock, House, Kind, Outcome, QuestionType, Stage, Timeliness};
use crate::error::{GqlError, Result};
use crate::government::ConcernedQuestion;
use crate::ids::{app, caller, government_change_id, member_id, run_number, unit_id};
use crate::imports::ImportRun;
use crate::journal::JournalEntry;
use crate::members::Member;
use crate::parts::DraftVersion;
use crate::published::PublishedQuestion;
use crate::search::FoundDossier;
use crate::settings::{Person, SettingsEntry};

/// An item of a list and its place.
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "AccessEdge", params(Access)),
    concrete(name = "BatchEdge", params(Batch)),
    concrete(name = "ConcernedQuestionEdge", params(ConcernedQuestion)),
    concrete(name = "DiscrepancyEdge", params(Discrepancy)),
    concrete(name = "DossierEdge", params(Dossier)),
    concrete(name = "DraftVersionEdge", params(DraftVersion)),
    concrete(name = "EliminationEdge", params(Elimination)),
    concrete(name = "ImportRunEdge", params(ImportRun)),
    concrete(name = "JournalEdge", params(JournalEntry)),
    concrete(name = "MemberEdge", params(Member)),
    concrete(name = "PersonEdge", params(Person)),
    concrete(name = "PublishedQuestionEdge", params(PublishedQuestion)),
    concrete(name = "ReadingEdge", params(Reading)),
    concrete(name = "SearchEdge", params(FoundDossier)),
    concrete(name = "SettingsEdge", params(SettingsEntry))
)]
pub(crate) struct Edge<T: OutputType> {
    /// The item.
    node: T,
    /// Its place: give it as `after` to go on from here.
    cursor: String,
}

type AccessEdge = Edge<Access>;
type BatchEdge = Edge<Batch>;
type ConcernedQuestionEdge = Edge<ConcernedQuestion>;
type DiscrepancyEdge = Edge<Discrepancy>;
type DossierEdge = Edge<Dossier>;
type DraftVersionEdge = Edge<DraftVersion>;
type EliminationEdge = Edge<Elimination>;
type ImportRunEdge = Edge<ImportRun>;
type JournalEdge = Edge<JournalEntry>;
type MemberEdge = Edge<Member>;
type PersonEdge = Edge<Person>;
type PublishedQuestionEdge = Edge<PublishedQuestion>;
type ReadingEdge = Edge<Reading>;
type SettingsEdge = Edge<SettingsEntry>;

/// A page of a list, after Relay (the library's own connection cannot be described).
#[derive(SimpleObject)]
#[graphql(
    concrete(name = "AccessConnection", params(AccessEdge)),
    concrete(name = "BatchConnection", params(BatchEdge)),
    concrete(name = "ConcernedQuestionConnection", params(ConcernedQuestionEdge)),
    concrete(name = "ReadingConnection", params(ReadingEdge)),
    concrete(name = "DiscrepancyConnection", params(DiscrepancyEdge)),
    concrete(name = "DossierPage", params(DossierEdge)),
    concrete(name = "DraftVersionConnection", params(DraftVersionEdge)),
    concrete(name = "EliminationConnection", params(EliminationEdge)),
    concrete(name = "ImportRunConnection", params(ImportRunEdge)),
    concrete(name = "JournalConnection", params(JournalEdge)),
    concrete(name = "MemberConnection", params(MemberEdge)),
    concrete(name = "PersonConnection", params(PersonEdge)),
    concrete(name = "PublishedQuestionConnection", params(PublishedQuestionEdge)),
    concrete(name = "SettingsConnection", params(SettingsEdge))
)]
pub(crate) struct Connection<E: OutputType> {
    /// The items, each with its place.
    pub(crate) edges: Vec<E>,
    /// Whether there is more.
    pub(crate) page_info: PageInfo,
}

impl<T: OutputType> Connection<Edge<T>>
where
    Edge<T>: OutputType,
{
    /// A page; `later`: whether others came before it, `more`: whether others follow.
    pub(crate) fn new(items: impl Iterator<Item = (String, T)>, later: bool, more: bool) -> Self {
        let edges: Vec<_> = items.map(|(cursor, node)| Edge { node, cursor }).collect();
        let page_info = PageInfo {
            has_previous_page: later,
            has_next_page: more,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { edges, page_info }
    }
}

/// A page of a list of dossiers.
#[derive(SimpleObject)]
#[graphql(complex, name = "DossierConnection")]
pub(crate) struct Dossiers {
    /// The dossiers, each with its place.
    edges: Vec<Edge<Dossier>>,
    /// Whether there is more.
    page_info: PageInfo,
    #[graphql(skip)]
    list: List,
}

#[ComplexObject]
impl Dossiers {
    /// How many dossiers the whole list holds; counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64> {
        Ok(app(ctx)?.count(caller(ctx)?, &self.list).await?)
    }
}

/// Which dossiers; each field that is given narrows the list.
#[derive(InputObject, Default)]
pub(crate) struct DossierFilter {
    /// Open or closed ones.
    open: Option<bool>,
    /// Letters or questions.
    kind: Option<Kind>,
    /// At one stage.
    stage: Option<Stage>,
    /// Closed in this way.
    outcome: Option<Outcome>,
    /// Led by this unit or by one below it.
    unit: Option<ID>,
    /// Not given to any unit.
    unrouted: Option<bool>,
    /// On which clock it is due, and so in which order the list stands; each dossier's own term when absent.
    clock: Option<Clock>,
    /// Late today.
    late: Option<bool>,
    /// Late today, within one class of age.
    age_class: Option<AgeClass>,
    /// Not late yet, but the latest date of the present stage has passed.
    at_risk: Option<bool>,
    /// Due from this day on.
    due_from: Option<NaiveDate>,
    /// Due up to this day.
    due_to: Option<NaiveDate>,
    /// An acknowledgement is still to be sent.
    to_acknowledge: Option<bool>,
    /// Answered in time, or late, on the clock of the list.
    answered: Option<Timeliness>,
    /// Closed from this day on.
    closed_from: Option<NaiveDate>,
    /// Closed up to this day.
    closed_to: Option<NaiveDate>,
    /// Open on this past day, of which a snapshot is kept. Unit, lateness, risk and due dates are then those of that day;
    /// what else is asked is of today, and so is what may be read.
    as_of: Option<NaiveDate>,
    /// More time was asked for, and nobody has decided.
    to_decide: Option<bool>,
    /// Refused by the unit that was to lead it, and led by none since.
    declined: Option<bool>,
    /// Questions that a group's president has signalled.
    signalled: Option<bool>,
    /// Letters that somebody brought again in the last seven days, and that were not registered twice.
    presented: Option<bool>,
    /// Made from this instant on.
    since: Option<DateTime<Utc>>,
    /// Questions put in the chamber from this day on.
    sitting_from: Option<NaiveDate>,
    /// Questions put in the chamber up to this day.
    sitting_to: Option<NaiveDate>,
    /// Opened by this run of an import.
    import_run: Option<ID>,
    /// Moved by this change of government.
    government_change: Option<ID>,
    /// Received in this year.
    received_in: Option<i32>,
    /// Waiting for the approval or the signature of the person who asks.
    awaiting_me: Option<bool>,
    /// Received from this day on: of a question, published.
    received_from: Option<NaiveDate>,
    /// Received up to this day.
    received_to: Option<NaiveDate>,
    /// Closed, and not answered.
    unanswered: Option<bool>,
    /// Whether only those that are reserved to compartments in which you are named.
    reserved: Option<bool>,
    /// Questions of one house.
    house: Option<House>,
    /// Questions of one type.
    question_type: Option<QuestionType>,
    /// Questions whose author's group is published so; empty for those whose group is not known.
    group: Option<String>,
    /// Written or put by this member of Parliament.
    member: Option<ID>,
    /// Whose reference, sender, subject or texts hold these words, as in `search`.
    words: Option<String>,
}

/// The last day that a database can be asked for.
const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

impl DossierFilter {
    pub(crate) fn list(self) -> Result<List> {
        let closed = self.stage == Some(Stage::Closed);
        Ok(List {
            open: if closed { Some(false) } else { self.open },
            kind: self.kind.map(Kind::into),
            stage: match self.outcome {
                Some(outcome) => Some(pli_domain::dossier::Stage::Closed(outcome.into())),
                None => self.stage.and_then(Stage::open),
            },
            unit: self.unit.as_ref().map(unit_id).transpose()?,
            unrouted: self.unrouted.unwrap_or_default(),
            late: match self.age_class {
                Some(class) => Some(Late::Class(class.into())),
                None => self.late.unwrap_or_default().then_some(Late::Any),
            },
            clock: self.clock.map(Clock::into),
            at_risk: self.at_risk.unwrap_or_default(),
            due: period(self.due_from, self.due_to),
            to_acknowledge: self.to_acknowledge.unwrap_or_default(),
            to_decide: self.to_decide.unwrap_or_default(),
            declined: self.declined.unwrap_or_default(),
            signalled: self.signalled.unwrap_or_default(),
            presented: self.presented.unwrap_or_default(),
            since: self.since.map(Timestamp::new),
            sitting: period(self.sitting_from, self.sitting_to),
            import: self.import_run.as_ref().map(run_number).transpose()?,
            government: self.government_change.as_ref().map(government_change_id).transpose()?,
            message: None,
            year: self.received_in,
            answered: self.answered.map(Timeliness::into),
            unanswered: self.unanswered.unwrap_or_default(),
            reserved: self.reserved.unwrap_or_default(),
            received: period(self.received_from, self.received_to),
            asked: Asked {
                house: self.house.map(House::into),
                kind: self.question_type.map(QuestionType::into),
                group: self.group,
            },
            member: self.member.as_ref().map(member_id).transpose()?,
            closed: period(self.closed_from, self.closed_to),
            as_of: self.as_of,
            awaiting_me: self.awaiting_me.unwrap_or_default(),
            words: self.words,
        })
    }
}

/// From a day on, or up to one, or both.
fn period(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Option<(NaiveDate, NaiveDate)> {
    let given = from.is_some() || to.is_some();
    given.then(|| (from.unwrap_or(NaiveDate::MIN), to.unwrap_or(LAST_DAY)))
}

/// The page of a filtered list.
pub(crate) async fn filtered(
    ctx: &Context<'_>,
    filter: Option<DossierFilter>,
    first: u8,
    after: Option<String>,
) -> Result<Dossiers> {
    page(ctx, filter.unwrap_or_default().list()?, first, after).await
}

/// A page of a list.
pub(crate) async fn page(
    ctx: &Context<'_>,
    list: List,
    first: u8,
    after: Option<String>,
) -> Result<Dossiers> {
    let after = after.as_deref().map(read_position).transpose()?;
    let Page { items, more } = app(ctx)?.dossiers(caller(ctx)?, &list, after, first.into()).await?;
    let items = items.into_iter().map(|sheet| (write_position(list.position(&sheet)), sheet.into()));
    let items: Vec<_> = items.collect();
    let Connection { edges, page_info } = Connection::new(items.into_iter(), after.is_some(), more);
    Ok(Dossiers { edges, page_info, list })
}

/// A page of a dossier's journal.
pub(crate) async fn journal_page(
    ctx: &Context<'_>,
    id: DossierId,
    first: u8,
    after: Option<String>,
) -> Result<Connection<Edge<JournalEntry>>> {
    let after = after.map(|cursor| cursor.parse().map_err(|_| bad_cursor())).transpose()?;
    let Page { items, more } = app(ctx)?.journal(caller(ctx)?, id, after.unwrap_or(0), first.into()).await?;
    let items = items.into_iter().map(|line| (line.entry.seq.to_string(), JournalEntry(line)));
    Ok(Connection::new(items, after.is_some(), more))
}

/// A page of the versions of a dossier's answer.
pub(crate) async fn draft_versions_page(
    ctx: &Context<'_>,
    id: DossierId,
    first: u8,
    after: Option<String>,
) -> Result<Connection<Edge<DraftVersion>>> {
    let before = after.map(|cursor| cursor.parse().map_err(|_| bad_cursor())).transpose()?;
    let Page { items, more } = app(ctx)?.draft_versions(caller(ctx)?, id, before, first.into()).await?;
    let items =
        items.into_iter().map(|version| (version.version.to_string(), DraftVersion { dossier: id, version }));
    Ok(Connection::new(items, before.is_some(), more))
}

pub(crate) fn write_place(place: JournalPlace) -> String {
    let micros = place.at.instant().timestamp_micros();
    URL_SAFE_NO_PAD.encode(format!("{micros}|{}|{}", place.dossier, place.seq))
}

pub(crate) fn read_place(cursor: &str) -> Result<JournalPlace> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (at, rest) = read_instant(&text)?;
        let (dossier, seq) = rest.split_once('|')?;
        Some(JournalPlace { at, dossier: dossier.parse().ok()?, seq: seq.parse().ok()? })
    };
    read().ok_or_else(bad_cursor)
}

/// A place among the openings of a compartment: the same three parts, a person's in the place of a number.
pub(crate) fn write_reading(reading: pli_app::Reading) -> String {
    let micros = reading.at.instant().timestamp_micros();
    URL_SAFE_NO_PAD.encode(format!("{micros}|{}|{}", reading.dossier, reading.by))
}

pub(crate) fn read_reading(cursor: &str) -> Result<pli_app::Reading> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (at, rest) = read_instant(&text)?;
        let (dossier, by) = rest.split_once('|')?;
        Some(pli_app::Reading { at, dossier: dossier.parse().ok()?, by: by.parse().ok()? })
    };
    read().ok_or_else(bad_cursor)
}

/// The instant at the beginning of a place, and the rest.
pub(crate) fn read_instant(text: &str) -> Option<(Timestamp, &str)> {
    let (micros, rest) = text.split_once('|')?;
    // A year that no database can be asked for is no place of ours.
    let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    let at = Some(Timestamp::new(at)).filter(|_| (1..=9999).contains(&at.year()))?;
    Some((at, rest))
}

pub(crate) fn write_position(position: Position) -> String {
    write_cursor(position.due_on, position.id)
}

pub(crate) fn read_position(cursor: &str) -> Result<Position> {
    let (due_on, id) = read_cursor(cursor)?;
    Ok(Position { due_on, id })
}

/// A place in a list that stands in the order of a day.
pub(crate) fn write_cursor(day: NaiveDate, id: DossierId) -> String {
    URL_SAFE_NO_PAD.encode(format!("{day}|{id}"))
}

/// What [`write_cursor`] wrote.
pub(crate) fn read_cursor(cursor: &str) -> Result<(NaiveDate, DossierId)> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
    let text = String::from_utf8(bytes).map_err(|_| bad_cursor())?;
    let (day, id) = text.split_once('|').ok_or_else(bad_cursor)?;
    Ok((day.parse().map_err(|_| bad_cursor())?, id.parse().map_err(|_| bad_cursor())?))
}

pub(crate) fn bad_cursor() -> GqlError {
    GqlError::bad_input("Curseur illisible : reprenez celui que l’API a donné.")
}
