//! What a person does to their own account: the password, the sessions, and what has happened to it.

use pli_domain::account::{AccessEntry, AccessEvent, AccountRefusal, new_password};
use pli_domain::actor::Role;
use pli_domain::ids::{AccessId, SessionId, UserId};
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, Page};

use crate::commands::{claim, run};
use crate::lists::PAGE;
use crate::{App, Caller, Error, Key, Means};

/// A session of the person who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// Its identifier.
    pub id: SessionId,
    /// Since when.
    pub since: Timestamp,
    /// When it was last used, five minutes more or less.
    pub used_at: Timestamp,
    /// The browser's name, in words.
    pub browser: String,
    /// Whether a link has opened it.
    pub by_link: bool,
    /// Whether it is the one by which it is asked.
    pub current: bool,
}

impl Caller {
    /// The person and their session: whoever came in by a token or a link changes nothing of the account.
    pub(crate) fn session(&self) -> Result<(UserId, SessionId), Error> {
        self.not_by_link()?;
        self.browser()
    }

    /// The person and their session, opened by a link or not: to take back what lets in.
    pub(crate) fn browser(&self) -> Result<(UserId, SessionId), Error> {
        match (self.actor.user(), self.means) {
            (Some(person), Means::Session(session) | Means::Link(session)) => Ok((person, session)),
            _ => Err(Refusal::Account(AccountRefusal::SessionRequired).into()),
        }
    }

    /// Refuses whoever came in by a link.
    pub(crate) fn not_by_link(&self) -> Result<(), Error> {
        match self.means {
            Means::Link(_) => Err(Refusal::Account(AccountRefusal::NotByLink).into()),
            Means::Session(_) | Means::Token(_) | Means::Within => Ok(()),
        }
    }

    /// The person who asks.
    pub(crate) fn person(&self) -> Result<UserId, Error> {
        self.actor.user().ok_or(Error::NotFound)
    }
}

impl App {
    /// Changes the caller's password, closes their other sessions, and takes their links back.
    ///
    /// # Errors
    /// [`Error::Refused`] with what to correct, [`Error::TooOften`] when too many present passwords were tried.
    pub async fn change_password(
        &self,
        caller: &Caller,
        key: Key,
        present: &str,
        new: &str,
    ) -> Result<(), Error> {
        let (person, session) = caller.session()?;
        self.access.one_more_password(person)?;
        let account = self.store.account_of(person).await?.ok_or(Error::NotFound)?;
        new_password(new, &account.login, &account.name)?;
        let good = self.verify_password(present.to_owned(), account.password_hash.clone()).await?;
        let hash = self.hash_password(new.to_owned()).await?;
        let same = present == new;
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller, key, hash) = (app.clone(), caller.clone(), key.clone(), hash.clone());
            let verified = account.password_hash.clone();
            async move {
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                // No password is in what the key stands for: a digest is not made to keep one.
                let claimed = claim(&uow, &caller, &key, "change password", person.0, now).await?;
                if matches!(claimed, Claim::Done { .. }) {
                    return Ok(());
                }
                // Another may have been drawn since, to shut out whoever knew this one.
                if !good || uow.password_of(person).await? != Some(verified) {
                    return Err(Refusal::Account(AccountRefusal::PasswordWrong).into());
                }
                if same {
                    return Err(Refusal::Account(AccountRefusal::PasswordSame).into());
                }
                uow.set_password(person, &hash, false).await?;
                uow.end_sessions(person, |other| other.id() != session).await?;
                uow.remove_links(person, |_| true).await?;
                let told = app.told(&caller, person, AccessEvent::PasswordChanged, String::new(), now);
                uow.record_access(&told).await?;
                Ok(uow.commit().await?)
            }
        })
        .await
    }

    /// The caller's open sessions, the latest opened first.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<OpenSession>, Error> {
        let (now, limits) = (self.clock.now(), self.access.rules.sessions);
        let rows = self.store.sessions(caller.person()?).await?;
        let open = rows.into_iter().filter(|row| limits.open(row.opened_at, row.used_at, now));
        Ok(open
            .map(|row| OpenSession {
                id: row.id(),
                since: row.opened_at,
                used_at: row.used_at,
                by_link: row.link.is_some(),
                current: [Means::Session(row.id()), Means::Link(row.id())].contains(&caller.means),
                browser: row.browser,
            })
            .collect())
    }

    /// Closes one of the caller's sessions, or all but the one by which they ask. One that is closed already stays so.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever came in by a token.
    pub async fn close_sessions(&self, caller: &Caller, which: Option<SessionId>) -> Result<(), Error> {
        let (person, own) = caller.browser()?;
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move {
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                let chosen = |id| which.map_or(id != own, |one| id == one);
                for closed in uow.end_sessions(person, |session| chosen(session.id())).await? {
                    let told = app.told(&caller, person, AccessEvent::SessionClosed, closed.browser, now);
                    uow.record_access(&told).await?;
                }
                Ok(uow.commit().await?)
            }
        })
        .await
    }

    /// A page of what has happened to the caller's account, newest first; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn own_accesses(
        &self,
        caller: &Caller,
        before: Option<AccessId>,
        size: u64,
    ) -> Result<Page<AccessEntry>, Error> {
        Ok(self.store.accesses(Some(caller.person()?), before, size.min(PAGE)).await?)
    }

    /// A page of the journal of accesses, newest first; at most 100.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is neither auditor nor administrator of the whole ministry.
    pub async fn access_journal(
        &self,
        caller: &Caller,
        before: Option<AccessId>,
        size: u64,
    ) -> Result<Page<AccessEntry>, Error> {
        if !caller.actor.has(Role::Auditor) {
            caller.actor.must_administer_all(&caller.organisation)?;
        }
        Ok(self.store.accesses(None, before, size.min(PAGE)).await?)
    }

    /// A line about something that the caller did to an account.
    pub(crate) fn told(
        &self,
        caller: &Caller,
        person: UserId,
        event: AccessEvent,
        detail: String,
        at: Timestamp,
    ) -> AccessEntry {
        let id = AccessId(self.clock.id());
        AccessEntry { id, at, event, person: Some(person), by: caller.actor.user(), address: None, detail }
    }
}
