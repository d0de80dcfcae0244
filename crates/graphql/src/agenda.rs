//! The questions that are put in the chamber, by the day of their sitting.

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};
use chrono::NaiveDate;
use pli_domain::dossier::Sitting as Planned;
use pli_domain::ids::DossierId;

use crate::dossier::Question;
use crate::enums::House;
use crate::error::Result;
use crate::ids::{app, caller};
use crate::loaders::Loaders;

/// Who says on which day a sitting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::dossier::SittingSource")]
pub(crate) enum SittingSource {
    /// Nobody yet: it is taken for the day of the publication.
    Supposed,
    /// The public record.
    Record,
    /// A coordinator.
    Person,
}

/// The sitting in which a question is put.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Sitting {
    /// Its day.
    on: NaiveDate,
    /// Who says so.
    source: SittingSource,
    #[graphql(skip)]
    attended: Option<DossierId>,
}

impl Sitting {
    pub(crate) fn new(dossier: DossierId, planned: &Planned) -> Self {
        let attended = planned.attendee.as_ref().map(|_| dossier);
        Self { on: planned.on, source: planned.source.into(), attended }
    }
}

#[ComplexObject]
impl Sitting {
    /// Who attends for the ministry; null while that is not said.
    async fn attendee(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.attended {
            Some(dossier) => Loaders::attendee(ctx, dossier).await,
            None => Ok(None),
        }
    }
}

/// What is asked of the agenda.
#[derive(Default)]
pub(crate) struct AgendaQuery;

#[Object]
impl AgendaQuery {
    /// The questions that you may read which are put in the chamber on these days, in the order of the sittings; at most
    /// 92 days, and 300 questions.
    #[graphql(complexity = "50 + 50 * child_complexity")]
    async fn oral_agenda(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from: NaiveDate,
        #[graphql(desc = "The last day.")] to: NaiveDate,
        #[graphql(desc = "Of one house; both when absent.")] house: Option<House>,
    ) -> Result<Vec<Question>> {
        let page = app(ctx)?.agenda(caller(ctx)?, (from, to), house.map(House::into)).await?;
        Ok(page.items.into_iter().filter_map(|oral| Question::of(oral.sheet)).collect())
    }
}
