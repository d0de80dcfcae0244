//! What a person may ask about the data that are held on them: to have a copy, to have them corrected (GDPR, art. 15, 16 and 20).

use std::collections::BTreeSet;

use strum::IntoStaticStr;

use crate::ids::DossierId;
use crate::refusal::Refusal;

/// How many dossiers are given at once.
pub const MOST_AT_ONCE: usize = 100;

/// The dossiers of which a person is given a copy: those that were chosen, and the request itself, which is theirs too.
///
/// # Errors
/// When there are more than [`MOST_AT_ONCE`].
pub fn given(
    request: DossierId,
    chosen: impl IntoIterator<Item = DossierId>,
) -> Result<BTreeSet<DossierId>, Refusal> {
    let all: BTreeSet<_> = [request].into_iter().chain(chosen).collect();
    if all.len() > MOST_AT_ONCE { PersonalRefusal::TooManyAtOnce.refuse() } else { Ok(all) }
}

/// Why something about somebody's data is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PersonalRefusal {
    /// Sender and subject are written so already.
    SenderUnchanged,
    /// The request does not exist, or may not be read.
    RequestUnknown,
    /// Too many dossiers were chosen.
    TooManyAtOnce,
}

impl PersonalRefusal {
    /// As the outcome of a decision.
    ///
    /// # Errors
    /// Always.
    pub fn refuse<T>(self) -> Result<T, Refusal> {
        Err(Refusal::Personal(self))
    }

    /// The field that it is about, by its name in the API.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::SenderUnchanged => "sender",
            Self::RequestUnknown => "request",
            Self::TooManyAtOnce => "dossiers",
        }
    }

    /// What to tell the person, in French.
    pub(crate) fn message(self) -> String {
        match self {
            Self::SenderUnchanged => {
                "L’expéditeur et l’objet sont déjà écrits ainsi\u{a0}: corrigez l’un ou l’autre.".to_owned()
            }
            Self::RequestUnknown => {
                "Aucun dossier ne porte cette référence\u{a0}: enregistrez d’abord la demande, puis donnez son numéro."
                    .to_owned()
            }
            Self::TooManyAtOnce => format!(
                "On communique au plus {MOST_AT_ONCE}\u{a0}dossiers à la fois, demande comprise\u{a0}: décochez-en, puis recommencez."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn dossier(number: u128) -> DossierId {
        DossierId(Uuid::from_u128(number))
    }

    #[test]
    fn the_request_is_given_with_what_was_chosen_and_each_once() {
        let three = given(dossier(1), [2, 3, 2, 1].map(dossier)).unwrap();
        assert_eq!(three, BTreeSet::from([1, 2, 3].map(dossier)));
        assert_eq!(given(dossier(1), (2..=100).map(dossier)).unwrap().len(), MOST_AT_ONCE);
        assert_eq!(given(dossier(1), (2..=101).map(dossier)), PersonalRefusal::TooManyAtOnce.refuse());
    }
}
