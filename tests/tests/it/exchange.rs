//! The exchange with *Réponses*: its pages open dossiers and move them, once; signed answers go out as they were signed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pli_app::Exchanged;
use pli_domain::dossier::{Command, Kind, Outcome, Stage};
use pli_domain::ids::DossierId;
use pli_feeds::{assemblee, reponses};
use pli_tests::samples::{day, draft, question};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    a_page_of_questions_opens_our_dossiers_once,
    what_a_house_has_published_itself_stays,
    changes_move_the_dossier_once,
    a_corrected_text_replaces_the_one_that_is_searched,
    a_transfer_is_done_when_the_question_is_given_away,
    a_signed_answer_goes_out_and_no_other,
    what_was_changed_behind_the_signature_does_not_go_out,
    a_change_that_the_rules_refuse_is_told_and_stops_no_other,
);

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures").join(name)
}

async fn receive(office: &Office, page: &str) -> Result<Exchanged> {
    let message = reponses::open(&fixture("reponses").join(page))?;
    office.app.receive_exchange(message).await.fine()
}

async fn named(office: &Office, name: &str) -> Result<pli_app::Sheet> {
    let caller = office.caller(Person::Coordinator).await?;
    let sheet = office.app.dossier_by_reference(&caller, name).await.fine()?;
    sheet.with_context(|| format!("no dossier {name}"))
}

