//! What can be done. Each resolver builds the domain's command and hands it over.

mod clocks;
mod mail;
mod office;
mod question;
mod settings;

use async_graphql::{Context, ID, InputObject, MergedObject, SimpleObject};
use pli_app::{Error, Key, Order, Sheet};
use pli_domain::dossier::Command;

use crate::dossier::Dossier;
use crate::error::{Result, UserError};
use crate::ids::{app, caller, dossier_id};

/// What can be done.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    clocks::ClockMutation,
    mail::MailMutation,
    office::OfficeMutation,
    question::QuestionMutation,
    settings::SettingsMutation,
);

/// The dossier on which to act.
#[derive(InputObject)]
pub(crate) struct OnDossier {
    /// Its global identifier.
    id: ID,
    /// The version that you saw: the command is refused if the dossier has moved on. Without it, it is not checked.
    version: Option<u32>,
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
}

/// What became of a command.
#[derive(SimpleObject)]
pub(crate) struct DossierPayload {
    /// The dossier, when the command was accepted.
    dossier: Option<Dossier>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

impl DossierPayload {
    /// Refusals are answers; the rest are errors.
    fn new(outcome: std::result::Result<Sheet, Error>) -> Result<Self> {
        match outcome {
            Ok(sheet) => Ok(Self { dossier: Some(sheet.into()), user_errors: Vec::new() }),
            Err(Error::Refused(refusal)) => Ok(Self { dossier: None, user_errors: vec![refusal.into()] }),
            Err(error) => Err(error.into()),
        }
    }
}

/// Hands a command over.
async fn act(ctx: &Context<'_>, on: OnDossier, command: Command) -> Result<DossierPayload> {
    let order =
        Order { dossier: dossier_id(&on.id)?, version: on.version, key: Key(on.idempotency_key), command };
    DossierPayload::new(app(ctx)?.act(caller(ctx)?, order).await)
}
