//! Mail: one plain text at a time, handed over to the office's own server.
//!
//! We hold the SMTP conversation step by step instead of leaving it to lettre's transport: only so is it known whether the
//! message had been handed over when something broke, and a server that falls silent does not stop us for ever.

mod server;
#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::{Address, Message as Letter};
use pli_domain::time::Timestamp;
use tokio::sync::Mutex;
use tokio::time::timeout;

use server::Server;

/// How long the server may take for a step. At the end it may still be about to accept the message: that is
/// [`Failure::Unknown`], and no second one follows.
const PATIENCE: Duration = Duration::from_mins(1);

/// The enhanced codes that say that the address itself is wrong (RFC 3463, section 3.2), and not who sends or what.
const BAD_ADDRESS: [&str; 6] = ["5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10"];

/// RFC 3834: nobody's out-of-office message answers this one.
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// In characters, of a name or a subject; a word of 998 could not be sent (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 500;

/// A message to one person.
#[derive(Clone, Debug)]
pub struct Message {
    /// What stands before the `@` of its Message-ID: ASCII letters, digits, `.` and `-`. The same for the same message, so
    /// that a reader's mail program can tell a second copy.
    pub id: String,
    /// When it was written: its date.
    pub written_at: Timestamp,
    /// Where it goes: `prenom.nom@justice.gouv.fr`.
    pub to_address: String,
    /// The name of whom it goes to; may be empty.
    pub to_name: String,
    /// Its subject: a line break becomes a space, and it ends after 500 characters.
    pub subject: String,
    /// Its text, plain.
    pub text: String,
}

/// Why a message was not sent, with what was said about it: for the log, in whatever language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It has certainly not been sent: the server was not reached, or refused. It may be tried again.
    #[error("le message n’est pas parti\u{a0}: {0}")]
    NotSent(String),
    /// It was being handed over, and nothing tells whether the server has it. It must not be sent again.
    #[error("le message est peut-être parti\u{a0}: {0}")]
    Unknown(String),
    /// It was not sent, and never will be to that address.
    #[error("l’adresse du destinataire est refusée\u{a0}: {0}")]
    BadAddress(String),
}

/// Sends messages, one after the other.
pub struct Mailer {
    server: Server,
    from: Mailbox,
    patience: Duration,
    /// The connection of the last message, if all went well with it: after a failure it may be anywhere in a conversation.
    connection: Mutex<Option<AsyncSmtpConnection>>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.from.to_string();
        formatter
            .debug_struct("Mailer")
            .field("server", &self.server)
            .field("from", &from)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    /// Sends through a server, in the name of a sender.
    ///
    /// - `url` is `smtps://user:password@host` (TLS, port 465), `smtp://user:password@host?tls=required` (STARTTLS, port
    ///   587) or `smtp://host` (no TLS, port 25: no password then). Another port may follow the host; a password is written
    ///   with `%40` for `@`, and so on. The server's certificate is checked against the machine's authorities.
    /// - `from` is `Pli <pli@justice.gouv.fr>`, or the address alone.
    ///
    /// Nothing is reached yet.
    ///
    /// # Errors
    /// When one of them cannot be read; the password is in no error.
    pub fn new(url: &str, from: &str) -> Result<Self> {
        let server = Server::read(url)?;
        let mailbox: Option<Mailbox> = from.parse().ok();
        let mailbox = mailbox.filter(|mailbox| is_plain(&mailbox.email)).with_context(|| {
            format!("l’expéditeur «\u{a0}{from}\u{a0}» ne se lit pas\u{a0}: écrivez par exemple Pli <pli@justice.gouv.fr>")
        })?;
        Ok(Self { server, from: mailbox, patience: PATIENCE, connection: Mutex::new(None) })
    }

