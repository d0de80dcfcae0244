//! What is added to the public holidays: days closed, sitting periods, weeks without a Journal officiel. Days are added and
//! taken away after a trial.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Datelike as _;
use pli_app::{Change, Key, Moves};
use pli_domain::calendar::{Entry, EntryKind, Zone};
use pli_domain::french::French as _;
use pli_domain::identity::House;
use pli_domain::ids::EntryId;
use pli_domain::organisation::Organisation;
use strum::{EnumString, IntoStaticStr, VariantArray as _};

use super::simulation::{Simulation, carried};
use super::{Attempt, Draft, indexed, keeper, keeps};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices};
use crate::frame::{Frame, Here};
use crate::pages::calendar::running_out;
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::Refused;
use crate::session::Session;
use crate::{Web, words};

fn kinds() -> Vec<(&'static str, &'static str)> {
    choices(EntryKind::VARIANTS)
}

fn houses() -> Vec<(&'static str, &'static str)> {
    choices(House::VARIANTS)
}

fn zones() -> Vec<(&'static str, &'static str)> {
    choices(Zone::VARIANTS)
}

const ADD: &[Spec] = &[
    Spec::new("kind", "Nature", Input::Of(kinds)),
    Spec::new("house", "Assemblée", Input::Of(houses))
        .hint("Pour une période de séance, ou une semaine sans Journal officiel.")
        .optional(),
    Spec::new("zone", "Territoire", Input::Of(zones))
        .hint("Pour des jours fermés\u{a0}; partout si rien n’est choisi.")
        .optional(),
    Spec::new("first", "Premier jour", Input::Date),
    Spec::new("last", "Dernier jour", Input::Date).hint("Ce jour compris."),
    Spec::new("label", "Libellé", Input::Line).hint("Par exemple «\u{a0}Pont de l’Ascension\u{a0}»."),
];

/// What a form of the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum EntryForm {
    Simulate,
    Apply,
}

/// Some days in words.
#[derive(Debug)]
struct Row {
    first: String,
    last: String,
    kind: &'static str,
    /// The house, or where nobody works.
    of: &'static str,
    label: String,
    /// Where they are taken away.
    href: String,
}

/// The days that begin in a year.
#[derive(Debug)]
struct Year {
    year: i32,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "entries.html")]
struct EntriesPage {
    frame: Frame,
    indexed: bool,
    done: Option<&'static str>,
    alert: Option<Alert>,
    running_out: Vec<String>,
    keeps: bool,
    form: Option<FormView>,
    simulation: Option<Simulation>,
    years: Vec<Year>,
}

#[derive(Template)]
#[template(path = "removal.html")]
struct RemovalPage {
    frame: Frame,
    entry: Row,
    simulation: Simulation,
}

/// `GET /reglages/calendrier`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let mut page = EntriesPage::new(&web, &session, None)?;
    page.done = match query.text("fait") {
        "apply" => Some("Les jours sont ajoutés, et les échéances qu’ils déplacent ont changé."),
        "remove" => Some("Les jours sont retirés, et les échéances qu’ils déplaçaient ont changé."),
        _ => None,
    };
    html(StatusCode::OK, &page)
}

/// `GET /reglages/calendrier/{form}`: the address that a form leaves in the browser.
pub(crate) async fn back(Named(form): Named<String>) -> Result<Redirect, Failure> {
    let _: EntryForm = form.parse().map_err(|_| Kind::NotFound)?;
    Ok(Redirect::to("/reglages/calendrier"))
}

/// `POST /reglages/calendrier/{form}`
pub(crate) async fn add(
    State(web): State<Web>,
    Named(form): Named<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: EntryForm = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    keeper(session).map_err(|failure| failure.keeping(fields))?;
    // The days tried keep their identifier, so that they are added once.
    let id = match form {
        EntryForm::Simulate => web.app.new_entry_id(),
        EntryForm::Apply => fields.text("id").parse().map_err(|_| Kind::Unreadable)?,
    };
    let shown = EntryForm::Simulate.into();
    match run(&web, &posted, form, id).await {
        Ok(None) => Ok(Redirect::to("/reglages/calendrier?fait=apply").into_response()),
        Ok(Some(found)) => {
            let attempt = Attempt { form: shown, typed: fields.clone(), errors: Vec::new() };
            let mut page = EntriesPage::new(&web, session, Some(&attempt))?;
            let mut values = carried(ADD, fields);
            values.push(("id", id.to_string()));
            let action = format!("/reglages/calendrier/{}", <&str>::from(EntryForm::Apply));
            page.simulation = Some(Simulation::new(session, &found, action, "Ajouter ces jours", values)?);
            html(StatusCode::OK, &page)
        }
        Err(refused) => {
            let (status, attempt) = Attempt::new(shown, fields, refused)?;
            html(status, &EntriesPage::new(&web, session, Some(&attempt))?)
        }
    }
}

/// Tries the change, or makes it.
async fn run(web: &Web, posted: &Posted, form: EntryForm, id: EntryId) -> Result<Option<Moves>, Refused> {
    let Posted { session, fields } = posted;
    let change = Change::AddEntry(read(fields, &session.caller.organisation, id)?);
    match form {
        EntryForm::Simulate => Ok(Some(web.app.preview(&session.caller, &change).await?)),
        EntryForm::Apply => {
            let key = Key(fields.text("idempotencyKey").to_owned());
            web.app.change_delays(&session.caller, key, change).await?;
            Ok(None)
        }
    }
}

