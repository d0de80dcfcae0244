//! Between rows and the domain.

use std::str::FromStr;

use chrono::NaiveDate;
use pli_domain::assignment::Assignment;
use pli_domain::deadline::{Deadline, Due};
use pli_domain::delay::Clock;
use pli_domain::delay::plan::Plan;
use pli_domain::digest::Digest;
use pli_domain::dossier::{
    Attachment, Body, Declined, Dossier, Draft, MailFacts, QuestionFacts, Renaming, Seat, Sitting,
};
use pli_domain::ids::{BatchId, CompartmentId, DossierId, MemberId, UnitId, UserId};
use pli_domain::retention::Class;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, Iterable, ModelTrait};

use crate::entity::{assignment, attachment, deadline, dossier, mail, question};
use crate::{Sheet, StoreError};

/// The due date of what is never due: lists are paged on this column, so it is never empty.
pub const NEVER: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// Reads a word that the domain must know.
pub(crate) fn word<T: FromStr>(
    table: &'static str,
    column: &'static str,
    value: &str,
) -> Result<T, StoreError> {
    value.parse().map_err(|_| StoreError::Inconsistent { table, column, value: value.to_owned() })
}

/// Reads a count.
pub(crate) fn count(table: &'static str, column: &'static str, value: i32) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Inconsistent { table, column, value: value.to_string() })
}

