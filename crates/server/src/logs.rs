//! What Pli says while it works: structured logs on the error output, and traces for a collector when one is named.

use anyhow::{Context as _, Result};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// What is logged when nothing is said, and where nobody is named.
const LOGGED: &str = "warn,pli_server=info,pli_web=info,pli_graphql=info,pli_app=info";

/// What is traced: requests and the work of each minute, and in them each statement of the database.
const TRACED: &str = "off,pli_server=info,sea_orm=info";

/// The spans that are on their way to the collector.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Hands over what is left.
    pub(crate) fn end(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not handed over");
        }
    }
}

/// Starts logging, for people or as JSON lines, and tracing to a collector (OTLP over HTTP) when there is one. `RUST_LOG` chooses
/// what is logged.
///
/// # Errors
/// When the collector's address is none.
pub(crate) fn start(json: bool, collector: Option<&str>) -> Result<Option<Traces>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    let logs = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let logs = if json { logs.json().boxed() } else { logs.boxed() };
    let traces = collector.map(provider).transpose()?;
    let spans = traces.as_ref().map(|traces| {
        tracing_opentelemetry::layer()
            .with_tracer(traces.tracer("pli"))
            .with_location(false)
            .with_threads(false)
            .with_filter(EnvFilter::new(TRACED))
    });
    tracing_subscriber::registry().with(logs.with_filter(filter)).with(spans).init();
    Ok(traces.map(Traces))
}

fn provider(collector: &str) -> Result<SdkTracerProvider> {
    // The exporter's client wants to be told whose cryptography it takes; whoever said it first said the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = format!("{}/v1/traces", collector.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(address).build();
    let exporter = exporter.context("le collecteur de traces est mal nommé")?;
    let resource = Resource::builder().with_service_name("pli").build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}
