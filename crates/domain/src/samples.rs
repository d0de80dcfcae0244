//! A small ministry for the tests.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::actor::{Actor, Grant, Role, Who};
use crate::ids::{UnitId, UserId};
use crate::organisation::{Organisation, Unit, UnitKind};

/// MJ, and below it SG, DACS (with its bureau C1) and DACG.
pub(crate) fn organisation() -> Organisation {
    let unit = |number: u128, code: &str, kind, parent: Option<u128>| Unit {
        id: UnitId(Uuid::from_u128(number)),
        code: code.to_owned(),
        name: code.to_owned(),
        kind,
        parent: parent.map(|number| UnitId(Uuid::from_u128(number))),
        valid_from: NaiveDate::MIN,
        valid_to: None,
    };
    Organisation::new([
        unit(1, "MJ", UnitKind::Ministry, None),
        unit(2, "SG", UnitKind::Secretariat, Some(1)),
        unit(3, "DACS", UnitKind::Direction, Some(1)),
        unit(4, "C1", UnitKind::Bureau, Some(3)),
        unit(5, "DACG", UnitKind::Direction, Some(1)),
    ])
}

/// A person with one role in one unit.
pub(crate) fn actor(number: u128, role: Role, unit: UnitId) -> Actor {
    Actor {
        who: Who::User(UserId(Uuid::from_u128(number))),
        name: format!("Personne {number}"),
        grants: vec![Grant { role, unit }],
        compartments: std::collections::BTreeSet::new(),
    }
}
