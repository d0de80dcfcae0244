//! Reading dossiers: a list by pages, one by its name, its draft. Every read is within the scope.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::deadline::Timeliness;
use pli_domain::delay::Clock;
use pli_domain::delay::plan::Plan;
use pli_domain::dossier::{Kind, Outcome, Stage};
use pli_domain::ids::{DigestId, DossierId, GovernmentChangeId, MemberId, UnitId};
use pli_domain::search;
use pli_domain::time::Timestamp;
use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbBackend, DbErr, FromQueryResult, Iden, PaginatorTrait,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, Select,
};
use uuid::Uuid;

use crate::convert::{NEVER, Rows, count, small};
use crate::dossiers::Sheet;
use crate::entity::{
    assignment, attachment, deadline, digest_item, dossier, draft, journal, mail, note, question,
};
use crate::government::moved_by;
use crate::import_runs::opened_by;
use crate::members::written_by;
use crate::search::matching;
use crate::select::{Scoped, scoped};
use crate::{Asked, Awaiting, Past, StoreError};

/// Reads what a scope allows.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(crate) db: DatabaseConnection,
    pub(crate) scope: Scope,
}

/// Which dossiers. Each part that is given narrows the list.
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Open or closed ones.
    pub open: Option<bool>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// At one of these stages.
    pub stages: Vec<Stage>,
    /// Led by one of these units.
    pub leads: Option<BTreeSet<UnitId>>,
    /// Not led by any unit yet.
    pub unrouted: bool,
    /// On which clock it is due, and so in which order the list stands; the dossier's own term when `None`.
    pub clock: Option<Clock>,
    /// Due between two days, both included.
    pub due: Option<(NaiveDate, NaiveDate)>,
    /// At risk: on one of these plans, at one of these stages, due up to that day.
    pub risk: Option<Vec<Risk>>,
    /// Whose acknowledgement is due between two days, both included.
    pub acknowledge: Option<(NaiveDate, NaiveDate)>,
    /// For which more time was asked, and nobody has decided.
    pub to_decide: bool,
    /// Whose lead unit declined, and which no unit leads since.
    pub declined: bool,
    /// Questions that were signalled.
    pub signalled: bool,
    /// That are reserved.
    pub reserved: bool,
    /// Letters that were presented again from this instant on, and not registered twice.
    pub presented: Option<Timestamp>,
    /// Made from this instant on.
    pub since: Option<Timestamp>,
    /// Questions put in the chamber between two days, both included.
    pub sitting: Option<(NaiveDate, NaiveDate)>,
    /// Opened by this run of an import.
    pub import: Option<u32>,
    /// Moved by this change of government.
    pub government: Option<GovernmentChangeId>,
    /// Named in this message.
    pub digest: Option<DigestId>,
    /// Received between two days, both included.
    pub received: Option<(NaiveDate, NaiveDate)>,
    /// Answered in time, or late, on the clock of the filter.
    pub answered: Option<Timeliness>,
    /// Closed, and not answered.
    pub unanswered: bool,
    /// By whom, and how, a question was put.
    pub asked: Asked,
    /// Written or put by one member of Parliament.
    pub member: Option<MemberId>,
    /// Closed between two days, both included.
    pub closed: Option<(NaiveDate, NaiveDate)>,
    /// Open on a past day, and as it stood then; what the rest of the filter asks is of today.
    pub past: Option<Past>,
    /// Waiting for one person: at one of these lines.
    pub awaiting: Option<Vec<Awaiting>>,
    /// Whose reference, sender, subject or texts hold these words: see [`search::Query`].
    pub words: Option<String>,
}

/// A line of what is at risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// The plan.
    pub plan: Plan,
    /// At one of these stages.
    pub stages: Vec<Stage>,
    /// Due up to this day.
    pub until: NaiveDate,
}

/// A place in a list of dossiers: the due date, then the identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The due date; 31/12/9999 when nothing is due.
    pub due_on: NaiveDate,
    /// The dossier.
    pub id: DossierId,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Whether more follow.
    pub more: bool,
}

impl<T> Page<T> {
    /// A page of `size` from a query that asked for one more.
    pub(crate) fn cut(mut items: Vec<T>, size: u64) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = items.len() > size;
        items.truncate(size);
        Self { items, more }
    }
}

impl Position {
    /// Where a dossier stands in a list by one clock, or by its own term.
    #[must_use]
    pub fn of(sheet: &Sheet, clock: Option<Clock>) -> Self {
        let due_on = clock.map_or_else(|| sheet.dossier.due_on(), |clock| sheet.dossier.clock_due_on(clock));
        Self { due_on: due_on.unwrap_or(NEVER), id: sheet.dossier.id }
    }
}

