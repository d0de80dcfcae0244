//! The dossier: anything with a deadline that the cabinet follows, a letter or a question.
//!
//! One aggregate, two tables of edges ([`edges::MAIL`], [`edges::QUESTION`]): the middle of both lives (route, accept,
//! draft, approve, sign) is the same office work. [`Dossier::decide`] says what would happen, [`Dossier::evolve`]
//! applies what did.

mod attachment;
mod batch;
mod clocks;
mod command;
mod decide;
mod discrepancy;
mod edges;
mod event;
mod evolve;
mod open;
mod sitting;
#[cfg(test)]
mod tests;
mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

pub use attachment::{Attachment, LARGEST, Media};
pub use batch::Seat;
pub use command::{Command, Note};
pub use decide::Facts;
pub use discrepancy::{Discrepancy, Held};
pub use edges::{Action, MAIL, Party, QUESTION, awaited};
pub use event::Event;
pub use open::{NewMail, NewQuestion};
pub use sitting::{Sitting, SittingSource};

use crate::actor::Scope;
use crate::assignment::{Assignment, Part};
use crate::deadline::{Deadline, DeadlineStage, Term};
use crate::delay::{Clock, Purpose};
use crate::digest::Digest;
use crate::identity::QuestionIdentity;
use crate::ids::{CompartmentId, DossierId, MemberId, UnitId, UserId};
use crate::machine::Edge;

/// The two kinds of dossier.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A letter or e-mail received.
    Mail,
    /// A parliamentary question.
    Question,
}

impl Kind {
    /// The table of its life.
    #[must_use]
    pub fn edges(self) -> &'static [Edge<Stage, Action, Party>] {
        match self {
            Self::Mail => MAIL,
            Self::Question => QUESTION,
        }
    }
}

/// What a letter is; this sets its delay.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Category {
    /// A letter of an authority, a body or a company.
    Ordinary,
    /// A private person's request (CRPA).
    Petition,
    /// A deputy's or senator's letter.
    MemberLetter,
}

/// How something came in or left.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// By post.
    Post,
    /// By e-mail.
    Email,
    /// By courier.
    Courier,
}

/// Where a dossier stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// Mail: logged, not given to a unit.
    Registered,
    /// Question: known, not given to a unit.
    Received,
    /// Given to a lead unit, which has not answered.
    Routed,
    /// Taken by the lead unit, which writes.
    Drafting,
    /// The draft awaits approval.
    Review,
    /// The draft awaits signature.
    Signature,
    /// Mail: signed, to be sent.
    Outgoing,
    /// Question: signed, to be transmitted.
    Ready,
    /// Question: with the SGG, awaiting publication.
    Transmitted,
    /// Nothing more is to be done.
    Closed(Outcome),
}

/// How a dossier closed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Answered.
    Answered,
    /// Mail: filed without an answer (classé sans suite).
    Filed,
    /// Mail: sent to the competent authority (CRPA, art. L114-2).
    Redirected,
    /// Mail: the same as another dossier.
    Duplicate,
    /// Mail: registered by mistake.
    Cancelled,
    /// Question: withdrawn by its author.
    Withdrawn,
    /// Question: its author's mandate or the legislature ended.
    Lapsed,
    /// Question: put again as an oral question.
    Converted,
    /// Question: now another ministry's.
    Transferred,
}

impl Stage {
    /// Every stage of an open dossier.
    pub const OPEN: [Self; 9] = [
        Self::Registered,
        Self::Received,
        Self::Routed,
        Self::Drafting,
        Self::Review,
        Self::Signature,
        Self::Outgoing,
        Self::Ready,
        Self::Transmitted,
    ];

    /// Whether something is still to be done.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed(_))
    }

    /// How it closed.
    #[must_use]
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Closed(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// The stored name: `drafting`, `closed:answered`.
    #[must_use]
    pub fn code(self) -> String {
        match self {
            Self::Closed(outcome) => format!("closed:{}", <&str>::from(outcome)),
            open => <&str>::from(open).to_owned(),
        }
    }
}

