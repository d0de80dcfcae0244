//! What is printed of a letter: a sheet that says it was received, a label that is stuck on it.

use anyhow::{Context as _, Result};
use pli_tests::Engine;
use pli_tests::Person::Clerk;
use pli_tests::browser::{Browser, Look};
use pli_tests::samples::petition;

use crate::desk::Desk;

/// In points, as PDF has it: 210 × 297 mm, and 100 × 50 mm.
const SHEET: (f64, f64) = (595.0, 842.0);
const LABEL: (f64, f64) = (283.5, 141.7);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slip_is_a_sheet_and_the_label_is_a_label() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let short = desk.letter(petition("Aide juridictionnelle"), []).await?;
    let long = "Demande relative aux conditions dans lesquelles l’aide juridictionnelle est accordée aux personnes \
        dont les ressources ont changé pendant l’instance, et anticonstitutionnellementsansuneespacequicoupelaligne, \
        avec prière de bien vouloir répondre avant l’audience fixée au mois de janvier prochain";
    let long = desk.letter(petition(long), []).await?;
    browser.sign_in(Clerk).await?;
    for (name, sheet) in [("", &short), ("-long", &long)] {
        let reference = &sheet.dossier.reference;
        browser.go(&format!("/dossiers/{reference}/recepisse")).await?;
        printed(browser, &format!("recepisse{name}"), SHEET).await?;
        let paper = browser.on_paper().await?;
        assert!(
            paper.starts_with("Ministère de la Justice Récépissé de courrier"),
            "the frame is there: {paper}"
        );
        assert!(paper.contains(reference) && paper.contains(&sheet.subject), "{paper}");
        assert!(!paper.contains("Imprimer") && !paper.contains("Accessibilité"), "{paper}");

        browser.go(&format!("/dossiers/{reference}/etiquette")).await?;
        printed(browser, &format!("etiquette{name}"), LABEL).await?;
        let paper = browser.on_paper().await?;
        assert!(paper.starts_with(reference), "the frame is there: {paper}");
        assert!(!paper.contains("100 × 50") && !paper.contains("Accessibilité"), "{paper}");
        // Nothing is cut in the middle of a line, nothing stands out.
        let out = "const sticker = document.querySelector('.sticker'), box = sticker.getBoundingClientRect(); \
            return [...sticker.querySelectorAll('p, svg')].filter((one) => { \
              const at = one.getBoundingClientRect(); return at.bottom > box.bottom + 1 || at.right > box.right + 1; \
            }).length";
        assert_eq!(browser.script(out).await?, 0, "{name}: out of the label");
    }
    Ok(())
}

/// One page, of that size to a point.
async fn printed(browser: &Browser, name: &str, (width, height): (f64, f64)) -> Result<()> {
    let pdf = browser.print(name).await?;
    let text = String::from_utf8_lossy(&pdf);
    assert_eq!(text.matches("/Type /Page\n").count(), 1, "{name}: pages");
    let (_, rest) = text.split_once("/MediaBox [").context("no size")?;
    let (size, _) = rest.split_once(']').context("no size")?;
    let size: Vec<f64> = size.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let near = |found: Option<&f64>, wanted: f64| found.is_some_and(|found| (found - wanted).abs() < 1.5);
    assert!(near(size.get(2), width) && near(size.get(3), height), "{name}: {size:?}");
    Ok(())
}
