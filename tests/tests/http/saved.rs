//! Saved searches over HTTP: the API and the pages, each person's own.

use anyhow::{Context as _, Result};
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    a_search_is_kept_renamed_alerted_and_removed_through_the_api,
    a_search_is_kept_renamed_alerted_and_removed_by_the_pages,
    anothers_search_is_not_found,
);

const FIELDS: &str = "savedSearch { id name words alert dossiers { totalCount edges { node { subject } } } }
    userErrors { code field message }";

async fn ask(served: &Served, by: Person, mutation: &str, variables: Value) -> Result<Value> {
    let token = served.token(by).await?;
    let query = format!("mutation($on: OnSavedSearch!) {{ answer: {mutation} {{ {FIELDS} }} }}");
    let mut answer = served.ask(Some(&token), &query, variables).await?;
    anyhow::ensure!(answer.get("errors").is_none(), "{answer}");
    Ok(answer["data"]["answer"].take())
}

async fn save(served: &Served, by: Person, name: &str, alert: bool) -> Result<Value> {
    let token = served.token(by).await?;
    let query =
        format!("mutation($input: SaveSearchInput!) {{ answer: saveSearch(input: $input) {{ {FIELDS} }} }}");
    let input = json!({
        "idempotencyKey": format!("save {name}"), "name": name, "alert": alert,
        "filter": { "words": "avocat", "kind": "MAIL" },
    });
    let mut answer = served.ask(Some(&token), &query, json!({ "input": input })).await?;
    anyhow::ensure!(answer.get("errors").is_none(), "{answer}");
    Ok(answer["data"]["answer"].take())
}

async fn a_search_is_kept_renamed_alerted_and_removed_through_the_api(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    served.office.register(petition("Honoraires d’avocat")).await?;
    served.office.register(petition("Locaux du greffe")).await?;
    let saved = save(&served, Person::Clerk, "Avocats", true).await?;
    assert_eq!(save(&served, Person::Clerk, "Avocats", true).await?, saved, "the same key");
    let id = saved["savedSearch"]["id"].as_str().context("no id")?.to_owned();
    let on = |key: &str| json!({ "on": { "id": id, "idempotencyKey": key } });
    let renamed =
        ask(&served, Person::Clerk, "renameSavedSearch(on: $on, name: \"Barreau\")", on("1")).await?;
    let off = ask(&served, Person::Clerk, "setSavedSearchAlert(on: $on, alert: false)", on("2")).await?;
    let empty = ask(&served, Person::Clerk, "renameSavedSearch(on: $on, name: \" \")", on("3")).await?;
    save(&served, Person::Clerk, "Autre", false).await?;
    let refused = ask(&served, Person::Clerk, "renameSavedSearch(on: $on, name: \"autre\")", on("4")).await?;
    let token = served.token(Person::Clerk).await?;
    let list = async || served.ask(Some(&token), "{ savedSearches { name words alert } }", json!({})).await;
    let kept = list().await?;
    let removed = ask(&served, Person::Clerk, "removeSavedSearch(on: $on)", on("5")).await?;
    let after = list().await?;
    let mut story = json!({
        "saved": saved, "renamed": renamed, "off": off, "empty": empty, "taken": refused, "kept": kept["data"],
        "removed": removed, "after": after["data"],
    });
    for step in ["saved", "renamed", "off"] {
        assert_eq!(story[step]["savedSearch"]["id"].take(), json!(id), "{step}");
    }
    insta::assert_json_snapshot!("the_life_of_a_saved_search", story);
    // Fifty, with the first page of each, are not too much.
    let full =
        "{ savedSearches { id name savedAt dossiers(first: 20) { edges { node { reference subject } } } } }";
    let answer = served.ask(Some(&token), full, json!({})).await?;
    assert_eq!(answer["data"]["savedSearches"].as_array().map(Vec::len), Some(1), "{answer}");
    Ok(())
}

