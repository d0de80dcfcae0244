//! Changing what the administrator keeps: to the end, once under its key, one change at a time, and journalled in the
//! same transaction. Units and people stand on it; so can everything else that has a place in the journal of settings:
//! a subject kind and actions in the domain, then a [`Setting`].

use std::future::Future;

use pli_domain::actor::Role;
use pli_domain::digest::Digest;
use pli_domain::settings::{SettingsAction, SettingsEntry, Subject, SubjectKind};
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, Page, SettingsAct, UnitOfWork};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::{claim, run};
use crate::lists::PAGE;
use crate::{App, Caller, Error, Key};

/// A change of the settings that is asked for.
pub(crate) trait Setting: Clone + Send + Sync + 'static {
    /// What it answers.
    type Done: Send + 'static;

    /// What it is about.
    fn subject(&self) -> Subject;

    /// All that was asked, as text: the same key with another text is refused. Nothing drawn by chance is in it.
    fn request(&self) -> String;

    /// Reads, decides, and keeps.
    fn change(&self, turn: &Turn<'_>) -> impl Future<Output = Result<Changed<Self::Done>, Error>> + Send;

    /// The answer when it was done before under its key.
    fn repeated(
        &self,
        turn: &Turn<'_>,
        subject: Uuid,
    ) -> impl Future<Output = Result<Self::Done, Error>> + Send;
}

/// What a change is made in.
pub(crate) struct Turn<'a> {
    pub(crate) uow: &'a UnitOfWork,
    pub(crate) caller: &'a Caller,
    pub(crate) now: Timestamp,
}

/// What was changed.
pub(crate) struct Changed<T> {
    /// The answer.
    pub(crate) done: T,
    /// What to journal; `None` when everything was so already.
    pub(crate) told: Option<Told>,
}

/// What the journal holds of a change: no secret.
pub(crate) struct Told {
    pub(crate) action: SettingsAction,
    /// Null when it is new.
    pub(crate) before: Value,
    pub(crate) after: Value,
}

impl App {
    /// Runs a change of the settings.
    pub(crate) async fn settle<S: Setting>(
        &self,
        caller: &Caller,
        key: Key,
        setting: S,
    ) -> Result<S::Done, Error> {
        let (app, caller) = (self.clone(), caller.clone());
        run(move || app.clone().settle_once(caller.clone(), key.clone(), setting.clone())).await
    }

    async fn settle_once<S: Setting>(self, caller: Caller, key: Key, setting: S) -> Result<S::Done, Error> {
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        let place = uow.settings_place().await?;
        let subject = setting.subject();
        let claimed = claim(&uow, &caller, &key, &setting.request(), key_of(&subject), now).await?;
        let caller = self.current(&uow, &caller).await?;
        let turn = Turn { uow: &uow, caller: &caller, now };
        if let Claim::Done { subject, .. } = claimed {
            return setting.repeated(&turn, subject).await;
        }
        let Changed { done, told } = setting.change(&turn).await?;
        if let Some(Told { action, before, after }) = told {
            let payload = json!({ "before": before, "after": after }).to_string();
            let act = SettingsAct { at: now, who: caller.actor.who, action, subject, payload };
            uow.record_setting(place, act).await?;
        }
        uow.commit().await?;
        Ok(done)
    }

    /// A page of the journal of settings, newest first; `before` is the last entry already seen; at most 100. What is done to
    /// compartments is told to the administrators of the ministry only.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is neither administrator nor auditor.
    pub async fn settings_journal(
        &self,
        caller: &Caller,
        before: Option<u32>,
        size: u64,
    ) -> Result<Page<SettingsEntry>, Error> {
        if !caller.actor.has(Role::Auditor) {
            caller.actor.must_administer()?;
        }
        // That a compartment exists, and who is named in it, is for those who keep them all.
        let keeps = caller.actor.administers_all(&caller.organisation);
        let compartments = (!keeps).then_some(SubjectKind::Compartment);
        let hidden: Vec<_> = compartments.into_iter().chain([SubjectKind::ReservedElimination]).collect();
        Ok(self.store.settings_journal(&hidden, before, size.min(PAGE)).await?)
    }
}

/// What the key of a change names: the subject's own identifier where it is a UUID, otherwise one made of its words.
fn key_of(subject: &Subject) -> Uuid {
    subject.id.parse().unwrap_or_else(|_| Digest::of([<&str>::from(subject.kind), &subject.id]).uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pli_domain::settings::SubjectKind::{Person, Unit};

    #[test]
    fn every_subject_has_a_key_of_its_own() {
        let key = |kind, id: &str| key_of(&Subject { kind, id: id.to_owned() });
        let id = "0190b6d2-7c3a-7000-8000-000000000001";
        assert_eq!(key(Unit, id).to_string(), id);
        let keys = [key(Unit, "an-qe"), key(Person, "an-qe"), key(Unit, "senat-qe"), Uuid::nil()];
        for (place, one) in keys.iter().enumerate() {
            assert!(keys.iter().skip(place + 1).all(|other| other != one), "{keys:?}");
        }
    }
}
