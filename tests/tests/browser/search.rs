//! Looking for something: the words, the figures that narrow, the archive, the key that leads there.

use std::path::Path;

use anyhow::Result;
use pli_feeds::assemblee;
use pli_tests::Person::{Administrator, Clerk, Coordinator, Drafter, Prisons};
use pli_tests::browser::{ENTER, Look};
use pli_tests::samples::{draft, petition, route};
use pli_tests::{Engine, Fine as _};

use crate::accessibility::faults;
use crate::desk::{Desk, plain};

pli_tests::on_both!(
    what_is_sought_is_found_and_narrowed,
    what_is_sought_is_found_and_narrowed_without_javascript,
    a_key_leads_to_the_search,
    the_search_can_be_used_by_everybody,
);

/// Real questions, and letters of two directions.
async fn office(engine: Engine, look: Look) -> Result<Desk> {
    let desk = Desk::open(engine, look).await?;
    let archive = "../crates/feeds/fixtures/assemblee/Questions_ecrites_extrait.json.zip";
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join(archive);
    desk.office().app.import(assemblee::open(&archive)?, |_| {}).await.fine()?;
    let dap = desk.office().unit("DAP")?;
    let mut steps = desk.office().to_drafting()?;
    steps.push((
        Drafter,
        draft("Madame,\n\nLes personnes détenues ont droit aux soins, avec l’aide <b>juridictionnelle</b>."),
    ));
    desk.letter(petition("Accès aux soins des détenus"), steps).await?;
    desk.letter(petition("Soins dentaires des personnes détenues"), [(Coordinator, route(dap))]).await?;
    desk.letter(petition("Soins d’une personne détenue"), []).await?;
    Ok(desk)
}

async fn what_is_sought_is_found_and_narrowed(engine: Engine) -> Result<()> {
    found_and_narrowed(&office(engine, Look::default()).await?, "avec").await
}

async fn what_is_sought_is_found_and_narrowed_without_javascript(engine: Engine) -> Result<()> {
    found_and_narrowed(&office(engine, plain()).await?, "sans").await
}

async fn found_and_narrowed(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.follow("Recherche").await?;
    assert_eq!(browser.count(".hits").await?, 0);
    browser.fill("recherche-q", "%").await?;
    browser.press("Chercher").await?;
    assert!(browser.text(".empty").await?.contains("ni lettre ni chiffre"));
    browser.fill("recherche-q", "SOIN detenue").await?;
    browser.press("Chercher").await?;
    assert_eq!(browser.path().await?, "/recherche?q=SOIN+detenue");
    assert_eq!(browser.text("#dossiers").await?, "4 dossiers");
    assert_eq!(browser.count("[aria-labelledby=dossiers] ol > li").await?, 4);
    let marks = browser.texts("mark").await?;
    for mark in ["Soins", "soins", "détenus", "détenue", "détenues"] {
        assert!(marks.iter().any(|text| text == mark), "{mark}: {marks:?}");
    }
    let excerpt = browser.text(".excerpt").await?;
    assert!(!excerpt.is_empty(), "{excerpt}");
    browser.screenshot(&format!("recherche-{name}")).await?;

    // Each figure opens a list of that length.
    let links = "return [...document.querySelectorAll('.facets li a')].map((link) => \
        [link.getAttribute('href'), link.parentElement.querySelector('.count').textContent])";
    let links: Vec<(String, String)> = serde_json::from_value(browser.script(links).await?)?;
    assert!(links.len() > 8, "{links:?}");
    for (href, count) in links {
        browser.go(&href).await?;
        let heading = if count == "1" { "1 dossier".to_owned() } else { format!("{count} dossiers") };
        assert_eq!(browser.text("#dossiers").await?, heading, "{href}");
        assert_eq!(
            browser.count("[aria-labelledby=dossiers] ol > li").await?,
            count.parse::<usize>()?,
            "{href}"
        );
    }
    browser.go("/recherche?q=SOIN+detenue").await?;
    browser.follow("Courrier").await?;
    assert_eq!(browser.text("#dossiers").await?, "3 dossiers");
    browser.follow("DAP").await?;
    assert_eq!(browser.text("#dossiers").await?, "1 dossier");
    browser.follow("Retirer le filtre Direction pilote").await?;
    assert_eq!(browser.text("#dossiers").await?, "3 dossiers");
    browser.follow("Les voir par échéance").await?;
    assert_eq!(browser.count("table.dossiers tbody tr").await?, 3);

    // The archive, by pages; what is in the caller's dossiers leads there.
    browser.go("/recherche?q=ministre").await?;
    assert_eq!(browser.text("#publiees").await?, "347 questions publiées");
    let first = browser.texts("[aria-labelledby=publiees] h3").await?;
    browser
        .go(&browser.attribute("nav[aria-label='Pages des questions publiées'] a[rel=next]", "href").await?)
        .await?;
    let second = browser.texts("[aria-labelledby=publiees] h3").await?;
    assert_eq!((first.len(), second.len()), (10, 10));
    assert!(second.iter().all(|question| !first.contains(question)), "{second:?}");
    browser.go("/recherche?q=gynécologiques").await?;
    browser.follow("AN-17-QE-16458").await?;
    assert_eq!(browser.path().await?, "/dossiers/AN-17-QE-16458");

    // Another direction finds its own letter only, and everybody the public record.
    desk.later();
    browser.sign_in(Prisons).await?;
    browser.go("/recherche?q=soins").await?;
    assert_eq!(browser.text("#dossiers").await?, "1 dossier");
    assert!(!browser.main().await?.contains("juridictionnelle"), "a text out of scope is shown");
    browser.go("/recherche?q=juridictionnelle+détenues").await?;
    assert_eq!(browser.text("#dossiers").await?, "Aucun dossier");
    browser.sign_in(Administrator).await?;
    browser.go("/recherche?q=ministre").await?;
    assert_eq!(browser.text("#dossiers").await?, "Aucun dossier");
    assert_eq!(browser.text("#publiees").await?, "347 questions publiées");
    Ok(())
}

