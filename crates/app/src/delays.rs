//! The delay rules and the calendar: what a change would move, and changing them. And what each deadline says of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use pli_domain::actor::{Scope, Who};
use pli_domain::calendar::Entry;
use pli_domain::deadline::Deadline;
use pli_domain::delay::{DelayRule, Delays, RuleChange};
use pli_domain::digest::Digest;
use pli_domain::dossier::Command;
use pli_domain::french::French as _;
use pli_domain::ids::{DossierId, EntryId, UnitId, UserId};
use pli_domain::refusal::Refusal;
use pli_domain::settings::{SettingsAction, Subject, SubjectKind};
use pli_domain::time::Timestamp;
use pli_persistence::{Claim, SettingsAct, UnitOfWork};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::{apply, claim, run};
use crate::{App, Caller, Error, Key, Sheet};

/// A change of the rules or of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new version of a rule. `version` is the one that was seen: another one refuses the change.
    Rule {
        /// The rule's code.
        code: String,
        /// The version that was seen.
        version: u32,
        /// What changes.
        change: RuleChange,
    },
    /// Days more in the calendar.
    AddEntry(Entry),
    /// Days less.
    RemoveEntry(EntryId),
}

/// An open dossier that a change moves. It names no subject and no sender: who keeps the rules reads no dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The dossier.
    pub id: DossierId,
    /// Its reference.
    pub reference: String,
    /// The unit that leads it.
    pub lead: Option<UnitId>,
    /// The rule whose date moves.
    pub rule: String,
    /// The date as it stands.
    pub before: NaiveDate,
    /// The date after the change.
    pub after: NaiveDate,
}

/// What a change would move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// How many open dossiers were looked at.
    pub looked_at: u64,
    /// The dates that move, in the order of the dossiers' making.
    pub moves: Vec<Move>,
}

/// How many dossiers are held at once.
const BATCH: u64 = 500;

impl Change {
    /// The delays after the change.
    fn applied(&self, delays: &Delays) -> Result<Delays, Error> {
        match self {
            Self::Rule { code, version, change } => {
                let latest = delays.rules.latest(code).ok_or(Refusal::RuleUnknown { field: "code" })?;
                if latest.version != *version {
                    return Err(Error::Stale);
                }
                Ok(delays.with_rule(latest.changed(change)?))
            }
            Self::AddEntry(entry) => {
                entry.check()?;
                let entries = delays.calendar.entries.iter().cloned().chain([entry.clone()]);
                Ok(delays.with_entries(entries.collect()))
            }
            Self::RemoveEntry(id) => {
                let entries = delays.calendar.entries.iter().filter(|entry| entry.id != *id);
                Ok(delays.with_entries(entries.cloned().collect()))
            }
        }
    }

    /// All that is asked, as text. The identifier of new days is drawn each time that somebody asks.
    fn request(&self) -> String {
        match self {
            Self::AddEntry(entry) => format!("{:?}", Entry { id: EntryId(Uuid::nil()), ..entry.clone() }),
            asked => format!("{asked:?}"),
        }
    }

    /// What the journal of settings holds of it.
    fn told(&self, before: &Delays, after: &Delays, who: Who, at: Timestamp) -> SettingsAct {
        let entry = |delays: &Delays, id| {
            let entry = delays.calendar.entries.iter().find(|entry| entry.id == id);
            entry.map_or(Value::Null, entry_told)
        };
        let (action, kind, id, [before, after]) = match self {
            Self::Rule { code, .. } => {
                let rule = |delays: &Delays| delays.rules.latest(code).map_or(Value::Null, rule_told);
                let sides = [rule(before), rule(after)];
                (SettingsAction::ChangeDelayRule, SubjectKind::DelayRule, code.clone(), sides)
            }
            Self::AddEntry(Entry { id, .. }) => {
                let sides = [Value::Null, entry(after, *id)];
                (SettingsAction::AddCalendarEntry, SubjectKind::CalendarEntry, id.to_string(), sides)
            }
            Self::RemoveEntry(id) => {
                let sides = [entry(before, *id), Value::Null];
                (SettingsAction::RemoveCalendarEntry, SubjectKind::CalendarEntry, id.to_string(), sides)
            }
        };
        let payload = json!({ "before": before, "after": after }).to_string();
        SettingsAct { at, who, action, subject: Subject { kind, id }, payload }
    }

    /// The rule that it is about; a change of the calendar may move any.
    fn rule(&self) -> Option<&str> {
        match self {
            Self::Rule { code, .. } => Some(code),
            _ => None,
        }
    }
}

