//! What was published of a question, ours or another ministry's.

use pli_app::Published;
use pli_domain::member::{self, Member};
use pli_domain::published::PublishedQuestion;

use super::view::Fact;
use crate::words;

/// What was published of a question.
#[derive(Debug)]
pub(in crate::pages) struct PublishedView {
    /// HTML that the readers of the houses' files made safe.
    pub(in crate::pages) question: String,
    /// The same, of the answer; empty when there is none.
    pub(in crate::pages) answer: String,
    pub(in crate::pages) answered: Option<String>,
    /// What the Journal officiel told, and when.
    pub(in crate::pages) history: Vec<(String, String)>,
}

impl PublishedView {
    /// The texts that searches use, with the record's own markup where it holds the same texts: one that was corrected
    /// since, by another way, is shown as it stands now.
    pub(in crate::pages) fn new(published: &Published, record: Option<&PublishedQuestion>) -> Self {
        let same = record.filter(|record| record.question_text() == published.question);
        let question = same.and_then(|record| record.question_html.clone());
        let answers = record.filter(|record| record.answer_text() == published.answer);
        let answer = answers.map(PublishedQuestion::answer_html);
        let told = record.map(PublishedQuestion::history).unwrap_or_default().into_iter();
        Self {
            question: question.unwrap_or_else(|| words::safe_paragraphs(&published.question)),
            answer: answer.unwrap_or_else(|| words::safe_paragraphs(&published.answer)),
            answered: published.answered_on.map(words::date),
            history: told.map(|told| (told.on.map(words::date).unwrap_or_default(), told.what)).collect(),
        }
    }
}

/// Who asks, under which terms, and whom. What the record leaves out of its author comes from the member.
pub(in crate::pages) fn facts(
    published: &Published,
    record: Option<&PublishedQuestion>,
    member: Option<&Member>,
) -> Vec<Fact> {
    let author = record.map(|record| {
        member.map_or_else(|| record.author.clone(), |member| member::completed(record, member))
    });
    let group = published.group.as_ref().map(|group| format!(" ({group})")).unwrap_or_default();
    let terms = record.map(|record| record.terms.join(", ")).filter(|terms| !terms.is_empty());
    let asked = record.and_then(|record| record.asked_ministry.as_ref());
    let facts = [
        ("Auteur", published.author.as_ref().map(|author| format!("{author}{group}"))),
        ("Circonscription", author.and_then(|author| author.constituency)),
        ("Rubrique", record.and_then(|record| record.rubric.clone())),
        ("Indexation", terms),
        ("Ministère interrogé", asked.map(|asked| asked.label.clone())),
        ("Ministère attributaire", published.ministry.clone()),
    ];
    let page = |name| member.filter(|_| name == "Auteur").map(|member| format!("/elus/{}", member.id));
    let known =
        facts.into_iter().filter_map(|(name, value)| Some(Fact { name, value: value?, href: page(name) }));
    known.collect()
}
