//! How a dossier begins: a letter is registered, a question is received.

use chrono::{Datelike as _, NaiveDate};

use super::{Action, Category, Channel, Event, Facts, Kind};
use crate::actor::{Actor, SystemActor, Who};
use crate::deadline::Due;
use crate::delay;
use crate::digest::Digest;
use crate::identity::QuestionIdentity;
use crate::ids::MemberId;
use crate::reference::Reference;
use crate::refusal::Refusal;

/// A letter as the clerk describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    /// Who wrote it.
    pub sender: String,
    /// The member of Parliament who wrote it, when the clerk has picked one: never by the name alone.
    pub member: Option<MemberId>,
    /// What it is about.
    pub subject: String,
    /// What it is.
    pub category: Category,
    /// Date written on it.
    pub document_on: NaiveDate,
    /// Date of receipt, from which its delay runs.
    pub received_on: NaiveDate,
    /// When another administration received it first and sent it on: silence runs from then (CRPA, art. L114-3).
    pub first_received_on: Option<NaiveDate>,
    /// Whether it cannot wait.
    pub urgent: bool,
    /// How it came.
    pub channel: Channel,
}

/// A question as published, or as a clerk enters it before its publication is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuestion {
    /// Its name.
    pub identity: QuestionIdentity,
    /// Date of the Journal officiel in which it was published (of its sitting, for an oral one).
    pub published_on: NaiveDate,
    /// What it is about.
    pub subject: String,
}

impl NewMail {
    /// Registers the letter under the chrono `reference`.
    ///
    /// # Errors
    /// The [`Refusal`] that says what to correct.
    pub fn register(
        &self,
        actor: &Actor,
        reference: &Reference,
        facts: &Facts<'_>,
    ) -> Result<Event, Refusal> {
        may_open(actor, Kind::Mail, Action::Register)?;
        required(&self.sender, "sender")?;
        required(&self.subject, "subject")?;
        facts.not_future(self.received_on, "receivedOn")?;
        if self.document_on.year() < 1 {
            return Err(Refusal::DateOutOfRange { field: "documentOn" });
        }
        if self.document_on > self.received_on {
            return Err(Refusal::DocumentAfterReceipt);
        }
        self.first_receipt()?;
        let Self { category, channel, urgent, received_on, first_received_on, .. } = *self;
        let started = delay::for_mail(category, channel, urgent, received_on, first_received_on);
        let due = dues(&started, facts, "receivedOn")?;
        Ok(Event::Registered {
            reference: reference.to_string(),
            category: self.category,
            document_on: self.document_on,
            received_on,
            first_received_on,
            urgent,
            channel,
            content: self.content(),
            member: self.member,
            due,
        })
    }

    /// Only a request is sent on by another administration, and it was there before.
    fn first_receipt(&self) -> Result<(), Refusal> {
        match self.first_received_on {
            Some(_) if self.category != Category::Petition => {
                Err(Refusal::OnlyForPetitions { field: "firstReceivedOn" })
            }
            Some(first) if first > self.received_on => {
                Err(Refusal::EndsBeforeItBegins { field: "firstReceivedOn" })
            }
            Some(first) if first < self.document_on => {
                Err(Refusal::DateOutOfRange { field: "firstReceivedOn" })
            }
            _ => Ok(()),
        }
    }

    /// The digest of what the clerk wrote of it.
    #[must_use]
    pub fn content(&self) -> Digest {
        Digest::of([self.sender.as_str(), self.subject.as_str()])
    }
}

impl NewQuestion {
    /// Receives the question.
    ///
    /// # Errors
    /// The [`Refusal`] that says what to correct.
    pub fn receive(&self, actor: &Actor, facts: &Facts<'_>) -> Result<Event, Refusal> {
        may_open(actor, Kind::Question, Action::Receive)?;
        if self.identity.number == 0 {
            return Err(Refusal::Required { field: "number" });
        }
        if self.published_on.year() < 1 {
            return Err(Refusal::DateOutOfRange { field: "publishedOn" });
        }
        self.not_too_far(actor, facts)?;
        required(&self.subject, "subject")?;
        let started: Vec<_> =
            delay::for_question(&self.identity).into_iter().map(|code| (code, self.published_on)).collect();
        let due = dues(&started, facts, "publishedOn")?;
        Ok(Event::Received {
            identity: self.identity.clone(),
            published_on: self.published_on,
            content: self.content(),
            due,
        })
    }

    /// The feed may announce a Journal officiel some days ahead, a person may not; a sitting is known some weeks before.
    fn not_too_far(&self, actor: &Actor, facts: &Facts<'_>) -> Result<(), Refusal> {
        if actor.who == Who::System(SystemActor::Feed) {
            return Ok(());
        }
        if self.identity.kind.is_written() {
            return facts.not_future(self.published_on, "publishedOn");
        }
        let in_a_year = facts.today.checked_add_days(chrono::Days::new(366));
        let far = in_a_year.is_some_and(|latest| self.published_on > latest);
        if far { Err(Refusal::DateOutOfRange { field: "publishedOn" }) } else { Ok(()) }
    }

    /// The digest of what it is about.
    #[must_use]
    pub fn content(&self) -> Digest {
        Digest::of([self.subject.as_str()])
    }
}

/// The deadlines that these rules start. A rule that governs no such day starts nothing; one that cannot be counted is
/// refused.
fn dues(
    started: &[(&'static str, NaiveDate)],
    facts: &Facts<'_>,
    field: &'static str,
) -> Result<Vec<Due>, Refusal> {
    let governed = started.iter().filter(|(code, start)| facts.delays.rules.in_force(code, *start).is_some());
    let due = |(code, start): &(&str, NaiveDate)| {
        facts.delays.due(code, *start).ok_or(Refusal::DateOutOfRange { field })
    };
    governed.map(due).collect()
}

/// Whether the table lets this actor open such a dossier.
fn may_open(actor: &Actor, kind: Kind, action: Action) -> Result<(), Refusal> {
    let edge = kind.edges().iter().find(|edge| edge.from.is_empty() && edge.action == action);
    let allowed = edge.is_some_and(|edge| {
        edge.by.iter().any(|party| match party.role() {
            Some(role) => actor.has(role),
            None => actor.who == Who::System(SystemActor::Feed),
        })
    });
    if allowed { Ok(()) } else { Err(Refusal::NotYours { action }) }
}

/// Refuses an empty text, and one that cannot be kept.
pub(super) fn required(text: &str, field: &'static str) -> Result<(), Refusal> {
    kept(text, field)?;
    if text.trim().is_empty() { Err(Refusal::Required { field }) } else { Ok(()) }
}

/// Refuses a text that cannot be kept.
pub(super) fn kept(text: &str, field: &'static str) -> Result<(), Refusal> {
    if text.contains('\0') { Err(Refusal::NullCharacter { field }) } else { Ok(()) }
}
