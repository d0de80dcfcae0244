//! Changes of government: what one would move, moving it, and what each has moved.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use pli_app::{Concerned, GovernmentPreview as Preview, Key, Page, Position};
use pli_domain::government::{Aside, Change, Destination, Followed};

use crate::enums::AsideReason;
use crate::error::{Result, UserError};
use crate::ids::{app, caller, government_change_id, of_government_change, unit_id};
use crate::lists::{Connection, Edge, read_position, write_position};
use crate::mutations::refusals;
use crate::organisation::Unit;

/// How many questions an answer names.
const SHOWN: usize = 1_000;

/// A change of government.
#[derive(InputObject)]
pub(crate) struct GovernmentInput {
    /// The denomination under which the questions are; accents, case and spaces do not matter.
    from: String,
    /// The new denomination, or the name of the other ministry.
    to: String,
    /// Whether the questions leave for another ministry; otherwise they stay ours under the new name.
    leaves: bool,
    /// The day of the decree.
    decreed_on: NaiveDate,
    /// Only the questions that this unit, or one below it, leads.
    unit: Option<ID>,
}

impl GovernmentInput {
    fn change(self) -> Result<Change> {
        let Self { from, to, leaves, decreed_on, unit } = self;
        let to = if leaves { Destination::Other(to) } else { Destination::Ours(to) };
        let unit = unit.as_ref().map(unit_id).transpose()?;
        Ok(Change { from, to, on: decreed_on, unit })
    }
}

/// How many open questions stand under a name.
#[derive(SimpleObject)]
pub(crate) struct HeldCount {
    /// The name, as published or as a change of government gave it; null for those that nobody has published.
    ministry: Option<String>,
    /// How many; what is reserved is not counted.
    count: u64,
}

/// An open question that a change is about.
pub(crate) struct ConcernedQuestion(Concerned);

/// An open question that a change is about; its content is for those who may read it.
#[Object]
impl ConcernedQuestion {
    /// Its name.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The unit that leads it.
    async fn lead(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        self.0.lead.map_or(Ok(None), |unit| Unit::find(ctx, unit))
    }

    /// The ministry that has it.
    async fn ministry(&self) -> Option<&str> {
        self.0.held.as_ref().map(|held| held.ministry.as_str())
    }

    /// Since when, if that is known.
    async fn since(&self) -> Option<NaiveDate> {
        self.0.held.as_ref()?.since
    }
}

/// Questions that a change would leave where they are.
#[derive(SimpleObject)]
pub(crate) struct LeftAside {
    /// Why.
    reason: AsideReason,
    /// How many.
    count: u64,
    /// The first thousand.
    questions: Vec<ConcernedQuestion>,
}

/// What a change of government would move; what is reserved moves with the rest, and is not told.
#[derive(SimpleObject)]
pub(crate) struct GovernmentPreview {
    /// How many questions would move.
    count: u64,
    /// The questions that would move, the first thousand.
    moves: Vec<ConcernedQuestion>,
    /// Those that would not, by the reason.
    aside: Vec<LeftAside>,
    /// Why the change would be refused; empty when it would be made.
    user_errors: Vec<UserError>,
}

fn number(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}

fn shown(questions: Vec<Concerned>) -> Vec<ConcernedQuestion> {
    questions.into_iter().take(SHOWN).map(ConcernedQuestion).collect()
}

impl GovernmentPreview {
    fn new(found: Preview, user_errors: Vec<UserError>) -> Self {
        let aside = |(reason, questions): (Aside, Vec<Concerned>)| LeftAside {
            reason: reason.into(),
            count: number(questions.len()),
            questions: shown(questions),
        };
        Self {
            count: number(found.moves.len()),
            moves: shown(found.moves),
            aside: found.aside.into_iter().map(aside).collect(),
            user_errors,
        }
    }
}

/// A change of government that was followed.
pub(crate) struct GovernmentChange {
    one: Followed,
    moved: u64,
}

