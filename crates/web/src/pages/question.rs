//! Receiving a question that is not published yet.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Key, Sheet};
use pli_domain::actor::Role;
use pli_domain::dossier::{Action, NewQuestion};
use pli_domain::french::French as _;
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::organisation::Organisation;

use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, draw};
use crate::frame::{Frame, Here};
use crate::post::Posted;
use crate::reading::Reading;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random};

const HOUSES: [(&str, House); 2] = [("AN", House::Assembly), ("SENAT", House::Senate)];

fn houses() -> Vec<(&'static str, &'static str)> {
    HOUSES.iter().map(|(code, house)| (*code, house.french())).collect()
}

fn types() -> Vec<(&'static str, &'static str)> {
    QuestionType::ALL.iter().map(|kind| (kind.code(), kind.french())).collect()
}

const QUESTION: &[Spec] = &[
    Spec::new("house", "Assemblée", Input::Of(houses)),
    Spec::new("term", "Législature ou année", Input::Number)
        .hint("Le numéro de la législature à l’Assemblée nationale, l’année au Sénat."),
    Spec::new("type", "Type de question", Input::Of(types)),
    Spec::new("number", "Numéro", Input::Number),
    Spec::new("publishedOn", "Date de publication", Input::Date)
        .hint("Au Journal officiel\u{a0}; pour une question orale, la date de la séance."),
    Spec::new("subject", "Objet", Input::Line),
];

#[derive(Template)]
#[template(path = "question.html")]
struct QuestionPage {
    frame: Frame,
    alert: Option<Alert>,
    form: FormView,
}

impl QuestionPage {
    /// The page, with what was typed and what is wrong with it.
    fn new(session: &Session, typed: &Fields, errors: &[FieldError]) -> Result<Self, Failure> {
        let code: &'static str = Action::Receive.into();
        let form = FormView {
            id: format!("action-{code}"),
            action: "/questions/nouvelle".to_owned(),
            button: Action::Receive.french(),
            intro: None,
            open: true,
            token: session.token(),
            key: random::key_of(typed)?,
            version: None,
            fields: draw(code, QUESTION, typed, errors, &Units::none()),
        };
        Ok(Self {
            frame: Frame::of("Recevoir une question", session, Here::NewQuestion),
            alert: (!errors.is_empty()).then(|| Alert::of(errors, Some(&form))),
            form,
        })
    }
}

/// `GET /questions/nouvelle`
pub(crate) async fn new_question(session: Session) -> Result<Response, Failure> {
    if !session.caller.actor.has(Role::Clerk) {
        return Err(Kind::OnlyFor(Role::Clerk).into());
    }
    html(StatusCode::OK, &QuestionPage::new(&session, &Fields::default(), &[])?)
}

/// `POST /questions/nouvelle`
pub(crate) async fn receive_question(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    match receive(&web, &posted).await {
        Ok(sheet) => {
            Ok(Redirect::to(&format!("/dossiers/{}?fait=receive", sheet.dossier.reference)).into_response())
        }
        Err(refused) => {
            let Told { status, errors, typed } = refused.told(&posted.fields)?;
            html(status, &QuestionPage::new(&posted.session, &typed, &errors)?)
        }
    }
}

async fn receive(web: &Web, posted: &Posted) -> Result<Sheet, Refused> {
    let caller = &posted.session.caller;
    let question = question(&posted.fields, &caller.organisation)?;
    let key = Key(posted.fields.text("idempotencyKey").to_owned());
    Ok(web.app.receive_question(caller, key, question).await?)
}

/// The question that a filled form describes.
fn question(fields: &Fields, organisation: &Organisation) -> Result<NewQuestion, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let house = form.of("house", |code| HOUSES.iter().find(|(own, _)| *own == code).map(|(_, house)| *house));
    let term = form.number("term");
    let kind = form.of("type", |code| QuestionType::ALL.into_iter().find(|kind| kind.code() == code));
    let number = form.number("number");
    let (published_on, subject) = (form.date("publishedOn"), form.words("subject"));
    let read = || {
        let identity = QuestionIdentity { house: house?, term: term?, kind: kind?, number: number? };
        Some(NewQuestion { identity, published_on: published_on?, subject: subject? })
    };
    let read = read();
    form.end(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn everything_missing_is_said_at_once() {
        let errors = question(&Fields::default(), &samples::organisation()).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["house", "term", "type", "number", "publishedOn", "subject"]);
        assert!(QUESTION.iter().map(|spec| spec.name).all(str::is_ascii), "names of the API");
    }

    #[test]
    fn a_filled_form_is_a_question() {
        let fields = Fields::default()
            .with("house", "SENAT")
            .with("term", "2026")
            .with("type", "QE")
            .with("number", "5028")
            .with("publishedOn", "2026-03-05")
            .with("subject", "Greffes");
        let received = question(&fields, &samples::organisation()).unwrap();
        assert_eq!(received.identity.to_string(), "SENAT-2026-QE-5028");
        let wrong = question(
            &fields.clone().with("x", "").without("number").with("number", "0"),
            &samples::organisation(),
        );
        assert_eq!(wrong.unwrap_err()[0].field, Some("number"));
    }
}
