//! Compartments: who is named in them, and who has opened what is reserved.
//!
//! An opening is kept when the content of a dossier is read: its page, its journal, a text, a document. Its line in a list is
//! no opening. Those of one minute count as one: a page asks for several parts of the same dossier.

use std::collections::BTreeMap;

use chrono::{DurationRound as _, TimeDelta};
use pli_domain::compartment::{Compartment, CompartmentCommand, CompartmentFacts, CompartmentRefusal};
use pli_domain::ids::{CompartmentId, DossierId, UserId};
use pli_domain::people;
use pli_domain::refusal::Refusal;
use pli_domain::settings::{Subject, SubjectKind};
use pli_domain::time::Timestamp;
use pli_persistence::{Page, Reading};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::lists::PAGE;
use crate::settings::{Changed, Setting, Told, Turn};
use crate::{App, Caller, Error, Key, Sheet};

/// A reserved dossier that was opened, as its owner reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingLine {
    /// When, by whom, which.
    pub reading: Reading,
    /// The dossier's reference.
    pub reference: String,
    /// The reader's name.
    pub name: String,
}

/// A change of a compartment.
#[derive(Clone)]
struct CompartmentSetting {
    id: CompartmentId,
    command: CompartmentCommand,
}

impl Caller {
    /// Whether they may know that a compartment exists: who is named in it, and who keeps them all.
    fn knows(&self, compartment: &Compartment) -> bool {
        let named = self.actor.user().is_some_and(|person| compartment.people.contains(&person))
            // Whoever comes in by a link is named nowhere.
            && self.actor.compartments.contains(&compartment.id);
        named || self.actor.administers_all(&self.organisation)
    }
}

impl App {
    /// The compartments that the caller may know, by name.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn compartments(&self, caller: &Caller) -> Result<Vec<Compartment>, Error> {
        let all = caller.actor.administers_all(&caller.organisation);
        if !all && caller.actor.compartments.is_empty() {
            return Ok(Vec::new());
        }
        let own = (!all).then_some(&caller.actor.compartments);
        Ok(self.store.compartments(own).await?)
    }

    /// The names of the compartments in which the caller is named.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn own_compartments(&self, caller: &Caller) -> Result<BTreeMap<CompartmentId, String>, Error> {
        if caller.actor.compartments.is_empty() {
            return Ok(BTreeMap::new());
        }
        let own = self.store.compartments(Some(&caller.actor.compartments)).await?;
        Ok(own.into_iter().map(|compartment| (compartment.id, compartment.name)).collect())
    }

    /// One compartment; `None` when the caller may not know it.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn compartment(
        &self,
        caller: &Caller,
        id: CompartmentId,
    ) -> Result<Option<Compartment>, Error> {
        let found = self.store.compartments(Some(&[id].into())).await?.pop();
        Ok(found.filter(|compartment| caller.knows(compartment)))
    }

    /// The person who has an open account of this login, to be named in a compartment.
    ///
    /// # Errors
    /// [`Error::Refused`] with `field` when nobody has.
    pub async fn person_to_name(&self, login: &str, field: &'static str) -> Result<UserId, Error> {
        let account = match people::login(login) {
            Ok(login) => self.store.account(&login).await?,
            // What no login looks like is nobody's.
            Err(_) => None,
        };
        let unknown = || Refusal::Compartment(CompartmentRefusal::PersonUnknown { field });
        Ok(account.ok_or_else(unknown)?.id)
    }

    /// Opens a compartment, of its owner alone.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct, and to whoever does not administer the whole ministry.
    pub async fn open_compartment(
        &self,
        caller: &Caller,
        key: Key,
        name: String,
        owner: UserId,
    ) -> Result<Compartment, Error> {
        let command = CompartmentCommand::Open { name, owner };
        self.settle(caller, key, CompartmentSetting { id: CompartmentId(self.clock.id()), command }).await
    }

    /// Changes a compartment.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know it, [`Error::Refused`] by the rules.
    pub async fn change_compartment(
        &self,
        caller: &Caller,
        key: Key,
        id: CompartmentId,
        command: CompartmentCommand,
    ) -> Result<Compartment, Error> {
        self.settle(caller, key, CompartmentSetting { id, command }).await
    }

    /// A page of what was opened of a compartment, the latest first; at most 100. Its owner alone is shown it.
    ///
    /// # Errors
    /// [`Error::NotFound`] to whoever does not own it.
    pub async fn readings(
        &self,
        caller: &Caller,
        id: CompartmentId,
        before: Option<Reading>,
        size: u64,
    ) -> Result<Page<ReadingLine>, Error> {
        let own = |compartment: &Compartment| caller.actor.user() == Some(compartment.owner);
        self.compartment(caller, id).await?.filter(own).ok_or(Error::NotFound)?;
        let reader = self.reader(caller);
        let Page { items, more } = reader.readings(id, before, size.min(PAGE)).await?;
        let sheets = reader.some(&items.iter().map(|reading| reading.dossier).collect::<Vec<_>>()).await?;
        let references: BTreeMap<_, _> =
            sheets.into_iter().map(|sheet| (sheet.dossier.id, sheet.dossier.reference)).collect();
        let names = self.store.names(items.iter().map(|reading| reading.by)).await?;
        let line = |reading: Reading| {
            Some(ReadingLine {
                reference: references.get(&reading.dossier)?.clone(),
                name: names.get(&reading.by).cloned().unwrap_or_default(),
                reading,
            })
        };
        Ok(Page { items: items.into_iter().filter_map(line).collect(), more })
    }

    /// Keeps that the caller has opened these, of those that are reserved. What cannot be kept is not shown.
    pub(crate) async fn opened(&self, caller: &Caller, sheets: &[Sheet]) -> Result<(), Error> {
        let reserved = sheets
            .iter()
            .filter_map(|sheet| sheet.dossier.reserved.map(|compartment| (sheet.dossier.id, compartment)));
        self.keep_readings(caller, reserved.collect()).await
    }

    /// The same of dossiers of which a part is read.
    pub(crate) async fn read_of(&self, caller: &Caller, ids: &[DossierId]) -> Result<(), Error> {
        // Whoever is named nowhere finds nothing that is reserved.
        if caller.actor.compartments.is_empty() {
            return Ok(());
        }
        let reserved = self.reader(caller).reserved(ids).await?;
        self.keep_readings(caller, reserved).await
    }

    async fn keep_readings(
        &self,
        caller: &Caller,
        reserved: Vec<(DossierId, CompartmentId)>,
    ) -> Result<(), Error> {
        let (Some(by), false) = (caller.actor.user(), reserved.is_empty()) else { return Ok(()) };
        let now = self.clock.now().instant();
        let at = Timestamp::new(now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now));
        let uow = self.store.begin().await?;
        let reading = |(dossier, compartment)| (compartment, Reading { at, dossier, by });
        uow.add_readings(reserved.into_iter().map(reading)).await?;
        Ok(uow.commit().await?)
    }
}

