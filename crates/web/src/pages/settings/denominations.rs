//! The names under which the ministry is published, each with its days.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Key, Report};
use pli_domain::ids::DenominationId;
use pli_domain::ministry::{Denomination, DenominationCommand, Denominations};
use pli_domain::organisation::Organisation;
use strum::{EnumString, IntoStaticStr};

use super::{audited, keeper, keeps};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, draw};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random, words};

const NAME: Spec = Spec::new("name", "Dénomination", Input::Line)
    .hint("Telle que la publient les assemblées\u{a0}; accents, majuscules et espaces ne comptent pas.");
const FROM: Spec = Spec::new("validFrom", "Premier jour", Input::Date)
    .hint("Une question attribuée à ce nom depuis ce jour est la nôtre\u{a0}: la date du décret.");
const UNTIL: Spec = Spec::new("validUntil", "Dernier jour", Input::Date)
    .hint("Ce jour compris\u{a0}; rien si le nom est toujours le nôtre.")
    .optional();

const ADD: &[Spec] = &[NAME, FROM, UNTIL];
const CHANGE: &[Spec] = &[FROM, UNTIL];

const NEW: &str = "nouvelle";

/// What a form of the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
enum Act {
    Ajouter,
    Modifier,
    Retirer,
}

/// A denomination, and the forms that change it, for those who may.
#[derive(Debug)]
struct Row {
    name: String,
    days: String,
    forms: Option<(FormView, FormView)>,
}

#[derive(Template)]
#[template(path = "denominations.html")]
struct DenominationsPage {
    frame: Frame,
    done: Option<String>,
    alert: Option<Alert>,
    add: Option<FormView>,
    rows: Vec<Row>,
}

/// A form that was refused: of which row, what it does, and what to say.
type Again<'a> = Option<(&'a str, Act, &'a Told)>;

/// `GET /reglages/denominations`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    audited(&session)?;
    let known = web.app.denominations().await?;
    let mut page = DenominationsPage::new(&session, &known, None, query.text("nom"))?;
    page.done = match (query.text("fait").parse(), query.text("dossiers").parse::<u64>()) {
        (Ok(Act::Ajouter), Ok(opened)) => Some(format!(
            "La dénomination est ajoutée\u{a0}: {}.",
            words::counted(opened, "dossier ouvert", "dossiers ouverts")
        )),
        (Ok(Act::Modifier), _) => Some("La dénomination est modifiée.".to_owned()),
        (Ok(Act::Retirer), _) => Some("La dénomination est retirée.".to_owned()),
        _ => None,
    };
    html(StatusCode::OK, &page)
}

/// `GET /reglages/denominations/{id}/{act}`: the address that a refused form leaves in the browser.
pub(crate) async fn back() -> Redirect {
    Redirect::to("/reglages/denominations")
}

/// `POST /reglages/denominations/{id}/{act}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named((id, act)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let act: Act = act.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    keeper(session).map_err(|failure| failure.keeping(fields))?;
    match run(&web, &posted, &id, act).await {
        Ok(report) => {
            let to =
                format!("/reglages/denominations?fait={}&dossiers={}", <&str>::from(act), report.dossiers);
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let told = refused.told(fields)?;
            let known = web.app.denominations().await?;
            let again = Some((id.as_str(), act, &told));
            html(told.status, &DenominationsPage::new(session, &known, again, "")?)
        }
    }
}

async fn run(web: &Web, posted: &Posted, id: &str, act: Act) -> Result<Report, Refused> {
    let Posted { session, fields } = posted;
    let (caller, key) = (&session.caller, Key(fields.text("idempotencyKey").to_owned()));
    let command = read(fields, &caller.organisation, act)?;
    let done = match (act, id.parse::<DenominationId>()) {
        (Act::Ajouter, _) => web.app.add_denomination(caller, key, command).await,
        (_, Ok(id)) => web.app.change_denomination(caller, key, id, command).await,
        (_, Err(_)) => Err(pli_app::Error::NotFound),
    };
    Ok(done?)
}

