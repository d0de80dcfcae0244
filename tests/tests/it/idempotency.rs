//! The same key with the same command is the same command: it has one effect, and one answer.

use anyhow::Result;
use pli_app::{Error, Key, List};
use pli_domain::dossier::{Command, DeclineReason, Stage};
use pli_tests::samples::{draft, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use tokio::task::JoinSet;

pli_tests::on_both!(
    a_registration_asked_twice_is_done_once,
    an_act_asked_twice_is_done_once,
    a_question_received_twice_under_its_key_is_received_once,
    the_answer_to_a_repeated_command_is_the_dossier_as_it_now_stands,
    a_key_serves_one_command_only,
    a_key_is_its_owners,
    an_empty_key_is_refused,
    what_was_refused_leaves_its_key_free,
    a_unit_that_repeats_its_refusal_gets_the_same_answer,
    eight_at_once_with_one_key_make_one_dossier,
    eight_at_once_with_one_key_do_one_act,
);

async fn a_registration_asked_twice_is_done_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let key = office.key();
    let first = office.app.register_mail(&clerk, key.clone(), petition("Curatelle")).await.fine()?;
    // Later, by another session of the same person.
    office.set_clock("2026-11-22T11:30:00Z")?;
    let clerk = office.caller(Person::Clerk).await?;
    let second = office.app.register_mail(&clerk, key, petition("Curatelle")).await.fine()?;
    assert_eq!(first, second);
    assert_eq!(office.app.count(&clerk, &List::default()).await.fine()?, 1);
    let lines = office.app.journal(&clerk, first.dossier.id, 0, 100).await.fine()?;
    assert_eq!(lines.items.len(), 1);
    let next = office.register(petition("Curatelle")).await?;
    assert_eq!(next.dossier.reference, "SG-2026-A-000002");
    Ok(())
}

async fn an_act_asked_twice_is_done_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let id = office.register(petition("Curatelle")).await?.dossier.id;
    let drafting = office.play(id, office.to_drafting()?).await?;
    let mut order = office.order(id, draft("Madame,"));
    order.version = Some(drafting.version);
    let first = office.app.act(&drafter, order.clone()).await.fine()?;
    // The version has moved on; the command has not: it is done already.
    let second = office.app.act(&drafter, order).await.fine()?;
    assert_eq!(first, second);
    assert_eq!(second.dossier.draft.map(|draft| draft.version), Some(1));
    let lines = office.app.journal(&drafter, id, 0, 100).await.fine()?;
    assert_eq!(lines.items.len(), 4);
    Ok(())
}

async fn a_question_received_twice_under_its_key_is_received_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let key = office.key();
    let first = office.app.receive_question(&clerk, key.clone(), question(18_094)).await.fine()?;
    let second = office.app.receive_question(&clerk, key, question(18_094)).await.fine()?;
    assert_eq!(first, second);
    let again = office.app.receive_question(&clerk, office.key(), question(18_094)).await.refused()?;
    assert_eq!(again.code(), "QUESTION_KNOWN");
    assert_eq!(office.app.count(&clerk, &List::default()).await.fine()?, 1);
    Ok(())
}

async fn the_answer_to_a_repeated_command_is_the_dossier_as_it_now_stands(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let key = office.key();
    let first = office.app.register_mail(&clerk, key.clone(), petition("Curatelle")).await.fine()?;
    let now = office.play(first.dossier.id, office.to_drafting()?).await?;
    let second = office.app.register_mail(&clerk, key, petition("Curatelle")).await.fine()?;
    assert_eq!(second.dossier.stage, Stage::Drafting);
    assert_eq!(second, now);
    Ok(())
}

