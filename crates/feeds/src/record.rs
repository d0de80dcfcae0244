//! A question as a house publishes it: a plain record, the same for both houses.

use std::io;

use chrono::NaiveDate;
use pli_domain::identity::QuestionIdentity;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::text;

/// How much of a question's text stands in for a missing title.
const EXCERPT_LENGTH: usize = 120;

/// A question, with everything that has been published about it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublishedQuestion {
    /// Its name among all questions.
    pub identity: QuestionIdentity,
    /// The publisher's own identifier: `QANR5L17QE9868`.
    pub uid: String,
    /// The title: what the publisher calls the analysis.
    pub title: Option<String>,
    /// The heading under which the publisher files it: `lieux de privation de liberté`.
    pub rubric: Option<String>,
    /// Who asks.
    pub author: Author,
    /// The ministry that the question was put to.
    pub asked_ministry: Option<Ministry>,
    /// The ministries that it was given to, oldest first.
    pub attributions: Vec<Attribution>,
    /// The day it appeared in the Journal officiel: the deadline runs from here.
    pub published_on: Option<NaiveDate>,
    /// The question, in the publisher's HTML. Not to be trusted: clean it before showing it.
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
    /// SHA-256 of the rest of the record, in hexadecimal; see [`seal`](Self::seal).
    pub digest: String,
}

/// Who asks a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The publisher's reference of the member: `PA795124`.
    pub reference: Option<String>,
    /// The name, when the publisher gives it with the question (the Assemblée does not).
    pub name: Option<String>,
    /// The political group, in its short form: `SOC`.
    pub group: Option<String>,
}

/// A ministry, as the publisher names it at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ministry {
    /// The publisher's reference of the body: `PO873682`. It changes with each Government.
    pub reference: Option<String>,
    /// The name: `Ministère de la justice`.
    pub label: String,
}

/// A question given to a ministry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribution {
    /// To which ministry.
    pub ministry: Ministry,
    /// Since when.
    pub on: Option<NaiveDate>,
    /// The kind of Journal officiel that said so; `JO_LOI_DECRET` when the Government changed.
    pub cause: Option<String>,
}

/// A text that the Journal officiel carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublishedText {
    /// On which day.
    pub on: Option<NaiveDate>,
    /// The page where the answers of that issue begin: two answers on one page need not be one answer.
    pub page: Option<String>,
    /// The text, in the publisher's HTML. Not to be trusted: clean it before showing it.
    pub html: Option<String>,
    /// Whether it corrects an earlier text.
    pub erratum: bool,
}

/// The end of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
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

/// That the president of a group called for an answer within ten days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signalment {
    /// The day on which the president's call was deposited: the ten days run from here.
    pub deposited_on: Option<NaiveDate>,
    /// The day on which the Journal officiel listed it.
    pub published_on: Option<NaiveDate>,
}

impl PublishedQuestion {
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
            Some(html) => text::plain(html),
            None => self.answer_text().lines().next().unwrap_or_default().to_owned(),
        };
        text::excerpt(&text, EXCERPT_LENGTH)
    }

    /// The question as plain text, for lists and searches.
    #[must_use]
    pub fn question_text(&self) -> String {
        self.question_html.as_deref().map(text::plain).unwrap_or_default()
    }

    /// The answer as plain text, for lists and searches; several are set apart by an empty line.
    #[must_use]
    pub fn answer_text(&self) -> String {
        let texts = self.first_answers().filter_map(|answer| answer.html.as_deref()).map(text::plain);
        texts.collect::<Vec<_>>().join("\n\n")
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
        let mut sum = Hashing(Sha256::new());
        serde_json::to_writer(&mut sum, &self)?;
        self.digest = hexadecimal(&sum.0.finalize());
        Ok(self)
    }

    fn first_answers(&self) -> impl Iterator<Item = &PublishedText> {
        self.answers.iter().filter(|answer| !answer.erratum)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

/// Hashes what is written to it, so no copy of the record is made.
struct Hashing(Sha256);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
