//! What happened to a dossier, as the journal keeps it: ids, dates and digests, no personal words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Action, Attachment, Category, Channel, DeclineReason, Discrepancy, Draft, SittingSource};
use crate::deadline::Due;
use crate::digest::Digest;
use crate::identity::QuestionIdentity;
use crate::ids::{BatchId, CompartmentId, DossierId, EliminationId, MemberId, UnitId, UserId};

/// An accepted act. `note` is the digest of the words said with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each field is the command's of the same name")]
pub enum Event {
    Registered {
        reference: String,
        category: Category,
        document_on: NaiveDate,
        received_on: NaiveDate,
        /// When another administration received it first (CRPA, art. L114-3).
        #[serde(default)]
        first_received_on: Option<NaiveDate>,
        #[serde(default)]
        urgent: bool,
        channel: Channel,
        content: Digest,
        /// The member of Parliament who wrote it, when the clerk picked one.
        #[serde(default)]
        member: Option<MemberId>,
        due: Vec<Due>,
    },
    Received {
        identity: QuestionIdentity,
        published_on: NaiveDate,
        content: Digest,
        due: Vec<Due>,
    },
    Routed {
        lead: UnitId,
        contributors: Vec<UnitId>,
        informed: Vec<UnitId>,
        on: NaiveDate,
    },
    Accepted,
    Declined {
        reason: DeclineReason,
        proposed: Option<UnitId>,
        note: Option<Digest>,
        /// The delay to send a request to the competent authority, when it starts.
        #[serde(default)]
        due: Option<Due>,
    },
    Rerouted {
        lead: UnitId,
        on: NaiveDate,
    },
    Drafted {
        version: u32,
        text: Digest,
        by: UserId,
    },
    Submitted {
        version: u32,
    },
    Approved {
        version: u32,
    },
    SentBack {
        note: Option<Digest>,
    },
    Signed {
        version: u32,
        text: Digest,
        by: UserId,
    },
    Dispatched {
        reference: String,
        channel: Channel,
        on: NaiveDate,
        note: Option<Digest>,
    },
    AnsweredByPhone {
        on: NaiveDate,
        note: Option<Digest>,
    },
    FilingProposed {
        by: UserId,
        note: Option<Digest>,
    },
    Filed {
        on: NaiveDate,
    },
    Redirected {
        on: NaiveDate,
        note: Option<Digest>,
    },
    MarkedDuplicate {
        of: DossierId,
        on: NaiveDate,
    },
    Cancelled {
        on: NaiveDate,
        note: Option<Digest>,
    },
    Reopened {
        on: NaiveDate,
        note: Option<Digest>,
    },
    Transmitted {
        /// The journal's first entries do not say it.
        #[serde(default)]
        on: Option<NaiveDate>,
    },
    AnswerRecalled {
        note: Option<Digest>,
    },
    Published {
        on: NaiveDate,
    },
    Withdrawn {
        on: NaiveDate,
    },
    Lapsed {
        on: NaiveDate,
    },
    Converted {
        on: NaiveDate,
    },
    TransferRequested {
        ministry: String,
    },
    TransferAccepted {
        on: NaiveDate,
    },
    TransferRefused,
    Signalled {
        on: NaiveDate,
        due: Due,
    },
    Renewed {
        on: NaiveDate,
    },
    RecallNoticed {
        on: NaiveDate,
    },
    Corrected {
        on: NaiveDate,
    },
    Acknowledged {
        on: NaiveDate,
    },
    Suspended {
        rule: String,
        from: NaiveDate,
        until: NaiveDate,
        by: UserId,
        note: Option<Digest>,
    },
    Resumed {
        rule: String,
        on: NaiveDate,
    },
    ExtensionRequested {
        rule: String,
        until: NaiveDate,
        by: UserId,
        note: Option<Digest>,
    },
    ExtensionGranted {
        rule: String,
        by: UserId,
        note: Option<Digest>,
    },
    ExtensionRefused {
        rule: String,
        by: UserId,
        note: Option<Digest>,
    },
    Rescheduled {
        due: Due,
    },
    Rectified {
        discrepancy: Discrepancy,
        /// The deadlines that the corrected day moves.
        due: Vec<Due>,
    },
    Realigned {
        discrepancy: Discrepancy,
    },
    Dismissed {
        discrepancy: Discrepancy,
        note: Option<Digest>,
    },
    Attached {
        attachment: Attachment,
        note: Option<Digest>,
    },
    BatchOpened {
        batch: BatchId,
    },
    BatchJoined {
        batch: BatchId,
        place: u32,
        /// Where the question stands from now on: as the lead question.
        lead: Option<UnitId>,
        accepted: bool,
        /// The lead question's text, as this question's next version.
        draft: Option<Draft>,
        on: NaiveDate,
    },
    BatchLeft,
    Reserved {
        compartment: CompartmentId,
    },
    Released {
        note: Option<Digest>,
    },
    SittingPlanned {
        on: NaiveDate,
        source: SittingSource,
        /// What is due for the sitting, counted back from that day.
        due: Vec<Due>,
        /// The digest of the name of whoever attends.
        note: Option<Digest>,
    },
    Frozen {
        note: Option<Digest>,
    },
    Unfrozen {
        note: Option<Digest>,
    },
    Eliminated {
        list: EliminationId,
        approved_by: [UserId; 2],
        on: NaiveDate,
    },
    SenderCorrected {
        /// The digest of the sender and the subject as they are from now on.
        content: Digest,
        note: Option<Digest>,
    },
    Disclosed {
        request: DossierId,
    },
    Renamed {
        ministry: String,
        on: NaiveDate,
    },
    HandedOver {
        ministry: String,
        on: NaiveDate,
    },
}

