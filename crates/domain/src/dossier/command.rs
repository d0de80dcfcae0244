//! What someone asks to be done to a dossier.

use chrono::NaiveDate;

use super::{Action, Attachment, Channel, DeclineReason, Discrepancy};
use crate::deadline::Due;
use crate::ids::{BatchId, CompartmentId, DossierId, EliminationId, UnitId, UserId};

/// Words said with an act: kept beside the journal, which holds their digest only.
pub type Note = String;

/// A command, with what it needs. The act itself is checked by [`super::Dossier::decide`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Gives the dossier to a lead unit, with those that help and those that are told.
    Route {
        /// The unit that answers.
        lead: UnitId,
        /// Those that give a part.
        contributors: Vec<UnitId>,
        /// Those that are told.
        informed: Vec<UnitId>,
    },
    /// The lead unit takes it.
    Accept,
    /// The lead unit refuses it.
    Decline {
        /// Why.
        reason: DeclineReason,
        /// Where it should go.
        proposed: Option<UnitId>,
        /// A sentence; required when no unit is proposed.
        note: Note,
    },
    /// Takes it from its lead unit and gives it to another.
    Reroute {
        /// The new lead unit.
        lead: UnitId,
    },
    /// Keeps a new version of the answer.
    Draft {
        /// The whole text.
        text: String,
    },
    /// Sends the draft to be approved.
    Submit,
    /// Approves the draft of another.
    Approve,
    /// Sends the draft back to its author.
    SendBack {
        /// What is to be changed.
        note: Note,
    },
    /// Signs the approved text.
    Sign,
    /// The answer leaves; it gets a departure chrono.
    Dispatch {
        /// How.
        channel: Channel,
        /// When.
        on: NaiveDate,
        /// Tracking number of a registered letter, or empty.
        tracking: Note,
    },
    /// The answer was given by telephone.
    AnswerByPhone {
        /// When.
        on: NaiveDate,
        /// What was said.
        note: Note,
    },
    /// Proposes to file a letter without an answer.
    ProposeFiling {
        /// Why.
        note: Note,
    },
    /// Confirms the proposal of another.
    File,
    /// Sends a letter to the competent authority, and tells its sender.
    Redirect {
        /// The authority and the notice given.
        note: Note,
    },
    /// The letter is the same as another.
    MarkDuplicate {
        /// Which.
        of: DossierId,
    },
    /// The letter was registered by mistake; its chrono stays used.
    Cancel {
        /// Why.
        note: Note,
    },
    /// Takes a closed letter up again.
    Reopen {
        /// Why.
        note: Note,
    },
    /// Sends a signed answer to the SGG.
    Transmit,
    /// The answer comes back from the SGG.
    RecallAnswer {
        /// Why.
        note: Note,
    },
    /// The answer was published in the Journal officiel.
    Publish {
        /// Date of the Journal officiel.
        on: NaiveDate,
    },
    /// The author withdrew the question.
    Withdraw {
        /// When.
        on: NaiveDate,
    },
    /// The author's mandate or the legislature ended.
    Lapse {
        /// When.
        on: NaiveDate,
    },
    /// The question was put again as an oral one.
    Convert {
        /// When.
        on: NaiveDate,
    },
    /// Asks that another ministry takes the question.
    RequestTransfer {
        /// Its name.
        ministry: String,
    },
    /// The other ministry took it.
    AcceptTransfer {
        /// When.
        on: NaiveDate,
    },
    /// The other ministry refused it.
    RefuseTransfer,
    /// A group's president signalled the question.
    Signal {
        /// Date of the deposit, from which ten days run.
        on: NaiveDate,
    },
    /// The author renewed the question.
    Renew {
        /// When.
        on: NaiveDate,
    },
    /// The house recalled that the question is unanswered.
    RecallNotice {
        /// When.
        on: NaiveDate,
    },
    /// The published answer was corrected.
    Correct {
        /// Date of the erratum.
        on: NaiveDate,
    },
    /// The acknowledgement of receipt was sent.
    Acknowledge {
        /// When.
        on: NaiveDate,
    },
    /// Stops a clock while the file is incomplete.
    Suspend {
        /// Code of the deadline's rule.
        rule: String,
        /// The day on which the missing pieces were asked for.
        from: NaiveDate,
        /// The end of the time given.
        until: NaiveDate,
        /// Which pieces are missing.
        note: Note,
    },
    /// The pieces came: the clock runs again.
    Resume {
        /// Code of the deadline's rule.
        rule: String,
        /// When.
        on: NaiveDate,
    },
    /// Asks for more time.
    RequestExtension {
        /// Code of the deadline's rule.
        rule: String,
        /// The new last day.
        until: NaiveDate,
        /// Why.
        note: Note,
    },
    /// Gives the time that was asked for.
    GrantExtension {
        /// Code of the deadline's rule.
        rule: String,
        /// Why.
        note: Note,
    },
    /// Refuses it.
    RefuseExtension {
        /// Code of the deadline's rule.
        rule: String,
        /// Why.
        note: Note,
    },
    /// A rule or the calendar has changed: the same delay ends on another day.
    Reschedule {
        /// The deadline as it is counted now.
        due: Due,
    },
    /// Takes a day or a number as the public record gives it.
    Rectify {
        /// On which point.
        discrepancy: Discrepancy,
    },
    /// Takes the end that the public record gives the question.
    Realign {
        /// On which point.
        discrepancy: Discrepancy,
    },
    /// Keeps what we hold, against the public record.
    Dismiss {
        /// On which point.
        discrepancy: Discrepancy,
        /// Why.
        note: Note,
    },
    /// Joins a document that is stored already.
    Attach {
        /// Which.
        attachment: Attachment,
        /// Its name, by [`Media::name`](super::Media::name).
        name: Note,
    },
    /// Begins a batch, with this question for its lead question.
    OpenBatch {
        /// The batch.
        batch: BatchId,
    },
    /// Joins the batch of another question. [`Dossier::join`](super::Dossier::join) decides it: it takes that question too.
    JoinBatch {
        /// The other question.
        with: DossierId,
    },
    /// Leaves its batch and goes on by itself.
    LeaveBatch,
    /// Reserves the dossier to the people of a compartment.
    Reserve {
        /// Which.
        compartment: CompartmentId,
    },
    /// Opens the dossier again to whoever's roles reach it.
    Release {
        /// Why.
        note: Note,
    },
    /// Sets the sitting in which the question is put, and who attends.
    PlanSitting {
        /// The day of the sitting.
        on: NaiveDate,
        /// The name of whoever attends for the ministry; empty when that is not known yet.
        attendee: Note,
    },
    /// Holds a closed dossier back: it is on no list, and is not eliminated.
    Freeze {
        /// Why.
        note: Note,
    },
    /// Holds it back no more.
    Unfreeze {
        /// Why.
        note: Note,
    },
    /// Takes its words out, as a list that was approved says.
    Eliminate {
        /// Which list.
        list: EliminationId,
        /// The two people who approved it.
        approved_by: [UserId; 2],
    },
    /// Writes the sender of a letter, and what it is about, as they should have been written (GDPR, art. 16).
    CorrectSender {
        /// Who wrote it: the name, then what follows it.
        sender: String,
        /// What it is about, where it names the person.
        subject: String,
        /// Why.
        note: Note,
    },
    /// Gives a copy of what the dossier holds to the person whom it is about (GDPR, art. 15).
    Disclose {
        /// The letter by which they asked for it.
        request: DossierId,
    },
    /// A change of government gives our ministry another name, under which the question stands from that day on.
    Rename {
        /// The new name.
        ministry: String,
        /// The day of the decree.
        on: NaiveDate,
    },
    /// A change of government gives the question to another ministry, which need not be asked.
    HandOver {
        /// Its name.
        ministry: String,
        /// The day of the decree.
        on: NaiveDate,
    },
}

