//! The same act on the dossiers that were ticked in the list: first what would happen to each, which changes nothing; then,
//! once it is confirmed, each by itself.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::{Caller, Error, Foreseen, Key, MOST, Seen, Sheet};
use pli_domain::actor::Actor;
use pli_domain::dossier::{Action, Command, Dossier, Kind as DossierKind};
use pli_domain::french::French as _;
use strum::VariantArray as _;

use crate::Web;
use crate::actions::{Found, command, fields};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, AlertLine, FieldError, FieldView, Units, draw};
use crate::frame::{Frame, Here};
use crate::post::Posted;
use crate::random;
use crate::session::{Session, local};
use crate::words;

/// What can be done to several dossiers at once.
const ACTS: [Action; 4] = [Action::Route, Action::Reroute, Action::Accept, Action::Acknowledge];

/// A dossier, and what becomes of it.
#[derive(Debug)]
struct Row {
    reference: String,
    subject: String,
    stage: &'static str,
    /// What would change or has changed; or why nothing does.
    outcome: Result<String, String>,
}

/// What is sent once more to confirm.
#[derive(Debug)]
struct Confirm {
    token: String,
    key: String,
    /// Each dossier with the version that is shown: `12@SG-2026-A-000001`.
    seen: Vec<String>,
    button: String,
}

#[derive(Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    frame: Frame,
    heading: String,
    alert: Option<Alert>,
    act: &'static str,
    /// The dossiers that were ticked.
    ticked: Vec<String>,
    fields: Vec<FieldView>,
    /// What was typed in them.
    typed: Fields,
    summary: Option<String>,
    rows: Vec<Row>,
    confirm: Option<Confirm>,
    /// Where the list is.
    back: String,
}

/// What was asked by the list, by the form of the preview, or by its confirmation.
struct Asked {
    action: Action,
    typed: Fields,
    back: String,
}

/// Those of the acts that this person may do to a dossier, with their words.
pub(crate) fn acts(actor: &Actor) -> Vec<(&'static str, &'static str)> {
    let edges = || DossierKind::VARIANTS.iter().flat_map(|kind| kind.edges());
    let may = |action: &Action| {
        let by = edges().filter(|edge| edge.action == *action).flat_map(|edge| edge.by);
        by.filter_map(|party| party.role()).any(|role| actor.has(role))
    };
    ACTS.into_iter().filter(may).map(|action| (action.into(), action.french())).collect()
}

/// `GET /dossiers/lot`
pub(crate) async fn preview(
    State(web): State<Web>,
    session: Session,
    InAddress(asked): InAddress,
) -> Result<Response, Failure> {
    let asked = Asked::read(asked).ok_or(Kind::Unreadable)?;
    let ticked: BTreeSet<&str> = asked.typed.all("d").collect();
    let ticked: Vec<String> = ticked.into_iter().map(str::to_owned).collect();
    if ticked.is_empty() || ticked.len() > MOST {
        return html(StatusCode::UNPROCESSABLE_ENTITY, &asked.wrong_number(&session, ticked.len()));
    }
    let sheets = web.app.dossiers_named(&session.caller, &ticked).await?;
    html(StatusCode::OK, &asked.page(&web, &session, ticked, sheets)?)
}

/// `POST /dossiers/lot`
pub(crate) async fn confirm(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { session, fields } = posted;
    let key = Key(fields.text("idempotencyKey").to_owned());
    let asked = Asked::read(fields).ok_or(Kind::Unreadable)?;
    let caller = &session.caller;
    let seen: Option<Vec<Seen>> = asked.typed.all("vu").map(seen).collect();
    let seen = seen.filter(|seen| !seen.is_empty() && seen.len() <= MOST).ok_or(Kind::Unreadable)?;
    let command = asked.command(caller).map_err(|_| Kind::Unreadable)?;
    let names: Vec<_> = seen.iter().map(|seen| seen.reference.clone()).collect();
    let done = web.app.act_on_all(caller, &key, seen, command.clone()).await?;
    let now = web.app.dossiers_named(caller, &names).await?;
    let row = |(seen, outcome): (Seen, _)| row_done(&seen.reference, outcome, &now, &command, caller);
    let rows: Vec<Row> = done.into_iter().map(row).collect();
    html(StatusCode::OK, &asked.done(&session, rows))
}

/// A dossier as a preview has shown it.
fn seen(text: &str) -> Option<Seen> {
    let (version, reference) = text.split_once('@')?;
    Some(Seen { reference: reference.to_owned(), version: version.parse().ok()? })
}

