//! Recherche: the dossiers that hold some words, what they can be narrowed to, and the archive of published questions.

mod brief;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::{Caller, Excerpt, Facet, Facets, Found, FoundPublished, Late, List, Page, Receipt, Source};
use pli_domain::actor::Role;
use pli_domain::french::French as _;
use pli_domain::identity::QuestionIdentity;
use pli_domain::organisation::Organisation;
use pli_domain::search::{Piece, Query};

use self::brief::Brief;
use super::saved::{self, Kept};
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::filters::Filters;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// How many dossiers a page shows.
const DOSSIERS: u64 = 20;

/// How many published questions a page shows: each comes with its whole text.
const PUBLISHED: u64 = 10;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    words: String,
    /// Nothing can be found by these words.
    unfindable: bool,
    /// Whether the person answers those who ask what is held on them.
    answers: bool,
    /// The searches that the person keeps.
    kept: Kept,
    results: Option<Results>,
}

/// What was found.
#[derive(Debug)]
struct Results {
    heading: String,
    groups: Vec<Group>,
    dossiers: Vec<Dossier>,
    pages: Pages,
    /// The same as a list.
    list: String,
    /// Where the search can be kept.
    keep: String,
    /// The same words without any filter, when there are filters.
    whole: Option<String>,
    published: String,
    questions: Vec<Question>,
    question_pages: Pages,
}

/// Where a list goes on.
#[derive(Debug)]
struct Pages {
    name: &'static str,
    first: Option<String>,
    next: Option<String>,
}

/// A dossier that was found.
#[derive(Debug)]
struct Dossier {
    row: Brief,
    subject: Vec<Piece>,
    sender: Vec<Piece>,
    excerpt: Option<Excerpt>,
}

/// A published question that was found.
#[derive(Debug)]
struct Question {
    name: String,
    number: u32,
    kind: &'static str,
    house: &'static str,
    term: String,
    subject: Vec<Piece>,
    author: String,
    ministry: String,
    published: Option<String>,
    answered: Option<String>,
    dossier: Option<String>,
    excerpt: Option<Excerpt>,
    text: Vec<String>,
    answer: Vec<String>,
}

/// What the dossiers found can be narrowed to, in one respect.
#[derive(Debug)]
struct Group {
    name: &'static str,
    links: Vec<FacetLink>,
    /// The same dossiers whatever they are in this respect, when one is chosen.
    every: Option<String>,
}

#[derive(Debug)]
struct FacetLink {
    label: String,
    /// What a short name stands for.
    long: Option<String>,
    count: String,
    href: String,
}

/// `GET /recherche`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let caller = &session.caller;
    let filters = Filters::read(&query, None, &caller.organisation).ok_or(Kind::Unreadable)?;
    let fields = Fields::parse(query.as_bytes());
    let place = Place::read(&fields).ok_or(Kind::Unreadable)?;
    let frame = Frame::of("Recherche", &session, Here::Search);
    let words = filters.list.words.clone().unwrap_or_default();
    let unfindable = !words.is_empty() && Query::parse(&words).is_empty();
    let kept = Kept::load(&web, &session, Some(&filters.list), None).await?.told(fields.text("fait"));
    let answers = caller.actor.has(Role::Coordinator);
    let mut page = SearchPage { frame, words, unfindable, answers, kept, results: None };
    if !page.words.is_empty() && !unfindable {
        let answer = Answer {
            facets: web.app.facets(caller, &filters.list).await?,
            dossiers: web.app.found(caller, &filters.list, place.dossiers, DOSSIERS).await?,
            published: web.app.count_published(&page.words).await?,
            questions: web
                .app
                .found_published(caller, &page.words, place.questions.as_ref(), PUBLISHED)
                .await?,
        };
        page.results = Some(Results::new(&answer, &filters, &place, caller, web.app.today()));
    }
    html(StatusCode::OK, &page)
}

/// The page on which a person keeps their searches, when one of its forms was refused.
pub(super) fn refused(status: StatusCode, session: &Session, kept: Kept) -> Result<Response, Failure> {
    let frame = Frame::of("Recherche", session, Here::Search);
    let answers = session.caller.actor.has(Role::Coordinator);
    html(status, &SearchPage { frame, words: String::new(), unfindable: false, answers, kept, results: None })
}

/// Where in both lists a page begins.
#[derive(Debug, Default, PartialEq)]
struct Place {
    dossiers: Option<Receipt>,
    questions: Option<QuestionIdentity>,
}

impl Place {
    /// `None` when the address makes no sense.
    fn read(fields: &Fields) -> Option<Self> {
        let dossiers = match fields.text("suite") {
            "" => None,
            text => {
                let (received_on, id) = text.split_once('_')?;
                Some(Receipt { received_on: received_on.parse().ok()?, id: id.parse().ok()? })
            }
        };
        let questions = match fields.text("publiees") {
            "" => None,
            text => Some(text.parse().ok()?),
        };
        Some(Self { dossiers, questions })
    }
}

/// What the use cases have answered.
#[derive(Debug)]
struct Answer {
    facets: Facets,
    dossiers: Page<Found>,
    published: u64,
    questions: Page<FoundPublished>,
}

/// The address of the search that asks for these.
fn href(list: List, organisation: &Organisation) -> String {
    format!("/recherche?{}", Filters::of(list).query(None, organisation))
}

