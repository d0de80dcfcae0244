//! What is done to the deadlines of a dossier.

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use pli_domain::dossier::Command;

use super::{DossierPayload, OnDossier, act};
use crate::error::Result;

/// What is done to deadlines.
#[derive(Default)]
pub(crate) struct ClockMutation;

#[Object]
impl ClockMutation {
    /// Records that the acknowledgement of receipt was sent.
    async fn acknowledge_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Acknowledge { on: date }).await
    }

    /// Stops a clock while the file is incomplete; the due date moves by the days of the suspension (CRPA, art. L114-5).
    async fn suspend_deadline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Code of the deadline's rule.")] rule: String,
        #[graphql(desc = "The day on which the missing pieces were asked for.")] from: NaiveDate,
        #[graphql(desc = "The end of the time given.")] until: NaiveDate,
        #[graphql(desc = "Which pieces are missing.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Suspend { rule, from, until, note }).await
    }

    /// The pieces came: the clock runs again from that day.
    async fn resume_deadline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Code of the deadline's rule.")] rule: String,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Resume { rule, on: date }).await
    }

    /// Asks for more time (lead unit); a coordinator decides.
    async fn request_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Code of the deadline's rule.")] rule: String,
        #[graphql(desc = "The new last day.")] until: NaiveDate,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::RequestExtension { rule, until, note }).await
    }

    /// Gives the time that was asked for (coordinator).
    async fn grant_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Code of the deadline's rule.")] rule: String,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::GrantExtension { rule, note }).await
    }

    /// Refuses the time that was asked for (coordinator).
    async fn refuse_extension(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Code of the deadline's rule.")] rule: String,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::RefuseExtension { rule, note }).await
    }
}