impl Filter {
    /// The column on which the list stands in order.
    pub(crate) fn due_column(&self) -> dossier::Column {
        match self.clock {
            None => dossier::Column::DueOn,
            Some(Clock::Legal) => dossier::Column::LegalDueOn,
            Some(Clock::Internal) => dossier::Column::InternalDueOn,
        }
    }

    /// What it asks of the table.
    fn condition(&self, backend: DbBackend) -> Condition {
        let column = |column: dossier::Column| Expr::col((dossier::Entity, column));
        let stages: Vec<_> = self.stages.iter().map(|stage| stage.code()).collect();
        Condition::all()
            // The bare column, not « = true »: this is how both engines see that the partial indexes serve.
            .add_option(self.open.map(|open| {
                if open { column(dossier::Column::Open) } else { column(dossier::Column::Open).not() }
            }))
            .add_option(self.kind.map(|kind| dossier::Column::Kind.eq(<&str>::from(kind))))
            .add_option((!stages.is_empty()).then(|| dossier::Column::Stage.is_in(stages)))
            .add_option(
                self.leads
                    .as_ref()
                    .map(|units| dossier::Column::LeadId.is_in(units.iter().map(|unit| unit.0))),
            )
            .add_option(self.unrouted.then(|| dossier::Column::LeadId.is_null()))
            .add_option(self.due.map(|days| between(self.due_column(), days)))
            .add_option(self.risk.as_ref().map(|risks| risks.iter().fold(Condition::any(), Risk::or)))
            .add_option(self.acknowledge.map(|days| between(dossier::Column::AckDueOn, days)))
            .add_option(self.to_decide.then(|| dossier::Column::Id.in_subquery(to_decide())))
            .add_option(self.declined.then(|| dossier::Column::DeclinedById.is_not_null()))
            .add_option(self.signalled.then(|| dossier::Column::Id.in_subquery(signalled())))
            .add_option(self.reserved.then(|| dossier::Column::CompartmentId.is_not_null()))
            .add_option(self.presented.map(|since| dossier::Column::Id.in_subquery(presented(since))))
            .add_option(self.since.map(|since| dossier::Column::CreatedAt.gte(since.instant())))
            .add_option(self.sitting.map(|days| dossier::Column::Id.in_subquery(put_between(days))))
            .add_option(self.import.map(|run| dossier::Column::Id.in_subquery(opened_by(run))))
            .add_option(self.government.map(|change| dossier::Column::Id.in_subquery(moved_by(change))))
            .add_option(self.digest.map(|digest| dossier::Column::Id.in_subquery(in_digest(digest))))
            .add_option(self.received.map(|(from, to)| dossier::Column::ReceivedOn.between(from, to)))
            .add_option(self.answered.map(|timeliness| self.answered(timeliness)))
            .add_option(self.unanswered.then(unanswered))
            .add_option(self.asked.dossiers().map(|asked| dossier::Column::Id.in_subquery(asked)))
            .add_option(self.member.map(written_by))
            .add_option(self.closed.map(|days| between(dossier::Column::ClosedOn, days)))
            .add_option(
                self.past.as_ref().map(|past| dossier::Column::Id.in_subquery(past.dossiers(self.clock))),
            )
            .add_option(self.awaiting.as_deref().map(Awaiting::condition))
            .add_option(
                self.words
                    .as_deref()
                    .map(|words| matching::<dossier::Entity>(backend, &search::Query::parse(words))),
            )
    }
}

/// Between two days, both included. « Since ever » is no date: PostgreSQL's calendar begins later.
fn between(column: dossier::Column, (from, to): (NaiveDate, NaiveDate)) -> Expr {
    let until = column.lte(to);
    if from == NaiveDate::MIN { until } else { column.gte(from).and(until) }
}

fn unanswered() -> Expr {
    let answered = Stage::Closed(Outcome::Answered).code();
    dossier::Column::ClosedOn.is_not_null().and(dossier::Column::Stage.ne(answered))
}

/// The dossiers named in a message.
fn in_digest(id: DigestId) -> SelectStatement {
    Query::select()
        .column(digest_item::Column::DossierId)
        .from(Alias::new(digest_item::Entity.to_string()))
        .and_where(Expr::col(digest_item::Column::DigestId).eq(id.0))
        .take()
}

/// The dossiers for which more time was asked.
fn to_decide() -> SelectStatement {
    Query::select()
        .column(deadline::Column::DossierId)
        .from(Alias::new(deadline::Entity.to_string()))
        .and_where(Expr::col(deadline::Column::RequestedUntil).is_not_null())
        .take()
}

