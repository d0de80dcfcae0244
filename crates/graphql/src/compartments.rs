//! Compartments: the people to whom dossiers are reserved.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use pli_app::ReadingLine;
use pli_domain::ids::UserId;

use crate::dossier::Dossier;
use crate::error::Result;
use crate::ids::{app, caller, compartment_id, of_compartment, of_person};
use crate::lists::{Connection, Edge, read_reading, write_reading};
use crate::loaders::Loaders;

/// People to whom dossiers are reserved: whoever is not named does not know of them.
pub(crate) struct Compartment(pub(crate) pli_domain::compartment::Compartment);

/// People to whom dossiers are reserved: whoever is not named does not know of them.
#[Object]
impl Compartment {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_compartment(self.0.id)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who answers for it.
    async fn owner(&self) -> CompartmentPerson {
        CompartmentPerson(self.0.owner)
    }

    /// Who is named.
    #[graphql(complexity = "10 * child_complexity")]
    async fn people(&self) -> Vec<CompartmentPerson> {
        self.0.people.iter().copied().map(CompartmentPerson).collect()
    }

    /// Who has opened what, the latest first; null for whoever does not answer for it.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn readings(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Option<Connection<Edge<Reading>>>> {
        let before = after.as_deref().map(read_reading).transpose()?;
        let later = before.is_some();
        let page = match app(ctx)?.readings(caller(ctx)?, self.0.id, before, first.into()).await {
            Ok(page) => page,
            Err(pli_app::Error::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let items = page.items.into_iter().map(|line| (write_reading(line.reading), Reading(line)));
        Ok(Some(Connection::new(items, later, page.more)))
    }
}

/// Somebody who is named in a compartment.
pub(crate) struct CompartmentPerson(UserId);

/// Somebody who is named in a compartment.
#[Object]
impl CompartmentPerson {
    /// Their global identifier.
    async fn id(&self) -> ID {
        of_person(self.0)
    }

    /// As shown to others.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Loaders::name(ctx, self.0).await
    }
}

/// A reserved dossier that was opened.
pub(crate) struct Reading(ReadingLine);

/// A reserved dossier that was opened.
#[Object]
impl Reading {
    /// When, to the minute.
    async fn at(&self) -> DateTime<Utc> {
        self.0.reading.at.instant()
    }

    /// By whom.
    async fn reader(&self) -> &str {
        &self.0.name
    }

    /// Which dossier.
    async fn dossier(&self, ctx: &Context<'_>) -> Result<Option<Dossier>> {
        Ok(Loaders::dossier(ctx, self.0.reading.dossier).await?.map(Dossier::from))
    }
}

/// What can be asked of compartments.
#[derive(Default)]
pub(crate) struct CompartmentQuery;

#[Object]
impl CompartmentQuery {
    /// The compartments in which you are named; all of them for an administrator of the ministry, who reads nothing there.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn compartments(&self, ctx: &Context<'_>) -> Result<Vec<Compartment>> {
        Ok(app(ctx)?.compartments(caller(ctx)?).await?.into_iter().map(Compartment).collect())
    }

    /// One compartment.
    async fn compartment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global identifier.")] id: ID,
    ) -> Result<Option<Compartment>> {
        Ok(app(ctx)?.compartment(caller(ctx)?, compartment_id(&id)?).await?.map(Compartment))
    }
}
