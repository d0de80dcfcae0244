//! Tokens of the API. Only the digest of each is kept.

use pli_domain::account::TokenScope;
use pli_domain::digest::Digest;
use pli_domain::ids::{TokenId, UserId};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::word;
use crate::entity::api_token;
use crate::select::common;
use crate::{Now, Store, StoreError, UnitOfWork};

/// A token of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// The digest of the token.
    pub digest: Digest,
    /// In whose name it acts.
    pub person: UserId,
    /// What it is for.
    pub name: String,
    /// What it lets do.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; when it is taken back, for one made by the command line without an end.
    pub expires_at: Option<Timestamp>,
    /// The last use that was kept.
    pub used_at: Option<Timestamp>,
}

impl TokenRow {
    /// What it is called where it is shown.
    #[must_use]
    pub fn id(&self) -> TokenId {
        TokenId(self.digest.uuid())
    }

    /// Whether it has ended.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl TryFrom<api_token::Model> for TokenRow {
    type Error = StoreError;

    fn try_from(row: api_token::Model) -> Result<Self, StoreError> {
        Ok(Self {
            scope: word("api_token", "scope", &row.scope)?,
            digest: Digest::stored(row.digest),
            person: UserId(row.account_id),
            name: row.name,
            created_at: Timestamp::new(row.created_at),
            expires_at: row.expires_at.map(Timestamp::new),
            used_at: row.used_at.map(Timestamp::new),
        })
    }
}

impl Store {
    /// The token of a digest, ended or not, and the settings at that moment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn token(&self, digest: &Digest) -> Result<Option<(TokenRow, Now)>, StoreError> {
        let row = common::<api_token::Entity>().filter(api_token::Column::Digest.eq(digest.as_str()));
        let Some((row, settings)) = self.entering(row).await? else { return Ok(None) };
        Ok(Some((TokenRow::try_from(row)?, settings)))
    }

    /// The tokens of a person, the latest made first, ended ones included.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn tokens(&self, person: UserId) -> Result<Vec<TokenRow>, StoreError> {
        let rows = common::<api_token::Entity>()
            .filter(api_token::Column::AccountId.eq(person.0))
            .order_by_desc(api_token::Column::CreatedAt)
            .order_by_asc(api_token::Column::Digest)
            .all(&self.db)
            .await?;
        rows.into_iter().map(TokenRow::try_from).collect()
    }
}

impl UnitOfWork {
    /// The tokens of a person, ended ones included.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn tokens(&self, person: UserId) -> Result<Vec<TokenRow>, StoreError> {
        let rows = common::<api_token::Entity>()
            .filter(api_token::Column::AccountId.eq(person.0))
            .all(&self.tx)
            .await;
        self.check(rows)?.into_iter().map(TokenRow::try_from).collect()
    }

    /// Keeps a token of the API.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_token(&self, token: &TokenRow) -> Result<(), StoreError> {
        let row = api_token::ActiveModel {
            digest: Set(token.digest.to_string()),
            account_id: Set(token.person.0),
            name: Set(token.name.clone()),
            created_at: Set(token.created_at.instant()),
            expires_at: Set(token.expires_at.map(Timestamp::instant)),
            scope: Set(<&str>::from(token.scope).to_owned()),
            used_at: Set(token.used_at.map(Timestamp::instant)),
        };
        let insert = api_token::Entity::insert(row).exec_without_returning(&self.tx).await;
        self.check(insert)?;
        Ok(())
    }

    /// Keeps that a token was used; one that was taken back meanwhile stays away.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn token_used(&self, digest: &Digest, at: Timestamp) -> Result<(), StoreError> {
        if self.token_row(digest).await?.is_some() {
            let row = api_token::ActiveModel {
                digest: Unchanged(digest.to_string()),
                used_at: Set(Some(at.instant())),
                ..Default::default()
            };
            self.check(row.update(&self.tx).await)?;
        }
        Ok(())
    }

    /// Takes a token back.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove_token(&self, digest: &Digest) -> Result<(), StoreError> {
        if let Some(row) = self.token_row(digest).await? {
            self.check(row.delete(&self.tx).await)?;
        }
        Ok(())
    }

    async fn token_row(&self, digest: &Digest) -> Result<Option<api_token::Model>, StoreError> {
        let row = common::<api_token::Entity>()
            .filter(api_token::Column::Digest.eq(digest.as_str()))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        self.check(row)
    }
}
