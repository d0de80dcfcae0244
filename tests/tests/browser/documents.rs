//! A scan comes with its letter, and is read beside the answer.

use anyhow::{Context as _, Result};
use pli_tests::Person::{Auditor, Clerk, Drafter, Prisons};
use pli_tests::browser::{Browser, ENTER, Look};
use pli_tests::samples::{PNG, pdf, petition};
use pli_tests::{Engine, Fine as _};
use tempfile::TempDir;

use crate::desk::{Desk, plain};

pli_tests::on_both!(a_scan_is_seen_kept_and_registered_with_its_letter);

/// The reference of the first letter.
const FIRST: &str = "SG-2026-A-000001";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_is_kept_and_registered_without_javascript() -> Result<()> {
    scan(&Desk::open(Engine::Sqlite, plain()).await?, "sans-javascript").await
}

async fn a_scan_is_seen_kept_and_registered_with_its_letter(engine: Engine) -> Result<()> {
    scan(&Desk::open(engine, Look::default()).await?, &format!("{engine:?}").to_lowercase()).await
}

/// A file that somebody can choose.
fn file(folder: &TempDir, name: &str, content: &[u8]) -> Result<String> {
    let path = folder.path().join(name);
    std::fs::write(&path, content)?;
    Ok(path.display().to_string())
}

/// Where what is seen beside the form comes from; empty when nothing is seen.
async fn preview(browser: &Browser) -> Result<String> {
    let seen = "const seen = document.querySelector('#apercu:not([hidden]) > *'); \
                return seen ? seen.getAttribute('src') : ''";
    Ok(browser.script(seen).await?.as_str().context("no text")?.to_owned())
}

async fn scan(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    let folder = tempfile::tempdir()?;
    register(desk, &folder, name).await?;

    // The drafter reads it beside what they write; who has nothing to do with it does not.
    let id = desk.stored(FIRST).await?.dossier.id;
    desk.office().play(id, desk.office().to_drafting()?).await?;
    desk.next(Drafter, FIRST).await?;
    assert_eq!(browser.count("#draft-text").await?, 1);
    let href = browser.attribute(".documents a", "href").await?;
    assert!(browser.attribute(".documents iframe", "src").await?.starts_with(&href));
    browser.screenshot(&format!("projet-avec-document-{name}")).await?;
    attach(desk, &folder, name).await?;
    desk.next(Prisons, FIRST).await?;
    let path = href.strip_prefix(&desk.served.url).unwrap_or(&href);
    browser.go(path).await?;
    assert_eq!(browser.title().await?, "Page introuvable – Pli");
    assert_eq!(desk.office().faults().await?, [""; 0]);
    Ok(())
}

/// The clerk registers a letter with its scan, after having forgotten the subject.
async fn register(desk: &Desk, folder: &TempDir, name: &str) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    let scan = file(folder, "Lettre de Mme Garonne.pdf", &pdf("Madame Garonne"))?;
    browser.fill("register-document", &scan).await?;
    let javascript = name != "sans-javascript";
    assert_eq!(preview(browser).await?.starts_with("blob:"), javascript, "it is seen before it is sent");
    for (field, value) in [
        ("sender", "Mme Élise Garonne, Saint-Béat"),
        ("category", "petition"),
        ("channel", "post"),
        ("documentOn", "2026-11-16"),
        ("receivedOn", "2026-11-19"),
    ] {
        browser.fill(&format!("register-{field}"), value).await?;
    }
    browser.screenshot(&format!("enregistrer-document-{name}")).await?;
    browser.press("Enregistrer").await?;
    assert_eq!(browser.errors().await?, ["Objet : Ce champ est obligatoire."]);
    let kept = browser.texts(".kept").await?;
    let told = "« Lettre de Mme Garonne.pdf » est gardé : inutile de le choisir de nouveau.";
    assert_eq!(kept.first().map(String::as_str), Some(told));
    assert!(preview(browser).await?.starts_with("/documents/"), "it is still seen beside the form");
    browser.screenshot(&format!("enregistrer-document-garde-{name}")).await?;

    browser.fill("register-subject", "Aide juridictionnelle").await?;
    browser.press("Enregistrer").await?;
    assert_eq!(browser.text(".done").await?, "Vous avez enregistré le courrier.");
    let documents = browser.texts(".documents li").await?;
    let told = "Lettre de Mme Garonne.pdf PDF, 1 Kio, joint par Nadège Trémolat le 22/11/2026 à 10 h 00";
    assert!(documents.len() == 1 && documents.iter().all(|line| line.starts_with(told)), "{documents:?}");
    assert_eq!(desk.stored(FIRST).await?.dossier.attachments.len(), 1);
    Ok(())
}

