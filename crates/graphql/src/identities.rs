//! Identities that a provider answers for (ProConnect), and the accounts that they open.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use pli_app::{Error, Key};

use crate::error::{Result, UserError};
use crate::ids::{app, caller, identity_id, of_identity, person_id};
use crate::mutations::{OnSetting, refusals};

/// An identity for which a provider answers.
#[derive(SimpleObject)]
pub(crate) struct Identity {
    /// Its global identifier.
    id: ID,
    /// Who answers for it.
    issuer: String,
    /// Its name there.
    subject: String,
    /// The person's name, as told when they last came.
    name: String,
    /// Their address, as told when they last came.
    email: String,
    /// When they last came.
    seen_at: DateTime<Utc>,
}

impl From<pli_domain::account::Identity> for Identity {
    fn from(one: pli_domain::account::Identity) -> Self {
        Self {
            id: of_identity(one.id),
            seen_at: one.seen_at.instant(),
            issuer: one.issuer,
            subject: one.subject,
            name: one.name,
            email: one.email,
        }
    }
}

/// What is asked of identities.
#[derive(Default)]
pub(crate) struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// The identities that open a person's account (administrators who keep the account; empty otherwise).
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn identities_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What they type to sign in.")] login: String,
    ) -> Result<Vec<Identity>> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        match app.person(caller, &login).await? {
            Some(person) => {
                Ok(app.identities_of(caller, &person).await?.into_iter().map(Identity::from).collect())
            }
            None => Ok(Vec::new()),
        }
    }

    /// The identities that wait to be bound to an account, the latest come first, 50 at most (administrators of the whole
    /// ministry; empty otherwise).
    #[graphql(complexity = "10 + 50 * child_complexity")]
    async fn waiting_identities(&self, ctx: &Context<'_>) -> Result<Vec<Identity>> {
        let waiting = app(ctx)?.waiting_identities(caller(ctx)?).await?;
        Ok(waiting.into_iter().map(Identity::from).collect())
    }
}

/// What became of an identity.
#[derive(SimpleObject)]
pub(crate) struct IdentityPayload {
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

impl IdentityPayload {
    fn new(outcome: std::result::Result<(), Error>) -> Result<Self> {
        let (_, user_errors) = refusals(outcome)?;
        Ok(Self { user_errors })
    }
}

/// What is done to identities. A token does none of it.
#[derive(Default)]
pub(crate) struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Binds an identity to a person's account, which it opens from now on (administrator of the whole ministry).
    async fn bind_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identity.")] on: OnSetting,
        #[graphql(desc = "The person whose account it opens.")] person: ID,
    ) -> Result<IdentityPayload> {
        let (identity, person, key) = (identity_id(&on.id)?, person_id(&person)?, Key(on.idempotency_key));
        IdentityPayload::new(app(ctx)?.bind_identity(caller(ctx)?, key, person, identity).await)
    }

    /// Takes an identity from a person's account, and closes the sessions that the provider opened (administrator).
    async fn unbind_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The identity.")] on: OnSetting,
        #[graphql(desc = "The person whose account it opens.")] person: ID,
    ) -> Result<IdentityPayload> {
        let (identity, person, key) = (identity_id(&on.id)?, person_id(&person)?, Key(on.idempotency_key));
        IdentityPayload::new(app(ctx)?.unbind_identity(caller(ctx)?, key, person, identity).await)
    }
}