    /// Sends a message: once it returns, the server has taken it.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn send(&self, message: &Message) -> Result<(), Failure> {
        let to = address(&message.to_address)?;
        let letter = self.letter(message, to.clone())?;
        let mut kept = self.connection.lock().await;
        let mut connection = self.connection(kept.take()).await?;
        self.hand_over(&mut connection, to, &letter).await?;
        *kept = Some(connection);
        Ok(())
    }

    /// The connection of last time if it still stands, or a new one.
    async fn connection(&self, kept: Option<AsyncSmtpConnection>) -> Result<AsyncSmtpConnection, Failure> {
        if let Some(mut connection) = kept
            && timeout(self.patience, connection.test_connected()).await == Ok(true)
        {
            return Ok(connection);
        }
        self.step(self.server.connect()).await.map_err(Broken::not_sent)
    }

    /// The conversation about one message.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: Address,
        letter: &[u8],
    ) -> Result<(), Failure> {
        let from = Mail::new(Some(self.from.email.clone()), Vec::new());
        self.step(connection.command(from)).await.map_err(Broken::not_sent)?;
        let to = Rcpt::new(to, Vec::new());
        self.step(connection.command(to)).await.map_err(Broken::not_sent_to_the_address)?;
        self.step(connection.command(Data)).await.map_err(Broken::not_sent)?;
        // From here on only a refusal in so many words is certain.
        let handed_over = self.step(connection.message(letter)).await;
        handed_over.map(drop).map_err(|broken| {
            if broken.refused { broken.not_sent_to_the_address() } else { Failure::Unknown(broken.reason) }
        })
    }

    /// Waits for a step, but not for ever.
    async fn step<T>(&self, step: impl Future<Output = Result<T, SmtpError>> + Send) -> Result<T, Broken> {
        match timeout(self.patience, step).await {
            Ok(done) => done.map_err(|error| Broken::from(&error)),
            Err(_) => Err(Broken::silence(self.patience)),
        }
    }

    /// The message as it goes over the wire.
    fn letter(&self, message: &Message, to: Address) -> Result<Vec<u8>, Failure> {
        let name = Some(one_line(&message.to_name)).filter(|name| !name.is_empty());
        let id = format!("<{}@{}>", message.id, self.from.email.domain());
        Letter::builder()
            .message_id(Some(id))
            .date(message.written_at.instant().into())
            .from(self.from.clone())
            .to(Mailbox::new(name, to))
            .subject(one_line(&message.subject))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .body(lines(&message.text))
            .map(|letter| letter.formatted())
            .map_err(|error| Failure::NotSent(error.to_string()))
    }
}

/// A step that did not go well.
struct Broken {
    /// Whether the server said no, in so many words.
    refused: bool,
    /// The enhanced code that the refusal began with, or its first word.
    code: String,
    reason: String,
}

impl From<&SmtpError> for Broken {
    fn from(error: &SmtpError) -> Self {
        let refused = error.is_transient() || error.is_permanent();
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        let code = said.split_whitespace().next().unwrap_or_default().to_owned();
        Self { refused, code, reason: error.to_string() }
    }
}

impl Broken {
    fn silence(patience: Duration) -> Self {
        let reason = format!("no answer in {} s", patience.as_secs_f32());
        Self { refused: false, code: String::new(), reason }
    }

    fn not_sent(self) -> Failure {
        Failure::NotSent(self.reason)
    }

    /// After the server was told the address. A refusal without such a code says nothing certain about it: 550 is also what
    /// relaying is refused with.
    fn not_sent_to_the_address(self) -> Failure {
        if self.refused && BAD_ADDRESS.contains(&self.code.as_str()) {
            Failure::BadAddress(self.reason)
        } else {
            self.not_sent()
        }
    }
}

/// An address that every server takes.
fn address(text: &str) -> Result<Address, Failure> {
    let read: Option<Address> = text.parse().ok();
    read.filter(is_plain)
        .ok_or_else(|| Failure::BadAddress(format!("«\u{a0}{text}\u{a0}» n’est pas une adresse")))
}

/// Without letters for which the server would need an extension (SMTPUTF8), and without what only quotes make legal.
fn is_plain(address: &Address) -> bool {
    let text: &str = address.as_ref();
    text.chars().all(|letter| letter.is_ascii_graphic() && letter != '"')
}

/// On one line, without control characters, cut where nobody reads on: a line of a message has an end.
fn one_line(text: &str) -> String {
    let words = text.split(char::is_control).filter(|part| !part.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let line = line.trim();
    if line.chars().count() <= LONGEST_LINE {
        return line.to_owned();
    }
    line.chars().take(LONGEST_LINE).chain(['…']).collect()
}

/// With line breaks of one kind: a lone carriage return ends a line for some servers, and not for others. The last one comes
/// with the end of the message.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim_end_matches('\n').to_owned()
}
