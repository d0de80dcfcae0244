//! Why an act is refused: a closed list, each with a stable code, and a sentence in French that says what to do.

use crate::account::AccountRefusal;
use crate::actor::Role;
use crate::compartment::CompartmentRefusal;
use crate::dossier::{Action, LARGEST, Stage};
use crate::french::{French as _, typeset};
use crate::personal::PersonalRefusal;
use crate::retention::RetentionRefusal;
use crate::saved;
use crate::settings::SettingsRefusal;

/// A refusal: expected, shown to the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Refusal {
    /// The table has no such edge from this stage.
    WrongStage {
        /// What was asked.
        action: Action,
        /// Where the dossier stands.
        stage: Stage,
    },
    /// The dossier may be read, but this act is another's.
    NotYours {
        /// What was asked.
        action: Action,
    },
    /// This is kept to those who have a role.
    #[strum(serialize = "NOT_YOURS")]
    OnlyFor {
        /// The role.
        role: Role,
    },
    /// Separation of duties: the author of a draft does not approve it.
    SelfApproval,
    /// Filing takes a second person.
    SameConfirmer,
    /// Nobody proposed to file this letter.
    FilingNotProposed,
    /// Filing is proposed already.
    FilingAlreadyProposed,
    /// There is no text to submit.
    NoDraft,
    /// A field is empty.
    Required {
        /// Its name in the API.
        field: &'static str,
    },
    /// A text holds the character zero, which no keyboard types and PostgreSQL cannot keep; or a name, one like it.
    NullCharacter {
        /// Its name in the API.
        field: &'static str,
    },
    /// The unit does not exist.
    UnitUnknown {
        /// Its name in the API.
        field: &'static str,
    },
    /// The unit is closed, or not open yet.
    UnitClosed {
        /// Its name in the API.
        field: &'static str,
    },
    /// Work is given to a unit of the ministry, not to the ministry.
    UnitIsMinistry {
        /// Its name in the API.
        field: &'static str,
    },
    /// The same unit was named twice.
    UnitTwice {
        /// Its name in the API.
        field: &'static str,
    },
    /// The unit leads the dossier already.
    UnitAlreadyLeads {
        /// Its name in the API.
        field: &'static str,
    },
    /// The date is to come.
    DateInFuture {
        /// Its name in the API.
        field: &'static str,
    },
    /// The date is before the dossier began.
    DateBeforeReceipt {
        /// Its name in the API.
        field: &'static str,
    },
    /// No deadline can be counted from that date.
    DateOutOfRange {
        /// Its name in the API.
        field: &'static str,
    },
    /// The letter is dated after its receipt.
    DocumentAfterReceipt,
    /// A dossier is not its own duplicate.
    DuplicateOfItself,
    /// The other dossier does not exist, or may not be read.
    DuplicateUnknown,
    /// The letter may have come before: whoever registers it looks first.
    ProbableDuplicate,
    /// A transfer is asked already.
    TransferPending,
    /// No transfer was asked.
    NoTransferPending,
    /// The question is signalled already.
    AlreadySignalled,
    /// There is no such member of Parliament.
    MemberUnknown,
    /// The question is known already.
    QuestionKnown,
    /// Only a private person's request has that.
    OnlyForPetitions {
        /// Its name in the API.
        field: &'static str,
    },
    /// The last day is before the first.
    EndsBeforeItBegins {
        /// Its name in the API.
        field: &'static str,
    },
    /// Longer than anyone could mean.
    TooLong {
        /// Its name in the API.
        field: &'static str,
    },
    /// A delay that is counted back cannot be moved to a later day.
    CannotRollOver {
        /// Its name in the API.
        field: &'static str,
    },
    /// No acknowledgement is to be sent, or it was.
    NothingToAcknowledge,
    /// The dossier has no such deadline.
    DeadlineUnknown {
        /// Its name in the API.
        field: &'static str,
    },
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
    AfterTheTerm {
        /// Its name in the API.
        field: &'static str,
    },
    /// The new date is not after the present one.
    NotLater {
        /// Its name in the API.
        field: &'static str,
    },
    /// More time was asked for already.
    ExtensionPending,
    /// Nobody asked for more time.
    NoExtensionPending,
    /// A request is decided by another person.
    OwnRequest,
    /// There is no such delay rule.
    RuleUnknown {
        /// Its name in the API.
        field: &'static str,
    },
    /// What a person asked of their own account.
    Account(AccountRefusal),
    /// What the administrator asked of units, people or rules.
    Settings(SettingsRefusal),
    /// What was asked of a compartment, or of what is reserved to one.
    Compartment(CompartmentRefusal),
    /// What was asked of the end of dossiers.
    Retention(RetentionRefusal),
    /// What was asked of somebody's personal data.
    Personal(PersonalRefusal),
    /// Another saved search of the same person has this name.
    SearchNameTaken,
    /// The person keeps as many searches as one may.
    TooManySearches,
    /// A search finds too much to be told of.
    AlertTooWide,
    /// The document holds nothing.
    DocumentEmpty,
    /// The document is longer than [`LARGEST`].
    DocumentTooLarge,
    /// The document is of a kind that is not accepted.
    DocumentKind,
    /// The document is not in the store any more.
    DocumentGone,
    /// The dossier has this very document already.
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
    /// The other question does not exist, or may not be read, or is none.
    BatchUnknown,
    /// The answer of the batch is written already: who approves and signs must have every question before them.
    BatchNotBeingWritten,
    /// The question has a text and the batch has none.
    BatchWithoutDraft,
}

