//! The figures of past days: each opens a list of that length, whatever is reserved, released, moved or done meanwhile.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use pli_app::{App, Figure, Files, Late, List};
use pli_domain::deadline::AgeClass;
use pli_domain::delay::Clock;
use pli_domain::dossier::{Command, Kind};
use pli_domain::ids::DossierId;
use pli_domain::organisation::UnitCommand;
use pli_persistence::Store;
use pli_tests::samples::{letter, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use strum::VariantArray as _;

use crate::schema::step_back;

pli_tests::on_both!(
    past_figures_hold_whatever_is_done_at_random,
    a_snapshot_that_an_older_pli_took_is_read_and_counted_later,
    snapshots_older_than_their_counters_are_counted_by_the_step,
    what_is_reserved_while_a_snapshot_is_taken_is_in_no_counter,
    a_past_counter_that_is_wrong_is_found,
);

/// Every past figure is how many its list holds, for those who are named in compartments and those who are not; how many in all.
async fn figures_hold(office: &Office) -> Result<u64> {
    let classes = AgeClass::VARIANTS.iter().map(|class| Figure::Late(Late::Class(*class)));
    let figures: Vec<_> = classes.chain([Figure::Late(Late::Any), Figure::AtRisk, Figure::Open]).collect();
    let mut seen = 0_u64;
    for person in [Person::Manager, Person::Clerk, Person::Correspondent] {
        let caller = office.caller(person).await?;
        for list in [
            List::default(),
            List { clock: Some(Clock::Legal), kind: Some(Kind::Question), ..List::default() },
            List { clock: Some(Clock::Internal), unit: Some(office.unit("SG")?), ..List::default() },
            List { unit: Some(office.unit("DACS-C1")?), ..List::default() },
            List { unrouted: true, ..List::default() },
        ] {
            for week in office.app.trend(&caller, &list).await.fine()?.weeks {
                for figure in &figures {
                    let Some(behind) = week.list(*figure) else { continue };
                    let held = office.app.count(&caller, &behind).await.fine()?;
                    assert_eq!(week.count(*figure), held, "{person:?}: {behind:?}");
                    seen += held;
                }
            }
        }
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(seen)
}

async fn next_morning(office: &Office) -> Result<()> {
    office.clock.set(office.now().instant() + TimeDelta::days(1));
    office.app.take_snapshot().await.fine()?;
    Ok(())
}

/// Some letters and questions, of all ages, in several units.
async fn some_dossiers(office: &Office) -> Result<Vec<DossierId>> {
    let mut ids = Vec::new();
    for number in 0..10_u32 {
        let received = office.today() - TimeDelta::days(i64::from(number) * 15);
        let id = if number % 3 == 0 {
            let clerk = office.caller(Person::Clerk).await?;
            let mut new = question(number + 1);
            new.published_on = received;
            office.app.receive_question(&clerk, office.key(), new).await.fine()?.dossier.id
        } else {
            office.register(letter(received)).await?.dossier.id
        };
        let unit = ["DACS", "DACS-C1", "SG-SEM-CTX", "DAP"].get(usize::try_from(number)?);
        if let Some(unit) = unit {
            office.play(id, [(Person::Coordinator, route(office.unit(unit)?))]).await?;
        }
        ids.push(id);
    }
    Ok(ids)
}

async fn past_figures_hold_whatever_is_done_at_random(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = some_dossiers(&office).await?;
    let first = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    let second = office.compartment("Grâces", Person::Coordinator, &[]).await?;
    let (mut seen, mut accepted, mut draw) = (0, 0, 7_u64);
    let mut drawn = |of: u64| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) % of
    };
    office.app.take_snapshot().await.fine()?;
    for _ in 0..45 {
        let id = ids[usize::try_from(drawn(10))?];
        let (person, command) = match drawn(9) {
            0..3 => (
                Person::Coordinator,
                Command::Reserve { compartment: if drawn(2) == 0 { first } else { second } },
            ),
            3..5 => (Person::Coordinator, Command::Release { note: "Plus rien de secret.".to_owned() }),
            5 => (Person::Coordinator, route(office.unit("DAP")?)),
            6 => (Person::Clerk, Command::Cancel { note: "Erreur.".to_owned() }),
            7 => (Person::Coordinator, Command::Reopen { note: "À revoir.".to_owned() }),
            _ => {
                for _ in 0..=drawn(4) {
                    next_morning(&office).await?;
                }
                seen += figures_hold(&office).await?;
                continue;
            }
        };
        accepted += u32::from(office.act(person, id, command).await?.is_ok());
        seen += figures_hold(&office).await?;
    }
    // A unit that goes to another direction takes its past along, as the lists do.
    let administrator = office.caller(Person::Administrator).await?;
    let moved = UnitCommand::Change { name: None, kind: None, parent: Some(office.unit("DAP")?) };
    office.app.change_unit(&administrator, office.key(), office.unit("SG-SEM")?, moved).await.fine()?;
    seen += figures_hold(&office).await?;
    assert!(accepted > 15 && seen > 5_000, "{accepted} acts, {seen}");
    Ok(())
}