/// The days that a filled form describes.
fn read(fields: &Fields, organisation: &Organisation, id: EntryId) -> Result<Entry, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let kind: Option<EntryKind> = form.choice("kind");
    let (house, zone) = (form.maybe_choice("house"), form.maybe_choice("zone"));
    let (first, last, label) = (form.date("first"), form.date("last"), form.words("label"));
    let read = || {
        let closed = kind? == EntryKind::Closed;
        Some(Entry {
            id,
            kind: kind?,
            first: first?,
            last: last?,
            zone: zone.filter(|_| closed),
            house: house.filter(|_| !closed),
            label: label?,
        })
    };
    let read = read();
    form.end(read)
}

/// `GET /reglages/calendrier/jours/{id}`: what taking days away would move.
pub(crate) async fn removal(
    State(web): State<Web>,
    session: Session,
    Named(id): Named<String>,
) -> Result<Response, Failure> {
    keeper(&session)?;
    let id: EntryId = id.parse().map_err(|_| Kind::NotFound)?;
    let mut entries = session.caller.delays.calendar.entries.iter();
    let entry = entries.find(|entry| entry.id == id).map(Row::new).ok_or(Kind::NotFound)?;
    let found = web.app.preview(&session.caller, &Change::RemoveEntry(id)).await?;
    let frame = Frame::of(&format!("Retirer {}", entry.label), &session, Here::Settings);
    let action = entry.href.clone();
    let simulation = Simulation::new(&session, &found, action, "Retirer ces jours", Vec::new())?;
    html(StatusCode::OK, &RemovalPage { frame, entry, simulation })
}

/// `POST /reglages/calendrier/jours/{id}`
pub(crate) async fn remove(
    State(web): State<Web>,
    Named(id): Named<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    keeper(session)?;
    let id = id.parse().map_err(|_| Kind::NotFound)?;
    let key = Key(fields.text("idempotencyKey").to_owned());
    web.app.change_delays(&session.caller, key, Change::RemoveEntry(id)).await?;
    Ok(Redirect::to("/reglages/calendrier?fait=remove").into_response())
}

impl EntriesPage {
    fn new(web: &Web, session: &Session, attempt: Option<&Attempt>) -> Result<Self, Failure> {
        let calendar = &session.caller.delays.calendar;
        let keeps = keeps(session);
        let code: &'static str = EntryForm::Simulate.into();
        let draft = Draft {
            code,
            action: &format!("/reglages/calendrier/{code}"),
            button: "Simuler",
            intro: Some(
                "La simulation ne change rien\u{a0}: elle dit quelles échéances changeraient.".to_owned(),
            ),
            specs: ADD,
            defaults: Fields::default(),
        };
        let form = if keeps { Some(draft.view(session, attempt, &Units::none())?) } else { None };
        let refused = attempt.filter(|attempt| !attempt.errors.is_empty());
        Ok(Self {
            frame: Frame::of("Jours du calendrier", session, Here::Settings),
            indexed: indexed(session),
            done: None,
            alert: refused.map(|attempt| attempt.alert(&form.iter().collect::<Vec<_>>())),
            running_out: running_out(&session.caller, web.app.today()),
            keeps,
            form,
            simulation: None,
            years: years(&calendar.entries),
        })
    }
}

/// The entries by year, the last year first; they come in the order of their days.
fn years(entries: &[Entry]) -> Vec<Year> {
    let mut years: Vec<Year> = Vec::new();
    for entry in entries {
        let year = entry.first.year();
        match years.last_mut() {
            Some(last) if last.year == year => last.rows.push(Row::new(entry)),
            _ => years.push(Year { year, rows: vec![Row::new(entry)] }),
        }
    }
    years.reverse();
    years
}

impl Row {
    fn new(entry: &Entry) -> Self {
        let zone = || entry.zone.map_or("Partout", |zone| zone.french());
        Self {
            first: words::date(entry.first),
            last: words::date(entry.last),
            kind: entry.kind.french(),
            of: entry.house.map_or_else(zone, |house| house.french()),
            label: entry.label.clone(),
            href: format!("/reglages/calendrier/jours/{}", entry.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use uuid::Uuid;

    fn filled() -> Fields {
        Fields::default()
            .with("kind", "sitting")
            .with("house", "senate")
            .with("zone", "mayotte")
            .with("first", "2026-10-01")
            .with("last", "30/06/2027")
            .with("label", "Session ordinaire")
    }

    fn read(fields: &Fields) -> Result<Entry, Vec<FieldError>> {
        super::read(fields, &samples::organisation(), EntryId(Uuid::nil()))
    }

    #[test]
    fn a_filled_form_is_an_entry() {
        let entry = read(&filled()).unwrap();
        assert_eq!((entry.kind, entry.house, entry.zone), (EntryKind::Sitting, Some(House::Senate), None));
        assert_eq!(entry.check(), Ok(()));
        let closed = read(&filled().without("kind").with("kind", "closed")).unwrap();
        assert_eq!((closed.house, closed.zone), (None, Some(Zone::Mayotte)));
    }

    #[test]
    fn everything_missing_is_said_at_once() {
        let errors = read(&Fields::default()).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["kind", "first", "last", "label"]);
    }

    #[test]
    fn entries_stand_by_year_the_last_first() {
        let entry = |first: &str| Entry { first: first.parse().unwrap(), ..read(&filled()).unwrap() };
        let years = years(&[entry("2025-05-30"), entry("2026-01-02"), entry("2026-10-01")]);
        let told: Vec<_> = years.iter().map(|year| (year.year, year.rows.len())).collect();
        assert_eq!(told, [(2026, 2), (2025, 1)]);
        assert_eq!((years[0].rows[0].of, years[0].rows[0].kind), ("Sénat", "Période de séance"));
    }
}
