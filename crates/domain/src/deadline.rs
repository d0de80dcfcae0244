//! The date by which something must be done, and whether it is late.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::delay::{self, Answered, Clock, Delays, Purpose, Step};
use crate::digest::Digest;
use crate::ids::UserId;
use crate::machine::{self, Edge, Impossible};

/// Where a deadline stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DeadlineStage {
    /// The clock runs.
    Running,
    /// The clock is stopped (incomplete file).
    Suspended,
    /// Done in time.
    Met,
    /// Done, too late.
    Missed,
    /// Nothing is due any more.
    Cancelled,
}

/// What happens to a deadline; each follows from an act on the dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DeadlineAction {
    /// The clock starts.
    Start,
    /// The clock stops.
    Suspend,
    /// The clock runs again.
    Resume,
    /// The answer was given in time.
    Meet,
    /// The answer was given too late.
    Miss,
    /// Nothing is due any more.
    Cancel,
    /// The dossier was reopened: the same date stands again.
    Restore,
}

/// The machine. `Restore` is ours: a reopened dossier keeps the legal date it had.
pub const EDGES: &[Edge<DeadlineStage, DeadlineAction, ()>] = {
    use DeadlineAction as Do;
    use DeadlineStage::{Cancelled, Met, Missed, Running, Suspended};
    &[
        Edge { from: &[], action: Do::Start, to: &[Running], by: &[] },
        Edge { from: &[Running], action: Do::Suspend, to: &[Suspended], by: &[] },
        Edge { from: &[Suspended], action: Do::Resume, to: &[Running], by: &[] },
        Edge { from: &[Running, Suspended], action: Do::Meet, to: &[Met], by: &[] },
        Edge { from: &[Running, Suspended], action: Do::Miss, to: &[Missed], by: &[] },
        Edge { from: &[Running, Suspended], action: Do::Cancel, to: &[Cancelled], by: &[] },
        Edge { from: &[Met, Missed, Cancelled], action: Do::Restore, to: &[Running], by: &[] },
    ]
};

/// What an event records of a deadline that it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Code of the delay rule.
    pub rule: String,
    /// The version of the rule that gave the date.
    #[serde(default = "first")]
    pub version: u32,
    /// Which clock.
    pub clock: Clock,
    /// What is due.
    #[serde(default)]
    pub purpose: Purpose,
    /// The event's date that started it.
    pub start_on: NaiveDate,
    /// Last day to act, before anything stopped or lengthened the delay.
    pub due_on: NaiveDate,
}

/// The journal's first entries name no version: they were written by the first.
fn first() -> u32 {
    1
}

/// What moved a deadline after it was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The clock stopped while the file was incomplete (CRPA, art. L114-5).
    Suspension {
        /// The day on which the pieces were asked for.
        from: NaiveDate,
        /// The end of the time given.
        until: NaiveDate,
        /// The day on which the pieces came, when that was before.
        ended_on: Option<NaiveDate>,
        /// Who stopped it.
        by: UserId,
        /// Digest of the reason.
        note: Option<Digest>,
    },
    /// More time was asked for.
    Extension {
        /// The new last day.
        until: NaiveDate,
        /// Who asked.
        by: UserId,
        /// Digest of the reason.
        note: Option<Digest>,
        /// What was decided, once it is.
        decision: Option<Decision>,
    },
}

/// The decision on a request for more time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether it was granted.
    pub granted: bool,
    /// Who decided.
    pub by: UserId,
    /// Digest of the reason.
    pub note: Option<Digest>,
}

/// A deadline of a dossier. A dossier has at most one by rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// What was counted.
    pub due: Due,
    /// Where it stands.
    pub stage: DeadlineStage,
    /// What moved it since, in order.
    pub changes: Vec<Change>,
}

impl Deadline {
    /// Starts the clock.
    #[must_use]
    pub fn start(due: Due) -> Self {
        Self { due, stage: DeadlineStage::Running, changes: Vec::new() }
    }

    /// Whether `action` can happen now.
    #[must_use]
    pub fn can(&self, action: DeadlineAction) -> bool {
        machine::find(EDGES, &self.stage, &action).is_some()
    }

