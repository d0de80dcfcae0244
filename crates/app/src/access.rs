//! Signing in, and being recognised.

use std::net::IpAddr;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use chrono::TimeDelta;
use pli_domain::account::{AccessEntry, AccessEvent, AccountRefusal, browser, keeps_use, new_password};
use pli_domain::digest::{Digest, hex};
use pli_domain::ids::{AccessId, IdentityId, UserId};
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Account, Now, SessionRow, UnitOfWork};

use crate::commands::{internal, run};
use crate::{App, Caller, Error, Means};

/// A hash of no one's password, checked when the login is unknown, so that the answer takes as long as for a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcA$kC3GRG6BF6p3ZVBMBeTIXy6B3tXxJRPnXzZHRWAnZVo";

/// Letters and digits of which none is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A secret to be kept by a browser or a program; only its digest is stored. It is shown by [`Secret::reveal`] alone.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Draws a new one: 32 bytes of chance, in hexadecimal.
    ///
    /// # Errors
    /// [`Error::Internal`] when the machine has no chance to give.
    pub fn draw() -> Result<Self, Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
        Ok(Self(hex(&bytes)))
    }

    /// Draws a password: 100 bits of chance, in letters and digits that a person can read aloud and type.
    ///
    /// # Errors
    /// [`Error::Internal`] when the machine has no chance to give.
    pub fn password() -> Result<Self, Error> {
        let mut bytes = [0_u8; 20];
        getrandom::fill(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
        let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map_or('-', char::from);
        let groups = bytes.chunks(5).map(|group| group.iter().map(letter).collect::<String>());
        Ok(Self(groups.collect::<Vec<_>>().join("-")))
    }

    /// The text to hand over.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret")
    }
}

/// Someone who tries to sign in.
#[derive(Clone, Default)]
pub struct Attempt {
    /// What was typed as the login.
    pub login: String,
    /// What was typed as the password.
    pub password: String,
    /// What the browser keeps since it signed in before, if it does.
    pub device: Option<String>,
    /// What the browser says of itself (`User-Agent`).
    pub user_agent: String,
    /// From which address of the network.
    pub address: Option<IpAddr>,
}

/// What became of a sign-in.
#[derive(Debug)]
pub enum Entered {
    /// A session is open.
    Open(SignIn),
    /// The login and the password do not go together, whichever is wrong.
    Refused,
    /// They do, but the password was drawn for the person, who is to choose another: [`App::choose_password`].
    PasswordDrawn,
}

/// A session that was opened.
#[derive(Debug)]
pub struct SignIn {
    /// What the browser keeps while the session lasts.
    pub session: Secret,
    /// What it keeps longer, to be known when it signs in again.
    pub device: Secret,
}

/// A session to be opened.
pub(crate) struct Opening {
    /// The account, as it was when its owner was recognised.
    pub(crate) account: Account,
    /// What the browser keeps, when it is known.
    pub(crate) device: Option<Secret>,
    /// The hash of a new password, when one was chosen.
    pub(crate) password: Option<String>,
    /// How it is told in the journal of accesses: the browser when empty.
    pub(crate) detail: String,
    /// The identity for which a provider answers, and by what it is signed out there.
    pub(crate) provider: Option<(IdentityId, String)>,
}

impl Opening {
    /// By an unknown browser, without a provider.
    pub(crate) fn of(account: Account) -> Self {
        Self { account, device: None, password: None, detail: String::new(), provider: None }
    }
}

/// Whether what somebody was recognised by still opens the account: its password, or the identity for which a provider answers.
/// To look at a password takes a while, in which an administrator may shut them out.
async fn still_opens(
    uow: &UnitOfWork,
    account: &Account,
    identity: Option<IdentityId>,
) -> Result<bool, Error> {
    let Some(password) = uow.password_of(account.id).await? else { return Ok(false) };
    match identity {
        None => Ok(password == account.password_hash),
        Some(identity) => {
            Ok(uow.identity(identity).await?.is_some_and(|known| known.person == Some(account.id)))
        }
    }
}

