//! The signature book by keyboard alone, and without JavaScript: from the sign-in page to the last signature.

use anyhow::{Context as _, Result};
use pli_domain::dossier::Stage;
use pli_tests::Person::{Approver, Signatory};
use pli_tests::browser::{Browser, ENTER, SPACE, TAB};
use pli_tests::samples::{day, letter};
use pli_tests::{Engine, PASSWORD, Person};

use crate::desk::{Desk, plain};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_approves_the_next_and_another_signs_the_next() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    let browser = &desk.browser;
    let mut names = Vec::new();
    for received in ["2026-10-10", "2026-10-20"] {
        let steps = desk.office().to_answer()?.into_iter().take(4);
        names.push(desk.letter(letter(day(received)?), steps).await?.dossier.reference);
    }
    browser.go("/").await?;
    decides_on_all(&desk, Approver, "Viser", &names).await?;
    for name in &names {
        assert_eq!(desk.stored(name).await?.dossier.stage, Stage::Signature);
    }
    browser.tab_to("Se déconnecter").await?;
    browser.keys_away(SPACE).await?;
    decides_on_all(&desk, Signatory, "Signer", &names).await?;
    for name in &names {
        assert_eq!(desk.stored(name).await?.dossier.stage, Stage::Outgoing);
    }
    assert_eq!(desk.office().faults().await?, Vec::<String>::new());
    Ok(())
}

/// Somebody comes to the sign-in page, and decides on one dossier after the other, the most pressing first.
async fn decides_on_all(desk: &Desk, person: Person, decision: &str, names: &[String]) -> Result<()> {
    let browser = &desk.browser;
    desk.later();
    signs_in(browser, person).await?;
    browser.tab_to("Signature 2 en attente").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.text("h1").await?, "2 dossiers attendent votre décision");
    let (first, next) = names.split_first().context("none")?;
    browser.tab_to(first).await?;
    browser.keys_away(ENTER).await?;
    decides(browser, decision).await?;
    for name in next {
        // The next one is there, and says what was done to the one before.
        assert!(browser.path().await?.starts_with(&format!("/signature/{name}?fait=")), "{name}");
        assert!(browser.text(".done").await?.contains(first));
        decides(browser, decision).await?;
    }
    assert_eq!(browser.text("h1").await?, "Aucun dossier n’attend votre décision");
    Ok(())
}

/// The link leads past the texts to the decision, and the tab key to its button.
async fn decides(browser: &Browser, decision: &str) -> Result<()> {
    browser.tab_to("Aller à la décision").await?;
    browser.keys(ENTER).await?;
    browser.keys(TAB).await?;
    assert_eq!(browser.focused().await?, decision, "nothing stands between the link and the decision");
    browser.keys_away(SPACE).await
}

async fn signs_in(browser: &Browser, person: Person) -> Result<()> {
    browser.tab_to("connexion-login").await?;
    browser.keys(person.login()).await?;
    browser.tab_to("connexion-password").await?;
    browser.keys(PASSWORD).await?;
    browser.keys_away(ENTER).await
}
