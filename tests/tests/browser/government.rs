//! The administrator follows a change of government: looks, then confirms.

use anyhow::Result;
use pli_tests::Person::{Administrator, Coordinator};
use pli_tests::browser::{ENTER, Look};
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Office};

use crate::desk::{Desk, plain};

pli_tests::on_both!(an_administrator_follows_a_change_of_government);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_government_needs_no_javascript() -> Result<()> {
    journey(&Desk::open(Engine::Sqlite, plain()).await?, "sans-javascript").await
}

async fn an_administrator_follows_a_change_of_government(engine: Engine) -> Result<()> {
    journey(&Desk::open(engine, Look::default()).await?, &format!("{engine:?}").to_lowercase()).await
}

/// Two questions given to us before the decree, and one after it.
pub(crate) async fn three(office: &Office) -> Result<()> {
    for (number, on) in [(19_001, "2026-09-15"), (19_002, "2026-09-15"), (19_003, "2026-11-17")] {
        let record = published(number, day(on)?)?;
        office.app.import([Ok(record)].into_iter(), |_| {}).await.fine()?;
    }
    Ok(())
}

async fn journey(desk: &Desk, name: &str) -> Result<()> {
    three(desk.office()).await?;
    let browser = &desk.browser;
    browser.sign_in(Administrator).await?;
    browser.go("/reglages").await?;
    browser.follow("Changement de gouvernement").await?;
    browser.follow("3").await?;
    assert_eq!(browser.count("caption + thead + tbody tr").await?, 3, "the figure opens its list");
    assert_eq!(browser.value("apercu-from").await?, "Justice", "and fills the form");
    browser.press("Voir ce qui changerait").await?;
    let wrong = browser.errors().await?;
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert_eq!(browser.value("apercu-from").await?, "Justice", "nothing typed is lost");
    browser.fill("apercu-to", "Ministère de la justice et des libertés").await?;
    browser.fill("apercu-on", "2026-11-10").await?;
    browser.press("Voir ce qui changerait").await?;
    browser.screenshot(&format!("gouvernement-{name}")).await?;
    assert_eq!(browser.text("#apercu").await?, "Aperçu : rien n’est encore changé");
    assert_eq!(
        browser.texts(".notice li").await?,
        ["2 questions se déplaceraient", "1 laissée : l’attribution est postérieure au décret"]
    );
    browser.press_at(".notice li:nth-of-type(2) a").await?;
    assert!(browser.text("tbody").await?.starts_with("AN-17-QE-19003"));
    browser.tab_to("Déplacer 2 questions").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.text(".done").await?, "Le changement est suivi : 2 questions déplacées.");
    browser.press_at("#suivis + ul a").await?;
    browser.screenshot(&format!("gouvernement-suivi-{name}")).await?;
    assert_eq!(browser.count("tbody tr").await?, 2);
    let address = browser.path().await?;
    let change = address.rsplit('/').next().unwrap_or_default();

    browser.sign_in(Coordinator).await?;
    browser.go(&format!("/dossiers?changement={change}")).await?;
    assert_eq!(browser.count("tbody tr").await?, 2);
    browser.go("/dossiers/AN-17-QE-19001").await?;
    assert!(browser.main().await?.contains("Ministère de la justice et des libertés"));
    Ok(())
}
