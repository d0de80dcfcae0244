//! Questions are grouped, then answered together, in a browser.

use anyhow::Result;
use pli_domain::dossier::Stage;
use pli_tests::browser::Look;
use pli_tests::samples::question;
use pli_tests::{Engine, Fine as _, Person};

use crate::accessibility::faults;
use crate::desk::{Desk, plain};

async fn received(desk: &Desk) -> Result<()> {
    let office = desk.office();
    let clerk = office.caller(Person::Clerk).await?;
    for number in 1..5 {
        office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn look_alikes_are_grouped_and_answered_together_without_javascript() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    received(&desk).await?;
    let browser = desk.next(Person::Coordinator, "AN-17-QE-1").await?;
    browser.press("Grouper avec AN-17-QE-2").await?;
    assert_eq!(browser.text(".done").await?, "AN-17-QE-2 est dans le lot.");
    browser.press("Ajouter au lot AN-17-QE-3").await?;
    browser.fill("route-lead", "DACS").await?;
    browser.press("Attribuer").await?;
    let browser = desk.next(Person::Correspondent, "AN-17-QE-3").await?;
    browser.press("Accepter").await?;
    let browser = desk.next(Person::Drafter, "AN-17-QE-2").await?;
    browser.fill("draft-text", "Une réponse commune.").await?;
    browser.press("Enregistrer le projet").await?;
    browser.press("Soumettre au visa").await?;
    for reference in ["AN-17-QE-1", "AN-17-QE-2", "AN-17-QE-3"] {
        let sheet = desk.stored(reference).await?;
        assert_eq!(sheet.dossier.stage, Stage::Review, "{reference}");
    }
    assert_eq!(desk.stored("AN-17-QE-4").await?.dossier.stage, Stage::Received);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_can_be_used_by_everybody() -> Result<()> {
    for dark in [false, true] {
        let desk = Desk::open(Engine::Sqlite, Look { dark, ..Look::default() }).await?;
        received(&desk).await?;
        let theme = if dark { "sombre" } else { "clair" };
        let mut wrong = Vec::new();
        let browser = desk.next(Person::Coordinator, "AN-17-QE-1").await?;
        let see = async |name: &str, wrong: &mut Vec<String>| -> Result<()> {
            for width in [1280, 320] {
                browser.resize(width).await?;
                wrong.extend(
                    faults(browser).await?.into_iter().map(|fault| format!("{name}, {width}: {fault}")),
                );
                browser.screenshot(&format!("{name}-{theme}-{width}")).await?;
            }
            browser.resize(1280).await
        };
        browser.go("/lots").await?;
        see("lots-vides", &mut wrong).await?;
        browser.go("/dossiers/AN-17-QE-1").await?;
        see("lot-propositions", &mut wrong).await?;
        browser.press("Grouper avec AN-17-QE-2").await?;
        browser.press("Ajouter au lot AN-17-QE-3").await?;
        see("lot", &mut wrong).await?;
        browser.go("/lots").await?;
        see("lots", &mut wrong).await?;
        assert_eq!(wrong, [""; 0]);
    }
    Ok(())
}
