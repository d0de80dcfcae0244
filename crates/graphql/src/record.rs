//! All that the houses' files tell of a question.

use async_graphql::{Enum, Object, SimpleObject};
use chrono::NaiveDate;
use pli_domain::published::{self, PublishedQuestion, Told};

/// All that was published of a question.
pub(crate) struct PublicRecord(pub(crate) PublishedQuestion);

/// All that was published of a question, as the houses' files tell it. HTML was cleaned when it was read: it holds no
/// script, no style and no address of another site.
#[Object]
impl PublicRecord {
    /// The publisher's own identifier: `QANR5L17QE9868`.
    async fn uid(&self) -> &str {
        &self.0.uid
    }

    /// The title: what the publisher calls the analysis.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// The heading under which the publisher files it.
    async fn rubric(&self) -> Option<&str> {
        self.0.rubric.as_deref()
    }

    /// The other terms by which it is found.
    async fn terms(&self) -> &[String] {
        &self.0.terms
    }

    /// Who asks.
    async fn author(&self) -> RecordAuthor {
        self.0.author.clone().into()
    }

    /// The ministry that it was put to.
    async fn asked_ministry(&self) -> Option<RecordMinistry> {
        self.0.asked_ministry.clone().map(RecordMinistry::from)
    }

    /// The ministries that it was given to, oldest first.
    async fn attributions(&self) -> Vec<RecordAttribution> {
        self.0.attributions.iter().cloned().map(RecordAttribution::from).collect()
    }

    /// The Journal officiel's date of the question.
    async fn published_on(&self) -> Option<NaiveDate> {
        self.0.published_on
    }

    /// The page of the Journal officiel on which it appeared.
    async fn page(&self) -> Option<&str> {
        self.0.page.as_deref()
    }

    /// The question, as HTML that is safe to show.
    async fn question_html(&self) -> Option<&str> {
        self.0.question_html.as_deref()
    }

    /// The question, without markup.
    async fn question_text(&self) -> String {
        self.0.question_text()
    }

    /// Corrections of the question's text.
    async fn question_errata(&self) -> Vec<RecordText> {
        self.0.question_errata.iter().cloned().map(RecordText).collect()
    }

    /// The answers and their corrections, in the publisher's order.
    async fn answers(&self) -> Vec<RecordText> {
        self.0.answers.iter().cloned().map(RecordText).collect()
    }

    /// How it was closed, if it was.
    async fn closing(&self) -> Option<RecordClosing> {
        self.0.closing.clone().map(RecordClosing::from)
    }

    /// That a group's president signalled it. The Assemblée's files of legislatures XIV and XV never say so: there, null
    /// means "not known".
    async fn signalled(&self) -> Option<RecordSignalment> {
        self.0.signalled.clone().map(RecordSignalment::from)
    }

    /// The days on which its author renewed it.
    async fn renewed_on(&self) -> &[NaiveDate] {
        &self.0.renewed_on
    }

    /// That its author put it again for want of an answer (Sénat).
    async fn recalled(&self) -> Option<RecordRecall> {
        self.0.recalled.as_ref().map(|recall| RecordRecall { on: recall.on })
    }

    /// The publisher's reference of the question that this one recalls (Sénat).
    async fn recall_of(&self) -> Option<&str> {
        self.0.recall_of.as_deref()
    }

    /// The day on which it was put again as an oral question (Sénat).
    async fn converted_on(&self) -> Option<NaiveDate> {
        self.0.converted_on
    }

    /// The day of the sitting, for a question that is put in the chamber.
    async fn sitting_on(&self) -> Option<NaiveDate> {
        self.0.sitting_on
    }

    /// What the Journal officiel told of it, oldest first, in French; what has no day comes last.
    async fn history(&self) -> Vec<RecordLine> {
        self.0.history().into_iter().map(RecordLine::from).collect()
    }
}

