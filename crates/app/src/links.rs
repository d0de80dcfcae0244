//! Links that let occasional contributors in: asked for from outside, or sent by whoever keeps the account; written by the
//! work that Pli does by itself; opened once.
//!
//! Nothing tells a stranger which addresses are known, nor what is wrong with a link that opens nothing. The secret is drawn
//! when the message is written, and only its digest is kept ([decision 0031](../../../docs/decisions/0031-links.md)).

use chrono::TimeDelta;
use pli_domain::account::{AccessEntry, AccessEvent, LINK_LASTS, LINK_WAITS, Link, LinkState, browser};
use pli_domain::ids::{AccessId, DigestId, LinkId, UserId};
use pli_domain::people::{self, Person};
use pli_domain::refusal::Refusal;
use pli_domain::settings::SettingsRefusal;
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, SessionRow, Slot, UnitOfWork};

use crate::access::digest;
use crate::commands::{claim, run};
use crate::reminders::{HANDING_OVER, Message};
use crate::{App, Attempt, Caller, Error, Key, Secret};

/// How long a link is shown and kept: longer than it may wait, be opened, and its session last.
const KEPT: TimeDelta = TimeDelta::days(1);

/// How many links are looked at in one go.
const AT_ONCE: u64 = 100;

impl App {
    /// Has a link sent to whoever may have one at the address that was typed as the attempt's login. Whether anybody is there
    /// is not told, neither by the answer nor by its time: the message leaves later.
    ///
    /// # Errors
    /// [`Error::Refused`] when no address looks like that, [`Error::TooOften`] when too many were asked for from one network.
    pub async fn ask_link(&self, attempt: &Attempt) -> Result<(), Error> {
        let email = people::email(&attempt.login)?.ok_or(Refusal::Required { field: "email" })?;
        self.access.one_more_stranger(attempt.address)?;
        let tells = self.access.tells_asked(&email);
        let (app, attempt) = (self.clone(), attempt.clone());
        run(move || {
            let (app, attempt, email) = (app.clone(), attempt.clone(), email.clone());
            async move {
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                let mut people = uow.linked_at(&email).await?;
                people.retain(|person| person.link_address().is_ok());
                for person in &people {
                    let last = uow.links(person.id).await?.into_iter().next();
                    if last.is_none_or(|last| last.makes_way(now)) {
                        app.add_link(&uow, person.id, None, now).await?;
                    }
                }
                if tells {
                    // Of an address that is nobody's, a line too: it takes as long.
                    let told = people.iter().map(|person| Some(person.id));
                    for person in told.chain(people.is_empty().then_some(None)) {
                        uow.record_access(&app.asked(person, &attempt, now)).await?;
                    }
                }
                Ok(uow.commit().await?)
            }
        })
        .await
    }

