//! Keeping the organisation.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use pli_app::{Caller, Error, Key};
use pli_domain::ids::UnitId;
use pli_domain::organisation::{Organisation, Unit, UnitCommand, UnitKind};
use pli_tests::samples::{day, petition, route};
use pli_tests::{Engine, Fine, Office, Person};
use tokio::task::JoinSet;

pli_tests::on_both!(
    a_unit_is_added_changed_closed_and_reopened,
    what_is_refused_leaves_no_trace_and_its_key_free,
    a_change_asked_twice_is_done_once,
    nobody_but_administrators_changes_units,
    a_closed_unit_takes_no_work_and_keeps_what_it_leads,
    two_moves_at_once_make_no_loop,
    eight_at_once_with_one_code_make_one_unit,
    eight_at_once_with_one_key_make_one_unit,
);

fn new_unit(office: &Office, code: &str, parent: &str) -> Result<UnitCommand> {
    Ok(UnitCommand::Add {
        code: code.to_owned(),
        name: "Bureau du droit des sûretés".to_owned(),
        kind: UnitKind::Bureau,
        parent: office.unit(parent)?,
        valid_from: day("2026-12-01")?,
    })
}

fn move_under(parent: UnitId) -> UnitCommand {
    UnitCommand::Change { name: None, kind: None, parent: Some(parent) }
}

/// A unit as it is stored.
async fn stored(office: &Office, code: &str) -> Result<Option<Unit>> {
    Ok(office.app.organisation().await.fine()?.by_code(code).cloned())
}

/// How many changes were journalled.
async fn journalled(office: &Office) -> Result<i64> {
    office.database.sql().await?.one("SELECT count(*) FROM settings_journal").await
}

async fn change(office: &Office, id: UnitId, command: UnitCommand) -> Result<Result<Unit, Error>> {
    let administrator = office.caller(Person::Administrator).await?;
    Ok(office.app.change_unit(&administrator, office.key(), id, command).await)
}

async fn a_unit_is_added_changed_closed_and_reopened(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let command = new_unit(&office, "dacs-c4", "DACS-C")?;
    let unit = office.app.add_unit(&administrator, office.key(), command).await.fine()?;
    assert_eq!(stored(&office, "DACS-C4").await?.as_ref(), Some(&unit));
    let command = UnitCommand::Change {
        name: Some("Bureau des sûretés".to_owned()),
        kind: Some(UnitKind::Service),
        parent: Some(office.unit("DACS-D")?),
    };
    let changed = change(&office, unit.id, command).await?.fine()?;
    assert_eq!((changed.name.as_str(), changed.parent), ("Bureau des sûretés", Some(office.unit("DACS-D")?)));
    let closed =
        change(&office, unit.id, UnitCommand::Close { last_day: day("2027-06-30")? }).await?.fine()?;
    assert_eq!(stored(&office, "DACS-C4").await?, Some(closed));
    let open = change(&office, unit.id, UnitCommand::Reopen).await?.fine()?;
    assert_eq!(open, changed);
    assert_eq!(stored(&office, "DACS-C4").await?, Some(open));
    assert_eq!(journalled(&office).await?, 4);
    // What is so already is not a change.
    change(&office, unit.id, UnitCommand::Reopen).await?.fine()?;
    assert_eq!(journalled(&office).await?, 4);
    Ok(())
}

async fn what_is_refused_leaves_no_trace_and_its_key_free(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let before = office.app.organisation().await.fine()?.in_order().len();
    let key = office.key();
    let ask = |command| office.app.add_unit(&administrator, key.clone(), command);
    assert_eq!(ask(new_unit(&office, "DACG", "DACS")?).await.refused()?.code(), "CODE_TAKEN");
    assert_eq!(ask(new_unit(&office, "É", "DACS")?).await.refused()?.code(), "CODE_FORM");
    let dacs = office.unit("DACS")?;
    let under_itself = change(&office, dacs, move_under(office.unit("DACS-C1")?)).await?.refused()?;
    assert_eq!((under_itself.code(), under_itself.field()), ("UNIT_LOOP", Some("parent")));
    let early = UnitCommand::Close { last_day: day("2019-01-01")? };
    assert_eq!(
        change(&office, office.unit("DACS-C1")?, early).await?.refused()?.code(),
        "ENDS_BEFORE_IT_BEGINS"
    );
    assert_eq!(journalled(&office).await?, 0);
    ask(new_unit(&office, "DACS-C4", "DACS")?).await.fine()?;
    assert_eq!(office.app.organisation().await.fine()?.in_order().len(), before + 1);
    let no_key =
        office.app.add_unit(&administrator, Key(" ".to_owned()), new_unit(&office, "X", "DACS")?).await;
    assert_eq!(no_key.refused()?.field(), Some("idempotencyKey"));
    Ok(())
}

