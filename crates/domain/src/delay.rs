//! The delays: how long, from what, by which text, until when, and why that day.
//!
//! Rules are data: [`Rules::seed`] is what a new Pli starts with, the administrator changes them by adding versions.
//! A deadline names the version that gave it, so that a change leaves the past as it was.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::calendar::Calendar;
use crate::identity::House;
use crate::refusal::Refusal;

mod book;
mod count;
mod gazette;
pub mod plan;
mod seed;
mod step;
#[cfg(test)]
mod tests;

pub use book::{Delays, Rules, code, for_mail, for_question};
pub use count::suspended;
pub use gazette::{day_of_issue, is_issue, last_issue};
pub use step::{Answered, Step, dated, month_and_year, spelled, weekday};

/// Which clock a delay runs on. Moving the internal clock never moves the legal one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Clock {
    /// Set by a text.
    Legal,
    /// Set by the house for itself.
    Internal,
}

/// What is due at the end of a delay.
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
pub enum Purpose {
    /// The answer.
    #[default]
    Answer,
    /// The acknowledgement of receipt: it has its own list, and does not make a dossier late.
    Acknowledgement,
    /// Sending the request to the competent authority (CRPA, art. L114-2).
    Redirection,
    /// The brief for a sitting.
    Brief,
    /// A stage of the work, counted back from the term; of no dossier's own deadlines.
    Stage,
}

/// How long a delay is. The day of the start never counts (code de procédure civile, art. 641).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Calendar days.
    Days(u32),
    /// Monday to Friday, holidays and closed days excepted (« jours ouvrés »).
    WorkingDays(u32),
    /// Months: the same day of a later month, or that month's last day (code de procédure civile, art. 641).
    Months(u32),
}

/// The unit in which a length is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum LengthUnit {
    /// Calendar days.
    Days,
    /// Working days.
    WorkingDays,
    /// Months.
    Months,
}

impl Length {
    /// So many of a unit.
    #[must_use]
    pub fn new(count: u32, unit: LengthUnit) -> Self {
        match unit {
            LengthUnit::Days => Self::Days(count),
            LengthUnit::WorkingDays => Self::WorkingDays(count),
            LengthUnit::Months => Self::Months(count),
        }
    }

    /// How many.
    #[must_use]
    pub fn count(self) -> u32 {
        match self {
            Self::Days(count) | Self::WorkingDays(count) | Self::Months(count) => count,
        }
    }

    /// Of what.
    #[must_use]
    pub fn unit(self) -> LengthUnit {
        match self {
            Self::Days(_) => LengthUnit::Days,
            Self::WorkingDays(_) => LengthUnit::WorkingDays,
            Self::Months(_) => LengthUnit::Months,
        }
    }

    /// The most that anyone could mean: ten years. Beyond, it is a slip of the hand.
    fn most(self) -> u32 {
        match self {
            Self::Days(_) => 3_660,
            Self::WorkingDays(_) => 2_600,
            Self::Months(_) => 120,
        }
    }
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
    /// The last missing piece of a request is received.
    FileComplete,
    /// A letter is received.
    LetterReceived,
    /// A unit says that another administration is competent.
    FoundIncompetent,
    /// The sitting for which a brief is due: counted back from it.
    Sitting,
    /// The dossier's term (for a written question, the last Journal officiel before it): counted back from it.
    Term,
}

impl StartEvent {
    /// Whether the delay runs up to the event rather than from it.
    #[must_use]
    pub fn counts_back(self) -> bool {
        matches!(self, Self::Sitting | Self::Term)
    }
}

/// A version of a delay rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayRule {
    /// Its stable name, the same in every version.
    pub code: String,
    /// From 1; the highest that is valid on the day of the start is in force.
    pub version: u32,
    /// In French, as shown beside the date.
    pub label: String,
    /// The text it comes from.
    pub source: String,
    /// The clock it sets.
    pub clock: Clock,
    /// What is due.
    pub purpose: Purpose,
    /// What starts it.
    pub start: StartEvent,
    /// How long.
    pub length: Length,
    /// What happens when the last day is not a working day.
    pub rollover: Rollover,
    /// The assembly in whose weekly Journal officiel the answer must appear, if it must.
    pub gazette: Option<House>,
    /// Whether an incomplete file stops the clock.
    pub suspendable: bool,
    /// Whether more time can be granted.
    pub extendable: bool,
    /// The first day of a start that it governs.
    pub valid_from: NaiveDate,
    /// The last one, when it has an end.
    pub valid_to: Option<NaiveDate>,
}

