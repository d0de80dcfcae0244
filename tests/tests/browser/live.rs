//! What scripts make quicker: figures that follow what happens, lists that turn without the whole page coming again.

use anyhow::Result;
use pli_tests::Person::{Approver, Clerk, Coordinator};
use pli_tests::browser::{Browser, ENTER, Look};
use pli_tests::samples::{petition, route};
use pli_tests::{Engine, Fine as _};
use serde_json::Value;

use crate::accessibility::faults;
use crate::desk::{Desk, plain};

pli_tests::on_both!(
    figures_follow_what_others_do,
    what_happens_is_told_while_the_page_is_open,
    lists_turn_where_they_are,
);

/// The reader comes back to the tab: the figures are asked for again.
const BACK: &str = "document.dispatchEvent(new Event('visibilitychange'))";
/// The page opens its stream anew, says when that is open, and asks for no figures meanwhile.
const LISTEN: &str = "const Stream = window.EventSource; \
    window.EventSource = class extends Stream { constructor(...all) { super(...all); \
        this.addEventListener('open', () => { document.body.dataset.listens = '1'; }); } }; \
    const ask = window.fetch; \
    window.fetch = () => Promise.reject(new Error('not now')); \
    document.dispatchEvent(new Event('visibilitychange')); \
    window.fetch = ask";
const MARK: &str = "window.untouched = true";
const MARKED: &str = "return window.untouched === true";

async fn same_document(browser: &Browser) -> Result<bool> {
    Ok(browser.script(MARKED).await? == Value::Bool(true))
}

async fn figures_follow_what_others_do(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    let to_route = ".tiles a[href*=sans-service] b";
    browser.sign_in(Coordinator).await?;
    browser.go("/aujourdhui").await?;
    browser.script(MARK).await?;
    assert_eq!(browser.text(to_route).await?, "0");
    let sheet = desk.letter(petition("Aide juridictionnelle"), []).await?;
    browser.script(BACK).await?;
    browser.wait_for("#a-attribuer").await?;
    assert_eq!(browser.text(to_route).await?, "1");
    assert!(browser.text("[aria-labelledby=a-attribuer]").await?.contains("Aide juridictionnelle"));
    assert!(same_document(browser).await?, "the page came again");

    // Where the focus is, nothing moves; elsewhere it does, and the focus stays.
    browser
        .script("document.querySelector('#a-attribuer').closest('section').querySelector('a').focus()")
        .await?;
    let steps = [(Coordinator, route(desk.office().unit("DACS")?))];
    desk.office().play(sheet.dossier.id, steps).await?;
    browser.script(BACK).await?;
    browser.wait_for(".tiles .none a[href*=sans-service]").await?;
    assert_eq!(browser.focused().await?, sheet.dossier.reference);
    assert_eq!(browser.count("#a-attribuer").await?, 1);

    // The number of the menu, on a page that has no figure of its own.
    browser.sign_in(Approver).await?;
    browser.go("/dossiers").await?;
    browser.script(MARK).await?;
    assert_eq!(browser.count("nav .count").await?, 0);
    let steps = desk.office().to_answer()?.into_iter().take(4);
    desk.letter(petition("Honoraires d’avocat"), steps).await?;
    browser.script(BACK).await?;
    browser.wait_for("nav .count").await?;
    assert_eq!(browser.text("nav .count").await?, "1 en attente");
    assert_eq!(browser.count("table.dossiers tbody tr").await?, 1, "the list is the reader's");
    assert!(same_document(browser).await?);

    // A session that has ended leaves what is on the screen.
    desk.served.office.clock.set(desk.office().now().instant() + chrono::TimeDelta::days(2));
    let told = "const ask = window.fetch; window.fetch = async (...all) => { \
        const answer = await ask(...all); document.body.dataset.answered = answer.type; return answer; }";
    browser.script(told).await?;
    browser.script(BACK).await?;
    browser.wait_for("body[data-answered=opaqueredirect]").await?;
    assert_eq!(browser.path().await?, "/dossiers");
    assert_eq!(browser.text("nav .count").await?, "1 en attente");
    Ok(())
}

