//! Changing the delay rules, the calendar and the reminders (administrator), and one's own notifications.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use pli_app::{Change, Key};
use pli_domain::reminder;

use super::refusals;
use crate::delays::{CalendarEntry, CalendarEntryInput, DelayRule, ReminderRule, RuleChangeInput};
use crate::enums::{Level, Notifications};
use crate::error::{Result, UserError};
use crate::ids::{app, caller, entry_id};

/// What is done to the settings.
#[derive(Default)]
pub(crate) struct SettingsMutation;

/// The delays after a change.
#[derive(SimpleObject)]
pub(crate) struct DelaysPayload {
    /// The newest version of each rule.
    delay_rules: Vec<DelayRule>,
    /// What is in the calendar beside the public holidays.
    calendar_entries: Vec<CalendarEntry>,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<UserError>,
}

/// The reminder rules after a change.
#[derive(SimpleObject)]
pub(crate) struct RemindersPayload {
    /// The rules, in the order of their days.
    reminder_rules: Vec<ReminderRule>,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<UserError>,
}

/// A private address for a calendar.
#[derive(SimpleObject)]
pub(crate) struct FeedPayload {
    /// The path of the feed on this server, with its secret; it is not shown again.
    path: String,
}

/// A reminder rule as it should be.
#[derive(InputObject)]
pub(crate) struct ReminderRuleInput {
    /// Its code.
    code: String,
    /// Days from the due date, negative before it.
    offset: i32,
    /// Days between two reminders while nothing moves; once only when absent.
    every: Option<u32>,
    /// Who is told.
    level: Level,
    /// Whether it is in use.
    active: bool,
}

async fn change(ctx: &Context<'_>, key: String, change: Change) -> Result<DelaysPayload> {
    let caller = caller(ctx)?;
    let (_, user_errors) = refusals(app(ctx)?.change_delays(caller, Key(key), change).await)?;
    let after = app(ctx)?.caller(caller.actor.clone()).await?;
    Ok(DelaysPayload {
        delay_rules: after.delays.rules.newest().map(DelayRule::from).collect(),
        calendar_entries: after.delays.calendar.entries.iter().map(CalendarEntry::from).collect(),
        user_errors,
    })
}

#[Object]
impl SettingsMutation {
    /// Adds a version to a delay rule, and moves the open dossiers that it governs (administrator).
    #[graphql(complexity = "100 + 20 * child_complexity")]
    async fn change_delay_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A name of your own for this command: with the same name it runs once.")]
        idempotency_key: String,
        #[graphql(desc = "The change.")] input: RuleChangeInput,
    ) -> Result<DelaysPayload> {
        change(ctx, idempotency_key, input.into()).await
    }

    /// Adds days to the calendar, and moves the open dossiers that count them (administrator).
    #[graphql(complexity = "100 + 20 * child_complexity")]
    async fn add_calendar_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A name of your own for this command: with the same name it runs once.")]
        idempotency_key: String,
        #[graphql(desc = "The days.")] input: CalendarEntryInput,
    ) -> Result<DelaysPayload> {
        let days = input.change(ctx)?;
        change(ctx, idempotency_key, days).await
    }

    /// Takes days out of the calendar, and moves the open dossiers that counted them (administrator).
    #[graphql(complexity = "100 + 20 * child_complexity")]
    async fn remove_calendar_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A name of your own for this command: with the same name it runs once.")]
        idempotency_key: String,
        #[graphql(desc = "The days.")] id: ID,
    ) -> Result<DelaysPayload> {
        change(ctx, idempotency_key, Change::RemoveEntry(entry_id(&id)?)).await
    }

    /// Changes a reminder rule (administrator); the same change twice is the same change.
    #[graphql(complexity = "20 + 5 * child_complexity")]
    async fn change_reminder_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule as it should be.")] input: ReminderRuleInput,
    ) -> Result<RemindersPayload> {
        let ReminderRuleInput { code, offset, every, level, active } = input;
        let rule = reminder::ReminderRule { code, offset, every, level: level.into(), active };
        let (_, user_errors) = refusals(app(ctx)?.change_reminder(caller(ctx)?, &rule).await)?;
        let rules = app(ctx)?.reminder_rules().await?;
        Ok(RemindersPayload {
            reminder_rules: rules.into_iter().map(ReminderRule::from).collect(),
            user_errors,
        })
    }

    /// Says how you want to be told of what is due; the same choice twice is the same choice.
    async fn choose_notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How.")] notifications: Notifications,
    ) -> Result<Notifications> {
        app(ctx)?.choose_notifications(caller(ctx)?, notifications.into()).await?;
        Ok(notifications)
    }

    /// Gives you a private address for your calendar, in place of the one you had.
    async fn open_calendar_feed(&self, ctx: &Context<'_>) -> Result<FeedPayload> {
        let secret = app(ctx)?.open_feed(caller(ctx)?).await?;
        Ok(FeedPayload { path: format!("/calendrier/{}.ics", secret.reveal()) })
    }

    /// Takes back your calendar's address; `false` never.
    async fn close_calendar_feed(&self, ctx: &Context<'_>) -> Result<bool> {
        app(ctx)?.close_feed(caller(ctx)?).await?;
        Ok(true)
    }
}
