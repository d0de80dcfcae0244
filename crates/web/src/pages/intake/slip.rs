//! What is printed of a letter: the slip that says it was received, and the label that is stuck on it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::Sheet;
use pli_domain::dossier::{Body, MailFacts};
use pli_domain::french::French as _;
use pli_domain::organisation::UnitKind;
use qrcode::{Color, EcLevel, QrCode};

use crate::failure::{Failure, Kind, html};
use crate::frame::{Frame, Here};
use crate::pages::dossier::find;
use crate::post::Named;
use crate::session::Session;
use crate::{Web, words};

/// A line of the slip.
#[derive(Debug)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Template)]
#[template(path = "slip.html")]
struct SlipPage {
    frame: Frame,
    reference: String,
    ministry: String,
    facts: Vec<Fact>,
    documents: Vec<String>,
    printed: String,
}

#[derive(Template)]
#[template(path = "label.html")]
struct LabelPage {
    frame: Frame,
    reference: String,
    received: String,
    sender: String,
    subject: String,
    /// The address of the dossier, to be read by a telephone or a reader.
    code: Option<Code>,
}

/// A two-dimensional code, as one path of dark squares.
#[derive(Debug)]
struct Code {
    side: usize,
    path: String,
}

impl Code {
    /// The code of a text; none when it is too long to be one.
    fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let colours = code.to_colors();
        let dark = colours.iter().enumerate().filter(|(_, colour)| **colour == Color::Dark);
        let square = |(place, _)| {
            let (x, y) = (usize::checked_rem(place, width)?, usize::checked_div(place, width)?);
            // Four squares of white all round, as the norm has it.
            Some(format!("M{} {}h1v1h-1z", x.saturating_add(4), y.saturating_add(4)))
        };
        Some(Self { side: width.saturating_add(8), path: dark.filter_map(square).collect() })
    }
}

/// A letter, with what only letters have.
async fn letter(web: &Web, session: &Session, reference: &str) -> Result<(Sheet, MailFacts), Failure> {
    let sheet = find(web, session, reference).await?;
    match &sheet.dossier.body {
        Body::Mail(mail) => {
            let mail = mail.clone();
            Ok((sheet, mail))
        }
        Body::Question(_) => Err(Kind::NotFound.into()),
    }
}

/// `GET /dossiers/{reference}/recepisse`
pub(crate) async fn slip(
    State(web): State<Web>,
    session: Session,
    Named(reference): Named<String>,
) -> Result<Response, Failure> {
    let (sheet, mail) = letter(&web, &session, &reference).await?;
    let id = sheet.dossier.id;
    let first = web.app.journal(&session.caller, id, 0, 1).await?.items;
    let names = web.app.names(first.iter().map(|line| line.entry.who)).await?;
    let by = first.iter().find_map(|line| match line.entry.who {
        pli_domain::actor::Who::User(user) => names.get(&user).cloned(),
        pli_domain::actor::Who::System(_) => None,
    });
    let documents = web.app.attachments(&session.caller, &[id]).await?.remove(&id).unwrap_or_default();
    let fact = |name, value| Fact { name, value };
    let mut facts = vec![
        fact("Expéditeur", sheet.sender.unwrap_or_default()),
        fact("Objet", sheet.subject),
        fact("Nature", mail.category.french().to_owned()),
        fact("Date du document", words::date(mail.document_on)),
        fact("Reçu le", words::date(sheet.dossier.received_on)),
        fact("Mode d’arrivée", mail.channel.french().to_owned()),
        fact("Enregistré le", sheet.created_at.french()),
    ];
    facts.extend(by.map(|name| fact("Par", name)));
    let ministry = session.caller.organisation.in_order();
    let ministry = ministry.into_iter().find(|unit| unit.kind == UnitKind::Ministry);
    let page = SlipPage {
        frame: Frame::of(&format!("Récépissé {}", sheet.dossier.reference), &session, Here::Elsewhere),
        reference: sheet.dossier.reference,
        ministry: ministry.map(|unit| unit.name.clone()).unwrap_or_default(),
        facts,
        documents: documents.iter().map(super::super::documents::name).collect(),
        printed: words::date(web.app.today()),
    };
    html(StatusCode::OK, &page)
}

/// `GET /dossiers/{reference}/etiquette`
pub(crate) async fn label(
    State(web): State<Web>,
    session: Session,
    Named(reference): Named<String>,
) -> Result<Response, Failure> {
    let (sheet, _) = letter(&web, &session, &reference).await?;
    let reference = sheet.dossier.reference;
    let page = LabelPage {
        frame: Frame::of(&format!("Étiquette {reference}"), &session, Here::Elsewhere),
        code: Code::of(&format!("{}/dossiers/{reference}", web.options.public_url)),
        received: words::date(sheet.dossier.received_on),
        sender: sheet.sender.unwrap_or_default(),
        subject: sheet.subject,
        reference,
    };
    html(StatusCode::OK, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_marks_and_its_margin() {
        let code = Code::of("https://pli.example/dossiers/SG-2026-A-000001").unwrap();
        assert!(code.side >= 29, "{}", code.side);
        // The corner of each mark; no mark in the fourth corner.
        let last = code.side - 5;
        for (x, y) in [(4, 4), (last, 4), (4, last)] {
            assert!(code.path.contains(&format!("M{x} {y}h1v1h-1z")), "{x} {y}");
        }
        assert!(!code.path.contains("M3 ") && !code.path.contains(" 3h1"));
        assert!(Code::of(&"x".repeat(10_000)).is_none());
    }
}
