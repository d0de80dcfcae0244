//! Données personnelles over HTTP: the page and the API, the file that is given, who may.

use std::io::{Cursor, Read as _};

use anyhow::{Context as _, Result};
use pli_domain::dossier::NewMail;
use pli_tests::samples::{day, petition};
use pli_tests::{Engine, Person, Served};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    a_copy_is_a_file_that_no_spreadsheet_runs,
    what_is_wrong_is_said_and_nothing_typed_is_lost,
    the_page_is_the_coordinators,
    people_are_found_given_and_corrected_through_the_api,
    one_takes_a_copy_of_one_s_own_data,
);

const PATH: &str = "/donnees-personnelles";

/// Two letters of a person whose name is a formula, and their request.
async fn served(engine: Engine) -> Result<Served> {
    let served = Served::open(engine, false).await?;
    let from = |sender: &str, subject| NewMail { sender: sender.to_owned(), ..petition(subject) };
    let before = day("2026-11-18")?;
    served.office.register(NewMail { received_on: before, ..from("=cmd()!Cœurvrai", "Pension") }).await?;
    served.office.register(from("Mme Cœurvrai <b>", "Accès à mes données")).await?;
    Ok(served)
}

/// The files of an answer.
async fn unzipped(answer: Response) -> Result<Vec<(String, String)>> {
    assert_eq!(answer.status(), StatusCode::OK);
    let header =
        |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("content-type"), "application/zip");
    assert!(header("content-disposition").starts_with("attachment; filename=\""));
    assert_eq!(header("cache-control"), "no-store");
    let mut zip = zip::ZipArchive::new(Cursor::new(answer.bytes().await?))?;
    let mut files = Vec::new();
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place)?;
        let mut content = String::new();
        entry.read_to_string(&mut content)?;
        files.push((entry.name()?.into_owned(), content));
    }
    Ok(files)
}

async fn a_copy_is_a_file_that_no_spreadsheet_runs(engine: Engine) -> Result<()> {
    let served = served(engine).await?;
    let visitor = Visitor::open(&served, Person::Coordinator).await?;
    let (status, page) = visitor.get(&format!("{PATH}?q=C%C5%93urvrai")).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<mark>Cœurvrai</mark> &#60;b&#62;"), "{page}");
    assert!(page.contains("/dossiers/SG-2026-A-000001#action-correct_sender"));
    let key = between(&page, "name=\"idempotencyKey\" value=\"", "\"")?;
    let form = [
        ("idempotencyKey", key),
        ("q", "Cœurvrai"),
        ("d", "SG-2026-A-000001"),
        ("request", " SG-2026-A-000002 "),
    ];
    let files = unzipped(visitor.post(PATH, &form).await?).await?;
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["donnees.json", "dossiers.csv", "SHA256SUMS"]);
    assert!(
        files[1].1.contains(";'=cmd()!Cœurvrai;") && files[1].1.contains("SG-2026-A-000002;"),
        "{files:?}"
    );
    let json: Value = serde_json::from_str(&files[0].1)?;
    assert_eq!(json["dossiers"].as_array().map(Vec::len), Some(2));
    // Its journal says so, and for which request.
    let (_, dossier) = visitor.get("/dossiers/SG-2026-A-000001").await?;
    assert!(dossier.contains("a communiqué le dossier à la personne concernée"), "{dossier}");
    Ok(())
}

async fn what_is_wrong_is_said_and_nothing_typed_is_lost(engine: Engine) -> Result<()> {
    let served = served(engine).await?;
    let visitor = Visitor::open(&served, Person::Coordinator).await?;
    for request in ["", "SG-2026-A-000999", "\0"] {
        let form =
            [("idempotencyKey", "x"), ("q", "Cœurvrai"), ("d", "SG-2026-A-000001"), ("request", request)];
        let answer = visitor.post(PATH, &form).await?;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = answer.text().await?;
        assert!(page.contains("enregistrez d’abord la demande"), "{page}");
        assert!(page.contains("href=\"#copie-request\""), "the error leads to its field");
        assert!(page.contains("name=\"d\" value=\"SG-2026-A-000001\" checked"), "what was ticked stays so");
        assert!(page.contains("name=\"idempotencyKey\" value=\"x\""), "under the same key");
    }
    let form = [("idempotencyKey", "y"), ("d", "SG-2026-A-000999"), ("request", "SG-2026-A-000002")];
    assert_eq!(visitor.post(PATH, &form).await?.status(), StatusCode::NOT_FOUND);
    let (status, page) = visitor.get(&format!("{PATH}?q=%3F%21")).await?;
    assert!(status == StatusCode::OK && page.contains("Il n’y a ni lettre ni chiffre"), "{page}");
    assert_eq!(visitor.get(&format!("{PATH}?q=x&apres=demain")).await?.0, StatusCode::BAD_REQUEST);
    Ok(())
}

