//! The columns of the list: those of the page, and of the tables that are made of it for spreadsheets.

use chrono::NaiveDate;
use pli_app::{List, Sheet};
use pli_domain::deadline::{Standing, Term};
use pli_domain::delay::Clock;
use pli_domain::dossier::Dossier;
use pli_domain::french::French as _;
use pli_domain::organisation::Organisation;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::words;

/// A column, by its word in the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
pub(crate) enum Column {
    #[strum(serialize = "reference")]
    Reference,
    #[strum(serialize = "type")]
    Kind,
    #[strum(serialize = "objet")]
    Subject,
    #[strum(serialize = "expediteur")]
    Sender,
    #[strum(serialize = "etat")]
    Stage,
    #[strum(serialize = "service")]
    Unit,
    #[strum(serialize = "recu")]
    Received,
    /// This one, the days late and the standing are those of the list, on its clock.
    #[strum(serialize = "echeance")]
    Due,
    #[strum(serialize = "echeance-legale")]
    LegalDue,
    #[strum(serialize = "echeance-interne")]
    InternalDue,
    /// Empty unless it is late, or was answered late.
    #[strum(serialize = "retard")]
    DaysLate,
    #[strum(serialize = "situation")]
    Standing,
    #[strum(serialize = "clos")]
    Closed,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Nothing,
    Text(String),
    Date(NaiveDate),
    Number(u32),
}

/// What the values depend on, beside the dossier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    pub(crate) list: &'a List,
    pub(crate) organisation: &'a Organisation,
    pub(crate) today: NaiveDate,
}

impl Column {
    /// Those that the page shows to whoever has chosen none.
    pub(crate) const USUAL: [Self; 7] =
        [Self::Reference, Self::Subject, Self::Sender, Self::Stage, Self::Unit, Self::Due, Self::Standing];

    /// Its head.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Reference => "Référence",
            Self::Kind => "Type",
            Self::Subject => "Objet",
            Self::Sender => "Expéditeur",
            Self::Stage => "État",
            Self::Unit => "Service pilote",
            Self::Received => "Reçu le",
            Self::Due => "Échéance",
            Self::LegalDue => "Échéance légale",
            Self::InternalDue => "Échéance interne",
            Self::DaysLate => "Retard en jours",
            Self::Standing => "Situation",
            Self::Closed => "Clos le",
        }
    }

    /// Reads the columns of an address, in the order of the table; the reference is always among them. `None` when a word is
    /// none of ours.
    pub(crate) fn parse<'a>(words: impl Iterator<Item = &'a str>) -> Option<Vec<Self>> {
        let words = words.flat_map(|words| words.split(',')).filter(|word| !word.is_empty());
        let chosen = words.map(|word| word.parse().ok()).collect::<Option<Vec<Self>>>()?;
        if chosen.is_empty() {
            return Some(chosen);
        }
        let among = |column: &Self| *column == Self::Reference || chosen.contains(column);
        Some(Self::VARIANTS.iter().copied().filter(among).collect())
    }
}

impl Table<'_> {
    /// The term of a dossier, on the clock of the list.
    pub(crate) fn term(&self, dossier: &Dossier) -> Term {
        self.list.clock.map_or_else(|| dossier.term(), |clock| dossier.clock_term(clock))
    }

    /// How a dossier stands with it.
    pub(crate) fn standing(&self, dossier: &Dossier) -> Standing {
        self.term(dossier).standing(self.today)
    }

    /// What stands in a column.
    pub(crate) fn value(&self, column: Column, sheet: &Sheet) -> Value {
        let dossier = &sheet.dossier;
        let date = |day: Option<NaiveDate>| day.map_or(Value::Nothing, Value::Date);
        let text = |text: String| if text.is_empty() { Value::Nothing } else { Value::Text(text) };
        match column {
            Column::Reference => text(dossier.reference.clone()),
            Column::Kind => text(dossier.kind().french().to_owned()),
            Column::Subject => text(sheet.subject.clone()),
            Column::Sender => text(sheet.sender.clone().unwrap_or_default()),
            Column::Stage => text(dossier.stage.french().to_owned()),
            Column::Unit => {
                text(dossier.lead.map(|unit| words::unit_code(self.organisation, unit)).unwrap_or_default())
            }
            Column::Received => Value::Date(dossier.received_on),
            Column::Due => date(self.term(dossier).due_on),
            Column::LegalDue => date(dossier.clock_due_on(Clock::Legal)),
            Column::InternalDue => date(dossier.clock_due_on(Clock::Internal)),
            Column::DaysLate => match self.standing(dossier) {
                Standing::Late { by } | Standing::AnsweredLate { by } => {
                    u32::try_from(by).map_or(Value::Nothing, Value::Number)
                }
                _ => Value::Nothing,
            },
            Column::Standing => text(self.standing(dossier).french()),
            Column::Closed => date(dossier.closed_on),
        }
    }
}

impl Value {
    /// As words.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text,
            Self::Date(day) => words::date(day),
            Self::Number(number) => number.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_in_the_order_of_the_table_and_the_reference_is_among_them() {
        use Column::{Closed, Reference, Subject};
        let parse = |words: &[&'static str]| Column::parse(words.iter().copied());
        assert_eq!(parse(&[]), Some(vec![]));
        assert_eq!(parse(&["", ","]), Some(vec![]));
        assert_eq!(parse(&["clos,objet"]), Some(vec![Reference, Subject, Closed]));
        assert_eq!(parse(&["clos", "objet", "objet"]), Some(vec![Reference, Subject, Closed]));
        assert_eq!(parse(&["objet,mot-de-passe"]), None);
    }

    #[test]
    fn the_words_in_the_address_are_plain() {
        for column in Column::VARIANTS {
            let word: &str = (*column).into();
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{word}");
        }
    }
}
