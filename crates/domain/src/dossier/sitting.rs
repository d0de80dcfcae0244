//! The sitting in which a question is put in the chamber: when, who said so, and who attends for the ministry.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use super::{Dossier, Event, Facts, QuestionFacts};
use crate::actor::Actor;
use crate::deadline::{Deadline, Due};
use crate::delay::Purpose;
use crate::digest::Digest;
use crate::identity::QuestionIdentity;
use crate::refusal::Refusal;

/// How far from today a sitting may be set: beyond a year it is a slip of the hand.
const FARTHEST: Days = Days::new(366);

/// Who says on which day the sitting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SittingSource {
    /// Nobody: until someone does, it is taken for the day of the publication.
    Supposed,
    /// The public record.
    Record,
    /// A coordinator: the record does not move it any more, it only contradicts it.
    Person,
}

/// The sitting in which a question is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// Its day.
    pub on: NaiveDate,
    /// Who says so.
    pub source: SittingSource,
    /// Digest of the name of whoever attends for the ministry; the name is kept beside the journal.
    pub attendee: Option<Digest>,
}

impl Sitting {
    /// What is supposed of a question when it is received; `None` for one that is answered in writing.
    #[must_use]
    pub fn supposed(identity: &QuestionIdentity, published_on: NaiveDate) -> Option<Self> {
        let supposed = Self { on: published_on, source: SittingSource::Supposed, attendee: None };
        (!identity.kind.is_written()).then_some(supposed)
    }
}

impl Dossier {
    /// The sitting in which the question is put; `None` when it is answered in writing.
    #[must_use]
    pub fn sitting(&self) -> Option<&Sitting> {
        self.question()?.sitting.as_ref()
    }

    /// What is due for the sitting: the brief, the words to say.
    pub fn briefs(&self) -> impl Iterator<Item = &Deadline> {
        self.of_purpose(Purpose::Brief)
    }

    /// Only what is put in the chamber has a sitting.
    pub(super) fn permits_sitting(&self) -> Result<(), Refusal> {
        if self.sitting().is_some() { Ok(()) } else { Err(Refusal::OnlyInChamber) }
    }

    /// Sets the day of the sitting and who attends.
    pub(super) fn plan_sitting(
        &self,
        actor: &Actor,
        on: NaiveDate,
        note: Option<Digest>,
        facts: &Facts<'_>,
    ) -> Result<Event, Refusal> {
        let refused = Refusal::DateOutOfRange { field: "on" };
        let source = if actor.user().is_some() { SittingSource::Person } else { SittingSource::Record };
        let earliest = facts.today.checked_sub_days(FARTHEST);
        let latest = facts.today.checked_add_days(FARTHEST);
        let near = earliest.is_none_or(|day| day <= on) && latest.is_none_or(|day| on <= day);
        if source == SittingSource::Person && !near {
            return Err(refused);
        }
        let due = self.briefs_for(on, facts)?;
        Ok(Event::SittingPlanned { on, source, due, note })
    }

    /// What is still due for the sitting, counted back from that day.
    pub(super) fn briefs_for(&self, on: NaiveDate, facts: &Facts<'_>) -> Result<Vec<Due>, Refusal> {
        let open = self.briefs().filter(|deadline| deadline.is_open());
        let recount = |deadline: &Deadline| {
            facts.delays.due(&deadline.due.rule, on).ok_or(Refusal::DateOutOfRange { field: "on" })
        };
        open.map(recount).collect()
    }
}

impl QuestionFacts {
    /// Whether nobody has said yet on which day the sitting is.
    pub(super) fn sitting_is_supposed(&self) -> bool {
        self.sitting.as_ref().is_some_and(|sitting| sitting.source == SittingSource::Supposed)
    }

    /// Takes what is published as the day of the sitting; who attends stays.
    pub(super) fn move_sitting(&mut self, on: NaiveDate, source: SittingSource) {
        if let Some(sitting) = &mut self.sitting {
            (sitting.on, sitting.source) = (on, source);
        }
    }
}
