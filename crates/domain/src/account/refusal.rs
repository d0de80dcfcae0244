//! Why something is refused about one's own account.

use crate::refusal::Refusal;

/// A refusal of what a person asked of their own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountRefusal {
    /// The present password is another one.
    PasswordWrong,
    /// The new password is too short.
    PasswordTooShort,
    /// The new password is longer than anyone could mean.
    PasswordTooLong,
    /// The new password is the login or the name.
    PasswordIsName,
    /// Others would guess the new password: it is among the commonest, or follows the keyboard.
    PasswordCommon,
    /// The new password is the present one.
    PasswordSame,
    /// A token lasts a day at least, a year at most.
    TokenDays,
    /// The person holds as many tokens as can be.
    TooManyTokens,
    /// Whoever comes in with a token changes nothing of the account itself.
    SessionRequired,
    /// The identity opens another account already.
    IdentityTaken,
    /// Whoever comes in by a link does less than whoever has signed in.
    NotByLink,
    /// The person may not come in by links.
    LinksForbidden,
    /// Nothing can be sent to the person.
    NoAddress,
    /// The account lets nobody in.
    AccountDisabled,
}

impl AccountRefusal {
    /// As the outcome of a decision.
    pub(crate) fn refuse<T>(self) -> Result<T, Refusal> {
        Err(Refusal::Account(self))
    }

    /// The field that it is about, by its name in the API.
    pub(crate) fn field(self) -> Option<&'static str> {
        match self {
            Self::PasswordWrong => Some("password"),
            Self::PasswordTooShort
            | Self::PasswordTooLong
            | Self::PasswordIsName
            | Self::PasswordCommon
            | Self::PasswordSame => Some("newPassword"),
            Self::TokenDays => Some("days"),
            Self::TooManyTokens
            | Self::SessionRequired
            | Self::IdentityTaken
            | Self::NotByLink
            | Self::LinksForbidden
            | Self::NoAddress
            | Self::AccountDisabled => None,
        }
    }

    /// What to tell the person, in French.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::PasswordWrong => "Ce n’est pas votre mot de passe actuel.",
            Self::PasswordTooShort => "Ce mot de passe est trop court\u{a0}: douze caractères au moins.",
            Self::PasswordTooLong => "Ce mot de passe est trop long\u{a0}: 200 caractères au plus.",
            Self::PasswordIsName => {
                "Ce mot de passe reprend votre nom ou votre identifiant\u{a0}: choisissez-en un autre."
            }
            Self::PasswordCommon => {
                "Ce mot de passe est trop facile à deviner\u{a0}: plusieurs mots sans lien entre eux conviennent."
            }
            Self::PasswordSame => "C’est votre mot de passe actuel\u{a0}: choisissez-en un autre.",
            Self::TokenDays => "Un jeton dure de 1 à 365 jours.",
            Self::TooManyTokens => "Vous avez déjà 20 jetons\u{a0}: révoquez ceux qui ne servent plus.",
            Self::SessionRequired => {
                "Un jeton ne change rien au compte\u{a0}: connectez-vous sur la page «\u{a0}Mon compte\u{a0}»."
            }
            Self::IdentityTaken => {
                "Cette identité est déjà rattachée à un autre compte\u{a0}: détachez-la d’abord de celui-là."
            }
            Self::NotByLink => {
                "Vous êtes entré par un lien, qui ne permet pas cela\u{a0}: connectez-vous d’abord avec votre mot de passe ou ProConnect."
            }
            Self::LinksForbidden => {
                "Cette personne n’est pas autorisée à entrer par un lien\u{a0}: autorisez-la d’abord."
            }
            Self::NoAddress => {
                "Aucune adresse électronique n’est enregistrée pour cette personne\u{a0}: ajoutez-la d’abord."
            }
            Self::AccountDisabled => "Ce compte est désactivé\u{a0}: réactivez-le d’abord.",
        }
    }
}
