//! Refusals go in the payload; the rest are errors with a stable code and no inner text.

use async_graphql::{Enum, ErrorExtensions as _, SimpleObject};
use pli_app::Error;
use pli_domain::account::AccountRefusal;
use pli_domain::compartment::CompartmentRefusal;
use pli_domain::personal::PersonalRefusal;
use pli_domain::refusal::Refusal;
use pli_domain::retention::RetentionRefusal;
use pli_domain::settings::SettingsRefusal;

/// An error of the API. It has no `Display`, so that async-graphql's conversion of anything that prints itself, which
/// would send inner text to clients, does not apply to what our resolvers return.
#[derive(Debug)]
pub(crate) struct GqlError {
    code: &'static str,
    message: String,
}

/// What a resolver returns.
pub(crate) type Result<T> = std::result::Result<T, GqlError>;

impl GqlError {
    /// Nobody has said who they are.
    pub(crate) fn unauthenticated() -> Self {
        Self {
            code: "UNAUTHENTICATED", message: "Connectez-vous, ou présentez un jeton valable.".to_owned()
        }
    }

    /// An argument cannot be read.
    pub(crate) fn bad_input(message: &str) -> Self {
        Self { code: "BAD_USER_INPUT", message: message.to_owned() }
    }
}

impl From<Error> for GqlError {
    fn from(error: Error) -> Self {
        if let Error::Internal(cause) = &error {
            tracing::error!(%cause, "a request of the API failed");
        }
        Self { code: error.code(), message: error.message() }
    }
}

impl From<GqlError> for async_graphql::Error {
    fn from(error: GqlError) -> Self {
        Self::new(error.message).extend_with(|_, extensions| extensions.set("code", error.code))
    }
}

/// Something the person can correct.
#[derive(SimpleObject)]
pub(crate) struct UserError {
    /// Its stable code.
    code: RefusalCode,
    /// What to tell the person, in French.
    message: String,
    /// The argument it is about, when there is one.
    field: Option<&'static str>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        Self { code: RefusalCode::from(&refusal), message: refusal.message(), field: refusal.field() }
    }
}

