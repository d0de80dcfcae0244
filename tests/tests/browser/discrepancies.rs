//! A coordinator settles écarts one after the other, with one key.

use anyhow::Result;
use pli_tests::Engine;
use pli_tests::Fine as _;
use pli_tests::Person::{Clerk, Coordinator};
use pli_tests::browser::{ENTER, Look};
use pli_tests::samples::{day, published, question};

use crate::desk::{Desk, plain};

pli_tests::on_both!(a_coordinator_settles_one_after_the_other, one_key_adopts_and_one_dismisses);

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

async fn one_key_adopts_and_one_dismisses(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    two(&desk).await?;
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.go("/ecarts").await?;
    assert_eq!(browser.count("#clavier").await?, 0, "a clerk settles none");
    browser.sign_in(Coordinator).await?;
    browser.go("/ecarts").await?;
    assert!(browser.text("#clavier").await?.contains("p retenir la valeur publiée, après confirmation"));
    // To the second one, and no further; what is done is done to it.
    let lines = ["li:first-child", "li:last-child"].map(|line| format!(".sections > {line}"));
    let first = browser.attribute(&lines[0], "id").await?;
    let second = browser.attribute(&lines[1], "id").await?;
    for (key, line) in [("j", &first), ("j", &second), ("j", &second), ("k", &first), ("j", &second)] {
        browser.keys(key).await?;
        assert_eq!(&browser.focused().await?, line);
    }
    let held = desk.stored("AN-17-QE-18095").await?.dossier.due_on();
    browser.keys("p").await?;
    let asked = "AN-17-QE-18095 : retenir la valeur publiée (le 08/09/2026) ?";
    assert_eq!(browser.asked().await?, asked);
    browser.refuse().await?;
    assert_eq!(desk.stored("AN-17-QE-18095").await?.dossier.due_on(), held);
    browser.keys("p").await?;
    browser.accept().await?;
    browser.wait_for(".done").await?;
    assert_eq!(browser.text(".done").await?, "AN-17-QE-18095 : la valeur publiée est retenue.");
    assert_eq!(desk.stored("AN-17-QE-18095").await?.dossier.due_on(), Some(day("2026-11-08")?));
    // The other is the first of the list now. In the field, a letter is a letter.
    browser.keys("g").await?;
    let note = browser.attribute("details.act[open] textarea", "id").await?;
    assert_eq!(browser.focused().await?, note);
    browser.keys("gp").await?;
    assert_eq!(browser.value(&note).await?, "gp");
    browser.press("Garder notre valeur").await?;
    assert_eq!(browser.text(".done").await?, "AN-17-QE-18094 : notre valeur est gardée.");
    assert_eq!(desk.stored("AN-17-QE-18094").await?.dossier.due_on(), Some(day("2026-11-15")?));
    Ok(())
}
