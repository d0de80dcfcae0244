//! Which dossiers a list holds, asked of the database.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pli_domain::deadline::Timeliness;
use pli_domain::delay::Clock;
use pli_domain::delay::plan::Plan;
use pli_domain::dossier::{Kind, Outcome, Stage};
use pli_domain::ids::{DigestId, GovernmentChangeId, MemberId, UnitId};
use pli_domain::search;
use pli_domain::time::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DbBackend, Iden, Value};

use crate::convert::NEVER;
use crate::entity::{deadline, digest_item, dossier, journal, question};
use crate::government::moved_by;
use crate::import_runs::opened_by;
use crate::members::written_by;
use crate::search::matching;
use crate::{Asked, Awaiting, Past};

/// Which dossiers. Each part that is given narrows the list.
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Open or closed ones.
    pub open: Option<bool>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// At one of these stages.
    pub stages: Vec<Stage>,
    /// Led by one of these units.
    pub leads: Option<BTreeSet<UnitId>>,
    /// What `leads` are: this direction with all below it, when they are one.
    pub branch: Option<UnitId>,
    /// Not led by any unit yet.
    pub unrouted: bool,
    /// On which clock it is due, and so in which order the list stands; the dossier's own term when `None`.
    pub clock: Option<Clock>,
    /// Due between two days, both included.
    pub due: Option<(NaiveDate, NaiveDate)>,
    /// At risk: on one of these plans, at one of these stages, due up to that day.
    pub risk: Option<Vec<Risk>>,
    /// For which an acknowledgement is still to be sent.
    pub acknowledge: bool,
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Risk {
    /// The plan.
    pub plan: Plan,
    /// At one of these stages.
    pub stages: Vec<Stage>,
    /// Due up to this day.
    pub until: NaiveDate,
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
    pub(crate) fn condition(&self, backend: DbBackend) -> Condition {
        let column = |column: dossier::Column| Expr::col((dossier::Entity, column));
        Condition::all()
            // The bare column, not « = true »: this is how both engines see that the partial indexes serve.
            .add_option(self.open.map(|open| {
                if open { column(dossier::Column::Open) } else { column(dossier::Column::Open).not() }
            }))
            .add_option(self.kind.map(|kind| dossier::Column::Kind.eq(<&str>::from(kind))))
            .add_option((!self.stages.is_empty()).then(|| at_stage(dossier::Column::Stage, &self.stages)))
            .add_option(
                self.leads
                    .as_ref()
                    .map(|units| dossier::Column::LeadId.is_in(units.iter().map(|unit| unit.0))),
            )
            .add_option(self.unrouted.then(|| dossier::Column::LeadId.is_null()))
            .add_option(self.due.map(|days| between(self.due_column(), days, Expr::value)))
            .add_option(self.risk.as_deref().map(|risks| at_risk(risks, DUE)))
            .add_option(self.acknowledge.then(|| dossier::Column::AckDueOn.lt(NEVER)))
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
            .add_option(self.closed.map(|days| between(dossier::Column::ClosedOn, days, Expr::value)))
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
pub(crate) fn between(
    column: impl ColumnTrait,
    (from, to): (NaiveDate, NaiveDate),
    value: impl Fn(NaiveDate) -> Expr,
) -> Expr {
    let until = said(column).lte(value(to));
    if from == NaiveDate::MIN { until } else { said(column).gte(value(from)).and(until) }
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
        .and_where(Expr::col(question::Column::SittingOn).between(constant(from), constant(to)))
        .take()
}

/// The letters that were presented again: their journal holds the refusal.
fn presented(since: Timestamp) -> SelectStatement {
    Query::select()
        .column(journal::Column::DossierId)
        .from(Alias::new(journal::Entity.to_string()))
        // In these words both engines see that the partial index serves.
        .and_where(Expr::cust("NOT accepted AND action = 'register'"))
        .and_where(Expr::col(journal::Column::At).gte(constant(since.instant())))
        .take()
}

/// The columns of what can be at risk.
const DUE: (dossier::Column, dossier::Column, dossier::Column) =
    (dossier::Column::Plan, dossier::Column::Stage, dossier::Column::DueOn);

/// At risk, by the columns of plan, stage and term. A plan is asked for once, since counters are asked all of this row by row.
pub(crate) fn at_risk<C: ColumnTrait>(risks: &[Risk], (plan, stage, due): (C, C, C)) -> Condition {
    let of_plan = |risks: &[Risk]| {
        risks.iter().fold(Condition::any(), |any, risk| {
            any.add(said(due).lte(constant(risk.until)).and(at_stage(stage, &risk.stages)))
        })
    };
    risks.chunk_by(|one, next| one.plan == next.plan).fold(Condition::any(), |any, risks| {
        let plan = risks.first().map(|risk| said(plan).eq(constant(<&str>::from(risk.plan))));
        any.add(Condition::all().add_option(plan).add(of_plan(risks)))
    })
}

/// At one of these stages.
pub(crate) fn at_stage(column: impl ColumnTrait, stages: &[Stage]) -> Expr {
    said(column).is_in(stages.iter().map(|stage| constant(stage.code())))
}

fn said(column: impl ColumnTrait) -> Expr {
    Expr::col(column.as_column_ref())
}

/// One of our own words, or a day that stands until the next, in the statement itself: PostgreSQL plans it once for all values, and
/// what it costs is the same with all.
pub(crate) fn constant(word: impl Into<Value>) -> Expr {
    Expr::Constant(word.into())
}
