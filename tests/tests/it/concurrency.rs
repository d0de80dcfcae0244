//! Many at once: nothing is lost, nothing is done by halves, and nobody waits for ever.

use std::collections::BTreeSet;
use std::future;
use std::sync::Arc;
use std::task::Poll;

use anyhow::Result;
use futures_util::future::join;
use futures_util::{FutureExt as _, poll};
use pli_app::{Caller, Error, List, Order};
use pli_domain::account::TokenScope;
use pli_domain::dossier::Command;
use pli_domain::ids::DossierId;
use pli_tests::samples::{draft, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person, Sql};
use tokio::sync::Notify;
use tokio::task::{self, JoinSet};

pli_tests::on_both!(
    eight_at_work_on_one_dossier_lose_nothing,
    a_command_on_a_stale_version_changes_nothing,
    of_two_who_saw_the_same_version_one_is_told,
    a_registration_whose_caller_goes_away_is_whole_or_not_there,
    an_act_whose_caller_goes_away_is_whole_or_not_there,
    a_command_that_was_begun_is_done_even_if_nobody_waits_for_it,
    a_transaction_given_up_as_it_begins_is_not_left_open,
    twelve_duplicates_at_once_all_pass,
    a_verification_among_writers_finds_no_fault,
    those_who_wait_to_write_keep_nobody_from_reading,
);

/// Runs each order in a task of its own; the versions that came of it, and how many were refused.
async fn all_at_once(office: &Office, lists: Vec<(Caller, Vec<Order>)>) -> Result<(Vec<u32>, usize)> {
    let mut tasks = JoinSet::new();
    for (caller, orders) in lists {
        let app = office.app.clone();
        tasks.spawn(async move {
            let (mut versions, mut refused) = (Vec::new(), 0_usize);
            for order in orders {
                match app.act(&caller, order).await {
                    Ok(sheet) => versions.push(sheet.version),
                    Err(Error::Refused(_)) => refused += 1,
                    Err(other) => anyhow::bail!("{other:?}"),
                }
            }
            Ok((versions, refused))
        });
    }
    let (mut versions, mut refused) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (some, few) = done??;
        versions.extend(some);
        refused += few;
    }
    versions.sort_unstable();
    Ok((versions, refused))
}

async fn eight_at_work_on_one_dossier_lose_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sheet = office.app.receive_question(&clerk, office.key(), question(1)).await.fine()?;
    let id = sheet.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    let mut lists = Vec::new();
    for number in 0..8_usize {
        let person = [Person::Drafter, Person::Approver, Person::Coordinator, Person::Signatory][number % 4];
        let command = |turn: usize| match person {
            Person::Coordinator => Command::Renew { on: office.today() },
            Person::Signatory => Command::Sign,
            _ => draft(&format!("Version {turn} de la tâche {number}")),
        };
        let orders = (0..25).map(|turn| office.order(id, command(turn))).collect();
        lists.push((office.caller(person).await?, orders));
    }
    let (versions, refused) = all_at_once(&office, lists).await?;
    assert_eq!(refused, 50, "to sign is refused in that stage, and nothing else is");
    assert_eq!(versions, (4..=153).collect::<Vec<_>>());

    let now = office.app.dossier(&clerk, id).await.fine()?;
    assert_eq!(now.as_ref().map(|sheet| sheet.version), Some(153));
    let dossier = now.map(|sheet| sheet.dossier);
    assert_eq!(dossier.as_ref().and_then(|dossier| dossier.question()).map(|facts| facts.renewals), Some(50));
    assert_eq!(dossier.and_then(|dossier| dossier.draft).map(|draft| draft.version), Some(100));
    let sql = office.database.sql().await?;
    assert_eq!(sql.one::<i64>("SELECT count(DISTINCT text) FROM draft").await?, 100);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM journal").await?, 203);
    assert_eq!(sql.one::<i32>("SELECT max(seq) FROM journal").await?, 203);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_command_on_a_stale_version_changes_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let id = office.register(petition("Gracié")).await?.dossier.id;
    let routed = office.play(id, [(Person::Clerk, route(office.unit("DACG")?))]).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    for version in [0, 1, 3] {
        let mut order = office.order(id, Command::Reroute { lead: office.unit("DACS")? });
        order.version = Some(version);
        assert!(matches!(office.app.act(&coordinator, order).await.failed()?, Error::Stale), "{version}");
    }
    assert_eq!(office.app.dossier(&clerk, id).await.fine()?, Some(routed));
    let lines = office.app.journal(&clerk, id, 0, 100).await.fine()?;
    assert_eq!(lines.items.len(), 2);

    // Its key is free: whoever has read again may say the same again.
    let mut order = office.order(id, Command::Reroute { lead: office.unit("DACS")? });
    order.version = Some(1);
    assert!(matches!(office.app.act(&coordinator, order.clone()).await.failed()?, Error::Stale));
    order.version = Some(2);
    assert_eq!(office.app.act(&coordinator, order).await.fine()?.version, 3);
    Ok(())
}

