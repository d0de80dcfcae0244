//! A real mail server, `aiosmtpd`, which keeps what is sent to it.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use mail_parser::{Addr, MessageParser};
use tempfile::TempDir;
use tokio::fs;

use crate::setting::setting;

/// Names the server's program.
const AIOSMTPD: &str = "PLI_TEST_AIOSMTPD";

/// A mail server on a port of its own, until it is dropped.
#[derive(Debug)]
pub struct Smtp {
    port: u16,
    running: Option<Running>,
    /// Last, so that it goes when nothing writes in it any more.
    maildir: TempDir,
}

impl Smtp {
    /// Starts a server without mail.
    ///
    /// # Errors
    /// When the program is not there, or does not start.
    pub fn open() -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let maildir = tempfile::Builder::new().prefix("pli-mail-").tempdir()?;
        let mut smtp = Self { port, running: None, maildir };
        smtp.start()?;
        Ok(smtp)
    }

    /// Starts it again after [`Smtp::stop`]: on the same port, with the mail that it had.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(&mut self) -> Result<()> {
        self.running = Some(Running::start(self.port, &self.mailbox())?);
        Ok(())
    }

    /// Stops it at once, with its connections; nothing answers on its port any more.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Where it answers: `smtp://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// What has been sent to it so far, in that order.
    ///
    /// # Errors
    /// When a message cannot be read.
    pub async fn mails(&self) -> Result<Vec<Mail>> {
        let mut found = Vec::new();
        let mut files = fs::read_dir(self.mailbox().join("new")).await?;
        while let Some(file) = files.next_entry().await? {
            let written = file.metadata().await?.modified()?;
            found.push((written, Mail::read(&fs::read(file.path()).await?)?));
        }
        found.sort_by_key(|(written, _)| *written);
        Ok(found.into_iter().map(|(_, mail)| mail).collect())
    }

    fn mailbox(&self) -> PathBuf {
        // It makes the directory itself.
        self.maildir.path().join("mail")
    }
}

/// The program, until it is dropped.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // If it has already ended, so much the better.
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

impl Running {
    /// Starts it, and waits until it says that it listens.
    fn start(port: u16, mailbox: &Path) -> Result<Self> {
        let program = setting(AIOSMTPD, "no program: the tests of mail send to a real server, aiosmtpd")?;
        let mut process = Command::new(&program)
            .args(["--nosetuid", "--debug", "--listen", &format!("127.0.0.1:{port}")])
            .args(["--class", "aiosmtpd.handlers.Mailbox"])
            .arg(mailbox)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        let output = process.stderr.take().context("no output")?;
        let running = Self(process);
        let mut output = BufReader::new(output);
        let mut said = String::new();
        while !said.contains("Server is listening on") {
            if output.read_line(&mut said)? == 0 {
                bail!("{program} has ended without listening on port {port}: {said}");
            }
        }
        // It goes on talking, and would wait for somebody to listen.
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));
        Ok(running)
    }
}

/// A message that has arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its Message-ID, without angle brackets.
    pub id: String,
    /// Its date.
    pub date: DateTime<Utc>,
    /// Who sent it: `Name <address>`, or the address alone.
    pub from: String,
    /// To whom, as the message says it.
    pub to: String,
    /// To whom, as the server was told.
    pub recipients: String,
    /// Its subject.
    pub subject: String,
    /// Its text, with `\n` at the end of each line.
    pub text: String,
    /// Its headers, names in small letters, values not decoded.
    pub headers: BTreeMap<String, String>,
}

impl Mail {
    fn read(bytes: &[u8]) -> Result<Self> {
        let message = MessageParser::default().parse(bytes).context("no message")?;
        let date = message.date().context("no date")?;
        let headers = message.headers_raw();
        let headers: BTreeMap<_, _> =
            headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
        Ok(Self {
            id: message.message_id().context("no Message-ID")?.to_owned(),
            date: DateTime::from_timestamp(date.to_timestamp(), 0).context("an impossible date")?,
            from: message.from().and_then(|from| from.first()).map(told).context("no sender")?,
            to: message.to().and_then(|to| to.first()).map(told).context("no recipient")?,
            // The server adds it.
            recipients: headers.get("x-rcptto").context("no X-RcptTo")?.clone(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).context("no text")?.replace("\r\n", "\n"),
            headers,
        })
    }
}

fn told(person: &Addr<'_>) -> String {
    let address = person.address().unwrap_or_default();
    person.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
}
