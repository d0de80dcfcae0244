//! How the administrator changes the organisation: what may be asked of a unit, and what is refused.

#[cfg(test)]
mod tests;

use chrono::{Datelike, NaiveDate};

use super::{Organisation, Unit, UnitKind};
use crate::actor::Actor;
use crate::ids::UnitId;
use crate::refusal::Refusal;
use crate::settings::{self, SettingsAction, SettingsRefusal};

/// What is asked of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitCommand {
    /// Add it to the organisation.
    Add {
        /// Short name, unique.
        code: String,
        /// Full name in French.
        name: String,
        /// What it is.
        kind: UnitKind,
        /// The unit above it.
        parent: UnitId,
        /// First day on which work may be given to it.
        valid_from: NaiveDate,
    },
    /// Change what is given of it.
    Change {
        /// Its name.
        name: Option<String>,
        /// What it is.
        kind: Option<UnitKind>,
        /// The unit above it.
        parent: Option<UnitId>,
    },
    /// Close it.
    Close {
        /// Its last day.
        last_day: NaiveDate,
    },
    /// Take its last day back.
    Reopen,
}

/// The longest code, in characters.
const LONGEST_CODE: usize = 24;

/// Years in which a date of validity is not a slip of the keyboard.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2199;

impl UnitCommand {
    /// Its name in the journal.
    #[must_use]
    pub fn action(&self) -> SettingsAction {
        match self {
            Self::Add { .. } => SettingsAction::AddUnit,
            Self::Change { .. } => SettingsAction::ChangeUnit,
            Self::Close { .. } => SettingsAction::CloseUnit,
            Self::Reopen => SettingsAction::ReopenUnit,
        }
    }
}

impl Organisation {
    /// What a unit becomes by a command; `id` is a new one for [`UnitCommand::Add`]. A unit is changed by those who
    /// administer the unit above it; the ministry, by its own administrators.
    ///
    /// # Errors
    /// The first [`Refusal`] met: who asks, then where, then what.
    pub fn decide(&self, actor: &Actor, id: UnitId, command: &UnitCommand) -> Result<Unit, Refusal> {
        actor.must_administer()?;
        match command {
            UnitCommand::Add { code, name, kind, parent, valid_from } => {
                self.add(actor, id, (code, name), *kind, *parent, *valid_from)
            }
            UnitCommand::Change { name, kind, parent } => {
                self.change(actor, self.kept(actor, id)?, name.as_deref(), *kind, *parent)
            }
            UnitCommand::Close { last_day } => self.close(self.kept(actor, id)?, *last_day),
            UnitCommand::Reopen => {
                let open = Unit { valid_to: None, ..self.kept(actor, id)? };
                self.fits_under_parent(&open, None)?;
                Ok(open)
            }
        }
    }

    /// A unit that the actor may change.
    fn kept(&self, actor: &Actor, id: UnitId) -> Result<Unit, Refusal> {
        let unit = self.unit(id).ok_or(Refusal::UnitUnknown { field: "id" })?;
        let may = actor.administers(unit.parent.unwrap_or(id), self);
        if may { Ok(unit.clone()) } else { SettingsRefusal::BeyondReach.refuse() }
    }

    fn add(
        &self,
        actor: &Actor,
        id: UnitId,
        (code, name): (&str, &str),
        kind: UnitKind,
        parent: UnitId,
        valid_from: NaiveDate,
    ) -> Result<Unit, Refusal> {
        let code = self::code(code)?;
        if self.by_code(&code).is_some() {
            return SettingsRefusal::CodeTaken.refuse();
        }
        let name = settings::name(name, "name")?;
        plausible(valid_from, "validFrom")?;
        let unit = Unit { id, code, name, kind, parent: Some(parent), valid_from, valid_to: None };
        self.placed(actor, &unit, parent)?;
        only_root_is_ministry(&unit)?;
        Ok(unit)
    }

