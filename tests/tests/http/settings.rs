//! Réglages over HTTP: the API and the pages, as each person finds them.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use pli_domain::actor::Role;
use pli_tests::{Engine, PASSWORD, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

pli_tests::on_both!(
    units_and_people_are_kept_through_the_api,
    a_refusal_says_which_field_to_correct,
    each_mutation_is_the_administrators,
    each_page_is_the_administrators,
    what_the_pages_do_is_the_administrators,
    a_disabled_account_is_out_at_its_next_request,
);

/// The data of an answer that must have no error.
fn data(mut answer: Value) -> Result<Value> {
    anyhow::ensure!(answer.get("errors").is_none(), "the API answered {answer}");
    Ok(answer["data"].take())
}

/// A person as an administrator reads them.
async fn person(served: &Served, login: &str) -> Result<Value> {
    let token = served.token(Person::Administrator).await?;
    let query = "query($login: String!) { person(login: $login) {
        id login name email disabled grants { role unit { code } }
    } }";
    let data = data(served.ask(Some(&token), query, json!({ "login": login })).await?)?;
    Ok(data["person"].clone())
}

async fn unit(served: &Served, code: &str) -> Result<Value> {
    let token = served.token(Person::Administrator).await?;
    let query = "query($code: String!) { unit(code: $code) {
        id code name kind parent { code } validFrom validTo openDossiers
    } }";
    let data = data(served.ask(Some(&token), query, json!({ "code": code })).await?)?;
    Ok(data["unit"].clone())
}

/// A mutation of somebody: its name and arguments, `$on` among them, and what it answers.
async fn ask(served: &Served, by: Person, mutation: &str, on: &Value, answers: &str) -> Result<Value> {
    let token = served.token(by).await?;
    let query = format!(
        "mutation($on: OnSetting!) {{ answer: {mutation} {{ {answers} userErrors {{ code field }} }} }}"
    );
    let key = format!("{mutation} {on}");
    served.ask(Some(&token), &query, json!({ "on": { "id": on, "idempotencyKey": key } })).await
}

