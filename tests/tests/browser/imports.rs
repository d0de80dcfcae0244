//! A coordinator looks at an import that went wrong, with the keyboard and without JavaScript.

use anyhow::Result;
use pli_app::Origin;
use pli_domain::import_run::Feed;
use pli_feeds::{RejectReason, Rejected};
use pli_tests::Person::Coordinator;
use pli_tests::browser::ENTER;
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Office};

use crate::desk::{Desk, plain};

/// One import with something refused, and one that failed.
pub(crate) async fn two(office: &Office) -> Result<()> {
    let origin = |feed, source: &str| Origin { feed, source: source.to_owned(), digest: None };
    let reason = RejectReason::UnknownType { uid: "QANR5L17QM1".to_owned(), code: "QM".to_owned() };
    let refused = Rejected { source: "QANR5L17QM1.json".to_owned(), reason };
    let records = [Ok(published(77, day("2026-09-08")?)?), Err(refused)];
    let archive = origin(Feed::Assembly, "Questions_ecrites.json.zip");
    office.app.import_file(&archive, records.into_iter(), |_| {}).await.fine()?;
    let broken = origin(Feed::Senate, "questions.zip");
    office
        .app
        .import_refused(&broken, "Archive illisible. Le téléchargement est peut-être incomplet.".to_owned())
        .await
        .fine()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_number_that_can_opens_its_list() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    two(desk.office()).await?;
    let browser = &desk.browser;
    browser.sign_in(Coordinator).await?;
    browser.follow("Imports").await?;
    assert_eq!(browser.count("table.register tbody tr").await?, 2);
    browser.tab_to("1").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.path().await?, "/dossiers?etat=tous&import=1", "what it opened");
    browser.go("/imports").await?;
    browser.press_at("a[href='/imports/1#refus']").await?;
    assert!(browser.text("table.register tbody").await?.contains("QANR5L17QM1"));
    // The name of its link holds a space that does not break.
    browser.go("/imports/2").await?;
    assert!(browser.text(".alert").await?.contains("Archive illisible"));
    Ok(())
}
