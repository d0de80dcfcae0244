//! A question as *Réponses* hands it over: what the houses print of it on the first day.

use chrono::Datelike as _;
use pli_domain::identity::{House, QuestionIdentity};
use pli_domain::published::{Attribution, Author, Ministry, PublishedQuestion};

use super::element::Element;
use super::message;
use super::read::{Wrong, date, ministry, named, needed};
use crate::html;

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
    let index = element.child("indexation_an").or_else(|| element.child("indexation_senat"));
    let terms = index.into_iter().flat_map(|index| index.texts_of("analyse").chain(index.texts_of("theme")));
    let uid = format!("{UID}{identity}");
    let record = PublishedQuestion {
        title: title(element),
        rubric: rubric(element).map(str::to_owned),
        terms: terms.map(str::to_owned).collect(),
        author: author(element),
        asked_ministry: Some(record(asked)),
        attributions: given.into_iter().collect(),
        published_on,
        page: element.text_of("page_jo").map(str::to_owned),
        question_html: Some(html::safe(needed(element, "texte")?)),
        ..PublishedQuestion::bare(identity, uid)
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
    let text = |part: &str| author.text_of(part).map(str::to_owned);
    Author {
        reference: None,
        civility: text("civilite").filter(|civility| civility != "NON_RENSEIGNE"),
        given_name: text("prenom"),
        family_name: text("nom"),
        group: text("grp_pol"),
        constituency: text("circonscription"),
    }
}
