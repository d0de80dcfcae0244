//! A change of government: what it would move, shown before it is made, and what each has moved.

mod view;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use pli_app::{GovernmentPreview, Key};
use pli_domain::government::{Change, Destination};
use pli_domain::ids::GovernmentChangeId;
use pli_domain::organisation::Organisation;

use super::simulation::carried;
use super::{Attempt, Draft, keeper};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::filters::position;
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::Refused;
use crate::session::Session;
use crate::{Web, words};
use view::{Done, Shown, Tally, Trial, questions_moved};

const OURS: &str = "notre";
const OTHER: &str = "autre";

fn destinations() -> Vec<(&'static str, &'static str)> {
    vec![(OURS, "Notre ministère change de nom"), (OTHER, "Elles vont à un autre ministère")]
}

const CHANGE: &[Spec] = &[
    Spec::new("from", "Dénomination actuelle", Input::Line)
        .hint("Celle sous laquelle les questions ouvertes sont publiées\u{a0}: une de nos dénominations."),
    Spec::new("destination", "Les questions", Input::OneOf(destinations)),
    Spec::new("to", "Nouvelle dénomination, ou nom de l’autre ministère", Input::Line)
        .hint("Comme l’écrit le décret."),
    Spec::new("on", "Date du décret", Input::Date).hint("Les délais ne recommencent pas."),
    Spec::new("unit", "Seulement celles que pilote le service", Input::Unit)
        .hint("Avec les services placés sous lui\u{a0}; toutes si rien n’est choisi.")
        .optional(),
];

const PATH: &str = "/reglages/gouvernement";
const PREVIEW: &str = "apercu";
const APPLY: &str = "appliquer";

/// How many questions a page shows.
const SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "government.html")]
struct GovernmentPage {
    frame: Frame,
    done: Option<String>,
    alert: Option<Alert>,
    form: FormView,
    trial: Option<Trial>,
    held: Vec<Tally>,
    /// The open questions under one of these names.
    under: Option<Shown>,
    changes: Vec<Done>,
}

#[derive(Template)]
#[template(path = "government_change.html")]
struct ChangePage {
    frame: Frame,
    change: Done,
    shown: Shown,
}

/// `GET /reglages/gouvernement`: with a change in its address, what that would move.
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    keeper(&session)?;
    if query.text("to").trim().is_empty() {
        let mut page = named(&web, &session, &query).await?;
        page.done = match query.text("fait").parse::<u64>() {
            Ok(moved) => Some(format!("Le changement est suivi\u{a0}: {}.", questions_moved(moved))),
            Err(_) => None,
        };
        return html(StatusCode::OK, &page);
    }
    match tried(&web, &session, &query).await {
        Ok(found) => {
            let attempt = Attempt { form: PREVIEW, typed: query, errors: Vec::new() };
            html(StatusCode::OK, &GovernmentPage::new(&web, &session, Some(&attempt), Some(found)).await?)
        }
        Err(refused) => again(&web, &session, &query, refused).await,
    }
}

/// The page, with the open questions that stand under the name in its address, which fills the form.
async fn named(web: &Web, session: &Session, query: &Fields) -> Result<GovernmentPage, Failure> {
    let Some(name) = query.all("nom").next() else {
        return GovernmentPage::new(web, session, None, None).await;
    };
    let typed = filled(web.app.today()).with("from", name);
    let attempt = Attempt { form: PREVIEW, typed, errors: Vec::new() };
    let mut page = GovernmentPage::new(web, session, Some(&attempt), None).await?;
    let list = web.app.open_under(&session.caller, Some(name).filter(|name| !name.is_empty())).await?;
    let caption = match name {
        "" => "Questions ouvertes, pas encore publiées".to_owned(),
        name => format!("Questions ouvertes sous «\u{a0}{name}\u{a0}»"),
    };
    let start = query.text("page").parse().unwrap_or(0);
    page.under = Shown::page(caption, list, start, &under(name), &session.caller.organisation);
    Ok(page)
}

/// The address of the open questions under a name.
fn under(name: &str) -> String {
    format!("{PATH}?nom={}", words::segment(name))
}

/// `GET /reglages/gouvernement/{id}`: the questions that a change has moved. A form leaves its own address in the browser.
pub(crate) async fn moved(
    State(web): State<Web>,
    session: Session,
    Named(name): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    keeper(&session)?;
    if [PREVIEW, APPLY].contains(&name.as_str()) {
        return Ok(Redirect::to(PATH).into_response());
    }
    let id: GovernmentChangeId = name.parse().map_err(|_| Kind::NotFound)?;
    let after = match query.text("apres") {
        "" => None,
        place => Some(position(place).ok_or(Kind::Unreadable)?),
    };
    let size = u64::try_from(SHOWN).unwrap_or(u64::MAX);
    let found = web.app.government_change(&session.caller, id, after, size).await?;
    let (one, page) = found.ok_or(Kind::NotFound)?;
    let moved = web.app.moved_by(id).await?;
    let organisation = &session.caller.organisation;
    let page = ChangePage {
        frame: Frame::of("Changement de gouvernement", &session, Here::Settings),
        shown: Shown::moved(&one, page, after.is_some(), organisation),
        change: Done::new(&one, moved, organisation),
    };
    html(StatusCode::OK, &page)
}

