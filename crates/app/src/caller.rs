//! Who asks.

use std::sync::Arc;

use pli_domain::account::TokenScope;
use pli_domain::actor::{Actor, Scope};
use pli_domain::delay::Delays;
use pli_domain::ids::SessionId;
use pli_domain::organisation::Organisation;

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

impl App {
    /// The caller that an actor is.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn caller(&self, actor: Actor) -> Result<Caller, Error> {
        let organisation = Arc::new(self.store.organisation().await?);
        let delays = Arc::new(self.store.delays().await?);
        let scope = actor.scope(&organisation);
        Ok(Caller { actor, organisation, delays, scope, means: Means::Within })
    }

    /// The caller that an account is, without its password: for the command line and the demonstration.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such account.
    pub async fn caller_named(&self, login: &str) -> Result<Caller, Error> {
        let account = self.store.account(login).await?.ok_or(Error::NotFound)?;
        let actor = self.store.actor(account.id).await?.ok_or(Error::NotFound)?;
        self.caller(actor).await
    }
}
