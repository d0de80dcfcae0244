//! The door: who comes in, and where to.

use anyhow::Result;
use pli_tests::Person::{Clerk, Coordinator, Correspondent, Prisons};
use pli_tests::browser::Look;
use pli_tests::samples::{petition, route};
use pli_tests::{Engine, PASSWORD};

use crate::desk::{Desk, plain};

pli_tests::on_both!(
    a_wrong_password_is_said_and_the_login_kept,
    whoever_signs_out_is_out,
    a_link_to_a_dossier_opens_it_after_signing_in,
    a_dossier_of_another_direction_is_not_told_from_none,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_needs_no_javascript() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    wrong_password(&desk).await?;
    sign_out(&desk, false).await
}

async fn a_wrong_password_is_said_and_the_login_kept(engine: Engine) -> Result<()> {
    wrong_password(&Desk::open(engine, Look::default()).await?).await
}

async fn whoever_signs_out_is_out(engine: Engine) -> Result<()> {
    sign_out(&Desk::open(engine, Look::default()).await?, true).await
}

async fn wrong_password(desk: &Desk) -> Result<()> {
    let browser = &desk.browser;
    for (login, password) in [(Clerk.login(), "Sous le pli 1849"), ("personne", PASSWORD)] {
        browser.go("/connexion").await?;
        browser.give_name(login, password).await?;
        assert_eq!(browser.status().await?, 401);
        assert_eq!(browser.errors().await?, ["Identifiant ou mot de passe incorrect."]);
        assert_eq!(browser.value("connexion-login").await?, login);
        assert_eq!(browser.value("connexion-password").await?, "");
        assert_eq!(browser.attribute("#connexion-login", "aria-describedby").await?, "connexion-erreur");
    }
    browser.give_name(Clerk.login(), PASSWORD).await?;
    assert_eq!(browser.path().await?, "/aujourdhui");
    Ok(())
}

async fn sign_out(desk: &Desk, javascript: bool) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.press("Se déconnecter").await?;
    assert_eq!(browser.path().await?, "/connexion");
    browser.back().await?;
    // Without JavaScript, nothing can take from the browser the page that it keeps.
    if javascript {
        browser.wait_for("#connexion-login").await?;
        assert!(!browser.source().await?.contains(Clerk.name()), "what was seen is gone");
    }
    browser.go("/dossiers?etat=tous").await?;
    assert_eq!(browser.path().await?, "/connexion?suite=%2Fdossiers%3Fetat%3Dtous");
    Ok(())
}

async fn a_link_to_a_dossier_opens_it_after_signing_in(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    desk.letter(petition("Aide juridictionnelle"), []).await?;
    browser.go("/dossiers/SG-2026-A-000001").await?;
    assert_eq!(browser.path().await?, "/connexion?suite=%2Fdossiers%2FSG-2026-A-000001");
    browser.give_name(Clerk.login(), "une faute de frappe").await?;
    browser.give_name(Clerk.login(), PASSWORD).await?;
    assert_eq!(browser.path().await?, "/dossiers/SG-2026-A-000001");
    assert!(browser.main().await?.contains("Aide juridictionnelle"));

    for elsewhere in ["https://mechant.example/", "//mechant.example/", "/%5Cmechant.example/"] {
        browser.press("Se déconnecter").await?;
        browser.go(&format!("/connexion?suite={elsewhere}")).await?;
        browser.give_name(Clerk.login(), PASSWORD).await?;
        assert_eq!(browser.path().await?, "/aujourdhui", "{elsewhere}");
    }
    Ok(())
}

async fn a_dossier_of_another_direction_is_not_told_from_none(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    desk.letter(petition("Parloirs"), [(Coordinator, route(desk.office().unit("DAP")?))]).await?;
    browser.sign_in(Correspondent).await?;
    let mut seen = Vec::new();
    for reference in ["SG-2026-A-000001", "SG-2026-A-999999"] {
        browser.go(&format!("/dossiers/{reference}")).await?;
        assert_eq!(browser.status().await?, 404);
        let page = browser.source().await?;
        browser.go(&format!("/dossiers?etat=tous&q={reference}")).await?;
        assert_eq!(browser.count("table.dossiers").await?, 0);
        seen.push([page, browser.source().await?].map(|page| page.replace(reference, "…")));
    }
    assert!(seen.windows(2).all(|pair| matches!(pair, [one, other] if one == other)), "{seen:?}");
    assert!(seen.iter().flatten().all(|page| !page.contains("Parloirs")));
    // It is there, for whom it concerns.
    desk.next(Prisons, "SG-2026-A-000001").await?;
    assert_eq!(browser.status().await?, 200);
    Ok(())
}
