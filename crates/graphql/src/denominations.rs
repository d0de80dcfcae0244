//! The names under which the ministry is published.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::NaiveDate;
use pli_app::{Error, Key, Report};
use pli_domain::ministry::DenominationCommand;

use crate::error::{Result, UserError};
use crate::ids::{app, caller, denomination_id, of_denomination};
use crate::mutations::{OnSetting, refusals};

/// A name under which the ministry is published, and its days.
#[derive(SimpleObject)]
pub(crate) struct Denomination {
    /// Its global identifier.
    id: ID,
    /// The name, as published.
    name: String,
    /// The first day on which a question given to it is ours.
    valid_from: NaiveDate,
    /// The last one, when it has an end.
    valid_until: Option<NaiveDate>,
}

impl From<pli_domain::ministry::Denomination> for Denomination {
    fn from(one: pli_domain::ministry::Denomination) -> Self {
        Self {
            id: of_denomination(one.id),
            name: one.name,
            valid_from: one.valid_from,
            valid_until: one.valid_until,
        }
    }
}

/// What is asked of denominations.
#[derive(Default)]
pub(crate) struct DenominationQuery;

#[Object]
impl DenominationQuery {
    /// The names under which the ministry is or was published, in the order in which they began.
    async fn denominations(&self, ctx: &Context<'_>) -> Result<Vec<Denomination>> {
        caller(ctx)?;
        Ok(app(ctx)?.denominations().await?.0.into_iter().map(Denomination::from).collect())
    }
}

/// A denomination to be added.
#[derive(InputObject)]
pub(crate) struct AddDenominationInput {
    /// A name of your own for this command: sent again with the same name, it runs once.
    idempotency_key: String,
    /// The name, as published; accents, case and spaces do not matter.
    name: String,
    /// The first day on which a question given to it is ours.
    valid_from: NaiveDate,
    /// The last one, when it has an end.
    valid_until: Option<NaiveDate>,
}

/// What became of a change of the denominations.
#[derive(SimpleObject)]
pub(crate) struct DenominationsPayload {
    /// All of them, after the change.
    denominations: Vec<Denomination>,
    /// Dossiers that this very call has opened, of published questions that became ours: none when it is sent again.
    dossiers: u64,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<UserError>,
}

async fn payload(
    ctx: &Context<'_>,
    outcome: std::result::Result<Report, Error>,
) -> Result<DenominationsPayload> {
    let (report, user_errors) = refusals(outcome)?;
    let denominations = app(ctx)?.denominations().await?.0.into_iter().map(Denomination::from).collect();
    Ok(DenominationsPayload {
        denominations,
        dossiers: report.map_or(0, |report| report.dossiers),
        user_errors,
    })
}

async fn change(
    ctx: &Context<'_>,
    on: OnSetting,
    command: DenominationCommand,
) -> Result<DenominationsPayload> {
    let (caller, key) = (caller(ctx)?, Key(on.idempotency_key));
    let outcome = app(ctx)?.change_denomination(caller, key, denomination_id(&on.id)?, command).await;
    payload(ctx, outcome).await
}

/// What is done to denominations.
#[derive(Default)]
pub(crate) struct DenominationMutation;

#[Object]
impl DenominationMutation {
    /// Adds a name under which the ministry is published (administrator). The published questions given to it become ours,
    /// with their dossier.
    async fn add_denomination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The denomination.")] input: AddDenominationInput,
    ) -> Result<DenominationsPayload> {
        let AddDenominationInput { idempotency_key, name, valid_from, valid_until } = input;
        let command = DenominationCommand::Add { name, valid_from, valid_until };
        let outcome = app(ctx)?.add_denomination(caller(ctx)?, Key(idempotency_key), command).await;
        payload(ctx, outcome).await
    }

    /// Gives a denomination other days (administrator).
    async fn change_denomination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The denomination.")] on: OnSetting,
        #[graphql(desc = "The first day on which a question given to it is ours.")] valid_from: NaiveDate,
        #[graphql(desc = "The last one, when it has an end.")] valid_until: Option<NaiveDate>,
    ) -> Result<DenominationsPayload> {
        change(ctx, on, DenominationCommand::Change { valid_from, valid_until }).await
    }

    /// Takes a denomination away, as if it had never been (administrator). The dossiers that it opened stay.
    async fn remove_denomination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The denomination.")] on: OnSetting,
    ) -> Result<DenominationsPayload> {
        change(ctx, on, DenominationCommand::Remove).await
    }
}
