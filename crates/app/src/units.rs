//! Keeping the organisation.

use std::collections::{BTreeMap, BTreeSet};

use pli_domain::actor::Scope;
use pli_domain::ids::UnitId;
use pli_domain::organisation::{Organisation, Unit, UnitCommand};
use pli_domain::settings::{Subject, SubjectKind};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::settings::{Changed, Setting, Told, Turn};
use crate::{App, Caller, Error, Key};

/// A change of a unit.
#[derive(Clone)]
struct UnitSetting {
    id: UnitId,
    command: UnitCommand,
}

impl App {
    /// Adds a unit to the organisation.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct; `command` is a [`UnitCommand::Add`], or the unit is unknown.
    pub async fn add_unit(&self, caller: &Caller, key: Key, command: UnitCommand) -> Result<Unit, Error> {
        self.change_unit(caller, key, UnitId(self.clock.id()), command).await
    }

    /// Changes a unit.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct.
    pub async fn change_unit(
        &self,
        caller: &Caller,
        key: Key,
        id: UnitId,
        command: UnitCommand,
    ) -> Result<Unit, Error> {
        self.settle(caller, key, UnitSetting { id, command }).await
    }

    /// How many open dossiers each of these units leads: the number alone, to warn who closes one; what is reserved
    /// is not counted. A unit that leads none is not there.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever administers nothing.
    pub async fn led(
        &self,
        caller: &Caller,
        units: BTreeSet<UnitId>,
    ) -> Result<BTreeMap<UnitId, u64>, Error> {
        caller.actor.must_administer()?;
        Ok(self.store.reader(Scope::unreserved()).led(units).await?)
    }
}

impl Setting for UnitSetting {
    type Done = Unit;

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Unit, id: self.id.to_string() }
    }

    fn request(&self) -> String {
        match &self.command {
            // The identifier of a new unit is drawn anew each time it is asked for.
            UnitCommand::Add { .. } => format!("{:?}", self.command),
            _ => format!("{} {:?}", self.id, self.command),
        }
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<Unit>, Error> {
        let organisation = turn.uow.organisation().await?;
        let unit = organisation.decide(&turn.caller.actor, self.id, &self.command)?;
        let before = organisation.unit(self.id).cloned();
        match &before {
            None => turn.uow.add_unit(&unit).await?,
            Some(before) if *before != unit => turn.uow.save_unit(&unit).await?,
            Some(_) => return Ok(Changed { done: unit, told: None }),
        }
        let before = before.map_or(Value::Null, |before| told(&before, &organisation));
        let after = told(&unit, &organisation);
        Ok(Changed { done: unit, told: Some(Told { action: self.command.action(), before, after }) })
    }

    async fn repeated(&self, turn: &Turn<'_>, subject: Uuid) -> Result<Unit, Error> {
        let organisation = turn.uow.organisation().await?;
        organisation.unit(UnitId(subject)).cloned().ok_or(Error::NotFound)
    }
}

/// A unit as the journal holds it.
fn told(unit: &Unit, organisation: &Organisation) -> Value {
    let parent = unit.parent.and_then(|parent| organisation.unit(parent));
    json!({
        "code": unit.code,
        "name": unit.name,
        "kind": <&str>::from(unit.kind),
        "parent": parent.map(|parent| &parent.code),
        "validFrom": unit.valid_from,
        "validTo": unit.valid_to,
    })
}
