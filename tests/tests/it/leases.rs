//! One connection for all that a request reads: it goes back, nobody waits in a circle for others', and one that was cut is not felt.

use std::time::{Duration, Instant};

use anyhow::Result;
use pli_app::{Caller, Intake, Lease, List};
use pli_domain::actor::Scope;
use pli_domain::ids::DossierId;
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Office, Person};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::concurrency::{DEPARTURES, transactions_left_open, walk_out};

pli_tests::on_both!(
    what_is_read_after_a_lease_is_given_back_is_read_all_the_same,
    more_at_once_than_there_are_connections_read_and_write,
    whoever_goes_away_while_they_read_leaves_the_connection_as_it_was,
);

/// The same caller, for whom all is read on the connection of a lease.
fn on(caller: Caller, lease: Lease) -> Caller {
    Caller { lease: Some(lease), ..caller }
}

async fn what_is_read_after_a_lease_is_given_back_is_read_all_the_same(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let lease = office.app.lease();
    let clerk = on(office.caller(Person::Clerk).await?, lease.clone());
    let count = async || office.app.count(&clerk, &List::default()).await.fine();
    assert_eq!(count().await?, 0);
    lease.give_back().await;
    // On SQLite what was leased saw one moment: this is another.
    office.register(petition("Écrite entre-temps")).await?;
    assert_eq!(count().await?, 1);
    lease.give_back().await;
    assert_eq!(count().await?, 1);
    Ok(())
}

/// Each reads something that is reserved, of which it is kept who has read it: by another connection than the one that is leased.
async fn more_at_once_than_there_are_connections_read_and_write(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let intake = Intake { compartment: Some(compartment), ..Intake::from(petition("Réservée")) };
    let id = office.app.register_mail(&clerk, office.key(), intake).await.fine()?.dossier.id;
    let mut reading = JoinSet::new();
    for _ in 0..40 {
        let (app, clerk): (_, Caller) = (office.app.clone(), on(clerk.clone(), office.app.lease()));
        reading.spawn(async move {
            app.count(&clerk, &List::default()).await.fine()?;
            anyhow::Ok(app.dossier(&clerk, id).await.fine()?.is_some())
        });
    }
    while let Some(read) = reading.join_next().await {
        assert!(read??);
    }
    let sql = office.database.sql().await?;
    assert!(sql.one::<i64>("SELECT count(*) FROM reading").await? > 0);
    Ok(())
}

/// A browser that leaves takes its request along, wherever that is.
async fn whoever_goes_away_while_they_read_leaves_the_connection_as_it_was(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let id = office.register(petition("Lue à demi")).await?.dossier.id;
    let sql = office.database.sql().await?;
    for steps in 0..DEPARTURES {
        let clerk = on(clerk.clone(), office.app.lease());
        walk_out(steps, office.app.dossier(&clerk, id)).await;
        drop(clerk);
        assert_eq!(transactions_left_open(engine, &sql).await?, 0, "{steps}");
        let again = on(office.caller(Person::Clerk).await?, office.app.lease());
        let subject = office.app.dossier(&again, id).await.fine()?.map(|sheet| sheet.subject);
        assert_eq!(subject.as_deref(), Some("Lue à demi"), "{steps}");
    }
    office.register(petition("Écrite après")).await?;
    Ok(())
}

/// How many connections were last asked for dossiers.
const ASKED: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%FROM \"dossier\"%' \
                     AND pid <> pg_backend_pid()";

#[tokio::test]
async fn one_connection_is_lent_until_it_is_given_back() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let (sql, store) = (office.database.sql().await?, &office.database.store);
    // There are others, who would be asked in turn.
    let mut busy = Vec::new();
    for _ in 0..4 {
        busy.push(store.begin().await?);
    }
    drop(busy);
    let lease = store.lease();
    let reader = store.reader(Scope::ALL).on(Some(&lease));
    for _ in 0..4 {
        assert!(reader.is_empty().await?);
        assert_eq!(sql.one::<i64>(ASKED).await?, 1);
    }
    lease.give_back().await;
    for _ in 0..4 {
        assert!(reader.is_empty().await?);
    }
    assert!(sql.one::<i64>(ASKED).await? > 1);
    Ok(())
}

#[tokio::test]
async fn a_connection_is_left_to_the_next_and_comes_back() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let (sql, store) = (office.database.sql().await?, &office.database.store);
    let all_are_there = async || {
        let mut writing = Vec::new();
        for _ in 0..10 {
            writing.push(store.begin().await?);
        }
        anyhow::Ok(())
    };
    let read = async || store.reader(Scope::ALL).on(Some(&store.lease())).is_empty().await;
    // For no longer than a second: a machine that takes longer than that over four of them is asked again.
    loop {
        all_are_there().await?;
        let begun = Instant::now();
        for _ in 0..4 {
            assert!(read().await?);
        }
        if begun.elapsed() < Duration::from_secs(1) {
            break;
        }
    }
    assert_eq!(sql.one::<i64>(ASKED).await?, 1, "each has asked another connection");
    // One that was cut meanwhile is not felt.
    assert!(sql.cut_the_others().await? > 1);
    assert!(read().await?);
    // Whoever is about to write gives back what they have read on, and leaves it to no reader.
    all_are_there().await?;
    for _ in 0..4 {
        let lease = store.lease();
        assert!(store.reader(Scope::ALL).on(Some(&lease)).is_empty().await?);
        lease.give_back().await;
    }
    assert!(sql.one::<i64>(ASKED).await? > 1);
    // What nobody takes any more is there for those who write.
    assert!(read().await?);
    all_are_there().await
}

#[tokio::test]
async fn connections_that_were_cut_are_not_felt() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let (sql, store) = (office.database.sql().await?, &office.database.store);
    // All of the pool's are made, and each is used.
    let mut busy = Vec::new();
    for _ in 0..8 {
        busy.push(store.begin().await?);
    }
    drop(busy);
    let lease = store.lease();
    let leased = store.reader(Scope::ALL).on(Some(&lease));
    assert!(leased.is_empty().await?);

    assert!(sql.cut_the_others().await? > 1);
    assert!(leased.is_empty().await?);
    assert!(sql.cut_the_others().await? > 0);
    assert!(store.reader(Scope::ALL).is_empty().await?);
    assert!(sql.cut_the_others().await? > 0);
    store.begin().await?.commit().await?;
    // What was cut in the middle of a command is not done again behind its back.
    let uow = store.begin().await?;
    assert!(sql.cut_the_others().await? > 0);
    assert!(uow.dossier(&Scope::ALL, DossierId(Uuid::nil())).await.is_err());
    Ok(())
}
