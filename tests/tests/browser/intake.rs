//! A letter is registered by keyboard alone, senders are suggested, and what may have come before is told to both clerks.

use anyhow::Result;
use pli_domain::dossier::Command;
use pli_tests::Person::{Clerk, Deputy};
use pli_tests::browser::{Browser, ENTER, Look};
use pli_tests::samples::{deputy, petition};
use pli_tests::{Engine, Fine as _};

use crate::accessibility::faults;
use crate::desk::{Desk, plain};

pli_tests::on_both!(a_clerk_types_a_letter_from_an_empty_form_to_its_reference);

const DOWN: &str = "\u{e015}";
const ESCAPE: &str = "\u{e00c}";
const FIRST: &str = "SG-2026-A-000001";
const ASKED: &str = "Ce courrier est peut-être déjà enregistré : comparez, puis enregistrez-le quand même s’il est différent.";

/// What the letters here are about.
const SUBJECT: &str = "Aide juridictionnelle : délai d’instruction";

/// Goes on to a field with the tab key, and types.
async fn type_in(browser: &Browser, field: &str, keys: &str) -> Result<()> {
    browser.tab_to(&format!("register-{field}")).await?;
    browser.keys(keys).await
}

/// The fields after the subject. A date is typed as an American does: see `Browser::fill`.
async fn type_the_rest(browser: &Browser) -> Result<()> {
    for (field, keys) in [
        ("category", "Requête"),
        ("channel", "Courriel"),
        ("documentOn", "11162026"),
        ("receivedOn", "11192026"),
    ] {
        type_in(browser, field, keys).await?;
    }
    Ok(())
}

async fn nothing_wrong(browser: &Browser, name: &str) -> Result<()> {
    assert_eq!(faults(browser).await?, [""; 0], "{name}");
    browser.screenshot(name).await
}

