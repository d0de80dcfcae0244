//! One's own account over HTTP: signing in, « Mon compte », and the API.

use anyhow::{Context as _, Result};
use pli_app::AccessRules;
use pli_tests::{Engine, PASSWORD, Person, Served};
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::pages::{Visitor, between};

const NEW: &str = "agrafe bleue quatorze";

async fn sign_in(served: &Served, login: &str, password: &str, cookie: &str) -> Result<Response> {
    let form = [("login", login), ("password", password)];
    let request = served.client.post(format!("{}/connexion", served.url)).header("cookie", cookie);
    Ok(request.form(&form).send().await?)
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers.get_all("set-cookie").iter().filter_map(|line| Some(line.to_str().ok()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_sign_ins_are_held_and_the_page_says_until_when() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let login = Person::Clerk.login();
    let opened = sign_in(&served, login, PASSWORD, "").await?;
    let kept = cookies(opened.headers());
    let device = kept.iter().find(|line| line.starts_with("pli_appareil=")).context("no device")?;
    assert!(device.contains("HttpOnly") && device.contains("SameSite=Strict"), "{device}");
    let device = device.split(';').next().context("no cookie")?;
    let mut answers = Vec::new();
    for login in [login, "personne"] {
        for _ in 0..10 {
            sign_in(&served, login, "au hasard 1234", "").await?;
        }
        let held = sign_in(&served, login, PASSWORD, "").await?;
        assert_eq!(held.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(held.headers()["retry-after"], "300");
        answers.push(held.text().await?.replace(login, "?"));
    }
    assert!(answers[0].contains("Trop de tentatives de connexion\u{a0}: réessayez dans 5\u{a0}minutes."));
    assert_eq!(answers[0], answers[1], "whether the login exists is not told");
    let own = sign_in(&served, login, PASSWORD, device).await?;
    assert_eq!(own.status(), StatusCode::SEE_OTHER, "its owner's browser is let in");
    assert!(cookies(own.headers()).iter().any(|line| line.starts_with(device)), "and stays known");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drawn_password_is_changed_on_the_way_in() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let administrator = Visitor::open(&served, Person::Administrator).await?;
    let login = Person::Clerk.login();
    let reset = [("idempotencyKey", "1")];
    let page = administrator.post(&format!("/reglages/personnes/{login}/reset_password"), &reset).await?;
    let page = page.text().await?;
    let drawn = between(&page, "id=\"mot-de-passe\">", "<")?.to_owned();
    let asked = sign_in(&served, login, &drawn, "").await?;
    assert_eq!(asked.status(), StatusCode::OK);
    assert_eq!(cookies(asked.headers()), Vec::<String>::new(), "nobody is signed in yet");
    let asked = asked.text().await?;
    assert!(asked.contains("Choisir votre mot de passe") && !asked.contains(&drawn), "{asked}");
    let choose = async |password: &str, new: &str, again: &str| -> Result<Response> {
        let form = [
            ("login", login),
            ("password", password),
            ("newPassword", new),
            ("newPasswordAgain", again),
            ("suite", "/dossiers"),
        ];
        let url = format!("{}/connexion/mot-de-passe", served.url);
        Ok(served.client.post(url).form(&form).send().await?)
    };
    for (password, new, again, told) in [
        (drawn.as_str(), NEW, "agrafe verte quatorze", "Les deux saisies du nouveau mot de passe diffèrent"),
        (&drawn, "court", "court", "douze caractères au moins"),
        (&drawn, "", "", "à remplir"),
        ("autre chose 1234", NEW, NEW, "Identifiant ou mot de passe incorrect."),
    ] {
        let refused = choose(password, new, again).await?;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        let page = refused.text().await?;
        assert!(page.contains(told) && !page.contains(&drawn), "{told}: {page}");
    }
    let opened = choose(&drawn, NEW, NEW).await?;
    assert_eq!(
        (opened.status(), &opened.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/dossiers".parse()?)
    );
    assert_eq!(sign_in(&served, login, NEW, "").await?.status(), StatusCode::SEE_OTHER);
    let foreign = served
        .client
        .post(format!("{}/connexion/mot-de-passe", served.url))
        .header("sec-fetch-site", "cross-site")
        .form(&[("login", login)]);
    assert_eq!(foreign.send().await?.status(), StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_keeps_their_own_account_and_nobody_elses() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let anonymous = served.client.get(format!("{}/mon-compte", served.url)).send().await?;
    assert_eq!(anonymous.headers()["location"], "/connexion?suite=%2Fmon-compte");
    let stranger = Visitor::open(&served, Person::Auditor).await?;
    for person in Person::ALL {
        let visitor = Visitor::open(&served, person).await?;
        let (status, page) = visitor.get("/mon-compte").await?;
        assert_eq!(status, StatusCode::OK, "{person:?}");
        assert!(page.contains("(celui-ci)") && page.contains("Vous n’avez aucun jeton."), "{person:?}");
    }
    let owner = Visitor::open(&served, Person::Drafter).await?;
    let make = [("idempotencyKey", "1"), ("name", "Tableau de bord"), ("scope", "read"), ("days", "30")];
    let answer = owner.post("/mon-compte/make_token", &make).await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = answer.text().await?;
    let secret = between(&page, "id=\"jeton\">", "<")?.to_owned();
    assert_eq!(secret.len(), 64);
    let again = owner.post("/mon-compte/make_token", &make).await?.text().await?;
    assert!(again.contains("le jeton a été montré une fois") && !again.contains(&secret));
    let (_, page) = owner.get("/mon-compte").await?;
    assert!(page.contains("Tableau de bord") && page.contains("Lecture") && !page.contains(&secret));
    let revoke = between(&page, "action=\"/mon-compte/revoke_token\"", "</form>")?;
    let id = between(revoke, "name=\"id\" value=\"", "\"")?.to_owned();
    for form in ["revoke_token", "close_session"] {
        let theirs = [("idempotencyKey", "x"), ("id", id.as_str())];
        let status = stranger.post(&format!("/mon-compte/{form}"), &theirs).await?.status();
        let expected = if form == "revoke_token" { StatusCode::NOT_FOUND } else { StatusCode::SEE_OTHER };
        assert_eq!(status, expected, "{form}: as one that does not exist");
    }
    let token = Some(secret.as_str());
    assert_eq!(
        served.ask(token, "{ me { name } }", Value::Null).await?["data"]["me"]["name"],
        Person::Drafter.name()
    );
    for form in ["change_password", "make_token", "close_others", "revoke_token"] {
        let unsigned = [("token", "faux"), ("idempotencyKey", "2"), ("id", &id)];
        let answer = owner.post(&format!("/mon-compte/{form}"), &unsigned).await?;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{form}: another token than the session's");
    }
    let revoked = owner.post("/mon-compte/revoke_token", &[("idempotencyKey", "3"), ("id", &id)]).await?;
    assert_eq!(revoked.headers()["location"], "/mon-compte?fait=revoke_token");
    let answer = served.ask(token, "{ me { name } }", Value::Null).await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_changed_and_other_sessions_end_on_the_page() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let other = Visitor::open(&served, Person::Clerk).await?;
    let owner = Visitor::open(&served, Person::Clerk).await?;
    let change = async |password: &str, new: &str, again: &str| {
        let fields = [
            ("idempotencyKey", "1"),
            ("password", password),
            ("newPassword", new),
            ("newPasswordAgain", again),
        ];
        owner.post("/mon-compte/change_password", &fields).await
    };
    for (password, new, again, told) in [
        ("autre chose 1234", NEW, NEW, "Ce n’est pas votre mot de passe actuel."),
        (PASSWORD, NEW, "autre chose 1234", "Les deux saisies"),
        (PASSWORD, "azertyuiop123", "azertyuiop123", "trop facile à deviner"),
    ] {
        let refused = change(password, new, again).await?;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await?;
        assert!(page.contains(told) && !page.contains(new) && !page.contains(password), "{told}: {page}");
    }
    let done = change(PASSWORD, NEW, NEW).await?;
    assert_eq!(done.headers()["location"], "/mon-compte?fait=change_password");
    assert_eq!(owner.get("/mon-compte?fait=change_password").await?.0, StatusCode::OK);
    assert_eq!(other.get("/mon-compte").await?.0, StatusCode::SEE_OTHER, "it is closed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_reads_changes_nothing_whatever_is_asked() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let cookie = served.cookie(Person::Coordinator).await?;
    let by_session = async |query: &str, variables: Value| -> Result<Value> {
        let body = json!({ "query": query, "variables": variables });
        let request = served.client.post(format!("{}/graphql", served.url)).header("cookie", &cookie);
        Ok(request.json(&body).send().await?.json().await?)
    };
    let create = "mutation($scope: TokenScope!, $key: String!) { createToken(input: {
        idempotencyKey: $key, name: \"Essai\", scope: $scope, days: 10
    }) { secret token { id name scope expiresAt usedAt } userErrors { code field } } }";
    let made = by_session(create, json!({ "scope": "READ", "key": "1" })).await?;
    let made = &made["data"]["createToken"];
    assert_eq!(made["token"]["expiresAt"], "2026-12-02T09:00:00+00:00", "{made}");
    let again = by_session(create, json!({ "scope": "READ", "key": "1" })).await?;
    assert!(again["data"]["createToken"]["secret"].is_null(), "it is shown once");
    let reads = made["secret"].as_str().context("no secret")?;
    let writes = by_session(create, json!({ "scope": "WRITE", "key": "2" })).await?;
    let writes = writes["data"]["createToken"]["secret"].as_str().context("no secret")?.to_owned();
    let schema = include_str!("../../../schema.graphql");
    let mutations = between(schema, "type Mutation {", "\n}")?.lines().filter_map(|line| {
        let name: String = line.trim().chars().take_while(char::is_ascii_alphanumeric).collect();
        let field = line.starts_with('\t') && !line.starts_with("\t\t") && !line.trim().starts_with('"');
        (field && name.starts_with(|first: char| first.is_ascii_lowercase())).then_some(name)
    });
    let mutations: Vec<_> = mutations.collect();
    assert!(mutations.len() > 50 && mutations.contains(&"createToken".to_owned()), "{mutations:?}");
    for mutation in &mutations {
        for query in [
            format!("mutation {{ {mutation} {{ __typename }} }}"),
            format!("query a {{ __typename }} mutation b {{ {mutation} {{ __typename }} }}"),
        ] {
            let body = json!({ "query": query, "operationName": query.contains(" b ").then_some("b") });
            let request = served.client.post(format!("{}/graphql", served.url)).bearer_auth(reads);
            let answer: Value = request.json(&body).send().await?.json().await?;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "READ_ONLY_TOKEN", "{query}: {answer}");
        }
    }
    let me = "{ me { sessions { id } tokens { name scope usedAt } accesses { edges { node { event by detail } } } } }";
    let read = served.ask(Some(reads), me, Value::Null).await?;
    assert_eq!(read["data"]["me"]["tokens"][0]["name"], "Essai", "{read}");
    // A token that writes acts, but makes no other.
    let notified = "mutation { chooseNotifications(notifications: NONE) }";
    assert_eq!(
        served.ask(Some(&writes), notified, Value::Null).await?["data"]["chooseNotifications"],
        "NONE"
    );
    let other = served.ask(Some(&writes), create, json!({ "scope": "READ", "key": "3" })).await?;
    assert_eq!(other["data"]["createToken"]["userErrors"][0]["code"], "SESSION_REQUIRED", "{other}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_keeps_accounts_and_the_administrator_takes_tokens_back() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let ask = async |cookie: &str, query: &str| -> Result<Value> {
        let request = served.client.post(format!("{}/graphql", served.url)).header("cookie", cookie);
        let mut answer: Value = request.json(&json!({ "query": query })).send().await?.json().await?;
        anyhow::ensure!(answer.get("errors").is_none(), "{query}: {answer}");
        Ok(answer["data"].take())
    };
    let (clerk, keeper) = (served.cookie(Person::Clerk).await?, served.cookie(Person::Administrator).await?);
    served.cookie(Person::Clerk).await?;
    let sessions = ask(&clerk, "{ me { sessions { id current browser since usedAt } } }").await?;
    let sessions = sessions["me"]["sessions"].as_array().context("no list")?.clone();
    let other = sessions.iter().find(|one| one["current"] == false).context("no other session")?;
    let close = format!(
        "mutation {{ answer: closeSession(id: {}) {{ sessions {{ current }} userErrors {{ code }} }} }}",
        other["id"]
    );
    let closed = ask(&clerk, &close).await?;
    assert_eq!(closed["answer"], json!({ "sessions": [{ "current": true }], "userErrors": [] }));
    let others = "mutation { answer: closeOtherSessions { sessions { current } userErrors { code } } }";
    assert_eq!(ask(&clerk, others).await?, closed);
    let change = format!(
        "mutation {{ answer: changePassword(idempotencyKey: \"1\", password: \"{PASSWORD}\", \
                          newPassword: \"{NEW}\") {{ sessions {{ current }} userErrors {{ code }} }} }}"
    );
    assert_eq!(ask(&clerk, &change).await?, closed);
    served.token(Person::Clerk).await?;
    let person =
        ask(&keeper, "{ person(login: \"agent\") { id } tokensOf(login: \"agent\") { id name } }").await?;
    let (token, id) = (&person["tokensOf"][0]["id"], &person["person"]["id"]);
    let revoke = format!(
        "mutation {{ answer: revokeToken(on: {{ id: {token}, idempotencyKey: \"1\" }}, person: {id}) \
                          {{ userErrors {{ code }} }} }}"
    );
    for _ in 0..2 {
        assert_eq!(ask(&keeper, &revoke).await?["answer"], json!({ "userErrors": [] }));
    }
    let told =
        ask(&keeper, "{ accessJournal(first: 1) { edges { node { event person by detail } } } }").await?;
    assert!(told["accessJournal"]["edges"][0]["node"]["person"].is_string(), "{told}");
    let token = served.token(Person::Clerk).await?;
    for query in ["{ tokensOf(login: \"audit\") { id } }", "{ accessJournal { edges { cursor } } }"] {
        let refused = served.ask(Some(&token), query, Value::Null).await?;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "NOT_YOURS", "{query}: {refused}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_for_too_much_is_told_when_to_come_back() -> Result<()> {
    let rules = AccessRules {
        per_person: 4.try_into().ok(),
        per_address: 12.try_into().ok(),
        ..AccessRules::default()
    };
    let served = Served::open_with(Engine::Sqlite, rules).await?;
    let token = served.token(Person::Clerk).await?;
    let ask = async || {
        let request = served.client.post(format!("{}/graphql", served.url)).bearer_auth(&token);
        request.json(&json!({ "query": "{ me { name } }" })).send().await
    };
    for _ in 0..4 {
        assert_eq!(ask().await?.status(), StatusCode::OK);
    }
    let held = ask().await?;
    assert_eq!(
        (held.status(), &held.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"15".parse()?)
    );
    assert_eq!(held.json::<Value>().await?["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    // The pages count with the API, and so do those of nobody, by their address.
    let cookie = served.cookie(Person::Clerk).await?;
    let page = served.page("/dossiers", &cookie).await?;
    assert_eq!(
        (page.status(), &page.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"15".parse()?)
    );
    assert!(page.text().await?.contains("réessayez dans 15\u{a0}secondes"));
    for _ in 0..5 {
        assert_eq!(served.page("/connexion", "").await?.status(), StatusCode::OK);
    }
    let page = served.page("/connexion", "").await?;
    assert_eq!(
        (page.status(), &page.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"5".parse()?)
    );
    assert_eq!(ask().await?.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        served.page("/health", "").await?.status(),
        StatusCode::OK,
        "whoever watches over Pli is let in"
    );
    Ok(())
}
