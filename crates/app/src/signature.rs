//! What waits for a person's approval or signature, in which order, and which versions they have seen.
//!
//! A look is kept when the person says so, or when they approve, sign or send back: never because a page was shown, which a
//! browser may do by itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::delay::Delays;
use pli_domain::delay::plan::Plan;
use pli_domain::dossier::{Action, Command, Kind, Party, Stage, awaited};
use pli_domain::ids::{DossierId, UnitId, UserId};
use pli_domain::time::Timestamp;
use pli_persistence::{Awaiting, UnitOfWork};

use crate::commands::run;
use crate::lists::PAGE;
use crate::{App, Caller, DraftVersion, Error, List, Look, Page, Sheet};

/// A place among what waits: first what is to be done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The latest date of the present stage; 31/12/9999 when nothing is due.
    pub by: NaiveDate,
    /// The term of the dossier; 31/12/9999 when nothing is due.
    pub due_on: NaiveDate,
    /// The dossier.
    pub id: DossierId,
}

/// What waits for one person, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue(Vec<(Place, Action)>);

/// A dossier that waits, with what its line shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The dossier.
    pub sheet: Sheet,
    /// What is asked: to approve, or to sign.
    pub action: Action,
    /// The latest date for it.
    pub by: Option<NaiveDate>,
    /// What the person has seen of its draft.
    pub look: Option<Look>,
}

/// The date of what is never due.
const NEVER: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

impl Place {
    fn of(id: DossierId, stage: Stage, plan: Plan, due_on: Option<NaiveDate>, delays: &Delays) -> Self {
        let by =
            stage.milestone().zip(due_on).map(|(milestone, due_on)| delays.latest(plan, milestone, due_on));
        Self { by: by.unwrap_or(NEVER), due_on: due_on.unwrap_or(NEVER), id }
    }

    /// Where a dossier stands, or stood before an act.
    #[must_use]
    pub fn of_sheet(sheet: &Sheet, delays: &Delays) -> Self {
        let dossier = &sheet.dossier;
        Self::of(dossier.id, dossier.stage, Plan::of(&dossier.body), dossier.due_on(), delays)
    }
}

impl Queue {
    /// How many wait for this action; for any when `None`.
    #[must_use]
    pub fn count(&self, action: Option<Action>) -> usize {
        self.of(action).count()
    }

    fn of(&self, action: Option<Action>) -> impl DoubleEndedIterator<Item = &(Place, Action)> {
        self.0.iter().filter(move |(_, other)| action.is_none_or(|action| action == *other))
    }

    /// A page of what waits for this action, or for any, after a place.
    #[must_use]
    pub fn page(&self, action: Option<Action>, after: Option<Place>, size: usize) -> Page<Place> {
        let mut rest = self.of(action).map(|(place, _)| *place).filter(|place| Some(*place) > after);
        let items = rest.by_ref().take(size).collect();
        Page { items, more: rest.next().is_some() }
    }

    /// The place of a dossier, from 1; `None` when it does not wait.
    #[must_use]
    pub fn rank(&self, id: DossierId) -> Option<usize> {
        self.0.iter().position(|(place, _)| place.id == id).map(|index| index.saturating_add(1))
    }

    /// The first one after a place.
    #[must_use]
    pub fn next(&self, place: Place) -> Option<DossierId> {
        self.0.iter().map(|(other, _)| *other).find(|other| *other > place).map(|other| other.id)
    }

    /// The last one before a place.
    #[must_use]
    pub fn previous(&self, place: Place) -> Option<DossierId> {
        self.0.iter().map(|(other, _)| *other).rfind(|other| *other < place).map(|other| other.id)
    }
}

/// What is asked of somebody at that stage, when it is an approval or a signature; and of whom. Letters and questions go
/// through the same hands there.
fn asked(stage: Stage) -> Option<(Action, &'static [Party])> {
    awaited(Kind::Mail, stage).filter(|(action, _)| matches!(action, Action::Approve | Action::Sign))
}

/// What waits for this person: what [`pli_domain::dossier::Dossier::allowed`] says, turned round for the database.
pub(crate) fn awaiting(caller: &Caller) -> Vec<Awaiting> {
    let line = |stage: Stage| {
        let (action, by) = asked(stage)?;
        let leads = leads(caller, by);
        // Nobody approves what they wrote.
        let not_by = caller.actor.user().filter(|_| action == Action::Approve);
        (!leads.is_empty()).then_some(Awaiting { stage, leads, not_by })
    };
    Stage::OPEN.into_iter().filter_map(line).collect()
}