/// The text is no stage's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a stage")]
pub struct NotAStage;

impl std::str::FromStr for Stage {
    type Err = NotAStage;

    fn from_str(code: &str) -> Result<Self, NotAStage> {
        if let Some(outcome) = code.strip_prefix("closed:") {
            return outcome.parse().map(Self::Closed).map_err(|_| NotAStage);
        }
        Self::OPEN.into_iter().find(|stage| <&str>::from(stage) == code).ok_or(NotAStage)
    }
}

/// Why a unit declines.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeclineReason {
    /// Another unit of the ministry is competent.
    OtherUnit,
    /// Another ministry is competent.
    OtherMinistry,
    /// The unit already answered this, or holds the same dossier.
    AlreadyHandled,
    /// Something else, said in the note.
    Other,
}

/// The current version of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// From 1.
    pub version: u32,
    /// Digest of the text; the text itself is kept beside.
    pub text: Digest,
    /// Who wrote this version.
    pub author: UserId,
}

/// A unit's refusal, as the cabinet must deal with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// The unit that declined.
    pub by: UnitId,
    /// Why.
    pub reason: DeclineReason,
    /// Where it should go, when the unit knows.
    pub proposed: Option<UnitId>,
}

/// What is only in a letter's dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFacts {
    /// What it is.
    pub category: Category,
    /// Date written on the document.
    pub document_on: NaiveDate,
    /// When another administration received it first (CRPA, art. L114-3).
    pub first_received_on: Option<NaiveDate>,
    /// Whether it cannot wait.
    pub urgent: bool,
    /// How it came.
    pub channel: Channel,
    /// Who proposed to file it without an answer.
    pub filing_proposed_by: Option<UserId>,
    /// Chrono of the answer that left.
    pub departure: Option<String>,
    /// The member of Parliament who wrote it, as the clerk picked them.
    pub member: Option<MemberId>,
}

/// What is only in a question's dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionFacts {
    /// Its name.
    pub identity: QuestionIdentity,
    /// When it was signalled by a group's president.
    pub signalled_on: Option<NaiveDate>,
    /// How often it was renewed.
    pub renewals: u32,
    /// How often the house recalled that it is unanswered.
    pub recalls: u32,
    /// How often the published answer was corrected.
    pub corrections: u32,
    /// The ministry to which its transfer was asked.
    pub transfer_to: Option<String>,
    /// Its place in a batch, while it is in one.
    pub seat: Option<Seat>,
    /// The sitting in which it is put; `None` when it is answered in writing.
    pub sitting: Option<Sitting>,
    /// The name that a change of government gave the ministry that holds it; `None` while it is as published.
    pub renamed: Option<Renaming>,
}

/// The name that a change of government gave our ministry, for a question that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming {
    /// The name.
    pub ministry: String,
    /// The day of the decree.
    pub on: NaiveDate,
}

/// What depends on the kind of dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A letter.
    Mail(MailFacts),
    /// A question.
    Question(QuestionFacts),
}

/// A dossier's whole state. The journal, replayed, gives exactly this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// Its identifier.
    pub id: DossierId,
    /// The name people use: a chrono for a letter, the identity for a question.
    pub reference: String,
    /// Where it stands.
    pub stage: Stage,
    /// The date its clocks start from: receipt of a letter, publication of a question.
    pub received_on: NaiveDate,
    /// The lead unit, once routed.
    pub lead: Option<UnitId>,
    /// The units that have, or had, a part.
    pub assignments: Vec<Assignment>,
    /// Its deadlines.
    pub deadlines: Vec<Deadline>,
    /// The current draft.
    pub draft: Option<Draft>,
    /// Who signed the current draft.
    pub signed_by: Option<UserId>,
    /// The last refusal that the cabinet has not dealt with.
    pub declined: Option<Declined>,
    /// The day it closed.
    pub closed_on: Option<NaiveDate>,
    /// To whom it is reserved; to nobody in particular when `None`.
    pub reserved: Option<CompartmentId>,
    /// Whether it is held back from every list of what is to be eliminated.
    pub frozen: bool,
    /// The day on which its words were taken out.
    pub eliminated_on: Option<NaiveDate>,
    /// Its documents, the oldest first.
    pub attachments: Vec<Attachment>,
    /// Digest of what was received (sender and subject, or the question's text).
    pub content: Digest,
    /// What depends on the kind.
    pub body: Body,
}

