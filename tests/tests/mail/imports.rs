//! An import that goes wrong, from the command line to the administrator's mailbox.

use anyhow::Result;
use pli_app::Origin;
use pli_domain::import_run::Feed;
use pli_feeds::{RejectReason, Rejected};
use pli_server::mail::Mailer;
use pli_server::work;
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Mail, Person};

use crate::reminders::{ADDRESS, Desk};

pli_tests::on_both!(
    an_import_that_fails_is_told_to_the_administrator_once,
    an_import_that_was_killed_is_told_once_it_is_silent,
    a_server_that_is_down_loses_no_failure,
    two_servers_tell_a_failure_once,
);

fn origin() -> Origin {
    Origin { feed: Feed::Senate, source: "questions.csv".to_owned(), digest: None }
}

async fn told(desk: &Desk) -> Result<Vec<Mail>> {
    Ok(desk.smtp.mails().await?.into_iter().filter(|mail| mail.subject.contains("l’import")).collect())
}

async fn an_import_that_fails_is_told_to_the_administrator_once(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    // A Sunday, in the night: what is broken does not wait for the morning.
    desk.office.set_clock("2026-11-22T02:00:00Z")?;
    let reason = RejectReason::MissingColumn { column: "Numéro".to_owned() };
    let broken = Err(Rejected { source: "questions.csv".to_owned(), reason });
    desk.office.app.import_file(&origin(), [broken].into_iter(), |_| {}).await.fine()?;
    let well = Origin { source: "autre.csv".to_owned(), ..origin() };
    let record = Ok(published(1, day("2026-09-15")?)?);
    desk.office.app.import_file(&well, [record].into_iter(), |_| {}).await.fine()?;
    desk.minute().await?;
    desk.minute().await?;
    let mails = told(&desk).await?;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.recipients, Person::Administrator.email());
    assert_eq!(mail.subject.replace('\u{a0}', " "), "Pli : l’import « Sénat » a échoué");
    for part in ["questions.csv", "Numéro", "/imports/1", "Rien n’a été changé"] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
    assert!(mail.text.contains(&format!("{ADDRESS}/imports/1")), "{}", mail.text);
    desk.office.set_clock("2026-11-24T09:00:00Z")?;
    desk.minute().await?;
    assert_eq!(told(&desk).await?.len(), 1, "two days later it is not news");
    Ok(())
}

async fn an_import_that_was_killed_is_told_once_it_is_silent(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let app = desk.office.app.clone();
    let killed = std::iter::from_fn(|| -> Option<Result<_, Rejected>> { panic!("killed") });
    let death = tokio::spawn(async move { app.import_file(&origin(), killed, |_| {}).await.is_ok() });
    assert!(death.await.is_err());
    desk.minute().await?;
    assert_eq!(told(&desk).await?.len(), 0, "it may still go on");
    desk.office.set_clock("2026-11-23T08:10:01Z")?;
    desk.minute().await?;
    desk.minute().await?;
    let mails = told(&desk).await?;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(mail.subject.contains("s’est interrompu"), "{}", mail.subject);
    Ok(())
}

async fn a_server_that_is_down_loses_no_failure(engine: Engine) -> Result<()> {
    let mut desk = Desk::open(engine).await?;
    desk.office.app.import_refused(&origin(), "Archive illisible.".to_owned()).await.fine()?;
    desk.smtp.stop();
    desk.minute().await?;
    desk.smtp.start()?;
    desk.office.set_clock("2026-11-23T08:16:00Z")?;
    desk.minute().await?;
    desk.minute().await?;
    assert_eq!(told(&desk).await?.len(), 1);
    Ok(())
}

async fn two_servers_tell_a_failure_once(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    desk.office.app.import_refused(&origin(), "Archive illisible.".to_owned()).await.fine()?;
    let other = Mailer::new(&desk.smtp.url(), "Pli <pli@justice.example>")?;
    let (first, second) = tokio::join!(desk.minute(), work::once(&desk.office.app, Some(&other), ADDRESS));
    first?;
    second.fine()?;
    desk.minute().await?;
    assert_eq!(told(&desk).await?.len(), 1);
    Ok(())
}
