//! A coordinator settles écarts one after the other, with one key.

use anyhow::Result;
use pli_tests::Engine;
use pli_tests::Fine as _;
use pli_tests::Person::{Clerk, Coordinator};
use pli_tests::browser::{ENTER, Look};
use pli_tests::samples::{day, published, question};

use crate::desk::{Desk, plain};

pli_tests::on_both!(a_coordinator_settles_one_after_the_other);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settling_needs_no_javascript() -> Result<()> {
    journey(&Desk::open(Engine::Sqlite, plain()).await?, "sans-javascript").await
}

async fn a_coordinator_settles_one_after_the_other(engine: Engine) -> Result<()> {
    journey(&Desk::open(engine, Look::default()).await?, &format!("{engine:?}").to_lowercase()).await
}

/// Two questions that a clerk entered a week too late, and what was published of them.
pub(crate) async fn two(desk: &Desk) -> Result<()> {
    let office = desk.office();
    let clerk = office.caller(Clerk).await?;
    for number in [18_094, 18_095] {
        office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        let record = Ok(published(number, day("2026-09-08")?)?);
        office.app.import([record].into_iter(), |_| {}).await.fine()?;
        // The one is found after the other.
        office.clock.set(office.now().instant() + chrono::TimeDelta::minutes(1));
    }
    Ok(())
}

async fn journey(desk: &Desk, name: &str) -> Result<()> {
    two(desk).await?;
    let browser = &desk.browser;
    browser.sign_in(Coordinator).await?;
    browser.go("/aujourdhui").await?;
    browser.follow("Écarts avec le registre public 2").await?;
    assert_eq!(browser.path().await?, "/ecarts");
    assert_eq!(browser.count("li[id^='ecart-']").await?, 2);
    browser.screenshot(&format!("ecarts-{name}")).await?;
    browser.tab_to("Retenir la valeur publiée").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.text(".done").await?, "AN-17-QE-18094 : la valeur publiée est retenue.");
    assert_eq!(desk.stored("AN-17-QE-18094").await?.dossier.due_on(), Some(day("2026-11-08")?));

    browser.click("details.act summary").await?;
    browser.press("Garder notre valeur").await?;
    assert_eq!(browser.errors().await?.len(), 1);
    let note = browser.attribute("details.act textarea", "id").await?;
    browser.fill(&note, "Le JO du 8 a été retiré.").await?;
    browser.press("Garder notre valeur").await?;
    assert_eq!(browser.text(".done").await?, "AN-17-QE-18095 : notre valeur est gardée.");
    assert!(browser.text(".empty").await?.contains("Aucun écart"));
    assert_eq!(desk.stored("AN-17-QE-18095").await?.dossier.due_on(), Some(day("2026-11-15")?));
    browser.go("/dossiers/AN-17-QE-18095").await?;
    assert!(browser.text("table.journal").await?.contains("a écarté la valeur publiée"));
    Ok(())
}