    /// Whether it is still to be met.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.stage, DeadlineStage::Running | DeadlineStage::Suspended)
    }

    /// The last day to act, as things stand: the date counted, moved by each suspension and each extension granted.
    #[must_use]
    pub fn due_on(&self) -> NaiveDate {
        self.changes.iter().fold(self.due.due_on, |due_on, change| change.applied(due_on))
    }

    /// The request for more time that awaits a decision: the new last day, and who asked.
    #[must_use]
    pub fn pending(&self) -> Option<(NaiveDate, UserId)> {
        self.changes.iter().find_map(|change| match change {
            Change::Extension { until, by, decision: None, .. } => Some((*until, *by)),
            _ => None,
        })
    }

    /// The day from which the clock is stopped, while it is.
    #[must_use]
    pub fn suspended_from(&self) -> Option<NaiveDate> {
        self.suspension().map(|(from, _)| from)
    }

    /// The end of the time given while the clock is stopped.
    #[must_use]
    pub fn suspended_until(&self) -> Option<NaiveDate> {
        self.suspension().map(|(_, until)| until)
    }

    fn suspension(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.changes.iter().find_map(|change| match change {
            Change::Suspension { from, until, ended_on: None, .. } => Some((*from, *until)),
            _ => None,
        })
    }

    /// What is done on that day makes of it.
    #[must_use]
    pub fn done(&self, on: NaiveDate) -> DeadlineAction {
        if on <= self.due_on() { DeadlineAction::Meet } else { DeadlineAction::Miss }
    }

    /// Applies what happened.
    ///
    /// # Errors
    /// [`Impossible`] when the table has no such edge.
    pub fn evolve(&mut self, action: DeadlineAction) -> Result<(), Impossible> {
        self.stage = machine::step(EDGES, self.stage, action)?;
        Ok(())
    }

    /// Ends the suspension in course, on the day when the pieces came or at the end of the time given.
    pub(crate) fn end_suspension(&mut self, on: NaiveDate) {
        if let Some(Change::Suspension { until, ended_on, .. }) = self
            .changes
            .iter_mut()
            .rfind(|change| matches!(change, Change::Suspension { ended_on: None, .. }))
        {
            *ended_on = Some(on.min(*until));
        }
    }

    /// Decides the request that awaits it.
    pub(crate) fn decide_extension(&mut self, taken: Decision) {
        if let Some(Change::Extension { decision, .. }) =
            self.changes.iter_mut().find(|change| matches!(change, Change::Extension { decision: None, .. }))
        {
            *decision = Some(taken);
        }
    }

    /// Why that day, step by step, as far as the rule and the calendar tell it; what moved it since comes after the count.
    /// `name` gives a person's name, `words` the reason behind a digest while it is kept.
    #[must_use]
    pub fn explanation(
        &self,
        delays: &Delays,
        name: &dyn Fn(UserId) -> String,
        words: &dyn Fn(&Digest) -> Option<String>,
    ) -> Vec<Step> {
        let Some(rule) = delays.rule_of(&self.due) else {
            return vec![Step::Due { on: self.due_on() }];
        };
        let computed = rule.compute(self.due.start_on, &delays.calendar);
        let mut steps = match computed {
            Some(computed) if computed.due_on == self.due.due_on => computed.steps,
            // Days were closed or opened since: what was counted then cannot be told day by day.
            _ => vec![
                Step::Rule { label: rule.label.clone(), source: rule.source.clone(), clock: rule.clock },
                Step::Start { event: rule.start, on: self.due.start_on },
                Step::Recorded { on: self.due.due_on },
            ],
        };
        steps.retain(|step| !matches!(step, Step::Due { .. }));
        let mut due_on = self.due.due_on;
        for change in &self.changes {
            due_on = change.applied(due_on);
            steps.push(change.step(due_on, name, words));
        }
        steps.push(Step::Due { on: due_on });
        steps
    }
}

impl Change {
    /// The due date after it, given the one before.
    fn applied(&self, due_on: NaiveDate) -> NaiveDate {
        match self {
            Self::Suspension { from, until, ended_on, .. } => {
                delay::suspended(due_on, *from, ended_on.unwrap_or(*until)).unwrap_or(due_on)
            }
            Self::Extension { until, decision: Some(Decision { granted: true, .. }), .. } => *until,
            Self::Extension { .. } => due_on,
        }
    }

