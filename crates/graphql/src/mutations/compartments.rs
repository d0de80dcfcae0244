//! What is done to compartments, and to what is reserved to them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use pli_app::{Error, Key};
use pli_domain::compartment::{Compartment as Domain, CompartmentCommand};
use pli_domain::dossier::Command;

use super::{DossierPayload, OnDossier, OnSetting, act, refusals};
use crate::compartments::Compartment;
use crate::error::{Result, UserError};
use crate::ids::{app, caller, compartment_id, person_id};

/// What is done to compartments.
#[derive(Default)]
pub(crate) struct CompartmentMutation;

/// A compartment to be opened.
#[derive(InputObject)]
pub(crate) struct OpenCompartmentInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
    /// Its name, unique.
    name: String,
    /// Who will answer for it.
    owner: ID,
}

/// What became of a command on a compartment.
#[derive(SimpleObject)]
pub(crate) struct CompartmentPayload {
    /// The compartment, when the command was accepted.
    compartment: Option<Compartment>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

impl CompartmentPayload {
    fn new(outcome: std::result::Result<Domain, Error>) -> Result<Self> {
        let (compartment, user_errors) = refusals(outcome)?;
        Ok(Self { compartment: compartment.map(Compartment), user_errors })
    }
}

/// Hands a command over.
async fn change(ctx: &Context<'_>, on: OnSetting, command: CompartmentCommand) -> Result<CompartmentPayload> {
    let (id, key) = (compartment_id(&on.id)?, Key(on.idempotency_key));
    CompartmentPayload::new(app(ctx)?.change_compartment(caller(ctx)?, key, id, command).await)
}

#[Object]
impl CompartmentMutation {
    /// Opens a compartment, of its owner alone (administrator of the ministry).
    async fn open_compartment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The compartment.")] input: OpenCompartmentInput,
    ) -> Result<CompartmentPayload> {
        let (key, owner) = (Key(input.idempotency_key), person_id(&input.owner)?);
        CompartmentPayload::new(app(ctx)?.open_compartment(caller(ctx)?, key, input.name, owner).await)
    }

    /// Gives a compartment another name (its owner, administrator of the ministry).
    async fn rename_compartment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The compartment.")] on: OnSetting,
        #[graphql(desc = "Its name, unique.")] name: String,
    ) -> Result<CompartmentPayload> {
        change(ctx, on, CompartmentCommand::Rename { name }).await
    }

    /// Names somebody in a compartment: never oneself (its owner, administrator of the ministry).
    async fn admit_to_compartment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The compartment.")] on: OnSetting,
        #[graphql(desc = "The person.")] person: ID,
    ) -> Result<CompartmentPayload> {
        change(ctx, on, CompartmentCommand::Admit { person: person_id(&person)? }).await
    }

    /// Names somebody no more: from then on nothing of it exists for them (its owner, administrator of the ministry).
    async fn remove_from_compartment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The compartment.")] on: OnSetting,
        #[graphql(desc = "The person.")] person: ID,
    ) -> Result<CompartmentPayload> {
        change(ctx, on, CompartmentCommand::Remove { person: person_id(&person)? }).await
    }

    /// Makes one of its people the owner of a compartment (its owner, administrator of the ministry).
    async fn entrust_compartment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The compartment.")] on: OnSetting,
        #[graphql(desc = "The person.")] owner: ID,
    ) -> Result<CompartmentPayload> {
        change(ctx, on, CompartmentCommand::Entrust { owner: person_id(&owner)? }).await
    }

    /// Reserves a dossier to the people of a compartment in which you are named (clerk for a letter, coordinator).
    async fn reserve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "The compartment.")] compartment: ID,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Reserve { compartment: compartment_id(&compartment)? }).await
    }

    /// Opens a reserved dossier again to whoever's roles reach it (coordinator who is named in its compartment).
    async fn release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Release { note }).await
    }
}
