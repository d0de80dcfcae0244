//! The delay rules, the calendar and the reminders: what they are, what a change would move.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::NaiveDate;
use pli_app::{Change, Moves};
use pli_domain::calendar::Entry;
use pli_domain::delay::{self, Length, RuleChange};
use pli_domain::ids::UnitId;

use crate::enums::{Clock, EntryKind, House, LengthUnit, Level, Purpose, Rollover, StartEvent};
use crate::error::{Result, UserError};
use crate::ids::{app, caller, entry_id, of_entry};
use crate::organisation::Unit;

/// A version of a delay rule.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct DelayRule {
    /// Its stable name, such as `an-qe`.
    code: String,
    /// The version, from 1; the highest that is valid on the day of the start is in force.
    version: u32,
    /// What is due, in French.
    label: String,
    /// The text it comes from.
    source: String,
    /// The clock it sets.
    clock: Clock,
    /// What is due at its end.
    purpose: Purpose,
    /// What starts it.
    start: StartEvent,
    /// How long.
    length: u32,
    /// In what the length is counted.
    unit: LengthUnit,
    /// What happens when the last day is not a working day.
    rollover: Rollover,
    /// Whether an incomplete file stops the clock.
    suspendable: bool,
    /// Whether more time can be granted.
    extendable: bool,
    /// The first day of a start that it governs.
    valid_from: NaiveDate,
    /// The last one, when it has an end.
    valid_to: Option<NaiveDate>,
}

impl From<&delay::DelayRule> for DelayRule {
    fn from(rule: &delay::DelayRule) -> Self {
        Self {
            code: rule.code.clone(),
            version: rule.version,
            label: rule.label.clone(),
            source: rule.source.clone(),
            clock: rule.clock.into(),
            purpose: rule.purpose.into(),
            start: rule.start.into(),
            length: rule.length.count(),
            unit: rule.length.unit().into(),
            rollover: rule.rollover.into(),
            suspendable: rule.suspendable,
            extendable: rule.extendable,
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
        }
    }
}

#[ComplexObject]
impl DelayRule {
    /// Every version of the rule, oldest first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<DelayRule>> {
        Ok(caller(ctx)?.delays.rules.versions(&self.code).map(Self::from).collect())
    }

    /// What the rule gives from a start, counted today.
    #[graphql(complexity = "20")]
    async fn computed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The date of the event that starts it.")] start: NaiveDate,
    ) -> Result<Option<Computed>> {
        let delays = &caller(ctx)?.delays;
        let rule = delays.rules.version(&self.code, self.version);
        let computed = rule.and_then(|rule| rule.compute(start, &delays.calendar));
        Ok(computed.map(|computed| Computed {
            due_on: computed.due_on,
            explanation: computed.explanation().collect(),
        }))
    }
}

/// A due date, and how it was found.
#[derive(SimpleObject)]
pub(crate) struct Computed {
    /// The last day to act, that day included.
    due_on: NaiveDate,
    /// Why that day, in French sentences.
    explanation: Vec<String>,
}

/// Days of the calendar.
#[derive(SimpleObject)]
pub(crate) struct CalendarEntry {
    /// Its global identifier.
    id: ID,
    /// What is so on these days.
    kind: EntryKind,
    /// The first day.
    first: NaiveDate,
    /// The last day, included.
    last: NaiveDate,
    /// Where nobody works, as the code of a zone such as `alsace-moselle`; everywhere when null.
    zone: Option<&'static str>,
    /// Which house sits, or whose Journal officiel does not appear.
    house: Option<House>,
    /// In French, as shown.
    label: String,
}

impl From<&Entry> for CalendarEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            id: of_entry(entry.id),
            kind: entry.kind.into(),
            first: entry.first,
            last: entry.last,
            zone: entry.zone.map(Into::into),
            house: entry.house.map(House::from),
            label: entry.label.clone(),
        }
    }
}

/// A reminder rule.
#[derive(SimpleObject)]
pub(crate) struct ReminderRule {
    /// Its stable name.
    code: String,
    /// Days from the due date, negative before it.
    offset: i32,
    /// Days between two reminders while nothing moves; once only when null.
    every: Option<u32>,
    /// Who is told.
    level: Level,
    /// Whether it is in use.
    active: bool,
}

impl From<pli_domain::reminder::ReminderRule> for ReminderRule {
    fn from(rule: pli_domain::reminder::ReminderRule) -> Self {
        let pli_domain::reminder::ReminderRule { code, offset, every, level, active } = rule;
        Self { code, offset, every, level: level.into(), active }
    }
}

/// A change of a delay rule: a new version.
#[derive(InputObject)]
pub(crate) struct RuleChangeInput {
    /// The rule's code.
    code: String,
    /// The version that you saw: refused if the rule has changed since.
    version: u32,
    /// What is due, in French.
    label: String,
    /// The text it comes from.
    source: String,
    /// How long.
    length: u32,
    /// In what the length is counted.
    unit: LengthUnit,
    /// What happens when the last day is not a working day.
    rollover: Rollover,
    /// The first day of a start that the new version governs: earlier starts stay as they are.
    valid_from: NaiveDate,
    /// The last one, when it has an end; the version before governs again after it.
    valid_to: Option<NaiveDate>,
}

impl From<RuleChangeInput> for Change {
    fn from(input: RuleChangeInput) -> Self {
        Self::Rule {
            code: input.code,
            version: input.version,
            change: RuleChange {
                label: input.label,
                source: input.source,
                length: Length::new(input.length, input.unit.into()),
                rollover: input.rollover.into(),
                valid_from: input.valid_from,
                valid_to: input.valid_to,
            },
        }
    }
}

