//! What a ministry receives.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::{fmt, io};

use chrono::{Datelike as _, NaiveDate};
use pli_domain::identity::{House, QuestionType};

use super::element::{self, Element};
use super::message::{
    Attribution, Erratum, Ministry, Page, QuestionRef, Receipt, Received, Rejected, State, StateChange,
};
use super::question;
use crate::html;

/// The largest file that is read at all: a page of questions holds some hundreds of kilobytes.
const LARGEST_FILE: u64 = 32 << 20;

/// The years of the Fifth Republic, and of the software that counts its days.
const YEARS: std::ops::Range<i32> = 1958..2200;

/// Why a message is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not there, or may not be read.
    #[error("Impossible de lire {path}.")]
    Unreadable {
        /// The path that was asked for.
        path: String,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// Larger than any page.
    #[error("Ce fichier est trop volumineux pour être un message de « Réponses ».")]
    TooLarge,
    /// Not in UTF-8.
    #[error("Ce fichier n’est pas en UTF-8.")]
    NotUtf8,
    /// Not XML, or not whole.
    #[error("Ce fichier n’est pas du XML valide, ou il est incomplet (ligne {line}).")]
    NotXml {
        /// The line where reading stopped, from 1.
        line: usize,
    },
    /// It declares a document type: entities of its own could make a small file endless.
    #[error("Ce fichier déclare un type de document (DTD) : il est refusé.")]
    DocumentType,
    /// Deeper, or in more pieces, than any message.
    #[error("Ce fichier est trop profond ou trop morcelé pour être un message de « Réponses ».")]
    TooMuch,
    /// XML, but none of the messages that are known.
    #[error("Ce fichier n’est pas un message de « Réponses » qui s’importe.")]
    NotAMessage,
    /// A message without its jeton.
    #[error("Le jeton du message manque.")]
    NoToken,
    /// *Réponses* says that it did not do what was asked.
    #[error("« Réponses » a refusé la demande : {0}")]
    Refused(String),
}

impl ReadError {
    /// What is wrong, in French, without saying where the file lay.
    #[must_use]
    pub fn without_path(&self) -> String {
        match self {
            Self::Unreadable { .. } => "Impossible de lire ce fichier.".to_owned(),
            other => other.to_string(),
        }
    }
}

/// Reads a message from a file.
///
/// # Errors
/// [`ReadError`] when it is none.
pub fn open(path: &Path) -> Result<Received, ReadError> {
    let unreadable = |cause| ReadError::Unreadable { path: path.display().to_string(), cause };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST_FILE) {
        return Err(ReadError::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| ReadError::NotUtf8)?;
    read(text.trim_start_matches('\u{feff}'))
}

/// Reads a message.
///
/// # Errors
/// [`ReadError`] when it is none. What is wrong with a part of it is told in its place.
pub fn read(xml: &str) -> Result<Received, ReadError> {
    let message = element::document(xml)?;
    Ok(match message.name.as_str() {
        "chercherQuestionsResponse" => {
            Received::Questions(page(&message, "jeton_questions", "questions", question::read)?)
        }
        "chercherChangementDEtatQuestionsResponse" => {
            Received::Changes(page(&message, "jeton_changements_etat", "changements_etat", change)?)
        }
        "chercherErrataQuestionsResponse" => {
            Received::Errata(page(&message, "jeton_errata", "errata", erratum)?)
        }
        "chercherAttributionsResponse" | "chercherAttributionsDateResponse" => {
            Received::Attributions(page(&message, "jeton_attributions", "attributions", attribution)?)
        }
        "envoyerReponsesResponse" => Received::Receipts(parts(&message, "resultat_traitement", receipt)),
        _ => return Err(ReadError::NotAMessage),
    })
}

type Part<T> = Result<T, Wrong>;

fn page<T>(
    message: &Element,
    token: &str,
    items: &str,
    part: fn(&Element) -> Part<T>,
) -> Result<Page<T>, ReadError> {
    if message.text_of("statut") == Some("KO") {
        return Err(ReadError::Refused(message.text_of("message_erreur").unwrap_or("sans motif").to_owned()));
    }
    Ok(Page {
        token: message.text_of(token).ok_or(ReadError::NoToken)?.to_owned(),
        last: matches!(message.text_of("dernier_renvoi"), Some("true" | "1")),
        items: parts(message, items, part),
    })
}

fn parts<T>(message: &Element, name: &str, part: fn(&Element) -> Part<T>) -> Vec<Result<T, Rejected>> {
    let named = message.children.iter().filter(|child| child.name == name);
    let read = named.zip(1..).map(|(element, place): (_, usize)| {
        part(element).map_err(|wrong| {
            let question = element.child("id_question").and_then(|id| question_ref(id).ok());
            let source_name = question.map_or_else(|| format!("{name} n° {place}"), |id| id.to_string());
            Rejected { source_name, code: wrong.code(), reason: wrong.to_string() }
        })
    });
    read.collect()
}

