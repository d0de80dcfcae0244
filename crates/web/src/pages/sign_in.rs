//! Signing in and out.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::header::{RETRY_AFTER, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use pli_app::{Attempt, Entered, Error, SignIn};
use pli_domain::actor::Role;
use pli_domain::french::{French as _, duration};
use pli_domain::refusal::Refusal;

use super::account::{NEW, NEW_AGAIN, new_again};
use super::proconnect;
use crate::failure::{Failure, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, AlertLine, FieldError, FieldView, Input, Spec, Units, draw};
use crate::frame::Frame;
use crate::post::Posted;
use crate::session::{self, ClientAddress, Session, local};
use crate::{DEMO_PASSWORD, Web};

/// The accounts of the demonstration: login, role, unit.
const DEMO: [(&str, Role, &str); 10] = [
    ("agent", Role::Clerk, "cabinet du SG"),
    ("coordination", Role::Coordinator, "cabinet du SG"),
    ("chef-de-cabinet", Role::Correspondent, "DACS"),
    ("redaction", Role::Drafter, "DACS"),
    ("visa", Role::Approver, "DACS"),
    ("signature", Role::Signatory, "ministère"),
    ("suivi", Role::Manager, "ministère"),
    ("chef-de-cabinet-dap", Role::Correspondent, "DAP"),
    ("administration", Role::Administrator, "ministère"),
    ("audit", Role::Auditor, "ministère"),
];

/// What is filled to put one's own password in the place of the one that was drawn.
const CHOOSE: &[Spec] = &[
    Spec::new("login", "Identifiant", Input::Line),
    Spec::new("password", "Mot de passe remis", Input::Password("current-password")),
    NEW,
    NEW_AGAIN,
];

/// What is said of a login and a password that do not go together, whichever is wrong.
const WRONG: &str = "Identifiant ou mot de passe incorrect.";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    login: String,
    onward: String,
    /// Where one signs in by ProConnect, when the deployment has it.
    proconnect: Option<String>,
    /// Why nobody was let in.
    refusal: Option<String>,
    demo: Vec<(&'static str, &'static str, &'static str)>,
    password: &'static str,
}

#[derive(Template)]
#[template(path = "choose_password.html")]
struct ChoosePage {
    frame: Frame,
    onward: String,
    alert: Option<Alert>,
    fields: Vec<FieldView>,
}

impl SignInPage {
    fn new(web: &Web, onward: &str) -> Self {
        let demo = DEMO.iter().filter(|_| web.options.demo);
        Self {
            frame: Frame::alone("Connexion"),
            login: String::new(),
            onward: local(onward).to_owned(),
            proconnect: proconnect::href(web, onward),
            refusal: None,
            demo: demo.map(|(login, role, unit)| (*login, role.french(), *unit)).collect(),
            password: DEMO_PASSWORD,
        }
    }

    /// The page again, with what was typed but the password.
    fn again(web: &Web, fields: &Fields, refusal: String) -> Self {
        let login = fields.text("login").to_owned();
        Self { login, refusal: Some(refusal), ..Self::new(web, fields.text("suite")) }
    }
}

impl ChoosePage {
    fn new(fields: &Fields, errors: &[FieldError]) -> Self {
        let drawn = draw("choix", CHOOSE, fields, errors, &Units::none());
        let line = |error: &FieldError| {
            let field = drawn.iter().find(|field| Some(field.name) == error.field);
            AlertLine {
                href: Some(field.map_or("#choix".to_owned(), |field| format!("#{}", field.id))),
                message: error.message.clone(),
            }
        };
        let lines: Vec<_> = errors.iter().map(line).collect();
        let title = "Le mot de passe n’est pas changé";
        Self {
            frame: Frame::alone("Choisir votre mot de passe"),
            onward: local(fields.text("suite")).to_owned(),
            alert: (!lines.is_empty()).then_some(Alert { title, lines, kept: Vec::new() }),
            fields: drawn,
        }
    }
}