    fn change(
        &self,
        actor: &Actor,
        mut unit: Unit,
        name: Option<&str>,
        kind: Option<UnitKind>,
        parent: Option<UnitId>,
    ) -> Result<Unit, Refusal> {
        if let Some(name) = name {
            unit.name = settings::name(name, "name")?;
        }
        if let Some(kind) = kind {
            unit.kind = kind;
        }
        if let Some(parent) = parent.filter(|parent| Some(*parent) != unit.parent) {
            if unit.parent.is_none() {
                return SettingsRefusal::RootStays.refuse();
            }
            self.placed(actor, &unit, parent)?;
            unit.parent = Some(parent);
        }
        only_root_is_ministry(&unit)?;
        Ok(unit)
    }

    fn close(&self, unit: Unit, last_day: NaiveDate) -> Result<Unit, Refusal> {
        if unit.parent.is_none() {
            return SettingsRefusal::RootStays.refuse();
        }
        plausible(last_day, "lastDay")?;
        if last_day < unit.valid_from {
            return Err(Refusal::EndsBeforeItBegins { field: "lastDay" });
        }
        let closed = Unit { valid_to: Some(last_day), ..unit };
        if self.below(closed.id).any(|below| below.last_day() > last_day) {
            return SettingsRefusal::UnitsBelowOpen.refuse();
        }
        self.fits_under_parent(&closed, Some("lastDay"))?;
        Ok(closed)
    }

    /// Whether a unit may stand under another: one that exists, that the actor administers, that is not below the unit
    /// itself, and that does not close before it.
    fn placed(&self, actor: &Actor, unit: &Unit, parent: UnitId) -> Result<(), Refusal> {
        let above = self.unit(parent).ok_or(Refusal::UnitUnknown { field: "parent" })?;
        if !actor.administers(parent, self) {
            return SettingsRefusal::BeyondReach.refuse();
        }
        if self.path(parent).contains(&unit.id) {
            return SettingsRefusal::UnitLoop.refuse();
        }
        if above.last_day() < unit.last_day() {
            return SettingsRefusal::ParentCloses { field: Some("parent") }.refuse();
        }
        Ok(())
    }

    fn fits_under_parent(&self, unit: &Unit, field: Option<&'static str>) -> Result<(), Refusal> {
        let parent = unit.parent.and_then(|parent| self.unit(parent));
        let closes = parent.is_some_and(|parent| parent.last_day() < unit.last_day());
        if closes { SettingsRefusal::ParentCloses { field }.refuse() } else { Ok(()) }
    }

    /// The units right below one.
    pub fn below(&self, id: UnitId) -> impl Iterator<Item = &Unit> {
        self.units.values().filter(move |unit| unit.parent == Some(id))
    }

    /// The organisation with a unit added, or in the place of the one of its identifier.
    #[must_use]
    pub fn with(mut self, unit: Unit) -> Self {
        self.units.insert(unit.id, unit);
        self
    }

    /// The units that stand under no other: the ministry.
    pub fn roots(&self) -> impl Iterator<Item = UnitId> {
        self.units.values().filter(|unit| unit.parent.is_none()).map(|unit| unit.id)
    }
}

impl Unit {
    /// Its last day; the end of time while it is not closed.
    fn last_day(&self) -> NaiveDate {
        self.valid_to.unwrap_or(NaiveDate::MAX)
    }
}

/// A code as it is kept: `DACS`, `SG-SEM`.
fn code(text: &str) -> Result<String, Refusal> {
    let code = text.trim().to_ascii_uppercase();
    if code.is_empty() {
        return Err(Refusal::Required { field: "code" });
    }
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    if code.len() > LONGEST_CODE || !code.split('-').all(plain) {
        return SettingsRefusal::CodeForm.refuse();
    }
    Ok(code)
}

fn plausible(day: NaiveDate, field: &'static str) -> Result<(), Refusal> {
    if YEARS.contains(&day.year()) { Ok(()) } else { SettingsRefusal::DateTooFar { field }.refuse() }
}

fn only_root_is_ministry(unit: &Unit) -> Result<(), Refusal> {
    if (unit.kind == UnitKind::Ministry) == unit.parent.is_none() {
        Ok(())
    } else {
        SettingsRefusal::OneMinistry.refuse()
    }
}
