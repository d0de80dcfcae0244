//! Traces of accesses and of openings: kept for as long as the table of retention says, taken out after that, and not before.

use anyhow::{Context as _, Result};
use pli_domain::account::AccessEvent;
use pli_domain::dossier::Command;
use pli_domain::retention::{Class, Fate, NewRetention};
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Office, PASSWORD, Person};

pli_tests::on_both!(
    what_has_passed_its_term_goes_and_nothing_else,
    nobody_takes_out_what_is_younger,
    a_shorter_term_holds_from_the_next_night,
    what_is_said_to_have_gone_before_its_term_is_not_believed,
);

/// A day on which somebody signs in and opens what is reserved.
async fn day(office: &Office, on: &str) -> Result<()> {
    office.set_clock(&format!("{on}T10:00:00Z"))?;
    office.come_in(Person::Coordinator.login(), PASSWORD).await?.context("not let in")?;
    let coordinator = office.caller(Person::Coordinator).await?;
    office.app.dossier_by_reference(&coordinator, "SG-2026-A-000001").await.fine()?.context("not there")?;
    Ok(())
}

/// The night after a day: the seal, then what goes.
async fn night(office: &Office, after: &str) -> Result<Option<String>> {
    office.set_clock(&format!("{after}T23:50:00Z"))?;
    office.app.seal_day().await.fine()?.context("not sealed")?;
    Ok(office.app.end_traces().await.fine()?.map(|day| day.to_string()))
}

/// The office on the first of two years of traces: a reserved letter, and one day of traces of each.
async fn office(engine: Engine) -> Result<Office> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[]).await?;
    let id = office.register(petition("Candidature")).await?.dossier.id;
    office.play(id, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    for on in ["2026-11-24", "2026-12-31"] {
        day(&office, on).await?;
        assert_eq!(night(&office, on).await?, None, "too early");
    }
    Ok(office)
}

async fn days_of(office: &Office, table: &str) -> Result<Vec<String>> {
    let sql = office.database.sql().await?;
    let at = if table == "reading" { "at" } else { "CASE WHEN event = 'signed_in' THEN at END" };
    let days = format!(
        "SELECT DISTINCT substr(CAST({at} AS text), 1, 10) FROM {table} WHERE {at} IS NOT NULL ORDER BY 1"
    );
    sql.all(&days).await
}

async fn what_has_passed_its_term_goes_and_nothing_else(engine: Engine) -> Result<()> {
    let office = office(engine).await?;
    // Twelve months to the day are kept; the day after, what happened on the first day goes.
    assert_eq!(night(&office, "2027-11-24").await?, None);
    for table in ["access_journal", "reading"] {
        assert_eq!(days_of(&office, table).await?.last().map(String::as_str), Some("2026-12-31"), "{table}");
        assert!(days_of(&office, table).await?.contains(&"2026-11-24".to_owned()), "{table}");
    }
    assert_eq!(night(&office, "2027-11-25").await?, Some("2026-11-24".to_owned()));
    for table in ["access_journal", "reading"] {
        assert_eq!(days_of(&office, table).await?, ["2026-12-31"], "{table}");
    }
    let auditor = office.caller(Person::Auditor).await?;
    let told = office.app.access_journal(&auditor, None, 100).await.fine()?.items;
    let ended: Vec<_> = told.iter().filter(|entry| entry.event == AccessEvent::TracesEnded).collect();
    assert!(ended.len() == 1 && ended[0].detail == "2026-11-24" && ended[0].by.is_none(), "{ended:?}");
    assert_eq!(office.app.end_traces().await.fine()?, None, "once");
    assert_eq!(office.faults().await?, [""; 0], "the seals know of it");
    assert_eq!(night(&office, "2028-01-01").await?, Some("2026-12-31".to_owned()));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn nobody_takes_out_what_is_younger(engine: Engine) -> Result<()> {
    let office = office(engine).await?;
    let sql = office.database.sql().await?;
    for table in ["access_journal", "reading"] {
        let before: i64 = sql.one(&format!("SELECT count(*) FROM {table}")).await?;
        assert!(sql.run(&format!("DELETE FROM {table}")).await.is_err(), "{table}");
        assert_eq!(sql.one::<i64>(&format!("SELECT count(*) FROM {table}")).await?, before, "{table}");
    }
    // A year and a day later the first day may go, by hand too; what is younger still may not, nor is it changed.
    office.set_clock("2027-11-25T23:50:00Z")?;
    office.app.seal_day().await.fine()?.context("not sealed")?;
    for table in ["access_journal", "reading"] {
        let of = |day: &str| format!("DELETE FROM {table} WHERE substr(CAST(at AS text), 1, 10) = '{day}'");
        assert!(sql.run(&of("2026-12-31")).await.is_err(), "{table}");
        assert!(sql.run(&of("2026-11-24")).await? > 0, "{table}");
        assert!(sql.run(&format!("UPDATE {table} SET at = at")).await.is_err(), "{table}");
    }
    assert!(!office.faults().await?.is_empty(), "gone, and the journal does not say so");
    Ok(())
}

async fn a_shorter_term_holds_from_the_next_night(engine: Engine) -> Result<()> {
    let office = office(engine).await?;
    assert_eq!(night(&office, "2027-06-30").await?, None);
    let administrator = office.caller(Person::Administrator).await?;
    let new =
        NewRetention { seen: 1, months: 6, fate: Fate::Destroy, source: "Note du délégué".to_owned() };
    office.app.change_retention(&administrator, office.key(), Class::Access, new).await.fine()?;
    assert_eq!(night(&office, "2027-07-01").await?, Some("2026-12-31".to_owned()));
    assert!(days_of(&office, "reading").await?.is_empty());
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_is_said_to_have_gone_before_its_term_is_not_believed(engine: Engine) -> Result<()> {
    let office = office(engine).await?;
    let sql = office.database.sql().await?;
    sql.lift_the_guards().await?;
    assert!(sql.run("DELETE FROM reading").await? > 0);
    let copied = "INSERT INTO access_journal (id, at, event, detail) \
        SELECT dossier.id, max(at), 'traces_ended', '2026-12-31' FROM access_journal, dossier GROUP BY dossier.id";
    sql.run(copied).await?;
    let faults = office.faults().await?;
    assert!(faults.iter().any(|fault| fault.contains("ouvertures de dossiers réservés")), "{faults:?}");
    Ok(())
}
