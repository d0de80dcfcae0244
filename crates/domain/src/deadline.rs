//! The date by which something must be done, and whether it is late.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::calendar::Zone;
use crate::delay::{self, Clock, DelayRule};
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
    /// Which clock.
    pub clock: Clock,
    /// The event's date that started it.
    pub start_on: NaiveDate,
    /// Last day to act.
    pub due_on: NaiveDate,
}

impl Due {
    /// What a rule gives from a start date; `None` past the end of the calendar.
    #[must_use]
    pub fn from_rule(rule: &DelayRule, start_on: NaiveDate) -> Option<Self> {
        let due_on = rule.due_on(start_on)?;
        Some(Self { rule: rule.code.to_owned(), clock: rule.clock, start_on, due_on })
    }

    /// Why that day, in French sentences; empty when the rule that gave it no longer gives it.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        let computed =
            delay::by_code(&self.rule).and_then(|rule| rule.compute(self.start_on, Zone::default()));
        computed
            .filter(|computed| computed.due_on == self.due_on)
            .map(|computed| computed.explanation().collect())
            .unwrap_or_default()
    }
}

/// A deadline of a dossier. A dossier has at most one by rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// What was counted.
    pub due: Due,
    /// Where it stands.
    pub stage: DeadlineStage,
}

impl Deadline {
    /// Starts the clock.
    #[must_use]
    pub fn start(due: Due) -> Self {
        Self { due, stage: DeadlineStage::Running }
    }

    /// Whether `action` can happen now.
    #[must_use]
    pub fn can(&self, action: DeadlineAction) -> bool {
        machine::find(EDGES, &self.stage, &action).is_some()
    }

    /// What an answer given on that day makes of it.
    #[must_use]
    pub fn answered(&self, on: NaiveDate) -> DeadlineAction {
        if on <= self.due.due_on { DeadlineAction::Meet } else { DeadlineAction::Miss }
    }

    /// Applies what happened.
    ///
    /// # Errors
    /// [`Impossible`] when the table has no such edge.
    pub fn evolve(&mut self, action: DeadlineAction) -> Result<(), Impossible> {
        self.stage = machine::step(EDGES, self.stage, action)?;
        Ok(())
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

/// How old a lateness is: the columns of *Retards*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
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
mod tests {
    use super::*;
    use crate::machine::graph;
    use proptest::prelude::*;

    const TODAY: &str = "2026-11-22";

    fn term(due: &str, answered: Option<&str>, open: bool) -> Term {
        Term {
            due_on: Some(due.parse().unwrap()),
            answered_on: answered.map(|day| day.parse().unwrap()),
            open,
        }
    }

    #[test]
    fn the_table_has_no_dead_end() {
        graph::check(EDGES, DeadlineStage::VARIANTS, DeadlineStage::Running, |_| false);
    }

    #[test]
    fn late_in_both_directions() {
        let today = TODAY.parse().unwrap();
        for (term, standing) in [
            (term("2026-11-22", None, true), Standing::OnTime { left: 0 }),
            (term("2026-11-25", None, true), Standing::OnTime { left: 3 }),
            (term("2026-11-21", None, true), Standing::Late { by: 1 }),
            (term("2026-11-21", Some("2026-11-21"), false), Standing::AnsweredInTime),
            (term("2024-05-12", Some("2024-05-14"), false), Standing::AnsweredLate { by: 2 }),
            (term("2024-07-07", None, false), Standing::NoTerm),
            (Term { due_on: None, answered_on: None, open: true }, Standing::NoTerm),
        ] {
            assert_eq!(term.standing(today), standing, "{term:?}");
        }
    }

    proptest! {
        /// The class by days and the class by due dates are the same class; every late day has exactly one.
        #[test]
        fn classes_by_days_and_by_dates_agree(late in -100_i64..400) {
            let today: NaiveDate = TODAY.parse().unwrap();
            let due = today - chrono::TimeDelta::days(late);
            let by_dates: Vec<_> = AgeClass::VARIANTS
                .iter()
                .filter(|class| { let (from, to) = class.due_between(today); from <= due && due <= to })
                .copied()
                .collect();
            prop_assert_eq!(by_dates, AgeClass::of(late).into_iter().collect::<Vec<_>>());
        }
    }
}
