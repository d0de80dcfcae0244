//! The organisation, and one unit.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use pli_app::{Caller, Key};
use pli_domain::french::French as _;
use pli_domain::ids::UnitId;
use pli_domain::organisation::{Organisation, Unit, UnitCommand, UnitKind};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{Attempt, Draft};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::Refused;
use crate::session::Session;
use crate::{Web, words};

/// What a unit may be, but the ministry itself.
fn kinds() -> Vec<(&'static str, &'static str)> {
    let mut kinds = choices(UnitKind::VARIANTS);
    kinds.retain(|(code, _)| *code != <&str>::from(UnitKind::Ministry));
    kinds
}

/// What the ministry is.
fn ministry() -> Vec<(&'static str, &'static str)> {
    choices(&[UnitKind::Ministry])
}

const NAME: Spec = Spec::new("name", "Nom", Input::Line);
const KIND: Spec = Spec::new("kind", "Nature", Input::Of(kinds));
const PARENT: Spec = Spec::new("parent", "Rattaché à", Input::Unit);

const ADD: &[Spec] = &[
    Spec::new("code", "Code", Input::Line).hint(
        "Lettres sans accent, chiffres et traits d’union\u{a0}: DACS, SG-SEM. Il ne change plus ensuite.",
    ),
    NAME,
    KIND,
    PARENT,
    Spec::new("validFrom", "Premier jour", Input::Date),
];
const RENAME: &[Spec] = &[NAME, KIND];
const RENAME_ROOT: &[Spec] = &[NAME, Spec::new("kind", "Nature", Input::Of(ministry))];
const MOVE: &[Spec] = &[PARENT];
const CLOSE: &[Spec] = &[Spec::new("lastDay", "Dernier jour", Input::Date)
    .hint("Aucun dossier ne pourra plus lui être attribué après ce jour.")];

/// What is done to a unit by a form of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum UnitForm {
    Add,
    Rename,
    Move,
    Close,
    Reopen,
}

impl UnitForm {
    fn button(self) -> &'static str {
        match self {
            Self::Add => "Ajouter le service",
            Self::Rename => "Renommer",
            Self::Move => "Rattacher ailleurs",
            Self::Close => "Fermer le service",
            Self::Reopen => "Rouvrir le service",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Add => "Le service est ajouté.",
            Self::Rename => "Le service est renommé.",
            Self::Move => "Le service est rattaché ailleurs.",
            Self::Close => "Le dernier jour du service est enregistré.",
            Self::Reopen => "Le service est rouvert.",
        }
    }

    fn specs(self, unit: &Unit) -> &'static [Spec] {
        match self {
            Self::Add => ADD,
            Self::Rename if unit.parent.is_none() => RENAME_ROOT,
            Self::Rename => RENAME,
            Self::Move => MOVE,
            Self::Close => CLOSE,
            Self::Reopen => &[],
        }
    }

    /// The command that a filled form makes.
    fn command(self, fields: &Fields, organisation: &Organisation) -> Result<UnitCommand, Vec<FieldError>> {
        let mut form = Reading::new(fields, organisation);
        let read = match self {
            Self::Add => new_unit(&mut form),
            Self::Rename => {
                let (name, kind) = (form.words("name"), form.choice("kind"));
                name.zip(kind).map(|(name, kind)| UnitCommand::Change {
                    name: Some(name),
                    kind: Some(kind),
                    parent: None,
                })
            }
            Self::Move => form.unit("parent").map(|parent| UnitCommand::Change {
                name: None,
                kind: None,
                parent: Some(parent),
            }),
            Self::Close => form.date("lastDay").map(|last_day| UnitCommand::Close { last_day }),
            Self::Reopen => Some(UnitCommand::Reopen),
        };
        form.end(read)
    }
}

fn new_unit(form: &mut Reading<'_>) -> Option<UnitCommand> {
    let (code, name) = (form.words("code"), form.words("name"));
    let (kind, parent) = (form.choice("kind"), form.unit("parent"));
    let valid_from = form.date("validFrom");
    Some(UnitCommand::Add { code: code?, name: name?, kind: kind?, parent: parent?, valid_from: valid_from? })
}

/// The address of a unit's page.
pub(super) fn href(code: &str) -> String {
    format!("/reglages/services/{}", words::segment(code))
}

