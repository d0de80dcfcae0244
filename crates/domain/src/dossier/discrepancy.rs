//! Where the public record contradicts what a person entered: it waits for a person, who adopts what is published or
//! dismisses it with a reason.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Command, Dossier, Event, Facts, Outcome, SittingSource, Stage};
use crate::deadline::{Deadline, DeadlineAction, Due};
use crate::delay::{Purpose, code};
use crate::digest::Digest;
use crate::french::French as _;
use crate::machine::Impossible;
use crate::refusal::Refusal;

/// A point on which the record and the dossier differ, with what the record says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "point", rename_all = "snake_case")]
pub enum Discrepancy {
    /// The day on which the question was published, from which its delays run.
    Publication {
        /// The record's.
        on: NaiveDate,
    },
    /// The day on which it was signalled.
    Signalment {
        /// The record's.
        on: NaiveDate,
    },
    /// The day of the sitting in which it is put.
    Sitting {
        /// The record's.
        on: NaiveDate,
    },
    /// How often it was renewed.
    Renewals {
        /// As many as the record names.
        count: u32,
    },
    /// How and when it ended.
    Ending {
        /// Answered, withdrawn or lapsed.
        outcome: Outcome,
        /// When.
        on: NaiveDate,
    },
    /// It is another ministry's, and nobody here asked for that.
    Transferred {
        /// As the record names it.
        ministry: String,
        /// Since when.
        on: NaiveDate,
    },
    /// It is ours again after its transfer.
    Returned {
        /// Since when.
        on: NaiveDate,
    },
}

/// What the dossier holds on the point of a discrepancy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// A day.
    Day(NaiveDate),
    /// A number of renewals.
    Count(u32),
    /// That it is still to be dealt with.
    Open,
    /// How and when it ended.
    Ended(Outcome, NaiveDate),
}

impl Discrepancy {
    /// What the dossier holds on this point; `None` when it does not contradict the record, or no longer.
    #[must_use]
    pub fn held(&self, dossier: &Dossier) -> Option<Held> {
        let facts = dossier.question()?;
        let ended = match (dossier.stage, dossier.closed_on) {
            (Stage::Closed(outcome), Some(on)) => Some((outcome, on)),
            _ => None,
        };
        match self {
            Self::Publication { on } => {
                (dossier.received_on != *on).then_some(Held::Day(dossier.received_on))
            }
            Self::Signalment { on } => facts.signalled_on.filter(|held| held != on).map(Held::Day),
            Self::Sitting { on } => {
                let said = facts.sitting.as_ref().filter(|_| dossier.stage.is_open());
                let said = said.filter(|said| said.source == SittingSource::Person && said.on != *on);
                said.map(|said| Held::Day(said.on))
            }
            Self::Renewals { count } => (facts.renewals > *count).then_some(Held::Count(facts.renewals)),
            // What became another ministry's, or an oral question, ends there as it may.
            Self::Ending { outcome, on } => ended
                .filter(|_| matches!(outcome, Outcome::Answered | Outcome::Withdrawn | Outcome::Lapsed))
                .filter(|(how, _)| !matches!(how, Outcome::Transferred | Outcome::Converted))
                .filter(|held| *held != (*outcome, *on))
                .map(|(how, when)| Held::Ended(how, when)),
            Self::Transferred { .. } => dossier.stage.is_open().then_some(Held::Open),
            Self::Returned { on } => {
                let gone = ended.filter(|(how, when)| *how == Outcome::Transferred && when <= on);
                gone.map(|(how, when)| Held::Ended(how, when))
            }
        }
    }

    /// What it is about, in French.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Publication { .. } => "Date de publication",
            Self::Signalment { .. } => "Date du signalement",
            Self::Sitting { .. } => "Date de la séance",
            Self::Renewals { .. } => "Renouvellements",
            Self::Ending { .. } => "Issue de la question",
            Self::Transferred { .. } | Self::Returned { .. } => "Ministère attributaire",
        }
    }

    /// What the record says, in French.
    #[must_use]
    pub fn published(&self) -> String {
        match self {
            Self::Publication { on } | Self::Signalment { on } | Self::Sitting { on } => {
                Held::Day(*on).french()
            }
            Self::Renewals { count } => Held::Count(*count).french(),
            Self::Ending { outcome, on } => Held::Ended(*outcome, *on).french(),
            Self::Transferred { ministry, on } => format!("{ministry}, depuis le {}", date(*on)),
            Self::Returned { on } => format!("de nouveau le nôtre, depuis le {}", date(*on)),
        }
    }

    /// Where the dossier stands once the record is adopted; `None` when it stays where it is.
    #[must_use]
    pub fn moves_to(&self, stage: Stage) -> Option<Stage> {
        let target = match self {
            Self::Ending { outcome, .. } => Stage::Closed(*outcome),
            Self::Transferred { .. } => Stage::Closed(Outcome::Transferred),
            Self::Returned { .. } => Stage::Received,
            Self::Publication { .. }
            | Self::Signalment { .. }
            | Self::Sitting { .. }
            | Self::Renewals { .. } => return None,
        };
        (target != stage).then_some(target)
    }

    /// The command that adopts the record on this point.
    #[must_use]
    pub fn adopt(self, stage: Stage) -> Command {
        if self.moves_to(stage).is_some() {
            Command::Realign { discrepancy: self }
        } else {
            Command::Rectify { discrepancy: self }
        }
    }
}