/// Writes a count; none comes near the limit.
pub(crate) fn small(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Writes a place in a list.
pub(crate) fn position(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

/// A dossier's rows, gathered.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) dossier: dossier::Model,
    pub(crate) mail: Option<mail::Model>,
    pub(crate) question: Option<question::Model>,
    pub(crate) assignments: Vec<assignment::Model>,
    pub(crate) deadlines: Vec<deadline::Model>,
    pub(crate) attachments: Vec<attachment::Model>,
}

impl Rows {
    /// The dossier that they hold.
    pub(crate) fn dossier(&self) -> Result<Dossier, StoreError> {
        let row = &self.dossier;
        Ok(Dossier {
            id: DossierId(row.id),
            reference: row.reference.clone(),
            stage: word("dossier", "stage", &row.stage)?,
            received_on: row.received_on,
            lead: row.lead_id.map(UnitId),
            assignments: self.assignments.iter().map(read_assignment).collect::<Result<_, _>>()?,
            deadlines: self.deadlines.iter().map(read_deadline).collect::<Result<_, _>>()?,
            draft: self.draft()?,
            signed_by: row.signed_by_id.map(UserId),
            declined: self.declined()?,
            closed_on: row.closed_on,
            reserved: row.compartment_id.map(CompartmentId),
            frozen: row.frozen,
            eliminated_on: row.eliminated_on,
            attachments: self.attachments.iter().map(read_attachment).collect::<Result<_, _>>()?,
            content: Digest::stored(row.content.clone()),
            body: self.body()?,
        })
    }

    fn draft(&self) -> Result<Option<Draft>, StoreError> {
        let row = &self.dossier;
        let (Some(version), Some(text), Some(author)) =
            (row.draft_version, &row.draft_text, row.draft_author_id)
        else {
            return Ok(None);
        };
        let version = count("dossier", "draft_version", version)?;
        Ok(Some(Draft { version, text: Digest::stored(text.clone()), author: UserId(author) }))
    }

    fn declined(&self) -> Result<Option<Declined>, StoreError> {
        let row = &self.dossier;
        let (Some(by), Some(reason)) = (row.declined_by_id, &row.declined_reason) else {
            return Ok(None);
        };
        Ok(Some(Declined {
            by: UnitId(by),
            reason: word("dossier", "declined_reason", reason)?,
            proposed: row.declined_proposed_id.map(UnitId),
        }))
    }

    fn body(&self) -> Result<Body, StoreError> {
        match (&self.mail, &self.question) {
            (Some(row), None) => Ok(Body::Mail(MailFacts {
                category: word("mail", "category", &row.category)?,
                document_on: row.document_on,
                first_received_on: row.first_received_on,
                urgent: row.urgent,
                channel: word("mail", "channel", &row.channel)?,
                filing_proposed_by: row.filing_proposed_by_id.map(UserId),
                departure: row.departure.clone(),
                member: row.member_id.map(MemberId),
            })),
            (None, Some(row)) => Ok(Body::Question(QuestionFacts {
                identity: word("question", "identity", &row.identity)?,
                signalled_on: row.signalled_on,
                renewals: count("question", "renewals", row.renewals)?,
                recalls: count("question", "recalls", row.recalls)?,
                corrections: count("question", "corrections", row.corrections)?,
                transfer_to: row.transfer_to.clone(),
                seat: read_seat(row)?,
                sitting: read_sitting(row)?,
                renamed: read_renaming(row)?,
            })),
            _ => Err(StoreError::Inconsistent {
                table: "dossier",
                column: "kind",
                value: self.dossier.kind.clone(),
            }),
        }
    }
}

fn read_assignment(row: &assignment::Model) -> Result<Assignment, StoreError> {
    Ok(Assignment {
        unit: UnitId(row.unit_id),
        part: word("assignment", "part", &row.part)?,
        stage: word("assignment", "stage", &row.stage)?,
        since: row.since,
    })
}

fn read_seat(row: &question::Model) -> Result<Option<Seat>, StoreError> {
    match (row.batch_id, row.batch_place) {
        (Some(batch), Some(place)) => {
            Ok(Some(Seat { batch: BatchId(batch), place: count("question", "batch_place", place)? }))
        }
        (None, None) => Ok(None),
        (_, place) => Err(StoreError::Inconsistent {
            table: "question",
            column: "batch_place",
            value: format!("{place:?}"),
        }),
    }
}

fn read_renaming(row: &question::Model) -> Result<Option<Renaming>, StoreError> {
    match (&row.ministry, row.ministry_since) {
        (Some(ministry), Some(on)) => Ok(Some(Renaming { ministry: ministry.clone(), on })),
        (None, None) => Ok(None),
        (_, since) => Err(StoreError::Inconsistent {
            table: "question",
            column: "ministry_since",
            value: format!("{since:?}"),
        }),
    }
}

fn read_sitting(row: &question::Model) -> Result<Option<Sitting>, StoreError> {
    match (row.sitting_on, &row.sitting_source) {
        (Some(on), Some(source)) => Ok(Some(Sitting {
            on,
            source: word("question", "sitting_source", source)?,
            attendee: row.attendee.clone().map(Digest::stored),
        })),
        (None, None) if row.attendee.is_none() => Ok(None),
        (_, source) => Err(StoreError::Inconsistent {
            table: "question",
            column: "sitting_source",
            value: format!("{source:?}"),
        }),
    }
}

fn read_deadline(row: &deadline::Model) -> Result<Deadline, StoreError> {
    let due = Due {
        rule: row.rule.clone(),
        version: count("deadline", "version", row.version)?,
        clock: word("deadline", "clock", &row.clock)?,
        purpose: word("deadline", "purpose", &row.purpose)?,
        start_on: row.start_on,
        due_on: row.due_on,
    };
    let changes = serde_json::from_str(&row.changes).map_err(|_| StoreError::Inconsistent {
        table: "deadline",
        column: "changes",
        value: row.changes.clone(),
    })?;
    let deadline = Deadline { due, stage: word("deadline", "stage", &row.stage)?, changes };
    // Computed from the changes, for the list of what is to be decided.
    if deadline.pending().map(|(until, _)| until) != row.requested_until {
        return Err(StoreError::Inconsistent {
            table: "deadline",
            column: "requested_until",
            value: format!("{:?}", row.requested_until),
        });
    }
    Ok(deadline)
}

pub(crate) fn read_attachment(row: &attachment::Model) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        file: Digest::stored(row.file.clone()),
        media: word("attachment", "media", &row.media)?,
        bytes: count("attachment", "bytes", row.bytes)?,
    })
}

/// A unit's part as a row.
pub(crate) fn write_assignment(id: DossierId, index: usize, part: &Assignment) -> assignment::ActiveModel {
    assignment::ActiveModel {
        dossier_id: Set(id.0),
        position: Set(position(index)),
        unit_id: Set(part.unit.0),
        part: Set(<&str>::from(part.part).to_owned()),
        stage: Set(<&str>::from(part.stage).to_owned()),
        since: Set(part.since),
    }
}

/// A deadline as a row.
pub(crate) fn write_deadline(id: DossierId, index: usize, deadline: &Deadline) -> deadline::ActiveModel {
    deadline::ActiveModel {
        dossier_id: Set(id.0),
        position: Set(position(index)),
        rule: Set(deadline.due.rule.clone()),
        version: Set(small(deadline.due.version)),
        clock: Set(<&str>::from(deadline.due.clock).to_owned()),
        purpose: Set(<&str>::from(deadline.due.purpose).to_owned()),
        start_on: Set(deadline.due.start_on),
        due_on: Set(deadline.due.due_on),
        stage: Set(<&str>::from(deadline.stage).to_owned()),
        requested_until: Set(deadline.pending().map(|(until, _)| until)),
        changes: Set(serde_json::json!(deadline.changes).to_string()),
    }
}

