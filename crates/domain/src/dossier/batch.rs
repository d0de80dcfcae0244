//! A batch (lot): questions that get one answer, under a lead question.
//!
//! Each question stays a dossier of its own, with its own journal and deadlines. While it is in a batch it stands where the lead
//! question stands: what leads to the answer ([`Action::is_shared`]) is done to all or to none. So a question comes in as long as
//! the answer is being written: whoever approves and signs has every question before them. A question that closes,
//! however it does, is in its batch no more; nor is one that the cabinet takes out, which then goes on by itself.

use chrono::NaiveDate;

use super::{Action, Body, Dossier, Draft, Event, Facts, Stage};
use crate::actor::Actor;
use crate::assignment::{Assignment, AssignmentStage};
use crate::compartment::CompartmentRefusal;
use crate::ids::{BatchId, UnitId};
use crate::machine::Impossible;
use crate::organisation::Organisation;
use crate::refusal::Refusal;

/// A question's place in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The batch.
    pub batch: BatchId,
    /// In the order in which they came: the lead question is the first of those that are there.
    pub place: u32,
}

impl Action {
    /// Whether it is done to every question of a batch at once: what leads to the answer, and the answer itself. What the
    /// houses do to one question is done to that one.
    #[must_use]
    pub fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Route
                | Self::Accept
                | Self::Decline
                | Self::Reroute
                | Self::Draft
                | Self::Submit
                | Self::Approve
                | Self::SendBack
                | Self::Sign
                | Self::Transmit
                | Self::RecallAnswer
        )
    }
}

impl Dossier {
    /// Its place in a batch, while it is in one.
    #[must_use]
    pub fn seat(&self) -> Option<Seat> {
        self.question()?.seat
    }

    /// Says what joining the batch of another question would do; changes nothing. `place` is the next one there.
    ///
    /// # Errors
    /// The [`Refusal`] that says why not.
    pub fn join(
        &self,
        actor: &Actor,
        beside: &Self,
        place: u32,
        facts: &Facts<'_>,
    ) -> Result<Event, Refusal> {
        self.may_join(actor, beside, facts.organisation)?;
        let batch = beside.seat().ok_or(Refusal::BatchUnknown)?.batch;
        let draft = match (&beside.draft, &self.draft) {
            (None, Some(_)) => return Err(Refusal::BatchWithoutDraft),
            (draft, own) => {
                let next = own.as_ref().map_or(1, |own| own.version.saturating_add(1));
                draft.clone().map(|draft| Draft { version: next, ..draft })
            }
        };
        let accepted = beside.stage == Stage::Drafting;
        Ok(Event::BatchJoined { batch, place, lead: beside.lead, accepted, draft, on: facts.today })
    }

    /// Whether it may join the other question, which need not be in a batch yet.
    ///
    /// # Errors
    /// The [`Refusal`] that says why not.
    pub fn may_join(&self, actor: &Actor, beside: &Self, organisation: &Organisation) -> Result<(), Refusal> {
        self.permits(actor, Action::JoinBatch, organisation)?;
        if self.id == beside.id {
            return Err(Refusal::BatchOfItself);
        }
        beside.takes_questions()
    }

    /// Whether a question may join it: written, of this ministry, its answer still being written.
    fn takes_questions(&self) -> Result<(), Refusal> {
        let facts = self.question().ok_or(Refusal::BatchUnknown)?;
        if self.reserved.is_some() {
            return CompartmentRefusal::ReservedAlone.refuse();
        }
        if !facts.identity.kind.is_written() {
            return Err(Refusal::OnlyWritten);
        }
        if facts.transfer_to.is_some() {
            return Err(Refusal::TransferPending);
        }
        match self.stage {
            Stage::Received | Stage::Routed | Stage::Drafting => Ok(()),
            _ => Err(Refusal::BatchNotBeingWritten),
        }
    }

    /// What does not depend on the other question.
    pub(super) fn permits_batch(&self, action: Action) -> Result<(), Refusal> {
        match (action, self.seat()) {
            (Action::LeaveBatch, None) => Err(Refusal::NotInBatch),
            (Action::LeaveBatch, Some(_)) => Ok(()),
            (Action::OpenBatch, None) => self.takes_questions(),
            (_, Some(_)) => Err(Refusal::InBatch),
            (_, None) if self.reserved.is_some() => CompartmentRefusal::ReservedAlone.refuse(),
            (_, None) => {
                let facts = self.question().ok_or(Refusal::OnlyWritten)?;
                match (facts.identity.kind.is_written(), &facts.transfer_to) {
                    (false, _) => Err(Refusal::OnlyWritten),
                    (true, Some(_)) => Err(Refusal::TransferPending),
                    (true, None) => Ok(()),
                }
            }
        }
    }

    /// Where a question stands once it has joined one that this unit leads, or none.
    pub(super) fn stage_beside(lead: Option<UnitId>, accepted: bool) -> Stage {
        match (lead, accepted) {
            (None, _) => Stage::Received,
            (Some(_), false) => Stage::Routed,
            (Some(_), true) => Stage::Drafting,
        }
    }

    /// Stands where the lead question stands: the same unit at the same point, the same text.
    pub(super) fn stand_beside(
        &mut self,
        lead: Option<UnitId>,
        accepted: bool,
        draft: Option<&Draft>,
        on: NaiveDate,
    ) -> Result<(), Impossible> {
        match lead {
            Some(unit) if !self.is_held_by(unit, accepted) => {
                self.give_to(unit, on)?;
                if accepted {
                    self.lead_act(crate::assignment::AssignmentAction::Accept)?;
                }
            }
            Some(_) => {}
            None => {
                self.withdraw_all()?;
                self.lead = None;
            }
        }
        self.declined = None;
        self.signed_by = None;
        if let Some(draft) = draft {
            self.draft = Some(draft.clone());
        }
        Ok(())
    }

    /// Whether a unit has it already, and has taken it or not.
    fn is_held_by(&mut self, unit: UnitId, accepted: bool) -> bool {
        let wanted = if accepted { AssignmentStage::Accepted } else { AssignmentStage::Proposed };
        let stage = |part: &mut Assignment| part.stage == wanted;
        self.lead == Some(unit) && self.lead_assignment().is_some_and(stage)
    }

    pub(super) fn take_seat(&mut self, seat: Option<Seat>) {
        if let Body::Question(facts) = &mut self.body {
            facts.seat = seat;
        }
    }
}
