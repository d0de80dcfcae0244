//! What a person does to their own account. A token does none of it.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use pli_app::{Key, NewToken};
use pli_domain::account::TOKEN_DAYS;

use super::refusals;
use crate::account::{Session, Token, TokenScope};
use crate::error::{Result, UserError};
use crate::ids::{app, caller, person_id, session_id, token_id};

/// What a person does to their own account.
#[derive(Default)]
pub(crate) struct AccountMutation;

/// A token of the API to be made.
#[derive(InputObject)]
pub(crate) struct CreateTokenInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same, but for the
    /// token, which is shown once.
    idempotency_key: String,
    /// What it is for.
    name: String,
    /// What it lets do.
    scope: TokenScope,
    /// How long it lasts, in days: 1 to 365, 90 when absent.
    days: Option<u32>,
}

/// The token of the API on which to act.
#[derive(InputObject)]
pub(crate) struct OnToken {
    /// Its global identifier.
    id: ID,
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
}

/// What became of a token of the API.
#[derive(SimpleObject)]
pub(crate) struct TokenPayload {
    /// The token as it is listed, when the command was accepted and it still serves.
    token: Option<Token>,
    /// What the program presents (`Authorization: Bearer …`), shown this once; null when the command was run before.
    secret: Option<String>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

/// What became of your account.
#[derive(SimpleObject)]
pub(crate) struct AccountPayload {
    /// The sessions that are open now.
    sessions: Vec<Session>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

impl AccountPayload {
    async fn new(ctx: &Context<'_>, outcome: std::result::Result<(), pli_app::Error>) -> Result<Self> {
        let (_, user_errors) = refusals(outcome)?;
        let sessions = app(ctx)?.sessions(caller(ctx)?).await?;
        Ok(Self { sessions: sessions.into_iter().map(Session).collect(), user_errors })
    }
}

#[Object]
impl AccountMutation {
    /// Changes your password, and closes your other sessions.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A name of your own for this command: sent again with the same name, it runs once."
        )]
        idempotency_key: String,
        #[graphql(desc = "The present one.")] password: String,
        #[graphql(desc = "The new one: 12 characters at least.")] new_password: String,
    ) -> Result<AccountPayload> {
        let key = Key(idempotency_key);
        let outcome = app(ctx)?.change_password(caller(ctx)?, key, &password, &new_password).await;
        AccountPayload::new(ctx, outcome).await
    }

    /// Closes one of your sessions; one that is closed already stays so.
    async fn close_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session.")] id: ID,
    ) -> Result<AccountPayload> {
        let outcome = app(ctx)?.close_sessions(caller(ctx)?, Some(session_id(&id)?)).await;
        AccountPayload::new(ctx, outcome).await
    }

    /// Closes all your sessions but the one by which you ask.
    async fn close_other_sessions(&self, ctx: &Context<'_>) -> Result<AccountPayload> {
        let outcome = app(ctx)?.close_sessions(caller(ctx)?, None).await;
        AccountPayload::new(ctx, outcome).await
    }

    /// Makes a token of the API in your name.
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: CreateTokenInput,
    ) -> Result<TokenPayload> {
        let CreateTokenInput { idempotency_key, name, scope, days } = input;
        let new = NewToken { name, scope: scope.into(), days: days.unwrap_or(TOKEN_DAYS) };
        let outcome = app(ctx)?.make_token(caller(ctx)?, Key(idempotency_key), new).await;
        let (made, user_errors) = refusals(outcome)?;
        let (token, secret) = made.map_or((None, None), |(token, secret)| (Some(Token(token)), secret));
        Ok(TokenPayload { token, secret: secret.map(|secret| secret.reveal().to_owned()), user_errors })
    }

    /// Takes back one of your tokens, or one of a person whose account you keep (administrator).
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] on: OnToken,
        #[graphql(desc = "The person whose it is; you when absent.")] person: Option<ID>,
    ) -> Result<TokenPayload> {
        let person = person.as_ref().map(person_id).transpose()?;
        let key = Key(on.idempotency_key);
        let outcome = app(ctx)?.revoke_token(caller(ctx)?, key, person, token_id(&on.id)?).await;
        let (_, user_errors) = refusals(outcome)?;
        Ok(TokenPayload { token: None, secret: None, user_errors })
    }
}
