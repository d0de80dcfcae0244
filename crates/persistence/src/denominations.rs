//! The names under which the ministry is published.

use pli_domain::ids::DenominationId;
use pli_domain::ministry::{Denomination, Denominations};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::entity::{denomination, published_question};
use crate::select::common;
use crate::{Store, StoreError, UnitOfWork};

impl Store {
    /// Gives a database that has none the names that are known from the start.
    pub(crate) async fn seed_denominations(&self) -> Result<(), StoreError> {
        if read_all(&self.db).await?.0.is_empty() {
            let rows = Denominations::seed().0;
            let rows = rows.iter().map(write);
            denomination::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// The names of ministries in the published questions, each once.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_ministries(&self) -> Result<Vec<String>, StoreError> {
        let names: Vec<Option<String>> = common::<published_question::Entity>()
            .filter(published_question::Column::Ministry.is_not_null())
            .select_only()
            .column(published_question::Column::Ministry)
            .distinct()
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(names.into_iter().flatten().collect())
    }

    /// The published questions given to a ministry of exactly this name, by identity, after one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_of(
        &self,
        ministry: &str,
        after: &str,
        size: u64,
    ) -> Result<Vec<String>, StoreError> {
        use published_question::Column;
        let names = common::<published_question::Entity>()
            .filter(Column::Ministry.eq(ministry))
            .filter(Column::Identity.gt(after))
            .order_by_asc(Column::Identity)
            .limit(size)
            .select_only()
            .column(Column::Identity)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(names)
    }
}

impl UnitOfWork {
    /// Every name, as this transaction sees them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn denominations(&self) -> Result<Denominations, StoreError> {
        self.check(read_all(&self.tx).await)
    }

    /// Keeps a name, new or changed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_denomination(&self, one: &Denomination) -> Result<(), StoreError> {
        use denomination::Column::{Id, Name, ValidFrom, ValidUntil};
        let again = OnConflict::column(Id).update_columns([Name, ValidFrom, ValidUntil]).to_owned();
        let insert = denomination::Entity::insert(write(one)).on_conflict(again);
        self.check(insert.exec_without_returning(&self.tx).await).map(drop)
    }

    /// Keeps a name no more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove_denomination(&self, id: DenominationId) -> Result<(), StoreError> {
        let row =
            common::<denomination::Entity>().filter(denomination::Column::Id.eq(id.0)).one(&self.tx).await;
        if let Some(row) = self.check(row)? {
            self.check(row.delete(&self.tx).await)?;
        }
        Ok(())
    }
}

/// Every name, in the order in which they began.
pub(crate) async fn read_all(db: &impl ConnectionTrait) -> Result<Denominations, DbErr> {
    let rows = common::<denomination::Entity>()
        .order_by_asc(denomination::Column::ValidFrom)
        .order_by_asc(denomination::Column::Id)
        .all(db)
        .await?;
    let read = |row: denomination::Model| Denomination {
        id: DenominationId(row.id),
        name: row.name,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
    };
    Ok(Denominations(rows.into_iter().map(read).collect()))
}

fn write(one: &Denomination) -> denomination::ActiveModel {
    denomination::ActiveModel {
        id: Set(one.id.0),
        name: Set(one.name.clone()),
        valid_from: Set(one.valid_from),
        valid_until: Set(one.valid_until),
    }
}
