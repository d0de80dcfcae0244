//! Keeping a search: from what was found to the list of one's own, with and without JavaScript, on a wide screen and a
//! narrow one.

use anyhow::Result;
use pli_tests::Engine;
use pli_tests::Person::{Clerk, Correspondent};
use pli_tests::browser::Look;
use pli_tests::samples::petition;

use crate::accessibility::faults;
use crate::desk::{Desk, plain};

pli_tests::on_both!(a_search_is_kept_and_managed, a_search_is_kept_and_managed_without_javascript);

async fn a_search_is_kept_and_managed(engine: Engine) -> Result<()> {
    kept_and_managed(&Desk::open(engine, Look::default()).await?).await
}

async fn a_search_is_kept_and_managed_without_javascript(engine: Engine) -> Result<()> {
    kept_and_managed(&Desk::open(engine, plain()).await?).await
}

async fn kept_and_managed(desk: &Desk) -> Result<()> {
    desk.letter(petition("Honoraires d’avocat"), desk.office().to_drafting()?).await?;
    let browser = &desk.browser;
    browser.sign_in(Correspondent).await?;
    browser.follow("Recherche").await?;
    assert!(browser.text(".kept").await?.contains("Aucune."));
    browser.fill("recherche-q", "avocats").await?;
    browser.press("Chercher").await?;
    browser.follow("Enregistrer cette recherche").await?;
    assert_eq!(browser.value("save-name").await?, "avocats");
    browser.fill("save-name", "").await?;
    browser.click("input[name=alert]").await?;
    browser.press("Enregistrer la recherche").await?;
    assert_eq!(browser.errors().await?, ["Nom : Ce champ est obligatoire."]);
    browser.fill("save-name", "Honoraires des avocats").await?;
    browser.press("Enregistrer la recherche").await?;
    assert_eq!(browser.text(".done").await?, "La recherche est enregistrée.");
    assert_eq!(browser.count(".kept li").await?, 1);
    assert!(browser.text(".kept .switch").await?.contains("Alerte par courriel activée"));
    browser.follow("Honoraires des avocats").await?;
    assert_eq!(browser.path().await?, "/recherche?q=avocats");
    assert!(browser.text(".keep").await?.contains("Enregistrée sous le nom « Honoraires des avocats »"));
    browser.follow("Mes recherches enregistrées").await?;
    browser.press("Désactiver l’alerte de « Honoraires des avocats »").await?;
    assert_eq!(browser.text(".done").await?, "L’alerte est désactivée.");
    browser.click(".kept details summary").await?;
    let name = browser.attribute(".kept input[name=name]", "id").await?;
    browser.fill(&name, " ").await?;
    browser.press("Renommer").await?;
    assert_eq!(browser.errors().await?, ["Nom : Ce champ est obligatoire."]);
    browser.fill(&name, "Barreau").await?;
    browser.press("Renommer").await?;
    assert_eq!(browser.texts(".kept li > a").await?, ["Barreau"]);
    browser.click(".kept details summary").await?;
    browser.press("Supprimer « Barreau »").await?;
    assert_eq!(browser.text(".done").await?, "La recherche est supprimée.");
    assert_eq!(browser.count(".kept li").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saved_searches_can_be_used_by_everybody() -> Result<()> {
    let mut wrong = Vec::new();
    for dark in [false, true] {
        let desk = Desk::open(Engine::Sqlite, Look { dark, ..Look::default() }).await?;
        let browser = &desk.browser;
        browser.sign_in(Clerk).await?;
        desk.letter(petition("Honoraires d’avocat"), []).await?;
        let mut see = async |name: &str| -> Result<()> {
            browser
                .script("for (const folded of document.querySelectorAll('details')) folded.open = true")
                .await?;
            for width in [320, 1280] {
                browser.resize(width).await?;
                let found = faults(browser).await?;
                wrong.extend(
                    found.into_iter().map(|fault| format!("{name}, {width} px, dark {dark}: {fault}")),
                );
                browser
                    .screenshot(&format!("recherches-{name}-{width}{}", if dark { "-sombre" } else { "" }))
                    .await?;
            }
            Ok(())
        };
        browser.go("/recherche").await?;
        see("aucune").await?;
        let long = "Anticonstitutionnellementetsansuneespacequilaisselalignesecouperquelquepart";
        for (query, name) in [("q=avocat", "Honoraires"), ("etat=ouverts&type=courrier", long)] {
            browser.go(&format!("/recherche/enregistrer?{query}")).await?;
            browser.fill("save-name", "").await?;
            browser.press("Enregistrer la recherche").await?;
            see("enregistrer-erreur").await?;
            browser.fill("save-name", name).await?;
            browser.click("input[name=alert]").await?;
            browser.press("Enregistrer la recherche").await?;
        }
        see("enregistrees").await?;
        browser.go("/recherche?q=avocat").await?;
        see("trouvee").await?;
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", wrong.join("\n"));
    Ok(())
}
