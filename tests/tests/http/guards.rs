//! Every page, every form and every field of the API, as found in the sources: a new one is tried without anybody thinking of
//! it. And the headers of every answer.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use pli_server::http::Options;
use pli_tests::{Engine, Person, Served};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::pages::Visitor;

/// The routes of the pages, as they are declared.
pub(crate) const ROUTES: &str = include_str!("../../../crates/web/src/lib.rs");

/// Pages that are anybody's.
const OPEN: [&str; 7] = [
    "/connexion",
    "/connexion/lien",
    "/connexion/lien/x",
    "/accessibilite",
    "/style.css",
    "/pli.js",
    "/icone.svg",
];

/// Forms that come before any session; they bear no token, and open nothing without a password or a link.
const BEFORE: [&str; 4] = ["/connexion", "/connexion/mot-de-passe", "/connexion/lien", "/connexion/lien/x"];

/// The path of each route, with what is declared of it.
fn routes() -> Vec<(String, &'static str)> {
    let declared = ROUTES.split(".route(").skip(1).filter_map(|route| {
        let path = route.split('"').nth(1)?;
        let handlers = route.split_once("\",")?.1;
        Some((path, handlers.split(".fallback(").next()?))
    });
    let filled = |path: &str| {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    declared.map(|(path, handlers)| (filled(path), handlers)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_is_shown_to_nobody() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let pages: Vec<_> = routes().into_iter().filter(|(_, handlers)| handlers.contains("get(")).collect();
    assert!(pages.len() > 40, "{pages:?}");
    for (path, _) in pages {
        let answer = served.client.get(format!("{}{path}", served.url)).send().await?;
        let status = answer.status();
        if OPEN.contains(&path.as_str()) {
            assert_eq!(status, StatusCode::OK, "{path}");
        } else {
            let page = answer.text().await?;
            assert!(matches!(status, StatusCode::SEE_OTHER | StatusCode::NOT_FOUND), "{path}: {status}");
            assert!(!Person::ALL.iter().any(|person| page.contains(person.name())), "{path}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_form_is_taken_without_its_token_nor_from_another_site() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let cookies = [
        served.cookie(Person::Clerk).await?,
        served.cookie(Person::Coordinator).await?,
        served.cookie(Person::Administrator).await?,
    ];
    let forms: Vec<_> = routes().into_iter().filter(|(_, handlers)| handlers.contains("post")).collect();
    assert!(forms.len() > 20, "{forms:?}");
    let sql = served.office.database.sql().await?;
    let before: i64 = sql.one("SELECT count(*) FROM settings_journal").await?;
    for (path, _) in forms {
        let url = format!("{}{path}", served.url);
        for cookie in &cookies {
            let send = |site: &'static str| {
                let fields = [("token", "faux"), ("idempotencyKey", "1"), ("note", "x")];
                let request =
                    served.client.post(&url).header("cookie", cookie).header("sec-fetch-site", site);
                request.form(&fields).send()
            };
            let own = send("same-origin").await?.status();
            let known = matches!(
                own,
                StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
            );
            assert!(
                known && (own != StatusCode::UNPROCESSABLE_ENTITY || BEFORE.contains(&path.as_str())),
                "{path}: {own}"
            );
            let foreign = send("cross-site").await?.status();
            assert!(matches!(foreign, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{path}: {foreign}");
        }
    }
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM settings_journal").await?, before);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM dossier").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_that_is_shown_bears_the_token_of_its_session() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let mut seen = 0_usize;
    for person in [Person::Clerk, Person::Coordinator, Person::Administrator] {
        let visitor = Visitor::open(&served, person).await?;
        // A stream of events shows no form, and never ends.
        for (path, _) in routes().into_iter().filter(|(path, _)| path != "/changements") {
            let (status, page) = visitor.get(&path).await?;
            if status != StatusCode::OK || !page.contains("<html") {
                continue;
            }
            for form in page.split("<form ").skip(1) {
                let form = form.split("</form>").next().context("a form")?;
                if form.contains("method=\"post\"") && !BEFORE.contains(&path.as_str()) {
                    seen += 1;
                    assert!(form.contains("name=\"token\" value=\""), "{person:?} {path}: {form}");
                }
            }
            let inline = page.contains(" style=\"") || page.contains(" onclick=") || page.contains("<style");
            let scripts = page.matches("<script").count() - page.matches("<script src=\"").count();
            assert!(!inline && scripts == 0, "{path}: the policy lets nothing inline through");
        }
    }
    assert!(seen > 60, "{seen}");
    Ok(())
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_the_headers_that_keep_it_safe() -> Result<()> {
    for secure in [false, true] {
        let options = Options { secure_cookies: secure, ..Options::default() };
        let served = Served::open_as(Engine::Sqlite, options).await?;
        let cookie = served.cookie(Person::Clerk).await?;
        for path in [
            "/connexion",
            "/dossiers",
            "/nulle-part",
            "/style.css",
            "/dossiers.csv",
            "/graphql?query=%7B__typename%7D",
            "/health",
            "/graphql",
        ] {
            let answer = served.page(path, &cookie).await?;
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{path}");
            let policy = header(&answer, "content-security-policy");
            assert!(
                policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{path}: {policy}");
            assert_eq!(header(&answer, "referrer-policy"), "same-origin", "{path}");
            assert_eq!(header(&answer, "cross-origin-opener-policy"), "same-origin", "{path}");
            assert_eq!(header(&answer, "cross-origin-resource-policy"), "same-origin", "{path}");
            assert_eq!(header(&answer, "access-control-allow-origin"), "", "{path}");
            let kept = if path == "/style.css" { "public, max-age=31536000, immutable" } else { "no-store" };
            assert_eq!(header(&answer, "cache-control"), kept, "{path}");
            let encrypted = if secure { "max-age=63072000; includeSubDomains" } else { "" };
            assert_eq!(header(&answer, "strict-transport-security"), encrypted, "{path}");
        }
        let form = [("login", Person::Clerk.login()), ("password", pli_tests::PASSWORD)];
        let answer = served.client.post(format!("{}/connexion", served.url)).form(&form).send().await?;
        let cookies: Vec<_> =
            answer.headers().get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()).collect();
        assert_eq!(cookies.len(), 2);
        for cookie in cookies {
            assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
            assert_eq!(cookie.ends_with("; Secure"), secure, "{cookie}");
        }
    }
    Ok(())
}

/// The identifiers of what is not there, and may be named beside what a command is on.
const UNIT: &str = "unit:00000000-0000-7000-8000-000000000000";
const PERSON: &str = "person:00000000-0000-7000-8000-000000000000";
const COMPARTMENT: &str = "compartment:00000000-0000-7000-8000-000000000000";

/// A value for an argument, made from the schema as a program reads it.
fn value(types: &Value, of: &Value, (id, beside): (&str, &str)) -> String {
    match of["kind"].as_str().unwrap_or_default() {
        "NON_NULL" => value(types, &of["ofType"], (id, beside)),
        "LIST" => "[]".to_owned(),
        "ENUM" => {
            let named = types.as_array().and_then(|all| all.iter().find(|one| one["name"] == of["name"]));
            named
                .map(|one| one["enumValues"][0]["name"].as_str().unwrap_or_default().to_owned())
                .unwrap_or_default()
        }
        "INPUT_OBJECT" => {
            let named = types.as_array().and_then(|all| all.iter().find(|one| one["name"] == of["name"]));
            let fields = named.and_then(|one| one["inputFields"].as_array()).cloned().unwrap_or_default();
            format!("{{ {} }}", arguments(types, &fields, (id, beside)))
        }
        _ => match of["name"].as_str().unwrap_or_default() {
            "ID" => format!("\"{id}\""),
            "Int" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "NaiveDate" | "Date" => "\"2026-11-22\"".to_owned(),
            "DateTime" => "\"2026-11-22T09:00:00Z\"".to_owned(),
            _ => "\"x\"".to_owned(),
        },
    }
}

/// The arguments that must be given.
pub(crate) fn arguments(types: &Value, all: &[Value], (id, beside): (&str, &str)) -> String {
    let needed = all.iter().filter(|one| one["type"]["kind"] == "NON_NULL" && one["defaultValue"].is_null());
    let given = needed.map(|one| {
        let name = one["name"].as_str().unwrap_or_default();
        // A command may name units beside what it is on.
        let id = if ["lead", "parent", "unit", "owner", "person", "compartment"].contains(&name) {
            beside
        } else {
            id
        };
        format!("{name}: {}", value(types, &one["type"], (id, beside)))
    });
    given.collect::<Vec<_>>().join(", ")
}

/// Whether a type has fields of its own.
pub(crate) fn composite(of: &Value) -> bool {
    match of["kind"].as_str() {
        Some("NON_NULL" | "LIST") => composite(&of["ofType"]),
        kind => matches!(kind, Some("OBJECT" | "INTERFACE" | "UNION")),
    }
}

/// The schema, as a program reads it where it may.
pub(crate) async fn described(served: &Served) -> Result<Value> {
    let of = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
    let query = format!(
        "{{ __schema {{ types {{ name kind enumValues {{ name }} inputFields {{ name defaultValue type {{ {of} }} }} \
           fields {{ name type {{ {of} }} args {{ name defaultValue type {{ {of} }} }} }} }} }} }}"
    );
    served.ask(None, &query, Value::Null).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_field_of_the_api_answers_nobody() -> Result<()> {
    let served =
        Served::open_as(Engine::Sqlite, Options { introspection: true, ..Options::default() }).await?;
    let schema = described(&served).await?;
    let types = &schema["data"]["__schema"]["types"];
    let all = types.as_array().with_context(|| format!("{schema}"))?;
    let ids = [
        "mail",
        "unit",
        "person",
        "entry",
        "discrepancy",
        "search",
        "batch",
        "session",
        "token",
        "identity",
        "link",
        "compartment",
        "elimination",
        "member",
        "run",
    ];
    let mut asked = BTreeSet::new();
    for (root, word) in [("Query", "query"), ("Mutation", "mutation")] {
        let fields = all.iter().find(|one| one["name"] == root).context("no root")?["fields"].clone();
        for field in fields.as_array().context("no fields")? {
            let name = field["name"].as_str().context("a name")?;
            let selection = if composite(&field["type"]) { " { __typename }" } else { "" };
            let args = field["args"].as_array().cloned().unwrap_or_default();
            let mut told = Value::Null;
            for kind in ids {
                let id = format!("{kind}:00000000-0000-7000-8000-000000000000");
                for beside in [UNIT, PERSON, COMPARTMENT, &id] {
                    // An identifier of another kind cannot be read: the next one may be.
                    if !told.is_null() && told["errors"][0]["extensions"]["code"] != "BAD_USER_INPUT" {
                        break;
                    }
                    let given = arguments(types, &args, (&id, beside));
                    let given = if given.is_empty() { given } else { format!("({given})") };
                    told = served
                        .ask(None, &format!("{word} {{ {name}{given}{selection} }}"), Value::Null)
                        .await?;
                }
            }
            assert_eq!(told["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{word} {name}: {told}");
            assert!(told["data"].is_null() || told["data"][name].is_null(), "{word} {name}: {told}");
            asked.insert(name.to_owned());
        }
    }
    assert!(asked.len() > 80 && asked.contains("me") && asked.contains("createToken"), "{asked:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_lists_of_requests_nor_many_names_for_one_field_go_round_the_limits() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let token = served.token(Person::Auditor).await?;
    let post = |body: Value| {
        let request = served.client.post(format!("{}/graphql", served.url)).bearer_auth(&token);
        request.json(&body).send()
    };
    let batch = post(json!([{ "query": "{ me { name } }" }, { "query": "{ me { name } }" }])).await?;
    assert_eq!(batch.status(), StatusCode::BAD_REQUEST, "one request at a time");
    let many = (0..20).map(|number| {
        format!("a{number}: dossiers(first: 100) {{ edges {{ node {{ id reference subject dueOn }} }} }}")
    });
    let query = format!("{{ {} }}", many.collect::<Vec<_>>().join(" "));
    let answer: Value = post(json!({ "query": query })).await?.json().await?;
    assert!(answer["errors"].to_string().contains("complex"), "{answer}");
    let fragments = "query { ...a } fragment a on Query { me { name } ...b } fragment b on Query { ...a }";
    let answer: Value = post(json!({ "query": fragments })).await?.json().await?;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
        "a fragment within itself: {answer}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_that_is_trusted_and_only_there_its_word_is_taken() -> Result<()> {
    for behind_proxy in [false, true] {
        let served = Served::open_as(Engine::Sqlite, Options { behind_proxy, ..Options::default() }).await?;
        let form = [("login", Person::Clerk.login()), ("password", "au hasard 1234")];
        let request = served.client.post(format!("{}/connexion", served.url)).form(&form);
        request.header("x-forwarded-for", "203.0.113.9, 192.0.2.7").send().await?;
        let address: String =
            served.office.database.sql().await?.one("SELECT address FROM access_journal").await?;
        assert_eq!(address, if behind_proxy { "192.0.2.7" } else { "127.0.0.1" });
    }
    Ok(())
}