/// Days to be added to the calendar.
#[derive(InputObject)]
pub(crate) struct CalendarEntryInput {
    /// What is so on these days.
    kind: EntryKind,
    /// The first day.
    first: NaiveDate,
    /// The last day, included.
    last: NaiveDate,
    /// Where nobody works, as the code of a zone such as `alsace-moselle`; everywhere when absent.
    zone: Option<String>,
    /// Which house sits, or whose Journal officiel does not appear.
    house: Option<House>,
    /// In French, as shown.
    label: String,
}

impl CalendarEntryInput {
    pub(crate) fn change(self, ctx: &Context<'_>) -> Result<Change> {
        let zone = self.zone.map(|zone| zone.parse().map_err(|_| bad_zone())).transpose()?;
        Ok(Change::AddEntry(Entry {
            id: app(ctx)?.new_entry_id(),
            kind: self.kind.into(),
            first: self.first,
            last: self.last,
            zone,
            house: self.house.map(House::into),
            label: self.label,
        }))
    }
}

fn bad_zone() -> crate::error::GqlError {
    crate::error::GqlError::bad_input("Zone inconnue : « metropole », « alsace-moselle », « mayotte »…")
}

/// A date that a change would move, of an open dossier.
pub(crate) struct Move(pli_app::Move);

/// A date that a change would move, of an open dossier.
#[Object]
impl Move {
    /// The dossier's reference; its content is for those who may read it.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The unit that leads it.
    async fn lead(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        let find = |unit: UnitId| Unit::find(ctx, unit);
        self.0.lead.map_or(Ok(None), find)
    }

    /// The rule whose date moves.
    async fn rule(&self) -> &str {
        &self.0.rule
    }

    /// The date as it stands.
    async fn before(&self) -> NaiveDate {
        self.0.before
    }

    /// The date after the change.
    async fn after(&self) -> NaiveDate {
        self.0.after
    }
}

/// What a change would move.
#[derive(SimpleObject)]
pub(crate) struct Preview {
    /// How many open dossiers were looked at.
    looked_at: u64,
    /// How many dates would move.
    count: u64,
    /// The dates that would move, the first thousand.
    moves: Vec<Move>,
    /// Why the change would be refused; empty when it would be made.
    user_errors: Vec<UserError>,
}

/// How many moves an answer holds.
const SHOWN: usize = 1_000;

impl Preview {
    fn new(outcome: std::result::Result<Moves, pli_app::Error>) -> Result<Self> {
        let (found, user_errors) = match outcome {
            Ok(found) => (found, Vec::new()),
            Err(pli_app::Error::Refused(refusal)) => (Moves::default(), vec![refusal.into()]),
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            looked_at: found.looked_at,
            count: u64::try_from(found.moves.len()).unwrap_or(u64::MAX),
            moves: found.moves.into_iter().take(SHOWN).map(Move).collect(),
            user_errors,
        })
    }
}

/// What can be asked of delays.
#[derive(Default)]
pub(crate) struct DelayQuery;

#[Object]
impl DelayQuery {
    /// The newest version of each delay rule.
    #[graphql(complexity = "40 * child_complexity")]
    async fn delay_rules(&self, ctx: &Context<'_>) -> Result<Vec<DelayRule>> {
        Ok(caller(ctx)?.delays.rules.newest().map(DelayRule::from).collect())
    }

    /// The newest version of one delay rule.
    async fn delay_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its code.")] code: String,
    ) -> Result<Option<DelayRule>> {
        Ok(caller(ctx)?.delays.rules.latest(&code).map(DelayRule::from))
    }

    /// What was added to the public holidays, first day first: closed days, sitting periods, weeks without a Journal officiel.
    #[graphql(complexity = "100 * child_complexity")]
    async fn calendar_entries(&self, ctx: &Context<'_>) -> Result<Vec<CalendarEntry>> {
        Ok(caller(ctx)?.delays.calendar.entries.iter().map(CalendarEntry::from).collect())
    }

    /// The houses whose sitting periods are known for less than two months from now: somebody must enter the next ones.
    async fn calendar_running_out(&self, ctx: &Context<'_>) -> Result<Vec<House>> {
        let out = caller(ctx)?.delays.calendar.running_out(app(ctx)?.today());
        Ok(out.into_iter().map(|(house, _)| house.into()).collect())
    }

    /// The reminder rules, in the order of their days.
    #[graphql(complexity = "10 * child_complexity")]
    async fn reminder_rules(&self, ctx: &Context<'_>) -> Result<Vec<ReminderRule>> {
        caller(ctx)?;
        Ok(app(ctx)?.reminder_rules().await?.into_iter().map(ReminderRule::from).collect())
    }

    /// Which open dossiers a change of a rule would move; nothing is changed (administrator).
    #[graphql(complexity = "200 + 20 * child_complexity")]
    async fn preview_rule_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: RuleChangeInput,
    ) -> Result<Preview> {
        Preview::new(app(ctx)?.preview(caller(ctx)?, &input.into()).await)
    }

    /// Which open dossiers days more in the calendar would move; nothing is changed (administrator).
    #[graphql(complexity = "200 + 20 * child_complexity")]
    async fn preview_calendar_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days.")] input: CalendarEntryInput,
    ) -> Result<Preview> {
        Preview::new(app(ctx)?.preview(caller(ctx)?, &input.change(ctx)?).await)
    }

    /// Which open dossiers days less in the calendar would move; nothing is changed (administrator).
    #[graphql(complexity = "200 + 20 * child_complexity")]
    async fn preview_calendar_removal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The days.")] id: ID,
    ) -> Result<Preview> {
        Preview::new(app(ctx)?.preview(caller(ctx)?, &Change::RemoveEntry(entry_id(&id)?)).await)
    }
}