/// The units under which a caller may put one; not under `unit` itself, nor under what is closed.
fn parents(caller: &Caller, unit: Option<UnitId>, today: NaiveDate) -> Units {
    let organisation = &*caller.organisation;
    Units::which(organisation, today, |other| {
        let open = other.valid_to.is_none_or(|last| today <= last);
        let below = unit.is_some_and(|unit| organisation.path(other.id).contains(&unit));
        open && !below && caller.actor.administers(other.id, organisation)
    })
}

/// A unit in the tree.
#[derive(Debug)]
struct Row {
    /// How far below the ministry; drawn as far as the sheet of style goes.
    depth: usize,
    href: String,
    code: String,
    name: String,
    kind: &'static str,
    parent: String,
    from: String,
    /// Its last day, and whether it is past.
    to: Option<String>,
    closed: bool,
    led: String,
}

#[derive(Template)]
#[template(path = "units.html")]
struct UnitsPage {
    frame: Frame,
    heading: String,
    alert: Option<Alert>,
    form: FormView,
    rows: Vec<Row>,
}

/// `GET /reglages/services`
pub(crate) async fn list(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    html(StatusCode::OK, &UnitsPage::load(&web, &session, None).await?)
}

/// `POST /reglages/services`
pub(crate) async fn add(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    let form = UnitForm::Add;
    let done = async {
        let command = form.command(fields, &session.caller.organisation)?;
        let key = Key(fields.text("idempotencyKey").to_owned());
        Ok(web.app.add_unit(&session.caller, key, command).await?)
    };
    match done.await {
        Ok(unit) => Ok(Redirect::to(&format!("{}?fait=add", href(&unit.code))).into_response()),
        Err(refused) => {
            let (status, attempt) = Attempt::new(form.into(), fields, refused)?;
            html(status, &UnitsPage::load(&web, session, Some(&attempt)).await?)
        }
    }
}

impl UnitsPage {
    async fn load(web: &Web, session: &Session, attempt: Option<&Attempt>) -> Result<Self, Failure> {
        let (caller, today) = (&session.caller, web.app.today());
        let organisation = &*caller.organisation;
        let units = organisation.in_order();
        let led = web.app.led(caller, units.iter().map(|unit| unit.id).collect()).await?;
        let form = UnitForm::Add;
        let draft = Draft {
            code: form.into(),
            action: "/reglages/services",
            button: form.button(),
            intro: None,
            specs: ADD,
            defaults: Fields::default().with("validFrom", today.to_string()),
        };
        let form = draft.view(session, attempt, &parents(caller, None, today))?;
        let open = units.iter().filter(|unit| unit.is_open(today)).count();
        Ok(Self {
            frame: Frame::of("Services", session, Here::Settings),
            heading: words::counted(u64::try_from(open).unwrap_or(0), "service ouvert", "services ouverts"),
            alert: attempt.map(|attempt| attempt.alert(&[&form])),
            form,
            rows: units
                .into_iter()
                .map(|unit| Row::new(unit, organisation, led.get(&unit.id).copied().unwrap_or(0), today))
                .collect(),
        })
    }
}

impl Row {
    fn new(unit: &Unit, organisation: &Organisation, led: u64, today: NaiveDate) -> Self {
        Self {
            depth: organisation.path(unit.id).len().saturating_sub(1).min(6),
            href: href(&unit.code),
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: unit.kind.french(),
            parent: unit.parent.map(|parent| words::unit_code(organisation, parent)).unwrap_or_default(),
            from: words::date(unit.valid_from),
            to: unit.valid_to.map(words::date),
            closed: unit.valid_to.is_some_and(|last| last < today),
            led: if led == 0 { String::new() } else { words::number(led) },
        }
    }
}

/// A unit right below.
#[derive(Debug)]
struct Below {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "unit.html")]
struct UnitPage {
    frame: Frame,
    done: Option<&'static str>,
    alert: Option<Alert>,
    code: String,
    name: String,
    row: Row,
    parent: Option<Below>,
    below: Vec<Below>,
    /// « 12 dossiers ouverts », when it leads any.
    led: Option<String>,
    people: String,
    forms: Vec<FormView>,
}

/// `GET /reglages/services/{code}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(code): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let mut page = UnitPage::load(&web, &session, &code, None).await?;
    page.done = query.text("fait").parse::<UnitForm>().ok().map(UnitForm::done);
    html(StatusCode::OK, &page)
}