async fn a_page_of_questions_opens_our_dossiers_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    assert_eq!(office.app.questions_token().await.fine()?, None);
    let first = receive(&office, "questions.xml").await?;
    assert_eq!((first.report.created, first.report.dossiers, first.rejected.len()), (3, 2, 0));
    assert_eq!(first.token, Some(("20260701".to_owned(), false)));
    assert_eq!(office.app.questions_token().await.fine()?.as_deref(), Some("20260701"));
    let ours = named(&office, "AN-17-QE-16458").await?;
    assert_eq!((ours.dossier.stage, ours.dossier.due_on()), (Stage::Received, Some(day("2026-08-30")?)));

    let again = receive(&office, "questions.xml").await?;
    assert_eq!((again.report.created, again.report.unchanged, again.report.dossiers), (0, 3, 0));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_a_house_has_published_itself_stays(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    receive(&office, "questions.xml").await?;
    let archive = fixture("assemblee/Questions_ecrites_extrait.json.zip");
    let report = office.app.import(assemblee::open(&archive)?, |_| {}).await.fine()?;
    assert_eq!((report.created, report.updated, report.dossiers), (345, 2, 10), "two were known");
    let published = named(&office, "AN-17-QE-3038").await?;
    assert_eq!(published.dossier.stage, Stage::Closed(Outcome::Answered));

    let again = receive(&office, "questions.xml").await?;
    assert_eq!((again.report.created, again.report.updated, again.report.unchanged), (0, 0, 3));
    let identity = "AN-17-QE-3038".parse()?;
    let kept = office.app.published(&identity).await.fine()?.context("gone")?;
    assert!(kept.uid == "QANR5L17QE3038" && !kept.answer.is_empty(), "{kept:?}");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn changes_move_the_dossier_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    receive(&office, "questions.xml").await?;
    let first = receive(&office, "changements.xml").await?;
    // A written question that is answered waits for its Journal officiel; the Sénat's is another ministry's.
    assert_eq!((first.applied, first.passed, first.rejected.len()), (2, 2, 0));
    let moved = named(&office, "AN-17-QE-16458").await?;
    let facts = moved.dossier.question().context("no question")?;
    assert_eq!((facts.signalled_on, facts.renewals), (Some(day("2026-09-21")?), 1));
    assert!(named(&office, "AN-17-QE-3038").await?.dossier.stage.is_open());

    let again = receive(&office, "changements.xml").await?;
    assert_eq!((again.applied, again.passed), (0, 4));
    assert_eq!(named(&office, "AN-17-QE-16458").await?, moved);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_corrected_text_replaces_the_one_that_is_searched(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    assert_eq!(receive(&office, "errata.xml").await?.passed, 1, "of a question that nobody knows");
    receive(&office, "questions.xml").await?;
    assert_eq!(receive(&office, "errata.xml").await?.applied, 1);
    let kept = office.app.published(&"AN-17-QE-16458".parse()?).await.fine()?.context("gone")?;
    assert_eq!(kept.question, "Texte corrigé de la question.");
    assert_eq!(receive(&office, "errata.xml").await?.passed, 1);
    assert_eq!(office.faults().await?, [""; 0], "the index follows");
    Ok(())
}

async fn a_transfer_is_done_when_the_question_is_given_away(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    receive(&office, "questions.xml").await?;
    let id = named(&office, "AN-17-QE-16458").await?.dossier.id;
    let ask = Command::RequestTransfer { ministry: "Intérieur".to_owned() };
    office.play(id, [(Person::Coordinator, ask)]).await?;
    let done = receive(&office, "attributions.xml").await?;
    assert_eq!((done.applied, done.passed, done.rejected.len()), (2, 0, 0));
    let gone = named(&office, "AN-17-QE-16458").await?;
    assert_eq!(gone.dossier.stage, Stage::Closed(Outcome::Transferred));
    assert_eq!(gone.dossier.closed_on, Some(day("2026-10-01")?));
    let kept = office.app.published(&"SENAT-2025-QE-5028".parse()?).await.fine()?.context("gone")?;
    assert!(kept.ours && kept.ministry.as_deref() == Some("Justice"));
    let again = receive(&office, "attributions.xml").await?;
    assert_eq!((again.applied, again.passed), (0, 2));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

/// Brings a question to its signature.
async fn sign(office: &Office, number: u32) -> Result<DossierId> {
    let clerk = office.caller(Person::Clerk).await?;
    let sheet = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
    let id = sheet.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    let steps = [
        (Person::Drafter, draft("Monsieur le député,\n\nLe ministère…")),
        (Person::Drafter, Command::Submit),
        (Person::Approver, Command::Approve),
        (Person::Signatory, Command::Sign),
    ];
    office.play(id, steps).await?;
    Ok(id)
}

async fn a_signed_answer_goes_out_and_no_other(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    assert_eq!(office.app.signed_answers().await.fine()?, (Vec::new(), Vec::new()));
    sign(&office, 1).await?;
    let sent = sign(&office, 2).await?;
    office.play(sent, [(Person::Coordinator, Command::Transmit)]).await?;
    let clerk = office.caller(Person::Clerk).await?;
    office.app.receive_question(&clerk, office.key(), question(3)).await.fine()?;

    let (answers, broken) = office.app.signed_answers().await.fine()?;
    assert_eq!(broken, [""; 0]);
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    let names: Vec<_> = answer.questions.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["AN-L17-QE-1"]);
    assert_eq!(answer.text, "Monsieur le député,\n\nLe ministère…");
    Ok(())
}

async fn what_was_changed_behind_the_signature_does_not_go_out(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    sign(&office, 1).await?;
    let sql = office.database.sql().await?;
    sql.run("UPDATE draft SET text = 'Un autre texte'").await?;
    let (answers, broken) = office.app.signed_answers().await.fine()?;
    assert_eq!((answers.len(), broken), (0, vec!["AN-17-QE-1".to_owned()]));
    Ok(())
}

async fn a_change_that_the_rules_refuse_is_told_and_stops_no_other(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    receive(&office, "questions.xml").await?;
    let page = std::fs::read_to_string(fixture("reponses/changements.xml"))?;
    // Nobody signals a question before it appears.
    let message = reponses::read(&page.replace("2026-09-21", "2026-01-01"))?;
    let done = office.app.receive_exchange(message).await.fine()?;
    assert_eq!((done.applied, done.rejected.len()), (1, 1), "{done:?}");
    assert_eq!(done.rejected[0].source, "AN-L17-QE-16458");
    let caller = office.caller(Person::Coordinator).await?;
    let list = pli_app::List { kind: Some(Kind::Question), ..pli_app::List::default() };
    assert_eq!(office.walk(&caller, &list, 10).await?.len(), 2);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}
