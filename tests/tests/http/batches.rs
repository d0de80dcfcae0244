//! Batches over HTTP: the API, and the pages without JavaScript.

use anyhow::{Context as _, Result};
use pli_domain::dossier::Command;
use pli_tests::samples::{question, route};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    a_batch_is_made_listed_and_left_through_the_api,
    a_batch_is_made_and_worked_on_through_the_pages,
    what_one_may_not_see_is_not_in_the_list_of_batches,
);

/// The references of questions that the clerk receives, on one subject.
async fn received(served: &Served, numbers: impl IntoIterator<Item = u32>) -> Result<Vec<String>> {
    let office = &served.office;
    let clerk = office.caller(Person::Clerk).await?;
    let mut references = Vec::new();
    for number in numbers {
        let sheet = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        references.push(sheet.dossier.reference);
    }
    Ok(references)
}

async fn ask(served: &Served, person: Person, query: &str, variables: Value) -> Result<Value> {
    let token = served.token(person).await?;
    let answer = served.ask(Some(&token), query, variables).await?;
    anyhow::ensure!(answer.get("errors").is_none(), "{answer}");
    Ok(answer["data"].clone())
}

async fn id(served: &Served, reference: &str) -> Result<String> {
    let query = "query($name: String!) { dossierByReference(reference: $name) { id } }";
    let found = ask(served, Person::Coordinator, query, json!({ "name": reference })).await?;
    Ok(found["dossierByReference"]["id"].as_str().context("not found")?.to_owned())
}

async fn a_batch_is_made_listed_and_left_through_the_api(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let names = received(&served, 1..4).await?;
    let (lead, second, third) =
        (id(&served, &names[0]).await?, id(&served, &names[1]).await?, id(&served, &names[2]).await?);
    let create = "mutation($on: OnDossier!, $lead: ID!) { createBatch(on: $on, lead: $lead) {
        dossier { ... on Question { batch { id lead { reference } questions { reference } } } }
        userErrors { code field } } }";
    let on = json!({ "id": second, "idempotencyKey": "un" });
    let made = ask(&served, Person::Coordinator, create, json!({ "on": on, "lead": lead })).await?;
    let again = ask(&served, Person::Coordinator, create, json!({ "on": on, "lead": lead })).await?;
    assert_eq!(made, again);
    let batch = &made["createBatch"]["dossier"]["batch"];
    assert_eq!(batch["lead"]["reference"], names[0].as_str());
    assert_eq!(batch["questions"].as_array().map(Vec::len), Some(2));

    let add = "mutation($on: OnDossier!, $batch: ID!) { addToBatch(on: $on, batch: $batch) {
        dossier { ... on Question { batch { questions { reference } } nearQuestions { percent question { reference } } } }
        userErrors { code field message } } }";
    let on = json!({ "id": third, "idempotencyKey": "deux" });
    let added = ask(&served, Person::Coordinator, add, json!({ "on": on, "batch": batch["id"] })).await?;
    assert_eq!(added["addToBatch"]["dossier"]["batch"]["questions"].as_array().map(Vec::len), Some(3));
    let on = json!({ "id": third, "idempotencyKey": "trois" });
    let twice = ask(&served, Person::Coordinator, add, json!({ "on": on, "batch": batch["id"] })).await?;
    assert_eq!(twice["addToBatch"]["userErrors"][0]["code"], "IN_BATCH");

    let list = "{ batches(first: 5) { edges { node { lead { reference } questions { reference } } } pageInfo { hasNextPage } } }";
    let listed = ask(&served, Person::Prisons, list, json!({})).await?;
    assert_eq!(listed["batches"]["edges"].as_array().map(Vec::len), Some(0), "nobody has given it to a unit");
    let listed = ask(&served, Person::Coordinator, list, json!({})).await?;
    assert_eq!(listed["batches"]["edges"][0]["node"]["questions"].as_array().map(Vec::len), Some(3));

    let leave =
        "mutation($on: OnDossier!) { leaveBatch(on: $on) { dossier { ... on Question { batch { id } } } } }";
    let on = json!({ "id": third, "idempotencyKey": "quatre" });
    let left = ask(&served, Person::Coordinator, leave, json!({ "on": on })).await?;
    assert!(left["leaveBatch"]["dossier"]["batch"].is_null());
    Ok(())
}