/// How long a browser is known after it has signed in.
const DEVICE: TimeDelta = TimeDelta::days(180);

pub(crate) fn digest(secret: &str) -> Digest {
    Digest::of([secret])
}

impl App {
    /// Hashes a password (Argon2id). It takes a while: not on the threads that serve requests, and few at a time.
    pub(crate) async fn hash_password(&self, password: String) -> Result<String, Error> {
        let _turn = self.access.hashing.acquire().await.map_err(internal)?;
        let hash = tokio::task::spawn_blocking(move || {
            Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
        });
        hash.await.map_err(internal)?.map_err(|error| Error::Internal(error.to_string().into()))
    }

    /// Whether a password is the one of a hash.
    pub(crate) async fn verify_password(&self, password: String, hash: String) -> Result<bool, Error> {
        let _turn = self.access.hashing.acquire().await.map_err(internal)?;
        let verify = move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        };
        tokio::task::spawn_blocking(verify).await.map_err(internal)
    }

    /// Opens a session for a login and its password.
    ///
    /// # Errors
    /// [`Error::TooOften`] when too many were tried, whether the login exists or not.
    pub async fn sign_in(&self, attempt: &Attempt) -> Result<Entered, Error> {
        let Some((account, device)) = self.recognise(attempt).await? else {
            return Ok(Entered::Refused);
        };
        if account.password_drawn {
            return Ok(Entered::PasswordDrawn);
        }
        let opening = Opening { device, ..Opening::of(account) };
        Ok(self.open_session(attempt, opening).await?.map_or(Entered::Refused, Entered::Open))
    }

    /// Puts the person's own password in the place of the one that was drawn for them, and opens a session; `None` when the
    /// login and the drawn password do not go together, or it was not drawn.
    ///
    /// # Errors
    /// [`Error::Refused`] with what to correct, [`Error::TooOften`] as for a sign-in.
    pub async fn choose_password(&self, attempt: &Attempt, new: &str) -> Result<Option<SignIn>, Error> {
        let recognised = self.recognise(attempt).await?;
        let Some((account, device)) = recognised.filter(|(account, _)| account.password_drawn) else {
            return Ok(None);
        };
        new_password(new, &account.login, &account.name)?;
        if new == attempt.password {
            return Err(Refusal::Account(AccountRefusal::PasswordSame).into());
        }
        let hash = self.hash_password(new.to_owned()).await?;
        self.open_session(attempt, Opening { device, password: Some(hash), ..Opening::of(account) }).await
    }

    /// The account of a login and its password, with the browser's digest when it is known as someone's; `None` when they do
    /// not go together. It takes as long, and is counted the same, when there is no such account.
    async fn recognise(&self, attempt: &Attempt) -> Result<Option<(Account, Option<Secret>)>, Error> {
        let login = attempt.login.trim().replace('\0', "").to_ascii_lowercase();
        let now = self.clock.now();
        let account = self.store.account(&login).await?;
        let (device, people) = match &attempt.device {
            Some(secret) => (Some(digest(secret)), self.store.known_on(&digest(secret), now).await?),
            None => (None, Vec::new()),
        };
        let own = account.as_ref().is_some_and(|account| people.contains(&account.id));
        let counted = self.access.one_more_sign_in(&login, device.as_ref().filter(|_| own), attempt.address);
        if let Err(held) = counted {
            if self.access.tells_held(&login) {
                let person = account.as_ref().map(|account| account.id);
                let detail = browser(&attempt.user_agent);
                self.tell_attempt(AccessEvent::SignInHeld, person, attempt, detail, now).await?;
            }
            return Err(held);
        }
        let hash = account.as_ref().map_or(NOBODY, |account| account.password_hash.as_str());
        let good = self.verify_password(attempt.password.clone(), hash.to_owned()).await?;
        let device = attempt.device.clone().filter(|_| !people.is_empty()).map(Secret);
        match account {
            Some(account) if good => Ok(Some((account, device))),
            account => {
                let person = account.map(|account| account.id);
                let detail = browser(&attempt.user_agent);
                self.tell_attempt(AccessEvent::SignInRefused, person, attempt, detail, now).await?;
                Ok(None)
            }
        }
    }

    /// What the browser keeps, when somebody has signed in by it before.
    pub(crate) async fn known_device(
        &self,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<Option<Secret>, Error> {
        let Some(secret) = &attempt.device else { return Ok(None) };
        let people = self.store.known_on(&digest(secret), now).await?;
        Ok((!people.is_empty()).then(|| Secret(secret.clone())))
    }

    pub(crate) async fn tell_attempt(
        &self,
        event: AccessEvent,
        person: Option<UserId>,
        attempt: &Attempt,
        detail: String,
        now: Timestamp,
    ) -> Result<(), Error> {
        let entry = AccessEntry {
            id: AccessId(self.clock.id()),
            at: now,
            event,
            person,
            by: None,
            address: attempt.address.map(|address| address.to_string()),
            detail,
        };
        let app = self.clone();
        run(move || {
            let (app, entry) = (app.clone(), entry.clone());
            async move {
                let uow = app.store.begin().await?;
                uow.record_access(&entry).await?;
                Ok(uow.commit().await?)
            }
        })
        .await
    }

    /// Opens a session; ends those of the person's that are over. `None` when what opened it opens nothing any more: the account was
    /// disabled, its password changed or the identity taken from it since.
    pub(crate) async fn open_session(
        &self,
        attempt: &Attempt,
        opening: Opening,
    ) -> Result<Option<SignIn>, Error> {
        let now = self.clock.now();
        let Opening { account, device, password, detail, provider } = opening;
        let person = account.id;
        let (identity, provider_token) = provider.unzip();
        let device = device.map_or_else(Secret::draw, Ok)?;
        let session = Secret::draw()?;
        let row = SessionRow {
            digest: digest(session.reveal()),
            person,
            opened_at: now,
            used_at: now,
            browser: browser(&attempt.user_agent),
            provider_token,
            link: None,
        };
        let told = |event| AccessEntry {
            id: AccessId(self.clock.id()),
            at: now,
            event,
            person: Some(person),
            by: Some(person),
            address: attempt.address.map(|address| address.to_string()),
            detail: if detail.is_empty() { row.browser.clone() } else { detail.clone() },
        };
        let refused = AccessEntry { by: None, ..told(AccessEvent::SignInRefused) };
        let changed = password.as_ref().map(|_| told(AccessEvent::PasswordChanged));
        let entries: Vec<_> = changed.into_iter().chain([told(AccessEvent::SignedIn)]).collect();
        let (app, known) = (self.clone(), digest(device.reveal()));
        let opened = run(move || {
            let (app, row, known) = (app.clone(), row.clone(), known.clone());
            let (account, refused) = (account.clone(), refused.clone());
            let (password, entries) = (password.clone(), entries.clone());
            async move {
                let limits = app.access.rules.sessions;
                let uow = app.store.begin().await?;
                if !still_opens(&uow, &account, identity).await? {
                    uow.record_access(&refused).await?;
                    uow.commit().await?;
                    return Ok(false);
                }
                if let Some(hash) = &password {
                    uow.set_password(person, hash, false).await?;
                    uow.remove_links(person, |_| true).await?;
                }
                let changed = password.is_some();
                uow.end_sessions(person, |old| changed || !limits.open(old.opened_at, old.used_at, now))
                    .await?;
                uow.add_session(&row).await?;
                uow.know_device(person, &known, now, Timestamp::new(now.instant() + DEVICE)).await?;
                for entry in &entries {
                    uow.record_access(entry).await?;
                }
                uow.commit().await?;
                Ok(true)
            }
        })
        .await?;
        Ok(opened.then_some(SignIn { session, device }))
    }

    /// Closes a session; by what it is signed out of the provider that opened it, if one did.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn sign_out(&self, secret: &str) -> Result<Option<String>, Error> {
        let (app, digest) = (self.clone(), digest(secret));
        run(move || {
            let (app, digest) = (app.clone(), digest.clone());
            async move {
                let uow = app.store.begin().await?;
                let ended = uow.end_session(&digest).await?;
                uow.commit().await?;
                Ok(ended.and_then(|session| session.provider_token))
            }
        })
        .await
    }

    /// Who bears this session, while it lasts. What a page asks by itself (`passive`) is not a use of it.
    ///
    /// # Errors
    /// [`Error::TooOften`] when the person asks for too much.
    pub async fn by_session(&self, secret: &str, passive: bool) -> Result<Option<Caller>, Error> {
        let digest = digest(secret);
        let now = self.clock.now();
        let session = self.store.session(&digest).await?;
        let limits = self.access.rules.sessions;
        let open = session.filter(|(row, _)| limits.open(row.opened_at, row.used_at, now));
        let Some((session, settings)) = open else { return Ok(None) };
        let id = session.id();
        let means = if session.link.is_some() { Means::Link(id) } else { Means::Session(id) };
        let caller = self.bearer(session.person, means, settings)?;
        if caller.is_some() && !passive && keeps_use(Some(session.used_at), now) {
            let app = self.clone();
            run(move || {
                let (app, digest) = (app.clone(), digest.clone());
                async move {
                    let uow = app.store.begin().await?;
                    uow.session_used(&digest, now).await?;
                    Ok(uow.commit().await?)
                }
            })
            .await?;
        }
        Ok(caller)
    }

    /// Who bears this token of the API, until its end.
    ///
    /// # Errors
    /// [`Error::TooOften`] when the person asks for too much.
    pub async fn by_token(&self, secret: &str) -> Result<Option<Caller>, Error> {
        let digest = digest(secret);
        let now = self.clock.now();
        let open = self.store.token(&digest).await?.filter(|(token, _)| !token.ended(now));
        let Some((token, settings)) = open else { return Ok(None) };
        let caller = self.bearer(token.person, Means::Token(token.scope), settings)?;
        if caller.is_some() && keeps_use(token.used_at, now) {
            let app = self.clone();
            run(move || {
                let (app, digest) = (app.clone(), digest.clone());
                async move {
                    let uow = app.store.begin().await?;
                    uow.token_used(&digest, now).await?;
                    Ok(uow.commit().await?)
                }
            })
            .await?;
        }
        Ok(caller)
    }

    /// The person as they are now, with the roles that they have now, of which a link opens some; nobody when the account is
    /// disabled.
    fn bearer(&self, person: UserId, means: Means, (settings, moment): Now) -> Result<Option<Caller>, Error> {
        self.access.one_more_of(person)?;
        let lease = self.store.leased();
        let caller = |actor| Caller { moment, lease, ..Caller::of(actor, means, &settings) };
        Ok(settings.actor(person).cloned().map(caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_can_be_read_aloud_and_is_never_the_same() {
        let drawn: Vec<_> = (0..100).map(|_| Secret::password().unwrap().reveal().to_owned()).collect();
        for password in &drawn {
            let groups: Vec<_> = password.split('-').collect();
            assert!(groups.len() == 4 && groups.iter().all(|group| group.len() == 5), "{password}");
            assert!(password.bytes().all(|byte| byte == b'-' || LETTERS.contains(&byte)), "{password}");
            assert!(!password.contains(['i', 'l', 'o', '1']), "{password}");
        }
        let seen: std::collections::BTreeSet<_> = drawn.iter().collect();
        assert_eq!(seen.len(), drawn.len());
        let letters: std::collections::BTreeSet<_> =
            drawn.iter().flat_map(|password| password.chars()).collect();
        assert_eq!(letters.len(), 33, "all of them, and the hyphen");
    }
}
