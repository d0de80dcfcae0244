//! What is watched of the machines' own work.

use pli_domain::time::Timestamp;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};

use crate::convert::word;
use crate::entity::digest;
use crate::select::common;
use crate::{MessageState, Store, StoreError};

impl Store {
    /// How many messages there are in each state, of those that were claimed, or are tried again, since an instant.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn messages_since(&self, since: Timestamp) -> Result<Vec<(MessageState, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = common::<digest::Entity>()
            .filter(digest::Column::ClaimedUntil.gte(since.instant()))
            .select_only()
            .column(digest::Column::State)
            .column_as(digest::Column::Id.count(), "number")
            .group_by(digest::Column::State)
            .into_tuple()
            .all(&self.db)
            .await?;
        let read = |(state, number): (String, i64)| {
            Ok((word("digest", "state", &state)?, u64::try_from(number).unwrap_or(0)))
        };
        rows.into_iter().map(read).collect()
    }
}