/// `GET /reglages/services/{code}/{form}`: the address that a refused form leaves in the browser.
pub(crate) async fn back(Named((code, form)): Named<(String, String)>) -> Result<Redirect, Failure> {
    let form: UnitForm = form.parse().map_err(|_| Kind::NotFound)?;
    Ok(Redirect::to(&format!("{}#action-{}", href(&code), <&str>::from(form))))
}

/// `POST /reglages/services/{code}/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named((code, form)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: UnitForm = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    let organisation = &*session.caller.organisation;
    let unit = organisation.by_code(&code).filter(|_| form != UnitForm::Add).ok_or(Kind::NotFound)?;
    let done = async {
        let command = form.command(fields, organisation)?;
        let key = Key(fields.text("idempotencyKey").to_owned());
        web.app.change_unit(&session.caller, key, unit.id, command).await?;
        Ok::<(), Refused>(())
    };
    match done.await {
        Ok(()) => {
            let to = format!("{}?fait={}", href(&code), <&str>::from(form));
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let (status, attempt) = Attempt::new(form.into(), fields, refused)?;
            html(status, &UnitPage::load(&web, session, &code, Some(&attempt)).await?)
        }
    }
}

impl UnitPage {
    async fn load(
        web: &Web,
        session: &Session,
        code: &str,
        attempt: Option<&Attempt>,
    ) -> Result<Self, Failure> {
        let (caller, today) = (&session.caller, web.app.today());
        let organisation = &*caller.organisation;
        let found = organisation.by_code(code).map(|unit| unit.id);
        let led = web.app.led(caller, BTreeSet::from_iter(found)).await?;
        let unit = found.and_then(|id| organisation.unit(id)).ok_or(Kind::NotFound)?;
        let led = led.get(&unit.id).copied().unwrap_or(0);
        let forms = forms(session, unit, today, attempt)?;
        let link =
            |unit: &Unit| Below { href: href(&unit.code), label: format!("{} – {}", unit.code, unit.name) };
        let mut below: Vec<_> = organisation.below(unit.id).collect();
        below.sort_by(|one, other| one.code.cmp(&other.code));
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("service", code).finish();
        Ok(Self {
            frame: Frame::of(&format!("Service {}", unit.code), session, Here::Settings),
            done: None,
            alert: attempt.map(|attempt| attempt.alert(&forms.iter().collect::<Vec<_>>())),
            code: unit.code.clone(),
            name: unit.name.clone(),
            row: Row::new(unit, organisation, led, today),
            parent: unit.parent.and_then(|parent| organisation.unit(parent)).map(link),
            below: below.into_iter().map(link).collect(),
            led: (led > 0).then(|| words::counted(led, "dossier ouvert", "dossiers ouverts")),
            people: format!("/reglages/personnes?{query}"),
            forms,
        })
    }
}

/// What the caller may do to a unit.
fn forms(
    session: &Session,
    unit: &Unit,
    today: NaiveDate,
    attempt: Option<&Attempt>,
) -> Result<Vec<FormView>, Failure> {
    let caller = &session.caller;
    let organisation = &*caller.organisation;
    if !caller.actor.administers(unit.parent.unwrap_or(unit.id), organisation) {
        return Ok(Vec::new());
    }
    let offered: &[UnitForm] = match (unit.parent, unit.valid_to) {
        (None, _) => &[UnitForm::Rename],
        (Some(_), None) => &[UnitForm::Rename, UnitForm::Move, UnitForm::Close],
        (Some(_), Some(_)) => &[UnitForm::Rename, UnitForm::Move, UnitForm::Close, UnitForm::Reopen],
    };
    let parent = unit.parent.map(|parent| words::unit_code(organisation, parent)).unwrap_or_default();
    let last_day = unit.valid_to.unwrap_or(today).to_string();
    let page = href(&unit.code);
    let form = |form: &UnitForm| {
        let code: &'static str = (*form).into();
        let draft = Draft {
            code,
            action: &format!("{page}/{code}"),
            button: form.button(),
            intro: None,
            specs: form.specs(unit),
            defaults: Fields::default()
                .with("name", unit.name.as_str())
                .with("kind", <&str>::from(unit.kind))
                .with("parent", parent.as_str())
                .with("lastDay", last_day.as_str()),
        };
        draft.view(session, attempt, &parents(caller, Some(unit.id), today))
    };
    offered.iter().map(form).collect()
}
