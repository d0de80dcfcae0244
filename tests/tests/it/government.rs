//! A change of government on both engines: what was shown is what moves, once, whatever stops in between, and the record that
//! comes later finds nothing to object.

use std::path::Path;

use anyhow::{Context as _, Result};
use pli_app::{Error, List, Sheet};
use pli_domain::dossier::{Command, Outcome, Stage};
use pli_domain::government::{Aside, Change, Destination};
use pli_domain::published::{Attribution, Ministry, PublishedQuestion};
use pli_domain::refusal::Refusal;
use pli_domain::settings::{SettingsAction, SettingsRefusal};
use pli_feeds::assemblee;
use pli_tests::samples::{day, published, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    what_was_shown_moves_once_and_the_denominations_with_it,
    real_questions_move_and_the_record_that_follows_contradicts_nothing,
    what_goes_to_another_ministry_ends_here_and_may_come_back,
    what_was_interrupted_goes_on_when_it_is_asked_again,
    what_is_reserved_moves_with_the_rest_and_is_not_told,
    only_administrators_of_the_ministry_change_it,
);

const NEW: &str = "Ministère de la justice et des libertés";

fn renamed() -> Result<Change> {
    Ok(Change {
        from: "Justice".to_owned(),
        to: Destination::Ours(NEW.to_owned()),
        on: day("2026-11-10")?,
        unit: None,
    })
}

fn handed_over() -> Result<Change> {
    Ok(Change { to: Destination::Other("Intérieur".to_owned()), ..renamed()? })
}

async fn import(office: &Office, records: &[PublishedQuestion]) -> Result<()> {
    let report = office.app.import(records.iter().cloned().map(Ok), |_| {}).await.fine()?;
    anyhow::ensure!(report.rejected.is_empty(), "{report:?}");
    Ok(())
}

async fn named(office: &Office, reference: &str) -> Result<Sheet> {
    let auditor = office.caller(Person::Auditor).await?;
    office.app.dossier_by_reference(&auditor, reference).await.fine()?.with_context(|| reference.to_owned())
}

/// Four questions given to us in September, one given after the decree, and one of another ministry. The second waits for
/// another ministry, the third is signed.
async fn six(office: &Office) -> Result<Vec<PublishedQuestion>> {
    let mut records = Vec::new();
    for number in 1..=4 {
        records.push(published(number, day("2026-09-15")?)?);
    }
    records.push(published(5, day("2026-11-17")?)?);
    let mut other = published(6, day("2026-09-15")?)?;
    other.attributions.clear();
    other.asked_ministry = Some(Ministry { reference: None, label: "Intérieur".to_owned() });
    records.push(other.seal()?);
    import(office, &records).await?;
    let asked = Command::RequestTransfer { ministry: "Armées".to_owned() };
    office.play(named(office, "AN-17-QE-2").await?.dossier.id, [(Person::Coordinator, asked)]).await?;
    let third = named(office, "AN-17-QE-3").await?.dossier.id;
    let mut steps = vec![(Person::Coordinator, route(office.unit("DACS")?))];
    steps.extend(office.to_answer()?.into_iter().filter(|(_, step)| {
        !matches!(step, Command::Route { .. } | Command::Dispatch { .. } | Command::Acknowledge { .. })
    }));
    office.play(third, steps).await?;
    assert_eq!(named(office, "AN-17-QE-3").await?.dossier.stage, Stage::Ready);
    Ok(records)
}

fn references(sheets: &[Sheet]) -> Vec<&str> {
    let mut names: Vec<_> = sheets.iter().map(|sheet| sheet.dossier.reference.as_str()).collect();
    names.sort_unstable();
    names
}

