//! The members of Parliament: looking for one, and all that one has written and asked (« fiche de l’élu »).

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::{List, MemberPlace, Page, Published, Receipt, Sheet};
use pli_domain::dossier::Kind as DossierKind;
use pli_domain::french::French as _;
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::MemberId;
use pli_domain::member::{Mandate, Member, Membership};

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::filters::Filters;
use crate::frame::{Frame, Here};
use crate::post::Named;
use crate::session::Session;
use crate::words;

/// How many members a page of the list holds.
const PAGE: u64 = 50;

/// How many letters, and how many questions, a member's page holds.
const SHOWN: u64 = 25;

/// A member in the list.
#[derive(Debug)]
struct Row {
    id: MemberId,
    name: String,
    /// The seat held today, or the last one.
    seat: String,
    group: String,
}

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    frame: Frame,
    words: String,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /elus`
pub(crate) async fn list(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let words = query.text("q").trim().to_owned();
    let after = match query.text("apres") {
        "" => None,
        id => {
            let id = id.parse().map_err(|_| Kind::Unreadable)?;
            Some(MemberPlace::of(&web.app.member(id).await?.ok_or(Kind::Unreadable)?))
        }
    };
    let found = web.app.members(&words, after.as_ref(), PAGE).await?;
    let address = |after: Option<MemberId>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !words.is_empty() {
            query.append_pair("q", &words);
        }
        if let Some(after) = after {
            query.append_pair("apres", &after.to_string());
        }
        match query.finish() {
            query if query.is_empty() => "/elus".to_owned(),
            query => format!("/elus?{query}"),
        }
    };
    let today = web.app.today();
    let page = MembersPage {
        frame: Frame::of("Élus", &session, Here::Elsewhere),
        rows: found.items.iter().map(|member| Row::new(member, today)).collect(),
        first: after.map(|_| address(None)),
        next: found.items.last().filter(|_| found.more).map(|last| address(Some(last.id))),
        words,
    };
    html(StatusCode::OK, &page)
}

impl Row {
    fn new(member: &Member, today: NaiveDate) -> Self {
        Self {
            id: member.id,
            name: named(member),
            seat: seat(member, today),
            group: member.known.group(today).map(|group| group.name.clone()).unwrap_or_default(),
        }
    }
}

/// « M. Didier Padey ».
fn named(member: &Member) -> String {
    let civility = member.known.civility.iter().map(String::as_str);
    civility.chain([member.known.name().as_str()]).collect::<Vec<_>>().join(" ")
}

/// « député, Savoie (1) »; of one who sits no more, the last seat with its end.
fn seat(member: &Member, today: NaiveDate) -> String {
    let mandates = &member.known.mandates;
    let Some(seat) = mandates.iter().rfind(|seat| seat.covers(today)).or(mandates.last()) else {
        return String::new();
    };
    let place = seat.constituency.iter().map(|place| format!(", {place}"));
    let end = seat.to.filter(|to| *to < today).map(|to| format!(", jusqu’au {}", words::date(to)));
    [member.known.office(seat.house).to_owned()].into_iter().chain(place).chain(end).collect()
}

/// A time in a house, or in a group.
#[derive(Debug)]
struct Time {
    what: String,
    legislature: String,
    place: String,
    from: String,
    to: String,
}

impl Time {
    fn seat(seat: &Mandate) -> Self {
        Self {
            what: seat.house.french().to_owned(),
            legislature: seat.legislature.map(|number| format!("{number}e")).unwrap_or_default(),
            place: seat.constituency.clone().unwrap_or_default(),
            from: seat.from.map(words::date).unwrap_or_default(),
            to: seat.to.map_or_else(|| "en cours".to_owned(), words::date),
        }
    }

    fn group(group: &Membership) -> Self {
        Self {
            what: group.name.clone(),
            legislature: String::new(),
            place: group.short.clone(),
            from: group.from.map(words::date).unwrap_or_default(),
            to: group.to.map_or_else(|| "en cours".to_owned(), words::date),
        }
    }
}

/// A letter of the member.
#[derive(Debug)]
struct Letter {
    reference: String,
    subject: String,
    received: String,
    stage: &'static str,
}

/// A question of the member.
#[derive(Debug)]
struct Question {
    name: String,
    /// Whether there is a dossier that the reader may open.
    followed: bool,
    kind: &'static str,
    subject: String,
    ministry: String,
    published: Option<String>,
    answered: Option<String>,
}

/// How many dossiers, and their list.
#[derive(Debug)]
struct Figure {
    label: &'static str,
    count: String,
    href: String,
}

/// Where the pages of a list lead.
#[derive(Debug, Default)]
struct Pages {
    first: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "member.html")]
struct MemberPage {
    frame: Frame,
    name: String,
    seat: String,
    figures: Vec<Figure>,
    mandates: Vec<Time>,
    groups: Vec<Time>,
    letters: Vec<Letter>,
    letter_pages: Pages,
    questions: Vec<Question>,
    question_count: String,
    question_pages: Pages,
}

/// `GET /elus/{id}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(id): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let id: MemberId = id.parse().map_err(|_| Kind::NotFound)?;
    let (app, caller) = (&web.app, &session.caller);
    let member = app.member(id).await?.ok_or(Kind::NotFound)?;
    let places = Places::parse(&query).ok_or(Kind::Unreadable)?;
    let letters = app.letters_of(caller, id, places.letters, SHOWN).await?;
    let questions = app.questions_of(caller, id, places.questions.as_ref(), SHOWN).await?;
    let total = app.count_questions_of(id).await?;
    let mut figures = Vec::new();
    for (label, kind, open) in FIGURES {
        let list = List { member: Some(id), kind: Some(kind), open, ..List::default() };
        let count = words::number(app.count(caller, &list).await?);
        figures.push(Figure { label, count, href: Filters::of(list).href(&caller.organisation) });
    }
    html(
        StatusCode::OK,
        &MemberPage {
            frame: Frame::of(&named(&member), &session, Here::Elsewhere),
            name: named(&member),
            seat: seat(&member, app.today()),
            figures,
            mandates: member.known.mandates.iter().rev().map(Time::seat).collect(),
            groups: member.known.groups.iter().rev().map(Time::group).collect(),
            letter_pages: places.letter_pages(id, &letters),
            question_pages: places.question_pages(id, &questions),
            letters: letters.items.iter().map(Letter::new).collect(),
            questions: questions.items.iter().map(Question::new).collect(),
            question_count: words::counted(total, "question publiée", "questions publiées"),
        },
    )
}

