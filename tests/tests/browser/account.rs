//! « Mon compte », and the states of the sign-in.

use anyhow::{Context as _, Result};
use pli_tests::Person::{Administrator, Clerk, Drafter};
use pli_tests::browser::Look;
use pli_tests::{Engine, Fine as _, PASSWORD, attempt};

use crate::desk::{Desk, plain};

const NEW: &str = "agrafe bleue quatorze";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_keeps_ones_own_account_without_javascript() -> Result<()> {
    keep(&Desk::open(Engine::Sqlite, plain()).await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_keeps_ones_own_account() -> Result<()> {
    keep(&Desk::open(Engine::Postgres, Look::default()).await?).await
}

async fn keep(desk: &Desk) -> Result<()> {
    let browser = &desk.browser;
    // Somebody else's browser, and one more of the clerk's.
    desk.office().come_in(Clerk.login(), PASSWORD).await?.context("not let in")?;
    browser.sign_in(Clerk).await?;
    browser.follow("Mon compte").await?;
    assert_eq!(browser.path().await?, "/mon-compte");
    let sessions = browser.texts("[aria-labelledby=sessions-table] tbody th").await?;
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|one| one.contains("(celui-ci)")).count(), 1, "{sessions:?}");
    browser.press("Fermer toutes les autres sessions").await?;
    assert!(browser.main().await?.contains("Vos autres sessions sont fermées."));
    browser.fill("make_token-name", "Tableau de bord").await?;
    browser.fill("make_token-days", "900").await?;
    browser.press("Créer un jeton").await?;
    assert_eq!(browser.errors().await?, ["Durée, en jours : Un jeton dure de 1 à 365 jours."]);
    assert_eq!(browser.value("make_token-name").await?, "Tableau de bord", "nothing typed is lost");
    browser.fill("make_token-days", "30").await?;
    browser.press("Créer un jeton").await?;
    let token = browser.text("#jeton").await?;
    assert!(desk.office().app.by_token(token.trim()).await.fine()?.is_some());
    browser.press_at("[aria-labelledby=jetons-table] button").await?;
    assert!(browser.main().await?.contains("Le jeton est révoqué"));
    assert!(desk.office().app.by_token(token.trim()).await.fine()?.is_none());
    for (present, errors) in [
        ("autre chose 1234", Some("Mot de passe actuel : Ce n’est pas votre mot de passe actuel.")),
        (PASSWORD, None),
    ] {
        browser.fill("change_password-password", present).await?;
        browser.fill("change_password-newPassword", NEW).await?;
        browser.fill("change_password-newPasswordAgain", NEW).await?;
        browser.press("Changer mon mot de passe").await?;
        assert_eq!(browser.errors().await?, errors.into_iter().collect::<Vec<_>>());
    }
    assert!(browser.main().await?.contains("Votre mot de passe est changé."));
    browser.press("Se déconnecter").await?;
    browser.give_name(Clerk.login(), NEW).await?;
    assert_eq!(browser.path().await?, "/aujourdhui");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drawn_password_is_changed_and_too_many_tries_are_held() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let (browser, office) = (&desk.browser, desk.office());
    let administrator = office.caller(Administrator).await?;
    let drafter = office.database.store.person(Drafter.login()).await?.context("no drafter")?;
    let (_, drawn) = office.app.reset_password(&administrator, office.key(), drafter.id).await.fine()?;
    let drawn = drawn.context("no password")?;
    browser.go("/connexion?suite=/recherche").await?;
    browser.give_name(Drafter.login(), drawn.reveal()).await?;
    assert_eq!(browser.value("choix-login").await?, Drafter.login());
    for new in ["motdepasse2026", NEW] {
        browser.fill("choix-password", drawn.reveal()).await?;
        browser.fill("choix-newPassword", new).await?;
        browser.fill("choix-newPasswordAgain", new).await?;
        browser.press("Choisir ce mot de passe").await?;
    }
    assert_eq!(browser.path().await?, "/recherche");
    browser.press("Se déconnecter").await?;
    for _ in 0..11 {
        let _ = office.app.sign_in(&attempt(Drafter.login(), "au hasard 1234")).await;
    }
    browser.give_name(Drafter.login(), NEW).await?;
    assert_ne!(browser.path().await?, "/connexion", "this browser is known");
    Ok(())
}
