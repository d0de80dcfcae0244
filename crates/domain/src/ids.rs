//! Typed identifiers: a unit can never be passed where a dossier is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(out)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A dossier: a mail or a question.
    DossierId
    /// A node of the organisation.
    UnitId
    /// A person with an account.
    UserId
    /// Some days of the calendar.
    EntryId
    /// A name under which the ministry is published.
    DenominationId
    /// A batch of questions that get one answer.
    BatchId
    /// A message of reminders to one person.
    DigestId
    /// A change of government, followed.
    GovernmentChangeId
    /// A point on which the public record contradicts a dossier.
    DiscrepancyId
    /// A member of Parliament.
    MemberId
    /// A search that a person keeps.
    SavedSearchId
    /// A session of a browser: made of its digest.
    SessionId
    /// A token of the API: made of its digest.
    TokenId
    /// An identity that a provider answers for.
    IdentityId
    /// A link that lets a person in; not what opens it.
    LinkId
    /// A line of the journal of accesses.
    AccessId
    /// A compartment: the people who may read what is reserved to them.
    CompartmentId
    /// A list of dossiers that have reached their end.
    EliminationId
}