/// The questions that were signalled.
fn signalled() -> SelectStatement {
    Query::select()
        .column(question::Column::DossierId)
        .from(Alias::new(question::Entity.to_string()))
        .and_where(Expr::col(question::Column::SignalledOn).is_not_null())
        .take()
}

/// The questions put in the chamber on these days.
fn put_between((from, to): (NaiveDate, NaiveDate)) -> SelectStatement {
    Query::select()
        .column(question::Column::DossierId)
        .from(Alias::new(question::Entity.to_string()))
        .and_where(Expr::col(question::Column::SittingOn).between(from, to))
        .take()
}

/// The letters that were presented again: their journal holds the refusal.
fn presented(since: Timestamp) -> SelectStatement {
    Query::select()
        .column(journal::Column::DossierId)
        .from(Alias::new(journal::Entity.to_string()))
        // In these words both engines see that the partial index serves.
        .and_where(Expr::cust("NOT accepted AND action = 'register'"))
        .and_where(Expr::col(journal::Column::At).gte(since.instant()))
        .take()
}

impl Risk {
    fn or(any: Condition, risk: &Self) -> Condition {
        let stages: Vec<_> = risk.stages.iter().map(|stage| stage.code()).collect();
        any.add(
            dossier::Column::Plan
                .eq(<&str>::from(risk.plan))
                .and(dossier::Column::Stage.is_in(stages))
                .and(dossier::Column::DueOn.lte(risk.until)),
        )
    }
}

impl Reader {
    /// A page of the list, first due first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn dossiers(
        &self,
        filter: &Filter,
        after: Option<Position>,
        size: u64,
    ) -> Result<Page<Sheet>, StoreError> {
        let mut select = self.listed(filter);
        if let Some(Position { due_on, id }) = after {
            let key = Expr::tuple([
                Expr::col((dossier::Entity, filter.due_column())),
                Expr::col((dossier::Entity, dossier::Column::Id)),
            ]);
            select = select.filter(key.gt(Expr::tuple([Expr::value(due_on), Expr::value(id.0)])));
        }
        let rows = select
            .order_by_asc(filter.due_column())
            .order_by_asc(dossier::Column::Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: self.sheets(items).await?, more })
    }

    /// How many dossiers the whole list holds.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        Ok(self.listed(filter).count(&self.db).await?)
    }

    pub(crate) fn listed(&self, filter: &Filter) -> Select<dossier::Entity> {
        let backend = self.db.get_database_backend();
        scoped::<dossier::Entity>(&self.scope).filter(filter.condition(backend))
    }

    /// One dossier.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn dossier(&self, id: DossierId) -> Result<Option<Sheet>, StoreError> {
        self.one(dossier::Column::Id.eq(id.0)).await
    }

    /// Some dossiers, in no order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn some(&self, ids: &[DossierId]) -> Result<Vec<Sheet>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        self.sheets(self.of::<dossier::Entity>(&ids).await?).await
    }

    /// One dossier by the name that people use.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn by_reference(&self, reference: &str) -> Result<Option<Sheet>, StoreError> {
        self.one(dossier::Column::Reference.eq(reference)).await
    }

    /// Dossiers by the names that people use, in no order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn by_references(&self, references: &[String]) -> Result<Vec<Sheet>, StoreError> {
        let named = dossier::Column::Reference.is_in(references.iter().map(String::as_str));
        let rows = scoped::<dossier::Entity>(&self.scope).filter(named).all(&self.db).await?;
        self.sheets(rows).await
    }

    async fn one(&self, which: Expr) -> Result<Option<Sheet>, StoreError> {
        let row = scoped::<dossier::Entity>(&self.scope).filter(which).one(&self.db).await?;
        Ok(self.sheets(row.into_iter().collect()).await?.pop())
    }

    /// Gathers the rows of some dossiers: five queries, however many they are.
    pub(crate) async fn sheets(&self, dossiers: Vec<dossier::Model>) -> Result<Vec<Sheet>, StoreError> {
        if dossiers.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = dossiers.iter().map(|row| row.id).collect();
        let mut mails = by_dossier(self.of::<mail::Entity>(&ids).await?, |row| row.dossier_id);
        let mut questions = by_dossier(self.of::<question::Entity>(&ids).await?, |row| row.dossier_id);
        let mut assignments = by_dossier(self.of::<assignment::Entity>(&ids).await?, |row| row.dossier_id);
        let mut deadlines = by_dossier(self.of::<deadline::Entity>(&ids).await?, |row| row.dossier_id);
        let mut attachments = by_dossier(self.of::<attachment::Entity>(&ids).await?, |row| row.dossier_id);
        let gather = |dossier: dossier::Model| {
            let id = dossier.id;
            let mut assignments = assignments.remove(&id).unwrap_or_default();
            assignments.sort_by_key(|row| row.position);
            let mut deadlines = deadlines.remove(&id).unwrap_or_default();
            deadlines.sort_by_key(|row| row.position);
            let mut attachments = attachments.remove(&id).unwrap_or_default();
            attachments.sort_by_key(|row| row.seq);
            let mail = mails.remove(&id).and_then(|mut rows| rows.pop());
            let question = questions.remove(&id).and_then(|mut rows| rows.pop());
            Sheet::from_rows(Rows { dossier, mail, question, assignments, deadlines, attachments })
        };
        dossiers.into_iter().map(gather).collect()
    }

    /// The rows of one table that belong to some dossiers.
    pub(crate) async fn of<E: Scoped>(&self, ids: &[Uuid]) -> Result<Vec<E::Model>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = scoped::<E>(&self.scope).filter(E::dossier().is_in(ids.iter().copied()));
        Ok(rows.all(&self.db).await?)
    }

    /// The texts of some drafts, each by its dossier and version.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn drafts(
        &self,
        wanted: &[(DossierId, u32)],
    ) -> Result<BTreeMap<(DossierId, u32), String>, StoreError> {
        let each = wanted.iter().fold(Condition::any(), |any, (id, version)| {
            let version = draft::Column::Version.eq(small(*version));
            any.add(draft::Column::DossierId.eq(id.0).and(version))
        });
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = scoped::<draft::Entity>(&self.scope).filter(each).all(&self.db).await?;
        let text = |row: draft::Model| {
            Ok(((DossierId(row.dossier_id), count("draft", "version", row.version)?), row.text))
        };
        rows.into_iter().map(text).collect()
    }
}

