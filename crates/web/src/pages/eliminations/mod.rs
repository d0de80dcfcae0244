//! The end of closed dossiers: what has reached it, and the lists by which it is let go.

pub(crate) mod one;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, NaiveDate};
use pli_app::{EliminationPlace, EndedCount, EndedPlace, Key, Sheet};
use pli_domain::actor::Who;
use pli_domain::elimination::{Elimination, lets_go};
use pli_domain::french::French as _;
use pli_domain::ids::CompartmentId;
use pli_domain::retention::{Class, RetentionRule};
use pli_domain::time::Timestamp;

use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::Alert;
use crate::frame::{Frame, Here};
use crate::post::Posted;
use crate::refused::Refused;
use crate::session::Session;
use crate::{Web, random, words};

/// How many dossiers a page holds.
const PAGE: u64 = 50;

/// How many lists a page holds.
const LISTS: u64 = 30;

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
    /// What the button that proposes a list sends, for those who may: the key, the class, the compartment.
    propose: Option<(String, &'static str, String)>,
}

/// A list of what is to be eliminated.
#[derive(Debug)]
struct ListRow {
    href: String,
    title: String,
    reserved: Option<String>,
    state: &'static str,
    proposed: String,
    by: String,
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
    alert: Option<Alert>,
    token: String,
    rows: Vec<ClassRow>,
    lists: Vec<ListRow>,
    first: Option<&'static str>,
    next: Option<String>,
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
pub(crate) async fn list(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let before = match query.text("apres") {
        "" => None,
        text => Some(list_place(text).ok_or(Kind::Unreadable)?),
    };
    html(StatusCode::OK, &EliminationsPage::load(&web, &session, before, None).await?)
}

/// `POST /eliminations`: proposes a list.
pub(crate) async fn propose(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    let (class, reserved) = named(fields)?;
    let key = Key(fields.text("idempotencyKey").to_owned());
    match web.app.propose_elimination(&session.caller, key, class, reserved).await {
        Ok(list) => Ok(Redirect::to(&format!("/eliminations/{}", list.id)).into_response()),
        Err(error) => {
            let told = Refused::from(error).told(fields)?;
            let mut page = EliminationsPage::load(&web, session, None, None).await?;
            page.alert = Some(Alert::of(&told.errors, None));
            html(told.status, &page)
        }
    }
}

fn list_place(text: &str) -> Option<EliminationPlace> {
    let (at, id) = text.split_once('_')?;
    let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
    Some(EliminationPlace { at: Timestamp::new(at), id: id.parse().ok()? })
}

impl EliminationsPage {
    async fn load(
        web: &Web,
        session: &Session,
        before: Option<EliminationPlace>,
        alert: Option<Alert>,
    ) -> Result<Self, Failure> {
        let caller = &session.caller;
        let counts = web.app.ended_counts(caller).await?;
        let rules = web.app.retention().await?;
        let compartments = web.app.own_compartments(caller).await?;
        let page = web.app.eliminations(caller, before, LISTS).await?;
        let names = web.app.names(page.items.iter().map(|list| Who::User(list.proposed.0))).await?;
        let next = page.items.last().filter(|_| page.more).map(|last| {
            let at = last.proposed.1.instant().timestamp_micros();
            format!("/eliminations?apres={at}_{}", last.id)
        });
        let row = |list: &Elimination| ListRow {
            href: format!("/eliminations/{}", list.id),
            title: format!("{} n°\u{a0}{}", list.rule.class.french(), list.number),
            reserved: list.reserved.map(|id| compartments.get(&id).cloned().unwrap_or_default()),
            state: list.state.french(),
            proposed: words::date(list.proposed.1.paris_date()),
            by: names.get(&list.proposed.0).cloned().unwrap_or_default(),
        };
        let rows = counts.into_iter().filter_map(|count| {
            let rule = rules.iter().find(|rule| rule.class == count.class)?;
            Some(ClassRow::new(session, count, rule, &compartments))
        });
        Ok(Self {
            frame: Frame::of("Éliminations", session, Here::Eliminations),
            alert,
            token: session.token(),
            rows: rows.collect::<Result<_, _>>()?,
            lists: page.items.iter().map(row).collect(),
            first: before.map(|_| "/eliminations"),
            next,
        })
    }
}

impl ClassRow {
    fn new(
        session: &Session,
        count: EndedCount,
        rule: &RetentionRule,
        names: &BTreeMap<CompartmentId, String>,
    ) -> Result<Self, Failure> {
        let propose = if lets_go(&session.caller.actor).is_ok() {
            let compartment = count.reserved.map(|id| id.to_string()).unwrap_or_default();
            Some((random::key()?, count.class.into(), compartment))
        } else {
            None
        };
        Ok(Self {
            href: href(count.class, count.reserved),
            class: count.class.french(),
            reserved: count.reserved.map(|id| names.get(&id).cloned().unwrap_or_default()),
            dossiers: words::number(count.dossiers),
            first_closed: words::date(count.first_closed),
            fate: rule.fate.french(),
            propose,
        })
    }
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
