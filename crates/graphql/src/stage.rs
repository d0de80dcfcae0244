//! The stages of a dossier, as the API names them.

use async_graphql::Enum;

/// Where a dossier stands; `outcome` says how a closed one closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Stage {
    /// Mail: logged, not given to a unit.
    Registered,
    /// Question: known, not given to a unit.
    Received,
    /// Given to a lead unit, which has not answered.
    Routed,
    /// The lead unit writes.
    Drafting,
    /// The draft awaits approval.
    Review,
    /// The draft awaits signature.
    Signature,
    /// Mail: signed, to be sent.
    Outgoing,
    /// Question: signed, to be transmitted.
    Ready,
    /// Question: with the SGG, awaiting publication.
    Transmitted,
    /// Nothing more is to be done.
    Closed,
}

impl From<pli_domain::dossier::Stage> for Stage {
    fn from(stage: pli_domain::dossier::Stage) -> Self {
        use pli_domain::dossier::Stage as Domain;
        match stage {
            Domain::Registered => Self::Registered,
            Domain::Received => Self::Received,
            Domain::Routed => Self::Routed,
            Domain::Drafting => Self::Drafting,
            Domain::Review => Self::Review,
            Domain::Signature => Self::Signature,
            Domain::Outgoing => Self::Outgoing,
            Domain::Ready => Self::Ready,
            Domain::Transmitted => Self::Transmitted,
            Domain::Closed(_) => Self::Closed,
        }
    }
}

impl Stage {
    /// The open stage of that name; `None` for the closed ones, which have as many as there are outcomes.
    pub(crate) fn open(self) -> Option<pli_domain::dossier::Stage> {
        pli_domain::dossier::Stage::OPEN.into_iter().find(|stage| Self::from(*stage) == self)
    }
}
