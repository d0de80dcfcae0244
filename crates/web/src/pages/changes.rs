//! What an open page is told while it is seen: that something has changed, by server-sent events. Without JavaScript nobody asks.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::HeaderName;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use pli_app::{Bearer, Following};

use crate::Web;
use crate::failure::Failure;
use crate::fields::InAddress;
use crate::post::Named;
use crate::session::{Session, asks_by_itself};

/// Tells a reverse proxy to hand on each event as it comes.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// A session by which a page asks by itself, its reader doing nothing.
pub(crate) struct Passive(Session);

impl FromRequestParts<Web> for Passive {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        asks_by_itself(&mut parts.headers);
        Session::from_request_parts(parts, web).await.map(Self)
    }
}

impl Passive {
    fn bearer(&self) -> Bearer {
        Bearer::Session(self.0.secret().to_owned())
    }
}

/// `GET /changements`: something that the person may see.
pub(crate) async fn all(State(web): State<Web>, passive: Passive) -> Result<Response, Failure> {
    Ok(events(web.app.follow_everything(&passive.0.caller, passive.bearer())?))
}

/// `GET /dossiers/{reference}/changements`: this dossier; `version` is the one that is shown.
pub(crate) async fn dossier(
    State(web): State<Web>,
    passive: Passive,
    Named(reference): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let (caller, seen) = (&passive.0.caller, query.text("version").parse().ok());
    Ok(events(web.app.follow_reference(caller, passive.bearer(), &reference, seen).await?))
}

fn events(following: Following) -> Response {
    let told = unfold(following, async |mut following| {
        following.next().await?;
        Some((Ok::<_, Infallible>(Event::default().event("change").data("change")), following))
    });
    ([UNBUFFERED], Sse::new(Box::pin(told)).keep_alive(KeepAlive::default())).into_response()
}
