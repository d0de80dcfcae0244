//! The two tables of a dossier's life: from, action, to, who. Everything else follows them.

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{Outcome, Stage};
use crate::actor::Role;
use crate::machine::Edge;

/// What can be done to a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the tables below say what each does, and to which end")]
pub enum Action {
    Register,
    Receive,
    Route,
    Accept,
    Decline,
    Reroute,
    Draft,
    Submit,
    Approve,
    SendBack,
    Sign,
    Dispatch,
    AnswerByPhone,
    ProposeFiling,
    File,
    Redirect,
    MarkDuplicate,
    Cancel,
    Reopen,
    Transmit,
    RecallAnswer,
    Publish,
    Withdraw,
    Lapse,
    Convert,
    RequestTransfer,
    AcceptTransfer,
    RefuseTransfer,
    Signal,
    Renew,
    RecallNotice,
    Correct,
    Acknowledge,
    Suspend,
    Resume,
    RequestExtension,
    GrantExtension,
    RefuseExtension,
    Reschedule,
    Rectify,
    Realign,
    Dismiss,
    Attach,
    OpenBatch,
    JoinBatch,
    LeaveBatch,
    Reserve,
    Release,
    PlanSitting,
    Freeze,
    Unfreeze,
    Eliminate,
    CorrectSender,
    Disclose,
    Rename,
    HandOver,
}

/// In what capacity someone acts on a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Party {
    /// A clerk of the cabinet.
    Clerk,
    /// A coordinator of the cabinet.
    Coordinator,
    /// The correspondent of the lead unit, or of a unit above it.
    Lead,
    /// A drafter of the lead unit.
    Drafter,
    /// An approver over the lead unit.
    Approver,
    /// A signatory over the lead unit.
    Signatory,
    /// The import of the public record.
    Feed,
    /// Pli itself, when a day has come.
    Pli,
    /// Whoever keeps the delay rules and the calendar.
    Administrator,
}

impl Party {
    /// The role that makes someone this party; `None` for a part of Pli, which is no person.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Clerk => Some(Role::Clerk),
            Self::Coordinator => Some(Role::Coordinator),
            Self::Lead => Some(Role::Correspondent),
            Self::Drafter => Some(Role::Drafter),
            Self::Approver => Some(Role::Approver),
            Self::Signatory => Some(Role::Signatory),
            Self::Administrator => Some(Role::Administrator),
            Self::Feed | Self::Pli => None,
        }
    }
}

type Row = Edge<Stage, Action, Party>;

use Action as Do;
use Party::{Administrator, Approver, Clerk, Coordinator, Drafter, Feed, Lead, Pli, Signatory};
use Stage::{
    Closed, Drafting, Outgoing, Ready, Received, Registered, Review, Routed, Signature, Transmitted,
};

const OPEN_MAIL: &[Stage] = &[Registered, Routed, Drafting, Review, Signature, Outgoing];

const CLOSED_MAIL: &[Stage] = &[
    Closed(Outcome::Answered),
    Closed(Outcome::Filed),
    Closed(Outcome::Redirected),
    Closed(Outcome::Duplicate),
    Closed(Outcome::Cancelled),
];

const OPEN_QUESTION: &[Stage] = &[Received, Routed, Drafting, Review, Signature, Ready, Transmitted];

const CLOSED_QUESTION: &[Stage] = &[
    Closed(Outcome::Answered),
    Closed(Outcome::Withdrawn),
    Closed(Outcome::Lapsed),
    Closed(Outcome::Converted),
    Closed(Outcome::Transferred),
];

/// Where a question stands whose answer is not signed.
const UNSIGNED: &[Stage] = &[Received, Routed, Drafting, Review, Signature];

