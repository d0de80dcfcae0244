//! The end of closed dossiers: the table of retention, and what has reached its end.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MergedObject, Object, SimpleObject};
use chrono::NaiveDate;
use pli_app::{EndedCount, EndedPlace, Key, Page};
use pli_domain::dossier::Command;
use pli_domain::ids::CompartmentId;
use pli_domain::retention::{NewRetention, RetentionRule as Rule};

use crate::compartments::Compartment;
use crate::dossier::Dossier;
use crate::eliminations::{EliminationMutation, EliminationQuery};
use crate::error::{Result, UserError};
use crate::ids::{app, caller, compartment_id};
use crate::lists::{Connection, Edge, read_cursor, write_cursor};
use crate::loaders::Loaders;
use crate::mutations::{DossierPayload, OnDossier, act, refusals};

/// What the table of retention tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::retention::Class")]
pub(crate) enum RetentionClass {
    /// A parliamentary question.
    Question,
    /// A deputy's or senator's letter.
    MemberLetter,
    /// A private person's request.
    Petition,
    /// Any other letter.
    Ordinary,
    /// A letter registered twice, or by mistake.
    Void,
    /// No dossier: the journal of accesses, and the openings of reserved dossiers.
    Access,
}

/// What becomes of what has reached its end (sort final).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::retention::Fate")]
pub(crate) enum Fate {
    /// It goes to the archives.
    Keep,
    /// It is taken out.
    Destroy,
    /// One in twenty goes to the archives, with whatever somebody picks; the others are taken out.
    Sort,
}

/// A line of the table of retention (tableau de gestion).
#[derive(SimpleObject)]
pub(crate) struct RetentionRule {
    /// Of what.
    class: RetentionClass,
    /// From 1; the newest is in force.
    version: u32,
    /// For how many months from the closing.
    months: u32,
    /// What becomes of it then.
    fate: Fate,
    /// The text that says so.
    source: String,
}

impl From<Rule> for RetentionRule {
    fn from(rule: Rule) -> Self {
        let Rule { class, version, months, fate, source } = rule;
        Self { class: class.into(), version, months, fate: fate.into(), source }
    }
}

/// How much of a class has reached its end.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Ended {
    /// Of what.
    class: RetentionClass,
    /// How many dossiers.
    dossiers: u64,
    /// The day on which the first of them closed.
    first_closed_on: NaiveDate,
    #[graphql(skip)]
    reserved: Option<CompartmentId>,
}

#[ComplexObject]
impl Ended {
    /// The compartment to which they are reserved; null when they are not.
    async fn compartment(&self, ctx: &Context<'_>) -> Result<Option<Compartment>> {
        match self.reserved {
            Some(compartment) => Ok(Loaders::compartment(ctx, compartment).await?.map(Compartment)),
            None => Ok(None),
        }
    }
}

impl From<EndedCount> for Ended {
    fn from(count: EndedCount) -> Self {
        let EndedCount { class, reserved, dossiers, first_closed } = count;
        Self { class: class.into(), dossiers, first_closed_on: first_closed, reserved }
    }
}

/// What can be asked of the end of dossiers, the lists included. One member of the query: each makes it deeper.
#[derive(MergedObject, Default)]
pub(crate) struct EndQuery(RetentionQuery, EliminationQuery);

/// What is done to the end of dossiers, the lists included.
#[derive(MergedObject, Default)]
pub(crate) struct EndMutation(RetentionMutation, EliminationMutation);

/// What can be asked of the table.
#[derive(Default)]
pub(crate) struct RetentionQuery;

#[Object]
impl RetentionQuery {
    /// The table of retention: the line in force of each class.
    async fn retention_rules(&self, ctx: &Context<'_>) -> Result<Vec<RetentionRule>> {
        caller(ctx)?;
        Ok(app(ctx)?.retention().await?.into_iter().map(RetentionRule::from).collect())
    }

    /// How much has reached its end today, by class and by compartment (coordinator, auditor).
    async fn ended(&self, ctx: &Context<'_>) -> Result<Vec<Ended>> {
        Ok(app(ctx)?.ended_counts(caller(ctx)?).await?.into_iter().map(Ended::from).collect())
    }

    /// What has reached its end today, the first closed first (coordinator, auditor).
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn ended_dossiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of what.")] class: RetentionClass,
        #[graphql(desc = "Reserved to that compartment; to none without it.")] compartment: Option<ID>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Dossier>>> {
        let reserved = compartment.as_ref().map(compartment_id).transpose()?;
        let place = after.as_deref().map(read_cursor).transpose()?;
        let place = place.map(|(closed_on, id)| EndedPlace { closed_on, id });
        let page = app(ctx)?.ended(caller(ctx)?, class.into(), reserved, place, first.into()).await?;
        let Page { items, more } = page;
        let items = items.into_iter().map(|sheet| {
            let closed_on = sheet.dossier.closed_on.unwrap_or_default();
            (write_cursor(closed_on, sheet.dossier.id), Dossier::from(sheet))
        });
        Ok(Connection::new(items, after.is_some(), more))
    }
}

/// A new version of a line of the table of retention.
#[derive(InputObject)]
pub(crate) struct RetentionInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
    /// Of what.
    class: RetentionClass,
    /// The version that you saw: the command is refused if another is in force.
    seen: u32,
    /// For how many months from the closing, 1 to 1,200.
    months: u32,
    /// What becomes of it then.
    fate: Fate,
    /// The text that says so.
    source: String,
}

/// What became of a change of the table of retention.
#[derive(SimpleObject)]
pub(crate) struct RetentionPayload {
    /// The line in force, when the change was made.
    rule: Option<RetentionRule>,
    /// Why it was refused; empty when it was made.
    user_errors: Vec<UserError>,
}

/// What is done to the end of dossiers.
#[derive(Default)]
pub(crate) struct RetentionMutation;

#[Object]
impl RetentionMutation {
    /// Puts a new version of a line of the table of retention in force (administrator of the ministry).
    async fn change_retention(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The line.")] input: RetentionInput,
    ) -> Result<RetentionPayload> {
        let RetentionInput { idempotency_key, class, seen, months, fate, source } = input;
        let new = NewRetention { seen, months, fate: fate.into(), source };
        let done = app(ctx)?.change_retention(caller(ctx)?, Key(idempotency_key), class.into(), new).await;
        let (rule, user_errors) = refusals(done)?;
        Ok(RetentionPayload { rule: rule.map(RetentionRule::from), user_errors })
    }

    /// Holds a closed dossier back: it is on no list of what is to be eliminated (coordinator).
    async fn freeze(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Freeze { note }).await
    }

    /// Holds a dossier back no more (coordinator).
    async fn unfreeze(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dossier on which to act.")] on: OnDossier,
        #[graphql(desc = "Why.")] note: String,
    ) -> Result<DossierPayload> {
        act(ctx, on, Command::Unfreeze { note }).await
    }
}
