//! Searching: both engines find the same, within what may be read, and every figure opens a list of that length.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use pli_app::{
    Caller, Facet, Found, FoundPublished, Late, List, Published, PublishedFilter, Receipt, Source,
};
use pli_domain::actor::Reach;
use pli_domain::deadline::AgeClass;
use pli_domain::delay::Clock;
use pli_domain::dossier::{Command, Kind, NewMail, Stage};
use pli_domain::search::{Piece, Query, excerpt};
use pli_feeds::assemblee;
use pli_tests::samples::{day, draft, letter, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    a_dossier_is_found_by_whatever_it_holds,
    what_is_replaced_is_not_found_any_more,
    a_question_is_found_by_what_is_published_of_it,
    the_archive_answers_what_the_domain_says,
    a_word_that_may_not_be_read_finds_and_counts_nothing,
    every_facet_opens_a_list_of_that_length,
    what_is_older_than_the_index_is_put_there_at_the_start,
    what_was_not_indexed_is_seen_by_verify,
    new_words_are_sorted_into_the_index,
);

fn words(typed: &str) -> List {
    List { words: Some(typed.to_owned()), ..List::default() }
}

/// The references of what is found, in no order.
async fn found(office: &Office, caller: &Caller, typed: &str) -> Result<BTreeSet<String>> {
    let sheets = office.walk(caller, &words(typed), 7).await?;
    Ok(sheets.into_iter().map(|sheet| sheet.dossier.reference).collect())
}

/// All that is found, the latest received first, by pages of that size.
async fn walk(office: &Office, caller: &Caller, list: &List, size: u64) -> Result<Vec<Found>> {
    let mut all: Vec<Found> = Vec::new();
    loop {
        let after = all.last().map(|found| Receipt::of(&found.sheet));
        let page = office.app.found(caller, list, after, size).await.fine()?;
        all.extend(page.items);
        if !page.more {
            return Ok(all);
        }
    }
}

async fn walk_published(office: &Office, typed: &str, size: u64) -> Result<Vec<FoundPublished>> {
    let clerk = office.caller(Person::Clerk).await?;
    let mut all: Vec<FoundPublished> = Vec::new();
    loop {
        let after = all.last().map(|found| found.published.identity.clone());
        let page = office.app.found_published(&clerk, typed, after.as_ref(), size).await.fine()?;
        all.extend(page.items);
        if !page.more {
            return Ok(all);
        }
    }
}

async fn import_all(office: &Office) -> Result<()> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures/assemblee");
    for archive in [
        "Questions_ecrites_extrait.json.zip",
        "Questions_gouvernement_extrait.json.zip",
        "Questions_orales_sans_debat_extrait.json.zip",
    ] {
        office.app.import(assemblee::open(&fixtures.join(archive))?, |_| {}).await.fine()?;
    }
    Ok(())
}

/// With what was found between brackets.
fn told(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| if piece.found { format!("[{}]", piece.text) } else { piece.text.clone() };
    pieces.iter().map(piece).collect()
}

async fn a_dossier_is_found_by_whatever_it_holds(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for number in 1..=12 {
        let mail = NewMail {
            sender: format!("Mme Numéro {number}"),
            member: None,
            ..petition("Délai d’attribution d’un logement")
        };
        office.register(mail).await?;
    }
    let subject =
        "Difficultés d’accès à l’aide juridictionnelle pour les détenus de l’établissement d’Orléans";
    let mail = NewMail { sender: "Me Noëlle L’Hôpitallier-Œuvrard".to_owned(), ..petition(subject) };
    let id = office.register(mail).await?.dossier.id;
    office.play(id, office.to_answer()?).await?;
    let this = "SG-2026-A-000013";
    for typed in [
        "SG-2026-A-000013",
        "sg-2026-a-13",
        "2026-A-13",
        "000013",
        "13",
        "SG-2026-D-000001",
        "2026-d-1",
        "aide juridictionnelle",
        "l'aide juridictionnelle",
        "L’AIDE\u{a0}JURIDICTIONNELLE",
        "\"aide juridictionnelle\"",
        "«\u{202f}accès à l’aide\u{202f}»",
        "detenu orleans",
        "détenue",
        "difficulté d'acces",
        "établissements",
        "juridic",
        "Noelle",
        "hopitallier oeuvrard",
        "appelé attention",
        "avoir appelé mon attention",
        "appel",
    ] {
        let hit = found(&office, &clerk, typed).await?;
        let expected = !["avoir appelé mon attention"].contains(&typed);
        assert_eq!(hit.contains(this), expected, "{typed}: {hit:?}");
    }
    for typed in [
        "2025-A-13",
        "2026-A-130",
        "1300",
        "aide juridictionnelle majeurs",
        "\"aide accès\"",
        "jurid orléans",
        "\"détenus aide\"",
    ] {
        assert_eq!(found(&office, &clerk, typed).await?, BTreeSet::new(), "{typed}");
    }
    let twelve = found(&office, &clerk, "12").await?;
    assert_eq!(twelve, BTreeSet::from(["SG-2026-A-000012".to_owned()]), "no 1 200, no 2012");
    assert_eq!(found(&office, &clerk, "SG-2026").await?.len(), 13);

    let hits = walk(&office, &clerk, &words("noelle attention madame"), 20).await?;
    let hit = hits.first().context("not found")?;
    assert_eq!(told(&hit.sender), "Me [Noëlle] L’Hôpitallier-Œuvrard");
    let passage = hit.excerpt.as_ref().context("no excerpt")?;
    assert_eq!(passage.of, Source::Draft);
    assert_eq!(told(&passage.pieces), "[Madame],\n\nVous avez appelé mon [attention] sur…");
    Ok(())
}

