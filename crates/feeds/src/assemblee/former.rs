//! The former XML of the Assemblée's site (`QUESTION`, in capitals), put into the tree that is published now.

use pli_domain::published::PublishedQuestion;
use serde::Deserialize;
use serde_json::Value;

use super::{convert, shape};
use crate::reject::RejectReason;
use crate::values::{OneOrMany, Text};

/// Reads what is in the element `QUESTION`.
pub(super) fn question(value: Value) -> Result<PublishedQuestion, RejectReason> {
    if !value.is_object() {
        return Err(RejectReason::NotAQuestion);
    }
    let question: Question = serde_json::from_value(value).map_err(convert::unexpected)?;
    convert::record(question.into_published()?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Question {
    #[serde(rename = "@TYPE")]
    kind: OneOrMany<Text>,
    legislature: OneOrMany<Text>,
    /// Once with the number and the issue, once with the text.
    depot: OneOrMany<Deposit>,
    auteur: OneOrMany<Author>,
    groupe: OneOrMany<Group>,
    circonscription: OneOrMany<Constituency>,
    indexation_an: OneOrMany<Indexing>,
    mini: OneOrMany<Ministry>,
    mina: OneOrMany<Attributions>,
    #[serde(rename = "ERRATUM_QUESTION")]
    erratum: OneOrMany<Issue>,
    signalement: OneOrMany<Issue>,
    renouvellement: OneOrMany<Renewals>,
    cloture: OneOrMany<Closing>,
    reponse: OneOrMany<Answer>,
    erratum_reponse: OneOrMany<Issue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Deposit {
    #[serde(rename = "@NUMERO")]
    numero: OneOrMany<Text>,
    date_jo: OneOrMany<Text>,
    page_jo: OneOrMany<Text>,
    type_jo: OneOrMany<Text>,
    texte_depot: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Author {
    id_acteur: OneOrMany<Text>,
    civilite: OneOrMany<Text>,
    nom: OneOrMany<Text>,
    prenom: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Group {
    #[serde(rename = "@SIGLE")]
    sigle: OneOrMany<Text>,
    libelle: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Constituency {
    #[serde(rename = "@NUMERO_CIRCONSCRIPTION")]
    number: OneOrMany<Text>,
    departement: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Indexing {
    #[serde(rename = "@RUBRIQUE")]
    rubrique: OneOrMany<Text>,
    tete_analyse: OneOrMany<Text>,
    analyse: OneOrMany<Analyses>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Analyses {
    ana: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Ministry {
    abrege: OneOrMany<Text>,
    developpe: OneOrMany<Text>,
    #[serde(alias = "ID_MINA")]
    id_mini: OneOrMany<Text>,
    date_jo: OneOrMany<Text>,
    type_jo: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Attributions {
    ordre: OneOrMany<Ministry>,
}

/// Where in the Journal officiel something stands, and since when it holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Issue {
    date_jo: OneOrMany<Text>,
    page_jo: OneOrMany<Text>,
    type_jo: OneOrMany<Text>,
    date_depot_signal: OneOrMany<Text>,
    date_renouvellement: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Renewals {
    ordre: OneOrMany<Issue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Closing {
    date_jo: OneOrMany<Text>,
    abrege: OneOrMany<Text>,
    libelle: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    #[serde(rename = "TEXTE_REPONSE")]
    texte: OneOrMany<Text>,
    #[serde(rename = "DATE_JO_REPONSE")]
    date: OneOrMany<Text>,
    #[serde(rename = "PAGE_JO_REPONSE")]
    page: OneOrMany<Text>,
}

impl Question {
    fn into_published(self) -> Result<shape::Question, RejectReason> {
        let deposits = self.depot.into_iter().fold(Deposit::default(), |all, next| Deposit {
            numero: all.numero.or(next.numero),
            date_jo: all.date_jo.or(next.date_jo),
            page_jo: all.page_jo.or(next.page_jo),
            type_jo: all.type_jo.or(next.type_jo),
            texte_depot: all.texte_depot.or(next.texte_depot),
        });
        let number = deposits.numero.into_text().ok_or(RejectReason::MissingIdentifier)?;
        let kind = self.kind.into_text().ok_or(RejectReason::MissingIdentifier)?;
        let legislature = self.legislature.into_text().ok_or(RejectReason::MissingIdentifier)?;
        let question = issue(deposits.date_jo, deposits.page_jo, deposits.type_jo);
        let asked =
            shape::Printed { issue: question.into(), texte: deposits.texte_depot, ..Default::default() };
        let corrected = self.erratum.into_iter().map(correction);
        let answers = self.reponse.into_iter().map(|answer| {
            let issue = issue(answer.date, answer.page, OneOrMany::default());
            shape::Printed { issue: issue.into(), texte: answer.texte, ..Default::default() }
        });
        let answers: Vec<_> = answers.chain(self.erratum_reponse.into_iter().map(correction)).collect();
        let closing = self.cloture.into_one().unwrap_or_default();
        let signalled = self.signalement.into_one().unwrap_or_default();
        Ok(shape::Question {
            uid: Text::from(format!("QANR5L{legislature}{kind}{number}")).into(),
            indexation: indexing(self.indexation_an).into(),
            auteur: author(self.auteur, self.groupe, self.circonscription).into(),
            min_int: self.mini.into_iter().map(|ministry| body(ministry).1).collect::<Vec<_>>().into(),
            min_attribs: shape::Attributions { min_attrib: attributions(self.mina).into() }.into(),
            texts: shape::QuestionTexts {
                texte_question: std::iter::once(asked).chain(corrected).collect::<Vec<_>>().into(),
            }
            .into(),
            answers: shape::AnswerTexts { texte_reponse: answers.into() }.into(),
            cloture: shape::Closing {
                code_cloture: closing.abrege,
                libelle_cloture: closing.libelle,
                date_cloture: closing.date_jo,
                ..Default::default()
            }
            .into(),
            signalement: shape::Signalment {
                date_depot_signal: signalled.date_depot_signal,
                issue: issue(signalled.date_jo, signalled.page_jo, signalled.type_jo).into(),
            }
            .into(),
            renouvellements: shape::Renewals { renouvellement: renewals(self.renouvellement).into() }.into(),
            ..Default::default()
        })
    }
}

fn issue(date: OneOrMany<Text>, page: OneOrMany<Text>, kind: OneOrMany<Text>) -> shape::Issue {
    shape::Issue { kind, date, page }
}

/// A correction has no words here: the corrected text stands in the question's place.
fn correction(erratum: Issue) -> shape::Printed {
    shape::Printed {
        issue: issue(erratum.date_jo, erratum.page_jo, erratum.type_jo).into(),
        texte: OneOrMany::default(),
        erratum: shape::Erratum::Mark(Text::from("true".to_owned())).into(),
    }
}

fn indexing(indexing: OneOrMany<Indexing>) -> shape::Indexing {
    let Indexing { rubrique, tete_analyse, analyse } = indexing.into_one().unwrap_or_default();
    let analyses: Vec<_> =
        analyse.into_iter().map(|analyses| shape::Analyses { analyse: analyses.ana }).collect();
    shape::Indexing { rubrique, tete_analyse, analyses: analyses.into() }
}

fn author(
    author: OneOrMany<Author>,
    group: OneOrMany<Group>,
    constituency: OneOrMany<Constituency>,
) -> shape::Author {
    let author = author.into_one().unwrap_or_default();
    let group = group.into_one().unwrap_or_default();
    let constituency = constituency.into_one().unwrap_or_default();
    let reference = author.id_acteur.into_text().map(|id| Text::from(format!("PA{id}")));
    let name = [author.civilite.into_text(), author.prenom.into_text(), author.nom.into_text()];
    let place = match (constituency.departement.into_text(), constituency.number.into_text()) {
        (Some(place), Some(number)) => Some(format!("{place} ({number})")),
        (place, _) => place,
    };
    shape::Author {
        identite: shape::Person { acteur_ref: reference.into_iter().collect::<Vec<_>>().into(), name }.into(),
        groupe: shape::Body { abrege: group.sigle, developpe: group.libelle, ..Default::default() }.into(),
        constituency: place,
    }
}

/// A ministry: since when and why it was given the question, and which it is.
fn body(ministry: Ministry) -> (shape::Issue, shape::Body) {
    let reference = ministry.id_mini.into_text().map(|id| Text::from(format!("PO{id}")));
    let body = shape::Body {
        organe_ref: reference.into_iter().collect::<Vec<_>>().into(),
        abrege: ministry.abrege,
        developpe: ministry.developpe,
    };
    (issue(ministry.date_jo, OneOrMany::default(), ministry.type_jo), body)
}

fn attributions(list: OneOrMany<Attributions>) -> Vec<shape::Attribution> {
    let each = list.into_iter().flat_map(|attributions| attributions.ordre).map(body);
    each.map(|(issue, body)| shape::Attribution { issue: issue.into(), denomination: body.into() }).collect()
}

fn renewals(list: OneOrMany<Renewals>) -> Vec<shape::Renewal> {
    let each = list.into_iter().flat_map(|renewals| renewals.ordre);
    let renewal = |renewal: Issue| shape::Renewal {
        date_renouvellement: renewal.date_renouvellement,
        issue: issue(renewal.date_jo, renewal.page_jo, renewal.type_jo).into(),
    };
    each.map(renewal).collect()
}