    fn step(
        &self,
        to: NaiveDate,
        name: &dyn Fn(UserId) -> String,
        words: &dyn Fn(&Digest) -> Option<String>,
    ) -> Step {
        let said = |note: &Option<Digest>| note.as_ref().and_then(words);
        match self {
            Self::Suspension { from, until, ended_on, by, note } => Step::Suspended {
                from: *from,
                until: ended_on.unwrap_or(*until),
                early: ended_on.is_some_and(|end| end < *until),
                to,
                by: name(*by),
                reason: said(note),
            },
            Self::Extension { until, by, note, decision } => Step::Asked {
                until: *until,
                by: name(*by),
                reason: said(note),
                answer: decision.as_ref().map(|Decision { granted, by, note }| Answered {
                    granted: *granted,
                    by: name(*by),
                    reason: said(note),
                }),
            },
        }
    }

    /// Who took part in it.
    pub fn people(&self) -> impl Iterator<Item = UserId> {
        let (first, second) = match self {
            Self::Suspension { by, .. } => (*by, None),
            Self::Extension { by, decision, .. } => (*by, decision.as_ref().map(|decision| decision.by)),
        };
        std::iter::once(first).chain(second)
    }
}

/// What is known of a dossier's term: enough to say whether it is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The first date by which something is or was due; `None` when nothing is.
    pub due_on: Option<NaiveDate>,
    /// The day it was answered, when it was.
    pub answered_on: Option<NaiveDate>,
    /// Whether it is still open.
    pub open: bool,
}

/// How a dossier stands with its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is due.
    NoTerm,
    /// Open; this many days are left, 0 on the last day.
    OnTime {
        /// Days left.
        left: i64,
    },
    /// Open, past its term by this many days, from 1.
    Late {
        /// Days late.
        by: i64,
    },
    /// Answered in time.
    AnsweredInTime,
    /// Answered this many days after its term, from 1.
    AnsweredLate {
        /// Days late.
        by: i64,
    },
}

impl Term {
    /// **The** function that says whether a dossier is late: lists, tiles, pages and the API all follow it.
    /// A closed dossier is never late now; it may have been answered late.
    #[must_use]
    pub fn standing(&self, today: NaiveDate) -> Standing {
        let Some(due_on) = self.due_on else {
            return Standing::NoTerm;
        };
        let past = |day: NaiveDate| (day - due_on).num_days();
        match self.answered_on {
            _ if self.open => match past(today) {
                by @ 1.. => Standing::Late { by },
                left => Standing::OnTime { left: -left },
            },
            Some(on) if past(on) > 0 => Standing::AnsweredLate { by: past(on) },
            Some(_) => Standing::AnsweredInTime,
            None => Standing::NoTerm,
        }
    }
}

/// Whether an answer came by its term.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Timeliness {
    /// By its term.
    InTime,
    /// After it.
    Late,
}

impl Standing {
    /// Whether the answer came by its term; `None` when there is no answer, or no term.
    #[must_use]
    pub fn timeliness(self) -> Option<Timeliness> {
        match self {
            Self::AnsweredInTime => Some(Timeliness::InTime),
            Self::AnsweredLate { .. } => Some(Timeliness::Late),
            Self::NoTerm | Self::OnTime { .. } | Self::Late { .. } => None,
        }
    }
}

/// How old a lateness is: the columns of *Retards*.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AgeClass {
    /// 1 to 15 days late.
    UpTo15,
    /// 16 to 30 days late.
    UpTo30,
    /// 31 to 60 days late.
    UpTo60,
    /// More than 60 days late.
    Over60,
}

impl AgeClass {
    /// The class of a number of days late; `None` when not late.
    #[must_use]
    pub fn of(days_late: i64) -> Option<Self> {
        match days_late {
            ..1 => None,
            1..=15 => Some(Self::UpTo15),
            16..=30 => Some(Self::UpTo30),
            31..=60 => Some(Self::UpTo60),
            61.. => Some(Self::Over60),
        }
    }

    /// The due dates of the dossiers in this class on a given day, first and last included.
    #[must_use]
    pub fn due_between(self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let back = |days| today.checked_sub_days(chrono::Days::new(days)).unwrap_or(NaiveDate::MIN);
        match self {
            Self::UpTo15 => (back(15), back(1)),
            Self::UpTo30 => (back(30), back(16)),
            Self::UpTo60 => (back(60), back(31)),
            Self::Over60 => (NaiveDate::MIN, back(61)),
        }
    }
}

#[cfg(test)]
mod tests;
