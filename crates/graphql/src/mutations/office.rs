//! What is done to letters and questions alike: routing, drafting, approving, signing.

use async_graphql::{Context, ID, Object};
use pli_domain::dossier::Command;
use pli_domain::ids::UnitId;

use super::{DossierPayload, OnDossier, act};
use crate::enums::DeclineReason;
use crate::error::Result;
use crate::ids::unit_id;

/// The office's work.
#[derive(Default)]
pub(crate) struct OfficeMutation;

fn units(ids: &[ID]) -> Result<Vec<UnitId>> {
    ids.iter().map(unit_id).collect()
}

#[Object]
impl OfficeMutation {
    /// Gives the dossier to a lead unit (cabinet).
    async fn route_dossier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "The unit that answers.")] lead: ID,
        #[graphql(desc = "Those that give a part.", default)] contributors: Vec<ID>,
        #[graphql(desc = "Those that are told.", default)] informed: Vec<ID>,
    ) -> Result<DossierPayload> {
        act(
            ctx,
            on,
            Command::Route {
                lead: unit_id(&lead)?,
                contributors: units(&contributors)?,
                informed: units(&informed)?,
            },
        )
        .await
    }

    /// The lead unit takes the dossier.
    async fn accept_dossier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Accept).await
    }

    /// The lead unit refuses the dossier, and says where it should go.
    async fn decline_dossier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] reason: DeclineReason,
        #[graphql(desc = "The unit to which it should go, when known.")] proposed: Option<ID>,
        #[graphql(desc = "A sentence; required when no unit is proposed.", default)] note: String,
    ) -> Result<DossierPayload> {
        act(
            ctx,
            on,
            Command::Decline {
                reason: reason.into(),
                proposed: proposed.as_ref().map(unit_id).transpose()?,
                note,
            },
        )
        .await
    }

    /// Takes the dossier from its lead unit and gives it to another (coordinator).
    async fn reroute_dossier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "The new lead unit.")] lead: ID,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Reroute { lead: unit_id(&lead)? }).await
    }

    /// Keeps a new version of the answer.
    async fn save_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "The whole text.")] text: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Draft { text }).await
    }

    /// Sends the draft to be approved.
    async fn submit_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Submit).await
    }

    /// Approves the draft of another.
    async fn approve_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Approve).await
    }

    /// Sends the draft back to its author.
    async fn send_back_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "What is to be changed.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::SendBack { note }).await
    }

    /// Signs the approved text.
    async fn sign_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Sign).await
    }
}