impl Event {
    /// The action that it records.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Registered { .. } => Action::Register,
            Self::Received { .. } => Action::Receive,
            Self::Routed { .. } => Action::Route,
            Self::Accepted => Action::Accept,
            Self::Declined { .. } => Action::Decline,
            Self::Rerouted { .. } => Action::Reroute,
            Self::Drafted { .. } => Action::Draft,
            Self::Submitted { .. } => Action::Submit,
            Self::Approved { .. } => Action::Approve,
            Self::SentBack { .. } => Action::SendBack,
            Self::Signed { .. } => Action::Sign,
            Self::Dispatched { .. } => Action::Dispatch,
            Self::AnsweredByPhone { .. } => Action::AnswerByPhone,
            Self::FilingProposed { .. } => Action::ProposeFiling,
            Self::Filed { .. } => Action::File,
            Self::Redirected { .. } => Action::Redirect,
            Self::MarkedDuplicate { .. } => Action::MarkDuplicate,
            Self::Cancelled { .. } => Action::Cancel,
            Self::Reopened { .. } => Action::Reopen,
            Self::Transmitted { .. } => Action::Transmit,
            Self::AnswerRecalled { .. } => Action::RecallAnswer,
            Self::Published { .. } => Action::Publish,
            Self::Withdrawn { .. } => Action::Withdraw,
            Self::Lapsed { .. } => Action::Lapse,
            Self::Converted { .. } => Action::Convert,
            Self::TransferRequested { .. } => Action::RequestTransfer,
            Self::TransferAccepted { .. } => Action::AcceptTransfer,
            Self::TransferRefused => Action::RefuseTransfer,
            Self::Signalled { .. } => Action::Signal,
            Self::Renewed { .. } => Action::Renew,
            Self::RecallNoticed { .. } => Action::RecallNotice,
            Self::Corrected { .. } => Action::Correct,
            Self::Acknowledged { .. } => Action::Acknowledge,
            Self::Suspended { .. } => Action::Suspend,
            Self::Resumed { .. } => Action::Resume,
            Self::ExtensionRequested { .. } => Action::RequestExtension,
            Self::ExtensionGranted { .. } => Action::GrantExtension,
            Self::ExtensionRefused { .. } => Action::RefuseExtension,
            Self::Rescheduled { .. } => Action::Reschedule,
            Self::Rectified { .. } => Action::Rectify,
            Self::Realigned { .. } => Action::Realign,
            Self::Dismissed { .. } => Action::Dismiss,
            Self::Attached { .. } => Action::Attach,
            Self::BatchOpened { .. } => Action::OpenBatch,
            Self::BatchJoined { .. } => Action::JoinBatch,
            Self::BatchLeft => Action::LeaveBatch,
            Self::Reserved { .. } => Action::Reserve,
            Self::Released { .. } => Action::Release,
            Self::SittingPlanned { .. } => Action::PlanSitting,
            Self::Frozen { .. } => Action::Freeze,
            Self::Unfrozen { .. } => Action::Unfreeze,
            Self::Eliminated { .. } => Action::Eliminate,
            Self::SenderCorrected { .. } => Action::CorrectSender,
            Self::Disclosed { .. } => Action::Disclose,
            Self::Renamed { .. } => Action::Rename,
            Self::HandedOver { .. } => Action::HandOver,
        }
    }

    /// The day it closed the dossier, when it did.
    #[must_use]
    pub fn closed_on(&self) -> Option<NaiveDate> {
        match self {
            Self::Dispatched { on, .. }
            | Self::AnsweredByPhone { on, .. }
            | Self::Filed { on }
            | Self::Redirected { on, .. }
            | Self::MarkedDuplicate { on, .. }
            | Self::Cancelled { on, .. }
            | Self::Published { on }
            | Self::Withdrawn { on }
            | Self::Lapsed { on }
            | Self::Converted { on }
            | Self::TransferAccepted { on }
            | Self::HandedOver { on, .. } => Some(*on),
            _ => None,
        }
    }

    /// The rule of the one deadline that it changes.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::Suspended { rule, .. }
            | Self::Resumed { rule, .. }
            | Self::ExtensionRequested { rule, .. }
            | Self::ExtensionGranted { rule, .. }
            | Self::ExtensionRefused { rule, .. }
            | Self::Rescheduled { due: Due { rule, .. } } => Some(rule),
            _ => None,
        }
    }

    /// The version of the answer that it brought, with its text and its author.
    #[must_use]
    pub fn written(&self) -> Option<(u32, &Digest, UserId)> {
        match self {
            Self::Drafted { version, text, by } => Some((*version, text, *by)),
            Self::BatchJoined { draft: Some(draft), .. } => Some((draft.version, &draft.text, draft.author)),
            _ => None,
        }
    }

    /// The digest of the words said with it.
    #[must_use]
    pub fn note(&self) -> Option<&Digest> {
        match self {
            Self::Declined { note, .. }
            | Self::Released { note }
            | Self::Frozen { note }
            | Self::Unfrozen { note }
            | Self::SenderCorrected { note, .. }
            | Self::SentBack { note }
            | Self::Dispatched { note, .. }
            | Self::AnsweredByPhone { note, .. }
            | Self::FilingProposed { note, .. }
            | Self::Redirected { note, .. }
            | Self::Cancelled { note, .. }
            | Self::Reopened { note, .. }
            | Self::Suspended { note, .. }
            | Self::ExtensionRequested { note, .. }
            | Self::ExtensionGranted { note, .. }
            | Self::ExtensionRefused { note, .. }
            | Self::Dismissed { note, .. }
            | Self::SittingPlanned { note, .. }
            | Self::AnswerRecalled { note }
            | Self::Attached { note, .. } => note.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the journals that are older than the members hold it.
    #[test]
    fn a_letter_that_was_registered_before_members_were_known_is_read() {
        let kept = r#"{"event":"registered","reference":"SG-2026-A-000001","category":"member_letter",
            "document_on":"2026-11-16","received_on":"2026-11-19","first_received_on":null,"urgent":false,
            "channel":"post","content":"00","due":[]}"#;
        let event: Event = serde_json::from_str(kept).unwrap();
        assert!(matches!(event, Event::Registered { member: None, .. }), "{event:?}");
    }
}
