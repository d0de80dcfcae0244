//! The one catalogue of French words for what the domain names. Everything that a user reads takes them here.

use crate::actor::{Role, SystemActor};
use crate::assignment::{AssignmentStage, Part};
use crate::calendar::EntryKind;
use crate::deadline::{AgeClass, DeadlineStage, Standing};
use crate::delay::plan::Milestone;
use crate::delay::{Clock, Length, LengthUnit, Purpose, Rollover};
use crate::dossier::{Action, Category, Channel, DeclineReason, Kind, Media, Outcome, Stage};
use crate::duplicate::Sign;
use crate::government::Aside;
use crate::identity::{House, QuestionType};
use crate::import_run::{Feed, RunState};
use crate::organisation::UnitKind;
use crate::reminder::{Level, Notifications, ReminderRule};
use crate::settings::SubjectKind;

/// Has a name in French.
pub trait French {
    /// The name, as a clerk writes it.
    fn french(&self) -> &'static str;
}

/// The spaces of a printed page, which a keyboard does not type: no line begins with a colon, or ends with an opening quotation mark.
#[must_use]
pub fn typeset(text: &str) -> String {
    [" :", " ;", " ?", " !", " »"]
        .into_iter()
        .fold(text.replace("« ", "«\u{a0}"), |text, sign| text.replace(sign, &sign.replace(' ', "\u{a0}")))
}

macro_rules! french {
    ($($type:ty { $($variant:pat => $words:literal,)* })*) => {$(
        impl French for $type {
            fn french(&self) -> &'static str {
                use $type::*;
                match self { $($variant => $words,)* }
            }
        }
    )*};
}

mod retention;
mod settings;