impl Results {
    fn new(answer: &Answer, filters: &Filters, place: &Place, caller: &Caller, today: NaiveDate) -> Self {
        let (list, organisation) = (&filters.list, &*caller.organisation);
        let here = href(list.clone(), organisation);
        let end = answer.dossiers.items.last().filter(|_| answer.dossiers.more);
        let end_of_questions = answer.questions.items.last().filter(|_| answer.questions.more);
        let next = |found: &Found| {
            let Receipt { received_on, id } = Receipt::of(&found.sheet);
            format!("{here}&suite={received_on}_{id}#dossiers")
        };
        let next_question =
            |found: &FoundPublished| format!("{here}&publiees={}#publiees", found.published.identity);
        let whole = List { words: list.words.clone(), ..List::default() };
        Self {
            heading: counted(answer.facets.total, "dossier", "dossiers"),
            groups: groups(&answer.facets, list, organisation),
            dossiers: answer
                .dossiers
                .items
                .iter()
                .map(|found| Dossier::new(found, list, caller, today))
                .collect(),
            pages: Pages {
                name: "Pages des dossiers",
                first: place.dossiers.map(|_| here.clone()),
                next: end.map(next),
            },
            list: filters.href(organisation),
            keep: saved::keep(filters, organisation),
            whole: (whole != *list).then(|| href(whole, organisation)),
            published: counted(answer.published, "question publiée", "questions publiées"),
            questions: answer.questions.items.iter().map(Question::new).collect(),
            question_pages: Pages {
                name: "Pages des questions publiées",
                first: place.questions.as_ref().map(|_| format!("{here}#publiees")),
                next: end_of_questions.map(next_question),
            },
        }
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 0 {
        let none = if one.starts_with('d') { "Aucun" } else { "Aucune" };
        return format!("{none} {one}");
    }
    words::counted(count, one, many)
}

/// What the dossiers can be narrowed to. What is chosen stays, with a way back.
fn groups(facets: &Facets, list: &List, organisation: &Organisation) -> Vec<Group> {
    let group = |name, chosen: bool, without: List, of: fn(Facet) -> bool| {
        let counts = facets.counts.iter().filter(|(facet, _)| of(*facet));
        let links = counts.map(|(facet, count)| FacetLink::new(*facet, *count, list, organisation));
        Group { name, links: links.collect(), every: chosen.then(|| href(without, organisation)) }
    };
    let mut groups = vec![
        group("Type", list.kind.is_some(), List { kind: None, ..list.clone() }, |facet| {
            matches!(facet, Facet::Kind(_))
        }),
        group("État", list.open.is_some(), List { open: None, ..list.clone() }, |facet| {
            matches!(facet, Facet::Open(_))
        }),
        group("Étape", list.stage.is_some(), List { stage: None, open: None, ..list.clone() }, |facet| {
            matches!(facet, Facet::Stage(_))
        }),
        group(
            "Direction pilote",
            list.unit.is_some() || list.unrouted,
            List { unit: None, unrouted: false, ..list.clone() },
            |facet| matches!(facet, Facet::Branch(_)),
        ),
        group("Reçu en", list.year.is_some(), List { year: None, ..list.clone() }, |facet| {
            matches!(facet, Facet::Year(_))
        }),
        group("Retard", list.late.is_some(), List { late: None, open: None, ..list.clone() }, |facet| {
            facet == Facet::Late
        }),
    ];
    // A stage or a lateness says by itself whether what it names is open.
    let implied = Filters::of(List { open: None, ..list.clone() }).list.open.is_some();
    groups.retain(|group| {
        (!group.links.is_empty() || group.every.is_some()) && !(implied && group.name == "État")
    });
    groups
}

impl FacetLink {
    fn new(facet: Facet, count: u64, list: &List, organisation: &Organisation) -> Self {
        let unit = match facet {
            // A bureau that was asked for is named itself, not its direction.
            Facet::Branch(branch) => list.unit.or(branch).and_then(|id| organisation.unit(id)),
            _ => None,
        };
        let label = match facet {
            Facet::Kind(kind) => kind.french().to_owned(),
            Facet::Open(open) => if open { "Ouverts" } else { "Clos" }.to_owned(),
            Facet::Stage(stage) => stage.french().to_owned(),
            Facet::Branch(None) => "Sans service pilote".to_owned(),
            Facet::Branch(_) => unit.map_or_else(|| "Service inconnu".to_owned(), |unit| unit.code.clone()),
            Facet::Year(year) => year.to_string(),
            Facet::Late => match list.late {
                Some(Late::Class(class)) => class.french().to_owned(),
                _ => "En retard".to_owned(),
            },
        };
        Self {
            label,
            long: unit.map(|unit| unit.name.clone()),
            count: words::number(count),
            href: href(facet.narrow(list), organisation),
        }
    }
}

impl Dossier {
    fn new(found: &Found, list: &List, caller: &Caller, today: NaiveDate) -> Self {
        Self {
            row: Brief::new(&found.sheet, list, caller, today),
            subject: found.subject.clone(),
            sender: found.sender.clone(),
            excerpt: found.excerpt.clone(),
        }
    }
}

impl Question {
    fn new(found: &FoundPublished) -> Self {
        let published = &found.published;
        let identity = &published.identity;
        Self {
            name: identity.to_string(),
            number: identity.number,
            kind: identity.kind.french(),
            house: identity.house.french(),
            term: identity.term.to_string(),
            subject: found.subject.clone(),
            author: published.author.clone().unwrap_or_default(),
            ministry: published.ministry.clone().unwrap_or_default(),
            published: published.published_on.map(words::date),
            answered: published.answered_on.map(words::date),
            dossier: found.dossier.clone(),
            excerpt: found.excerpt.clone(),
            text: words::paragraphs(&published.question),
            answer: words::paragraphs(&published.answer),
        }
    }
}

/// Where an excerpt comes from.
fn source(excerpt: &Excerpt) -> &'static str {
    match excerpt.of {
        Source::Draft => "Projet de réponse",
        Source::Question => "Question",
        Source::Answer => "Réponse",
    }
}

#[cfg(test)]
mod tests;
