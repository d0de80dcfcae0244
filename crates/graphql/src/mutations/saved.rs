//! What a person does to the searches that they keep.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use pli_app::{Key, NewSearch, SearchChange};

use super::refusals;
use crate::error::{Result, UserError};
use crate::ids::{app, caller, search_id};
use crate::lists::DossierFilter;
use crate::saved::SavedSearch;

/// What is done to saved searches.
#[derive(Default)]
pub(crate) struct SavedMutation;

/// A search to be kept.
#[derive(InputObject)]
pub(crate) struct SaveSearchInput {
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
    /// Its name, unique among yours.
    name: String,
    /// Which dossiers it finds; all when absent.
    #[graphql(default)]
    filter: DossierFilter,
    /// Whether to be told by mail of what is new from now on.
    #[graphql(default)]
    alert: bool,
}

/// The saved search on which to act.
#[derive(InputObject)]
pub(crate) struct OnSavedSearch {
    /// Its global identifier.
    id: ID,
    /// A name of your own for this command: sent again with the same name, it runs once and answers the same.
    idempotency_key: String,
}

/// What became of a command on a saved search.
#[derive(SimpleObject)]
pub(crate) struct SavedSearchPayload {
    /// The search, when the command was accepted and it is still kept.
    saved_search: Option<SavedSearch>,
    /// Why it was refused; empty when it was accepted.
    user_errors: Vec<UserError>,
}

async fn change(ctx: &Context<'_>, on: OnSavedSearch, change: SearchChange) -> Result<SavedSearchPayload> {
    let (id, key) = (search_id(&on.id)?, Key(on.idempotency_key));
    let (search, user_errors) = refusals(app(ctx)?.change_search(caller(ctx)?, key, id, change).await)?;
    Ok(SavedSearchPayload { saved_search: search.map(SavedSearch), user_errors })
}

#[Object]
impl SavedMutation {
    /// Keeps a search under a name, for yourself.
    async fn save_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The search.")] input: SaveSearchInput,
    ) -> Result<SavedSearchPayload> {
        let SaveSearchInput { idempotency_key, name, filter, alert } = input;
        let search = NewSearch { name, list: filter.list()?, alert };
        let outcome = app(ctx)?.save_search(caller(ctx)?, Key(idempotency_key), search).await;
        let (search, user_errors) = refusals(outcome)?;
        Ok(SavedSearchPayload { saved_search: search.map(SavedSearch), user_errors })
    }

    /// Gives one of your searches another name.
    async fn rename_saved_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The search.")] on: OnSavedSearch,
        #[graphql(desc = "The new name.")] name: String,
    ) -> Result<SavedSearchPayload> {
        change(ctx, on, SearchChange { name: Some(name), ..SearchChange::default() }).await
    }

    /// Switches the alert of one of your searches: you are told by mail, once a day at most, of what is new from now on.
    async fn set_saved_search_alert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The search.")] on: OnSavedSearch,
        #[graphql(desc = "Whether to be told.")] alert: bool,
    ) -> Result<SavedSearchPayload> {
        change(ctx, on, SearchChange { alert: Some(alert), ..SearchChange::default() }).await
    }

    /// Keeps one of your searches no more.
    async fn remove_saved_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The search.")] on: OnSavedSearch,
    ) -> Result<SavedSearchPayload> {
        let (id, key) = (search_id(&on.id)?, Key(on.idempotency_key));
        let (_, user_errors) = refusals(app(ctx)?.remove_search(caller(ctx)?, key, id).await)?;
        Ok(SavedSearchPayload { saved_search: None, user_errors })
    }
}
