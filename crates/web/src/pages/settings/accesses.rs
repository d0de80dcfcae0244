//! The journal of accesses: who came in or was refused, and what was changed of accounts.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::Page;
use pli_domain::account::AccessEntry;
use pli_domain::actor::Who;
use pli_domain::french::French as _;
use pli_domain::ids::UserId;

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::InAddress;
use crate::frame::{Frame, Here};
use crate::session::Session;

/// How many lines a page holds.
const PAGE: u64 = 50;

/// A line of the table.
#[derive(Debug)]
struct Row {
    at: String,
    /// Whose account.
    person: String,
    what: &'static str,
    /// With what.
    detail: String,
    /// Who did it, when it was another person.
    by: Option<String>,
    address: Option<String>,
}

#[derive(Template)]
#[template(path = "accesses.html")]
struct AccessesPage {
    frame: Frame,
    rows: Vec<Row>,
    first: Option<&'static str>,
    next: Option<String>,
}

/// `GET /reglages/acces`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let before = match query.text("avant") {
        "" => None,
        id => Some(id.parse().map_err(|_| Kind::Unreadable)?),
    };
    let found = web.app.access_journal(&session.caller, before, PAGE).await?;
    let mut people = Vec::new();
    for entry in &found.items {
        people.extend([entry.person, entry.by].into_iter().flatten().map(Who::User));
    }
    let names = web.app.names(people).await?;
    html(StatusCode::OK, &AccessesPage::new(&session, before.is_some(), found, &names))
}

impl AccessesPage {
    fn new(
        session: &Session,
        later: bool,
        found: Page<AccessEntry>,
        names: &BTreeMap<UserId, String>,
    ) -> Self {
        let last = found.items.last().filter(|_| found.more);
        Self {
            frame: Frame::of("Journal des accès", session, Here::Settings),
            first: later.then_some("/reglages/acces"),
            next: last.map(|last| format!("/reglages/acces?avant={}", last.id)),
            rows: found.items.into_iter().map(|entry| Row::new(entry, names)).collect(),
        }
    }
}

impl Row {
    fn new(entry: AccessEntry, names: &BTreeMap<UserId, String>) -> Self {
        let name_of =
            |person: UserId| names.get(&person).map_or("Personne inconnue", String::as_str).to_owned();
        Self {
            at: entry.at.french(),
            person: entry.person.map_or_else(|| "Identifiant inconnu".to_owned(), name_of),
            what: entry.event.french(),
            by: entry.by.filter(|by| Some(*by) != entry.person).map(name_of),
            detail: entry.detail,
            address: entry.address,
        }
    }
}
