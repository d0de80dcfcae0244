//! The runs of imports.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use pli_app::{Page, RejectedRecord, RunFilter};
use pli_domain::import_run::{Ending, ImportRun as Run, RunState};

use crate::error::Result;
use crate::ids::{app, caller, of_run, run_number};
use crate::lists::{Connection, Edge};

/// What is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::import_run::Feed")]
pub(crate) enum ImportFeed {
    /// The questions that the Assemblée nationale publishes.
    Assembly,
    /// Those that the Sénat publishes.
    Senate,
    /// The messages of « Réponses ».
    Reponses,
    /// The members of the houses.
    Members,
}

/// How a run of an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "pli_domain::import_run::RunState")]
pub(crate) enum ImportState {
    /// It goes on.
    Running,
    /// It read the whole source.
    Done,
    /// A file of the source is damaged, or nothing could be read from it.
    Failed,
    /// It stopped before the end, and nobody told why.
    Interrupted,
}

/// A run of an import.
pub(crate) struct ImportRun {
    run: Run,
    state: RunState,
}

/// A run of an import: which file, what it did, how it ended.
#[Object]
impl ImportRun {
    /// Its global identifier.
    async fn id(&self) -> ID {
        of_run(self.run.number)
    }

    /// Its number, in the order of the runs.
    async fn number(&self) -> u32 {
        self.run.number
    }

    /// What was imported.
    async fn feed(&self) -> ImportFeed {
        self.run.feed.into()
    }

    /// The name of the file or folder.
    async fn source(&self) -> &str {
        &self.run.source
    }

    /// The SHA-256 of the file; null when it could not be read.
    async fn digest(&self) -> Option<&str> {
        self.run.digest.as_ref().map(pli_domain::digest::Digest::as_str)
    }

    /// How it stands.
    async fn state(&self) -> ImportState {
        self.state.into()
    }

    /// Why it failed, in French; null otherwise.
    async fn why(&self) -> Option<&str> {
        match &self.run.ending {
            Some(Ending::Failed(why)) => Some(why),
            _ => None,
        }
    }

    /// When it began.
    async fn started_at(&self) -> DateTime<Utc> {
        self.run.started_at.instant()
    }

    /// When it ended; null while it goes on, and when it was interrupted.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.run.ending.as_ref().map(|_| self.run.beat_at.instant())
    }

    /// How long it took, in seconds, up to what it kept last.
    async fn seconds(&self) -> i64 {
        self.run.duration().num_seconds()
    }

    /// Records that were not known.
    async fn created(&self) -> u64 {
        self.run.counts.created
    }

    /// Records of which something was new.
    async fn updated(&self) -> u64 {
        self.run.counts.updated
    }

    /// Records known as they are.
    async fn unchanged(&self) -> u64 {
        self.run.counts.unchanged
    }

    /// Dossiers opened.
    async fn dossiers(&self) -> u64 {
        self.run.counts.dossiers
    }

    /// Names of ministries that it met, which look like ours and are not: an administrator should say.
    async fn doubtful_ministries(&self) -> &[String] {
        &self.run.ministries
    }

    /// Records that could not be imported.
    async fn rejected(&self) -> u64 {
        self.run.counts.rejected
    }
}

/// A run, and what it could not take.
pub(crate) struct ImportRunDetail(pli_app::RunDetail);

/// A run of an import, and what it could not take.
#[Object]
impl ImportRunDetail {
    /// The run.
    async fn run(&self) -> ImportRun {
        ImportRun { run: self.0.run.clone(), state: self.0.state }
    }

    /// The first records that it could not take, 500 at most.
    async fn rejections(&self) -> Vec<ImportRejection> {
        self.0.rejections.iter().cloned().map(ImportRejection).collect()
    }

    /// The run that read the very same file to its end before.
    async fn same_file_before(&self) -> Option<ImportRun> {
        self.0.before.clone().map(|run| ImportRun { run, state: RunState::Done })
    }
}

/// A record that a run could not take.
pub(crate) struct ImportRejection(RejectedRecord);

/// A record that a run could not take.
#[Object]
impl ImportRejection {
    /// The file, or the question.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// A stable code.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What is wrong, in French.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
}

/// What is asked of imports.
#[derive(Default)]
pub(crate) struct ImportQuery;

#[Object]
impl ImportQuery {
    /// The runs of imports, the latest first (coordinators, administrators).
    #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
    async fn import_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of what; everything when absent.")] feed: Option<ImportFeed>,
        #[graphql(desc = "That stand so; all when absent.")] state: Option<ImportState>,
        #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")]
        first: u8,
        #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
    ) -> Result<Connection<Edge<ImportRun>>> {
        let filter = RunFilter { feed: feed.map(Into::into), state: state.map(Into::into) };
        let before = after.map(|cursor| run_number(&ID(cursor))).transpose()?;
        let Page { items, more } = app(ctx)?.import_runs(caller(ctx)?, filter, before, first.into()).await?;
        let items =
            items.into_iter().map(|(run, state)| (of_run(run.number).to_string(), ImportRun { run, state }));
        Ok(Connection::new(items, before.is_some(), more))
    }

    /// One run of an import (coordinators, administrators).
    #[graphql(complexity = "10 + 100 * child_complexity")]
    async fn import_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global identifier.")] id: ID,
    ) -> Result<Option<ImportRunDetail>> {
        let run = app(ctx)?.import_run(caller(ctx)?, run_number(&id)?).await?;
        Ok(run.map(ImportRunDetail))
    }
}
