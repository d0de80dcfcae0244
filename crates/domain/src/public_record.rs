//! What the public record asks of a question's dossier. Facts that only add apply themselves.

use chrono::NaiveDate;

use crate::dossier::{Command, Discrepancy, Dossier, Outcome, SittingSource, Stage};
use crate::identity::House;
use crate::legislature;

/// How the houses closed a question without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Withdrawn by its author.
    Withdrawn,
    /// The author's mandate ended, or the question lapsed.
    Lapsed,
}

/// What the houses publish of a question's life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicRecord {
    /// When it was signalled.
    pub signalled_on: Option<NaiveDate>,
    /// When it was renewed, each time.
    pub renewed_on: Vec<NaiveDate>,
    /// When the answer was published.
    pub answered_on: Option<NaiveDate>,
    /// When it was closed otherwise.
    pub closed_on: Option<(Closing, NaiveDate)>,
    /// When the published answer was corrected, each time.
    pub corrected_on: Vec<NaiveDate>,
    /// When its author put it again for want of an answer (Sénat).
    pub recalled_on: Option<NaiveDate>,
    /// When a written question was put again as an oral one (Sénat).
    pub converted_on: Option<NaiveDate>,
    /// When it was published.
    pub published_on: Option<NaiveDate>,
    /// When it is put in the chamber.
    pub sitting_on: Option<NaiveDate>,
    /// To whom it was given last, when that is not who had it first.
    pub reattributed: Option<Reattribution>,
}

/// A question given to another ministry than the one that had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattribution {
    /// As the record names it.
    pub ministry: String,
    /// Whether that is ours.
    pub ours: bool,
    /// Since when.
    pub on: NaiveDate,
    /// Whether, on that very day, it passed from ours to another ministry, or the other way.
    pub twice_on_that_day: bool,
}

impl PublicRecord {
    /// The commands that bring the dossier up to the record, in order. None when it is up to date.
    #[must_use]
    pub fn follow(&self, dossier: &Dossier, today: NaiveDate) -> Vec<Command> {
        let Some(facts) = dossier.question() else {
            return Vec::new();
        };
        let mut commands = Vec::new();
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let open = dossier.stage.is_open();
        if open {
            let signalled = self.signalled_on.filter(|_| facts.signalled_on.is_none());
            commands.extend(signalled.map(|on| Command::Signal { on }));
            let renewed = self.renewed_on.iter().skip(count(facts.renewals));
            commands.extend(renewed.map(|on| Command::Renew { on: *on }));
            let recalled = self.recalled_on.filter(|_| facts.recalls == 0);
            commands.extend(recalled.map(|on| Command::RecallNotice { on }));
            commands.extend(self.sitting(dossier));
            commands.extend(self.transfer(dossier).or_else(|| self.close(dossier, today)));
        }
        let answered =
            dossier.stage == Stage::Closed(Outcome::Answered) || (open && self.answered_on.is_some());
        if answered {
            let corrected = self.corrected_on.iter().skip(count(facts.corrections));
            commands.extend(corrected.map(|on| Command::Correct { on: *on }));
        }
        commands
    }

    /// On which points the record contradicts what a person entered. Its silence contradicts nothing: it comes later than
    /// the office, and of some legislatures it tells neither signalments nor renewals.
    #[must_use]
    pub fn contradictions(&self, dossier: &Dossier) -> Vec<Discrepancy> {
        let renewals = u32::try_from(self.renewed_on.len()).unwrap_or(u32::MAX);
        let ending = match (self.answered_on, self.closed_on) {
            (Some(on), _) => Some((Outcome::Answered, on)),
            (None, Some((Closing::Withdrawn, on))) => Some((Outcome::Withdrawn, on)),
            (None, Some((Closing::Lapsed, on))) => Some((Outcome::Lapsed, on)),
            (None, None) => None,
        };
        // Left us and back on one day, when the record tells both; otherwise it has only not followed yet.
        let followed = |moved: &&Reattribution| {
            moved.twice_on_that_day || dossier.closed_on.is_none_or(|gone| gone < moved.on)
        };
        let moved = self.reattributed.as_ref().filter(|moved| !moved.ours || followed(moved));
        let moved = moved.cloned().map(|Reattribution { ministry, ours, on, .. }| {
            if ours { Discrepancy::Returned { on } } else { Discrepancy::Transferred { ministry, on } }
        });
        let said = [
            self.published_on.map(|on| Discrepancy::Publication { on }),
            self.signalled_on.map(|on| Discrepancy::Signalment { on }),
            self.sitting_on.map(|on| Discrepancy::Sitting { on }),
            (renewals > 0).then_some(Discrepancy::Renewals { count: renewals }),
            ending.map(|(outcome, on)| Discrepancy::Ending { outcome, on }),
            moved,
        ];
        said.into_iter().flatten().filter(|point| point.held(dossier).is_some()).collect()
    }

    /// The day of the sitting, unless a person said which.
    fn sitting(&self, dossier: &Dossier) -> Option<Command> {
        let held = dossier.sitting().filter(|held| held.source != SittingSource::Person)?;
        let on = self.sitting_on.filter(|on| *on != held.on)?;
        Some(Command::PlanSitting { on, attendee: String::new() })
    }

    /// The transfer that we asked for, once the record says that it was made.
    fn transfer(&self, dossier: &Dossier) -> Option<Command> {
        dossier.question()?.transfer_to.as_ref()?;
        let gone = self.reattributed.as_ref().filter(|moved| !moved.ours)?;
        Some(Command::AcceptTransfer { on: gone.on })
    }

    /// How the record closes an open question; one left unanswered at the end of its legislature lapses with it.
    fn close(&self, dossier: &Dossier, today: NaiveDate) -> Option<Command> {
        if let Some(on) = self.answered_on {
            return Some(Command::Publish { on });
        }
        let written = dossier.question()?.identity.kind.is_written();
        if let Some(on) = self.converted_on.filter(|_| written) {
            return Some(Command::Convert { on });
        }
        match self.closed_on {
            Some((Closing::Withdrawn, on)) => return Some(Command::Withdraw { on }),
            Some((Closing::Lapsed, on)) => return Some(Command::Lapse { on }),
            None => {}
        }
        let identity = &dossier.question()?.identity;
        let ended =
            (identity.house == House::Assembly).then(|| legislature::ended_on(identity.term)).flatten();
        ended.filter(|end| *end < today).map(|on| Command::Lapse { on })
    }
}
