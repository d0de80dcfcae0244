//! A question as a house publishes it: a plain record, the same for both houses, with all that was published of it so far.

mod history;
mod plain;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::digest::FileDigest;
use crate::identity::QuestionIdentity;

pub use history::Told;
pub use plain::plain as plain_text;

/// How much of a question's text stands in for a missing title.
const EXCERPT_LENGTH: usize = 120;

/// A question, with everything that has been published about it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedQuestion {
    /// Its name among all questions.
    pub identity: QuestionIdentity,
    /// The publisher's own identifier: `QANR5L17QE9868`.
    pub uid: String,
    /// The title: what the publisher calls the analysis.
    pub title: Option<String>,
    /// The heading under which the publisher files it: `lieux de privation de liberté`.
    pub rubric: Option<String>,
    /// The other terms by which it is found: the head of the analysis and the analyses, or the Sénat's themes.
    pub terms: Vec<String>,
    /// Who asks.
    pub author: Author,
    /// The ministry that the question was put to.
    pub asked_ministry: Option<Ministry>,
    /// The ministries that it was given to, oldest first.
    pub attributions: Vec<Attribution>,
    /// The day it appeared in the Journal officiel: the deadline runs from here.
    pub published_on: Option<NaiveDate>,
    /// The page of the Journal officiel on which it appeared.
    pub page: Option<String>,
    /// The question, as HTML that is safe to show: the readers clean it.
    pub question_html: Option<String>,
    /// Corrections of the question's text.
    pub question_errata: Vec<PublishedText>,
    /// The answers and their corrections, in the publisher's order.
    pub answers: Vec<PublishedText>,
    /// How it was closed, if it was.
    pub closing: Option<Closing>,
    /// That a group's president signalled it. The Assemblée's files of legislatures XIV and XV never say so:
    /// there, `None` means "not known".
    pub signalled: Option<Signalment>,
    /// The days on which its author renewed it.
    pub renewed_on: Vec<NaiveDate>,
    /// That its author put it again for want of an answer (Sénat).
    pub recalled: Option<Recall>,
    /// The publisher's reference of the question that this one recalls (Sénat): `SEQ250605028`.
    pub recall_of: Option<String>,
    /// The day on which it was put again as an oral question (Sénat).
    pub converted_on: Option<NaiveDate>,
    /// The day of the sitting, for a question that is put in the chamber.
    pub sitting_on: Option<NaiveDate>,
    /// SHA-256 of the rest of the record, in hexadecimal; see [`seal`](Self::seal).
    pub digest: String,
}

/// Who asks a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The publisher's reference of the member: `PA795124`.
    pub reference: Option<String>,
    /// `M.` or `Mme`, when the publisher gives it with the question.
    pub civility: Option<String>,
    /// The given name, when the publisher gives it with the question (the Assemblée no longer does).
    pub given_name: Option<String>,
    /// The family name, as the given name.
    pub family_name: Option<String>,
    /// The political group, in its short form: `SOC`.
    pub group: Option<String>,
    /// What they were elected for, when the publisher gives it: `Haute-Marne (2)`, `Lot`.
    pub constituency: Option<String>,
}

impl Author {
    /// The given name and the family name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let parts: Vec<_> = [&self.given_name, &self.family_name].into_iter().flatten().cloned().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// A ministry, as the publisher names it at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ministry {
    /// The publisher's reference of the body: `PO873682`. It changes with each Government.
    pub reference: Option<String>,
    /// The name: `Ministère de la justice`.
    pub label: String,
}

/// A question given to a ministry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// To which ministry.
    pub ministry: Ministry,
    /// Since when.
    pub on: Option<NaiveDate>,
    /// The publisher's word for why: `JO_LOI_DECRET` when the Government changed (Assemblée), `REATTRIBUTION` or
    /// `REAFFECTATION` (Sénat).
    pub cause: Option<String>,
}

/// A text that the Journal officiel carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedText {
    /// On which day.
    pub on: Option<NaiveDate>,
    /// The page where the answers of that issue begin: two answers on one page need not be one answer.
    pub page: Option<String>,
    /// The text, as HTML that is safe to show: the readers clean it.
    pub html: Option<String>,
    /// Whether it corrects an earlier text.
    pub erratum: bool,
}

/// The end of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The way it ended, as far as we know the publisher's words.
    pub kind: ClosingKind,
    /// The publisher's code, as it stands: `REP_PUB`.
    pub code: Option<String>,
    /// The publisher's words: `Réponse publiée`.
    pub label: Option<String>,
    /// On which day.
    pub on: Option<NaiveDate>,
}

/// The ways in which a question ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingKind {
    /// An answer was published.
    Answered,
    /// Its author's term ended, or the legislature's.
    EndOfTerm,
    /// Its author took it back.
    Withdrawn,
    /// It no longer has an object.
    Lapsed,
    /// The publisher gives a reason that we do not know.
    Other,
}

/// That a question was put again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// On which day, if the publisher says so.
    pub on: Option<NaiveDate>,
}

/// That the president of a group called for an answer within ten days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signalment {
    /// The day on which the president's call was deposited: the ten days run from here.
    pub deposited_on: Option<NaiveDate>,
    /// The day on which the Journal officiel listed it.
    pub published_on: Option<NaiveDate>,
}