async fn a_search_is_kept_renamed_alerted_and_removed_by_the_pages(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    served.office.register(petition("Honoraires d’avocat")).await?;
    let visitor = Visitor::open(&served, Person::Clerk).await?;
    let (status, page) = visitor.get("/recherche?q=avocat&type=courrier").await?;
    assert_eq!(status, StatusCode::OK);
    let form = between(&page, "<p class=\"keep\"><a href=\"", "\"")?.replace("&#38;", "&");
    assert_eq!(form, "/recherche/enregistrer?type=courrier&q=avocat");
    let (_, page) = visitor.get(&form).await?;
    assert!(page.contains("value=\"avocat\"") && page.contains("1\u{a0}dossier aujourd’hui"), "{page}");

    let refused = visitor.post(&form, &[("idempotencyKey", "1"), ("name", " "), ("alert", "1")]).await?;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text().await?;
    assert!(page.contains("Ce champ est obligatoire") && page.contains("value=\"1\" checked"), "{page}");
    for _ in 0..2 {
        let saved =
            visitor.post(&form, &[("idempotencyKey", "1"), ("name", "Les avocats"), ("alert", "1")]).await?;
        assert_eq!(saved.status(), StatusCode::SEE_OTHER);
        assert_eq!(saved.headers()["location"], "/recherche?fait=save#enregistrees");
    }
    let (_, page) = visitor.get("/recherche?fait=save").await?;
    assert!(page.contains("La recherche est enregistrée.") && page.contains("Alerte par courriel activée"));
    assert_eq!(page.matches(">Les avocats</a>").count(), 1, "{page}");
    let (_, found) = visitor.get("/recherche?type=courrier&q=avocat").await?;
    assert!(found.contains("Enregistrée sous le nom «&nbsp;Les avocats&nbsp;»"), "{found}");

    let clerk = served.office.caller(Person::Clerk).await?;
    let [search] = &served.office.app.saved_searches(&clerk).await.fine()?[..] else { panic!("not one") };
    let action = format!("/recherche/enregistrees/{}", search.id);
    let (_, page) = visitor.get(&form).await?;
    assert!(page.contains("Enregistrer une recherche"));
    let twice = visitor.post(&form, &[("idempotencyKey", "2"), ("name", "LES AVOCATS")]).await?;
    assert_eq!(twice.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text().await?.contains("porte déjà ce nom"));
    for (key, what, name, done) in [
        ("3", "rename", "Barreau", "La recherche est renommée."),
        ("4", "alert_off", "", "L’alerte est désactivée."),
        ("5", "alert_on", "", "L’alerte est activée"),
    ] {
        let answer =
            visitor.post(&format!("{action}/{what}"), &[("idempotencyKey", key), ("name", name)]).await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{what}");
        assert!(visitor.get(&format!("/recherche?fait={what}")).await?.1.contains(done), "{what}");
    }
    let refused = visitor.post(&format!("{action}/rename"), &[("idempotencyKey", "6"), ("name", "")]).await?;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text().await?;
    assert!(page.contains("id=\"erreurs\"") && page.contains("<details class=\"act\" open>"), "{page}");

    // The address in a message leads to what is found now.
    let answer = served.page(&action, &visitor.cookie).await?;
    assert_eq!(answer.headers()["location"], "/recherche?type=courrier&q=avocat");
    let gone = visitor.post(&format!("{action}/remove"), &[("idempotencyKey", "7")]).await?;
    assert_eq!(gone.status(), StatusCode::SEE_OTHER);
    assert_eq!(visitor.get(&action).await?.0, StatusCode::NOT_FOUND);
    assert!(visitor.get("/recherche").await?.1.contains("Aucune. Une recherche"));
    // A list without words is kept too, and read as a list.
    let (_, page) = visitor.get("/dossiers?retard=tous&etat=ouverts").await?;
    assert!(!page.contains("Enregistrer cette liste"), "nothing is late: {page}");
    let (_, page) = visitor.get("/dossiers").await?;
    let form =
        page.split("<a href=\"").find(|part| part.contains("Enregistrer cette liste")).context("no link")?;
    let form = form.split('"').next().context("no address")?;
    visitor.post(form, &[("idempotencyKey", "8"), ("name", "En cours")]).await?;
    let (_, page) = visitor.get("/recherche").await?;
    assert!(page.contains("<a href=\"/dossiers\">En cours</a>"), "{page}");
    Ok(())
}

async fn anothers_search_is_not_found(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let saved = save(&served, Person::Clerk, "À moi", false).await?;
    let id = saved["savedSearch"]["id"].clone();
    let path =
        format!("/recherche/enregistrees/{}", id.as_str().unwrap_or_default().trim_start_matches("search:"));
    for person in [Person::Coordinator, Person::Deputy, Person::Administrator, Person::Auditor] {
        let token = served.token(person).await?;
        for mutation in [
            "renameSavedSearch(on: $on, name: \"À moi\")",
            "setSavedSearchAlert(on: $on, alert: true)",
            "removeSavedSearch(on: $on)",
        ] {
            let query = format!("mutation($on: OnSavedSearch!) {{ {mutation} {{ userErrors {{ code }} }} }}");
            for id in [id.clone(), json!("search:0190b6d2-7c3a-7000-8000-000000000001")] {
                let on = json!({ "on": { "id": id, "idempotencyKey": format!("{mutation} {id}") } });
                let answer = served.ask(Some(&token), &query, on).await?;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{person:?}: {answer}");
            }
        }
        let visitor = Visitor::open(&served, person).await?;
        assert_eq!(visitor.get(&path).await?.0, StatusCode::NOT_FOUND, "{person:?}");
        for form in ["rename", "alert_on", "alert_off", "remove"] {
            let answer = visitor
                .post(&format!("{path}/{form}"), &[("idempotencyKey", form), ("name", "À moi aussi")])
                .await?;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{person:?} {form}");
        }
        assert!(!visitor.get("/recherche").await?.1.contains("À moi"));
    }
    let nobody = served.ask(None, "{ savedSearches { name } }", json!({})).await?;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    for form in ["/recherche/enregistrer?q=x".to_owned(), path] {
        let answer = served.client.get(format!("{}{form}", served.url)).send().await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{form}");
    }
    Ok(())
}
