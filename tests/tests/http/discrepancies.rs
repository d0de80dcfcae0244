//! Écarts over HTTP: the page and the API, as each person finds them.

use anyhow::{Context as _, Result};
use pli_tests::samples::{day, published, question};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::{Visitor, between, read};

pli_tests::on_both!(the_page_settles_one_after_the_other, the_api_lists_and_settles);

/// Two questions that a clerk entered a week too late.
async fn two(served: &Served) -> Result<()> {
    let office = &served.office;
    let clerk = office.caller(Person::Clerk).await?;
    for number in [1, 2] {
        office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        let record = Ok(published(number, day("2026-09-08")?)?);
        office.app.import([record].into_iter(), |_| {}).await.fine()?;
        // The one is found after the other.
        office.clock.set(office.now().instant() + chrono::TimeDelta::minutes(1));
    }
    Ok(())
}

async fn the_page_settles_one_after_the_other(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let coordinator = Visitor::open(&served, Person::Coordinator).await?;
    let (_, empty) = coordinator.get("/ecarts").await?;
    assert!(empty.contains("Aucun écart à trancher"), "{empty}");
    two(&served).await?;
    let (_, day) = coordinator.get("/aujourdhui").await?;
    assert!(between(&day, "href=\"/ecarts\"><span class=\"label\">", "</a>")?.contains("<b>2</b>"), "{day}");
    let (status, page) = coordinator.get("/ecarts").await?;
    assert_eq!((status, page.matches("<li id=\"ecart-").count()), (StatusCode::OK, 2));
    assert!(page.contains("2 écarts à trancher") || page.contains("2\u{a0}écarts à trancher"), "{page}");
    assert!(page.contains("le 15/09/2026") && page.contains("le 08/09/2026"));
    let id = between(&page, "<li id=\"ecart-", "\"")?.to_owned();

    let silent = [("idempotencyKey", "a"), ("note", "  ")];
    let (status, refused) = read(coordinator.post(&format!("/ecarts/{id}/ecarter"), &silent).await?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.contains("aria-invalid=\"true\""), "{refused}");
    let key = [("idempotencyKey", "b")];
    let adopted = coordinator.post(&format!("/ecarts/{id}/retenir"), &key).await?;
    assert_eq!(adopted.status(), StatusCode::SEE_OTHER);
    let to = adopted.headers()["location"].to_str()?.to_owned();
    let (_, after) = coordinator.get(&to).await?;
    assert!(after.contains("la valeur publiée est retenue"), "{after}");
    assert_eq!(after.matches("<li id=\"ecart-").count(), 1);
    let again = coordinator.post(&format!("/ecarts/{id}/retenir"), &key).await?;
    assert_eq!(again.status(), StatusCode::SEE_OTHER, "a double click settles once");
    let late = [("idempotencyKey", "c")];
    let (status, gone) = read(coordinator.post(&format!("/ecarts/{id}/retenir"), &late).await?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(gone.contains("Cet écart n’existe plus"), "{gone}");

    let clerk = Visitor::open(&served, Person::Clerk).await?;
    let (_, seen) = clerk.get("/ecarts").await?;
    assert!(seen.contains("<li id=\"ecart-") && !seen.contains("Retenir la valeur publiée"), "{seen}");
    let prisons = Visitor::open(&served, Person::Prisons).await?;
    let (_, nothing) = prisons.get("/ecarts").await?;
    assert!(!nothing.contains("<li id=\"ecart-"), "{nothing}");
    let other = between(&seen, "<li id=\"ecart-", "\"")?;
    let refused = prisons.post(&format!("/ecarts/{other}/retenir"), &key).await?;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    let absent = coordinator.post("/ecarts/00000000-0000-7000-8000-000000000000/retenir", &late).await?;
    assert_eq!(absent.status(), StatusCode::NOT_FOUND);
    Ok(())
}

async fn the_api_lists_and_settles(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    two(&served).await?;
    let token = served.token(Person::Coordinator).await?;
    let query = "query($after: String) { discrepancies(first: 1, after: $after) {
        edges { cursor node { id point held published dossier { reference } } } pageInfo { hasNextPage }
    } }";
    let page = served.ask(Some(&token), query, json!({})).await?;
    let first = &page["data"]["discrepancies"]["edges"][0];
    let more = served.ask(Some(&token), query, json!({ "after": first["cursor"] })).await?;
    let mut both = json!([page["data"]["discrepancies"], more["data"]["discrepancies"]]);
    let mut ids = Vec::new();
    for page in both.as_array_mut().context("pages")? {
        let edge = &mut page["edges"][0];
        ids.push(edge["node"]["id"].take());
        edge["cursor"].take();
    }
    insta::assert_json_snapshot!("what_differs_from_the_record", both);

    let on = |id: &Value, key: &str| json!({ "on": { "id": id, "idempotencyKey": key } });
    let adopt = "mutation($on: OnSetting!) { adoptDiscrepancy(on: $on) {
        dossier { reference } userErrors { code }
    } }";
    let adopted = served.ask(Some(&token), adopt, on(&ids[0], "a")).await?;
    assert_eq!(adopted["data"]["adoptDiscrepancy"]["userErrors"], json!([]), "{adopted}");
    let late = served.ask(Some(&token), adopt, on(&ids[0], "b")).await?;
    assert_eq!(late["data"]["adoptDiscrepancy"]["userErrors"], json!([{ "code": "NO_DISCREPANCY" }]));
    let dismiss = "mutation($on: OnSetting!) { dismissDiscrepancy(on: $on, note: \"Erreur du JO.\") {
        dossier { reference } userErrors { code }
    } }";
    let clerk = served.token(Person::Clerk).await?;
    let refused = served.ask(Some(&clerk), dismiss, on(&ids[1], "c")).await?;
    assert_eq!(refused["data"]["dismissDiscrepancy"]["userErrors"], json!([{ "code": "NOT_YOURS" }]));
    let prisons = served.token(Person::Prisons).await?;
    let unseen = served.ask(Some(&prisons), dismiss, on(&ids[1], "d")).await?;
    assert_eq!(unseen["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let dismissed = served.ask(Some(&token), dismiss, on(&ids[1], "e")).await?;
    assert_eq!(dismissed["data"]["dismissDiscrepancy"]["userErrors"], json!([]));
    let none = served.ask(Some(&token), query, json!({})).await?;
    assert_eq!(none["data"]["discrepancies"]["edges"], json!([]));
    Ok(())
}
