//! The organisation: read whole, written by the administrator.

use pli_domain::ids::UnitId;
use pli_domain::organisation::{Organisation, Unit};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ActiveModelTrait, ConnectionTrait};

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
        self.check(unit_row(unit).insert(&self.tx).await)?;
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
        Ok(())
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
