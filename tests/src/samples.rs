//! Letters, questions and commands to work on.

use chrono::NaiveDate;
use pli_domain::dossier::{Category, Channel, Command, NewMail, NewQuestion};
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::ids::UnitId;

/// A day, as `2026-11-22`.
///
/// # Errors
/// When it is none.
pub fn day(text: &str) -> anyhow::Result<NaiveDate> {
    Ok(text.parse()?)
}

const fn on(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// A private person's request, received three days ago and due two months after.
#[must_use]
pub fn petition(subject: &str) -> NewMail {
    NewMail {
        sender: "Mme Élise Garonne".to_owned(),
        subject: subject.to_owned(),
        category: Category::Petition,
        document_on: on(2026, 11, 16),
        received_on: on(2026, 11, 19),
        first_received_on: None,
        urgent: false,
        channel: Channel::Post,
    }
}

/// A letter that nobody wrote to complain, received on a day.
#[must_use]
pub fn letter(received_on: NaiveDate) -> NewMail {
    NewMail {
        sender: "Mairie de Saint-Ferréol".to_owned(),
        category: Category::Ordinary,
        document_on: received_on,
        received_on,
        ..petition("Locaux du tribunal de proximité")
    }
}

/// A written question of the present legislature, published on 15 September and due on 15 November.
#[must_use]
pub fn question(number: u32) -> NewQuestion {
    let identity = QuestionIdentity { house: House::Assembly, term: 17, kind: QuestionType::Qe, number };
    NewQuestion {
        identity, published_on: on(2026, 9, 15), subject: "Frais d’avocat des victimes".to_owned()
    }
}

/// Gives a dossier to a unit, to it alone.
#[must_use]
pub fn route(lead: UnitId) -> Command {
    Command::Route { lead, contributors: Vec::new(), informed: Vec::new() }
}

/// A draft of the answer.
#[must_use]
pub fn draft(text: &str) -> Command {
    Command::Draft { text: text.to_owned() }
}

/// Sends the answer by post on a day.
#[must_use]
pub fn dispatch(on: NaiveDate) -> Command {
    Command::Dispatch { channel: Channel::Post, on, tracking: "2C 147 308 9921 4".to_owned() }
}
