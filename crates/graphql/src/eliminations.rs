//! The lists by which closed dossiers are let go.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use pli_app::{EliminationItem as Item, EliminationPlace, ItemOutcome as Outcome, Key, Page};
use pli_domain::actor::Who;
use pli_domain::elimination::{Elimination as List, ListCommand};
use pli_domain::ids::UserId;
use pli_domain::time::Timestamp;

use crate::compartments::Compartment;
use crate::dossier::Dossier;
use crate::error::{Result, UserError};
use crate::ids::{app, caller, compartment_id, dossier_id, elimination_id, of_elimination};
use crate::journal::told;
use crate::lists::{Connection, Edge, bad_cursor};
use crate::loaders::Loaders;
use crate::mutations::{OnSetting, refusals};
use crate::retention::{RetentionClass, RetentionRule};

/// What becomes of one dossier of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::elimination::Disposition")]
pub(crate) enum Disposition {
    /// It goes to the archives; it stays here until they have it.
    Transfer,
    /// Its words are taken out.
    Destroy,
}

/// How far a list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::elimination::ListState")]
pub(crate) enum EliminationState {
    /// Proposed: what is on it can be changed.
    Proposed,
    /// A first person approves it.
    Reviewed,
    /// A second one too, with the archives' visa: Pli carries it out.
    Approved,
    /// All that was on it is taken out, or was left as it is.
    Done,
    /// Given up; nothing was taken out.
    Abandoned,
}

/// What became of a dossier of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_app::ItemOutcome")]
pub(crate) enum ItemOutcome {
    /// Its words are taken out; its documents may still be there.
    Erased,
    /// All is taken out.
    Done,
    /// It stays as it is: it was held back, reopened, or the list was given up.
    Left,
}

/// Who did something to a list, and when.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct EliminationStep {
    /// When.
    at: DateTime<Utc>,
    #[graphql(skip)]
    by: UserId,
}

#[async_graphql::ComplexObject]
impl EliminationStep {
    /// Who.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        told(ctx, Who::User(self.by)).await
    }
}

fn step((by, at): (UserId, Timestamp)) -> EliminationStep {
    EliminationStep { at: at.instant(), by }
}

/// A dossier of a list.
#[derive(SimpleObject)]
pub(crate) struct EliminationItem {
    /// The dossier, as it is now.
    dossier: Dossier,
    /// What becomes of it.
    disposition: Disposition,
    /// What became of it; null while it waits.
    outcome: Option<ItemOutcome>,
}

impl From<Item> for EliminationItem {
    fn from(item: Item) -> Self {
        Self {
            dossier: item.sheet.into(),
            disposition: item.disposition.into(),
            outcome: item.outcome.map(Outcome::into),
        }
    }
}

/// A list of dossiers that have reached their end (liste d'élimination).
pub(crate) struct Elimination(List);

/// A list of dossiers that have reached their end (liste d'élimination).
#[Object]
impl Elimination {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_elimination(self.0.id)
    }

    /// Its number among those of its compartment, or of none.
    async fn number(&self) -> u32 {
        self.0.number
    }

    /// The line of the table by which they have reached their end.
    async fn rule(&self) -> RetentionRule {
        self.0.rule.clone().into()
    }

    /// The compartment to which all that is on it is reserved; null when it is not.
    async fn compartment(&self, ctx: &Context<'_>) -> Result<Option<Compartment>> {
        match self.0.reserved {
            Some(compartment) => Ok(Loaders::compartment(ctx, compartment).await?.map(Compartment)),
            None => Ok(None),
        }
    }

    /// How far it has come.
    async fn state(&self) -> EliminationState {
        self.0.state.into()
    }

    /// Who proposed it.
    async fn proposed(&self) -> EliminationStep {
        step(self.0.proposed)
    }

    /// Who approved it first.
    async fn reviewed(&self) -> Option<EliminationStep> {
        self.0.reviewed.map(step)
    }

    /// Who approved it then.
    async fn approved(&self) -> Option<EliminationStep> {
        self.0.approved.map(step)
    }

    /// The reference of the archives' visa.
    async fn visa(&self) -> Option<&str> {
        self.0.visa.as_deref()
    }

    /// The reference of the archives' receipt, for what goes to them.
    async fn receipt(&self) -> Option<&str> {
        self.0.receipt.as_deref()
    }

    /// When it was carried out, or given up.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at.map(Timestamp::instant)
    }

    /// What is on it, the first closed first; 100 at most.
    #[graphql(complexity = "10 + 100 * child_complexity")]
    async fn items(&self, ctx: &Context<'_>) -> Result<Vec<EliminationItem>> {
        let detail = app(ctx)?.elimination(caller(ctx)?, self.0.id).await?;
        let items = detail.map(|detail| detail.items).unwrap_or_default();
        Ok(items.into_iter().map(EliminationItem::from).collect())
    }
}

/// What can be asked of the lists.
#[derive(Default)]
pub(crate) struct EliminationQuery;

