//! What is done to batches of questions.

use async_graphql::{Context, ID, Object};
use pli_domain::dossier::Command;

use super::{DossierPayload, OnDossier, act};
use crate::error::{GqlError, Result};
use crate::ids::{app, batch_id, caller, dossier_id};

/// What is done to batches.
#[derive(Default)]
pub(crate) struct BatchMutation;

#[Object]
impl BatchMutation {
    /// Begins a batch: a question is answered together with another one, the lead question (coordinator). When that one is
    /// in a batch already, the question joins it.
    async fn create_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question that joins.")] on: OnDossier,
        #[graphql(desc = "The lead question.")] lead: ID,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::JoinBatch { with: dossier_id(&lead)? }).await
    }

    /// Adds a question to a batch: it stands where the lead question stands from then on (coordinator).
    async fn add_to_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question that joins.")] on: OnDossier,
        #[graphql(desc = "The batch.")] batch: ID,
    ) -> Result<DossierPayload> {
        let batch = batch_id(&batch)?;
        let mut known = app(ctx)?.batches(caller(ctx)?, &[batch]).await?;
        let lead = known.remove(&batch).and_then(|sheets| sheets.into_iter().next());
        let with = lead.ok_or_else(|| GqlError::from(pli_app::Error::NotFound))?.dossier.id;
        act(ctx, on, Command::JoinBatch { with }).await
    }

    /// Takes a question out of its batch: it keeps its text and its place, and goes on by itself (coordinator).
    async fn leave_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::LeaveBatch).await
    }
}
