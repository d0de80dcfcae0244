//! What is late, by direction and age, and the list behind each figure.

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use strum::VariantArray as _;

use crate::enums::AgeClass;
use crate::error::Result;
use crate::ids::{app, caller};
use crate::lists::{Dossiers, page};
use crate::organisation::Unit;
use crate::trend::{OnTimeRow, TrendWeek};

/// What is late today.
pub(crate) struct Retards(pub(crate) pli_app::Retards);

/// What is late today, by direction and age.
#[Object]
impl Retards {
    /// The day on which it is counted.
    async fn today(&self) -> NaiveDate {
        self.0.today
    }

    /// How many dossiers are late in all.
    async fn total(&self) -> u64 {
        self.0.rows.iter().map(|row| row.count(None)).sum()
    }

    /// A row for each direction that has something late; the dossiers not given to any unit come first.
    async fn rows(&self) -> Vec<RetardsRow> {
        self.0.rows.iter().cloned().map(RetardsRow).collect()
    }

    /// Twelve weeks, this one last.
    #[graphql(complexity = "12 * child_complexity")]
    async fn trend(&self, ctx: &Context<'_>) -> Result<Vec<TrendWeek>> {
        let trend = app(ctx)?.trend(caller(ctx)?, &self.0.list).await?;
        Ok(trend.weeks.into_iter().map(TrendWeek).collect())
    }

    /// Of what was due in a period, how many were answered in time: a row for each direction that had something due. The
    /// period ends yesterday at the latest.
    #[graphql(complexity = "10 * child_complexity")]
    async fn on_time(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its first day.")] from: NaiveDate,
        #[graphql(desc = "Its last day.")] to: NaiveDate,
    ) -> Result<Vec<OnTimeRow>> {
        let [found] = app(ctx)?.on_time(caller(ctx)?, &self.0.list, [(from, to)]).await?;
        Ok(found.rows.into_iter().map(OnTimeRow).collect())
    }
}

/// A direction's row.
pub(crate) struct RetardsRow(pli_app::RetardsRow);

/// What one direction has late.
#[Object]
impl RetardsRow {
    /// The direction; null for the dossiers not given to any unit.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.unit {
            Some(unit) => Unit::find(ctx, unit),
            None => Ok(None),
        }
    }

    /// How many, all ages together.
    async fn total(&self) -> u64 {
        self.0.count(None)
    }

    /// How many of each age, from the youngest; every class is there.
    async fn figures(&self) -> Vec<RetardsFigure> {
        let classes = pli_domain::deadline::AgeClass::VARIANTS.iter();
        classes.map(|class| RetardsFigure { row: self.0.clone(), class: *class }).collect()
    }

    /// The dossiers behind the total.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn dossiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Dossiers> {
        page(ctx, self.0.list(None), first, after).await
    }
}

/// A figure and the list behind it.
pub(crate) struct RetardsFigure {
    row: pli_app::RetardsRow,
    class: pli_domain::deadline::AgeClass,
}

/// A figure of a row, and the list behind it.
#[Object]
impl RetardsFigure {
    /// How old the lateness is.
    async fn age_class(&self) -> AgeClass {
        self.class.into()
    }

    /// How many.
    async fn count(&self) -> u64 {
        self.row.count(Some(self.class))
    }

    /// The dossiers behind it.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn dossiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Dossiers> {
        page(ctx, self.row.list(Some(self.class)), first, after).await
    }
}
