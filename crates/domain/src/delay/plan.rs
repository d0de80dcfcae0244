//! Back-planning: from the date on which a dossier is due, the latest date of each stage that remains.
//!
//! The dates are computed, never stored: a rule that changes moves them all, and the list of what is at risk asks the
//! database for due dates that the same function gives ([`Delays::risk_until`]).

use chrono::{Days, NaiveDate};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{Delays, gazette};
use crate::deadline::Standing;
use crate::dossier::{Body, Dossier, Stage};
use crate::identity::{House, QuestionType};

/// Which stages a dossier goes through, by which dates.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Plan {
    /// A letter.
    Mail,
    /// A written question of the Assemblée nationale: counted from its last useful Journal officiel.
    AssemblyWritten,
    /// A written question of the Sénat: the same.
    SenateWritten,
    /// A question answered in the chamber, known some days before.
    Oral,
    /// A question to the Government, known on the very day.
    Government,
}

/// What must be done by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Milestone {
    /// A unit has taken it.
    Accept,
    /// The draft is submitted.
    Draft,
    /// The draft is approved.
    Approve,
    /// The answer is signed.
    Sign,
    /// The answer has left, or is with the SGG.
    Send,
}

/// A milestone that remains, and its latest date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// What.
    pub milestone: Milestone,
    /// The last day for it.
    pub on: NaiveDate,
}

/// How far ahead a dossier can be at risk: no stage is counted further back than a rule may reach.
const HORIZON: Days = Days::new(4_000);

impl Plan {
    /// The plan of a dossier.
    #[must_use]
    pub fn of(body: &Body) -> Self {
        match body {
            Body::Mail(_) => Self::Mail,
            Body::Question(facts) => match (facts.identity.kind, facts.identity.house) {
                (QuestionType::Qe, House::Assembly) => Self::AssemblyWritten,
                (QuestionType::Qe, House::Senate) => Self::SenateWritten,
                (QuestionType::Qosd | QuestionType::Qoad | QuestionType::Qoae, _) => Self::Oral,
                (QuestionType::Qg | QuestionType::Qc, _) => Self::Government,
            },
        }
    }

    /// The house whose Journal officiel the answer must catch.
    fn gazette(self) -> Option<House> {
        match self {
            Self::AssemblyWritten => Some(House::Assembly),
            Self::SenateWritten => Some(House::Senate),
            _ => None,
        }
    }

    /// The code of the rule of a milestone; none for questions to the Government.
    #[must_use]
    pub fn rule(self, milestone: Milestone) -> Option<String> {
        let plan = match self {
            Self::Mail => "mail",
            Self::AssemblyWritten | Self::SenateWritten => "qe",
            Self::Oral => "qo",
            Self::Government => return None,
        };
        Some(format!("{plan}-{}", <&str>::from(milestone)))
    }
}

impl Stage {
    /// What must be done next; `None` when nothing is to be done by us.
    #[must_use]
    pub fn milestone(self) -> Option<Milestone> {
        match self {
            Self::Registered | Self::Received | Self::Routed => Some(Milestone::Accept),
            Self::Drafting => Some(Milestone::Draft),
            Self::Review => Some(Milestone::Approve),
            Self::Signature => Some(Milestone::Sign),
            Self::Outgoing | Self::Ready => Some(Milestone::Send),
            Self::Transmitted | Self::Closed(_) => None,
        }
    }
}

impl Delays {
    /// The latest date of a milestone of a dossier due on that day. It never goes back when the due date goes forward.
    #[must_use]
    pub fn latest(&self, plan: Plan, milestone: Milestone, due_on: NaiveDate) -> NaiveDate {
        let term = plan.gazette().and_then(|house| gazette::last_issue(house, due_on, &self.calendar));
        let term = term.unwrap_or(due_on);
        // Stages are counted by the rule of today: they are the house's own rhythm, not a promise made at the start.
        let rule = plan.rule(milestone).and_then(|code| self.rules.latest(&code));
        rule.and_then(|rule| rule.due_on(term, &self.calendar)).unwrap_or(term)
    }

    /// The last due date of the dossiers that are at risk today at a milestone: those due up to then are, later ones are
    /// not.
    #[must_use]
    pub fn risk_until(&self, plan: Plan, milestone: Milestone, today: NaiveDate) -> NaiveDate {
        let missed = |due_on| self.latest(plan, milestone, due_on) < today;
        // `latest` never goes back, so the border is found by halving.
        let (mut missed_on, mut kept_on) = (today.pred_opt().unwrap_or(today), today + HORIZON);
        while (kept_on - missed_on).num_days() > 1 {
            let middle = missed_on + chrono::TimeDelta::days((kept_on - missed_on).num_days() / 2);
            if missed(middle) { missed_on = middle } else { kept_on = middle }
        }
        missed_on
    }
}

impl Dossier {
    /// What remains to be done, from now on, each with its latest date. Empty when nothing is due.
    #[must_use]
    pub fn targets(&self, delays: &Delays) -> Vec<Target> {
        let (Some(next), Some(due_on), true) = (self.stage.milestone(), self.due_on(), self.stage.is_open())
        else {
            return Vec::new();
        };
        let plan = Plan::of(&self.body);
        let remaining = Milestone::VARIANTS.iter().copied().filter(|milestone| *milestone >= next);
        let target = |milestone| Target { milestone, on: delays.latest(plan, milestone, due_on) };
        remaining.map(target).collect()
    }

    /// Whether it is not late yet, but the latest date of its present stage has passed.
    #[must_use]
    pub fn is_at_risk(&self, delays: &Delays, today: NaiveDate) -> bool {
        matches!(self.term().standing(today), Standing::OnTime { .. })
            && self.targets(delays).first().is_some_and(|target| target.on < today)
    }
}
