//! A list as a table for a spreadsheet: exactly what is listed, in its order, however many pages it has, with the columns
//! that were chosen, or with all. As a text it goes out while it is read; as a workbook once it is whole.

pub(crate) mod workbook;

use std::io;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, IntoResponseParts, Response};
use chrono::NaiveDate;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, future, stream};
use pli_app::{App, Caller, Error, List, Sheet};
use strum::VariantArray as _;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use crate::Web;
use crate::columns::{Column, Table};
use crate::failure::{Failure, Kind};
use crate::filters::Filters;
use crate::session::Session;

/// How many dossiers are held at once.
const PAGE: u64 = 100;

/// What French spreadsheets need to see accents.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A list being written.
#[derive(Clone)]
struct Export {
    app: App,
    caller: Caller,
    list: List,
    columns: Vec<Column>,
    today: NaiveDate,
}

/// `GET /dossiers.csv`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let export = Export::asked(web, session, query)?;
    Ok((export.headers("text/csv; charset=utf-8", "csv"), export.body()).into_response())
}

impl Export {
    /// What an address asks for.
    fn asked(web: Web, session: Session, query: Option<String>) -> Result<Self, Failure> {
        let caller = session.caller;
        let filters = Filters::parse(&query.unwrap_or_default(), &caller.organisation);
        let Filters { list, columns, .. } = filters.ok_or(Kind::Unreadable)?;
        let columns = if columns.is_empty() { Column::VARIANTS.to_vec() } else { columns };
        Ok(Self { today: web.app.today(), app: web.app, caller, list, columns })
    }

    fn headers(&self, kind: &'static str, ending: &str) -> impl IntoResponseParts + use<> {
        let file = format!("attachment; filename=\"dossiers-{}.{ending}\"", self.today);
        [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, file)]
    }

    fn table(&self) -> Table<'_> {
        Table { list: &self.list, organisation: &self.caller.organisation, today: self.today }
    }

    /// The list, some dossiers at a time.
    fn pages(self) -> impl Stream<Item = Result<Vec<Sheet>, Error>> {
        stream::try_unfold(Some((self, None)), async |next| {
            let Some((export, after)) = next else { return Ok(None) };
            let page = export.app.dossiers(&export.caller, &export.list, after, PAGE).await?;
            let last = page.items.last().filter(|_| page.more).map(|last| export.list.position(last));
            Ok(Some((page.items, last.map(|last| (export, Some(last))))))
        })
    }

    /// Written while it is read. When the database fails half-way the connection is broken off, so that nobody takes a part
    /// for the whole.
    fn body(self) -> Body {
        let pages = self.clone().pages().map_err(|error| {
            tracing::error!(?error, "an export was broken off");
            io::Error::other("broken off")
        });
        let head = text(MARK.to_vec(), |table| table.write_record(self.headings()));
        let lines = pages.and_then(move |sheets| future::ready(self.lines(&sheets)));
        Body::from_stream(stream::iter([head]).chain(lines))
    }

    fn headings(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.heading())
    }

    fn lines(&self, sheets: &[Sheet]) -> io::Result<Vec<u8>> {
        let table = self.table();
        text(Vec::new(), |lines| {
            sheets.iter().try_for_each(|sheet| {
                let cells = self.columns.iter().map(|column| table.value(*column, sheet).text());
                lines.write_record(cells.map(harmless))
            })
        })
    }
}

/// Lines after what is there.
fn text(
    into: Vec<u8>,
    write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut table =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(into);
    write(&mut table)?;
    table.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// A whole table as a text.
pub(crate) fn table<const N: usize>(
    headings: &[&str; N],
    lines: impl Iterator<Item = [String; N]>,
) -> io::Result<Vec<u8>> {
    text(MARK.to_vec(), |table| {
        table.write_record(headings)?;
        lines.into_iter().try_for_each(|line| table.write_record(line.map(harmless)))
    })
}

/// An archive that is saved rather than shown.
pub(crate) fn download(file: std::fs::File, name: &str) -> Response {
    let name = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, "application/zip".to_owned()), (CONTENT_DISPOSITION, name)];
    (headers, Body::from_stream(ReaderStream::new(File::from_std(file)))).into_response()
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
