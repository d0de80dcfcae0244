//! The steps of an explanation, and the French of them.

use chrono::{Datelike, NaiveDate};

use super::{Clock, Length, StartEvent};
use crate::calendar::{DayOff, Zone};
use crate::french::{French, days};
use crate::identity::House;

/// A step on the way from a rule to a due date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The rule, and the text it comes from.
    Rule {
        /// What is due.
        label: String,
        /// The text.
        source: String,
        /// Whether law or the house sets it.
        clock: Clock,
    },
    /// What started the clock.
    Start {
        /// The event.
        event: StartEvent,
        /// Its date.
        on: NaiveDate,
    },
    /// How long, and where that leads.
    Counted {
        /// The length.
        length: Length,
        /// The event's date.
        start: NaiveDate,
        /// The last day counted.
        last: NaiveDate,
        /// Whether it was counted back from the event.
        back: bool,
    },
    /// One day, or the two of a weekend, passed over.
    Skipped {
        /// The first day.
        first: NaiveDate,
        /// The last day; the first itself unless it is a Saturday.
        last: NaiveDate,
        /// Why.
        off: DayOff,
        /// Where.
        zone: Zone,
    },
    /// The last day is not a working day, and stays the last day.
    Kept {
        /// That day.
        on: NaiveDate,
        /// Why it is not a working day.
        off: DayOff,
        /// Where.
        zone: Zone,
        /// The clock: a text's delay may be taken for one of procedure, the house's own is not.
        clock: Clock,
    },
    /// The last day was not a working day, and gave way to the first after it.
    Moved {
        /// The last day counted.
        from: NaiveDate,
        /// The working day after it.
        to: NaiveDate,
    },
    /// The last weekly Journal officiel in which the answer is in time.
    LastIssue {
        /// Whose questions it prints.
        house: House,
        /// Its date.
        on: NaiveDate,
    },
    /// The Journal officiel that names the question among those without an answer.
    ReminderList {
        /// Its date.
        on: NaiveDate,
    },
    /// From when the author may have the question converted into an oral one.
    Conversion {
        /// The first day.
        from: NaiveDate,
    },
    /// The clock was stopped for an incomplete file.
    Suspended {
        /// From the day on which the pieces were asked for.
        from: NaiveDate,
        /// To the end of the time given, or to the day on which the pieces came.
        until: NaiveDate,
        /// Whether it ended before the time given.
        early: bool,
        /// Where that moves the due date.
        to: NaiveDate,
        /// Who stopped it.
        by: String,
        /// Why, while the words are kept.
        reason: Option<String>,
    },
    /// More time was asked for.
    Asked {
        /// Until when.
        until: NaiveDate,
        /// By whom.
        by: String,
        /// Why, while the words are kept.
        reason: Option<String>,
        /// What was decided, once it is.
        answer: Option<Answered>,
    },
    /// The calendar has changed since, so that the count is not what it was.
    Recorded {
        /// The date as it was computed.
        on: NaiveDate,
    },
    /// The due date: always the last step.
    Due {
        /// The last day to act.
        on: NaiveDate,
    },
}

/// The decision on a request for more time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Whether it was granted.
    pub granted: bool,
    /// Who decided.
    pub by: String,
    /// Why, while the words are kept.
    pub reason: Option<String>,
}

impl French for StartEvent {
    fn french(&self) -> &'static str {
        match self {
            Self::Publication => "publication de la question au Journal officiel",
            Self::Signalling => "signalement de la question",
            Self::RequestReceived => "réception de la demande",
            Self::RequestReceivedByCompetent => "réception de la demande par l’administration compétente",
            Self::FileComplete => "réception de la dernière pièce manquante",
            Self::LetterReceived => "réception du courrier",
            Self::FoundIncompetent => "constat que la demande relève d’une autre administration",
            Self::Sitting => "séance",
            Self::Term => "terme du dossier (dernier Journal officiel utile pour une question écrite)",
        }
    }
}