/// A change of government that was followed.
#[Object]
impl GovernmentChange {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_government_change(self.one.id)
    }

    /// The denomination under which the questions were.
    async fn from(&self) -> &str {
        &self.one.change.from
    }

    /// The new denomination, or the name of the other ministry.
    async fn to(&self) -> &str {
        self.one.change.to.name()
    }

    /// Whether the questions left for another ministry.
    async fn leaves(&self) -> bool {
        self.one.change.to.is_other()
    }

    /// The day of the decree.
    async fn decreed_on(&self) -> NaiveDate {
        self.one.change.on
    }

    /// The unit whose questions moved; null when all did.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        self.one.change.unit.map_or(Ok(None), |unit| Unit::find(ctx, unit))
    }

    /// When it began.
    async fn at(&self) -> DateTime<Utc> {
        self.one.at.instant()
    }

    /// When every question had been looked at; null while it goes on, or when it was interrupted: ask for it again.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.one.ended_at.map(pli_domain::time::Timestamp::instant)
    }

    /// How many questions it has moved; what is reserved is not counted.
    async fn moved(&self) -> u64 {
        self.moved
    }
}

/// What is asked of changes of government.
#[derive(Default)]
pub(crate) struct GovernmentQuery;

#[Object]
impl GovernmentQuery {
    /// How many open questions stand under each name of a ministry, the most first (administrator of the ministry).
    async fn open_by_denomination(&self, ctx: &Context<'_>) -> Result<Vec<HeldCount>> {
        let held = app(ctx)?.open_by_denomination(caller(ctx)?).await?.into_iter();
        Ok(held.map(|pli_app::HeldCount { ministry, count }| HeldCount { ministry, count }).collect())
    }

    /// What a change of government would move, without making it (administrator of the ministry).
    #[graphql(complexity = "1000 + child_complexity")]
    async fn preview_government_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: GovernmentInput,
    ) -> Result<GovernmentPreview> {
        let outcome = app(ctx)?.preview_government(caller(ctx)?, input.change()?).await;
        let (found, user_errors) = refusals(outcome)?;
        Ok(GovernmentPreview::new(found.unwrap_or_default(), user_errors))
    }

    /// The changes of government that were followed, the latest first, fifty at most (administrator of the ministry).
    async fn government_changes(&self, ctx: &Context<'_>) -> Result<Vec<GovernmentChange>> {
        let told = app(ctx)?.government_changes(caller(ctx)?).await?.into_iter();
        Ok(told.map(|(one, moved)| GovernmentChange { one, moved }).collect())
    }

    /// The questions that a change has moved, first due first (administrator of the ministry); empty when there is no such
    /// change. `dossiers(filter: { governmentChange })` gives the dossiers to whoever may read them.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn moved_by_government_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] id: ID,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<ConcernedQuestion>>> {
        let caller = caller(ctx)?;
        let after = after.as_deref().map(read_position).transpose()?;
        let found =
            app(ctx)?.government_change(caller, government_change_id(&id)?, after, first.into()).await?;
        let Some((one, Page { items, more })) = found else {
            return Ok(Connection::new(std::iter::empty(), false, false));
        };
        let items = items.into_iter().map(|sheet| {
            let place = write_position(Position::of(&sheet, None));
            (place, ConcernedQuestion(Concerned::moved(sheet, &one)))
        });
        Ok(Connection::new(items, after.is_some(), more))
    }
}

/// What became of a change of government.
#[derive(SimpleObject)]
pub(crate) struct GovernmentPayload {
    /// The change, when it was made.
    change: Option<GovernmentChange>,
    /// Why it was refused; empty when it was made.
    user_errors: Vec<UserError>,
}

/// What is done when the Government changes.
#[derive(Default)]
pub(crate) struct GovernmentMutation;

#[Object]
impl GovernmentMutation {
    /// Follows a change of government (administrator of the ministry): the denominations change, then each open question moves
    /// by itself. What was interrupted goes on when the same is asked again.
    async fn change_government(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A name of your own for this command: sent again with the same name, it runs once."
        )]
        idempotency_key: String,
        #[graphql(desc = "The change.")] input: GovernmentInput,
    ) -> Result<GovernmentPayload> {
        let (app, caller) = (app(ctx)?, caller(ctx)?);
        let outcome = app.change_government(caller, Key(idempotency_key), input.change()?).await;
        let (one, user_errors) = refusals(outcome)?;
        let change = match one {
            Some(one) => Some(GovernmentChange { moved: app.moved_by(one.id).await?, one }),
            None => None,
        };
        Ok(GovernmentPayload { change, user_errors })
    }
}
