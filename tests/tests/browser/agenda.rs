//! The agenda of oral questions and the public record of a question, in a browser.

use std::path::Path;

use anyhow::Result;
use pli_domain::dossier::NewQuestion;
use pli_domain::identity::QuestionType;
use pli_feeds::assemblee;
use pli_tests::browser::Look;
use pli_tests::samples::{day, draft, question, route};
use pli_tests::{Engine, Fine as _, Person};

use crate::accessibility::faults;
use crate::desk::Desk;

/// A question that is put in the chamber on that day.
async fn oral(desk: &Desk, number: u32, on: &str) -> Result<String> {
    let office = desk.office();
    let clerk = office.caller(Person::Clerk).await?;
    let NewQuestion { mut identity, .. } = question(number);
    identity.kind = QuestionType::Qosd;
    let asked = NewQuestion { identity, published_on: day(on)?, subject: "Moyens des greffes".to_owned() };
    Ok(office.app.receive_question(&clerk, office.key(), asked).await.fine()?.dossier.reference)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sitting_is_planned_and_found_in_the_agenda() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let reference = oral(&desk, 1, "2026-12-01").await?;
    let browser = desk.next(Person::Coordinator, &reference).await?;
    browser.script("for (const folded of document.querySelectorAll('details')) folded.open = true").await?;
    browser.fill("plan_sitting-on", "2026-12-08").await?;
    browser.fill("plan_sitting-attendee", "Mme Dumas").await?;
    browser.press("Fixer la séance").await?;
    assert_eq!(browser.text(".done").await?, "Vous avez fixé la séance.");
    browser.follow("Agenda").await?;
    browser.follow("mardi 8 décembre 2026").await?;
    assert_eq!(browser.path().await?, "/agenda?semaine=2026-12-07");
    assert!(browser.text(".sitting").await?.contains("Mme Dumas"));
    browser.follow("Semaine suivante →").await?;
    assert_eq!(browser.count(".sitting").await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agenda_and_the_public_record_can_be_used_by_everybody() -> Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures/assemblee");
    for dark in [false, true] {
        let desk = Desk::open(Engine::Sqlite, Look { dark, ..Look::default() }).await?;
        for archive in ["Questions_ecrites_extrait.json.zip", "Questions_orales_sans_debat_extrait.json.zip"]
        {
            let source = assemblee::open(&fixtures.join(archive))?;
            desk.office().app.import(source, |_| {}).await.fine()?;
        }
        let theme = if dark { "sombre" } else { "clair" };
        let mut wrong = Vec::new();
        let browser = &desk.browser;
        let see = async |page: &str, name: &str, wrong: &mut Vec<String>| -> Result<()> {
            browser.go(page).await?;
            browser
                .script("for (const folded of document.querySelectorAll('details')) folded.open = true")
                .await?;
            for width in [1280, 320] {
                browser.resize(width).await?;
                let found = faults(browser).await?.into_iter();
                wrong.extend(found.map(|fault| format!("{name}, {width}: {fault}")));
                browser.screenshot(&format!("{name}-{theme}-{width}")).await?;
            }
            browser.resize(1280).await
        };
        browser.sign_in(Person::Coordinator).await?;
        see("/agenda", "agenda-vide", &mut wrong).await?;
        oral(&desk, 1, "2026-11-17").await?;
        oral(&desk, 2, "2026-11-18").await?;
        see("/agenda", "agenda", &mut wrong).await?;
        see("/dossiers/AN-17-QOSD-1", "question-orale", &mut wrong).await?;
        // A question whose answer is awaited, one that was answered, another ministry's, and one without any record.
        see("/dossiers/AN-17-QE-16458", "question-publiee", &mut wrong).await?;
        see("/archives/AN-16-QOSD-525", "archive", &mut wrong).await?;
        let caller = desk.office().caller(Person::Coordinator).await?;
        let answered = pli_app::List { open: Some(false), ..pli_app::List::default() };
        let closed = desk.office().app.dossiers(&caller, &answered, None, 1).await.fine()?.items;
        for sheet in closed {
            see(&format!("/dossiers/{}", sheet.dossier.reference), "question-repondue", &mut wrong).await?;
        }
        // With versions of the answer beside the published text.
        let waiting = desk.stored("AN-17-QE-16458").await?.dossier.id;
        let office = desk.office();
        let steps = [
            (Person::Coordinator, route(office.unit("DACS")?)),
            (Person::Correspondent, pli_domain::dossier::Command::Accept),
            (Person::Drafter, draft("Une réponse.")),
            (Person::Drafter, draft("Une autre réponse.")),
        ];
        office.play(waiting, steps).await?;
        see("/dossiers/AN-17-QE-16458", "question-en-redaction", &mut wrong).await?;
        assert_eq!(wrong, [""; 0]);
    }
    Ok(())
}
