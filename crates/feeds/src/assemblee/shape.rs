//! The Assemblée's own tree of a question, key by key; what Pli does not use is left out.

use serde::Deserialize;

use crate::values::{OneOrMany, Text};

/// What is under the key `question`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Question {
    pub(super) uid: OneOrMany<Text>,
    pub(super) identifiant: OneOrMany<Identifier>,
    pub(super) r#type: OneOrMany<Text>,
    #[serde(rename = "indexationAN")]
    pub(super) indexation: OneOrMany<Indexing>,
    pub(super) auteur: OneOrMany<Author>,
    pub(super) min_int: OneOrMany<Body>,
    pub(super) min_attribs: OneOrMany<Attributions>,
    #[serde(rename = "textesQuestion")]
    pub(super) texts: OneOrMany<QuestionTexts>,
    #[serde(rename = "textesReponse")]
    pub(super) answers: OneOrMany<AnswerTexts>,
    pub(super) cloture: OneOrMany<Closing>,
    pub(super) signalement: OneOrMany<Signalment>,
    pub(super) renouvellements: OneOrMany<Renewals>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identifier {
    pub(super) numero: OneOrMany<Text>,
    pub(super) legislature: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Indexing {
    pub(super) rubrique: OneOrMany<Text>,
    pub(super) tete_analyse: OneOrMany<Text>,
    pub(super) analyses: OneOrMany<Analyses>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Analyses {
    pub(super) analyse: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Author {
    pub(super) identite: OneOrMany<Person>,
    pub(super) groupe: OneOrMany<Body>,
    /// The former XML alone says where the author was elected.
    #[serde(skip)]
    pub(super) constituency: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Person {
    pub(super) acteur_ref: OneOrMany<Text>,
    /// The former XML alone says what the author is called.
    #[serde(skip)]
    pub(super) name: [Option<String>; 3],
}

/// A ministry or a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body {
    pub(super) organe_ref: OneOrMany<Text>,
    pub(super) abrege: OneOrMany<Text>,
    pub(super) developpe: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Attributions {
    pub(super) min_attrib: OneOrMany<Attribution>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attribution {
    #[serde(rename = "infoJO")]
    pub(super) issue: OneOrMany<Issue>,
    pub(super) denomination: OneOrMany<Body>,
}

/// Where in the Journal officiel.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Issue {
    #[serde(rename = "typeJO")]
    pub(super) kind: OneOrMany<Text>,
    #[serde(rename = "dateJO")]
    pub(super) date: OneOrMany<Text>,
    #[serde(rename = "pageJO")]
    pub(super) page: OneOrMany<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct QuestionTexts {
    pub(super) texte_question: OneOrMany<Printed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AnswerTexts {
    pub(super) texte_reponse: OneOrMany<Printed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Printed {
    #[serde(rename = "infoJO")]
    pub(super) issue: OneOrMany<Issue>,
    pub(super) texte: OneOrMany<Text>,
    pub(super) erratum: OneOrMany<Erratum>,
}

/// The published files show no erratum, so both readings of the key are kept open: a mark on the text, or
/// the correction itself.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Erratum {
    Mark(Text),
    Correction(Box<Printed>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Closing {
    pub(super) code_cloture: OneOrMany<Text>,
    pub(super) libelle_cloture: OneOrMany<Text>,
    pub(super) date_cloture: OneOrMany<Text>,
    #[serde(rename = "infoJO")]
    pub(super) issue: OneOrMany<Issue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Signalment {
    pub(super) date_depot_signal: OneOrMany<Text>,
    #[serde(rename = "infoJO")]
    pub(super) issue: OneOrMany<Issue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Renewals {
    pub(super) renouvellement: OneOrMany<Renewal>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Renewal {
    pub(super) date_renouvellement: OneOrMany<Text>,
    #[serde(rename = "infoJO")]
    pub(super) issue: OneOrMany<Issue>,
}
