//! A server as whoever watches over it sees it: its figures, its traces, its logs. None of them names anybody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use pli_app::Intake;
use pli_domain::account::TokenScope;
use pli_domain::actor::Role;
use pli_tests::samples::{letter, petition};
use pli_tests::{Engine, Fine as _, Office, PASSWORD, Person};
use prost::Message as _;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::program::{Program, Running};

pli_tests::on_both!(
    the_figures_are_those_of_the_register_and_hide_what_is_reserved,
    a_request_is_traced_down_to_its_statements,
    no_log_names_anybody,
);

/// The value of a figure.
fn value(figures: &str, name: &str) -> Option<f64> {
    figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

async fn figures(server: &Running) -> Result<String> {
    let url = server.metrics.as_ref().context("it says no figures")?;
    Ok(pli_tests::http().build()?.get(url).send().await?.error_for_status()?.text().await?)
}

/// Waits until the work of its first minute is done.
async fn worked(server: &Running) -> Result<()> {
    // For two minutes: what fails once is done a minute later.
    for _ in 0..2_400 {
        let done = value(&figures(server).await?, "pli_background_work_succeeded_timestamp_seconds");
        if done.is_some_and(|at| at > 0.0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the work of its first minute is never done")
}

/// Asks the API as a person.
async fn ask(
    office: &Office,
    server: &Running,
    person: Person,
    query: &str,
    variables: Value,
) -> Result<Value> {
    let token = office.app.create_token(person.login(), "essai", TokenScope::Write, None).await.fine()?;
    let body = json!({ "query": query, "variables": variables });
    let client = pli_tests::http().build()?;
    let asked = client.post(format!("{}/graphql", server.url)).bearer_auth(token.reveal()).json(&body);
    Ok(asked.send().await?.json().await?)
}

async fn the_figures_are_those_of_the_register_and_hide_what_is_reserved(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let long_ago = letter(office.today() - chrono::Days::new(400));
    office.register(long_ago.clone()).await?;
    let compartment = office.compartment("Réservé", Person::Coordinator, &[Person::Clerk]).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let reserved = Intake { compartment: Some(compartment), ..Intake::from(long_ago) };
    office.app.register_mail(&clerk, office.key(), reserved).await.fine()?;
    let server = Program::of(&office).watched().serve().await?;

    let seen = figures(&server).await?;
    ensure!(value(&seen, "pli_register_fresh") == Some(1.0), "{seen}");
    ensure!(value(&seen, r#"pli_open_dossiers{direction="none"}"#) == Some(1.0), "{seen}");
    ensure!(value(&seen, r#"pli_late_dossiers{direction="none",age="over60"}"#) == Some(1.0), "{seen}");
    ensure!(value(&seen, r#"pli_open_dossiers{direction="DACS"}"#) == Some(0.0), "{seen}");
    ensure!(value(&seen, r#"pli_messages{state="failed"}"#) == Some(0.0), "{seen}");
    ensure!(value(&seen, r#"pli_refusals_total{code="NOT_FOUND"}"#).is_none(), "{seen}");

    let accept = "mutation { acceptDossier(on: { id: \"mail:018f0000-0000-7000-8000-000000000000\", \
                  idempotencyKey: \"k\" }) { userErrors { code } } }";
    ask(&office, &server, Person::Drafter, accept, json!({})).await?;
    let client = pli_tests::http().build()?;
    let lost = client.get(format!("{}/nulle-part?q=Untel", server.url)).send().await?.status();
    ensure!(lost == StatusCode::NOT_FOUND, "{lost}");
    client.get(format!("{}/dossiers/SG-2026-A-000001", server.url)).send().await?;
    let seen = figures(&server).await?;
    ensure!(value(&seen, r#"pli_refusals_total{code="NOT_FOUND"}"#) == Some(1.0), "{seen}");
    let graphql = r#"pli_http_requests_total{method="POST",route="/graphql",status="200"}"#;
    ensure!(value(&seen, graphql) == Some(1.0), "{seen}");
    ensure!(seen.contains(r#"pli_http_request_seconds_bucket{route="/graphql",le="10"} 1"#), "{seen}");
    for named in ["Untel", "SG-2026"] {
        ensure!(!seen.contains(named), "{named}: {seen}");
    }
    // The figures are on an address of their own.
    let theirs = client.get(format!("{}/metrics", server.url)).send().await?.status();
    ensure!(theirs == StatusCode::NOT_FOUND, "{theirs}");
    Ok(())
}

/// What a collector has received.
type Received = Arc<Mutex<Vec<Span>>>;

async fn collector() -> Result<(String, Received)> {
    let received = Received::default();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let keep = async |State(received): State<Received>, body: Bytes| {
        let request = ExportTraceServiceRequest::decode(body).unwrap_or_default();
        let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans);
        received.lock().unwrap_or_else(PoisonError::into_inner).extend(spans);
    };
    let router = Router::new().route("/v1/traces", post(keep)).with_state(received.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, received))
}

async fn a_request_is_traced_down_to_its_statements(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(petition("Tutelle")).await?;
    let (url, received) = collector().await?;
    let server = Program::of(&office).with(&["--traces", &url]).watched().serve().await?;
    let register = "mutation { registerMail(input: { idempotencyKey: \"k\", sender: \"Mme Untel\", subject: \"Successions\", \
        category: ORDINARY, channel: POST, documentOn: \"2020-03-02\", receivedOn: \"2020-03-03\" }) { dossier { id } } }";
    let answer = ask(&office, &server, Person::Clerk, register, json!({})).await?;
    ensure!(answer["data"]["registerMail"]["dossier"]["id"].is_string(), "{answer}");
    let found = "{ search(query: \"Successions\") { totalCount } }";
    ask(&office, &server, Person::Clerk, found, json!({})).await?;
    worked(&server).await?;
    server.stop().await?;

    let spans = std::mem::take(&mut *received.lock().unwrap_or_else(PoisonError::into_inner));
    let named: Vec<_> = spans.iter().filter(|span| span.name == "POST /graphql").collect();
    ensure!(named.len() == 2, "{spans:?}");
    let parents: BTreeMap<&[u8], &[u8]> =
        spans.iter().map(|span| (span.span_id.as_slice(), span.parent_span_id.as_slice())).collect();
    for request in named {
        let inside = spans.iter().filter(|span| span.trace_id == request.trace_id);
        let statements: Vec<_> = inside.filter(|span| span.name.starts_with("sea_orm.")).collect();
        ensure!(statements.len() > 2, "the statements are not in the request's trace: {spans:?}");
        for statement in statements {
            let mut above = statement.span_id.as_slice();
            while let Some(parent) = parents.get(above).filter(|parent| !parent.is_empty()) {
                above = *parent;
            }
            ensure!(above == request.span_id.as_slice(), "{statement:?}");
        }
        ensure!(format!("{request:?}").contains("http.response.status_code"), "{request:?}");
    }
    ensure!(spans.iter().any(|span| span.name == "work"), "the work of the minute is traced too");
    let all = format!("{spans:?}");
    for named in ["Untel", "Successions", "Tutelle", "SG-2020"] {
        ensure!(!all.contains(named), "{named} is in the traces");
    }
    Ok(())
}

/// What nobody may find in a log: people, their words and addresses, passwords, and what somebody looks for.
const PRIVATE: [&str; 7] = ["Untel", "untel@", "Successions", "Mme ", "127.0.0.1:", "Tutelle", "SG-2020"];

async fn no_log_names_anybody(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(petition("Tutelle")).await?;
    let unit = "SG-CAB".to_owned();
    let email = Some("untel@justice.example");
    let password = pli_app::NewPassword::Chosen(PASSWORD);
    office.app.add_account("untel", "Mme Untel", password, email, &[(Role::Clerk, unit)]).await.fine()?;
    let program = Program::of(&office).with(&["--log-json"]);
    let server = program
        .serve_telling("warn,pli_server=debug,pli_web=debug,pli_graphql=debug,pli_app=debug,tower_http=debug")
        .await?;
    let client = pli_tests::http().redirect(reqwest::redirect::Policy::none()).build()?;
    for password in [PASSWORD, "Mme Untel se trompe"] {
        let form = [("login", "untel"), ("password", password)];
        client.post(format!("{}/connexion", server.url)).form(&form).send().await?;
    }
    let register = "mutation($subject: String!) { registerMail(input: { idempotencyKey: \"k\", sender: \"Mme Untel\", subject: \
        $subject, category: ORDINARY, channel: POST, documentOn: \"2020-03-02\", receivedOn: \"2020-03-03\" }) { \
        dossier { id } userErrors { code } } }";
    for subject in ["Successions", "", "Successions\u{0}"] {
        ask(&office, &server, Person::Clerk, register, json!({ "subject": subject })).await?;
    }
    ask(&office, &server, Person::Clerk, "{ search(query: \"Untel\") { nothing } }", json!({})).await?;
    for path in ["/recherche?q=Untel", "/dossiers/SG-2020-A-000001", "/lieu/Untel"] {
        client.get(format!("{}{path}", server.url)).send().await?;
    }
    let said = server.stop().await?;
    ensure!(said.lines().count() > 2 && said.contains("serving"), "{said}");
    for private in PRIVATE {
        let lines: Vec<_> = said.lines().filter(|line| line.contains(private)).collect();
        let serving = |line: &&str| line.contains("\"serving\"");
        ensure!(lines.iter().all(serving), "{private}: {lines:?}");
    }
    ensure!(!said.contains(PASSWORD), "a password");
    Ok(())
}
