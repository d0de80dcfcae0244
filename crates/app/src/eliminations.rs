//! The lists by which closed dossiers are let go: proposed, approved, carried out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::actor::{Actor, Scope};
use pli_domain::dossier::Command;
use pli_domain::elimination::{
    Elimination, Items, ListCommand, ListState, MOST, content, disposition, lets_go,
};
use pli_domain::french::French as _;
use pli_domain::ids::{CompartmentId, DossierId, EliminationId};
use pli_domain::refusal::Refusal;
use pli_domain::retention::{Class, RetentionRefusal};
use pli_domain::settings::{SettingsAction, Subject, SubjectKind};
use pli_persistence::{EliminationItem, EliminationPlace, Ended, ItemOutcome, Sheet};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::{apply, run};
use crate::lists::PAGE;
use crate::retention::follows_ends;
use crate::settings::{Changed, Setting, Told, Turn};
use crate::{App, Caller, Error, Key, Page};

/// How many lists are carried out in one go.
const LISTS: u64 = 10;

/// A list with what is on it.
#[derive(Clone, Debug)]
pub struct EliminationDetail {
    /// The list.
    pub list: Elimination,
    /// What is on it and the caller may see, the first closed first.
    pub items: Vec<EliminationItem>,
}

/// A list to be proposed.
#[derive(Clone)]
struct Proposal {
    id: EliminationId,
    class: Class,
    reserved: Option<CompartmentId>,
}

/// A command on a list.
#[derive(Clone)]
struct ListSetting {
    id: EliminationId,
    reserved: bool,
    command: ListCommand,
}

/// A list of which all is carried out.
#[derive(Clone)]
struct Finish {
    id: EliminationId,
    reserved: bool,
}

impl App {
    /// A page of the lists, the newest first; at most 100. Those of what is reserved to others are not there.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is neither coordinator nor auditor.
    pub async fn eliminations(
        &self,
        caller: &Caller,
        before: Option<EliminationPlace>,
        size: u64,
    ) -> Result<Page<Elimination>, Error> {
        follows_ends(caller)?;
        Ok(self.reader(caller).eliminations(before, size.min(PAGE)).await?)
    }

    /// One list; `None` when there is none that the caller may know of.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever is neither coordinator nor auditor.
    pub async fn elimination(
        &self,
        caller: &Caller,
        id: EliminationId,
    ) -> Result<Option<EliminationDetail>, Error> {
        follows_ends(caller)?;
        let reader = self.reader(caller);
        let Some(list) = reader.elimination(id).await? else { return Ok(None) };
        Ok(Some(EliminationDetail { items: reader.elimination_items(id).await?, list }))
    }

    /// Proposes a list of what has reached its end: of one class and of one compartment or of none, the first closed first,
    /// [`MOST`] at most. What waits on another list is not on it.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is nothing, and to whoever is no coordinator.
    pub async fn propose_elimination(
        &self,
        caller: &Caller,
        key: Key,
        class: Class,
        reserved: Option<CompartmentId>,
    ) -> Result<Elimination, Error> {
        let id = EliminationId(self.clock.id());
        self.settle(caller, key, Proposal { id, class, reserved }).await
    }

    /// Does something to a list.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the caller may not know of it, [`Error::Refused`] by the rules.
    pub async fn change_elimination(
        &self,
        caller: &Caller,
        key: Key,
        id: EliminationId,
        command: ListCommand,
    ) -> Result<Elimination, Error> {
        lets_go(&caller.actor)?;
        let known = self.reader(caller).elimination(id).await?.ok_or(Error::NotFound)?;
        self.settle(caller, key, ListSetting { id, reserved: known.reserved.is_some(), command }).await
    }