async fn a_snapshot_that_an_older_pli_took_is_read_and_counted_later(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    some_dossiers(&office).await?;
    let sql = office.database.sql().await?;
    let uncounted = async || sql.one::<i64>("SELECT COUNT(*) FROM snapshot WHERE NOT counted").await;
    next_morning(&office).await?;
    next_morning(&office).await?;
    let known = figures_hold(&office).await?;
    assert_eq!(uncounted().await?, 0);
    sql.run("UPDATE snapshot SET counted = FALSE").await?;
    sql.run("DELETE FROM past_tally").await?;
    assert_eq!(figures_hold(&office).await?, known, "read row by row");
    next_morning(&office).await?;
    assert_eq!(uncounted().await?, 0);
    figures_hold(&office).await?;
    // What is not shown any more is not counted either.
    office.clock.set(office.now().instant() + TimeDelta::days(100));
    office.app.take_snapshot().await.fine()?;
    assert_eq!(uncounted().await?, 3);
    let oldest = sql.one::<i64>("SELECT COUNT(DISTINCT day) FROM past_tally").await?;
    assert_eq!(oldest, 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn snapshots_older_than_their_counters_are_counted_by_the_step(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = some_dossiers(&office).await?;
    for _ in 0..8 {
        next_morning(&office).await?;
    }
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    office.play(ids[2], [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    let known = figures_hold(&office).await?;
    let sql = office.database.sql().await?;
    let tally = async || {
        sql.one::<String>(
            "SELECT COUNT(*) || ' ' || SUM(up_to15 + 3 * up_to30 + 5 * up_to60 + 7 * over60 + 11 * at_risk + 13 * on_time) \
             FROM past_tally WHERE up_to15 + up_to30 + up_to60 + over60 + at_risk + on_time > 0",
        )
        .await
    };
    let before = tally().await?;
    step_back(&office, "m0039").await?;
    office.database.store.migrate().await?;
    assert_eq!(tally().await?, before);
    assert_eq!(figures_hold(&office).await?, known);
    office.play(ids[2], [(Person::Coordinator, Command::Release { note: "Paru.".to_owned() })]).await?;
    assert!(figures_hold(&office).await? > known);
    Ok(())
}

async fn what_is_reserved_while_a_snapshot_is_taken_is_in_no_counter(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = some_dossiers(&office).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let store = Store::connect(office.database.url()).await?;
    let other = App::new(store, Files::in_folder(office.files.path()), office.clock.clone());
    let mut reserved = false;
    for _ in 0..6 {
        office.clock.set(office.now().instant() + TimeDelta::days(1));
        reserved = !reserved;
        let taken = {
            let other = other.clone();
            tokio::spawn(async move { other.take_snapshot().await })
        };
        let acts: Vec<_> = ids
            .iter()
            .map(|id| {
                let command = if reserved {
                    Command::Reserve { compartment }
                } else {
                    Command::Release { note: "Paru.".to_owned() }
                };
                let (app, caller, order) =
                    (office.app.clone(), coordinator.clone(), office.order(*id, command));
                tokio::spawn(async move { app.act(&caller, order).await.map(drop) })
            })
            .collect();
        assert!(taken.await?.fine()?);
        for act in acts {
            act.await?.fine()?;
        }
        assert_eq!(office.faults().await?, [""; 0]);
    }
    figures_hold(&office).await?;
    Ok(())
}

async fn a_past_counter_that_is_wrong_is_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    some_dossiers(&office).await?;
    office.app.take_snapshot().await.fine()?;
    assert_eq!(office.faults().await?, [""; 0]);
    let sql = office.database.sql().await?;
    for wrong in ["UPDATE past_tally SET over60 = over60 + 1", "DELETE FROM past_tally"] {
        sql.run(wrong).await?;
        let faults = office.faults().await?;
        let found = faults.iter().find(|fault| fault.starts_with("compteurs"));
        found.context("not found")?;
    }
    Ok(())
}
