//! GraphQL over HTTP. POST takes JSON only and GET queries only, so that no page of another site can make a browser act:
//! neither a link, nor a form, can send either with the session's cookie.

use std::convert::Infallible;
use std::sync::Arc;

use async_graphql::{Request, Response};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{self, DefaultBodyLimit, RawQuery, State};
use axum::http::header::{ACCEPT, ALLOW, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::{StreamExt as _, stream};
use pli_app::{App, Bearer, Caller, Error};
use pli_graphql::{Api, OperationType};
use pli_web::session::ClientAddress;
use serde_json::json;

use super::explorer;

/// How a subscription is answered: as the distinct connections of graphql-sse.
const EVENTS: &str = "text/event-stream";

/// The most that a request may weigh: a long draft fits ten times.
const BODY: usize = 1 << 20;

struct Endpoint {
    api: Api,
    app: App,
    demo: bool,
}

/// `/graphql` and, in a demonstration, its explorer; `open`: whether the schema may be read.
pub(super) fn router(app: App, demo: bool, open: bool) -> Router {
    let endpoint = Arc::new(Endpoint { api: Api::new(app.clone(), open), app, demo });
    let mut router = Router::new().route("/graphql", get(by_get).post(by_post));
    if demo {
        router = router.route("/graphql/explorer.js", get(explorer::script));
    }
    router
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn_with_state(endpoint.clone(), counted))
        .with_state(endpoint)
}

/// How the answer is to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    /// `application/graphql-response+json`: the status says whether the request was run.
    GraphQl,
    /// `application/json`: the status says that the request was understood.
    Json,
}