/// What changes in a dossier's own row; the rest is set once, when it is made.
pub(crate) fn write_state(dossier: &Dossier) -> dossier::ActiveModel {
    let draft = dossier.draft.as_ref();
    let declined = dossier.declined.as_ref();
    dossier::ActiveModel {
        stage: Set(dossier.stage.code()),
        open: Set(dossier.stage.is_open()),
        received_on: Set(dossier.received_on),
        due_on: Set(dossier.due_on().unwrap_or(NEVER)),
        legal_due_on: Set(dossier.clock_due_on(Clock::Legal).unwrap_or(NEVER)),
        internal_due_on: Set(dossier.clock_due_on(Clock::Internal).unwrap_or(NEVER)),
        ack_due_on: Set(dossier.acknowledge_by().unwrap_or(NEVER)),
        lead_id: Set(dossier.lead.map(|unit| unit.0)),
        draft_version: Set(draft.map(|draft| small(draft.version))),
        draft_text: Set(draft.map(|draft| draft.text.to_string())),
        draft_author_id: Set(draft.map(|draft| draft.author.0)),
        signed_by_id: Set(dossier.signed_by.map(|user| user.0)),
        declined_by_id: Set(declined.map(|declined| declined.by.0)),
        declined_reason: Set(declined.map(|declined| <&str>::from(declined.reason).to_owned())),
        declined_proposed_id: Set(declined.and_then(|declined| declined.proposed).map(|unit| unit.0)),
        closed_on: Set(dossier.closed_on),
        compartment_id: Set(dossier.reserved.map(|compartment| compartment.0)),
        frozen: Set(dossier.frozen),
        eliminated_on: Set(dossier.eliminated_on),
        ends_as: Set(Class::awaiting(dossier).map(|class| <&str>::from(class).to_owned())),
        ..Default::default()
    }
}

/// Whether a dossier's own row holds what Pli would write there, column by column: also what is computed from the
/// rest (`open`, `due_on`, `kind`) and what is read only together (the draft, the refusal).
pub(crate) fn is_as_written(row: &dossier::Model, sheet: &Sheet) -> bool {
    let written = dossier::ActiveModel {
        kind: Set(<&str>::from(sheet.dossier.kind()).to_owned()),
        plan: Set(<&str>::from(Plan::of(&sheet.dossier.body)).to_owned()),
        ..write_state(&sheet.dossier)
    };
    dossier::Column::iter().all(|column| match written.get(column) {
        Set(value) => value == row.get(column),
        _ => true,
    })
}

/// What is only in a letter's dossier, as a row.
pub(crate) fn write_mail(id: DossierId, sender: &str, facts: &MailFacts) -> mail::ActiveModel {
    mail::ActiveModel {
        dossier_id: Set(id.0),
        sender: Set(sender.to_owned()),
        category: Set(<&str>::from(facts.category).to_owned()),
        document_on: Set(facts.document_on),
        first_received_on: Set(facts.first_received_on),
        urgent: Set(facts.urgent),
        channel: Set(<&str>::from(facts.channel).to_owned()),
        filing_proposed_by_id: Set(facts.filing_proposed_by.map(|user| user.0)),
        departure: Set(facts.departure.clone()),
        sender_named: Set(true),
        member_id: Set(facts.member.map(|member| member.0)),
    }
}

/// What is only in a question's dossier, as a row.
pub(crate) fn write_question(id: DossierId, facts: &QuestionFacts) -> question::ActiveModel {
    let sitting = facts.sitting.as_ref();
    question::ActiveModel {
        dossier_id: Set(id.0),
        identity: Set(facts.identity.to_string()),
        signalled_on: Set(facts.signalled_on),
        renewals: Set(small(facts.renewals)),
        recalls: Set(small(facts.recalls)),
        corrections: Set(small(facts.corrections)),
        transfer_to: Set(facts.transfer_to.clone()),
        batch_id: Set(facts.seat.map(|seat| seat.batch.0)),
        batch_place: Set(facts.seat.map(|seat| small(seat.place))),
        sitting_on: Set(sitting.map(|sitting| sitting.on)),
        sitting_source: Set(sitting.map(|sitting| <&str>::from(sitting.source).to_owned())),
        attendee: Set(sitting.and_then(|sitting| sitting.attendee.as_ref()).map(ToString::to_string)),
        ministry: Set(facts.renamed.as_ref().map(|renaming| renaming.ministry.clone())),
        ministry_since: Set(facts.renamed.as_ref().map(|renaming| renaming.on)),
    }
}
