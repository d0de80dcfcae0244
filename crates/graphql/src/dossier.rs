//! Dossiers: letters and questions, and what they share.

use async_graphql::{Context, ID, Interface, Object};
use chrono::{DateTime, NaiveDate, Utc};
use pli_app::Sheet;
use pli_domain::dossier::{Body, MailFacts, QuestionFacts};

use crate::agenda::Sitting;
use crate::batches::{Batch, NearQuestion};
use crate::compartments::Compartment;
use crate::enums::{self, Action, Category, Channel, House, Kind, Outcome, QuestionType};
use crate::error::Result;
use crate::ids::{app, caller};
use crate::journal::JournalEntry;
use crate::lists::{Connection, Edge, draft_versions_page, journal_page};
use crate::loaders::Loaders;
use crate::members::Member;
use crate::organisation::Unit;
use crate::parts::{
    Assignment, Attachment, Deadline, Declined, DossierDeadline, Draft, DraftVersion, Standing,
};
use crate::proof::Proof;
use crate::published::PublishedQuestion;

/// A letter.
pub(crate) struct Mail {
    sheet: Sheet,
    facts: MailFacts,
}

/// A question.
pub(crate) struct Question {
    sheet: Sheet,
    facts: QuestionFacts,
}

/// Anything with a deadline that the cabinet follows: a letter or a question. Each has `attachments`, a `journal`, a `proof` and
/// `draftVersions` too;
/// they are not here, since a list is weighed by the type it is asked of, and an interface weighs nothing.
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Its global identifier."),
    field(name = "kind", ty = "Kind", desc = "Letter or question."),
    field(
        name = "reference",
        ty = "&str",
        desc = "The name people use: a chrono, or a question's identity."
    ),
    field(name = "subject", ty = "&str", desc = "What it is about."),
    field(name = "stage", ty = "enums::Stage", desc = "Where it stands."),
    field(name = "outcome", ty = "Option<Outcome>", desc = "How it closed; null while it is open."),
    field(name = "received_on", ty = "NaiveDate", desc = "Receipt of a letter, publication of a question."),
    field(name = "closed_on", ty = "Option<NaiveDate>", desc = "The day it closed."),
    field(
        name = "due_on",
        ty = "Option<NaiveDate>",
        desc = "The first date by which something is or was due."
    ),
    field(
        name = "deadline",
        ty = "DossierDeadline",
        desc = "By when it is due on each clock, how it stands, and the latest date of each stage that remains."
    ),
    field(name = "standing", ty = "Result<Standing>", desc = "Whether it is late, today."),
    field(name = "lead", ty = "Result<Option<Unit>>", desc = "The lead unit, once routed."),
    field(name = "assignments", ty = "Vec<Assignment>", desc = "The units that have, or had, a part."),
    field(name = "deadlines", ty = "Vec<Deadline>", desc = "Its deadlines."),
    field(name = "draft", ty = "Option<Draft>", desc = "The current version of the answer."),
    field(
        name = "compartment",
        ty = "Result<Option<Compartment>>",
        desc = "The compartment to which it is reserved; null when it is not."
    ),
    field(
        name = "declined",
        ty = "Option<Declined>",
        desc = "A refusal that the cabinet has not dealt with."
    ),
    field(
        name = "allowed_actions",
        ty = "Result<Vec<Action>>",
        desc = "What the person who asks may do now."
    ),
    field(
        name = "version",
        ty = "u32",
        desc = "How many acts were accepted: send it back to act on what you saw."
    ),
    field(name = "created_at", ty = "DateTime<Utc>", desc = "When it was made."),
    field(name = "updated_at", ty = "DateTime<Utc>", desc = "When it last changed.")
)]
pub(crate) enum Dossier {
    Mail(Mail),
    Question(Question),
}

impl From<Sheet> for Dossier {
    fn from(sheet: Sheet) -> Self {
        match sheet.dossier.body.clone() {
            Body::Mail(facts) => Self::Mail(Mail { sheet, facts }),
            Body::Question(facts) => Self::Question(Question { sheet, facts }),
        }
    }
}

impl Question {
    /// The question of a sheet; `None` when it is a letter's.
    pub(crate) fn of(sheet: Sheet) -> Option<Self> {
        let facts = sheet.dossier.question()?.clone();
        Some(Self { sheet, facts })
    }
}