async fn of_two_who_saw_the_same_version_one_is_told(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let coordinator = office.caller(Person::Coordinator).await?;
    let id = office.register(petition("Gracié")).await?.dossier.id;
    office.play(id, [(Person::Clerk, route(office.unit("DACG")?))]).await?;
    for round in 0..10_u32 {
        let mut tasks = JoinSet::new();
        let leads = if round % 2 == 0 { ["DACS", "DPJJ"] } else { ["DACG", "DAP"] };
        for lead in leads {
            let mut order = office.order(id, Command::Reroute { lead: office.unit(lead)? });
            order.version = Some(round + 2);
            let (app, coordinator) = (office.app.clone(), coordinator.clone());
            tasks.spawn(async move { app.act(&coordinator, order).await });
        }
        let outcomes = tasks.join_all().await;
        let stale = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::Stale))).count();
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!((done, stale), (1, 1), "{outcomes:?}");
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

/// How often somebody goes away, each time one step later.
pub(crate) const DEPARTURES: usize = 35;

/// Begins a piece of work and drops it after that many steps: where it waits for the database for the first time, for
/// the second time, and so on to its end.
pub(crate) async fn walk_out<T>(steps: usize, work: impl Future<Output = T>) {
    let mut work = Box::pin(work);
    let mut left = steps;
    future::poll_fn(|context| {
        if left == 0 || work.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

async fn a_registration_whose_caller_goes_away_is_whole_or_not_there(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let keys: Vec<_> = (0..DEPARTURES).map(|_| office.key()).collect();
    for (steps, key) in (0..).zip(keys.clone()) {
        walk_out(steps, office.app.register_mail(&clerk, key, petition("Partie"))).await;
    }
    // Asked again, each is there once, whether it had been done or not.
    let mut references = BTreeSet::new();
    for key in keys {
        let sheet = office.app.register_mail(&clerk, key, petition("Partie")).await.fine()?;
        references.insert(sheet.dossier.reference);
    }
    let expected: BTreeSet<_> = (1..=DEPARTURES).map(|number| format!("SG-2026-A-{number:06}")).collect();
    assert_eq!(references, expected);
    assert_eq!(office.app.count(&clerk, &List::default()).await.fine()?, 35);
    assert_eq!(office.faults().await?, [""; 0]);
    seen_from_outside(&office).await
}

async fn an_act_whose_caller_goes_away_is_whole_or_not_there(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let id = office.register(petition("Partie")).await?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    let text = |departure: usize| draft(&format!("Version {departure}"));
    let orders: Vec<_> = (0..DEPARTURES).map(|departure| office.order(id, text(departure))).collect();
    for (steps, order) in (0..).zip(orders.clone()) {
        walk_out(steps, office.app.act(&drafter, order)).await;
    }
    for order in orders {
        office.app.act(&drafter, order).await.fine()?;
    }
    let sql = office.database.sql().await?;
    assert_eq!(sql.one::<i64>("SELECT count(DISTINCT text) FROM draft").await?, 35);
    assert_eq!(sql.one::<i32>("SELECT version FROM dossier").await?, 38);
    assert_eq!(office.faults().await?, [""; 0]);
    seen_from_outside(&office).await
}

async fn a_command_that_was_begun_is_done_even_if_nobody_waits_for_it(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sql = office.database.sql().await?;
    for number in 1..=10_i64 {
        walk_out(1, office.app.register_mail(&clerk, office.key(), petition("Partie"))).await;
        let mut done = 0;
        // It comes soon, or never; on a busy machine, less soon.
        for _ in 0..6_000 {
            done = sql.one::<i64>("SELECT count(*) FROM dossier").await?;
            if done >= number {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(done, number);
    }
    Ok(())
}

/// Whoever signs in or out is not run to the end as a command is: what they were in the middle of is undone instead.
async fn a_transaction_given_up_as_it_begins_is_not_left_open(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sql = office.database.sql().await?;
    let mut left_open = Vec::new();
    for departure in 0..DEPARTURES {
        // To begin takes some four steps; each is the last one several times over.
        walk_out(departure % 5, office.database.store.begin()).await;
        left_open.push(transactions_left_open(engine, &sql).await?);
        // While these are asked, what was given up comes back to the pool, and the next one begins on it.
        for _ in 0..100 {
            sql.one::<i64>("SELECT count(*) FROM dossier").await?;
        }
    }
    assert_eq!(left_open, [0; DEPARTURES]);
    for steps in 0..DEPARTURES {
        walk_out(steps, office.app.create_token(Person::Clerk.login(), "parti", TokenScope::Read, None))
            .await;
    }
    seen_from_outside(&office).await
}

/// How many connections are within a transaction, while they are asked nothing.
const IN_TRANSACTION: &str = "SELECT count(*) FROM pg_stat_activity \
                                         WHERE datname = current_database() AND state LIKE 'idle in transaction%'";

/// How many connections of the pool stay in a transaction that nobody will end. (On SQLite the next one who writes
/// would wait for it in vain.)
pub(crate) async fn transactions_left_open(engine: Engine, sql: &Sql) -> Result<i64> {
    if engine == Engine::Sqlite {
        return Ok(0);
    }
    let mut left = sql.one::<i64>(IN_TRANSACTION).await?;
    // A connection on its way back to the pool may still be rolling back, and on a busy machine for long; one that is lost
    // never will.
    for _ in 0..3_000 {
        if left == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        left = sql.one::<i64>(IN_TRANSACTION).await?;
    }
    Ok(left)
}

/// The pool is as it was: no transaction is left half-way, and what is written next is seen by another connection.
async fn seen_from_outside(office: &Office) -> Result<()> {
    let sql = office.database.sql().await?;
    assert_eq!(transactions_left_open(office.database.engine, &sql).await?, 0);
    // More often than there are connections, so that each has its turn.
    for _ in 0..12 {
        let reference = office.register(petition("Après")).await?.dossier.reference;
        let count = format!("SELECT count(*) FROM dossier WHERE reference = '{reference}'");
        assert_eq!(sql.one::<i64>(&count).await?, 1, "{reference}");
    }
    Ok(())
}

/// More commands at once than the pool has connections, each of which reads another dossier.
async fn twelve_duplicates_at_once_all_pass(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let first = office.register(petition("Pétition type")).await?.dossier.id;
    let mut lists = Vec::new();
    for _ in 0..12 {
        let copy: DossierId = office.register(petition("Pétition type")).await?.dossier.id;
        lists.push((clerk.clone(), vec![office.order(copy, Command::MarkDuplicate { of: first })]));
    }
    let (versions, refused) = all_at_once(&office, lists).await?;
    assert_eq!((versions, refused), (vec![2; 12], 0));
    Ok(())
}

/// `pli verify` is run on an office at work.
async fn a_verification_among_writers_finds_no_fault(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let mut ids = Vec::new();
    for _ in 0..10 {
        let id = office.register(petition("Vérifiée")).await?.dossier.id;
        office.play(id, office.to_drafting()?).await?;
        ids.push(id);
    }
    let orders: Vec<_> = (0..100_usize).map(|turn| office.order(ids[turn % 10], draft("Madame,"))).collect();
    let (app, begun) = (office.app.clone(), Arc::new(Notify::new()));
    let verified = begun.clone();
    let writer = task::spawn(async move {
        for (turn, order) in orders.into_iter().enumerate() {
            // Half of them come after a verification has begun, however late that is.
            if turn == 50 {
                verified.notified().await;
            }
            app.act(&drafter, order).await.fine()?;
        }
        anyhow::Ok(())
    });
    let mut faults = Vec::new();
    while !writer.is_finished() {
        let (found, ()) = join(office.faults(), async { begun.notify_one() }).await;
        faults.extend(found?);
    }
    writer.await??;
    assert!(faults.is_empty(), "{} faults, the first: {:?}", faults.len(), faults.first());
    Ok(())
}

/// More of them than there are connections.
const WAITING: usize = 12;

/// SQLite has one writer; the others wait for their turn, and hold no connection meanwhile.
async fn those_who_wait_to_write_keep_nobody_from_reading(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let first = office.database.store.begin().await?;
    let mut waiting = JoinSet::new();
    for _ in 0..WAITING {
        let store = office.database.store.clone();
        let mut begun = async move { store.begin().await.map(drop) }.boxed();
        // From here on it is among those who wait, where there is one writer.
        let at_first = poll!(&mut begun);
        assert!(engine == Engine::Postgres || at_first.is_pending(), "it does not wait for its turn");
        match at_first {
            Poll::Ready(done) => done?,
            Poll::Pending => {
                waiting.spawn(begun);
            }
        }
    }
    // They go as far as they can.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(office.app.is_empty().await.fine()?);
    drop(first);
    while let Some(begun) = waiting.join_next().await {
        begun??;
    }
    Ok(())
}
