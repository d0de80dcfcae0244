//! What is late, by how much, and from which day.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use chrono::{Days, Months, NaiveDate};
use pli_app::{Caller, Late, List};
use pli_domain::deadline::{AgeClass, Standing};
use pli_domain::dossier::Command;
use pli_tests::samples::{day, letter, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    each_class_begins_and_ends_on_its_day,
    a_day_later_the_right_ones_have_moved,
    a_closed_dossier_is_never_late,
    a_question_never_due_is_never_late,
    rows_follow_the_organisation_and_the_unrouted_come_first,
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