async fn the_page_is_the_coordinators(engine: Engine) -> Result<()> {
    let served = served(engine).await?;
    for person in Person::ALL {
        let visitor = Visitor::open(&served, person).await?;
        let answers = matches!(person, Person::Coordinator | Person::Deputy);
        let (status, page) = visitor.get(&format!("{PATH}?q=C%C5%93urvrai")).await?;
        let expected = if answers { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(status, expected, "{person:?}");
        assert_eq!(page.contains("Cœurvrai"), answers, "{person:?}");
        let (_, search) = visitor.get("/recherche").await?;
        assert_eq!(search.contains(PATH), answers, "{person:?}");
        let form = [("idempotencyKey", "x"), ("request", "SG-2026-A-000002")];
        assert_eq!(visitor.post(PATH, &form).await?.status(), expected, "{person:?}");
    }
    Ok(())
}

async fn people_are_found_given_and_corrected_through_the_api(engine: Engine) -> Result<()> {
    let served = served(engine).await?;
    let token = served.token(Person::Coordinator).await?;
    let ask = async |query: &str, variables: Value| served.ask(Some(&token), query, variables).await;
    let found = ask(
        "query($who: String!) { personalData(person: $who, first: 1) {
            edges { node { dossier { id reference } } } pageInfo { hasNextPage endCursor }
            mentions { dossier { id } pieces { text found } } members { id } people } }",
        json!({ "who": "Mme Cœurvrai" }),
    )
    .await?;
    let data = &found["data"]["personalData"];
    let node = &data["edges"][0]["node"]["dossier"];
    assert_eq!(node["reference"], "SG-2026-A-000002", "{found}");
    assert_eq!(data["pageInfo"]["hasNextPage"], true);
    let next = ask(
        "query($after: String!) { personalData(person: \"Cœurvrai\", first: 1, after: $after) {
            edges { node { dossier { id } } } pageInfo { hasNextPage } } }",
        json!({ "after": data["pageInfo"]["endCursor"] }),
    )
    .await?;
    let first = next["data"]["personalData"]["edges"][0]["node"]["dossier"]["id"].clone();
    let given = ask(
        "mutation($request: ID!, $all: [ID!]!) {
            disclosePersonalData(idempotencyKey: \"a\", request: $request, dossiers: $all) {
                copy userErrors { code field } } }",
        json!({ "request": node["id"], "all": [first] }),
    )
    .await?;
    let copy = given["data"]["disclosePersonalData"]["copy"].as_str().context("no copy")?;
    assert_eq!(serde_json::from_str::<Value>(copy)?["demande"], "SG-2026-A-000002");
    let absent = ask(
        "mutation { disclosePersonalData(idempotencyKey: \"b\", dossiers: [],
            request: \"mail:00000000-0000-7000-8000-000000000000\") { copy userErrors { code field } } }",
        Value::Null,
    )
    .await?;
    let errors = &absent["data"]["disclosePersonalData"]["userErrors"];
    assert_eq!(*errors, json!([{ "code": "REQUEST_UNKNOWN", "field": "request" }]));
    let corrected = ask(
        "mutation($id: ID!) { correctSender(on: { id: $id, idempotencyKey: \"c\" },
            sender: \"Mme Coeurvray\", subject: \"Accès à mes données\", note: \"Rectification.\") {
                dossier { ... on Mail { sender } } userErrors { code } } }",
        json!({ "id": node["id"] }),
    )
    .await?;
    assert_eq!(corrected["data"]["correctSender"]["dossier"]["sender"], "Mme Coeurvray", "{corrected}");
    let own =
        ask("mutation { exportMyData(idempotencyKey: \"d\") { copy userErrors { code } } }", Value::Null)
            .await?;
    assert_eq!(own["data"]["exportMyData"]["userErrors"][0]["code"], "SESSION_REQUIRED", "{own}");
    Ok(())
}

async fn one_takes_a_copy_of_one_s_own_data(engine: Engine) -> Result<()> {
    let served = served(engine).await?;
    let visitor = Visitor::open(&served, Person::Clerk).await?;
    let (_, page) = visitor.get("/mon-compte").await?;
    let form = between(&page, "action=\"/mon-compte/export_data\"", "</form>")?;
    let key = between(form, "name=\"idempotencyKey\" value=\"", "\"")?;
    let files = unzipped(visitor.post("/mon-compte/export_data", &[("idempotencyKey", key)]).await?).await?;
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["compte.json", "acces.csv", "actes.csv", "SHA256SUMS"]);
    let json: Value = serde_json::from_str(&files[0].1)?;
    assert_eq!(json["compte"]["identifiant"], Person::Clerk.login());
    assert!(files[1].1.contains("Copie de ses données"), "{}", files[1].1);
    assert_eq!(files[2].1.matches("a enregistré le courrier").count(), 2, "{}", files[2].1);
    let (_, page) = visitor.get("/mon-compte").await?;
    assert!(page.contains("Copie de ses données"));
    Ok(())
}
