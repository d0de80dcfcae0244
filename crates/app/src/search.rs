//! Searching: what is found in the dossiers that the caller may read and in the archive of published questions, and what
//! the former could be narrowed to.

use std::collections::BTreeSet;

use pli_domain::dossier::{Body, Kind, Outcome, Stage};
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::UnitId;
use pli_domain::search::{Piece, Query, excerpt, marked};
use pli_persistence::Group;
use strum::VariantArray as _;

use crate::lists::PAGE;
use crate::{App, Caller, Error, Late, List, Page, Published, PublishedFilter, Receipt, Sheet};

/// How long an excerpt is, in bytes.
const EXCERPT: usize = 240;

/// A dossier that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The dossier.
    pub sheet: Sheet,
    /// What it is about, with what was found in it told apart.
    pub subject: Vec<Piece>,
    /// Who wrote the letter or put the question, the same; empty when it is not known.
    pub sender: Vec<Piece>,
    /// Where in its texts something was found, if anywhere.
    pub excerpt: Option<Excerpt>,
}

/// A published question that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPublished {
    /// The question.
    pub published: Published,
    /// What it is about, with what was found in it told apart.
    pub subject: Vec<Piece>,
    /// Where in its texts something was found, if anywhere.
    pub excerpt: Option<Excerpt>,
    /// The reference of its dossier, if there is one and the caller may read it.
    pub dossier: Option<String>,
}

/// A passage of a text, with what was found in it told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Of which text.
    pub of: Source,
    /// The passage.
    pub pieces: Vec<Piece>,
}

/// The texts that are searched besides subject and sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The current draft of the answer.
    Draft,
    /// The question as published.
    Question,
    /// The answer as published.
    Answer,
}

/// What a list can be narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facet {
    /// Letters, or questions.
    Kind(Kind),
    /// What is open, or what is closed.
    Open(bool),
    /// What is at one stage.
    Stage(Stage),
    /// What a direction leads; `None` for what no unit leads.
    Branch(Option<UnitId>),
    /// What was received in one year.
    Year(i32),
    /// What is late, on the list's clock.
    Late,
}

impl Facet {
    /// The list narrowed to it. A list that is narrower already stays as it is.
    #[must_use]
    pub fn narrow(self, list: &List) -> List {
        let mut list = list.clone();
        match self {
            Self::Kind(kind) => list.kind = Some(kind),
            Self::Open(open) => list.open = Some(open),
            Self::Stage(stage) => list.stage = Some(stage),
            Self::Branch(None) => list.unrouted = true,
            Self::Branch(unit) => list.unit = list.unit.or(unit),
            Self::Year(year) => list.year = Some(year),
            Self::Late => list.late = list.late.or(Some(Late::Any)),
        }
        list
    }
}

/// How many dossiers a list holds, and of each sort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// How many in all.
    pub total: u64,
    /// What it could be narrowed to and how many would be left, never none: kinds, state, stages in the order of a life,
    /// directions in the order of the organisation with what no unit leads before them, years from the last one, what is
    /// late.
    pub counts: Vec<(Facet, u64)>,
}

impl Facets {
    fn new(groups: &[Group], caller: &Caller) -> Self {
        let organisation = &caller.organisation;
        let branch = |group: &Group| group.lead.map(|lead| organisation.branch(lead));
        let years: BTreeSet<i32> = groups.iter().map(|group| group.year).collect();
        let count = |facet: &Facet| {
            let is = |group: &&Group| match *facet {
                Facet::Kind(kind) => group.kind == kind,
                Facet::Open(open) => group.stage.is_open() == open,
                Facet::Stage(stage) => group.stage == stage,
                Facet::Branch(unit) => branch(group) == unit,
                Facet::Year(year) => group.year == year,
                Facet::Late => group.late,
            };
            groups.iter().filter(is).map(|group| group.count).sum()
        };
        let closed = Outcome::VARIANTS.iter().map(|outcome| Stage::Closed(*outcome));
        let units = organisation.in_order().into_iter().map(|unit| Some(unit.id));
        let facets = Kind::VARIANTS
            .iter()
            .map(|kind| Facet::Kind(*kind))
            .chain([true, false].map(Facet::Open))
            .chain(Stage::OPEN.into_iter().chain(closed).map(Facet::Stage))
            .chain([None].into_iter().chain(units).map(Facet::Branch))
            .chain(years.into_iter().rev().map(Facet::Year))
            .chain([Facet::Late]);
        let counts = facets.map(|facet| (facet, count(&facet))).filter(|(_, count)| *count > 0);
        Self { total: groups.iter().map(|group| group.count).sum(), counts: counts.collect() }
    }
}

