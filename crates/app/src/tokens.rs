//! Tokens of the API: made by a person for themselves, or by the command line; taken back by the person, or by whoever
//! keeps their account. A token gives no right of its own: each request looks at what the person may do then.

use pli_domain::account::{AccessEvent, TokenScope, new_token};
use pli_domain::ids::{TokenId, UserId};
use pli_domain::people::Person;
use pli_domain::refusal::Refusal;
use pli_domain::settings::SettingsRefusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, TokenRow};

use crate::access::digest;
use crate::commands::{claim, run};
use crate::{App, Caller, Error, Key, Secret};

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it lets do.
    pub scope: TokenScope,
    /// How long it lasts, in days.
    pub days: u32,
}

/// A token, as it is shown: never the token itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its identifier.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it lets do.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if it does by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, five minutes more or less.
    pub used_at: Option<Timestamp>,
    /// Whether it has ended.
    pub ended: bool,
}

impl Token {
    fn of(row: TokenRow, now: Timestamp) -> Self {
        Self {
            id: row.id(),
            ended: row.ended(now),
            name: row.name,
            scope: row.scope,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        }
    }
}

impl App {
    /// The caller's tokens, the latest made first.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<Token>, Error> {
        self.tokens_named(caller.person()?).await
    }

    /// The tokens of a person, for whoever keeps their account; none for others.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn tokens_of(&self, caller: &Caller, person: &Person) -> Result<Vec<Token>, Error> {
        let keeps = caller.sees(person) && caller.actor.keeps(person, &caller.organisation);
        if keeps { self.tokens_named(person.id).await } else { Ok(Vec::new()) }
    }

    async fn tokens_named(&self, person: UserId) -> Result<Vec<Token>, Error> {
        let now = self.clock.now();
        Ok(self.store.tokens(person).await?.into_iter().map(|row| Token::of(row, now)).collect())
    }

    /// Makes a token for the caller. The token itself is `None` when this was done before under the same key, since it is
    /// shown once.
    ///
    /// # Errors
    /// [`Error::Refused`] with what to correct, and to whoever came in by a token.
    pub async fn make_token(
        &self,
        caller: &Caller,
        key: Key,
        new: NewToken,
    ) -> Result<(Token, Option<Secret>), Error> {
        let (person, _) = caller.session()?;
        let secret = Secret::draw()?;
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller, key) = (app.clone(), caller.clone(), key.clone());
            let (new, secret) = (new.clone(), secret.clone());
            async move {
                let now = app.clock.now();
                let digest = digest(secret.reveal());
                let uow = app.store.begin().await?;
                let request = format!("make token {new:?}");
                let held = uow.tokens(person).await?;
                if let Claim::Done { subject, .. } =
                    claim(&uow, &caller, &key, &request, digest.uuid(), now).await?
                {
                    let known = held.into_iter().find(|row| row.id().0 == subject);
                    return Ok((Token::of(known.ok_or(Error::NotFound)?, now), None));
                }
                let NewToken { name, scope, days } = new;
                let open = held.iter().filter(|row| !row.ended(now)).count();
                let (name, end) = new_token(&name, days, open, now)?;
                let row = TokenRow {
                    digest,
                    person,
                    name,
                    scope,
                    created_at: now,
                    expires_at: Some(end),
                    used_at: None,
                };
                // Those that have ended make room.
                for old in held.iter().filter(|row| row.ended(now)) {
                    uow.remove_token(&old.digest).await?;
                }
                uow.add_token(&row).await?;
                let told = app.told(&caller, person, AccessEvent::TokenCreated, row.name.clone(), now);
                uow.record_access(&told).await?;
                uow.commit().await?;
                Ok((Token::of(row, now), Some(secret)))
            }
        })
        .await
    }

    /// Takes a token back: the caller's own, or that of a `person` whose account they keep.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know of it, [`Error::Refused`] to whoever came in by a token.
    pub async fn revoke_token(
        &self,
        caller: &Caller,
        key: Key,
        person: Option<UserId>,
        token: TokenId,
    ) -> Result<(), Error> {
        let (own, _) = caller.session()?;
        let (app, caller) = (self.clone(), caller.clone());
        run(move || app.clone().revoke_once(caller.clone(), key.clone(), own, person.unwrap_or(own), token))
            .await
    }

    async fn revoke_once(
        self,
        caller: Caller,
        key: Key,
        own: UserId,
        person: UserId,
        token: TokenId,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        let caller = self.current(&uow, &caller).await?;
        if person != own {
            caller.actor.must_administer()?;
            let theirs = uow.person(person).await?.filter(|person| caller.sees(person));
            if !caller.actor.keeps(&theirs.ok_or(Error::NotFound)?, &caller.organisation) {
                return Err(Refusal::Settings(SettingsRefusal::BeyondReach).into());
            }
        }
        let request = format!("revoke token {person} {token}");
        if let Claim::Done { .. } = claim(&uow, &caller, &key, &request, token.0, now).await? {
            return Ok(());
        }
        let found = uow.tokens(person).await?.into_iter().find(|row| row.id() == token);
        let row = found.ok_or(Error::NotFound)?;
        uow.remove_token(&row.digest).await?;
        let told = self.told(&caller, person, AccessEvent::TokenRevoked, row.name, now);
        uow.record_access(&told).await?;
        Ok(uow.commit().await?)
    }

    /// Makes a token of the API for an account, as the command line does; shown once. Without an end it lasts until it is
    /// taken back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such account.
    pub async fn create_token(
        &self,
        login: &str,
        name: &str,
        scope: TokenScope,
        expires_at: Option<Timestamp>,
    ) -> Result<Secret, Error> {
        let account = self.store.account(login).await?.ok_or(Error::NotFound)?;
        let secret = Secret::draw()?;
        let row = TokenRow {
            digest: digest(secret.reveal()),
            person: account.id,
            name: name.to_owned(),
            scope,
            created_at: self.clock.now(),
            expires_at,
            used_at: None,
        };
        let uow = self.store.begin().await?;
        uow.add_token(&row).await?;
        uow.commit().await?;
        Ok(secret)
    }
}