/// The index follows in the same transaction.
async fn what_is_replaced_is_not_found_any_more(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let id = office.register(petition("Successions")).await?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    let count = async |typed: &str| office.app.count(&drafter, &words(typed)).await.fine();
    assert_eq!((count("notaire").await?, count("greffe").await?), (0, 0));
    office.play(id, [(Person::Drafter, draft("Voyez le notaire."))]).await?;
    assert_eq!((count("notaires").await?, count("greffe").await?), (1, 0));
    office.play(id, [(Person::Drafter, draft("Voyez le greffe."))]).await?;
    assert_eq!((count("notaires").await?, count("greffes").await?), (0, 1));
    // What is refused leaves no trace.
    office.act(Person::Prisons, id, draft("Voyez l’avocat.")).await?.failed()?;
    assert_eq!((count("avocat").await?, count("greffe").await?), (0, 1));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_question_is_found_by_what_is_published_of_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    // Entered by hand before the import brings its text.
    let early = question(16_458);
    office.app.receive_question(&clerk, office.key(), early).await.fine()?;
    assert_eq!(found(&office, &clerk, "gynécologiques").await?, BTreeSet::new());
    import_all(&office).await?;
    for (typed, expected) in [
        ("gynécologiques", "AN-17-QE-16458"),
        ("femme détenue soin gynecologique", "AN-17-QE-16458"),
        ("16458", "AN-17-QE-16458"),
        ("QE 16458", "AN-17-QE-16458"),
        ("qe16458", "AN-17-QE-16458"),
        ("n°16458", "AN-17-QE-16458"),
        ("AN-17-QE-16458", "AN-17-QE-16458"),
    ] {
        let hit = found(&office, &clerk, typed).await?;
        assert!(hit.contains(expected), "{typed}: {hit:?}");
    }
    let hits = walk(&office, &clerk, &words("gynécologiques"), 20).await?;
    let passage = hits.first().and_then(|hit| hit.excerpt.as_ref()).context("no excerpt")?;
    assert_eq!(passage.of, Source::Question);
    assert!(
        passage.pieces.iter().any(|piece| piece.found && piece.text.starts_with("gynéco")),
        "{passage:?}"
    );
    // The latest received first, once each, whatever the size of the page.
    let all = walk(&office, &clerk, &words("ministre"), 100).await?;
    assert!(all.len() > 6, "{}", all.len());
    assert_eq!(walk(&office, &clerk, &words("ministre"), 2).await?, all);
    assert!(all.is_sorted_by(|a, b| a.sheet.dossier.received_on >= b.sheet.dossier.received_on));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

/// Whether a published question holds every term, said without an engine.
fn holds(published: &Published, terms: &[&str]) -> bool {
    let fields = [
        published.identity.to_string(),
        published.uid.clone(),
        published.subject.clone(),
        published.author.clone().unwrap_or_default(),
        published.ministry.clone().unwrap_or_default(),
        published.question.clone(),
        published.answer.clone(),
    ];
    (1..).zip(terms).all(|(place, term)| {
        // Only the last one may be only begun.
        let term =
            if place == terms.len() { (*term).to_owned() } else { format!("\"{}\"", term.trim_matches('"')) };
        let query = Query::parse(&term);
        fields.iter().any(|field| excerpt(field, &query, 10).is_some())
    })
}

async fn the_archive_answers_what_the_domain_says(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    import_all(&office).await?;
    let all = {
        let mut all: Vec<Published> = Vec::new();
        loop {
            let after = all.last().map(|last| last.identity.to_string());
            let page = office
                .app
                .published_questions(&PublishedFilter::default(), after.as_deref(), 100)
                .await
                .fine()?;
            all.extend(page.items);
            if !page.more {
                break all;
            }
        }
    };
    assert_eq!(all.len(), 396);
    let mut sizes = BTreeSet::new();
    for terms in [
        vec!["justice"],
        vec!["avocats", "victimes"],
        vec!["aide", "juridictionnelle"],
        vec!["\"aide juridictionnelle\""],
        vec!["établissements", "pénitentiaires", "surpopulation"],
        vec!["numer"],
        vec!["5"],
        vec!["porte-parole"],
        vec!["QANR5L17QE16458"],
        vec!["AN-15"],
        vec!["infirmiere"],
        vec!["prisonnier", "zèbre"],
    ] {
        let typed = terms.join(" ");
        let expected: BTreeSet<_> = all
            .iter()
            .filter(|published| holds(published, &terms))
            .map(|published| &published.identity)
            .collect();
        let walked = walk_published(&office, &typed, 40).await?;
        let identities: BTreeSet<_> = walked.iter().map(|found| &found.published.identity).collect();
        assert_eq!(identities, expected, "{typed}");
        assert_eq!(walked.len(), expected.len(), "{typed}: one came twice");
        assert_eq!(
            office.app.count_published(&typed).await.fine()?,
            u64::try_from(expected.len())?,
            "{typed}"
        );
        assert!(walked.is_sorted_by(|a, b| a.published.published_on >= b.published.published_on), "{typed}");
        sizes.insert(expected.len());
    }
    assert!(sizes.len() > 7, "{sizes:?}");
    // A dossier is named to those who may read it.
    let prisons = office.caller(Person::Prisons).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for (caller, sees) in [(&clerk, true), (&prisons, false)] {
        let page = office.app.found_published(caller, "gynécologiques", None, 10).await.fine()?;
        let ours = page.items.iter().find(|found| found.published.ours).context("not found")?;
        assert_eq!(ours.dossier.is_some(), sees);
    }
    Ok(())
}

async fn a_word_that_may_not_be_read_finds_and_counts_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Ornithorynque")).await?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    office.play(id, [(Person::Drafter, draft("Un échidné aussi."))]).await?;
    for (person, caller) in office.everybody().await? {
        let sees = caller.scope.allows([office.unit("DACS")?].into_iter(), None);
        for typed in ["ornithorynque", "échidné", "ornithorynque echidne", "SG-2026-A-000001", "1"] {
            let list = words(typed);
            let expected = u64::from(sees);
            assert_eq!(office.app.count(&caller, &list).await.fine()?, expected, "{person:?} {typed}");
            assert_eq!(
                walk(&office, &caller, &list, 10).await?.len(),
                usize::from(sees),
                "{person:?} {typed}"
            );
            let facets = office.app.facets(&caller, &list).await.fine()?;
            assert_eq!((facets.total, facets.counts.is_empty()), (expected, !sees), "{person:?} {typed}");
        }
    }
    assert!(matches!(office.caller(Person::Administrator).await?.scope.reach, Reach::Nothing));
    Ok(())
}