/// A letter's life.
#[rustfmt::skip]
pub const MAIL: &[Row] = &[
    Edge { from: &[], action: Do::Register, to: &[Registered], by: &[Clerk] },
    Edge { from: &[Registered], action: Do::Route, to: &[Routed], by: &[Clerk, Coordinator] },
    Edge { from: &[Routed], action: Do::Accept, to: &[Drafting], by: &[Lead] },
    Edge { from: &[Routed], action: Do::Decline, to: &[Registered], by: &[Lead] },
    Edge { from: &[Routed, Drafting, Review], action: Do::Reroute, to: &[Routed], by: &[Coordinator] },
    Edge { from: &[Drafting], action: Do::Draft, to: &[], by: &[Drafter] },
    Edge { from: &[Drafting], action: Do::Submit, to: &[Review], by: &[Drafter] },
    Edge { from: &[Review], action: Do::Approve, to: &[Signature], by: &[Approver] },
    Edge { from: &[Review], action: Do::SendBack, to: &[Drafting], by: &[Approver] },
    Edge { from: &[Signature], action: Do::SendBack, to: &[Drafting], by: &[Signatory] },
    Edge { from: &[Signature], action: Do::Sign, to: &[Outgoing], by: &[Signatory] },
    Edge { from: &[Outgoing], action: Do::Dispatch, to: &[Closed(Outcome::Answered)], by: &[Clerk] },
    Edge { from: &[Drafting], action: Do::AnswerByPhone, to: &[Closed(Outcome::Answered)], by: &[Lead] },
    Edge { from: &[Registered], action: Do::ProposeFiling, to: &[], by: &[Clerk] },
    Edge { from: &[Registered], action: Do::File, to: &[Closed(Outcome::Filed)], by: &[Coordinator] },
    Edge { from: &[Registered, Routed, Drafting], action: Do::Redirect, to: &[Closed(Outcome::Redirected)], by: &[Coordinator] },
    Edge { from: OPEN_MAIL, action: Do::MarkDuplicate, to: &[Closed(Outcome::Duplicate)], by: &[Clerk, Coordinator] },
    Edge { from: &[Registered], action: Do::Cancel, to: &[Closed(Outcome::Cancelled)], by: &[Clerk] },
    Edge { from: CLOSED_MAIL, action: Do::Reopen, to: &[Registered, Routed], by: &[Coordinator] },
    Edge { from: OPEN_MAIL, action: Do::Acknowledge, to: &[], by: &[Clerk, Coordinator, Lead] },
    Edge { from: &[Registered, Routed, Drafting, Review], action: Do::Suspend, to: &[], by: &[Coordinator, Lead] },
    Edge { from: OPEN_MAIL, action: Do::Resume, to: &[], by: &[Coordinator, Lead, Pli] },
    Edge { from: &[Routed, Drafting, Review], action: Do::RequestExtension, to: &[], by: &[Lead] },
    Edge { from: OPEN_MAIL, action: Do::GrantExtension, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_MAIL, action: Do::RefuseExtension, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_MAIL, action: Do::Reschedule, to: &[], by: &[Administrator] },
    Edge { from: OPEN_MAIL, action: Do::Attach, to: &[], by: &[Clerk, Coordinator, Lead, Drafter] },
    Edge { from: OPEN_MAIL, action: Do::Reserve, to: &[], by: &[Clerk, Coordinator] },
    Edge { from: CLOSED_MAIL, action: Do::Reserve, to: &[], by: &[Clerk, Coordinator] },
    Edge { from: OPEN_MAIL, action: Do::Release, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_MAIL, action: Do::Release, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_MAIL, action: Do::Freeze, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_MAIL, action: Do::Unfreeze, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_MAIL, action: Do::Eliminate, to: &[], by: &[Pli] },
    Edge { from: OPEN_MAIL, action: Do::CorrectSender, to: &[], by: &[Clerk, Coordinator] },
    Edge { from: CLOSED_MAIL, action: Do::CorrectSender, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_MAIL, action: Do::Disclose, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_MAIL, action: Do::Disclose, to: &[], by: &[Coordinator] },
];

