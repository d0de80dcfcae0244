//! The page of results of the Sénat's site: a table of questions, each with its title, author, ministry and a date. Read
//! as a stream of tags, so that nothing is built of it.

use std::cell::RefCell;
use std::io::Read;
use std::ops::ControlFlow;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use pli_domain::published::{Author, Ministry, PublishedQuestion, PublishedText};

use super::identity::{self, Said};
use super::table::attributions;
use crate::reject::RejectReason;
use crate::source::Emit;
use crate::values::date;

/// The largest page that is read: the real ones have a hundredth of it.
const LARGEST_PAGE: u64 = 8 << 20;

/// Reads the questions of a page.
pub(super) fn read(input: impl Read, emit: &mut Emit<'_, PublishedQuestion>) -> ControlFlow<()> {
    let mut html = String::new();
    match input.take(LARGEST_PAGE).read_to_string(&mut html) {
        Ok(_) if u64::try_from(html.len()).is_ok_and(|length| length < LARGEST_PAGE) => {}
        Ok(_) => return emit(Err(RejectReason::TooLarge)),
        Err(_) => return emit(Err(RejectReason::Unreadable)),
    }
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _scripts_are_passed_over = tokenizer.feed(&queue);
    tokenizer.end();
    let page = tokenizer.sink.0.into_inner();
    if page.rows.is_empty() {
        return emit(Err(RejectReason::NotAQuestion));
    }
    page.rows.into_iter().try_for_each(|row| emit(row.question(page.by_answer)))
}

#[derive(Default)]
struct Sink(RefCell<Page>);

/// What was read so far.
#[derive(Default)]
struct Page {
    rows: Vec<Row>,
    open: Option<Row>,
    part: Part,
    /// Whether the list was asked for by the day of the answer, not by that of the question.
    by_answer: bool,
}

/// Which part of a row the words belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    None,
    Title,
    Author,
    Answer,
    Rest,
}

#[derive(Debug, Default)]
struct Row {
    reference: String,
    title: String,
    author: String,
    answer: String,
    rest: String,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => page.tag(&tag),
            Token::CharacterTokens(text) => page.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Page {
    fn tag(&mut self, tag: &Tag) {
        let attribute = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| attribute.value.to_string())
        };
        let opens = tag.kind == TagKind::StartTag;
        match (&*tag.name, opens) {
            ("input", true)
                if attribute("name").as_deref() == Some("date") && attribute("checked").is_some() =>
            {
                self.by_answer = attribute("value").as_deref() == Some("dateJORep");
            }
            ("a", true) => {
                if let Some(reference) = attribute("href").as_deref().and_then(reference) {
                    self.open = Some(Row { reference, ..Row::default() });
                    self.part = Part::Title;
                }
            }
            ("a", false) if self.part == Part::Title => self.part = Part::Rest,
            ("small", true) if self.open.is_some() => self.part = Part::Author,
            ("em", true) if self.part == Part::Author => self.part = Part::Answer,
            ("small", false) if self.open.is_some() => self.part = Part::Rest,
            ("tr", false) => {
                self.rows.extend(self.open.take());
                self.part = Part::None;
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let Some(row) = &mut self.open else { return };
        match self.part {
            Part::None => {}
            Part::Title => row.title.push_str(text),
            Part::Author => row.author.push_str(text),
            Part::Answer => row.answer.push_str(text),
            Part::Rest => row.rest.push_str(text),
        }
    }
}

/// The reference in the address of a question's own page: `visio.do?id=qSEQ16030791G&…`.
fn reference(href: &str) -> Option<String> {
    let (_, rest) = href.split_once("visio.do?id=q")?;
    Some(rest.split('&').next()?.to_owned())
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Row {
    fn question(self, by_answer: bool) -> Result<PublishedQuestion, RejectReason> {
        let on = words(&self.rest).split(' ').find_map(|word| date(word).ok().flatten());
        let said = Said { reference: Some(&self.reference), published_on: on, ..Said::default() };
        let (identity, uid) = identity::read(said)?;
        let in_chamber = !identity.kind.is_written();
        let answer = words(&self.answer);
        let ministry = answer.strip_prefix("Réponse").map(str::trim);
        let ministry =
            ministry.map(|name| name.strip_prefix("du ").or(name.strip_prefix("de la ")).unwrap_or(name));
        let ministry = ministry.filter(|name| !name.is_empty());
        let ministry = ministry.map(|label| Ministry { reference: None, label: label.to_owned() });
        // A question that is put in the chamber is answered at once; of a written one the list tells one day only.
        let published_on = on.filter(|_| in_chamber || !by_answer);
        let answered_on = on.filter(|_| in_chamber || by_answer);
        let answers = answer.starts_with("Réponse").then_some(PublishedText {
            on: answered_on,
            page: None,
            html: None,
            erratum: false,
        });
        PublishedQuestion {
            title: Some(words(&self.title)).filter(|title| !title.is_empty()),
            author: author(&words(&self.author)),
            attributions: attributions([(ministry, None)]),
            published_on,
            answers: answers.into_iter().collect(),
            sitting_on: published_on.filter(|_| in_chamber),
            ..PublishedQuestion::bare(identity, uid)
        }
        .seal()
        .map_err(|error| RejectReason::UnexpectedShape { detail: error.to_string() })
    }
}

/// Reads `Question n° 0791G posée par M. Georges Labazée`: the given name is one word, hyphens or not.
fn author(text: &str) -> Author {
    let Some((_, name)) = text.split_once("posée par ") else {
        return Author::default();
    };
    let mut parts = name.splitn(3, ' ').map(str::to_owned);
    Author {
        civility: parts.next(),
        given_name: parts.next(),
        family_name: parts.next(),
        ..Author::default()
    }
}