/// Letters and questions of several years, kinds, stages, directions and bureaux.
async fn a_bit_of_everything(office: &Office) -> Result<()> {
    import_all(office).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let (dacs, dap, c1) = (office.unit("DACS")?, office.unit("DAP")?, office.unit("DACS-C1")?);
    let stories: [Vec<(Person, Command)>; 6] = [
        vec![],
        vec![(Person::Coordinator, route(dacs))],
        vec![(Person::Coordinator, route(dap))],
        vec![(Person::Coordinator, route(c1)), (Person::Correspondent, Command::Accept)],
        office.to_answer()?,
        vec![(Person::Clerk, Command::Cancel { note: "Erreur.".to_owned() })],
    ];
    for (number, received) in (1..).zip(["2024-03-01", "2025-11-30", "2026-08-01", "2026-11-02"]) {
        for story in &stories {
            let mut mail = letter(day(received)?);
            mail.subject = format!("Locaux du tribunal, avis du ministre {number}");
            let id = office.register(mail).await?.dossier.id;
            if !story.is_empty() {
                office.play(id, story.clone()).await?;
            }
        }
    }
    let taken = office.app.receive_question(&clerk, office.key(), question(1)).await.fine()?;
    office.play(taken.dossier.id, [(Person::Coordinator, route(dacs))]).await?;
    Ok(())
}

