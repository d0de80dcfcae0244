//! One compartment: who is named in it and, for whoever answers for it, who has opened what.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::SecondsFormat;
use pli_app::{Key, Page, Reading, ReadingLine};
use pli_domain::actor::Who;
use pli_domain::compartment::{Compartment, CompartmentCommand};
use pli_domain::ids::{CompartmentId, UserId};
use pli_domain::time::Timestamp;
use strum::{EnumString, IntoStaticStr};

use super::compartments::{NAME, OPEN_FORM, OWNER, href};
use super::{Attempt, Draft, indexed};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FormView, Input, Spec, Units};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::refused::Refused;
use crate::session::Session;
use crate::{Web, random};

/// How many openings a page holds.
const PAGE: u64 = 50;

const ADMIT: &[Spec] = &[Spec::new("person", "Identifiant", Input::Line)
    .hint("Celui que la personne tape pour se connecter\u{a0}: prenom.nom.")];
const RENAME: &[Spec] = &[NAME];
const ENTRUST: &[Spec] = &[OWNER];

/// What is done to a compartment by a form of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum CompartmentForm {
    Admit,
    Remove,
    Entrust,
    Rename,
}

impl CompartmentForm {
    fn button(self) -> &'static str {
        match self {
            Self::Admit => "Donner accès",
            Self::Remove => "Retirer",
            Self::Entrust => "Confier le compartiment",
            Self::Rename => "Renommer",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Admit => "La personne a accès au compartiment.",
            Self::Remove => "La personne n’a plus accès au compartiment.",
            Self::Entrust => "Le compartiment a un autre responsable.",
            Self::Rename => "Le compartiment est renommé.",
        }
    }

    fn intro(self) -> Option<&'static str> {
        match self {
            Self::Admit => Some("La personne lira ce qui est réservé, dans la limite de ses rôles."),
            Self::Entrust => Some("Le nouveau responsable est l’une des personnes du compartiment."),
            _ => None,
        }
    }

    fn specs(self) -> &'static [Spec] {
        match self {
            Self::Admit => ADMIT,
            Self::Entrust => ENTRUST,
            Self::Rename => RENAME,
            Self::Remove => &[],
        }
    }
}

/// Somebody who is named.
#[derive(Debug)]
struct PersonRow {
    name: String,
    owner: bool,
    id: String,
    /// The key of the form that takes the access back, where one may.
    key: Option<String>,
}

/// An opening.
#[derive(Debug)]
struct ReadingRow {
    at: String,
    name: String,
    reference: String,
}

#[derive(Template)]
#[template(path = "compartment.html")]
struct CompartmentPage {
    frame: Frame,
    /// Whether the page of all settings is open to the person.
    indexed: bool,
    done: Option<&'static str>,
    alert: Option<Alert>,
    name: String,
    people: Vec<PersonRow>,
    remove: String,
    token: String,
    forms: Vec<FormView>,
    /// The openings, for whoever answers for it.
    readings: Option<Vec<ReadingRow>>,
    /// Whether the person is named: then there is a list.
    named: bool,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /reglages/compartiments/{id}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(id): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let compartment = find(&web, &session, &id).await?;
    let before = match query.text("avant") {
        "" => None,
        place => Some(read(place).ok_or(Kind::Unreadable)?),
    };
    let mut page = CompartmentPage::load(&web, &session, &compartment, before, None).await?;
    page.done = match query.text("fait") {
        OPEN_FORM => Some("Le compartiment est ouvert."),
        form => form.parse::<CompartmentForm>().ok().map(CompartmentForm::done),
    };
    html(StatusCode::OK, &page)
}

/// `GET /reglages/compartiments/{id}/{form}`: the address that a form leaves in the browser.
pub(crate) async fn back(Named((id, form)): Named<(String, String)>) -> Result<Redirect, Failure> {
    let form: CompartmentForm = form.parse().map_err(|_| Kind::NotFound)?;
    let id: CompartmentId = id.parse().map_err(|_| Kind::NotFound)?;
    Ok(Redirect::to(&format!("{}#action-{}", href(id), <&str>::from(form))))
}

/// `POST /reglages/compartiments/{id}/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named((id, form)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: CompartmentForm = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    let compartment = find(&web, session, &id).await.map_err(|failure| failure.keeping(fields))?;
    match run(&web, &posted, &compartment, form).await {
        Ok(()) => {
            let to = format!("{}?fait={}", href(compartment.id), <&str>::from(form));
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let (status, attempt) = Attempt::new(form.into(), fields, refused)?;
            let page = CompartmentPage::load(&web, session, &compartment, None, Some(&attempt)).await?;
            html(status, &page)
        }
    }
}

