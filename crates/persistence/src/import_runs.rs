//! The runs of imports. A run's counts are kept in the transaction of each batch: they say what is there, whenever it stops.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pli_domain::digest::Digest;
use pli_domain::ids::DossierId;
use pli_domain::import_run::{Counts, Ending, Feed, ImportRun, RunState, SILENCE};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, Iden, QueryFilter, QueryOrder, QuerySelect,
};

use crate::convert::{count, position, small, word};
use crate::entity::{import_dossier, import_rejection, import_run};
use crate::reminders::Recipient;
use crate::select::{common, scoped};
use crate::{Page, Reader, Store, StoreError, UnitOfWork};

/// How many rejections of a run are kept; all are counted.
pub const KEPT_REJECTIONS: usize = 500;

/// Which runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this feed.
    pub feed: Option<Feed>,
    /// That stand so.
    pub state: Option<RunState>,
}

/// A record that a run could not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRecord {
    /// The file, or the question.
    pub source: String,
    /// A stable code.
    pub code: String,
    /// What is wrong, in French.
    pub reason: String,
}

const DONE: &str = "done";
const FAILED: &str = "failed";
const RUNNING: &str = "running";

impl Store {
    /// A page of the runs, the latest first; `before` is the last one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn import_runs(
        &self,
        filter: RunFilter,
        before: Option<u32>,
        size: u64,
        now: Timestamp,
    ) -> Result<Page<ImportRun>, StoreError> {
        use import_run::Column;
        let feed = filter.feed.map(|feed| Column::Feed.eq(<&str>::from(feed)));
        let before = before.map(|before| Column::Number.lt(small(before)));
        let rows = common::<import_run::Entity>()
            .filter(Condition::all().add_option(feed).add_option(before))
            .filter(stands(filter.state, now))
            .order_by_desc(Column::Number)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, _>>()?, more })
    }

    /// A run.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn import_run(&self, number: u32) -> Result<Option<ImportRun>, StoreError> {
        let row = common::<import_run::Entity>()
            .filter(import_run::Column::Number.eq(small(number)))
            .one(&self.db)
            .await?;
        row.map(read).transpose()
    }

    /// The first records that a run could not take.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn import_rejections(&self, run: u32) -> Result<Vec<RejectedRecord>, StoreError> {
        let rows = common::<import_rejection::Entity>()
            .filter(import_rejection::Column::Run.eq(small(run)))
            .order_by_asc(import_rejection::Column::Seq)
            .all(&self.db)
            .await?;
        let rejection = |row: import_rejection::Model| RejectedRecord {
            source: row.source,
            code: row.code,
            reason: row.reason,
        };
        Ok(rows.into_iter().map(rejection).collect())
    }

    /// The last run, before the one of a number, that read a file of this digest to its end.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn imported_before(
        &self,
        digest: &Digest,
        number: u32,
    ) -> Result<Option<ImportRun>, StoreError> {
        let row = common::<import_run::Entity>()
            .filter(import_run::Column::Digest.eq(digest.as_str()))
            .filter(import_run::Column::State.eq(DONE))
            .filter(import_run::Column::Number.lt(small(number)))
            .order_by_desc(import_run::Column::Number)
            .one(&self.db)
            .await?;
        row.map(read).transpose()
    }

    /// The runs that did not end well and were heard of last since an instant, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn unwell_runs(&self, since: Timestamp, now: Timestamp) -> Result<Vec<ImportRun>, StoreError> {
        let unwell = [RunState::Failed, RunState::Interrupted].map(|state| stands(Some(state), now));
        let rows = common::<import_run::Entity>()
            .filter(import_run::Column::State.ne(DONE))
            .filter(import_run::Column::BeatAt.gte(since.instant()))
            .filter(unwell.into_iter().fold(Condition::any(), Condition::add))
            .order_by_asc(import_run::Column::Number)
            .all(&self.db)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Everybody whose account is open and has an address, whatever reminders they want.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn everybody_reachable(&self) -> Result<Vec<Recipient>, StoreError> {
        self.reachable(sea_orm::sea_query::Expr::value(true)).await
    }
}

impl Reader {
    /// How many dossiers in scope some runs have opened; those that opened none are missing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn opened_by(&self, runs: &[u32]) -> Result<BTreeMap<u32, u64>, StoreError> {
        use import_dossier::Column;
        let counts: Vec<(i32, i64)> = scoped::<import_dossier::Entity>(&self.scope)
            .filter(Column::Run.is_in(runs.iter().map(|run| small(*run))))
            .select_only()
            .column(Column::Run)
            .column_as(Column::DossierId.count(), "number")
            .group_by(Column::Run)
            .into_tuple()
            .all(&self.db)
            .await?;
        let read =
            |(run, number)| Ok((count("import_dossier", "run", run)?, u64::try_from(number).unwrap_or(0)));
        counts.into_iter().map(read).collect()
    }
}