async fn a_clerk_types_a_letter_from_an_empty_form_to_its_reference(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    let name = |name: &str| format!("saisie-{name}-{engine:?}").to_lowercase();
    desk.letter(petition(SUBJECT), []).await?;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;

    // A sender who is known: two words, two arrows, and the list goes with the escape key.
    type_in(browser, "sender", "garo").await?;
    browser.wait_for("#register-sender-liste:not([hidden]) li").await?;
    assert_eq!(browser.texts("#register-sender-liste li").await?, ["Mme Élise Garonne 1 courrier"]);
    browser.keys(ESCAPE).await?;
    browser.wait_for("#register-sender[aria-expanded=false]").await?;
    assert_eq!(browser.value("register-sender").await?, "garo", "nothing is chosen by itself");
    browser.keys(DOWN).await?;
    browser.wait_for("#register-sender[aria-expanded=true]").await?;
    browser.keys(DOWN).await?;
    assert_eq!(browser.attribute("#register-sender", "aria-activedescendant").await?, "expediteur-1");
    nothing_wrong(browser, &name("suggestion")).await?;
    browser.keys(ENTER).await?;
    assert_eq!(browser.value("register-sender").await?, "Mme Élise Garonne");
    assert_eq!(browser.count("#register-sender-liste:not([hidden])").await?, 0);

    // What may have come before is shown while one types, before anything is sent.
    type_in(browser, "subject", "aide juridictionnelle").await?;
    browser.wait_for("#semblables").await?;
    let shown = browser.text("#semblables").await?;
    let by = "enregistré par Nadège Trémolat le 22/11/2026 à 10 h 00";
    for words in [FIRST, "même expéditeur, objet proche, reçu le 19/11/2026", by] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(browser.count("[name=apart]").await?, 0, "nobody is asked yet");
    type_the_rest(browser).await?;
    nothing_wrong(browser, &name("semblable")).await?;
    browser.tab_to("Enregistrer").await?;
    browser.keys_away(ENTER).await?;

    // Asked; no number is taken meanwhile. It is another letter: it gets the next.
    assert_eq!(browser.errors().await?, [ASKED]);
    assert_eq!((browser.focused().await?.as_str(), desk.dossiers().await?), ("erreurs", 1));
    nothing_wrong(browser, &name("question")).await?;
    browser.tab_to("Enregistrer quand même").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.path().await?, "/dossiers/SG-2026-A-000002?fait=register");
    let notice = browser.text(".notice").await?;
    assert!(notice.starts_with("Doublon probable") && notice.contains(FIRST), "{notice}");
    nothing_wrong(browser, &name("doublon")).await?;
    assert_eq!(desk.office().faults().await?, [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_javascript_the_clerk_is_asked_and_nothing_typed_is_lost() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    let browser = &desk.browser;
    desk.letter(petition(SUBJECT), []).await?;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    type_in(browser, "sender", "GARONNE Elise").await?;
    type_in(browser, "subject", "Délais d'instruction de l'aide juridictionnelle").await?;
    type_the_rest(browser).await?;
    browser.tab_to("Enregistrer et continuer").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!((browser.status().await?, browser.errors().await?), (422, vec![ASKED.to_owned()]));
    for (field, value) in [
        ("sender", "GARONNE Elise"),
        ("category", "petition"),
        ("channel", "email"),
        ("documentOn", "2026-11-16"),
    ] {
        assert_eq!(browser.value(&format!("register-{field}")).await?, value);
    }
    browser.screenshot("saisie-question-sans-javascript").await?;
    browser.tab_to("Enregistrer quand même").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.path().await?, "/courriers/nouveau?apres=SG-2026-A-000002", "another was to follow");
    assert_eq!(browser.focused().await?, "register-sender");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_keeps_what_its_letters_have_in_common() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    type_in(browser, "sender", "Mme Élise Garonne, Saint-Béat").await?;
    type_in(browser, "subject", SUBJECT).await?;
    type_the_rest(browser).await?;
    browser.tab_to("Enregistrer et continuer").await?;
    browser.keys_away(ENTER).await?;
    let told = browser.text(".last").await?;
    assert!(
        told.starts_with(&format!("{FIRST} est enregistré : Mme Élise Garonne, Saint-Béat, « {SUBJECT} »")),
        "{told}"
    );
    assert_eq!(browser.focused().await?, "register-sender");
    for (field, value) in [
        ("sender", ""),
        ("subject", ""),
        ("category", "petition"),
        ("channel", "email"),
        ("documentOn", ""),
        ("receivedOn", "2026-11-19"),
    ] {
        assert_eq!(browser.value(&format!("register-{field}")).await?, value, "{field}");
    }
    nothing_wrong(browser, "saisie-suivante").await?;
    // The focus is in the first field: one types on.
    browser.keys("M. Jean Lacaze").await?;
    type_in(browser, "subject", "Casier judiciaire").await?;
    type_in(browser, "documentOn", "11172026").await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.path().await?, "/dossiers/SG-2026-A-000002?fait=register");

    browser.follow("Récépissé").await?;
    let slip = browser.text(".slip").await?;
    for words in
        ["SG-2026-A-000002", "M. Jean Lacaze", "Casier judiciaire", "19/11/2026", "Par Nadège Trémolat"]
    {
        assert!(slip.contains(words), "{words}: {slip}");
    }
    nothing_wrong(browser, "recepisse").await?;
    browser.resize(320).await?;
    nothing_wrong(browser, "recepisse-320").await?;
    browser.follow("Étiquette").await?;
    assert!(browser.text(".sticker").await?.starts_with("SG-2026-A-000002 Reçu le 19/11/2026"));
    nothing_wrong(browser, "etiquette-320").await?;
    browser.resize(1280).await?;
    nothing_wrong(browser, "etiquette").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_clerk_is_told_that_a_second_brought_the_same_letter() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let first = desk.letter(petition(SUBJECT), []).await?;
    desk.later();
    browser.sign_in(Deputy).await?;
    browser.go("/courriers/nouveau").await?;
    type_in(browser, "sender", "Mme Élise Garonne").await?;
    type_in(browser, "subject", SUBJECT).await?;
    type_the_rest(browser).await?;
    browser.keys_away(ENTER).await?;
    assert_eq!(browser.errors().await?, [ASKED]);
    assert!(browser.text("#semblables").await?.contains("enregistré par Nadège Trémolat"));

    browser.sign_in(Clerk).await?;
    browser.go(&format!("/courriers/nouveau?apres={FIRST}")).await?;
    let told = "Un courrier semblable a été présenté depuis par Solène Harispe, le 22/11/2026 à 10 h 10.";
    assert!(browser.text(".last").await?.contains(told));
    browser.go("/aujourdhui").await?;
    assert!(browser.text("[aria-labelledby=presentes]").await?.contains(FIRST));
    nothing_wrong(browser, "aujourdhui-presente").await?;
    browser.go(&format!("/dossiers/{FIRST}")).await?;
    let notice = browser.text(".notice").await?;
    assert!(notice.contains("Solène Harispe, le 22/11/2026 à 10 h 10"), "{notice}");
    let journal = browser.texts("table.journal tbody tr").await?;
    assert!(journal[1].contains("Solène Harispe a présenté un courrier semblable (refusé)"), "{journal:?}");
    nothing_wrong(browser, "dossier-presente").await?;
    // Nobody else is told of it once it is over.
    let cancel = Command::Cancel { note: "Erreur.".to_owned() };
    desk.office().play(first.dossier.id, [(Clerk, cancel)]).await?;
    browser.go(&format!("/dossiers/{FIRST}")).await?;
    assert_eq!(browser.count(".notice").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_that_came_before_is_known_as_soon_as_it_is_dropped() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let scan = desk.office().receive("lettre.pdf", b"%PDF-1.4 la lettre").await.fine()?;
    desk.letter(petition(SUBJECT), [(Clerk, scan.into())]).await?;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    let drop = "const data = new DataTransfer(), place = document.querySelector('h1'); \
        data.items.add(new File(['%PDF-1.4 la lettre'], 'déposé.pdf', { type: 'application/pdf' })); \
        for (const name of ['dragover', 'drop']) place.dispatchEvent( \
          new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }))";
    browser.script(drop).await?;
    browser.wait_for("#semblables").await?;
    let shown = browser.text("#semblables").await?;
    assert!(shown.contains("même document numérisé, reçu le 19/11/2026"), "{shown}");
    assert_eq!(browser.count("#apercu:not([hidden]) iframe").await?, 1, "and it is seen");
    browser.screenshot("saisie-document-connu").await
}