async fn a_key_serves_one_command_only(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let key = office.key();
    let first = office.app.register_mail(&clerk, key.clone(), petition("Curatelle")).await.fine()?;
    let other_letter = office.app.register_mail(&clerk, key.clone(), petition("Tutelle")).await;
    assert!(matches!(other_letter.failed()?, Error::KeyReused));
    let other_kind = office.app.receive_question(&clerk, key.clone(), question(1)).await;
    assert!(matches!(other_kind.failed()?, Error::KeyReused));
    let mut act = office.order(first.dossier.id, route(office.unit("DACS")?));
    act.key = key;
    assert!(matches!(office.app.act(&clerk, act).await.failed()?, Error::KeyReused));
    // Nothing of it was done.
    assert_eq!(office.app.dossier(&clerk, first.dossier.id).await.fine()?.as_ref(), Some(&first));
    assert_eq!(office.app.count(&clerk, &List::default()).await.fine()?, 1);

    // The same act on another dossier is another command.
    let second = office.register(petition("Tutelle")).await?;
    let mut act = office.order(first.dossier.id, route(office.unit("DACS")?));
    office.app.act(&clerk, act.clone()).await.fine()?;
    act.dossier = second.dossier.id;
    assert!(matches!(office.app.act(&clerk, act).await.failed()?, Error::KeyReused));
    Ok(())
}

async fn a_key_is_its_owners(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let key = office.key();
    let mut made = Vec::new();
    for person in [Person::Clerk, Person::Deputy] {
        let caller = office.caller(person).await?;
        let sheet = office.app.register_mail(&caller, key.clone(), petition("Curatelle")).await.fine()?;
        made.push(sheet.dossier.reference);
    }
    assert_eq!(made, ["SG-2026-A-000001", "SG-2026-A-000002"]);
    Ok(())
}

async fn an_empty_key_is_refused(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let refusal =
        office.app.register_mail(&clerk, Key(" ".to_owned()), petition("Curatelle")).await.refused()?;
    assert_eq!((refusal.code(), refusal.field()), ("REQUIRED", Some("idempotencyKey")));
    assert_eq!(office.app.count(&clerk, &List::default()).await.fine()?, 0);
    Ok(())
}

/// What was refused was not done: corrected, or at a better moment, the same key may be used again.
async fn what_was_refused_leaves_its_key_free(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let id = office.register(petition("Curatelle")).await?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    let submit = office.order(id, Command::Submit);
    assert_eq!(office.app.act(&drafter, submit.clone()).await.refused()?.code(), "NO_DRAFT");
    office.play(id, [(Person::Drafter, draft("Madame,"))]).await?;
    assert_eq!(office.app.act(&drafter, submit).await.fine()?.dossier.stage, Stage::Review);
    Ok(())
}

/// The unit that has declined may not read the dossier any more, but what it did was done.
async fn a_unit_that_repeats_its_refusal_gets_the_same_answer(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let prisons = office.caller(Person::Prisons).await?;
    let id = office.register(petition("Curatelle")).await?.dossier.id;
    office.play(id, [(Person::Clerk, route(office.unit("DAP")?))]).await?;
    let decline = Command::Decline {
        reason: DeclineReason::OtherUnit,
        proposed: Some(office.unit("DACS")?),
        note: String::new(),
    };
    let order = office.order(id, decline);
    let first = office.app.act(&prisons, order.clone()).await.fine()?;
    let second = office.app.act(&prisons, order).await.fine()?;
    assert_eq!(first, second);
    assert_eq!(office.app.dossier(&prisons, id).await.fine()?, None);
    Ok(())
}

async fn eight_at_once_with_one_key_make_one_dossier(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let key = office.key();
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (app, clerk, key) = (office.app.clone(), clerk.clone(), key.clone());
        tasks.spawn(async move { app.register_mail(&clerk, key, petition("Curatelle")).await.fine() });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        answers.push(answer??);
    }
    assert_eq!(answers.len(), 8);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(office.app.count(&clerk, &List::default()).await.fine()?, 1);
    assert_eq!(office.register(petition("Tutelle")).await?.dossier.reference, "SG-2026-A-000002");
    Ok(())
}

async fn eight_at_once_with_one_key_do_one_act(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let id = office.register(petition("Curatelle")).await?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    let order = office.order(id, draft("Madame,"));
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (app, drafter, order) = (office.app.clone(), drafter.clone(), order.clone());
        tasks.spawn(async move { app.act(&drafter, order).await.fine() });
    }
    while let Some(answer) = tasks.join_next().await {
        assert_eq!(answer??.version, 4);
    }
    let lines = office.app.journal(&drafter, id, 0, 100).await.fine()?;
    assert_eq!(lines.items.len(), 4);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}
