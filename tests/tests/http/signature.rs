//! What awaits a decision, the versions of a draft and the whole journal through GraphQL; and what a page that is only
//! looked at must not do.

use anyhow::{Context as _, Result, ensure};
use pli_domain::dossier::Command;
use pli_tests::samples::{draft, petition, question};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

pli_tests::on_both!(
    what_awaits_me_the_versions_and_the_journal_are_asked_for,
    what_is_out_of_scope_is_in_no_journal,
    a_page_that_is_looked_at_keeps_nothing,
    a_decision_is_led_on_and_a_foreign_form_is_not_read,
);

async fn ask(served: &Served, person: Person, query: &str, variables: Value) -> Result<Value> {
    let token = served.token(person).await?;
    let answer = served.ask(Some(&token), query, variables).await?;
    ensure!(answer.get("errors").is_none(), "{query}: {answer}");
    Ok(answer["data"].clone())
}

/// A letter that was sent back once, and awaits approval again.
async fn submitted_again(served: &Served) -> Result<()> {
    let office = &served.office;
    let id = office.register(petition("Frais d’avocat")).await?.dossier.id;
    office.play(id, office.to_answer()?.into_iter().take(4)).await?;
    office.set_clock("2026-11-23T09:00:00Z")?;
    let again = [
        (Person::Approver, Command::SendBack { note: "Citez le décret.".to_owned() }),
        (Person::Drafter, draft("Madame, le décret…")),
        (Person::Drafter, Command::Submit),
    ];
    office.play(id, again).await.map(drop)
}

async fn what_awaits_me_the_versions_and_the_journal_are_asked_for(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    submitted_again(&served).await?;
    let query = r"{
        dossiers(filter: { awaitingMe: true }) {
            totalCount
            edges { node { reference allowedActions ... on Mail {
                draftVersions(first: 1) { edges { cursor node { version author at text } } pageInfo { hasNextPage } }
            } } }
        }
    }";
    let mine = ask(&served, Person::Approver, query, Value::Null).await?;
    insta::assert_json_snapshot!("what_awaits_me", mine);
    let versions = &mine["dossiers"]["edges"][0]["node"]["draftVersions"]["edges"];
    let more = r#"query($after: String!) { dossierByReference(reference: "SG-2026-A-000001") { ... on Mail {
        draftVersions(after: $after) { edges { node { version text } } pageInfo { hasNextPage hasPreviousPage } }
    } } }"#;
    let older = ask(&served, Person::Auditor, more, json!({ "after": versions[0]["cursor"] })).await?;
    insta::assert_json_snapshot!("the_older_versions", older);
    let nobody = ask(
        &served,
        Person::Auditor,
        "{ dossiers(filter: { awaitingMe: true }) { totalCount } }",
        Value::Null,
    );
    assert_eq!(nobody.await?["dossiers"]["totalCount"], 0);

    let query = r"query($filter: JournalFilter, $after: String) { journal(filter: $filter, first: 2, after: $after) {
        edges { cursor node { at actor actorId action accepted note dossier { reference subject } } }
        pageInfo { hasNextPage }
    } }";
    let asked = json!({ "filter": { "from": "2026-11-23", "kind": "MAIL" } });
    let latest = ask(&served, Person::Auditor, query, asked).await?;
    let told = |journal: &Value| {
        let edges = journal["journal"]["edges"].as_array().cloned().unwrap_or_default();
        edges.into_iter().map(|edge| edge["node"].clone()).collect::<Vec<_>>()
    };
    insta::assert_json_snapshot!("the_latest_acts", told(&latest));
    let drafter = told(&latest)[0]["actorId"].clone();
    let after = latest["journal"]["edges"][1]["cursor"].clone();
    let next = ask(&served, Person::Auditor, query, json!({ "after": after })).await?;
    assert_eq!(told(&next)[0]["note"], "Citez le décret.");
    let narrowed = json!({ "filter": { "actor": drafter, "action": "SUBMIT", "to": "2026-11-22" } });
    let own = told(&ask(&served, Person::Auditor, query, narrowed).await?);
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(own[0]["at"], "2026-11-22T09:00:00+00:00");
    let feed = ask(&served, Person::Auditor, query, json!({ "filter": { "actor": "system:feed" } })).await?;
    assert_eq!(told(&feed), Vec::<Value>::new());
    let token = served.token(Person::Auditor).await?;
    for wrong in [
        json!({ "after": "x" }),
        json!({ "after": "OXw5fDk" }),
        json!({ "filter": { "actor": "user:1" } }),
        json!({ "filter": { "actor": "system:x" } }),
    ] {
        let answer = served.ask(Some(&token), query, wrong.clone()).await?;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{wrong}");
    }
    let nested = "{ journal(first: 100) { edges { node { dossier { \
                  ... on Mail { journal(first: 100) { edges { node { seq } } } } } } } } }";
    let answer = served.ask(Some(&token), nested, Value::Null).await?;
    assert!(answer["errors"].to_string().contains("complex"), "{answer}");
    Ok(())
}

