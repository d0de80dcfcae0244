//! Mail, as a real server receives it, or does not.

mod alerts;
mod imports;
mod links;
mod reminders;

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use pli_domain::time::Timestamp;
use pli_server::mail::{Failure, Mailer, Message};
use pli_tests::Smtp;

fn mailer(url: &str) -> Result<Mailer> {
    Mailer::new(url, "Pli du secrétariat général <pli@justice.gouv.fr>")
}

fn message(id: &str) -> Result<Message> {
    Ok(Message {
        id: id.to_owned(),
        written_at: Timestamp::new("2026-11-22T18:05:07.25Z".parse()?),
        to_address: "claire.martin@justice.gouv.fr".to_owned(),
        to_name: "Claire Martin".to_owned(),
        subject: "Un dossier en retard".to_owned(),
        text: "Madame,\n\nUn dossier est en retard.\n".to_owned(),
    })
}

/// How a message that should not go fails.
async fn failure(mailer: &Mailer, message: Message) -> Result<Failure> {
    mailer.send(&message).await.err().ok_or_else(|| anyhow!("it was sent: {message:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_arrives_as_it_was_written() -> Result<()> {
    let smtp = Smtp::open()?;
    let subject = "Relance\u{a0}: SG-2026-A-000001, «\u{a0}Frais d’avocat\u{a0}» — œuvre du cabinet, \
                   à traiter avant le 22\u{202f}novembre 2026, dernier délai";
    let text = format!(
        "Madame,\n\nLe dossier «\u{a0}Frais d’avocat\u{a0}» est en retard.\n.\n..\n. fin\nFrom ici = là\n\n{}\n{}\n\tFin. \n",
        "Une longue ligne, avec des accents\u{a0}: é à ç œ €. ".repeat(60),
        "x".repeat(3000),
    );
    let sent = Message {
        to_name: "Hélène d’Arc, née « Dupont »".to_owned(),
        subject: subject.to_owned(),
        text: text.clone(),
        ..message("relance.0198c0de-0000-7000-8000-000000000001")?
    };
    mailer(&smtp.url())?.send(&sent).await?;
    let mails = smtp.mails().await?;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.id, "relance.0198c0de-0000-7000-8000-000000000001@justice.gouv.fr");
    assert_eq!(mail.date.to_rfc3339(), "2026-11-22T18:05:07+00:00");
    assert_eq!(mail.from, "Pli du secrétariat général <pli@justice.gouv.fr>");
    assert_eq!(mail.to, "Hélène d’Arc, née « Dupont » <claire.martin@justice.gouv.fr>");
    assert_eq!(mail.recipients, "claire.martin@justice.gouv.fr");
    assert_eq!(mail.headers["x-mailfrom"], "pli@justice.gouv.fr");
    assert_eq!(mail.headers["auto-submitted"], "auto-generated");
    assert_eq!(mail.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(mail.subject, subject);
    assert_eq!(mail.text, text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_words_arrive_too() -> Result<()> {
    let smtp = Smtp::open()?;
    let sent = Message {
        to_name: String::new(),
        subject: "Rappel".to_owned(),
        text: "Bonjour,\r\nun\rdeux\n.\n".to_owned(),
        ..message("un")?
    };
    Mailer::new(&smtp.url(), "pli@justice.gouv.fr")?.send(&sent).await?;
    let mails = smtp.mails().await?;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.from, "pli@justice.gouv.fr");
    assert_eq!(mail.to, "claire.martin@justice.gouv.fr");
    assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("Rappel", "Bonjour,\nun\ndeux\n.\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_follow_one_another_on_one_connection() -> Result<()> {
    let smtp = Smtp::open()?;
    let mailer = mailer(&smtp.url())?;
    let (un, deux, trois) = (message("un")?, message("deux")?, message("trois")?);
    mailer.send(&un).await?;
    tokio::try_join!(mailer.send(&deux), mailer.send(&trois))?;
    let mails = smtp.mails().await?;
    let mut ids: Vec<_> = mails.iter().map(|mail| mail.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["deux@justice.gouv.fr", "trois@justice.gouv.fr", "un@justice.gouv.fr"]);
    let from: Vec<_> = mails.iter().map(|mail| &mail.headers["x-peer"]).collect();
    assert!(from.windows(2).all(|pair| pair[0] == pair[1]), "{from:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_waits_for_a_server_that_is_down() -> Result<()> {
    let mut smtp = Smtp::open()?;
    let mailer = mailer(&smtp.url())?;
    // A connection is kept, which dies with the server.
    mailer.send(&message("avant")?).await?;
    smtp.stop();
    for _ in 0..2 {
        let failure = failure(&mailer, message("pendant")?).await?;
        assert!(matches!(failure, Failure::NotSent(_)), "{failure}");
    }
    smtp.start()?;
    mailer.send(&message("pendant")?).await?;
    let ids: Vec<_> = smtp.mails().await?.into_iter().map(|mail| mail.id).collect();
    assert_eq!(ids, ["avant@justice.gouv.fr", "pendant@justice.gouv.fr"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_restarted_meanwhile_is_not_noticed() -> Result<()> {
    let mut smtp = Smtp::open()?;
    let mailer = mailer(&smtp.url())?;
    mailer.send(&message("avant")?).await?;
    smtp.stop();
    smtp.start()?;
    mailer.send(&message("ensuite")?).await?;
    assert_eq!(smtp.mails().await?.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_no_address_goes_nowhere_and_the_next_one_arrives() -> Result<()> {
    let smtp = Smtp::open()?;
    let mailer = mailer(&smtp.url())?;
    for address in ["claire", "claire@justice.gouv.fr, autre@justice.gouv.fr", "hélène@justice.gouv.fr"] {
        let wrong = Message { to_address: address.to_owned(), ..message("un")? };
        let failure = failure(&mailer, wrong).await?;
        assert!(matches!(failure, Failure::BadAddress(_)), "{failure}");
    }
    assert_eq!(smtp.mails().await?.len(), 0);
    mailer.send(&message("deux")?).await?;
    assert_eq!(smtp.mails().await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_one_that_was_not_reached() -> Result<()> {
    for url in ["smtp://127.0.0.1:1", "smtps://127.0.0.1:1", "smtp://nulle-part.invalid"] {
        let failure = failure(&mailer(url)?, message("un")?).await?;
        assert!(matches!(failure, Failure::NotSent(_)), "{url}: {failure}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_taking_was_not_confirmed_may_have_arrived() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("smtp://{}", listener.local_addr()?);
    // What `aiosmtpd` cannot be asked for: the whole message is taken, and the line goes dead.
    let server = thread::spawn(move || -> Result<Vec<String>> {
        let (mut stream, _) = listener.accept()?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        stream.write_all(b"220 ici\r\n")?;
        for answer in ["250 ici", "250 ok", "250 ok", "354 oui"] {
            lines.next().context("no command")??;
            stream.write_all(format!("{answer}\r\n").as_bytes())?;
        }
        let read: io::Result<_> =
            lines.take_while(|line| line.as_ref().map_or(true, |line| line != ".")).collect();
        Ok(read?)
    });
    let failure = failure(&mailer(&url)?, message("un")?).await?;
    assert!(matches!(failure, Failure::Unknown(_)), "{failure}");
    let received = server.join().map_err(|_| anyhow!("the server panicked"))??;
    assert!(received.contains(&"Un dossier est en retard.".to_owned()), "{received:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_in_a_name_or_a_subject_adds_nothing_to_the_message() -> Result<()> {
    let smtp = Smtp::open()?;
    let evil = "Martin\r\nBcc: autre@justice.gouv.fr\r\n\r\nAutre texte";
    let sent = Message { to_name: evil.to_owned(), subject: evil.to_owned(), ..message("un")? };
    mailer(&smtp.url())?.send(&sent).await?;
    let mails = smtp.mails().await?;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.recipients, "claire.martin@justice.gouv.fr");
    assert!(!mail.headers.contains_key("bcc"), "{:?}", mail.headers);
    assert_eq!(mail.subject, "Martin Bcc: autre@justice.gouv.fr Autre texte");
    assert_eq!(mail.to, "Martin Bcc: autre@justice.gouv.fr Autre texte <claire.martin@justice.gouv.fr>");
    assert_eq!(mail.text, sent.text);
    Ok(())
}
