//! Données personnelles: what is held on a person who asks, and the copy that they are given.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::{Disclosed, Disclosure, Error, Held, Key, OwnData, Receipt, Sheet, Source};
use pli_domain::dossier::Action;
use pli_domain::french::French as _;
use pli_domain::personal::{MOST_AT_ONCE, PersonalRefusal};
use pli_domain::search::{Piece, Query};

use super::export;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldView, Input, Spec, Units, draw};
use crate::frame::{Frame, Here};
use crate::post::Posted;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random, words};

/// How many dossiers a page shows.
const PAGE: u64 = 50;

const REQUEST: &[Spec] = &[Spec::new("request", "Référence de sa demande", Input::Line)
    .hint("Le courrier par lequel la personne a demandé ses données, par exemple SG-2026-A-000123.")];

/// A dossier in which the person may be named.
#[derive(Debug)]
struct Row {
    reference: String,
    subject: Vec<Piece>,
    sender: Vec<Piece>,
    /// The passage in which they are named, and of what it is.
    passage: Option<(&'static str, Vec<Piece>)>,
    received_on: String,
    stage: &'static str,
    chosen: bool,
    /// Where its sender can be corrected.
    correct: Option<String>,
}

/// What was found.
#[derive(Debug)]
struct Results {
    rows: Vec<Row>,
    /// The address of each member's page, with the name.
    members: Vec<(String, String)>,
    people: Vec<String>,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "personal.html")]
