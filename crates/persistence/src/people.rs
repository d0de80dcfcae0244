//! People: lists by name, one person, and changing them.

use std::collections::{BTreeMap, BTreeSet};

use pli_domain::actor::{Grant, Role};
use pli_domain::ids::{UnitId, UserId};
use pli_domain::people::Person;
use pli_domain::text::fold;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use uuid::Uuid;

use crate::convert::word;
use crate::entity::{account, account_role};
use crate::select::common;
use crate::{Page, Store, StoreError, UnitOfWork};

/// Which people. Each part that is given narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Who hold a role in one of these units.
    pub units: Option<BTreeSet<UnitId>>,
    /// Whose name, login or address holds each of these words; accents and case do not matter.
    pub words: Option<String>,
}

impl PeopleFilter {
    fn condition(&self) -> Condition {
        let words = self.words.as_deref().map(fold).unwrap_or_default();
        let each = words.split(' ').filter(|word| !word.is_empty());
        let named = each.map(|word| account::Column::SearchKey.contains(escape_like(word)));
        let there = self.units.as_ref().map(|units| {
            let roles = common::<account_role::Entity>()
                .filter(account_role::Column::UnitId.is_in(units.iter().map(|unit| unit.0)))
                .select_only()
                .column(account_role::Column::AccountId);
            account::Column::Id.in_subquery(roles.into_query())
        });
        named.fold(Condition::all().add_option(there), Condition::add)
    }
}

impl Store {
    /// A page of people by name, disabled accounts included; `after` is the last one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn people(
        &self,
        filter: &PeopleFilter,
        after: Option<UserId>,
        size: u64,
    ) -> Result<Page<Person>, StoreError> {
        use account::Column::{Id, SearchKey};
        let mut select = common::<account::Entity>().filter(filter.condition());
        if let Some(id) = after {
            let last = common::<account::Entity>().filter(Id.eq(id.0)).one(&self.db).await?;
            let key = last.map(|last| last.search_key).unwrap_or_default();
            let place = Expr::tuple([SearchKey.into_expr(), Id.into_expr()]);
            select = select.filter(place.gt(Expr::tuple([Expr::value(key), Expr::value(id.0)])));
        }
        let rows = select
            .order_by_asc(SearchKey)
            .order_by_asc(Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: with_grants(&self.db, items).await?, more })
    }

    /// The person of a login, disabled or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn person(&self, login: &str) -> Result<Option<Person>, StoreError> {
        let row = common::<account::Entity>().filter(account::Column::Login.eq(login)).one(&self.db).await?;
        Ok(with_grants(&self.db, row.into_iter().collect()).await?.pop())
    }
}

/// People with their roles: one query, however many they are.
pub(crate) async fn with_grants(
    db: &impl ConnectionTrait,
    rows: Vec<account::Model>,
) -> Result<Vec<Person>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id);
    let roles =
        common::<account_role::Entity>().filter(account_role::Column::AccountId.is_in(ids)).all(db).await?;
    let mut grants: BTreeMap<Uuid, Vec<Grant>> = BTreeMap::new();
    for row in roles {
        let role: Role = word("account_role", "role", &row.role)?;
        grants.entry(row.account_id).or_default().push(Grant { role, unit: UnitId(row.unit_id) });
    }
    // The same order on both engines.
    for held in grants.values_mut() {
        held.sort_by_key(|grant| (grant.role, grant.unit));
    }
    let person = |row: account::Model| Person {
        grants: grants.remove(&row.id).unwrap_or_default(),
        id: UserId(row.id),
        login: row.login,
        name: row.name,
        email: row.email,
        disabled: row.disabled,
        links: row.links,
    };
    Ok(rows.into_iter().map(person).collect())
}

/// What a person is found by, the name first: lists are in its order.
pub(crate) fn search_key(name: &str, login: &str, email: Option<&str>) -> String {
    fold(&[name, login, email.unwrap_or_default()].join(" "))
}

pub(crate) fn role_row(person: UserId, grant: Grant) -> account_role::ActiveModel {
    account_role::ActiveModel {
        account_id: Set(person.0),
        unit_id: Set(grant.unit.0),
        role: Set(<&str>::from(grant.role).to_owned()),
    }
}

impl UnitOfWork {
    /// The person of an identifier, disabled or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn person(&self, id: UserId) -> Result<Option<Person>, StoreError> {
        let row = common::<account::Entity>().filter(account::Column::Id.eq(id.0)).one(&self.tx).await;
        let row = self.check(row)?;
        Ok(with_grants(&self.tx, row.into_iter().collect()).await?.pop())
    }

    /// Whether an account has this login.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn login_taken(&self, login: &str) -> Result<bool, StoreError> {
        let row = common::<account::Entity>().filter(account::Column::Login.eq(login)).one(&self.tx).await;
        Ok(self.check(row)?.is_some())
    }

    /// Whether somebody else than this person, whose account is open, is an administrator in one of these units.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn another_administrator(
        &self,
        than: UserId,
        units: impl IntoIterator<Item = UnitId>,
    ) -> Result<bool, StoreError> {
        let there = common::<account_role::Entity>()
            .filter(account_role::Column::Role.eq(<&str>::from(Role::Administrator)))
            .filter(account_role::Column::UnitId.is_in(units.into_iter().map(|unit| unit.0)))
            .select_only()
            .column(account_role::Column::AccountId);
        let row = common::<account::Entity>()
            .filter(account::Column::Id.ne(than.0))
            .filter(account::Column::Disabled.eq(false))
            .filter(account::Column::Id.in_subquery(there.into_query()))
            .limit(1)
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.is_some())
    }

    /// Keeps what has changed of a person.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn save_person(&self, before: &Person, after: &Person) -> Result<(), StoreError> {
        let row = account::ActiveModel {
            id: Unchanged(after.id.0),
            name: Set(after.name.clone()),
            email: Set(after.email.clone()),
            disabled: Set(after.disabled),
            links: Set(after.links),
            search_key: Set(search_key(&after.name, &after.login, after.email.as_deref())),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        for grant in after.grants.iter().filter(|grant| !before.grants.contains(grant)) {
            self.check(role_row(after.id, *grant).insert(&self.tx).await)?;
        }
        for grant in before.grants.iter().filter(|grant| !after.grants.contains(grant)) {
            self.check(role_row(after.id, *grant).delete(&self.tx).await)?;
        }
        Ok(())
    }

    /// The hash of a person's password, unless their account is disabled. Until this unit of work ends nobody changes it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn password_of(&self, person: UserId) -> Result<Option<String>, StoreError> {
        let row = common::<account::Entity>()
            .filter(account::Column::Id.eq(person.0))
            .filter(account::Column::Disabled.eq(false))
            .lock_exclusive()
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.map(|row| row.password_hash))
    }

    /// Gives an account another password, chosen by the person or drawn for them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn set_password(&self, person: UserId, hash: &str, drawn: bool) -> Result<(), StoreError> {
        let row = account::ActiveModel {
            id: Unchanged(person.0),
            password_hash: Set(hash.to_owned()),
            password_drawn: Set(drawn),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        Ok(())
    }
}

/// A person's `%` and `_` are letters like others: SQLite knows no escape unless told, so they match one letter.
fn escape_like(words: &str) -> String {
    words.replace(['%', '_', '\\'], "_")
}
