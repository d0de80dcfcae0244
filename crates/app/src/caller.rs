//! Who asks.

use std::sync::Arc;

use pli_domain::account::TokenScope;
use pli_domain::actor::{Actor, Scope};
use pli_domain::delay::Delays;
use pli_domain::ids::SessionId;
use pli_domain::organisation::Organisation;
use pli_persistence::{Lease, Moment, Settings, UnitOfWork};

use crate::{App, Error};

/// Someone who has said who they are, with what they may read.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person, or the part of Pli.
    pub actor: Actor,
    /// The organisation at this moment.
    pub organisation: Arc<Organisation>,
    /// The delay rules and the calendar at this moment.
    pub delays: Arc<Delays>,
    /// What they may read.
    pub scope: Scope,
    /// How they came in.
    pub means: Means,
    /// How far the database had come then: what is read for them from a replica is no older. `None` when there is no replica.
    pub moment: Option<Moment>,
    /// The one connection on which all is read for this request, when it has leased one.
    pub lease: Option<Lease>,
}

/// How a caller came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// By a browser's session.
    Session(SessionId),
    /// By a browser's session that a link has opened: less is done by it.
    Link(SessionId),
    /// By a token of the API, which lets do that much.
    Token(TokenScope),
    /// From within: the command line, the work that Pli does by itself.
    Within,
}

impl Caller {
    /// An actor who came in so, by these settings; a link opens some of the roles.
    pub(crate) fn of(actor: Actor, means: Means, settings: &Settings) -> Self {
        let actor = if matches!(means, Means::Link(_)) { actor.by_link() } else { actor };
        let (organisation, delays) = (settings.organisation.clone(), settings.delays.clone());
        let scope = actor.scope(&organisation);
        Self { actor, organisation, delays, scope, means, moment: None, lease: None }
    }

    /// The same caller, who is about to change something: the connection goes back.
    pub async fn off(self) -> Self {
        if let Some(lease) = &self.lease {
            lease.give_back().await;
        }
        Self { lease: None, ..self }
    }
}

impl App {
    /// A lease of one connection of the database, for a request that only reads: [`App::on`].
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.store.lease()
    }

    /// The same Pli, which reads on the connection of a lease: who comes in is found on it, and has all read on it.
    #[must_use]
    pub fn on(&self, lease: &Lease) -> Self {
        Self { store: self.store.on(lease), ..self.clone() }
    }

    /// The caller that an actor is.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn caller(&self, actor: Actor) -> Result<Caller, Error> {
        let (settings, moment) = self.store.settings_now().await?;
        Ok(Caller { moment, ..Caller::of(actor, Means::Within, &settings) })
    }

    /// The same caller as a transaction finds them: what is decided in it is decided by the rights that they have, and the
    /// rules that hold, then.
    pub(crate) async fn current(&self, uow: &UnitOfWork, caller: &Caller) -> Result<Caller, Error> {
        let settings = self.store.settings_within(uow).await?;
        if Arc::ptr_eq(&settings.organisation, &caller.organisation) {
            return Ok(caller.clone());
        }
        let actor = match caller.actor.user() {
            Some(person) => settings.actor(person).ok_or(Error::NotFound)?.clone(),
            None => caller.actor.clone(),
        };
        Ok(Caller::of(actor, caller.means, &settings))
    }

    /// The caller that an account is, without its password: for the command line and the demonstration.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such account.
    pub async fn caller_named(&self, login: &str) -> Result<Caller, Error> {
        let account = self.store.account(login).await?.ok_or(Error::NotFound)?;
        let settings = self.store.settings().await?;
        let actor = settings.actor(account.id).ok_or(Error::NotFound)?.clone();
        Ok(Caller::of(actor, Means::Within, &settings))
    }
}
