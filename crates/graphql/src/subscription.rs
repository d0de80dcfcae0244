//! What a program is told as it happens.

use async_graphql::{Context, ID, SimpleObject, Subscription};
use futures_util::stream::{Stream, unfold};
use pli_app::{Bearer, Error, Following};

use crate::error::{GqlError, Result};
use crate::ids::{app, caller, dossier_id};

/// A stream ends when the session or the token that opened it does, or when the dossier goes out of reach.
#[derive(Default)]
pub(crate) struct Feed;

/// A dossier has changed.
#[derive(SimpleObject)]
pub(crate) struct DossierChange {
    /// Which one.
    id: ID,
    /// How many acts were accepted on it by now.
    version: u32,
}

/// Something has changed.
#[derive(SimpleObject)]
pub(crate) struct WorklistChange {
    /// When it was told.
    at: chrono::DateTime<chrono::Utc>,
}

/// What can be followed: it is told that something has changed, and a query says what.
#[Subscription(name = "Subscription")]
impl Feed {
    /// A dossier, each time it has changed; at once when it is no longer at the version given.
    async fn dossier_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier.")] id: ID,
        #[graphql(desc = "The version that one has.")] version: Option<u32>,
    ) -> Result<impl Stream<Item = DossierChange> + use<>> {
        let (dossier, bearer) = (dossier_id(&id)?, bearer(ctx)?);
        let following = app(ctx)?.follow_dossier(caller(ctx)?, bearer, dossier, version).await?;
        Ok(unfold((following, id), async |(mut following, id): (Following, ID)| {
            let version = following.next().await?;
            Some((DossierChange { id: id.clone(), version }, (following, id)))
        }))
    }

    /// Whatever the person may read, when something of it has changed: at most once in ten seconds.
    async fn worklist_changed(
        &self,
        ctx: &Context<'_>,
    ) -> Result<impl Stream<Item = WorklistChange> + use<>> {
        let (app, bearer) = (app(ctx)?.clone(), bearer(ctx)?);
        let following = app.follow_everything(caller(ctx)?, bearer)?;
        Ok(unfold((following, app), async |(mut following, app): (Following, pli_app::App)| {
            following.next().await?;
            Some((WorklistChange { at: app.now().instant() }, (following, app)))
        }))
    }
}

/// By what the one who asks came in.
fn bearer(ctx: &Context<'_>) -> Result<Bearer> {
    caller(ctx)?;
    ctx.data_opt::<Bearer>().cloned().ok_or_else(|| GqlError::from(Error::Unavailable))
}