/// Who asks a question, as the publisher says it.
#[derive(SimpleObject)]
pub(crate) struct RecordAuthor {
    /// The publisher's reference of the member: `PA795124`.
    reference: Option<String>,
    /// `M.` or `Mme`, when it is given with the question.
    civility: Option<String>,
    /// The given name and the family name, when they are given with the question.
    name: Option<String>,
    /// The political group, in its short form: `SOC`.
    group: Option<String>,
    /// What they were elected for, when it is given.
    constituency: Option<String>,
}

impl From<published::Author> for RecordAuthor {
    fn from(author: published::Author) -> Self {
        let name = author.name();
        let published::Author { reference, civility, group, constituency, .. } = author;
        Self { reference, civility, name, group, constituency }
    }
}

/// A ministry, as the publisher names it at that time.
#[derive(SimpleObject)]
pub(crate) struct RecordMinistry {
    /// The publisher's reference of the body; it changes with each Government.
    reference: Option<String>,
    /// The name.
    label: String,
}

impl From<published::Ministry> for RecordMinistry {
    fn from(published::Ministry { reference, label }: published::Ministry) -> Self {
        Self { reference, label }
    }
}

/// A question given to a ministry.
#[derive(SimpleObject)]
pub(crate) struct RecordAttribution {
    /// To which ministry.
    ministry: RecordMinistry,
    /// Since when.
    on: Option<NaiveDate>,
    /// The publisher's word for why: `JO_LOI_DECRET` when the Government changed (Assemblée), `REATTRIBUTION` or
    /// `REAFFECTATION` (Sénat).
    cause: Option<String>,
}

impl From<published::Attribution> for RecordAttribution {
    fn from(published::Attribution { ministry, on, cause }: published::Attribution) -> Self {
        Self { ministry: ministry.into(), on, cause }
    }
}

/// A text that the Journal officiel carried.
pub(crate) struct RecordText(published::PublishedText);

/// A text that the Journal officiel carried.
#[Object]
impl RecordText {
    /// On which day.
    async fn on(&self) -> Option<NaiveDate> {
        self.0.on
    }

    /// The page of the Journal officiel.
    async fn page(&self) -> Option<&str> {
        self.0.page.as_deref()
    }

    /// The text, as HTML that is safe to show.
    async fn html(&self) -> Option<&str> {
        self.0.html.as_deref()
    }

    /// The text, without markup; empty when it was only dated.
    async fn text(&self) -> String {
        self.0.html.as_deref().map(published::plain_text).unwrap_or_default()
    }

    /// Whether it corrects an earlier text.
    async fn erratum(&self) -> bool {
        self.0.erratum
    }
}

/// The ways in which a question ends, as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::published::ClosingKind")]
pub(crate) enum ClosingKind {
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

/// The end of a question, as published.
#[derive(SimpleObject)]
pub(crate) struct RecordClosing {
    /// How it ended.
    kind: ClosingKind,
    /// The publisher's code, as it stands.
    code: Option<String>,
    /// The publisher's words.
    label: Option<String>,
    /// On which day.
    on: Option<NaiveDate>,
}

impl From<published::Closing> for RecordClosing {
    fn from(published::Closing { kind, code, label, on }: published::Closing) -> Self {
        Self { kind: kind.into(), code, label, on }
    }
}

/// That the president of a group called for an answer within ten days.
#[derive(SimpleObject)]
pub(crate) struct RecordSignalment {
    /// The day on which the president's call was deposited: the ten days run from here.
    deposited_on: Option<NaiveDate>,
    /// The day on which the Journal officiel listed it.
    published_on: Option<NaiveDate>,
}

impl From<published::Signalment> for RecordSignalment {
    fn from(published::Signalment { deposited_on, published_on }: published::Signalment) -> Self {
        Self { deposited_on, published_on }
    }
}

/// That a question was put again.
#[derive(SimpleObject)]
pub(crate) struct RecordRecall {
    /// On which day, if the publisher says so.
    on: Option<NaiveDate>,
}

/// Something that was published of a question.
#[derive(SimpleObject)]
pub(crate) struct RecordLine {
    /// On which day, if it is known.
    on: Option<NaiveDate>,
    /// What, in French.
    what: String,
}

impl From<Told> for RecordLine {
    fn from(Told { on, what }: Told) -> Self {
        Self { on, what }
    }
}