fn write_place(list: &List) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}|{}", list.proposed.1.instant().timestamp_micros(), list.id))
}

fn read_place(cursor: &str) -> Result<EliminationPlace> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (at, id) = crate::lists::read_instant(&text)?;
        Some(EliminationPlace { at, id: id.parse().ok()? })
    };
    read().ok_or_else(bad_cursor)
}

#[Object]
impl EliminationQuery {
    /// The lists of what is to be eliminated, the newest first; those of what is reserved to others are not there
    /// (coordinator, auditor).
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn eliminations(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Elimination>>> {
        let before = after.as_deref().map(read_place).transpose()?;
        let Page { items, more } = app(ctx)?.eliminations(caller(ctx)?, before, first.into()).await?;
        let items = items.into_iter().map(|list| (write_place(&list), Elimination(list)));
        Ok(Connection::new(items, after.is_some(), more))
    }

    /// One list (coordinator, auditor).
    async fn elimination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global identifier.")] id: ID,
    ) -> Result<Option<Elimination>> {
        let detail = app(ctx)?.elimination(caller(ctx)?, elimination_id(&id)?).await?;
        Ok(detail.map(|detail| Elimination(detail.list)))
    }
}

/// A list to be proposed.
#[derive(InputObject)]
pub(crate) struct ProposeEliminationInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
    /// Of what.
    class: RetentionClass,
    /// Of what is reserved to that compartment; of what is not reserved without it.
    compartment: Option<ID>,
}

/// What became of a command on a list.
#[derive(SimpleObject)]
pub(crate) struct EliminationPayload {
    /// The list, when the command was accepted.
    elimination: Option<Elimination>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

impl EliminationPayload {
    fn new(outcome: std::result::Result<List, pli_app::Error>) -> Result<Self> {
        let (list, user_errors) = refusals(outcome)?;
        Ok(Self { elimination: list.map(Elimination), user_errors })
    }
}

async fn change(ctx: &Context<'_>, on: OnSetting, command: ListCommand) -> Result<EliminationPayload> {
    let (caller, id) = (caller(ctx)?, elimination_id(&on.id)?);
    EliminationPayload::new(app(ctx)?.change_elimination(caller, Key(on.idempotency_key), id, command).await)
}

/// What is done to the lists.
#[derive(Default)]
pub(crate) struct EliminationMutation;

#[Object]
impl EliminationMutation {
    /// Proposes a list of what has reached its end, the first closed first, 100 at most (coordinator).
    async fn propose_elimination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] input: ProposeEliminationInput,
    ) -> Result<EliminationPayload> {
        let caller = caller(ctx)?;
        let ProposeEliminationInput { idempotency_key, class, compartment } = input;
        let reserved = compartment.as_ref().map(compartment_id).transpose()?;
        let key = Key(idempotency_key);
        EliminationPayload::new(app(ctx)?.propose_elimination(caller, key, class.into(), reserved).await)
    }

    /// Says what else becomes of a dossier of a list that is proposed (coordinator).
    async fn dispose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] on: OnSetting,
        #[graphql(desc = "The dossier.")] dossier: ID,
        #[graphql(desc = "What becomes of it.")] disposition: Disposition,
    ) -> Result<EliminationPayload> {
        caller(ctx)?;
        let command =
            ListCommand::Dispose { dossier: dossier_id(&dossier)?, disposition: disposition.into() };
        change(ctx, on, command).await
    }

    /// Takes a dossier from a list that is proposed; a later list may have it again (coordinator).
    async fn set_aside(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] on: OnSetting,
        #[graphql(desc = "The dossier.")] dossier: ID,
    ) -> Result<EliminationPayload> {
        caller(ctx)?;
        change(ctx, on, ListCommand::SetAside { dossier: dossier_id(&dossier)? }).await
    }

    /// Gives a list its first approval (coordinator).
    async fn review_elimination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] on: OnSetting,
    ) -> Result<EliminationPayload> {
        change(ctx, on, ListCommand::Review).await
    }

    /// Gives a list its second approval, with the archives' visa: what is on it is then taken out for good (another
    /// coordinator than those who proposed and approved it).
    async fn approve_elimination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] on: OnSetting,
        #[graphql(desc = "The reference of the archives' visa.")] visa: String,
    ) -> Result<EliminationPayload> {
        change(ctx, on, ListCommand::Approve { visa }).await
    }

    /// Writes down that the archives have what goes to them: its words are taken out here (coordinator).
    async fn receive_elimination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] on: OnSetting,
        #[graphql(desc = "The reference of the archives' receipt.")] receipt: String,
    ) -> Result<EliminationPayload> {
        change(ctx, on, ListCommand::Receive { receipt }).await
    }

    /// Gives a list up before its second approval: nothing is taken out (coordinator).
    async fn abandon_elimination(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] on: OnSetting,
    ) -> Result<EliminationPayload> {
        change(ctx, on, ListCommand::Abandon).await
    }
}
