//! Why a use case did not do what was asked.

use pli_domain::french::{duration, typeset};
use pli_domain::refusal::Refusal;
use pli_persistence::StoreError;

/// A failure. What is inside [`Error::Internal`] is logged where it is answered, and never shown.
#[derive(Debug)]
pub enum Error {
    /// The rules refuse it; the person can act on it.
    Refused(Refusal),
    /// There is no such thing, or none that the caller may know of.
    NotFound,
    /// The dossier has changed since the caller saw it.
    Stale,
    /// The key was used for another command.
    KeyReused,
    /// Too much was asked in too short a time: the same again may pass later.
    TooOften {
        /// In how many seconds, 1 at least.
        wait: u64,
    },
    /// The database is out of reach or too busy: the same again may pass.
    Unavailable,
    /// Something is broken.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The stable code of the API.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NotFound => "NOT_FOUND",
            Self::Stale => "STALE",
            Self::KeyReused => "KEY_REUSED",
            Self::TooOften { .. } => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// What to tell the person, in French.
    #[must_use]
    pub fn message(&self) -> String {
        let words = match self {
            Self::Refused(refusal) => return refusal.message(),
            Self::NotFound => "Introuvable.",
            Self::Stale => {
                "Le dossier a changé depuis que vous l’avez ouvert : relisez-le, puis recommencez."
            }
            Self::KeyReused => {
                "Cette demande a déjà servi à autre chose : rechargez la page, puis recommencez."
            }
            Self::TooOften { wait } => {
                &format!("Trop de demandes en peu de temps : réessayez dans {}.", duration(*wait))
            }
            Self::Unavailable => "Pli est momentanément indisponible : réessayez dans un instant.",
            Self::Internal(_) => "Une erreur est survenue. Elle a été consignée.",
        };
        typeset(words)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Stale,
            // Two commands met, in a lock or on a unique name: the one that is run again sees what the other did.
            StoreError::Busy(_) | StoreError::Unique(_) => Self::Unavailable,
            other => Self::Internal(Box::new(other)),
        }
    }
}
