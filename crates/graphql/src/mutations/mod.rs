//! What can be done. Each resolver builds the domain's command and hands it over.

mod account;
mod batches;
mod clocks;
mod compartments;
mod discrepancies;
mod mail;
mod office;
mod people;
mod question;
mod saved;
mod settings;
mod units;

use async_graphql::{Context, ID, InputObject, MergedObject, SimpleObject};
use pli_app::{Error, Key, Order, Sheet};
use pli_domain::dossier::Command;

use crate::denominations::DenominationMutation;
use crate::dossier::Dossier;
use crate::error::{Result, UserError};
use crate::government::GovernmentMutation;
use crate::identities::IdentityMutation;
use crate::ids::{app, caller, dossier_id};
use crate::links::LinkMutation;
use crate::personal::PersonalMutation;
use crate::retention::EndMutation;

pub(crate) use people::{PersonPayload, change as change_person};

/// What can be done.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    account::AccountMutation,
    batches::BatchMutation,
    clocks::ClockMutation,
    DenominationMutation,
    GovernmentMutation,
    compartments::CompartmentMutation,
    discrepancies::DiscrepancyMutation,
    IdentityMutation,
    LinkMutation,
    mail::MailMutation,
    office::OfficeMutation,
    people::PeopleMutation,
    PersonalMutation,
    question::QuestionMutation,
    EndMutation,
    saved::SavedMutation,
    settings::SettingsMutation,
    units::UnitMutation,
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
    fn new(outcome: std::result::Result<Sheet, Error>) -> Result<Self> {
        let (sheet, user_errors) = refusals(outcome)?;
        Ok(Self { dossier: sheet.map(Dossier::from), user_errors })
    }
}

/// The unit, the person, the discrepancy, the identity or the link on which to act.
#[derive(InputObject)]
pub(crate) struct OnSetting {
    /// Its global identifier.
    pub(crate) id: ID,
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    pub(crate) idempotency_key: String,
}

/// An answer, or why there is none: refusals are answers, the rest are errors.
pub(crate) fn refusals<T>(outcome: std::result::Result<T, Error>) -> Result<(Option<T>, Vec<UserError>)> {
    match outcome {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(Error::Refused(refusal)) => Ok((None, vec![refusal.into()])),
        Err(error) => Err(error.into()),
    }
}

/// Hands a command over.
pub(crate) async fn act(ctx: &Context<'_>, on: OnDossier, command: Command) -> Result<DossierPayload> {
    let order =
        Order { dossier: dossier_id(&on.id)?, version: on.version, key: Key(on.idempotency_key), command };
    DossierPayload::new(app(ctx)?.act(caller(ctx)?, order).await)
}
