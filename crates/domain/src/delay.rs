//! The delays: how long, from what, by which text, until when, and why that day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::calendar::{self, Zone};
use crate::identity::House;

mod count;
mod gazette;
mod rules;
mod step;
#[cfg(test)]
mod tests;

pub use count::suspended;
pub use rules::{
    AN_QE, AN_QE_SIGNALLED, CADA_SILENCE, CRPA_ACK_ELECTRONIC, CRPA_ACK_REGISTRATION, CRPA_SILENCE,
    GDPR_ACCESS, MEMBER_LETTER, ORDINARY_MAIL, RULES, SENAT_QE, SP_ACK_ELECTRONIC, SP_ACK_PAPER, by_code,
    for_mail, for_question,
};
pub use step::Step;

/// Which clock a delay runs on. Moving the internal clock never moves the legal one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Clock {
    /// Set by a text.
    Legal,
    /// Set by the house for itself.
    Internal,
}

/// How long a delay is. The day of the start never counts (code de procédure civile, art. 641).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Calendar days.
    Days(u64),
    /// Monday to Friday, holidays of the zone excepted (« jours ouvrés »).
    WorkingDays(u64),
    /// Months: the same day of a later month, or that month's last day (code de procédure civile, art. 641).
    Months(u32),
}

/// What happens when the last day is not a working day.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Rollover {
    /// It stays the last day. Neither the two months of a written question nor the administration's silence are
    /// moved (`docs/decisions/0003`): the code de procédure civile, art. 642, is for acts of procedure. To be confirmed.
    #[default]
    Keep,
    /// The first working day after it (code de procédure civile, art. 642).
    NextWorkingDay,
}

/// What starts the clock.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StartEvent {
    /// The question appears in the Journal officiel.
    Publication,
    /// A group's president signals the question.
    Signalling,
    /// A private person's request is received.
    RequestReceived,
    /// A request is received by the administration whose business it is.
    RequestReceivedByCompetent,
    /// A letter is received.
    LetterReceived,
}

/// A delay rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayRule {
    /// Its stable name.
    pub code: &'static str,
    /// In French, as shown beside the date.
    pub label: &'static str,
    /// The text it comes from.
    pub source: &'static str,
    /// The clock it sets.
    pub clock: Clock,
    /// What starts it.
    pub start: StartEvent,
    /// How long.
    pub length: Length,
    /// What happens when the last day is not a working day.
    pub rollover: Rollover,
    /// The assembly in whose weekly Journal officiel the answer must appear, if it must.
    pub gazette: Option<House>,
}

/// A due date, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computed {
    /// The last day to act, that day included.
    pub due_on: NaiveDate,
    /// From the rule to the date, in the order in which a clerk reads them; [`Step::Due`] is the last.
    pub steps: Vec<Step>,
}

impl Computed {
    /// The explanation, a sentence a step.
    pub fn explanation(&self) -> impl Iterator<Item = String> + '_ {
        self.steps.iter().map(Step::french)
    }
}

impl DelayRule {
    /// The last day to act when the delay starts on `start`, in metropolitan France; `None` past the end of the
    /// calendar (year 262142).
    #[must_use]
    pub fn due_on(&self, start: NaiveDate) -> Option<NaiveDate> {
        self.compute(start, Zone::Metropole).map(|computed| computed.due_on)
    }

    /// The last day to act when the delay starts on `start`, and why; `None` past the end of the calendar, or when
    /// the delay is longer than anyone could mean ([`Length::WorkingDays`] beyond 10 000).
    #[must_use]
    pub fn compute(&self, start: NaiveDate, zone: Zone) -> Option<Computed> {
        let last = count::last_day(self.length, start, zone)?;
        let mut steps = vec![
            Step::Rule { label: self.label, source: self.source, clock: self.clock },
            Step::Start { event: self.start, on: start },
            Step::Counted { length: self.length, start, last },
        ];
        if let Length::WorkingDays(_) = self.length {
            steps.extend(count::days_off(start.succ_opt()?, last, zone));
        }
        let due_on = self.settle(last, zone, &mut steps)?;
        if let Some(house) = self.gazette {
            steps.extend(gazette::steps(house, due_on)?);
        }
        steps.push(Step::Due { on: due_on });
        Some(Computed { due_on, steps })
    }

    /// Keeps the last day counted, or moves it to a working day.
    fn settle(&self, last: NaiveDate, zone: Zone, steps: &mut Vec<Step>) -> Option<NaiveDate> {
        let Some(off) = calendar::day_off(last, zone) else {
            return Some(last);
        };
        match self.rollover {
            Rollover::Keep => {
                steps.push(Step::Kept { on: last, off, zone });
                Some(last)
            }
            Rollover::NextWorkingDay => {
                let to = calendar::next_working_day(last, zone)?;
                steps.extend(count::days_off(last, to, zone));
                steps.push(Step::Moved { from: last, to });
                Some(to)
            }
        }
    }
}
