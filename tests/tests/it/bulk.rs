//! The same act on several dossiers: what is foreseen, what is done, and what is held back by whom.

use anyhow::Result;
use pli_app::{Error, Key, MOST, Seen, Sheet};
use pli_domain::dossier::{Command, Stage};
use pli_domain::refusal::Refusal;
use pli_tests::samples::{letter, petition, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    a_preview_says_what_would_happen_and_changes_nothing,
    what_is_refused_holds_nothing_back,
    the_same_key_again_does_nothing_twice,
    what_may_not_be_seen_is_not_found,
    a_dossier_that_has_changed_since_is_left_alone,
    no_more_than_a_hundred_at_once,
);

fn seen(sheets: &[Sheet]) -> Vec<Seen> {
    let seen = |sheet: &Sheet| Seen { reference: sheet.dossier.reference.clone(), version: sheet.version };
    sheets.iter().map(seen).collect()
}

fn names(sheets: &[Sheet]) -> Vec<String> {
    sheets.iter().map(|sheet| sheet.dossier.reference.clone()).collect()
}

/// Two letters to route, one that was routed, and one that was cancelled.
async fn four(office: &Office) -> Result<Vec<Sheet>> {
    let mut sheets = Vec::new();
    for number in 0..4 {
        sheets.push(office.register(petition(&format!("Demande {number}"))).await?);
    }
    let cancel = Command::Cancel { note: "Erreur.".to_owned() };
    let routed = [(Person::Clerk, route(office.unit("DAP")?))];
    sheets[2] = office.play(sheets[2].dossier.id, routed).await?;
    sheets[3] = office.play(sheets[3].dossier.id, [(Person::Clerk, cancel)]).await?;
    Ok(sheets)
}

async fn entries(office: &Office) -> Result<i64> {
    office.database.sql().await?.one("SELECT COUNT(*) FROM journal").await
}

async fn a_preview_says_what_would_happen_and_changes_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sheets = four(&office).await?;
    let before = entries(&office).await?;
    let dacs = office.unit("DACS")?;
    let mut asked = names(&sheets);
    asked.insert(1, "SG-2026-A-999999".to_owned());
    let found = office.app.dossiers_named(&clerk, &asked).await.fine()?;
    assert_eq!(found, sheets, "in the order in which they were named");
    let foreseen = office.app.foresee(&clerk, found, &route(dacs));
    let stages: Vec<_> =
        foreseen.iter().map(|one| one.outcome.as_ref().ok().map(|after| after.stage)).collect();
    assert_eq!(stages, [Some(Stage::Routed), Some(Stage::Routed), None, None]);
    assert!(
        foreseen.iter().take(2).all(|one| one.outcome.as_ref().is_ok_and(|after| after.lead == Some(dacs)))
    );
    assert_eq!(entries(&office).await?, before, "a preview is not journalled");
    for sheet in &sheets {
        assert_eq!(office.app.dossier(&clerk, sheet.dossier.id).await.fine()?.as_ref(), Some(sheet));
    }
    Ok(())
}

