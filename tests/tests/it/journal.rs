//! The journal only grows, and says so of itself.

use anyhow::{Context as _, Result};
use pli_tests::samples::petition;
use pli_tests::{Engine, Office, Person};

pli_tests::on_both!(
    an_entry_can_be_neither_changed_nor_taken_out,
    an_entry_put_in_by_hand_is_found,
    an_entry_taken_out_is_found,
    words_that_are_taken_out_are_missed,
);

/// The last entry of [`answered`], a refusal.
const LAST: i32 = 10;

async fn answered(engine: Engine) -> Result<Office> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Jurés d’assises")).await?.dossier.id;
    // One refusal in the middle, one at the end.
    office
        .act(Person::Auditor, id, pli_domain::dossier::Command::Accept)
        .await?
        .err()
        .context("not refused")?;
    office.play(id, office.to_answer()?).await?;
    office
        .act(Person::Auditor, id, pli_domain::dossier::Command::Accept)
        .await?
        .err()
        .context("not refused")?;
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(office)
}

async fn an_entry_can_be_neither_changed_nor_taken_out(engine: Engine) -> Result<()> {
    let office = answered(engine).await?;
    let sql = office.database.sql().await?;
    let before = sql.one::<i64>("SELECT count(*) FROM journal").await?;
    let mut attempts = vec![
        "UPDATE journal SET who = 'system:feed'",
        "UPDATE journal SET payload = payload WHERE seq = 1",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE seq = 9",
        "DELETE FROM dossier",
    ];
    match engine {
        Engine::Postgres => attempts.push("TRUNCATE journal CASCADE"),
        // This one deletes before it inserts, and is not an UPDATE.
        Engine::Sqlite => attempts.push(
            "INSERT OR REPLACE INTO journal SELECT dossier_id, seq, at, 'system:feed', action, from_stage, to_stage, \
             payload, accepted, hash FROM journal WHERE seq = 9",
        ),
    }
    for attempt in attempts {
        assert!(sql.run(attempt).await.is_err(), "{attempt}");
    }
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM journal").await?, before);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM journal WHERE who = 'system:feed'").await?, 0);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn an_entry_put_in_by_hand_is_found(engine: Engine) -> Result<()> {
    let office = answered(engine).await?;
    let sql = office.database.sql().await?;
    sql.run(
        "INSERT INTO journal SELECT dossier_id, 1 + (SELECT max(seq) FROM journal), at, who, action, from_stage, \
         to_stage, payload, accepted, hash FROM journal WHERE NOT accepted AND seq = 2",
    )
    .await?;
    assert_eq!(office.faults().await?.len(), 1);
    Ok(())
}

/// From the middle and from the beginning. Of the end, only a seal kept elsewhere could tell: after the last entry
/// nothing is chained to it, and a refusal changes no row.
async fn an_entry_taken_out_is_found(engine: Engine) -> Result<()> {
    let mut unseen = Vec::new();
    for seq in [1, 2, 4, 9, LAST] {
        let office = answered(engine).await?;
        let sql = office.database.sql().await?;
        sql.lift_the_guards().await?;
        assert_eq!(sql.run(&format!("DELETE FROM journal WHERE seq = {seq}")).await?, 1);
        if office.faults().await?.is_empty() {
            unseen.push(seq);
        }
    }
    assert_eq!(unseen, [LAST], "taken out, and not missed");
    Ok(())
}

/// A note may hold what a person has the right to have forgotten; its digest stays.
async fn words_that_are_taken_out_are_missed(engine: Engine) -> Result<()> {
    let office = answered(engine).await?;
    let sql = office.database.sql().await?;
    assert_eq!(sql.run("DELETE FROM note").await?, 1);
    let faults = office.faults().await?;
    assert!(
        faults.len() == 1 && faults[0].ends_with("une note manque, ou n’est pas au journal"),
        "{faults:?}"
    );
    Ok(())
}