/// What is counted of a member's dossiers.
const FIGURES: [(&str, DossierKind, Option<bool>); 4] = [
    ("Courriers", DossierKind::Mail, None),
    ("Courriers ouverts", DossierKind::Mail, Some(true)),
    ("Questions suivies ici", DossierKind::Question, None),
    ("Questions ouvertes", DossierKind::Question, Some(true)),
];

impl Letter {
    fn new(sheet: &Sheet) -> Self {
        Self {
            reference: sheet.dossier.reference.clone(),
            subject: sheet.subject.clone(),
            received: words::date(sheet.dossier.received_on),
            stage: sheet.dossier.stage.french(),
        }
    }
}

impl Question {
    fn new((published, dossier): &(Published, Option<String>)) -> Self {
        Self {
            name: published.identity.to_string(),
            followed: dossier.is_some(),
            kind: published.identity.kind.french(),
            subject: published.subject.clone(),
            ministry: published.ministry.clone().unwrap_or_default(),
            published: published.published_on.map(words::date),
            answered: published.answered_on.map(words::date),
        }
    }
}

/// From where on the letters and the questions are shown, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq)]
struct Places {
    letters: Option<Receipt>,
    questions: Option<QuestionIdentity>,
}

impl Places {
    fn parse(query: &Fields) -> Option<Self> {
        let letters = match query.text("courriers") {
            "" => None,
            place => {
                let (received_on, id) = place.split_once('_')?;
                Some(Receipt { received_on: received_on.parse().ok()?, id: id.parse().ok()? })
            }
        };
        let questions = match query.text("questions") {
            "" => None,
            name => Some(name.parse().ok()?),
        };
        Some(Self { letters, questions })
    }

