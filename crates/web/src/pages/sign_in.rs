//! Signing in and out.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use pli_domain::actor::Role;
use pli_domain::french::French as _;

use crate::failure::{Failure, html};
use crate::fields::{Fields, InAddress};
use crate::frame::Frame;
use crate::post::Posted;
use crate::session::{self, Session, local};
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

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    login: String,
    onward: String,
    wrong: bool,
    demo: Vec<(&'static str, &'static str, &'static str)>,
    password: &'static str,
}

impl SignInPage {
    fn new(web: &Web, onward: &str) -> Self {
        let demo = DEMO.iter().filter(|_| web.options.demo);
        Self {
            frame: Frame::alone("Connexion"),
            login: String::new(),
            onward: local(onward).to_owned(),
            wrong: false,
            demo: demo.map(|(login, role, unit)| (*login, role.french(), *unit)).collect(),
            password: DEMO_PASSWORD,
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
pub(crate) async fn enter(State(web): State<Web>, fields: Fields) -> Result<Response, Failure> {
    let (login, password) = (fields.text("login"), fields.text("password"));
    let Some(opened) = web.app.sign_in(login, password).await? else {
        let again = SignInPage::new(&web, fields.text("suite"));
        let page = SignInPage { login: login.to_owned(), wrong: true, ..again };
        return html(StatusCode::UNAUTHORIZED, &page);
    };
    let cookie = session::keep(opened.secret.reveal(), web.options.secure_cookies)?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(local(fields.text("suite")))).into_response())
}

/// `POST /deconnexion`
pub(crate) async fn leave(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    web.app.sign_out(posted.session.secret()).await?;
    let cookie = session::forget(web.options.secure_cookies)?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/connexion")).into_response())
}