async fn a_key_leads_to_the_search(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.go("/dossiers").await?;
    // On the list: its own field. In a field, it is a letter like others.
    browser.keys("/").await?;
    assert_eq!(browser.focused().await?, "filtre-q");
    browser.keys("a/b").await?;
    assert_eq!(browser.script("return document.activeElement.value").await?, "a/b");
    // Elsewhere: the page.
    browser.go("/retards").await?;
    browser.keys_away("/").await?;
    assert_eq!(browser.path().await?, "/recherche");
    browser.keys("greffe").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.path().await?, "/recherche?q=greffe");
    // Whoever does not want it switches it off (WCAG 2.1.4).
    browser.click(".shortcut button").await?;
    browser.go("/retards").await?;
    browser.keys("/").await?;
    assert_eq!(browser.path().await?, "/retards");
    browser.go("/recherche").await?;
    assert_eq!(browser.text(".shortcut button").await?, "Activer");
    Ok(())
}

async fn the_search_can_be_used_by_everybody(engine: Engine) -> Result<()> {
    let desk = office(engine, Look { width: 320, ..Look::default() }).await?;
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    let mut wrong = Vec::new();
    for (path, name) in [
        ("/recherche", "vide"),
        ("/recherche?q=%25", "introuvable"),
        ("/recherche?q=zzz", "sans-resultat"),
        ("/recherche?q=soins+détenus", "resultats"),
        ("/recherche?q=soins&type=courrier&service=DACS&recu=2026", "affinee"),
        ("/recherche?q=anticonstitutionnellementetsansuneespacequilaisselalignesecouperquelquepart", "long"),
    ] {
        browser.go(path).await?;
        browser
            .script("for (const folded of document.querySelectorAll('details')) folded.open = true")
            .await?;
        for width in [320, 1280] {
            browser.resize(width).await?;
            wrong.extend(
                faults(browser).await?.into_iter().map(|fault| format!("{name}, {width} px: {fault}")),
            );
            browser
                .script("for (const folded of document.querySelectorAll('details')) folded.open = false")
                .await?;
            browser.screenshot(&format!("recherche-{name}-{width}")).await?;
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", wrong.join("\n"));
    Ok(())
}