    fn href(&self, id: MemberId, part: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(Receipt { received_on, id }) = self.letters {
            query.append_pair("courriers", &format!("{received_on}_{id}"));
        }
        if let Some(identity) = &self.questions {
            query.append_pair("questions", &identity.to_string());
        }
        match query.finish() {
            query if query.is_empty() => format!("/elus/{id}#{part}"),
            query => format!("/elus/{id}?{query}#{part}"),
        }
    }

    fn letter_pages(&self, id: MemberId, page: &Page<Sheet>) -> Pages {
        let at = |letters| Self { letters, ..self.clone() }.href(id, "courriers");
        Pages {
            first: self.letters.map(|_| at(None)),
            next: page.items.last().filter(|_| page.more).map(|last| at(Some(Receipt::of(last)))),
        }
    }

    fn question_pages(&self, id: MemberId, page: &Page<(Published, Option<String>)>) -> Pages {
        let at = |questions| Self { questions, ..self.clone() }.href(id, "questions");
        let last = page.items.last().filter(|_| page.more);
        Pages {
            first: self.questions.as_ref().map(|_| at(None)),
            next: last.map(|(last, _)| at(Some(last.identity.clone()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use pli_domain::identity::House;
    use pli_domain::member::PublishedMember;
    use uuid::Uuid;

    use super::*;
    use crate::samples;

    fn id() -> MemberId {
        MemberId(Uuid::from_u128(7))
    }

    #[test]
    fn an_address_gives_its_places_back() {
        let letters = Some(Receipt { received_on: samples::today(), id: samples::dossier(3) });
        let questions: Option<QuestionIdentity> = "SENAT-2025-QE-5028".parse().ok();
        for places in [
            Places::default(),
            Places { letters, questions: None },
            Places { letters: None, questions: questions.clone() },
            Places { letters, questions },
        ] {
            let href = places.href(id(), "courriers");
            let query = href.split_once('?').map_or("", |(_, query)| query);
            let query = query.split('#').next().unwrap();
            assert_eq!(Places::parse(&Fields::parse(query.as_bytes())), Some(places), "{href}");
        }
        for wrong in ["courriers=x", "courriers=2026-01-01_x", "questions=x"] {
            assert_eq!(Places::parse(&Fields::parse(wrong.as_bytes())), None, "{wrong}");
        }
    }

    #[test]
    fn one_who_sits_no_more_is_shown_with_the_end_of_the_last_seat() {
        let seat_of = |house, from: &str, to: Option<&str>| Mandate {
            from: from.parse().ok(),
            house,
            legislature: None,
            constituency: Some("Lot".to_owned()),
            to: to.and_then(|to| to.parse().ok()),
        };
        let member = |mandates| Member {
            id: id(),
            known: PublishedMember {
                civility: Some("Mme".to_owned()),
                mandates,
                ..PublishedMember::default()
            },
        };
        let deputy = seat_of(House::Assembly, "2017-06-18", Some("2020-09-30"));
        assert_eq!(
            seat(&member(vec![deputy.clone()]), samples::today()),
            "députée, Lot, jusqu’au 30/09/2020"
        );
        let senator = seat_of(House::Senate, "2020-10-01", None);
        assert_eq!(seat(&member(vec![deputy, senator]), samples::today()), "sénatrice, Lot");
        assert_eq!(seat(&member(Vec::new()), samples::today()), "");
    }
}
