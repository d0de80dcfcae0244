//! One delay rule: its versions, an example, and a new version, tried before it is made.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use pli_app::{Change, Error, Key, Moves};
use pli_domain::delay::{DelayRule, Delays, Length, LengthUnit, Rollover, RuleChange};
use pli_domain::organisation::Organisation;
use strum::{EnumString, IntoStaticStr, VariantArray as _};

use super::delays::{Row, href};
use super::simulation::{Simulation, carried};
use super::{Attempt, Draft, indexed, keeper, keeps};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::Refused;
use crate::session::Session;
use crate::{Web, words};

fn units() -> Vec<(&'static str, &'static str)> {
    choices(LengthUnit::VARIANTS)
}

fn rollovers() -> Vec<(&'static str, &'static str)> {
    choices(Rollover::VARIANTS)
}

const CHANGE: &[Spec] = &[
    Spec::new("label", "Libellé", Input::Line),
    Spec::new("source", "Source", Input::Long(2)).hint("Le texte, et l’article."),
    Spec::new("length", "Durée", Input::Number),
    Spec::new("unit", "Comptée en", Input::Of(units)),
    Spec::new("rollover", "Quand le dernier jour n’est pas ouvré", Input::Of(rollovers)),
    Spec::new("validFrom", "À partir du", Input::Date).hint(
        "La version vaut pour les délais qui commencent ce jour-là ou après\u{a0}; les autres gardent la leur.",
    ),
    Spec::new("validTo", "Jusqu’au", Input::Date)
        .hint("Après ce jour, la version précédente vaut de nouveau.")
        .optional(),
];

/// What a form of the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum RuleForm {
    Simulate,
    Apply,
}

/// What was tried.
struct Tried {
    found: Moves,
    /// The version as it would be.
    version: DelayRule,
}

/// What an example gives.
#[derive(Debug)]
struct Example {
    version: u32,
    steps: Vec<String>,
}

#[derive(Template)]
#[template(path = "delay.html")]
struct RulePage {
    frame: Frame,
    indexed: bool,
    done: Option<&'static str>,
    alert: Option<Alert>,
    rule: Row,
    versions: Vec<Row>,
    /// For those who may change it.
    form: Option<FormView>,
    simulation: Option<Simulation>,
    today: String,
    examples: Vec<Example>,
}

/// `GET /reglages/delais/{code}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(code): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let mut page = RulePage::new(&session, latest(&session, &code)?, web.app.today(), None, None)?;
    let applied = query.text("fait") == <&str>::from(RuleForm::Apply);
    page.done = applied
        .then_some("La nouvelle version est enregistrée, et les échéances qu’elle déplace ont changé.");
    html(StatusCode::OK, &page)
}

/// `GET /reglages/delais/{code}/{form}`: the address that a form leaves in the browser.
pub(crate) async fn back(Named((code, form)): Named<(String, String)>) -> Result<Redirect, Failure> {
    let _: RuleForm = form.parse().map_err(|_| Kind::NotFound)?;
    Ok(Redirect::to(&href(&code)))
}

/// `POST /reglages/delais/{code}/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named((code, form)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: RuleForm = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    keeper(session).map_err(|failure| failure.keeping(fields))?;
    let (rule, today) = (latest(session, &code)?, web.app.today());
    match run(&web, &posted, rule, form).await {
        Ok(None) => {
            let to = format!("{}?fait={}", href(&code), <&str>::from(form));
            Ok(Redirect::to(&to).into_response())
        }
        Ok(Some(tried)) => {
            let typed =
                Attempt { form: RuleForm::Simulate.into(), typed: fields.clone(), errors: Vec::new() };
            html(StatusCode::OK, &RulePage::new(session, rule, today, Some(&typed), Some(&tried))?)
        }
        Err(refused) => {
            let (status, attempt) = refuse(refused, rule, fields)?;
            html(status, &RulePage::new(session, rule, today, Some(&attempt), None)?)
        }
    }
}

/// Tries the change, or makes it.
async fn run(web: &Web, posted: &Posted, rule: &DelayRule, form: RuleForm) -> Result<Option<Tried>, Refused> {
    let Posted { session, fields } = posted;
    let change = read(fields, &session.caller.organisation)?;
    // Without a version, none was seen.
    let version = fields.text("version").parse().unwrap_or(0);
    let asked = Change::Rule { code: rule.code.clone(), version, change: change.clone() };
    match form {
        RuleForm::Simulate => {
            let found = web.app.preview(&session.caller, &asked).await?;
            let version = rule.changed(&change).map_err(Error::from)?;
            Ok(Some(Tried { found, version }))
        }
        RuleForm::Apply => {
            let key = Key(fields.text("idempotencyKey").to_owned());
            web.app.change_delays(&session.caller, key, asked).await?;
            Ok(None)
        }
    }
}