french! {
    SystemActor {
        Feed => "Données publiques",
        Reminder => "Pli",
        CommandLine => "Ligne de commande",
    }
    Feed {
        Assembly => "Assemblée nationale",
        Senate => "Sénat",
        Reponses => "Réponses",
        Members => "Élus",
    }
    RunState {
        Running => "En cours",
        Done => "Terminé",
        Failed => "Échec",
        Interrupted => "Interrompu",
    }
    Kind {
        Mail => "Courrier",
        Question => "Question",
    }
    Sign {
        SameDocument => "même document numérisé",
        SameSender => "même expéditeur",
        NearSubject => "objet proche",
        SameDate => "même date de document",
    }
    Category {
        Ordinary => "Courrier",
        Petition => "Requête d’un particulier",
        MemberLetter => "Intervention parlementaire",
    }
    Channel {
        Post => "Voie postale",
        Email => "Courriel",
        Courier => "Porteur",
    }
    Outcome {
        Answered => "Répondu",
        Filed => "Classé sans suite",
        Redirected => "Transmis à l’autorité compétente",
        Duplicate => "Doublon",
        Cancelled => "Annulé",
        Withdrawn => "Retirée",
        Lapsed => "Caduque",
        Converted => "Convertie en question orale",
        Transferred => "Transférée à un autre ministère",
    }
    DeclineReason {
        OtherUnit => "Relève d’un autre service",
        OtherMinistry => "Relève d’un autre ministère",
        AlreadyHandled => "Déjà traité",
        Other => "Autre motif",
    }
    Action {
        Register => "Enregistrer",
        Receive => "Recevoir",
        Route => "Attribuer",
        Accept => "Accepter",
        Decline => "Refuser",
        Reroute => "Réaffecter",
        Draft => "Enregistrer le projet",
        Submit => "Soumettre au visa",
        Approve => "Viser",
        SendBack => "Renvoyer au rédacteur",
        Sign => "Signer",
        Dispatch => "Expédier",
        AnswerByPhone => "Répondu par téléphone",
        ProposeFiling => "Proposer le classement sans suite",
        File => "Confirmer le classement sans suite",
        Redirect => "Transmettre à l’autorité compétente",
        MarkDuplicate => "Signaler un doublon",
        Cancel => "Annuler l’enregistrement",
        Reopen => "Rouvrir",
        Transmit => "Transmettre au SGG",
        RecallAnswer => "Rappeler la réponse",
        Publish => "Constater la publication",
        Withdraw => "Constater le retrait",
        Lapse => "Constater la caducité",
        Convert => "Constater la conversion en question orale",
        RequestTransfer => "Demander le transfert à un autre ministère",
        AcceptTransfer => "Constater le transfert",
        RefuseTransfer => "Constater le refus du transfert",
        Signal => "Constater le signalement",
        Renew => "Constater le renouvellement",
        RecallNotice => "Constater le rappel",
        Correct => "Constater le rectificatif",
        Acknowledge => "Accuser réception",
        Suspend => "Suspendre un délai",
        Resume => "Mettre fin à la suspension",
        RequestExtension => "Demander un report d’échéance",
        GrantExtension => "Accorder le report",
        RefuseExtension => "Refuser le report",
        Reschedule => "Appliquer une règle modifiée",
        Rectify => "Retenir la valeur publiée",
        Realign => "Retenir l’issue publiée",
        Dismiss => "Écarter la valeur publiée",
        Attach => "Joindre un document",
        OpenBatch => "Ouvrir un lot",
        JoinBatch => "Grouper avec une autre question",
        LeaveBatch => "Retirer du lot",
        Reserve => "Réserver",
        Release => "Lever la réserve",
        PlanSitting => "Fixer la séance",
        Freeze => "Geler le dossier",
        Unfreeze => "Lever le gel",
        Eliminate => "Éliminer",
        CorrectSender => "Corriger l’expéditeur",
        Disclose => "Communiquer à la personne concernée",
        Rename => "Porter sous la nouvelle dénomination",
        HandOver => "Remettre à un autre ministère",
    }
    Aside {
        Signed => "Réponse signée",
        TransferPending => "Transfert demandé, sans réponse",
        Later => "Attribuée après le décret",
    }
    Media {
        Pdf => "PDF",
        Jpeg => "Image JPEG",
        Png => "Image PNG",
        Tiff => "Image TIFF",
    }
    Role {
        Clerk => "Agent du bureau du cabinet",
        Coordinator => "Coordonnateur du cabinet",
        Correspondent => "Chef de cabinet",
        Drafter => "Rédacteur",
        Approver => "Valideur",
        Signatory => "Signataire",
        Manager => "Responsable du suivi",
        Administrator => "Administrateur",
        Auditor => "Auditeur",
    }
    SubjectKind {
        Unit => "Service",
        Person => "Personne",
        DelayRule => "Délai",
        CalendarEntry => "Calendrier",
        ReminderRule => "Relance",
        Denomination => "Dénomination",
        Compartment => "Compartiment",
        RetentionRule => "Conservation",
        Government => "Changement de gouvernement",
        Elimination => "Liste d’élimination",
        ReservedElimination => "Liste d’élimination réservée",
    }
    UnitKind {
        Ministry => "Ministère",
        Cabinet => "Cabinet",
        Secretariat => "Secrétariat général",
        Direction => "Direction",
        Service => "Service",
        Delegation => "Délégation",
        Subdirection => "Sous-direction",
        Bureau => "Bureau",
    }
    Part {
        Lead => "Pilote",
        Contributor => "Contributeur",
        Informed => "Pour information",
    }
    AssignmentStage {
        Proposed => "Attribué",
        Accepted => "Accepté",
        Delivered => "Rendu",
        Declined => "Refusé",
        Withdrawn => "Retiré",
    }
    DeadlineStage {
        Running => "En cours",
        Suspended => "Suspendu",
        Met => "Tenu",
        Missed => "Dépassé",
        Cancelled => "Sans objet",
    }
    Clock {
        Legal => "Délai légal",
        Internal => "Délai interne",
    }
    Purpose {
        Answer => "Réponse",
        Acknowledgement => "Accusé de réception",
        Redirection => "Transmission à l’autorité compétente",
        Brief => "Fiche de séance",
        Stage => "Étape",
    }
    Rollover {
        Keep => "Sans report",
        NextWorkingDay => "Report au premier jour ouvrable suivant (code de procédure civile, art.\u{a0}642)",
    }
    LengthUnit {
        Days => "jours",
        WorkingDays => "jours ouvrés",
        Months => "mois",
    }
    Milestone {
        Accept => "Acceptation",
        Draft => "Rédaction",
        Approve => "Visa",
        Sign => "Signature",
        Send => "Transmission",
    }
    Level {
        Holder => "À qui doit agir",
        Correspondent => "Au chef de cabinet du service",
        Head => "Au responsable du service",
        Cabinet => "Aux coordonnateurs du cabinet",
    }
    Notifications {
        Immediate => "Dès qu’une relance est due, aux heures ouvrées",
        Daily => "Une fois par jour, le matin",
        None => "Aucun message",
    }
    EntryKind {
        Closed => "Jours fermés",
        Sitting => "Période de séance",
        NoIssue => "Sans Journal officiel",
    }
    AgeClass {
        UpTo15 => "1 à 15 jours",
        UpTo30 => "16 à 30 jours",
        UpTo60 => "31 à 60 jours",
        Over60 => "Plus de 60 jours",
    }
    House {
        Assembly => "Assemblée nationale",
        Senate => "Sénat",
    }
    QuestionType {
        Qe => "Question écrite",
        Qosd => "Question orale sans débat",
        Qoad => "Question orale avec débat",
        Qoae => "Question orale avec débat portant sur un sujet européen",
        Qg => "Question au Gouvernement",
        Qc => "Question crible",
    }
}