async fn what_is_out_of_scope_is_in_no_journal(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    submitted_again(&served).await?;
    for person in [Person::Prisons, Person::Administrator] {
        let seen = ask(&served, person, "{ journal { edges { node { seq } } } }", Value::Null).await?;
        assert_eq!(seen["journal"]["edges"], json!([]), "{person:?}");
        let cookie = served.cookie(person).await?;
        let page = served.page("/journal", &cookie).await?;
        assert_eq!(page.status(), StatusCode::OK);
        let page = page.text().await?;
        assert!(!page.contains("SG-2026-A-000001") && !page.contains("Frais d’avocat"), "{person:?}");
        for path in ["/signature/SG-2026-A-000001", "/signature/SG-2026-A-999999"] {
            assert_eq!(
                served.page(path, &cookie).await?.status(),
                StatusCode::NOT_FOUND,
                "{person:?} {path}"
            );
        }
    }
    Ok(())
}

/// What a page's form carries under a name.
fn field<'a>(page: &'a str, form: &str, name: &str) -> Result<&'a str> {
    let (_, form) = page.split_once(&format!("id=\"{form}\"")).with_context(|| format!("no form {form}"))?;
    let (_, value) = form.split_once(&format!("name=\"{name}\" value=\"")).context("no such field")?;
    Ok(value.split('"').next().unwrap_or_default())
}

async fn a_page_that_is_looked_at_keeps_nothing(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let id = office.register(petition("Frais d’avocat")).await?.dossier.id;
    office.play(id, office.to_answer()?.into_iter().take(4)).await?;
    let cookie = served.cookie(Person::Approver).await?;
    let approver = office.caller(Person::Approver).await?;
    let page = served.page("/signature/SG-2026-A-000001", &cookie).await?.text().await?;
    for path in ["/signature", "/signature/SG-2026-A-000001", "/signature/SG-2026-A-000001/lu"] {
        served.page(path, &cookie).await?;
    }
    assert!(office.app.looks(&approver, &[id]).await.fine()?.is_empty());
    let url = format!("{}/signature/SG-2026-A-000001/lu", served.url);
    let (token, seen) = (field(&page, "lu", "token")?, field(&page, "lu", "seen")?);
    for (form, status) in [
        ([("token", "faux"), ("seen", seen)], StatusCode::UNAUTHORIZED),
        ([("token", token), ("seen", "deux")], StatusCode::BAD_REQUEST),
        ([("token", token), ("seen", "2")], StatusCode::NOT_FOUND),
        ([("token", token), ("seen", seen)], StatusCode::SEE_OTHER),
        // To say it again is to say it once.
        ([("token", token), ("seen", seen)], StatusCode::SEE_OTHER),
    ] {
        let answer = served.client.post(&url).header("cookie", &cookie).form(&form).send().await?;
        let kept = office.app.looks(&approver, &[id]).await.fine()?;
        assert_eq!(answer.status(), status, "{form:?}");
        assert_eq!(!kept.is_empty(), status == StatusCode::SEE_OTHER, "{form:?}");
    }
    Ok(())
}

async fn a_decision_is_led_on_and_a_foreign_form_is_not_read(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let clerk = office.caller(Person::Clerk).await?;
    let steps: Vec<_> = office.to_answer()?.into_iter().take(4).collect();
    for number in [1, 2] {
        let sheet = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        office.play(sheet.dossier.id, steps.clone()).await?;
    }
    let cookie = served.cookie(Person::Approver).await?;
    let page = served.page("/signature/AN-17-QE-1", &cookie).await?.text().await?;
    let mut form = Vec::new();
    for name in ["token", "idempotencyKey", "version"] {
        form.push((name, field(&page, "action-approve", name)?));
    }
    let post = async |action: &str, form: &[(&str, &str)]| {
        let url = format!("{}/signature/AN-17-QE-1/{action}", served.url);
        served.client.post(url).header("cookie", &cookie).form(form).send().await
    };
    let foreign = form.iter().copied().filter(|(name, _)| *name != "token").collect::<Vec<_>>();
    assert_eq!(post("approve", &foreign).await?.status(), StatusCode::UNAUTHORIZED);
    // Only what is decided there.
    for action in ["draft", "route", "personne"] {
        assert_eq!(post(action, &form).await?.status(), StatusCode::NOT_FOUND, "{action}");
    }
    for _ in 0..2 {
        let answer = post("approve", &form).await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let onward = answer.headers().get("location").context("nowhere")?.to_str()?;
        assert!(onward.ends_with("?fait=approve") && onward.starts_with("/signature"), "{onward}");
    }
    let sql = office.database.sql().await?;
    let approved = "SELECT count(*) FROM journal WHERE action = 'approve'";
    assert_eq!(sql.one::<i64>(approved).await?, 1, "sent twice, done once");
    Ok(())
}
