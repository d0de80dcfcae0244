//! « Statistiques »: of the questions published in a period, how many were answered within the legal delay.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Datelike as _, NaiveDate};
use pli_app::{By, Common, Counted, Statistics, StatisticsRow};
use pli_domain::french::French as _;
use pli_domain::organisation::Organisation;

use super::retards::Cell;
use crate::Web;
use crate::failure::{Failure, html};
use crate::fields::{Fields, InAddress};
use crate::filters::choice;
use crate::form::Choice;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// By what, in the address and in words.
const BY: [(&str, By, &str); 4] = [
    ("assemblee", By::House, "Assemblée"),
    ("nature", By::Type, "Type de question"),
    ("groupe", By::Group, "Groupe politique"),
    ("direction", By::Direction, "Direction"),
];

/// A column: its heading, and what it means.
const COLUMNS: [(Counted, &str, &str); 7] = [
    (Counted::Published, "Publiées", "questions publiées dans la période et attribuées au ministère"),
    (Counted::InTime, "Dans le délai", "réponse publiée au plus tard le jour de l’échéance légale"),
    (Counted::Late, "Hors délai", "réponse publiée après l’échéance légale"),
    (
        Counted::Pending,
        "En cours",
        "sans réponse, l’échéance légale n’est pas passée ou aucun délai ne court",
    ),
    (Counted::PendingLate, "En retard", "sans réponse, l’échéance légale est passée"),
    (Counted::InChamber, "En séance", "réponse donnée en séance\u{a0}: aucun délai légal ne court"),
    (Counted::Unanswered, "Closes sans réponse", "retirées, caduques, converties ou transférées"),
];

#[derive(Debug)]
struct Row {
    label: String,
    cells: Vec<Cell>,
    rate: String,
}

#[derive(Template)]
#[template(path = "statistics.html")]
struct StatisticsPage {
    frame: Frame,
    from: String,
    to: String,
    /// Why the dates were not understood.
    error: Option<&'static str>,
    by: Vec<Choice>,
    heading: &'static str,
    period: String,
    today: String,
    columns: Vec<&'static str>,
    definitions: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    total: Row,
}

/// `GET /statistiques`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let today = web.app.today();
    let (_, by, _) = BY.into_iter().find(|(code, ..)| *code == query.text("par")).unwrap_or(BY[0]);
    let asked = period(&query, today);
    let found = web.app.statistics(&session.caller, by, asked.unwrap_or_else(|| this_year(today))).await?;
    let mut page = StatisticsPage::new(&session, by, &found);
    let mut status = StatusCode::OK;
    if asked.is_none() {
        status = StatusCode::UNPROCESSABLE_ENTITY;
        page.error =
            Some("Écrivez deux dates, la première avant la seconde\u{a0}: l’année en cours est montrée.");
        (page.from, page.to) = (query.text("du").to_owned(), query.text("au").to_owned());
    }
    html(status, &page)
}

/// The period of the address, the present year when it names none; `None` when it cannot be read.
fn period(query: &Fields, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let (first, last) = this_year(today);
    let day = |name, usual| match query.text(name) {
        "" => Some(usual),
        day => day.parse::<NaiveDate>().ok().filter(|day| (1..=9_999).contains(&day.year())),
    };
    let (from, to) = (day("du", first)?, day("au", last)?);
    (from <= to).then_some((from, to))
}

fn this_year(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    (NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today), today)
}

impl StatisticsPage {
    fn new(session: &Session, by: By, found: &Statistics) -> Self {
        let organisation = &session.caller.organisation;
        let heading = BY.iter().find(|(_, one, _)| *one == by).map_or("", |(.., label)| label);
        Self {
            frame: Frame::of("Statistiques", session, Here::Statistics),
            from: found.from.to_string(),
            to: found.to.to_string(),
            error: None,
            by: BY.iter().map(|(code, one, label)| choice(code, label, *one == by)).collect(),
            heading,
            period: format!("du {} au {}", words::date(found.from), words::date(found.to)),
            today: words::date(found.today),
            columns: COLUMNS.iter().map(|(_, label, _)| *label).collect(),
            definitions: COLUMNS.iter().map(|(_, label, meaning)| (*label, *meaning)).collect(),
            rows: found.rows.iter().map(|row| Row::new(row, organisation)).collect(),
            total: Row::new(&found.total, organisation),
        }
    }
}

impl Row {
    fn new(row: &StatisticsRow, organisation: &Organisation) -> Self {
        let label = match &row.key {
            None => "Total".to_owned(),
            Some(Common::House(house)) => house.french().to_owned(),
            Some(Common::Type(kind)) => kind.french().to_owned(),
            Some(Common::Group(group)) => group.clone().unwrap_or_else(|| "Groupe inconnu".to_owned()),
            Some(Common::Direction(unit)) => {
                unit.map_or_else(|| "À attribuer".to_owned(), |unit| words::unit_code(organisation, unit))
            }
        };
        let cell = |(figure, said, _): &(Counted, &str, &str)| {
            let words = format!("{label}, {}", said.to_lowercase());
            Cell::of(row.count(*figure), row.list(*figure), words, organisation)
        };
        Self {
            cells: COLUMNS.iter().map(cell).collect(),
            rate: row.rate().map_or_else(|| "–".to_owned(), |rate| format!("{rate}\u{a0}%")),
            label,
        }
    }
}