impl Command {
    /// The action of the table.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Route { .. } => Action::Route,
            Self::Accept => Action::Accept,
            Self::Decline { .. } => Action::Decline,
            Self::Reroute { .. } => Action::Reroute,
            Self::Draft { .. } => Action::Draft,
            Self::Submit => Action::Submit,
            Self::Approve => Action::Approve,
            Self::SendBack { .. } => Action::SendBack,
            Self::Sign => Action::Sign,
            Self::Dispatch { .. } => Action::Dispatch,
            Self::AnswerByPhone { .. } => Action::AnswerByPhone,
            Self::ProposeFiling { .. } => Action::ProposeFiling,
            Self::File => Action::File,
            Self::Redirect { .. } => Action::Redirect,
            Self::MarkDuplicate { .. } => Action::MarkDuplicate,
            Self::Cancel { .. } => Action::Cancel,
            Self::Reopen { .. } => Action::Reopen,
            Self::Transmit => Action::Transmit,
            Self::RecallAnswer { .. } => Action::RecallAnswer,
            Self::Publish { .. } => Action::Publish,
            Self::Withdraw { .. } => Action::Withdraw,
            Self::Lapse { .. } => Action::Lapse,
            Self::Convert { .. } => Action::Convert,
            Self::RequestTransfer { .. } => Action::RequestTransfer,
            Self::AcceptTransfer { .. } => Action::AcceptTransfer,
            Self::RefuseTransfer => Action::RefuseTransfer,
            Self::Signal { .. } => Action::Signal,
            Self::Renew { .. } => Action::Renew,
            Self::RecallNotice { .. } => Action::RecallNotice,
            Self::Correct { .. } => Action::Correct,
            Self::Acknowledge { .. } => Action::Acknowledge,
            Self::Suspend { .. } => Action::Suspend,
            Self::Resume { .. } => Action::Resume,
            Self::RequestExtension { .. } => Action::RequestExtension,
            Self::GrantExtension { .. } => Action::GrantExtension,
            Self::RefuseExtension { .. } => Action::RefuseExtension,
            Self::Reschedule { .. } => Action::Reschedule,
            Self::Rectify { .. } => Action::Rectify,
            Self::Realign { .. } => Action::Realign,
            Self::Dismiss { .. } => Action::Dismiss,
            Self::Attach { .. } => Action::Attach,
            Self::OpenBatch { .. } => Action::OpenBatch,
            Self::JoinBatch { .. } => Action::JoinBatch,
            Self::LeaveBatch => Action::LeaveBatch,
            Self::Reserve { .. } => Action::Reserve,
            Self::Release { .. } => Action::Release,
            Self::PlanSitting { .. } => Action::PlanSitting,
            Self::Freeze { .. } => Action::Freeze,
            Self::Unfreeze { .. } => Action::Unfreeze,
            Self::Eliminate { .. } => Action::Eliminate,
            Self::CorrectSender { .. } => Action::CorrectSender,
            Self::Disclose { .. } => Action::Disclose,
            Self::Rename { .. } => Action::Rename,
            Self::HandOver { .. } => Action::HandOver,
        }
    }

    /// The words said with it, if any.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::Decline { note, .. }
            | Self::SendBack { note }
            | Self::AnswerByPhone { note, .. }
            | Self::ProposeFiling { note }
            | Self::Redirect { note }
            | Self::Cancel { note }
            | Self::Reopen { note }
            | Self::Release { note }
            | Self::Freeze { note }
            | Self::Unfreeze { note }
            | Self::CorrectSender { note, .. }
            | Self::RecallAnswer { note }
            | Self::Suspend { note, .. }
            | Self::RequestExtension { note, .. }
            | Self::GrantExtension { note, .. }
            | Self::RefuseExtension { note, .. }
            | Self::Dismiss { note, .. }
            | Self::Attach { name: note, .. }
            | Self::PlanSitting { attendee: note, .. }
            | Self::Dispatch { tracking: note, .. } => Some(note.trim()).filter(|note| !note.is_empty()),
            _ => None,
        }
    }

    /// Whether words must be said with it.
    #[must_use]
    pub fn needs_note(&self) -> bool {
        match self {
            Self::Decline { proposed, .. } => proposed.is_none(),
            Self::SendBack { .. }
            | Self::AnswerByPhone { .. }
            | Self::ProposeFiling { .. }
            | Self::Redirect { .. }
            | Self::Cancel { .. }
            | Self::Reopen { .. }
            | Self::Release { .. }
            | Self::Freeze { .. }
            | Self::Unfreeze { .. }
            | Self::CorrectSender { .. }
            | Self::RecallAnswer { .. }
            | Self::Suspend { .. }
            | Self::RequestExtension { .. }
            | Self::GrantExtension { .. }
            | Self::RefuseExtension { .. }
            | Self::Dismiss { .. }
            | Self::Attach { .. } => true,
            _ => false,
        }
    }
}