fn by_dossier<T>(rows: Vec<T>, key: impl Fn(&T) -> Uuid) -> BTreeMap<Uuid, Vec<T>> {
    let mut map: BTreeMap<Uuid, Vec<T>> = BTreeMap::new();
    for row in rows {
        map.entry(key(&row)).or_default().push(row);
    }
    map
}

impl Reader {
    /// Whether any dossier exists at all, seen or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let first = scoped::<dossier::Entity>(&Scope::ALL).limit(1).one(&self.db).await?;
        Ok(first.is_none())
    }
}

/// The columns of a row, each a count.
struct Counts(Vec<u64>);

impl FromQueryResult for Counts {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let count = |column: String| Ok(row.try_get::<Option<i64>>("", &column)?.unwrap_or(0));
        let counts = row.column_names().into_iter().map(count).collect::<Result<Vec<_>, DbErr>>()?;
        Ok(Self(counts.into_iter().map(|sum| u64::try_from(sum).unwrap_or(0)).collect()))
    }
}

impl Reader {
    /// How many open dossiers each of some lists holds; one query for all.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn open_counts(&self, filters: &[Filter]) -> Result<Vec<u64>, StoreError> {
        let open = Filter { open: Some(true), ..Filter::default() };
        let mut select = self.listed(&open).select_only();
        for (index, filter) in filters.iter().enumerate() {
            let held =
                CaseStatement::new().case(filter.condition(self.db.get_database_backend()), 1).finally(0);
            select = select.column_as(Expr::expr(held).sum(), format!("count_{index}"));
        }
        let counts = select.into_model::<Counts>().one(&self.db).await?;
        Ok(counts.map(|Counts(counts)| counts).unwrap_or_default())
    }
}

/// How many dossiers of a list are due on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueDay {
    /// The day.
    pub on: NaiveDate,
    /// How many.
    pub count: u64,
}

impl Reader {
    /// The days on which something of a list is due, on the clock of the filter.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn due_days(&self, filter: &Filter) -> Result<Vec<DueDay>, StoreError> {
        let rows: Vec<(NaiveDate, i64)> = self
            .listed(filter)
            .select_only()
            .column(filter.due_column())
            .column_as(dossier::Column::Id.count(), "number")
            .group_by(filter.due_column())
            .order_by_asc(filter.due_column())
            .into_tuple()
            .all(&self.db)
            .await?;
        let day = |(on, number)| DueDay { on, count: u64::try_from(number).unwrap_or(0) };
        Ok(rows.into_iter().map(day).collect())
    }

    /// The words kept beside the journal of a dossier, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn notes(&self, id: DossierId) -> Result<Vec<String>, StoreError> {
        let rows = scoped::<note::Entity>(&self.scope)
            .filter(note::Column::DossierId.eq(id.0))
            .order_by_asc(note::Column::Seq)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| row.words).collect())
    }
}
