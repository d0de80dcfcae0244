//! How a dossier begins: a letter is registered, a question is received.

use chrono::{Datelike as _, NaiveDate};

use super::{Action, Category, Channel, Event, Facts, Kind};
use crate::actor::{Actor, SystemActor, Who};
use crate::deadline::Due;
use crate::delay;
use crate::digest::Digest;
use crate::identity::QuestionIdentity;
use crate::reference::Reference;
use crate::refusal::Refusal;

/// A letter as the clerk describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    /// Who wrote it.
    pub sender: String,
    /// What it is about.
    pub subject: String,
    /// What it is.
    pub category: Category,
    /// Date written on it.
    pub document_on: NaiveDate,
    /// Date of receipt, from which its delay runs.
    pub received_on: NaiveDate,
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
        let due = Due::from_rule(delay::for_mail(self.category), self.received_on)
            .ok_or(Refusal::DateOutOfRange { field: "receivedOn" })?;
        Ok(Event::Registered {
            reference: reference.to_string(),
            category: self.category,
            document_on: self.document_on,
            received_on: self.received_on,
            channel: self.channel,
            content: self.content(),
            due: vec![due],
        })
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
        // The feed may announce a Journal officiel some days ahead; a person may not.
        if actor.who != Who::System(SystemActor::Feed) {
            facts.not_future(self.published_on, "publishedOn")?;
        }
        required(&self.subject, "subject")?;
        let due = delay::for_question(&self.identity)
            .map(|rule| {
                Due::from_rule(rule, self.published_on)
                    .ok_or(Refusal::DateOutOfRange { field: "publishedOn" })
            })
            .transpose()?;
        Ok(Event::Received {
            identity: self.identity.clone(),
            published_on: self.published_on,
            content: self.content(),
            due: due.into_iter().collect(),
        })
    }

    /// The digest of what it is about.
    #[must_use]
    pub fn content(&self) -> Digest {
        Digest::of([self.subject.as_str()])
    }
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
