//! What is shown: what is late, and real questions.

use std::path::Path;

use anyhow::Result;
use pli_domain::dossier::Command;
use pli_feeds::assemblee;
use pli_tests::Person::{Coordinator, Correspondent, Manager};
use pli_tests::browser::Look;
use pli_tests::samples::{day, letter, route};
use pli_tests::{Engine, Fine as _, Person};

use crate::desk::Desk;

pli_tests::on_both!(
    each_figure_opens_a_list_of_that_length,
    each_figure_of_the_past_opens_its_list,
    a_real_question_is_shown_with_its_text_and_its_delay
);

/// Letters of every age, with nobody, with the DACS and its bureaux, with the DAP.
async fn late_letters(desk: &Desk) -> Result<()> {
    let received = ["2026-06-01", "2026-08-10", "2026-08-30", "2026-09-10", "2026-09-20", "2026-11-01"];
    for (number, received) in received.into_iter().enumerate() {
        for lead in [None, Some("DACS"), Some("DACS-C1"), Some("DAP-SM-IP")].into_iter().take(number + 1) {
            let lead = lead.map(|code| desk.office().unit(code)).transpose()?;
            desk.letter(letter(day(received)?), lead.map(|unit| (Coordinator, route(unit)))).await?;
        }
    }
    Ok(())
}

async fn each_figure_opens_a_list_of_that_length(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    late_letters(&desk).await?;
    for (person, name, rows, total) in [(Manager, "direction", 4, 14), (Correspondent, "service", 2, 7)] {
        figures(&desk, person, rows, total).await?;
        desk.browser.go("/retards").await?;
        desk.browser.screenshot(&format!("retards-{name}")).await?;
    }
    Ok(())
}

async fn figures(desk: &Desk, person: Person, rows: usize, total: usize) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(person).await?;
    browser.follow("Retards").await?;
    assert_eq!(browser.count("table:has(#matrice) tbody tr").await?, rows - 1, "{person:?}");
    let cells = "return [...document.querySelectorAll('table:has(#matrice) td')].map((cell) => \
        [cell.firstElementChild.firstChild.data, cell.querySelector('a')?.getAttribute('href') ?? null])";
    let cells: Vec<(String, Option<String>)> = serde_json::from_value(browser.script(cells).await?)?;
    assert_eq!(cells.len(), rows * 5, "{person:?}");
    for (figure, list) in cells {
        let figure: usize = figure.parse()?;
        assert_eq!(list.is_some(), figure > 0);
        let Some(list) = list else { continue };
        browser.go(&list).await?;
        assert_eq!(browser.count("table.dossiers tbody tr").await?, figure, "{person:?} {list}");
        assert_eq!(browser.count("table.dossiers tbody tr.late").await?, figure, "{person:?} {list}");
        let heading = if figure == 1 {
            "1 dossier en retard".to_owned()
        } else {
            format!("{figure} dossiers en retard")
        };
        assert_eq!(browser.text("h1").await?, heading);
        if list == "/dossiers?retard=tous" {
            assert_eq!(figure, total, "{person:?}");
        }
    }
    Ok(())
}

async fn each_figure_of_the_past_opens_its_list(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    late_letters(&desk).await?;
    let office = desk.office();
    office.app.take_snapshot().await.fine()?;
    for on in ["2026-11-28", "2026-11-29", "2026-11-30"] {
        office.set_clock(&format!("{on}T09:00:00Z"))?;
        let call = Command::AnswerByPhone { on: day(on)?, note: "Rappelé.".to_owned() };
        let mut steps = office.to_drafting()?;
        steps.push((Correspondent, call));
        desk.letter(letter(day("2026-09-25")?), steps).await?;
        office.app.take_snapshot().await.fine()?;
    }
    for (person, name) in [(Manager, "direction"), (Correspondent, "service")] {
        let browser = &desk.browser;
        browser.sign_in(person).await?;
        browser.go("/retards").await?;
        browser.screenshot(&format!("retards-evolution-{name}")).await?;
        let bars = browser.texts(".chart .value").await?;
        assert_eq!((bars.len(), bars.iter().filter(|value| *value != "–").count()), (12, 3));
        let links = "return [...document.querySelectorAll('table:not(:has(#matrice)) td a')].map((link) => \
            [link.firstChild.data, link.getAttribute('href')])";
        let links: Vec<(String, String)> = serde_json::from_value(browser.script(links).await?)?;
        assert!(links.len() > 12, "{links:?}");
        assert!(links.iter().any(|(_, list)| list.contains("repondu=")), "{links:?}");
        for (figure, list) in links {
            browser.go(&list).await?;
            let figure: usize = figure.parse()?;
            assert_eq!(browser.count("table.dossiers tbody tr").await?, figure, "{person:?} {list}");
        }
    }
    Ok(())
}

async fn a_real_question_is_shown_with_its_text_and_its_delay(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    let browser = &desk.browser;
    let archive = "../crates/feeds/fixtures/assemblee/Questions_ecrites_extrait.json.zip";
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join(archive);
    desk.office().app.import(assemblee::open(&archive)?, |_| {}).await.fine()?;

    // Published on 30 June 2026, it waits: two months, by the Rules of the Assemblée.
    desk.next(Coordinator, "AN-17-QE-16458").await?;
    let situation = browser.text(".summary").await?;
    for said in ["Reçue", "30/08/2026 en retard de 84 jours", "à compter du 30/06/2026", "art. 135"] {
        assert!(situation.contains(said), "{said}: {situation}");
    }
    let text = browser.main().await?;
    assert!(
        text.contains("Garantir l'accès des femmes détenues aux soins gynécologiques en prison"),
        "{text}"
    );
    assert!(
        text.contains("ces difficultés sont d'autant plus")
            || text.contains("Il lui demande donc quelles mesures"),
        "{text}"
    );
    assert!(text.contains("Ministère de la justice") && !text.contains("Réponse publiée"), "{text}");
    browser.screenshot("question-en-attente").await?;

    // Published on 7 January 2025, due on 7 March, answered on 26 August.
    browser.go("/dossiers/AN-17-QE-3038").await?;
    let situation = browser.text(".summary").await?;
    assert!(situation.contains("07/03/2025 répondu avec 172 jours de retard"), "{situation}");
    let text = browser.main().await?;
    assert!(text.contains("Réponse publiée le 26/08/2025"), "{text}");
    browser.screenshot("question-repondue").await?;

    // Of an ended legislature.
    browser.go("/dossiers/AN-16-QE-17664").await?;
    let situation = browser.text(".summary").await?;
    assert!(situation.contains("Caduque") && situation.contains("sans échéance"), "{situation}");
    Ok(())
}
