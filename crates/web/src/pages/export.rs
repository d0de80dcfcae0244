//! A list as a table for a spreadsheet: exactly what is listed, in its order, however many pages it has.

use std::io;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use futures_util::stream;
use pli_app::{App, Caller, List, Sheet};
use pli_domain::deadline::Standing;
use pli_domain::delay::Clock;
use pli_domain::french::French as _;

use crate::Web;
use crate::failure::{Failure, Kind};
use crate::filters::Filters;
use crate::session::Session;
use crate::words;

/// The columns. « Échéance », « Situation » and « Retard en jours » are those of the list, on its clock; the last one is
/// empty unless the dossier is late, or was answered late.
const COLUMNS: [&str; 13] = [
    "Référence",
    "Type",
    "Objet",
    "Expéditeur",
    "État",
    "Service pilote",
    "Reçu le",
    "Échéance",
    "Échéance légale",
    "Échéance interne",
    "Retard en jours",
    "Situation",
    "Clos le",
];

/// How many dossiers are held at once.
const PAGE: u64 = 100;

/// What French spreadsheets need to see accents.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A list being written.
struct Export {
    app: App,
    caller: Caller,
    list: List,
    today: NaiveDate,
}

/// `GET /dossiers.csv`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let filters = Filters::parse(&query.unwrap_or_default(), &session.caller.organisation);
    let Filters { list, .. } = filters.ok_or(Kind::Unreadable)?;
    let today = web.app.today();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"dossiers-{today}.csv\"")),
    ];
    let export = Export { app: web.app, caller: session.caller, list, today };
    Ok((headers, export.body()).into_response())
}

impl Export {
    /// Written while it is read. When the database fails half-way the connection is broken off, so that nobody takes a part
    /// for the whole.
    fn body(self) -> Body {
        let pages = stream::try_unfold(Some((self, None)), async |next| {
            let Some((export, after)) = next else { return Ok(None) };
            let found = export.app.dossiers(&export.caller, &export.list, after, PAGE).await;
            let page = found.map_err(|error| {
                tracing::error!(?error, "an export was broken off");
                io::Error::other("broken off")
            })?;
            let text = export.text(&page.items, after.is_none())?;
            let last = page.items.last().filter(|_| page.more).map(|last| export.list.position(last));
            Ok::<_, io::Error>(Some((text, last.map(|last| (export, Some(last))))))
        });
        Body::from_stream(pages)
    }

    /// Some lines of the table, after its head when they are the first.
    fn text(&self, sheets: &[Sheet], first: bool) -> io::Result<Vec<u8>> {
        let into = if first { MARK.to_vec() } else { Vec::new() };
        let mut table =
            csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(into);
        if first {
            table.write_record(COLUMNS)?;
        }
        for sheet in sheets {
            table.write_record(self.row(sheet).map(harmless))?;
        }
        table.into_inner().map_err(csv::IntoInnerError::into_error)
    }

    fn row(&self, sheet: &Sheet) -> [String; COLUMNS.len()] {
        let dossier = &sheet.dossier;
        let term = self.list.term(dossier);
        let standing = term.standing(self.today);
        let date = |day: Option<NaiveDate>| day.map(words::date).unwrap_or_default();
        let unit = |unit| words::unit_code(&self.caller.organisation, unit);
        [
            dossier.reference.clone(),
            dossier.kind().french().to_owned(),
            sheet.subject.clone(),
            sheet.sender.clone().unwrap_or_default(),
            dossier.stage.french().to_owned(),
            dossier.lead.map(unit).unwrap_or_default(),
            words::date(dossier.received_on),
            date(term.due_on),
            date(dossier.clock_due_on(Clock::Legal)),
            date(dossier.clock_due_on(Clock::Internal)),
            match standing {
                Standing::Late { by } | Standing::AnsweredLate { by } => by.to_string(),
                _ => String::new(),
            },
            standing.french(),
            date(dossier.closed_on),
        ]
    }
}

/// A text that a spreadsheet does not take for a formula.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_a_text() {
        for (text, cell) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+33 1", "'+33 1"),
            ("-1", "'-1"),
            ("@SUM", "'@SUM"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("Aide = 1", "Aide = 1"),
            ("", ""),
        ] {
            assert_eq!(harmless(text.to_owned()), cell);
        }
    }
}
