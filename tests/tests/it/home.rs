//! What each person finds first: every figure is the length of its list, at the cost of the acts that moved it, and the table has
//! the most pressing first.

use anyhow::{Context as _, Result, ensure};
use chrono::Days;
use pli_app::{Caller, List, What, awaits};
use pli_domain::delay::code;
use pli_domain::dossier::{Command, DeclineReason};
use pli_domain::identity::QuestionType;
use pli_tests::samples::{day, draft, letter, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, PASSWORD, Person};

use crate::schema::step_back;

pli_tests::on_both!(
    each_figure_of_the_day_is_the_length_of_its_list_for_everybody,
    an_act_that_only_goes_a_stage_on_moves_one_counter,
    what_was_open_before_its_counters_is_counted_by_the_step,
    what_has_come_since_the_last_visit_is_told,
    the_table_begins_with_what_waits_for_one_and_is_most_pressing,
);

async fn fill(office: &Office) -> Result<()> {
    let clerk = office.caller(Person::Clerk).await?;
    for (number, published) in (1..).zip(["2026-07-07", "2026-09-29", "2026-11-17"]) {
        let mut asked = question(number);
        asked.published_on = day(published)?;
        let id = office.app.receive_question(&clerk, office.key(), asked).await.fine()?.dossier.id;
        if number == 1 {
            office.play(id, [(Person::Coordinator, Command::Signal { on: office.today() })]).await?;
        }
    }
    for (number, sitting) in (1..).zip(["2026-11-17", "2026-11-24", "2026-12-01", "2026-12-08"]) {
        let mut asked = question(number);
        asked.identity.kind = QuestionType::Qosd;
        asked.published_on = day(sitting)?;
        office.app.receive_question(&clerk, office.key(), asked).await.fine()?;
    }
    for days in [3, 40, 58, 80] {
        let received_on = office.today().checked_sub_days(Days::new(days)).context("date")?;
        let id = office.register(letter(received_on)).await?.dossier.id;
        office.play(id, office.to_drafting()?).await?;
    }
    let answered = office.register(petition("Répondue")).await?.dossier.id;
    let mut steps = office.to_answer()?;
    steps.pop();
    office.play(answered, steps).await?;
    let declined = office.register(petition("Refusée")).await?.dossier.id;
    let decline = Command::Decline {
        reason: DeclineReason::OtherUnit,
        proposed: Some(office.unit("DAP")?),
        note: String::new(),
    };
    let dacs = route(office.unit("DACS")?);
    office.play(declined, [(Person::Clerk, dacs), (Person::Correspondent, decline)]).await?;
    let more = office.register(petition("Report")).await?.dossier.id;
    let mut steps = office.to_drafting()?;
    steps.push((
        Person::Correspondent,
        Command::RequestExtension {
            rule: code::PETITION_INTERNAL.to_owned(),
            until: day("2027-01-10")?,
            note: "Consultation en cours.".to_owned(),
        },
    ));
    office.play(more, steps).await?;
    Ok(())
}

/// Every figure of the day is how many its list holds, for everybody; the sum of them all.
pub(crate) async fn figures_hold(office: &Office) -> Result<u64> {
    let mut seen = 0_u64;
    for (person, caller) in office.everybody().await? {
        for tile in office.app.day(&caller).await.fine()? {
            let held = office.app.count(&caller, &tile.list).await.fine()?;
            ensure!(tile.count == held, "{person:?} {:?}: {} of {held}", tile.what, tile.count);
            seen += held;
        }
    }
    Ok(seen)
}

