//! The statistics of questions: of those published in a period, how many were answered within the legal delay.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::deadline::{Standing, Timeliness};
use pli_domain::delay::Clock;
use pli_domain::dossier::{Kind, Outcome, Stage};
use pli_domain::identity::{House, QuestionType};
use pli_domain::ids::UnitId;
use pli_persistence::{Answerable, Asked, NEVER};
use strum::VariantArray;

use crate::{App, Caller, Error, Late, List};

/// By what the questions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum By {
    /// By house.
    House,
    /// By type.
    Type,
    /// By the author's political group.
    Group,
    /// By the direction that answers.
    Direction,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Counted {
    /// Published in the period, and given to us.
    Published,
    /// Of them, answered by their legal term.
    InTime,
    /// Answered after it.
    Late,
    /// Open, and their legal term, when they have one, has not passed.
    Pending,
    /// Open, and it has passed.
    PendingLate,
    /// Answered in the chamber: no legal delay runs.
    InChamber,
    /// Closed without an answer: withdrawn, lapsed, converted, transferred.
    Unanswered,
}

/// What the questions of a row have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Common {
    /// The house.
    House(House),
    /// The type.
    Type(QuestionType),
    /// The group; `None` when it is not known.
    Group(Option<String>),
    /// The direction; `None` for the questions that no unit leads.
    Direction(Option<UnitId>),
}

/// The questions that have something in common, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsRow {
    /// What they have in common; `None` for all together.
    pub key: Option<Common>,
    counts: BTreeMap<Counted, u64>,
    list: List,
    today: NaiveDate,
}

/// The statistics of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// The first day of publication.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
    /// The day on which they are counted.
    pub today: NaiveDate,
    /// A row for each house, type, group or direction.
    pub rows: Vec<StatisticsRow>,
    /// All together.
    pub total: StatisticsRow,
}

impl App {
    /// The statistics of the questions published between two days, both included.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn statistics(
        &self,
        caller: &Caller,
        by: By,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Result<Statistics, Error> {
        let today = self.today();
        let list = List { kind: Some(Kind::Question), received: Some((from, to)), ..List::default() };
        let questions = self.dashboards(caller).await.answerable(&list.filter(caller, today)).await?;
        let mut total = StatisticsRow { key: None, counts: BTreeMap::new(), list: list.clone(), today };
        let mut rows: BTreeMap<Common, StatisticsRow> = BTreeMap::new();
        for question in &questions {
            let key = by.key(question, caller);
            let row = rows.entry(key.clone()).or_insert_with(|| StatisticsRow {
                list: key.narrow(list.clone()),
                key: Some(key),
                counts: BTreeMap::new(),
                today,
            });
            for row in [row, &mut total] {
                row.add(Counted::Published);
                row.add(Counted::of(question, today));
            }
        }
        let mut rows: Vec<_> = rows.into_values().collect();
        let order = caller.organisation.in_order();
        rows.sort_by_key(|row| match row.key {
            Some(Common::Direction(unit)) => order.iter().position(|one| Some(one.id) == unit),
            _ => None,
        });
        Ok(Statistics { from, to, today, rows, total })
    }
}

impl By {
    fn key(self, question: &Answerable, caller: &Caller) -> Common {
        match self {
            Self::House => Common::House(question.identity.house),
            Self::Type => Common::Type(question.identity.kind),
            Self::Group => Common::Group(question.group.clone()),
            Self::Direction => Common::Direction(question.lead.map(|lead| caller.organisation.branch(lead))),
        }
    }
}

impl Common {
    /// The list of what has it in common.
    fn narrow(&self, list: List) -> List {
        let asked = match self {
            Self::Direction(unit) => return List { unit: *unit, unrouted: unit.is_none(), ..list },
            Self::House(house) => Asked { house: Some(*house), ..Asked::default() },
            Self::Type(kind) => Asked { kind: Some(*kind), ..Asked::default() },
            Self::Group(group) => {
                Asked { group: Some(group.clone().unwrap_or_default()), ..Asked::default() }
            }
        };
        List { asked, ..list }
    }
}

impl Counted {
    /// Where a question is counted, beside all that are published.
    fn of(question: &Answerable, today: NaiveDate) -> Self {
        match (question.term.standing(today), question.outcome) {
            (Standing::AnsweredInTime, _) => Self::InTime,
            (Standing::AnsweredLate { .. }, _) => Self::Late,
            (Standing::Late { .. }, _) => Self::PendingLate,
            (_, None) => Self::Pending,
            (_, Some(Outcome::Answered)) => Self::InChamber,
            (_, Some(_)) => Self::Unanswered,
        }
    }
}

impl StatisticsRow {
    fn add(&mut self, figure: Counted) {
        let count = self.counts.entry(figure).or_default();
        *count = count.saturating_add(1);
    }

    /// How many.
    #[must_use]
    pub fn count(&self, figure: Counted) -> u64 {
        self.counts.get(&figure).copied().unwrap_or(0)
    }

    /// The list behind a figure.
    #[must_use]
    pub fn list(&self, figure: Counted) -> List {
        let list = self.list.clone();
        let legal = List { clock: Some(Clock::Legal), ..list.clone() };
        match figure {
            Counted::Published => list,
            Counted::InTime => List { answered: Some(Timeliness::InTime), ..legal },
            Counted::Late => List { answered: Some(Timeliness::Late), ..legal },
            Counted::Pending => List { open: Some(true), due: Some((self.today, NEVER)), ..legal },
            Counted::PendingLate => List { late: Some(Late::Any), ..legal },
            Counted::InChamber => {
                List { stage: Some(Stage::Closed(Outcome::Answered)), due: Some((NEVER, NEVER)), ..legal }
            }
            Counted::Unanswered => List { open: Some(false), unanswered: true, ..list },
        }
    }

    /// The share, in percent and cut down, of those whose legal term has passed or that were answered, that were answered by
    /// it: answered in time ÷ (answered in time + late + pending late).
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let in_time = self.count(Counted::InTime);
        let due = [Counted::Late, Counted::PendingLate].iter().map(|figure| self.count(*figure)).sum::<u64>();
        in_time.saturating_mul(100).checked_div(due.saturating_add(in_time))
    }
}
