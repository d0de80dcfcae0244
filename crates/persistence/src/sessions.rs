//! The sessions of browsers, and the browsers that are known. Of either only the digest of its secret is kept.

use pli_domain::digest::Digest;
use pli_domain::ids::{LinkId, SessionId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::entity::{account, device, session};
use crate::select::common;
use crate::{Now, Store, StoreError, UnitOfWork};

/// A session of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The digest of its secret.
    pub digest: Digest,
    /// Whose it is.
    pub person: UserId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The last use that was kept.
    pub used_at: Timestamp,
    /// The browser's name, in words.
    pub browser: String,
    /// By what it is signed out of the provider that opened it, if one did.
    pub provider_token: Option<String>,
    /// The link that opened it, if one did.
    pub link: Option<LinkId>,
}

impl SessionRow {
    /// What it is called where it is shown.
    #[must_use]
    pub fn id(&self) -> SessionId {
        SessionId(self.digest.uuid())
    }
}

impl From<session::Model> for SessionRow {
    fn from(row: session::Model) -> Self {
        Self {
            digest: Digest::stored(row.digest),
            person: UserId(row.account_id),
            opened_at: Timestamp::new(row.created_at),
            used_at: Timestamp::new(row.used_at),
            browser: row.browser,
            provider_token: row.provider_token,
            link: row.link_id.map(LinkId),
        }
    }
}

impl Store {
    /// The session of a digest, however old, and the settings at that moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn session(&self, digest: &Digest) -> Result<Option<(SessionRow, Now)>, StoreError> {
        let row = common::<session::Entity>().filter(session::Column::Digest.eq(digest.as_str()));
        let found = self.entering(row).await?;
        Ok(found.map(|(row, settings)| (SessionRow::from(row), settings)))
    }

    /// The sessions of a person, the latest opened first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn sessions(&self, person: UserId) -> Result<Vec<SessionRow>, StoreError> {
        let rows = common::<session::Entity>()
            .filter(session::Column::AccountId.eq(person.0))
            .order_by_desc(session::Column::CreatedAt)
            .order_by_asc(session::Column::Digest)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(SessionRow::from).collect())
    }

    /// As whom a browser has signed in before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn known_on(&self, device: &Digest, now: Timestamp) -> Result<Vec<UserId>, StoreError> {
        let rows = common::<device::Entity>()
            .filter(device::Column::Digest.eq(device.as_str()))
            .filter(device::Column::ExpiresAt.gt(now.instant()))
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| UserId(row.account_id)).collect())
    }
}

impl UnitOfWork {
    /// Opens a session, and keeps when the person signed in before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_session(&self, row: &SessionRow) -> Result<(), StoreError> {
        let model = session::ActiveModel {
            digest: Set(row.digest.to_string()),
            account_id: Set(row.person.0),
            created_at: Set(row.opened_at.instant()),
            used_at: Set(row.used_at.instant()),
            browser: Set(row.browser.clone()),
            provider_token: Set(row.provider_token.clone()),
            link_id: Set(row.link.map(|link| link.0)),
        };
        self.check(model.insert(&self.tx).await)?;
        let known =
            common::<account::Entity>().filter(account::Column::Id.eq(row.person.0)).one(&self.tx).await;
        if let Some(known) = self.check(known)? {
            let before = known.signed_in_at;
            let mut known = known.into_active_model();
            known.signed_in_at = Set(Some(row.opened_at.instant()));
            known.signed_in_before = Set(before);
            self.check(known.update(&self.tx).await)?;
        }
        Ok(())
    }

    /// Keeps that a session was used; one that was closed meanwhile stays closed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn session_used(&self, digest: &Digest, at: Timestamp) -> Result<(), StoreError> {
        let row = common::<session::Entity>()
            .filter(session::Column::Digest.eq(digest.as_str()))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        if self.check(row)?.is_some() {
            let row = session::ActiveModel {
                digest: Unchanged(digest.to_string()),
                used_at: Set(at.instant()),
                ..Default::default()
            };
            self.check(row.update(&self.tx).await)?;
        }
        Ok(())
    }

    /// Closes those of a person's sessions that are to be, and tells which they were.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end_sessions(
        &self,
        person: UserId,
        which: impl Fn(&SessionRow) -> bool,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let rows =
            common::<session::Entity>().filter(session::Column::AccountId.eq(person.0)).all(&self.tx).await;
        let mut ended = Vec::new();
        for row in self.check(rows)? {
            let session = SessionRow::from(row.clone());
            if which(&session) {
                self.check(row.delete(&self.tx).await)?;
                ended.push(session);
            }
        }
        Ok(ended)
    }

    /// Closes a session, and tells which it was; one that does not exist is closed already.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end_session(&self, digest: &Digest) -> Result<Option<SessionRow>, StoreError> {
        let row = common::<session::Entity>()
            .filter(session::Column::Digest.eq(digest.as_str()))
            .one(&self.tx)
            .await;
        let Some(row) = self.check(row)? else { return Ok(None) };
        let session = SessionRow::from(row.clone());
        self.check(row.delete(&self.tx).await)?;
        Ok(Some(session))
    }

    /// Knows a browser by its secret's digest, and forgets those that have not come for long.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn know_device(
        &self,
        person: UserId,
        device: &Digest,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows =
            common::<device::Entity>().filter(device::Column::AccountId.eq(person.0)).all(&self.tx).await;
        for row in self.check(rows)? {
            if row.expires_at <= now.instant() || row.digest == device.as_str() {
                self.check(row.delete(&self.tx).await)?;
            }
        }
        let row = device::ActiveModel {
            digest: Set(device.to_string()),
            account_id: Set(person.0),
            expires_at: Set(expires_at.instant()),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }

    /// Knows none of a person's browsers any more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn forget_devices(&self, person: UserId) -> Result<(), StoreError> {
        let rows =
            common::<device::Entity>().filter(device::Column::AccountId.eq(person.0)).all(&self.tx).await;
        for row in self.check(rows)? {
            self.check(row.delete(&self.tx).await)?;
        }
        Ok(())
    }
}
