//! Says what a command would do; changes nothing.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::open::{kept, required};
use super::{Action, Body, Command, DeclineReason, Dossier, Draft, Event, MailFacts, Party, QuestionFacts};
use crate::actor::{Actor, SystemActor, Who};
use crate::compartment::CompartmentRefusal;
use crate::delay::{Delays, code};
use crate::digest::Digest;
use crate::ids::{CompartmentId, UnitId, UserId};
use crate::machine;
use crate::organisation::{Organisation, UnitKind};
use crate::personal::PersonalRefusal;
use crate::reference::Reference;
use crate::refusal::Refusal;
use crate::retention::RetentionRefusal;

/// What a decision needs to know of the world.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Today in Paris.
    pub today: NaiveDate,
    /// The organisation.
    pub organisation: &'a Organisation,
    /// The delay rules and the calendar.
    pub delays: &'a Delays,
    /// The chrono that a dispatch would take.
    pub departure: Option<Reference>,
}

impl Facts<'_> {
    pub(super) fn not_future(&self, on: NaiveDate, field: &'static str) -> Result<(), Refusal> {
        if on > self.today { Err(Refusal::DateInFuture { field }) } else { Ok(()) }
    }

    /// A unit to which work may be given today.
    fn open_unit(&self, unit: UnitId, field: &'static str) -> Result<UnitId, Refusal> {
        let known = self.organisation.unit(unit).ok_or(Refusal::UnitUnknown { field })?;
        if known.kind == UnitKind::Ministry {
            return Err(Refusal::UnitIsMinistry { field });
        }
        if known.is_open(self.today) { Ok(unit) } else { Err(Refusal::UnitClosed { field }) }
    }
}

impl Dossier {
    /// Says what would happen; changes nothing.
    ///
    /// The edge first, then who asks, then the conditions on the state, then those on the command's own words.
    ///
    /// # Errors
    /// The [`Refusal`] that says why not.
    pub fn decide(&self, actor: &Actor, command: &Command, facts: &Facts<'_>) -> Result<Event, Refusal> {
        self.permits(actor, command.action(), facts.organisation)?;
        let on = facts.today;
        kept(command.note().unwrap_or_default(), "note")?;
        let note = command.note().map(|words| Digest::of([words]));
        if command.needs_note() && note.is_none() {
            return Err(Refusal::Required { field: "note" });
        }
        if let Some(decided) = self.decide_clock(actor, command, note.clone(), facts) {
            return decided;
        }
        if let Some(decided) = self.decide_discrepancy(command, note.as_ref(), facts) {
            return decided;
        }
        Ok(match command {
            Command::Route { lead, contributors, informed } => route(*lead, contributors, informed, facts)?,
            Command::Accept => Event::Accepted,
            Command::Decline { reason, proposed, .. } => {
                let proposed = proposed.map(|unit| self.elsewhere(unit, "proposed", facts)).transpose()?;
                let elsewhere = *reason == DeclineReason::OtherMinistry;
                let due = elsewhere.then(|| self.redirection(facts)).flatten();
                Event::Declined { reason: *reason, proposed, note, due }
            }
            Command::Reroute { lead } => Event::Rerouted { lead: self.elsewhere(*lead, "lead", facts)?, on },
            Command::Draft { text } => self.write(actor, text)?,
            Command::Submit => Event::Submitted { version: self.current_draft()?.version },
            Command::Approve => Event::Approved { version: self.current_draft()?.version },
            Command::SendBack { .. } => Event::SentBack { note },
            Command::Sign => self.sign(actor)?,
            Command::Dispatch { channel, on, .. } => {
                self.dated(*on, "on", facts)?;
                let reference = facts.departure.ok_or(Refusal::Required { field: "reference" })?;
                Event::Dispatched { reference: reference.to_string(), channel: *channel, on: *on, note }
            }
            Command::AnswerByPhone { on, .. } => {
                self.dated(*on, "on", facts)?;
                Event::AnsweredByPhone { on: *on, note }
            }
            Command::ProposeFiling { .. } => {
                Event::FilingProposed { by: person(actor, Action::ProposeFiling)?, note }
            }
            Command::File => Event::Filed { on },
            Command::Redirect { .. } => Event::Redirected { on, note },
            Command::MarkDuplicate { of } if *of == self.id => return Err(Refusal::DuplicateOfItself),
            Command::MarkDuplicate { of } => Event::MarkedDuplicate { of: *of, on },
            Command::Cancel { .. } => Event::Cancelled { on, note },
            Command::Reopen { .. } => Event::Reopened { on, note },
            Command::Transmit => Event::Transmitted { on: Some(on) },
            Command::RecallAnswer { .. } => Event::AnswerRecalled { note },
            Command::RequestTransfer { ministry } => {
                required(ministry, "ministry")?;
                Event::TransferRequested { ministry: ministry.trim().to_owned() }
            }
            Command::RefuseTransfer => Event::TransferRefused,
            Command::Rename { ministry, on } => {
                Event::Renamed { ministry: self.by_decree(ministry, *on, facts)?, on: *on }
            }
            Command::HandOver { ministry, on } => {
                Event::HandedOver { ministry: self.by_decree(ministry, *on, facts)?, on: *on }
            }
            Command::Attach { attachment, .. } => {
                if self.attachments.iter().any(|known| known.file == attachment.file) {
                    return Err(Refusal::AlreadyAttached);
                }
                Event::Attached { attachment: attachment.clone(), note }
            }
            Command::OpenBatch { batch } => Event::BatchOpened { batch: *batch },
            Command::JoinBatch { .. } => return Err(Refusal::BatchUnknown),
            Command::LeaveBatch => Event::BatchLeft,
            Command::Reserve { compartment } => self.reserve(actor, *compartment)?,
            Command::Release { .. } => Event::Released { note },
            Command::Freeze { .. } => Event::Frozen { note },
            Command::Unfreeze { .. } => Event::Unfrozen { note },
            Command::Eliminate { list, approved_by } => {
                Event::Eliminated { list: *list, approved_by: *approved_by, on }
            }
            Command::CorrectSender { sender, subject, .. } => self.correct_sender(sender, subject, note)?,
            Command::Disclose { request } => Event::Disclosed { request: *request },
            Command::PlanSitting { on, .. } => self.plan_sitting(actor, *on, note, facts)?,
            public => self.record(actor, public, facts)?,
        })
    }

