//! Links, from the page where one is asked for to the mailbox, at any hour.

use anyhow::{Context as _, Result};
use pli_domain::people::PersonCommand;
use pli_tests::links::secret_in;
use pli_tests::{Engine, Person};

use crate::reminders::{ADDRESS, Desk};

pli_tests::on_both!(
    a_link_arrives_on_a_quiet_day_and_opens,
    a_server_that_is_down_delays_it,
    two_servers_send_one_message
);

/// A Sunday, in the night.
const SUNDAY: &str = "2026-11-22T23:30:00Z";

async fn asked(desk: &Desk) -> Result<()> {
    desk.office.set_clock(SUNDAY)?;
    desk.office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    desk.office.ask_link(&Person::Drafter.email()).await
}

async fn a_link_arrives_on_a_quiet_day_and_opens(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    asked(&desk).await?;
    desk.office.ask_link("personne@justice.example").await?;
    assert_eq!(desk.minute().await?, 1);
    assert_eq!(desk.minute().await?, 0);
    let mails = desk.smtp.mails().await?;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.recipients, Person::Drafter.email());
    assert_eq!(mail.subject, "Pli\u{a0}: votre lien d’accès");
    assert!(mail.text.contains(&format!("\n{ADDRESS}/connexion/lien/")), "{}", mail.text);
    let caller = desk.office.open_link(&secret_in(&mail.text)?).await?.context("it opens nothing")?;
    assert_eq!(caller.actor.name, Person::Drafter.name());
    Ok(())
}

async fn a_server_that_is_down_delays_it(engine: Engine) -> Result<()> {
    let mut desk = Desk::open(engine).await?;
    desk.smtp.stop();
    asked(&desk).await?;
    assert_eq!(desk.minute().await?, 0);
    desk.smtp.start()?;
    assert_eq!(desk.minute().await?, 0, "not at once");
    desk.office.set_clock("2026-11-22T23:46:00Z")?;
    assert_eq!(desk.minute().await?, 1);
    let mails = desk.smtp.mails().await?;
    let mail = mails.first().context("no mail")?;
    assert!(desk.office.open_link(&secret_in(&mail.text)?).await?.is_some());
    Ok(())
}

async fn two_servers_send_one_message(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    asked(&desk).await?;
    let (first, second) = tokio::join!(desk.minute(), desk.minute());
    assert_eq!(first? + second?, 1);
    assert_eq!(desk.smtp.mails().await?.len(), 1);
    Ok(())
}
