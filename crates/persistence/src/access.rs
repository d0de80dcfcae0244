//! Accounts, and who they let in.

use std::collections::BTreeMap;

use pli_domain::actor::{Actor, Grant, Who};
use pli_domain::ids::{UnitId, UserId};
use pli_domain::reminder::Notifications;
use pli_domain::text::fold;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter};

use crate::compartments::compartments_of_all;
use crate::convert::word;
use crate::entity::{account, account_role};
use crate::people::{role_row, search_key};
use crate::select::common;
use crate::{Store, StoreError, UnitOfWork};

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: UserId,
    /// What the person types to sign in.
    pub login: String,
    /// As shown to others.
    pub name: String,
    /// Argon2 hash, in its standard text form.
    pub password_hash: String,
    /// Where messages are sent; none without it.
    pub email: Option<String>,
    /// Whether the password was drawn for the person, who is to choose another before anything else.
    pub password_drawn: bool,
}

/// Everybody: those whose account is open with their roles and compartments, and the names of all.
pub(crate) async fn everyone<C: ConnectionTrait>(
    db: &C,
) -> Result<(BTreeMap<UserId, Actor>, BTreeMap<UserId, String>), StoreError> {
    let mut grants: BTreeMap<UserId, Vec<Grant>> = BTreeMap::new();
    for row in common::<account_role::Entity>().all(db).await? {
        let grant = Grant { role: word("account_role", "role", &row.role)?, unit: UnitId(row.unit_id) };
        grants.entry(UserId(row.account_id)).or_default().push(grant);
    }
    let mut compartments = compartments_of_all(db).await?;
    let (mut people, mut names) = (BTreeMap::new(), BTreeMap::new());
    for row in common::<account::Entity>().all(db).await? {
        let id = UserId(row.id);
        if !row.disabled {
            let actor = Actor {
                who: Who::User(id),
                name: row.name.clone(),
                grants: grants.remove(&id).unwrap_or_default(),
                compartments: compartments.remove(&id).unwrap_or_default(),
            };
            people.insert(id, actor);
        }
        names.insert(id, row.name);
    }
    Ok((people, names))
}

impl Store {
    /// The account of that login, unless it is disabled.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn account(&self, login: &str) -> Result<Option<Account>, StoreError> {
        self.open_account(account::Column::Login.eq(login)).await
    }

    /// A person's account, unless it is disabled.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn account_of(&self, person: UserId) -> Result<Option<Account>, StoreError> {
        self.open_account(account::Column::Id.eq(person.0)).await
    }

    async fn open_account(&self, which: SimpleExpr) -> Result<Option<Account>, StoreError> {
        let row = common::<account::Entity>()
            .filter(which)
            .filter(account::Column::Disabled.eq(false))
            .one(&self.db)
            .await?;
        Ok(row.map(|row| Account {
            id: UserId(row.id),
            login: row.login,
            name: row.name,
            password_hash: row.password_hash,
            email: row.email,
            password_drawn: row.password_drawn,
        }))
    }

    /// When a person signed in the time before the last.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn signed_in_before(&self, person: UserId) -> Result<Option<Timestamp>, StoreError> {
        let row = common::<account::Entity>().filter(account::Column::Id.eq(person.0)).one(&self.db).await?;
        Ok(row.and_then(|row| row.signed_in_before).map(Timestamp::new))
    }

    /// Everybody, with their names in their order, disabled accounts included.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn everybody(&self) -> Result<Vec<(UserId, String)>, StoreError> {
        let rows = common::<account::Entity>().all(&self.db).await?;
        let mut people: Vec<_> = rows.into_iter().map(|row| (UserId(row.id), row.name)).collect();
        people.sort_by_cached_key(|(id, name)| (fold(name), *id));
        Ok(people)
    }

    /// The names of some people, disabled accounts included.
    pub(crate) async fn names_of(&self, people: Vec<UserId>) -> Result<BTreeMap<UserId, String>, StoreError> {
        let ids: Vec<_> = people.into_iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = common::<account::Entity>().filter(account::Column::Id.is_in(ids)).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (UserId(row.id), row.name)).collect())
    }
}

impl UnitOfWork {
    /// Adds an account with its roles.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when the login is taken.
    pub async fn add_account(
        &self,
        account: &Account,
        grants: &[Grant],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = account::ActiveModel {
            id: Set(account.id.0),
            login: Set(account.login.clone()),
            name: Set(account.name.clone()),
            password_hash: Set(account.password_hash.clone()),
            disabled: Set(false),
            email: Set(account.email.clone()),
            signed_in_at: Set(None),
            signed_in_before: Set(None),
            notifications: Set(<&str>::from(Notifications::default()).to_owned()),
            created_at: Set(at.instant()),
            password_drawn: Set(account.password_drawn),
            links: Set(false),
            search_key: Set(search_key(&account.name, &account.login, account.email.as_deref())),
        };
        self.check(row.insert(&self.tx).await)?;
        for grant in grants {
            self.check(role_row(account.id, *grant).insert(&self.tx).await)?;
        }
        self.changes_settings();
        Ok(())
    }
}