    /// The facts of the public record. The feed may announce a Journal officiel some days ahead; a person may not.
    fn record(&self, actor: &Actor, command: &Command, facts: &Facts<'_>) -> Result<Event, Refusal> {
        let at = |on: NaiveDate| {
            if actor.who != Who::System(SystemActor::Feed) {
                self.dated(on, "on", facts)?;
            }
            Ok(on)
        };
        Ok(match command {
            Command::Publish { on } => Event::Published { on: at(*on)? },
            Command::Withdraw { on } => Event::Withdrawn { on: at(*on)? },
            Command::Lapse { on } => Event::Lapsed { on: at(*on)? },
            Command::Convert { on } => Event::Converted { on: at(*on)? },
            Command::AcceptTransfer { on } => Event::TransferAccepted { on: at(*on)? },
            Command::Signal { on } => {
                let due = facts.delays.due(code::AN_QE_SIGNALLED, at(*on)?);
                let due = due.ok_or(Refusal::DateOutOfRange { field: "on" })?;
                Event::Signalled { on: *on, due }
            }
            Command::Renew { on } => Event::Renewed { on: at(*on)? },
            Command::RecallNotice { on } => Event::RecallNoticed { on: at(*on)? },
            Command::Correct { on } => Event::Corrected { on: at(*on)? },
            other => {
                return Err(Refusal::WrongStage { action: other.action(), stage: self.stage });
            }
        })
    }

    /// What this actor may do now: the buttons of the page. [`Dossier::decide`] refuses everything else.
    #[must_use]
    pub fn allowed(&self, actor: &Actor, organisation: &Organisation) -> Vec<Action> {
        let leaving = self.kind().edges().iter().filter(|edge| edge.from.contains(&self.stage));
        leaving
            .map(|edge| edge.action)
            .filter(|action| self.permits(actor, *action, organisation).is_ok())
            .collect()
    }

