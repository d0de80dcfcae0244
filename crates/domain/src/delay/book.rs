//! The rules together, with the calendar on which they are counted.

use chrono::NaiveDate;

use super::{Clock, DelayRule};
use crate::calendar::{Calendar, Entry};
use crate::deadline::Due;
use crate::dossier::{Category, Channel};
use crate::identity::{House, QuestionIdentity, QuestionType};

/// The names of the rules that Pli starts by itself.
#[expect(missing_docs, reason = "the rules of these names are described in `seed.rs`")]
pub mod code {
    pub const AN_QE: &str = "an-qe";
    pub const SENAT_QE: &str = "senat-qe";
    pub const AN_QE_SIGNALLED: &str = "an-qe-signalled";
    pub const QE_INTERNAL: &str = "qe-internal";
    pub const QO_BRIEF: &str = "qo-brief";
    pub const QG_BRIEF: &str = "qg-brief";
    pub const CRPA_SILENCE: &str = "crpa-silence";
    pub const CRPA_ACCEPTANCE: &str = "crpa-acceptance";
    pub const PETITION_INTERNAL: &str = "petition-internal";
    pub const CRPA_ACK_REGISTRATION: &str = "crpa-ack-registration";
    pub const CRPA_ACK_ELECTRONIC: &str = "crpa-ack-electronic";
    pub const SP_ACK_ELECTRONIC: &str = "sp-ack-electronic";
    pub const SP_ACK_PAPER: &str = "sp-ack-paper";
    pub const CRPA_REDIRECT: &str = "crpa-redirect";
    pub const CADA_SILENCE: &str = "cada-silence";
    pub const GDPR_ACCESS: &str = "gdpr-access";
    pub const MEMBER_LETTER: &str = "member-letter";
    pub const MAIL: &str = "mail";
    pub const MAIL_URGENT: &str = "mail-urgent";
}

/// Every version of every rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<DelayRule>);

impl Rules {
    /// These versions; the rules are listed in the order of their first ones.
    #[must_use]
    pub fn new(versions: Vec<DelayRule>) -> Self {
        Self(versions)
    }

    /// With one version more.
    #[must_use]
    pub fn with(&self, version: DelayRule) -> Self {
        Self(self.0.iter().cloned().chain([version]).collect())
    }

    /// Every version, oldest first.
    pub fn versions<'a, 'b>(&'a self, code: &'b str) -> impl Iterator<Item = &'a DelayRule> + use<'a, 'b> {
        self.0.iter().filter(move |rule| rule.code == code)
    }

    /// The newest version of each rule.
    pub fn newest(&self) -> impl Iterator<Item = &DelayRule> {
        let firsts = self.0.iter().filter(|rule| rule.version == 1);
        firsts.filter_map(|first| self.latest(&first.code))
    }

    /// The newest version of a rule.
    #[must_use]
    pub fn latest(&self, code: &str) -> Option<&DelayRule> {
        self.versions(code).max_by_key(|rule| rule.version)
    }

    /// The version that governs a delay starting on that day: the newest of those that are valid then.
    #[must_use]
    pub fn in_force(&self, code: &str, start: NaiveDate) -> Option<&DelayRule> {
        self.versions(code).filter(|rule| rule.governs(start)).max_by_key(|rule| rule.version)
    }

    /// One version.
    #[must_use]
    pub fn version(&self, code: &str, version: u32) -> Option<&DelayRule> {
        self.versions(code).find(|rule| rule.version == version)
    }
}

/// The delays as they are counted today: the rules and the calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// The rules.
    pub rules: Rules,
    /// The calendar of the central administration.
    pub calendar: Calendar,
}

impl Delays {
    /// What a new Pli starts with.
    #[must_use]
    pub fn seed() -> Self {
        Self { rules: Rules::seed(), calendar: Calendar::default() }
    }

    /// With one version of a rule more.
    #[must_use]
    pub fn with_rule(&self, version: DelayRule) -> Self {
        Self { rules: self.rules.with(version), calendar: self.calendar.clone() }
    }

    /// With other entries in the calendar.
    #[must_use]
    pub fn with_entries(&self, entries: Vec<Entry>) -> Self {
        Self { rules: self.rules.clone(), calendar: Calendar { entries, ..self.calendar } }
    }

    /// What a rule gives from a start; `None` when no version governs that day, or past the end of the calendar.
    #[must_use]
    pub fn due(&self, code: &str, start_on: NaiveDate) -> Option<Due> {
        let rule = self.rules.in_force(code, start_on)?;
        Some(Due {
            rule: rule.code.clone(),
            version: rule.version,
            clock: rule.clock,
            purpose: rule.purpose,
            start_on,
            due_on: rule.due_on(start_on, &self.calendar)?,
        })
    }

    /// What a deadline that was started would be today; `None` when it would be the same, or cannot be counted.
    #[must_use]
    pub fn moved(&self, due: &Due) -> Option<Due> {
        self.due(&due.rule, due.start_on).filter(|now| now.due_on != due.due_on && now.clock == due.clock)
    }

    /// The rule that gave a due date.
    #[must_use]
    pub fn rule_of(&self, due: &Due) -> Option<&DelayRule> {
        self.rules.version(&due.rule, due.version)
    }
}

/// The rules that a letter's receipt starts, each with its own start: silence runs from the first administration that
/// received the request, the rest from ours (CRPA, art. L114-3).
#[must_use]
pub fn for_mail(
    category: Category,
    channel: Channel,
    urgent: bool,
    received_on: NaiveDate,
    first_received_on: Option<NaiveDate>,
) -> Vec<(&'static str, NaiveDate)> {
    let mut started = match (category, channel) {
        (Category::Petition, Channel::Email) => {
            vec![
                code::CRPA_SILENCE,
                code::PETITION_INTERNAL,
                code::CRPA_ACK_REGISTRATION,
                code::CRPA_ACK_ELECTRONIC,
            ]
        }
        (Category::Petition, _) => vec![code::CRPA_SILENCE, code::PETITION_INTERNAL, code::SP_ACK_PAPER],
        (Category::MemberLetter, _) => vec![code::MEMBER_LETTER],
        (Category::Ordinary, _) if urgent => Vec::new(),
        (Category::Ordinary, _) => vec![code::MAIL],
    };
    if urgent {
        started.push(code::MAIL_URGENT);
    }
    let from = |code| match first_received_on {
        Some(first) if code == code::CRPA_SILENCE => first,
        _ => received_on,
    };
    started.into_iter().map(|code| (code, from(code))).collect()
}

/// The rules that a question's publication starts (the sitting, for one that is answered in the chamber).
#[must_use]
pub fn for_question(identity: &QuestionIdentity) -> Vec<&'static str> {
    match (identity.kind, identity.house) {
        (QuestionType::Qe, House::Assembly) => vec![code::AN_QE, code::QE_INTERNAL],
        (QuestionType::Qe, House::Senate) => vec![code::SENAT_QE, code::QE_INTERNAL],
        (QuestionType::Qosd | QuestionType::Qoad | QuestionType::Qoae, _) => vec![code::QO_BRIEF],
        (QuestionType::Qg | QuestionType::Qc, _) => vec![code::QG_BRIEF],
    }
}

impl Clock {
    /// The clock by its word in an address: `legal`, `interne`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Legal => "legal",
            Self::Internal => "interne",
        }
    }
}
