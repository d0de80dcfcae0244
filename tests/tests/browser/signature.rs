//! To approve and to sign: one dossier after the other, with what has changed since one's last look.

use anyhow::{Context as _, Result};
use pli_app::Sheet;
use pli_domain::dossier::{Command, Stage};
use pli_tests::Person::{Approver, Clerk, Drafter, Signatory};
use pli_tests::browser::{Browser, Look};
use pli_tests::samples::{day, draft, letter, question};
use pli_tests::{Engine, Fine as _, Person};

use crate::desk::{Desk, plain};

pli_tests::on_both!(
    an_approver_goes_from_one_to_the_next,
    a_signatory_reads_what_has_changed_and_signs,
    the_number_in_the_menu_is_the_length_of_the_list,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approver_needs_no_javascript() -> Result<()> {
    approve(&Desk::open(Engine::Sqlite, plain()).await?, "sans-javascript").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signatory_needs_no_javascript() -> Result<()> {
    sign(&Desk::open(Engine::Sqlite, plain()).await?, "sans-javascript").await
}

async fn an_approver_goes_from_one_to_the_next(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    approve(&desk, &format!("{engine:?}").to_lowercase()).await
}

async fn a_signatory_reads_what_has_changed_and_signs(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    sign(&desk, &format!("{engine:?}").to_lowercase()).await
}

/// A letter received that day, whose draft awaits approval.
async fn submitted(desk: &Desk, received: &str) -> Result<Sheet> {
    let steps = desk.office().to_answer()?.into_iter().take(4);
    desk.letter(letter(day(received)?), steps).await
}

/// The references of the list, first to be done first.
async fn listed(browser: &Browser) -> Result<Vec<String>> {
    browser.texts("table.dossiers tbody th").await
}

/// The drafter answers what was sent back.
async fn answer(desk: &Desk, sheet: &Sheet, text: &str) -> Result<()> {
    desk.later();
    let again = [(Drafter, draft(text)), (Drafter, Command::Submit)];
    desk.office().play(sheet.dossier.id, again).await.map(drop)
}

async fn approve(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    let (last, first, second) = (
        submitted(desk, "2026-11-10").await?,
        submitted(desk, "2026-10-10").await?,
        submitted(desk, "2026-10-20").await?,
    );
    let [first_name, second_name, last_name] =
        [&first, &second, &last].map(|sheet| sheet.dossier.reference.clone());
    browser.sign_in(Approver).await?;
    browser.follow("Signature 3 en attente").await?;
    assert_eq!(browser.text("h1").await?, "3 dossiers attendent votre décision");
    assert_eq!(listed(browser).await?, [first_name.clone(), second_name.clone(), last_name.clone()]);
    assert!(browser.text("tbody tr").await?.contains("version 1, que vous n’avez pas encore lue"));
    browser.screenshot(&format!("signature-liste-{name}")).await?;

    browser.follow(&first_name).await?;
    assert!(browser.text(".summary").await?.contains("À viser"));
    assert!(browser.main().await?.contains("Dossier 1 sur 3"));
    assert_eq!(browser.text("div.text").await?, "Madame, Vous avez appelé mon attention sur…");
    browser.screenshot(&format!("signature-viser-{name}")).await?;
    // Without a word of what is to be changed, nothing is sent back, and one stays where one was.
    browser.press("Renvoyer au rédacteur").await?;
    assert_eq!(browser.status().await?, 422);
    assert_eq!(browser.path().await?, format!("/signature/{first_name}/send_back"));
    assert_eq!(browser.errors().await?, ["Ce qui est à reprendre : Ce champ est obligatoire."]);
    desk.later();
    browser.fill("send_back-note", "Citez le décret.").await?;
    browser.press("Renvoyer au rédacteur").await?;
    assert_eq!(browser.path().await?, format!("/signature/{second_name}?fait=send_back"));
    let told =
        format!("Vous avez renvoyé le projet au rédacteur : {first_name}, Locaux du tribunal de proximité.");
    assert_eq!(browser.text(".done").await?, told);

    // What one has read without deciding is kept when one says so.
    browser.press("J’ai lu la version 1").await?;
    assert_eq!(browser.path().await?, format!("/signature/{second_name}"));
    assert!(browser.text(".summary").await?.contains("version 1, déjà lue"));
    assert_eq!(browser.count("#lu").await?, 0);
    browser.follow("Passer au suivant").await?;
    assert_eq!(browser.path().await?, format!("/signature/{last_name}"));
    desk.later();
    browser.press("Viser").await?;
    assert_eq!(browser.path().await?, "/signature?fait=approve", "it was the last one");
    assert!(browser.text(".done").await?.starts_with(&format!("Vous avez visé le projet : {last_name}")));
    assert_eq!(browser.text("h1").await?, "1 dossier attend votre décision");

    answer(
        desk,
        &first,
        "Madame,\n\nLe décret du 2 mai 2024 s’applique. Vous avez appelé mon attention sur…",
    )
    .await?;
    browser.go("/signature").await?;
    assert_eq!(listed(browser).await?, [first_name.clone(), second_name.clone()]);
    assert!(browser.text("tbody tr").await?.contains("version 2 ; vous aviez lu la 1"));
    browser.follow(&first_name).await?;
    changed(browser).await?;
    browser.screenshot(&format!("signature-difference-{name}")).await?;
    let steps = browser.texts(".circuit li").await?;
    assert_eq!(
        steps,
        [
            "Mathis Carrouzel a soumis le projet au visa, version 1 22/11/2026 à 10 h 00",
            "Clotilde Ansermont a renvoyé le projet au rédacteur, version 1 22/11/2026 à 10 h 10 Citez le décret.",
            "Mathis Carrouzel a soumis le projet au visa, version 2 22/11/2026 à 10 h 30",
        ]
    );
    browser.press("Viser").await?;
    assert_eq!(browser.path().await?, format!("/signature/{second_name}?fait=approve"));
    assert_eq!(desk.stored(&first_name).await?.dossier.stage, Stage::Signature);
    browser.press("Viser").await?;
    assert_eq!(browser.text("h1").await?, "Aucun dossier n’attend votre décision");
    // A page that was opened before says what is true now.
    browser.go(&format!("/signature/{first_name}")).await?;
    let page = browser.main().await?;
    assert!(page.contains("Ce dossier n’attend ni votre visa ni votre signature."), "{page}");
    assert_eq!(browser.count("form[action*='/signature/']").await?, 0);
    assert_eq!(desk.office().faults().await?, Vec::<String>::new());
    Ok(())
}

/// Since the first version, « Le décret… s’applique. » has come: it is shown, and heard.
async fn changed(browser: &Browser) -> Result<()> {
    let page = browser.main().await?;
    assert!(page.contains("Ce qui a changé depuis la version 1"), "{page}");
    assert!(page.contains("1 passage ajouté, 0 passage supprimé."), "{page}");
    assert_eq!(browser.texts("ins").await?, ["[ajouté : Le décret du 2 mai 2024 s’applique. ]"]);
    assert_eq!(browser.count("del").await?, 0);
    browser.follow("Lire le texte seul").await?;
    assert_eq!(browser.count("ins").await?, 0);
    browser.back().await
}

async fn sign(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    let office = desk.office();
    let clerk = office.caller(Clerk).await?;
    let asked = office.app.receive_question(&clerk, office.key(), question(16_458)).await.fine()?;
    let steps = office.to_answer()?;
    let to_sign = steps.iter().take(5).cloned();
    office.play(asked.dossier.id, to_sign.clone()).await?;
    let sheet = desk.letter(letter(day("2026-11-10")?), to_sign).await?;
    let [asked_name, letter_name] = [&asked, &sheet].map(|sheet| sheet.dossier.reference.clone());
    browser.sign_in(Signatory).await?;
    browser.go("/signature").await?;
    assert_eq!(listed(browser).await?, [asked_name.clone(), letter_name.clone()]);
    browser.follow(&asked_name).await?;
    browser.fill("send_back-note", "Trop long.").await?;
    browser.press("Renvoyer au rédacteur").await?;
    assert_eq!(browser.path().await?, format!("/signature/{letter_name}?fait=send_back"));
    desk.later();
    browser.press("Signer").await?;
    assert_eq!(browser.path().await?, "/signature?fait=sign");
    assert!(browser.text(".done").await?.starts_with("Vous avez signé la réponse"));
    assert_eq!(desk.stored(&letter_name).await?.dossier.stage, Stage::Outgoing);

    answer(desk, &asked, "Monsieur,\n\nVous avez appelé mon attention sur…").await?;
    office.play(asked.dossier.id, [(Approver, Command::Approve)]).await?;
    browser.go(&format!("/signature/{asked_name}")).await?;
    assert_eq!(browser.texts("del").await?, ["[supprimé : Madame, ]"]);
    assert_eq!(browser.texts("ins").await?, ["[ajouté : Monsieur, ]"]);
    browser.screenshot(&format!("signature-question-{name}")).await?;
    browser.press("Signer").await?;
    assert_eq!(browser.text("h1").await?, "Aucun dossier n’attend votre décision");

    // On the dossier's own page: every version, who decided on which, and any two of them side by side.
    browser.go(&format!("/dossiers/{asked_name}")).await?;
    assert_eq!(browser.count(".circuit li").await?, 6);
    browser.click(".versions summary").await?;
    browser.screenshot(&format!("dossier-versions-{name}")).await?;
    let rows = browser.texts(".versions tbody tr").await?;
    let oldest = rows.last().context("none")?;
    assert!(rows.len() == 2 && oldest.starts_with("1 : lire cette version Mathis Carrouzel"), "{rows:?}");
    browser.go(&format!("/dossiers/{asked_name}?version=2&depuis=1")).await?;
    assert_eq!(browser.texts("ins").await?, ["[ajouté : Monsieur, ]"]);
    browser.go(&format!("/dossiers/{asked_name}?version=1")).await?;
    assert!(browser.text("div.text").await?.starts_with("Madame,"));
    assert!(browser.main().await?.contains("La version en cours est la 2."));
    for (query, status) in [("version=3", 404), ("version=2&depuis=0", 404), ("version=deux", 400)] {
        browser.go(&format!("/dossiers/{asked_name}?{query}")).await?;
        assert_eq!(browser.status().await?, status, "{query}");
    }
    Ok(())
}

async fn the_number_in_the_menu_is_the_length_of_the_list(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    for received in ["2026-10-10", "2026-10-20", "2026-11-10"] {
        submitted(&desk, received).await?;
    }
    let steps = desk.office().to_answer()?;
    // One that the approver wrote, and two to sign.
    let own = steps.iter().cloned().map(|(who, what)| (if who == Drafter { Approver } else { who }, what));
    desk.letter(letter(day("2026-10-01")?), own.take(4)).await?;
    for received in ["2026-09-10", "2026-09-20"] {
        desk.letter(letter(day(received)?), steps.iter().take(5).cloned()).await?;
    }
    for person in Person::ALL {
        browser.sign_in(person).await?;
        let expected = match person {
            Approver => Some(3),
            Signatory => Some(2),
            _ => None,
        };
        let told = browser.texts("nav a[href='/signature']").await?;
        let said: Vec<_> = expected.iter().map(|count| format!("Signature {count} en attente")).collect();
        assert_eq!(told, said, "{person:?}");
        browser.go("/signature").await?;
        let rows = listed(browser).await?;
        assert_eq!(rows.len(), expected.unwrap_or(0), "{person:?}");
        let heading = browser.text("h1").await?;
        let number = expected.map_or_else(|| "Aucun".to_owned(), |count| count.to_string());
        assert!(heading.starts_with(&number), "{person:?}: {heading}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_decides_and_goes_on() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let mut names = Vec::new();
    for received in ["2026-10-10", "2026-10-20", "2026-11-10"] {
        names.push(submitted(&desk, received).await?.dossier.reference);
    }
    let [first, second, third] = &names[..] else { anyhow::bail!("three") };
    let at = |name: &str| format!("/signature/{name}");
    let stage = async |name: &str| anyhow::Ok(desk.stored(name).await?.dossier.stage);
    browser.sign_in(Approver).await?;
    browser.go(&at(first)).await?;
    assert!(browser.text("#clavier").await?.contains("v viser, après confirmation"));
    browser.keys_away("j").await?;
    assert_eq!(browser.path().await?, at(second));
    browser.keys_away("k").await?;
    assert_eq!(browser.path().await?, at(first));
    // Nothing is signed here, and nothing is approved without a second thought.
    browser.keys("s").await?;
    browser.keys("v").await?;
    assert_eq!(browser.asked().await?, format!("Viser {first} ?"));
    browser.refuse().await?;
    assert_eq!((browser.path().await?, stage(first).await?), (at(first), Stage::Review));
    // In a field, a letter is a letter.
    browser.keys("r").await?;
    assert_eq!(browser.focused().await?, "send_back-note");
    browser.keys("vjkrs").await?;
    assert_eq!(browser.value("send_back-note").await?, "vjkrs");
    assert_eq!((browser.path().await?, stage(first).await?), (at(first), Stage::Review));
    browser.press("Renvoyer au rédacteur").await?;
    assert_eq!(
        (browser.path().await?, stage(first).await?),
        (format!("{}?fait=send_back", at(second)), Stage::Drafting)
    );
    // It is switched off, and stays so on the next page.
    browser.click("#clavier-actif").await?;
    browser.go(&at(second)).await?;
    browser.keys("j").await?;
    browser.keys("r").await?;
    assert_eq!(browser.path().await?, at(second));
    assert_eq!(browser.script("return document.activeElement.tagName").await?, "BODY");
    browser.click("#clavier-actif").await?;
    desk.later();
    browser.keys("v").await?;
    browser.accept().await?;
    browser.wait_for(".done").await?;
    assert_eq!(
        (browser.path().await?, stage(second).await?),
        (format!("{}?fait=approve", at(third)), Stage::Signature)
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_of_the_register_is_read_by_its_filters() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    let browser = &desk.browser;
    let sheet = submitted(&desk, "2026-10-10").await?;
    desk.office().set_clock("2026-11-23T08:00:00Z")?;
    for _ in 0..60 {
        desk.letter(letter(day("2026-11-20")?), []).await?;
    }
    browser.sign_in(Person::Auditor).await?;
    browser.follow("Journal").await?;
    assert_eq!(browser.count(".register tbody tr").await?, 50);
    browser.follow("Page suivante").await?;
    let rows = browser.texts(".register tbody tr").await?;
    assert_eq!(rows.len(), 15, "{rows:?}");
    let oldest = rows.last().context("none")?;
    assert!(oldest.starts_with("22/11/2026 à 10 h 00 SG-2026-A-000001 Locaux du tribunal"), "{oldest}");
    browser.follow("Revenir au début").await?;
    browser.fill("filtre-acte", "submit").await?;
    browser.fill("filtre-du", "2026-11-22").await?;
    browser.fill("filtre-au", "2026-11-22").await?;
    browser.press("Filtrer").await?;
    let told = "Actes, « Soumettre au visa », du 22/11/2026 au 22/11/2026, le plus récent d’abord";
    assert_eq!(browser.text("#actes").await?, told);
    assert_eq!(browser.count(".register tbody tr").await?, 1);
    browser.follow(&sheet.dossier.reference).await?;
    assert_eq!(browser.path().await?, format!("/dossiers/{}", sheet.dossier.reference));
    // Another direction reads its own.
    browser.sign_in(Person::Prisons).await?;
    assert_eq!(browser.count("nav a[href='/journal']").await?, 0);
    browser.go("/journal").await?;
    assert!(browser.main().await?.contains("Rien n’a encore été fait."));
    browser.go("/journal?qui=personne").await?;
    assert_eq!(browser.status().await?, 400);
    Ok(())
}
