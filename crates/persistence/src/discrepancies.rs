//! Where the public record contradicts a dossier: what waits for a person, and what was decided.

use pli_domain::actor::Scope;
use pli_domain::dossier::Discrepancy;
use pli_domain::ids::{DiscrepancyId, DossierId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::convert::word;
use crate::entity::{discrepancy, dossier};
use crate::select::scoped;
use crate::{Page, Reader, Sheet, StoreError, UnitOfWork};

/// What became of a discrepancy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// Nobody has decided.
    Waiting,
    /// What is published was taken.
    Adopted,
    /// What is held was kept.
    Dismissed,
    /// The record or the dossier changed, and they agree.
    Gone,
}

/// A discrepancy, and on which dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its identifier.
    pub id: DiscrepancyId,
    /// The dossier.
    pub dossier: DossierId,
    /// What the record says.
    pub point: Discrepancy,
    /// When it was found.
    pub at: Timestamp,
    /// What became of it.
    pub verdict: Verdict,
}

impl Reader {
    /// A page of what waits for a person, in the order in which it was first found; `after` is the last one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn waiting_discrepancies(
        &self,
        after: Option<DiscrepancyId>,
        size: u64,
    ) -> Result<Page<(Found, Sheet)>, StoreError> {
        use discrepancy::Column::Id;
        let rows = waiting(&self.scope)
            .filter(Condition::all().add_option(after.map(|after| Id.gt(after.0))))
            .order_by_asc(Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        let ids: Vec<_> = items.iter().map(|row| row.dossier_id).collect();
        let sheets = self.sheets(self.of::<dossier::Entity>(&ids).await?).await?;
        let mut found = Vec::with_capacity(items.len());
        for row in items {
            let sheet = sheets.iter().find(|sheet| sheet.dossier.id.0 == row.dossier_id).cloned();
            found.extend(sheet.map(|sheet| Ok::<_, StoreError>((read(&row)?, sheet))).transpose()?);
        }
        Ok(Page { items: found, more })
    }

    /// How many wait for a person.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_discrepancies(&self) -> Result<u64, StoreError> {
        Ok(waiting(&self.scope).count(&self.db).await?)
    }
}

impl UnitOfWork {
    /// A discrepancy on a dossier in scope, whatever became of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn discrepancy(&self, scope: &Scope, id: DiscrepancyId) -> Result<Option<Found>, StoreError> {
        let row =
            scoped::<discrepancy::Entity>(scope).filter(discrepancy::Column::Id.eq(id.0)).one(&self.tx).await;
        self.check(row)?.as_ref().map(read).transpose()
    }

    /// Keeps that a person has decided.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settle_discrepancy(&self, id: DiscrepancyId, verdict: Verdict) -> Result<(), StoreError> {
        let row = discrepancy::ActiveModel {
            id: Set(id.0),
            state: Set(<&str>::from(verdict).to_owned()),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await).map(drop)
    }

    /// Keeps on which points the record contradicts a dossier now. A point on which what is held was kept does not come
    /// back; one that no longer differs is gone.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_discrepancies(
        &self,
        dossier: DossierId,
        points: &[Discrepancy],
        ids: impl Fn() -> DiscrepancyId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = scoped::<discrepancy::Entity>(&Scope::ALL)
            .filter(discrepancy::Column::DossierId.eq(dossier.0))
            .all(&self.tx)
            .await;
        let known = self.check(rows)?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        for found in &known {
            let differs = points.contains(&found.point);
            let verdict = match (found.verdict, differs) {
                (Verdict::Waiting, false) => Verdict::Gone,
                (Verdict::Adopted | Verdict::Gone, true) => Verdict::Waiting,
                _ => continue,
            };
            self.settle_discrepancy(found.id, verdict).await?;
        }
        for point in points.iter().filter(|point| known.iter().all(|found| found.point != **point)) {
            let row = discrepancy::ActiveModel {
                id: Set(ids().0),
                dossier_id: Set(dossier.0),
                point: Set(serde_json::json!(point).to_string()),
                state: Set(<&str>::from(Verdict::Waiting).to_owned()),
                found_at: Set(at.instant()),
            };
            self.check(row.insert(&self.tx).await)?;
        }
        Ok(())
    }
}

fn waiting(scope: &Scope) -> Select<discrepancy::Entity> {
    // Written out, so that both engines see that the partial index serves.
    scoped::<discrepancy::Entity>(scope)
        .filter(Expr::col((discrepancy::Entity, discrepancy::Column::State)).eq(Expr::cust("'waiting'")))
}

fn read(row: &discrepancy::Model) -> Result<Found, StoreError> {
    let unreadable =
        |_| StoreError::Inconsistent { table: "discrepancy", column: "point", value: row.point.clone() };
    Ok(Found {
        id: DiscrepancyId(row.id),
        dossier: DossierId(row.dossier_id),
        point: serde_json::from_str(&row.point).map_err(unreadable)?,
        at: Timestamp::new(row.found_at),
        verdict: word("discrepancy", "state", &row.state)?,
    })
}
