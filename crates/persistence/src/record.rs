//! The whole public record of a question, as the houses' files tell it. It is public: no scope applies.

use std::collections::BTreeMap;

use pli_domain::identity::QuestionIdentity;
use pli_domain::published::PublishedQuestion;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::entity::published_record;
use crate::select::common;
use crate::{Store, StoreError, UnitOfWork};

impl Store {
    /// All that was published of some questions; those that no house's file has told yet are missing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_records(
        &self,
        identities: impl IntoIterator<Item = &QuestionIdentity>,
    ) -> Result<BTreeMap<QuestionIdentity, PublishedQuestion>, StoreError> {
        let names: Vec<_> = identities.into_iter().map(ToString::to_string).collect();
        let found = common::<published_record::Entity>()
            .filter(published_record::Column::Identity.is_in(names))
            .all(&self.db)
            .await?;
        let records = found.iter().filter_map(read);
        Ok(records.map(|record| (record.identity.clone(), record)).collect())
    }
}

impl UnitOfWork {
    /// All that was published of a question so far.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_record(
        &self,
        identity: &QuestionIdentity,
    ) -> Result<Option<PublishedQuestion>, StoreError> {
        let found = find(&self.tx, identity).await;
        self.check(found)
    }

    /// Keeps all that was published of a question.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_record(&self, record: &PublishedQuestion) -> Result<(), StoreError> {
        use published_record::Column;
        let text = serde_json::to_string(record).map_err(|_| StoreError::Inconsistent {
            table: "published_record",
            column: "record",
            value: record.uid.clone(),
        })?;
        let row =
            published_record::ActiveModel { identity: Set(record.identity.to_string()), record: Set(text) };
        let again = OnConflict::column(Column::Identity).update_column(Column::Record).to_owned();
        let insert = published_record::Entity::insert(row).on_conflict(again);
        self.check(insert.exec_without_returning(&self.tx).await)?;
        Ok(())
    }
}

async fn find(
    db: &impl ConnectionTrait,
    identity: &QuestionIdentity,
) -> Result<Option<PublishedQuestion>, DbErr> {
    let row = common::<published_record::Entity>()
        .filter(published_record::Column::Identity.eq(identity.to_string()))
        .one(db)
        .await?;
    Ok(row.as_ref().and_then(read))
}

/// A record as it is kept. One that an older Pli wrote otherwise is as good as none: the next import tells it anew.
fn read(row: &published_record::Model) -> Option<PublishedQuestion> {
    serde_json::from_str(&row.record).ok()
}
