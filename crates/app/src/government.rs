//! A change of government: what it would move, moving it, and what each has moved.
//!
//! Each question moves in a transaction of its own, with its line in the change's list; the denominations change first. What was
//! interrupted is taken up by the same change asked again: what has moved is not found under the old name any more.

use std::collections::BTreeMap;

use pli_domain::actor::Scope;
use pli_domain::dossier::Kind;
use pli_domain::government::{Aside, Change, Fate, Followed, Holding};
use pli_domain::ids::{DenominationId, DossierId, GovernmentChangeId, UnitId};
use pli_domain::settings::{SettingsAction, Subject, SubjectKind};
use pli_persistence::{Filter, Page, Position, Sheet};
use serde_json::json;
use uuid::Uuid;

use crate::commands::{apply, run};
use crate::settings::{Changed, Setting, Told, Turn};
use crate::{App, Caller, Error, Key};

/// An open question of the denomination. It names no text and nobody: who keeps the settings reads no dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerned {
    /// The dossier's reference: the question's own name.
    pub reference: String,
    /// The unit that leads it.
    pub lead: Option<UnitId>,
    /// The ministry that has it, and since when; `None` when nobody has published the question.
    pub held: Option<Holding>,
}

impl Concerned {
    fn new(sheet: Sheet, held: Option<Holding>) -> Self {
        Self { reference: sheet.dossier.reference, lead: sheet.dossier.lead, held }
    }

    /// A question that a change has moved, as the change left it.
    #[must_use]
    pub fn moved(sheet: Sheet, by: &Followed) -> Self {
        let Change { to, on, .. } = &by.change;
        Self::new(sheet, Some(Holding { ministry: to.name().to_owned(), since: Some(*on) }))
    }
}

/// What a change would move, and what it would leave, in the order in which they are due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GovernmentPreview {
    /// What moves.
    pub moves: Vec<Concerned>,
    /// What does not, by the reason.
    pub aside: BTreeMap<Aside, Vec<Concerned>>,
}

/// How many open questions stand under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCount {
    /// The name, as published or as a change of government gave it; `None` of those that nobody has published.
    pub ministry: Option<String>,
    /// How many.
    pub count: u64,
}

/// How many changes are told.
const TOLD: u64 = 50;

/// The change that is asked for.
#[derive(Clone)]
struct GovernmentSetting {
    id: GovernmentChangeId,
    change: Change,
    /// For the new denomination.
    denomination: DenominationId,
}

impl App {
    /// How many open questions stand under each name, the most first; what is reserved is not counted.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not administer the ministry.
    pub async fn open_by_denomination(&self, caller: &Caller) -> Result<Vec<HeldCount>, Error> {
        caller.actor.must_administer_all(&caller.organisation)?;
        let mut counts: BTreeMap<Option<String>, u64> = BTreeMap::new();
        let mut after = None;
        while let Some(page) = self.open_questions(Scope::unreserved(), &mut after).await? {
            for (_, held) in page {
                let count = counts.entry(held.map(|held| held.ministry)).or_default();
                *count = count.saturating_add(1);
            }
        }
        let held = counts.into_iter().map(|(ministry, count)| HeldCount { ministry, count });
        let mut held: Vec<_> = held.collect();
        held.sort_by(|one, other| (other.count, &one.ministry).cmp(&(one.count, &other.ministry)));
        Ok(held)
    }

    /// The open questions that stand under a name, in the order in which they are due; under `None`, those that nobody has
    /// published. What is reserved is not told.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not administer the ministry.
    pub async fn open_under(&self, caller: &Caller, name: Option<&str>) -> Result<Vec<Concerned>, Error> {
        caller.actor.must_administer_all(&caller.organisation)?;
        let (mut found, mut after) = (Vec::new(), None);
        while let Some(page) = self.open_questions(Scope::unreserved(), &mut after).await? {
            let under =
                page.into_iter().filter(|(_, held)| held.as_ref().map(|held| held.ministry.as_str()) == name);
            found.extend(under.map(|(sheet, held)| Concerned::new(sheet, held)));
        }
        Ok(found)
    }