async fn every_facet_opens_a_list_of_that_length(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    a_bit_of_everything(&office).await?;
    let lists = [
        words("ministre"),
        words("tribunaux"),
        words("avocat"),
        List { kind: Some(Kind::Mail), ..words("ministre") },
        List { unit: Some(office.unit("DACS-C1")?), ..words("tribunal") },
        List { unit: Some(office.unit("DACS")?), year: Some(2026), ..words("tribunal") },
        List { late: Some(Late::Class(AgeClass::Over60)), ..words("tribunal") },
        List { stage: Some(Stage::Routed), ..words("tribunal") },
        List { open: Some(false), ..words("ministre") },
        List { unrouted: true, ..words("ministre") },
        List { clock: Some(Clock::Legal), ..words("tribunal") },
        List { at_risk: true, ..words("ministre") },
        List { year: Some(1515), ..words("ministre") },
        List { year: Some(i32::MIN), ..words("ministre") },
    ];
    let mut figures = 0;
    let mut kinds = BTreeSet::new();
    for (person, caller) in office.everybody().await? {
        for list in &lists {
            let facets = office.app.facets(&caller, list).await.fine()?;
            assert_eq!(facets.total, office.app.count(&caller, list).await.fine()?, "{person:?} {list:?}");
            let sum = |of: fn(&Facet) -> bool| -> u64 {
                facets.counts.iter().filter(|(facet, _)| of(facet)).map(|(_, count)| count).sum()
            };
            for of in [
                |facet: &Facet| matches!(facet, Facet::Kind(_)),
                |facet: &Facet| matches!(facet, Facet::Open(_)),
                |facet: &Facet| matches!(facet, Facet::Stage(_)),
                |facet: &Facet| matches!(facet, Facet::Branch(_)),
                |facet: &Facet| matches!(facet, Facet::Year(_)),
            ] {
                assert_eq!(sum(of), facets.total, "{person:?} {list:?}: {facets:?}");
            }
            for (facet, count) in facets.counts {
                let narrowed = facet.narrow(list);
                let what = format!("{person:?} {list:?} {facet:?}");
                assert_eq!(office.app.count(&caller, &narrowed).await.fine()?, count, "{what}");
                let length = u64::try_from(walk(&office, &caller, &narrowed, 9).await?.len())?;
                assert_eq!(length, count, "{what}");
                figures += 1;
                kinds.insert(format!("{facet:?}"));
            }
        }
    }
    assert!(figures > 300 && kinds.len() > 15, "{figures} figures, {kinds:?}");
    Ok(())
}

async fn what_is_older_than_the_index_is_put_there_at_the_start(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    import_all(&office).await?;
    for number in 0..3 {
        office.register(petition(&format!("Ornithorynque {number}"))).await?;
    }
    let sql = office.database.sql().await?;
    let numbers = async || -> Result<(usize, usize)> {
        let dossiers = found(&office, &clerk, "ornithorynques").await?.len();
        Ok((dossiers, walk_published(&office, "ministre", 100).await?.len()))
    };
    let before = numbers().await?;
    assert!(before.0 == 3 && before.1 > 300, "{before:?}");
    let tables: &[&str] = match engine {
        Engine::Sqlite => &["dossier_search", "dossier_words", "published_search", "published_words"],
        Engine::Postgres => &["dossier_search", "published_search"],
    };
    for table in tables {
        sql.run(&format!("DELETE FROM {table}")).await?;
    }
    assert_eq!(numbers().await?, (0, 0));
    // The first start looks over the register for what lacks words; the next one knows that nothing does.
    let looked = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&looked);
    let store = office.database.store.clone().watched(move |asked| {
        if asked.sql.contains("NOT EXISTS (SELECT 1 FROM dossier_search") {
            seen.fetch_add(1, Ordering::Relaxed);
        }
    });
    for started in 1..=2 {
        store.migrate().await?;
        assert_eq!(numbers().await?, before);
        assert_eq!(looked.swap(0, Ordering::Relaxed) > 0, started == 1, "start {started}");
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_was_not_indexed_is_seen_by_verify(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(petition("Ornithorynque")).await?;
    let sql = office.database.sql().await?;
    sql.run("UPDATE dossier_search SET digest = 'autre'").await?;
    let faults = office.faults().await?;
    assert!(matches!(&faults[..], [fault] if fault.contains("la recherche ne trouve pas")), "{faults:?}");
    Ok(())
}

async fn new_words_are_sorted_into_the_index(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let letter = office.register(petition("Le greffe de Brocéliande")).await?.dossier.reference;
    office.app.tidy_up().await.fine()?;
    assert_eq!(found(&office, &clerk, "brocéliande").await?, [letter].into());
    if engine == Engine::Postgres {
        let sql = office.database.sql().await?;
        let waiting = "SELECT gin_clean_pending_list('dossier_search_words')";
        assert_eq!(sql.one::<i64>(waiting).await?, 0);
        office.register(petition("Une autre")).await?;
        assert_eq!(sql.one::<i64>(waiting).await?, 1, "new words wait beside the index");
    }
    Ok(())
}
