//! The figures that Prometheus collects, on an address of their own: requests, refusals, messages on their way, what is open and
//! what is late. They name nobody, and no dossier.

use std::time::Instant;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use pli_app::{App, MessageState, Standing};
use pli_domain::deadline::AgeClass;
use pli_domain::time::Timestamp;
use strum::VariantArray as _;
use tokio::net::TcpListener;

const REQUESTS: &str = "pli_http_requests_total";
const SECONDS: &str = "pli_http_request_seconds";
const OPEN: &str = "pli_open_dossiers";
const LATE: &str = "pli_late_dossiers";
const FRESH: &str = "pli_register_fresh";
const MESSAGES: &str = "pli_messages";
const REPLICA: &str = "pli_replica_follows";
const WORKED: &str = "pli_background_work_succeeded_timestamp_seconds";

/// The bounds of what a request takes, in seconds: a page is answered in milliseconds, an import's page in tenths.
const BUCKETS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// Who leads what was not routed.
const NOBODY: &str = "none";

/// The route of what is no route of ours.
const NO_ROUTE: &str = "none";

/// Begins to count. Once in a process.
///
/// # Errors
/// When something counts already.
pub(crate) fn record() -> Result<PrometheusHandle> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BUCKETS)?;
    let handle = builder.install_recorder().context("les mesures ont déjà commencé")?;
    describe_counter!(REQUESTS, "Requests answered, by method, route and status.");
    describe_histogram!(SECONDS, "What a request took, in seconds, by route.");
    describe_counter!(pli_app::REFUSALS, "Commands that were not done, by the code of the reason.");
    describe_gauge!(OPEN, "Open dossiers that are not reserved, by the direction that leads them.");
    describe_gauge!(LATE, "Those of them that are late, by direction and by how many days.");
    describe_gauge!(FRESH, "Whether these figures of the register could be read just now.");
    describe_gauge!(
        MESSAGES,
        "Messages of the last 24 hours, by what became of them; sending and failed ones are waiting."
    );
    describe_gauge!(REPLICA, "Whether dashboards are read from the replica; not there without one.");
    describe_counter!(pli_app::DASHBOARDS, "Dashboards, by the server that was asked for their figures.");
    describe_gauge!(WORKED, "When the background work of a minute last succeeded.");
    Ok(handle)
}

/// Counts a request, and what it took.
pub(crate) async fn measured(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let begun = Instant::now();
    let response = next.run(request).await;
    histogram!(SECONDS, "route" => route.clone()).record(begun.elapsed());
    let status = response.status().as_u16().to_string();
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}

/// A method by its name; one that somebody made up is not counted apart.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}

/// Says that the background work of this minute is done.
pub(crate) fn worked(now: Timestamp) {
    gauge!(WORKED).set(figure(u64::try_from(now.instant().timestamp()).unwrap_or(0)));
}

/// Serves the figures.
pub(crate) async fn serve(listener: TcpListener, app: App, handle: PrometheusHandle) -> std::io::Result<()> {
    let router = Router::new().route("/metrics", get(figures)).with_state((app, handle));
    axum::serve(listener, router).await
}

/// The figures of now. While the database does not answer, those of the register are those of before, and said to be.
async fn figures(State((app, handle)): State<(App, PrometheusHandle)>) -> Response {
    if let Some(follows) = app.replica_follows() {
        gauge!(REPLICA).set(figure(follows.into()));
    }
    match app.standing().await {
        Ok(standing) => {
            show(&standing);
            gauge!(FRESH).set(1.0);
        }
        Err(error) => {
            tracing::error!(?error, "the figures of the register could not be read");
            gauge!(FRESH).set(0.0);
        }
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}

fn show(standing: &Standing) {
    for row in &standing.directions {
        let direction = row.direction.clone().unwrap_or_else(|| NOBODY.to_owned());
        gauge!(OPEN, "direction" => direction.clone()).set(figure(row.open));
        for class in AgeClass::VARIANTS {
            let late = row.late.get(class).copied().unwrap_or(0);
            gauge!(LATE, "direction" => direction.clone(), "age" => <&str>::from(class)).set(figure(late));
        }
    }
    for state in MessageState::VARIANTS {
        let number = standing.messages.get(state).copied().unwrap_or(0);
        gauge!(MESSAGES, "state" => <&str>::from(state)).set(figure(number));
    }
}

/// A number as a gauge holds it.
fn figure(number: u64) -> f64 {
    u32::try_from(number).unwrap_or(u32::MAX).into()
}