impl Setting for CompartmentSetting {
    type Done = Compartment;

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Compartment, id: self.id.to_string() }
    }

    fn request(&self) -> String {
        match &self.command {
            // The identifier of a new compartment is drawn anew each time it is asked for.
            CompartmentCommand::Open { .. } => format!("{:?}", self.command),
            _ => format!("{} {:?}", self.id, self.command),
        }
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<Compartment>, Error> {
        let new = matches!(self.command, CompartmentCommand::Open { .. });
        let before = turn.uow.compartment(self.id).await?.filter(|known| turn.caller.knows(known));
        if before.is_none() && !new {
            return Err(Error::NotFound);
        }
        let facts = CompartmentFacts {
            organisation: &turn.caller.organisation,
            name_taken: match &self.command {
                CompartmentCommand::Open { name, .. } | CompartmentCommand::Rename { name } => {
                    turn.uow.compartment_named(name, self.id).await?
                }
                _ => false,
            },
            person_known: match self.command.names() {
                Some(person) => turn.uow.person(person).await?.is_some_and(|person| !person.disabled),
                None => true,
            },
        };
        let after = self.command.decide(&turn.caller.actor, self.id, before.clone(), &facts)?;
        if before.as_ref() == Some(&after) {
            return Ok(Changed { done: after, told: None });
        }
        turn.uow.keep_compartment(&after, turn.now).await?;
        let action = self.command.action();
        let was = match &before {
            Some(before) => told(turn, before).await?,
            None => Value::Null,
        };
        let told = Told { action, before: was, after: told(turn, &after).await? };
        Ok(Changed { done: after, told: Some(told) })
    }

    async fn repeated(&self, turn: &Turn<'_>, subject: Uuid) -> Result<Compartment, Error> {
        let found = turn.uow.compartment(CompartmentId(subject)).await?;
        found.filter(|compartment| turn.caller.knows(compartment)).ok_or(Error::NotFound)
    }
}

/// A compartment as the journal holds it: people by their logins.
async fn told(turn: &Turn<'_>, compartment: &Compartment) -> Result<Value, Error> {
    let mut logins = BTreeMap::new();
    for id in &compartment.people {
        if let Some(person) = turn.uow.person(*id).await? {
            logins.insert(*id, person.login);
        }
    }
    let owner = logins.get(&compartment.owner);
    let people: Vec<_> = compartment.people.iter().filter_map(|id| logins.get(id)).collect();
    Ok(json!({ "name": compartment.name, "owner": owner, "people": people }))
}
