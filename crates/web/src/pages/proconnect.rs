//! Signing in by ProConnect: to the provider, back from it, and out of it.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use pli_app::{Recognised, Secret, SignIn};
use pli_domain::account::NotAdmitted;
use pli_openid::{Answer, Flow, Provider};

use super::sign_in::{attempt, cookies};
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::frame::Frame;
use crate::session::{self, ClientAddress, local};

/// Where a sign-in by ProConnect begins.
const PATH: &str = "/connexion/proconnect";

/// The longest path that is led on to.
const LONGEST: usize = 2_000;

const STALE: &str = "Cette identification a déjà servi, ou elle a commencé il y a plus de dix minutes ou dans un autre navigateur\u{a0}: \
     recommencez.";
const DOWN: &str =
    "ProConnect ne répond pas\u{a0}: réessayez dans un instant, ou connectez-vous avec votre mot de passe.";
const UNTRUE: &str = "La réponse de ProConnect n’a pas pu être vérifiée\u{a0}: personne n’a été connecté. Recommencez\u{a0}; si cela \
     continue, dites-le à l’administrateur de Pli.";
const GIVEN_UP: &str = "Vous n’avez pas été identifié\u{a0}: vous y avez renoncé, ou ProConnect l’a refusé. Vous pouvez recommencer.";
const LOGIN_REQUIRED: &str = "ProConnect demande que vous vous identifiiez de nouveau\u{a0}: recommencez.";
const OTHER: &str = "ProConnect n’a pas pu vous identifier\u{a0}: recommencez.";
const ELSEWHERE: &str =
    "ProConnect vous a identifié, mais votre organisation n’est pas de celles qui se servent de ce Pli.";
const TOO_WEAK: &str = "ProConnect vous a identifié, mais d’une manière trop peu sûre pour Pli\u{a0}: identifiez-vous autrement, ou \
     connectez-vous avec votre mot de passe.";
const UNKNOWN: &str = "ProConnect vous a identifié, mais cette identité n’ouvre aucun compte de Pli. Demandez à l’administrateur de Pli \
     de la rattacher à votre compte, puis recommencez.";

/// A page that leads on by itself.
#[derive(Template)]
#[template(path = "onward.html")]
struct OnwardPage {
    frame: Frame,
    message: &'static str,
    onward: String,
}

/// Where a sign-in that leads on to a path begins; `None` when the deployment has no provider.
pub(super) fn href(web: &Web, onward: &str) -> Option<String> {
    web.options.provider.as_ref()?;
    match local(onward) {
        "/" => Some(PATH.to_owned()),
        path => {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("suite", path).finish();
            Some(format!("{PATH}?{query}"))
        }
    }
}

fn provider(web: &Web) -> Result<&Provider, Failure> {
    web.options.provider.as_ref().ok_or_else(|| Kind::NotFound.into())
}

/// `GET /connexion/proconnect`
pub(crate) async fn begin(
    State(web): State<Web>,
    address: Option<Extension<ClientAddress>>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let provider = provider(&web)?;
    let onward = Some(local(query.text("suite"))).filter(|path| path.len() <= LONGEST).unwrap_or("/");
    let address = address.map(|Extension(ClientAddress(address))| address);
    let secret = web.app.begin_flow(address, onward).await?;
    let to = provider.begin(&Flow::of(secret.reveal())).await?;
    let cookie = session::keep_flow(secret.reveal(), web.options.secure_cookies)?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(to.as_str())).into_response())
}

/// `GET /connexion/proconnect/retour`
pub(crate) async fn back(
    State(web): State<Web>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let provider = provider(&web)?;
    let stale = || Failure::from(Kind::NotIdentified(StatusCode::BAD_REQUEST, STALE));
    let secret = session::flow(&headers).ok_or_else(stale)?;
    let flow = Flow::of(&secret);
    let answer = answer(&query);
    // Another site can lead here: what has begun is not ended by it.
    if answer.state != flow.state() {
        return Err(stale());
    }
    let onward = web.app.take_flow(&secret).await?.ok_or_else(stale)?;
    let identified = provider.finish(&flow, &answer, web.app.now()).await?;
    let attempt = attempt(&headers, address, &Fields::default());
    let token = identified.token;
    match web.app.sign_in_by(&attempt, identified.presented, token, provider.admission()).await? {
        Recognised::Open(opened) => welcome(&web, &opened, &onward),
        Recognised::Unknown => refused(UNKNOWN),
        Recognised::NotAdmitted(NotAdmitted::Organisation) => refused(ELSEWHERE),
        Recognised::NotAdmitted(NotAdmitted::Level) => refused(TOO_WEAK),
    }
}

fn answer(query: &Fields) -> Answer {
    let text = |name| query.text(name).to_owned();
    Answer { state: text("state"), code: text("code"), error: text("error"), issuer: text("iss") }
}

fn refused(message: &'static str) -> Result<Response, Failure> {
    Err(Kind::NotIdentified(StatusCode::FORBIDDEN, message).into())
}

/// What the person is told when the provider identifies nobody; why is logged.
impl From<pli_openid::Failure> for Failure {
    fn from(failure: pli_openid::Failure) -> Self {
        use pli_openid::Failure::{Refused, Unreachable, Untrue};
        let (status, message) = match &failure {
            Unreachable(_) => (StatusCode::SERVICE_UNAVAILABLE, DOWN),
            Untrue(_) => (StatusCode::UNAUTHORIZED, UNTRUE),
            Refused(code) => match code.as_str() {
                "access_denied" => (StatusCode::UNAUTHORIZED, GIVEN_UP),
                "login_required" | "interaction_required" => (StatusCode::UNAUTHORIZED, LOGIN_REQUIRED),
                _ => (StatusCode::UNAUTHORIZED, OTHER),
            },
        };
        tracing::warn!(?failure, "nobody was identified by the provider");
        Kind::NotIdentified(status, message).into()
    }
}

/// The session's cookie is not sent on the way back from another site: the page of ours that keeps it leads on.
fn welcome(web: &Web, opened: &SignIn, onward: &str) -> Result<Response, Failure> {
    let message = "Vous êtes identifié. La page demandée va s’ouvrir.";
    let page = OnwardPage { frame: Frame::alone("Connexion"), message, onward: local(onward).to_owned() };
    Ok((AppendHeaders(cookies(web, opened)?), html(StatusCode::OK, &page)?).into_response())
}

/// Where a session that is closed goes on: out of the provider that opened it, or to the sign-in page. A page leads there,
/// since the policy of ours lets no form lead to another site.
pub(super) async fn leave(web: &Web, token: Option<String>) -> Result<Response, Failure> {
    if let (Some(provider), Some(token)) = (&web.options.provider, token)
        && let Some(to) = provider.leave(&token, Secret::draw()?.reveal()).await
    {
        let message = "Vous êtes déconnecté de Pli. Votre session ProConnect va se fermer aussi.";
        let page = OnwardPage { frame: Frame::alone("Déconnexion"), message, onward: to.into() };
        return html(StatusCode::OK, &page);
    }
    Ok(Redirect::to("/connexion").into_response())
}