impl App {
    /// The delay rules and the calendar at this moment.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn delays(&self) -> Result<Arc<Delays>, Error> {
        Ok(self.store.settings().await?.delays.clone())
    }

    /// What a change would move, without making it; what is reserved moves with the rest, and is not told.
    ///
    /// # Errors
    /// [`Error::Refused`] when the change makes no sense, or the caller is no administrator.
    pub async fn preview(&self, caller: &Caller, change: &Change) -> Result<Moves, Error> {
        caller.actor.must_administer_all(&caller.organisation)?;
        let before = self.delays().await?;
        let after = change.applied(&before)?;
        self.moves(Scope::unreserved(), change, &before, &after).await
    }

    /// The dates of the open dossiers in scope, as they are and as they would be.
    async fn moves(
        &self,
        scope: Scope,
        change: &Change,
        before: &Delays,
        after: &Delays,
    ) -> Result<Moves, Error> {
        let reader = self.store.reader(scope);
        let stage_of = change.rule().and_then(|code| before.rules.latest(code));
        let staged = stage_of.is_some_and(|rule| rule.start == pli_domain::delay::StartEvent::Term);
        // A stage's date follows from the dossier's term: no deadline bears its rule.
        let rule = change.rule().filter(|_| !staged);
        let (mut found, mut last) = (Moves::default(), None);
        loop {
            let sheets = reader.with_deadline(rule, last, BATCH).await?;
            let Some(end) = sheets.last() else { return Ok(found) };
            last = Some(end.dossier.id);
            for sheet in &sheets {
                found.looked_at = found.looked_at.saturating_add(1);
                found.moves.extend(deadlines_moved(sheet, after, rule));
                if rule.is_none() {
                    found.moves.extend(stages_moved(sheet, before, after));
                }
            }
        }
    }

    /// Changes a rule or the calendar, and with it the dates of the open dossiers that it governs; all or nothing. What is
    /// closed stays as it was.
    ///
    /// # Errors
    /// [`Error::Refused`] when the change makes no sense, [`Error::Stale`] when the rule has changed since it was seen.
    pub async fn change_delays(&self, caller: &Caller, key: Key, change: Change) -> Result<(), Error> {
        let (app, caller) = (self.clone(), caller.clone());
        run(move || {
            let (app, caller, key, change) = (app.clone(), caller.clone(), key.clone(), change.clone());
            async move {
                app.change_once(&caller, &key, &change).await?;
                app.catch_up(&caller, &change).await
            }
        })
        .await
    }

    async fn change_once(&self, caller: &Caller, key: &Key, change: &Change) -> Result<(), Error> {
        let now = self.clock.now();
        let uow = self.store.begin().await?;
        let place = uow.settings_place().await?;
        // A setting is no dossier.
        let claimed = claim(&uow, caller, key, &change.request(), Uuid::nil(), now).await?;
        let caller = self.current(&uow, caller).await?;
        caller.actor.must_administer_all(&caller.organisation)?;
        if matches!(claimed, Claim::Done { .. }) {
            return Ok(());
        }
        let after = change.applied(&caller.delays)?;
        // Each dossier is read again, and locked, before it is changed.
        let moves = self.moves(Scope::ALL, change, &caller.delays, &after).await?;
        match change {
            Change::Rule { code, .. } => {
                if let Some(rule) = after.rules.latest(code) {
                    uow.add_rule(rule).await?;
                }
            }
            Change::AddEntry(entry) => uow.add_entry(entry).await?,
            Change::RemoveEntry(id) => {
                if !uow.remove_entry(*id).await? {
                    return Err(Error::NotFound);
                }
            }
        }
        uow.record_setting(place, change.told(&caller.delays, &after, caller.actor.who, now)).await?;
        self.reschedule(&uow, &caller, &moves, &after, now).await?;
        Ok(uow.commit().await?)
    }

    /// Moves what was registered by the old dates while they changed: PostgreSQL lets others write meanwhile.
    async fn catch_up(&self, caller: &Caller, change: &Change) -> Result<(), Error> {
        loop {
            let delays = self.delays().await?;
            let moves = self.moves(Scope::ALL, change, &delays, &delays).await?;
            if moves.moves.is_empty() {
                return Ok(());
            }
            let uow = self.store.begin().await?;
            self.reschedule(&uow, caller, &moves, &delays, self.clock.now()).await?;
            uow.commit().await?;
        }
    }

    /// Gives each deadline that moves its new date, in its dossier's own journal.
    async fn reschedule(
        &self,
        uow: &UnitOfWork,
        caller: &Caller,
        moves: &Moves,
        delays: &Delays,
        now: Timestamp,
    ) -> Result<(), Error> {
        for Move { id, rule, .. } in &moves.moves {
            let Some(sheet) = uow.dossier(&Scope::ALL, *id).await? else { continue };
            let deadline = sheet.dossier.deadline(rule).filter(|deadline| deadline.is_open());
            if let Some(due) = deadline.and_then(|deadline| delays.moved(&deadline.due)) {
                apply(uow, caller, sheet, &Command::Reschedule { due }, now).await?;
            }
        }
        Ok(())
    }

    /// An identifier for days to be added to the calendar.
    #[must_use]
    pub fn new_entry_id(&self) -> EntryId {
        EntryId(self.clock.id())
    }

    /// Why each deadline of a dossier is what it is, in French sentences: the rule, the start, the count, each day passed
    /// over, and who stopped or lengthened it, and why.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn explanations(&self, caller: &Caller, sheet: &Sheet) -> Result<Vec<Vec<String>>, Error> {
        let deadlines = &sheet.dossier.deadlines;
        let moved = deadlines.iter().any(|deadline| !deadline.changes.is_empty());
        let notes = if moved { self.reader(caller).notes(sheet.dossier.id).await? } else { Vec::new() };
        let people = deadlines.iter().flat_map(|deadline| &deadline.changes);
        let people = people.flat_map(pli_domain::deadline::Change::people);
        let names = self.names(people.map(pli_domain::actor::Who::User)).await?;
        let said: BTreeMap<Digest, String> =
            notes.into_iter().map(|words| (Digest::of([words.as_str()]), words)).collect();
        let name = |id: UserId| names.get(&id).cloned().unwrap_or_else(|| "une personne inconnue".to_owned());
        let words = |digest: &Digest| said.get(digest).cloned();
        let told = |deadline: &Deadline| {
            let steps = deadline.explanation(&caller.delays, &name, &words);
            steps.iter().map(pli_domain::delay::Step::french).collect()
        };
        Ok(deadlines.iter().map(told).collect())
    }
}