impl Dossier {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.body {
            Body::Mail(_) => Kind::Mail,
            Body::Question(_) => Kind::Question,
        }
    }

    /// The units that may read it by their part in it.
    pub fn units(&self) -> impl Iterator<Item = UnitId> {
        self.assignments.iter().filter(|part| part.counts()).map(|part| part.unit)
    }

    /// Whether it may be read within a scope.
    #[must_use]
    pub fn is_in(&self, scope: &Scope) -> bool {
        scope.allows(self.units(), self.reserved)
    }

    /// The date by which its answer is or was due: the legal one when a text sets it, else the internal one.
    #[must_use]
    pub fn due_on(&self) -> Option<NaiveDate> {
        self.clock_due_on(Clock::Legal).or_else(|| self.clock_due_on(Clock::Internal))
    }

    /// The first date by which something is due on one clock while it is open, by which its answer was due once it is
    /// answered. Acknowledgements have their own date.
    #[must_use]
    pub fn clock_due_on(&self, clock: Clock) -> Option<NaiveDate> {
        let counts = |deadline: &&Deadline| match (self.stage.is_open(), deadline.due.purpose) {
            (_, Purpose::Acknowledgement) => false,
            (true, _) => deadline.is_open(),
            (false, purpose) => purpose == Purpose::Answer && deadline.stage != DeadlineStage::Cancelled,
        };
        let on_clock = self.deadlines.iter().filter(|deadline| deadline.due.clock == clock);
        on_clock.filter(counts).map(Deadline::due_on).min()
    }

    /// The first date by which an acknowledgement is to be sent.
    #[must_use]
    pub fn acknowledge_by(&self) -> Option<NaiveDate> {
        let due = self.of_purpose(Purpose::Acknowledgement);
        due.filter(|deadline| deadline.is_open()).map(Deadline::due_on).min()
    }

    /// Whether an acknowledgement was sent.
    #[must_use]
    pub fn acknowledged(&self) -> bool {
        let mut due = self.of_purpose(Purpose::Acknowledgement);
        due.any(|deadline| matches!(deadline.stage, DeadlineStage::Met | DeadlineStage::Missed))
    }

    fn of_purpose(&self, purpose: Purpose) -> impl Iterator<Item = &Deadline> {
        self.deadlines.iter().filter(move |deadline| deadline.due.purpose == purpose)
    }

    /// The deadline that a rule gave it.
    #[must_use]
    pub fn deadline(&self, rule: &str) -> Option<&Deadline> {
        self.deadlines.iter().find(|deadline| deadline.due.rule == rule)
    }

    fn deadline_mut(&mut self, rule: &str) -> Option<&mut Deadline> {
        self.deadlines.iter_mut().find(|deadline| deadline.due.rule == rule)
    }

    /// What its lateness is computed from.
    #[must_use]
    pub fn term(&self) -> Term {
        self.term_at(self.due_on())
    }

    /// The same on one clock.
    #[must_use]
    pub fn clock_term(&self, clock: Clock) -> Term {
        self.term_at(self.clock_due_on(clock))
    }

    fn term_at(&self, due_on: Option<NaiveDate>) -> Term {
        let answered = self.stage == Stage::Closed(Outcome::Answered);
        Term { due_on, answered_on: self.closed_on.filter(|_| answered), open: self.stage.is_open() }
    }

    /// The assignment of the current lead unit.
    fn lead_assignment(&mut self) -> Option<&mut Assignment> {
        let lead = self.lead?;
        self.assignments.iter_mut().rfind(|part| part.unit == lead && part.part == Part::Lead)
    }
}
