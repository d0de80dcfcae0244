//! Batches: questions that get one answer, as people make them and work on them.

use anyhow::{Context as _, Result};
use pli_app::{Error, Sheet};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Command, Outcome, Stage};
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::DossierId;
use pli_domain::refusal::Refusal;
use pli_persistence::Published;
use pli_tests::samples::{day, draft, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    one_answer_is_written_approved_signed_and_sent_for_all,
    one_refusal_is_a_refusal_for_all,
    a_question_that_is_withdrawn_leaves_and_the_next_leads,
    one_that_is_taken_out_goes_on_by_itself,
    what_may_not_join_is_said,
    the_same_key_joins_once,
    out_of_scope_is_not_shown,
    batches_come_by_pages,
    look_alikes_are_proposed_with_their_score,
    two_who_act_on_one_batch_at_once_both_end,
);

async fn received(office: &Office, number: u32) -> Result<DossierId> {
    let clerk = office.caller(Person::Clerk).await?;
    let sheet = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
    Ok(sheet.dossier.id)
}

async fn join(office: &Office, one: DossierId, with: DossierId) -> Result<Sheet> {
    office.act(Person::Coordinator, one, Command::JoinBatch { with }).await?.fine()
}

/// Three questions in a batch that the first leads.
async fn three(office: &Office) -> Result<[DossierId; 3]> {
    let [one, two, three] =
        [received(office, 1).await?, received(office, 2).await?, received(office, 3).await?];
    join(office, two, one).await?;
    join(office, three, two).await?;
    Ok([one, two, three])
}

async fn sheet(office: &Office, id: DossierId) -> Result<Sheet> {
    let auditor = office.caller(Person::Auditor).await?;
    office.app.dossier(&auditor, id).await.fine()?.context("not found")
}

async fn stages(office: &Office, ids: &[DossierId]) -> Result<Vec<Stage>> {
    let mut stages = Vec::new();
    for id in ids {
        stages.push(sheet(office, *id).await?.dossier.stage);
    }
    Ok(stages)
}

