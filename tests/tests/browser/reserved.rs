//! A dossier that is for named people: opened, reserved, read, released; and not there for anybody else.

use anyhow::{Context as _, Result};
use pli_tests::Person::{Administrator, Clerk, Coordinator, Deputy};
use pli_tests::browser::Look;
use pli_tests::{Engine, Person};

use crate::desk::{Desk, plain};

pli_tests::on_both!(a_letter_is_reserved_to_those_who_are_named,);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_reserved_without_javascript() -> Result<()> {
    journey(&Desk::open(Engine::Sqlite, plain()).await?).await
}

async fn a_letter_is_reserved_to_those_who_are_named(engine: Engine) -> Result<()> {
    journey(&Desk::open(engine, Look::default()).await?).await
}

async fn journey(desk: &Desk) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Administrator).await?;
    browser.go("/reglages").await?;
    browser.follow("Compartiments").await?;
    browser.unfold("open").await?;
    browser.fill("open-name", "Nominations").await?;
    browser.fill("open-owner", Coordinator.login()).await?;
    browser.press("Ouvrir le compartiment").await?;
    assert_eq!(browser.text(".done").await?, "Le compartiment est ouvert.");
    let path = browser.path().await?.trim_end_matches("?fait=open").to_owned();
    let id = path.rsplit('/').next().context("an address")?.to_owned();
    assert_eq!(browser.count("#ouvertures").await?, 0, "an administrator is not shown who reads what");

    // Its owner names the clerk, after a slip.
    browser.sign_in(Coordinator).await?;
    browser.go(&path).await?;
    browser.fill("admit-person", "agnet").await?;
    browser.press("Donner accès").await?;
    assert_eq!(browser.value("admit-person").await?, "agnet");
    browser.fill("admit-person", Clerk.login()).await?;
    browser.press("Donner accès").await?;
    assert_eq!(browser.text(".done").await?, "La personne a accès au compartiment.");

    // The clerk registers a letter that is reserved at once.
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    for (field, value) in [
        ("sender", "Mme Odile Marcheval"),
        ("subject", "Candidature"),
        ("category", "ordinary"),
        ("channel", "courier"),
        ("documentOn", "2026-11-20"),
        ("compartment", &id),
    ] {
        browser.fill(&format!("register-{field}"), value).await?;
    }
    browser.press("Enregistrer").await?;
    assert!(browser.text(".reserved").await?.starts_with("Réservé à Nominations"));
    let reference = "SG-2026-A-000001";
    assert_eq!(browser.path().await?, format!("/dossiers/{reference}?fait=register"));

    // For the deputy, who is a clerk and a coordinator too, there is nothing.
    absent(desk, Deputy, reference).await?;

    // Its owner sees who has opened it, finds it in the list, and lifts the reserve.
    browser.sign_in(Coordinator).await?;
    browser.follow("Compartiments").await?;
    browser.follow("Nominations").await?;
    assert!(browser.text("section[aria-labelledby=ouvertures] tbody").await?.contains(Clerk.name()));
    browser.follow("Voir les dossiers réservés que vous pouvez lire").await?;
    browser.follow(reference).await?;
    browser.unfold("release").await?;
    browser.fill("release-note", "Nomination publiée.").await?;
    browser.press("Lever la réserve").await?;
    assert_eq!(browser.count(".reserved").await?, 0);
    browser.sign_in(Deputy).await?;
    browser.go(&format!("/dossiers/{reference}")).await?;
    assert_eq!(browser.status().await?, 200);
    Ok(())
}

async fn absent(desk: &Desk, person: Person, reference: &str) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(person).await?;
    browser.go(&format!("/dossiers/{reference}")).await?;
    assert_eq!(browser.status().await?, 404);
    browser.go("/dossiers?etat=tous").await?;
    assert!(!browser.main().await?.contains(reference));
    browser.go("/recherche?q=marcheval").await?;
    assert!(!browser.main().await?.contains(reference));
    Ok(())
}