/// Joins a file, by keyboard: a click that comes just after a scroll may be given to the PDF that was there before.
async fn join(browser: &Browser, path: &str) -> Result<()> {
    let form = "document.querySelector('#action-attach')";
    browser.script(&format!("{form}.closest('details').open = true")).await?;
    browser.fill("attach-document", path).await?;
    browser.script(&format!("{form}.querySelector('button').focus()")).await?;
    browser.keys_away(ENTER).await
}

/// The drafter joins a picture, once a file that is none was refused; and once more, when it is there already.
async fn attach(desk: &Desk, folder: &TempDir, name: &str) -> Result<()> {
    let browser = &desk.browser;
    let page = file(folder, "page.pdf", b"<script>alert(1)</script>")?;
    let picture = file(folder, "photo.png", PNG)?;
    join(browser, &page).await?;
    assert_eq!(browser.status().await?, 422);
    let wrong =
        "Document : Ce fichier n’est ni un PDF, ni une image JPEG, PNG ou TIFF : choisissez-en un autre.";
    assert_eq!(browser.errors().await?, [wrong]);
    join(browser, &picture).await?;
    assert_eq!(browser.text(".done").await?, "Vous avez joint un document.");
    join(browser, &picture).await?;
    assert_eq!(browser.errors().await?, ["Document : Ce document est déjà joint à ce dossier."]);

    let shown = "const picture = document.querySelector('.documents img'); picture.closest('details').open = true; \
                 picture.scrollIntoView(); return picture.decode().then(() => picture.naturalWidth)";
    assert_eq!(browser.script(shown).await?, 16, "the picture is shown");
    browser.screenshot(&format!("dossier-documents-{name}")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_is_dropped_anywhere_on_the_page() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let sheet = desk.letter(petition("Aide juridictionnelle"), []).await?;
    desk.next(Clerk, FIRST).await?;
    let drop = |bytes: usize| {
        format!(
            "const data = new DataTransfer(), place = document.querySelector('h1'); \
             data.items.add(new File(['%PDF-1.4', ' '.repeat({bytes})], 'déposé.pdf', {{ type: 'application/pdf' }})); \
             const event = (name) => new DragEvent(name, {{ dataTransfer: data, bubbles: true, cancelable: true }}); \
             return ['dragover', 'drop'].map((name) => place.dispatchEvent(event(name)))"
        )
    };
    let taken = serde_json::json!([false, false]);
    assert_eq!(browser.script(&drop(21 << 20)).await?, taken, "the browser does not open it by itself");
    let told = browser.text("#attach-document-choix").await?;
    assert_eq!(told, "« déposé.pdf » est trop volumineux : 20 Mio au plus.");
    assert_eq!(preview(browser).await?, "");
    assert_eq!(browser.value("attach-document").await?, "");

    assert_eq!(browser.script(&drop(10)).await?, taken);
    assert_eq!(browser.focused().await?, "attach-document");
    assert_eq!(browser.texts("#attach-document-choix").await?, [""]);
    assert!(preview(browser).await?.starts_with("blob:"));
    browser.press("Joindre un document").await?;
    assert_eq!(browser.text(".done").await?, "Vous avez joint un document.");
    assert_eq!(browser.text(".documents a").await?, "déposé.pdf");
    let auditor = desk.office().caller(Auditor).await?;
    let documents = desk.office().app.attachments(&auditor, &[sheet.dossier.id]).await.fine()?;
    assert_eq!(documents.values().flatten().count(), 1);
    Ok(())
}
