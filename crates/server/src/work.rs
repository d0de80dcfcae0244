//! What the server does by itself, whoever asks for nothing: it ends suspensions whose time has passed, looks each day at
//! what is open, seals the day before, takes out the traces that have come to their end, and sends the links that were asked for, the reminders and alerts that are due, and what
//! went wrong with an import. Several servers may do it at once: each message, act, snapshot and seal is
//! claimed in the database.

use std::time::Duration;

use pli_app::{App, Error, Outcome};
use tokio::time::{MissedTickBehavior, interval};
use tracing::Instrument as _;

use crate::mail::{Failure, Mailer, Message};
use crate::metrics;

/// How often it looks.
const EVERY: Duration = Duration::from_mins(1);

/// Works until it is stopped.
pub async fn run(app: App, mailer: Option<Mailer>, address: String) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let minute = once(&app, mailer.as_ref(), &address).instrument(tracing::info_span!("work"));
        match minute.await {
            Ok(_) => metrics::worked(app.now()),
            Err(error) => {
                tracing::error!(?error, "the work of this minute failed; it is taken up in the next one");
            }
        }
    }
}

/// Does what is due now; how many messages were sent.
///
/// # Errors
/// When the database fails: what was not done is done the next time.
pub async fn once(app: &App, mailer: Option<&Mailer>, address: &str) -> Result<usize, Error> {
    let (resumed, given_up) = app.keep_time().await?;
    if resumed > 0 {
        tracing::info!(resumed, "clocks run again whose suspension has ended");
    }
    if given_up > 0 {
        tracing::warn!(
            given_up,
            "messages may have been sent by a server that stopped: they are not sent again"
        );
    }
    if app.take_snapshot().await? {
        tracing::info!("today's snapshot of what is open is taken");
    }
    app.tidy_up().await?;
    if let Some(sealed) = app.seal_day().await? {
        // The technical journal goes elsewhere: there, the seal is out of reach of whoever owns the database.
        tracing::info!(number = sealed.seal.number, day = %sealed.seal.day, hash = %sealed.hash, "a day is sealed");
        if let Some(day) = app.end_traces().await? {
            tracing::info!(%day, "traces of accesses up to that day have come to their end");
        }
    }
    let eliminated = app.let_go().await?;
    if eliminated > 0 {
        tracing::info!(eliminated, "dossiers of approved lists are eliminated");
    }
    let Some(mailer) = mailer else { return Ok(0) };
    let mut sent = 0_usize;
    loop {
        let Some(message) = next(app, address).await? else { return Ok(sent) };
        let outcome = hand_over(mailer, &message).await;
        app.message_done(message.id, outcome).await?;
        if outcome == Outcome::Sent {
            sent = sent.saturating_add(1);
        }
    }
}

/// The next message that is due: a link that somebody waits for, an import that went wrong, reminders, alerts.
async fn next(app: &App, address: &str) -> Result<Option<pli_app::Message>, Error> {
    if let Some(message) = app.next_link(address).await? {
        return Ok(Some(message));
    }
    if let Some(message) = app.next_import_notice(address).await? {
        return Ok(Some(message));
    }
    if let Some(message) = app.next_message(address).await? {
        return Ok(Some(message));
    }
    app.next_alert(address).await
}

/// Hands a message to the mail server. Its words stay out of the log.
async fn hand_over(mailer: &Mailer, message: &pli_app::Message) -> Outcome {
    let letter = Message {
        id: format!("relance.{}", message.id),
        written_at: message.written_at,
        to_address: message.email.clone(),
        to_name: message.name.clone(),
        subject: message.subject.clone(),
        text: message.text.clone(),
    };
    match mailer.send(&letter).await {
        Ok(()) => Outcome::Sent,
        Err(failure) => {
            tracing::warn!(message = %message.id, %failure, "a reminder was not sent");
            match failure {
                Failure::NotSent(_) => Outcome::NotSent,
                Failure::BadAddress(_) => Outcome::BadAddress,
                Failure::Unknown(_) => Outcome::Unknown,
            }
        }
    }
}
