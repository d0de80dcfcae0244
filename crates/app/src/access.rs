//! Signing in, and being recognised.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use chrono::TimeDelta;
use pli_domain::digest::{Digest, hex};
use pli_domain::time::Timestamp;
use pli_persistence::Bearer;

use crate::{App, Caller, Error};

/// How long a session lasts.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// A hash of no one's password, checked when the login is unknown, so that the answer takes as long as for a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcA$kC3GRG6BF6p3ZVBMBeTIXy6B3tXxJRPnXzZHRWAnZVo";

/// Letters and digits of which none is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A secret to be kept by a browser or a program; only its digest is stored. It is shown by [`Secret::reveal`] alone.
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

/// A session that was opened.
#[derive(Debug)]
pub struct SignIn {
    /// What the browser keeps.
    pub secret: Secret,
    /// When it ends.
    pub expires_at: Timestamp,
}

fn digest(secret: &str) -> Digest {
    Digest::of([secret])
}

/// Hashes a password (Argon2id). It takes a while: not for the threads that serve requests.
pub(crate) async fn hash_password(password: String) -> Result<String, Error> {
    let hash = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    hash.await
        .map_err(|error| Error::Internal(Box::new(error)))?
        .map_err(|error| Error::Internal(error.to_string().into()))
}

async fn verify_password(password: String, hash: String) -> Result<bool, Error> {
    let verify = move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    tokio::task::spawn_blocking(verify).await.map_err(|error| Error::Internal(Box::new(error)))
}

impl App {
    /// Opens a session for a login and its password; `None` when they do not go together, whichever is wrong.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<Option<SignIn>, Error> {
        let account = self.store.account(&login.trim().replace('\0', "")).await?;
        let hash = account.as_ref().map_or(NOBODY, |account| account.password_hash.as_str());
        let good = verify_password(password.to_owned(), hash.to_owned()).await?;
        let Some(account) = account.filter(|_| good) else {
            return Ok(None);
        };
        let secret = Secret::draw()?;
        let now = self.clock.now();
        let expires_at = Timestamp::new(now.instant() + SESSION);
        let uow = self.store.begin().await?;
        uow.add_session(&digest(secret.reveal()), account.id, now, expires_at).await?;
        uow.commit().await?;
        Ok(Some(SignIn { secret, expires_at }))
    }

    /// Closes a session.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), Error> {
        let uow = self.store.begin().await?;
        uow.end_session(&digest(secret)).await?;
        Ok(uow.commit().await?)
    }

    /// Who bears this session.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn by_session(&self, secret: &str) -> Result<Option<Caller>, Error> {
        self.by_bearer(&Bearer::Session(digest(secret))).await
    }

    /// Who bears this token of the API.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn by_token(&self, secret: &str) -> Result<Option<Caller>, Error> {
        self.by_bearer(&Bearer::Token(digest(secret))).await
    }

    async fn by_bearer(&self, bearer: &Bearer) -> Result<Option<Caller>, Error> {
        match self.store.bearer(bearer, self.clock.now()).await? {
            Some(actor) => self.caller(actor).await.map(Some),
            None => Ok(None),
        }
    }

    /// Makes a token of the API for an account; shown once. Without an end it lasts until it is taken back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such account.
    pub async fn create_token(
        &self,
        login: &str,
        name: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<Secret, Error> {
        let account = self.store.account(login).await?.ok_or(Error::NotFound)?;
        let secret = Secret::draw()?;
        let uow = self.store.begin().await?;
        uow.add_token(&digest(secret.reveal()), account.id, name, self.clock.now(), expires_at).await?;
        uow.commit().await?;
        Ok(secret)
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
