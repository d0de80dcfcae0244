//! What a parliamentary question is called: `(house, legislature or year, type, number)`.
//!
//! Numbers start again at 1 with each legislature and for each type, so no shorter name is unique.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The house of Parliament that a question comes from.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum House {
    /// Assemblée nationale.
    Assembly,
    /// Sénat.
    Senate,
}

/// The six types of question that both houses know (as *Réponses* lists them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum QuestionType {
    /// Question écrite (règlement AN, art. 135; règlement du Sénat, art. 74 et 75).
    Qe,
    /// Question orale sans débat.
    Qosd,
    /// Question orale avec débat.
    Qoad,
    /// Question orale avec débat portant sur un sujet européen.
    Qoae,
    /// Question au Gouvernement.
    Qg,
    /// Question crible.
    Qc,
}

impl QuestionType {
    /// Every type, in the order of *Réponses*.
    pub const ALL: [Self; 6] = [Self::Qe, Self::Qosd, Self::Qoad, Self::Qoae, Self::Qg, Self::Qc];

    /// The code that the houses print: `QE`, `QOSD`…
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Qe => "QE",
            Self::Qosd => "QOSD",
            Self::Qoad => "QOAD",
            Self::Qoae => "QOAE",
            Self::Qg => "QG",
            Self::Qc => "QC",
        }
    }

    /// Whether a written answer in the Journal officiel is due (the others are answered in the chamber).
    #[must_use]
    pub fn is_written(self) -> bool {
        self == Self::Qe
    }
}

/// The name of a question, unique among all questions ever put.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QuestionIdentity {
    /// The house.
    pub house: House,
    /// The number of the legislature (Assemblée, `17`) or the year (Sénat, `2025`).
    pub term: u16,
    /// The type.
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// The number within house, term and type, from 1.
    pub number: u32,
}

/// `AN-17-QE-18094`, `SENAT-2025-QE-5028`: the form stored and shown.
impl fmt::Display for QuestionIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let house = match self.house {
            House::Assembly => "AN",
            House::Senate => "SENAT",
        };
        write!(out, "{house}-{}-{}-{}", self.term, self.kind.code(), self.number)
    }
}

/// The text is no question's identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the identity of a question")]
pub struct NotAnIdentity;

impl FromStr for QuestionIdentity {
    type Err = NotAnIdentity;

    fn from_str(text: &str) -> Result<Self, NotAnIdentity> {
        let mut parts = text.split('-');
        let mut next = || parts.next().ok_or(NotAnIdentity);
        let house = match next()? {
            "AN" => House::Assembly,
            "SENAT" => House::Senate,
            _ => return Err(NotAnIdentity),
        };
        let term = next()?.parse().map_err(|_| NotAnIdentity)?;
        let code = next()?;
        let kind = QuestionType::ALL.into_iter().find(|kind| kind.code() == code).ok_or(NotAnIdentity)?;
        let number = next()?.parse().map_err(|_| NotAnIdentity)?;
        if parts.next().is_some() || number == 0 {
            return Err(NotAnIdentity);
        }
        Ok(Self { house, term, kind, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_as_it_is_written() {
        for text in ["AN-17-QE-18094", "SENAT-2025-QOSD-1054", "AN-15-QG-14"] {
            assert_eq!(text.parse::<QuestionIdentity>().map(|id| id.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "AN", "AN-17-QE", "AN-17-QX-1", "AN-17-QE-0", "AN-17-QE-1-2", "X-17-QE-1"] {
            assert_eq!(text.parse::<QuestionIdentity>(), Err(NotAnIdentity), "{text}");
        }
    }
}
