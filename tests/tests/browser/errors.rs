//! What goes wrong is said, and nothing typed is lost, nor done twice.

use anyhow::{Context as _, Result};
use pli_domain::dossier::Command;
use pli_tests::Person::{Approver, Clerk, Coordinator, Drafter};
use pli_tests::browser::{Browser, Look};
use pli_tests::samples::{draft, petition};
use pli_tests::{Engine, Person};

use crate::desk::{Desk, plain};

pli_tests::on_both!(
    a_form_that_is_refused_says_why_and_keeps_everything,
    a_form_shown_before_the_dossier_moved_on_is_refused_and_its_text_kept,
    a_form_sent_twice_registers_one_letter,
);

/// What was typed before the dossier moved on.
const TYPED: &str = "Madame, voici ma réponse, longuement pesée.";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_keeps_everything_without_javascript() -> Result<()> {
    refused(&Desk::open(Engine::Sqlite, plain()).await?, false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_twice_registers_one_letter_without_javascript() -> Result<()> {
    twice(&Desk::open(Engine::Sqlite, plain()).await?).await
}

async fn a_form_that_is_refused_says_why_and_keeps_everything(engine: Engine) -> Result<()> {
    refused(&Desk::open(engine, Look::default()).await?, true).await
}

async fn a_form_sent_twice_registers_one_letter(engine: Engine) -> Result<()> {
    twice(&Desk::open(engine, Look::default()).await?).await
}

const LETTER: [(&str, &str); 5] = [
    ("sender", "Mairie de Saint-Ferréol"),
    ("category", "ordinary"),
    ("channel", "courier"),
    ("documentOn", "2026-11-16"),
    ("receivedOn", "2026-11-20"),
];

/// Fills the form of a letter, but for its subject.
async fn fill_letter(browser: &Browser) -> Result<()> {
    browser.go("/courriers/nouveau").await?;
    for (field, value) in LETTER {
        browser.fill(&format!("register-{field}"), value).await?;
    }
    Ok(())
}

async fn refused(desk: &Desk, javascript: bool) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    fill_letter(browser).await?;
    browser.press("Enregistrer").await?;
    assert_eq!(browser.status().await?, 422);
    assert_eq!(browser.errors().await?, ["Objet : Ce champ est obligatoire."]);
    // Who hears the page is brought to the summary; without JavaScript, it comes first after the title.
    assert_eq!(browser.focused().await? == "erreurs", javascript);
    assert_eq!(browser.attribute("#erreurs", "role").await?, "alert");
    for (field, value) in LETTER {
        assert_eq!(browser.value(&format!("register-{field}")).await?, value, "{field}");
        assert_eq!(browser.attribute(&format!("#register-{field}"), "aria-invalid").await?, "", "{field}");
    }
    assert_eq!(browser.attribute("#register-subject", "aria-invalid").await?, "true");
    let described = browser.attribute("#register-subject", "aria-describedby").await?;
    let described = described.split(' ').next_back().context("nothing describes the field")?;
    assert_eq!(browser.text(&format!("#{described}")).await?, "Ce champ est obligatoire.");
    assert_eq!(desk.dossiers().await?, 0);
    browser.screenshot("enregistrer-refuse").await?;
    // Each line of the summary leads to its field, where one types on.
    browser.click("#erreurs a").await?;
    assert_eq!(browser.focused().await?, "register-subject");
    browser.keys("Locaux du tribunal de proximité").await?;
    browser.press("Enregistrer").await?;
    assert_eq!(browser.path().await?, "/dossiers/SG-2026-A-000001?fait=register");
    assert_eq!(desk.dossiers().await?, 1);
    Ok(())
}

/// A drafter writes while somebody else does something to the dossier, and sends what they have written.
async fn overtaken(desk: &Desk, by: (Person, Command)) -> Result<()> {
    let browser = &desk.browser;
    let mut steps = desk.office().to_drafting()?;
    steps.push((Drafter, draft("Un premier projet.")));
    let sheet = desk.letter(petition("Aide juridictionnelle"), steps).await?;
    desk.next(Drafter, &sheet.dossier.reference).await?;
    browser.fill("draft-text", TYPED).await?;
    desk.office().play(sheet.dossier.id, [by]).await?;
    browser.press("Enregistrer le projet").await
}

async fn a_form_shown_before_the_dossier_moved_on_is_refused_and_its_text_kept(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;

    overtaken(&desk, (Approver, draft("Le projet d’un autre."))).await?;
    assert_eq!(browser.status().await?, 409);
    assert_eq!(browser.errors().await?.len(), 1);
    assert_eq!(browser.focused().await?, "erreurs");
    assert_eq!(browser.value("draft-text").await?, TYPED);
    assert!(browser.main().await?.contains("Le projet d’un autre."), "the other's text is beside");
    browser.screenshot("projet-depasse").await?;
    // Whoever has read it may send theirs after all.
    browser.press("Enregistrer le projet").await?;
    assert_eq!(browser.value("draft-text").await?, TYPED);
    assert_eq!(browser.text(".done").await?, "Vous avez enregistré un projet de réponse.");

    overtaken(&desk, (Approver, Command::Submit)).await?;
    assert_eq!(browser.errors().await?.len(), 1);
    assert_eq!(browser.count("#draft-text").await?, 0, "there is nothing more to write");
    let kept = browser.script("return document.querySelector('#erreurs textarea').value").await?;
    assert_eq!(kept, TYPED);
    browser.screenshot("projet-soumis-par-un-autre").await?;

    let dap = desk.office().unit("DAP")?;
    overtaken(&desk, (Coordinator, Command::Reroute { lead: dap })).await?;
    assert_eq!(browser.status().await?, 404);
    assert_eq!(browser.script("return document.querySelector('main textarea')?.value").await?, TYPED);
    browser.screenshot("projet-dossier-parti").await
}

async fn twice(desk: &Desk) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    fill_letter(browser).await?;
    browser.fill("register-subject", "Locaux du tribunal de proximité").await?;
    browser.press_twice("Enregistrer").await?;
    assert_eq!(browser.text(".reference").await?, "Courrier SG-2026-A-000001");
    assert_eq!(desk.dossiers().await?, 1);
    // Back to the form, and once more.
    browser.back().await?;
    assert_eq!(browser.path().await?, "/courriers/nouveau");
    browser.press("Enregistrer").await?;
    let page = browser.main().await?;
    let again = page.contains("Courrier SG-2026-A-000001") || page.contains("Ce champ est obligatoire.");
    assert!(again, "neither the same letter, nor a form to fill anew: {page}");
    assert_eq!(desk.dossiers().await?, 1);
    Ok(())
}
