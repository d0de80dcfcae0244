//! The compartments that one may know, and opening one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::Key;
use pli_domain::compartment::Compartment;
use pli_domain::ids::CompartmentId;

use super::{Attempt, Draft, indexed};
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::form::{Alert, FormView, Input, Spec, Units};
use crate::frame::{Frame, Here};
use crate::post::Posted;
use crate::refused::Refused;
use crate::session::Session;

/// The code of the form that opens one.
pub(super) const OPEN_FORM: &str = "open";

pub(super) const NAME: Spec = Spec::new("name", "Nom", Input::Line)
    .hint("Les personnes du compartiment et les administrateurs du ministère le liront.");
pub(super) const OWNER: Spec = Spec::new("owner", "Responsable", Input::Line)
    .hint("Identifiant de la personne qui dira qui y a accès, et verra qui a ouvert quoi\u{a0}: prenom.nom.");

const OPEN: &[Spec] = &[NAME, OWNER];

/// A compartment in the list.
#[derive(Debug)]
struct Row {
    href: String,
    name: String,
    owner: String,
    people: usize,
}

#[derive(Template)]
#[template(path = "compartments.html")]
struct CompartmentsPage {
    frame: Frame,
    /// Whether the page of all settings is open to the person.
    indexed: bool,
    alert: Option<Alert>,
    /// The form that opens one, for those who may.
    form: Option<FormView>,
    rows: Vec<Row>,
    /// Whether the person is named in one.
    named: bool,
}

/// `GET /reglages/compartiments`
pub(crate) async fn list(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    html(StatusCode::OK, &CompartmentsPage::load(&web, &session, None).await?)
}

/// `POST /reglages/compartiments`
pub(crate) async fn add(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    match open(&web, &posted).await {
        Ok(compartment) => {
            Ok(Redirect::to(&format!("{}?fait={OPEN_FORM}", href(compartment.id))).into_response())
        }
        Err(refused) => {
            let (status, attempt) = Attempt::new(OPEN_FORM, fields, refused)?;
            html(status, &CompartmentsPage::load(&web, session, Some(&attempt)).await?)
        }
    }
}

async fn open(web: &Web, posted: &Posted) -> Result<Compartment, Refused> {
    let Posted { session, fields } = posted;
    let caller = &session.caller;
    caller.actor.must_administer_all(&caller.organisation).map_err(pli_app::Error::from)?;
    let owner = web.app.person_to_name(fields.text("owner"), "owner").await?;
    let key = Key(fields.text("idempotencyKey").to_owned());
    Ok(web.app.open_compartment(caller, key, fields.text("name").to_owned(), owner).await?)
}

/// The address of a compartment's page.
pub(super) fn href(id: CompartmentId) -> String {
    format!("/reglages/compartiments/{id}")
}

impl CompartmentsPage {
    async fn load(web: &Web, session: &Session, attempt: Option<&Attempt>) -> Result<Self, Failure> {
        let caller = &session.caller;
        let opens = caller.actor.administers_all(&caller.organisation);
        if !opens && caller.actor.compartments.is_empty() {
            return Err(Kind::NotFound.into());
        }
        let found = web.app.compartments(caller).await?;
        let owners = found.iter().map(|one| pli_domain::actor::Who::User(one.owner));
        let names = web.app.names(owners).await?;
        let draft = Draft {
            code: OPEN_FORM,
            action: "/reglages/compartiments",
            button: "Ouvrir le compartiment",
            intro: Some("Seul le responsable y a d’abord accès\u{a0}; il y nomme les autres.".to_owned()),
            specs: OPEN,
            defaults: Fields::default(),
        };
        let form = if opens { Some(draft.view(session, attempt, &Units::none())?) } else { None };
        let row = |one: &Compartment| Row {
            href: href(one.id),
            name: one.name.clone(),
            owner: names.get(&one.owner).cloned().unwrap_or_default(),
            people: one.people.len(),
        };
        let here = if caller.actor.compartments.is_empty() { Here::Settings } else { Here::Compartments };
        Ok(Self {
            frame: Frame::of("Compartiments", session, here),
            indexed: indexed(session),
            alert: attempt.map(|attempt| attempt.alert(&form.iter().collect::<Vec<_>>())),
            form,
            rows: found.iter().map(row).collect(),
            named: !caller.actor.compartments.is_empty(),
        })
    }
}
