//! Signing in by a provider that answers for people (ProConnect), and which account each identity opens.
//!
//! The provider says who someone is; who they are here, with which roles, stays Pli's. An identity that comes for the first time
//! waits until an administrator binds it to an account: an address, which another provider could tell of someone else, binds
//! nothing ([decision 0030](../../../docs/decisions/0030-proconnect.md)).

use std::net::IpAddr;

use chrono::TimeDelta;
use pli_domain::account::{AccessEvent, Admission, Identity, NotAdmitted, Presented, browser};
use pli_domain::french::French as _;
use pli_domain::ids::{IdentityId, UserId};
use pli_domain::people::Person;
use pli_domain::refusal::Refusal;
use pli_domain::settings::SettingsRefusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, FlowRow, UnitOfWork};

use crate::access::{Opening, digest};
use crate::commands::{claim, run};
use crate::{App, Attempt, Caller, Error, Key, Secret, SignIn};

/// How long a sign-in that has begun at the provider's may take.
const FLOW: TimeDelta = TimeDelta::minutes(10);

/// How long an identity waits to be bound, after it last came.
const WAITING: TimeDelta = TimeDelta::days(30);

/// How many identities are shown.
const SHOWN: u64 = 50;

/// What became of a sign-in by a provider.
#[derive(Debug)]
pub enum Recognised {
    /// A session is open.
    Open(SignIn),
    /// The identity opens no account, or one that is disabled.
    Unknown,
    /// The identity is not let in here, whatever account it might open.
    NotAdmitted(NotAdmitted),
}

impl App {
    /// Begins a sign-in at the provider's, which leads on to a path: the secret that the browser keeps meanwhile.
    ///
    /// # Errors
    /// [`Error::TooOften`] when too many have begun from the same address of the network.
    pub async fn begin_flow(&self, address: Option<IpAddr>, onward: &str) -> Result<Secret, Error> {
        self.access.one_more_stranger(address)?;
        let secret = Secret::draw()?;
        let now = self.clock.now();
        let flow = FlowRow { digest: digest(secret.reveal()), onward: onward.to_owned(), started_at: now };
        let app = self.clone();
        run(move || {
            let (app, flow) = (app.clone(), flow.clone());
            async move {
                let uow = app.store.begin().await?;
                uow.begin_flow(&flow, earlier(now, FLOW)).await?;
                Ok(uow.commit().await?)
            }
        })
        .await?;
        Ok(secret)
    }