struct PersonalPage {
    frame: Frame,
    alert: Option<Alert>,
    typed: String,
    /// Nothing can be found by these words.
    unfindable: bool,
    token: String,
    key: String,
    /// Where in the list the page begins.
    place: String,
    fields: Vec<FieldView>,
    results: Option<Results>,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /donnees-personnelles`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    html(StatusCode::OK, &PersonalPage::load(&web, &session, &query, None).await?)
}

/// `POST /donnees-personnelles`: the copy, as a file.
pub(crate) async fn give(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    match copy(&web, session, fields).await {
        Ok(copy) => {
            let file = web.app.disclosure_file(&copy, table(&copy).map_err(Failure::broken)?).await?;
            Ok(export::download(file, &copy.file_name()))
        }
        Err(refused) => {
            let told = refused.told(fields)?;
            let status = told.status;
            html(status, &PersonalPage::load(&web, session, fields, Some(told)).await?)
        }
    }
}

async fn copy(web: &Web, session: &Session, fields: &Fields) -> Result<Disclosure, Refused> {
    let (app, caller) = (&web.app, &session.caller);
    let named = app.dossiers_named(caller, &[fields.text("request").trim().to_owned()]).await?;
    let request = named.first().map(|sheet| sheet.dossier.id);
    let ticked: BTreeSet<&str> = fields.all("d").collect();
    if ticked.len() > MOST_AT_ONCE {
        return PersonalRefusal::TooManyAtOnce.refuse().map_err(|refusal| Error::from(refusal).into());
    }
    let ticked: Vec<_> = ticked.into_iter().map(str::to_owned).collect();
    let chosen = app.dossiers_named(caller, &ticked).await?;
    if chosen.len() < ticked.len() {
        return Err(Error::NotFound.into());
    }
    let chosen = chosen.iter().map(|sheet| sheet.dossier.id).collect();
    // The page stays as it is after the file: what is ticked otherwise then is another command.
    let key = match fields.text("idempotencyKey").trim() {
        "" => Key(String::new()),
        key => Key(format!("{key} {request:?} {ticked:?}")),
    };
    Ok(app.disclose(caller, key, request, chosen).await?)
}

fn table(copy: &Disclosure) -> std::io::Result<Vec<u8>> {
    let head =
        ["Référence", "Type", "Expéditeur", "Objet", "Reçu le", "État", "Clos le", "Réponse", "Documents"];
    let line = |one: &Disclosed| {
        let (sheet, dossier) = (&one.sheet, &one.sheet.dossier);
        [
            dossier.reference.clone(),
            one.sort().to_owned(),
            sheet.sender.clone().unwrap_or_default(),
            sheet.subject.clone(),
            words::date(dossier.received_on),
            dossier.stage.french().to_owned(),
            dossier.closed_on.map(words::date).unwrap_or_default(),
            one.answer.clone().unwrap_or_default(),
            one.documents.len().to_string(),
        ]
    };
    export::table(&head, copy.dossiers.iter().map(line))
}

/// The tables of a person's own data.
pub(crate) fn own_tables(data: &OwnData) -> std::io::Result<Vec<(&'static str, Vec<u8>)>> {
    let accesses = data.accesses.iter().map(|entry| {
        let address = entry.address.clone().unwrap_or_default();
        [entry.at.french(), entry.event.french().to_owned(), entry.detail.clone(), address]
    });
    let acts = data.acts.iter().map(|act| {
        [act.at.french(), act.reference.clone(), act.what.to_owned(), act.words.clone().unwrap_or_default()]
    });
    Ok(vec![
        ("compte.json", data.json().into_bytes()),
        ("acces.csv", export::table(&["Date", "Quoi", "Avec", "Depuis l’adresse"], accesses)?),
        ("actes.csv", export::table(&["Date", "Dossier", "Acte", "Texte"], acts)?),
    ])
}

/// `2026-11-22_0190b6d2-…`: the last dossier already shown.
fn place(text: &str) -> Option<Receipt> {
    let (received_on, id) = text.split_once('_')?;
    Some(Receipt { received_on: received_on.parse().ok()?, id: id.parse().ok()? })
}

impl PersonalPage {
    async fn load(web: &Web, session: &Session, query: &Fields, told: Option<Told>) -> Result<Self, Failure> {
        let after = match query.text("apres") {
            "" => None,
            text => Some(place(text).ok_or(Kind::Unreadable)?),
        };
        let typed = query.text("q").trim().to_owned();
        // Asked even when nothing is typed: the page is the coordinators'.
        let held = web.app.held_on(&session.caller, &typed, after, PAGE).await?;
        let errors = told.as_ref().map_or(&[][..], |told| &told.errors);
        let key = match query.text("idempotencyKey") {
            "" => random::key()?,
            key => key.to_owned(),
        };
        let fields = draw("copie", REQUEST, query, errors, &Units::none());
        let unfindable = !typed.is_empty() && Query::parse(&typed).is_empty();
        let results = (!typed.is_empty() && !unfindable)
            .then(|| Results::new(&held, session, query, &typed, after.is_some()));
        Ok(Self {
            frame: Frame::of("Données personnelles", session, Here::Search),
            alert: told.map(|told| Alert::on(&told.errors, &fields, Some("copie"))),
            unfindable,
            token: session.token(),
            key,
            place: query.text("apres").to_owned(),
            fields,
            first: results.as_ref().and_then(|results| results.first.clone()),
            next: results.as_ref().and_then(|results| results.next.clone()),
            results,
            typed,
        })
    }
}

impl Results {
    fn new(held: &Held, session: &Session, query: &Fields, typed: &str, later: bool) -> Self {
        let chosen = |sheet: &Sheet| query.all("d").any(|reference| reference == sheet.dossier.reference);
        let row = |sheet: &Sheet, subject, sender, passage| Row {
            reference: sheet.dossier.reference.clone(),
            subject,
            sender,
            passage,
            received_on: words::date(sheet.dossier.received_on),
            stage: sheet.dossier.stage.french(),
            chosen: chosen(sheet),
            correct: correct(sheet, session),
        };
        let plain = |text: &str| vec![Piece { text: text.to_owned(), found: false }];
        let found = held.dossiers.items.iter().map(|found| {
            let passage = found.excerpt.as_ref();
            let passage = passage.map(|passage| (source(passage.of), passage.pieces.clone()));
            row(&found.sheet, found.subject.clone(), found.sender.clone(), passage)
        });
        let mentioned = held.mentions.iter().map(|one| {
            let sheet = &one.sheet;
            let sender = plain(sheet.sender.as_deref().unwrap_or_default());
            row(
                sheet,
                plain(&sheet.subject),
                sender,
                Some(("Note ou version antérieure", one.passage.clone())),
            )
        });
        let here = form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
        let here = format!("/donnees-personnelles?{here}");
        let last = held.dossiers.items.last().filter(|_| held.dossiers.more);
        let next = last.map(|last| {
            let Receipt { received_on, id } = Receipt::of(&last.sheet);
            format!("{here}&apres={received_on}_{id}")
        });
        let members = held.members.iter().map(|one| (format!("/elus/{}", one.id), one.known.name()));
        Self {
            rows: found.chain(mentioned).collect(),
            members: members.collect(),
            people: held.people.clone(),
            first: later.then_some(here),
            next,
        }
    }
}

/// Where the sender of a letter can be corrected, by those who may.
fn correct(sheet: &Sheet, session: &Session) -> Option<String> {
    let allowed = sheet.dossier.allowed(&session.caller.actor, &session.caller.organisation);
    let code: &str = Action::CorrectSender.into();
    let reference = &sheet.dossier.reference;
    allowed.contains(&Action::CorrectSender).then(|| format!("/dossiers/{reference}#action-{code}"))
}

fn source(of: Source) -> &'static str {
    match of {
        Source::Draft => "Projet de réponse",
        Source::Question => "Question",
        Source::Answer => "Réponse",
    }
}
