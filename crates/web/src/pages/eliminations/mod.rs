//! The end of closed dossiers: what has reached it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::{EndedCount, EndedPlace, Sheet};
use pli_domain::french::French as _;
use pli_domain::ids::CompartmentId;
use pli_domain::retention::{Class, RetentionRule};

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// How many dossiers a page holds.
const PAGE: u64 = 50;

/// What has reached its end, of one class and compartment.
#[derive(Debug)]
struct ClassRow {
    href: String,
    class: &'static str,
    /// The compartment to which they are reserved.
    reserved: Option<String>,
    dossiers: String,
    first_closed: String,
    fate: &'static str,
}

/// A dossier that has reached its end.
#[derive(Debug)]
struct DossierRow {
    reference: String,
    subject: String,
    closed_on: String,
    ended_on: String,
}

#[derive(Template)]
#[template(path = "eliminations.html")]
struct EliminationsPage {
    frame: Frame,
    rows: Vec<ClassRow>,
}

#[derive(Template)]
#[template(path = "ended.html")]
struct EndedPage {
    frame: Frame,
    class: &'static str,
    reserved: Option<String>,
    rule: String,
    rows: Vec<DossierRow>,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /eliminations`
pub(crate) async fn list(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    let caller = &session.caller;
    let counts = web.app.ended_counts(caller).await?;
    let rules = web.app.retention().await?;
    let names = web.app.own_compartments(caller).await?;
    let row = |count: EndedCount| {
        let rule = rules.iter().find(|rule| rule.class == count.class)?;
        Some(ClassRow {
            href: href(count.class, count.reserved),
            class: count.class.french(),
            reserved: count.reserved.map(|id| names.get(&id).cloned().unwrap_or_default()),
            dossiers: words::number(count.dossiers),
            first_closed: words::date(count.first_closed),
            fate: rule.fate.french(),
        })
    };
    let page = EliminationsPage {
        frame: Frame::of("Éliminations", &session, Here::Eliminations),
        rows: counts.into_iter().filter_map(row).collect(),
    };
    html(StatusCode::OK, &page)
}

/// The address of what has reached its end.
fn href(class: Class, reserved: Option<CompartmentId>) -> String {
    let class: &str = class.into();
    match reserved {
        Some(compartment) => format!("/eliminations/echues?categorie={class}&compartiment={compartment}"),
        None => format!("/eliminations/echues?categorie={class}"),
    }
}

/// Which class and compartment an address names.
fn named(query: &Fields) -> Result<(Class, Option<CompartmentId>), Failure> {
    let class = query.text("categorie").parse().map_err(|_| Kind::NotFound)?;
    let reserved = match query.text("compartiment") {
        "" => None,
        id => Some(id.parse().map_err(|_| Kind::NotFound)?),
    };
    Ok((class, reserved))
}

/// `GET /eliminations/echues`
pub(crate) async fn ended(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let caller = &session.caller;
    let (class, reserved) = named(&query)?;
    let after = match query.text("apres") {
        "" => None,
        text => Some(place(text).ok_or(Kind::Unreadable)?),
    };
    let page = web.app.ended(caller, class, reserved, after, PAGE).await?;
    let rules = web.app.retention().await?;
    let rule = rules.iter().find(|rule| rule.class == class).ok_or(Kind::NotFound)?;
    let names = web.app.own_compartments(caller).await?;
    let reserved_to = match reserved {
        Some(id) => Some(names.get(&id).cloned().ok_or(Kind::NotFound)?),
        None => None,
    };
    let next = page.items.last().filter(|_| page.more).map(|last| {
        let (day, id) = (last.dossier.closed_on.unwrap_or_default(), last.dossier.id);
        format!("{}&apres={day}_{id}", href(class, reserved))
    });
    let view = EndedPage {
        frame: Frame::of("Dossiers échus", &session, Here::Eliminations),
        class: class.french(),
        reserved: reserved_to,
        rule: sentence(rule),
        rows: page.items.iter().filter_map(|sheet| DossierRow::new(sheet, rule)).collect(),
        first: after.map(|_| href(class, reserved)),
        next,
    };
    html(StatusCode::OK, &view)
}

fn place(text: &str) -> Option<EndedPlace> {
    let (day, id) = text.split_once('_')?;
    Some(EndedPlace { closed_on: day.parse::<NaiveDate>().ok()?, id: id.parse().ok()? })
}

fn sentence(rule: &RetentionRule) -> String {
    format!(
        "{} depuis la clôture, puis {} ({})",
        words::counted(rule.months.into(), "mois", "mois"),
        rule.fate.french().to_lowercase(),
        rule.source
    )
}

impl DossierRow {
    fn new(sheet: &Sheet, rule: &RetentionRule) -> Option<Self> {
        let closed_on = sheet.dossier.closed_on?;
        Some(Self {
            reference: sheet.dossier.reference.clone(),
            subject: sheet.subject.clone(),
            closed_on: words::date(closed_on),
            ended_on: words::date(rule.ends_on(closed_on)),
        })
    }
}