impl French for Stage {
    fn french(&self) -> &'static str {
        match self {
            Self::Registered => "Enregistré",
            Self::Received => "Reçue",
            Self::Routed => "Attribué",
            Self::Drafting => "En rédaction",
            Self::Review => "Au visa",
            Self::Signature => "À la signature",
            Self::Outgoing => "À expédier",
            Self::Ready => "À transmettre",
            Self::Transmitted => "Transmise au SGG",
            Self::Closed(outcome) => outcome.french(),
        }
    }
}

impl Action {
    /// The act as told afterwards, in the journal: « a attribué le dossier ».
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::Register => "a enregistré le courrier",
            Self::Receive => "a reçu la question",
            Self::Route => "a attribué le dossier",
            Self::Accept => "a accepté le dossier",
            Self::Decline => "a refusé le dossier",
            Self::Reroute => "a réaffecté le dossier",
            Self::Draft => "a enregistré un projet de réponse",
            Self::Submit => "a soumis le projet au visa",
            Self::Approve => "a visé le projet",
            Self::SendBack => "a renvoyé le projet au rédacteur",
            Self::Sign => "a signé la réponse",
            Self::Dispatch => "a expédié la réponse",
            Self::AnswerByPhone => "a répondu par téléphone",
            Self::ProposeFiling => "a proposé le classement sans suite",
            Self::File => "a confirmé le classement sans suite",
            Self::Redirect => "a transmis le courrier à l’autorité compétente",
            Self::MarkDuplicate => "a signalé un doublon",
            Self::Cancel => "a annulé l’enregistrement",
            Self::Reopen => "a rouvert le dossier",
            Self::Transmit => "a transmis la réponse au SGG",
            Self::RecallAnswer => "a rappelé la réponse",
            Self::Publish => "a constaté la publication de la réponse",
            Self::Withdraw => "a constaté le retrait de la question",
            Self::Lapse => "a constaté la caducité de la question",
            Self::Convert => "a constaté la conversion en question orale",
            Self::RequestTransfer => "a demandé le transfert à un autre ministère",
            Self::AcceptTransfer => "a constaté le transfert de la question",
            Self::RefuseTransfer => "a constaté le refus du transfert",
            Self::Signal => "a constaté le signalement de la question",
            Self::Renew => "a constaté le renouvellement de la question",
            Self::RecallNotice => "a constaté le rappel de la question",
            Self::Correct => "a constaté un rectificatif",
            Self::Acknowledge => "a accusé réception",
            Self::Suspend => "a suspendu un délai",
            Self::Resume => "a mis fin à la suspension",
            Self::RequestExtension => "a demandé un report d’échéance",
            Self::GrantExtension => "a accordé le report",
            Self::RefuseExtension => "a refusé le report",
            Self::Reschedule => "a appliqué une règle modifiée",
            Self::Rectify => "a retenu la valeur publiée",
            Self::Realign => "a retenu l’issue publiée",
            Self::Dismiss => "a écarté la valeur publiée",
            Self::Attach => "a joint un document",
            Self::OpenBatch => "a ouvert un lot",
            Self::JoinBatch => "a groupé la question dans un lot",
            Self::LeaveBatch => "a retiré la question de son lot",
            Self::Reserve => "a réservé le dossier",
            Self::Release => "a levé la réserve",
            Self::PlanSitting => "a fixé la séance",
            Self::Freeze => "a gelé le dossier",
            Self::Unfreeze => "a levé le gel",
            Self::Eliminate => "a éliminé le dossier",
            Self::CorrectSender => "a corrigé l’expéditeur",
            Self::Disclose => "a communiqué le dossier à la personne concernée",
            Self::Rename => "a porté la question sous la nouvelle dénomination du ministère",
            Self::HandOver => "a remis la question à un autre ministère après un changement de gouvernement",
        }
    }
}