impl App {
    /// How many dossiers a list holds, and what it could be narrowed to.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn facets(&self, caller: &Caller, list: &List) -> Result<Facets, Error> {
        let today = self.today();
        let filter = list.filter(caller, today);
        Ok(Facets::new(&self.dashboards(caller).await.groups(&filter, today).await?, caller))
    }

    /// A page of a list, the latest received first, each with what was found in it; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn found(
        &self,
        caller: &Caller,
        list: &List,
        after: Option<Receipt>,
        size: u64,
    ) -> Result<Page<Found>, Error> {
        let filter = list.filter(caller, self.today());
        let page = self.reader(caller).latest(&filter, after, size.min(PAGE)).await?;
        let query = Query::parse(list.words.as_deref().unwrap_or_default());
        let drafts = page.items.iter().filter_map(|sheet| {
            let draft = sheet.dossier.draft.as_ref()?;
            Some((sheet.dossier.id, draft.version))
        });
        let drafts = self.drafts(caller, &drafts.collect::<Vec<_>>()).await?;
        let identities: Vec<_> = page.items.iter().filter_map(identity).cloned().collect();
        let published = self.published_of(&identities).await?;
        let items = page.items.into_iter().map(|sheet| {
            let version = sheet.dossier.draft.as_ref().map(|draft| draft.version);
            let draft = version.and_then(|version| drafts.get(&(sheet.dossier.id, version)));
            let published = identity(&sheet).and_then(|identity| published.get(identity));
            let author = published.and_then(|published| published.author.as_ref());
            let sender = sheet.sender.as_ref().or(author).map_or("", String::as_str);
            let texts = draft.map(|text| (Source::Draft, text.as_str())).into_iter().chain(texts(published));
            Found {
                subject: marked(&sheet.subject, &query),
                sender: marked(sender, &query),
                excerpt: first_of(texts, &query),
                sheet,
            }
        });
        Ok(Page { items: items.collect(), more: page.more })
    }

    /// A page of the published questions that hold some words, ours and others', last published first; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn found_published(
        &self,
        caller: &Caller,
        words: &str,
        after: Option<&QuestionIdentity>,
        size: u64,
    ) -> Result<Page<FoundPublished>, Error> {
        let filter = PublishedFilter { words: Some(words.to_owned()), ..PublishedFilter::default() };
        let page = self.store.published_latest(&filter, after, size.min(PAGE)).await?;
        let query = Query::parse(words);
        let ours = page.items.iter().filter(|published| published.ours);
        let names = ours.map(|published| published.identity.to_string());
        let mut known = self.reader(caller).references(names.collect()).await?;
        let items = page.items.into_iter().map(|published| FoundPublished {
            subject: marked(&published.subject, &query),
            excerpt: first_of(texts(Some(&published)), &query),
            dossier: known.take(&published.identity.to_string()),
            published,
        });
        Ok(Page { items: items.collect(), more: page.more })
    }

    /// How many published questions hold some words.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn count_published(&self, words: &str) -> Result<u64, Error> {
        let filter = PublishedFilter { words: Some(words.to_owned()), ..PublishedFilter::default() };
        Ok(self.store.published_count(&filter).await?)
    }
}

fn identity(sheet: &Sheet) -> Option<&QuestionIdentity> {
    match &sheet.dossier.body {
        Body::Question(question) => Some(&question.identity),
        Body::Mail(_) => None,
    }
}

fn texts(published: Option<&Published>) -> impl Iterator<Item = (Source, &str)> {
    let texts = published.map(|published| {
        [(Source::Question, published.question.as_str()), (Source::Answer, published.answer.as_str())]
    });
    texts.into_iter().flatten()
}

/// The passage of the first text in which something was found.
fn first_of<'a>(mut texts: impl Iterator<Item = (Source, &'a str)>, query: &Query) -> Option<Excerpt> {
    texts.find_map(|(of, text)| Some(Excerpt { of, pieces: excerpt(text, query, EXCERPT)? }))
}
