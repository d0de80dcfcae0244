//! The searches that a person keeps.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::ids::{app, caller, of_search};
use crate::lists::{Dossiers, page};

/// A search that you keep.
pub(crate) struct SavedSearch(pub(crate) pli_app::SavedSearch);

/// A search that you keep under a name; nobody else sees it.
#[Object]
impl SavedSearch {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_search(self.0.id)
    }

    /// Its name, unique among yours.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The words that it looks for; null when it only narrows the list.
    async fn words(&self) -> Option<&str> {
        self.0.list.words.as_deref()
    }

    /// Whether you are told by mail of what is new, once a day at most.
    async fn alert(&self) -> bool {
        self.0.alert
    }

    /// Since when you keep it.
    async fn saved_at(&self) -> DateTime<Utc> {
        self.0.saved_at.instant()
    }

    /// What it finds now, first due first.
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn dossiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Dossiers> {
        page(ctx, self.0.list.clone(), first, after).await
    }
}

/// What can be asked of saved searches.
#[derive(Default)]
pub(crate) struct SavedQuery;

#[Object]
impl SavedQuery {
    /// The searches that you keep, by name; 50 at most.
    #[graphql(complexity = "10 + 50 * child_complexity")]
    async fn saved_searches(&self, ctx: &Context<'_>) -> Result<Vec<SavedSearch>> {
        let searches = app(ctx)?.saved_searches(caller(ctx)?).await?;
        Ok(searches.into_iter().map(SavedSearch).collect())
    }
}