    /// The table, who asks, and what does not depend on the command's own words.
    pub(super) fn permits(
        &self,
        actor: &Actor,
        action: Action,
        organisation: &Organisation,
    ) -> Result<(), Refusal> {
        let edge = machine::find(self.kind().edges(), &self.stage, &action)
            .ok_or(Refusal::WrongStage { action, stage: self.stage })?;
        if !edge.by.iter().any(|party| self.is_party(actor, *party, organisation)) {
            return Err(Refusal::NotYours { action });
        }
        if self.eliminated_on.is_some() {
            return RetentionRefusal::Eliminated.refuse();
        }
        match action {
            Action::Submit => self.current_draft().map(drop),
            Action::Approve => self.not_own_draft(actor),
            Action::ProposeFiling if self.filing_proposed_by().is_some() => {
                Err(Refusal::FilingAlreadyProposed)
            }
            Action::File => self.second_person(actor),
            Action::RequestTransfer | Action::Rename | Action::HandOver if self.transfer_pending() => {
                Err(Refusal::TransferPending)
            }
            Action::AcceptTransfer | Action::RefuseTransfer if !self.transfer_pending() => {
                Err(Refusal::NoTransferPending)
            }
            Action::Signal if self.question().is_some_and(|facts| facts.signalled_on.is_some()) => {
                Err(Refusal::AlreadySignalled)
            }
            Action::OpenBatch | Action::JoinBatch | Action::LeaveBatch => self.permits_batch(action),
            Action::Reserve if actor.compartments.is_empty() => CompartmentRefusal::NoCompartment.refuse(),
            Action::Reserve if self.seat().is_some() => CompartmentRefusal::ReservedAlone.refuse(),
            Action::Release if self.reserved.is_none() => CompartmentRefusal::NotReserved.refuse(),
            Action::Freeze if self.frozen => RetentionRefusal::AlreadyFrozen.refuse(),
            Action::Unfreeze if !self.frozen => RetentionRefusal::NotFrozen.refuse(),
            Action::Eliminate if self.frozen => RetentionRefusal::Frozen.refuse(),
            Action::PlanSitting => self.permits_sitting(),
            _ => self.permits_clock(actor, action),
        }
    }

    /// Whether the actor stands in that capacity before this dossier.
    fn is_party(&self, actor: &Actor, party: Party, organisation: &Organisation) -> bool {
        match (party, party.role()) {
            (Party::Clerk | Party::Coordinator | Party::Administrator, Some(role)) => actor.has(role),
            (_, Some(role)) => self.lead.is_some_and(|lead| actor.holds(role, lead, organisation)),
            (Party::Pli, _) => actor.who == Who::System(SystemActor::Reminder),
            (_, None) => actor.who == Who::System(SystemActor::Feed),
        }
    }

    /// Separation of duties: nobody approves what they wrote.
    fn not_own_draft(&self, actor: &Actor) -> Result<(), Refusal> {
        let author = self.current_draft()?.author;
        if actor.user() == Some(author) { Err(Refusal::SelfApproval) } else { Ok(()) }
    }

    /// Filing takes two people: one proposes, another confirms.
    fn second_person(&self, actor: &Actor) -> Result<(), Refusal> {
        match self.filing_proposed_by() {
            None => Err(Refusal::FilingNotProposed),
            Some(first) if actor.user() == Some(first) => Err(Refusal::SameConfirmer),
            Some(_) => Ok(()),
        }
    }

    /// A unit other than the present lead.
    fn elsewhere(&self, unit: UnitId, field: &'static str, facts: &Facts<'_>) -> Result<UnitId, Refusal> {
        if self.lead == Some(unit) {
            return Err(Refusal::UnitAlreadyLeads { field });
        }
        facts.open_unit(unit, field)
    }

    fn write(&self, actor: &Actor, text: &str) -> Result<Event, Refusal> {
        required(text, "text")?;
        let version = self.draft.as_ref().map_or(1, |draft| draft.version.saturating_add(1));
        Ok(Event::Drafted { version, text: Digest::of([text]), by: person(actor, Action::Draft)? })
    }

