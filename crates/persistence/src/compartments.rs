//! Compartments, who is named in them, and who has opened what is reserved.

use std::collections::{BTreeMap, BTreeSet};

use pli_domain::compartment::Compartment;
use pli_domain::ids::{CompartmentId, DossierId, UserId};
use pli_domain::text::fold;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{compartment, compartment_person, dossier, reading};
use crate::select::{common, scoped};
use crate::{Page, Reader, Store, StoreError, UnitOfWork};

/// A reserved dossier that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// When, to the minute.
    pub at: Timestamp,
    /// Which dossier.
    pub dossier: DossierId,
    /// By whom.
    pub by: UserId,
}

/// The compartments in which each person is named.
pub(crate) async fn compartments_of_all<C: ConnectionTrait>(
    db: &C,
) -> Result<BTreeMap<UserId, BTreeSet<CompartmentId>>, DbErr> {
    let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in common::<compartment_person::Entity>().all(db).await? {
        all.entry(UserId(row.account_id)).or_default().insert(CompartmentId(row.compartment_id));
    }
    Ok(all)
}

impl Store {
    /// The compartments, by name; those of these identifiers when some are given.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn compartments(
        &self,
        which: Option<&BTreeSet<CompartmentId>>,
    ) -> Result<Vec<Compartment>, StoreError> {
        Ok(read(&self.db, which).await?)
    }
}

impl UnitOfWork {
    /// One compartment.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn compartment(&self, id: CompartmentId) -> Result<Option<Compartment>, StoreError> {
        let read = read(&self.tx, Some(&BTreeSet::from([id]))).await;
        Ok(self.check(read)?.pop())
    }

    /// Whether another compartment has a name, or one that would be taken for it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn compartment_named(&self, name: &str, id: CompartmentId) -> Result<bool, StoreError> {
        let row = common::<compartment::Entity>()
            .filter(compartment::Column::NameKey.eq(fold(name)))
            .filter(compartment::Column::Id.ne(id.0))
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.is_some())
    }

    /// Keeps a compartment as it has become.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(clippy::disallowed_methods, reason = "those who are named no more, in one statement")]
    pub async fn keep_compartment(&self, kept: &Compartment, at: Timestamp) -> Result<(), StoreError> {
        use compartment::Column;
        let row = compartment::ActiveModel {
            id: Set(kept.id.0),
            name: Set(kept.name.clone()),
            name_key: Set(fold(&kept.name)),
            owner_id: Set(kept.owner.0),
            created_at: Set(at.instant()),
        };
        let again = OnConflict::column(Column::Id)
            .update_columns([Column::Name, Column::NameKey, Column::OwnerId])
            .to_owned();
        let insert = compartment::Entity::insert(row).on_conflict(again);
        self.check(insert.exec_without_returning(&self.tx).await)?;
        let gone = compartment_person::Entity::delete_many()
            .filter(compartment_person::Column::CompartmentId.eq(kept.id.0))
            .filter(
                compartment_person::Column::AccountId.is_not_in(kept.people.iter().map(|person| person.0)),
            );
        self.check(gone.exec(&self.tx).await)?;
        let named = kept.people.iter().map(|person| compartment_person::ActiveModel {
            compartment_id: Set(kept.id.0),
            account_id: Set(person.0),
        });
        let insert = compartment_person::Entity::insert_many(named).on_conflict_do_nothing();
        self.check(insert.exec_without_returning(&self.tx).await)?;
        Ok(())
    }

    /// Keeps that dossiers were opened; what is known already is kept once.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_readings(
        &self,
        readings: impl IntoIterator<Item = (CompartmentId, Reading)>,
    ) -> Result<(), StoreError> {
        let rows = readings.into_iter().map(|(compartment, one)| reading::ActiveModel {
            compartment_id: Set(compartment.0),
            at: Set(one.at.instant()),
            dossier_id: Set(one.dossier.0),
            account_id: Set(one.by.0),
        });
        let insert = reading::Entity::insert_many(rows).on_conflict_do_nothing();
        self.check(insert.exec_without_returning(&self.tx).await)?;
        Ok(())
    }
}

impl Reader {
    /// Of some dossiers, those that are reserved.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn reserved(&self, ids: &[DossierId]) -> Result<Vec<(DossierId, CompartmentId)>, StoreError> {
        let rows: Vec<(uuid::Uuid, uuid::Uuid)> = scoped::<dossier::Entity>(&self.scope)
            .filter(dossier::Column::CompartmentId.is_not_null())
            .filter(dossier::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .select_only()
            .columns([dossier::Column::Id, dossier::Column::CompartmentId])
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|(id, compartment)| (DossierId(id), CompartmentId(compartment))).collect())
    }

    /// A page of what was opened of a compartment, the latest first; `before` is the last line already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn readings(
        &self,
        compartment: CompartmentId,
        before: Option<Reading>,
        size: u64,
    ) -> Result<Page<Reading>, StoreError> {
        use reading::Column;
        let mut select =
            scoped::<reading::Entity>(&self.scope).filter(Column::CompartmentId.eq(compartment.0));
        if let Some(before) = before {
            let key = [Column::At, Column::DossierId, Column::AccountId];
            let key = Expr::tuple(key.map(|column| Expr::col((reading::Entity, column))));
            let place =
                [Expr::value(before.at.instant()), Expr::value(before.dossier.0), Expr::value(before.by.0)];
            select = select.filter(key.lt(Expr::tuple(place)));
        }
        let rows = select
            .order_by_desc(Column::At)
            .order_by_desc(Column::DossierId)
            .order_by_desc(Column::AccountId)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        let items = items.into_iter().map(|row| Reading {
            at: Timestamp::new(row.at),
            dossier: DossierId(row.dossier_id),
            by: UserId(row.account_id),
        });
        Ok(Page { items: items.collect(), more })
    }
}

async fn read<C: ConnectionTrait>(
    db: &C,
    which: Option<&BTreeSet<CompartmentId>>,
) -> Result<Vec<Compartment>, sea_orm::DbErr> {
    let mut select = common::<compartment::Entity>().order_by_asc(compartment::Column::NameKey);
    let mut named = common::<compartment_person::Entity>();
    if let Some(which) = which {
        select = select.filter(compartment::Column::Id.is_in(which.iter().map(|id| id.0)));
        named = named.filter(compartment_person::Column::CompartmentId.is_in(which.iter().map(|id| id.0)));
    }
    let mut people: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in named.all(db).await? {
        people.entry(row.compartment_id).or_default().insert(UserId(row.account_id));
    }
    let compartment = |row: compartment::Model| Compartment {
        id: CompartmentId(row.id),
        people: people.remove(&row.id).unwrap_or_default(),
        name: row.name,
        owner: UserId(row.owner_id),
    };
    Ok(select.all(db).await?.into_iter().map(compartment).collect())
}