impl Asked {
    fn read(typed: Fields) -> Option<Self> {
        let action = typed.text("acte").parse().ok().filter(|action| ACTS.contains(action))?;
        let back = match local(typed.text("suite")) {
            path if path.starts_with("/dossiers") => path.to_owned(),
            _ => "/dossiers".to_owned(),
        };
        Some(Self { action, typed, back })
    }

    /// The command that the fields make.
    fn command(&self, caller: &Caller) -> Result<Command, Vec<FieldError>> {
        command(self.action, &self.typed, &caller.organisation, &Found::default())
    }

    /// Whether the fields of the act were there to be filled.
    fn is_filled(&self) -> bool {
        let mut specs = fields(self.action).unwrap_or_default().iter().filter(|spec| !spec.optional);
        specs.all(|spec| self.typed.all(spec.name).next().is_some())
    }

    fn blank(&self, session: &Session, heading: String) -> BulkPage {
        BulkPage {
            frame: Frame::of(self.action.french(), session, Here::Dossiers),
            heading,
            alert: None,
            act: self.action.into(),
            ticked: Vec::new(),
            fields: Vec::new(),
            typed: Fields::default(),
            summary: None,
            rows: Vec::new(),
            confirm: None,
            back: self.back.clone(),
        }
    }

    /// Nothing was ticked, or too much.
    fn wrong_number(&self, session: &Session, ticked: usize) -> BulkPage {
        let (title, message) = if ticked == 0 {
            (
                "Aucun dossier n’est coché",
                "Revenez à la liste, et cochez les dossiers sur lesquels agir.".to_owned(),
            )
        } else {
            let message =
                format!("On agit au plus sur {MOST} dossiers à la fois\u{a0}: vous en avez coché {ticked}.");
            ("Trop de dossiers sont cochés", message)
        };
        let line = AlertLine { href: None, message };
        let alert = Alert { title, lines: vec![line], kept: Vec::new() };
        BulkPage { alert: Some(alert), ..self.blank(session, self.action.french().to_owned()) }
    }

    /// What would happen to each; the fields to fill before that can be said.
    fn page(
        mut self,
        web: &Web,
        session: &Session,
        ticked: Vec<String>,
        sheets: Vec<Sheet>,
    ) -> Result<BulkPage, Failure> {
        let caller = &session.caller;
        let today = web.app.today();
        let filled = self.action == Action::Acknowledge || self.is_filled();
        if self.action == Action::Acknowledge && !self.is_filled() {
            self.typed = self.typed.with("on", today.to_string());
        }
        let read = if filled { self.command(caller).map(Some) } else { Ok(None) };
        let (command, errors) = match read {
            Ok(command) => (command, Vec::new()),
            Err(errors) => (None, errors),
        };
        let specs = fields(self.action).unwrap_or_default();
        let code: &'static str = self.action.into();
        let units = Units::open(&caller.organisation, today);
        let heading = format!("{}\u{a0}: {}", self.action.french(), counted(ticked.len()));
        let mut page = self.blank(session, heading);
        page.fields = draw(code, specs, &self.typed, &errors, &units);
        page.typed = typed(self.action, &self.typed);
        page.alert = (!errors.is_empty()).then(|| field_alert(&errors, &page.fields));
        page.rows = match &command {
            Some(command) => {
                let foreseen = web.app.foresee(caller, sheets, command);
                page.confirm = confirmation(&foreseen, session)?;
                foreseen.into_iter().map(|one| row_foreseen(one, command, caller)).collect()
            }
            None => sheets.iter().map(row_waiting).collect(),
        };
        let shown: BTreeSet<_> = page.rows.iter().map(|row| row.reference.clone()).collect();
        page.rows.extend(
            ticked
                .iter()
                .filter(|reference| !shown.contains(*reference))
                .map(|reference| row_unknown(reference)),
        );
        page.summary = command
            .map(|_| summary(&page.rows, "changerait", "changeraient", "serait refusé", "seraient refusés"));
        page.ticked = ticked;
        Ok(page)
    }

    fn done(&self, session: &Session, rows: Vec<Row>) -> BulkPage {
        let heading = format!("{}\u{a0}: c’est fait", self.action.french());
        let nothing = rows.iter().all(|row| row.outcome.is_err());
        let heading =
            if nothing { format!("{}\u{a0}: rien n’a changé", self.action.french()) } else { heading };
        let summary = summary(&rows, "a changé", "ont changé", "a été refusé", "ont été refusés");
        BulkPage { summary: Some(summary), rows, ..self.blank(session, heading) }
    }
}

