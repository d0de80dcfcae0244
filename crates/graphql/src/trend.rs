//! How lateness goes: twelve weeks of snapshots, and how many answers came in time.

use async_graphql::{Context, Object, SimpleObject};
use chrono::NaiveDate;
use pli_app::{Figure, Late};
use strum::VariantArray as _;

use crate::enums::{AgeClass, Timeliness};
use crate::error::Result;
use crate::organisation::Unit;

/// A week of a trend.
pub(crate) struct TrendWeek(pub(crate) pli_app::Week);

/// A week of a trend: how the open dossiers stood at its last snapshot, and what was answered in it.
#[Object]
impl TrendWeek {
    /// Its Monday.
    async fn from(&self) -> NaiveDate {
        self.0.from
    }

    /// Its Sunday, or today.
    async fn to(&self) -> NaiveDate {
        self.0.to
    }

    /// The day of its last snapshot; null when it has none, and then nothing is counted but the answers. The exact list of
    /// that day: `dossiers(filter: { asOf: … })`.
    async fn as_of(&self) -> Option<NaiveDate> {
        self.0.day
    }

    /// How many were open on that day.
    async fn open(&self) -> Option<u64> {
        self.of_the_day(Figure::Open)
    }

    /// How many were at risk on that day.
    async fn at_risk(&self) -> Option<u64> {
        self.of_the_day(Figure::AtRisk)
    }

    /// How many were late on that day.
    async fn late(&self) -> Option<u64> {
        self.of_the_day(Figure::Late(Late::Any))
    }

    /// How many of each age were late on that day, from the youngest; every class is there.
    async fn figures(&self) -> Vec<TrendFigure> {
        let classes = pli_domain::deadline::AgeClass::VARIANTS.iter().copied();
        let figure = |class: pli_domain::deadline::AgeClass| TrendFigure {
            age_class: class.into(),
            count: self.of_the_day(Figure::Late(Late::Class(class))),
        };
        classes.map(figure).collect()
    }

    /// How many were answered in the week, in time or late.
    async fn answered(&self, #[graphql(desc = "In time, or late.")] timeliness: Timeliness) -> u64 {
        self.0.count(Figure::Answered(timeliness.into()))
    }
}

impl TrendWeek {
    fn of_the_day(&self, figure: Figure) -> Option<u64> {
        self.0.day.map(|_| self.0.count(figure))
    }
}

/// How many of one age were late.
#[derive(SimpleObject)]
pub(crate) struct TrendFigure {
    /// How old the lateness was.
    age_class: AgeClass,
    /// How many; null without a snapshot.
    count: Option<u64>,
}

/// A direction's row.
pub(crate) struct OnTimeRow(pub(crate) pli_app::OnTimeRow);

/// What of one direction was due in a period, and answered in time. The dossiers behind it: `dossiers(filter: { unit: …,
/// dueFrom: …, dueTo: …, answered: IN_TIME })`.
#[Object]
impl OnTimeRow {
    /// The direction; null for the dossiers not given to any unit.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.unit {
            Some(unit) => Unit::find(ctx, unit),
            None => Ok(None),
        }
    }

    /// How many were due, answered or not.
    async fn due(&self) -> u64 {
        self.0.due
    }

    /// How many of them were answered in time.
    async fn in_time(&self) -> u64 {
        self.0.in_time
    }
}
