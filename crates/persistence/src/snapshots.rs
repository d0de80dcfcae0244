//! Snapshots: how the open dossiers stood, each day. What stands as it did the day before is not written again, so that
//! a day costs what changed, and every past day still has its exact list.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::delay::Clock;
use pli_domain::delay::plan::Plan;
use pli_domain::dossier::Stage;
use pli_domain::ids::{DossierId, UnitId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SelectStatement, UnionType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, Iden, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::convert::{NEVER, word};
use crate::entity::{dossier, entity};
use crate::select::{common, scoped};
use crate::sums::{mark, unmarked};
use crate::{Reader, Store, StoreError, UnitOfWork};

entity!(snapshot, "snapshot", {
    #[sea_orm(primary_key, auto_increment = false)] day: Date,
    taken_at: DateTimeUtc,
    counted: bool,
});
entity!(snapshot_span, "snapshot_span", {
    #[sea_orm(primary_key, auto_increment = false)] dossier_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] first_on: Date,
    last_on: Date,
    lead_id: Option<Uuid>,
    due_on: Date,
    legal_due_on: Date,
    internal_due_on: Date,
    at_risk: bool,
});

/// An open dossier, as far as it is late or may become so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDossier {
    /// The dossier.
    pub id: DossierId,
    /// Which stages it goes through, by which dates.
    pub plan: Plan,
    /// Where it stands.
    pub stage: Stage,
    /// The lead unit; `None` when not routed.
    pub lead: Option<UnitId>,
    /// Its term; 31/12/9999 when nothing is due, here and below.
    pub due_on: NaiveDate,
    /// Its term on the legal clock.
    pub legal_due_on: NaiveDate,
    /// Its term on the internal clock.
    pub internal_due_on: NaiveDate,
}

/// Days of which a snapshot is kept.
#[derive(Clone, Debug)]
pub struct Snapshots {
    /// The days.
    pub days: BTreeSet<NaiveDate>,
    /// Under which mark their counters are.
    pub(crate) mark: Uuid,
}

/// The open dossiers of a past day, as they stood then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Past {
    /// The day.
    pub day: NaiveDate,
    /// Led by one of these units.
    pub leads: Option<BTreeSet<UnitId>>,
    /// Not led by any unit yet.
    pub unrouted: bool,
    /// Due between two days, both included, on the clock of the filter.
    pub due: Option<(NaiveDate, NaiveDate)>,
    /// At risk.
    pub at_risk: bool,
}

/// How many open dossiers are read and written at once: under what SQLite can be given, and little for a server to hold.
pub const SNAPSHOT_BATCH: usize = 1_000;

impl Past {
    /// The dossiers of that day; none when no snapshot was taken.
    pub(crate) fn dossiers(&self, clock: Option<Clock>) -> SelectStatement {
        let taken = Query::select()
            .expr(Expr::value(1))
            .from(Alias::new(snapshot::Entity.to_string()))
            .and_where(Expr::col(snapshot::Column::Day).eq(self.day))
            .take();
        Query::select()
            .column(snapshot_span::Column::DossierId)
            .from(Alias::new(snapshot_span::Entity.to_string()))
            .and_where(snapshot_span::Column::FirstOn.lte(self.day))
            .and_where(snapshot_span::Column::LastOn.gte(self.day))
            .and_where(Expr::exists(taken))
            .cond_where(self.condition(clock))
            .take()
    }

    pub(crate) fn condition(&self, clock: Option<Clock>) -> Condition {
        use snapshot_span::Column::{AtRisk, LeadId};
        let due = due_column(clock);
        Condition::all()
            .add_option(self.leads.as_ref().map(|units| LeadId.is_in(units.iter().map(|unit| unit.0))))
            .add_option(self.unrouted.then(|| LeadId.is_null()))
            .add_option(self.due.map(|(from, to)| match from {
                // « Since ever » is no date: PostgreSQL's calendar begins later.
                NaiveDate::MIN => due.lte(to),
                from => due.gte(from).and(due.lte(to)),
            }))
            .add_option(self.at_risk.then(|| Expr::col((snapshot_span::Entity, AtRisk))))
    }
}

