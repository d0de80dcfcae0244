//! Where the public record contradicts a dossier.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use pli_app::{Discrepant, Page};

use crate::dossier::Dossier;
use crate::error::Result;
use crate::ids::{app, caller, discrepancy_id, of_discrepancy};
use crate::lists::{Connection, Edge};

/// On which point the public record contradicts a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum DiscrepancyPoint {
    /// The day on which the question was published.
    Publication,
    /// The day on which it was signalled.
    Signalment,
    /// The day of the sitting.
    Sitting,
    /// How often it was renewed.
    Renewals,
    /// How and when it ended.
    Ending,
    /// It is another ministry's.
    Transferred,
    /// It is ours again.
    Returned,
}

impl From<&pli_domain::dossier::Discrepancy> for DiscrepancyPoint {
    fn from(point: &pli_domain::dossier::Discrepancy) -> Self {
        use pli_domain::dossier::Discrepancy as Point;
        match point {
            Point::Publication { .. } => Self::Publication,
            Point::Signalment { .. } => Self::Signalment,
            Point::Sitting { .. } => Self::Sitting,
            Point::Renewals { .. } => Self::Renewals,
            Point::Ending { .. } => Self::Ending,
            Point::Transferred { .. } => Self::Transferred,
            Point::Returned { .. } => Self::Returned,
        }
    }
}

/// A point on which the public record contradicts a dossier.
pub(crate) struct Discrepancy(Discrepant);

/// A point on which the public record contradicts what is held; it waits for a coordinator.
#[Object]
impl Discrepancy {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_discrepancy(self.0.found.id)
    }

    /// The dossier.
    async fn dossier(&self) -> Dossier {
        self.0.sheet.clone().into()
    }

    /// On which point.
    async fn point(&self) -> DiscrepancyPoint {
        (&self.0.found.point).into()
    }

    /// What is held, in French; null when it was corrected since the last import.
    async fn held(&self) -> Option<String> {
        self.0.held.map(pli_domain::dossier::Held::french)
    }

    /// What the record says, in French.
    async fn published(&self) -> String {
        self.0.found.point.published()
    }

    /// When it was found.
    async fn found_at(&self) -> DateTime<Utc> {
        self.0.found.at.instant()
    }
}

/// What is asked of discrepancies.
#[derive(Default)]
pub(crate) struct DiscrepancyQuery;

#[Object]
impl DiscrepancyQuery {
    /// The points on which the public record contradicts what is held, in the order in which they were found.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn discrepancies(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<Discrepancy>>> {
        let after = after.map(|cursor| discrepancy_id(&ID(cursor))).transpose()?;
        let Page { items, more } = app(ctx)?.discrepancies(caller(ctx)?, after, first.into()).await?;
        let items = items.into_iter().map(|one| (of_discrepancy(one.found.id).to_string(), Discrepancy(one)));
        Ok(Connection::new(items, after.is_some(), more))
    }
}
