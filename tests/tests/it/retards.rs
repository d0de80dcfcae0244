//! What is late, by how much, and from which day.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use chrono::{Days, Months, NaiveDate};
use pli_app::{Caller, Figure, Late, List};
use pli_domain::deadline::{AgeClass, Standing, Timeliness};
use pli_domain::delay::Clock;
use pli_domain::dossier::{Command, Kind};
use pli_domain::organisation::UnitCommand;
use pli_tests::samples::{day, letter, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use strum::VariantArray as _;

pli_tests::on_both!(
    each_class_begins_and_ends_on_its_day,
    a_day_later_the_right_ones_have_moved,
    a_closed_dossier_is_never_late,
    a_question_never_due_is_never_late,
    rows_follow_the_organisation_and_the_unrouted_come_first,
    counters_say_what_the_lists_hold_whoever_asks,
    a_counter_that_is_wrong_is_found,
);

/// Days late: on each side of every border.
const BORDERS: [u64; 8] = [0, 1, 15, 16, 30, 31, 60, 61];

/// Registers, for each number of days late, a letter that is late by so much.
async fn late_by(office: &Office, days: &[u64]) -> Result<BTreeMap<u64, String>> {
    let mut references = BTreeMap::new();
    for days in days {
        let due = office.today().checked_sub_days(Days::new(*days)).context("too far back")?;
        let received = due.checked_sub_months(Months::new(2)).context("too far back")?;
        let sheet = office.register(letter(received)).await?;
        assert_eq!(sheet.dossier.due_on(), Some(due));
        references.insert(*days, sheet.dossier.reference);
    }
    Ok(references)
}

/// The references of a class.
async fn in_class(office: &Office, caller: &Caller, class: AgeClass) -> Result<Vec<String>> {
    let list = List { late: Some(Late::Class(class)), ..List::default() };
    let mut found: Vec<_> =
        office.walk(caller, &list, 100).await?.into_iter().map(|sheet| sheet.dossier.reference).collect();
    found.sort();
    Ok(found)
}

async fn counts(office: &Office, caller: &Caller) -> Result<Vec<(AgeClass, u64)>> {
    let retards = office.app.retards(caller, &List::default()).await.fine()?;
    assert!(retards.rows.len() <= 1, "{:?}", retards.rows);
    Ok(retards.rows.into_iter().flat_map(|row| row.counts).collect())
}

async fn each_class_begins_and_ends_on_its_day(engine: Engine) -> Result<()> {
    use AgeClass::{Over60, UpTo15, UpTo30, UpTo60};
    let office = Office::open(engine).await?;
    let manager = office.caller(Person::Manager).await?;
    let references = late_by(&office, &BORDERS).await?;
    assert_eq!(counts(&office, &manager).await?, [(UpTo15, 2), (UpTo30, 2), (UpTo60, 2), (Over60, 1)]);
    for (class, days) in [(UpTo15, [1, 15]), (UpTo30, [16, 30]), (UpTo60, [31, 60])] {
        let expected = days.map(|days| references[&days].clone());
        assert_eq!(in_class(&office, &manager, class).await?, expected);
    }
    assert_eq!(in_class(&office, &manager, Over60).await?, [references[&61].clone()]);
    let list = List { late: Some(Late::Any), ..List::default() };
    assert_eq!(office.app.count(&manager, &list).await.fine()?, 7);
    // Each list says of its dossiers what the one function of the domain says.
    for sheet in office.walk(&manager, &List::default(), 100).await? {
        let late_by = (office.today() - sheet.dossier.due_on().context("never due")?).num_days();
        let standing = sheet.dossier.term().standing(office.today());
        let expected =
            if late_by > 0 { Standing::Late { by: late_by } } else { Standing::OnTime { left: -late_by } };
        assert_eq!(standing, expected);
    }
    Ok(())
}

async fn a_day_later_the_right_ones_have_moved(engine: Engine) -> Result<()> {
    use AgeClass::{Over60, UpTo15, UpTo30, UpTo60};
    let office = Office::open(engine).await?;
    let manager = office.caller(Person::Manager).await?;
    late_by(&office, &BORDERS).await?;
    // 23.59.59 in Paris: still the same day.
    office.set_clock("2026-11-22T22:59:59Z")?;
    assert_eq!(counts(&office, &manager).await?, [(UpTo15, 2), (UpTo30, 2), (UpTo60, 2), (Over60, 1)]);
    // Midnight: the last day of one has passed, and each of 15, 30 and 60 is in the next class.
    office.set_clock("2026-11-22T23:00:00Z")?;
    assert_eq!(counts(&office, &manager).await?, [(UpTo15, 2), (UpTo30, 2), (UpTo60, 2), (Over60, 2)]);
    office.set_clock("2026-11-23T23:00:00Z")?;
    assert_eq!(counts(&office, &manager).await?, [(UpTo15, 2), (UpTo30, 2), (UpTo60, 2), (Over60, 2)]);
    office.set_clock("2027-02-01T08:00:00Z")?;
    assert_eq!(counts(&office, &manager).await?, [(Over60, 8)]);
    Ok(())
}

async fn a_closed_dossier_is_never_late(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let manager = office.caller(Person::Manager).await?;
    let references = late_by(&office, &[5, 20, 40, 90]).await?;
    assert_eq!(counts(&office, &manager).await?.len(), 4);
    let clerk = office.caller(Person::Clerk).await?;
    for (days, reference) in references {
        let sheet = office.app.dossier_by_reference(&clerk, &reference).await.fine()?.context("gone")?;
        let id = sheet.dossier.id;
        if days == 5 {
            let closed = office.play(id, office.to_answer()?).await?;
            let standing = closed.dossier.term().standing(office.today());
            assert_eq!(standing, Standing::AnsweredLate { by: 5 });
        } else {
            office.play(id, [(Person::Clerk, Command::Cancel { note: "Erreur.".to_owned() })]).await?;
        }
    }
    assert_eq!(office.app.retards(&manager, &List::default()).await.fine()?.rows, []);
    for late in [Late::Any, Late::Class(AgeClass::UpTo15), Late::Class(AgeClass::Over60)] {
        // Even when the list is asked for among the closed ones: only what is open is late.
        let list = List { late: Some(late), open: Some(false), ..List::default() };
        assert_eq!(office.app.count(&manager, &list).await.fine()?, 0);
    }
    Ok(())
}

async fn a_question_never_due_is_never_late(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut oral = question(7);
    oral.identity.kind = pli_domain::identity::QuestionType::Qosd;
    oral.published_on = day("2026-12-01")?;
    let sheet = office.app.receive_question(&clerk, office.key(), oral).await.fine()?;
    assert_eq!(sheet.dossier.due_on(), Some(day("2026-11-30")?), "the brief, before the sitting");
    // Once the brief is delivered nothing is due any more: the answer is given in the chamber.
    let mut steps = office.to_answer()?;
    steps.pop();
    steps.push((Person::Coordinator, Command::Transmit));
    let sheet = office.play(sheet.dossier.id, steps).await?;
    assert_eq!(sheet.dossier.due_on(), None);
    office.set_clock("2126-11-22T09:00:00Z")?;
    let clerk = office.caller(Person::Clerk).await?;
    assert_eq!(office.app.retards(&clerk, &List::default()).await.fine()?.rows, []);
    // It stands last in the list, after everything that is due.
    office.register(letter(NaiveDate::default())).await?;
    let list = office.walk(&clerk, &List::default(), 1).await?;
    assert_eq!(list.last().map(|last| last.dossier.id), Some(sheet.dossier.id));
    Ok(())
}

async fn rows_follow_the_organisation_and_the_unrouted_come_first(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let manager = office.caller(Person::Manager).await?;
    let references = late_by(&office, &[3, 4, 5, 6, 7]).await?;
    let leads = ["SG-SEM-CTX", "DAP-SM-IP-DET", "DACS-C1", "DACS"];
    for (reference, lead) in references.values().zip(leads) {
        let sheet = office.app.dossier_by_reference(&manager, reference).await.fine()?.context("gone")?;
        office.play(sheet.dossier.id, [(Person::Clerk, route(office.unit(lead)?))]).await?;
    }
    let rows = office.app.retards(&manager, &List::default()).await.fine()?.rows;
    let code = |unit| office.organisation.unit(unit).map(|unit| unit.code.as_str());
    let told: Vec<_> = rows.iter().map(|row| (row.unit.and_then(code), row.count(None))).collect();
    assert_eq!(told, [(None, 1), (Some("DACS"), 2), (Some("DAP"), 1), (Some("SG"), 1)]);
    Ok(())
}

/// Every figure is how many its list holds, for everybody; some of them, which are not nought.
async fn figures_hold(office: &Office) -> Result<u64> {
    let mut seen = 0_u64;
    let unit = |code: &str| office.unit(code).map(Some);
    let units = [None, unit("DACS")?, unit("DACS-C1")?, unit("MJ")?];
    for (person, caller) in office.everybody().await? {
        let lists = units.iter().map(|unit| List { unit: *unit, ..List::default() });
        let lists = lists.chain([
            List { clock: Some(Clock::Legal), ..List::default() },
            List { clock: Some(Clock::Internal), kind: Some(Kind::Mail), ..List::default() },
            List { kind: Some(Kind::Question), ..List::default() },
            List { unrouted: true, ..List::default() },
        ]);
        for list in lists {
            let mut figures = Vec::new();
            for row in office.app.retards(&caller, &list).await.fine()?.rows {
                let classes = AgeClass::VARIANTS.iter().copied().map(Some).chain([None]);
                figures.extend(classes.map(|class| (row.count(class), row.list(class))));
            }
            let year = (day("2026-01-01")?, office.today());
            let [due] = office.app.on_time(&caller, &list, [year]).await.fine()?;
            for row in &due.rows {
                figures.push((row.due, due.list(Some(row), false)));
                figures.push((row.in_time, due.list(Some(row), true)));
            }
            for week in office.app.trend(&caller, &list).await.fine()?.weeks {
                for figure in Timeliness::VARIANTS.iter().copied().map(Figure::Answered) {
                    figures.push((week.count(figure), week.list(figure).context("no list")?));
                }
            }
            for (figure, behind) in figures {
                let held = office.app.count(&caller, &behind).await.fine()?;
                assert_eq!(figure, held, "{person:?}: {behind:?}");
                seen += figure;
            }
        }
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(seen)
}

async fn counters_say_what_the_lists_hold_whoever_asks(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let references = late_by(&office, &BORDERS).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut ids = Vec::new();
    for reference in references.values() {
        let sheet = office.app.dossier_by_reference(&clerk, reference).await.fine()?.context("gone")?;
        ids.push(sheet.dossier.id);
    }
    office.app.receive_question(&clerk, office.key(), question(1)).await.fine()?;
    for (id, lead) in ids.iter().zip(["DACS", "DACS-C1", "SG-SEM-CTX"]) {
        office.play(*id, [(Person::Clerk, route(office.unit(lead)?))]).await?;
    }
    for id in &ids[5..7] {
        office.play(*id, office.to_answer()?).await?;
    }
    let first = figures_hold(&office).await?;
    assert!(first > 100, "{first}");

    // Reserved: gone from the figures of whoever is not named, and from no other.
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    for id in [ids[1], ids[6]] {
        office.play(id, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    }
    let reserved = figures_hold(&office).await?;
    assert!(reserved < first, "{reserved} of {first}");
    let manager = office.caller(Person::Manager).await?;
    let late = async |caller: &Caller| -> Result<u64> {
        let rows = office.app.retards(caller, &List::default()).await.fine()?.rows;
        Ok(rows.iter().map(|row| row.count(None)).sum())
    };
    let named = office.caller(Person::Clerk).await?;
    let [named, manager] = [late(&named).await?, late(&manager).await?];
    assert_eq!((named, manager), (6, 5), "seven letters less the two answered, and a question");

    // Summed up, the same; and a unit that goes to another direction takes its dossiers along.
    assert!(office.database.store.fold_counters(1).await? > 0);
    assert_eq!(office.database.store.fold_counters(1).await?, 0, "nothing is left to sum up");
    assert_eq!(figures_hold(&office).await?, reserved);
    let administrator = office.caller(Person::Administrator).await?;
    let moved = UnitCommand::Change { name: None, kind: None, parent: Some(office.unit("DAP")?) };
    let unit = office.unit("SG-SEM")?;
    office.app.change_unit(&administrator, office.key(), unit, moved).await.fine()?;
    figures_hold(&office).await?;
    let manager = office.caller(Person::Manager).await?;
    let rows = office.app.retards(&manager, &List::default()).await.fine()?.rows;
    let of = |code| rows.iter().find(|row| row.unit == office.unit(code).ok()).map(|row| row.count(None));
    assert_eq!((of("DAP"), of("SG")), (Some(1), None));
    office.play(ids[2], [(Person::Coordinator, Command::Reopen { note: "Suite.".to_owned() })]).await.ok();
    figures_hold(&office).await?;
    Ok(())
}

async fn a_counter_that_is_wrong_is_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    late_by(&office, &BORDERS).await?;
    office.database.store.fold_counters(1).await?;
    let sql = office.database.sql().await?;
    for (wrong, mended) in [
        ("UPDATE tally_week SET number = number + 1", "UPDATE tally_week SET number = number - 1"),
        ("UPDATE tally SET number = number + 1", "UPDATE tally SET number = number - 1"),
        ("UPDATE open_tally SET number = number + 1", "UPDATE open_tally SET number = number - 1"),
        ("UPDATE open_tally SET stage = 'routed'", "UPDATE open_tally SET stage = 'registered'"),
        ("DELETE FROM tally", ""),
    ] {
        assert_eq!(office.faults().await?, [""; 0], "before {wrong}");
        sql.run(wrong).await?;
        let faults = office.faults().await?;
        assert!(faults.iter().any(|fault| fault.starts_with("compteurs")), "{wrong}: {faults:?}");
        sql.run(mended).await?;
    }
    Ok(())
}
