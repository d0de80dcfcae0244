//! What a dossier is made of: the parts of units, deadlines, the draft, a refusal, how it stands with its term.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use pli_app::{Attached, Sheet};
use pli_domain::actor::Who;
use pli_domain::deadline::Term;
use pli_domain::delay;
use pli_domain::dossier as domain;
use pli_domain::ids::DossierId;

use crate::enums::{
    AgeClass, AssignmentStage, Clock, DeadlineStage, DeclineReason, Milestone, Part, Purpose,
};
use crate::error::Result;
use crate::ids::{app, caller};
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
pub(crate) struct Deadline {
    sheet: Arc<Sheet>,
    index: usize,
    own: pli_domain::deadline::Deadline,
}

impl Deadline {
    /// Those of a dossier.
    pub(crate) fn all(sheet: &Sheet) -> Vec<Self> {
        let sheet = Arc::new(sheet.clone());
        let deadlines = sheet.dossier.deadlines.iter().cloned().enumerate();
        deadlines.map(|(index, own)| Self { sheet: Arc::clone(&sheet), index, own }).collect()
    }

    fn rule_of(&self, ctx: &Context<'_>) -> Result<Option<pli_domain::delay::DelayRule>> {
        Ok(caller(ctx)?.delays.rule_of(&self.own.due).cloned())
    }
}

/// A date by which something must be done, and why.
#[Object]
impl Deadline {
    /// Code of the delay rule.
    async fn rule(&self) -> &str {
        &self.own.due.rule
    }

    /// The rule's name, in French.
    async fn label(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.rule_of(ctx)?.map(|rule| rule.label))
    }

    /// The text that the rule comes from.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.rule_of(ctx)?.map(|rule| rule.source))
    }

    /// The clock it runs on.
    async fn clock(&self) -> Clock {
        self.own.due.clock.into()
    }

    /// What is due.
    async fn purpose(&self) -> Purpose {
        self.own.due.purpose.into()
    }

    /// The date of the event that started it.
    async fn start_on(&self) -> NaiveDate {
        self.own.due.start_on
    }

    /// The last day to act, suspensions and extensions counted.
    async fn due_on(&self) -> NaiveDate {
        self.own.due_on()
    }

    /// The last day to act as it was counted at the start.
    async fn first_due_on(&self) -> NaiveDate {
        self.own.due.due_on
    }

    /// The new last day that was asked for, while it awaits a decision.
    async fn requested_until(&self) -> Option<NaiveDate> {
        self.own.pending().map(|(until, _)| until)
    }

    /// Why that day: the rule, the event that started it, the count, each day skipped, who stopped or lengthened it and why,
    /// in French sentences.
    #[graphql(complexity = "5")]
    async fn explanation(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let mut all = app(ctx)?.explanations(caller(ctx)?, &self.sheet).await?;
        Ok(all.get_mut(self.index).map(std::mem::take).unwrap_or_default())
    }

    /// Where it stands.
    async fn stage(&self) -> DeadlineStage {
        self.own.stage.into()
    }
}

/// By when a dossier is due, and how it stands.
pub(crate) struct DossierDeadline(pub(crate) Sheet);

/// By when a dossier is due on each clock, how it stands, and the latest date of each stage that remains.
#[Object]
impl DossierDeadline {
    /// The date by which it is or was due: the legal one when a text sets it, else the internal one.
    async fn due_on(&self) -> Option<NaiveDate> {
        self.0.dossier.due_on()
    }

    /// The date that a text sets.
    async fn legal_due_on(&self) -> Option<NaiveDate> {
        self.0.dossier.clock_due_on(delay::Clock::Legal)
    }

    /// The date that the house sets for itself.
    async fn internal_due_on(&self) -> Option<NaiveDate> {
        self.0.dossier.clock_due_on(delay::Clock::Internal)
    }

    /// The date by which an acknowledgement of receipt is to be sent.
    async fn acknowledge_by(&self) -> Option<NaiveDate> {
        self.0.dossier.acknowledge_by()
    }

    /// How it stands with `dueOn`, today.
    async fn standing(&self, ctx: &Context<'_>) -> Result<Standing> {
        Ok(Standing::new(self.0.dossier.term(), app(ctx)?.today()))
    }

    /// How it stands with one clock, today.
    async fn standing_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clock.")] clock: Clock,
    ) -> Result<Standing> {
        Ok(Standing::new(self.0.dossier.clock_term(clock.into()), app(ctx)?.today()))
    }

    /// Whether it is not late yet, but the latest date of its present stage has passed.
    async fn at_risk(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.0.dossier.is_at_risk(&caller(ctx)?.delays, app(ctx)?.today()))
    }

    /// What remains to be done, from now on, each with its latest date.
    async fn targets(&self, ctx: &Context<'_>) -> Result<Vec<Target>> {
        let targets = self.0.dossier.targets(&caller(ctx)?.delays);
        Ok(targets
            .into_iter()
            .map(|target| Target { milestone: target.milestone.into(), on: target.on })
            .collect())
    }

    /// Why `dueOn`, in French sentences.
    #[graphql(complexity = "5")]
    async fn explanation(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let due_on = self.0.dossier.due_on();
        let told = app(ctx)?.explanations(caller(ctx)?, &self.0).await?;
        let all = self.0.dossier.deadlines.iter().zip(told);
        let first = all.filter(|(deadline, _)| Some(deadline.due_on()) == due_on);
        Ok(first.flat_map(|(_, told)| told).collect())
    }
}

/// A stage that remains, and its latest date.
#[derive(SimpleObject)]
pub(crate) struct Target {
    /// What.
    milestone: Milestone,
    /// The last day for it.
    on: NaiveDate,
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

/// A document of a dossier.
pub(crate) struct Attachment {
    pub(crate) reference: String,
    pub(crate) attached: Attached,
}

/// A document of a dossier: a scan, a signed answer.
#[Object]
impl Attachment {
    /// SHA-256 of its bytes, in hexadecimal: the same document has the same everywhere.
    async fn digest(&self) -> &str {
        self.attached.attachment.file.as_str()
    }

    /// Its name, while it is kept.
    async fn name(&self) -> Option<&str> {
        self.attached.name.as_deref()
    }

    /// What it is, as `application/pdf`: told by what it holds, not by its name.
    async fn media_type(&self) -> &'static str {
        self.attached.attachment.media.mime()
    }

    /// How long it is, in bytes.
    async fn bytes(&self) -> u32 {
        self.attached.attachment.bytes
    }

    /// When it was joined.
    async fn at(&self) -> DateTime<Utc> {
        self.attached.at.instant()
    }

    /// Who joined it: a person's name.
    async fn by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match self.attached.who {
            Who::User(id) => Loaders::name(ctx, id).await,
            Who::System(_) => Ok(None),
        }
    }

    /// The page that gives it, to whoever is signed in and may see the dossier.
    async fn url(&self) -> String {
        format!("/dossiers/{}/documents/{}", self.reference, self.attached.attachment.file)
    }
}

/// A version of the answer.
pub(crate) struct DraftVersion {
    pub(crate) dossier: DossierId,
    pub(crate) version: pli_app::DraftVersion,
}

/// A version of the answer: each is kept.
#[Object]
impl DraftVersion {
    /// Its number, from 1.
    async fn version(&self) -> u32 {
        self.version.version
    }

    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Loaders::name(ctx, self.version.author).await
    }

    /// When it was kept.
    async fn at(&self) -> DateTime<Utc> {
        self.version.at.instant()
    }

    /// The text.
    async fn text(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Loaders::draft(ctx, self.dossier, self.version.version).await
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
