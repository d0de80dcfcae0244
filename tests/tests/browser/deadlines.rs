//! The administrator changes a rule after a trial; one chooses how to be told, and looks at the month.

use anyhow::Result;
use pli_tests::Engine;
use pli_tests::Person::{Administrator, Clerk, Correspondent, Manager};
use pli_tests::browser::{ENTER, Look};
use pli_tests::samples::{day, letter, petition};

use crate::desk::{Desk, plain};

pli_tests::on_both!(the_administrator_changes_a_rule, one_is_told_as_one_likes);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_and_notifications_need_no_javascript() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    rule(&desk, "sans-javascript").await?;
    notifications(&desk, "sans-javascript").await
}

async fn the_administrator_changes_a_rule(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    rule(&desk, &format!("{engine:?}").to_lowercase()).await
}

async fn one_is_told_as_one_likes(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    notifications(&desk, &format!("{engine:?}").to_lowercase()).await
}

/// Finds the rule of letters, tries a shorter delay, is refused a slip, applies it; a manager then sees the letter moved.
async fn rule(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    let reference = desk.letter(letter(day("2026-11-04")?), []).await?.dossier.reference;
    browser.sign_in(Administrator).await?;
    browser.follow("Réglages").await?;
    browser.follow("Délais").await?;
    browser.screenshot(&format!("delais-{name}")).await?;
    browser.follow("Réponse à un courrier").await?;
    assert!(browser.text("#exemple").await?.ends_with("à partir d’aujourd’hui, 22/11/2026"));
    browser.fill("simulate-length", "quinze").await?;
    browser.fill("simulate-unit", "working_days").await?;
    browser.fill("simulate-validFrom", "2026-11-01").await?;
    browser.press("Simuler").await?;
    assert_eq!(browser.errors().await?, ["Durée : Écrivez un nombre, en chiffres."]);
    browser.fill("simulate-length", "15").await?;
    browser.press("Simuler").await?;
    let found = browser.text(".work > .notice").await?;
    assert!(found.contains("1 dossier ouvert examiné. 1 échéance changerait."), "{found}");
    let row = format!("{reference} Réponse à un courrier 04/01/2027 26/11/2026");
    assert_eq!(browser.texts(".work > .notice tbody tr").await?, [row]);
    assert!(!browser.source().await?.contains("tribunal de proximité"), "an administrator reads no dossier");
    browser.screenshot(&format!("delai-simule-{name}")).await?;
    // Nothing was changed yet.
    assert_eq!(desk.stored(&reference).await?.dossier.due_on(), Some(day("2027-01-04")?));
    browser.tab_to("Appliquer la nouvelle version").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.path().await?, "/reglages/delais/mail?fait=apply");
    assert!(browser.text(".done").await?.starts_with("La nouvelle version est enregistrée"));
    assert_eq!(browser.count("[aria-labelledby='versions'] tbody tr").await?, 2, "both versions are listed");
    browser.screenshot(&format!("delai-applique-{name}")).await?;

    desk.next(Manager, &reference).await?;
    let situation = browser.text(".summary").await?;
    assert!(situation.contains("26/11/2026 4 jours restants"), "{situation}");
    let journal = browser.text("table.journal").await?;
    assert!(journal.contains("Gaël Ploumagoar a appliqué une règle modifiée"), "{journal}");
    browser.follow("Calendrier").await?;
    let due = browser.text("td:has(time[datetime='2026-11-26'])").await?;
    assert!(due.contains("1 à échéance"), "{due}");
    assert_eq!(browser.text("td[aria-current='date'] .on").await?, "22 aujourd’hui");
    browser.screenshot(&format!("calendrier-{name}")).await?;
    browser.follow("1 à échéance, jeudi 26 novembre 2026").await?;
    assert_eq!(browser.path().await?, "/dossiers?echeance=2026-11-26_2026-11-26");
    assert_eq!(browser.text("h1").await?, "1 dossier ouvert");
    assert!(
        browser
            .attribute("a[href^='/dossiers.csv']", "href")
            .await?
            .ends_with("?echeance=2026-11-26_2026-11-26")
    );
    browser.go("/calendrier").await?;
    browser.follow("décembre 2026 →").await?;
    assert_eq!(browser.path().await?, "/calendrier?mois=2026-12");
    browser.fill("filtre-horloge", "legal").await?;
    browser.press("Compter").await?;
    assert_eq!(browser.path().await?, "/calendrier?mois=2026-12&service=&horloge=legal");
    assert!(browser.text("caption").await?.starts_with("0 dossier ouvert échoit en décembre 2026"));
    Ok(())
}

/// Chooses, gets an address for one's calendar, loses it, replaces it, takes it back.
async fn notifications(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    let steps = desk.office().to_drafting()?;
    desk.letter(petition("Curatelle"), steps).await?;
    browser.sign_in(Correspondent).await?;
    browser.follow("Mes notifications").await?;
    assert_eq!(browser.attribute(".who a", "aria-current").await?, "page");
    assert!(browser.main().await?.contains(&Correspondent.email()));
    assert_eq!(browser.text("label:has(:checked)").await?, "Une fois par jour, le matin");
    browser.click("input[value='immediate']").await?;
    browser.press("Enregistrer mon choix").await?;
    assert_eq!(browser.text(".done").await?, "Votre choix est enregistré.");
    assert_eq!(browser.text("label:has(:checked)").await?, "Dès qu’une relance est due, aux heures ouvrées");
    browser.press("Créer une adresse").await?;
    let address = browser.text("#adresse").await?;
    browser.screenshot(&format!("notifications-adresse-{name}")).await?;
    let read = async |address: &str| {
        let answer = desk.served.client.get(address).send().await?;
        anyhow::Ok((answer.status().as_u16(), answer.text().await?))
    };
    let (status, feed) = read(&address).await?;
    assert!(status == 200 && feed.contains("Curatelle"), "{status} {feed}");
    browser.go("/notifications").await?;
    assert!(!browser.source().await?.contains(&address), "it is shown once");
    browser.press("Remplacer l’adresse").await?;
    let other = browser.text("#adresse").await?;
    assert_eq!((read(&address).await?.0, read(&other).await?.0), (404, 200));
    browser.press("Supprimer l’adresse").await?;
    assert_eq!(browser.text(".done").await?, "L’adresse est supprimée : elle ne donne plus rien.");
    assert_eq!((read(&other).await?.0, browser.count("#adresse").await?), (404, 0));
    // Everybody has such a page.
    browser.sign_in(Clerk).await?;
    browser.go("/notifications").await?;
    assert!(browser.main().await?.contains(&Clerk.email()));
    Ok(())
}
