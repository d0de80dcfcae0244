//! Where the focus goes, and text that is spaced out: what axe does not see.

use anyhow::Result;
use pli_tests::Engine;
use pli_tests::Person::{Approver, Clerk, Drafter, Manager};
use pli_tests::browser::{ENTER, Look, TAB};
use pli_tests::samples::{draft, petition};

use crate::accessibility::{NARROW, WIDE};
use crate::desk::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_tab_leads_past_the_menu() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    browser.sign_in(Clerk).await?;
    browser.go("/courriers/nouveau").await?;
    let top = "return document.querySelector('.skip').getBoundingClientRect().top";
    assert!(browser.script(top).await?.as_f64() < Some(0.0), "it is seen by those who need it only");
    browser.keys(TAB).await?;
    assert_eq!(browser.focused().await?, "Aller au contenu");
    assert!(browser.script(top).await?.as_f64() >= Some(0.0));
    browser.keys(ENTER).await?;
    assert_eq!(browser.focused().await?, "contenu");
    browser.keys(TAB).await?;
    assert_eq!(browser.focused().await?, "register-sender");
    Ok(())
}

/// Spaced out as far as WCAG 1.4.12 asks, nothing is cut or pushed out of the page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_can_be_spaced_out() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let sheet = desk.letter(petition("Aide juridictionnelle"), desk.office().to_drafting()?).await?;
    browser.sign_in(Clerk).await?;
    let dossier = format!("/dossiers/{}", sheet.dossier.reference);
    let pages = [
        "/aujourdhui",
        "/dossiers",
        &dossier,
        "/courriers/nouveau",
        "/retards",
        "/calendrier",
        "/notifications",
        "/recherche?q=aide",
        "/recherche/enregistrer?q=aide",
        "/recherche",
        "/lots",
        "/ecarts",
        "/signature",
        "/journal",
        "/accessibilite",
    ];
    let spaced = "const sheet = document.styleSheets[0]; \
        for (const rule of ['* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }', \
          'p { margin-block-end: 2em !important }']) sheet.insertRule(rule, sheet.cssRules.length); \
        for (const folded of document.querySelectorAll('details')) folded.open = true; \
        return [...document.querySelectorAll('main *')].filter((at) => { \
          const style = getComputedStyle(at); \
          return style.overflow === 'hidden' && style.clipPath === 'none' && style.display !== 'none' \
            && (at.scrollWidth > at.clientWidth + 1 || at.scrollHeight > at.clientHeight + 1); \
        }).map((at) => `${at.tagName} ${at.className}`)";
    for width in [WIDE, NARROW] {
        browser.resize(width).await?;
        for path in pages {
            browser.go(path).await?;
            assert_eq!(browser.script(spaced).await?, serde_json::json!([]), "{path}, {width} px: cut");
            assert_eq!(browser.overflow().await?, 0, "{path}, {width} px: out of the page");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_focus_is_seen_wherever_it_goes() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look::default()).await?;
    let browser = &desk.browser;
    let mut steps = desk.office().to_drafting()?;
    steps.push((Drafter, draft("Madame,")));
    let sheet = desk.letter(petition("Aide juridictionnelle"), steps).await?;
    let reference = sheet.dossier.reference;
    let pages = [(Approver, format!("/dossiers/{reference}")), (Manager, "/dossiers".to_owned())];
    for (person, path) in pages {
        browser.sign_in(person).await?;
        browser.go(&path).await?;
        let mut passed = Vec::new();
        loop {
            browser.keys(TAB).await?;
            let script = "const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect(); \
                return [at === document.body, \
                  `${at.tagName} ${at.id || at.innerText}`, \
                  style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 \
                    && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth]";
            let (out, name, seen): (bool, String, bool) =
                serde_json::from_value(browser.script(script).await?)?;
            if out || passed.contains(&name) {
                break;
            }
            assert!(seen, "{person:?}: the focus is not seen on {name}, after {passed:?}");
            passed.push(name);
        }
        assert!(passed.len() > 8, "{person:?}: {passed:?}");
    }
    Ok(())
}
