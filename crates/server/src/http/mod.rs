//! HTTP: the pages, the API, the health of the server; and stopping without dropping what is being answered.

mod client;
mod explorer;
mod graphql;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use pli_app::{App, Unready};
use pli_openid::Provider;
pub use pli_web::Theme;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_http::trace::TraceLayer;
use tracing::{Span, field};

use crate::metrics;

/// How the server behaves.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where users find Pli, as they type it: `https://pli.example`.
    pub public_url: String,
    /// Demonstration: the schema may be read by anyone, an explorer of the API is served, accounts are shown.
    pub demo: bool,
    /// Whether cookies travel on encrypted connections only.
    pub secure_cookies: bool,
    /// Whether Pli stands behind a proxy that says, at the end of `X-Forwarded-For`, from where each request comes.
    pub behind_proxy: bool,
    /// Whether the schema may be read outside a demonstration.
    pub introspection: bool,
    /// Whom users tell of what they cannot use.
    pub accessibility_contact: Option<String>,
    /// What the deployment lays over the look.
    pub theme: Theme,
    /// By whom the State's agents may sign in.
    pub provider: Option<Provider>,
}

/// No page of another site holds a window of ours, nor takes what we answer into itself.
const CROSS_ORIGIN_OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The longest that a request may take; one that brings a document over a slow line has more.
const TIMEOUT: Duration = Duration::from_secs(30);
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(5);

/// Everything that Pli answers.
pub fn router(app: App, options: Options) -> Router {
    let api = graphql::router(app.clone(), options.demo, options.demo || options.introspection);
    let secure = options.secure_cookies;
    let pages = pli_web::router(
        app.clone(),
        pli_web::Options {
            public_url: options.public_url,
            demo: options.demo,
            secure_cookies: options.secure_cookies,
            accessibility_contact: options.accessibility_contact,
            theme: options.theme,
            provider: options.provider,
        },
    );
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .with_state(app)
        .merge(api)
        .merge(pages)
        .layer(from_fn(in_time))
        .layer(map_response_with_state(secure, guarded))
        .layer(from_fn_with_state(options.behind_proxy, client::located))
        .layer(from_fn(metrics::measured))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered))
}

/// A request as logs and traces know it: by its route, for an address may hold the secret of a link or of a calendar, or what
/// somebody looks for.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let name = format!("{} {}", request.method(), route.unwrap_or("none"));
    tracing::info_span!(
        "request",
        otel.name = name,
        otel.kind = "server",
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = field::Empty,
    )
}

/// What a request's span is told at its end.
fn answered(response: &Response, _: Duration, span: &Span) {
    span.record("http.response.status_code", response.status().as_u16());
}

/// Whoever asks whether Pli is ready does not wait longer for the database.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// How long a browser asks for nothing but encrypted connections: two years, in seconds.
const ENCRYPTED: &str = "max-age=63072000; includeSubDomains";

/// The headers that every answer has, from the pages or not. A page has more of its own.
async fn guarded(State(secure): State<bool>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(nothing);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.insert(CROSS_ORIGIN_OPENER, HeaderValue::from_static("same-origin"));
    headers.insert(CROSS_ORIGIN_RESOURCE, HeaderValue::from_static("same-origin"));
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ENCRYPTED));
    }
    response
}

/// Answers in time, or says that it could not.
async fn in_time(request: Request, next: Next) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let document = kind.is_some_and(|kind| kind.starts_with(b"multipart/form-data"));
    let longest = if document { UPLOAD_TIMEOUT } else { TIMEOUT };
    let answer = tokio::time::timeout(longest, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::GATEWAY_TIMEOUT.into_response())
}

/// Whether the server lives: it asks nothing of anybody, so that a supervisor does not restart it for the fault of another.
async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Whether the server can do its work, and otherwise what is missing.
async fn ready(State(app): State<App>) -> (StatusCode, Json<Value>) {
    let looked = tokio::time::timeout(READY_WITHIN, app.ready()).await;
    match looked.unwrap_or(Err(Unready::Database)) {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Err(missing) => {
            let missing: &str = missing.into();
            tracing::warn!(missing, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "unready", "missing": missing })))
        }
    }
}

/// Serves until the process is told to stop; what is being answered is answered first.
///
/// # Errors
/// When the socket fails.
pub async fn serve(listener: TcpListener, app: App, options: Options) -> Result<()> {
    let service = router(app.clone(), options).into_make_service_with_connect_info::<SocketAddr>();
    let stop = async move {
        told_to_stop().await;
        // Whoever follows would be answered for ever.
        app.stop_following();
    };
    Ok(axum::serve(listener, service).with_graceful_shutdown(stop).await?)
}

/// Waits for Ctrl-C or, from a supervisor, SIGTERM.
async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("stopping");
}
