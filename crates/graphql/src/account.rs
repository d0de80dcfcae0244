//! Accounts: sessions, tokens of the API, and what has happened to them.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use pli_app::Page;
use pli_domain::actor::Who;
use pli_domain::ids::AccessId;
use pli_domain::time::Timestamp;

use crate::error::Result;
use crate::ids::{app, caller, of_session, of_token};
use crate::journal::told;
use crate::lists::{Connection, Edge, bad_cursor};

/// What a token of the API lets do, within what the person may do themselves at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::account::TokenScope")]
pub(crate) enum TokenScope {
    /// Read: any mutation is answered `READ_ONLY_TOKEN`.
    Read,
    /// Read, and act.
    Write,
}

/// What happens to accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::account::AccessEvent")]
pub(crate) enum AccessEvent {
    /// Someone has signed in.
    SignedIn,
    /// A sign-in was refused: the login and the password do not go together.
    SignInRefused,
    /// Sign-ins are refused for a while: too many were tried.
    SignInHeld,
    /// The person has chosen another password.
    PasswordChanged,
    /// A session was closed from another one.
    SessionClosed,
    /// A token of the API was made.
    TokenCreated,
    /// A token of the API was taken back.
    TokenRevoked,
    /// An identity that a provider answers for opens the account from now on.
    IdentityBound,
    /// It opens it no more.
    IdentityUnbound,
    /// A link was asked for, from outside.
    LinkAsked,
    /// A link was sent, by someone who keeps the account.
    LinkSent,
    /// A link was taken back.
    LinkRevoked,
    /// The person has taken a copy of what is held on them.
    DataExported,
    /// What was older than the table of retention says was taken out, up to the day that is told.
    TracesEnded,
}

/// An open session.
pub(crate) struct Session(pub(crate) pli_app::OpenSession);

/// A browser in which you are signed in.
#[Object]
impl Session {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_session(self.0.id)
    }

    /// Since when.
    async fn since(&self) -> DateTime<Utc> {
        self.0.since.instant()
    }

    /// When it was last used, five minutes more or less.
    async fn used_at(&self) -> DateTime<Utc> {
        self.0.used_at.instant()
    }

    /// The browser's name, in words.
    async fn browser(&self) -> &str {
        &self.0.browser
    }

    /// Whether a link has opened it: less is done by it.
    async fn by_link(&self) -> bool {
        self.0.by_link
    }

    /// Whether it is the one by which you ask.
    async fn current(&self) -> bool {
        self.0.current
    }
}

/// A token of the API.
pub(crate) struct Token(pub(crate) pli_app::Token);

/// A token of the API, by which a program acts in the person's name; the token itself is shown once, when it is made.
#[Object]
impl Token {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_token(self.0.id)
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it lets do.
    async fn scope(&self) -> TokenScope {
        self.0.scope.into()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at.instant()
    }

    /// When it ends; null when it lasts until it is taken back.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at.map(Timestamp::instant)
    }

    /// When it was last used, five minutes more or less; null when it never was.
    async fn used_at(&self) -> Option<DateTime<Utc>> {
        self.0.used_at.map(Timestamp::instant)
    }
}

/// A line of the journal of accesses.
pub(crate) struct Access(pli_domain::account::AccessEntry);

/// Something that has happened to an account.
#[Object]
impl Access {
    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at.instant()
    }

    /// What.
    async fn event(&self) -> AccessEvent {
        self.0.event.into()
    }

    /// Whose account it is; null when the login that was typed is nobody's.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.0.person {
            Some(person) => told(ctx, Who::User(person)).await,
            None => Ok(None),
        }
    }

    /// Who did it, when that was someone who had said who they are.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.0.by {
            Some(by) => told(ctx, Who::User(by)).await,
            None => Ok(None),
        }
    }

    /// From which address of the network, when it is known.
    async fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// With what: the browser in words, or the token's name.
    async fn detail(&self) -> &str {
        &self.0.detail
    }
}

/// A page of what has happened: to the caller's account, or to `all`.
pub(crate) async fn accesses(
    ctx: &Context<'_>,
    all: bool,
    first: u8,
    after: Option<String>,
) -> Result<Connection<Edge<Access>>> {
    let before = after.map(|cursor| cursor.parse::<AccessId>().map_err(|_| bad_cursor())).transpose()?;
    let (app, caller) = (app(ctx)?, caller(ctx)?);
    let Page { items, more } = if all {
        app.access_journal(caller, before, first.into()).await?
    } else {
        app.own_accesses(caller, before, first.into()).await?
    };
    let items = items.into_iter().map(|entry| (entry.id.to_string(), Access(entry)));
    Ok(Connection::new(items, before.is_some(), more))
}

/// What can be asked of accounts.
#[derive(Default)]
pub(crate) struct AccountQuery;

#[Object]
impl AccountQuery {
    /// What has happened to all accounts, newest first (auditors, administrators of the whole ministry).
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn access_journal(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Access>>> {
        accesses(ctx, true, first, after).await
    }

    /// The tokens of the API that a person holds (administrators who keep the account; empty otherwise).
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn tokens_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they type to sign in.")] login: String,
    ) -> Result<Vec<Token>> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        match app.person(caller, &login).await? {
            Some(person) => Ok(app.tokens_of(caller, &person).await?.into_iter().map(Token).collect()),
            None => Ok(Vec::new()),
        }
    }
}
