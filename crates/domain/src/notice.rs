//! What *Réponses* tells of a question's life, one change at a time, and what it asks of the question's dossier.

use chrono::{NaiveDate, TimeDelta};

use crate::dossier::{Command, Dossier};

/// A change of a question's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Signalled by the president of a group.
    Signalled,
    /// Renewed by its author.
    Renewed,
    /// Answered.
    Answered,
    /// Withdrawn by its author.
    Withdrawn,
    /// Lapsed, or closed for a reason that is not said.
    Lapsed,
}

/// That a question has changed on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How.
    pub change: Change,
    /// When.
    pub on: NaiveDate,
}

/// The houses' record and *Réponses* date the same renewal some days apart; an author renews after months.
const SAME_RENEWAL: TimeDelta = TimeDelta::days(30);

impl Notice {
    /// The command that brings the dossier up to it; `None` when it says nothing new. `renewed_on` are the renewals that are
    /// known already.
    ///
    /// That a written question is answered says that its answer has left, not in which Journal officiel it stands: the
    /// houses' own record closes it, with the date that counts. What is answered in the chamber is answered that day.
    #[must_use]
    pub fn follow(self, dossier: &Dossier, renewed_on: &[NaiveDate]) -> Option<Command> {
        let facts = dossier.question().filter(|_| dossier.stage.is_open())?;
        let on = self.on;
        match self.change {
            Change::Signalled => facts.signalled_on.is_none().then_some(Command::Signal { on }),
            Change::Renewed => {
                let known = renewed_on.iter().any(|day| (*day - on).abs() < SAME_RENEWAL);
                (!known).then_some(Command::Renew { on })
            }
            Change::Answered => (!facts.identity.kind.is_written()).then_some(Command::Publish { on }),
            Change::Withdrawn => Some(Command::Withdraw { on }),
            Change::Lapsed => Some(Command::Lapse { on }),
        }
    }
}
