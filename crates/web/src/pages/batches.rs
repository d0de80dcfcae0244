//! The batches: questions that get one answer.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::Sheet;
use pli_domain::french::French as _;
use pli_domain::ids::BatchId;
use pli_domain::organisation::Organisation;

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::InAddress;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// How many batches a page holds.
const PAGE: u64 = 30;

/// A batch in the list.
#[derive(Debug)]
struct Row {
    lead: String,
    subject: String,
    others: Vec<String>,
    stage: &'static str,
    unit: String,
    /// The first date by which one of its questions is due.
    due: Option<String>,
}

#[derive(Template)]
#[template(path = "batches.html")]
struct BatchesPage {
    frame: Frame,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /lots`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let before: Option<BatchId> = match query.text("apres") {
        "" => None,
        id => Some(id.parse().map_err(|_| Kind::Unreadable)?),
    };
    let page = web.app.batch_page(&session.caller, before, PAGE).await?;
    let organisation = &session.caller.organisation;
    let last = page.items.last().and_then(|sheets| sheets.first()?.dossier.seat());
    let view = BatchesPage {
        frame: Frame::of("Lots", &session, Here::Batches),
        rows: page.items.iter().filter_map(|sheets| Row::new(sheets, organisation)).collect(),
        first: before.map(|_| "/lots".to_owned()),
        next: last.filter(|_| page.more).map(|seat| format!("/lots?apres={}", seat.batch)),
    };
    html(StatusCode::OK, &view)
}

impl Row {
    fn new(sheets: &[Sheet], organisation: &Organisation) -> Option<Self> {
        let (lead, others) = sheets.split_first()?;
        Some(Self {
            lead: lead.dossier.reference.clone(),
            subject: lead.subject.clone(),
            others: others.iter().map(|sheet| sheet.dossier.reference.clone()).collect(),
            stage: lead.dossier.stage.french(),
            unit: lead
                .dossier
                .lead
                .map_or_else(|| "À attribuer".to_owned(), |unit| words::unit_code(organisation, unit)),
            due: sheets.iter().filter_map(|sheet| sheet.dossier.due_on()).min().map(words::date),
        })
    }
}
