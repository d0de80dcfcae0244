//! Recherche: the dossiers that hold some words, what they can be narrowed to, and the archive of published questions.

mod brief;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::{Caller, Excerpt, Facet, Facets, Found, FoundPublished, Late, List, Page, Receipt, Source};
use pli_domain::french::French as _;
use pli_domain::identity::QuestionIdentity;
use pli_domain::organisation::Organisation;
use pli_domain::search::{Piece, Query};

use self::brief::Brief;
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
    let mut page = SearchPage { frame, words, unfindable, results: None };
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
mod tests {
    use super::*;
    use crate::samples::{self, NASTY};
    use pli_app::Published;
    use pli_domain::actor::Role;
    use pli_domain::dossier::{Kind as DossierKind, Stage};
    use pli_domain::search::{excerpt, marked};

    fn answer(facets: Vec<(Facet, u64)>, dossiers: Vec<Found>, questions: Vec<FoundPublished>) -> Answer {
        Answer {
            facets: Facets { total: 1_234, counts: facets },
            dossiers: Page { more: !dossiers.is_empty(), items: dossiers },
            published: u64::try_from(questions.len()).unwrap(),
            questions: Page { more: !questions.is_empty(), items: questions },
        }
    }

    fn page(query: &str, answer: &Answer) -> String {
        let session = samples::session(&[(Role::Clerk, "SG")]);
        let organisation = &session.caller.organisation;
        let filters = Filters::read(query, None, organisation).unwrap();
        let place = Place::read(&Fields::parse(query.as_bytes())).unwrap();
        SearchPage {
            frame: Frame::of("Recherche", &session, Here::Search),
            words: filters.list.words.clone().unwrap(),
            unfindable: false,
            results: Some(Results::new(answer, &filters, &place, &session.caller, samples::today())),
        }
        .render()
        .unwrap()
    }

    fn found() -> Found {
        let query = Query::parse("alert");
        Found {
            sheet: samples::letter(&[samples::routed()]),
            subject: marked(NASTY, &query),
            sender: marked(NASTY, &query),
            excerpt: excerpt(NASTY, &query, 200).map(|pieces| Excerpt { of: Source::Draft, pieces }),
        }
    }

    fn published() -> FoundPublished {
        let query = Query::parse("alert");
        let identity: QuestionIdentity = "AN-17-QE-18094".parse().unwrap();
        let published = Published {
            identity,
            uid: "QANR5L17QE18094".to_owned(),
            subject: NASTY.to_owned(),
            author: Some(NASTY.to_owned()),
            group: None,
            ministry: Some(NASTY.to_owned()),
            ours: true,
            published_on: Some(samples::today()),
            answered_on: None,
            question: NASTY.to_owned(),
            answer: NASTY.to_owned(),
            digest: String::new(),
        };
        let subject = marked(NASTY, &query);
        FoundPublished { published, subject, excerpt: None, dossier: Some("AN-17-QE-18094".to_owned()) }
    }

    #[test]
    fn what_people_wrote_comes_out_as_words_with_what_was_found_marked() {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", NASTY).finish();
        let html = page(&query, &answer(vec![(Facet::Late, 3)], vec![found()], vec![published()]));
        assert!(!html.contains("<script>alert") && html.contains("<mark>alert</mark>"), "{html}");
        assert!(html.contains("1\u{202f}234\u{a0}dossiers") && html.contains("1\u{a0}question publiée"));
        assert!(html.contains("href=\"/dossiers/SG-2026-A-000001\"") && html.contains("Projet de réponse"));
        assert!(html.contains("&#38;suite=2026-03-01_") || html.contains("&amp;suite=2026-03-01_"), "{html}");
        assert!(html.contains("publiees=AN-17-QE-18094#publiees"));
    }

    #[test]
    fn what_is_chosen_stays_with_a_way_back_and_the_rest_narrows() {
        let organisation = samples::organisation();
        let dacs = organisation.by_code("DACS").unwrap().id;
        let facets = vec![
            (Facet::Kind(DossierKind::Mail), 3),
            (Facet::Open(true), 2),
            (Facet::Open(false), 1),
            (Facet::Stage(Stage::Routed), 2),
            (Facet::Branch(None), 1),
            (Facet::Branch(Some(dacs)), 2),
            (Facet::Year(2026), 3),
            (Facet::Late, 1),
        ];
        let facets = Facets { total: 3, counts: facets };
        let told = |query: &str| {
            let list = Filters::read(query, None, &organisation).unwrap().list;
            let group = |group: Group| {
                let links = group
                    .links
                    .into_iter()
                    .map(|link| format!("{} {} {}", link.label, link.count, link.href));
                (group.name, links.collect::<Vec<_>>(), group.every)
            };
            groups(&facets, &list, &organisation).into_iter().map(group).collect::<Vec<_>>()
        };
        let line = |name, links: &[&str], every: Option<&str>| {
            (name, links.iter().map(|link| (*link).to_owned()).collect::<Vec<_>>(), every.map(str::to_owned))
        };
        assert_eq!(
            told("q=prison&type=courrier"),
            [
                line("Type", &["Courrier 3 /recherche?type=courrier&q=prison"], Some("/recherche?q=prison")),
                line(
                    "État",
                    &[
                        "Ouverts 2 /recherche?etat=ouverts&type=courrier&q=prison",
                        "Clos 1 /recherche?etat=clos&type=courrier&q=prison",
                    ],
                    None
                ),
                line(
                    "Étape",
                    &["Attribué 2 /recherche?etat=ouverts&type=courrier&etape=routed&q=prison"],
                    None
                ),
                line(
                    "Direction pilote",
                    &[
                        "Sans service pilote 1 /recherche?type=courrier&sans-service=1&q=prison",
                        "DACS 2 /recherche?type=courrier&service=DACS&q=prison",
                    ],
                    None
                ),
                line("Reçu en", &["2026 3 /recherche?type=courrier&recu=2026&q=prison"], None),
                line(
                    "Retard",
                    &["En retard 1 /recherche?etat=ouverts&type=courrier&retard=tous&q=prison"],
                    None
                ),
            ]
        );
        let chosen = told("q=prison&etape=routed&service=C1");
        assert!(chosen.iter().all(|(name, ..)| *name != "État"), "a stage says whether it is open");
        assert_eq!(chosen[1].2.as_deref(), Some("/recherche?service=C1&q=prison"));
        assert_eq!(chosen[2].1[1], "C1 2 /recherche?etat=ouverts&etape=routed&service=C1&q=prison");
    }

    #[test]
    fn a_place_is_read_back_and_nonsense_is_refused() {
        let place = |query: &str| Place::read(&Fields::parse(query.as_bytes()));
        assert_eq!(place("q=x&suite=&publiees="), Some(Place::default()));
        let receipt = Receipt { received_on: samples::today(), id: samples::dossier(1) };
        let read = place(&format!("suite=2026-03-05_{}&publiees=AN-17-QE-1", receipt.id)).unwrap();
        assert_eq!((read.dossiers, read.questions), (Some(receipt), Some("AN-17-QE-1".parse().unwrap())));
        for wrong in ["suite=x", "suite=2026-03-05_x", "suite=x_y", "publiees=x", "publiees=AN-17-QE-0"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