/// What is shown again with what was typed.
fn refuse(refused: Refused, rule: &DelayRule, typed: &Fields) -> Result<(StatusCode, Attempt), Failure> {
    let form = RuleForm::Simulate.into();
    match refused {
        Refused::App(Error::Stale) => {
            let message = format!(
                "La règle a changé depuis que vous l’avez ouverte\u{a0}: sa dernière version porte le n°\u{a0}{}. \
                 Comparez-la à votre saisie, puis simulez de nouveau.",
                rule.version
            );
            let errors = vec![FieldError { field: None, message }];
            Ok((StatusCode::CONFLICT, Attempt { form, typed: typed.clone(), errors }))
        }
        refused => Attempt::new(form, typed, refused),
    }
}

/// The change that a filled form describes.
fn read(fields: &Fields, organisation: &Organisation) -> Result<RuleChange, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let (label, source) = (form.words("label"), form.words("source"));
    let (length, unit) = (form.count("length"), form.choice("unit"));
    let rollover = form.choice("rollover");
    let (valid_from, valid_to) = (form.date("validFrom"), form.maybe_date("validTo"));
    let read = || {
        Some(RuleChange {
            label: label?,
            source: source?,
            length: Length::new(length?, unit?),
            rollover: rollover?,
            valid_from: valid_from?,
            valid_to,
        })
    };
    let read = read();
    form.end(read)
}

fn latest<'a>(session: &'a Session, code: &str) -> Result<&'a DelayRule, Failure> {
    session.caller.delays.rules.latest(code).ok_or_else(|| Kind::NotFound.into())
}

impl RulePage {
    fn new(
        session: &Session,
        rule: &DelayRule,
        today: NaiveDate,
        attempt: Option<&Attempt>,
        tried: Option<&Tried>,
    ) -> Result<Self, Failure> {
        let delays = &*session.caller.delays;
        let keeps = keeps(session);
        let form = if keeps { Some(form(session, rule, today, attempt)?) } else { None };
        let refused = attempt.filter(|attempt| !attempt.errors.is_empty());
        let simulation = tried.zip(attempt).map(|(tried, attempt)| {
            let mut values = carried(CHANGE, &attempt.typed);
            values.push(("version", rule.version.to_string()));
            let action = format!("{}/{}", href(&rule.code), <&str>::from(RuleForm::Apply));
            Simulation::new(session, &tried.found, action, "Appliquer la nouvelle version", values)
        });
        let in_force = delays.rules.in_force(&rule.code, today).unwrap_or(rule);
        let shown = tried.map(|tried| &tried.version).into_iter().chain([in_force]);
        Ok(Self {
            frame: Frame::of(&rule.label, session, Here::Settings),
            indexed: indexed(session),
            done: None,
            alert: refused.map(|attempt| attempt.alert(&form.iter().collect::<Vec<_>>())),
            rule: Row::new(rule),
            versions: delays.rules.versions(&rule.code).map(Row::new).collect(),
            form,
            simulation: simulation.transpose()?,
            today: words::date(today),
            examples: shown.filter_map(|rule| example(rule, today, delays)).collect(),
        })
    }
}

/// What a version gives from a day.
fn example(rule: &DelayRule, start: NaiveDate, delays: &Delays) -> Option<Example> {
    let computed = rule.compute(start, &delays.calendar)?;
    Some(Example { version: rule.version, steps: computed.explanation().collect() })
}