impl Media {
    /// What the client accepts; nothing said means the older one.
    fn wanted(headers: &HeaderMap) -> Option<Self> {
        let accept = headers.get(ACCEPT).map_or(Ok("*/*"), HeaderValue::to_str).ok()?;
        accept.split(',').map(|part| part.split(';').next().unwrap_or_default().trim()).find_map(|kind| {
            match kind {
                "application/graphql-response+json" => Some(Self::GraphQl),
                "application/json" | "application/*" | "*/*" | EVENTS => Some(Self::Json),
                _ => None,
            }
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    fn answer(self, status: StatusCode, body: &impl serde::Serialize) -> axum::response::Response {
        match serde_json::to_vec(body) {
            Ok(bytes) => (status, [(CONTENT_TYPE, self.name())], bytes).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    /// A request that is not even GraphQL.
    fn refuse(self, status: StatusCode, code: &str, message: &str) -> axum::response::Response {
        self.answer(status, &json!({ "errors": [{ "message": message, "extensions": { "code": code } }] }))
    }

    /// Nobody can say who asks.
    fn unidentified(self, error: &Error) -> axum::response::Response {
        if let Error::TooOften { wait } = error {
            return self.too_often(*wait);
        }
        tracing::error!(?error, "nobody could be identified");
        self.refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", &error.message())
    }

    /// Too much in too short a time.
    fn too_often(self, wait: u64) -> axum::response::Response {
        let error = Error::TooOften { wait };
        let refusal = self.refuse(StatusCode::TOO_MANY_REQUESTS, error.code(), &error.message());
        ([(RETRY_AFTER, wait)], refusal).into_response()
    }
}

/// Counts one more request from where it comes.
async fn counted(
    State(endpoint): State<Arc<Endpoint>>,
    request: extract::Request,
    next: Next,
) -> axum::response::Response {
    if let Some(ClientAddress(address)) = request.extensions().get().copied()
        && let Err(Error::TooOften { wait }) = endpoint.app.one_more_from(address)
    {
        return Media::wanted(request.headers()).unwrap_or(Media::Json).too_often(wait);
    }
    next.run(request).await
}

async fn by_post(
    State(endpoint): State<Arc<Endpoint>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> axum::response::Response {
    let Some(media) = Media::wanted(&headers) else { return not_acceptable() };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
        let message = "Envoyez du JSON (application/json).";
        return media.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message);
    }
    let Ok(body) = body else {
        let message = "La requête dépasse 1 Mio.";
        return media.refuse(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message);
    };
    match serde_json::from_slice::<Request>(&body) {
        Ok(mut request) => match endpoint.api.read(&mut request) {
            Some(OperationType::Subscription) => endpoint.follow(&headers, media, request).await,
            _ => endpoint.run(&headers, media, request).await,
        },
        Err(_) => media.refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Requête GraphQL illisible."),
    }
}

async fn by_get(
    State(endpoint): State<Arc<Endpoint>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> axum::response::Response {
    let page = headers.get(ACCEPT).is_some_and(|accept| {
        accept.to_str().is_ok_and(|accept| accept.split(',').any(|kind| kind.starts_with("text/html")))
    });
    if endpoint.demo && page && query.is_none() {
        return explorer::page().into_response();
    }
    let Some(media) = Media::wanted(&headers) else { return not_acceptable() };
    let Ok(mut request) = async_graphql::http::parse_query_string(query.as_deref().unwrap_or_default())
    else {
        return media.refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Requête GraphQL illisible.");
    };
    if endpoint.api.read(&mut request).is_some_and(|kind| kind != OperationType::Query) {
        let message = "Une mutation ou un abonnement s’envoie par POST.";
        let mut refusal = media.refuse(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
        refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return refusal;
    }
    endpoint.run(&headers, media, request).await
}

fn not_acceptable() -> axum::response::Response {
    let message = "Acceptez application/graphql-response+json ou application/json.";
    Media::Json.refuse(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message)
}

impl Endpoint {
    async fn run(&self, headers: &HeaderMap, media: Media, request: Request) -> axum::response::Response {
        let caller = match self.identify(headers).await {
            Ok(caller) => caller,
            Err(error) => return media.unidentified(&error),
        };
        if request.query.trim().is_empty() {
            return media.refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", "La requête est vide.");
        }
        let response = self.api.execute(caller, request).await;
        if !not_run(&response) {
            return media.answer(StatusCode::OK, &response);
        }
        // Only the newer media type may say so by its status; neither carries data that there is not.
        let status = if media == Media::GraphQl { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        media.answer(status, &json!({ "errors": response.errors }))
    }

    /// Answers a subscription: each time something has changed, and never more than that.
    async fn follow(&self, headers: &HeaderMap, media: Media, request: Request) -> axum::response::Response {
        let accepted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        if !accepted.split(',').any(|kind| kind.trim().starts_with(EVENTS)) {
            let message = "Un abonnement demande « Accept: text/event-stream ».";
            return media.refuse(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message);
        }
        let caller = match self.identify(headers).await {
            Ok(Some(caller)) => Some(caller.off().await),
            Ok(None) => None,
            Err(error) => return media.unidentified(&error),
        };
        let told = self.api.follow(caller, bearer(headers), request).map(|response| {
            let said = serde_json::to_string(&response).unwrap_or_default();
            Ok::<_, Infallible>(Event::default().event("next").data(said))
        });
        let end = stream::once(async { Ok(Event::default().event("complete").data("")) });
        let unbuffered = [("x-accel-buffering", "no")];
        (unbuffered, Sse::new(told.chain(end)).keep_alive(KeepAlive::default())).into_response()
    }

    /// Who asks, on the connection on which their request is read.
    async fn identify(&self, headers: &HeaderMap) -> Result<Option<Caller>, Error> {
        let app = self.app.on(&self.app.lease());
        match bearer(headers) {
            Some(Bearer::Token(token)) => app.by_token(&token).await,
            Some(Bearer::Session(secret)) => {
                app.by_session(&secret, pli_web::session::passive(headers)).await
            }
            None => Ok(None),
        }
    }
}

/// By what one comes in: a token, or the pages' session.
fn bearer(headers: &HeaderMap) -> Option<Bearer> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
    token
        .map(|token| Bearer::Token(token.trim().to_owned()))
        .or_else(|| pli_web::session::secret(headers).map(Bearer::Session))
}

/// Whether the request was not run at all: it cannot be parsed, or is not valid.
fn not_run(response: &Response) -> bool {
    response.data == async_graphql::Value::Null && response.errors.iter().any(|error| error.path.is_empty())
}