async fn what_happens_is_told_while_the_page_is_open(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let app = desk.office().app.clone();
    tokio::spawn(async move { app.listen().await });
    let browser = &desk.browser;
    let sheet = desk.letter(petition("Aide juridictionnelle"), []).await?;
    browser.sign_in(Coordinator).await?;
    browser.go(&format!("/dossiers/{}", sheet.dossier.reference)).await?;
    browser.script(MARK).await?;
    assert_eq!(browser.count("#change:not([hidden])").await?, 0);
    let steps = [(Coordinator, route(desk.office().unit("DACS")?))];
    desk.office().play(sheet.dossier.id, steps).await?;
    browser.wait_for("#change:not([hidden])").await?;
    let told = "Ce dossier a changé depuis que vous l’avez ouvert. Actualiser";
    assert_eq!(browser.text("#change").await?, told);
    assert_eq!(browser.texts("body > [role=status]").await?, [told], "and it is heard");
    assert!(same_document(browser).await?, "nothing moves under the reader's hands");
    assert_eq!(faults(browser).await?, Vec::<String>::new());
    browser.follow("Actualiser").await?;
    assert_eq!(browser.count("#change:not([hidden])").await?, 0);
    assert!(browser.text("main").await?.contains("DACS"));

    // Figures are asked for again by themselves.
    browser.go("/aujourdhui").await?;
    browser.script(MARK).await?;
    browser.script(LISTEN).await?;
    browser.wait_for("body[data-listens]").await?;
    desk.letter(petition("Casier judiciaire"), []).await?;
    browser.wait_for("#a-attribuer").await?;
    assert!(same_document(browser).await?, "the page came again");
    Ok(())
}

async fn lists_turn_where_they_are(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    for number in 1..=60 {
        desk.letter(petition(&format!("Aide juridictionnelle, lettre {number}")), []).await?;
    }
    desk.letter(petition("Casier judiciaire"), []).await?;
    browser.sign_in(Clerk).await?;
    browser.go("/dossiers").await?;
    browser.script(MARK).await?;

    browser.fill("filtre-q", "casier").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.text("h1").await?, "1 dossier ouvert");
    assert!(browser.path().await?.starts_with("/dossiers?q=casier"), "{}", browser.path().await?);
    assert_eq!(browser.focused().await?, "Filtrer", "one goes on from where one was");
    assert_eq!(
        browser.texts("body > [role=status]").await?,
        ["1 dossier ouvert"],
        "and hears what was found"
    );
    assert_eq!(faults(browser).await?, Vec::<String>::new());
    // What a list has is there again: the box of all.
    assert_eq!(browser.count("[aria-label='Tout choisir']").await?, 1);

    browser.follow("Tout effacer").await?;
    assert_eq!(browser.path().await?, "/dossiers");
    assert_eq!(browser.focused().await?, browser.text("h1").await?);
    let first = browser.texts("tbody th").await?;
    browser.follow("Page suivante").await?;
    assert_eq!(browser.script("return scrollY").await?, 0);
    let second = browser.texts("tbody th").await?;
    assert!(second.iter().all(|reference| !first.contains(reference)), "{second:?}");

    browser.back_here().await?;
    assert_eq!(browser.texts("tbody th").await?, first);
    browser.back_here().await?;
    assert_eq!(browser.value("filtre-q").await?, "casier");
    assert_eq!(browser.text("h1").await?, "1 dossier ouvert");
    assert!(same_document(browser).await?, "the page came again");

    // The other lists, with their own filters and titles.
    for (path, button) in
        [("/journal", "Filtrer"), ("/retards", "Compter"), ("/recherche?q=aide", "Chercher")]
    {
        browser.go(path).await?;
        browser.script(MARK).await?;
        browser.press(button).await?;
        assert!(same_document(browser).await?, "{path}");
        assert_eq!(faults(browser).await?, Vec::<String>::new(), "{path}");
    }
    browser.follow("Courrier").await?;
    assert!(same_document(browser).await?, "a facet");

    // What cannot be read is read by the browser, as without JavaScript.
    browser.go("/dossiers").await?;
    browser.script(MARK).await?;
    browser.fill("filtre-q", "casier").await?;
    browser.script("window.fetch = () => Promise.reject(new Error('no network'))").await?;
    browser.press("Filtrer").await?;
    assert_eq!(browser.text("h1").await?, "1 dossier ouvert");
    assert!(!same_document(browser).await?);

    // A session that has ended leads to the sign-in page.
    desk.office().clock.set(desk.office().now().instant() + chrono::TimeDelta::days(2));
    browser.press("Filtrer").await?;
    assert!(browser.path().await?.starts_with("/connexion?suite="), "{}", browser.path().await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_javascript_lists_come_whole() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    let browser = &desk.browser;
    let clerk = desk.office().caller(Clerk).await?;
    desk.letter(petition("Casier judiciaire"), []).await?;
    browser.sign_in(Clerk).await?;
    browser.script(MARK).await?;
    browser.fill("filtre-q", "casier").await?;
    browser.press("Filtrer").await?;
    assert!(!same_document(browser).await?);
    let found = desk.office().app.count(&clerk, &pli_app::List::default()).await.fine()?;
    assert_eq!(browser.count("table.dossiers tbody tr").await?, usize::try_from(found)?);
    browser.back().await?;
    assert_eq!(browser.path().await?, "/dossiers");
    Ok(())
}
