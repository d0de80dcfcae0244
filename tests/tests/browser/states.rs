//! States that the walk of `accessibility.rs` does not come by, in light and in the dark, at 100 %, 200 % and 400 %.

use anyhow::Result;
use pli_domain::dossier::Command;
use pli_tests::Person::{Clerk, Coordinator, Drafter, Manager};
use pli_tests::browser::{Browser, Look};
use pli_tests::samples::{day, petition, published};
use pli_tests::{Engine, Fine as _};

use crate::accessibility::faults;
use crate::desk::Desk;

/// 1280 pixels at 100 %, 200 % and 400 %.
const WIDTHS: [u32; 3] = [1280, 640, 320];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rarer_states_can_be_used_by_everybody() -> Result<()> {
    for dark in [false, true] {
        let desk = Desk::open(Engine::Sqlite, Look { dark, ..Look::default() }).await?;
        let theme = if dark { "sombre" } else { "clair" };
        desk.letter(petition("Aide juridictionnelle : délai d’instruction"), []).await?;
        intake(&desk, theme).await?;
        figures(&desk, theme).await?;
        failures(&desk, theme).await?;
    }
    Ok(())
}

/// Senders who are suggested, letters that may be the same, and the question that is asked about them.
async fn intake(desk: &Desk, theme: &str) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    for (field, value) in [
        ("subject", "Aide juridictionnelle : délai d’instruction"),
        ("category", "petition"),
        ("channel", "post"),
        ("documentOn", "2026-11-16"),
        ("receivedOn", "2026-11-19"),
        ("sender", "Mme Élise Garonne"),
    ] {
        browser.fill(&format!("register-{field}"), value).await?;
    }
    browser.wait_for("#semblables").await?;
    browser.wait_for("#register-sender-liste:not([hidden]) li").await?;
    see(browser, "saisie-suggestions", theme).await?;
    browser.keys("\u{e00c}").await?;
    browser.press("Enregistrer").await?;
    browser.wait_for("[name=apart]").await?;
    see(browser, "saisie-demande", theme).await
}

/// Questions of two groups, of which one was answered late; what is searched and found; everything that turned.
async fn figures(desk: &Desk, theme: &str) -> Result<()> {
    let browser = &desk.browser;
    let mut records = Vec::new();
    for (number, group) in [(1, Some("SOC")), (2, None)] {
        let mut record = published(number, day("2026-09-08")?)?;
        record.author.group = group.map(str::to_owned);
        records.push(Ok(record.seal()?));
    }
    desk.office().app.import(records.into_iter(), |_| {}).await.fine()?;
    desk.office().app.take_snapshot().await.fine()?;
    browser.sign_in(Manager).await?;
    for (path, name) in [
        ("/statistiques?par=groupe", "statistiques-pleines"),
        ("/retards?horloge=legal&type=question", "retards-filtres"),
        ("/journal", "journal-plein"),
        ("/recherche?q=question", "recherche-pleine"),
    ] {
        browser.go(path).await?;
        see(browser, name, theme).await?;
    }
    Ok(())
}

/// What cannot be read, what is no more as one read it.
async fn failures(desk: &Desk, theme: &str) -> Result<()> {
    let browser = &desk.browser;
    browser.go("/dossiers?etat=inconnu").await?;
    see(browser, "demande-incomprise", theme).await?;
    let sheet = desk.letter(petition("Casier judiciaire"), []).await?;
    let browser = desk.next(Coordinator, &sheet.dossier.reference).await?;
    let unit = desk.office().unit("DACS")?;
    desk.office().play(sheet.dossier.id, [(Coordinator, pli_tests::samples::route(unit))]).await?;
    browser.fill("route-lead", "DAP").await?;
    browser.press("Attribuer").await?;
    see(browser, "dossier-change-entretemps", theme).await?;
    let cancelled =
        desk.letter(petition("Erreur"), [(Clerk, Command::Cancel { note: "Erreur.".to_owned() })]);
    let browser = desk.next(Clerk, &cancelled.await?.dossier.reference).await?;
    see(browser, "dossier-annule", theme).await?;
    let browser = desk.next(Drafter, "SG-2026-A-999999").await?;
    see(browser, "dossier-introuvable", theme).await
}

/// Checks the page that is shown at each width, with everything unfolded.
async fn see(browser: &Browser, name: &str, theme: &str) -> Result<()> {
    for width in WIDTHS {
        browser.resize(width).await?;
        assert_eq!(faults(browser).await?, Vec::<String>::new(), "{name}, {theme}, {width} px");
        browser.screenshot(&format!("{name}-{theme}-{width}")).await?;
    }
    browser.resize(1280).await
}
