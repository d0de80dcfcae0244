//! The delays: how long, from what, by which text.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::dossier::Category;
use crate::identity::{House, QuestionIdentity};

/// Which clock a delay runs on. Moving the internal clock never moves the legal one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Clock {
    /// Set by a text.
    Legal,
    /// Set by the house for itself.
    Internal,
}

/// How long a delay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Calendar days; the day of the start does not count.
    Days(u64),
    /// Months: the same day of a later month, or that month's last day (code de procédure civile, art. 641).
    Months(u32),
}

/// A delay rule.
#[derive(Debug, PartialEq, Eq)]
pub struct DelayRule {
    /// Its stable name.
    pub code: &'static str,
    /// In French, as shown beside the date.
    pub label: &'static str,
    /// The text it comes from.
    pub source: &'static str,
    /// The clock it sets.
    pub clock: Clock,
    /// How long.
    pub length: Length,
}

impl DelayRule {
    /// The last day to act when the delay starts on `start`; `None` past the end of the calendar (year 262142).
    ///
    /// A last day that is not a working day is kept as it is: neither the two months of a written question nor the
    /// administration's silence are moved to the next one (`docs/decisions/0003`).
    #[must_use]
    pub fn due_on(&self, start: NaiveDate) -> Option<NaiveDate> {
        match self.length {
            Length::Days(days) => start.checked_add_days(Days::new(days)),
            Length::Months(months) => start.checked_add_months(Months::new(months)),
        }
    }
}

/// Written question of the Assemblée nationale.
pub const AN_QE: DelayRule = DelayRule {
    code: "an-qe",
    label: "Réponse à une question écrite de l’Assemblée nationale",
    source: "Règlement de l’Assemblée nationale, art. 135, al. 6",
    clock: Clock::Legal,
    length: Length::Months(2),
};

/// Written question of the Sénat.
pub const SENAT_QE: DelayRule = DelayRule {
    code: "senat-qe",
    label: "Réponse à une question écrite du Sénat",
    source: "Règlement du Sénat, art. 75",
    clock: Clock::Legal,
    length: Length::Months(2),
};

/// Written question that a group's president has signalled.
pub const AN_QE_SIGNALLED: DelayRule = DelayRule {
    code: "an-qe-signalled",
    label: "Réponse à une question signalée",
    source: "Règlement de l’Assemblée nationale, art. 135, al. 7",
    clock: Clock::Legal,
    length: Length::Days(10),
};

/// Request of a private person: silence is an implicit decision.
pub const CRPA_SILENCE: DelayRule = DelayRule {
    code: "crpa-silence",
    label: "Silence gardé sur une demande",
    source: "Code des relations entre le public et l’administration, art. L231-1 et L231-4",
    clock: Clock::Legal,
    length: Length::Months(2),
};

/// Letter of a member of Parliament: no text, the usage of the house.
pub const MEMBER_LETTER: DelayRule = DelayRule {
    code: "member-letter",
    label: "Réponse à une lettre de parlementaire",
    source: "Usage du ministère",
    clock: Clock::Internal,
    length: Length::Months(1),
};

/// Any other letter.
pub const ORDINARY_MAIL: DelayRule = DelayRule {
    code: "mail",
    label: "Réponse à un courrier",
    source: "Charte Marianne",
    clock: Clock::Internal,
    length: Length::Months(2),
};

/// Every rule.
pub const RULES: &[&DelayRule] =
    &[&AN_QE, &SENAT_QE, &AN_QE_SIGNALLED, &CRPA_SILENCE, &MEMBER_LETTER, &ORDINARY_MAIL];

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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, Weekday};
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn worked_examples_of_the_rules() {
        for (rule, start, due) in [
            (&AN_QE, "2022-09-06", "2022-11-06"),
            (&AN_QE, "2025-12-30", "2026-02-28"),
            (&AN_QE, "2026-09-15", "2026-11-15"),
            (&AN_QE, "2024-03-12", "2024-05-12"),
            (&SENAT_QE, "2026-02-26", "2026-04-26"),
            (&AN_QE_SIGNALLED, "2012-01-23", "2012-02-02"),
            (&CRPA_SILENCE, "2026-01-15", "2026-03-15"),
            (&CRPA_SILENCE, "2027-12-31", "2028-02-29"),
            (&ORDINARY_MAIL, "2024-12-31", "2025-02-28"),
        ] {
            assert_eq!(rule.due_on(day(start)), Some(day(due)), "{} from {start}", rule.code);
        }
    }

    /// Every dated question of the public record that was kept: legal due date and days late.
    #[test]
    fn every_dated_real_question_comes_out_exactly() {
        let rows = include_bytes!("../../feeds/fixtures/assemblee/echeances_reelles.csv");
        let mut checked = 0;
        for row in csv::Reader::from_reader(rows.as_slice()).records() {
            let row = row.unwrap();
            let (kind, published, answered, due, late) = (&row[3], &row[7], &row[11], &row[14], &row[19]);
            if kind != "QE" || due.is_empty() {
                continue;
            }
            let computed = AN_QE.due_on(day(published)).unwrap();
            assert_eq!(computed, day(due), "{row:?}");
            if !late.is_empty() {
                let days = (day(answered) - computed).num_days().max(0);
                assert_eq!(days.to_string(), late, "{row:?}");
            }
            checked += 1;
        }
        assert!(checked > 300, "{checked} rows only");
    }

    #[test]
    fn a_delay_past_the_end_of_time_is_no_date() {
        assert_eq!(AN_QE.due_on(NaiveDate::MAX), None);
    }

    proptest! {
        /// Two months after a Tuesday is never a Tuesday: the last useful Journal officiel is that of J+56.
        #[test]
        fn the_due_date_of_a_tuesday_is_59_to_62_days_later_and_no_tuesday(week in 0_u64..1_600) {
            let tuesday = day("2000-01-04") + Days::new(7 * week);
            prop_assert_eq!(tuesday.weekday(), Weekday::Tue);
            let due = AN_QE.due_on(tuesday).unwrap();
            prop_assert_ne!(due.weekday(), Weekday::Tue);
            prop_assert!((59..=62).contains(&(due - tuesday).num_days()));
        }
    }
}
