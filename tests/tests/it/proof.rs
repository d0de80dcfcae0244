//! Seals: what was sealed is found when it is altered, cut short or taken out whole; and the package that proves a dossier
//! away from Pli.

use anyhow::{Context as _, Result};
use pli_domain::dossier::Command;
use pli_domain::ids::DossierId;
use pli_domain::proof::Package;
use pli_tests::samples::{pdf, petition, question};
use pli_tests::{Engine, Fine as _, Office, Person};
use serde_json::{Value, json};
use tokio::task::JoinSet;

pli_tests::on_both!(
    a_day_is_sealed_once_when_it_is_over,
    several_servers_seal_a_day_once,
    a_seal_covers_what_has_moved_and_no_more,
    what_is_cut_short_or_vanishes_is_found,
    a_seal_that_is_taken_out_is_found,
    what_is_written_under_an_old_date_is_found,
    a_package_is_checked_away_from_pli,
    each_value_of_a_package_counts,
);

/// A letter that was answered, with a document, and a refusal at the end of its journal.
async fn answered(office: &Office) -> Result<DossierId> {
    let id = office.register(petition("Jurés d’assises")).await?.dossier.id;
    let scan = office.receive("lettre.pdf", &pdf("Madame")).await.fine()?;
    office.play(id, [(Person::Clerk, Command::from(scan))]).await?;
    office.play(id, office.to_answer()?).await?;
    office.act(Person::Auditor, id, Command::Accept).await?.err().context("not refused")?;
    Ok(id)
}

async fn seal(office: &Office, at: &str) -> Result<u32> {
    office.set_clock(at)?;
    Ok(office.app.seal_day().await.fine()?.context("not sealed")?.seal.leaves)
}