    /// Keeps that a link was asked for, in the place of those that still wait and of those that are long over.
    async fn add_link(
        &self,
        uow: &UnitOfWork,
        person: UserId,
        asked_by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Link, Error> {
        let kept = earlier(now, KEPT);
        uow.remove_links(person, |old| old.expires_at.is_none() || old.asked_at <= kept).await?;
        let id = LinkId(self.clock.id());
        let link = Link { id, person, asked_at: now, asked_by, expires_at: None, used_at: None };
        uow.add_link(&link).await?;
        Ok(link)
    }

    fn asked(&self, person: Option<UserId>, attempt: &Attempt, at: Timestamp) -> AccessEntry {
        AccessEntry {
            id: AccessId(self.clock.id()),
            at,
            event: AccessEvent::LinkAsked,
            person,
            by: None,
            address: attempt.address.map(|address| address.to_string()),
            detail: browser(&attempt.user_agent),
        }
    }

    /// The next link that waits for its message, written and claimed for this server; `None` when none waits.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn next_link(&self, address: &str) -> Result<Option<Message>, Error> {
        let now = self.clock.now();
        for link in self.store.waiting_links(earlier(now, LINK_WAITS), AT_ONCE).await? {
            match self.write_link(link, address, now).await {
                Ok(Some(message)) => return Ok(Some(message)),
                // It is to be tried later, was taken back, or another server writes it.
                Ok(None) | Err(Error::Unavailable) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn write_link(&self, link: Link, address: &str, now: Timestamp) -> Result<Option<Message>, Error> {
        let secret = Secret::draw()?;
        let by = self.store.names(link.asked_by).await?.into_values().next();
        let uow = self.store.begin().await?;
        let Some(person) = uow.person(link.person).await? else { return Ok(None) };
        let Ok(email) = person.link_address() else { return Ok(None) };
        let slot = (link.asked_at.paris_date(), Slot::Link(link.id));
        let until = Timestamp::new(now.instant() + HANDING_OVER);
        let id = DigestId(self.clock.id());
        let Some(id) = uow.claim_message(id, link.person, slot, (now, until)).await? else {
            return Ok(None);
        };
        let expires_at = Timestamp::new(now.instant() + LINK_LASTS);
        if !uow.write_link(link.id, &digest(secret.reveal()), expires_at, id).await? {
            return Ok(None);
        }
        let message = Message {
            id,
            name: person.name.clone(),
            email: email.to_owned(),
            written_at: now,
            subject: "Pli\u{a0}: votre lien d’accès".to_owned(),
            text: text(&person, by.as_deref(), address.trim_end_matches('/'), &secret, expires_at),
        };
        uow.commit().await?;
        Ok(Some(message))
    }

    /// Opens a session by a link, which serves once. `None` when it opens nothing, whatever the reason.
    ///
    /// # Errors
    /// [`Error::TooOften`] when too many were tried from one network.
    pub async fn open_link(&self, attempt: &Attempt, secret: &str) -> Result<Option<Secret>, Error> {
        self.access.one_more_stranger(attempt.address)?;
        let (app, attempt, link) = (self.clone(), attempt.clone(), digest(secret));
        run(move || {
            let (app, attempt, link) = (app.clone(), attempt.clone(), link.clone());
            async move {
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                let known = uow.link(&link).await?;
                let owner = known.as_ref().map(|link| link.person);
                let opens = known.filter(|link| link.state(now) == LinkState::Open);
                let opens = match (opens, owner) {
                    (Some(link), Some(owner)) => {
                        let person = uow.person(owner).await?;
                        person.filter(|person| person.link_address().is_ok()).map(|_| link)
                    }
                    _ => None,
                };
                let detail = format!("{}, par un lien", browser(&attempt.user_agent));
                let told = |event, by| AccessEntry {
                    event,
                    by,
                    detail: detail.clone(),
                    ..app.asked(owner, &attempt, now)
                };
                let Some(link) = opens else {
                    uow.record_access(&told(AccessEvent::SignInRefused, None)).await?;
                    uow.commit().await?;
                    return Ok(None);
                };
                let session = app.enter_by(&uow, &link, &attempt.user_agent, now).await?;
                uow.record_access(&told(AccessEvent::SignedIn, owner)).await?;
                uow.commit().await?;
                Ok(Some(session))
            }
        })
        .await
    }

    /// Opens the session of a link that opens; ends those of the person's that are over.
    async fn enter_by(
        &self,
        uow: &UnitOfWork,
        link: &Link,
        user_agent: &str,
        now: Timestamp,
    ) -> Result<Secret, Error> {
        let session = Secret::draw()?;
        let limits = self.access.rules.sessions;
        uow.link_used(link.id, now).await?;
        uow.end_sessions(link.person, |old| !limits.open(old.opened_at, old.used_at, now)).await?;
        uow.add_session(&SessionRow {
            digest: digest(session.reveal()),
            person: link.person,
            opened_at: now,
            used_at: now,
            browser: browser(user_agent),
            provider_token: None,
            link: Some(link.id),
        })
        .await?;
        Ok(session)
    }

    /// The caller's links of the day, the latest first.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn links(&self, caller: &Caller) -> Result<Vec<Link>, Error> {
        let since = earlier(self.clock.now(), KEPT);
        Ok(self.store.links(caller.person()?, since).await?)
    }

    /// The links of the day of a person, for whoever keeps their account; none for others.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn links_of(&self, caller: &Caller, person: &Person) -> Result<Vec<Link>, Error> {
        if !caller.sees(person) || !caller.actor.keeps(person, &caller.organisation) {
            return Ok(Vec::new());
        }
        Ok(self.store.links(person.id, earlier(self.clock.now(), KEPT)).await?)
    }

    /// Has a link sent to a person whose account the caller keeps.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know of them, [`Error::Refused`] to whoever does not keep the account, or
    /// with what is missing.
    pub async fn send_link(&self, caller: &Caller, key: Key, person: UserId) -> Result<(), Error> {
        let (by, _) = caller.session()?;
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller, key) = (app.clone(), caller.clone(), key.clone());
            async move {
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                let caller = app.current(&uow, &caller).await?;
                let theirs = kept(&uow, &caller, person).await?;
                let request = format!("send link {person}");
                if let Claim::Done { .. } = claim(&uow, &caller, &key, &request, person.0, now).await? {
                    return Ok(());
                }
                theirs.link_address()?;
                app.add_link(&uow, person, Some(by), now).await?;
                let told = app.told(&caller, person, AccessEvent::LinkSent, String::new(), now);
                uow.record_access(&told).await?;
                Ok(uow.commit().await?)
            }
        })
        .await
    }

    /// Takes a link back, and closes the session that it opened: the caller's own, or that of a `person` whose account they
    /// keep.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know of it, [`Error::Refused`] to whoever came in by a token.
    pub async fn revoke_link(
        &self,
        caller: &Caller,
        key: Key,
        person: Option<UserId>,
        link: LinkId,
    ) -> Result<(), Error> {
        let (own, _) = caller.browser()?;
        let person = person.unwrap_or(own);
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller, key) = (app.clone(), caller.clone(), key.clone());
            async move {
                let now = app.clock.now();
                let uow = app.store.begin().await?;
                let caller = app.current(&uow, &caller).await?;
                if person != own {
                    kept(&uow, &caller, person).await?;
                }
                let request = format!("revoke link {person} {link}");
                if let Claim::Done { .. } = claim(&uow, &caller, &key, &request, link.0, now).await? {
                    return Ok(());
                }
                if uow.remove_links(person, |one| one.id == link).await? == 0 {
                    return Err(Error::NotFound);
                }
                uow.end_sessions(person, |session| session.link == Some(link)).await?;
                let told = app.told(&caller, person, AccessEvent::LinkRevoked, String::new(), now);
                uow.record_access(&told).await?;
                Ok(uow.commit().await?)
            }
        })
        .await
    }
}