pub(crate) fn due_column(clock: Option<Clock>) -> snapshot_span::Column {
    match clock {
        None => snapshot_span::Column::DueOn,
        Some(Clock::Legal) => snapshot_span::Column::LegalDueOn,
        Some(Clock::Internal) => snapshot_span::Column::InternalDueOn,
    }
}

impl Reader {
    /// The first day of which a snapshot is kept, and those between two days, both included; in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn snapshots(&self, from: NaiveDate, to: NaiveDate) -> Result<Snapshots, StoreError> {
        let day = common::<snapshot::Entity>().select_only();
        let marked = |days: Select<snapshot::Entity>| days.column_as(mark("past_tally"), "mark");
        let first = marked(day.clone().column_as(snapshot::Column::Day.min(), "day")).into_query();
        let mut days =
            marked(day.column(snapshot::Column::Day)).filter(snapshot::Column::Day.between(from, to));
        QuerySelect::query(&mut days).union(UnionType::All, first);
        let rows: Vec<(Option<NaiveDate>, Uuid)> = days.into_tuple().all(&self.db).await?;
        let mark = rows.first().ok_or_else(unmarked)?.1;
        // There is none at all before the first.
        Ok(Snapshots { days: rows.into_iter().filter_map(|(day, _)| day).collect(), mark })
    }
}

impl Store {
    /// The last day on which a snapshot was taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_snapshot(&self) -> Result<Option<NaiveDate>, StoreError> {
        let last = common::<snapshot::Entity>().order_by_desc(snapshot::Column::Day).one(&self.db).await?;
        Ok(last.map(|row| row.day))
    }
}