    /// What a change would move, without making it; what is reserved moves with the rest, and is not told.
    ///
    /// # Errors
    /// [`Error::Refused`] when the change makes no sense, or the caller does not administer the ministry.
    pub async fn preview_government(
        &self,
        caller: &Caller,
        change: Change,
    ) -> Result<GovernmentPreview, Error> {
        let change = self.checked_government(caller, change).await?;
        let mut found = GovernmentPreview::default();
        let mut after = None;
        while let Some(page) = self.open_questions(Scope::unreserved(), &mut after).await? {
            for (sheet, held) in page {
                let fate = change.fate(&sheet.dossier, held.as_ref(), &caller.organisation);
                let Some(fate) = fate else { continue };
                let one = Concerned::new(sheet, held);
                match fate {
                    Fate::Moves => found.moves.push(one),
                    Fate::LeftAside(why) => found.aside.entry(why).or_default().push(one),
                }
            }
        }
        Ok(found)
    }

    /// Makes a change of government: the denominations first, then each question by itself. The same key again, or the same
    /// change while it is not ended, goes on where it stopped.
    ///
    /// # Errors
    /// [`Error::Refused`] when the change makes no sense, or the caller does not administer the ministry.
    pub async fn change_government(
        &self,
        caller: &Caller,
        key: Key,
        change: Change,
    ) -> Result<Followed, Error> {
        let change = self.checked_government(caller, change).await?;
        let id = GovernmentChangeId(self.clock.id());
        let denomination = DenominationId(self.clock.id());
        let begun = self.settle(caller, key, GovernmentSetting { id, change, denomination }).await?;
        if begun.ended_at.is_some() {
            return Ok(begun);
        }
        let (app, caller) = (self.clone(), caller.clone());
        let follow = async move { app.follow(&caller, begun).await };
        tokio::spawn(follow).await.map_err(crate::commands::internal)?
    }

    /// The changes that were followed, the latest first, each with how many questions it has moved.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not administer the ministry.
    pub async fn government_changes(&self, caller: &Caller) -> Result<Vec<(Followed, u64)>, Error> {
        caller.actor.must_administer_all(&caller.organisation)?;
        let mut told = Vec::new();
        for one in self.store.government_changes(TOLD).await? {
            told.push((one.clone(), self.moved_by(one.id).await?));
        }
        Ok(told)
    }

    /// How many questions a change has moved; what is reserved is not counted.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn moved_by(&self, id: GovernmentChangeId) -> Result<u64, Error> {
        Ok(self.store.reader(Scope::unreserved()).count(&moved_by(id)).await?)
    }

    /// A change, with a page of the questions that it has moved; what is reserved is not told.
    ///
    /// # Errors
    /// [`Error::Refused`] to whoever does not administer the ministry.
    pub async fn government_change(
        &self,
        caller: &Caller,
        id: GovernmentChangeId,
        after: Option<Position>,
        size: u64,
    ) -> Result<Option<(Followed, Page<Sheet>)>, Error> {
        caller.actor.must_administer_all(&caller.organisation)?;
        let Some(one) = self.store.government_change(id).await? else { return Ok(None) };
        let reader = self.store.reader(Scope::unreserved());
        let moved = reader.dossiers(&moved_by(id), after, size.clamp(1, crate::lists::PAGE)).await?;
        Ok(Some((one, moved)))
    }

    async fn checked_government(&self, caller: &Caller, change: Change) -> Result<Change, Error> {
        let known = self.denominations().await?;
        Ok(change.checked(&caller.actor, &caller.organisation, &known, self.today())?)
    }

    /// The next page of the open questions of a scope, each with the ministry that has it.
    async fn open_questions(
        &self,
        scope: Scope,
        after: &mut Option<Position>,
    ) -> Result<Option<Vec<(Sheet, Option<Holding>)>>, Error> {
        let filter = Filter { open: Some(true), kind: Some(Kind::Question), ..Filter::default() };
        let page = self.store.reader(scope).dossiers(&filter, *after, crate::lists::PAGE).await?;
        let Some(last) = page.items.last() else { return Ok(None) };
        *after = Some(Position::of(last, None));
        let identities = page.items.iter().filter_map(|sheet| Some(&sheet.dossier.question()?.identity));
        let records = self.store.published_records(identities).await?;
        let held = |sheet: Sheet| {
            let record = sheet.dossier.question().and_then(|question| records.get(&question.identity));
            let held = Holding::of(&sheet.dossier, record);
            (sheet, held)
        };
        Ok(Some(page.items.into_iter().map(held).collect()))
    }

    /// Moves every question of a change that is to be moved.
    async fn follow(&self, caller: &Caller, begun: Followed) -> Result<Followed, Error> {
        let mut after = None;
        while let Some(page) = self.open_questions(Scope::ALL, &mut after).await? {
            for (sheet, held) in page {
                let fate = begun.change.fate(&sheet.dossier, held.as_ref(), &caller.organisation);
                if fate == Some(Fate::Moves) {
                    let (app, caller, begun) = (self.clone(), caller.clone(), begun.clone());
                    let id = sheet.dossier.id;
                    run(move || app.clone().move_one(caller.clone(), begun.clone(), id)).await?;
                }
            }
        }
        let ended_at = self.clock.now();
        let uow = self.store.begin().await?;
        uow.end_government_change(begun.id, ended_at).await?;
        uow.commit().await?;
        Ok(Followed { ended_at: Some(ended_at), ..begun })
    }

    /// Moves a question, unless something has happened to it meanwhile.
    async fn move_one(self, caller: Caller, begun: Followed, id: DossierId) -> Result<(), Error> {
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        uow.lock_with_batches(&[id]).await?;
        let Some(sheet) = uow.dossier(&Scope::ALL, id).await? else { return Ok(()) };
        let Some(question) = sheet.dossier.question() else { return Ok(()) };
        let record = uow.published_record(&question.identity).await?;
        let held = Holding::of(&sheet.dossier, record.as_ref());
        let fate = begun.change.fate(&sheet.dossier, held.as_ref(), &caller.organisation);
        if fate != Some(Fate::Moves) {
            return Ok(());
        }
        apply(&uow, &caller, sheet, &begun.change.command(), now).await?;
        uow.add_government_move(begun.id, id).await?;
        Ok(uow.commit().await?)
    }
}

