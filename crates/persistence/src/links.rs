//! Links that let people in. Of a link's secret only the digest is kept; it is drawn when its message is written, which is
//! claimed like a reminder (`reminders.rs`).

use pli_domain::account::Link;
use pli_domain::digest::Digest;
use pli_domain::ids::{DigestId, LinkId, UserId};
use pli_domain::people::Person;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::entity::{account, entry_link};
use crate::people::with_grants;
use crate::select::common;
use crate::{Store, StoreError, UnitOfWork};

impl From<entry_link::Model> for Link {
    fn from(row: entry_link::Model) -> Self {
        Self {
            id: LinkId(row.id),
            person: UserId(row.account_id),
            asked_at: Timestamp::new(row.asked_at),
            asked_by: row.asked_by.map(UserId),
            expires_at: row.expires_at.map(Timestamp::new),
            used_at: row.used_at.map(Timestamp::new),
        }
    }
}

impl Store {
    /// A person's links asked for since an instant, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn links(&self, person: UserId, since: Timestamp) -> Result<Vec<Link>, StoreError> {
        let rows = common::<entry_link::Entity>()
            .filter(entry_link::Column::AccountId.eq(person.0))
            .filter(entry_link::Column::AskedAt.gt(since.instant()))
            .order_by_desc(entry_link::Column::AskedAt)
            .order_by_desc(entry_link::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Link::from).collect())
    }

    /// The links asked for since an instant whose message is not written, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn waiting_links(&self, since: Timestamp, most: u64) -> Result<Vec<Link>, StoreError> {
        let rows = common::<entry_link::Entity>()
            .filter(entry_link::Column::Digest.is_null())
            .filter(entry_link::Column::AskedAt.gt(since.instant()))
            .order_by_asc(entry_link::Column::AskedAt)
            .limit(most)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Link::from).collect())
    }
}

impl UnitOfWork {
    /// Whoever may come in by links and is written to at an address. They are not changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn linked_at(&self, email: &str) -> Result<Vec<Person>, StoreError> {
        let rows = common::<account::Entity>()
            .filter(Expr::col(account::Column::Links))
            .filter(Func::lower(Expr::col(account::Column::Email)).eq(email.to_lowercase()))
            .lock_exclusive()
            .all(&self.tx)
            .await;
        with_grants(&self.tx, self.check(rows)?).await
    }

    /// A person's links, the latest asked for first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn links(&self, person: UserId) -> Result<Vec<Link>, StoreError> {
        Ok(self.link_rows(person).await?.into_iter().map(Link::from).collect())
    }

    async fn link_rows(&self, person: UserId) -> Result<Vec<entry_link::Model>, StoreError> {
        let rows = common::<entry_link::Entity>()
            .filter(entry_link::Column::AccountId.eq(person.0))
            .order_by_desc(entry_link::Column::AskedAt)
            .order_by_desc(entry_link::Column::Id)
            .lock_exclusive()
            .all(&self.tx)
            .await;
        self.check(rows)
    }

    /// Keeps that a link was asked for.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_link(&self, link: &Link) -> Result<(), StoreError> {
        let row = entry_link::ActiveModel {
            id: Set(link.id.0),
            account_id: Set(link.person.0),
            asked_at: Set(link.asked_at.instant()),
            asked_by: Set(link.asked_by.map(|by| by.0)),
            digest: Set(None),
            expires_at: Set(link.expires_at.map(Timestamp::instant)),
            used_at: Set(link.used_at.map(Timestamp::instant)),
            message_id: Set(None),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }

    /// Takes away those of a person's links that are to go, and tells how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove_links(
        &self,
        person: UserId,
        which: impl Fn(&Link) -> bool,
    ) -> Result<usize, StoreError> {
        let mut removed = 0_usize;
        for row in self.link_rows(person).await? {
            if which(&Link::from(row.clone())) {
                self.check(row.delete(&self.tx).await)?;
                removed = removed.saturating_add(1);
            }
        }
        Ok(removed)
    }

    /// Gives a link the secret that its message tells; `false` when it was taken away meanwhile, or has one already.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn write_link(
        &self,
        id: LinkId,
        secret: &Digest,
        expires_at: Timestamp,
        message: DigestId,
    ) -> Result<bool, StoreError> {
        let row = common::<entry_link::Entity>()
            .filter(entry_link::Column::Id.eq(id.0))
            .filter(entry_link::Column::Digest.is_null())
            .lock_exclusive()
            .one(&self.tx)
            .await;
        let Some(row) = self.check(row)? else { return Ok(false) };
        let mut row = row.into_active_model();
        row.digest = Set(Some(secret.to_string()));
        row.expires_at = Set(Some(expires_at.instant()));
        row.message_id = Set(Some(message.0));
        self.check(row.update(&self.tx).await)?;
        Ok(true)
    }

    /// A message was not sent: the secret that it told opens nothing, and the link waits for another.
    pub(crate) async fn unwrite_links(&self, message: DigestId) -> Result<(), StoreError> {
        let rows = common::<entry_link::Entity>()
            .filter(entry_link::Column::MessageId.eq(message.0))
            .all(&self.tx)
            .await;
        for row in self.check(rows)? {
            let mut row = row.into_active_model();
            row.digest = Set(None);
            row.expires_at = Set(None);
            row.message_id = Set(None);
            self.check(row.update(&self.tx).await)?;
        }
        Ok(())
    }

    /// The link that a secret opens, whatever has become of it. Nobody else opens it meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn link(&self, secret: &Digest) -> Result<Option<Link>, StoreError> {
        let row = common::<entry_link::Entity>()
            .filter(entry_link::Column::Digest.eq(secret.as_str()))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.map(Link::from))
    }

    /// Keeps that a link was opened: it opens no more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn link_used(&self, id: LinkId, at: Timestamp) -> Result<(), StoreError> {
        let row = entry_link::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(id.0),
            used_at: Set(Some(at.instant())),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        Ok(())
    }
}
