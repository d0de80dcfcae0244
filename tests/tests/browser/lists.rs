//! What is done with a list: other columns, several dossiers at once, a file of what is listed.

use anyhow::Result;
use pli_domain::dossier::Stage;
use pli_tests::Engine;
use pli_tests::Person::{Clerk, Manager};
use pli_tests::browser::Look;
use pli_tests::samples::{petition, route};

use crate::desk::{Desk, plain};

pli_tests::on_both!(
    one_chooses_columns_ticks_foresees_acts_and_exports,
    without_javascript_it_is_the_same,
    whoever_may_do_nothing_ticks_nothing,
);

async fn one_chooses_columns_ticks_foresees_acts_and_exports(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    // One box for all, which knows when all are ticked.
    journey(&desk, async || {
        desk.browser.click(".pick [aria-label='Tout choisir']").await?;
        assert_eq!(desk.browser.count("tbody .pick :checked").await?, 4);
        desk.browser.click("tbody .pick [value$='4']").await?;
        assert_eq!(desk.browser.count("thead .pick :checked").await?, 0);
        Ok(())
    })
    .await
}

async fn without_javascript_it_is_the_same(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, plain()).await?;
    journey(&desk, async || {
        assert_eq!(desk.browser.count("[aria-label='Tout choisir']").await?, 0);
        for number in 1..=3 {
            desk.browser.click(&format!("tbody .pick [value$='{number}']")).await?;
        }
        Ok(())
    })
    .await
}

/// Three of four letters are ticked, of which one is with a unit already.
async fn journey(desk: &Desk, tick: impl AsyncFn() -> Result<()>) -> Result<()> {
    let (browser, office) = (&desk.browser, desk.office());
    desk.letter(petition("=1+1"), [(Clerk, route(office.unit("DAP")?))]).await?;
    for subject in ["Nationalité", "Aide juridictionnelle", "Casier judiciaire"] {
        desk.letter(petition(subject), []).await?;
    }
    browser.sign_in(Clerk).await?;
    browser.go("/dossiers?type=courrier").await?;
    browser.click(".tools summary").await?;
    for column in ["expediteur", "recu"] {
        browser.click(&format!("#colonnes [value={column}]")).await?;
    }
    browser.press("Afficher ces colonnes").await?;
    let head = ["Référence", "Objet", "État", "Service pilote", "Reçu le", "Échéance"];
    let shown = async || browser.texts(".dossiers thead th:not(.pick)").await;
    assert_eq!(shown().await?, head);
    assert!(browser.path().await?.starts_with("/dossiers?type=courrier&"), "{}", browser.path().await?);

    tick().await?;
    browser.screenshot("liste-cochee").await?;
    browser.fill("lot-acte", "route").await?;
    browser.press("Prévisualiser").await?;
    assert_eq!(browser.text("h1").await?, "Attribuer : 3 dossiers");
    browser.screenshot("lot-demande").await?;
    // What is missing is said beside its field, and nothing that was ticked is lost.
    browser.press("Prévisualiser").await?;
    assert_eq!(browser.errors().await?.len(), 1);
    browser.fill("route-lead", "DACS").await?;
    browser.press("Prévisualiser").await?;
    assert_eq!(browser.text("[role=status]").await?, "2 dossiers changeraient, 1 serait refusé.");
    assert_eq!(browser.count(".lot .not").await?, 1);
    browser.screenshot("lot-apercu").await?;
    assert_eq!(desk.stored("SG-2026-A-000002").await?.dossier.stage, Stage::Registered, "nothing yet");
    browser.press("Confirmer pour 2\u{a0}dossiers").await?;
    assert_eq!(browser.text("[role=status]").await?, "2 dossiers ont changé.");
    browser.screenshot("lot-fait").await?;
    for (number, lead) in [(1, Some("DAP")), (2, Some("DACS")), (3, Some("DACS")), (4, None)] {
        let dossier = desk.stored(&format!("SG-2026-A-00000{number}")).await?.dossier;
        let lead = lead.map(|code| office.unit(code)).transpose()?;
        assert_eq!(dossier.lead, lead, "{number}");
    }

    browser.follow("Revenir à la liste").await?;
    assert_eq!(shown().await?, head, "back where one came from");
    let listed = browser.texts(".dossiers tbody th").await?;
    let cookie = desk.served.cookie(Clerk).await?;
    let csv = browser.attribute(".export a[href*=csv]", "href").await?;
    let csv = desk.served.page(&csv, &cookie).await?.text().await?;
    let mut lines = csv.trim_start_matches('\u{feff}').lines();
    assert_eq!(lines.next().unwrap_or_default(), head.join(";").replace("Échéance", "Échéance;Situation"));
    let cells: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(';')).collect();
    assert_eq!(cells.iter().map(|(reference, _)| *reference).collect::<Vec<_>>(), listed);
    assert!(cells.iter().any(|(_, rest)| rest.starts_with("'=1+1;")), "{csv}");
    let workbook = browser.attribute(".export a[href*=xlsx]", "href").await?;
    assert_eq!(desk.served.page(&workbook, &cookie).await?.status(), 200);
    Ok(())
}

async fn whoever_may_do_nothing_ticks_nothing(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let sheet = desk.letter(petition("Aide juridictionnelle"), []).await?;
    desk.browser.sign_in(Manager).await?;
    desk.browser.go("/dossiers").await?;
    assert_eq!(desk.browser.count(".dossiers tbody tr").await?, 1);
    assert_eq!(desk.browser.count(".pick, .bulk").await?, 0);
    // And who asks all the same is told that each is refused.
    let reference = &sheet.dossier.reference;
    desk.browser.go(&format!("/dossiers/lot?acte=accept&d={reference}")).await?;
    assert_eq!(desk.browser.text("[role=status]").await?, "Aucun dossier ne change, 1 serait refusé.");
    assert_eq!(desk.browser.count("#confirmer").await?, 0);
    Ok(())
}
