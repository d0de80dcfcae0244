//! The domain's closed lists, as the API names them. A variant that is missing here does not compile.

use async_graphql::Enum;

pub(crate) use crate::stage::Stage;

macro_rules! mirror {
    ($($(#[$doc:meta])* $name:ident = $remote:literal { $($(#[$item:meta])* $variant:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        #[graphql(remote = $remote)]
        pub(crate) enum $name { $($(#[$item])* $variant,)* }
    )*};
}

mirror! {
    /// The two kinds of dossier.
    Kind = "pli_domain::dossier::Kind" {
        /// A letter or e-mail received.
        Mail,
        /// A parliamentary question.
        Question,
    }
    /// What a letter is.
    Category = "pli_domain::dossier::Category" {
        /// A letter of an authority, a body or a company.
        Ordinary,
        /// A private person's request (CRPA).
        Petition,
        /// A deputy's or senator's letter.
        MemberLetter,
    }
    /// Why a change of government leaves a question where it is.
    AsideReason = "pli_domain::government::Aside" {
        /// Its answer is signed.
        Signed,
        /// Another ministry was asked to take it, and has not answered.
        TransferPending,
        /// It was given to us after the decree.
        Later,
    }
    /// How something came in or left.
    Channel = "pli_domain::dossier::Channel" {
        /// By post.
        Post,
        /// By e-mail.
        Email,
        /// By courier.
        Courier,
    }
    /// Why two letters may be one.
    LikenessSign = "pli_domain::duplicate::Sign" {
        /// The very same file.
        SameDocument,
        /// The same person or body wrote them.
        SameSender,
        /// They are about the same.
        NearSubject,
        /// They bear the same date.
        SameDate,
    }
    /// How a dossier closed.
    Outcome = "pli_domain::dossier::Outcome" {
        /// Answered.
        Answered,
        /// Filed without an answer (classé sans suite).
        Filed,
        /// Sent to the competent authority.
        Redirected,
        /// The same as another dossier.
        Duplicate,
        /// Registered by mistake.
        Cancelled,
        /// Withdrawn by its author.
        Withdrawn,
        /// Its author's mandate or the legislature ended.
        Lapsed,
        /// Put again as an oral question.
        Converted,
        /// Now another ministry's.
        Transferred,
    }
    /// Why a unit declines.
    DeclineReason = "pli_domain::dossier::DeclineReason" {
        /// Another unit of the ministry is competent.
        OtherUnit,
        /// Another ministry is competent.
        OtherMinistry,
        /// It was answered already.
        AlreadyHandled,
        /// Something else, said in the note.
        Other,
    }
    /// Whether an answer came by its term.
    Timeliness = "pli_domain::deadline::Timeliness" {
        /// By its term.
        InTime,
        /// After it.
        Late,
    }
    /// What a person does in a unit.
    Role = "pli_domain::actor::Role" {
        /// Logs incoming mail and sends what leaves.
        Clerk,
        /// Routes, watches and unblocks.
        Coordinator,
        /// Chef de cabinet of a direction.
        Correspondent,
        /// Writes drafts.
        Drafter,
        /// Approves the drafts of others.
        Approver,
        /// Signs.
        Signatory,
        /// Watches what is late.
        Manager,
        /// Keeps units, people and rules.
        Administrator,
        /// Reads everything, changes nothing.
        Auditor,
    }
    /// What a unit is.
    UnitKind = "pli_domain::organisation::UnitKind" {
        /// The ministry.
        Ministry,
        /// A cabinet.
        Cabinet,
        /// The secrétariat général.
        Secretariat,
        /// A direction.
        Direction,
        /// A service.
        Service,
        /// A délégation.
        Delegation,
        /// A sous-direction.
        Subdirection,
        /// A bureau.
        Bureau,
    }
    /// What a unit is asked.
    Part = "pli_domain::assignment::Part" {
        /// Pilote: answers.
        Lead,
        /// Contributeur: gives a part of the answer.
        Contributor,
        /// Pour information.
        Informed,
    }
    /// Where a unit stands with its part.
    AssignmentStage = "pli_domain::assignment::AssignmentStage" {
        /// Asked.
        Proposed,
        /// Taken in hand.
        Accepted,
        /// Done.
        Delivered,
        /// Refused by the unit.
        Declined,
        /// Taken away.
        Withdrawn,
    }
    /// Where a deadline stands.
    DeadlineStage = "pli_domain::deadline::DeadlineStage" {
        /// The clock runs.
        Running,
        /// The clock is stopped.
        Suspended,
        /// Done in time.
        Met,
        /// Done, too late.
        Missed,
        /// Nothing is due any more.
        Cancelled,
    }
    /// Which clock a deadline runs on.
    Clock = "pli_domain::delay::Clock" {
        /// Set by a text.
        Legal,
        /// Set by the house for itself.
        Internal,
    }
    /// What is due at the end of a delay.
    Purpose = "pli_domain::delay::Purpose" {
        /// The answer.
        Answer,
        /// The acknowledgement of receipt.
        Acknowledgement,
        /// Sending the request to the competent authority.
        Redirection,
        /// The brief for a sitting.
        Brief,
        /// A stage of the work.
        Stage,
    }
    /// What starts a delay.
    StartEvent = "pli_domain::delay::StartEvent" {
        /// The question appears in the Journal officiel.
        Publication,
        /// A group's president signals the question.
        Signalling,
        /// A private person's request is received.
        RequestReceived,
        /// A request is received by the administration whose business it is.
        RequestReceivedByCompetent,
        /// The last missing piece of a request is received.
        FileComplete,
        /// A letter is received.
        LetterReceived,
        /// A unit says that another administration is competent.
        FoundIncompetent,
        /// The sitting: counted back from it.
        Sitting,
        /// The dossier's term: counted back from it.
        Term,
    }
    /// In what a length is counted.
    LengthUnit = "pli_domain::delay::LengthUnit" {
        /// Calendar days.
        Days,
        /// Monday to Friday, holidays and closed days excepted.
        WorkingDays,
        /// Months.
        Months,
    }
    /// What happens when the last day is not a working day.
    Rollover = "pli_domain::delay::Rollover" {
        /// It stays the last day.
        Keep,
        /// The first working day after it.
        NextWorkingDay,
    }
    /// What an entry of the calendar says of its days.
    EntryKind = "pli_domain::calendar::EntryKind" {
        /// Nobody works.
        Closed,
        /// A house sits.
        Sitting,
        /// A house's Journal officiel of questions does not appear.
        NoIssue,
    }
    /// What must be done by a stage's latest date.
    Milestone = "pli_domain::delay::plan::Milestone" {
        /// A unit has taken it.
        Accept,
        /// The draft is submitted.
        Draft,
        /// The draft is approved.
        Approve,
        /// The answer is signed.
        Sign,
        /// The answer has left, or is with the SGG.
        Send,
    }
    /// Who is told by a reminder.
    Level = "pli_domain::reminder::Level" {
        /// Whoever does the next act.
        Holder,
        /// The correspondent of the lead unit.
        Correspondent,
        /// The head of the lead unit.
        Head,
        /// The coordinators of the cabinet.
        Cabinet,
    }
    /// How a person wants to be told.
    Notifications = "pli_domain::reminder::Notifications" {
        /// As soon as a reminder is due, in working hours.
        Immediate,
        /// Once a day, in the morning.
        Daily,
        /// Never.
        None,
    }
    /// How old a lateness is.
    AgeClass = "pli_domain::deadline::AgeClass" {
        /// 1 to 15 days late.
        UpTo15,
        /// 16 to 30 days late.
        UpTo30,
        /// 31 to 60 days late.
        UpTo60,
        /// More than 60 days late.
        Over60,
    }
    /// The texts of which a search shows a passage.
    ExcerptSource = "pli_app::Source" {
        /// The current draft of the answer.
        Draft,
        /// The question as published.
        Question,
        /// The answer as published.
        Answer,
    }
    /// A house of Parliament.
    House = "pli_domain::identity::House" {
        /// Assemblée nationale.
        Assembly,
        /// Sénat.
        Senate,
    }
    /// What a question is.
    QuestionType = "pli_domain::identity::QuestionType" {
        /// Question écrite.
        Qe,
        /// Question orale sans débat.
        Qosd,
        /// Question orale avec débat.
        Qoad,
        /// Question orale avec débat on a European subject.
        Qoae,
        /// Question au Gouvernement.
        Qg,
        /// Question crible.
        Qc,
    }
    /// What can be done to a dossier.
    Action = "pli_domain::dossier::Action" {
        /// Log a letter.
        Register,
        /// Make a question known.
        Receive,
        /// Give it to a lead unit.
        Route,
        /// The lead unit takes it.
        Accept,
        /// The lead unit refuses it.
        Decline,
        /// Give it to another lead unit.
        Reroute,
        /// Keep a version of the answer.
        Draft,
        /// Send the draft to be approved.
        Submit,
        /// Approve the draft.
        Approve,
        /// Send the draft back to its author.
        SendBack,
        /// Sign the answer.
        Sign,
        /// Send the answer.
        Dispatch,
        /// Record an answer given by telephone.
        AnswerByPhone,
        /// Propose to file without an answer.
        ProposeFiling,
        /// Confirm the filing.
        File,
        /// Send it to the competent authority.
        Redirect,
        /// Say that it is the same as another.
        MarkDuplicate,
        /// Cancel a registration.
        Cancel,
        /// Take a closed letter up again.
        Reopen,
        /// Send the answer to the SGG.
        Transmit,
        /// Take the answer back from the SGG.
        RecallAnswer,
        /// Record that the answer was published.
        Publish,
        /// Record that the question was withdrawn.
        Withdraw,
        /// Record that the question lapsed.
        Lapse,
        /// Record that it became an oral question.
        Convert,
        /// Ask another ministry to take it.
        RequestTransfer,
        /// Record that the other ministry took it.
        AcceptTransfer,
        /// Record that the other ministry refused it.
        RefuseTransfer,
        /// Record that it was signalled.
        Signal,
        /// Record that it was renewed.
        Renew,
        /// Record that the house recalled it.
        RecallNotice,
        /// Record an erratum of the answer.
        Correct,
        /// Record that the acknowledgement of receipt was sent.
        Acknowledge,
        /// Stop a clock while the file is incomplete.
        Suspend,
        /// Let the clock run again.
        Resume,
        /// Ask for more time.
        RequestExtension,
        /// Give the time that was asked for.
        GrantExtension,
        /// Refuse the time that was asked for.
        RefuseExtension,
        /// Follow a rule that has changed.
        Reschedule,
        /// Take a day or a number as the public record gives it.
        Rectify,
        /// Take the end that the public record gives the question.
        Realign,
        /// Keep what is held, against the public record.
        Dismiss,
        /// Join a document; on the page only, since the API takes no file.
        Attach,
        /// Begin a batch; done when another question joins this one.
        OpenBatch,
        /// Answer it together with another question.
        JoinBatch,
        /// Take it out of its batch.
        LeaveBatch,
        /// Reserve it to the people of a compartment.
        Reserve,
        /// Open it again to whoever's roles reach it.
        Release,
        /// Set the sitting and who attends.
        PlanSitting,
        /// Hold it back: it is not eliminated.
        Freeze,
        /// Hold it back no more.
        Unfreeze,
        /// Take its words out, as an approved list says.
        Eliminate,
        /// Write its sender as it should have been written.
        CorrectSender,
        /// Give a copy of it to the person whom it is about.
        Disclose,
        /// Follow the new name of the ministry after a change of government.
        Rename,
        /// Give it to another ministry after a change of government.
        HandOver,
    }
}
