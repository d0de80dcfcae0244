//! Applies what did happen: the only place where a dossier changes.

use chrono::NaiveDate;

use super::{
    Action, Body, Declined, Dossier, Draft, Event, MailFacts, Outcome, QuestionFacts, Renaming, Seat,
    Sitting, Stage,
};
use crate::assignment::{Assignment, AssignmentAction, Part};
use crate::deadline::{Change, Deadline, DeadlineAction, Decision, Due};
use crate::delay::Purpose;
use crate::ids::{DossierId, UnitId};
use crate::machine::{self, Impossible};

impl Dossier {
    /// The dossier that its first event makes.
    ///
    /// # Errors
    /// [`Impossible`] when the event is not one that opens a dossier.
    pub fn begin(id: DossierId, event: &Event) -> Result<Self, Impossible> {
        let (reference, stage, received_on, content, due, body) = match event {
            Event::Registered {
                reference,
                category,
                document_on,
                received_on,
                first_received_on,
                urgent,
                channel,
                content,
                member,
                due,
            } => {
                let facts = MailFacts {
                    category: *category,
                    first_received_on: *first_received_on,
                    urgent: *urgent,
                    document_on: *document_on,
                    channel: *channel,
                    filing_proposed_by: None,
                    departure: None,
                    member: *member,
                };
                (reference.clone(), Stage::Registered, received_on, content, due, Body::Mail(facts))
            }
            Event::Received { identity, published_on, content, due } => {
                let facts = QuestionFacts {
                    identity: identity.clone(),
                    signalled_on: None,
                    renewals: 0,
                    recalls: 0,
                    corrections: 0,
                    transfer_to: None,
                    seat: None,
                    sitting: Sitting::supposed(identity, *published_on),
                    renamed: None,
                };
                (identity.to_string(), Stage::Received, published_on, content, due, Body::Question(facts))
            }
            other => return Err(impossible(other.action(), "no dossier")),
        };
        Ok(Self {
            id,
            reference,
            stage,
            received_on: *received_on,
            lead: None,
            assignments: Vec::new(),
            deadlines: due.iter().cloned().map(Deadline::start).collect(),
            draft: None,
            signed_by: None,
            declined: None,
            closed_on: None,
            reserved: None,
            frozen: false,
            eliminated_on: None,
            attachments: Vec::new(),
            content: content.clone(),
            body,
        })
    }

