//! The end of closed dossiers: the table of retention, and what has reached its end by it.

use chrono::NaiveDate;
use pli_domain::account::{AccessEntry, AccessEvent};
use pli_domain::actor::Role;
use pli_domain::french::French as _;
use pli_domain::ids::{AccessId, CompartmentId};
use pli_domain::refusal::Refusal;
use pli_domain::retention::{Class, NewRetention, RetentionRule};
use pli_domain::settings::{SettingsAction, Subject, SubjectKind};
use pli_persistence::{Ended, EndedCount, EndedPlace};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::run;
use crate::lists::PAGE;
use crate::settings::{Changed, Setting, Told, Turn};
use crate::{App, Caller, Error, Key, Page, Sheet};

/// A change of a line of the table.
#[derive(Clone)]
struct RetentionSetting {
    class: Class,
    new: NewRetention,
}

impl App {
    /// The table of retention: the line in force of each class.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn retention(&self) -> Result<Vec<RetentionRule>, Error> {
        Ok(self.store.retention().await?)
    }

    /// Puts a new version of a line of the table in force. Lists that were made keep the one that they were made by.
    ///
    /// # Errors
    /// [`Error::Refused`] with the field to correct, and to whoever does not administer the whole ministry.
    pub async fn change_retention(
        &self,
        caller: &Caller,
        key: Key,
        class: Class,
        new: NewRetention,
    ) -> Result<RetentionRule, Error> {
        self.settle(caller, key, RetentionSetting { class, new }).await
    }

    /// How much has reached its end today, by class and by compartment in which the caller is named.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is neither coordinator nor auditor.
    pub async fn ended_counts(&self, caller: &Caller) -> Result<Vec<EndedCount>, Error> {
        follows_ends(caller)?;
        let today = self.today();
        let rules = self.store.retention().await?;
        let by: Vec<_> = rules.iter().map(|rule| (rule.class, rule.closed_by(today))).collect();
        Ok(self.dashboards(caller).await.ended_counts(&by).await?)
    }

    /// A page of what has reached its end today, the first closed first; at most 100.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is neither coordinator nor auditor.
    pub async fn ended(
        &self,
        caller: &Caller,
        class: Class,
        reserved: Option<CompartmentId>,
        after: Option<EndedPlace>,
        size: u64,
    ) -> Result<Page<Sheet>, Error> {
        follows_ends(caller)?;
        let rules = self.store.retention().await?;
        let rule = rules.iter().find(|rule| rule.class == class).ok_or(Error::NotFound)?;
        let which = Ended { class, closed_by: rule.closed_by(self.today()), reserved };
        let page = self.reader(caller).ended(&which, after, size.min(PAGE)).await?;
        Ok(page)
    }
}

impl App {
    /// Takes out the traces that have come to their end: the journal of accesses and the openings of reserved dossiers, as far as
    /// seals cover them; up to which day, when anything was. The journal of accesses says so.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn end_traces(&self) -> Result<Option<NaiveDate>, Error> {
        let app = self.clone();
        run(move || app.clone().end_traces_once()).await
    }

    async fn end_traces_once(self) -> Result<Option<NaiveDate>, Error> {
        let uow = self.store.begin().await?;
        let Some(last) = self.store.last_seal().await? else { return Ok(None) };
        let rules = uow.retention().await?;
        let rule = rules.iter().find(|rule| rule.class == Class::Access).ok_or(Error::NotFound)?;
        let Some(day) = uow.forget_traces(rule.traces_since(last.seal.day)).await? else { return Ok(None) };
        let (id, at, event) = (AccessId(self.clock.id()), self.clock.now(), AccessEvent::TracesEnded);
        let detail = day.to_string();
        let told = AccessEntry { id, at, event, person: None, by: None, address: None, detail };
        uow.record_access(&told).await?;
        uow.commit().await?;
        Ok(Some(day))
    }
}

/// Coordinators let dossiers go, auditors look on.
pub(crate) fn follows_ends(caller: &Caller) -> Result<(), Refusal> {
    let role = Role::Coordinator;
    let follows = caller.actor.has(role) || caller.actor.has(Role::Auditor);
    if follows { Ok(()) } else { Err(Refusal::OnlyFor { role }) }
}

impl Setting for RetentionSetting {
    type Done = RetentionRule;

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::RetentionRule, id: <&str>::from(self.class).to_owned() }
    }

    fn request(&self) -> String {
        format!("{:?} {:?}", self.class, self.new)
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<RetentionRule>, Error> {
        let before = self.in_force(turn).await?;
        let after = before.change(&turn.caller.actor, &turn.caller.organisation, &self.new)?;
        if after == before {
            return Ok(Changed { done: after, told: None });
        }
        turn.uow.add_retention(&after).await?;
        let (was, is) = (told(&before), told(&after));
        let told = Told { action: SettingsAction::ChangeRetention, before: was, after: is };
        Ok(Changed { done: after, told: Some(told) })
    }

    async fn repeated(&self, turn: &Turn<'_>, _subject: Uuid) -> Result<RetentionRule, Error> {
        self.in_force(turn).await
    }
}

impl RetentionSetting {
    async fn in_force(&self, turn: &Turn<'_>) -> Result<RetentionRule, Error> {
        let rules = turn.uow.retention().await?;
        rules.into_iter().find(|rule| rule.class == self.class).ok_or(Error::NotFound)
    }
}

/// A line of the table as the journal holds it.
fn told(rule: &RetentionRule) -> Value {
    let (class, fate) = (rule.class.french(), rule.fate.french());
    json!({ "class": class, "version": rule.version, "months": rule.months, "fate": fate, "source": rule.source })
}
