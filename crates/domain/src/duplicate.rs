//! Whether a letter may have come before. A proposal, never a decision: a person looks, and says.
//!
//! Two letters may be one when they have the same scan, whatever else is said of them; or the same sender, within
//! [`WINDOW`], and a near subject or the same date on the document (decision 0016).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::digest::Digest;
use crate::search::index;
use crate::sender::Sender;

/// How many days lie at most between the receipts of two letters that may be one.
pub const WINDOW: u16 = 60;

/// Words that say nothing of what a letter is about, as they are made for searching.
const SMALL: [&str; 23] = [
    "le", "la", "l", "de", "du", "d", "un", "une", "et", "ou", "a", "au", "aux", "en", "par", "pour", "sur",
    "dan", "avec", "sans", "son", "ce", "que",
];

/// What is known of a letter; while it is typed, not everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Who wrote it.
    pub sender: String,
    /// What it is about.
    pub subject: String,
    /// The date on it.
    pub document_on: Option<NaiveDate>,
    /// When it was received.
    pub received_on: Option<NaiveDate>,
    /// Its scans.
    pub files: BTreeSet<Digest>,
}

/// Why two letters may be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::VariantArray)]
pub enum Sign {
    /// The very same file.
    SameDocument,
    /// The same person or body wrote them.
    SameSender,
    /// They are about the same, in other words perhaps.
    NearSubject,
    /// They bear the same date.
    SameDate,
}

impl Letter {
    /// Why this letter may be that other one; nothing when it is not likely.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> Vec<Sign> {
        let holds = |sign: &Sign| match sign {
            Sign::SameDocument => !self.files.is_disjoint(&other.files),
            Sign::SameSender => Sender::parse(&self.sender).is(&Sender::parse(&other.sender)),
            Sign::NearSubject => near(&self.subject, &other.subject),
            Sign::SameDate => self.document_on.is_some() && self.document_on == other.document_on,
        };
        let signs: Vec<_> = <Sign as strum::VariantArray>::VARIANTS.iter().copied().filter(holds).collect();
        let has = |sign| signs.contains(&sign);
        let told = has(Sign::NearSubject) || has(Sign::SameDate);
        let likely =
            has(Sign::SameDocument) || (has(Sign::SameSender) && told && self.is_near_in_time(other));
        if likely { signs } else { Vec::new() }
    }

    /// A date that is not known yet excludes nothing.
    fn is_near_in_time(&self, other: &Self) -> bool {
        match (self.received_on, other.received_on) {
            (Some(one), Some(other)) => {
                one.signed_duration_since(other).num_days().unsigned_abs() <= WINDOW.into()
            }
            _ => true,
        }
    }
}

/// Whether two subjects have half of their words in common, or one says no more than the other and at least two words.
fn near(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let (common, least) = (one.intersection(&other).count(), one.len().min(other.len()));
    common > 0
        && (common.saturating_mul(4) >= one.len().saturating_add(other.len())
            || (common == least && least > 1))
}