async fn units_and_people_are_kept_through_the_api(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let token = served.token(Person::Administrator).await?;
    let (dacs, dap) = (unit(&served, "DACS").await?, unit(&served, "DAP").await?);
    let add = r#"mutation($parent: ID!, $key: String!) { addUnit(input: {
        idempotencyKey: $key, code: "dacs-c4", name: "Bureau des sûretés", kind: BUREAU, parent: $parent,
        validFrom: "2026-12-01"
    }) { unit { id code parent { code } openDossiers } userErrors { code field message } } }"#;
    let variables = json!({ "parent": dacs["id"], "key": "1" });
    let added = data(served.ask(Some(&token), add, variables.clone()).await?)?;
    assert_eq!(data(served.ask(Some(&token), add, variables).await?)?, added, "the same key");
    let new = &added["addUnit"]["unit"];
    assert_eq!(
        (&new["code"], &new["parent"]["code"], &new["openDossiers"]),
        (&json!("DACS-C4"), &json!("DACS"), &json!(0))
    );
    let id = &new["id"];
    for mutation in [
        format!("changeUnit(on: $on, name: \"Bureau B\", parent: {})", dap["id"]),
        "closeUnit(on: $on, lastDay: \"2027-06-30\")".to_owned(),
    ] {
        data(ask(&served, Person::Administrator, &mutation, id, "unit { id }").await?)?;
    }
    let closed = unit(&served, "DACS-C4").await?;
    assert_eq!(
        (&closed["name"], &closed["parent"]["code"], &closed["validTo"]),
        (&json!("Bureau B"), &json!("DAP"), &json!("2027-06-30"))
    );
    data(ask(&served, Person::Administrator, "reopenUnit(on: $on)", id, "unit { id }").await?)?;
    assert_eq!(unit(&served, "DACS-C4").await?["validTo"], Value::Null);

    let add = r#"mutation($unit: ID!, $key: String!) { addPerson(input: {
        idempotencyKey: $key, login: "ozanne", name: "Perrine Ozanne", grants: [{ role: DRAFTER, unit: $unit }]
    }) { person { id login } password userErrors { code } } }"#;
    let variables = json!({ "unit": id, "key": "2" });
    let added = data(served.ask(Some(&token), add, variables.clone()).await?)?;
    let again = data(served.ask(Some(&token), add, variables).await?)?;
    assert_eq!(again["addPerson"]["person"], added["addPerson"]["person"]);
    assert_eq!(again["addPerson"]["password"], Value::Null, "it is shown once");
    let password = added["addPerson"]["password"].as_str().context("no password")?;
    assert!(served.office.come_in_first("ozanne", password).await?.is_some());
    let id = &added["addPerson"]["person"]["id"];
    let role = format!("grant: {{ role: APPROVER, unit: {} }}", dacs["id"]);
    for mutation in [
        "changePerson(on: $on, email: \"ozanne@justice.example\")".to_owned(),
        format!("grantRole(on: $on, {role})"),
        "setAccountDisabled(on: $on, disabled: true)".to_owned(),
    ] {
        data(ask(&served, Person::Administrator, &mutation, id, "person { id }").await?)?;
    }
    let expected = json!({
        "id": id, "login": "ozanne", "name": "Perrine Ozanne", "email": "ozanne@justice.example", "disabled": true,
        "grants": [
            { "role": "APPROVER", "unit": { "code": "DACS" } }, { "role": "DRAFTER", "unit": { "code": "DACS-C4" } },
        ],
    });
    let mut found = person(&served, "ozanne").await?;
    found["grants"].as_array_mut().context("grants")?.sort_by_key(ToString::to_string);
    assert_eq!(found, expected);
    data(
        ask(
            &served,
            Person::Administrator,
            "setAccountDisabled(on: $on, disabled: false)",
            id,
            "person { id }",
        )
        .await?,
    )?;
    data(
        ask(&served, Person::Administrator, &format!("revokeRole(on: $on, {role})"), id, "person { id }")
            .await?,
    )?;
    let reset = data(ask(&served, Person::Administrator, "resetPassword(on: $on)", id, "password").await?)?;
    let password = reset["answer"]["password"].as_str().context("no password")?;
    assert!(served.office.come_in_first("ozanne", password).await?.is_some());

    let query = "{ people(words: \"OZANNE\", first: 1) { edges { node { login grants { role } } } pageInfo { hasNextPage } } }";
    let people = data(served.ask(Some(&token), query, Value::Null).await?)?;
    let found = json!({
        "edges": [{ "node": { "login": "ozanne", "grants": [{ "role": "DRAFTER" }] } }],
        "pageInfo": { "hasNextPage": false },
    });
    assert_eq!(people["people"], found);
    let query = "{ settingsJournal(first: 100) { edges { node { seq action subjectKind actor } } } }";
    let journal = data(served.ask(Some(&served.token(Person::Auditor).await?), query, Value::Null).await?)?;
    let lines = journal["settingsJournal"]["edges"].as_array().context("edges")?;
    let actions: Vec<_> = lines.iter().rev().filter_map(|line| line["node"]["action"].as_str()).collect();
    assert_eq!(
        actions.join(" "),
        "ADD_UNIT CHANGE_UNIT CLOSE_UNIT REOPEN_UNIT ADD_PERSON CHANGE_PERSON GRANT_ROLE DISABLE_ACCOUNT \
         ENABLE_ACCOUNT REVOKE_ROLE RESET_PASSWORD"
    );
    assert_eq!(lines[0]["node"]["actor"], Person::Administrator.name());
    Ok(())
}

