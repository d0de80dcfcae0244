//! Batches: the questions that get one answer.

use std::collections::BTreeMap;

use pli_domain::actor::Scope;
use pli_domain::ids::{BatchId, DossierId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, Iden, Order, QueryFilter, QueryOrder, QuerySelect};

use crate::dossiers::Sheet;
use crate::entity::{dossier, question};
use crate::select::scoped;
use crate::{Page, Reader, StoreError, UnitOfWork};

impl UnitOfWork {
    /// Keeps others from changing some dossiers and whatever is in a batch with one of them, until this unit of work ends.
    /// Always in one order, so that two who want the same wait for each other rather than for ever.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn lock_with_batches(&self, dossiers: &[DossierId]) -> Result<(), StoreError> {
        if self.tx.get_database_backend() == DbBackend::Sqlite {
            // It has one writer.
            return Ok(());
        }
        let ids = || dossiers.iter().map(|id| id.0);
        let mut mates = Query::select()
            .column(question::Column::DossierId)
            .from(Alias::new(question::Entity.to_string()))
            .and_where(Expr::col(question::Column::BatchId).in_subquery(batches_of(ids())))
            .take();
        let themselves = Query::select()
            .column(dossier::Column::Id)
            .from(Alias::new(dossier::Entity.to_string()))
            .and_where(Expr::col(dossier::Column::Id).is_in(ids()))
            .take();
        // A union, and not an `or`: PostgreSQL reads the whole table for an `or` with a subquery.
        mates.union(UnionType::Distinct, themselves);
        let locked = scoped::<dossier::Entity>(&Scope::ALL)
            .filter(dossier::Column::Id.in_subquery(mates))
            .order_by_asc(dossier::Column::Id)
            .lock_exclusive()
            .select_only()
            .column(dossier::Column::Id)
            .into_tuple::<uuid::Uuid>()
            .all(&self.tx)
            .await;
        self.check(locked).map(drop)
    }

    /// The questions of a batch, the lead question first, each as its dossier, and the last place taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn batch(&self, batch: BatchId) -> Result<(Vec<DossierId>, u32), StoreError> {
        let rows = scoped::<question::Entity>(&Scope::ALL)
            .filter(question::Column::BatchId.eq(batch.0))
            .order_by_asc(question::Column::BatchPlace)
            .all(&self.tx)
            .await;
        let rows = self.check(rows)?;
        let last = rows.last().and_then(|row| row.batch_place).unwrap_or_default();
        let last = crate::convert::count("question", "batch_place", last)?;
        Ok((rows.into_iter().map(|row| DossierId(row.dossier_id)).collect(), last))
    }
}

/// The batches in which these dossiers are.
fn batches_of(dossiers: impl Iterator<Item = uuid::Uuid>) -> SelectStatement {
    Query::select()
        .column(question::Column::BatchId)
        .from(Alias::new(question::Entity.to_string()))
        .and_where(Expr::col(question::Column::DossierId).is_in(dossiers))
        .and_where(Expr::col(question::Column::BatchId).is_not_null())
        .take()
}

impl Reader {
    /// The questions in scope of some batches, each batch's lead question first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn batches(&self, wanted: &[BatchId]) -> Result<BTreeMap<BatchId, Vec<Sheet>>, StoreError> {
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = scoped::<question::Entity>(&self.scope)
            .filter(question::Column::BatchId.is_in(wanted.iter().map(|batch| batch.0)))
            .all(&self.db)
            .await?;
        let dossiers = scoped::<dossier::Entity>(&self.scope)
            .filter(dossier::Column::Id.is_in(rows.iter().map(|row| row.dossier_id)))
            .all(&self.db)
            .await?;
        let mut batches: BTreeMap<BatchId, Vec<Sheet>> = BTreeMap::new();
        for sheet in self.sheets(dossiers).await? {
            // One that has left since the first of the two reads is in none.
            if let Some(seat) = sheet.dossier.seat() {
                batches.entry(seat.batch).or_default().push(sheet);
            }
        }
        for sheets in batches.values_mut() {
            sheets.sort_by_key(|sheet| sheet.dossier.seat().map(|seat| seat.place));
        }
        Ok(batches)
    }

    /// A page of the batches of which a question is in scope, the newest first; `before` is the last one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn batch_page(&self, before: Option<BatchId>, size: u64) -> Result<Page<BatchId>, StoreError> {
        let mut select = scoped::<question::Entity>(&self.scope)
            .select_only()
            .column(question::Column::BatchId)
            .filter(question::Column::BatchId.is_not_null())
            .group_by(question::Column::BatchId)
            .order_by(question::Column::BatchId, Order::Desc)
            .limit(size.saturating_add(1));
        if let Some(before) = before {
            select = select.filter(question::Column::BatchId.lt(before.0));
        }
        let rows: Vec<uuid::Uuid> = select.into_tuple().all(&self.db).await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: items.into_iter().map(BatchId).collect(), more })
    }
}