/// `GET /connexion`
pub(crate) async fn show(
    State(web): State<Web>,
    headers: HeaderMap,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    if Session::of(&web, &headers).await?.is_some() {
        return Ok(Redirect::to(local(query.text("suite"))).into_response());
    }
    html(StatusCode::OK, &SignInPage::new(&web, query.text("suite")))
}

/// `POST /connexion`
pub(crate) async fn enter(
    State(web): State<Web>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    match web.app.sign_in(&attempt(&headers, address, &fields)).await {
        Ok(Entered::Open(opened)) => welcome(&web, &opened, &fields),
        Ok(Entered::Refused) => {
            html(StatusCode::UNAUTHORIZED, &SignInPage::again(&web, &fields, WRONG.to_owned()))
        }
        Ok(Entered::PasswordDrawn) => html(StatusCode::OK, &ChoosePage::new(&fields, &[])),
        Err(Error::TooOften { wait }) => held(&web, &fields, wait),
        Err(error) => Err(error.into()),
    }
}

/// `GET /connexion/mot-de-passe`: the address that the form leaves in the browser.
pub(crate) async fn back() -> Redirect {
    Redirect::to("/connexion")
}

/// `POST /connexion/mot-de-passe`
pub(crate) async fn choose(
    State(web): State<Web>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let again =
        |errors: &[FieldError]| html(StatusCode::UNPROCESSABLE_ENTITY, &ChoosePage::new(&fields, errors));
    if let Err(error) = new_again(&fields) {
        return again(&[error]);
    }
    match web.app.choose_password(&attempt(&headers, address, &fields), fields.text("newPassword")).await {
        Ok(Some(opened)) => welcome(&web, &opened, &fields),
        Ok(None) => again(&[FieldError { field: Some("login"), message: WRONG.to_owned() }]),
        Err(Error::Refused(refusal @ (Refusal::Account(_) | Refusal::Required { .. }))) => {
            again(&[FieldError::refused(&refusal)])
        }
        Err(Error::TooOften { wait }) => held(&web, &fields, wait),
        Err(error) => Err(error.into()),
    }
}

/// What was typed, and from where.
pub(super) fn attempt(
    headers: &HeaderMap,
    address: Option<Extension<ClientAddress>>,
    fields: &Fields,
) -> Attempt {
    let user_agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Attempt {
        login: fields.text("login").to_owned(),
        password: fields.text("password").to_owned(),
        device: session::device(headers),
        user_agent: user_agent.unwrap_or_default().to_owned(),
        address: address.map(|Extension(ClientAddress(address))| address),
    }
}

fn welcome(web: &Web, opened: &SignIn, fields: &Fields) -> Result<Response, Failure> {
    let cookies = AppendHeaders(cookies(web, opened)?);
    Ok((cookies, Redirect::to(local(fields.text("suite")))).into_response())
}

/// What a browser keeps of a session that was opened by a password or a provider.
pub(super) fn cookies(web: &Web, opened: &SignIn) -> Result<[(HeaderName, HeaderValue); 2], Failure> {
    let secure = web.options.secure_cookies;
    Ok([
        (SET_COOKIE, session::keep(opened.session.reveal(), secure)?),
        (SET_COOKIE, session::keep_device(opened.device.reveal(), secure)?),
    ])
}

/// Too many were tried; whether the login exists is not told.
fn held(web: &Web, fields: &Fields, wait: u64) -> Result<Response, Failure> {
    let refusal = format!("Trop de tentatives de connexion\u{a0}: réessayez dans {}.", duration(wait));
    let page = html(StatusCode::TOO_MANY_REQUESTS, &SignInPage::again(web, fields, refusal))?;
    Ok(([(RETRY_AFTER, wait)], page).into_response())
}

/// `POST /deconnexion`
pub(crate) async fn leave(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let token = web.app.sign_out(posted.session.secret()).await?;
    let cookie = session::forget(web.options.secure_cookies)?;
    Ok(([(SET_COOKIE, cookie)], proconnect::leave(&web, token).await?).into_response())
}