async fn each_figure_of_the_day_is_the_length_of_its_list_for_everybody(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for _ in 0..2 {
        office.come_in(Person::Clerk.login(), PASSWORD).await?.context("not let in")?;
    }
    fill(&office).await?;
    for (person, caller) in office.everybody().await? {
        for tile in office.app.day(&caller).await.fine()? {
            let listed = office.walk(&caller, &tile.list, 4).await?;
            assert_eq!(u64::try_from(listed.len())?, tile.count, "{person:?} {:?}", tile.what);
        }
    }
    let first = figures_hold(&office).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let figures: Vec<_> =
        office.app.day(&coordinator).await.fine()?.into_iter().map(|tile| (tile.what, tile.count)).collect();
    assert_eq!(
        figures,
        [
            (What::ToRoute, 8),
            (What::Declined, 1),
            (What::Presented, 0),
            (What::Signalled, 1),
            (What::ToDecide, 1),
            (What::ToAcknowledge, 3),
            (What::ToDispatch, 1),
            (What::ToTransmit, 0),
            (What::Sittings, 2),
            (What::ThisWeek, 0),
            (What::AtRisk, 4),
            (What::Late, 3),
        ]
    );

    // Summed up, the same; reserved, gone from the figures of whoever is not named, and from no other.
    office.database.store.fold_counters(1).await?;
    assert_eq!(figures_hold(&office).await?, first);
    let clerk = office.caller(Person::Clerk).await?;
    let sheets = office.walk(&clerk, &List::default(), 100).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    for sheet in sheets.iter().filter(|sheet| sheet.dossier.stage.is_open()).step_by(2) {
        office.play(sheet.dossier.id, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    }
    let reserved = figures_hold(&office).await?;
    assert!(reserved < first && reserved > 0, "{reserved} of {first}");
    assert_eq!(office.faults().await?, [""; 0]);
    let manager = office.caller(Person::Manager).await?;
    let late = async |caller: &Caller| -> Result<Option<u64>> {
        let day = office.app.day(caller).await.fine()?;
        Ok(day.into_iter().find(|tile| tile.what == What::Late).map(|tile| tile.count))
    };
    let named = office.caller(Person::Clerk).await?;
    assert_eq!(late(&named).await?, Some(3));
    assert!(late(&manager).await? < Some(3));
    Ok(())
}

/// How many rows wait to be summed up, of the counters by direction and of those of what is open.
async fn waiting(office: &Office) -> Result<(i64, i64)> {
    let sql = office.database.sql().await?;
    let waiting = async |table| sql.one::<i64>(&format!("SELECT COUNT(*) FROM {table}")).await;
    Ok((waiting("tally_move").await?, waiting("open_move").await?))
}

async fn an_act_that_only_goes_a_stage_on_moves_one_counter(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Divorce")).await?.dossier.id;
    assert_eq!(waiting(&office).await?, (3, 1), "on each clock, and among what is open");
    office.database.store.fold_counters(1).await?;
    assert_eq!(waiting(&office).await?, (0, 0));
    office.play(id, [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    assert_eq!(waiting(&office).await?, (6, 2), "from those of no unit to those of a direction");
    office.play(id, [(Person::Correspondent, Command::Accept)]).await?;
    assert_eq!(waiting(&office).await?, (6, 4));
    office.play(id, [(Person::Drafter, draft("Madame, Monsieur,"))]).await?;
    assert_eq!(waiting(&office).await?, (6, 4), "a draft moves none");
    Ok(())
}

async fn what_was_open_before_its_counters_is_counted_by_the_step(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    fill(&office).await?;
    let known = figures_hold(&office).await?;
    step_back(&office, "m0041").await?;
    // An older Pli works on meanwhile.
    let meanwhile = async {
        for _ in 0..10 {
            office.register(petition("Entre-temps")).await?;
        }
        Ok(())
    };
    tokio::try_join!(meanwhile, async { Ok::<_, anyhow::Error>(office.database.store.migrate().await?) })?;
    assert!(figures_hold(&office).await? > known);
    office.register(petition("Depuis")).await?;
    figures_hold(&office).await?;
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_has_come_since_the_last_visit_is_told(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let arrived = async || -> Result<Option<u64>> {
        let clerk = office.caller(Person::Clerk).await?;
        let day = office.app.day(&clerk).await.fine()?;
        Ok(day.into_iter().find(|tile| tile.what == What::Arrived).map(|tile| tile.count))
    };
    let come_in = async |at: &str| -> Result<()> {
        office.set_clock(at)?;
        office.come_in(Person::Clerk.login(), PASSWORD).await?.context("not let in")?;
        Ok(())
    };
    office.register(petition("Avant")).await?;
    come_in("2026-11-23T08:00:00Z").await?;
    assert_eq!(arrived().await?, None, "the first visit has none before it");
    office.set_clock("2026-11-23T10:00:00Z")?;
    office.register(petition("Pendant")).await?;
    come_in("2026-11-24T08:00:00Z").await?;
    assert_eq!(arrived().await?, Some(1));
    come_in("2026-11-25T08:00:00Z").await?;
    assert_eq!(arrived().await?, Some(0));
    Ok(())
}

async fn the_table_begins_with_what_waits_for_one_and_is_most_pressing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    fill(&office).await?;
    let asked = office.register(petition("À accepter")).await?.dossier.id;
    office.play(asked, [(Person::Clerk, route(office.unit("DACS-C1")?))]).await?;
    let correspondent = office.caller(Person::Correspondent).await?;
    let (sheets, more) = office.app.table(&correspondent).await.fine()?;
    assert!(!more);
    assert_eq!(sheets.len(), 7, "those of the DACS and of the bureaux below it");
    assert_eq!(sheets.first().map(|sheet| sheet.dossier.id), Some(asked), "what waits for the correspondent");
    let by: Vec<_> = sheets
        .iter()
        .skip(1)
        .filter_map(|sheet| sheet.dossier.targets(&correspondent.delays).first().map(|target| target.on))
        .collect();
    assert!(by.is_sorted() && by.len() == 6, "{by:?}");
    let drafter = office.caller(Person::Drafter).await?;
    let (sheets, _) = office.app.table(&drafter).await.fine()?;
    assert_eq!(sheets.iter().filter(|sheet| awaits(&drafter, sheet)).count(), 5);
    let prisons = office.caller(Person::Prisons).await?;
    assert_eq!(office.app.table(&prisons).await.fine()?, (Vec::new(), false));
    Ok(())
}
