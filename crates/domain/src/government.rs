//! A change of government: by decree, open questions stand under our ministry's new name, or are another ministry's.
//!
//! It asks nobody and lapses nothing (rules.md, R1 and R2): no delay starts again. What is signed is left aside, since it may
//! still appear under the old name for thirty days; so is what somebody has already asked another ministry to take.

use chrono::{Days, NaiveDate};
use strum::{IntoStaticStr, VariantArray};

use crate::actor::{Actor, Who};
use crate::dossier::{Command, Dossier, Stage};
use crate::ids::{GovernmentChangeId, UnitId};
use crate::ministry::{Denomination, DenominationCommand, Denominations};
use crate::organisation::Organisation;
use crate::published::PublishedQuestion;
use crate::refusal::Refusal;
use crate::settings::{self, SettingsRefusal};
use crate::text::fold;
use crate::time::Timestamp;

/// For how long questions and answers may still appear under the old name, in days (the parameter of *Réponses*).
const OLD_NAME: Days = Days::new(30);

/// Where the questions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// They stay ours, under this new name.
    Ours(String),
    /// They are this other ministry's from now on.
    Other(String),
}

/// A change of government, as an administrator describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The denomination under which the questions are.
    pub from: String,
    /// Where they go.
    pub to: Destination,
    /// The day of the decree.
    pub on: NaiveDate,
    /// Only those that this unit, or one below it, leads.
    pub unit: Option<UnitId>,
}

/// A change that an administrator has followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Its identifier.
    pub id: GovernmentChangeId,
    /// What was asked.
    pub change: Change,
    /// By whom.
    pub who: Who,
    /// When it began.
    pub at: Timestamp,
    /// When every question had been looked at; `None` while it goes on, or when it was interrupted.
    pub ended_at: Option<Timestamp>,
}

/// Why an open question of the denomination does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Aside {
    /// Its answer is signed.
    Signed,
    /// Another ministry was asked to take it, and has not answered.
    TransferPending,
    /// It was given to us after the decree.
    Later,
}

/// What becomes of a question that the change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It moves.
    Moves,
    /// It is left aside.
    LeftAside(Aside),
}

/// The ministry that has a question, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its name.
    pub ministry: String,
    /// Since when, if that is known.
    pub since: Option<NaiveDate>,
}

impl Holding {
    /// The ministry that has a question: as the record tells it, or as a change of government that the record does not tell
    /// yet has left it. `None` of a question that nobody has published.
    #[must_use]
    pub fn of(dossier: &Dossier, record: Option<&PublishedQuestion>) -> Option<Self> {
        let published = record.and_then(|record| {
            let since = record.attributions.last().and_then(|last| last.on).or(record.published_on);
            Some(Self { ministry: record.attributed_ministry()?.label.clone(), since })
        });
        let renamed = dossier.question()?.renamed.as_ref();
        let renamed = renamed
            .filter(|new| published.as_ref().and_then(|old| old.since).is_none_or(|since| since <= new.on));
        renamed.map(|new| Self { ministry: new.ministry.clone(), since: Some(new.on) }).or(published)
    }
}

impl Destination {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ours(name) | Self::Other(name) => name,
        }
    }

    /// Whether the questions leave us.
    #[must_use]
    pub fn is_other(&self) -> bool {
        matches!(self, Self::Other(_))
    }
}

impl Change {
    /// The same with its names as they are kept; whoever administers the whole ministry may ask for it.
    ///
    /// # Errors
    /// [`Refusal`] with the field to correct.
    pub fn checked(
        self,
        actor: &Actor,
        organisation: &Organisation,
        known: &Denominations,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        actor.must_administer_all(organisation)?;
        let (from, to) = (settings::name(&self.from, "from")?, settings::name(self.to.name(), "to")?);
        if !known.are_ours(&from, None) {
            return SettingsRefusal::DenominationUnknown.refuse();
        }
        if fold(&from) == fold(&to) {
            return SettingsRefusal::DenominationSame.refuse();
        }
        if self.to.is_other() && known.are_ours(&to, Some(self.on)) {
            return SettingsRefusal::DenominationOurs.refuse();
        }
        if self.on > today {
            return Err(Refusal::DateInFuture { field: "on" });
        }
        if self.unit.is_some_and(|unit| organisation.unit(unit).is_none()) {
            return Err(Refusal::UnitUnknown { field: "unit" });
        }
        let to = if self.to.is_other() { Destination::Other(to) } else { Destination::Ours(to) };
        Ok(Self { from, to, ..self })
    }

    /// What is done to each question that moves.
    #[must_use]
    pub fn command(&self) -> Command {
        let on = self.on;
        match &self.to {
            Destination::Ours(name) => Command::Rename { ministry: name.clone(), on },
            Destination::Other(name) => Command::HandOver { ministry: name.clone(), on },
        }
    }

    /// What becomes of a dossier; `None` when the change is not about it.
    #[must_use]
    pub fn fate(
        &self,
        dossier: &Dossier,
        held: Option<&Holding>,
        organisation: &Organisation,
    ) -> Option<Fate> {
        let question = dossier.question().filter(|_| dossier.stage.is_open())?;
        let held = held.filter(|held| fold(&held.ministry) == fold(&self.from))?;
        let led = |unit| dossier.lead.is_some_and(|lead| organisation.path(lead).contains(&unit));
        if !self.unit.is_none_or(led) {
            return None;
        }
        let published_later = question.identity.kind.is_written() && dossier.received_on > self.on;
        Some(if matches!(dossier.stage, Stage::Ready | Stage::Transmitted) {
            Fate::LeftAside(Aside::Signed)
        } else if question.transfer_to.is_some() {
            Fate::LeftAside(Aside::TransferPending)
        } else if published_later || held.since.is_some_and(|since| since > self.on) {
            Fate::LeftAside(Aside::Later)
        } else {
            Fate::Moves
        })
    }

    /// What becomes of our denominations: the old name ends thirty days after the decree, the new one begins on its day.
    /// Nothing does when the questions leave us.
    #[must_use]
    pub fn renames(&self, known: &Denominations) -> (Vec<Denomination>, Option<DenominationCommand>) {
        let Destination::Ours(name) = &self.to else { return (Vec::new(), None) };
        let last = self.on.checked_add_days(OLD_NAME).unwrap_or(self.on);
        let ends = |one: &&Denomination| {
            fold(&one.name) == fold(&self.from)
                && one.valid_from <= last
                && one.valid_until.is_none_or(|until| until > last)
        };
        let ended = known.0.iter().filter(ends).cloned();
        let ended = ended.map(|one| Denomination { valid_until: Some(last), ..one }).collect();
        let add = DenominationCommand::Add { name: name.clone(), valid_from: self.on, valid_until: None };
        (ended, (!known.are_ours(name, Some(self.on))).then_some(add))
    }
}