/// The units over which the person is one of these parties.
fn leads(caller: &Caller, by: &[Party]) -> BTreeSet<UnitId> {
    let grants = caller.actor.grants.iter();
    let mine = grants.filter(|grant| by.iter().any(|party| party.role() == Some(grant.role)));
    mine.flat_map(|grant| caller.organisation.subtree(grant.unit)).collect()
}

/// Keeps that whoever approves, signs or sends back has seen the version on which they decide.
pub(crate) async fn keep_look(
    uow: &UnitOfWork,
    caller: &Caller,
    command: &Command,
    after: &Sheet,
    now: Timestamp,
) -> Result<(), Error> {
    let decides = matches!(command, Command::Approve | Command::Sign | Command::SendBack { .. });
    if let (true, Some(person), Some(draft)) = (decides, caller.actor.user(), &after.dossier.draft) {
        uow.look(person, after.dossier.id, draft.version, now).await?;
    }
    Ok(())
}

impl App {
    /// What waits for the caller's approval or signature: the stage whose latest date comes first, then the dossier whose
    /// term does.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn queue(&self, caller: &Caller) -> Result<Queue, Error> {
        let list = List { awaiting_me: true, ..List::default() };
        let turns = self.reader(caller).turns(&list.filter(caller, self.today())).await?;
        let mut waiting: Vec<_> = turns
            .into_iter()
            .filter_map(|turn| {
                let place = Place::of(turn.id, turn.stage, turn.plan, turn.due_on, &caller.delays);
                asked(turn.stage).map(|(action, _)| (place, action))
            })
            .collect();
        waiting.sort();
        Ok(Queue(waiting))
    }

    /// The dossiers of some places, in their order; one that waits no more is left out.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn waiting(&self, caller: &Caller, places: &[Place]) -> Result<Vec<Waiting>, Error> {
        let ids: Vec<_> = places.iter().map(|place| place.id).collect();
        let sheets = self.some_dossiers(caller, &ids).await?;
        let mut sheets: BTreeMap<_, _> = sheets.into_iter().map(|sheet| (sheet.dossier.id, sheet)).collect();
        let mut looks = self.looks(caller, &ids).await?;
        let waiting = places.iter().filter_map(|place| {
            let sheet = sheets.remove(&place.id)?;
            let (action, _) = asked(sheet.dossier.stage)?;
            let by = (place.by != NEVER).then_some(place.by);
            Some(Waiting { sheet, action, by, look: looks.remove(&place.id) })
        });
        Ok(waiting.collect())
    }

    /// What the caller has seen of the drafts of some dossiers.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn looks(
        &self,
        caller: &Caller,
        dossiers: &[DossierId],
    ) -> Result<BTreeMap<DossierId, Look>, Error> {
        match caller.actor.user() {
            Some(person) => Ok(self.reader(caller).looks(person, dossiers).await?),
            None => Ok(BTreeMap::new()),
        }
    }

    /// Keeps that the caller has seen a version of a draft. To say it twice is to say it once, so it needs no key.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such version in scope.
    pub async fn mark_read(&self, caller: &Caller, id: DossierId, version: u32) -> Result<(), Error> {
        let person = caller.actor.user().ok_or(Error::NotFound)?;
        let (app, caller) = (self.clone(), caller.clone());
        run(move || app.clone().look_once(caller.clone(), person, id, version)).await
    }

    async fn look_once(
        self,
        caller: Caller,
        person: UserId,
        id: DossierId,
        version: u32,
    ) -> Result<(), Error> {
        let uow = self.store.begin().await?;
        let caller = self.current(&uow, &caller).await?;
        if !uow.has_draft(&caller.scope, id, version).await? {
            return Err(Error::NotFound);
        }
        uow.look(person, id, version, self.clock.now()).await?;
        Ok(uow.commit().await?)
    }

    /// A page of the versions of a dossier's answer, the newest first; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn draft_versions(
        &self,
        caller: &Caller,
        id: DossierId,
        before: Option<u32>,
        size: u64,
    ) -> Result<Page<DraftVersion>, Error> {
        self.read_of(caller, &[id]).await?;
        Ok(self.reader(caller).draft_versions(id, before, size.min(PAGE)).await?)
    }
}