fn words(subject: &str) -> BTreeSet<String> {
    index([subject]).into_iter().filter(|word| !SMALL.contains(&word.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn letter(sender: &str, subject: &str) -> Letter {
        Letter {
            sender: sender.to_owned(),
            subject: subject.to_owned(),
            document_on: day("2026-11-16"),
            received_on: day("2026-11-19"),
            files: BTreeSet::new(),
        }
    }

    fn scan(letter: Letter, content: &str) -> Letter {
        Letter { files: [Digest::of([content])].into(), ..letter }
    }

    #[test]
    fn two_clerks_word_the_same_letter_in_their_own_ways() {
        let one = letter("Mme Élise Garonne, Saint-Béat", "Aide juridictionnelle : délai d’instruction");
        let two = Letter {
            document_on: None,
            ..letter("GARONNE Elise", "délais d'instruction de l'aide juridictionnelle")
        };
        assert_eq!(one.likeness(&two), [Sign::SameSender, Sign::NearSubject]);
        let typed = Letter { subject: "aide juridictionnelle".to_owned(), received_on: None, ..two };
        assert_eq!(one.likeness(&typed), [Sign::SameSender, Sign::NearSubject]);
        let other_words = letter("Mme Garonne Élise", "Demande de rendez-vous");
        assert_eq!(one.likeness(&other_words), [Sign::SameSender, Sign::SameDate]);
    }

    #[test]
    fn neither_the_sender_nor_the_subject_alone_make_a_double() {
        let one = letter("Mme Élise Garonne", "Aide juridictionnelle");
        let mut other = letter("Mme Élise Garonne", "Casier judiciaire");
        other.document_on = day("2026-11-10");
        assert_eq!(one.likeness(&other), []);
        assert_eq!(one.likeness(&letter("M. Jean Martin", "Aide juridictionnelle")), []);
        assert_eq!(Letter::default().likeness(&Letter::default()), []);
        assert_eq!(
            letter("Mme Élise Garonne", "")
                .likeness(&Letter { document_on: None, ..letter("Mme Élise Garonne", "de la") }),
            []
        );
    }

    #[test]
    fn the_same_scan_is_the_same_letter_whatever_is_said_of_it() {
        let one = scan(letter("Mme Élise Garonne", "Aide juridictionnelle"), "scan");
        let mut other = scan(letter("Illisible", "À voir"), "scan");
        (other.document_on, other.received_on) = (None, day("2020-01-02"));
        assert_eq!(one.likeness(&other), [Sign::SameDocument]);
        assert_eq!(one.likeness(&scan(other, "another")), []);
    }

    #[test]
    fn the_window_is_counted_between_the_receipts() {
        let one = letter("Mme Élise Garonne", "Aide juridictionnelle");
        for (received, near) in
            [("2026-09-20", true), ("2026-09-19", false), ("2027-01-18", true), ("2027-01-19", false)]
        {
            let other = Letter { received_on: day(received), ..one.clone() };
            assert_eq!(!one.likeness(&other).is_empty(), near, "{received}");
        }
    }

    fn any() -> impl Strategy<Value = Letter> {
        let days = proptest::option::of(0..150_u64);
        ("[a-c]{0,2} ?[a-c]{0,2}", "[a-d ]{0,9}", days.clone(), days, 0..3_u8).prop_map(
            |(sender, subject, one, two, file)| {
                let on = |days: u64| {
                    day("2026-01-01").and_then(|first| first.checked_add_days(chrono::Days::new(days)))
                };
                let files = (file > 0).then(|| Digest::of([file.to_string().as_str()])).into_iter().collect();
                Letter {
                    sender,
                    subject,
                    document_on: one.and_then(on),
                    received_on: two.and_then(on),
                    files,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn likeness_goes_both_ways(one in any(), other in any()) {
            prop_assert_eq!(one.likeness(&other), other.likeness(&one));
        }

        #[test]
        fn a_letter_with_a_sender_and_a_subject_is_its_own_double(one in any()) {
            let told = near(&one.subject, &one.subject) || one.document_on.is_some();
            let known = !Sender::parse(&one.sender).forms().is_empty();
            prop_assert_eq!(!one.likeness(&one).is_empty(), (known && told) || !one.files.is_empty());
        }

        #[test]
        fn case_accents_and_punctuation_never_matter(one in any(), other in any()) {
            let loud = |text: &str| text.to_uppercase().replace('A', "À").replace(' ', " – ");
            let other_way = Letter { sender: other.sender.to_uppercase().replace('A', "Â"), subject: loud(&other.subject), ..other.clone() };
            prop_assert_eq!(one.likeness(&other), one.likeness(&other_way));
        }

        #[test]
        fn without_the_same_scan_nothing_is_likely_from_another_sender_or_another_time(one in any(), other in any()) {
            let signs = one.likeness(&other);
            if !signs.is_empty() && !signs.contains(&Sign::SameDocument) {
                prop_assert!(signs.contains(&Sign::SameSender) && signs.len() > 1);
                if let (Some(a), Some(b)) = (one.received_on, other.received_on) {
                    prop_assert!((a - b).num_days().abs() <= i64::from(WINDOW));
                }
            }
        }
    }
}