/// « 1 seconde », « 40 secondes », « 5 minutes »: a time to wait, never told shorter than it is.
#[must_use]
pub fn duration(seconds: u64) -> String {
    let counted = |count: u64, one: &str| format!("{count}\u{a0}{one}{}", if count > 1 { "s" } else { "" });
    match seconds {
        0..=90 => counted(seconds, "seconde"),
        _ => counted(seconds.div_ceil(60), "minute"),
    }
}

/// « 1 jour », « 12 jours ».
#[must_use]
pub fn days(count: i64) -> String {
    if count.abs() > 1 { format!("{count}\u{a0}jours") } else { format!("{count}\u{a0}jour") }
}

impl Length {
    /// « 1 jour ouvré », « 2 mois ».
    #[must_use]
    pub fn french(self) -> String {
        let (one, many) = match self.unit() {
            LengthUnit::Days => ("jour", "jours"),
            LengthUnit::WorkingDays => ("jour ouvré", "jours ouvrés"),
            LengthUnit::Months => ("mois", "mois"),
        };
        format!("{}\u{a0}{}", self.count(), if self.count() > 1 { many } else { one })
    }
}

impl ReminderRule {
    /// As a sentence: « 1 jour après l’échéance, puis tous les 7 jours, au responsable du service ».
    #[must_use]
    pub fn french(&self) -> String {
        let when = match self.offset {
            0 => "le jour de l’échéance".to_owned(),
            offset @ 1.. => format!("{} après l’échéance", days(offset.into())),
            offset => format!("{} avant l’échéance", days(-i64::from(offset))),
        };
        let again = match self.every {
            Some(1) => ", puis tous les jours".to_owned(),
            Some(every) => format!(", puis tous les {}", days(every.into())),
            None => String::new(),
        };
        let level = match self.level {
            Level::Holder => "à qui doit agir",
            Level::Correspondent => "au chef de cabinet du service",
            Level::Head => "au responsable du service",
            Level::Cabinet => "aux coordonnateurs du cabinet",
        };
        format!("{when}{again}, {level}")
    }
}

impl Standing {
    /// Said in full: « en retard de 3 jours ».
    #[must_use]
    pub fn french(self) -> String {
        match self {
            Self::NoTerm => "sans échéance".to_owned(),
            Self::OnTime { left: 0 } => "échoit aujourd’hui".to_owned(),
            Self::OnTime { left } => {
                format!("{} restants", days(left)).replace("jour restants", "jour restant")
            }
            Self::Late { by } => format!("en retard de {}", days(by)),
            Self::AnsweredInTime => "répondu dans le délai".to_owned(),
            Self::AnsweredLate { by } => format!("répondu avec {} de retard", days(by)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_begins_with_a_sign_or_ends_with_an_opening_one() {
        assert_eq!(
            typeset("À qui ? Au « cabinet » : vite ; merci !"),
            "À qui\u{a0}? Au «\u{a0}cabinet\u{a0}»\u{a0}: vite\u{a0}; merci\u{a0}!"
        );
    }

    #[test]
    fn plurals_start_at_two() {
        assert_eq!(Standing::OnTime { left: 1 }.french(), "1\u{a0}jour restant");
        assert_eq!(Standing::OnTime { left: 2 }.french(), "2\u{a0}jours restants");
        assert_eq!(Standing::Late { by: 1 }.french(), "en retard de 1\u{a0}jour");
        assert_eq!(Length::WorkingDays(1).french(), "1\u{a0}jour ouvré");
        assert_eq!(Length::WorkingDays(10).french(), "10\u{a0}jours ouvrés");
        assert_eq!(Length::Months(2).french(), "2\u{a0}mois");
    }

    #[test]
    fn a_reminder_rule_is_a_sentence() {
        let told: Vec<_> = ReminderRule::seed().iter().map(ReminderRule::french).collect();
        assert_eq!(
            told,
            [
                "10\u{a0}jours avant l’échéance, au chef de cabinet du service",
                "3\u{a0}jours avant l’échéance, à qui doit agir",
                "le jour de l’échéance, à qui doit agir",
                "1\u{a0}jour après l’échéance, puis tous les 7\u{a0}jours, au chef de cabinet du service",
                "8\u{a0}jours après l’échéance, puis tous les 7\u{a0}jours, au responsable du service",
                "15\u{a0}jours après l’échéance, puis tous les 7\u{a0}jours, aux coordonnateurs du cabinet",
            ]
        );
        let daily = ReminderRule { every: Some(1), ..ReminderRule::seed().remove(3) };
        assert!(daily.french().contains(", puis tous les jours, "));
    }
}
