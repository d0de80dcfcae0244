//! Letters, questions and commands to work on.

use chrono::NaiveDate;
use pli_domain::dossier::{Category, Channel, Command, NewMail, NewQuestion};
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::ids::UnitId;
use pli_domain::member::{Mandate, Membership, PublishedMember};
use pli_domain::published::{Attribution, Ministry, PublishedQuestion};

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
        member: None,
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

/// A written question of the present legislature as the Assemblée publishes it, given to us on that day.
///
/// # Errors
/// When it cannot be sealed.
pub fn published(number: u32, on: NaiveDate) -> anyhow::Result<PublishedQuestion> {
    let NewQuestion { identity, subject, .. } = question(number);
    let justice = Ministry { reference: None, label: "Justice".to_owned() };
    let uid = format!("QANR5L17QE{number}");
    let record = PublishedQuestion {
        title: Some(subject),
        asked_ministry: Some(justice.clone()),
        attributions: vec![Attribution { ministry: justice, on: Some(on), cause: None }],
        published_on: Some(on),
        question_html: Some("<p>Mme la députée interroge M. le garde des sceaux.</p>".to_owned()),
        ..PublishedQuestion::bare(identity, uid)
    };
    Ok(record.seal()?)
}

/// A deputy who sits: `Mme Zoé Lefort, députée, Gers (1)`. The day of birth and the reference tell homonyms apart.
///
/// # Errors
/// When the day of birth is none.
pub fn deputy(reference: &str, born: &str) -> anyhow::Result<PublishedMember> {
    let from = Some(on(2024, 7, 7));
    let seat = Mandate {
        from,
        house: House::Assembly,
        legislature: Some(17),
        constituency: Some("Gers (1)".to_owned()),
        to: None,
    };
    let group =
        Membership { from, short: "SOC".to_owned(), name: "Socialistes et apparentés".to_owned(), to: None };
    Ok(PublishedMember {
        reference: Some(reference.to_owned()),
        civility: Some("Mme".to_owned()),
        given_name: "Zoé".to_owned(),
        family_name: "Lefort".to_owned(),
        born_on: Some(day(born)?),
        mandates: vec![seat],
        groups: vec![group],
    })
}

/// Gives a dossier to a unit, to it alone.
#[must_use]
pub fn route(lead: UnitId) -> Command {
    Command::Route { lead, contributors: Vec::new(), informed: Vec::new() }
}

/// A PDF of one page on which these words are read; the same words make the same file.
#[must_use]
pub fn pdf(words: &str) -> Vec<u8> {
    let text = format!("BT /F1 24 Tf 60 700 Td ({words}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let size = objects.len() + 1;
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes();
    for (number, object) in (1..).zip(objects) {
        table.extend(format!("{:010} 00000 n \n", file.len()).into_bytes());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    let start = file.len();
    file.extend(table);
    file.extend(format!("trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").into_bytes());
    file
}

/// A picture: sixteen pixels by sixteen.
pub const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x02\x00\x00\x00\x90\x91h6\x00\x00\x00$IDATx\xdac\xf8\xff\xef\x17\x1c\x89Gz\xc1\x11.q\x86A\xa8\x81\x18E\xc8\xe2\x83Q\xc3h<\x0c\x0a\x0d\x00\x9am\xd8\x90\x92\xab\x8e\xb5\x00\x00\x00\x00IEND\xaeB`\x82";

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