impl PublishedQuestion {
    /// A question of which nothing is known but its name.
    #[must_use]
    pub fn bare(identity: QuestionIdentity, uid: String) -> Self {
        Self {
            identity,
            uid,
            title: None,
            rubric: None,
            terms: Vec::new(),
            author: Author::default(),
            asked_ministry: None,
            attributions: Vec::new(),
            published_on: None,
            page: None,
            question_html: None,
            question_errata: Vec::new(),
            answers: Vec::new(),
            closing: None,
            signalled: None,
            renewed_on: Vec::new(),
            recalled: None,
            recall_of: None,
            converted_on: None,
            sitting_on: None,
            digest: String::new(),
        }
    }

    /// The ministry that has to answer: the last it was given to, or the one asked if it was never given to any.
    #[must_use]
    pub fn attributed_ministry(&self) -> Option<&Ministry> {
        self.attributions.last().map(|attribution| &attribution.ministry).or(self.asked_ministry.as_ref())
    }

    /// The day of its first answer, or of a closing that says it was answered.
    #[must_use]
    pub fn answered_on(&self) -> Option<NaiveDate> {
        let closed_on = || self.closing.as_ref().filter(|closing| closing.kind == ClosingKind::Answered)?.on;
        self.first_answers().find_map(|answer| answer.on).or_else(closed_on)
    }

    /// What it is about, in one line: the title, else the rubric, else how its text begins.
    ///
    /// A question to the Government has no text of its own: it is in the answer, below a line that names it.
    #[must_use]
    pub fn subject(&self) -> String {
        if let Some(name) = self.title.as_ref().or(self.rubric.as_ref()) {
            return name.clone();
        }
        let text = match &self.question_html {
            Some(html) => plain_text(html),
            None => self.answer_text().lines().next().unwrap_or_default().to_owned(),
        };
        plain::excerpt(&text, EXCERPT_LENGTH)
    }

    /// The question as plain text, for lists and searches.
    #[must_use]
    pub fn question_text(&self) -> String {
        self.question_html.as_deref().map(plain_text).unwrap_or_default()
    }

    /// The answer as plain text, for lists and searches; several are set apart by an empty line.
    #[must_use]
    pub fn answer_text(&self) -> String {
        let texts = self.first_answers().filter_map(|answer| answer.html.as_deref()).map(plain_text);
        texts.collect::<Vec<_>>().join("\n\n")
    }

    /// The answers and their corrections, as HTML that is safe to show.
    #[must_use]
    pub fn answer_html(&self) -> String {
        self.answers.iter().filter_map(|answer| answer.html.as_deref()).collect::<Vec<_>>().join("\n<hr>\n")
    }

    /// What is known when this comes after an earlier record of the same question. What it says holds; what it leaves out
    /// stays as it was: a list that gives no text takes none away, and an answer that was published stays published.
    ///
    /// # Errors
    /// If the record cannot be serialised.
    pub fn after(self, earlier: &Self) -> Result<Self, serde_json::Error> {
        let kept = earlier.clone();
        let author = Author {
            reference: self.author.reference.or(kept.author.reference),
            civility: self.author.civility.or(kept.author.civility),
            given_name: self.author.given_name.or(kept.author.given_name),
            family_name: self.author.family_name.or(kept.author.family_name),
            group: self.author.group.or(kept.author.group),
            constituency: self.author.constituency.or(kept.author.constituency),
        };
        // A record that has no name of the publisher's own does not take it away.
        let uid = if self.uid == self.identity.to_string() { kept.uid } else { self.uid };
        Self {
            uid,
            title: self.title.or(kept.title),
            rubric: self.rubric.or(kept.rubric),
            terms: filled(self.terms, kept.terms),
            author,
            asked_ministry: self.asked_ministry.or(kept.asked_ministry),
            attributions: filled(self.attributions, kept.attributions),
            published_on: self.published_on.or(kept.published_on),
            page: self.page.or(kept.page),
            question_html: self.question_html.or(kept.question_html),
            question_errata: filled(self.question_errata, kept.question_errata),
            answers: told(self.answers, kept.answers),
            closing: self.closing.or(kept.closing),
            signalled: self.signalled.or(kept.signalled),
            renewed_on: filled(self.renewed_on, kept.renewed_on),
            recalled: self.recalled.or(kept.recalled),
            recall_of: self.recall_of.or(kept.recall_of),
            converted_on: self.converted_on.or(kept.converted_on),
            sitting_on: self.sitting_on.or(kept.sitting_on),
            ..self
        }
        .seal()
    }

    /// Writes the record's digest. Two records with the same content have the same digest, however their
    /// files were laid out; a record of which anything changed has another.
    ///
    /// A field added to this type changes every digest: the next import then looks at everything again, once.
    ///
    /// # Errors
    ///
    /// If the record cannot be serialised.
    pub fn seal(mut self) -> Result<Self, serde_json::Error> {
        self.digest.clear();
        let mut digest = FileDigest::default();
        digest.read(&serde_json::to_vec(&self)?);
        digest.end().as_str().clone_into(&mut self.digest);
        Ok(self)
    }

    fn first_answers(&self) -> impl Iterator<Item = &PublishedText> {
        self.answers.iter().filter(|answer| !answer.erratum)
    }
}

/// What is said, or what was known when nothing is.
fn filled<T>(said: Vec<T>, known: Vec<T>) -> Vec<T> {
    if said.is_empty() { known } else { said }
}

/// The same for answers: one that is only dated does not take the words away.
fn told(said: Vec<PublishedText>, known: Vec<PublishedText>) -> Vec<PublishedText> {
    let worded = |texts: &[PublishedText]| texts.iter().any(|text| text.html.is_some());
    if said.is_empty() || (worded(&known) && !worded(&said)) { known } else { said }
}

#[cfg(test)]
mod tests;
