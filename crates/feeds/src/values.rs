//! The small values of the publishers' files, and the several ways in which each is written.
//!
//! The Assemblée's files are XML turned into JSON by a machine: an element that occurs once is an object, twice a list;
//! an empty one is `null`, `""`, missing, or an object that says it is nil.

use chrono::{Datelike, NaiveDate};
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::reject::RejectReason;

/// An element, however often it occurs, without its empty occurrences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OneOrMany<T>(Vec<T>);

impl<T> OneOrMany<T> {
    /// The element, where only one makes sense: if there are several, the last is the latest.
    pub(crate) fn into_one(self) -> Option<T> {
        self.0.into_iter().next_back()
    }
}

impl<T> OneOrMany<T> {
    /// This one, or another where this does not occur.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.0.is_empty() { other } else { self }
    }
}

impl<T> From<T> for OneOrMany<T> {
    fn from(one: T) -> Self {
        Self(vec![one])
    }
}

impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(many: Vec<T>) -> Self {
        Self(many)
    }
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let occurrences = match Value::deserialize(deserializer)? {
            Value::Array(occurrences) => occurrences,
            occurrence => vec![occurrence],
        };
        let filled = occurrences.into_iter().filter(|occurrence| !is_empty(occurrence));
        filled.map(serde_json::from_value).collect::<Result<_, _>>().map(Self).map_err(D::Error::custom)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Object(members) => match members.get("@xsi:nil") {
            Some(Value::Bool(nil)) => *nil,
            Some(Value::String(nil)) => matches!(nil.as_str(), "true" | "1"),
            _ => false,
        },
        _ => false,
    }
}

/// A text, a number written as a number, or an element with attributes around its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(Value::deserialize(deserializer)?).map(Self).ok_or_else(|| D::Error::custom("not a text"))
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Object(mut members) => match members.remove("#text")? {
            Value::String(text) => Some(text),
            _ => None,
        },
        Value::Null | Value::Array(_) => None,
    }
}

impl Text {
    /// The text without the spaces around it; unbreakable spaces are spaces too.
    pub(crate) fn into_trimmed(self) -> String {
        let trimmed = self.0.trim();
        if trimmed.len() == self.0.len() { self.0 } else { trimmed.to_owned() }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl OneOrMany<Text> {
    /// The one text.
    pub(crate) fn into_text(self) -> Option<String> {
        self.into_one().map(Text::into_trimmed).filter(|text| !text.is_empty())
    }

    /// The one text, read as a date.
    pub(crate) fn into_date(self) -> Result<Option<NaiveDate>, RejectReason> {
        self.into_text().map_or(Ok(None), |text| date(&text))
    }
}

/// The files write "no date" as the first day of all.
const EARLIEST_YEAR: i32 = 1900;

/// Reads `2025-01-07` (whatever time follows) or `07/01/2025`.
pub(crate) fn date(text: &str) -> Result<Option<NaiveDate>, RejectReason> {
    if text.starts_with("0000") {
        return Ok(None);
    }
    let day = text.split(['T', ' ', '+', 'Z']).next().unwrap_or_default();
    let read = ["%Y-%m-%d", "%d/%m/%Y"].iter().find_map(|form| NaiveDate::parse_from_str(day, form).ok());
    match read {
        Some(date) if date.year() < EARLIEST_YEAR => Ok(None),
        Some(date) => Ok(Some(date)),
        None => Err(RejectReason::UnreadableDate { text: text.to_owned() }),
    }
}

/// Reads `QANR5L17QE1234`: question, Assemblée nationale, Ve République, legislature, type, number.
pub(crate) fn assembly_identity(uid: &str) -> Result<QuestionIdentity, RejectReason> {
    let unknown = || RejectReason::UnknownIdentifier { uid: uid.to_owned() };
    let rest = uid.strip_prefix("QANR5L").ok_or_else(unknown)?;
    let (legislature, rest) = split_before(rest, |c| !c.is_ascii_digit());
    let (code, number) = split_before(rest, |c| !c.is_ascii_uppercase());
    let term = legislature.parse().map_err(|_| unknown())?;
    let number = positive(number).ok_or_else(unknown)?;
    let kind = match code {
        "QE" => QuestionType::Qe,
        "QG" => QuestionType::Qg,
        "QOSD" => QuestionType::Qosd,
        "QM" | "QST" => {
            return Err(RejectReason::UnknownType { uid: uid.to_owned(), code: code.to_owned() });
        }
        _ => return Err(unknown()),
    };
    Ok(QuestionIdentity { house: House::Assembly, term, kind, number })
}

pub(crate) fn split_before(text: &str, stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stop).unwrap_or(text.len()))
}

/// Digits only: `parse` alone would take a sign.
pub(crate) fn positive(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> OneOrMany<Text> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_element_occurs_once_or_several_times_or_not() {
        for empty in [
            json!(null),
            json!(""),
            json!(" \u{a0}"),
            json!([]),
            json!([null, ""]),
            json!({"@xsi:nil": "true"}),
        ] {
            assert_eq!(read(empty.clone()).into_text(), None, "{empty}");
        }
        assert_eq!(read(json!("a ")).into_text().as_deref(), Some("a"));
        assert_eq!(read(json!(12)).into_text().as_deref(), Some("12"));
        assert_eq!(read(json!({"@id": 1, "#text": "a"})).into_text().as_deref(), Some("a"));
        assert_eq!(read(json!(["a", null, "\u{a0}b"])).into_iter().count(), 2);
        assert!(serde_json::from_value::<OneOrMany<Text>>(json!({"b": 1})).is_err());
    }

    #[test]
    fn dates_are_read_in_both_forms() {
        let day = NaiveDate::from_ymd_opt(2025, 1, 7);
        for text in ["2025-01-07", "07/01/2025", "2025-01-07T00:00:00.000+01:00", "2025-01-07+01:00"] {
            assert_eq!(date(text), Ok(day), "{text}");
        }
        for nothing in ["0001-01-01", "01/01/0001", "0000-00-00", "0001-01-01T00:00:00"] {
            assert_eq!(date(nothing), Ok(None), "{nothing}");
        }
        for wrong in ["2025-13-01", "hier", "31/02/2025", "2025"] {
            assert_eq!(date(wrong), Err(RejectReason::UnreadableDate { text: wrong.to_owned() }));
        }
    }

    #[test]
    fn an_identifier_names_one_question() {
        let read = |uid: &str| assembly_identity(uid).map(|identity| identity.to_string());
        assert_eq!(read("QANR5L17QE9868").as_deref(), Ok("AN-17-QE-9868"));
        assert_eq!(read("QANR5L9QOSD1").as_deref(), Ok("AN-9-QOSD-1"));
        assert_eq!(read("QANR5L14QG642").as_deref(), Ok("AN-14-QG-642"));
        for unknown in
            ["", "QANR5L", "QANR5LQE1", "QANR5L17QE", "QANR5L17QE0", "QANR5L17QE+1", "QANR5L17QE1x"]
        {
            assert_eq!(
                assembly_identity(unknown),
                Err(RejectReason::UnknownIdentifier { uid: unknown.to_owned() })
            );
        }
        for huge in ["QANR5L17QE99999999999", "QANR5L999999QE1", "qanr5l17qe1", "SEQ250605028"] {
            assert_eq!(assembly_identity(huge).unwrap_err().code(), "unknown_identifier");
        }
        assert_eq!(
            assembly_identity("QANR5L17QM12").unwrap_err().to_string(),
            "Le type de question QM n’est pas suivi (QANR5L17QM12)."
        );
    }
}