async fn what_was_shown_moves_once_and_the_denominations_with_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    six(&office).await?;
    let keeper = office.caller(Person::Administrator).await?;
    let held = office.app.open_by_denomination(&keeper).await.fine()?;
    assert_eq!(
        held.iter().map(|one| (one.ministry.as_deref(), one.count)).collect::<Vec<_>>(),
        [(Some("Justice"), 5)]
    );
    let under = office.app.open_under(&keeper, Some("Justice")).await.fine()?;
    assert_eq!(under.len(), 5, "the figure opens its list");
    let before: i64 = office.database.sql().await?.one("SELECT COUNT(*) FROM journal").await?;
    let shown = office.app.preview_government(&keeper, renamed()?).await.fine()?;
    // Those that are due on one day stand in no order that a person would know.
    let mut shown_names: Vec<_> = shown.moves.iter().map(|one| one.reference.as_str()).collect();
    shown_names.sort_unstable();
    assert_eq!(shown_names, ["AN-17-QE-1", "AN-17-QE-4"]);
    let aside: Vec<_> = shown.aside.iter().map(|(why, left)| (*why, left[0].reference.as_str())).collect();
    let expected =
        [(Aside::Signed, "AN-17-QE-3"), (Aside::TransferPending, "AN-17-QE-2"), (Aside::Later, "AN-17-QE-5")];
    assert_eq!(aside, expected);
    let after: i64 = office.database.sql().await?.one("SELECT COUNT(*) FROM journal").await?;
    assert_eq!(after, before, "nothing is changed");

    let due = named(&office, "AN-17-QE-1").await?.dossier.due_on();
    let key = office.key();
    let done = office.app.change_government(&keeper, key.clone(), renamed()?).await.fine()?;
    let again = office.app.change_government(&keeper, key.clone(), renamed()?).await.fine()?;
    assert_eq!((again.id, again.ended_at.is_some()), (done.id, true), "the same key is the same command");
    let other = office.app.change_government(&keeper, key, handed_over()?).await;
    assert!(matches!(other, Err(Error::KeyReused)), "{other:?}");
    let (_, moved) =
        office.app.government_change(&keeper, done.id, None, 100).await.fine()?.context("none")?;
    assert_eq!(references(&moved.items), ["AN-17-QE-1", "AN-17-QE-4"]);
    assert_eq!(office.app.moved_by(done.id).await.fine()?, 2);
    let coordinator = office.caller(Person::Coordinator).await?;
    let list = List { government: Some(done.id), ..List::default() };
    assert_eq!(references(&office.walk(&coordinator, &list, 1).await?), ["AN-17-QE-1", "AN-17-QE-4"]);
    let one = named(&office, "AN-17-QE-1").await?.dossier;
    assert_eq!((one.stage, one.due_on()), (Stage::Received, due), "no delay starts again");
    assert_eq!(
        one.question().and_then(|question| question.renamed.clone()).context("not renamed")?.ministry,
        NEW
    );
    let lines = office.app.journal(&coordinator, one.id, 0, 10).await.fine()?.items;
    let told: Vec<_> = lines.iter().map(|line| line.entry.action.as_str()).collect();
    assert_eq!(told, ["receive", "rename"]);

    let known = office.app.denominations().await.fine()?;
    assert!(known.are_ours(NEW, Some(day("2026-11-10")?)) && !known.are_ours(NEW, Some(day("2026-11-09")?)));
    // What still appears under the old name within thirty days is ours.
    assert!(known.are_ours("Justice", Some(day("2026-12-10")?)));
    assert!(!known.are_ours("Justice", Some(day("2026-12-11")?)));
    let entries = office.app.settings_journal(&keeper, None, 10).await.fine()?.items;
    assert_eq!(entries.first().map(|entry| entry.action), Some(SettingsAction::ChangeGovernment));
    assert_eq!(entries.len(), 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

/// The written questions of the real archive, as if they had been put to us.
fn real() -> Result<Vec<PublishedQuestion>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/feeds/fixtures/assemblee/Questions_ecrites_extrait.json.zip");
    let ours = |record: PublishedQuestion| {
        let justice = Ministry { reference: None, label: "Justice".to_owned() };
        let attributions =
            record.attributions.iter().map(|one| Attribution { ministry: justice.clone(), ..one.clone() });
        let attributions = attributions.collect();
        Ok(PublishedQuestion { asked_ministry: Some(justice.clone()), attributions, ..record }.seal()?)
    };
    assemblee::open(&path)?.map(|record| ours(record?)).collect()
}