/// The command that a filled form describes.
fn read(
    fields: &Fields,
    organisation: &Organisation,
    act: Act,
) -> Result<DenominationCommand, Vec<FieldError>> {
    if act == Act::Retirer {
        return Ok(DenominationCommand::Remove);
    }
    let mut form = Reading::new(fields, organisation);
    let name = if act == Act::Ajouter { form.words("name") } else { Some(String::new()) };
    let (valid_from, valid_until) = (form.date("validFrom"), form.maybe_date("validUntil"));
    let read = name.zip(valid_from).map(|(name, valid_from)| match act {
        Act::Ajouter => DenominationCommand::Add { name, valid_from, valid_until },
        Act::Modifier | Act::Retirer => DenominationCommand::Change { valid_from, valid_until },
    });
    form.end(read)
}

impl DenominationsPage {
    /// `name` is what the form is filled with.
    fn new(session: &Session, known: &Denominations, again: Again<'_>, name: &str) -> Result<Self, Failure> {
        let keeps = keeps(session);
        let filled = Fields::default().with("name", name);
        let add = if keeps {
            let mut form = form(session, NEW, Act::Ajouter, ADD, &filled, again)?;
            form.open |= !name.is_empty();
            Some(form)
        } else {
            None
        };
        let rows = known.0.iter().rev().map(|one| Row::new(session, one, keeps, again));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let changed = rows.iter().filter_map(|row| row.forms.as_ref()).flat_map(|(one, two)| [one, two]);
        let open = add.iter().chain(changed).find(|form| form.open);
        Ok(Self {
            frame: Frame::of("Dénominations", session, Here::Settings),
            done: None,
            alert: again.map(|(_, _, told)| Alert::of(&told.errors, open)),
            add,
            rows,
        })
    }
}

impl Row {
    fn new(session: &Session, one: &Denomination, keeps: bool, again: Again<'_>) -> Result<Self, Failure> {
        let id = one.id.to_string();
        let until = one.valid_until.map(|until| until.to_string()).unwrap_or_default();
        let shown = Fields::default().with("validFrom", one.valid_from.to_string()).with("validUntil", until);
        let forms = if keeps {
            let change = form(session, &id, Act::Modifier, CHANGE, &shown, again)?;
            let remove = form(session, &id, Act::Retirer, &[], &Fields::default(), again)?;
            Some((change, remove))
        } else {
            None
        };
        let from = words::date(one.valid_from);
        Ok(Self {
            name: one.name.clone(),
            days: match one.valid_until {
                Some(until) => format!("du {from} au {}", words::date(until)),
                None => format!("depuis le {from}"),
            },
            forms,
        })
    }
}

fn form(
    session: &Session,
    id: &str,
    act: Act,
    specs: &'static [Spec],
    shown: &Fields,
    again: Again<'_>,
) -> Result<FormView, Failure> {
    let told = again.filter(|(of, what, _)| *of == id && *what == act).map(|(_, _, told)| told);
    let (typed, errors) = told.map_or((shown, &[][..]), |told| (&told.typed, &told.errors));
    let code: &str = act.into();
    Ok(FormView {
        id: format!("{code}-{id}"),
        action: format!("/reglages/denominations/{id}/{code}"),
        button: match act {
            Act::Ajouter => "Ajouter la dénomination",
            Act::Modifier => "Enregistrer les dates",
            Act::Retirer => "Retirer la dénomination",
        },
        intro: (act == Act::Retirer).then(|| {
            "À réserver à une erreur de saisie\u{a0}: un nom qui n’est plus le nôtre reçoit un dernier jour. Les dossiers ouverts \
             le restent."
                .to_owned()
        }),
        open: told.is_some(),
        token: session.token(),
        key: random::key()?,
        version: None,
        fields: draw(&format!("{code}-{id}"), specs, typed, errors, &Units::none()),
    })
}