/// Declares the codes and, exhaustively, which refusals have which.
macro_rules! refusal_codes {
    (
        groups { $($wrap:ident($group:ident) { $($(#[$inner_doc:meta])* $inner:ident,)* })* }
        $($(#[$doc:meta])* $code:ident $(| $same:ident)*,)*
    ) => {
        /// Why an act was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        pub(crate) enum RefusalCode {
            $($(#[$doc])* $code,)*
            $($($(#[$inner_doc])* $inner,)*)*
        }

        impl From<&Refusal> for RefusalCode {
            fn from(refusal: &Refusal) -> Self {
                match refusal {
                    $(Refusal::$code { .. } $(| Refusal::$same { .. })* => Self::$code,)*
                    $(Refusal::$wrap(refusal) => match refusal {
                        $($group::$inner { .. } => Self::$inner,)*
                    },)*
                }
            }
        }
    };
}

refusal_codes! {
    groups {
        Account(AccountRefusal) {
            /// The present password is another one.
            PasswordWrong,
            /// A password has 12 characters at least.
            PasswordTooShort,
            /// A password has 200 characters at most.
            PasswordTooLong,
            /// The password is your login or your name.
            PasswordIsName,
            /// The password is too easy to guess.
            PasswordCommon,
            /// The password is the present one.
            PasswordSame,
            /// A token lasts from 1 to 365 days.
            TokenDays,
            /// You hold 20 tokens already.
            TooManyTokens,
            /// A token changes nothing of the account itself: sign in.
            SessionRequired,
            /// The identity opens another account already.
            IdentityTaken,
            /// You came in by a link, which does not let do that: sign in.
            NotByLink,
            /// The person may not come in by links: say first that they may.
            LinksForbidden,
            /// The person has no address: add one first.
            NoAddress,
            /// The account is disabled: enable it first.
            AccountDisabled,
        }
        Settings(SettingsRefusal) {
            /// It goes beyond the units that you administer.
            BeyondReach,
            /// A name is longer than 200 characters.
            NameTooLong,
            /// The year of a date is not of our times.
            DateTooFar,
            /// A code has letters without accents, digits and hyphens, 24 at most.
            CodeForm,
            /// Another unit has this code.
            CodeTaken,
            /// A unit stands neither under itself nor under one below it.
            UnitLoop,
            /// The ministry is neither moved nor closed.
            RootStays,
            /// The root of the organisation is its only ministry.
            OneMinistry,
            /// The unit above closes before this one.
            ParentCloses,
            /// Units below this one would outlive it.
            UnitsBelowOpen,
            /// A login has letters without accents, digits, `.`, `-`, `_` and `@`, 64 at most.
            LoginForm,
            /// Another account has this login.
            LoginTaken,
            /// This is no e-mail address.
            EmailForm,
            /// Nobody disables their own account.
            OwnAccount,
            /// Nobody takes their own role of administrator.
            OwnAdministration,
            /// Nobody would administer the ministry any more.
            LastAdministrator,
            /// The same name holds on some of these days already.
            DenominationTaken,
            /// The ministry was never published under this name.
            DenominationUnknown,
            /// The questions have this name already.
            DenominationSame,
            /// This name is ours: no other ministry has it.
            DenominationOurs,
        }
        Compartment(CompartmentRefusal) {
            /// Another compartment has this name.
            CompartmentNameTaken,
            /// Only its owner and the ministry's administrators keep a compartment.
            NotYourCompartment,
            /// Nobody gives themselves access.
            OwnAccess,
            /// There is no such person, or their account is closed.
            PersonUnknown,
            /// The owner of a compartment is one of its people.
            OwnerNotNamed,
            /// The owner stays named until another answers for the compartment.
            OwnerStays,
            /// There is no such compartment, or you are not named in it.
            CompartmentUnknown,
            /// You are named in no compartment.
            NoCompartment,
            /// The dossier is reserved to that compartment already.
            AlreadyReserved,
            /// The dossier is not reserved.
            NotReserved,
            /// What is reserved is answered by itself, in no batch.
            ReservedAlone,
        }
        Retention(RetentionRefusal) {
            /// A duration of retention is from 1 to 1,200 months.
            MonthsOutOfRange,
            /// Traces of accesses are kept from 6 to 12 months, then taken out.
            TermOfTraces,
            /// The table of retention says something else since you saw it.
            RetentionChanged,
            /// The dossier is held back already.
            AlreadyFrozen,
            /// The dossier is not held back.
            NotFrozen,
            /// What is held back is not eliminated.
            Frozen,
            /// The words of the dossier are taken out: nothing more happens to it.
            Eliminated,
            /// Nothing of that class has reached its end, or all of it is on a list.
            NothingDue,
            /// The dossier is not on the list.
            NotOnTheList,
            /// What the table keeps for good goes to the archives.
            KeptForGood,
            /// The second approval is another person's.
            SecondPerson,
            /// A first person approves before the second.
            NotReviewed,
            /// The list has come too far for that.
            ListDecided,
            /// Nothing of the list goes to the archives that they do not have.
            NothingToReceive,
        }
        Personal(PersonalRefusal) {
            /// Sender and subject are written so already.
            SenderUnchanged,
            /// There is no such request, or you may not read it.
            RequestUnknown,
            /// At most 100 dossiers are given at once.
            TooManyAtOnce,
        }
    }
    /// The dossier's stage does not allow this act.
    WrongStage,
    /// This act is another person's.
    NotYours | OnlyFor,
    /// The author of a draft does not approve it.
    SelfApproval,
    /// Filing is confirmed by another person than the one who proposed it.
    SameConfirmer,
    /// Nobody proposed to file this letter.
    FilingNotProposed,
    /// Filing is proposed already.
    FilingAlreadyProposed,
    /// There is no draft.
    NoDraft,
    /// A field is empty.
    Required,
    /// A text holds a character that cannot be kept.
    NullCharacter,
    /// The unit does not exist.
    UnitUnknown,
    /// The unit is not open today.
    UnitClosed,
    /// Work is given to a unit, not to the ministry itself.
    UnitIsMinistry,
    /// The same unit was named twice.
    UnitTwice,
    /// The unit leads the dossier already.
    UnitAlreadyLeads,
    /// The date is to come.
    DateInFuture,
    /// The date is before the dossier began.
    DateBeforeReceipt,
    /// No deadline can be counted from this date.
    DateOutOfRange,
    /// The letter is dated after its receipt.
    DocumentAfterReceipt,
    /// A dossier is not its own duplicate.
    DuplicateOfItself,
    /// The other dossier was not found.
    DuplicateUnknown,
    /// The letter may have come before: look, then say of which letters it is another (`apart`).
    ProbableDuplicate,
    /// A transfer is asked already.
    TransferPending,
    /// No transfer was asked.
    NoTransferPending,
    /// The question is signalled already.
    AlreadySignalled,
    /// There is no such member of Parliament.
    MemberUnknown,
    /// The question is followed already.
    QuestionKnown,
    /// Only a private person's request has that.
    OnlyForPetitions,
    /// The last day is before the first.
    EndsBeforeItBegins,
    /// Longer than anyone could mean.
    TooLong,
    /// A delay that is counted back cannot be moved to a later day.
    CannotRollOver,
    /// No acknowledgement is to be sent, or it was.
    NothingToAcknowledge,
    /// The dossier has no such deadline.
    DeadlineUnknown,
    /// The deadline has ended.
    NothingRuns,
    /// The clock is stopped already.
    AlreadySuspended,
    /// The clock is not stopped.
    NotSuspended,
    /// The public record does not contradict the dossier on that point, or no longer.
    NoDiscrepancy,
    /// No text lets this clock stop.
    ClockCannotStop,
    /// No text lets this clock be lengthened.
    ClockCannotExtend,
    /// The clock had run out by then.
    AfterTheTerm,
    /// The new date is not after the present one.
    NotLater,
    /// More time was asked for already.
    ExtensionPending,
    /// Nobody asked for more time.
    NoExtensionPending,
    /// A request is decided by another person.
    OwnRequest,
    /// There is no such delay rule.
    RuleUnknown,
    /// Another of your saved searches has this name.
    SearchNameTaken,
    /// You keep 50 searches already.
    TooManySearches,
    /// The search finds more than 1,000 dossiers: too many to be told of.
    AlertTooWide,
    /// The document holds nothing.
    DocumentEmpty,
    /// The document is larger than is accepted.
    DocumentTooLarge,
    /// The document is of a kind that is not accepted.
    DocumentKind,
    /// The document is not stored any more.
    DocumentGone,
    /// The dossier has this document already.
    AlreadyAttached,
    /// The question is in a batch already.
    InBatch,
    /// The question is in no batch.
    NotInBatch,
    /// Only written questions are answered together.
    OnlyWritten,
    /// A written question has no sitting.
    OnlyInChamber,
    /// A question does not join itself.
    BatchOfItself,
    /// The other question was not found.
    BatchUnknown,
    /// The answer of the batch is written already.
    BatchNotBeingWritten,
    /// The question has a text and the batch has none.
    BatchWithoutDraft,
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{Name, Value};

    /// A client finds the same code wherever it reads it.
    #[test]
    fn the_codes_of_the_api_are_the_domains() {
        let role = pli_domain::actor::Role::Administrator;
        for refusal in [
            Refusal::OnlyFor { role },
            Refusal::Required { field: "name" },
            Refusal::Account(AccountRefusal::SessionRequired),
            Refusal::Settings(SettingsRefusal::LastAdministrator),
            Refusal::Settings(SettingsRefusal::NameTooLong { field: "name" }),
        ] {
            let told = async_graphql::resolver_utils::enum_value(RefusalCode::from(&refusal));
            assert_eq!(told, Value::Enum(Name::new(refusal.code())));
        }
    }
}
