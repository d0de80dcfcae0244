//! Several servers on one database: what one changes of the settings, the others go by from their next request on.

use anyhow::{Context as _, Result};
use pli_app::{App, Caller, Change, Error, Files, Secret};
use pli_domain::account::TokenScope;
use pli_domain::actor::{Grant, Role};
use pli_domain::compartment::CompartmentCommand;
use pli_domain::delay::{Length, Rollover, RuleChange, code};
use pli_domain::organisation::UnitCommand;
use pli_domain::people::PersonCommand;
use pli_persistence::Store;
use pli_tests::samples::{day, letter};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    what_is_changed_elsewhere_holds_from_the_next_request_on,
    what_is_changed_elsewhere_holds_for_a_command_that_was_on_its_way,
    what_is_not_kept_is_not_seen,
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
