//! The rules that a new Pli starts with. « To be confirmed » marks what is held from memory, for a lawyer or the house to
//! settle; the administrator changes each by a new version.

use chrono::NaiveDate;

use super::{Clock, DelayRule, Length, Purpose, Rollover, Rules, StartEvent, code};
use crate::french::typeset;
use crate::identity::House;

/// « Since ever »: the first version of a rule governs every start.
const SINCE_EVER: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A rule of the house or of a text; what is rare about it is said after.
fn rule(clock: Clock, code: &str, label: &str, source: &str, start: StartEvent, length: Length) -> DelayRule {
    DelayRule {
        code: code.to_owned(),
        version: 1,
        label: typeset(label),
        source: typeset(source),
        clock,
        purpose: Purpose::Answer,
        start,
        length,
        rollover: Rollover::Keep,
        gazette: None,
        // The house stops and lengthens its own clocks as it likes; a text must allow it.
        suspendable: clock == Clock::Internal,
        extendable: clock == Clock::Internal,
        valid_from: SINCE_EVER,
        valid_to: None,
    }
}

/// A stage's latest date: so many working days before the dossier's term.
fn stage(code: &str, label: &str, source: &str, days: u32) -> DelayRule {
    DelayRule {
        purpose: Purpose::Stage,
        suspendable: false,
        extendable: false,
        ..rule(Clock::Internal, code, label, source, StartEvent::Term, Length::WorkingDays(days))
    }
}

impl Rules {
    /// What a new Pli starts with, in the order in which the rules are listed.
    #[must_use]
    pub fn seed() -> Self {
        Self::new([questions(), requests(), letters(), stages()].concat())
    }
}

fn questions() -> Vec<DelayRule> {
    use Clock::{Internal, Legal};
    use StartEvent::{Publication, Signalling, Sitting};
    vec![
        // Two months without interruption. Before the résolution n° 437 of 28/11/2014 it was one month, and one more by
        // exception; the two months were already the ceiling.
        DelayRule {
            gazette: Some(House::Assembly),
            ..rule(
                Legal,
                code::AN_QE,
                "Réponse à une question écrite de l’Assemblée nationale",
                "Règlement de l’Assemblée nationale, art. 135, al. 6",
                Publication,
                Length::Months(2),
            )
        },
        // Two months without interruption since the résolution of 2021; before, one month and one more at most.
        DelayRule {
            gazette: Some(House::Senate),
            ..rule(
                Legal,
                code::SENAT_QE,
                "Réponse à une question écrite du Sénat",
                "Règlement du Sénat, art. 75",
                Publication,
                Length::Months(2),
            )
        },
        // To be confirmed: whether the ten days run from the signalling (a Monday) or from the Journal officiel of the
        // day after; every dated case is counted from the signalling.
        rule(
            Legal,
            code::AN_QE_SIGNALLED,
            "Réponse à une question signalée",
            "Règlement de l’Assemblée nationale, art. 135, al. 7",
            Signalling,
            Length::Days(10),
        ),
        // *Réponses* warns at 45 days without a signature.
        rule(
            Internal,
            code::QE_INTERNAL,
            "Réponse à une question écrite (cible du ministère)",
            "Usage du ministère (alerte de « Réponses » à 45 jours)",
            Publication,
            Length::Days(45),
        ),
        DelayRule {
            purpose: Purpose::Brief,
            ..rule(
                Internal,
                code::QO_BRIEF,
                "Fiche pour une question orale",
                "Usage du ministère, avant la séance (règlement de l’Assemblée nationale, art. 134 ; règlement du Sénat, \
                 art. 76 à 78)",
                Sitting,
                Length::WorkingDays(1),
            )
        },
        // The names come at 14 h on the very day, the subject does not: nothing can be due before.
        DelayRule {
            purpose: Purpose::Brief,
            ..rule(
                Internal,
                code::QG_BRIEF,
                "Éléments de langage pour une question au Gouvernement",
                "Usage du ministère, le jour de la séance (règlement de l’Assemblée nationale, art. 133 ; règlement du \
                 Sénat, art. 75 bis)",
                Sitting,
                Length::Days(0),
            )
        },
    ]
}

