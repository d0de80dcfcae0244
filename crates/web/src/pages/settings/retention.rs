//! The table of retention: how long closed dossiers are kept, and what becomes of them then.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::Key;
use pli_domain::french::French as _;
use pli_domain::organisation::Organisation;
use pli_domain::retention::{Class, Fate, NewRetention, RetentionRule};
use strum::VariantArray as _;

use super::{audited, keeper, keeps};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices, draw};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random, words};

fn fates() -> Vec<(&'static str, &'static str)> {
    choices(Fate::VARIANTS)
}

const CHANGE: &[Spec] = &[
    Spec::new("months", "Durée, en mois", Input::Number)
        .hint("Comptée depuis la clôture du dossier\u{a0}: la durée d’utilité administrative. Pour les traces d’accès, de 6 à 12."),
    Spec::new("fate", "Sort final", Input::Of(fates)).hint(
        "Tri\u{a0}: un dossier sur vingt est versé aux archives, avec ceux que le coordonnateur choisit\u{a0}; les autres sont \
         éliminés.",
    ),
    Spec::new("source", "Source", Input::Line)
        .hint("Le tableau de gestion signé avec les archives, et sa date."),
];

/// A line of the table, and the form that changes it, for those who may.
#[derive(Debug)]
struct Row {
    class: &'static str,
    sentence: String,
    source: String,
    version: u32,
    form: Option<FormView>,
}

#[derive(Template)]
#[template(path = "retention.html")]
struct RetentionPage {
    frame: Frame,
    done: Option<String>,
    alert: Option<Alert>,
    rows: Vec<Row>,
}

/// `GET /reglages/conservation`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    audited(&session)?;
    let rules = web.app.retention().await?;
    let mut page = RetentionPage::new(&session, &rules, None)?;
    page.done = query.text("fait").parse::<Class>().ok().map(|class| {
        format!("La durée de conservation est enregistrée\u{a0}: {}.", class.french().to_lowercase())
    });
    html(StatusCode::OK, &page)
}

/// `GET /reglages/conservation/{class}`: the address that a refused form leaves in the browser.
pub(crate) async fn back() -> Redirect {
    Redirect::to("/reglages/conservation")
}

/// `POST /reglages/conservation/{class}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named(class): Named<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let class: Class = class.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    keeper(session).map_err(|failure| failure.keeping(fields))?;
    match run(&web, &posted, class).await {
        Ok(()) => {
            let to = format!("/reglages/conservation?fait={}", <&str>::from(class));
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let told = refused.told(fields)?;
            let rules = web.app.retention().await?;
            html(told.status, &RetentionPage::new(session, &rules, Some((class, &told)))?)
        }
    }
}

async fn run(web: &Web, posted: &Posted, class: Class) -> Result<(), Refused> {
    let Posted { session, fields } = posted;
    let new = read(fields, &session.caller.organisation)?;
    let key = Key(fields.text("idempotencyKey").to_owned());
    web.app.change_retention(&session.caller, key, class, new).await?;
    Ok(())
}

/// The version that a filled form describes; the form bears the one that it was filled from.
fn read(fields: &Fields, organisation: &Organisation) -> Result<NewRetention, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let (months, fate, source) = (form.number("months"), form.choice("fate"), form.words("source"));
    let seen = fields.text("version").parse().unwrap_or_default();
    let read = || Some(NewRetention { seen, months: months?, fate: fate?, source: source? });
    let read = read();
    form.end(read)
}

impl RetentionPage {
    fn new(
        session: &Session,
        rules: &[RetentionRule],
        refused: Option<(Class, &Told)>,
    ) -> Result<Self, Failure> {
        let row = |rule: &RetentionRule| {
            let told = refused.filter(|(class, _)| *class == rule.class).map(|(_, told)| told);
            Row::new(session, rule, told)
        };
        let rows = rules.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let open = rows.iter().filter_map(|row| row.form.as_ref()).find(|form| form.open);
        Ok(Self {
            frame: Frame::of("Conservation", session, Here::Settings),
            done: None,
            alert: refused.map(|(_, told)| Alert::of(&told.errors, open)),
            rows,
        })
    }
}

impl Row {
    fn new(session: &Session, rule: &RetentionRule, told: Option<&Told>) -> Result<Self, Failure> {
        let keeps = keeps(session);
        let form = if keeps { Some(form(session, rule, told)?) } else { None };
        Ok(Self {
            class: rule.class.french(),
            sentence: format!(
                "{}, puis {}",
                words::counted(rule.months.into(), "mois", "mois"),
                rule.fate.french().to_lowercase()
            ),
            source: rule.source.clone(),
            version: rule.version,
            form,
        })
    }
}

fn form(session: &Session, rule: &RetentionRule, told: Option<&Told>) -> Result<FormView, Failure> {
    let class: &str = rule.class.into();
    let shown = Fields::default()
        .with("months", rule.months.to_string())
        .with("fate", <&str>::from(rule.fate))
        .with("source", rule.source.as_str());
    let fields = told.map_or(shown, |told| told.typed.clone());
    let errors = told.map_or(&[][..], |told| &told.errors);
    Ok(FormView {
        id: format!("action-{class}"),
        action: format!("/reglages/conservation/{class}"),
        button: "Enregistrer la durée",
        intro: None,
        open: told.is_some(),
        token: session.token(),
        key: random::key()?,
        version: Some(rule.version),
        fields: draw(class, CHANGE, &fields, errors, &Units::none()),
    })
}