fn refusal(outcome: Result<Sheet, Error>) -> Option<Refusal> {
    match outcome {
        Err(Error::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

async fn one_answer_is_written_approved_signed_and_sent_for_all(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = three(&office).await?;
    let late = received(&office, 4).await?;
    office.play(ids[0], office.to_drafting()?).await?;
    office.play(ids[1], [(Person::Drafter, draft("Une réponse pour toutes."))]).await?;
    join(&office, late, ids[2]).await?;
    let all = [ids[0], ids[1], ids[2], late];
    assert_eq!(stages(&office, &all).await?, [Stage::Drafting; 4]);
    office.play(ids[2], [(Person::Drafter, Command::Submit), (Person::Approver, Command::Approve)]).await?;
    office.play(late, [(Person::Signatory, Command::Sign)]).await?;
    assert_eq!(stages(&office, &all).await?, [Stage::Ready; 4]);
    for id in all {
        let sheet = sheet(&office, id).await?;
        let text = sheet.dossier.draft.as_ref().map(|draft| draft.text.clone());
        assert_eq!(text, Some(Digest::of(["Une réponse pour toutes."])), "{}", sheet.dossier.reference);
        assert!(sheet.dossier.signed_by.is_some());
    }

    let (answers, broken) = office.app.signed_answers().await.fine()?;
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    let names: Vec<_> = answer.questions.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["AN-L17-QE-1", "AN-L17-QE-2", "AN-L17-QE-3", "AN-L17-QE-4"]);
    assert!(broken.is_empty());
    office.play(ids[0], [(Person::Coordinator, Command::Transmit)]).await?;
    assert_eq!(stages(&office, &all).await?, [Stage::Transmitted; 4]);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn one_refusal_is_a_refusal_for_all(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = three(&office).await?;
    office.play(ids[0], office.to_drafting()?).await?;
    office
        .play(ids[0], [(Person::Approver, draft("De ma main")), (Person::Approver, Command::Submit)])
        .await?;
    let own = office.act(Person::Approver, ids[1], Command::Approve).await?;
    assert_eq!(refusal(own), Some(Refusal::SelfApproval));
    assert_eq!(stages(&office, &ids).await?, [Stage::Review; 3]);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_question_that_is_withdrawn_leaves_and_the_next_leads(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = three(&office).await?;
    let batch = sheet(&office, ids[1]).await?.dossier.seat().context("no seat")?.batch;
    let withdraw = Command::Withdraw { on: day("2026-11-20")? };
    office.play(ids[0], [(Person::Coordinator, withdraw)]).await?;
    let gone = sheet(&office, ids[0]).await?.dossier;
    assert_eq!((gone.stage, gone.seat()), (Stage::Closed(Outcome::Withdrawn), None));
    let caller = office.caller(Person::Coordinator).await?;
    let kept = office.app.batches(&caller, &[batch]).await.fine()?.remove(&batch).context("no batch")?;
    let kept: Vec<_> = kept.iter().map(|sheet| sheet.dossier.id).collect();
    assert_eq!(kept, [ids[1], ids[2]]);
    office.play(ids[2], [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    assert_eq!(stages(&office, &ids[1..]).await?, [Stage::Routed; 2]);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn one_that_is_taken_out_goes_on_by_itself(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = three(&office).await?;
    office.play(ids[0], office.to_drafting()?).await?;
    office.play(ids[0], [(Person::Drafter, draft("Commune"))]).await?;
    office.play(ids[1], [(Person::Coordinator, Command::LeaveBatch)]).await?;
    office.play(ids[1], [(Person::Drafter, draft("La sienne")), (Person::Drafter, Command::Submit)]).await?;
    assert_eq!(stages(&office, &ids).await?, [Stage::Drafting, Stage::Review, Stage::Drafting]);
    let lead = sheet(&office, ids[0]).await?;
    assert_eq!(lead.dossier.draft.map(|draft| draft.text), Some(Digest::of(["Commune"])));
    let again = office.act(Person::Coordinator, ids[1], Command::LeaveBatch).await?;
    assert_eq!(refusal(again), Some(Refusal::NotInBatch));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_may_not_join_is_said(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = three(&office).await?;
    let other = received(&office, 9).await?;
    let letter = office.register(petition("Une lettre")).await?.dossier.id;
    let attempt = async |person, one, with| -> Result<Option<Refusal>> {
        Ok(refusal(office.act(person, one, Command::JoinBatch { with }).await?))
    };
    let nowhere = DossierId(uuid::Uuid::from_u128(77));
    assert_eq!(attempt(Person::Coordinator, other, other).await?, Some(Refusal::BatchOfItself));
    assert_eq!(attempt(Person::Coordinator, other, letter).await?, Some(Refusal::BatchUnknown));
    assert_eq!(attempt(Person::Coordinator, other, nowhere).await?, Some(Refusal::BatchUnknown));
    assert_eq!(attempt(Person::Coordinator, ids[1], other).await?, Some(Refusal::InBatch));
    assert!(matches!(attempt(Person::Clerk, other, ids[0]).await?, Some(Refusal::NotYours { .. })));
    office.play(ids[0], office.to_drafting()?).await?;
    office.play(ids[0], [(Person::Drafter, draft("Écrite")), (Person::Drafter, Command::Submit)]).await?;
    assert_eq!(attempt(Person::Coordinator, other, ids[0]).await?, Some(Refusal::BatchNotBeingWritten));
    assert_eq!(sheet(&office, other).await?.dossier.seat(), None);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn the_same_key_joins_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (one, two) = (received(&office, 1).await?, received(&office, 2).await?);
    let caller = office.caller(Person::Coordinator).await?;
    let order = office.order(two, Command::JoinBatch { with: one });
    let first = office.app.act(&caller, order.clone()).await.fine()?;
    let again = office.app.act(&caller, order).await.fine()?;
    assert_eq!(first, again);
    assert_eq!(again.version, 2);
    assert_eq!(sheet(&office, one).await?.version, 2, "the batch was opened once");
    Ok(())
}

async fn out_of_scope_is_not_shown(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = three(&office).await?;
    let batch = sheet(&office, ids[0]).await?.dossier.seat().context("no seat")?.batch;
    let (drafter, prisons) = (office.caller(Person::Drafter).await?, office.caller(Person::Prisons).await?);
    for caller in [&drafter, &prisons] {
        assert!(office.app.batches(caller, &[batch]).await.fine()?.is_empty());
        assert!(office.app.batch_page(caller, None, 10).await.fine()?.items.is_empty());
    }
    // The DAP is told of one of them alone: that one is all that it sees of the batch.
    office.play(ids[2], [(Person::Coordinator, Command::LeaveBatch)]).await?;
    let informed = Command::Route {
        lead: office.unit("DACS")?,
        contributors: Vec::new(),
        informed: vec![office.unit("DAP")?],
    };
    office.play(ids[2], [(Person::Coordinator, informed)]).await?;
    office.play(ids[0], [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    join(&office, ids[2], ids[0]).await?;
    let seen = office.app.batches(&prisons, &[batch]).await.fine()?.remove(&batch).context("nothing")?;
    let seen: Vec<_> = seen.iter().map(|sheet| sheet.dossier.id).collect();
    assert_eq!(seen, [ids[2]]);
    let whole = office.app.batches(&drafter, &[batch]).await.fine()?.remove(&batch).context("nothing")?;
    assert_eq!(whole.len(), 3);
    Ok(())
}

async fn batches_come_by_pages(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for number in 0..5 {
        office.set_clock(&format!("2026-11-22T09:0{number}:00Z"))?;
        let (one, two) =
            (received(&office, 10 + number * 2).await?, received(&office, 11 + number * 2).await?);
        join(&office, two, one).await?;
    }
    let caller = office.caller(Person::Coordinator).await?;
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = office.app.batch_page(&caller, before, 2).await.fine()?;
        assert!(page.items.iter().all(|sheets| sheets.len() == 2));
        seen.extend(page.items.iter().map(|sheets| sheets[0].dossier.reference.clone()));
        before = page.items.last().and_then(|sheets| Some(sheets[0].dossier.seat()?.batch));
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, ["AN-17-QE-18", "AN-17-QE-16", "AN-17-QE-14", "AN-17-QE-12", "AN-17-QE-10"]);
    Ok(())
}

/// Keeps the text of a question as the houses publish it.
async fn publish(office: &Office, identity: &QuestionIdentity, text: &str) -> Result<()> {
    let uow = office.database.store.begin().await?;
    let published = Published {
        identity: identity.clone(),
        uid: identity.to_string(),
        subject: "Sujet".to_owned(),
        author: None,
        group: None,
        ministry: Some("Justice".to_owned()),
        ours: true,
        published_on: Some(day("2026-09-15")?),
        answered_on: None,
        question: text.to_owned(),
        answer: String::new(),
        digest: "0".to_owned(),
        author_key: None,
        member: None,
    };
    uow.keep_published(&published, office.now()).await?;
    Ok(uow.commit().await?)
}

async fn look_alikes_are_proposed_with_their_score(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut ids = Vec::new();
    for (number, text) in [
        (
            1,
            "M. le député appelle l’attention sur la surpopulation carcérale dans les maisons d’arrêt et l’encellulement individuel.",
        ),
        (
            2,
            "Mme la députée interroge sur l’encellulement individuel et la surpopulation des maisons d’arrêt.",
        ),
        (3, "M. le député interroge sur les honoraires des interprètes judiciaires et leur paiement tardif."),
    ] {
        ids.push(received(&office, number).await?);
        publish(&office, &question(number).identity, text).await?;
    }
    let caller = office.caller(Person::Coordinator).await?;
    let found = office.app.near_questions(&caller, &sheet(&office, ids[0]).await?).await.fine()?;
    let [first] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(first.sheet.dossier.id, ids[1]);
    assert!((20..=100).contains(&first.percent), "{}", first.percent);
    // What is in the batch already is not proposed again, nor what may not be seen.
    join(&office, ids[1], ids[0]).await?;
    let found = office.app.near_questions(&caller, &sheet(&office, ids[0]).await?).await.fine()?;
    assert!(found.is_empty(), "{found:?}");
    let prisons = office.caller(Person::Prisons).await?;
    let hidden = office.app.near_questions(&prisons, &sheet(&office, ids[0]).await?).await.fine()?;
    assert!(hidden.is_empty(), "{hidden:?}");
    Ok(())
}

async fn two_who_act_on_one_batch_at_once_both_end(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let ids = three(&office).await?;
    office.play(ids[0], office.to_drafting()?).await?;
    let drafter = office.caller(Person::Drafter).await?;
    let write = |id, text: &str| office.app.act(&drafter, office.order(id, draft(text)));
    let (one, two, three) = tokio::join!(write(ids[0], "Un"), write(ids[2], "Deux"), write(ids[1], "Trois"));
    for done in [one, two, three] {
        done.fine()?;
    }
    let mut texts = Vec::new();
    for id in ids {
        let draft = sheet(&office, id).await?.dossier.draft.context("no draft")?;
        assert_eq!(draft.version, 3);
        texts.push(draft.text);
    }
    assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}
