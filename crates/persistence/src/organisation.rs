//! The organisation: read whole, written by the administrator.

use pli_domain::ids::UnitId;
use pli_domain::organisation::{Organisation, Unit};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter};

use crate::convert::word;
use crate::entity::unit;
use crate::select::common;
use crate::{StoreError, UnitOfWork};

/// The whole organisation.
pub(crate) async fn read_all<C: ConnectionTrait>(db: &C) -> Result<Organisation, StoreError> {
    organisation(common::<unit::Entity>().all(db).await?)
}

impl UnitOfWork {
    /// The whole organisation, as a change of it finds it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn organisation(&self) -> Result<Organisation, StoreError> {
        organisation(self.check(common::<unit::Entity>().all(&self.tx).await)?)
    }

    /// Adds a unit.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when its code is taken.
    pub async fn add_unit(&self, unit: &Unit) -> Result<(), StoreError> {
        let above = match unit.parent {
            Some(parent) => {
                let row = common::<unit::Entity>().filter(unit::Column::Id.eq(parent.0)).one(&self.tx).await;
                self.check(row)?
            }
            None => None,
        };
        // A unit right below the ministry is its own direction.
        let branch = above.filter(|above| above.parent_id.is_some()).and_then(|above| above.branch_id);
        let branch_id = Set(Some(branch.unwrap_or(unit.id.0)));
        let row = unit::ActiveModel { branch_id, ..unit_row(unit) };
        self.check(row.insert(&self.tx).await)?;
        self.changes_settings();
        Ok(())
    }

    /// Keeps what a unit has become.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn save_unit(&self, unit: &Unit) -> Result<(), StoreError> {
        let row = unit::ActiveModel { id: Unchanged(unit.id.0), ..unit_row(unit) };
        self.check(row.update(&self.tx).await)?;
        self.place_units().await
    }

    /// Notes the direction of each unit, by which dossiers are counted; when one has gone to another, all are counted again.
    async fn place_units(&self) -> Result<(), StoreError> {
        let rows = self.check(common::<unit::Entity>().all(&self.tx).await)?;
        let placed: Vec<_> = rows.iter().map(|row| (row.id, row.branch_id)).collect();
        let organisation = organisation(rows)?;
        let mut moved = false;
        for (id, before) in placed {
            let branch_id = Some(organisation.branch(UnitId(id)).0);
            if before != branch_id {
                let row =
                    unit::ActiveModel { id: Unchanged(id), branch_id: Set(branch_id), ..Default::default() };
                self.check(row.update(&self.tx).await)?;
                moved = true;
            }
        }
        if moved { self.recount().await } else { Ok(()) }
    }
}

fn unit_row(unit: &Unit) -> unit::ActiveModel {
    unit::ActiveModel {
        id: Set(unit.id.0),
        code: Set(unit.code.clone()),
        name: Set(unit.name.clone()),
        kind: Set(<&str>::from(unit.kind).to_owned()),
        parent_id: Set(unit.parent.map(|parent| parent.0)),
        valid_from: Set(unit.valid_from),
        valid_to: Set(unit.valid_to),
        branch_id: NotSet,
    }
}

fn organisation(rows: Vec<unit::Model>) -> Result<Organisation, StoreError> {
    let units: Vec<Unit> = rows.into_iter().map(read_unit).collect::<Result<_, _>>()?;
    Ok(Organisation::new(units))
}

fn read_unit(row: unit::Model) -> Result<Unit, StoreError> {
    Ok(Unit {
        id: UnitId(row.id),
        kind: word("unit", "kind", &row.kind)?,
        code: row.code,
        name: row.name,
        parent: row.parent_id.map(UnitId),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    })
}
