//! Écarts: what the public record contradicts waits for a coordinator, who adopts it or dismisses it; never anybody else.

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use pli_app::{Discrepant, Error, Sheet};
use pli_domain::actor::{Role, Scope};
use pli_domain::dossier::{Command, Discrepancy, Held, Outcome, Stage};
use pli_domain::ids::DiscrepancyId;
use pli_domain::published::{Attribution, Ministry, PublishedQuestion, PublishedText};
use pli_domain::refusal::Refusal;
use pli_tests::samples::{day, published, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use tokio::task::JoinSet;

pli_tests::on_both!(
    what_a_clerk_entered_wrong_waits_and_is_adopted_once,
    what_was_dismissed_comes_back_only_with_another_value,
    what_agrees_again_is_gone,
    what_a_person_does_after_the_import_is_compared_at_the_next,
    only_a_coordinator_decides_and_only_who_sees_the_dossier_finds_it,
    a_transfer_that_nobody_asked_waits,
);

async fn import(office: &Office, record: &PublishedQuestion) -> Result<()> {
    let report = office.app.import([Ok(record.clone())].into_iter(), |_| {}).await.fine()?;
    anyhow::ensure!(report.rejected.is_empty(), "{report:?}");
    Ok(())
}

/// A question that a clerk entered as published on 15 September.
async fn entered(office: &Office, number: u32) -> Result<Sheet> {
    let clerk = office.caller(Person::Clerk).await?;
    office.app.receive_question(&clerk, office.key(), question(number)).await.fine()
}

async fn waiting(office: &Office, person: Person) -> Result<Vec<Discrepant>> {
    let caller = office.caller(person).await?;
    let page = office.app.discrepancies(&caller, None, 100).await.fine()?;
    let count = office.app.count_discrepancies(&caller).await.fine()?;
    assert_eq!(usize::try_from(count)?, page.items.len(), "the figure is the length of its list");
    Ok(page.items)
}

async fn only(office: &Office) -> Result<DiscrepancyId> {
    let [one] = waiting(office, Person::Coordinator).await?.try_into().ok().context("not one")?;
    Ok(one.found.id)
}

async fn what_a_clerk_entered_wrong_waits_and_is_adopted_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sheet = entered(&office, 1).await?;
    import(&office, &published(1, day("2026-09-08")?)?).await?;
    let [one] = waiting(&office, Person::Coordinator).await?.try_into().ok().context("not one")?;
    assert_eq!(one.found.point, Discrepancy::Publication { on: day("2026-09-08")? });
    assert_eq!(one.held.map(Held::french).as_deref(), Some("le 15/09/2026"));
    assert_eq!(one.sheet.dossier.due_on(), Some(day("2026-11-15")?), "nothing is overwritten");

    let coordinator = office.caller(Person::Coordinator).await?;
    let (key, id) = (office.key(), one.found.id);
    let adopted = office.app.adopt_discrepancy(&coordinator, key.clone(), id).await.fine()?;
    assert_eq!(adopted.dossier.due_on(), Some(day("2026-11-08")?));
    let again = office.app.adopt_discrepancy(&coordinator, key, id).await.fine()?;
    assert_eq!(again, adopted, "the same key is the same command");
    let late = office.app.adopt_discrepancy(&coordinator, office.key(), id).await;
    assert!(matches!(late, Err(Error::Refused(Refusal::NoDiscrepancy))), "{late:?}");
    assert!(waiting(&office, Person::Coordinator).await?.is_empty());
    import(&office, &published(1, day("2026-09-08")?)?).await?;
    assert!(waiting(&office, Person::Coordinator).await?.is_empty());
    let lines = office.app.journal(&coordinator, sheet.dossier.id, 0, 100).await.fine()?.items;
    let told: Vec<_> = lines.iter().map(|line| (line.entry.action.as_str(), line.entry.accepted)).collect();
    assert_eq!(told, [("receive", true), ("rectify", true), ("rectify", false)]);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn two_who_decide_at_once_decide_once() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let dossier = entered(&office, 1).await?.dossier.id;
    import(&office, &published(1, day("2026-09-08")?)?).await?;
    let (coordinator, id) = (office.caller(Person::Coordinator).await?, only(&office).await?);
    // Both have found it waiting before one of them may go on.
    let held = office.database.store.begin().await?;
    held.dossier(&Scope::ALL, dossier).await?;
    let mut deciding = JoinSet::new();
    for note in ["Le JO du 8 a été retiré.", "Il a été retiré."] {
        let (app, coordinator, key) = (office.app.clone(), coordinator.clone(), office.key());
        deciding.spawn(async move { app.dismiss_discrepancy(&coordinator, key, id, note.to_owned()).await });
    }
    office.database.sql().await?.until_locked_out(2).await?;
    drop(held);
    let (done, late): (Vec<_>, Vec<_>) = deciding.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), late.len()), (1, 1));
    assert!(late.iter().all(|late| matches!(late, Err(Error::Refused(Refusal::NoDiscrepancy)))), "{late:?}");
    Ok(())
}

