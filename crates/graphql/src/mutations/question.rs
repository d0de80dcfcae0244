//! What is done to questions only.

use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDate;
use pli_app::Key;
use pli_domain::dossier::{Command, NewQuestion};
use pli_domain::identity::QuestionIdentity;

use super::{DossierPayload, OnDossier, act};
use crate::enums::{House, QuestionType};
use crate::error::Result;
use crate::ids::{app, caller};

/// What is done to questions.
#[derive(Default)]
pub(crate) struct QuestionMutation;

/// A question to be followed before its publication is imported.
#[derive(InputObject)]
pub(crate) struct ReceiveQuestionInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
    /// The house.
    house: House,
    /// The number of the legislature (Assemblée) or the year (Sénat).
    #[graphql(validator(minimum = 1))]
    term: u16,
    /// Its type.
    #[graphql(name = "type")]
    kind: QuestionType,
    /// Its number.
    #[graphql(validator(minimum = 1))]
    number: u32,
    /// Date of the Journal officiel, from which its delay runs.
    published_on: NaiveDate,
    /// What it is about.
    subject: String,
}

#[Object]
impl QuestionMutation {
    /// Receives a question by hand (clerk); the import does it for those that are published.
    async fn receive_question(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question.")] input: ReceiveQuestionInput,
    ) -> Result<DossierPayload> {
        let identity = QuestionIdentity {
            house: input.house.into(),
            term: input.term,
            kind: input.kind.into(),
            number: input.number,
        };
        let question = NewQuestion { identity, published_on: input.published_on, subject: input.subject };
        let received = app(ctx)?.receive_question(caller(ctx)?, Key(input.idempotency_key), question);
        DossierPayload::new(received.await)
    }

    /// Sends a signed answer to the SGG.
    async fn transmit_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Transmit).await
    }

    /// Sets the sitting in which a question is put, and who attends for the ministry (coordinator). What is due before it
    /// moves with it.
    async fn plan_sitting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "The day of the sitting.")] date: NaiveDate,
        #[graphql(desc = "The name of whoever attends; absent while that is not known.")] attendee: Option<
            String,
        >,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::PlanSitting { on: date, attendee: attendee.unwrap_or_default() }).await
    }

    /// Takes the answer back from the SGG.
    async fn recall_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::RecallAnswer { note }).await
    }

    /// Records that the answer was published.
    async fn record_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Date of the Journal officiel.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Publish { on: date }).await
    }

    /// Records that the author withdrew the question.
    async fn record_withdrawal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Withdraw { on: date }).await
    }

    /// Records that the question lapsed.
    async fn record_lapse(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Lapse { on: date }).await
    }

    /// Records that the question was put again as an oral one.
    async fn record_conversion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Convert { on: date }).await
    }

    /// Asks another ministry to take the question.
    async fn request_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Its name.")] ministry: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::RequestTransfer { ministry }).await
    }

    /// Records that the other ministry took the question.
    async fn record_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::AcceptTransfer { on: date }).await
    }

    /// Records that the other ministry refused the question.
    async fn record_transfer_refusal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::RefuseTransfer).await
    }

    /// Records that a group's president signalled the question: ten days run from the deposit.
    async fn record_signal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Date of the deposit.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Signal { on: date }).await
    }

    /// Records that the author renewed the question.
    async fn record_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Renew { on: date }).await
    }

    /// Records that the house recalled the question.
    async fn record_recall_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::RecallNotice { on: date }).await
    }

    /// Records that the published answer was corrected.
    async fn record_correction(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Date of the erratum.")] date: NaiveDate,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Correct { on: date }).await
    }
}