    /// Carries out what was approved, dossier by dossier, each in a transaction of its own: stopped half-way, it goes on the
    /// next time. How many dossiers were eliminated.
    ///
    /// # Errors
    /// [`Error`] when the database fails, or a document cannot be taken out.
    pub async fn let_go(&self) -> Result<usize, Error> {
        let pli = self.caller(Actor::reminder()).await?;
        let mut gone = 0_usize;
        for list in self.store.approved_eliminations(LISTS).await? {
            let mut waiting = false;
            for item in self.store.reader(Scope::ALL).elimination_items(list.id).await? {
                if matches!(item.outcome, Some(ItemOutcome::Done | ItemOutcome::Left)) {
                    continue;
                }
                if !list.carries_out(item.disposition) {
                    waiting = true;
                    continue;
                }
                let id = item.sheet.dossier.id;
                match self.eliminate(&pli, &list, id).await? {
                    Some(ItemOutcome::Left) => {}
                    Some(_) => {
                        self.take_out_documents(&list, item.sheet).await?;
                        gone = gone.saturating_add(1);
                    }
                    None => waiting = true,
                }
            }
            if !waiting {
                let finish = Finish { id: list.id, reserved: list.reserved.is_some() };
                self.settle(&pli, Key(String::new()), finish).await?;
            }
        }
        Ok(gone)
    }

    /// Eliminates a dossier of a list, its documents excepted. It is left as it is when it was held back, reopened, or reserved
    /// to others meanwhile; `None` when the list is not what two people approved.
    async fn eliminate(
        &self,
        pli: &Caller,
        list: &Elimination,
        id: DossierId,
    ) -> Result<Option<ItemOutcome>, Error> {
        let (app, pli, list) = (self.clone(), pli.clone(), list.clone());
        run(move || app.clone().eliminate_once(pli.clone(), list.clone(), id)).await
    }

    async fn eliminate_once(
        self,
        pli: Caller,
        list: Elimination,
        id: DossierId,
    ) -> Result<Option<ItemOutcome>, Error> {
        let (now, uow) = (self.clock.now(), self.store.begin().await?);
        let (Some(sheet), Some(approved_by)) = (uow.dossier(&Scope::ALL, id).await?, list.approved_by())
        else {
            return Ok(None);
        };
        // What two people approved is what is carried out, whatever somebody wrote into the database since.
        if content(&uow.elimination_items(list.id).await?) != list.content {
            return Ok(None);
        }
        // Begun before, here or on another server.
        if sheet.dossier.eliminated_on.is_some() {
            return Ok(Some(ItemOutcome::Erased));
        }
        let command = Command::Eliminate { list: list.id, approved_by };
        let same = sheet.dossier.reserved == list.reserved;
        let done = if same { apply(&uow, &pli, sheet, &command, now).await } else { Err(Error::NotFound) };
        let outcome = match done {
            Ok(after) => {
                uow.erase(&after).await?;
                ItemOutcome::Erased
            }
            Err(Error::Refused(_) | Error::NotFound) => ItemOutcome::Left,
            Err(error) => return Err(error),
        };
        uow.settle_item(list.id, id, outcome).await?;
        uow.commit().await?;
        Ok(Some(outcome))
    }

    /// Takes out the documents of a dossier whose words are taken out, those excepted that another dossier has.
    async fn take_out_documents(&self, list: &Elimination, sheet: Sheet) -> Result<(), Error> {
        let (app, list) = (self.clone(), list.id);
        run(move || {
            let (app, sheet) = (app.clone(), sheet.clone());
            async move {
                let uow = app.store.begin().await?;
                for document in &sheet.dossier.attachments {
                    if !uow.has_document(&document.file).await? {
                        app.files.remove(&document.file).await?;
                    }
                }
                uow.settle_item(list, sheet.dossier.id, ItemOutcome::Done).await?;
                Ok(uow.commit().await?)
            }
        })
        .await
    }
}

/// A list in the journal of settings; those of what is reserved are told to nobody there.
fn subject(id: EliminationId, reserved: bool) -> Subject {
    let kind = if reserved { SubjectKind::ReservedElimination } else { SubjectKind::Elimination };
    Subject { kind, id: id.to_string() }
}

impl Setting for Proposal {
    type Done = Elimination;

    fn subject(&self) -> Subject {
        subject(self.id, self.reserved.is_some())
    }