async fn a_refusal_says_which_field_to_correct(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let (dacs, c1) = (unit(&served, "DACS").await?, unit(&served, "DACS-C1").await?);
    let own = person(&served, Person::Administrator.login()).await?;
    let root = unit(&served, "MJ").await?;
    let under_itself = format!("changeUnit(on: $on, parent: {})", c1["id"]);
    let administrator =
        format!("revokeRole(on: $on, grant: {{ role: ADMINISTRATOR, unit: {} }})", root["id"]);
    for (mutation, on, code, field) in [
        (under_itself.as_str(), &dacs, "UNIT_LOOP", json!("parent")),
        ("closeUnit(on: $on, lastDay: \"1999-01-01\")", &c1, "ENDS_BEFORE_IT_BEGINS", json!("lastDay")),
        ("closeUnit(on: $on, lastDay: \"2026-12-31\")", &root, "ROOT_STAYS", Value::Null),
        ("changePerson(on: $on, email: \"a b@c\")", &own, "EMAIL_FORM", json!("email")),
        ("setAccountDisabled(on: $on, disabled: true)", &own, "LAST_ADMINISTRATOR", Value::Null),
        (administrator.as_str(), &own, "LAST_ADMINISTRATOR", Value::Null),
    ] {
        let answer = data(ask(&served, Person::Administrator, mutation, &on["id"], "").await?)?;
        assert_eq!(answer["answer"]["userErrors"], json!([{ "code": code, "field": field }]), "{mutation}");
    }
    let absent = json!("person:00000000-0000-7000-8000-000000000000");
    let answer = ask(&served, Person::Administrator, "resetPassword(on: $on)", &absent, "").await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let mixed = ask(&served, Person::Administrator, "resetPassword(on: $on)", &dacs["id"], "").await?;
    assert_eq!(mixed["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    Ok(())
}

async fn each_mutation_is_the_administrators(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let (c1, drafter) = (unit(&served, "DACS-C1").await?, person(&served, Person::Drafter.login()).await?);
    let role = format!("grant: {{ role: APPROVER, unit: {} }}", c1["id"]);
    let mutations = [
        ("changeUnit(on: $on, name: \"Autre\")".to_owned(), &c1),
        ("closeUnit(on: $on, lastDay: \"2027-06-30\")".to_owned(), &c1),
        ("reopenUnit(on: $on)".to_owned(), &c1),
        ("changePerson(on: $on, name: \"Autre\")".to_owned(), &drafter),
        (format!("grantRole(on: $on, {role})"), &drafter),
        (format!("revokeRole(on: $on, {role})"), &drafter),
        ("setAccountDisabled(on: $on, disabled: true)".to_owned(), &drafter),
        ("setAccountDisabled(on: $on, disabled: false)".to_owned(), &drafter),
        ("resetPassword(on: $on)".to_owned(), &drafter),
    ];
    let queries = [
        "{ people { edges { cursor } } }",
        "{ person(login: \"audit\") { login } }",
        "{ settingsJournal { edges { cursor } } }",
    ];
    for by in Person::ALL {
        let allowed = by == Person::Administrator;
        for (mutation, on) in &mutations {
            let answer = data(ask(&served, by, mutation, &on["id"], "").await?)?;
            let refused = json!([{ "code": "NOT_YOURS", "field": null }]);
            let expected = if allowed { json!([]) } else { refused };
            assert_eq!(answer["answer"]["userErrors"], expected, "{by:?} {mutation}");
        }
        let token = served.token(by).await?;
        for query in queries {
            let answer = served.ask(Some(&token), query, Value::Null).await?;
            let audits = by == Person::Auditor && query.contains("settingsJournal");
            let code = answer["errors"][0]["extensions"]["code"].as_str();
            assert_eq!(code, (!allowed && !audits).then_some("NOT_YOURS"), "{by:?} {query}");
        }
        let counted = data(served.ask(Some(&token), "{ units { openDossiers } }", Value::Null).await?)?;
        assert_eq!(counted["units"][0]["openDossiers"].is_null(), !allowed, "{by:?}");
    }
    for query in queries {
        let answer = served.ask(None, query, Value::Null).await?;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    Ok(())
}

/// The pages that are read, and whether the auditor reads them too.
const PAGES: [(&str, bool); 12] = [
    ("/reglages/acces", true),
    ("/reglages/denominations", true),
    ("/reglages/conservation", true),
    ("/reglages/gouvernement", false),
    ("/reglages", true),
    ("/reglages/journal", true),
    ("/reglages/services", false),
    ("/reglages/services/DACS", false),
    ("/reglages/services/NULLE-PART", false),
    ("/reglages/personnes", false),
    ("/reglages/personnes/audit", false),
    ("/reglages/personnes/personne", false),
];

async fn each_page_is_the_administrators(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    for by in Person::ALL {
        let cookie = served.cookie(by).await?;
        let list = served.page("/dossiers", &cookie).await?.text().await?;
        let reads = matches!(by, Person::Administrator | Person::Auditor);
        assert_eq!(list.contains("href=\"/reglages\""), reads, "{by:?}: the menu");
        for (page, audited) in PAGES {
            let status = served.page(page, &cookie).await?.status();
            let absent = page.ends_with("NULLE-PART") || page.ends_with("/personne");
            let expected = match by {
                Person::Administrator if absent => StatusCode::NOT_FOUND,
                Person::Administrator => StatusCode::OK,
                Person::Auditor if audited => StatusCode::OK,
                _ => StatusCode::FORBIDDEN,
            };
            assert_eq!(status, expected, "{by:?} {page}");
        }
    }
    let anonymous = served.client.get(format!("{}/reglages/personnes", served.url)).send().await?;
    assert_eq!(anonymous.headers()["location"], "/connexion?suite=%2Freglages%2Fpersonnes");
    // Words of nobody's in an address are an error of the address, not of ours.
    let cookie = served.cookie(Person::Administrator).await?;
    for wrong in ["/reglages/personnes?service=X", "/reglages/personnes?apres=x", "/reglages/journal?avant=x"]
    {
        assert_eq!(served.page(wrong, &cookie).await?.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    Ok(())
}

/// The value of the token of a page's forms.
async fn form_token(served: &Served, cookie: &str) -> Result<String> {
    let page = served.page("/dossiers", cookie).await?.text().await?;
    let (_, rest) = page.split_once("name=\"token\" value=\"").context("no token")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

async fn what_the_pages_do_is_the_administrators(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let unit = [("name", "Autre nom"), ("kind", "bureau"), ("parent", "DACS-D"), ("lastDay", "2027-06-30")];
    let person = [("name", "Autre nom"), ("role", "approver"), ("unit", "DACS-C")];
    let new_unit = [
        ("code", "DACS-C9"),
        ("name", "Nouveau"),
        ("kind", "bureau"),
        ("parent", "DACS-C"),
        ("validFrom", "2026-12-01"),
    ];
    let new_person = [("login", "ozanne"), ("name", "Perrine Ozanne"), ("role", "drafter"), ("unit", "DACS")];
    let forms: [(&str, &[(&str, &str)]); 12] = [
        ("/reglages/services", &new_unit),
        ("/reglages/services/DACS-C1/rename", &unit),
        ("/reglages/services/DACS-C1/move", &unit),
        ("/reglages/services/DACS-C1/close", &unit),
        ("/reglages/services/DACS-C1/reopen", &unit),
        ("/reglages/personnes", &new_person),
        ("/reglages/personnes/redaction/change", &person),
        ("/reglages/personnes/redaction/grant", &person),
        ("/reglages/personnes/redaction/revoke", &person),
        ("/reglages/personnes/redaction/disable", &person),
        ("/reglages/personnes/redaction/enable", &person),
        ("/reglages/personnes/redaction/reset_password", &person),
    ];
    for by in Person::ALL {
        let cookie = served.cookie(by).await?;
        let token = form_token(&served, &cookie).await?;
        for (path, fields) in forms {
            let mut form: BTreeMap<&str, &str> = fields.iter().copied().collect();
            let send = async |form: &BTreeMap<&str, &str>| {
                let url = format!("{}{path}", served.url);
                served.client.post(url).header("cookie", &cookie).form(form).send().await
            };
            form.insert("idempotencyKey", path);
            let status = send(&form).await?.status();
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{by:?} {path}: without the page's token");
            form.insert("token", &token);
            let answer = send(&form).await?;
            let shows = path.ends_with("reset_password") || path == "/reglages/personnes";
            let expected = match by {
                Person::Administrator if shows => StatusCode::OK,
                Person::Administrator => StatusCode::SEE_OTHER,
                _ => StatusCode::FORBIDDEN,
            };
            assert_eq!(answer.status(), expected, "{by:?} {path}: {}", answer.text().await?);
        }
    }
    let nowhere =
        served.page("/reglages/services/DACS/add", &served.cookie(Person::Administrator).await?).await?;
    assert_eq!(nowhere.status(), StatusCode::SEE_OTHER, "it leads back to the page");
    let kept = served.office.database.store.person("ozanne").await?.context("not added")?;
    assert!(kept.grants.iter().any(|grant| grant.role == Role::Drafter));
    Ok(())
}

async fn a_disabled_account_is_out_at_its_next_request(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let (cookie, token) = (served.cookie(Person::Drafter).await?, served.token(Person::Drafter).await?);
    let me = "{ me { name } }";
    assert_eq!(served.page("/dossiers", &cookie).await?.status(), StatusCode::OK);
    assert_eq!(
        served.ask(Some(&token), me, Value::Null).await?["data"]["me"]["name"],
        Person::Drafter.name()
    );
    let id = person(&served, Person::Drafter.login()).await?["id"].clone();
    let disable = "setAccountDisabled(on: $on, disabled: true)";
    data(ask(&served, Person::Administrator, disable, &id, "").await?)?;
    assert_eq!(
        served.page("/dossiers", &cookie).await?.headers()["location"],
        "/connexion?suite=%2Fdossiers"
    );
    let refused = served.ask(Some(&token), me, Value::Null).await?;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let form = [("login", Person::Drafter.login()), ("password", PASSWORD)];
    let answer = served.client.post(format!("{}/connexion", served.url)).form(&form).send().await?;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}