/// The questions that a change has moved.
fn moved_by(id: GovernmentChangeId) -> Filter {
    Filter { government: Some(id), ..Filter::default() }
}

impl Setting for GovernmentSetting {
    type Done = Followed;

    fn subject(&self) -> Subject {
        Subject { kind: SubjectKind::Government, id: self.id.to_string() }
    }

    fn request(&self) -> String {
        format!("{:?}", self.change)
    }

    async fn change(&self, turn: &Turn<'_>) -> Result<Changed<Followed>, Error> {
        // Begun before, and interrupted.
        let same = turn.uow.same_government_change(&self.change).await?;
        if let Some(begun) = same.filter(|one| one.ended_at.is_none()) {
            return Ok(Changed { done: begun, told: None });
        }
        let known = turn.uow.denominations().await?;
        let (ended, added) = self.change.renames(&known);
        for one in &ended {
            turn.uow.keep_denomination(one).await?;
        }
        if let Some(add) = &added {
            let organisation = turn.uow.organisation().await?;
            let new = known.decide(&turn.caller.actor, &organisation, self.denomination, add)?;
            if let Some(new) = new {
                turn.uow.keep_denomination(&new).await?;
            }
        }
        let begun = Followed {
            id: self.id,
            change: self.change.clone(),
            who: turn.caller.actor.who,
            at: turn.now,
            ended_at: None,
        };
        turn.uow.begin_government_change(&begun).await?;
        let Change { from, to, on, unit } = &self.change;
        let unit = unit.and_then(|unit| turn.caller.organisation.unit(unit)).map(|unit| unit.code.clone());
        let after = json!({
            "from": from, "to": to.name(), "leaves": to.is_other(), "on": on, "unit": unit,
            "validTo": ended.first().and_then(|one| one.valid_until),
        });
        let before = serde_json::Value::Null;
        Ok(Changed {
            done: begun,
            told: Some(Told { action: SettingsAction::ChangeGovernment, before, after }),
        })
    }

    async fn repeated(&self, turn: &Turn<'_>, subject: Uuid) -> Result<Followed, Error> {
        match turn.uow.government_change(GovernmentChangeId(subject)).await? {
            Some(one) => Ok(one),
            // This key took up what another had begun.
            None => turn.uow.same_government_change(&self.change).await?.ok_or(Error::NotFound),
        }
    }
}