    fn request(&self) -> String {
        format!("propose {:?} {:?}", self.class, self.reserved)
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<Elimination>, Error> {
        let by = lets_go(&turn.caller.actor)?;
        let rules = turn.uow.retention().await?;
        let rule = rules.into_iter().find(|rule| rule.class == self.class).ok_or(Error::NotFound)?;
        let closed_by = rule.closed_by(turn.now.paris_date());
        let which = Ended { class: self.class, closed_by, reserved: self.reserved };
        let most = u64::try_from(MOST).unwrap_or(u64::MAX);
        let closed: BTreeMap<DossierId, NaiveDate> =
            turn.uow.ended(&turn.caller.scope, &which, most).await?.into_iter().collect();
        if closed.is_empty() {
            return Err(Refusal::Retention(RetentionRefusal::NothingDue).into());
        }
        let items: Items = closed.keys().map(|id| (*id, disposition(rule.fate, *id))).collect();
        let list = Elimination {
            id: self.id,
            number: turn.uow.next_elimination(self.reserved).await?,
            rule,
            reserved: self.reserved,
            state: ListState::Proposed,
            content: content(&items),
            proposed: (by, turn.now),
            reviewed: None,
            approved: None,
            visa: None,
            receipt: None,
            ended_at: None,
        };
        turn.uow.keep_elimination(&list, &items, &closed).await?;
        let after = told(&list, items.len());
        let told = Told { action: SettingsAction::ProposeElimination, before: Value::Null, after };
        Ok(Changed { done: list, told: Some(told) })
    }

    async fn repeated(&self, turn: &Turn<'_>, subject: Uuid) -> Result<Elimination, Error> {
        repeated(turn, EliminationId(subject)).await
    }
}

impl Setting for ListSetting {
    type Done = Elimination;

    fn subject(&self) -> Subject {
        subject(self.id, self.reserved)
    }

    fn request(&self) -> String {
        format!("{} {:?}", self.id, self.command)
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<Elimination>, Error> {
        let before = repeated(turn, self.id).await?;
        let was = turn.uow.elimination_items(self.id).await?;
        let (after, items) = before.decide(&turn.caller.actor, &self.command, &was, turn.now)?;
        if after == before {
            return Ok(Changed { done: after, told: None });
        }
        turn.uow.keep_elimination(&after, &items, &BTreeMap::new()).await?;
        if after.state == ListState::Abandoned {
            turn.uow.leave_items(self.id).await?;
        }
        let (before, now) = (told(&before, was.len()), told(&after, items.len()));
        let told = Told { action: self.command.action(), before, after: now };
        Ok(Changed { done: after, told: Some(told) })
    }

    async fn repeated(&self, turn: &Turn<'_>, subject: Uuid) -> Result<Elimination, Error> {
        repeated(turn, EliminationId(subject)).await
    }
}

impl Setting for Finish {
    type Done = ();

    fn subject(&self) -> Subject {
        subject(self.id, self.reserved)
    }

    fn request(&self) -> String {
        format!("finish {}", self.id)
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<()>, Error> {
        let before = repeated(turn, self.id).await?;
        // Another server may have been quicker.
        if before.state != ListState::Approved {
            return Ok(Changed { done: (), told: None });
        }
        let items = turn.uow.elimination_items(self.id).await?;
        let after = Elimination { state: ListState::Done, ended_at: Some(turn.now), ..before.clone() };
        turn.uow.keep_elimination(&after, &items, &BTreeMap::new()).await?;
        let (before, now) = (told(&before, items.len()), told(&after, items.len()));
        let told = Told { action: SettingsAction::FinishElimination, before, after: now };
        Ok(Changed { done: (), told: Some(told) })
    }

    async fn repeated(&self, _turn: &Turn<'_>, _subject: Uuid) -> Result<(), Error> {
        Ok(())
    }
}

async fn repeated(turn: &Turn<'_>, id: EliminationId) -> Result<Elimination, Error> {
    turn.uow.elimination(&turn.caller.scope, id).await?.ok_or(Error::NotFound)
}

/// A list as the journal holds it: no dossier by its name.
fn told(list: &Elimination, dossiers: usize) -> Value {
    json!({
        "list": list.id,
        "class": list.rule.class.french(),
        "number": list.number,
        "version": list.rule.version,
        "state": list.state.french(),
        "dossiers": dossiers,
        "visa": list.visa,
        "receipt": list.receipt,
    })
}