/// An object with the fields of [`Dossier`] and its own.
macro_rules! dossier {
    ($(#[$doc:meta])* $name:ident, $kind:literal, { $($own:tt)* }) => {
        $(#[$doc])*
        #[Object]
        impl $name {
            /// Its global identifier.
            async fn id(&self) -> ID {
                ID(format!(concat!($kind, ":{}"), self.sheet.dossier.id))
            }

            /// Letter or question.
            async fn kind(&self) -> Kind {
                self.sheet.dossier.kind().into()
            }

            /// The name people use: a chrono for a letter, the identity of a question.
            async fn reference(&self) -> &str {
                &self.sheet.dossier.reference
            }

            /// What it is about.
            async fn subject(&self) -> &str {
                &self.sheet.subject
            }

            /// Where it stands.
            async fn stage(&self) -> enums::Stage {
                self.sheet.dossier.stage.into()
            }

            /// How it closed; null while it is open.
            async fn outcome(&self) -> Option<Outcome> {
                self.sheet.dossier.stage.outcome().map(Outcome::from)
            }

            /// The date its clocks start from: receipt of a letter, publication of a question.
            async fn received_on(&self) -> NaiveDate {
                self.sheet.dossier.received_on
            }

            /// The day it closed.
            async fn closed_on(&self) -> Option<NaiveDate> {
                self.sheet.dossier.closed_on
            }

            /// The first date by which something is or was due.
            async fn due_on(&self) -> Option<NaiveDate> {
                self.sheet.dossier.due_on()
            }

            /// By when it is due on each clock, how it stands, and the latest date of each stage that remains.
            async fn deadline(&self) -> DossierDeadline {
                DossierDeadline(self.sheet.clone())
            }

            /// Whether it is late, today.
            async fn standing(&self, ctx: &Context<'_>) -> Result<Standing> {
                Ok(Standing::new(self.sheet.dossier.term(), app(ctx)?.today()))
            }

            /// The lead unit, once routed.
            async fn lead(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
                match self.sheet.dossier.lead {
                    Some(lead) => Unit::find(ctx, lead),
                    None => Ok(None),
                }
            }

            /// The units that have, or had, a part.
            async fn assignments(&self) -> Vec<Assignment> {
                self.sheet.dossier.assignments.iter().cloned().map(Assignment).collect()
            }

            /// Its deadlines.
            async fn deadlines(&self) -> Vec<Deadline> {
                Deadline::all(&self.sheet)
            }

            /// The current version of the answer.
            async fn draft(&self) -> Option<Draft> {
                let dossier = self.sheet.dossier.id;
                self.sheet.dossier.draft.clone().map(|draft| Draft { dossier, draft })
            }

            /// The compartment to which it is reserved; null when it is not.
            async fn compartment(&self, ctx: &Context<'_>) -> Result<Option<Compartment>> {
                match self.sheet.dossier.reserved {
                    Some(compartment) => Ok(Loaders::compartment(ctx, compartment).await?.map(Compartment)),
                    None => Ok(None),
                }
            }

            /// A refusal that the cabinet has not dealt with.
            async fn declined(&self) -> Option<Declined> {
                self.sheet.dossier.declined.clone().map(Declined)
            }

            /// What the person who asks may do now.
            async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<Action>> {
                let caller = caller(ctx)?;
                let allowed = self.sheet.dossier.allowed(&caller.actor, &caller.organisation);
                Ok(allowed.into_iter().map(Action::from).collect())
            }

            /// How many acts were accepted on it: send it back with a command to act on what you saw.
            async fn version(&self) -> u32 {
                self.sheet.version
            }

            /// When it was made.
            async fn created_at(&self) -> DateTime<Utc> {
                self.sheet.created_at.instant()
            }

            /// When it last changed.
            async fn updated_at(&self) -> DateTime<Utc> {
                self.sheet.updated_at.instant()
            }

            /// What happened to it, oldest first: who did what, when, from which stage to which.
            #[graphql(complexity = "50 + usize::from(first) * child_complexity")]
            async fn journal(
                &self,
                ctx: &Context<'_>,
                #[graphql(default = 50, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")] first: u8,
                #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
            ) -> Result<Connection<Edge<JournalEntry>>> {
                journal_page(ctx, self.sheet.dossier.id, first, after).await
            }

            /// Its proof, verified at this moment: every entry, text and document is read again.
            #[graphql(complexity = "500 + child_complexity")]
            async fn proof(&self, ctx: &Context<'_>) -> Result<Option<Proof>> {
                let id = self.sheet.dossier.id;
                Ok(app(ctx)?.proof(caller(ctx)?, id).await?.map(Proof::from))
            }

            /// Every version of the answer, the newest first.
            #[graphql(complexity = "10 + usize::from(first) * child_complexity")]
            async fn draft_versions(
                &self,
                ctx: &Context<'_>,
                #[graphql(default = 20, validator(minimum = 1, maximum = 100), desc = "How many, 1 to 100.")] first: u8,
                #[graphql(desc = "The cursor after which to go on.")] after: Option<String>,
            ) -> Result<Connection<Edge<DraftVersion>>> {
                draft_versions_page(ctx, self.sheet.dossier.id, first, after).await
            }

            /// Its documents, the oldest first. They are sent on the pages only: the API takes no file, so that no
            /// other site can send one in a person's name.
            #[graphql(complexity = "10 + 5 * child_complexity")]
            async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
                let all = Loaders::attachments(ctx, self.sheet.dossier.id).await?;
                let reference = &self.sheet.dossier.reference;
                Ok(all.into_iter().map(|attached| Attachment { reference: reference.clone(), attached }).collect())
            }

            $($own)*
        }
    };
}

dossier! {
    /// A letter or e-mail received.
    Mail, "mail", {
        /// Who wrote it.
        async fn sender(&self) -> Option<&str> {
            self.sheet.sender.as_deref()
        }

        /// The member of Parliament who wrote it, as the clerk picked them.
        async fn member(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
            Member::find(ctx, self.facts.member).await
        }

        /// What it is.
        async fn category(&self) -> Category {
            self.facts.category.into()
        }

        /// When another administration received it first, when one did.
        async fn first_received_on(&self) -> Option<NaiveDate> {
            self.facts.first_received_on
        }

        /// Whether it cannot wait.
        async fn urgent(&self) -> bool {
            self.facts.urgent
        }

        /// How it came.
        async fn channel(&self) -> Channel {
            self.facts.channel.into()
        }

        /// Date written on the document.
        async fn document_on(&self) -> NaiveDate {
            self.facts.document_on
        }

        /// Chrono of the answer that left.
        async fn departure(&self) -> Option<&str> {
            self.facts.departure.as_deref()
        }

        /// Who proposed to file it without an answer.
        async fn filing_proposed_by(&self, ctx: &Context<'_>) -> Result<Option<String>> {
            match self.facts.filing_proposed_by {
                Some(person) => Loaders::name(ctx, person).await,
                None => Ok(None),
            }
        }
    }
}

dossier! {
    /// A parliamentary question.
    Question, "question", {
        /// The house that it comes from.
        async fn house(&self) -> House {
            self.facts.identity.house.into()
        }

        /// The number of the legislature (Assemblée) or the year (Sénat).
        async fn term(&self) -> u16 {
            self.facts.identity.term
        }

        /// Its type.
        #[graphql(name = "type")]
        async fn question_type(&self) -> QuestionType {
            self.facts.identity.kind.into()
        }

        /// Its number.
        async fn number(&self) -> u32 {
            self.facts.identity.number
        }

        /// When a group's president signalled it; ten days run from then.
        async fn signalled_on(&self) -> Option<NaiveDate> {
            self.facts.signalled_on
        }

        /// How often its author renewed it.
        async fn renewals(&self) -> u32 {
            self.facts.renewals
        }

        /// How often the house recalled that it is unanswered.
        async fn recalls(&self) -> u32 {
            self.facts.recalls
        }

        /// How often the published answer was corrected.
        async fn corrections(&self) -> u32 {
            self.facts.corrections
        }

        /// The ministry to which its transfer was asked, while that is pending.
        async fn transfer_to(&self) -> Option<&str> {
            self.facts.transfer_to.as_deref()
        }

        /// The name that a change of government gave our ministry, which has the question; null while it is as published.
        async fn renamed_ministry(&self) -> Option<&str> {
            self.facts.renamed.as_ref().map(|renamed| renamed.ministry.as_str())
        }

        /// The day of that change's decree.
        async fn renamed_on(&self) -> Option<NaiveDate> {
            self.facts.renamed.as_ref().map(|renamed| renamed.on)
        }

        /// The questions that get one answer with it, while it is in a batch.
        async fn batch(&self, ctx: &Context<'_>) -> Result<Option<Batch>> {
            match self.facts.seat {
                Some(seat) => Ok(Loaders::batch(ctx, seat.batch).await?.and_then(Batch::of)),
                None => Ok(None),
            }
        }

        /// The open questions that look like it, most alike first, at most five. Each question is compared with those
        /// published up to three months before and after: ask it of one question, not of a list.
        #[graphql(complexity = "1000")]
        async fn near_questions(&self, ctx: &Context<'_>) -> Result<Vec<NearQuestion>> {
            let found = app(ctx)?.near_questions(caller(ctx)?, &self.sheet).await?;
            Ok(found.into_iter().map(NearQuestion::from).collect())
        }

        /// The sitting in which it is put; null when it is answered in writing.
        async fn sitting(&self) -> Option<Sitting> {
            let sitting = self.facts.sitting.as_ref()?;
            Some(Sitting::new(self.sheet.dossier.id, sitting))
        }

        /// What the houses published of it, once imported.
        async fn published(&self, ctx: &Context<'_>) -> Result<Option<PublishedQuestion>> {
            Ok(Loaders::published(ctx, &self.facts.identity).await?.map(PublishedQuestion))
        }
    }
}