async fn run(
    web: &Web,
    posted: &Posted,
    compartment: &Compartment,
    form: CompartmentForm,
) -> Result<(), Refused> {
    let Posted { session, fields } = posted;
    let command = match form {
        CompartmentForm::Rename => CompartmentCommand::Rename { name: fields.text("name").to_owned() },
        CompartmentForm::Admit => CompartmentCommand::Admit {
            person: web.app.person_to_name(fields.text("person"), "person").await?,
        },
        CompartmentForm::Remove => {
            let person = fields.text("person").parse().map_err(|_| pli_app::Error::NotFound)?;
            CompartmentCommand::Remove { person }
        }
        CompartmentForm::Entrust => CompartmentCommand::Entrust {
            owner: web.app.person_to_name(fields.text("owner"), "owner").await?,
        },
    };
    let key = Key(fields.text("idempotencyKey").to_owned());
    web.app.change_compartment(&session.caller, key, compartment.id, command).await?;
    Ok(())
}

async fn find(web: &Web, session: &Session, id: &str) -> Result<Compartment, Failure> {
    let id: CompartmentId = id.parse().map_err(|_| Kind::NotFound)?;
    web.app.compartment(&session.caller, id).await?.ok_or_else(|| Kind::NotFound.into())
}

/// A place among the openings, in the address.
fn write(reading: Reading) -> String {
    let at = reading.at.instant().to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{at}_{}_{}", reading.dossier, reading.by)
}

fn read(place: &str) -> Option<Reading> {
    let (at, rest) = place.split_once('_')?;
    let (dossier, by) = rest.split_once('_')?;
    Some(Reading {
        at: Timestamp::new(at.parse().ok()?),
        dossier: dossier.parse().ok()?,
        by: by.parse().ok()?,
    })
}

impl CompartmentPage {
    async fn load(
        web: &Web,
        session: &Session,
        compartment: &Compartment,
        before: Option<Reading>,
        attempt: Option<&Attempt>,
    ) -> Result<Self, Failure> {
        let caller = &session.caller;
        let names = web.app.names(compartment.people.iter().copied().map(Who::User)).await?;
        let own = caller.actor.user() == Some(compartment.owner);
        let keeps = own || caller.actor.administers_all(&caller.organisation);
        let found =
            if own { Some(web.app.readings(caller, compartment.id, before, PAGE).await?) } else { None };
        let forms = if keeps { forms(session, compartment, attempt)? } else { Vec::new() };
        let here = if caller.actor.compartments.is_empty() { Here::Settings } else { Here::Compartments };
        Ok(Self {
            frame: Frame::of(&compartment.name, session, here),
            indexed: indexed(session),
            done: None,
            alert: attempt.map(|attempt| attempt.alert(&forms.iter().collect::<Vec<_>>())),
            name: compartment.name.clone(),
            people: people(compartment, &names, keeps)?,
            remove: format!("{}/{}", href(compartment.id), <&str>::from(CompartmentForm::Remove)),
            token: session.token(),
            forms,
            named: caller.actor.compartments.contains(&compartment.id),
            first: before.map(|_| href(compartment.id)),
            next: found.as_ref().and_then(|page| next(compartment.id, page)),
            readings: found.map(|page| page.items.iter().map(ReadingRow::new).collect()),
        })
    }
}

fn next(id: CompartmentId, page: &Page<ReadingLine>) -> Option<String> {
    let last = page.items.last().filter(|_| page.more)?;
    let place: String = form_urlencoded::byte_serialize(write(last.reading).as_bytes()).collect();
    Some(format!("{}?avant={place}#ouvertures", href(id)))
}

impl ReadingRow {
    fn new(line: &ReadingLine) -> Self {
        Self { at: line.reading.at.french(), name: line.name.clone(), reference: line.reference.clone() }
    }
}

/// Who is named, the owner first, then by name.
fn people(
    compartment: &Compartment,
    names: &BTreeMap<UserId, String>,
    keeps: bool,
) -> Result<Vec<PersonRow>, Failure> {
    let row = |id: &UserId| {
        let owner = *id == compartment.owner;
        Ok(PersonRow {
            name: names.get(id).cloned().unwrap_or_default(),
            owner,
            id: id.to_string(),
            key: if keeps && !owner { Some(random::key()?) } else { None },
        })
    };
    let mut rows = compartment.people.iter().map(row).collect::<Result<Vec<_>, Failure>>()?;
    rows.sort_by_cached_key(|row| (!row.owner, pli_domain::text::fold(&row.name)));
    Ok(rows)
}

/// What whoever keeps a compartment may do to it.
fn forms(
    session: &Session,
    compartment: &Compartment,
    attempt: Option<&Attempt>,
) -> Result<Vec<FormView>, Failure> {
    let form = |form: CompartmentForm| {
        let code: &'static str = form.into();
        let draft = Draft {
            code,
            action: &format!("{}/{code}", href(compartment.id)),
            button: form.button(),
            intro: form.intro().map(str::to_owned),
            specs: form.specs(),
            defaults: Fields::default().with("name", compartment.name.as_str()),
        };
        draft.view(session, attempt, &Units::none())
    };
    [CompartmentForm::Admit, CompartmentForm::Entrust, CompartmentForm::Rename]
        .map(form)
        .into_iter()
        .collect()
}
