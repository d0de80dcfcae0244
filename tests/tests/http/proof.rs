//! The proof of a dossier over HTTP: its page, its file and the API, to whoever may read the dossier.

use anyhow::{Context as _, Result};
use pli_domain::proof::Package;
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::json;

use crate::pages::Visitor;

pli_tests::on_both!(the_proof_is_shown_kept_and_checked,);

async fn the_proof_is_shown_kept_and_checked(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let sheet = served.office.register(petition("Preuve")).await?;
    let id = sheet.dossier.id;
    served.office.play(id, served.office.to_drafting()?).await?;
    served.office.set_clock("2026-11-23T01:00:00Z")?;
    served.office.app.seal_day().await.fine()?.context("not sealed")?;
    let clerk = Visitor::open(&served, Person::Clerk).await?;
    let path = format!("/dossiers/{}/preuve", sheet.dossier.reference);
    let (status, page) = clerk.get(&path).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Vérifié le") && page.contains("1 à 3"), "{page}");
    let (status, file) = clerk.get(&format!("{path}.json")).await?;
    assert_eq!(status, StatusCode::OK);
    let package: Package = serde_json::from_str(&file)?;
    assert_eq!(package.check(None).faults, [""; 0]);
    let stranger = Visitor::open(&served, Person::Prisons).await?;
    for path in [path.clone(), format!("{path}.json")] {
        assert_eq!(stranger.get(&path).await?.0, StatusCode::NOT_FOUND);
    }

    let ask = "query($id: ID!) { dossier(id: $id) { ... on Mail { proof {
        faults entries sealed seals { number day hash } lastSeal { number } package } } } }";
    let variables = json!({ "id": format!("mail:{id}") });
    let token = served.token(Person::Clerk).await?;
    let answer = served.ask(Some(&token), ask, variables.clone()).await?;
    let proof = &answer["data"]["dossier"]["proof"];
    assert_eq!(
        (&proof["entries"], &proof["sealed"], &proof["faults"]),
        (&json!(3), &json!(3), &json!([])),
        "{answer}"
    );
    let told: Package = serde_json::from_str(proof["package"].as_str().context("no package")?)?;
    assert_eq!(told.covered, package.covered);
    let token = served.token(Person::Prisons).await?;
    let answer = served.ask(Some(&token), ask, variables).await?;
    assert_eq!(answer["data"]["dossier"], json!(null));

    // What is stored no longer is what was written: the page says so.
    let sql = served.office.database.sql().await?;
    sql.lift_the_guards().await?;
    sql.run("UPDATE dossier SET subject = 'Autre objet'").await?;
    let (_, page) = clerk.get(&path).await?;
    assert!(
        page.contains("ne correspond pas à son journal") && page.contains("objet ou l’expéditeur"),
        "{page}"
    );
    Ok(())
}