    /// The dossier that a whole journal makes.
    ///
    /// # Errors
    /// [`Impossible`] when an event does not follow from those before.
    pub fn replay<'a>(
        id: DossierId,
        mut events: impl Iterator<Item = &'a Event>,
    ) -> Result<Option<Self>, Impossible> {
        let Some(first) = events.next() else {
            return Ok(None);
        };
        let begun = Self::begin(id, first)?;
        events.try_fold(begun, Self::evolve).map(Some)
    }

    /// Applies an event.
    ///
    /// # Errors
    /// [`Impossible`] when the table has no edge for it from this stage.
    pub fn evolve(mut self, event: &Event) -> Result<Self, Impossible> {
        let action = event.action();
        let edge = machine::find(self.kind().edges(), &self.stage, &action)
            .ok_or_else(|| impossible(action, &self.stage.code()))?;
        let mut targets = edge.targets(self.stage);
        if let Event::Realigned { discrepancy } = event {
            let end = targets.find(|target| discrepancy.moves_to(self.stage) == Some(*target));
            self.stage = end.ok_or_else(|| impossible(action, &self.stage.code()))?;
            self.realign(discrepancy)?;
            return Ok(self);
        }
        // An act with two ends: a reopened letter goes back to its unit when it has one.
        self.stage = match (targets.next(), targets.next()) {
            (_, Some(routed)) if self.lead.is_some() => routed,
            (Some(only), _) => only,
            (None, _) => return Err(impossible(action, &self.stage.code())),
        };
        // Nor has this one end: a question that joins a batch stands where its lead question stands.
        if let Event::BatchJoined { lead, accepted, .. } = event {
            self.stage = Self::stage_beside(*lead, *accepted);
        }
        self.apply(event)?;
        if let (Stage::Closed(outcome), Some(on)) = (self.stage, event.closed_on()) {
            self.close(outcome, on)?;
        }
        Ok(self)
    }

    /// What an event changes beside the stage.
    fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        match event {
            Event::Routed { lead, contributors, informed, on } => {
                self.give_to(*lead, *on)?;
                for (units, part) in [(contributors, Part::Contributor), (informed, Part::Informed)] {
                    self.assignments.extend(units.iter().map(|unit| Assignment::propose(*unit, part, *on)));
                }
            }
            Event::Rerouted { lead, on } => self.give_to(*lead, *on)?,
            Event::Accepted => self.lead_act(AssignmentAction::Accept)?,
            Event::Declined { reason, proposed, due, .. } => {
                self.lead_act(AssignmentAction::Decline)?;
                self.withdraw_all()?;
                self.deadlines.extend(due.iter().cloned().map(Deadline::start));
                if let Some(by) = self.lead.take() {
                    self.declined = Some(Declined { by, reason: *reason, proposed: *proposed });
                }
            }
            Event::Drafted { version, text, by } => {
                self.draft = Some(Draft { version: *version, text: text.clone(), author: *by });
            }
            Event::Signed { by, .. } => self.signed_by = Some(*by),
            Event::SentBack { .. } => self.signed_by = None,
            Event::Transmitted { on } => self.end_all(Purpose::Brief, *on)?,
            Event::AnswerRecalled { .. } => {
                self.signed_by = None;
                self.restore(|due| due.purpose == Purpose::Brief)?;
            }
            Event::Reopened { on, .. } => self.reopen(*on)?,
            Event::Acknowledged { on } => self.end_all(Purpose::Acknowledgement, Some(*on))?,
            Event::Suspended { .. }
            | Event::Resumed { .. }
            | Event::ExtensionRequested { .. }
            | Event::ExtensionGranted { .. }
            | Event::ExtensionRefused { .. }
            | Event::Rescheduled { .. } => self.apply_to_deadline(event)?,
            Event::Rectified { discrepancy, due } => self.rectify(discrepancy, due)?,
            Event::Attached { attachment, .. } => self.attachments.push(attachment.clone()),
            Event::BatchOpened { batch } => self.take_seat(Some(Seat { batch: *batch, place: 1 })),
            Event::BatchJoined { batch, place, lead, accepted, draft, on } => {
                self.take_seat(Some(Seat { batch: *batch, place: *place }));
                self.stand_beside(*lead, *accepted, draft.as_ref(), *on)?;
            }
            Event::BatchLeft => self.take_seat(None),
            Event::Reserved { compartment } => self.reserved = Some(*compartment),
            Event::Released { .. } => self.reserved = None,
            Event::Frozen { .. } => self.frozen = true,
            Event::Unfrozen { .. } => self.frozen = false,
            Event::Eliminated { on, .. } => self.eliminated_on = Some(*on),
            Event::SenderCorrected { content, .. } => self.content = content.clone(),
            Event::SittingPlanned { on, source, due, note } => {
                if let Some(facts) = self.question_mut() {
                    let attendee = note.clone();
                    facts.sitting = Some(Sitting { on: *on, source: *source, attendee });
                }
                self.count_again(due);
            }
            _ => self.apply_to_body(event),
        }
        Ok(())
    }

    /// What an event changes in one deadline.
    fn apply_to_deadline(&mut self, event: &Event) -> Result<(), Impossible> {
        let Some(deadline) = event.rule().and_then(|rule| self.deadline_mut(rule)) else {
            return Err(impossible(event.action(), "no such deadline"));
        };
        match event.clone() {
            Event::Suspended { from, until, by, note, .. } => {
                deadline.evolve(DeadlineAction::Suspend)?;
                deadline.changes.push(Change::Suspension { from, until, ended_on: None, by, note });
            }
            Event::Resumed { on, .. } => {
                deadline.evolve(DeadlineAction::Resume)?;
                deadline.end_suspension(on);
            }
            Event::ExtensionRequested { until, by, note, .. } => {
                deadline.changes.push(Change::Extension { until, by, note, decision: None });
            }
            Event::ExtensionGranted { by, note, .. } => {
                deadline.decide_extension(Decision { granted: true, by, note });
            }
            Event::ExtensionRefused { by, note, .. } => {
                deadline.decide_extension(Decision { granted: false, by, note });
            }
            Event::Rescheduled { due } => deadline.due = due,
            _ => {}
        }
        Ok(())
    }

    /// Ends every deadline of one purpose: met or missed on that day.
    fn end_all(&mut self, purpose: Purpose, on: Option<NaiveDate>) -> Result<(), Impossible> {
        for deadline in self.deadlines.iter_mut().filter(|deadline| deadline.is_open()) {
            if deadline.due.purpose == purpose {
                let action = on.map_or(DeadlineAction::Meet, |on| deadline.done(on));
                deadline.evolve(action)?;
            }
        }
        Ok(())
    }

    /// Lets clocks that had ended run again.
    pub(super) fn restore(&mut self, which: impl Fn(&Due) -> bool) -> Result<(), Impossible> {
        let ended = |deadline: &&mut Deadline| deadline.can(DeadlineAction::Restore) && which(&deadline.due);
        self.deadlines
            .iter_mut()
            .filter(ended)
            .try_for_each(|deadline| deadline.evolve(DeadlineAction::Restore))
    }

    /// What an event changes in the facts of one kind.
    fn apply_to_body(&mut self, event: &Event) {
        match (&mut self.body, event) {
            (Body::Mail(facts), Event::FilingProposed { by, .. }) => facts.filing_proposed_by = Some(*by),
            (Body::Mail(facts), Event::Dispatched { reference, .. }) => {
                facts.departure = Some(reference.clone());
            }
            (
                Body::Question(facts),
                Event::TransferRequested { ministry } | Event::HandedOver { ministry, .. },
            ) => facts.transfer_to = Some(ministry.clone()),
            (Body::Question(facts), Event::Renamed { ministry, on }) => {
                facts.renamed = Some(Renaming { ministry: ministry.clone(), on: *on });
            }
            (Body::Question(facts), Event::TransferRefused) => facts.transfer_to = None,
            (Body::Question(facts), Event::Renewed { .. }) => {
                facts.renewals = facts.renewals.saturating_add(1);
            }
            (Body::Question(facts), Event::RecallNoticed { .. }) => {
                facts.recalls = facts.recalls.saturating_add(1);
            }
            (Body::Question(facts), Event::Corrected { .. }) => {
                facts.corrections = facts.corrections.saturating_add(1);
            }
            (Body::Question(facts), Event::Signalled { on, due }) => {
                facts.signalled_on = Some(*on);
                self.start(due);
            }
            _ => {}
        }
    }

    /// Deadlines whose start has moved: the same ones, on other days.
    pub(super) fn count_again(&mut self, due: &[Due]) {
        for moved in due {
            if let Some(deadline) = self.deadline_mut(&moved.rule) {
                deadline.due = moved.clone();
            }
        }
    }

    fn start(&mut self, due: &Due) {
        self.deadlines.push(Deadline::start(due.clone()));
    }

    /// Gives the dossier to a lead unit; whoever had a part has it no more.
    pub(super) fn give_to(&mut self, lead: UnitId, on: NaiveDate) -> Result<(), Impossible> {
        self.withdraw_all()?;
        self.lead = Some(lead);
        self.declined = None;
        // Given to a unit after all: nothing is to be sent to another administration.
        for deadline in self.deadlines.iter_mut().filter(|deadline| deadline.is_open()) {
            if deadline.due.purpose == Purpose::Redirection {
                deadline.evolve(DeadlineAction::Cancel)?;
            }
        }
        if let Body::Mail(facts) = &mut self.body {
            facts.filing_proposed_by = None;
        }
        self.assignments.push(Assignment::propose(lead, Part::Lead, on));
        Ok(())
    }

    pub(super) fn lead_act(&mut self, action: AssignmentAction) -> Result<(), Impossible> {
        let no_lead = || Impossible { action: <&str>::from(action).to_owned(), state: "no lead".to_owned() };
        self.lead_assignment().ok_or_else(no_lead)?.evolve(action)
    }

    pub(super) fn withdraw_all(&mut self) -> Result<(), Impossible> {
        self.assignments
            .iter_mut()
            .filter(|part| part.can(AssignmentAction::Withdraw))
            .try_for_each(|part| part.evolve(AssignmentAction::Withdraw))
    }

    /// Ends the clocks. A closed dossier stays with the units that had it: those that worked on the answer delivered.
    pub(super) fn close(&mut self, outcome: Outcome, on: NaiveDate) -> Result<(), Impossible> {
        self.closed_on = Some(on);
        self.take_seat(None);
        let answered = outcome == Outcome::Answered;
        for part in self.assignments.iter_mut().filter(|part| answered && part.can(AssignmentAction::Deliver))
        {
            part.evolve(AssignmentAction::Deliver)?;
        }
        for deadline in self.deadlines.iter_mut().filter(|deadline| deadline.is_open()) {
            let action = match (deadline.due.purpose, outcome) {
                (Purpose::Answer, Outcome::Answered) | (Purpose::Redirection, Outcome::Redirected) => {
                    deadline.done(on)
                }
                _ => DeadlineAction::Cancel,
            };
            deadline.evolve(action)?;
        }
        Ok(())
    }

    /// Takes a closed letter up again: its clocks run on the dates they had, its lead unit is asked again.
    fn reopen(&mut self, on: NaiveDate) -> Result<(), Impossible> {
        self.closed_on = None;
        self.signed_by = None;
        if let Body::Mail(facts) = &mut self.body {
            facts.filing_proposed_by = None;
            facts.departure = None;
        }
        // What was acknowledged stays so; what was found to be another's is looked at anew.
        let acknowledged = self.acknowledged();
        self.restore(|due| match due.purpose {
            Purpose::Acknowledgement => !acknowledged,
            purpose => purpose != Purpose::Redirection,
        })?;
        if let Some(lead) = self.lead {
            self.give_to(lead, on)?;
        }
        Ok(())
    }
}

fn impossible(action: Action, state: &str) -> Impossible {
    Impossible { action: <&str>::from(action).to_owned(), state: state.to_owned() }
}
