//! Several servers on one database: what one changes of the settings, the others go by from their next request on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::spawn;

use anyhow::{Context as _, Result};
use pli_app::{App, Caller, Change, Error, Figure, Files, List, Secret, What};
use pli_domain::account::TokenScope;
use pli_domain::actor::{Grant, Role};
use pli_domain::compartment::CompartmentCommand;
use pli_domain::delay::{Length, Rollover, RuleChange, code};
use pli_domain::dossier::Command;
use pli_domain::organisation::UnitCommand;
use pli_domain::people::PersonCommand;
use pli_domain::refusal::Refusal;
use pli_persistence::Store;
use pli_tests::samples::{day, letter, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use tokio::runtime::Handle;

pli_tests::on_both!(
    what_is_changed_elsewhere_holds_from_the_next_request_on,
    what_is_changed_elsewhere_holds_for_a_command_that_was_on_its_way,
    whoever_was_shut_out_changes_no_setting,
    what_is_not_kept_is_not_seen,
    what_is_summed_up_elsewhere_is_counted_once,
    what_is_summed_up_between_two_looks_is_counted_once,
);

/// Another server on the office's database, which has looked at the settings already.
pub(crate) async fn elsewhere(office: &Office) -> Result<App> {
    let store = Store::connect(office.database.url()).await?;
    let other = App::new(store, Files::in_folder(office.files.path()), office.clock.clone());
    other.organisation().await.fine()?;
    Ok(other)
}

async fn token(office: &Office, person: Person) -> Result<Secret> {
    office.app.create_token(person.login(), "tests", TokenScope::Write, None).await.fine()
}

async fn comes_in(app: &App, token: &Secret) -> Result<Option<Caller>> {
    app.by_token(token.reveal()).await.fine()
}

async fn what_is_changed_elsewhere_holds_from_the_next_request_on(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let other = elsewhere(&office).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let drafter = token(&office, Person::Drafter).await?;
    let before = comes_in(&other, &drafter).await?.context("nobody")?;
    let id = before.actor.user().context("no person")?;

    let unit = office.unit("DACS-C1")?;
    let renaming = UnitCommand::Change { name: Some("Bureau du droit".to_owned()), kind: None, parent: None };
    office.app.change_unit(&administrator, office.key(), unit, renaming).await.fine()?;
    let organisation = other.organisation().await.fine()?;
    assert_eq!(organisation.unit(unit).map(|unit| unit.name.as_str()), Some("Bureau du droit"));

    let grant = Grant { role: Role::Manager, unit };
    let compartment = office.compartment("Inspection", Person::Signatory, &[Person::Drafter]).await?;
    for command in [
        PersonCommand::Grant(grant),
        PersonCommand::Change { name: Some("Ada Nouveau-Nom".to_owned()), email: None },
    ] {
        office.app.change_person(&administrator, office.key(), id, command).await.fine()?;
    }
    let after = comes_in(&other, &drafter).await?.context("nobody")?;
    assert!(after.actor.grants.contains(&grant) && !before.actor.grants.contains(&grant));
    assert_eq!(after.actor.compartments, [compartment].into());
    assert_eq!(after.actor.name, "Ada Nouveau-Nom");
    let names = other.names([after.actor.who]).await.fine()?;
    assert_eq!(names.into_values().collect::<Vec<_>>(), ["Ada Nouveau-Nom"]);

    let leave = CompartmentCommand::Remove { person: id };
    office.app.change_compartment(&administrator, office.key(), compartment, leave).await.fine()?;
    office.app.change_person(&administrator, office.key(), id, PersonCommand::Revoke(grant)).await.fine()?;
    let after = comes_in(&other, &drafter).await?.context("nobody")?;
    assert!(after.actor.compartments.is_empty() && !after.actor.grants.contains(&grant));

    office.app.change_delays(&administrator, office.key(), sooner()?).await.fine()?;
    assert_eq!(other.delays().await.fine()?.rules.versions(code::MAIL).count(), 2);

    office.app.change_person(&administrator, office.key(), id, PersonCommand::Disable).await.fine()?;
    assert!(comes_in(&other, &drafter).await?.is_none(), "a disabled account lets nobody in");
    Ok(())
}

/// Letters are to be answered within fifteen working days.
fn sooner() -> Result<Change> {
    Ok(Change::Rule {
        code: code::MAIL.to_owned(),
        version: 1,
        change: RuleChange {
            label: "Réponse à un courrier".to_owned(),
            source: "Engagement de service".to_owned(),
            length: Length::WorkingDays(15),
            rollover: Rollover::Keep,
            valid_from: day("2026-11-01")?,
            valid_to: None,
        },
    })
}

async fn what_is_changed_elsewhere_holds_for_a_command_that_was_on_its_way(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let other = elsewhere(&office).await?;
    let administrator = office.caller(Person::Administrator).await?;
    // Has come in, and not given the command yet.
    let clerk = comes_in(&other, &token(&office, Person::Clerk).await?).await?.context("nobody")?;
    let id = clerk.actor.user().context("no person")?;
    let old = other.register_mail(&clerk, office.key(), letter(office.today())).await.fine()?;

    office.app.change_delays(&administrator, office.key(), sooner()?).await.fine()?;
    let mail = letter(office.today());
    let mail = pli_domain::dossier::NewMail { sender: "Mme Ada Tardive".to_owned(), ..mail };
    let new = other.register_mail(&clerk, office.key(), mail).await.fine()?;
    let moved = office.app.dossier(&clerk, old.dossier.id).await.fine()?.context("gone")?;
    assert_eq!(new.dossier.due_on(), moved.dossier.due_on(), "by the rule that holds");
    assert_ne!(new.dossier.due_on(), old.dossier.due_on());

    office.app.change_person(&administrator, office.key(), id, PersonCommand::Disable).await.fine()?;
    let mail = pli_domain::dossier::NewMail { sender: "M. Trop Tard".to_owned(), ..letter(office.today()) };
    let refused = other.register_mail(&clerk, office.key(), mail).await.map(drop).failed()?;
    assert!(matches!(refused, Error::NotFound), "{refused:?}");
    Ok(())
}

async fn whoever_was_shut_out_changes_no_setting(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let drafter = office.caller(Person::Drafter).await?.actor.user().context("nobody")?;
    let grant = Grant { role: Role::Administrator, unit: office.unit("MJ")? };
    let change = async |caller: &Caller, person, command| {
        office.app.change_person(caller, office.key(), person, command).await
    };
    change(&administrator, drafter, PersonCommand::Grant(grant)).await.fine()?;
    // Has come in, and not asked yet.
    let second = office.caller(Person::Drafter).await?;
    change(&administrator, drafter, PersonCommand::Revoke(grant)).await.fine()?;
    let only = Refusal::OnlyFor { role: Role::Administrator };
    let back = change(&second, drafter, PersonCommand::Grant(grant)).await.map(drop);
    assert_eq!(back.refused()?, only);
    assert_eq!(office.app.change_delays(&second, office.key(), sooner()?).await.refused()?, only);
    change(&administrator, drafter, PersonCommand::Disable).await.fine()?;
    let back = change(&second, drafter, PersonCommand::Enable).await.map(drop);
    assert!(matches!(back.failed()?, Error::NotFound));
    Ok(())
}

async fn what_is_not_kept_is_not_seen(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let other = elsewhere(&office).await?;
    let uow = office.database.store.begin().await?;
    let unit = other.organisation().await.fine()?.by_code("DACS-C1").cloned().context("no unit")?;
    let renamed = pli_domain::organisation::Unit { name: "Nulle part".to_owned(), ..unit.clone() };
    uow.save_unit(&renamed).await?;
    assert_eq!(other.organisation().await.fine()?.unit(unit.id).map(|unit| &unit.name), Some(&unit.name));
    drop(uow);
    assert_eq!(other.organisation().await.fine()?.unit(unit.id).map(|unit| &unit.name), Some(&unit.name));
    Ok(())
}

/// How many dossiers are late, as the counters say it.
async fn late(app: &App, caller: &Caller) -> Result<u64> {
    let rows = app.retards(caller, &List::default()).await.fine()?.rows;
    Ok(rows.iter().map(|row| row.count(None)).sum())
}

/// How many wait for a unit, as the counters say it.
async fn to_route(app: &App, caller: &Caller) -> Result<u64> {
    let day = app.day(caller).await.fine()?;
    Ok(day.into_iter().find(|tile| tile.what == What::ToRoute).context("no tile")?.count)
}

/// Both.
async fn figures(app: &App, caller: &Caller) -> Result<(u64, u64)> {
    Ok((late(app, caller).await?, to_route(app, caller).await?))
}

async fn what_is_summed_up_elsewhere_is_counted_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let other = elsewhere(&office).await?;
    let (manager, old) = (office.caller(Person::Manager).await?, letter(day("2026-08-01")?));
    let mut last = None;
    for number in 1..=4 {
        last = Some(office.register(old.clone()).await?.dossier.id);
        for app in [&office.app, &other] {
            assert_eq!(figures(app, &manager).await?, (number, number), "moved");
        }
        assert!(office.database.store.fold_counters(1).await? > 0);
        for app in [&other, &office.app] {
            assert_eq!(figures(app, &manager).await?, (number, number), "summed up");
        }
    }
    let last = last.context("none")?;
    office.play(last, [(Person::Coordinator, route(office.unit("DACS-C1")?))]).await?;
    office.database.store.fold_counters(1).await?;
    assert_eq!(figures(&other, &manager).await?, (4, 3));

    // Past days too: of a snapshot that was taken elsewhere, and of what is reserved since.
    let open = async |app: &App| -> Result<Option<u64>> {
        let trend = app.trend(&manager, &List::default()).await.fine()?;
        Ok(trend.weeks.last().filter(|week| week.day.is_some()).map(|week| week.count(Figure::Open)))
    };
    assert_eq!((open(&other).await?, open(&office.app).await?), (None, None));
    office.app.take_snapshot().await.fine()?;
    assert_eq!((open(&other).await?, open(&office.app).await?), (Some(4), Some(4)));
    let compartment = office.compartment("Nominations", Person::Coordinator, &[]).await?;
    office.play(last, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    assert_eq!((open(&other).await?, open(&office.app).await?), (Some(3), Some(3)));
    assert_eq!(figures(&other, &manager).await?, (3, 3));

    // A unit that goes to another direction has all counted again.
    let administrator = office.caller(Person::Administrator).await?;
    let moved = UnitCommand::Change { name: None, kind: None, parent: Some(office.unit("DAP")?) };
    let first = office.register(old).await?.dossier.id;
    office.play(first, [(Person::Coordinator, route(office.unit("SG-SEM")?))]).await?;
    office.database.store.fold_counters(1).await?;
    let direction = async || -> Result<Vec<Option<String>>> {
        let manager = other.by_token(token(&office, Person::Manager).await?.reveal()).await.fine()?;
        let manager = manager.context("nobody")?;
        let rows = other.retards(&manager, &List::default()).await.fine()?.rows;
        let code = |unit| manager.organisation.unit(unit).map(|unit| unit.code.clone());
        Ok(rows.into_iter().map(|row| row.unit.and_then(code)).collect())
    };
    assert_eq!(direction().await?, [None, Some("SG".to_owned())]);
    office.app.change_unit(&administrator, office.key(), office.unit("SG-SEM")?, moved).await.fine()?;
    assert_eq!(direction().await?, [None, Some("DAP".to_owned())]);
    Ok(())
}

async fn what_is_summed_up_between_two_looks_is_counted_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (store, tokio) = (office.database.store.clone(), Handle::current());
    let looked = Arc::new(AtomicU32::new(0));
    let looks = looked.clone();
    // Whoever has looked at what moved the counters waits until that is summed up.
    let watched = Store::connect(office.database.url()).await?.watched(move |statement| {
        if statement.sql.contains("tallied") && statement.sql.contains("NOT") {
            let (store, tokio) = (store.clone(), tokio.clone());
            let summing = spawn(move || tokio.block_on(store.fold_counters(1)));
            if matches!(summing.join(), Ok(Ok(1..))) {
                looks.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let other = App::new(watched, Files::in_folder(office.files.path()), office.clock.clone());
    let manager = office.caller(Person::Manager).await?;
    let looked = |times| assert_eq!(looked.load(Ordering::SeqCst), times, "it was summed up meanwhile");
    for number in [1, 3, 5] {
        office.register(letter(day("2026-08-01")?)).await?;
        assert_eq!(late(&other, &manager).await?, u64::from(number));
        looked(number);
        office.register(letter(day("2026-08-01")?)).await?;
        assert_eq!(to_route(&other, &manager).await?, u64::from(number) + 1);
        looked(number + 1);
    }
    Ok(())
}