/// A member of Parliament is picked among the suggestions, by keyboard; what is typed over the pick is a plain sender again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_picked_and_the_letter_stands_on_their_page() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let said = [Ok(deputy("PA1", "1980-01-01")?)];
    desk.office().app.import_members(said.into_iter(), |_| {}).await.fine()?;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    type_in(browser, "sender", "lefo").await?;
    browser.wait_for("#register-sender-liste:not([hidden]) li").await?;
    assert_eq!(
        browser.texts("#register-sender-liste li").await?,
        ["Mme Zoé Lefort, députée, Gers (1) membre du Parlement, SOC"]
    );
    browser.keys(DOWN).await?;
    browser.keys(ENTER).await?;
    assert_eq!(browser.value("register-sender").await?, "Mme Zoé Lefort, députée, Gers (1)");
    assert_eq!(browser.text("#elu-choisi").await?, "L’expéditeur est relié à sa fiche d’élu.");
    nothing_wrong(browser, "saisie-elu").await?;
    browser.keys("!").await?;
    assert_eq!(browser.text("#elu-choisi").await?, "", "typed over");
    browser.wait_for("#register-sender-liste:not([hidden]) li").await?;
    browser.keys(DOWN).await?;
    browser.keys(ENTER).await?;
    type_in(browser, "subject", SUBJECT).await?;
    type_the_rest(browser).await?;
    browser.tab_to("Enregistrer").await?;
    browser.keys_away(ENTER).await?;
    browser.follow("Mme Zoé Lefort, députée, Gers (1)").await?;
    assert!(browser.path().await?.starts_with("/elus/"));
    assert!(browser.main().await?.contains(FIRST));
    Ok(())
}