    fn sign(&self, actor: &Actor) -> Result<Event, Refusal> {
        let Draft { version, text, .. } = self.current_draft()?;
        Ok(Event::Signed { version: *version, text: text.clone(), by: person(actor, Action::Sign)? })
    }

    /// Whoever reserves a dossier is named in the compartment: nobody hides one from themselves, nor learns which exist.
    fn reserve(&self, actor: &Actor, compartment: CompartmentId) -> Result<Event, Refusal> {
        if !actor.compartments.contains(&compartment) {
            return CompartmentRefusal::CompartmentUnknown.refuse();
        }
        if self.reserved == Some(compartment) {
            return CompartmentRefusal::AlreadyReserved.refuse();
        }
        Ok(Event::Reserved { compartment })
    }

    /// Who wrote the letter, and what it is about, as they should have been written.
    fn correct_sender(&self, sender: &str, subject: &str, note: Option<Digest>) -> Result<Event, Refusal> {
        required(sender, "sender")?;
        required(subject, "subject")?;
        let content = Digest::of([sender, subject]);
        if content == self.content {
            return PersonalRefusal::SenderUnchanged.refuse();
        }
        Ok(Event::SenderCorrected { content, note })
    }

    fn current_draft(&self) -> Result<&Draft, Refusal> {
        self.draft.as_ref().ok_or(Refusal::NoDraft)
    }

    /// A date at which something was done: not before the dossier began, not in the future. A question that is answered in
    /// the chamber is known before its sitting.
    pub(super) fn dated(&self, on: NaiveDate, field: &'static str, facts: &Facts<'_>) -> Result<(), Refusal> {
        let written = self.question().is_none_or(|facts| facts.identity.kind.is_written());
        if written && on < self.received_on {
            return Err(Refusal::DateBeforeReceipt { field });
        }
        facts.not_future(on, field)
    }

    /// The ministry that a decree names, on a day when the question was there to be given to it.
    fn by_decree(&self, ministry: &str, on: NaiveDate, facts: &Facts<'_>) -> Result<String, Refusal> {
        required(ministry, "ministry")?;
        self.dated(on, "on", facts)?;
        Ok(ministry.trim().to_owned())
    }

    fn filing_proposed_by(&self) -> Option<UserId> {
        match &self.body {
            Body::Mail(MailFacts { filing_proposed_by, .. }) => *filing_proposed_by,
            Body::Question(_) => None,
        }
    }

    fn transfer_pending(&self) -> bool {
        self.question().is_some_and(|facts| facts.transfer_to.is_some())
    }

    /// What is only in a question's dossier.
    #[must_use]
    pub fn question(&self) -> Option<&QuestionFacts> {
        match &self.body {
            Body::Question(facts) => Some(facts),
            Body::Mail(_) => None,
        }
    }

    pub(super) fn question_mut(&mut self) -> Option<&mut QuestionFacts> {
        match &mut self.body {
            Body::Question(facts) => Some(facts),
            Body::Mail(_) => None,
        }
    }
}

/// The person who acts: a part of Pli neither writes nor signs.
pub(super) fn person(actor: &Actor, action: Action) -> Result<UserId, Refusal> {
    actor.user().ok_or(Refusal::NotYours { action })
}

/// A lead unit and its helpers, each named once.
fn route(
    lead: UnitId,
    contributors: &[UnitId],
    informed: &[UnitId],
    facts: &Facts<'_>,
) -> Result<Event, Refusal> {
    let mut seen = BTreeSet::new();
    let mut each = |unit: UnitId, field| {
        let unit = facts.open_unit(unit, field)?;
        if seen.insert(unit) { Ok(unit) } else { Err(Refusal::UnitTwice { field }) }
    };
    Ok(Event::Routed {
        lead: each(lead, "lead")?,
        contributors: contributors
            .iter()
            .map(|unit| each(*unit, "contributors"))
            .collect::<Result<_, _>>()?,
        informed: informed.iter().map(|unit| each(*unit, "informed")).collect::<Result<_, _>>()?,
        on: facts.today,
    })
}
