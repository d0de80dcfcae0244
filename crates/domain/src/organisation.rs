//! The organisation: units in a tree, with dates of validity. Small enough to be held whole in memory.

mod change;

pub use change::UnitCommand;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::ids::UnitId;

/// What a unit is (arrêté du 30 décembre 2019 relatif à l'organisation du secrétariat général et des directions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum UnitKind {
    /// The ministry, root of the tree.
    Ministry,
    /// Cabinet: of the minister, of the secretary general, of a direction.
    Cabinet,
    /// Secrétariat général.
    Secretariat,
    /// Direction, or inspection générale.
    Direction,
    /// Service of the secretariat general.
    Service,
    /// Délégation.
    Delegation,
    /// Sous-direction.
    Subdirection,
    /// Bureau.
    Bureau,
}

/// A node of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its identifier.
    pub id: UnitId,
    /// Short name, unique: `DACS`.
    pub code: String,
    /// Full name in French.
    pub name: String,
    /// What it is.
    pub kind: UnitKind,
    /// The unit above it; `None` for the ministry.
    pub parent: Option<UnitId>,
    /// First day on which work may be given to it.
    pub valid_from: NaiveDate,
    /// Last day, when it has been closed.
    pub valid_to: Option<NaiveDate>,
}

impl Unit {
    /// Whether work may be given to it on that day.
    #[must_use]
    pub fn is_open(&self, on: NaiveDate) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last)
    }
}

/// The whole tree.
#[derive(Clone, Debug, Default)]
pub struct Organisation {
    units: BTreeMap<UnitId, Unit>,
}

impl Organisation {
    /// The tree made of these units.
    #[must_use]
    pub fn new(units: impl IntoIterator<Item = Unit>) -> Self {
        Self { units: units.into_iter().map(|unit| (unit.id, unit)).collect() }
    }

    /// A unit, if it exists.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// The unit of that code.
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&Unit> {
        self.units.values().find(|unit| unit.code == code)
    }

    /// All units, in the order of the tree: each one after the unit above it, siblings by code.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Unit> {
        let mut below: BTreeMap<Option<UnitId>, Vec<&Unit>> = BTreeMap::new();
        for unit in self.units.values() {
            below.entry(unit.parent).or_default().push(unit);
        }
        // Those that wait are taken from the end.
        for siblings in below.values_mut() {
            siblings.sort_by(|a, b| b.code.cmp(&a.code));
        }
        let mut order = Vec::with_capacity(self.units.len());
        let mut waiting = below.remove(&None).unwrap_or_default();
        while let Some(unit) = waiting.pop() {
            order.push(unit);
            waiting.extend(below.remove(&Some(unit.id)).unwrap_or_default());
        }
        order
    }

    /// The unit and those above it, nearest first. A loop in the data ends the path.
    #[must_use]
    pub fn path(&self, id: UnitId) -> Vec<UnitId> {
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next.filter(|id| !path.contains(id)) {
            path.push(id);
            next = self.units.get(&id).and_then(|unit| unit.parent);
        }
        path
    }

    /// The unit and all below it.
    #[must_use]
    pub fn subtree(&self, id: UnitId) -> BTreeSet<UnitId> {
        self.units.keys().copied().filter(|other| self.path(*other).contains(&id)).collect()
    }

    /// Whether the unit is the ministry itself, from which everything is seen.
    #[must_use]
    pub fn is_root(&self, id: UnitId) -> bool {
        self.units.get(&id).is_some_and(|unit| unit.parent.is_none())
    }

    /// Whether a unit stands right below the ministry, so that all below it is counted with it.
    #[must_use]
    pub fn is_branch(&self, id: UnitId) -> bool {
        self.path(id).len() == 2
    }

    /// The unit right below the ministry under which this one stands (its direction, or the secretariat general):
    /// the line on which dashboards count it.
    #[must_use]
    pub fn branch(&self, id: UnitId) -> UnitId {
        let path = self.path(id);
        path.iter().rev().nth(1).or(path.first()).copied().unwrap_or(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_bureau_is_counted_with_its_direction() {
        let organisation = samples::organisation();
        let unit = |code: &str| organisation.by_code(code).unwrap().id;
        assert_eq!(organisation.path(unit("C1")), [unit("C1"), unit("DACS"), unit("MJ")]);
        assert_eq!(organisation.branch(unit("C1")), unit("DACS"));
        assert_eq!(organisation.branch(unit("MJ")), unit("MJ"));
        assert_eq!(organisation.subtree(unit("DACS")), BTreeSet::from([unit("DACS"), unit("C1")]));
        assert!(organisation.is_root(unit("MJ")) && !organisation.is_root(unit("DACS")));
        assert_eq!(organisation.in_order().len(), 5);
    }

    #[test]
    fn a_unit_takes_work_within_its_dates_only() {
        let organisation = samples::organisation();
        let mut unit = organisation.by_code("DACG").unwrap().clone();
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        unit.valid_from = day(10);
        unit.valid_to = Some(day(20));
        assert_eq!([9, 10, 20, 21].map(|on| unit.is_open(day(on))), [false, true, true, false]);
    }
}