fn counted(dossiers: usize) -> String {
    words::counted(u64::try_from(dossiers).unwrap_or(u64::MAX), "dossier", "dossiers")
}

/// « 35 dossiers changeraient, 2 seraient refusés. »
fn summary(rows: &[Row], one: &str, many: &str, one_refused: &str, many_refused: &str) -> String {
    let refused = rows.iter().filter(|row| row.outcome.is_err()).count();
    let changed = rows.len().saturating_sub(refused);
    let told = match changed {
        0 => "Aucun dossier ne change".to_owned(),
        1 => format!("{} {one}", counted(1)),
        more => format!("{} {many}", counted(more)),
    };
    match refused {
        0 => format!("{told}."),
        1 => format!("{told}, 1 {one_refused}."),
        more => format!("{told}, {more} {many_refused}."),
    }
}

/// What was typed for the act itself.
fn typed(action: Action, typed: &Fields) -> Fields {
    let specs = fields(action).unwrap_or_default();
    let own = specs.iter().flat_map(|spec| typed.all(spec.name).map(move |value| (spec.name, value)));
    own.fold(Fields::default(), |fields, (name, value)| fields.with(name, value))
}

fn field_alert(errors: &[FieldError], fields: &[FieldView]) -> Alert {
    let line = |error: &FieldError| {
        let field = fields.iter().find(|field| Some(field.name) == error.field);
        AlertLine {
            href: field.map(|field| format!("#{}", field.id)),
            message: match field {
                Some(field) => format!("{}\u{a0}: {}", field.label, error.message),
                None => error.message.clone(),
            },
        }
    };
    Alert {
        title: "Il manque quelque chose pour prévisualiser",
        lines: errors.iter().map(line).collect(),
        kept: Vec::new(),
    }
}

/// The button that does it to those to which something would happen; `None` when there is none.
fn confirmation(foreseen: &[Foreseen], session: &Session) -> Result<Option<Confirm>, Failure> {
    let possible = foreseen.iter().filter(|one| one.outcome.is_ok());
    let seen: Vec<_> =
        possible.map(|one| format!("{}@{}", one.sheet.version, one.sheet.dossier.reference)).collect();
    if seen.is_empty() {
        return Ok(None);
    }
    let button = format!("Confirmer pour {}", counted(seen.len()));
    Ok(Some(Confirm { token: session.token(), key: random::key()?, seen, button }))
}

fn row(sheet: &Sheet, outcome: Result<String, String>) -> Row {
    Row {
        reference: sheet.dossier.reference.clone(),
        subject: sheet.subject.clone(),
        stage: sheet.dossier.stage.french(),
        outcome,
    }
}

fn row_waiting(sheet: &Sheet) -> Row {
    row(sheet, Ok(String::new()))
}

fn row_foreseen(Foreseen { sheet, outcome }: Foreseen, command: &Command, caller: &Caller) -> Row {
    let told = outcome.map(|after| told(&after, command, caller)).map_err(|error| error.message());
    row(&sheet, told)
}

fn row_done(
    reference: &str,
    outcome: Result<Sheet, Error>,
    now: &[Sheet],
    command: &Command,
    caller: &Caller,
) -> Row {
    match outcome {
        Ok(sheet) => row(&sheet, Ok(told(&sheet.dossier, command, caller))),
        Err(error) => {
            if let Error::Internal(error) = &error {
                tracing::error!(?error, "an act on several dossiers failed on one");
            }
            match now.iter().find(|sheet| sheet.dossier.reference == reference) {
                Some(sheet) => row(sheet, Err(error.message())),
                None => Row { outcome: Err(error.message()), ..row_unknown(reference) },
            }
        }
    }
}

/// A dossier that this person does not see.
fn row_unknown(reference: &str) -> Row {
    Row {
        reference: reference.to_owned(),
        subject: String::new(),
        stage: "",
        outcome: Err(Error::NotFound.message()),
    }
}

/// What an act makes of a dossier: « Attribué à DACS ».
fn told(after: &Dossier, command: &Command, caller: &Caller) -> String {
    match (command, after.lead) {
        (Command::Acknowledge { on }, _) => format!("Accusé de réception envoyé le {}", words::date(*on)),
        (Command::Route { .. } | Command::Reroute { .. }, Some(unit)) => {
            format!("{} à {}", after.stage.french(), words::unit(&caller.organisation, unit))
        }
        _ => after.stage.french().to_owned(),
    }
}