async fn a_change_asked_twice_is_done_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let (add, close) = (office.key(), office.key());
    let command = new_unit(&office, "DACS-C4", "DACS-C")?;
    let first = office.app.add_unit(&administrator, add.clone(), command.clone()).await.fine()?;
    let last_day = day("2027-06-30")?;
    for _ in 0..2 {
        let command = UnitCommand::Close { last_day };
        let closed = office.app.change_unit(&administrator, close.clone(), first.id, command).await.fine()?;
        assert_eq!(closed.valid_to, Some(last_day));
    }
    // The answer is the unit as it now stands.
    let again = office.app.add_unit(&administrator, add.clone(), command).await.fine()?;
    assert_eq!(again, Unit { valid_to: Some(last_day), ..first.clone() });
    assert_eq!(journalled(&office).await?, 2);

    let other =
        office.app.add_unit(&administrator, add.clone(), new_unit(&office, "DACS-C5", "DACS-C")?).await;
    assert!(matches!(other.failed()?, Error::KeyReused));
    let reopen = office.app.change_unit(&administrator, add.clone(), first.id, UnitCommand::Reopen).await;
    assert!(matches!(reopen.failed()?, Error::KeyReused));
    // A key is its owner's.
    let clerk = office.caller(Person::Clerk).await?;
    office.app.register_mail(&clerk, add, petition("Curatelle")).await.fine()?;
    Ok(())
}

async fn nobody_but_administrators_changes_units(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let units = BTreeSet::from([office.unit("DACS")?]);
    for (person, caller) in office.everybody().await? {
        let added = office.app.add_unit(&caller, office.key(), new_unit(&office, "DACS-C4", "DACS-C")?).await;
        let led = office.app.led(&caller, units.clone()).await;
        if person == Person::Administrator {
            added.fine()?;
            led.fine()?;
        } else {
            assert_eq!(added.refused()?.code(), "NOT_YOURS", "{person:?}");
            assert_eq!(led.refused()?.code(), "NOT_YOURS", "{person:?}");
        }
    }
    assert_eq!(journalled(&office).await?, 1);
    Ok(())
}

async fn a_closed_unit_takes_no_work_and_keeps_what_it_leads(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (c1, c2) = (office.unit("DACS-C1")?, office.unit("DACS-C2")?);
    let letter = office.register(petition("Curatelle")).await?.dossier.id;
    office.play(letter, [(Person::Coordinator, route(c1))]).await?;
    let answered = office.register(petition("Tutelle")).await?.dossier.id;
    office.play(answered, office.to_answer()?).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let led = office.app.led(&administrator, BTreeSet::from([c1, c2, office.unit("DACS")?])).await.fine()?;
    assert_eq!(led, BTreeMap::from([(c1, 1)]), "what is closed is led by nobody");

    change(&office, c1, UnitCommand::Close { last_day: day("2026-11-21")? }).await?.fine()?;
    let other = office.register(petition("Adoption")).await?.dossier.id;
    let refused = office.act(Person::Coordinator, other, route(c1)).await?.refused()?;
    assert_eq!(refused.code(), "UNIT_CLOSED");
    let correspondent = office.caller(Person::Correspondent).await?;
    let kept = office.app.dossier(&correspondent, letter).await.fine()?.context("it is still theirs")?;
    assert_eq!(kept.dossier.lead, Some(c1));
    // The administrator counts dossiers, and reads none.
    assert_eq!(office.app.dossier(&administrator, letter).await.fine()?, None);
    Ok(())
}

fn is_a_tree(organisation: &Organisation, units: usize) -> bool {
    organisation.in_order().len() == units
}

/// Each move alone is allowed; both would make a loop that hangs from nowhere.
async fn two_moves_at_once_make_no_loop(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let units = office.organisation.in_order().len();
    let (one, other, top) = (office.unit("DACS")?, office.unit("DACG")?, office.unit("MJ")?);
    for round in 0..8 {
        let mut tasks = JoinSet::new();
        for (id, parent) in [(one, other), (other, one)] {
            let (app, caller, key) = (office.app.clone(), administrator.clone(), office.key());
            tasks.spawn(async move { app.change_unit(&caller, key, id, move_under(parent)).await });
        }
        let mut refused = 0;
        while let Some(answer) = tasks.join_next().await {
            match answer? {
                Ok(_) => {}
                Err(Error::Refused(refusal)) => {
                    assert_eq!(refusal.code(), "UNIT_LOOP");
                    refused += 1;
                }
                Err(other) => anyhow::bail!("{other:?}"),
            }
        }
        assert_eq!(refused, 1, "round {round}");
        assert!(is_a_tree(&*office.app.organisation().await.fine()?, units), "round {round}");
        for id in [one, other] {
            change(&office, id, move_under(top)).await?.fine()?;
        }
    }
    Ok(())
}

/// Asks eight times at once, as one person does or as eight, and gives what each was answered.
async fn eight_at_once(
    office: &Office,
    caller: &Caller,
    key: impl Fn() -> Key,
) -> Result<Vec<Result<Unit, Error>>> {
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (app, caller, key) = (office.app.clone(), caller.clone(), key());
        let command = new_unit(office, "DACS-C4", "DACS-C")?;
        tasks.spawn(async move { app.add_unit(&caller, key, command).await });
    }
    Ok(tasks.join_all().await)
}

async fn eight_at_once_with_one_code_make_one_unit(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let answers = eight_at_once(&office, &administrator, || office.key()).await?;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refused.refused()?.code(), "CODE_TAKEN");
    }
    assert_eq!(journalled(&office).await?, 1);
    Ok(())
}

async fn eight_at_once_with_one_key_make_one_unit(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let key = office.key();
    let answers = eight_at_once(&office, &administrator, || key.clone()).await?;
    let units = answers.into_iter().map(Fine::fine).collect::<Result<Vec<_>>>()?;
    assert!(units.windows(2).all(|pair| pair[0] == pair[1]), "{units:?}");
    assert_eq!(journalled(&office).await?, 1);
    Ok(())
}