async fn a_batch_is_made_and_worked_on_through_the_pages(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let names = received(&served, 1..4).await?;
    let visitor = Visitor::open(&served, Person::Coordinator).await?;
    let (_, empty) = visitor.get("/lots").await?;
    assert!(empty.contains("Aucun lot n’est ouvert."), "{empty}");

    // Their subjects are the same words: each is proposed on the page of the other.
    let (status, page) = visitor.get(&format!("/dossiers/{}", names[0])).await?;
    assert_eq!(status, StatusCode::OK);
    let proposed = between(&page, "<h2 id=\"proches\">", "</section>")?;
    assert!(proposed.contains(&names[1]) && proposed.contains("ressemblance 100&nbsp;%"), "{proposed}");
    let form = between(proposed, &format!("action=\"/dossiers/{}/join_batch\">", names[1]), "</form>")?;
    let input = |name: &str| between(form, &format!("name=\"{name}\" value=\""), "\"").map(str::to_owned);
    let (key, version, with) = (input("idempotencyKey")?, input("version")?, input("with")?);
    let fields = [("idempotencyKey", key.as_str()), ("version", &version), ("with", &with), ("retour", "1")];
    let answer = visitor.post(&format!("/dossiers/{}/join_batch", names[1]), &fields).await?;
    let location = answer.headers().get("location").context("no way on")?.to_str()?.to_owned();
    assert_eq!(location, format!("/dossiers/{}?groupee={}#lot", names[0], names[1]));
    let (_, page) = visitor.get(&location).await?;
    assert!(page.contains(&format!("{} est dans le lot.", names[1])), "{page}");
    assert!(between(&page, "<h2 id=\"lot\">", "</section>")?.contains("question directrice"));
    let (_, list) = visitor.get("/lots").await?;
    assert!(list.contains(&names[0]) && list.contains(&names[1]) && list.contains("15/11/2026"), "{list}");

    // A reference that is none, typed by hand: beside its field, and nothing typed is lost.
    let path = format!("/dossiers/{}/join_batch", names[2]);
    let wrong = [("idempotencyKey", "k"), ("version", "1"), ("with", "AN-17-QE-999")];
    let answer = visitor.post(&path, &wrong).await?;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await?;
    assert!(page.contains("Aucune question ne porte cette référence.") && page.contains("AN-17-QE-999"));

    let office = &served.office;
    let sheet = office
        .app
        .dossier_by_reference(&office.caller(Person::Coordinator).await?, &names[1])
        .await
        .fine()?;
    let id = sheet.context("not found")?.dossier.id;
    office.play(id, [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    office.play(id, [(Person::Correspondent, Command::Accept)]).await?;
    let drafter = Visitor::open(&served, Person::Drafter).await?;
    let (_, page) = drafter.get(&format!("/dossiers/{}", names[0])).await?;
    assert!(page.contains("En rédaction") && page.contains("id=\"lot\""), "{page}");
    assert!(!page.contains("id=\"proches\""), "the cabinet groups, not the drafter");
    Ok(())
}

async fn what_one_may_not_see_is_not_in_the_list_of_batches(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let names = received(&served, 1..3).await?;
    let office = &served.office;
    let coordinator = office.caller(Person::Coordinator).await?;
    let mut ids = Vec::new();
    for name in &names {
        let sheet = office.app.dossier_by_reference(&coordinator, name).await.fine()?.context("not found")?;
        ids.push(sheet.dossier.id);
    }
    office.play(ids[1], [(Person::Coordinator, Command::JoinBatch { with: ids[0] })]).await?;
    office.play(ids[0], [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    let (prisons, drafter) =
        (Visitor::open(&served, Person::Prisons).await?, Visitor::open(&served, Person::Drafter).await?);
    let (_, hidden) = prisons.get("/lots").await?;
    assert!(hidden.contains("Aucun lot n’est ouvert.") && !hidden.contains(&names[0]));
    let (_, shown) = drafter.get("/lots").await?;
    assert!(shown.contains(&names[0]) && shown.contains(&names[1]));
    for wrong in ["/lots?apres=zzz", "/lots?apres=1"] {
        assert_eq!(drafter.get(wrong).await?.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    Ok(())
}
