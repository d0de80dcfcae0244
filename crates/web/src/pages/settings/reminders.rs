//! The reminder rules: who is told of a due date, and when.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::Error;
use pli_domain::organisation::Organisation;
use pli_domain::reminder::{Level, ReminderRule};
use strum::VariantArray as _;

use super::{keeper, keeps};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices, draw};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random, words};

const BEFORE: &str = "before";
const AFTER: &str = "after";

/// On which side of the due date.
fn sides() -> Vec<(&'static str, &'static str)> {
    vec![(BEFORE, "Avant l’échéance"), (AFTER, "Après l’échéance")]
}

fn levels() -> Vec<(&'static str, &'static str)> {
    choices(Level::VARIANTS)
}

const CHANGE: &[Spec] = &[
    Spec::new("offset", "Nombre de jours", Input::Number).hint("0 pour le jour de l’échéance."),
    Spec::new("side", "Quand", Input::Of(sides)),
    Spec::new("every", "Puis tous les combien de jours", Input::Number)
        .hint("Tant que rien ne bouge\u{a0}; une seule fois si rien n’est écrit.")
        .optional(),
    Spec::new("level", "À qui", Input::Of(levels)),
    Spec::new("active", "Usage", Input::Check("Cette relance est en service")).optional(),
];

/// A rule, and the form that changes it, for those who may.
#[derive(Debug)]
struct Row {
    sentence: String,
    active: bool,
    form: Option<FormView>,
}

#[derive(Template)]
#[template(path = "reminders.html")]
struct RemindersPage {
    frame: Frame,
    done: Option<String>,
    alert: Option<Alert>,
    rows: Vec<Row>,
}

/// `GET /reglages/relances`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    session.caller.actor.must_administer().map_err(Error::from)?;
    let rules = web.app.reminder_rules().await?;
    let mut page = RemindersPage::new(&session, &rules, None)?;
    let changed = rules.iter().find(|rule| rule.code == query.text("fait"));
    page.done = changed.map(|rule| format!("La relance est enregistrée\u{a0}: {}.", rule.french()));
    html(StatusCode::OK, &page)
}

/// `GET /reglages/relances/{code}`: the address that a refused form leaves in the browser.
pub(crate) async fn back(Named(code): Named<String>) -> Redirect {
    Redirect::to(&format!("/reglages/relances#action-{}", words::segment(&code)))
}

/// `POST /reglages/relances/{code}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named(code): Named<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    keeper(session).map_err(|failure| failure.keeping(fields))?;
    let rules = web.app.reminder_rules().await?;
    if rules.iter().all(|rule| rule.code != code) {
        return Err(Kind::NotFound.into());
    }
    let done = async {
        let rule = read(&code, fields, &session.caller.organisation)?;
        Ok::<(), Refused>(web.app.change_reminder(&session.caller, &rule).await?)
    };
    match done.await {
        Ok(()) => {
            let to = format!("/reglages/relances?fait={}", words::segment(&code));
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let told = refused.told(fields)?;
            html(told.status, &RemindersPage::new(session, &rules, Some((&code, &told)))?)
        }
    }
}

/// The rule that a filled form describes.
fn read(code: &str, fields: &Fields, organisation: &Organisation) -> Result<ReminderRule, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let (days, every) = (form.count("offset"), form.maybe_number("every"));
    let before = form.of("side", |side| match side {
        BEFORE => Some(true),
        AFTER => Some(false),
        _ => None,
    });
    let level = form.choice("level");
    let read = || {
        // What is too large for the rule is too large for the day: the rule says so.
        let days = i32::try_from(days?).unwrap_or(i32::MAX);
        let offset = if before? { -days } else { days };
        Some(ReminderRule {
            code: code.to_owned(),
            offset,
            every,
            level: level?,
            active: fields.text("active") == "1",
        })
    };
    let read = read();
    form.end(read)
}

/// A rule as its form shows it.
fn typed(rule: &ReminderRule) -> Fields {
    Fields::default()
        .with("offset", rule.offset.unsigned_abs().to_string())
        .with("side", if rule.offset < 0 { BEFORE } else { AFTER })
        .with("every", rule.every.map(|every| every.to_string()).unwrap_or_default())
        .with("level", <&str>::from(rule.level))
        .with("active", if rule.active { "1" } else { "" })
}

impl RemindersPage {
    fn new(
        session: &Session,
        rules: &[ReminderRule],
        refused: Option<(&str, &Told)>,
    ) -> Result<Self, Failure> {
        let row = |rule: &ReminderRule| {
            let told = refused.filter(|(code, _)| *code == rule.code).map(|(_, told)| told);
            Row::new(session, rule, told)
        };
        let rows = rules.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let open = rows.iter().filter_map(|row| row.form.as_ref()).find(|form| form.open);
        Ok(Self {
            frame: Frame::of("Relances", session, Here::Settings),
            done: None,
            alert: refused.map(|(_, told)| Alert::of(&told.errors, open)),
            rows,
        })
    }
}

impl Row {
    fn new(session: &Session, rule: &ReminderRule, told: Option<&Told>) -> Result<Self, Failure> {
        let keeps = keeps(session);
        let form = if keeps { Some(form(session, rule, told)?) } else { None };
        Ok(Self { sentence: rule.french(), active: rule.active, form })
    }
}

fn form(session: &Session, rule: &ReminderRule, told: Option<&Told>) -> Result<FormView, Failure> {
    let fields = told.map_or_else(|| typed(rule), |told| told.typed.clone());
    let errors = told.map_or(&[][..], |told| &told.errors);
    Ok(FormView {
        id: format!("action-{}", rule.code),
        action: format!("/reglages/relances/{}", words::segment(&rule.code)),
        button: "Enregistrer la relance",
        intro: None,
        open: told.is_some(),
        token: session.token(),
        key: random::key()?,
        version: None,
        fields: draw(&rule.code, CHANGE, &fields, errors, &Units::none()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use pli_domain::actor::Role;

    #[test]
    fn a_form_gives_back_the_rule_that_it_shows() {
        let organisation = samples::organisation();
        for rule in ReminderRule::seed() {
            assert_eq!(read(&rule.code, &typed(&rule), &organisation), Ok(rule.clone()), "{rule:?}");
            let idle = ReminderRule { active: false, every: Some(1), ..rule };
            assert_eq!(read(&idle.code, &typed(&idle), &organisation), Ok(idle));
        }
    }

    #[test]
    fn who_keeps_the_whole_ministry_changes_the_rules() {
        for (unit, forms) in [("MJ", 6), ("DACS", 0)] {
            let session = samples::session(&[(Role::Administrator, unit)]);
            let page = RemindersPage::new(&session, &ReminderRule::seed(), None).unwrap().render().unwrap();
            assert_eq!(page.matches("Enregistrer la relance").count(), forms, "{unit}");
            assert!(page.contains("10\u{a0}jours avant l’échéance, au chef de cabinet du service"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_beside_its_field() {
        let fields = Fields::default().with("offset", "-3").with("every", "0").with("side", "x");
        let errors = read("before-3", &fields, &samples::organisation()).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["offset", "every", "side", "level"]);
        let far = typed(&ReminderRule::seed()[0]).without("offset").with("offset", "4000000000");
        assert!(read("before-10", &far, &samples::organisation()).unwrap().check().is_err());
    }
}