impl Step {
    /// The step as a sentence that a clerk can read to whoever asks.
    #[must_use]
    pub fn french(&self) -> String {
        match self {
            Self::Rule { label, source, clock } => {
                format!("{label}. {}\u{a0}: {source}.", clock.french())
            }
            Self::Start { event, on } => {
                format!("Point de départ\u{a0}: {}, le {}.", event.french(), dated(*on))
            }
            Self::Counted { length, start, last, back: false } => counted(*length, *start, *last),
            Self::Counted { length, last, back: true, .. } => counted_back(*length, *last),
            Self::Skipped { first, last, off, zone } => skipped(*first, *last, off, *zone),
            Self::Kept { on, off, zone, clock: Clock::Internal } => format!(
                "Le dernier jour, {}{}, n’est pas ouvré\u{a0}: le délai n’est pas reporté.",
                dated(*on),
                holiday_named(off, *zone),
            ),
            Self::Kept { on, off, zone, clock: Clock::Legal } => format!(
                "Le dernier jour, {}{}, n’est pas ouvré\u{a0}: le délai n’est pas reporté (l’article\u{a0}642 du code \
                 de procédure civile ne vise que les actes de procédure).",
                dated(*on),
                holiday_named(off, *zone),
            ),
            Self::Moved { from, to } => format!(
                "Le dernier jour, {}, n’est pas ouvré\u{a0}: le délai est reporté au premier jour ouvrable suivant, \
                 {} (code de procédure civile, art.\u{a0}642).",
                dated(*from),
                dated(*to),
            ),
            Self::LastIssue { house, on } => format!(
                "Dernier Journal officiel utile pour les questions {}\u{a0}: {}.",
                match house {
                    House::Assembly => "de l’Assemblée nationale",
                    House::Senate => "du Sénat",
                },
                dated(*on),
            ),
            Self::ReminderList { on } => format!(
                "Faute de réponse dans le délai\u{a0}: la question figure sur la liste de rappel, au Journal officiel \
                 du {}.",
                dated(*on),
            ),
            Self::Conversion { from } => format!(
                "Faute de réponse dans le délai\u{a0}: à partir du {}, la question est convertie en question orale si \
                 l’auteur le demande (Règlement du Sénat, art.\u{a0}75-3).",
                dated(*from),
            ),
            Self::Suspended { from, until, early, to, by, reason } => format!(
                "Délai suspendu du {} au {}{} ({}), par {by}{}\u{a0}: l’échéance passe au {}.",
                from.format("%d/%m/%Y"),
                until.format("%d/%m/%Y"),
                if *early { ", avant le terme donné" } else { "" },
                days((*until - *from).num_days()),
                because(reason.as_deref()),
                dated(*to),
            ),
            Self::Asked { until, by, reason, answer } => {
                asked(*until, by, reason.as_deref(), answer.as_ref())
            }
            Self::Recorded { on } => {
                format!("Le calendrier a changé depuis ce calcul\u{a0}: le {} reste l’échéance.", dated(*on))
            }
            Self::Due { on } => format!("Échéance\u{a0}: {} inclus.", dated(*on)),
        }
    }
}

/// A request for more time, and what became of it.
fn asked(until: NaiveDate, by: &str, reason: Option<&str>, answer: Option<&Answered>) -> String {
    let request = format!("Report au {} demandé par {by}{}", dated(until), because(reason));
    match answer {
        None => format!("{request}\u{a0}: en attente de décision."),
        Some(Answered { granted, by, reason }) => {
            let decision = if *granted { "accordé" } else { "refusé" };
            format!("{request}\u{a0}; {decision} par {by}{}.", because(reason.as_deref()))
        }
    }
}

/// « (« pièces manquantes ») ».
fn because(reason: Option<&str>) -> String {
    reason.map(|reason| format!(" («\u{a0}{reason}\u{a0}»)")).unwrap_or_default()
}

/// How a length was counted. Working days say where they end only after the days skipped: in the due date.
fn counted(length: Length, start: NaiveDate, last: NaiveDate) -> String {
    match length {
        Length::Days(days) => format!(
            "Durée {}, à partir du lendemain, tous les jours comptant\u{a0}: jusqu’au {}.",
            of_many(days.into(), "jour", "jours"),
            dated(last),
        ),
        Length::WorkingDays(days) => format!(
            "Durée {} (du lundi au vendredi, hors jours fériés), à partir du lendemain.",
            of_many(days.into(), "jour\u{a0}ouvré", "jours\u{a0}ouvrés"),
        ),
        Length::Months(months) if start.day() == last.day() => {
            format!("Durée {}\u{a0}: même quantième, soit le {}.", of_months(months), dated(last))
        }
        Length::Months(months) => format!(
            "Durée {}\u{a0}: {} n’a pas de {}, d’où le dernier jour du mois, soit le {}.",
            of_months(months),
            month_and_year(last),
            start.day(),
            dated(last),
        ),
    }
}

