//! Each sees what concerns them, and every way of reading agrees on what that is.

use anyhow::{Context as _, Result};
use pli_app::{Caller, Error, List, Position, Sheet};
use pli_domain::actor::Reach;
use pli_domain::dossier::{Command, DeclineReason, Kind};
use pli_tests::samples::{day, draft, letter, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    every_way_of_reading_agrees_on_what_is_seen,
    every_figure_of_retards_opens_a_list_of_that_length,
    one_direction_does_not_find_the_others_dossier,
    an_administrator_reads_no_dossier,
    a_unit_that_declined_sees_it_no_more,
    a_search_finds_only_what_may_be_read,
    whoever_may_read_may_not_always_act,
);

/// A dossier in each situation that the rules of sight tell apart, all of them late.
async fn a_bit_of_everything(office: &Office) -> Result<Vec<Sheet>> {
    let (dacs, dap, c1) = (office.unit("DACS")?, office.unit("DAP")?, office.unit("DACS-C1")?);
    let decline = |proposed| Command::Decline {
        reason: DeclineReason::OtherUnit,
        proposed: Some(proposed),
        note: "Pas nous.".to_owned(),
    };
    let with = |lead, contributors, informed| Command::Route { lead, contributors, informed };
    let coordinator = Person::Coordinator;
    let compartment = async |name, others: &[Person]| -> Result<Command> {
        Ok(Command::Reserve { compartment: office.compartment(name, coordinator, others).await? })
    };
    let reserve = compartment("Nominations", &[Person::Drafter, Person::Prisons]).await?;
    let reserve_too = compartment("Grâces", &[Person::Manager]).await?;
    let stories: Vec<Vec<(Person, Command)>> = vec![
        vec![],
        vec![(coordinator, route(dacs))],
        vec![(coordinator, route(dap))],
        vec![(coordinator, with(dap, vec![dacs], vec![]))],
        vec![(coordinator, with(dap, vec![], vec![c1]))],
        vec![(coordinator, with(dacs, vec![dap], vec![])), (Person::Correspondent, decline(dap))],
        vec![(coordinator, route(dap)), (Person::Prisons, decline(dacs)), (coordinator, route(dacs))],
        vec![(coordinator, route(dacs)), (coordinator, Command::Reroute { lead: dap })],
        vec![
            (coordinator, route(c1)),
            (Person::Correspondent, Command::Accept),
            (Person::Drafter, draft("A")),
        ],
        vec![(Person::Clerk, Command::Cancel { note: "Erreur.".to_owned() })],
        office.to_answer()?,
        vec![(coordinator, reserve), (coordinator, route(dacs))],
        vec![(coordinator, route(c1)), (coordinator, reserve_too)],
    ];
    let mut sheets = Vec::new();
    for (days, story) in (0..).zip(stories) {
        let received = day("2026-08-01")? + chrono::TimeDelta::days(days * 9);
        let mut sheet = office.register(letter(received.min(day("2026-09-20")?))).await?;
        if !story.is_empty() {
            sheet = office.play(sheet.dossier.id, story).await?;
        }
        sheets.push(sheet);
    }
    let clerk = office.caller(Person::Clerk).await?;
    for (number, lead) in (1..).zip([None, Some(dap), Some(c1)]) {
        let mut sheet = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        if let Some(lead) = lead {
            sheet = office.play(sheet.dossier.id, [(coordinator, route(lead))]).await?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// What the domain says of it, from the dossier itself: not by the query.
fn may_read(caller: &Caller, sheet: &Sheet) -> bool {
    sheet.dossier.is_in(&caller.scope)
}

async fn every_way_of_reading_agrees_on_what_is_seen(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sheets = a_bit_of_everything(&office).await?;
    let mut seen = Vec::new();
    for (person, caller) in office.everybody().await? {
        for sheet in &sheets {
            let id = sheet.dossier.id;
            let expected = may_read(&caller, sheet).then_some(sheet);
            let what = format!("{person:?} {}", sheet.dossier.reference);
            assert_eq!(office.app.dossier(&caller, id).await.fine()?.as_ref(), expected, "{what}");
            let named = office.app.dossier_by_reference(&caller, &sheet.dossier.reference).await.fine()?;
            assert_eq!(named.as_ref(), expected, "{what}");
            let journal = office.app.journal(&caller, id, 0, 100).await.fine()?;
            assert_eq!(!journal.items.is_empty(), expected.is_some(), "{what}");
            let text = office.app.draft(&caller, sheet).await.fine()?;
            assert_eq!(text.is_some(), expected.is_some() && sheet.dossier.draft.is_some(), "{what}");
            let words = Some(sheet.dossier.reference.clone());
            let found = office.app.count(&caller, &List { words, ..List::default() }).await.fine()?;
            assert_eq!(found, u64::from(expected.is_some()), "{what}");
        }
        for list in lists(&office)? {
            let walked = office.walk(&caller, &list, 3).await.with_context(|| format!("{list:?}"))?;
            let mut expected: Vec<_> = sheets.iter().filter(|sheet| may_read(&caller, sheet)).collect();
            expected.retain(|sheet| listed(&office, &list, sheet));
            expected.sort_by_key(|sheet| (Position::of(sheet, None).due_on, sheet.dossier.id));
            assert_eq!(names(walked.iter()), names(expected), "{person:?} {list:?}");
            let counted = office.app.count(&caller, &list).await.fine()?;
            assert_eq!(counted, u64::try_from(walked.len())?, "{person:?} {list:?}");
        }
        seen.push((person, office.walk(&caller, &List::default(), 100).await?.len()));
    }
    let everything = sheets.len();
    let expected = Person::ALL.map(|person| match person {
        Person::Administrator => (person, 0),
        Person::Correspondent | Person::Approver => (person, 7),
        // The reserved one of her unit, in whose compartment she is named; its owner reads both, the manager one.
        Person::Drafter => (person, 8),
        Person::Prisons => (person, 5),
        Person::Coordinator => (person, everything),
        Person::Manager => (person, everything - 1),
        _ => (person, everything - 2),
    });
    assert_eq!(seen, expected);
    Ok(())
}

fn lists(office: &Office) -> Result<Vec<List>> {
    Ok(vec![
        List::default(),
        List { open: Some(true), ..List::default() },
        List { open: Some(false), ..List::default() },
        List { kind: Some(Kind::Question), ..List::default() },
        List { unrouted: true, ..List::default() },
        List { unit: Some(office.unit("DACS")?), ..List::default() },
        List { unit: Some(office.unit("DAP")?), open: Some(true), ..List::default() },
        List { late: Some(pli_app::Late::Any), ..List::default() },
        List { words: Some("tribunal DE  proximite".to_owned()), ..List::default() },
    ])
}

fn names<'a>(sheets: impl IntoIterator<Item = &'a Sheet>) -> Vec<&'a str> {
    sheets.into_iter().map(|sheet| sheet.dossier.reference.as_str()).collect()
}

/// What a list asks for, said again without a database.
fn listed(office: &Office, list: &List, sheet: &Sheet) -> bool {
    let dossier = &sheet.dossier;
    let open = dossier.stage.is_open();
    let late = dossier.due_on().is_some_and(|due| due < office.today());
    list.open.is_none_or(|wanted| wanted == open)
        && list.kind.is_none_or(|kind| kind == dossier.kind())
        && (!list.unrouted || dossier.lead.is_none())
        && list.unit.is_none_or(|unit| {
            dossier.lead.is_some_and(|lead| office.organisation.path(lead).contains(&unit))
        })
        && (list.late.is_none() || (open && late))
        && (list.words.is_none() || sheet.subject.contains("tribunal de proximité"))
}

async fn every_figure_of_retards_opens_a_list_of_that_length(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    a_bit_of_everything(&office).await?;
    for instant in ["2026-11-22T09:00:00Z", "2026-12-15T09:00:00Z", "2027-03-01T09:00:00Z"] {
        office.set_clock(instant)?;
        let mut figures = 0;
        for (person, caller) in office.everybody().await? {
            let retards = office.app.retards(&caller, &List::default()).await.fine()?;
            let late = List { late: Some(pli_app::Late::Any), ..List::default() };
            let all: u64 = retards.rows.iter().map(|row| row.count(None)).sum();
            assert_eq!(all, office.app.count(&caller, &late).await.fine()?, "{person:?}");
            for row in &retards.rows {
                for class in [None].into_iter().chain(row.counts.keys().copied().map(Some)) {
                    let list = row.list(class);
                    let length = u64::try_from(office.walk(&caller, &list, 4).await?.len())?;
                    assert_eq!(row.count(class), length, "{person:?} {row:?} {class:?}");
                    assert_eq!(office.app.count(&caller, &list).await.fine()?, length, "{person:?} {row:?}");
                    figures += 1;
                }
            }
        }
        assert!(figures > 40, "{figures} figures only on {instant}");
    }
    Ok(())
}

async fn one_direction_does_not_find_the_others_dossier(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let prisons = office.caller(Person::Prisons).await?;
    let id = office.register(petition("Divorce")).await?.dossier.id;
    let drafting = office.play(id, office.to_drafting()?).await?;
    let before = lines(&office, &drafting).await?;
    for command in [Command::Accept, draft("Nous"), Command::Submit, Command::Sign] {
        let outcome = office.app.act(&prisons, office.order(id, command)).await.failed()?;
        assert!(matches!(outcome, Error::NotFound), "{outcome:?}");
        // A version that is wrong says no more than one that is right.
        let mut order = office.order(id, Command::Accept);
        order.version = Some(77);
        assert!(matches!(office.app.act(&prisons, order).await.failed()?, Error::NotFound));
    }
    assert_eq!(lines(&office, &drafting).await?, before, "who sees nothing leaves no trace");
    Ok(())
}

async fn lines(office: &Office, sheet: &Sheet) -> Result<usize> {
    let auditor = office.caller(Person::Auditor).await?;
    Ok(office.app.journal(&auditor, sheet.dossier.id, 0, 100).await.fine()?.items.len())
}

async fn an_administrator_reads_no_dossier(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    a_bit_of_everything(&office).await?;
    let administrator = office.caller(Person::Administrator).await?;
    assert_eq!(administrator.scope.reach, Reach::Nothing);
    assert_eq!(office.walk(&administrator, &List::default(), 100).await?, []);
    assert_eq!(office.app.retards(&administrator, &List::default()).await.fine()?.rows, []);
    let first = office.app.dossier_by_reference(&administrator, "SG-2026-A-000001").await.fine()?;
    assert_eq!(first, None);
    Ok(())
}

async fn a_unit_that_declined_sees_it_no_more(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let prisons = office.caller(Person::Prisons).await?;
    let id = office.register(petition("Parloir")).await?.dossier.id;
    assert_eq!(office.app.dossier(&prisons, id).await.fine()?, None);
    office.play(id, [(Person::Clerk, route(office.unit("DAP-SM")?))]).await?;
    assert!(office.app.dossier(&prisons, id).await.fine()?.is_some(), "a unit below is one's own");
    let note = "Aucun établissement n’est nommé.".to_owned();
    let decline = Command::Decline { reason: DeclineReason::Other, proposed: None, note };
    office.play(id, [(Person::Prisons, decline)]).await?;
    assert_eq!(office.app.dossier(&prisons, id).await.fine()?, None);
    let outcome = office.app.act(&prisons, office.order(id, Command::Accept)).await.failed()?;
    assert!(matches!(outcome, Error::NotFound), "{outcome:?}");
    assert_eq!(office.walk(&prisons, &List::default(), 100).await?, []);
    Ok(())
}

/// Whatever is typed.
async fn a_search_finds_only_what_may_be_read(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    a_bit_of_everything(&office).await?;
    let prisons = office.caller(Person::Prisons).await?;
    let mine = office.walk(&prisons, &List::default(), 100).await?.len();
    for words in ["%", "_", "SG-2026", "'; --", "\\", "tribunal%"] {
        let list = List { words: Some(words.to_owned()), ..List::default() };
        let found = office.walk(&prisons, &list, 100).await?;
        assert!(found.len() <= mine, "{words}");
        assert!(found.iter().all(|sheet| may_read(&prisons, sheet)), "{words}");
    }
    Ok(())
}

async fn whoever_may_read_may_not_always_act(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Greffe")).await?.dossier.id;
    for person in [Person::Manager, Person::Auditor, Person::Signatory] {
        let caller = office.caller(person).await?;
        let sheet = office.app.dossier(&caller, id).await.fine()?.context("not seen")?;
        assert_eq!(sheet.dossier.allowed(&caller.actor, &caller.organisation), []);
        let refusal = office.act(person, id, route(office.unit("DSJ")?)).await?.refused()?;
        assert_eq!(refusal.code(), "NOT_YOURS");
    }
    let administrator = office.act(Person::Administrator, id, route(office.unit("DSJ")?)).await?;
    assert!(matches!(administrator.failed()?, Error::NotFound));
    Ok(())
}