/// A person whose account the caller keeps.
async fn kept(uow: &UnitOfWork, caller: &Caller, person: UserId) -> Result<Person, Error> {
    caller.actor.must_administer()?;
    let theirs = uow.person(person).await?.filter(|person| caller.sees(person)).ok_or(Error::NotFound)?;
    if caller.actor.keeps(&theirs, &caller.organisation) {
        return Ok(theirs);
    }
    Err(Refusal::Settings(SettingsRefusal::BeyondReach).into())
}

fn earlier(now: Timestamp, by: TimeDelta) -> Timestamp {
    Timestamp::new(now.instant() - by)
}

/// The message: the link, what it does, and what to do with one that was not asked for.
fn text(person: &Person, by: Option<&str>, address: &str, secret: &Secret, expires_at: Timestamp) -> String {
    let (name, login, secret) = (&person.name, &person.login, secret.reveal());
    let from = match by {
        Some(by) => format!("{by} vous envoie ce lien."),
        None => "Ce lien a été demandé depuis la page de connexion.".to_owned(),
    };
    format!(
        "Bonjour {name},\n\n\
         Ce lien ouvre votre table dans Pli (compte {login}), sans mot de passe. Il sert une seule fois, jusqu’au {}\u{a0}:\n\
         {address}/connexion/lien/{secret}\n\n\
         {from} Ne le transmettez à personne\u{a0}: qui l’ouvre agit en votre nom. Si vous ne l’attendiez pas, ne l’ouvrez pas, \
         et dites-le à l’administrateur de Pli.\n\n\
         Pour en recevoir un autre\u{a0}: {address}/connexion/lien\n",
        expires_at.french()
    )
}
