//! The messages, as plain records.

use chrono::NaiveDate;
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::legislature;
use pli_domain::published::{self, PublishedQuestion};

/// What *Réponses* calls a question. Unlike Pli it names the legislature for the Sénat too, where numbers start again with
/// each legislature as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuestionRef {
    /// The house.
    pub house: House,
    /// The legislature, of both houses.
    pub legislature: u16,
    /// The type.
    pub kind: QuestionType,
    /// The number.
    pub number: u32,
}

impl QuestionRef {
    /// The name of a question that was published on a day.
    #[must_use]
    pub fn of(identity: &QuestionIdentity, published_on: NaiveDate) -> Self {
        let legislature = match identity.house {
            House::Assembly => identity.term,
            House::Senate => legislature::on(published_on),
        };
        Self { house: identity.house, legislature, kind: identity.kind, number: identity.number }
    }

    /// What Pli may call it: one name for the Assemblée, one for each year of the legislature for the Sénat.
    #[must_use]
    pub fn identities(&self, today: NaiveDate) -> Vec<QuestionIdentity> {
        let named = |term| QuestionIdentity { house: self.house, term, kind: self.kind, number: self.number };
        match self.house {
            House::Assembly => vec![named(self.legislature)],
            House::Senate => legislature::years(self.legislature, today).map(named).collect(),
        }
    }
}

/// `SENAT-L17-QE-5028`: with the legislature, so that nobody takes it for Pli's own name.
impl std::fmt::Display for QuestionRef {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let house = match self.house {
            House::Assembly => "AN",
            House::Senate => "SENAT",
        };
        write!(out, "{house}-L{}-{}-{}", self.legislature, self.kind.code(), self.number)
    }
}

/// What *Réponses* sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Questions put to the ministry.
    Questions(Page<PublishedQuestion>),
    /// What has become of questions.
    Changes(Page<StateChange>),
    /// Corrections of questions.
    Errata(Page<Erratum>),
    /// The ministries that have to answer.
    Attributions(Page<Attribution>),
    /// What became of the answers that were sent.
    Receipts(Vec<Result<Receipt, Rejected>>),
}

/// A page of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The jeton: what follows is asked for by it, and the same jeton gives the same page again.
    pub token: String,
    /// Whether nothing follows.
    pub last: bool,
    /// What it holds. One that cannot be read does not stop the others.
    pub items: Vec<Result<T, Rejected>>,
}

/// A part of a message that could not be read. The others are not concerned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source_name} : {reason}")]
pub struct Rejected {
    /// The question, or its place in the message.
    pub source_name: String,
    /// A name for programs, which stays when the sentence changes.
    pub code: &'static str,
    /// What is wrong, in French.
    pub reason: String,
}

/// The states of a question, of which some are flags that it carries beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In progress.
    Open,
    /// Answered.
    Answered,
    /// Taken back by its author.
    Withdrawn,
    /// Signalled by the president of a group.
    Signalled,
    /// Lapsed.
    Lapsed,
    /// Put again by its author.
    Renewed,
    /// Closed for another reason.
    ClosedOtherwise,
}

/// That a question is in a state since a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// Which.
    pub question: QuestionRef,
    /// In which state.
    pub state: State,
    /// Since when.
    pub on: NaiveDate,
}

/// A correction of a question's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erratum {
    /// Of which.
    pub question: QuestionRef,
    /// The day of the Journal officiel.
    pub on: Option<NaiveDate>,
    /// The whole text as it stands now, as HTML that is safe to show.
    pub html: String,
}

impl Erratum {
    /// The whole text, plain.
    #[must_use]
    pub fn text(&self) -> String {
        published::plain_text(&self.html)
    }
}

/// A ministry, as *Réponses* names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ministry {
    /// Its number there.
    pub id: i32,
    /// Its name: `Justice`.
    pub label: String,
    /// Its minister's title in the Journal officiel.
    pub title: String,
}

/// That a question is given to a ministry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Which question.
    pub question: QuestionRef,
    /// To which ministry.
    pub ministry: Ministry,
    /// When; not every form of the message says it.
    pub on: Option<NaiveDate>,
}

/// What became of an answer that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// To which question.
    pub question: QuestionRef,
    /// Why it was refused; `None` when it was taken.
    pub refused: Option<String>,
}
