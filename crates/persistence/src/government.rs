//! Changes of government that were followed, and the questions that each has moved.

use pli_domain::government::{Change, Destination, Followed};
use pli_domain::ids::{DossierId, GovernmentChangeId, UnitId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, Iden, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::word;
use crate::entity::{government_change, government_move};
use crate::select::common;
use crate::{Store, StoreError, UnitOfWork};

impl Store {
    /// The last changes, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn government_changes(&self, size: u64) -> Result<Vec<Followed>, StoreError> {
        let rows = common::<government_change::Entity>()
            .order_by_desc(government_change::Column::Id)
            .limit(size)
            .all(&self.db)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// A change.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn government_change(&self, id: GovernmentChangeId) -> Result<Option<Followed>, StoreError> {
        let row = common::<government_change::Entity>()
            .filter(government_change::Column::Id.eq(id.0))
            .one(&self.db)
            .await?;
        row.map(read).transpose()
    }
}

impl UnitOfWork {
    /// A change, as this transaction sees it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn government_change(&self, id: GovernmentChangeId) -> Result<Option<Followed>, StoreError> {
        let row = common::<government_change::Entity>()
            .filter(government_change::Column::Id.eq(id.0))
            .one(&self.tx)
            .await;
        self.check(row)?.map(read).transpose()
    }

    /// Keeps that a change begins to be followed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn begin_government_change(&self, one: &Followed) -> Result<(), StoreError> {
        let Change { from, to, on, unit } = &one.change;
        let row = government_change::ActiveModel {
            id: Set(one.id.0),
            from_name: Set(from.clone()),
            to_name: Set(to.name().to_owned()),
            leaves: Set(to.is_other()),
            decreed_on: Set(*on),
            unit_id: Set(unit.map(|unit| unit.0)),
            who: Set(one.who.to_string()),
            at: Set(one.at.instant()),
            ended_at: Set(one.ended_at.map(Timestamp::instant)),
        };
        self.check(row.insert(&self.tx).await).map(drop)
    }

    /// The last time that the very same change was begun.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn same_government_change(&self, change: &Change) -> Result<Option<Followed>, StoreError> {
        use government_change::Column::{DecreedOn, FromName, Id, ToName};
        let rows = common::<government_change::Entity>()
            .filter(FromName.eq(&change.from).and(ToName.eq(change.to.name())).and(DecreedOn.eq(change.on)))
            .order_by_desc(Id)
            .all(&self.tx)
            .await;
        let found = self.check(rows)?.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().find(|one| one.change == *change))
    }

    /// Keeps that every question of a change was looked at.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end_government_change(
        &self,
        id: GovernmentChangeId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = government_change::ActiveModel {
            id: Unchanged(id.0),
            ended_at: Set(Some(at.instant())),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await).map(drop)
    }

    /// Keeps that a change has moved a question.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_government_move(
        &self,
        change: GovernmentChangeId,
        dossier: DossierId,
    ) -> Result<(), StoreError> {
        use government_move::Column::{ChangeId, DossierId};
        let row = government_move::ActiveModel { change_id: Set(change.0), dossier_id: Set(dossier.0) };
        let known = OnConflict::columns([ChangeId, DossierId]).do_nothing().to_owned();
        let insert = government_move::Entity::insert(row).on_conflict(known);
        self.check(insert.exec_without_returning(&self.tx).await).map(drop)
    }
}

/// The questions that a change has moved.
pub(crate) fn moved_by(change: GovernmentChangeId) -> SelectStatement {
    Query::select()
        .column(government_move::Column::DossierId)
        .from(Alias::new(government_move::Entity.to_string()))
        .and_where(Expr::col(government_move::Column::ChangeId).eq(change.0))
        .take()
}

fn read(row: government_change::Model) -> Result<Followed, StoreError> {
    let to = if row.leaves { Destination::Other(row.to_name) } else { Destination::Ours(row.to_name) };
    Ok(Followed {
        id: GovernmentChangeId(row.id),
        change: Change { from: row.from_name, to, on: row.decreed_on, unit: row.unit_id.map(UnitId) },
        who: word("government_change", "who", &row.who)?,
        at: Timestamp::new(row.at),
        ended_at: row.ended_at.map(Timestamp::new),
    })
}