impl UnitOfWork {
    /// Keeps that a run begins; its number.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when another run begins at this moment: ask again.
    pub async fn begin_run(
        &self,
        feed: Feed,
        source: &str,
        digest: Option<&Digest>,
        at: Timestamp,
    ) -> Result<u32, StoreError> {
        let last = common::<import_run::Entity>()
            .order_by_desc(import_run::Column::Number)
            .limit(1)
            .one(&self.tx)
            .await;
        let last = self.check(last)?.map_or(0, |row| row.number);
        let row = import_run::ActiveModel {
            number: Set(last.saturating_add(1)),
            feed: Set(<&str>::from(feed).to_owned()),
            source: Set(source.to_owned()),
            digest: Set(digest.map(ToString::to_string)),
            started_at: Set(at.instant()),
            beat_at: Set(at.instant()),
            state: Set(RUNNING.to_owned()),
            why: Set(None),
            created: Set(0),
            updated: Set(0),
            unchanged: Set(0),
            dossiers: Set(0),
            rejected: Set(0),
            ministries: Set("[]".to_owned()),
        };
        let row = self.check(row.insert(&self.tx).await)?;
        count("import_run", "number", row.number)
    }

    /// Keeps what a run has done so far, and how it ended when it has.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_run(
        &self,
        number: u32,
        counts: Counts,
        ministries: &[String],
        ending: Option<&Ending>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, why) = match ending {
            None => (RUNNING, None),
            Some(Ending::Done) => (DONE, None),
            Some(Ending::Failed(why)) => (FAILED, Some(why.clone())),
        };
        let row = import_run::ActiveModel {
            number: Unchanged(small(number)),
            beat_at: Set(at.instant()),
            state: Set(state.to_owned()),
            why: Set(why),
            created: Set(large(counts.created)),
            updated: Set(large(counts.updated)),
            unchanged: Set(large(counts.unchanged)),
            dossiers: Set(large(counts.dossiers)),
            rejected: Set(large(counts.rejected)),
            ministries: Set(serde_json::json!(ministries).to_string()),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await).map(drop)
    }

    /// Keeps which dossiers a run has opened.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_opened(&self, run: u32, dossiers: &[DossierId]) -> Result<(), StoreError> {
        if dossiers.is_empty() {
            return Ok(());
        }
        let rows = dossiers
            .iter()
            .map(|id| import_dossier::ActiveModel { run: Set(small(run)), dossier_id: Set(id.0) });
        let insert = import_dossier::Entity::insert_many(rows).exec_without_returning(&self.tx).await;
        self.check(insert).map(drop)
    }

    /// Keeps more rejections of a run, after those that it has.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_rejections(
        &self,
        run: u32,
        after: usize,
        rejections: &[RejectedRecord],
    ) -> Result<(), StoreError> {
        if rejections.is_empty() {
            return Ok(());
        }
        let rows = rejections.iter().zip(after..).map(|(rejection, seq)| import_rejection::ActiveModel {
            run: Set(small(run)),
            seq: Set(position(seq)),
            source: Set(rejection.source.clone()),
            code: Set(rejection.code.clone()),
            reason: Set(rejection.reason.clone()),
        });
        let insert = import_rejection::Entity::insert_many(rows).exec_without_returning(&self.tx).await;
        self.check(insert).map(drop)
    }
}

/// The dossiers that a run has opened.
pub(crate) fn opened_by(run: u32) -> SelectStatement {
    Query::select()
        .column(import_dossier::Column::DossierId)
        .from(Alias::new(import_dossier::Entity.to_string()))
        .and_where(Expr::col(import_dossier::Column::Run).eq(small(run)))
        .take()
}

/// What a state asks of the rows.
fn stands(state: Option<RunState>, now: Timestamp) -> Condition {
    use import_run::Column::{BeatAt, State};
    let heard_of: DateTime<Utc> = now.instant() - SILENCE;
    let all = Condition::all();
    match state {
        None => all,
        Some(RunState::Done) => all.add(State.eq(DONE)),
        Some(RunState::Failed) => all.add(State.eq(FAILED)),
        Some(RunState::Running) => all.add(State.eq(RUNNING)).add(BeatAt.gte(heard_of)),
        Some(RunState::Interrupted) => all.add(State.eq(RUNNING)).add(BeatAt.lt(heard_of)),
    }
}

fn large(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read(row: import_run::Model) -> Result<ImportRun, StoreError> {
    const TABLE: &str = "import_run";
    let many = |value: i64| u64::try_from(value).unwrap_or_default();
    let ending = match row.state.as_str() {
        DONE => Some(Ending::Done),
        FAILED => Some(Ending::Failed(row.why.unwrap_or_default())),
        _ => None,
    };
    Ok(ImportRun {
        number: count(TABLE, "number", row.number)?,
        feed: word(TABLE, "feed", &row.feed)?,
        source: row.source,
        digest: row.digest.map(Digest::stored),
        started_at: Timestamp::new(row.started_at),
        beat_at: Timestamp::new(row.beat_at),
        ending,
        ministries: serde_json::from_str(&row.ministries).unwrap_or_default(),
        counts: Counts {
            created: many(row.created),
            updated: many(row.updated),
            unchanged: many(row.unchanged),
            dossiers: many(row.dossiers),
            rejected: many(row.rejected),
        },
    })
}