/// Requests of private persons (code des relations entre le public et l’administration).
fn requests() -> Vec<DelayRule> {
    use Clock::{Internal, Legal};
    use StartEvent::{FileComplete, FoundIncompetent, RequestReceived, RequestReceivedByCompetent};
    let acknowledgement =
        |rule| DelayRule { purpose: Purpose::Acknowledgement, suspendable: false, extendable: false, ..rule };
    vec![
        // Silence is an implicit decision, for an ordinary letter to a ministry a refusal (L231-4, 2°). It runs from the
        // first administration that received the request (L114-3), and stops while the file is incomplete (L114-5).
        // To be confirmed: that the last day is not moved (case law).
        DelayRule {
            suspendable: true,
            ..rule(
                Legal,
                code::CRPA_SILENCE,
                "Silence gardé sur une demande",
                "Code des relations entre le public et l’administration, art. L231-1 et L231-4",
                RequestReceived,
                Length::Months(2),
            )
        },
        // Where silence accepts: from the competent administration (L114-3), once the file is complete (L114-5, al. 2).
        rule(
            Legal,
            code::CRPA_ACCEPTANCE,
            "Silence valant acceptation, dossier complet",
            "Code des relations entre le public et l’administration, art. L231-1, L114-3 et L114-5",
            FileComplete,
            Length::Months(2),
        ),
        rule(
            Internal,
            code::PETITION_INTERNAL,
            "Réponse à une requête (cible du ministère)",
            "Usage du ministère",
            RequestReceived,
            Length::Days(45),
        ),
        // What is sent at once, or within a working day when that cannot be done.
        acknowledgement(rule(
            Legal,
            code::CRPA_ACK_REGISTRATION,
            "Accusé d’enregistrement d’une demande électronique",
            "Code des relations entre le public et l’administration, art. L112-11 et R112-11-2",
            RequestReceived,
            Length::WorkingDays(1),
        )),
        acknowledgement(rule(
            Legal,
            code::CRPA_ACK_ELECTRONIC,
            "Accusé de réception d’une demande électronique",
            "Code des relations entre le public et l’administration, art. L112-11, R112-11-1 et R112-11-2",
            RequestReceivedByCompetent,
            Length::WorkingDays(10),
        )),
        acknowledgement(rule(
            Internal,
            code::SP_ACK_ELECTRONIC,
            "Accusé de réception d’un courriel",
            "Services Publics+, engagements 4 et 5",
            RequestReceived,
            Length::Days(7),
        )),
        // The law itself sets no term for an acknowledgement on paper (L112-3).
        acknowledgement(rule(
            Internal,
            code::SP_ACK_PAPER,
            "Accusé de réception d’un courrier",
            "Services Publics+, engagements 4 et 5",
            RequestReceived,
            Length::Days(14),
        )),
        // The law says « transmits », without a term: the house's own. To be confirmed.
        DelayRule {
            purpose: Purpose::Redirection,
            ..rule(
                Internal,
                code::CRPA_REDIRECT,
                "Transmission à l’autorité compétente et avis au demandeur",
                "Code des relations entre le public et l’administration, art. L114-2 ; délai du ministère",
                FoundIncompetent,
                Length::WorkingDays(5),
            )
        },
        // To be confirmed: the appeal to the commission d’accès aux documents administratifs that follows.
        rule(
            Legal,
            code::CADA_SILENCE,
            "Silence gardé sur une demande de document administratif",
            "Code des relations entre le public et l’administration, art. R*311-12 et R311-13",
            RequestReceivedByCompetent,
            Length::Months(1),
        ),
        // One month, which may be prolonged by two. To be confirmed.
        DelayRule {
            extendable: true,
            ..rule(
                Legal,
                code::GDPR_ACCESS,
                "Réponse à une demande d’accès à ses données personnelles",
                "Règlement général sur la protection des données, art. 12-3",
                RequestReceived,
                Length::Months(1),
            )
        },
    ]
}

fn letters() -> Vec<DelayRule> {
    let letter = |code, label, source, length| {
        rule(Clock::Internal, code, label, source, StartEvent::LetterReceived, length)
    };
    vec![
        // No text, the usage of the house: one month, and two at most. To be confirmed.
        letter(
            code::MEMBER_LETTER,
            "Réponse à une lettre de parlementaire",
            "Usage du ministère",
            Length::Months(1),
        ),
        letter(code::MAIL, "Réponse à un courrier", "Charte Marianne", Length::Months(2)),
        letter(
            code::MAIL_URGENT,
            "Réponse à un courrier urgent",
            "Usage du ministère",
            Length::WorkingDays(5),
        ),
    ]
}

/// The stages, each counted back from the term. Drawn from the alerts of *Réponses* (no draft at 15 days, no signature at
/// 45) and from the usage for sittings (assigned ten working days before, a draft five, the cabinet's approval two).
fn stages() -> Vec<DelayRule> {
    const ALERTS: &str = "Usage du ministère (alertes de « Réponses » à 15, 25 et 45 jours)";
    const SITTINGS: &str = "Usage du ministère, avant la séance";
    const HOUSE: &str = "Usage du ministère";
    vec![
        stage("mail-accept", "Courrier : acceptation par le service", HOUSE, 15),
        stage("mail-draft", "Courrier : projet de réponse", HOUSE, 10),
        stage("mail-approve", "Courrier : visa", HOUSE, 6),
        stage("mail-sign", "Courrier : signature", HOUSE, 3),
        stage("mail-send", "Courrier : expédition", HOUSE, 1),
        stage("qe-accept", "Question écrite : acceptation par le service", ALERTS, 30),
        stage("qe-draft", "Question écrite : projet de réponse", ALERTS, 20),
        stage("qe-approve", "Question écrite : visa", ALERTS, 12),
        stage("qe-sign", "Question écrite : signature", ALERTS, 8),
        stage("qe-send", "Question écrite : transmission au SGG", ALERTS, 5),
        stage("qo-accept", "Question orale : acceptation par le service", SITTINGS, 9),
        stage("qo-draft", "Question orale : projet de fiche", SITTINGS, 4),
        stage("qo-approve", "Question orale : visa", SITTINGS, 2),
        stage("qo-sign", "Question orale : validation du cabinet", SITTINGS, 1),
        stage("qo-send", "Question orale : remise de la fiche", SITTINGS, 0),
    ]
}