async fn what_is_refused_holds_nothing_back(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sheets = four(&office).await?;
    let foreseen = office.app.foresee(&clerk, sheets.clone(), &route(office.unit("DACS")?));
    // The refused one first: it must not hold the others back.
    let order = [2, 0, 3, 1].map(|place| sheets[place].clone());
    let done = office
        .app
        .act_on_all(&clerk, &office.key(), seen(&order), route(office.unit("DACS")?))
        .await
        .fine()?;
    for (seen, outcome) in done {
        let before = sheets.iter().position(|sheet| sheet.dossier.reference == seen.reference).unwrap_or(9);
        match (outcome, &foreseen[before].outcome) {
            (Ok(sheet), Ok(expected)) => assert_eq!(&sheet.dossier, expected, "it is what was foreseen"),
            (Err(Error::Refused(refusal)), Err(Error::Refused(expected))) => assert_eq!(&refusal, expected),
            (outcome, expected) => panic!("{seen:?}: {outcome:?}, and foreseen was {expected:?}"),
        }
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn the_same_key_again_does_nothing_twice(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sheets = four(&office).await?;
    let (key, command) = (office.key(), route(office.unit("DACS")?));
    let todo = seen(&sheets[..2]);
    let once = office.app.act_on_all(&clerk, &key, todo.clone(), command.clone()).await.fine()?;
    let before = entries(&office).await?;
    let again = office.app.act_on_all(&clerk, &key, todo.clone(), command.clone()).await.fine()?;
    let answers = |done: Vec<(Seen, Result<Sheet, Error>)>| -> Result<Vec<Sheet>> {
        done.into_iter().map(|(_, outcome)| outcome.fine()).collect()
    };
    assert_eq!(answers(once)?, answers(again)?);
    assert_eq!(entries(&office).await?, before);
    // The same key for something else is refused, dossier by dossier.
    let other = office.app.act_on_all(&clerk, &key, todo.clone(), route(office.unit("DAP")?)).await.fine()?;
    assert!(other.iter().all(|(_, outcome)| matches!(outcome, Err(Error::KeyReused))));
    // Twice at the same time, as by a double click: once.
    let (key, todo) = (office.key(), seen(&four(&office).await?[..2]));
    let before = entries(&office).await?;
    let act = || office.app.act_on_all(&clerk, &key, todo.clone(), command.clone());
    let (left, right) = tokio::join!(act(), act());
    assert_eq!(answers(left.fine()?)?, answers(right.fine()?)?);
    assert_eq!(entries(&office).await?, before + 2);
    // And without a key nothing is done.
    let none = office.app.act_on_all(&clerk, &Key(" ".to_owned()), todo, Command::Accept).await.fine()?;
    let required =
        |outcome: &Result<Sheet, Error>| matches!(outcome, Err(Error::Refused(Refusal::Required { .. })));
    assert!(none.iter().all(|(_, outcome)| required(outcome)));
    Ok(())
}

async fn what_may_not_be_seen_is_not_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut sheets = Vec::new();
    for lead in ["DACS", "DAP"] {
        let sheet = office.register(petition(lead)).await?;
        sheets.push(office.play(sheet.dossier.id, [(Person::Clerk, route(office.unit(lead)?))]).await?);
    }
    let correspondent = office.caller(Person::Correspondent).await?;
    let found = office.app.dossiers_named(&correspondent, &names(&sheets)).await.fine()?;
    assert_eq!(found, sheets[..1]);
    let before = entries(&office).await?;
    let done =
        office.app.act_on_all(&correspondent, &office.key(), seen(&sheets), Command::Accept).await.fine()?;
    assert!(matches!(done[0].1, Ok(ref sheet) if sheet.dossier.stage == Stage::Drafting));
    assert!(matches!(done[1].1, Err(Error::NotFound)), "never « forbidden »");
    assert_eq!(entries(&office).await?, before + 1);
    // Whoever may see them all and may do nothing changes nothing.
    let auditor = office.caller(Person::Auditor).await?;
    let done = office.app.act_on_all(&auditor, &office.key(), seen(&sheets), Command::Accept).await.fine()?;
    assert!(done.iter().all(|(_, outcome)| outcome.is_err()));
    Ok(())
}

async fn a_dossier_that_has_changed_since_is_left_alone(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sheets = four(&office).await?;
    let todo = seen(&sheets[..2]);
    let acknowledged = Command::Acknowledge { on: office.today() };
    office.play(sheets[0].dossier.id, [(Person::Coordinator, acknowledged)]).await?;
    let done =
        office.app.act_on_all(&clerk, &office.key(), todo, route(office.unit("DACS")?)).await.fine()?;
    assert!(matches!((&done[0].1, &done[1].1), (Err(Error::Stale), Ok(_))), "{done:?}");
    Ok(())
}

async fn no_more_than_a_hundred_at_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut sheets = Vec::new();
    for _ in 0..=MOST {
        sheets.push(office.register(letter(office.today())).await?);
    }
    assert_eq!(office.app.dossiers_named(&clerk, &names(&sheets)).await.fine()?.len(), MOST);
    let done = office
        .app
        .act_on_all(&clerk, &office.key(), seen(&sheets), route(office.unit("DAP")?))
        .await
        .fine()?;
    assert_eq!(done.len(), MOST);
    let last = office.app.dossier(&clerk, sheets[MOST].dossier.id).await.fine()?;
    assert_eq!(last.as_ref(), sheets.last());
    Ok(())
}
