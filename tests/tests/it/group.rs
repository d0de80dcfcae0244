//! Those who would wait for each other share the way to the disk: whoever writes to SQLite, and on either engine whoever registers.
//! All of it is kept, or nothing, and nobody is told before.

use anyhow::{Context as _, Result};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, poll};
use pli_domain::ids::DossierId;
use pli_domain::reference::Series;
use pli_persistence::{Claim, Store, StoreError, UnitOfWork};
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Office, Person, Sql};
use tokio::task::{JoinHandle, JoinSet, spawn};
use uuid::Uuid;

pli_tests::on_both!(
    nobody_is_told_before_all_is_kept,
    who_gives_up_takes_nothing_of_the_others_along,
    what_is_being_kept_is_not_said_to_be_done,
);

/// Has several acts wait for their turn, in order, until they are all there.
async fn queued<const N: usize>(store: &Store) -> Result<[BoxFuture<'_, Result<UnitOfWork, StoreError>>; N]> {
    let first = store.begin_registration().await?;
    let mut waiting = [(); N].map(|()| store.begin_registration().boxed());
    for each in &mut waiting {
        assert!(poll!(each).is_pending());
    }
    drop(first);
    Ok(waiting)
}

async fn next(uow: &UnitOfWork) -> Result<u32, StoreError> {
    Ok(uow.next_reference(Series::Arrival, 2026).await?.number)
}

/// How far the counter has come, as another connection sees it.
async fn seen(sql: &Sql) -> Result<i64> {
    sql.one("SELECT CAST(coalesce(max(last), 0) AS bigint) FROM counter").await
}

/// Has one's turn, takes the next number, and waits that it be kept.
async fn takes(
    begun: BoxFuture<'_, Result<UnitOfWork, StoreError>>,
    number: u32,
) -> Result<JoinHandle<Result<(), StoreError>>> {
    let uow = begun.await?;
    assert_eq!(next(&uow).await?, number);
    Ok(spawn(uow.commit()))
}

async fn nobody_is_told_before_all_is_kept(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sql = office.database.sql().await?;
    let [first, second, third] = queued(&office.database.store).await?;

    let kept = [takes(first, 1).await?, takes(second, 2).await?];
    // Whoever has the turn now comes after those two had done all but to be kept.
    let third = third.await?;
    assert_eq!(next(&third).await?, 3);
    assert_eq!(seen(&sql).await?, 0);
    assert!(kept.iter().all(|each| !each.is_finished()));
    third.commit().await?;
    for each in kept {
        each.await??;
    }
    assert_eq!(seen(&sql).await?, 3);
    Ok(())
}

async fn who_gives_up_takes_nothing_of_the_others_along(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sql = office.database.sql().await?;
    let [first, second, third] = queued(&office.database.store).await?;
    let first = takes(first, 1).await?;
    let uow = second.await?;
    assert_eq!(next(&uow).await?, 2);
    drop(uow);
    takes(third, 2).await?.await??;
    first.await??;
    assert_eq!(seen(&sql).await?, 2);

    // Alone, whoever gives up leaves nothing, and the lock is free.
    let uow = office.database.store.begin_registration().await?;
    assert_eq!(next(&uow).await?, 3);
    drop(uow);
    sql.run("UPDATE counter SET last = 5").await?;
    assert_eq!(next(&office.database.store.begin_registration().await?).await?, 6);
    Ok(())
}

#[tokio::test]
async fn whoever_has_much_to_write_has_the_others_kept_first() -> Result<()> {
    let office = Office::open(Engine::Sqlite).await?;
    let sql = office.database.sql().await?;
    let store = &office.database.store;
    let [first] = queued(store).await?;
    let uow = first.await?;
    assert_eq!(next(&uow).await?, 1);
    let mut alone = Box::pin(store.begin());
    assert!(poll!(&mut alone).is_pending());
    let first = spawn(uow.commit());
    let alone = alone.await?;
    first.await??;
    assert_eq!(seen(&sql).await?, 1);
    assert_eq!(next(&alone).await?, 2);
    alone.commit().await?;
    assert_eq!(seen(&sql).await?, 2);
    Ok(())
}

