//! The journal of accesses: its one writer, and reading it.

use pli_domain::account::AccessEntry;
use pli_domain::ids::{AccessId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::word;
use crate::entity::access_journal;
use crate::select::common;
use crate::{Page, Store, StoreError, UnitOfWork};

impl UnitOfWork {
    /// Writes what happened to an account.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_access(&self, entry: &AccessEntry) -> Result<(), StoreError> {
        let row = access_journal::ActiveModel {
            id: Set(entry.id.0),
            at: Set(entry.at.instant()),
            event: Set(<&str>::from(entry.event).to_owned()),
            account_id: Set(entry.person.map(|person| person.0)),
            by_id: Set(entry.by.map(|by| by.0)),
            address: Set(entry.address.clone()),
            detail: Set(entry.detail.clone()),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }
}

impl Store {
    /// A page of the journal of accesses, of one person or of all, newest first; `before` is the last entry already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn accesses(
        &self,
        person: Option<UserId>,
        before: Option<AccessId>,
        size: u64,
    ) -> Result<Page<AccessEntry>, StoreError> {
        let mut select = common::<access_journal::Entity>();
        if let Some(person) = person {
            select = select.filter(access_journal::Column::AccountId.eq(person.0));
        }
        if let Some(before) = before {
            select = select.filter(access_journal::Column::Id.lt(before.0));
        }
        let rows = select
            .order_by_desc(access_journal::Column::Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, _>>()?, more })
    }
}

fn read(row: access_journal::Model) -> Result<AccessEntry, StoreError> {
    Ok(AccessEntry {
        event: word("access_journal", "event", &row.event)?,
        id: AccessId(row.id),
        at: Timestamp::new(row.at),
        person: row.account_id.map(UserId),
        by: row.by_id.map(UserId),
        address: row.address,
        detail: row.detail,
    })
}