/// How a length was counted back.
fn counted_back(length: Length, last: NaiveDate) -> String {
    let (of, working) = match length {
        Length::Days(days) => (of_many(days.into(), "jour", "jours"), ""),
        Length::WorkingDays(days) => (
            of_many(days.into(), "jour\u{a0}ouvré", "jours\u{a0}ouvrés"),
            " (du lundi au vendredi, hors jours fériés)",
        ),
        Length::Months(months) => (of_months(months), ""),
    };
    format!("Compte à rebours {of}{working}\u{a0}: {} au plus tard.", dated(last))
}

/// The days passed over, a weekend in one go.
fn skipped(first: NaiveDate, last: NaiveDate, off: &DayOff, zone: Zone) -> String {
    match off {
        DayOff::Holiday(_) | DayOff::Closed(_) => {
            format!("{}{}\u{a0}: non ouvré.", capitalised(&dated(first)), holiday_named(off, zone))
        }
        DayOff::Weekend if first == last => {
            format!("{}\u{a0}: fin de semaine, non ouvré.", capitalised(&spelled(first)))
        }
        DayOff::Weekend => {
            let saturday = if first.month() == last.month() {
                format!("{} {}", weekday(first), day_of_month(first))
            } else if first.year() == last.year() {
                format!("{} {} {}", weekday(first), day_of_month(first), month(first))
            } else {
                spelled(first)
            };
            format!("{} et {}\u{a0}: fin de semaine, non ouvrés.", capitalised(&saturday), spelled(last))
        }
    }
}

/// « , férié en métropole (Ascension) », « , fermé (pont) »; nothing for a weekend, whose name the date already bears.
fn holiday_named(off: &DayOff, zone: Zone) -> String {
    match off {
        DayOff::Weekend => String::new(),
        DayOff::Holiday(name) => format!(", férié {} ({name})", zone.there()),
        DayOff::Closed(label) => format!(", fermé ({label})"),
    }
}

/// « dimanche 06/11/2022 ».
#[must_use]
pub fn dated(day: NaiveDate) -> String {
    format!("{} {}", weekday(day), day.format("%d/%m/%Y"))
}

/// « dimanche 3 mai 2026 ».
#[must_use]
pub fn spelled(day: NaiveDate) -> String {
    format!("{} {} {}", weekday(day), day_of_month(day), month_and_year(day))
}

/// « mai 2026 ».
#[must_use]
pub fn month_and_year(day: NaiveDate) -> String {
    format!("{} {}", month(day), day.year())
}

fn day_of_month(day: NaiveDate) -> String {
    match day.day() {
        1 => "1er".to_owned(),
        day => day.to_string(),
    }
}

/// « dimanche ».
#[must_use]
pub fn weekday(day: NaiveDate) -> &'static str {
    use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    match day.weekday() {
        Mon => "lundi",
        Tue => "mardi",
        Wed => "mercredi",
        Thu => "jeudi",
        Fri => "vendredi",
        Sat => "samedi",
        Sun => "dimanche",
    }
}

fn month(day: NaiveDate) -> &'static str {
    match day.month() {
        1 => "janvier",
        2 => "février",
        3 => "mars",
        4 => "avril",
        5 => "mai",
        6 => "juin",
        7 => "juillet",
        8 => "août",
        9 => "septembre",
        10 => "octobre",
        11 => "novembre",
        _ => "décembre",
    }
}

/// « d’un mois », « de deux mois ».
fn of_months(months: u32) -> String {
    of_many(months.into(), "mois", "mois")
}

/// « d’un jour », « de dix jours », « de 45 jours ».
fn of_many(count: u64, one: &str, more: &str) -> String {
    const WORDS: [&str; 17] = [
        "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
        "douze", "treize", "quatorze", "quinze", "seize",
    ];
    let word = usize::try_from(count).ok().and_then(|index| WORDS.get(index));
    let number = word.map_or_else(|| count.to_string(), |word| (*word).to_owned());
    let of = if count == 1 { "d’" } else { "de " };
    let noun = if count > 1 { more } else { one };
    format!("{of}{number}\u{a0}{noun}")
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
