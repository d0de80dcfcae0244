//! What is done to letters only.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;
use pli_app::{Intake, Key};
use pli_domain::dossier::{Command, NewMail};

use super::{DossierPayload, OnDossier, act};
use crate::enums::{Category, Channel};
use crate::error::Result;
use crate::ids::{app, caller, compartment_id, dossier_id, member_id};

/// What is done to letters.
#[derive(Default)]
pub(crate) struct MailMutation;

/// A letter to be registered.
#[derive(InputObject)]
pub(crate) struct RegisterMailInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
    /// Who wrote it.
    sender: String,
    /// The member of Parliament who wrote it, when you have picked one (`members`): never by the name alone.
    member: Option<ID>,
    /// What it is about.
    subject: String,
    /// What it is; this sets its delay.
    category: Category,
    /// Date written on the document.
    document_on: NaiveDate,
    /// Date of receipt, from which its delay runs.
    received_on: NaiveDate,
    /// When another administration received it first and sent it on (a request only): silence runs from then.
    first_received_on: Option<NaiveDate>,
    /// Whether it cannot wait.
    #[graphql(default)]
    urgent: bool,
    /// How it came.
    channel: Channel,
    /// The letters at which you have looked and which are others. When it is given, even empty, a letter that may be any
    /// other is refused with `PROBABLE_DUPLICATE` (see `probableDuplicates`), and takes no chrono; when it is absent,
    /// nothing is compared.
    apart: Option<Vec<ID>>,
    /// The compartment to which it is reserved from the first moment; you are named in it.
    compartment: Option<ID>,
}

#[Object]
impl MailMutation {
    /// Registers a letter under the next chrono of the year (clerk).
    async fn register_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The letter.")] input: RegisterMailInput,
    ) -> Result<DossierPayload> {
        let mail = NewMail {
            sender: input.sender,
            member: input.member.as_ref().map(member_id).transpose()?,
            subject: input.subject,
            category: input.category.into(),
            document_on: input.document_on,
            received_on: input.received_on,
            first_received_on: input.first_received_on,
            urgent: input.urgent,
            channel: input.channel.into(),
        };
        let apart =
            input.apart.map(|apart| apart.iter().map(dossier_id).collect::<Result<_>>()).transpose()?;
        let compartment = input.compartment.as_ref().map(compartment_id).transpose()?;
        let intake = Intake { mail, scan: None, apart, compartment };
        DossierPayload::new(app(ctx)?.register_mail(caller(ctx)?, Key(input.idempotency_key), intake).await)
    }

    /// The answer leaves; it gets a departure chrono.
    async fn dispatch_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "How.")] channel: Channel,
        #[graphql(desc = "When.")] date: NaiveDate,
        #[graphql(desc = "Tracking number, if any.", default)] tracking: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Dispatch { channel: channel.into(), on: date, tracking }).await
    }

    /// Records an answer given by telephone.
    async fn answer_by_phone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "When.")] date: NaiveDate,
        #[graphql(desc = "What was said.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::AnswerByPhone { on: date, note }).await
    }

    /// Proposes to file a letter without an answer; another person confirms.
    async fn propose_filing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::ProposeFiling { note }).await
    }

    /// Confirms the filing that another person proposed.
    async fn confirm_filing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::File).await
    }

    /// Sends a letter to the competent authority and tells its sender (CRPA, art. L114-2).
    async fn redirect_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "The authority, and the notice given.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Redirect { note }).await
    }

    /// Says that the letter is the same as another.
    async fn mark_duplicate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "The other dossier.")] of: ID,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::MarkDuplicate { of: dossier_id(&of)? }).await
    }

    /// Cancels a registration; the chrono stays used.
    async fn cancel_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Cancel { note }).await
    }

    /// Takes a closed letter up again.
    async fn reopen_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Reopen { note }).await
    }
}