/// `POST /reglages/gouvernement/{form}`: looks first, or makes the change.
pub(crate) async fn change(
    State(web): State<Web>,
    Named(form): Named<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    keeper(session).map_err(|failure| failure.keeping(fields))?;
    let done = match form.as_str() {
        PREVIEW => tried(&web, session, fields).await.map(|_| address(fields)),
        APPLY => made(&web, session, fields).await.map(|moved| format!("{PATH}?fait={moved}")),
        _ => return Err(Kind::NotFound.into()),
    };
    match done {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(refused) => again(&web, session, fields, refused).await,
    }
}

async fn tried(web: &Web, session: &Session, fields: &Fields) -> Result<GovernmentPreview, Refused> {
    let change = read(fields, &session.caller.organisation)?;
    Ok(web.app.preview_government(&session.caller, change).await?)
}

async fn made(web: &Web, session: &Session, fields: &Fields) -> Result<u64, Refused> {
    let change = read(fields, &session.caller.organisation)?;
    let key = Key(fields.text("idempotencyKey").to_owned());
    let one = web.app.change_government(&session.caller, key, change).await?;
    Ok(web.app.moved_by(one.id).await?)
}

async fn again(web: &Web, session: &Session, fields: &Fields, refused: Refused) -> Result<Response, Failure> {
    let (status, attempt) = Attempt::new(PREVIEW, fields, refused)?;
    html(status, &GovernmentPage::new(web, session, Some(&attempt), None).await?)
}

/// What the form holds at first.
fn filled(today: NaiveDate) -> Fields {
    Fields::default().with("destination", OURS).with("on", today.to_string())
}

/// The change that a filled form describes.
fn read(fields: &Fields, organisation: &Organisation) -> Result<Change, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let from = form.words("from");
    let leaves = form.of("destination", |code| [OURS, OTHER].contains(&code).then_some(code == OTHER));
    let (to, on, unit) = (form.words("to"), form.date("on"), form.maybe_unit("unit"));
    let read = || {
        let to = if leaves? { Destination::Other(to?) } else { Destination::Ours(to?) };
        Some(Change { from: from?, to, on: on?, unit })
    };
    let read = read();
    form.end(read)
}

/// The address of the preview of what a form describes.
fn address(fields: &Fields) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in carried(CHANGE, fields).into_iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, &value);
    }
    format!("{PATH}?{}", query.finish())
}

impl GovernmentPage {
    async fn new(
        web: &Web,
        session: &Session,
        attempt: Option<&Attempt>,
        found: Option<GovernmentPreview>,
    ) -> Result<Self, Failure> {
        let caller = &session.caller;
        let (organisation, today) = (&caller.organisation, web.app.today());
        let draft = Draft {
            code: PREVIEW,
            action: &format!("{PATH}/{PREVIEW}"),
            button: "Voir ce qui changerait",
            intro: Some(
                "L’aperçu ne change rien\u{a0}: il dit quelles questions se déplaceraient.".to_owned(),
            ),
            specs: CHANGE,
            defaults: filled(today),
        };
        let form = draft.view(session, attempt, &Units::open(organisation, today))?;
        let refused = attempt.filter(|attempt| !attempt.errors.is_empty());
        let trial = match (found, attempt) {
            (Some(found), Some(attempt)) => Some(Trial::new(session, found, &attempt.typed)?),
            _ => None,
        };
        let changes = web.app.government_changes(caller).await?;
        Ok(Self {
            frame: Frame::of("Changement de gouvernement", session, Here::Settings),
            done: None,
            alert: refused.map(|attempt| attempt.alert(&[&form])),
            form,
            trial,
            under: None,
            held: web.app.open_by_denomination(caller).await?.into_iter().map(Tally::held).collect(),
            changes: changes.iter().map(|(one, moved)| Done::new(one, *moved, organisation)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, NASTY};

    fn nasty() -> Fields {
        Fields::default()
            .with("from", "Justice")
            .with("destination", OTHER)
            .with("to", NASTY)
            .with("on", "2026-03-01")
            .with("unit", "DACS")
    }

    #[test]
    fn a_filled_form_is_a_change_and_an_address_is_a_filled_form() {
        let organisation = samples::organisation();
        let change = read(&nasty(), &organisation).unwrap();
        assert_eq!(change.to, Destination::Other(NASTY.to_owned()));
        assert_eq!(change.unit, organisation.by_code("DACS").map(|unit| unit.id));
        let href = address(&nasty());
        let query = href.strip_prefix("/reglages/gouvernement?").unwrap();
        assert_eq!(read(&Fields::parse(query.as_bytes()), &organisation), Ok(change));
        let errors = read(&Fields::default(), &organisation).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["from", "destination", "to", "on"]);
    }
}
