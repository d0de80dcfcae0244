//! What the administrator does to the organisation.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::NaiveDate;
use pli_app::{Error, Key};
use pli_domain::organisation::UnitCommand;

use super::{OnSetting, refusals};
use crate::enums::UnitKind;
use crate::error::{Result, UserError};
use crate::ids::{app, caller, unit_id};
use crate::organisation::Unit;

/// What is done to units.
#[derive(Default)]
pub(crate) struct UnitMutation;

/// A unit to be added.
#[derive(InputObject)]
pub(crate) struct AddUnitInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
    /// Its short name, unique: letters without accents, digits and hyphens.
    code: String,
    /// Its full name, in French.
    name: String,
    /// What it is.
    kind: UnitKind,
    /// The unit above it.
    parent: ID,
    /// First day on which work may be given to it.
    valid_from: NaiveDate,
}

/// What became of a command on a unit.
#[derive(SimpleObject)]
pub(crate) struct UnitPayload {
    /// The unit, when the command was accepted.
    unit: Option<Unit>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

impl UnitPayload {
    fn new(outcome: std::result::Result<pli_domain::organisation::Unit, Error>) -> Result<Self> {
        let (unit, user_errors) = refusals(outcome)?;
        Ok(Self { unit: unit.map(Unit), user_errors })
    }
}

/// Hands a command over.
async fn change(ctx: &Context<'_>, on: OnSetting, command: UnitCommand) -> Result<UnitPayload> {
    let (id, key) = (unit_id(&on.id)?, Key(on.idempotency_key));
    UnitPayload::new(app(ctx)?.change_unit(caller(ctx)?, key, id, command).await)
}

#[Object]
impl UnitMutation {
    /// Adds a unit under another (administrator).
    async fn add_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] input: AddUnitInput,
    ) -> Result<UnitPayload> {
        let command = UnitCommand::Add {
            code: input.code,
            name: input.name,
            kind: input.kind.into(),
            parent: unit_id(&input.parent)?,
            valid_from: input.valid_from,
        };
        UnitPayload::new(app(ctx)?.add_unit(caller(ctx)?, Key(input.idempotency_key), command).await)
    }

    /// Renames a unit, or moves it under another (administrator). What is not given stays.
    async fn change_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] on: OnSetting,
        #[graphql(desc = "Its full name, in French.")] name: Option<String>,
        #[graphql(desc = "What it is.")] kind: Option<UnitKind>,
        #[graphql(desc = "The unit above it.")] parent: Option<ID>,
    ) -> Result<UnitPayload> {
        let parent = parent.as_ref().map(unit_id).transpose()?;
        change(ctx, on, UnitCommand::Change { name, kind: kind.map(UnitKind::into), parent }).await
    }

    /// Closes a unit (administrator): no work is given to it after its last day. The open dossiers that it leads stay its
    /// own until they are rerouted.
    async fn close_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] on: OnSetting,
        #[graphql(desc = "Its last day.")] last_day: NaiveDate,
    ) -> Result<UnitPayload> {
        change(ctx, on, UnitCommand::Close { last_day }).await
    }

    /// Takes back the last day of a unit (administrator).
    async fn reopen_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit.")] on: OnSetting,
    ) -> Result<UnitPayload> {
        change(ctx, on, UnitCommand::Reopen).await
    }
}