async fn what_was_dismissed_comes_back_only_with_another_value(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sheet = entered(&office, 1).await?;
    import(&office, &published(1, day("2026-09-08")?)?).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let id = only(&office).await?;
    let dismiss =
        |note: &str| office.app.dismiss_discrepancy(&coordinator, office.key(), id, note.to_owned());
    let silent = dismiss(" ").await;
    assert!(matches!(silent, Err(Error::Refused(Refusal::Required { field: "note" }))), "{silent:?}");
    let kept = dismiss("Le JO du 8 a été retiré.").await.fine()?;
    assert_eq!(kept.dossier.received_on, sheet.dossier.received_on);
    let mut same = published(1, day("2026-09-08")?)?;
    same.rubric = Some("justice".to_owned());
    import(&office, &same.seal()?).await?;
    assert!(waiting(&office, Person::Coordinator).await?.is_empty(), "the same value was dismissed");
    import(&office, &published(1, day("2026-09-22")?)?).await?;
    let [other] = waiting(&office, Person::Coordinator).await?.try_into().ok().context("not one")?;
    assert_eq!(other.found.point, Discrepancy::Publication { on: day("2026-09-22")? });
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_agrees_again_is_gone(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    entered(&office, 1).await?;
    import(&office, &published(1, day("2026-09-08")?)?).await?;
    let id = only(&office).await?;
    import(&office, &published(1, day("2026-09-15")?)?).await?;
    assert!(waiting(&office, Person::Coordinator).await?.is_empty());
    let coordinator = office.caller(Person::Coordinator).await?;
    let adopted = office.app.adopt_discrepancy(&coordinator, office.key(), id).await;
    assert!(matches!(adopted, Err(Error::Refused(Refusal::NoDiscrepancy))), "{adopted:?}");
    import(&office, &published(1, day("2026-09-08")?)?).await?;
    assert_eq!(only(&office).await?, id);
    Ok(())
}

async fn what_a_person_does_after_the_import_is_compared_at_the_next(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut record = published(1, day("2026-09-15")?)?;
    let answer = |on: NaiveDate| PublishedText { on: Some(on), page: None, html: None, erratum: false };
    import(&office, &record).await?;
    let auditor = office.caller(Person::Auditor).await?;
    let sheet =
        office.app.dossier_by_reference(&auditor, "AN-17-QE-1").await.fine()?.context("not opened")?;
    office
        .play(sheet.dossier.id, [(Person::Coordinator, Command::Withdraw { on: day("2026-11-03")? })])
        .await?;
    record.answers.push(answer(day("2026-11-17")?));
    import(&office, &record.clone().seal()?).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let id = only(&office).await?;
    let answered = office.app.adopt_discrepancy(&coordinator, office.key(), id).await.fine()?;
    assert_eq!(answered.dossier.stage, Stage::Closed(Outcome::Answered));
    assert_eq!(answered.dossier.closed_on, Some(day("2026-11-17")?));

    // A record that stays as it is contradicts what is done after it was kept.
    let other = published(2, day("2026-09-15")?)?;
    let mut other = PublishedQuestion { signalled: None, ..other };
    other.signalled = Some(pli_domain::published::Signalment {
        deposited_on: Some(day("2026-11-10")?),
        published_on: None,
    });
    let clerk = office.caller(Person::Clerk).await?;
    let theirs = office.app.receive_question(&clerk, office.key(), question(2)).await.fine()?;
    office
        .play(theirs.dossier.id, [(Person::Coordinator, Command::Withdraw { on: day("2026-11-03")? })])
        .await?;
    let withdrawn = PublishedQuestion { answers: vec![answer(day("2026-11-17")?)], ..other }.seal()?;
    import(&office, &withdrawn).await?;
    let id = only(&office).await?;
    office.app.dismiss_discrepancy(&coordinator, office.key(), id, "Non.".to_owned()).await.fine()?;
    office.set_clock("2026-11-24T09:00:00Z")?;
    import(&office, &withdrawn).await?;
    assert!(waiting(&office, Person::Coordinator).await?.is_empty());
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn only_a_coordinator_decides_and_only_who_sees_the_dossier_finds_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sheet = entered(&office, 1).await?;
    office.play(sheet.dossier.id, [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    import(&office, &published(1, day("2026-09-08")?)?).await?;
    let id = only(&office).await?;
    for (person, caller) in office.everybody().await? {
        let sees = office.app.dossier(&caller, sheet.dossier.id).await.fine()?.is_some();
        assert_eq!(!waiting(&office, person).await?.is_empty(), sees, "{person:?}");
        if caller.actor.has(Role::Coordinator) {
            continue;
        }
        let refused = office.app.adopt_discrepancy(&caller, office.key(), id).await;
        match refused {
            Err(Error::NotFound) => assert!(!sees, "{person:?}"),
            Err(Error::Refused(Refusal::NotYours { .. })) => assert!(sees, "{person:?}"),
            other => anyhow::bail!("{person:?}: {other:?}"),
        }
    }
    assert_eq!(only(&office).await?, id);
    Ok(())
}

async fn a_transfer_that_nobody_asked_waits(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut record = published(1, day("2026-09-15")?)?;
    import(&office, &record).await?;
    let interior = Ministry { reference: None, label: "Intérieur".to_owned() };
    record.attributions.push(Attribution { ministry: interior, on: Some(day("2026-10-06")?), cause: None });
    import(&office, &record.seal()?).await?;
    let id = only(&office).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let gone = office.app.adopt_discrepancy(&coordinator, office.key(), id).await.fine()?;
    assert_eq!(gone.dossier.stage, Stage::Closed(Outcome::Transferred));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}
