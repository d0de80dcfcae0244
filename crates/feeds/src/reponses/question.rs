//! A question as *Réponses* hands it over: what the houses print of it on the first day.

use chrono::Datelike as _;
use pli_domain::identity::{House, QuestionIdentity};

use super::element::Element;
use super::message;
use super::read::{Wrong, date, ministry, named, needed};
use crate::record::{Attribution, Author, Ministry, PublishedQuestion};

/// How the uid of a record begins that comes from here, and not from the house that publishes it.
pub const UID: &str = "REPONSES-";

pub(super) fn read(element: &Element) -> Result<PublishedQuestion, Wrong> {
    let id = named(element)?;
    let published_on = date(element, "date_publication_jo")?;
    let term = match (id.house, published_on) {
        (House::Assembly, _) => id.legislature,
        // The Sénat's questions are known by their year.
        (House::Senate, Some(day)) => {
            u16::try_from(day.year()).map_err(|_| Wrong::Missing("date_publication_jo"))?
        }
        (House::Senate, None) => return Err(Wrong::Missing("date_publication_jo")),
    };
    let identity = QuestionIdentity { house: id.house, term, kind: id.kind, number: id.number };
    let asked = ministry(element.child("ministre_depot").ok_or(Wrong::Missing("ministre_depot"))?)?;
    let given = element.child("ministre_attributaire").map(ministry).transpose()?;
    let given =
        given.map(|ministry| Attribution { ministry: record(ministry), on: published_on, cause: None });
    let record = PublishedQuestion {
        uid: format!("{UID}{identity}"),
        identity,
        title: title(element),
        rubric: rubric(element).map(str::to_owned),
        author: author(element),
        asked_ministry: Some(record(asked)),
        attributions: given.into_iter().collect(),
        published_on,
        question_html: Some(needed(element, "texte")?.to_owned()),
        question_errata: Vec::new(),
        answers: Vec::new(),
        closing: None,
        signalled: None,
        renewed_on: Vec::new(),
        digest: String::new(),
    };
    record.seal().map_err(|_| Wrong::Missing("texte"))
}

fn record(ministry: message::Ministry) -> Ministry {
    Ministry { reference: Some(ministry.id.to_string()), label: ministry.label }
}

/// The Sénat gives a title; of the Assemblée's, the analyses stand for one, as in its own files.
fn title(element: &Element) -> Option<String> {
    if let Some(title) = element.text_of("titre_senat") {
        return Some(title.to_owned());
    }
    let analyses: Vec<_> = element.child("indexation_an")?.texts_of("analyse").collect();
    if analyses.is_empty() { None } else { Some(analyses.join(". ")) }
}

fn rubric(element: &Element) -> Option<&str> {
    let index = element.child("indexation_an").or_else(|| element.child("indexation_senat"))?;
    index.text_of("rubrique").or_else(|| index.text_of("theme"))
}

fn author(element: &Element) -> Author {
    let Some(author) = element.child("auteur") else {
        return Author::default();
    };
    let name: Vec<_> = ["prenom", "nom"].into_iter().filter_map(|part| author.text_of(part)).collect();
    Author {
        reference: None,
        name: Some(name.join(" ")).filter(|name| !name.is_empty()),
        group: author.text_of("grp_pol").map(str::to_owned),
    }
}