impl UnitOfWork {
    /// Claims the snapshot of a day. `false` when it is taken or being taken, here or on another server, and when a later
    /// one is: the past is not written afterwards.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn claim_snapshot(&self, day: NaiveDate, now: Timestamp) -> Result<bool, StoreError> {
        if self.last_snapshot().await?.is_some_and(|last| last >= day) {
            return Ok(false);
        }
        let row = snapshot::ActiveModel { day: Set(day), taken_at: Set(now.instant()), ..Default::default() };
        let taken = OnConflict::column(snapshot::Column::Day).do_nothing().to_owned();
        let insert = snapshot::Entity::insert(row).on_conflict(taken).exec_without_returning(&self.tx).await;
        Ok(self.check(insert)? == 1)
    }

    async fn last_snapshot(&self) -> Result<Option<NaiveDate>, StoreError> {
        let last =
            common::<snapshot::Entity>().order_by_desc(snapshot::Column::Day).limit(1).one(&self.tx).await;
        Ok(self.check(last)?.map(|row| row.day))
    }

    /// Every open dossier, by its identifier.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn open_ids(&self) -> Result<Vec<DossierId>, StoreError> {
        let ids = scoped::<dossier::Entity>(&Scope::ALL)
            .filter(Expr::col((dossier::Entity, dossier::Column::Open)))
            .select_only()
            .column(dossier::Column::Id)
            .into_tuple::<Uuid>()
            .all(&self.tx)
            .await;
        Ok(self.check(ids)?.into_iter().map(DossierId).collect())
    }

    /// Those of some dossiers that are open.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn open_dossiers(&self, ids: &[DossierId]) -> Result<Vec<OpenDossier>, StoreError> {
        type Row = (Uuid, String, String, Option<Uuid>, NaiveDate, NaiveDate, NaiveDate);
        let rows = scoped::<dossier::Entity>(&Scope::ALL)
            .filter(Expr::col((dossier::Entity, dossier::Column::Open)))
            .filter(dossier::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .select_only()
            .columns([
                dossier::Column::Id,
                dossier::Column::Plan,
                dossier::Column::Stage,
                dossier::Column::LeadId,
                dossier::Column::DueOn,
                dossier::Column::LegalDueOn,
                dossier::Column::InternalDueOn,
            ])
            .into_tuple()
            .all(&self.tx)
            .await;
        let read = |(id, plan, stage, lead, due_on, legal_due_on, internal_due_on): Row| {
            Ok(OpenDossier {
                id: DossierId(id),
                plan: word("dossier", "plan", &plan)?,
                stage: word("dossier", "stage", &stage)?,
                lead: lead.map(UnitId),
                due_on,
                legal_due_on,
                internal_due_on,
            })
        };
        self.check(rows)?.into_iter().map(read).collect()
    }

    /// Keeps how some open dossiers stand in the snapshot of a day, claimed before; each with whether it is at risk.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_snapshot(
        &self,
        day: NaiveDate,
        open: &[(OpenDossier, bool)],
    ) -> Result<(), StoreError> {
        let standing = scoped::<snapshot_span::Entity>(&Scope::ALL)
            .filter(snapshot_span::Column::LastOn.eq(NEVER))
            .filter(snapshot_span::Column::DossierId.is_in(open.iter().map(|(dossier, _)| dossier.id.0)))
            .all(&self.tx)
            .await;
        let standing = self.check(standing)?.into_iter().map(|row| (row.dossier_id, row));
        let standing: BTreeMap<Uuid, snapshot_span::Model> = standing.collect();
        let now = open.iter().map(|(dossier, at_risk)| span(day, dossier, *at_risk));
        let begun: Vec<_> = now
            .filter(|row| {
                standing.get(&row.dossier_id).is_none_or(|before| {
                    snapshot_span::Model { first_on: before.first_on, ..row.clone() } != *before
                })
            })
            .collect();
        if begun.is_empty() {
            return Ok(());
        }
        let changed = begun.iter().map(|row| row.dossier_id).filter(|id| standing.contains_key(id));
        self.end_spans(snapshot_span::Column::DossierId.is_in(changed), day).await?;
        let rows = begun.into_iter().map(|row| row.into_active_model().reset_all());
        let insert = snapshot_span::Entity::insert_many(rows).exec_without_returning(&self.tx).await;
        self.check(insert)?;
        Ok(())
    }

    /// Ends what stood of those that are open no more on a day.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end_closed(&self, day: NaiveDate) -> Result<(), StoreError> {
        let open = Query::select()
            .column(dossier::Column::Id)
            .from(dossier::Entity)
            .and_where(Expr::col((dossier::Entity, dossier::Column::Open)))
            .take();
        self.end_spans(snapshot_span::Column::DossierId.not_in_subquery(open), day).await
    }

    /// Ends what stood until the snapshot before that of a day.
    #[expect(clippy::disallowed_methods, reason = "a day's changes in one statement")]
    async fn end_spans(&self, which: Expr, day: NaiveDate) -> Result<(), StoreError> {
        let before = common::<snapshot::Entity>()
            .filter(snapshot::Column::Day.lt(day))
            .order_by_desc(snapshot::Column::Day)
            .limit(1)
            .one(&self.tx)
            .await;
        let Some(before) = self.check(before)? else { return Ok(()) };
        let update = snapshot_span::Entity::update_many()
            .set(snapshot_span::ActiveModel { last_on: Set(before.day), ..Default::default() })
            .filter(snapshot_span::Column::LastOn.eq(NEVER))
            // What was open when it was read, and is closed since, stands in the snapshot.
            .filter(snapshot_span::Column::FirstOn.lt(day))
            .filter(which)
            .exec(&self.tx)
            .await;
        self.check(update)?;
        Ok(())
    }
}

/// How a dossier stands from that day on.
fn span(day: NaiveDate, dossier: &OpenDossier, at_risk: bool) -> snapshot_span::Model {
    snapshot_span::Model {
        dossier_id: dossier.id.0,
        first_on: day,
        last_on: NEVER,
        lead_id: dossier.lead.map(|unit| unit.0),
        due_on: dossier.due_on,
        legal_due_on: dossier.legal_due_on,
        internal_due_on: dossier.internal_due_on,
        at_risk,
    }
}