    /// Where a sign-in that has begun leads on; `None` when there is none, or it has served, or it is too old.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn take_flow(&self, secret: &str) -> Result<Option<String>, Error> {
        let (app, digest, now) = (self.clone(), digest(secret), self.clock.now());
        let taken = run(move || {
            let (app, digest) = (app.clone(), digest.clone());
            async move {
                let uow = app.store.begin().await?;
                let taken = uow.take_flow(&digest).await?;
                uow.commit().await?;
                Ok(taken)
            }
        })
        .await?;
        Ok(taken.filter(|flow| flow.started_at >= earlier(now, FLOW)).map(|flow| flow.onward))
    }

    /// Opens a session for someone for whom a provider answers, when their identity is bound to an account. `token` is what signs
    /// them out there; of `attempt`, only where it comes from.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn sign_in_by(
        &self,
        attempt: &Attempt,
        presented: Presented,
        token: String,
        admission: &Admission,
    ) -> Result<Recognised, Error> {
        let now = self.clock.now();
        if let Err(why) = admission.admit(&presented) {
            self.tell_identity(attempt, why.french(), None, now).await?;
            return Ok(Recognised::NotAdmitted(why));
        }
        let identity = self.keep_identity(presented, now).await?;
        let account = match identity.person {
            Some(person) => self.store.account_of(person).await?,
            None => None,
        };
        let Some(account) = account else {
            self.tell_identity(attempt, "identité sans compte", identity.person, now).await?;
            return Ok(Recognised::Unknown);
        };
        let opening = Opening {
            device: self.known_device(attempt, now).await?,
            detail: format!("{}, par ProConnect", browser(&attempt.user_agent)),
            provider: Some((identity.id, token)),
            ..Opening::of(account)
        };
        Ok(self.open_session(attempt, opening).await?.map_or(Recognised::Unknown, Recognised::Open))
    }

    /// Journals that an identity let nobody in, without what would tell whose it is when it is nobody's.
    async fn tell_identity(
        &self,
        attempt: &Attempt,
        why: &str,
        person: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let detail = format!("{}, par ProConnect\u{a0}: {why}", browser(&attempt.user_agent));
        self.tell_attempt(AccessEvent::SignInRefused, person, attempt, detail, now).await
    }

    /// Keeps that an identity came, and what is told of it today.
    async fn keep_identity(&self, presented: Presented, now: Timestamp) -> Result<Identity, Error> {
        let app = self.clone();
        run(move || {
            let (app, presented) = (app.clone(), presented.clone());
            async move {
                let Presented { issuer, subject, name, email, .. } = presented;
                let uow = app.store.begin().await?;
                uow.forget_identities(earlier(now, WAITING)).await?;
                let identity = if let Some(known) = uow.identity_named(&issuer, &subject).await? {
                    let seen = Identity { name, email, seen_at: now, ..known };
                    uow.save_identity(&seen).await?;
                    seen
                } else {
                    let id = IdentityId(app.clock.id());
                    let new = Identity { id, issuer, subject, name, email, seen_at: now, person: None };
                    uow.add_identity(&new).await?;
                    new
                };
                uow.commit().await?;
                Ok(identity)
            }
        })
        .await
    }

    /// The identities that open a person's account, for whoever keeps it; none for others.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn identities_of(&self, caller: &Caller, person: &Person) -> Result<Vec<Identity>, Error> {
        let keeps = caller.sees(person) && caller.actor.keeps(person, &caller.organisation);
        if keeps { Ok(self.store.identities(Some(person.id), SHOWN).await?) } else { Ok(Vec::new()) }
    }

    /// The identities that wait to be bound to an account, the latest come first, 50 at most; none for whoever does not
    /// administer the whole ministry: nobody knows yet of which unit they are.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn waiting_identities(&self, caller: &Caller) -> Result<Vec<Identity>, Error> {
        if caller.actor.administers_all(&caller.organisation) {
            Ok(self.store.identities(None, SHOWN).await?)
        } else {
            Ok(Vec::new())
        }
    }

    /// Binds an identity to a person's account, which it opens from now on.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not administer the whole ministry, or when it opens another account.
    pub async fn bind_identity(
        &self,
        caller: &Caller,
        key: Key,
        person: UserId,
        identity: IdentityId,
    ) -> Result<(), Error> {
        caller.actor.must_administer_all(&caller.organisation)?;
        self.change_identity(caller, key, person, identity, AccessEvent::IdentityBound).await
    }

    /// Takes an identity from a person's account, and closes the sessions that were opened by the provider.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know of it, [`Error::Refused`] to whoever does not keep the account.
    pub async fn unbind_identity(
        &self,
        caller: &Caller,
        key: Key,
        person: UserId,
        identity: IdentityId,
    ) -> Result<(), Error> {
        caller.actor.must_administer()?;
        self.change_identity(caller, key, person, identity, AccessEvent::IdentityUnbound).await
    }

    async fn change_identity(
        &self,
        caller: &Caller,
        key: Key,
        person: UserId,
        identity: IdentityId,
        event: AccessEvent,
    ) -> Result<(), Error> {
        caller.session()?;
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller, key) = (app.clone(), caller.clone(), key.clone());
            async move {
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                let caller = app.current(&uow, &caller).await?;
                must_keep(&uow, &caller, person).await?;
                let request = format!("{} {person} {identity}", <&str>::from(event));
                if let Claim::Done { .. } = claim(&uow, &caller, &key, &request, identity.0, now).await? {
                    return Ok(());
                }
                let known = uow.identity(identity).await?.ok_or(Error::NotFound)?;
                let known = if event == AccessEvent::IdentityBound {
                    known.bind(person)?
                } else {
                    let freed = known.unbind(person).ok_or(Error::NotFound)?;
                    uow.end_sessions(person, |session| session.provider_token.is_some()).await?;
                    freed
                };
                uow.save_identity(&known).await?;
                let detail = format!("{} ({}), {}", known.name, known.email, known.mark());
                uow.record_access(&app.told(&caller, person, event, detail, now)).await?;
                Ok(uow.commit().await?)
            }
        })
        .await
    }
}

/// Refuses whoever does not keep a person's account.
async fn must_keep(uow: &UnitOfWork, caller: &Caller, person: UserId) -> Result<(), Error> {
    let person = uow.person(person).await?.filter(|person| caller.sees(person)).ok_or(Error::NotFound)?;
    if caller.actor.keeps(&person, &caller.organisation) {
        return Ok(());
    }
    Err(Refusal::Settings(SettingsRefusal::BeyondReach).into())
}

fn earlier(now: Timestamp, by: TimeDelta) -> Timestamp {
    Timestamp::new(now.instant() - by)
}
