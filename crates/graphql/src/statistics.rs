//! The statistics of questions.

use async_graphql::{Context, Enum, Object};
use chrono::NaiveDate;
use pli_app::{Common, Counted, StatisticsRow};

use crate::enums::{House, QuestionType};
use crate::error::{GqlError, Result};
use crate::ids::{app, caller};
use crate::organisation::Unit;

/// By what the questions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_app::By")]
pub(crate) enum StatisticsBy {
    /// By house.
    House,
    /// By type.
    Type,
    /// By the author's political group.
    Group,
    /// By the direction that answers.
    Direction,
}

/// The statistics of a period.
pub(crate) struct Statistics(pli_app::Statistics);

/// Of the questions published in a period and given to us, how many were answered within the legal delay.
#[Object]
impl Statistics {
    /// The day on which they are counted.
    async fn today(&self) -> NaiveDate {
        self.0.today
    }

    /// A row for each house, type, group or direction.
    async fn rows(&self) -> Vec<Row> {
        self.0.rows.iter().cloned().map(Row).collect()
    }

    /// All together.
    async fn total(&self) -> Row {
        Row(self.0.total.clone())
    }
}

/// The questions that have something in common.
pub(crate) struct Row(StatisticsRow);

/// The questions that have something in common, counted.
#[Object(name = "StatisticsRow")]
impl Row {
    /// Their house, when they are counted by house.
    async fn house(&self) -> Option<House> {
        match self.0.key {
            Some(Common::House(house)) => Some(house.into()),
            _ => None,
        }
    }

    /// Their type, when they are counted by type.
    #[graphql(name = "type")]
    async fn kind(&self) -> Option<QuestionType> {
        match self.0.key {
            Some(Common::Type(kind)) => Some(kind.into()),
            _ => None,
        }
    }

    /// Their author's group, when they are counted by group and it is known.
    async fn group(&self) -> Option<&str> {
        match &self.0.key {
            Some(Common::Group(group)) => group.as_deref(),
            _ => None,
        }
    }

    /// The direction that answers, when they are counted by direction and one leads them.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.key {
            Some(Common::Direction(Some(unit))) => Unit::find(ctx, unit),
            _ => Ok(None),
        }
    }

    /// Published in the period.
    async fn published(&self) -> u64 {
        self.0.count(Counted::Published)
    }

    /// Answered by their legal term.
    async fn in_time(&self) -> u64 {
        self.0.count(Counted::InTime)
    }

    /// Answered after it.
    async fn late(&self) -> u64 {
        self.0.count(Counted::Late)
    }

    /// Open, and their legal term, when they have one, has not passed.
    async fn pending(&self) -> u64 {
        self.0.count(Counted::Pending)
    }

    /// Open, and it has passed.
    async fn pending_late(&self) -> u64 {
        self.0.count(Counted::PendingLate)
    }

    /// Answered in the chamber: no legal delay runs.
    async fn in_chamber(&self) -> u64 {
        self.0.count(Counted::InChamber)
    }

    /// Closed without an answer.
    async fn unanswered(&self) -> u64 {
        self.0.count(Counted::Unanswered)
    }

    /// In percent, cut down: `inTime / (inTime + late + pendingLate)`; null when there is none.
    async fn rate(&self) -> Option<u64> {
        self.0.rate()
    }
}

/// What is asked of statistics.
#[derive(Default)]
pub(crate) struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// Of the questions published between two days, both included, how many were answered within the legal delay.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn question_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what they are counted.")] by: StatisticsBy,
        #[graphql(desc = "The first day of publication.")] from: NaiveDate,
        #[graphql(desc = "The last.")] to: NaiveDate,
    ) -> Result<Statistics> {
        if from > to {
            return Err(GqlError::bad_input("La première date suit la seconde : inversez-les."));
        }
        Ok(Statistics(app(ctx)?.statistics(caller(ctx)?, by.into(), (from, to)).await?))
    }
}