async fn what_is_being_kept_is_not_said_to_be_done(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let person = clerk.actor.user().context("nobody")?;
    let (now, subject) = (office.app.now(), Uuid::nil());
    let claim = async |uow: &UnitOfWork| uow.claim(person, "clé", "demande", subject, now).await;
    let [first, second] = queued(&office.database.store).await?;
    let uow = first.await?;
    assert_eq!(claim(&uow).await?, Claim::New);
    let first = spawn(uow.commit());
    let uow = second.await?;
    assert!(matches!(claim(&uow).await, Err(StoreError::Busy(_))));
    drop(uow);
    first.await??;
    let uow = office.database.store.begin_registration().await?;
    assert_eq!(claim(&uow).await?, Claim::Done { subject, at: now });
    Ok(())
}

/// On a full disk the engine takes back the whole transaction by itself, and goes on as if there had been none.
const TAKES_BACK: &str = "CREATE TRIGGER takes_back BEFORE UPDATE OF last ON counter WHEN new.last = 3 \
                          BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END";

#[tokio::test]
async fn what_the_engine_takes_back_is_kept_for_nobody() -> Result<()> {
    let office = Office::open(Engine::Sqlite).await?;
    let sql = office.database.sql().await?;
    sql.run("INSERT INTO counter (series, year, last) VALUES ('arrival', 2026, 1)").await?;
    sql.run(TAKES_BACK).await?;
    let [first, second, third] = queued(&office.database.store).await?;
    let first = takes(first, 2).await?;
    let uow = second.await?;
    assert!(next(&uow).await.is_err());
    drop(uow);
    // It knows of nothing, and gives up: to the engine there is a transaction again, in which nothing was written.
    let uow = third.await?;
    uow.knows_member(pli_domain::ids::MemberId(Uuid::nil())).await?;
    drop(uow);
    assert!(matches!(first.await?, Err(StoreError::Busy(_))));
    assert_eq!(seen(&sql).await?, 1);
    // The connection is not used again.
    assert_eq!(next(&office.database.store.begin_act().await?).await?, 2);
    Ok(())
}

#[tokio::test]
async fn what_was_cut_before_another_begins_is_kept_for_nobody() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let sql = office.database.sql().await?;
    let [first, second, third] = queued(&office.database.store).await?;
    let first = takes(first, 1).await?;
    // It has its turn, and writes nothing.
    let uow = second.await?;
    assert!(sql.cut_the_others().await? > 0);
    // Until none is there any more.
    while sql.cut_the_others().await? > 0 {}
    drop(uow);
    assert!(matches!(third.await, Err(StoreError::Busy(_))));
    assert!(matches!(first.await?, Err(StoreError::Busy(_))));
    assert_eq!(seen(&sql).await?, 0);
    assert_eq!(next(&office.database.store.begin_registration().await?).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_is_not_kept_because_of_another_is_done_again() -> Result<()> {
    let office = Office::open(Engine::Sqlite).await?;
    let sql = office.database.sql().await?;
    sql.run(
        "CREATE TRIGGER takes_back BEFORE INSERT ON mail WHEN new.sender = 'De trop' \
         BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END",
    )
    .await?;
    let clerk = office.caller(Person::Clerk).await?;
    let held = office.database.store.begin().await?;
    let mut working = JoinSet::new();
    for number in 0..12 {
        let (app, clerk, key) = (office.app.clone(), clerk.clone(), office.key());
        let mut mail = petition(&format!("Lettre {number}"));
        mail.sender = if number % 4 == 3 { "De trop".to_owned() } else { format!("Mme {number}") };
        working.spawn(async move { app.register_mail(&clerk, key, mail).await });
    }
    drop(held);
    let done = working.join_all().await;
    let kept: Vec<DossierId> = done.into_iter().flatten().map(|sheet| sheet.dossier.id).collect();
    assert_eq!(kept.len(), 9);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM dossier").await?, 9);
    assert_eq!(seen(&sql).await?, 9);
    assert_eq!(office.faults().await?, [""; 0]);
    for id in kept {
        assert!(office.app.dossier(&clerk, id).await.fine()?.is_some());
    }
    Ok(())
}