/// What is wrong with a part of a message.
#[derive(Debug)]
pub(super) enum Wrong {
    /// It is not there.
    Missing(&'static str),
    /// It is not what stands there in a message.
    Unreadable(&'static str, String),
}

impl Wrong {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing_element",
            Self::Unreadable(..) => "unreadable_element",
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(out, "L’élément « {name} » manque."),
            Self::Unreadable(name, text) => write!(out, "L’élément « {name} » est illisible : « {text} »."),
        }
    }
}

/// A text that must be there.
pub(super) fn needed<'a>(element: &'a Element, name: &'static str) -> Part<&'a str> {
    element.text_of(name).ok_or(Wrong::Missing(name))
}

/// A text that must be there, read.
fn parsed<T: std::str::FromStr>(element: &Element, name: &'static str) -> Part<T> {
    let text = needed(element, name)?;
    text.parse().map_err(|_| unreadable(name, text))
}

fn unreadable(name: &'static str, text: &str) -> Wrong {
    Wrong::Unreadable(name, text.chars().take(40).collect())
}

/// A date, where there is one: the first ten characters of a `dateTime` or of a `date` with a zone.
pub(super) fn date(element: &Element, name: &'static str) -> Part<Option<NaiveDate>> {
    let Some(text) = element.text_of(name) else {
        return Ok(None);
    };
    let day: Option<NaiveDate> = text.get(..10).unwrap_or(text).parse().ok();
    let day = day.filter(|day| YEARS.contains(&day.year()));
    day.map(Some).ok_or_else(|| unreadable(name, text))
}

pub(super) fn question_ref(id: &Element) -> Part<QuestionRef> {
    let house = match needed(id, "source")? {
        "AN" => House::Assembly,
        "SENAT" => House::Senate,
        other => return Err(unreadable("source", other)),
    };
    let code = needed(id, "type")?;
    let kind = QuestionType::ALL.into_iter().find(|kind| kind.code() == code);
    let number: u32 = parsed(id, "numero_question")?;
    if number == 0 {
        return Err(unreadable("numero_question", "0"));
    }
    Ok(QuestionRef {
        house,
        legislature: parsed(id, "legislature")?,
        kind: kind.ok_or_else(|| unreadable("type", code))?,
        number,
    })
}

pub(super) fn named(element: &Element) -> Part<QuestionRef> {
    question_ref(element.child("id_question").ok_or(Wrong::Missing("id_question"))?)
}

pub(super) fn ministry(minister: &Element) -> Part<Ministry> {
    let id = minister.attribute("id").ok_or(Wrong::Missing("id"))?;
    Ok(Ministry {
        id: id.trim().parse().map_err(|_| unreadable("id", id))?,
        label: needed(minister, "intitule_min")?.to_owned(),
        title: minister.text_of("titre_jo").unwrap_or_default().to_owned(),
    })
}

fn change(element: &Element) -> Part<StateChange> {
    let state = match needed(element, "type_modif")? {
        "EN_COURS" => State::Open,
        "REPONDU" => State::Answered,
        "RETIRE" => State::Withdrawn,
        "SIGNALE" => State::Signalled,
        "CADUQUE" => State::Lapsed,
        "RENOUVELLE" => State::Renewed,
        "CLOTURE_AUTRE" => State::ClosedOtherwise,
        other => return Err(unreadable("type_modif", other)),
    };
    let on = date(element, "date_modif")?.ok_or(Wrong::Missing("date_modif"))?;
    Ok(StateChange { question: named(element)?, state, on })
}

fn erratum(element: &Element) -> Part<Erratum> {
    Ok(Erratum {
        question: named(element)?,
        on: date(element, "date_publication_erratum")?,
        html: html::safe(needed(element, "texte_consolide")?),
    })
}

fn attribution(element: &Element) -> Part<Attribution> {
    let minister = element.child("attributaire").and_then(|to| to.child("ministre"));
    Ok(Attribution {
        question: named(element)?,
        ministry: ministry(minister.ok_or(Wrong::Missing("ministre"))?)?,
        on: date(element, "date_attribution")?,
    })
}

fn receipt(element: &Element) -> Part<Receipt> {
    let question = named(element)?;
    let refused = match needed(element, "statut")? {
        "OK" => None,
        "KO" => Some(element.text_of("message_erreur").unwrap_or("sans motif").to_owned()),
        other => return Err(unreadable("statut", other)),
    };
    Ok(Receipt { question, refused })
}
