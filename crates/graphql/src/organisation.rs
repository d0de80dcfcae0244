//! Units, and the person who asks.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, NaiveDate, Utc};
use pli_domain::actor::Actor;
use pli_domain::ids::UnitId;
use pli_domain::time::Timestamp;

use crate::account::{Access, Session, Token, accesses};
use crate::enums::{Notifications, Role, UnitKind};
use crate::error::Result;
use crate::ids::{app, caller, of_unit};
use crate::links::Link;
use crate::lists::{Connection, Edge};
use crate::loaders::Loaders;

/// A node of the organisation.
pub(crate) struct Unit(pub(crate) pli_domain::organisation::Unit);

impl Unit {
    /// The unit of that identifier; `None` when it is not in the organisation.
    pub(crate) fn find(ctx: &Context<'_>, id: UnitId) -> Result<Option<Self>> {
        Ok(caller(ctx)?.organisation.unit(id).cloned().map(Self))
    }
}

/// A node of the organisation: a direction, a service, a bureau.
#[Object]
impl Unit {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_unit(self.0.id)
    }

    /// Its short name, unique: `DACS`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its full name, in French.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn kind(&self) -> UnitKind {
        self.0.kind.into()
    }

    /// The unit above it; null for the ministry.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.parent {
            Some(parent) => Self::find(ctx, parent),
            None => Ok(None),
        }
    }

    /// First day on which work may be given to it.
    async fn valid_from(&self) -> NaiveDate {
        self.0.valid_from
    }

    /// Last day, when it has been closed.
    async fn valid_to(&self) -> Option<NaiveDate> {
        self.0.valid_to
    }

    /// How many open dossiers it leads: the number alone, for those who administer units; null for the others.
    async fn open_dossiers(&self, ctx: &Context<'_>) -> Result<Option<u64>> {
        match caller(ctx)?.actor.must_administer() {
            Ok(()) => Ok(Some(Loaders::led(ctx, self.0.id).await?)),
            Err(_) => Ok(None),
        }
    }
}

/// The person who asks.
pub(crate) struct Me(pub(crate) Actor);

/// The person who asks.
#[Object]
impl Me {
    /// Their name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where they are told of what is due; nowhere when null.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(app(ctx)?.notifications(caller(ctx)?).await?.1)
    }

    /// How they want to be told.
    async fn notifications(&self, ctx: &Context<'_>) -> Result<Notifications> {
        Ok(app(ctx)?.notifications(caller(ctx)?).await?.0.into())
    }

    /// Since when they have a private address for their calendar.
    async fn calendar_feed_since(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        Ok(app(ctx)?.feed_since(caller(ctx)?).await?.map(Timestamp::instant))
    }

    /// What they do, and where.
    async fn grants(&self) -> Vec<Grant> {
        self.0.grants.iter().copied().map(Grant).collect()
    }

    /// Their open sessions, the latest opened first.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Vec<Session>> {
        Ok(app(ctx)?.sessions(caller(ctx)?).await?.into_iter().map(Session).collect())
    }

    /// Their tokens of the API, the latest made first; 20 at most that have not ended.
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn tokens(&self, ctx: &Context<'_>) -> Result<Vec<Token>> {
        Ok(app(ctx)?.tokens(caller(ctx)?).await?.into_iter().map(Token).collect())
    }

    /// Their links of the day, the latest asked for first.
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn links(&self, ctx: &Context<'_>) -> Result<Vec<Link>> {
        Ok(app(ctx)?.links(caller(ctx)?).await?.into_iter().map(Link).collect())
    }

    /// What has happened to their account, newest first.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn accesses(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Access>>> {
        accesses(ctx, false, first, after).await
    }
}

/// A role held in a unit.
pub(crate) struct Grant(pub(crate) pli_domain::actor::Grant);

/// A role held in a unit, and so over all units below it.
#[Object]
impl Grant {
    /// The role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// Where it is held.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        Unit::find(ctx, self.0.unit)
    }
}
