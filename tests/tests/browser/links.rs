//! An occasional contributor: from the page where a link is asked for, by the mailbox, to a draft that is written.

use anyhow::{Context as _, Result};
use pli_server::mail::Mailer;
use pli_server::work;
use pli_tests::Person::{Administrator, Drafter};
use pli_tests::browser::Look;
use pli_tests::links::secret_in;
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Smtp};

use crate::accessibility::faults;
use crate::desk::{Desk, plain};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_contributes_by_a_link() -> Result<()> {
    contribute(&Desk::open(Engine::Postgres, Look::default()).await?, true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_contributes_by_a_link_without_javascript() -> Result<()> {
    contribute(&Desk::open(Engine::Sqlite, plain()).await?, false).await
}

async fn contribute(desk: &Desk, javascript: bool) -> Result<()> {
    let (browser, office) = (&desk.browser, desk.office());
    let smtp = Smtp::open()?;
    let mailer = Mailer::new(&smtp.url(), "Pli <pli@justice.example>")?;
    let accessible = async || {
        if javascript {
            assert_eq!(faults(browser).await?, [""; 0]);
        }
        anyhow::Ok(())
    };
    let sheet = desk.letter(petition("Honoraires"), office.to_drafting()?).await?;
    browser.sign_in(Administrator).await?;
    browser.go(&format!("/reglages/personnes/{}", Drafter.login())).await?;
    browser.press("Autoriser les liens d’accès").await?;
    assert!(browser.main().await?.contains("Les liens d’accès sont autorisés"));
    accessible().await?;
    browser.press("Se déconnecter").await?;

    browser.follow("Recevez un lien d’accès par courriel").await?;
    accessible().await?;
    browser.fill("lien-email", "redaction").await?;
    browser.press("Envoyer le lien").await?;
    assert!(browser.main().await?.contains("n’est pas de la forme prenom.nom@exemple.fr"));
    assert_eq!(browser.value("lien-email").await?, "redaction", "nothing typed is lost");
    accessible().await?;
    browser.fill("lien-email", &Drafter.email()).await?;
    browser.press("Envoyer le lien").await?;
    assert!(browser.main().await?.contains("C’est noté."));
    accessible().await?;
    assert_eq!(work::once(&office.app, Some(&mailer), &desk.served.url).await.fine()?, 1);
    let mails = smtp.mails().await?;
    let secret = secret_in(&mails.first().context("no mail")?.text)?;

    let link = format!("/connexion/lien/{secret}");
    browser.go(&link).await?;
    accessible().await?;
    browser.press("Entrer dans Pli").await?;
    assert_eq!(browser.path().await?, "/ma-table");
    assert!(browser.main().await?.contains(&sheet.dossier.reference));
    browser.follow(&sheet.dossier.reference).await?;
    browser.fill("draft-text", "Madame, votre demande est transmise.").await?;
    browser.press("Enregistrer le projet").await?;
    let stored = desk.stored(&sheet.dossier.reference).await?;
    assert!(stored.dossier.draft.is_some(), "they have contributed");
    browser.follow("Mon compte").await?;
    assert!(browser.main().await?.contains("Vous êtes entré par un lien"));
    accessible().await?;
    browser.press_at("[aria-labelledby=liens-table] button").await?;
    browser.go(&link).await?;
    browser.press("Entrer dans Pli").await?;
    assert_eq!(browser.status().await?, 401);
    assert!(browser.main().await?.contains("Ce lien n’ouvre rien"));
    accessible().await?;
    Ok(())
}
