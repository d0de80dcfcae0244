//! Denominations: which ministry is ours is data, and what becomes ours gets its dossier.

use anyhow::{Context as _, Result};
use pli_app::{App, Error, Files, Origin, Report};
use pli_domain::import_run::Feed;
use pli_domain::ministry::DenominationCommand;
use pli_domain::published::{Ministry, PublishedQuestion};
use pli_domain::refusal::Refusal;
use pli_domain::settings::{SettingsAction, SettingsRefusal};
use pli_persistence::Store;
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    a_name_that_is_not_known_is_told_and_added_and_its_questions_become_dossiers,
    the_day_of_the_attribution_decides,
    a_name_that_was_added_elsewhere_is_seen_by_the_next_import,
    only_administrators_of_the_ministry_keep_them,
);

const NEW: &str = "Ministère de la justice et des libertés";

/// A question published on 15 September, given to a ministry that day.
fn given(number: u32, ministry: &str) -> Result<PublishedQuestion> {
    let mut record = published(number, day("2026-09-15")?)?;
    let ministry = Ministry { reference: None, label: ministry.to_owned() };
    record.asked_ministry = Some(ministry.clone());
    for attribution in &mut record.attributions {
        attribution.ministry = ministry.clone();
        attribution.on = Some(day("2026-09-15")?);
    }
    Ok(record.seal()?)
}

async fn import(app: &App, records: Vec<PublishedQuestion>) -> Result<Report> {
    let origin = Origin { feed: Feed::Assembly, source: "questions.zip".to_owned(), digest: None };
    app.import_file(&origin, records.into_iter().map(Ok), |_| {}).await.fine()
}

async fn dossiers(office: &Office) -> Result<usize> {
    let sql = office.database.sql().await?;
    Ok(sql.all::<String>("SELECT reference FROM dossier").await?.len())
}

fn add(name: &str, from: &str, until: Option<&str>) -> Result<DenominationCommand> {
    let valid_until = until.map(day).transpose()?;
    Ok(DenominationCommand::Add { name: name.to_owned(), valid_from: day(from)?, valid_until })
}

async fn a_name_that_is_not_known_is_told_and_added_and_its_questions_become_dossiers(
    engine: Engine,
) -> Result<()> {
    let office = Office::open(engine).await?;
    let records = vec![given(1, NEW)?, given(2, "Intérieur")?, given(3, "Justice")?, given(4, NEW)?];
    let report = import(&office.app, records.clone()).await?;
    assert_eq!((report.created, report.dossiers), (4, 1));
    let administrator = office.caller(Person::Administrator).await?;
    let run = office.app.import_run(&administrator, 1).await.fine()?.context("no run")?.run;
    assert_eq!(run.ministries, [NEW]);

    let (key, command) = (office.key(), add(&NEW.to_uppercase(), "2026-09-01", None)?);
    let added = office.app.add_denomination(&administrator, key.clone(), command.clone()).await.fine()?;
    assert_eq!((added.dossiers, dossiers(&office).await?), (2, 3));
    let again = office.app.add_denomination(&administrator, key, command.clone()).await.fine()?;
    assert_eq!((again.dossiers, dossiers(&office).await?), (0, 3), "the same key is the same command");
    let taken = office.app.add_denomination(&administrator, office.key(), command).await;
    let refusal = Refusal::Settings(SettingsRefusal::DenominationTaken);
    assert!(matches!(taken, Err(Error::Refused(said)) if said == refusal));
    let entries = office.app.settings_journal(&administrator, None, 10).await.fine()?.items;
    assert_eq!(entries.first().map(|entry| entry.action), Some(SettingsAction::AddDenomination));
    let report = import(&office.app, records).await?;
    assert_eq!((report.unchanged, report.doubtful.len()), (4, 0));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn the_day_of_the_attribution_decides(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let known = office.app.denominations().await.fine()?;
    let justice = known.0.into_iter().find(|one| one.name == "Justice").context("no seed")?;
    let until = |day_| -> Result<_> {
        Ok(DenominationCommand::Change { valid_from: justice.valid_from, valid_until: Some(day(day_)?) })
    };
    let change = |command| office.app.change_denomination(&administrator, office.key(), justice.id, command);
    change(until("2026-09-14")?).await.fine()?;
    assert_eq!(import(&office.app, vec![given(1, "Justice")?]).await?.dossiers, 0);
    // The last day counts, and what was kept for searching becomes a dossier.
    assert_eq!(change(until("2026-09-15")?).await.fine()?.dossiers, 1);
    let early =
        DenominationCommand::Change { valid_from: day("2026-09-02")?, valid_until: Some(day("2026-09-01")?) };
    let refused = change(early).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::EndsBeforeItBegins { field: "validUntil" }))));
    // Taken away, it opens nothing more, and what it opened stays.
    change(DenominationCommand::Remove).await.fine()?;
    assert_eq!(import(&office.app, vec![given(2, "Justice")?]).await?.dossiers, 0);
    assert_eq!(dossiers(&office).await?, 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_name_that_was_added_elsewhere_is_seen_by_the_next_import(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    import(&office.app, vec![given(1, NEW)?]).await?;
    // As when the server stopped before it had looked at every question.
    let sql = office.database.sql().await?;
    sql.run(&format!("UPDATE denomination SET name = '{NEW}' WHERE name = 'Justice'")).await?;
    let store = Store::connect(office.database.url()).await?;
    let started = App::new(store, Files::in_folder(office.files.path()), office.clock.clone());
    let report = import(&started, vec![given(1, NEW)?]).await?;
    assert_eq!((report.updated, report.dossiers), (1, 1));
    Ok(())
}

async fn only_administrators_of_the_ministry_keep_them(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for (person, caller) in office.everybody().await? {
        let done = office.app.add_denomination(&caller, office.key(), add(NEW, "2026-09-01", None)?).await;
        if person == Person::Administrator {
            done.fine()?;
        } else {
            assert!(matches!(done, Err(Error::Refused(Refusal::OnlyFor { .. }))), "{person:?}");
        }
    }
    Ok(())
}