/// A question's life; it answers to *Réponses* and to the Journal officiel, so the public record wins from any open stage.
#[rustfmt::skip]
pub const QUESTION: &[Row] = &[
    Edge { from: &[], action: Do::Receive, to: &[Received], by: &[Feed, Clerk] },
    Edge { from: &[Received], action: Do::Route, to: &[Routed], by: &[Coordinator] },
    Edge { from: &[Routed], action: Do::Accept, to: &[Drafting], by: &[Lead] },
    Edge { from: &[Routed], action: Do::Decline, to: &[Received], by: &[Lead] },
    Edge { from: &[Routed, Drafting, Review], action: Do::Reroute, to: &[Routed], by: &[Coordinator] },
    Edge { from: &[Drafting], action: Do::Draft, to: &[], by: &[Drafter] },
    Edge { from: &[Drafting], action: Do::Submit, to: &[Review], by: &[Drafter] },
    Edge { from: &[Review], action: Do::Approve, to: &[Signature], by: &[Approver] },
    Edge { from: &[Review], action: Do::SendBack, to: &[Drafting], by: &[Approver] },
    Edge { from: &[Signature], action: Do::SendBack, to: &[Drafting], by: &[Signatory] },
    Edge { from: &[Signature], action: Do::Sign, to: &[Ready], by: &[Signatory] },
    Edge { from: &[Ready], action: Do::Transmit, to: &[Transmitted], by: &[Coordinator] },
    Edge { from: &[Transmitted], action: Do::RecallAnswer, to: &[Drafting], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Publish, to: &[Closed(Outcome::Answered)], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Withdraw, to: &[Closed(Outcome::Withdrawn)], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Lapse, to: &[Closed(Outcome::Lapsed)], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Convert, to: &[Closed(Outcome::Converted)], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::RequestTransfer, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::AcceptTransfer, to: &[Closed(Outcome::Transferred)], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::RefuseTransfer, to: &[], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Signal, to: &[], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Renew, to: &[], by: &[Feed, Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::RecallNotice, to: &[], by: &[Feed, Coordinator] },
    Edge { from: &[Closed(Outcome::Answered)], action: Do::Correct, to: &[], by: &[Feed, Coordinator] },
    Edge { from: &[Routed, Drafting, Review], action: Do::Suspend, to: &[], by: &[Coordinator, Lead] },
    Edge { from: OPEN_QUESTION, action: Do::Resume, to: &[], by: &[Coordinator, Lead, Pli] },
    Edge { from: &[Routed, Drafting, Review], action: Do::RequestExtension, to: &[], by: &[Lead] },
    Edge { from: OPEN_QUESTION, action: Do::GrantExtension, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::RefuseExtension, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Rectify, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Rectify, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Realign, to: &[Closed(Outcome::Transferred)], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Realign, to: &[Closed(Outcome::Answered), Closed(Outcome::Withdrawn), Closed(Outcome::Lapsed), Received], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Dismiss, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Dismiss, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Reschedule, to: &[], by: &[Administrator] },
    Edge { from: OPEN_QUESTION, action: Do::Attach, to: &[], by: &[Clerk, Coordinator, Lead, Drafter] },
    Edge { from: &[Received, Routed, Drafting], action: Do::OpenBatch, to: &[], by: &[Coordinator] },
    Edge { from: UNSIGNED, action: Do::JoinBatch, to: &[Received, Routed, Drafting], by: &[Coordinator] },
    Edge { from: UNSIGNED, action: Do::LeaveBatch, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Reserve, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Reserve, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::Release, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Release, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Freeze, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Unfreeze, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Eliminate, to: &[], by: &[Pli] },
    Edge { from: OPEN_QUESTION, action: Do::Disclose, to: &[], by: &[Coordinator] },
    Edge { from: CLOSED_QUESTION, action: Do::Disclose, to: &[], by: &[Coordinator] },
    Edge { from: OPEN_QUESTION, action: Do::PlanSitting, to: &[], by: &[Feed, Coordinator] },
    Edge { from: UNSIGNED, action: Do::Rename, to: &[], by: &[Administrator] },
    Edge { from: UNSIGNED, action: Do::HandOver, to: &[Closed(Outcome::Transferred)], by: &[Administrator] },
];

/// What brings a dossier of that kind, at that stage, forward, and who does it; `None` once it is closed.
#[must_use]
pub fn awaited(kind: super::Kind, stage: Stage) -> Option<(Action, &'static [Party])> {
    let action = match stage {
        Registered | Received => Do::Route,
        Routed => Do::Accept,
        Drafting => Do::Submit,
        Review => Do::Approve,
        Signature => Do::Sign,
        Outgoing => Do::Dispatch,
        Ready => Do::Transmit,
        Transmitted => Do::Publish,
        Closed(_) => return None,
    };
    let edge = kind.edges().iter().find(|edge| edge.action == action && edge.from.contains(&stage))?;
    Some((action, edge.by))
}