/// A rule as the journal of settings tells it.
fn rule_told(rule: &DelayRule) -> Value {
    json!({
        "code": rule.code, "version": rule.version, "label": rule.label, "source": rule.source,
        "length": rule.length.french(), "rollover": rule.rollover.french(),
        "validFrom": rule.valid_from, "validTo": rule.valid_to,
    })
}

/// Days of the calendar as the journal of settings tells them.
fn entry_told(entry: &Entry) -> Value {
    json!({
        "label": entry.label, "kind": entry.kind.french(), "first": entry.first, "last": entry.last,
        "zone": entry.zone.map(|zone| zone.french()), "house": entry.house.map(|house| house.french()),
    })
}

/// The deadlines of a dossier that a change moves.
fn deadlines_moved(sheet: &Sheet, after: &Delays, rule: Option<&str>) -> Vec<Move> {
    let open = sheet.dossier.deadlines.iter().filter(|deadline| deadline.is_open());
    let governed = open.filter(|deadline| rule.is_none_or(|rule| rule == deadline.due.rule));
    let moved = governed.filter_map(|deadline| {
        let due = after.moved(&deadline.due)?;
        let now = Deadline { due, ..deadline.clone() };
        Some(Move {
            id: sheet.dossier.id,
            reference: sheet.dossier.reference.clone(),
            lead: sheet.dossier.lead,
            rule: deadline.due.rule.clone(),
            before: deadline.due_on(),
            after: now.due_on(),
        })
    });
    moved.collect()
}

/// The date of the present stage of a dossier, when a change moves it.
fn stages_moved(sheet: &Sheet, before: &Delays, after: &Delays) -> Option<Move> {
    use pli_domain::delay::plan::Plan;
    let (was, is) = (sheet.dossier.targets(before), sheet.dossier.targets(after));
    let (was, is) = (was.first()?, is.first()?);
    let rule = Plan::of(&sheet.dossier.body).rule(was.milestone)?;
    (was.on != is.on).then(|| Move {
        id: sheet.dossier.id,
        reference: sheet.dossier.reference.clone(),
        lead: sheet.dossier.lead,
        rule,
        before: was.on,
        after: is.on,
    })
}
