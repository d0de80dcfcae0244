//! The rules: every delay that Pli knows. « To be confirmed » marks what is held from memory, for a lawyer to settle.

use super::{Clock, DelayRule, Length, Rollover, StartEvent};
use crate::dossier::Category;
use crate::identity::{House, QuestionIdentity};

/// Written question of the Assemblée nationale: two months without interruption. Before the résolution n° 437 of
/// 28/11/2014 it was one month, and one more by exception; the two months were already the ceiling.
pub const AN_QE: DelayRule = DelayRule {
    code: "an-qe",
    label: "Réponse à une question écrite de l’Assemblée nationale",
    source: "Règlement de l’Assemblée nationale, art. 135, al. 6",
    clock: Clock::Legal,
    start: StartEvent::Publication,
    length: Length::Months(2),
    rollover: Rollover::Keep,
    gazette: Some(House::Assembly),
};

/// Written question of the Sénat: two months without interruption since the résolution of 2021; before, one month and
/// one more at most.
pub const SENAT_QE: DelayRule = DelayRule {
    code: "senat-qe",
    label: "Réponse à une question écrite du Sénat",
    source: "Règlement du Sénat, art. 75",
    clock: Clock::Legal,
    start: StartEvent::Publication,
    length: Length::Months(2),
    rollover: Rollover::Keep,
    gazette: Some(House::Senate),
};

/// Written question that a group's president has signalled: ten days. To be confirmed: whether they run from the
/// signalling (a Monday) or from the Journal officiel of the day after; every dated case is counted from the signalling.
pub const AN_QE_SIGNALLED: DelayRule = DelayRule {
    code: "an-qe-signalled",
    label: "Réponse à une question signalée",
    source: "Règlement de l’Assemblée nationale, art. 135, al. 7",
    clock: Clock::Legal,
    start: StartEvent::Signalling,
    length: Length::Days(10),
    rollover: Rollover::Keep,
    gazette: None,
};

/// Request of a private person: silence is an implicit decision, acceptance (L231-1) or refusal (L231-4). The refusal
/// runs from the first administration that received the request, the acceptance from the competent one (L114-3).
/// To be confirmed: that the last day is not moved (case law).
pub const CRPA_SILENCE: DelayRule = DelayRule {
    code: "crpa-silence",
    label: "Silence gardé sur une demande",
    source: "Code des relations entre le public et l’administration, art. L231-1 et L231-4",
    clock: Clock::Legal,
    start: StartEvent::RequestReceived,
    length: Length::Months(2),
    rollover: Rollover::Keep,
    gazette: None,
};

/// Electronic request: what is sent at once, or within a working day when that cannot be done.
pub const CRPA_ACK_REGISTRATION: DelayRule = DelayRule {
    code: "crpa-ack-registration",
    label: "Accusé d’enregistrement d’une demande électronique",
    source: "Code des relations entre le public et l’administration, art. L112-11 et R112-11-2",
    clock: Clock::Legal,
    start: StartEvent::RequestReceived,
    length: Length::WorkingDays(1),
    rollover: Rollover::Keep,
    gazette: None,
};

/// Electronic request: the acknowledgement proper, from the receipt by the competent administration.
pub const CRPA_ACK_ELECTRONIC: DelayRule = DelayRule {
    code: "crpa-ack-electronic",
    label: "Accusé de réception d’une demande électronique",
    source: "Code des relations entre le public et l’administration, art. L112-11, R112-11-1 et R112-11-2",
    clock: Clock::Legal,
    start: StartEvent::RequestReceivedByCompetent,
    length: Length::WorkingDays(10),
    rollover: Rollover::Keep,
    gazette: None,
};

/// The quality commitment for an electronic request: a week.
pub const SP_ACK_ELECTRONIC: DelayRule = DelayRule {
    code: "sp-ack-electronic",
    label: "Accusé de réception d’un courriel",
    source: "Services Publics+, engagements 4 et 5",
    clock: Clock::Internal,
    start: StartEvent::RequestReceived,
    length: Length::Days(7),
    rollover: Rollover::Keep,
    gazette: None,
};

/// The quality commitment for a request on paper: two weeks. The law itself sets no term (L112-3).
pub const SP_ACK_PAPER: DelayRule = DelayRule {
    code: "sp-ack-paper",
    label: "Accusé de réception d’un courrier",
    source: "Services Publics+, engagements 4 et 5",
    clock: Clock::Internal,
    start: StartEvent::RequestReceived,
    length: Length::Days(14),
    rollover: Rollover::Keep,
    gazette: None,
};

/// Request for an administrative document: silence is a refusal after one month. To be confirmed: the appeal to the
/// commission d’accès aux documents administratifs that follows.
pub const CADA_SILENCE: DelayRule = DelayRule {
    code: "cada-silence",
    label: "Silence gardé sur une demande de document administratif",
    source: "Code des relations entre le public et l’administration, art. R*311-12 et R311-13",
    clock: Clock::Legal,
    start: StartEvent::RequestReceivedByCompetent,
    length: Length::Months(1),
    rollover: Rollover::Keep,
    gazette: None,
};

/// Letter of a member of Parliament: no text, the usage of the house, one month and two at most. To be confirmed.
pub const MEMBER_LETTER: DelayRule = DelayRule {
    code: "member-letter",
    label: "Réponse à une lettre de parlementaire",
    source: "Usage du ministère",
    clock: Clock::Internal,
    start: StartEvent::LetterReceived,
    length: Length::Months(1),
    rollover: Rollover::Keep,
    gazette: None,
};

/// Any other letter: two months at most.
pub const ORDINARY_MAIL: DelayRule = DelayRule {
    code: "mail",
    label: "Réponse à un courrier",
    source: "Charte Marianne",
    clock: Clock::Internal,
    start: StartEvent::LetterReceived,
    length: Length::Months(2),
    rollover: Rollover::Keep,
    gazette: None,
};

/// A person asks for their own data: one month, which may be prolonged by two. To be confirmed.
pub const GDPR_ACCESS: DelayRule = DelayRule {
    code: "gdpr-access",
    label: "Réponse à une demande d’accès à ses données personnelles",
    source: "Règlement général sur la protection des données, art. 12-3",
    clock: Clock::Legal,
    start: StartEvent::RequestReceived,
    length: Length::Months(1),
    rollover: Rollover::Keep,
    gazette: None,
};

/// Every rule, in the order in which they are listed.
pub const RULES: &[&DelayRule] = &[
    &AN_QE,
    &SENAT_QE,
    &AN_QE_SIGNALLED,
    &CRPA_SILENCE,
    &CRPA_ACK_REGISTRATION,
    &CRPA_ACK_ELECTRONIC,
    &SP_ACK_ELECTRONIC,
    &SP_ACK_PAPER,
    &CADA_SILENCE,
    &MEMBER_LETTER,
    &ORDINARY_MAIL,
    &GDPR_ACCESS,
];

/// The rule of that code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static DelayRule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

/// The rule that a letter's receipt starts.
#[must_use]
pub fn for_mail(category: Category) -> &'static DelayRule {
    match category {
        Category::Petition => &CRPA_SILENCE,
        Category::MemberLetter => &MEMBER_LETTER,
        Category::Ordinary => &ORDINARY_MAIL,
    }
}

/// The rule that a question's publication starts; an oral question is answered at its sitting instead.
#[must_use]
pub fn for_question(identity: &QuestionIdentity) -> Option<&'static DelayRule> {
    identity.kind.is_written().then_some(match identity.house {
        House::Assembly => &AN_QE,
        House::Senate => &SENAT_QE,
    })
}