impl Refusal {
    /// The stable code of the API.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Account(refusal) => refusal.into(),
            Self::Settings(refusal) => refusal.into(),
            Self::Compartment(refusal) => refusal.into(),
            Self::Retention(refusal) => refusal.into(),
            Self::Personal(refusal) => refusal.into(),
            other => other.into(),
        }
    }

    /// The field that it is about, by its name in the API.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Required { field }
            | Self::NullCharacter { field }
            | Self::UnitUnknown { field }
            | Self::UnitClosed { field }
            | Self::UnitIsMinistry { field }
            | Self::UnitTwice { field }
            | Self::UnitAlreadyLeads { field }
            | Self::DateInFuture { field }
            | Self::DateBeforeReceipt { field }
            | Self::DateOutOfRange { field }
            | Self::OnlyForPetitions { field }
            | Self::EndsBeforeItBegins { field }
            | Self::TooLong { field }
            | Self::CannotRollOver { field }
            | Self::DeadlineUnknown { field }
            | Self::AfterTheTerm { field }
            | Self::NotLater { field }
            | Self::RuleUnknown { field } => Some(field),
            Self::DocumentAfterReceipt => Some("documentOn"),
            Self::DuplicateOfItself | Self::DuplicateUnknown => Some("of"),
            Self::MemberUnknown => Some("member"),
            Self::QuestionKnown => Some("number"),
            Self::SearchNameTaken => Some("name"),
            Self::AlertTooWide => Some("alert"),
            Self::BatchOfItself
            | Self::BatchUnknown
            | Self::BatchNotBeingWritten
            | Self::BatchWithoutDraft => Some("with"),
            Self::Account(refusal) => refusal.field(),
            Self::Settings(refusal) => refusal.field(),
            Self::Compartment(refusal) => refusal.field(),
            Self::Retention(refusal) => refusal.field(),
            Self::Personal(refusal) => Some(refusal.field()),
            Self::DocumentEmpty
            | Self::DocumentTooLarge
            | Self::DocumentKind
            | Self::DocumentGone
            | Self::AlreadyAttached => Some("document"),
            _ => None,
        }
    }

    /// What to tell the person, in French.
    #[must_use]
    pub fn message(&self) -> String {
        typeset(&self.words())
    }

    fn words(&self) -> String {
        match self {
            Self::WrongStage { action, stage } => format!(
                "«\u{a0}{}\u{a0}» n’est pas possible sur un dossier à l’état «\u{a0}{}\u{a0}». Rechargez la page\u{a0}: le dossier a peut-être avancé.",
                action.french(),
                stage.french()
            ),
            Self::NotYours { action } => {
                format!("«\u{a0}{}\u{a0}» revient à une autre personne sur ce dossier.", action.french())
            }
            Self::OnlyFor { role } => format!("Rôle nécessaire : {}.", role.french()),
            Self::SelfApproval => {
                "L’auteur d’un projet ne peut pas le viser : demandez le visa à une autre personne."
                    .to_owned()
            }
            Self::SameConfirmer => {
                "Le classement sans suite se confirme à deux : une autre personne doit confirmer.".to_owned()
            }
            Self::FilingNotProposed => {
                "Personne n’a encore proposé de classer ce courrier sans suite.".to_owned()
            }
            Self::FilingAlreadyProposed => {
                "Le classement sans suite est déjà proposé ; il reste à le confirmer.".to_owned()
            }
            Self::NoDraft => "Enregistrez d’abord un projet de réponse.".to_owned(),
            Self::Required { .. } => "Ce champ est obligatoire.".to_owned(),
            Self::NullCharacter { .. } => {
                "Ce texte contient un caractère invisible interdit : saisissez-le de nouveau.".to_owned()
            }
            Self::UnitUnknown { .. } => {
                "Ce service n’existe pas : choisissez-en un dans la liste.".to_owned()
            }
            Self::UnitClosed { .. } => {
                "Ce service est fermé : choisissez celui qui lui a succédé.".to_owned()
            }
            Self::UnitIsMinistry { .. } => {
                "Choisissez un service du ministère, non le ministère lui-même.".to_owned()
            }
            Self::UnitTwice { .. } => "Ce service est déjà choisi à un autre titre.".to_owned(),
            Self::UnitAlreadyLeads { .. } => {
                "Ce service pilote déjà le dossier : choisissez-en un autre.".to_owned()
            }
            Self::DateInFuture { .. } => "Cette date est dans le futur.".to_owned(),
            Self::DateBeforeReceipt { .. } => "Cette date précède l’arrivée du dossier.".to_owned(),
            Self::DateOutOfRange { .. } => {
                "Aucune échéance ne peut être calculée à partir de cette date.".to_owned()
            }
            Self::DocumentAfterReceipt => {
                "La date du document est postérieure à celle de réception : vérifiez les deux dates."
                    .to_owned()
            }
            Self::DuplicateOfItself => "Un dossier ne peut pas être son propre doublon.".to_owned(),
            Self::DuplicateUnknown => "Aucun dossier ne porte cette référence.".to_owned(),
            Self::ProbableDuplicate => {
                "Ce courrier est peut-être déjà enregistré : comparez, puis enregistrez-le quand même s’il est différent.".to_owned()
            }
            Self::TransferPending => "Un transfert est déjà demandé pour cette question.".to_owned(),
            Self::NoTransferPending => "Aucun transfert n’est demandé pour cette question.".to_owned(),
            Self::AlreadySignalled => "Cette question est déjà signalée.".to_owned(),
            Self::MemberUnknown => "Cet élu n’est pas connu : choisissez-le parmi ceux qui sont proposés.".to_owned(),
            Self::QuestionKnown => "Cette question est déjà suivie.".to_owned(),
            Self::OnlyForPetitions { .. } => "Ce champ ne concerne que la requête d’un particulier : videz-le.".to_owned(),
            Self::EndsBeforeItBegins { .. } => "Cette fin précède le début : vérifiez les deux dates.".to_owned(),
            Self::TooLong { .. } => "Cette durée est trop longue : vérifiez-la.".to_owned(),
            Self::CannotRollOver { .. } => "Un délai compté à rebours ne peut pas être reporté au jour ouvrable suivant : choisissez « sans report ».".to_owned(),
            Self::NothingToAcknowledge => "Aucun accusé de réception n’est à envoyer.".to_owned(),
            Self::DeadlineUnknown { .. } => "Ce dossier n’a pas ce délai : choisissez-en un dans la liste.".to_owned(),
            Self::NothingRuns => "Ce délai ne court plus.".to_owned(),
            Self::AlreadySuspended => "Ce délai est déjà suspendu : mettez d’abord fin à la suspension en cours.".to_owned(),
            Self::NoDiscrepancy => "Cet écart n’existe plus : le dossier ou le registre public a changé entre-temps.".to_owned(),
            Self::NotSuspended => "Ce délai n’est pas suspendu.".to_owned(),
            Self::ClockCannotStop => "Ce délai ne peut pas être suspendu : aucun texte ne le prévoit.".to_owned(),
            Self::ClockCannotExtend => "Ce délai ne peut pas être prolongé : aucun texte ne le prévoit.".to_owned(),
            Self::AfterTheTerm { .. } => "Le délai était déjà expiré à cette date.".to_owned(),
            Self::NotLater { .. } => "La nouvelle échéance doit suivre l’échéance actuelle.".to_owned(),
            Self::ExtensionPending => "Un report est déjà demandé pour ce délai.".to_owned(),
            Self::NoExtensionPending => "Aucun report n’est demandé pour ce délai.".to_owned(),
            Self::OwnRequest => "Nul ne décide de sa propre demande : une autre personne doit s’en charger.".to_owned(),
            Self::RuleUnknown { .. } => "Cette règle n’existe pas : choisissez-en une dans la liste.".to_owned(),
            Self::Account(refusal) => refusal.message().to_owned(),
            Self::Settings(refusal) => refusal.message().to_owned(),
            Self::Compartment(refusal) => refusal.message().to_owned(),
            Self::Retention(refusal) => refusal.message().to_owned(),
            Self::Personal(refusal) => refusal.message(),
            Self::SearchNameTaken | Self::TooManySearches | Self::AlertTooWide => self.of_searches(),
            Self::DocumentEmpty
            | Self::DocumentTooLarge
            | Self::DocumentKind
            | Self::DocumentGone
            | Self::AlreadyAttached => self.of_documents(),
            Self::InBatch
            | Self::NotInBatch
            | Self::OnlyWritten
            | Self::OnlyInChamber
            | Self::BatchOfItself
            | Self::BatchUnknown
            | Self::BatchNotBeingWritten
            | Self::BatchWithoutDraft => self.of_batches().to_owned(),
        }
    }

    /// What to tell the person of a saved search.
    fn of_searches(&self) -> String {
        match self {
            Self::SearchNameTaken => {
                "Une autre de vos recherches porte déjà ce nom\u{a0}: choisissez-en un autre.".to_owned()
            }
            Self::TooManySearches => format!(
                "Vous avez déjà {}\u{a0}recherches enregistrées\u{a0}: supprimez-en une qui ne sert plus.",
                saved::MOST
            ),
            _ => "Cette recherche trouve plus de 1\u{202f}000\u{a0}dossiers\u{a0}: précisez-la pour en être alerté."
                .to_owned(),
        }
    }

    /// What to tell the person of a document.
    fn of_documents(&self) -> String {
        match self {
            Self::DocumentEmpty => "Ce fichier est vide : numérisez de nouveau le document.".to_owned(),
            Self::DocumentTooLarge => format!(
                "Ce fichier dépasse {} Mio : numérisez en noir et blanc, ou en plusieurs fichiers.",
                LARGEST >> 20
            ),
            Self::DocumentKind => {
                "Ce fichier n’est ni un PDF, ni une image JPEG, PNG ou TIFF : choisissez-en un autre."
                    .to_owned()
            }
            Self::DocumentGone => "Ce fichier n’est plus là : choisissez-le de nouveau.".to_owned(),
            _ => "Ce document est déjà joint à ce dossier.".to_owned(),
        }
    }

    /// What to tell the person of a batch.
    fn of_batches(&self) -> &'static str {
        match self {
            Self::InBatch => "Cette question est déjà dans un lot : retirez-l’en d’abord.",
            Self::NotInBatch => "Cette question n’est dans aucun lot.",
            Self::OnlyInChamber => "Une question écrite n’a pas de séance : sa réponse est publiée.",
            Self::OnlyWritten => "Seules des questions écrites reçoivent une réponse commune.",
            Self::BatchOfItself => "Une question ne se joint pas à elle-même : donnez-en une autre.",
            Self::BatchNotBeingWritten => {
                "La réponse de ce lot n’est plus à la rédaction : faites-la d’abord renvoyer au rédacteur."
            }
            Self::BatchWithoutDraft => {
                "Cette question a déjà un projet de réponse et l’autre n’en a pas : c’est à l’autre de la rejoindre."
            }
            _ => "Aucune question ne porte cette référence.",
        }
    }
}
