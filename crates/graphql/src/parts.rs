//! What a dossier is made of: the parts of units, deadlines, the draft, a refusal, how it stands with its term.

use async_graphql::{Context, Object, SimpleObject};
use chrono::NaiveDate;
use pli_domain::deadline::Term;
use pli_domain::delay;
use pli_domain::dossier as domain;
use pli_domain::ids::DossierId;

use crate::enums::{AgeClass, AssignmentStage, Clock, DeadlineStage, DeclineReason, Part};
use crate::error::Result;
use crate::loaders::Loaders;
use crate::organisation::Unit;

/// A unit's part in a dossier.
pub(crate) struct Assignment(pub(crate) pli_domain::assignment::Assignment);

/// A unit's part in a dossier.
#[Object]
impl Assignment {
    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        Unit::find(ctx, self.0.unit)
    }

    /// What it is asked.
    async fn part(&self) -> Part {
        self.0.part.into()
    }

    /// Where it stands.
    async fn stage(&self) -> AssignmentStage {
        self.0.stage.into()
    }

    /// The day it was asked.
    async fn since(&self) -> NaiveDate {
        self.0.since
    }
}

/// A date by which something must be done.
pub(crate) struct Deadline(pub(crate) pli_domain::deadline::Deadline);

/// A date by which something must be done, and why.
#[Object]
impl Deadline {
    /// Code of the delay rule.
    async fn rule(&self) -> &str {
        &self.0.due.rule
    }

    /// The rule's name, in French.
    async fn label(&self) -> Option<&'static str> {
        delay::by_code(&self.0.due.rule).map(|rule| rule.label)
    }

    /// The text that the rule comes from.
    async fn source(&self) -> Option<&'static str> {
        delay::by_code(&self.0.due.rule).map(|rule| rule.source)
    }

    /// The clock it runs on.
    async fn clock(&self) -> Clock {
        self.0.due.clock.into()
    }

    /// The date of the event that started it.
    async fn start_on(&self) -> NaiveDate {
        self.0.due.start_on
    }

    /// The last day to act.
    async fn due_on(&self) -> NaiveDate {
        self.0.due.due_on
    }

    /// Why that day: the rule, the event that started it, the count, each day skipped, in French sentences.
    async fn explanation(&self) -> Vec<String> {
        self.0.due.explanation()
    }

    /// Where it stands.
    async fn stage(&self) -> DeadlineStage {
        self.0.stage.into()
    }
}

/// How a dossier stands with its term, today.
#[derive(SimpleObject)]
pub(crate) struct Standing {
    /// Whether it is open and past its term.
    late: bool,
    /// Days left on an open dossier, 0 on the last day; negative once late; null when nothing is due.
    days_left: Option<i64>,
    /// Days between the term and the answer of a dossier answered too late.
    answered_late_by: Option<i64>,
    /// How old the lateness is.
    age_class: Option<AgeClass>,
    /// The same, said in French.
    text: String,
}

impl Standing {
    pub(crate) fn new(term: Term, today: NaiveDate) -> Self {
        use pli_domain::deadline::Standing as Domain;
        let standing = term.standing(today);
        let late_by = match standing {
            Domain::Late { by } => Some(by),
            _ => None,
        };
        Self {
            late: late_by.is_some(),
            days_left: match standing {
                Domain::OnTime { left } => Some(left),
                Domain::Late { by } => Some(-by),
                _ => None,
            },
            answered_late_by: match standing {
                Domain::AnsweredLate { by } => Some(by),
                _ => None,
            },
            age_class: late_by.and_then(pli_domain::deadline::AgeClass::of).map(AgeClass::from),
            text: standing.french(),
        }
    }
}

/// The current version of the answer.
pub(crate) struct Draft {
    pub(crate) dossier: DossierId,
    pub(crate) draft: domain::Draft,
}

/// The current version of the answer.
#[Object]
impl Draft {
    /// Its number, from 1.
    async fn version(&self) -> u32 {
        self.draft.version
    }

    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Loaders::name(ctx, self.draft.author).await
    }

    /// The text.
    async fn text(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Loaders::draft(ctx, self.dossier, self.draft.version).await
    }

    /// SHA-256 of the text, as the journal keeps it.
    async fn digest(&self) -> &str {
        self.draft.text.as_str()
    }
}

/// A unit's refusal that the cabinet has not dealt with.
pub(crate) struct Declined(pub(crate) domain::Declined);

/// A unit's refusal that the cabinet has not dealt with.
#[Object]
impl Declined {
    /// The unit that declined.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        Unit::find(ctx, self.0.by)
    }

    /// Why.
    async fn reason(&self) -> DeclineReason {
        self.0.reason.into()
    }

    /// The unit to which it should go, when the one that declined knows.
    async fn proposed(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        match self.0.proposed {
            Some(unit) => Unit::find(ctx, unit),
            None => Ok(None),
        }
    }
}
