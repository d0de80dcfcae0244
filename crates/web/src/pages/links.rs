//! Coming in by a link: having one sent, and opening it. Neither page tells who is known, nor what is wrong with a link.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Attempt, Error};
use pli_domain::account::Link;

use super::sign_in::attempt;
use crate::Web;
use crate::failure::{Failure, html};
use crate::fields::{Fields, InAddress};
use crate::form::FieldError;
use crate::frame::Frame;
use crate::post::Named;
use crate::random;
use crate::session::{self, ClientAddress};

/// What is said of a link that opens nothing, whatever the reason.
const OPENS_NOTHING: &str = "Ce lien n’ouvre rien\u{a0}: il a déjà servi, il a expiré, il a été révoqué, ou il n’a pas été copié en entier. \
     Demandez-en un autre.";

#[derive(Template)]
#[template(path = "link_ask.html")]
struct AskPage {
    frame: Frame,
    /// Whether a link was just asked for.
    asked: bool,
    refusal: Option<String>,
    email: String,
}

#[derive(Template)]
#[template(path = "link_open.html")]
struct OpenPage {
    frame: Frame,
}

/// The links of a person, as a page shows them.
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) rows: Vec<Row>,
    /// Where the form that takes one back is sent.
    pub(crate) action: String,
}

/// A link.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) asked: String,
    pub(crate) state: String,
    pub(crate) key: String,
}

impl Links {
    pub(crate) fn new(web: &Web, links: &[Link], action: String) -> Result<Self, Failure> {
        let now = web.app.now();
        let row = |link: &Link| {
            Ok(Row {
                id: link.id.to_string(),
                asked: link.asked_at.french(),
                state: link.french(now),
                key: random::key()?,
            })
        };
        Ok(Self { rows: links.iter().map(row).collect::<Result<_, Failure>>()?, action })
    }
}

impl AskPage {
    fn new() -> Self {
        Self {
            frame: Frame::alone("Recevoir un lien d’accès"),
            asked: false,
            refusal: None,
            email: String::new(),
        }
    }
}

/// `GET /connexion/lien`
pub(crate) async fn show(InAddress(query): InAddress) -> Result<Response, Failure> {
    let asked = query.text("fait") == "demande";
    html(StatusCode::OK, &AskPage { asked, ..AskPage::new() })
}

/// `POST /connexion/lien`
pub(crate) async fn ask(
    State(web): State<Web>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Failure> {
    let email = fields.text("email");
    let attempt = Attempt { login: email.to_owned(), ..attempt(&headers, address, &Fields::default()) };
    match web.app.ask_link(&attempt).await {
        Ok(()) => Ok(Redirect::to("/connexion/lien?fait=demande").into_response()),
        Err(Error::Refused(refusal)) => {
            let refusal = Some(FieldError::refused(&refusal).message);
            let page = AskPage { refusal, email: email.to_owned(), ..AskPage::new() };
            html(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(Failure::from(error).keeping(&fields)),
    }
}

/// `GET /connexion/lien/{secret}`: a page with a button, whatever the secret. What looks at a message before its reader does (a
/// filter of the mail server) follows the link, and presses no button.
pub(crate) async fn offer() -> Result<Response, Failure> {
    html(StatusCode::OK, &OpenPage { frame: Frame::alone("Votre lien d’accès") })
}

/// `POST /connexion/lien/{secret}`
pub(crate) async fn enter(
    State(web): State<Web>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    Named(secret): Named<String>,
    _: Fields,
) -> Result<Response, Failure> {
    let attempt = attempt(&headers, address, &Fields::default());
    let Some(session) = web.app.open_link(&attempt, &secret).await? else {
        let refusal = Some(OPENS_NOTHING.to_owned());
        return html(StatusCode::UNAUTHORIZED, &AskPage { refusal, ..AskPage::new() });
    };
    let cookie = session::keep(session.reveal(), web.options.secure_cookies)?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/ma-table")).into_response())
}
