//! Links that let occasional contributors in. They are asked for on the page: the API answers nobody who has not said who they
//! are.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use pli_app::{Error, Key};
use pli_domain::actor::Who;
use pli_domain::people::PersonCommand;
use pli_domain::time::Timestamp;

use crate::error::{Result, UserError};
use crate::ids::{app, caller, link_id, of_link, person_id};
use crate::journal::told;
use crate::mutations::{OnSetting, PersonPayload, change_person, refusals};

/// What has become of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::account::LinkState")]
pub(crate) enum LinkState {
    /// Its message leaves soon.
    Waiting,
    /// Its message could not leave.
    Lost,
    /// It opens.
    Open,
    /// It has served.
    Used,
    /// Nobody opened it in time.
    Expired,
}

/// A link that was asked for.
pub(crate) struct Link(pub(crate) pli_domain::account::Link);

/// A link that lets a person in once, sent to their address; what opens it is in the message alone.
#[Object]
impl Link {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_link(self.0.id)
    }

    /// When it was asked for.
    async fn asked_at(&self) -> DateTime<Utc> {
        self.0.asked_at.instant()
    }

    /// Who had it sent, when that was not the person.
    async fn asked_by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.0.asked_by {
            Some(by) => told(ctx, Who::User(by)).await,
            None => Ok(None),
        }
    }

    /// What has become of it.
    async fn state(&self, ctx: &Context<'_>) -> Result<LinkState> {
        Ok(self.0.state(app(ctx)?.now()).into())
    }

    /// Until when it may be opened; null while its message has not left.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at.map(Timestamp::instant)
    }

    /// When it was opened.
    async fn used_at(&self) -> Option<DateTime<Utc>> {
        self.0.used_at.map(Timestamp::instant)
    }
}

/// What is asked of links.
#[derive(Default)]
pub(crate) struct LinkQuery;

#[Object]
impl LinkQuery {
    /// The links of the day of a person, the latest first (administrators who keep the account; empty otherwise).
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn links_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they type to sign in.")] login: String,
    ) -> Result<Vec<Link>> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        match app.person(caller, &login).await? {
            Some(person) => Ok(app.links_of(caller, &person).await?.into_iter().map(Link).collect()),
            None => Ok(Vec::new()),
        }
    }
}

/// What became of a link.
#[derive(SimpleObject)]
pub(crate) struct LinkPayload {
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

impl LinkPayload {
    fn new(outcome: std::result::Result<(), Error>) -> Result<Self> {
        let (_, user_errors) = refusals(outcome)?;
        Ok(Self { user_errors })
    }
}

/// What is done to links. A token does none of it but to say who may have them.
#[derive(Default)]
pub(crate) struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Says whether a person may come in by links; without it, those that were sent open nothing any more (administrator).
    async fn set_links_allowed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] on: OnSetting,
        #[graphql(desc = "Whether they may.")] allowed: bool,
    ) -> Result<PersonPayload> {
        change_person(ctx, on, if allowed { PersonCommand::AllowLinks } else { PersonCommand::ForbidLinks })
            .await
    }

    /// Has a link sent to a person's address (administrator).
    async fn send_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] on: OnSetting,
    ) -> Result<LinkPayload> {
        let (person, key) = (person_id(&on.id)?, Key(on.idempotency_key));
        LinkPayload::new(app(ctx)?.send_link(caller(ctx)?, key, person).await)
    }

    /// Takes back one of your links, or one of a person whose account you keep (administrator); the session that it opened is
    /// closed.
    async fn revoke_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link.")] on: OnSetting,
        #[graphql(desc = "The person whose it is; you when absent.")] person: Option<ID>,
    ) -> Result<LinkPayload> {
        let person = person.as_ref().map(person_id).transpose()?;
        let (link, key) = (link_id(&on.id)?, Key(on.idempotency_key));
        LinkPayload::new(app(ctx)?.revoke_link(caller(ctx)?, key, person, link).await)
    }
}
