//! Identities that a provider answers for, and the sign-ins by it that have begun.

use pli_domain::account::Identity;
use pli_domain::digest::Digest;
use pli_domain::ids::{IdentityId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::entity::{identity, sign_in_flow};
use crate::select::common;
use crate::{Store, StoreError, UnitOfWork};

/// A sign-in that has begun at the provider's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRow {
    /// The digest of the browser's secret.
    pub digest: Digest,
    /// Where the person wants to go.
    pub onward: String,
    /// When it began.
    pub started_at: Timestamp,
}

impl From<identity::Model> for Identity {
    fn from(row: identity::Model) -> Self {
        Self {
            id: IdentityId(row.id),
            issuer: row.issuer,
            subject: row.subject,
            name: row.name,
            email: row.email,
            seen_at: Timestamp::new(row.seen_at),
            person: row.account_id.map(UserId),
        }
    }
}

fn model(identity: &Identity) -> identity::ActiveModel {
    identity::ActiveModel {
        id: Set(identity.id.0),
        issuer: Set(identity.issuer.clone()),
        subject: Set(identity.subject.clone()),
        name: Set(identity.name.clone()),
        email: Set(identity.email.clone()),
        seen_at: Set(identity.seen_at.instant()),
        account_id: Set(identity.person.map(|person| person.0)),
    }
}

impl Store {
    /// The identities that open an account, or those that wait to open one, the latest come first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn identities(&self, of: Option<UserId>, most: u64) -> Result<Vec<Identity>, StoreError> {
        let account = identity::Column::AccountId;
        let rows = common::<identity::Entity>()
            .filter(of.map_or_else(|| account.is_null(), |person| account.eq(person.0)))
            .order_by_desc(identity::Column::SeenAt)
            .order_by_asc(identity::Column::Id)
            .limit(most)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(Identity::from).collect())
    }
}

impl UnitOfWork {
    /// The identity of a name at a provider's.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn identity_named(&self, issuer: &str, subject: &str) -> Result<Option<Identity>, StoreError> {
        let row = common::<identity::Entity>()
            .filter(identity::Column::Issuer.eq(issuer))
            .filter(identity::Column::Subject.eq(subject))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.map(Identity::from))
    }

    /// An identity.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn identity(&self, id: IdentityId) -> Result<Option<Identity>, StoreError> {
        let row = common::<identity::Entity>()
            .filter(identity::Column::Id.eq(id.0))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.map(Identity::from))
    }

    /// Keeps a new identity.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when another command has just kept it.
    pub async fn add_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.check(model(identity).insert(&self.tx).await)?;
        Ok(())
    }

    /// Keeps what an identity has become.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn save_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.check(model(identity).reset_all().update(&self.tx).await)?;
        Ok(())
    }

    /// Forgets the identities that have waited since before an instant without coming again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn forget_identities(&self, before: Timestamp) -> Result<(), StoreError> {
        let rows = common::<identity::Entity>()
            .filter(identity::Column::AccountId.is_null())
            .filter(identity::Column::SeenAt.lt(before.instant()))
            .all(&self.tx)
            .await;
        for row in self.check(rows)? {
            self.check(row.delete(&self.tx).await)?;
        }
        Ok(())
    }

    /// Keeps that a sign-in has begun, and forgets those that began before an instant.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn begin_flow(&self, flow: &FlowRow, stale: Timestamp) -> Result<(), StoreError> {
        let rows = common::<sign_in_flow::Entity>()
            .filter(sign_in_flow::Column::StartedAt.lt(stale.instant()))
            .all(&self.tx)
            .await;
        for row in self.check(rows)? {
            self.check(row.delete(&self.tx).await)?;
        }
        let row = sign_in_flow::ActiveModel {
            digest: Set(flow.digest.to_string()),
            onward: Set(flow.onward.clone()),
            started_at: Set(flow.started_at.instant()),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }

    /// The sign-in of a browser's secret, which serves no more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn take_flow(&self, digest: &Digest) -> Result<Option<FlowRow>, StoreError> {
        let row = common::<sign_in_flow::Entity>()
            .filter(sign_in_flow::Column::Digest.eq(digest.as_str()))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        let Some(row) = self.check(row)? else { return Ok(None) };
        self.check(row.clone().into_active_model().delete(&self.tx).await)?;
        Ok(Some(FlowRow {
            digest: Digest::stored(row.digest),
            onward: row.onward,
            started_at: Timestamp::new(row.started_at),
        }))
    }
}