async fn real_questions_move_and_the_record_that_follows_contradicts_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut records = real()?;
    import(&office, &records).await?;
    let keeper = office.caller(Person::Administrator).await?;
    let change = Change { on: day("2026-11-22")?, ..renamed()? };
    let shown = office.app.preview_government(&keeper, change.clone()).await.fine()?;
    assert!(shown.moves.len() > 10 && shown.aside.is_empty(), "{} move", shown.moves.len());
    let done = office.app.change_government(&keeper, office.key(), change.clone()).await.fine()?;
    assert_eq!(office.app.moved_by(done.id).await.fine()?, u64::try_from(shown.moves.len())?);

    // The record has not followed yet; then it tells the same, on the day of the decree or a week later.
    import(&office, &records).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    assert_eq!(office.app.count_discrepancies(&coordinator).await.fine()?, 0);
    let new = Ministry { reference: None, label: NEW.to_owned() };
    for (record, later) in records.iter_mut().zip([false, true].into_iter().cycle()) {
        let on = if later { "2026-11-29" } else { "2026-11-22" };
        let cause = Some("JO_LOI_DECRET".to_owned());
        record.attributions.push(Attribution { ministry: new.clone(), on: Some(day(on)?), cause });
        *record = record.clone().seal()?;
    }
    import(&office, &records).await?;
    assert_eq!(office.app.count_discrepancies(&coordinator).await.fine()?, 0, "no false écart");
    let held = office.app.open_by_denomination(&keeper).await.fine()?;
    assert_eq!(held.iter().map(|one| one.ministry.as_deref()).collect::<Vec<_>>(), [Some(NEW)]);
    let nothing = office.app.preview_government(&keeper, change).await.fine()?;
    assert_eq!((nothing.moves.len(), nothing.aside.len()), (0, 0));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_goes_to_another_ministry_ends_here_and_may_come_back(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut records = six(&office).await?;
    let dacs = office.unit("DACS")?;
    let first = named(&office, "AN-17-QE-1").await?.dossier.id;
    office.play(first, [(Person::Coordinator, route(office.unit("DACS-C1")?))]).await?;
    let keeper = office.caller(Person::Administrator).await?;
    let change = Change { unit: Some(dacs), ..handed_over()? };
    let done = office.app.change_government(&keeper, office.key(), change).await.fine()?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let list = List { government: Some(done.id), ..List::default() };
    let moved = office.walk(&coordinator, &list, 10).await?;
    assert_eq!(references(&moved), ["AN-17-QE-1"], "only what that unit or one below it leads");
    assert_eq!(moved[0].dossier.stage, Stage::Closed(Outcome::Transferred));
    let known = office.app.denominations().await.fine()?;
    assert!(known.are_ours("Justice", Some(day("2027-01-01")?)), "our names stay as they are");

    // The record follows: nothing to object. Then it gives the question back: a person says.
    let give = |record: &mut PublishedQuestion, label: &str, on: &str| -> Result<()> {
        let ministry = Ministry { reference: None, label: label.to_owned() };
        record.attributions.push(Attribution { ministry, on: Some(day(on)?), cause: None });
        *record = record.clone().seal()?;
        Ok(())
    };
    import(&office, &records).await?;
    give(&mut records[0], "Intérieur", "2026-11-10")?;
    import(&office, &records).await?;
    assert_eq!(office.app.count_discrepancies(&coordinator).await.fine()?, 0);
    give(&mut records[0], "Justice", "2026-11-17")?;
    import(&office, &records).await?;
    let waiting = office.app.discrepancies(&coordinator, None, 10).await.fine()?.items;
    assert_eq!(waiting.len(), 1);
    office.app.adopt_discrepancy(&coordinator, office.key(), waiting[0].found.id).await.fine()?;
    assert_eq!(named(&office, "AN-17-QE-1").await?.dossier.stage, Stage::Received);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_was_interrupted_goes_on_when_it_is_asked_again(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    six(&office).await?;
    let keeper = office.caller(Person::Administrator).await?;
    let key = office.key();
    let done = office.app.change_government(&keeper, key.clone(), renamed()?).await.fine()?;
    // As when the server stopped after the first question.
    let sql = office.database.sql().await?;
    sql.run("UPDATE government_change SET ended_at = NULL").await?;
    sql.run("DELETE FROM government_move").await?;
    for again in [key, office.key()] {
        sql.run("UPDATE government_change SET ended_at = NULL").await?;
        let resumed = office.app.change_government(&keeper, again.clone(), renamed()?).await.fine()?;
        assert_eq!((resumed.id, resumed.ended_at.is_some()), (done.id, true));
        let repeated = office.app.change_government(&keeper, again, renamed()?).await.fine()?;
        assert_eq!(repeated.id, done.id);
    }
    // Nothing is done twice: what has moved is under the old name no more.
    let told: i64 = sql.one("SELECT COUNT(*) FROM journal WHERE action = 'rename'").await?;
    assert_eq!(told, 2);
    let changes = office.app.government_changes(&keeper).await.fine()?;
    assert_eq!(changes.len(), 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_is_reserved_moves_with_the_rest_and_is_not_told(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    six(&office).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    let fourth = named(&office, "AN-17-QE-4").await?.dossier.id;
    office.play(fourth, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    let keeper = office.caller(Person::Administrator).await?;
    let shown = office.app.preview_government(&keeper, renamed()?).await.fine()?;
    assert_eq!(shown.moves.len(), 1);
    assert_eq!(office.app.open_by_denomination(&keeper).await.fine()?[0].count, 4);
    let done = office.app.change_government(&keeper, office.key(), renamed()?).await.fine()?;
    assert_eq!(office.app.moved_by(done.id).await.fine()?, 1, "not told");
    let coordinator = office.caller(Person::Coordinator).await?;
    let list = List { government: Some(done.id), ..List::default() };
    assert_eq!(references(&office.walk(&coordinator, &list, 10).await?), ["AN-17-QE-1", "AN-17-QE-4"]);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn only_administrators_of_the_ministry_change_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    six(&office).await?;
    for (person, caller) in office.everybody().await? {
        let shown = office.app.preview_government(&caller, renamed()?).await;
        let done = office.app.change_government(&caller, office.key(), handed_over()?).await;
        let changes = office.app.government_changes(&caller).await;
        if person == Person::Administrator {
            shown.fine()?;
            changes.fine()?;
            let id = done.fine()?.id;
            let list = office.app.government_change(&caller, id, None, 10).await.fine()?.context("none")?;
            assert_eq!(list.1.items.len(), 2);
            continue;
        }
        for refused in [shown.map(drop), done.map(drop), changes.map(drop)] {
            assert!(matches!(refused, Err(Error::Refused(Refusal::OnlyFor { .. }))), "{person:?}");
        }
    }
    let keeper = office.caller(Person::Administrator).await?;
    let unknown = Change { from: "Défense".to_owned(), ..renamed()? };
    let refused = office.app.change_government(&keeper, office.key(), unknown).await;
    let refusal = Refusal::Settings(SettingsRefusal::DenominationUnknown);
    assert!(matches!(refused, Err(Error::Refused(said)) if said == refusal));
    Ok(())
}
