//! What is odd but possible: both engines answer the same, and nothing that was accepted cannot be read again.

use anyhow::{Context as _, Result};
use pli_app::{Key, List};
use pli_domain::refusal::Refusal;
use pli_tests::samples::{day, draft, letter, petition, question};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    what_was_accepted_can_be_read_again,
    a_question_without_a_number_is_refused,
    a_question_of_tomorrow_is_refused,
    a_very_old_letter_is_due_all_the_same,
    a_text_with_a_null_character_is_a_refusal_or_a_text,
    a_very_long_key_is_a_key_or_a_refusal,
    very_long_words_are_searched_or_find_nothing,
    whatever_is_searched_is_answered,
    a_unit_that_is_closed_gets_no_work,
);

async fn what_was_accepted_can_be_read_again(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for subject in [
        "  L’été\u{a0}: «\u{202f}œuvre\u{202f}» n°\u{202f}12  ",
        "'; DROP TABLE dossier; --",
        "%_\\",
        "日本語 🏛️ \u{202e}עברית",
        &"é".repeat(20_000),
        "une\r\nligne\tet une autre",
    ] {
        let sheet = office.register(petition(subject)).await?;
        let read = office.app.dossier(&clerk, sheet.dossier.id).await.fine()?;
        assert_eq!(read.as_ref(), Some(&sheet));
        assert_eq!(sheet.subject, subject);
        office.play(sheet.dossier.id, office.to_drafting()?).await?;
        let drafted = office.play(sheet.dossier.id, [(Person::Drafter, draft(subject))]).await?;
        assert_eq!(office.app.draft(&clerk, &drafted).await.fine()?.as_deref(), Some(subject));
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_question_without_a_number_is_refused(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let received = office.app.receive_question(&clerk, office.key(), question(0)).await;
    let list = office.app.dossiers(&clerk, &List::default(), None, 100).await;
    assert!(list.is_ok(), "the lists cannot be read any more: {list:?}");
    assert_eq!(received.refused()?.field(), Some("number"));
    Ok(())
}

async fn a_question_of_tomorrow_is_refused(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut tomorrow = question(1);
    tomorrow.published_on = day("2026-11-23")?;
    let refusal = office.app.receive_question(&clerk, office.key(), tomorrow).await.refused()?;
    assert_eq!(refusal, Refusal::DateInFuture { field: "publishedOn" });
    Ok(())
}

async fn a_very_old_letter_is_due_all_the_same(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for received in ["1848-02-24", "0001-01-01"] {
        let sheet = office.register(letter(day(received)?)).await?;
        let read = office.app.dossier(&clerk, sheet.dossier.id).await.fine()?;
        assert_eq!(read.as_ref(), Some(&sheet));
    }
    let rows = office.app.retards(&clerk, &List::default()).await.fine()?.rows;
    assert_eq!(rows.iter().map(|row| row.count(None)).sum::<u64>(), 2);
    for row in rows {
        for class in [None].into_iter().chain(row.counts.keys().copied().map(Some)) {
            let list = office.walk(&clerk, &row.list(class), 1).await?;
            assert_eq!(u64::try_from(list.len())?, row.count(class));
        }
    }
    // Before any calendar: a refusal, or a date; no breakdown.
    let before = letter(day("-5000-01-01")?);
    let outcome = office.app.register_mail(&clerk, office.key(), before).await;
    assert!(matches!(outcome, Ok(_) | Err(pli_app::Error::Refused(_))), "{outcome:?}");
    Ok(())
}

/// JSON can carry U+0000; PostgreSQL keeps none.
async fn a_text_with_a_null_character_is_a_refusal_or_a_text(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let outcome = office.app.register_mail(&clerk, office.key(), petition("Zéro\0pointé")).await;
    assert!(matches!(outcome, Ok(_) | Err(pli_app::Error::Refused(_))), "{outcome:?}");
    let words = Some("Zéro\0pointé".to_owned());
    let found = office.app.count(&clerk, &List { words, ..List::default() }).await;
    assert!(found.is_ok(), "{found:?}");
    Ok(())
}

async fn a_very_long_key_is_a_key_or_a_refusal(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    // Not one letter again and again: an index may pack that.
    let key: String =
        (0..9_000_u32).map(|n| char::from_u32(0x4e00 + (n * 7_919) % 20_000).unwrap_or('x')).collect();
    let outcome = office.app.register_mail(&clerk, Key(key), petition("Clé")).await;
    assert!(matches!(outcome, Ok(_) | Err(pli_app::Error::Refused(_))), "{outcome:?}");
    Ok(())
}

async fn very_long_words_are_searched_or_find_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let words = Some("mot ".repeat(20_000));
    let found = office.app.count(&clerk, &List { words, ..List::default() }).await;
    assert!(matches!(found, Ok(0) | Err(pli_app::Error::Refused(_))), "{found:?}");
    Ok(())
}

/// What an engine might take for its own syntax, and what has no width: each finds the one letter that is meant.
const FIND_ONE: [&str; 29] = [
    "OR",
    "aide OR visa",
    "-aide",
    "+aide",
    "aide*",
    "^aide",
    "(aide",
    "aide)",
    "aide visa\"",
    "\"aide\"visa",
    "ai\0de",
    "aide\0",
    "!aide",
    "aide & visa",
    "aide | visa",
    "aide <-> visa",
    "aide:*",
    "'aide':A",
    "\u{202e}aide",
    "\u{feff}aide",
    "100 %",
    "日本語",
    "עברית",
    "zéropointé",
    "été",
    "3^2",
    "-1",
    "mot\" été",
    "SG-2026-A-1 'aide'",
];

/// The same, and nothing is found.
const FIND_NOTHING: [&str; 28] = [
    "\"",
    "*",
    "AND",
    "NOT",
    "NEAR(aide visa, 2)",
    "aide AND visa",
    "words:aide",
    "{words}: aide",
    "%",
    "_",
    "'",
    "''",
    "';--",
    "\\",
    "\0",
    "🏛️",
    "日本",
    "null",
    "true",
    "1e5",
    "0x10",
    "«»",
    "\"\"",
    "-",
    "()",
    "aide -zèbre",
    "NaN",
    "\u{ad}",
];

/// Nothing that is typed is syntax, and both engines say the same of it.
async fn whatever_is_searched_is_answered(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for subject in
        ["Aide OR visa", "Near : colonne 3^2", "日本語 🏛️ עברית", "Zéro\u{ad}pointé", "100 % l'été * mot"]
    {
        office.register(petition(subject)).await?;
    }
    let words = |typed: &str| List { words: Some(typed.to_owned()), ..List::default() };
    let once = FIND_ONE.map(|typed| (typed.to_owned(), 1));
    let never = FIND_NOTHING.map(|typed| (typed.to_owned(), 0));
    let long = [("mot ", 1), ("aide ", 1), ("é", 0), ("a-", 0), ("\"", 0)]
        .map(|(typed, number)| (typed.repeat(10_000), number));
    // « a » alone is a word like others, and stands in every chrono.
    let small = [("a*".to_owned(), 5)];
    for (typed, number) in once.into_iter().chain(never).chain(long).chain(small) {
        let what: String = typed.chars().take(40).collect();
        let found = office.app.count(&clerk, &words(&typed)).await.fine().with_context(|| what.clone())?;
        assert_eq!(found, number, "{what}");
        let page = office.app.found(&clerk, &words(&typed), None, 10).await.fine()?;
        assert_eq!(u64::try_from(page.items.len())?, number, "{what}");
        assert_eq!(office.app.facets(&clerk, &words(&typed)).await.fine()?.total, number, "{what}");
        assert_eq!(office.app.found_published(&clerk, &typed, None, 10).await.fine()?.items, [], "{what}");
    }
    Ok(())
}

async fn a_unit_that_is_closed_gets_no_work(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Réseau")).await?.dossier.id;
    for (code, refusal) in [
        ("SG-SNUM", Refusal::UnitClosed { field: "lead" }),
        ("MJ", Refusal::UnitIsMinistry { field: "lead" }),
    ] {
        let lead = office.unit(code)?;
        let refused = office.act(Person::Clerk, id, pli_tests::samples::route(lead)).await?.refused()?;
        assert_eq!(refused, refusal);
    }
    office.play(id, [(Person::Clerk, pli_tests::samples::route(office.unit("SG-DNUM")?))]).await?;
    Ok(())
}