async fn a_day_is_sealed_once_when_it_is_over(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    answered(&office).await?;
    let sealed = office.app.seal_day().await.fine()?.context("yesterday is over")?;
    assert_eq!((sealed.seal.number, sealed.seal.day.to_string().as_str()), (1, "2026-11-21"));
    assert!(office.app.seal_day().await.fine()?.is_none(), "once");
    // Midnight in Paris has passed, but what was begun before may not be written yet.
    office.set_clock("2026-11-22T23:20:00Z")?;
    assert!(office.app.seal_day().await.fine()?.is_none(), "too early");
    office.set_clock("2026-11-22T23:40:00Z")?;
    let sealed = office.app.seal_day().await.fine()?.context("the day is over")?;
    assert_eq!((sealed.seal.number, sealed.seal.day.to_string().as_str()), (2, "2026-11-22"));
    // A server that was stopped for days seals them together.
    office.set_clock("2026-12-01T08:00:00Z")?;
    let sealed = office.app.seal_day().await.fine()?.context("days are over")?;
    assert_eq!((sealed.seal.number, sealed.seal.day.to_string().as_str()), (3, "2026-11-30"));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn several_servers_seal_a_day_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    answered(&office).await?;
    office.set_clock("2026-11-23T01:00:00Z")?;
    let mut servers = JoinSet::new();
    for _ in 0..4 {
        let app = office.app.clone();
        servers.spawn(async move { app.seal_day().await });
    }
    let mut sealed = 0;
    while let Some(done) = servers.join_next().await {
        sealed += usize::from(done?.fine()?.is_some());
    }
    assert_eq!(sealed, 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_seal_covers_what_has_moved_and_no_more(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let first = answered(&office).await?;
    office.register(petition("Autre")).await?;
    // Two dossiers and the settings.
    assert_eq!(seal(&office, "2026-11-23T01:00:00Z").await?, 3);
    let reopen = Command::Reopen { note: "Une pièce manquait.".to_owned() };
    office.act(Person::Coordinator, first, reopen).await?.fine()?;
    assert_eq!(seal(&office, "2026-11-24T01:00:00Z").await?, 2);
    assert_eq!(seal(&office, "2026-11-25T01:00:00Z").await?, 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_is_cut_short_or_vanishes_is_found(engine: Engine) -> Result<()> {
    // The last entry is a refusal, which changes no row: without a seal nobody would miss it.
    for gone in [
        vec!["journal"],
        vec!["note", "journal", "attachment", "draft", "assignment", "deadline", "mail", "dossier"],
    ] {
        let office = Office::open(engine).await?;
        let id = answered(&office).await?;
        seal(&office, "2026-11-23T01:00:00Z").await?;
        let sql = office.database.sql().await?;
        sql.lift_the_guards().await?;
        let whole = gone.len() > 1;
        for table in gone {
            let last = "seq = (SELECT max(seq) FROM journal)";
            let which = if whole { "1 = 1" } else { last };
            assert!(sql.run(&format!("DELETE FROM {table} WHERE {which}")).await? > 0, "{table}");
        }
        let faults = office.faults().await?;
        assert!(
            faults.iter().any(|fault| fault.contains("sceau 1") && fault.contains(&id.to_string())),
            "{faults:?}"
        );
    }
    Ok(())
}

async fn a_seal_that_is_taken_out_is_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    answered(&office).await?;
    for day in 23..26 {
        seal(&office, &format!("2026-11-{day}T01:00:00Z")).await?;
    }
    let sql = office.database.sql().await?;
    for attempt in ["UPDATE seal SET leaves = 0", "DELETE FROM seal_leaf", "DELETE FROM settings_proof"] {
        assert!(sql.run(attempt).await.is_err(), "{attempt}");
    }
    let kept = office.app.last_seal().await.fine()?.context("no seal")?;
    sql.lift_the_guards().await?;
    sql.run("DELETE FROM seal WHERE number = 3").await?;
    assert_eq!(office.faults().await?.len(), 1, "its leaves are left");
    sql.run("DELETE FROM seal_leaf WHERE seal = 3").await?;
    // Of the last one, taken out whole, only whoever kept it can tell.
    assert_eq!(office.faults().await?, [""; 0]);
    let left = office.app.seals(kept.seal.number).await.fine()?;
    assert!(left.is_empty());
    sql.run("DELETE FROM seal WHERE number = 1").await?;
    assert!(!office.faults().await?.is_empty());
    Ok(())
}

async fn what_is_written_under_an_old_date_is_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    answered(&office).await?;
    seal(&office, "2026-11-24T01:00:00Z").await?;
    // Whoever knows how to chain writes a letter of the day before, after the seal.
    office.set_clock("2026-11-22T09:00:00Z")?;
    office.register(petition("Antidatée")).await?;
    assert_eq!(office.faults().await?.len(), 1);
    Ok(())
}

async fn a_package_is_checked_away_from_pli(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = answered(&office).await?;
    let clerk = office.caller(Person::Clerk).await?;
    office.app.receive_question(&clerk, office.key(), question(18_094)).await.fine()?;
    seal(&office, "2026-11-23T01:00:00Z").await?;
    seal(&office, "2026-11-24T01:00:00Z").await?;
    let proof = office.app.proof(&clerk, id).await.fine()?.context("not found")?;
    assert_eq!(proof.faults, [""; 0]);
    let kept = office.app.last_seal().await.fine()?.context("no seal")?;
    let text = proof.package.json();
    let package: Package = serde_json::from_str(&text)?;
    assert_eq!(package, proof.package);
    let checked = package.check(Some((kept.seal.number, &kept.hash)));
    assert_eq!(checked.faults, [""; 0]);
    assert_eq!(checked.unsaid, [""; 0]);
    assert!(checked.holds.iter().any(|line| line.contains("celui que vous avez conservé")));
    assert!(!package.check(Some((1, &kept.hash))).faults.is_empty(), "another seal");
    assert_eq!(package.covered.len(), 1);
    assert!(!text.contains("18094") && !text.contains("Frais d’avocat"), "of others, digests only");
    // Words that are kept no more are told, and break nothing.
    let mut fewer = package.clone();
    fewer.drafts.clear();
    fewer.entries.iter_mut().for_each(|entry| entry.note = None);
    let checked = fewer.check(None);
    assert_eq!((checked.faults.len(), checked.unsaid.len()), (0, 2));
    Ok(())
}

/// Every value of the file, altered in its turn: it is no package any more, or it does not hold.
async fn each_value_of_a_package_counts(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = answered(&office).await?;
    office.register(petition("Autre")).await?;
    for at in ["2026-11-23T01:00:00Z", "2026-11-24T01:00:00Z"] {
        seal(&office, at).await?;
    }
    let clerk = office.caller(Person::Clerk).await?;
    let proof = office.app.proof(&clerk, id).await.fine()?.context("not found")?;
    let whole = serde_json::to_value(&proof.package)?;
    let (mut places, mut unseen) = (Vec::new(), Vec::new());
    scalars(&whole, String::new(), &mut places);
    assert!(places.len() > 100, "{places:?}");
    for place in places {
        let mut altered = whole.clone();
        let value = altered.pointer_mut(&place).context("no such place")?;
        *value = match value {
            Value::Bool(yes) => json!(!*yes),
            Value::Number(number) => json!(number.as_i64().unwrap_or_default() + 1),
            Value::String(text) => json!(format!("{text}x")),
            _ => json!("x"),
        };
        if serde_json::from_value::<Package>(altered)
            .is_ok_and(|package| package.check(None).faults.is_empty())
        {
            unseen.push(place);
        }
    }
    // When the file was made proves nothing, and is not proved.
    assert_eq!(unseen, [""; 0]);
    Ok(())
}

/// Where the values stand that hold no others.
fn scalars(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::Array(all) => {
            for (index, one) in all.iter().enumerate() {
                scalars(one, format!("{place}/{index}"), found);
            }
        }
        Value::Object(all) => {
            for (name, one) in all {
                scalars(one, format!("{place}/{name}"), found);
            }
        }
        _ => found.push(place),
    }
}
