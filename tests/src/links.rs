//! Coming in by a link.

use anyhow::{Context as _, Result};
use pli_app::{Caller, Message, Outcome};
use pli_domain::people::PersonCommand;

use crate::{Fine as _, Office, Person, attempt};

/// Where Pli answers, in the messages that [`Office::link`] reads.
pub const PUBLIC: &str = "https://pli.justice.example";

impl Office {
    /// The administrator changes somebody's account.
    ///
    /// # Errors
    /// When that is refused.
    pub async fn change_person(&self, person: Person, command: PersonCommand) -> Result<()> {
        let administrator = self.caller(Person::Administrator).await?;
        let known = self.database.store.person(person.login()).await?.context("nobody")?;
        self.app.change_person(&administrator, self.key(), known.id, command).await.fine()?;
        Ok(())
    }

    /// Somebody asks for a link, from outside.
    ///
    /// # Errors
    /// When that is refused.
    pub async fn ask_link(&self, email: &str) -> Result<()> {
        self.app.ask_link(&attempt(email, "")).await.fine()
    }

    /// The next message with a link, and the link's secret; the mail server is said to have taken it.
    ///
    /// # Errors
    /// When the database fails, or the message has no link.
    pub async fn link(&self) -> Result<Option<(Message, String)>> {
        let Some(message) = self.app.next_link(PUBLIC).await.fine()? else { return Ok(None) };
        let secret = secret_in(&message.text)?;
        self.app.message_done(message.id, Outcome::Sent).await.fine()?;
        Ok(Some((message, secret)))
    }

    /// Who comes in by a link; `None` when it opens nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_link(&self, secret: &str) -> Result<Option<Caller>> {
        match self.app.open_link(&attempt("", ""), secret).await.fine()? {
            Some(session) => self.app.by_session(session.reveal(), false).await.fine(),
            None => Ok(None),
        }
    }

    /// Somebody who has come in by a link, which they may from now on.
    ///
    /// # Errors
    /// When that fails.
    pub async fn come_in_by_link(&self, person: Person) -> Result<Caller> {
        self.change_person(person, PersonCommand::AllowLinks).await?;
        self.ask_link(&person.email()).await?;
        let (_, secret) = self.link().await?.context("no link")?;
        self.open_link(&secret).await?.context("it opens nothing")
    }
}

/// The secret of the link in a message.
///
/// # Errors
/// When there is none.
pub fn secret_in(text: &str) -> Result<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once("/connexion/lien/"));
    Ok(lines.next().context("no link")?.1.trim().to_owned())
}