/// The form of a new version: what the rule is, from today on, until something else is typed.
fn form(
    session: &Session,
    rule: &DelayRule,
    today: NaiveDate,
    attempt: Option<&Attempt>,
) -> Result<FormView, Failure> {
    let code: &'static str = RuleForm::Simulate.into();
    let draft = Draft {
        code,
        action: &format!("{}/{code}", href(&rule.code)),
        button: "Simuler",
        intro: Some(
            "La simulation ne change rien\u{a0}: elle dit quelles échéances changeraient.".to_owned(),
        ),
        specs: CHANGE,
        defaults: Fields::default()
            .with("label", rule.label.as_str())
            .with("source", rule.source.as_str())
            .with("length", rule.length.count().to_string())
            .with("unit", <&str>::from(rule.length.unit()))
            .with("rollover", <&str>::from(rule.rollover))
            .with("validFrom", today.to_string()),
    };
    let form = draft.view(session, attempt, &Units::none())?;
    Ok(FormView { version: Some(rule.version), ..form })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, NASTY};
    use pli_app::Move;
    use pli_domain::actor::Role;

    fn filled() -> Fields {
        Fields::default()
            .with("label", NASTY)
            .with("source", "Engagement de service")
            .with("length", "15")
            .with("unit", "working_days")
            .with("rollover", "next_working_day")
            .with("validFrom", "2026-03-01")
            .with("validTo", "")
    }

    fn read(fields: &Fields) -> Result<RuleChange, Vec<FieldError>> {
        super::read(fields, &samples::organisation())
    }

    fn page(by: Role, attempt: Option<&Attempt>, tried: Option<&Tried>) -> String {
        let session = samples::session(&[(by, "MJ")]);
        let rule = latest(&session, "mail").unwrap();
        RulePage::new(&session, rule, samples::today(), attempt, tried).unwrap().render().unwrap()
    }

    fn attempt(errors: Vec<FieldError>) -> Attempt {
        Attempt { form: RuleForm::Simulate.into(), typed: filled(), errors }
    }

    #[test]
    fn a_filled_form_is_a_change() {
        let change = read(&filled()).unwrap();
        assert_eq!((change.length, change.rollover), (Length::WorkingDays(15), Rollover::NextWorkingDay));
        assert_eq!(change.valid_to, None);
        let same_day = read(&filled().without("length").with("length", "0")).unwrap();
        assert_eq!(same_day.length, Length::WorkingDays(0));
        let errors = read(&Fields::default()).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["label", "source", "length", "unit", "rollover", "validFrom"]);
    }

    #[test]
    fn only_who_keeps_the_rules_is_offered_a_trial_and_only_a_trial() {
        let html = page(Role::Administrator, None, None);
        assert!(html.contains(">Simuler<") && !html.contains("Appliquer"));
        assert!(html.contains("name=\"version\" value=\"1\"") && html.contains("value=\"2026-03-05\""));
        let html = page(Role::Manager, None, None);
        assert!(!html.contains(">Simuler<") && html.contains("Charte Marianne"));
        assert!(html.contains("Échéance\u{a0}: mardi 05/05/2026 inclus."), "{html}");
    }

    #[test]
    fn what_was_tried_is_shown_and_carried() {
        let session = samples::session(&[(Role::Administrator, "MJ")]);
        let rule = latest(&session, "mail").unwrap();
        let day = samples::today();
        let moved = Move {
            id: samples::dossier(1),
            reference: "SG-2026-A-000001".to_owned(),
            lead: samples::organisation().by_code("DACS").map(|unit| unit.id),
            rule: "mail".to_owned(),
            before: day,
            after: day + chrono::Days::new(1),
        };
        let found = Moves { looked_at: 1_200, moves: vec![moved; 501] };
        let tried = Tried { found, version: rule.changed(&read(&filled()).unwrap()).unwrap() };
        let html = page(Role::Administrator, Some(&attempt(Vec::new())), Some(&tried));
        assert!(html.contains("1\u{202f}200\u{a0}dossiers ouverts examinés"));
        assert!(html.contains("501\u{a0}échéances changeraient") && html.contains("Et 1\u{a0}autre."));
        assert!(html.contains("<td class=\"date\">05/03/2026</td><td class=\"date\">06/03/2026</td>"));
        let (_, apply) = html.split_once("id=\"action-apply\"").unwrap();
        let (apply, _) = apply.split_once("</form>").unwrap();
        for carried in
            ["name=\"length\" value=\"15\"", "name=\"version\" value=\"1\"", "name=\"validTo\" value=\"\""]
        {
            assert!(apply.contains(carried), "{carried}");
        }
        assert!(html.contains("Version 2 (simulée)") && !html.contains("<script>alert"));
        assert!(!html.contains("Rien n’a été enregistré"), "a trial is no error");
    }

    #[test]
    fn a_rule_that_has_changed_is_said_so() {
        let session = samples::session(&[(Role::Administrator, "MJ")]);
        let rule = latest(&session, "mail").unwrap();
        let (status, attempt) = refuse(Error::Stale.into(), rule, &filled()).unwrap();
        assert_eq!(status, StatusCode::CONFLICT);
        let html = page(Role::Administrator, Some(&attempt), None);
        assert!(html.contains("sa dernière version porte le n°\u{a0}1") && html.contains("value=\"15\""));
    }
}