/// What an administrator may change of a rule; the rest is what the rule is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// In French, as shown beside the date.
    pub label: String,
    /// The text it comes from.
    pub source: String,
    /// How long.
    pub length: Length,
    /// What happens when the last day is not a working day.
    pub rollover: Rollover,
    /// The first day of a start that it governs.
    pub valid_from: NaiveDate,
    /// The last one, when it has an end.
    pub valid_to: Option<NaiveDate>,
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
    /// Whether it governs a delay that starts on that day.
    #[must_use]
    pub fn governs(&self, start: NaiveDate) -> bool {
        self.valid_from <= start && self.valid_to.is_none_or(|last| start <= last)
    }

    /// The next version of this rule.
    ///
    /// # Errors
    /// The [`Refusal`] that says what to correct: a rule that cannot be computed is none.
    pub fn changed(&self, change: &RuleChange) -> Result<Self, Refusal> {
        for (text, field) in [(&change.label, "label"), (&change.source, "source")] {
            if text.trim().is_empty() {
                return Err(Refusal::Required { field });
            }
            if text.contains('\0') {
                return Err(Refusal::NullCharacter { field });
            }
        }
        if change.length.count() > change.length.most() {
            return Err(Refusal::TooLong { field: "length" });
        }
        if self.start.counts_back() && change.rollover == Rollover::NextWorkingDay {
            return Err(Refusal::CannotRollOver { field: "rollover" });
        }
        if !(1..=2200).contains(&change.valid_from.year()) {
            return Err(Refusal::DateOutOfRange { field: "validFrom" });
        }
        if change.valid_to.is_some_and(|last| last < change.valid_from) {
            return Err(Refusal::EndsBeforeItBegins { field: "validTo" });
        }
        Ok(Self {
            version: self.version.saturating_add(1),
            label: change.label.trim().to_owned(),
            source: change.source.trim().to_owned(),
            length: change.length,
            rollover: change.rollover,
            valid_from: change.valid_from,
            valid_to: change.valid_to,
            ..self.clone()
        })
    }

    /// The last day to act when the delay starts on `start`; `None` past the end of the calendar.
    #[must_use]
    pub fn due_on(&self, start: NaiveDate, calendar: &Calendar) -> Option<NaiveDate> {
        self.compute(start, calendar).map(|computed| computed.due_on)
    }

    /// The last day to act when the delay starts on `start`, and why; `None` past the end of the calendar (year 262142).
    #[must_use]
    pub fn compute(&self, start: NaiveDate, calendar: &Calendar) -> Option<Computed> {
        let back = self.start.counts_back();
        let last = count::last_day(self.length, start, back, calendar)?;
        let mut steps = vec![
            Step::Rule { label: self.label.clone(), source: self.source.clone(), clock: self.clock },
            Step::Start { event: self.start, on: start },
            Step::Counted { length: self.length, start, last, back },
        ];
        if let Length::WorkingDays(_) = self.length {
            let (first, last) = if back { (last, start.pred_opt()?) } else { (start.succ_opt()?, last) };
            steps.extend(count::days_off(first, last, calendar));
        }
        let due_on = self.settle(last, calendar, &mut steps)?;
        if let Some(house) = self.gazette {
            steps.extend(gazette::steps(house, due_on, calendar)?);
        }
        steps.push(Step::Due { on: due_on });
        Some(Computed { due_on, steps })
    }

    /// Keeps the last day counted, or moves it to a working day.
    fn settle(&self, last: NaiveDate, calendar: &Calendar, steps: &mut Vec<Step>) -> Option<NaiveDate> {
        let Some(off) = calendar.day_off(last) else {
            return Some(last);
        };
        match self.rollover {
            Rollover::Keep => {
                steps.push(Step::Kept { on: last, off, zone: calendar.zone, clock: self.clock });
                Some(last)
            }
            Rollover::NextWorkingDay => {
                let to = calendar.next_working_day(last)?;
                steps.extend(count::days_off(last, to, calendar));
                steps.push(Step::Moved { from: last, to });
                Some(to)
            }
        }
    }
}