impl Held {
    /// In French: « le 08/09/2026 », « Retirée le 01/10/2026 ».
    #[must_use]
    pub fn french(self) -> String {
        match self {
            Self::Day(on) => format!("le {}", date(on)),
            Self::Count(count) => count.to_string(),
            Self::Open => "question en cours chez nous".to_owned(),
            Self::Ended(outcome, on) => format!("{} le {}", outcome.french(), date(on)),
        }
    }
}

impl Dossier {
    /// What adopting or dismissing what is published would do; `None` for commands that are about something else.
    pub(super) fn decide_discrepancy(
        &self,
        command: &Command,
        note: Option<&Digest>,
        facts: &Facts<'_>,
    ) -> Option<Result<Event, Refusal>> {
        let (Command::Rectify { discrepancy }
        | Command::Realign { discrepancy }
        | Command::Dismiss { discrepancy, .. }) = command
        else {
            return None;
        };
        if discrepancy.held(self).is_none() {
            return Some(Err(Refusal::NoDiscrepancy));
        }
        let discrepancy = discrepancy.clone();
        let moves = discrepancy.moves_to(self.stage).is_some();
        Some(match command {
            Command::Dismiss { .. } => Ok(Event::Dismissed { discrepancy, note: note.cloned() }),
            Command::Rectify { .. } if !moves => {
                self.recounted(&discrepancy, facts).map(|due| Event::Rectified { discrepancy, due })
            }
            Command::Realign { .. } if moves => Ok(Event::Realigned { discrepancy }),
            other => Err(Refusal::WrongStage { action: other.action(), stage: self.stage }),
        })
    }

    /// The deadlines that run from a day which the record corrects, counted anew by the rules of that day.
    fn recounted(&self, discrepancy: &Discrepancy, facts: &Facts<'_>) -> Result<Vec<Due>, Refusal> {
        let recount = |deadline: &Deadline, on| {
            facts.delays.due(&deadline.due.rule, on).ok_or(Refusal::DateOutOfRange { field: "on" })
        };
        let signalled = |deadline: &&Deadline| deadline.due.rule == code::AN_QE_SIGNALLED;
        match discrepancy {
            Discrepancy::Publication { on } => {
                // What is due for a sitting runs from that, once its day is known.
                let known = self.question().is_some_and(|facts| !facts.sitting_is_supposed());
                let of_sitting = |one: &Deadline| known && one.due.purpose == Purpose::Brief;
                let moved = self.deadlines.iter().filter(|one| !signalled(one) && !of_sitting(one));
                moved.map(|deadline| recount(deadline, *on)).collect()
            }
            Discrepancy::Signalment { on } => {
                self.deadlines.iter().filter(signalled).map(|deadline| recount(deadline, *on)).collect()
            }
            Discrepancy::Sitting { on } => self.briefs_for(*on, facts),
            _ => Ok(Vec::new()),
        }
    }

    /// Takes a corrected day, number or date of ending as the dossier's own.
    pub(super) fn rectify(&mut self, discrepancy: &Discrepancy, due: &[Due]) -> Result<(), Impossible> {
        match discrepancy {
            Discrepancy::Publication { on } => {
                self.received_on = *on;
                // A sitting of which nobody has said the day is taken for that day.
                if let Some(facts) = self.question_mut().filter(|facts| facts.sitting_is_supposed()) {
                    facts.move_sitting(*on, SittingSource::Supposed);
                }
            }
            Discrepancy::Sitting { on } => {
                if let Some(facts) = self.question_mut() {
                    facts.move_sitting(*on, SittingSource::Record);
                }
            }
            Discrepancy::Signalment { on } => {
                if let Some(facts) = self.question_mut() {
                    facts.signalled_on = Some(*on);
                }
            }
            Discrepancy::Renewals { count } => {
                if let Some(facts) = self.question_mut() {
                    facts.renewals = *count;
                }
            }
            Discrepancy::Ending { on, .. } => self.closed_on = Some(*on),
            Discrepancy::Transferred { .. } | Discrepancy::Returned { .. } => {}
        }
        self.count_again(due);
        self.judge_again()
    }

    /// Whether an answer that was given came in time depends on days that have just been corrected.
    fn judge_again(&mut self) -> Result<(), Impossible> {
        let (Stage::Closed(Outcome::Answered), Some(on)) = (self.stage, self.closed_on) else {
            return Ok(());
        };
        let answers = self.deadlines.iter_mut().filter(|deadline| deadline.due.purpose == Purpose::Answer);
        for deadline in answers.filter(|deadline| deadline.can(DeadlineAction::Restore)) {
            deadline.evolve(DeadlineAction::Restore)?;
            let action = deadline.done(on);
            deadline.evolve(action)?;
        }
        Ok(())
    }

    /// Follows the record to another end, or back to the office.
    pub(super) fn realign(&mut self, discrepancy: &Discrepancy) -> Result<(), Impossible> {
        if let Some(facts) = self.question_mut() {
            facts.transfer_to = None;
        }
        self.restore(|_| true)?;
        if let (Discrepancy::Ending { on, .. } | Discrepancy::Transferred { on, .. }, Stage::Closed(how)) =
            (discrepancy, self.stage)
        {
            return self.close(how, *on);
        }
        self.closed_on = None;
        self.signed_by = None;
        self.lead = None;
        self.withdraw_all()
    }
}

fn date(on: NaiveDate) -> String {
    on.format("%d/%m/%Y").to_string()
}
