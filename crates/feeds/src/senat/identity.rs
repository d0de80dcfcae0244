//! What the Sénat calls a question: `SEQ250605028` is number 5028, put in June 2025; `SEQ16030791G` the 791st to the
//! Government, in March 2016. The year is the term: numbers start again with each legislature.

use chrono::{Datelike, NaiveDate};
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::text::fold;

use crate::reject::RejectReason;
use crate::values::positive;

/// What a file says of a question's name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) reference: Option<&'a str>,
    pub(super) nature: Option<&'a str>,
    pub(super) number: Option<&'a str>,
    pub(super) published_on: Option<NaiveDate>,
}

/// The open data begins on 2 April 1978.
const FIRST_YEAR: u16 = 1978;

/// The name of a question, and the publisher's own for it.
pub(super) fn read(said: Said<'_>) -> Result<(QuestionIdentity, String), RejectReason> {
    let unknown = |text: &str| RejectReason::UnknownIdentifier { uid: text.to_owned() };
    let by_reference = said.reference.map(|text| reference(text).ok_or_else(|| unknown(text))).transpose()?;
    let by_number = said.number.map(|text| numbered(text).ok_or_else(|| unknown(text))).transpose()?;
    let number = match (by_reference, by_number) {
        (Some((_, number, _)), Some((found, _))) if number != found => {
            let uid = said.reference.unwrap_or_default().to_owned();
            return Err(RejectReason::NumberMismatch { uid, found: found.to_string() });
        }
        (Some((_, number, _)), _) | (None, Some((number, _))) => number,
        (None, None) => return Err(RejectReason::MissingIdentifier),
    };
    let letter = by_reference.and_then(|(_, _, letter)| letter).or(by_number.and_then(|(_, letter)| letter));
    let uid = || said.reference.or(said.number).unwrap_or_default().to_owned();
    let kind = match said.nature {
        Some(nature) => {
            named(nature).ok_or_else(|| RejectReason::UnknownType { uid: uid(), code: nature.to_owned() })?
        }
        None => lettered(letter).ok_or_else(|| unknown(&uid()))?,
    };
    let published = said.published_on.and_then(|on| u16::try_from(on.year()).ok());
    let term = by_reference.map(|(year, _, _)| year).or(published).ok_or(RejectReason::MissingIdentifier)?;
    let identity = QuestionIdentity { house: House::Senate, term, kind, number };
    let uid = said.reference.map_or_else(|| identity.to_string(), str::to_owned);
    Ok((identity, uid))
}

/// The year, the number and the letter of a reference.
fn reference(text: &str) -> Option<(u16, u32, Option<char>)> {
    let rest = text.strip_prefix("SEQ")?;
    let (year, rest) = rest.split_at_checked(2)?;
    let (month, number) = rest.split_at_checked(2)?;
    let year: u16 = u16::try_from(positive_or_zero(year)?).ok()?;
    let year = if year.saturating_add(1900) >= FIRST_YEAR {
        year.saturating_add(1900)
    } else {
        year.saturating_add(2000)
    };
    if !(1..=12).contains(&positive_or_zero(month)?) {
        return None;
    }
    let (number, letter) = numbered(number)?;
    Some((year, number, letter))
}

fn positive_or_zero(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `05028`, `1054S`.
fn numbered(text: &str) -> Option<(u32, Option<char>)> {
    let letter = text.chars().next_back().filter(char::is_ascii_uppercase);
    let digits = letter.map_or(text, |letter| text.trim_end_matches(letter));
    Some((positive(digits)?, letter))
}

/// The letters after the numbers; those of the debates are deduced, not documented.
fn lettered(letter: Option<char>) -> Option<QuestionType> {
    match letter {
        None => Some(QuestionType::Qe),
        Some('S') => Some(QuestionType::Qosd),
        Some('G') => Some(QuestionType::Qg),
        Some('C') => Some(QuestionType::Qc),
        Some('A') => Some(QuestionType::Qoad),
        Some('E') => Some(QuestionType::Qoae),
        Some(_) => None,
    }
}

/// The code of a type, or its name.
fn named(nature: &str) -> Option<QuestionType> {
    let code = QuestionType::ALL.into_iter().find(|kind| kind.code().eq_ignore_ascii_case(nature));
    code.or_else(|| {
        let folded = fold(nature);
        let says = |part: &str| folded.contains(part);
        if says("ecrite") {
            Some(QuestionType::Qe)
        } else if says("gouvernement") || says("actualite") {
            Some(QuestionType::Qg)
        } else if says("crible") {
            Some(QuestionType::Qc)
        } else if says("europe") {
            Some(QuestionType::Qoae)
        } else if says("sans debat") {
            Some(QuestionType::Qosd)
        } else if says("avec debat") {
            Some(QuestionType::Qoad)
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(said: Said<'_>) -> Result<String, &'static str> {
        read(said).map(|(identity, _)| identity.to_string()).map_err(|reason| reason.code())
    }

    #[test]
    fn a_reference_names_one_question() {
        let of = |reference| name(Said { reference: Some(reference), ..Said::default() });
        assert_eq!(of("SEQ250605028").as_deref(), Ok("SENAT-2025-QE-5028"));
        assert_eq!(of("SEQ16030791G").as_deref(), Ok("SENAT-2016-QG-791"));
        assert_eq!(of("SEQ25061054S").as_deref(), Ok("SENAT-2025-QOSD-1054"));
        assert_eq!(of("SEQ780400001").as_deref(), Ok("SENAT-1978-QE-1"));
        for wrong in [
            "",
            "SEQ",
            "SEQ25",
            "SEQ251305028",
            "SEQ2506",
            "SEQ250600000",
            "SEQ25060é028",
            "SEQ25061Z",
            "QANR5L17QE1",
        ] {
            assert_eq!(of(wrong), Err("unknown_identifier"), "{wrong}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let said = |reference, number, nature| Said { reference, number, nature, published_on: None };
        assert_eq!(name(said(Some("SEQ250605028"), Some("05029"), Some("QE"))), Err("number_mismatch"));
        assert_eq!(name(said(Some("SEQ250605028"), Some("05028"), Some("QX"))), Err("unknown_type"));
        assert_eq!(name(said(None, Some("05028"), Some("QE"))), Err("missing_identifier"));
        assert_eq!(name(said(None, None, Some("QE"))), Err("missing_identifier"));
        let dated =
            Said { published_on: NaiveDate::from_ymd_opt(2025, 6, 12), ..said(None, Some("1054S"), None) };
        assert_eq!(name(dated).as_deref(), Ok("SENAT-2025-QOSD-1054"));
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_for(text in "\\PC{0,14}|SEQ[0-9]{0,12}[A-Z]?") {
            let _ = name(Said { reference: Some(&text), nature: Some(&text), number: Some(&text), published_on: None });
        }

        /// Within a year two questions have two names, whatever they are.
        #[test]
        fn two_references_are_two_questions(
            one in (80_u16..=99, 1_u16..=12, 1_u32..99999, "[SG]?"),
            other in (80_u16..=99, 1_u16..=12, 1_u32..99999, "[SG]?"),
        ) {
            let text = |(year, month, number, letter): &(u16, u16, u32, String)| format!("SEQ{year:02}{month:02}{number:05}{letter}");
            let same = (one.0, one.2, &one.3) == (other.0, other.2, &other.3);
            let (one, other) = (text(&one), text(&other));
            let name = |text: &str| name(Said { reference: Some(text), ..Said::default() });
            prop_assert_eq!(name(&one) == name(&other), same);
        }
    }
}
