//! A person asks what is held on them: found, given a copy, corrected.

use anyhow::Result;
use pli_domain::dossier::NewMail;
use pli_tests::Engine;
use pli_tests::Person::{Clerk, Coordinator};
use pli_tests::browser::Look;
use pli_tests::samples::petition;

use crate::accessibility::faults;
use crate::desk::{Desk, plain};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_answered() -> Result<()> {
    answer(&Desk::open(Engine::Postgres, Look::default()).await?, true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_answered_without_javascript() -> Result<()> {
    answer(&Desk::open(Engine::Sqlite, plain()).await?, false).await
}

async fn answer(desk: &Desk, javascript: bool) -> Result<()> {
    let browser = &desk.browser;
    let accessible = async || {
        if javascript {
            assert_eq!(faults(browser).await?, [""; 0]);
        }
        anyhow::Ok(())
    };
    let from = |sender: &str, subject| NewMail { sender: sender.to_owned(), ..petition(subject) };
    let pension = desk.letter(from("Mme Coeurvray, Albi", "Pension de Mme Coeurvray"), []).await?;
    let request = desk.letter(from("Mme Coeurvray, Albi", "Accès à mes données"), []).await?;

    browser.sign_in(Coordinator).await?;
    browser.go("/recherche").await?;
    browser.follow("Répondre à une personne").await?;
    accessible().await?;
    browser.fill("personne-q", "zzyzx").await?;
    browser.press("Chercher").await?;
    assert!(browser.main().await?.contains("Aucun dossier que vous pouvez lire ne nomme cette personne."));
    accessible().await?;
    browser.fill("personne-q", "Madame coeurvray").await?;
    browser.press("Chercher").await?;
    assert_eq!(browser.count("#copie tbody tr").await?, 2);
    accessible().await?;

    // The request is forgotten: what was ticked is kept.
    let box_of = format!("input[value=\"{}\"]", pension.dossier.reference);
    browser.click(&box_of).await?;
    browser.press("Remettre une copie").await?;
    assert_eq!(browser.status().await?, 422);
    assert_eq!(browser.count(&format!("{box_of}:checked")).await?, 1);
    accessible().await?;
    // With it, what comes is a file, on no page: `http/personal` looks into it.
    assert!(browser.main().await?.contains(&request.dossier.reference));

    // Her name is corrected.
    browser.sign_in(Clerk).await?;
    browser.go(&format!("/dossiers/{}", pension.dossier.reference)).await?;
    browser.unfold("correct_sender").await?;
    assert_eq!(browser.value("correct_sender-sender").await?, "Mme Coeurvray, Albi");
    browser.fill("correct_sender-sender", "Mme Cœurvrai, Albi").await?;
    browser.fill("correct_sender-subject", "Pension de Mme Cœurvrai").await?;
    browser.press("Corriger l’expéditeur").await?;
    assert_eq!(browser.value("correct_sender-sender").await?, "Mme Cœurvrai, Albi", "nothing typed is lost");
    accessible().await?;
    browser.fill("correct_sender-note", "Rectification demandée le 20 novembre.").await?;
    browser.press("Corriger l’expéditeur").await?;
    let page = browser.main().await?;
    assert!(page.contains("Mme Cœurvrai, Albi") && !page.contains("Coeurvray"), "{page}");

    browser.follow("Mon compte").await?;
    assert!(browser.main().await?.contains("Prendre une copie de mes données"));
    accessible().await
}
