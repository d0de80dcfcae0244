//! The organisation: read whole, written by the administrator.

use pli_domain::ids::UnitId;
use pli_domain::organisation::{Organisation, Unit};
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;

use crate::convert::word;
use crate::entity::unit;
use crate::select::common;
use crate::{Store, StoreError, UnitOfWork};

impl Store {
    /// The whole organisation.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn organisation(&self) -> Result<Organisation, StoreError> {
        let rows = common::<unit::Entity>().all(&self.db).await?;
        let units: Vec<Unit> = rows.into_iter().map(read_unit).collect::<Result<_, _>>()?;
        Ok(Organisation::new(units))
    }
}

impl UnitOfWork {
    /// Adds a unit.
    ///
    /// # Errors
    /// [`StoreError::Unique`] when its code is taken.
    pub async fn add_unit(&self, unit: &Unit) -> Result<(), StoreError> {
        let row = unit::ActiveModel {
            id: Set(unit.id.0),
            code: Set(unit.code.clone()),
            name: Set(unit.name.clone()),
            kind: Set(<&str>::from(unit.kind).to_owned()),
            parent_id: Set(unit.parent.map(|parent| parent.0)),
            valid_from: Set(unit.valid_from),
            valid_to: Set(unit.valid_to),
        };
        self.check(row.insert(&self.tx).await)?;
        Ok(())
    }
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
