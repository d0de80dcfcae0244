//! A dossier's journal.

use async_graphql::{Context, Object};
use chrono::{DateTime, Utc};
use pli_app::Line;
use pli_domain::actor::Who;
use pli_domain::french::French as _;

use crate::enums::Action;
use crate::error::Result;
use crate::loaders::Loaders;

/// The name of who acted.
pub(crate) async fn told(ctx: &Context<'_>, who: Who) -> Result<Option<String>> {
    match who {
        Who::User(id) => Loaders::name(ctx, id).await,
        Who::System(part) => Ok(Some(part.french().to_owned())),
    }
}

/// A line of the journal.
pub(crate) struct JournalEntry(pub(crate) Line);

/// A line of the journal: who did what, when, from which stage to which.
#[Object]
impl JournalEntry {
    /// Its place in the dossier's journal, from 1.
    async fn seq(&self) -> u32 {
        self.0.entry.seq
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.entry.at.instant()
    }

    /// Who: a person's name, or the part of Pli that acted.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        told(ctx, self.0.entry.who).await
    }

    /// What was done, or attempted.
    async fn action(&self) -> Option<Action> {
        self.0.entry.action.parse::<pli_domain::dossier::Action>().ok().map(Action::from)
    }

    /// The stage before, such as `drafting` or `closed:answered`; empty for the first entry.
    async fn from_stage(&self) -> &str {
        &self.0.entry.from
    }

    /// The stage after.
    async fn to_stage(&self) -> &str {
        &self.0.entry.to
    }

    /// Whether it was accepted. A refused attempt changed nothing.
    async fn accepted(&self) -> bool {
        self.0.entry.accepted
    }

    /// What is kept of the act, as JSON; the refusal's code for a refused one.
    async fn payload(&self) -> &str {
        &self.0.entry.payload
    }

    /// The words said with it, while they are kept.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// SHA-256 of this entry and of the one before it.
    async fn hash(&self) -> &str {
        self.0.hash.as_str()
    }
}
