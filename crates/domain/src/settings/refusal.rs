//! Why a change of the settings is refused: the same closed list, for what the administrator keeps.

use crate::refusal::Refusal;

/// A refusal of what the administrator asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum SettingsRefusal {
    /// An administrator of some units acts beyond them.
    BeyondReach,
    /// A name is too long to be shown.
    NameTooLong {
        /// Its name in the API.
        field: &'static str,
    },
    /// The year is a slip of the keyboard.
    DateTooFar {
        /// Its name in the API.
        field: &'static str,
    },
    /// The code of a unit has another form.
    CodeForm,
    /// Another unit has this code.
    CodeTaken,
    /// A unit would stand below itself.
    UnitLoop,
    /// The ministry is neither moved nor closed.
    RootStays,
    /// The root of the organisation is a ministry, and nothing else is.
    OneMinistry,
    /// The unit above closes before this one.
    ParentCloses {
        /// Its name in the API, when it is about one.
        field: Option<&'static str>,
    },
    /// Units below this one would outlive it.
    UnitsBelowOpen,
    /// The login has another form.
    LoginForm,
    /// Another account has this login.
    LoginTaken,
    /// This is no address.
    EmailForm,
    /// Nobody disables their own account.
    OwnAccount,
    /// Nobody gives up administering by themselves.
    OwnAdministration,
    /// Nobody would administer the ministry any more.
    LastAdministrator,
    /// The same name holds on some of these days already.
    DenominationTaken,
    /// The ministry was never published under this name.
    DenominationUnknown,
    /// The questions would stay under the name that they have.
    DenominationSame,
    /// The name is ours: no other ministry has it.
    DenominationOurs,
}

impl SettingsRefusal {
    /// As the outcome of a decision.
    pub(crate) fn refuse<T>(self) -> Result<T, Refusal> {
        Err(Refusal::Settings(self))
    }

    /// The field that it is about, by its name in the API.
    pub(crate) fn field(self) -> Option<&'static str> {
        match self {
            Self::NameTooLong { field } | Self::DateTooFar { field } => Some(field),
            Self::ParentCloses { field } => field,
            Self::CodeForm | Self::CodeTaken => Some("code"),
            Self::UnitLoop => Some("parent"),
            Self::OneMinistry => Some("kind"),
            Self::UnitsBelowOpen => Some("lastDay"),
            Self::LoginForm | Self::LoginTaken => Some("login"),
            Self::EmailForm => Some("email"),
            Self::DenominationTaken => Some("name"),
            Self::DenominationUnknown => Some("from"),
            Self::DenominationSame | Self::DenominationOurs => Some("to"),
            Self::BeyondReach
            | Self::RootStays
            | Self::OwnAccount
            | Self::OwnAdministration
            | Self::LastAdministrator => None,
        }
    }

    /// What to tell the person, in French.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::BeyondReach => {
                "Cela dépasse les services que vous administrez\u{a0}: demandez-le à un administrateur du ministère."
            }
            Self::NameTooLong { .. } => "Ce texte est trop long\u{a0}: 200 caractères au plus.",
            Self::DateTooFar { .. } => "Cette date est trop lointaine\u{a0}: vérifiez l’année.",
            Self::CodeForm => {
                "Un code s’écrit en lettres sans accent, chiffres et traits d’union, 24 au plus\u{a0}: DACS, SG-SEM."
            }
            Self::CodeTaken => "Un autre service porte déjà ce code\u{a0}: choisissez-en un autre.",
            Self::UnitLoop => {
                "Un service ne dépend ni de lui-même ni d’un service placé sous lui\u{a0}: choisissez-en un autre."
            }
            Self::RootStays => {
                "Le ministère est la racine de l’organisation\u{a0}: il ne se déplace ni ne se ferme."
            }
            Self::OneMinistry => {
                "Seule la racine de l’organisation est un ministère\u{a0}: choisissez une autre nature."
            }
            Self::ParentCloses { .. } => {
                "Le service de rattachement ferme avant celui-ci\u{a0}: choisissez-en un autre, ou rouvrez-le d’abord."
            }
            Self::UnitsBelowOpen => {
                "Des services placés sous celui-ci resteraient ouverts\u{a0}: fermez-les ou rattachez-les ailleurs d’abord."
            }
            Self::LoginForm => {
                "Un identifiant s’écrit en lettres sans accent, chiffres, points, traits d’union ou arobase\u{a0}: prenom.nom."
            }
            Self::LoginTaken => "Un autre compte a déjà cet identifiant\u{a0}: choisissez-en un autre.",
            Self::EmailForm => "Cette adresse électronique n’est pas de la forme prenom.nom@exemple.fr.",
            Self::OwnAccount => {
                "Vous ne pouvez pas désactiver votre propre compte\u{a0}: demandez-le à un autre administrateur."
            }
            Self::OwnAdministration => {
                "Vous ne pouvez pas vous retirer le rôle d’administrateur\u{a0}: demandez-le à un autre administrateur."
            }
            Self::DenominationTaken => {
                "Cette dénomination est déjà la nôtre sur une partie de ces jours\u{a0}: changez les dates, ou modifiez celle qui existe."
            }
            Self::DenominationUnknown => {
                "Ce nom n’est pas une de nos dénominations\u{a0}: choisissez-en une de la liste."
            }
            Self::DenominationSame => {
                "Les questions portent déjà ce nom\u{a0}: écrivez la nouvelle dénomination."
            }
            Self::DenominationOurs => {
                "Ce nom est une de nos dénominations\u{a0}: choisissez «\u{a0}Notre ministère change de nom\u{a0}», ou écrivez le nom \
                 d’un autre ministère."
            }
            Self::LastAdministrator => {
                "C’est le dernier administrateur du ministère\u{a0}: donnez d’abord ce rôle à une autre personne."
            }
        }
    }
}
