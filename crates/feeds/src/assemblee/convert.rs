//! From the Assemblée's tree to the record.

use pli_domain::identity::QuestionIdentity;
use pli_domain::published::{
    Attribution, Author, Closing, ClosingKind, Ministry, PublishedQuestion, PublishedText, Signalment,
};
use serde_json::Value;

use super::{heading, shape};
use crate::html;
use crate::reject::RejectReason;
use crate::values::{self, OneOrMany, Text};

/// Reads what is under a key `question`.
pub(super) fn question(value: Value) -> Result<PublishedQuestion, RejectReason> {
    if !value.is_object() {
        return Err(RejectReason::NotAQuestion);
    }
    record(serde_json::from_value(value).map_err(unexpected)?)
}

/// Makes a record of a question's tree.
pub(super) fn record(question: shape::Question) -> Result<PublishedQuestion, RejectReason> {
    let uid = question.uid.into_text().ok_or(RejectReason::MissingIdentifier)?;
    let identity = values::assembly_identity(&uid)?;
    check_number(&identity, &uid, question.identifiant)?;
    check_type(&identity, &uid, question.r#type)?;

    let texts = question.texts.into_iter().flat_map(|texts| texts.texte_question);
    let (question_errata, originals) =
        printed(texts)?.into_iter().partition::<Vec<_>, _>(|text| text.erratum);
    let original = originals.into_iter().next();
    let attributions = attributions(question.min_attribs)?;
    let indexing = question.indexation.into_one().unwrap_or_default();
    let head = indexing.tete_analyse.into_text();
    let analyses = indexing.analyses.into_iter().flat_map(|analyses| analyses.analyse);
    let analyses: Vec<_> = analyses.map(Text::into_trimmed).collect();
    PublishedQuestion {
        title: title(&analyses, head.as_deref()),
        rubric: indexing.rubrique.into_text(),
        terms: head.into_iter().chain(analyses).collect(),
        author: author(question.auteur),
        asked_ministry: question.min_int.into_one().and_then(ministry),
        published_on: match &original {
            Some(PublishedText { on: Some(on), .. }) => Some(*on),
            _ => attributions.first().and_then(|attribution| attribution.on),
        },
        attributions,
        page: original.as_ref().and_then(|original| original.page.clone()),
        question_html: original.and_then(|original| original.html),
        question_errata,
        answers: printed(question.answers.into_iter().flat_map(|texts| texts.texte_reponse))?,
        closing: closing(question.cloture)?,
        signalled: signalment(question.signalement)?,
        renewed_on: renewals(question.renouvellements)?,
        ..PublishedQuestion::bare(identity, uid)
    }
    .seal()
    .map_err(unexpected)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(super) fn unexpected(error: serde_json::Error) -> RejectReason {
    RejectReason::UnexpectedShape { detail: error.to_string() }
}

/// The number and the legislature are said twice: a record that contradicts itself is nobody's question.
fn check_number(
    identity: &QuestionIdentity,
    uid: &str,
    identifier: OneOrMany<shape::Identifier>,
) -> Result<(), RejectReason> {
    let shape::Identifier { numero, legislature } = identifier.into_one().unwrap_or_default();
    if let Some(found) = numero.into_text().filter(|numero| numero.parse() != Ok(identity.number)) {
        return Err(RejectReason::NumberMismatch { uid: uid.to_owned(), found });
    }
    if let Some(found) =
        legislature.into_text().filter(|legislature| legislature.parse() != Ok(identity.term))
    {
        return Err(RejectReason::LegislatureMismatch { uid: uid.to_owned(), found });
    }
    Ok(())
}

fn check_type(identity: &QuestionIdentity, uid: &str, found: OneOrMany<Text>) -> Result<(), RejectReason> {
    match found.into_text() {
        Some(found) if !found.eq_ignore_ascii_case(identity.kind.code()) => {
            Err(RejectReason::TypeMismatch { uid: uid.to_owned(), found })
        }
        _ => Ok(()),
    }
}

/// Since legislature XVI the one analysis is a title; before, they are keywords below a head.
fn title(analyses: &[String], head: Option<&str>) -> Option<String> {
    if analyses.is_empty() { head.map(str::to_owned) } else { Some(analyses.join(". ")) }
}

fn author(author: OneOrMany<shape::Author>) -> Author {
    let shape::Author { identite, groupe, constituency } = author.into_one().unwrap_or_default();
    let group = groupe.into_one().unwrap_or_default();
    let shape::Person { acteur_ref, name: [civility, given_name, family_name] } =
        identite.into_one().unwrap_or_default();
    Author {
        reference: acteur_ref.into_text(),
        civility,
        given_name,
        family_name,
        group: group.abrege.into_text().or(group.developpe.into_text()),
        constituency,
    }
}

/// A ministry that has no name of any kind is no ministry.
fn ministry(body: shape::Body) -> Option<Ministry> {
    let reference = body.organe_ref.into_text();
    let label = body.developpe.into_text().or(body.abrege.into_text()).or(reference.clone())?;
    Some(Ministry { reference, label })
}

fn attributions(list: OneOrMany<shape::Attributions>) -> Result<Vec<Attribution>, RejectReason> {
    let list = list.into_iter().flat_map(|attributions| attributions.min_attrib);
    list.filter_map(|attribution| {
        let ministry = attribution.denomination.into_one().and_then(ministry)?;
        let issue = attribution.issue.into_one().unwrap_or_default();
        let on = issue.date.into_date();
        Some(on.map(|on| Attribution { ministry, on, cause: issue.kind.into_text() }))
    })
    .collect()
}

/// Reads printed texts and, after each, the corrections that it carries.
fn printed(texts: impl Iterator<Item = shape::Printed>) -> Result<Vec<PublishedText>, RejectReason> {
    let mut read = Vec::new();
    for text in texts {
        let mut marked = false;
        let mut corrections = Vec::new();
        for erratum in text.erratum {
            match erratum {
                shape::Erratum::Mark(mark) => marked |= says_yes(mark),
                shape::Erratum::Correction(printed) => {
                    corrections.extend(printed_text(printed.issue, printed.texte, true)?);
                }
            }
        }
        read.extend(printed_text(text.issue, text.texte, marked)?);
        read.append(&mut corrections);
    }
    Ok(read)
}

/// Whatever is not a way to say no: a mark may well be the words of the correction.
fn says_yes(mark: Text) -> bool {
    !matches!(mark.into_trimmed().to_lowercase().as_str(), "false" | "0" | "non" | "n")
}

/// A text without a date and without words was not printed.
fn printed_text(
    issue: OneOrMany<shape::Issue>,
    texte: OneOrMany<Text>,
    erratum: bool,
) -> Result<Option<PublishedText>, RejectReason> {
    let issue = issue.into_one().unwrap_or_default();
    let on = issue.date.into_date()?;
    let html = texte.into_text().map(|html| html::safe(heading::off(&html))).filter(|html| !html.is_empty());
    let printed = on.is_some() || html.is_some();
    Ok(printed.then(|| PublishedText { on, page: issue.page.into_text(), html, erratum }))
}

fn closing(closing: OneOrMany<shape::Closing>) -> Result<Option<Closing>, RejectReason> {
    let Some(closing) = closing.into_one() else {
        return Ok(None);
    };
    let code = closing.code_cloture.into_text();
    let label = closing.libelle_cloture.into_text();
    let on = match closing.date_cloture.into_date()? {
        Some(on) => Some(on),
        None => closing.issue.into_one().unwrap_or_default().date.into_date()?,
    };
    if code.is_none() && label.is_none() && on.is_none() {
        return Ok(None);
    }
    let kind = [&label, &code].into_iter().flatten().find_map(|words| closing_kind(words));
    Ok(Some(Closing { kind: kind.unwrap_or(ClosingKind::Other), code, label, on }))
}

/// Reads a label or a code. Few of them are documented, so a telling part of the word is enough, but no more is
/// read into it: "without an answer" must not become an answer.
fn closing_kind(words: &str) -> Option<ClosingKind> {
    let words = words.to_lowercase().replace(['é', 'è'], "e").replace('_', " ");
    let says = |part: &&str| words.contains(*part);
    if ["reponse publiee", "rep pub"].iter().any(|start| words.starts_with(start)) {
        Some(ClosingKind::Answered)
    } else if ["fin de mandat", "fin mandat", "fin de legislature", "fin de la legislature"].iter().any(says)
    {
        Some(ClosingKind::EndOfTerm)
    } else if ["retrait", "retire"].iter().any(says) {
        Some(ClosingKind::Withdrawn)
    } else if says(&"caduc") || says(&"caduque") {
        Some(ClosingKind::Lapsed)
    } else {
        None
    }
}

fn signalment(signalment: OneOrMany<shape::Signalment>) -> Result<Option<Signalment>, RejectReason> {
    let Some(signalment) = signalment.into_one() else {
        return Ok(None);
    };
    let deposited_on = signalment.date_depot_signal.into_date()?;
    let published_on = signalment.issue.into_one().unwrap_or_default().date.into_date()?;
    let dated = deposited_on.is_some() || published_on.is_some();
    Ok(dated.then_some(Signalment { deposited_on, published_on }))
}

fn renewals(list: OneOrMany<shape::Renewals>) -> Result<Vec<chrono::NaiveDate>, RejectReason> {
    let list = list.into_iter().flat_map(|renewals| renewals.renouvellement);
    list.map(|renewal| match renewal.date_renouvellement.into_date()? {
        Some(on) => Ok(Some(on)),
        None => renewal.issue.into_one().unwrap_or_default().date.into_date(),
    })
    .filter_map(Result::transpose)
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closings_are_read_by_their_words() {
        for (words, kind) in [
            ("Réponse publiée", ClosingKind::Answered),
            ("REPONSE PUBLIEE", ClosingKind::Answered),
            ("REP_PUB", ClosingKind::Answered),
            ("Fin de mandat", ClosingKind::EndOfTerm),
            ("FIN_MANDAT", ClosingKind::EndOfTerm),
            ("Retrait à l'initiative de l'auteur", ClosingKind::Withdrawn),
            ("Question retirée", ClosingKind::Withdrawn),
            ("CADUCITÉ", ClosingKind::Lapsed),
            ("caduque", ClosingKind::Lapsed),
        ] {
            assert_eq!(closing_kind(words), Some(kind), "{words}");
        }
        assert_eq!(closing_kind("Close sans réponse publiée"), None);
    }
}
