//! What a coordinator decides where the public record contradicts a dossier.

use async_graphql::{Context, Object};
use pli_app::Key;

use super::{DossierPayload, OnSetting};
use crate::error::Result;
use crate::ids::{app, caller, discrepancy_id};

/// What is decided of discrepancies.
#[derive(Default)]
pub(crate) struct DiscrepancyMutation;

#[Object]
impl DiscrepancyMutation {
    /// Takes what is published as the dossier's own (coordinator).
    async fn adopt_discrepancy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The discrepancy on which to act.")] on: OnSetting,
    ) -> Result<DossierPayload> {
        let id = discrepancy_id(&on.id)?;
        DossierPayload::new(app(ctx)?.adopt_discrepancy(caller(ctx)?, Key(on.idempotency_key), id).await)
    }

    /// Keeps what is held (coordinator).
    async fn dismiss_discrepancy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The discrepancy on which to act.")] on: OnSetting,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        let id = discrepancy_id(&on.id)?;
        let key = Key(on.idempotency_key);
        DossierPayload::new(app(ctx)?.dismiss_discrepancy(caller(ctx)?, key, id, note).await)
    }
}
