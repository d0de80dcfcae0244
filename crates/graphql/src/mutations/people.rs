//! What the administrator does to people's accounts.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use pli_app::{Error, Key, Secret};
use pli_domain::actor::Grant;
use pli_domain::people::PersonCommand;

use super::{OnSetting, refusals};
use crate::enums::Role;
use crate::error::{Result, UserError};
use crate::ids::{app, caller, person_id, unit_id};
use crate::settings::Person;

/// What is done to people's accounts.
#[derive(Default)]
pub(crate) struct PeopleMutation;

/// A role in a unit, and so over all units below it.
#[derive(InputObject)]
pub(crate) struct GrantInput {
    /// The role.
    role: Role,
    /// Where.
    unit: ID,
}

impl GrantInput {
    fn grant(&self) -> Result<Grant> {
        Ok(Grant { role: self.role.into(), unit: unit_id(&self.unit)? })
    }
}

/// A person to be added.
#[derive(InputObject)]
pub(crate) struct AddPersonInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same, but for the
    /// password, which is shown once.
    idempotency_key: String,
    /// What they will type to sign in, unique: letters without accents, digits, `.`, `-`, `_` and `@`.
    login: String,
    /// As shown to others.
    name: String,
    /// Where Pli will write to them.
    #[graphql(default)]
    email: String,
    /// What they do, and where.
    grants: Vec<GrantInput>,
}

/// What became of a command on a person's account.
#[derive(SimpleObject)]
pub(crate) struct PersonPayload {
    /// The person, when the command was accepted.
    person: Option<Person>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

/// What became of a command that draws a password.
#[derive(SimpleObject)]
pub(crate) struct PasswordPayload {
    /// The person, when the command was accepted.
    person: Option<Person>,
    /// The password, shown this once; null when the command was run before.
    password: Option<String>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

type Drawn = (pli_domain::people::Person, Option<Secret>);

impl PasswordPayload {
    fn new(outcome: std::result::Result<Drawn, Error>) -> Result<Self> {
        let (drawn, user_errors) = refusals(outcome)?;
        let (person, secret) = drawn.map_or((None, None), |(person, secret)| (Some(Person(person)), secret));
        Ok(Self { person, password: secret.map(|secret| secret.reveal().to_owned()), user_errors })
    }
}

/// Hands a command over.
pub(crate) async fn change(
    ctx: &Context<'_>,
    on: OnSetting,
    command: PersonCommand,
) -> Result<PersonPayload> {
    let (id, key) = (person_id(&on.id)?, Key(on.idempotency_key));
    let (person, user_errors) = refusals(app(ctx)?.change_person(caller(ctx)?, key, id, command).await)?;
    Ok(PersonPayload { person: person.map(Person), user_errors })
}

#[Object]
impl PeopleMutation {
    /// Opens an account, with a password that is drawn (administrator).
    async fn add_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] input: AddPersonInput,
    ) -> Result<PasswordPayload> {
        let grants = input.grants.iter().map(GrantInput::grant).collect::<Result<_>>()?;
        let command = PersonCommand::Add { login: input.login, name: input.name, email: input.email, grants };
        PasswordPayload::new(app(ctx)?.add_person(caller(ctx)?, Key(input.idempotency_key), command).await)
    }

    /// Changes a person's name or address (administrator). What is not given stays.
    async fn change_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] on: OnSetting,
        #[graphql(desc = "As shown to others.")] name: Option<String>,
        #[graphql(desc = "Where Pli writes to them; empty to forget it.")] email: Option<String>,
    ) -> Result<PersonPayload> {
        change(ctx, on, PersonCommand::Change { name, email }).await
    }

    /// Gives a person a role in a unit (administrator).
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] on: OnSetting,
        #[graphql(desc = "The role.")] grant: GrantInput,
    ) -> Result<PersonPayload> {
        change(ctx, on, PersonCommand::Grant(grant.grant()?)).await
    }

    /// Takes from a person a role in a unit (administrator).
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] on: OnSetting,
        #[graphql(desc = "The role.")] grant: GrantInput,
    ) -> Result<PersonPayload> {
        change(ctx, on, PersonCommand::Revoke(grant.grant()?)).await
    }

    /// Disables an account, whose sessions and tokens stop working at once, or enables it again (administrator).
    async fn set_account_disabled(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] on: OnSetting,
        #[graphql(desc = "Whether it lets nobody in.")] disabled: bool,
    ) -> Result<PersonPayload> {
        change(ctx, on, if disabled { PersonCommand::Disable } else { PersonCommand::Enable }).await
    }

    /// Draws a new password for an account, and closes its sessions (administrator).
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] on: OnSetting,
    ) -> Result<PasswordPayload> {
        let (id, key) = (person_id(&on.id)?, Key(on.idempotency_key));
        PasswordPayload::new(app(ctx)?.reset_password(caller(ctx)?, key, id).await)
    }
}
