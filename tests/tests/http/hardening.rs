//! What the API must not let through: acts that a page of another site could send, requests that cost too much, text from
//! the inside.

use anyhow::{Context as _, Result};
use pli_tests::{Engine, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn served() -> Result<Served> {
    Served::open(Engine::Sqlite, false).await
}

fn errors(answer: &Value) -> String {
    answer["errors"].to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_to_nobody() -> Result<()> {
    let served = served().await?;
    for query in [
        "{ me { name } }",
        "{ units { code } }",
        "{ unit(code: \"DACS\") { name } }",
        "{ dossiers { totalCount } }",
        "{ dossier(id: \"mail:00000000-0000-7000-8000-000000000000\") { reference } }",
        "{ dossierByReference(reference: \"SG-2026-A-000001\") { reference } }",
        "{ retards { total } }",
        "{ delayRules { code } }",
        "{ delayRule(code: \"an-qe\") { label } }",
        "{ calendarEntries { label } }",
        "{ calendarRunningOut }",
        "{ reminderRules { code } }",
        "mutation { chooseNotifications(notifications: NONE) }",
        "mutation { openCalendarFeed { path } }",
        "mutation { closeCalendarFeed }",
        "{ me { sessions { id } tokens { id } accesses { edges { cursor } } } }",
        "{ accessJournal { edges { cursor } } }",
        "{ tokensOf(login: \"agent\") { id } }",
        "mutation { changePassword(idempotencyKey: \"1\", password: \"a\", newPassword: \"b\") { userErrors { code } } }",
        "mutation { closeSession(id: \"session:00000000-0000-7000-8000-000000000000\") { userErrors { code } } }",
        "mutation { closeOtherSessions { userErrors { code } } }",
        "mutation { createToken(input: { idempotencyKey: \"1\", name: \"x\", scope: READ }) { secret } }",
        "mutation { revokeToken(on: { id: \"token:00000000-0000-7000-8000-000000000000\", idempotencyKey: \"1\" }) \
         { userErrors { code } } }",
        "{ search(words: \"a\") { facets { total } } }",
        "{ publishedQuestions { edges { cursor } } }",
        "{ oralAgenda(from: \"2026-11-23\", to: \"2026-11-29\") { reference } }",
        "{ publishedQuestion(identity: \"AN-17-QE-1\") { record { uid } } }",
        "{ denominations { name } }",
        "{ importRuns { edges { cursor } } }",
        "{ importRun(id: \"run:1\") { rejections { code } } }",
        "{ members { edges { cursor } } }",
        "{ member(id: \"member:00000000-0000-7000-8000-000000000000\") { name } }",
    ] {
        for token in [None, Some("faux")] {
            let answer = served.ask(token, query, Value::Null).await?;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{query}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_comes_by_post_as_json_or_not_at_all() -> Result<()> {
    let served = served().await?;
    let url = format!("{}/graphql", served.url);
    let cookie = served.cookie(Person::Clerk).await?;
    let mutation = r#"{"query":"mutation { __typename }"}"#;
    let post = |kind: &'static str, body: &'static str| {
        served
            .client
            .post(&url)
            .header("cookie", cookie.clone())
            .header("content-type", kind)
            .body(body)
            .send()
    };
    assert_eq!(post("application/json", mutation).await?.status(), StatusCode::OK);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        assert_eq!(post(kind, mutation).await?.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let by_get = served.client.get(format!("{url}?query=mutation%20%7B__typename%7D")).send().await?;
    assert_eq!(by_get.status(), StatusCode::METHOD_NOT_ALLOWED);
    let hidden = "query%20a%20%7B__typename%7D%20mutation%20b%20%7B__typename%7D&operationName=b";
    let by_name = served.client.get(format!("{url}?query={hidden}")).send().await?;
    assert_eq!(by_name.status(), StatusCode::METHOD_NOT_ALLOWED);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_cookie_is_kept_from_other_sites_and_from_scripts() -> Result<()> {
    let served = served().await?;
    let form = [("login", Person::Clerk.login()), ("password", pli_tests::PASSWORD)];
    let answer = served.client.post(format!("{}/connexion", served.url)).form(&form).send().await?;
    let cookie = answer.headers().get("set-cookie").context("cookie")?.to_str()?;
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_would_cost_too_much_is_refused_before_it_runs() -> Result<()> {
    let served = served().await?;
    let token = served.token(Person::Auditor).await?;
    let nested = "{ dossiers(first: 100) { edges { node { \
                  ... on Mail { journal(first: 100) { edges { node { actor } } } } } } } }";
    let answer = served.ask(Some(&token), nested, Value::Null).await?;
    assert!(errors(&answer).contains("complex"), "{answer}");
    let many = "{ dossiers(first: 101) { totalCount } }";
    assert!(errors(&served.ask(Some(&token), many, Value::Null).await?).contains("100"));
    let deep = format!("{{ units {}name{} }}", "{ parent ".repeat(20), "}".repeat(20));
    let answer = served.ask(Some(&token), &deep, Value::Null).await?;
    assert!(errors(&answer).contains("deep"), "{answer}");
    let heavy = json!({ "query": "x".repeat(2 << 20) }).to_string();
    let answer = served
        .client
        .post(format!("{}/graphql", served.url))
        .header("content-type", "application/json")
        .body(heavy)
        .send()
        .await?;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_a_hundred_dossiers_with_what_a_list_shows_is_not_too_much() -> Result<()> {
    let served = served().await?;
    let token = served.token(Person::Auditor).await?;
    let list = "{ dossiers(first: 100) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node {
        id reference kind subject stage outcome receivedOn dueOn standing { late daysLeft text } lead { code name }
        assignments { unit { code } part stage } deadlines { rule dueOn stage } allowedActions version
    } } } }";
    let answer = served.ask(Some(&token), list, Value::Null).await?;
    assert_eq!(answer["data"]["dossiers"]["totalCount"], 0, "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_is_shown_in_a_demonstration_only() -> Result<()> {
    let query = "{ __schema { queryType { name } } }";
    let closed = served().await?;
    assert!(closed.ask(None, query, Value::Null).await?["data"]["__schema"].is_null());
    let unknown = closed.ask(None, "{ dossier_s { id } }", Value::Null).await?;
    assert!(!errors(&unknown).contains("mean"), "a name was suggested: {unknown}");
    let demo = Served::open(Engine::Sqlite, true).await?;
    assert_eq!(demo.ask(None, query, Value::Null).await?["data"]["__schema"]["queryType"]["name"], "Query");
    let page = demo.client.get(format!("{}/graphql", demo.url)).header("accept", "text/html").send().await?;
    assert!(page.text().await?.contains("Explorateur de l’API"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_from_the_inside_comes_out() -> Result<()> {
    let served = served().await?;
    let token = served.token(Person::Auditor).await?;
    for query in [
        "{ dossier(id: \"mail:x\") { id } }",
        "{ dossier(id: \"'; DROP TABLE dossier; --\") { id } }",
        "{ dossiers(after: \"x\") { totalCount } }",
        "{ dossiers(first: 0) { totalCount } }",
        "{ nothing }",
        "{",
        "{ dossiers(filter: { words: \"%_'\\\"\" }) { totalCount } }",
        "{ members(search: \"'\\u0000\") { edges { cursor } } }",
        "{ members(after: \"member:x\") { edges { cursor } } }",
        "{ member(id: \"unit:x\") { name } }",
        "{ publishedQuestions(words: \"'\", after: \"'\") { edges { cursor } } }",
        "{ dossierByReference(reference: \"\\u0000\") { id } }",
        "{ publishedQuestion(identity: \"AN-17-QE-\\u0000\") { record { uid } } }",
    ] {
        let answer = served.ask(Some(&token), query, Value::Null).await?.to_string();
        assert!(answer.contains("\"code\"") || !answer.contains("\"errors\""), "no code: {answer}");
        for word in ["SELECT", "sqlite", "database", "panicked", "sea_orm", "invalid byte"] {
            assert!(!answer.contains(word), "{query} answered {answer}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_says_that_it_is_well() -> Result<()> {
    let served = served().await?;
    let answer = served.client.get(format!("{}/health", served.url)).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json::<Value>().await?, json!({ "status": "ok" }));
    Ok(())
}
