//! Signing in by a provider that is another site, as ProConnect is.

use anyhow::{Context as _, Result};
use pli_tests::Person::{Administrator, Clerk};
use pli_tests::browser::{Browser, Look};
use pli_tests::openid::AGENT;
use pli_tests::{Engine, OpenId, Served};

use crate::accessibility::faults;
use crate::desk::plain;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_comes_and_goes_by_the_provider() -> Result<()> {
    come_and_go(Engine::Postgres, Look::default(), true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_comes_and_goes_by_the_provider_without_javascript() -> Result<()> {
    come_and_go(Engine::Sqlite, plain(), false).await
}

async fn come_and_go(engine: Engine, look: Look, javascript: bool) -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(engine, &provider).await?;
    let browser = Browser::open(&served.url, look).await?;
    browser.go("/connexion?suite=/recherche").await?;
    accessible(&browser, javascript).await?;
    browser.follow("S’identifier avec ProConnect").await?;
    served.catch_up();
    browser.press(AGENT).await?;
    browser.wait_for("header.top").await?;
    assert_eq!(browser.status().await?, 403);
    assert!(browser.main().await?.contains("n’ouvre aucun compte de Pli"));
    accessible(&browser, javascript).await?;
    browser.follow("Revenir à la connexion").await?;

    browser.sign_in(Administrator).await?;
    browser.go(&format!("/reglages/personnes/{}", Clerk.login())).await?;
    accessible(&browser, javascript).await?;
    let waiting = "[aria-labelledby=identites-en-attente] button";
    browser.press_at(waiting).await.context("nobody waits")?;
    assert!(browser.main().await?.contains("L’identité est rattachée"));
    assert_eq!(browser.count(waiting).await?, 0);
    accessible(&browser, javascript).await?;
    browser.press("Se déconnecter").await?;

    browser.go("/recherche").await?;
    served.catch_up();
    browser.follow("S’identifier avec ProConnect").await?;
    browser.wait_for("#deconnexion").await.context("the provider knows this browser: nothing is asked")?;
    assert_eq!(browser.path().await?, "/recherche", "the cookie is sent, though one comes from another site");
    assert!(browser.text("#deconnexion").await?.contains(Clerk.name()));
    browser.press("Se déconnecter").await?;
    browser.wait_for("button[name=logout]").await?;
    browser.press("Confirmer").await?;
    browser.wait_for("#connexion").await?;
    assert!(browser.path().await?.starts_with("/connexion?state="));
    browser.go("/recherche").await?;
    assert_eq!(browser.path().await?, "/connexion?suite=%2Frecherche");
    browser.follow("S’identifier avec ProConnect").await?;
    browser.press("Refuser").await?;
    browser.wait_for("header.top").await?;
    assert!(browser.main().await?.contains("Vous n’avez pas été identifié"));
    Ok(())
}

/// What axe finds, where it can run.
async fn accessible(browser: &Browser, javascript: bool) -> Result<()> {
    if javascript {
        assert_eq!(faults(browser).await?, [""; 0]);
    }
    Ok(())
}
