//! A list as a workbook.

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use chrono::{Datelike as _, NaiveDate};
use futures_util::TryStreamExt as _;
use pli_app::Sheet;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::Export;
use crate::Web;
use crate::columns::{Column, Value};
use crate::failure::{Failure, Kind};
use crate::session::Session;
use crate::words;

/// What a workbook is.
const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The most rows of a workbook: it is made in memory, and nobody reads more by eye. The CSV table has no such limit.
const MOST: u64 = 50_000;

/// The longest text that a cell takes, in the units in which Excel counts.
const LONGEST: usize = 32_767;

/// `GET /dossiers.xlsx`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let export = Export::asked(web, session, query)?;
    if export.app.count(&export.caller, &export.list).await? > MOST {
        return Err(Kind::TooMany(MOST).into());
    }
    let sheets = export.clone().pages().try_concat().await?;
    let headers = export.headers(KIND, "xlsx");
    let written = tokio::task::spawn_blocking(move || write(&export, &sheets));
    let bytes = written.await.map_err(Failure::broken)?.map_err(Failure::broken)?;
    Ok((headers, bytes).into_response())
}

/// The workbook. A text is written as a text: nothing in it is ever a formula or a link.
fn write(export: &Export, sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let (table, columns) = (export.table(), &export.columns);
    let mut workbook = Workbook::new();
    let worksheet = workbook.add_worksheet();
    worksheet.set_name("Dossiers")?;
    let (head, day) = (Format::new().set_bold(), Format::new().set_num_format("dd/mm/yyyy"));
    for (place, column) in (0..).zip(columns) {
        worksheet.write_string_with_format(0, place, column.heading(), &head)?;
        worksheet.set_column_width(place, column.width())?;
        for (line, sheet) in (1..).zip(sheets) {
            write_cell(worksheet, (line, place), table.value(*column, sheet), &day)?;
        }
    }
    worksheet.set_freeze_panes(1, 1)?;
    let last = (u32::try_from(sheets.len()), u16::try_from(columns.len().saturating_sub(1)));
    if let (Ok(line), Ok(place)) = last {
        worksheet.autofilter(0, 0, line, place)?;
    }
    workbook.save_to_buffer()
}

fn write_cell(
    worksheet: &mut Worksheet,
    (line, place): (u32, u16),
    value: Value,
    day: &Format,
) -> Result<(), XlsxError> {
    match value {
        Value::Nothing => {}
        Value::Text(text) => {
            worksheet.write_string(line, place, shortened(&text))?;
        }
        Value::Number(number) => {
            worksheet.write_number(line, place, number)?;
        }
        Value::Date(on) => match date(on) {
            Some(on) => worksheet.write_datetime_with_format(line, place, on, day).map(drop)?,
            // Excel's calendar begins in 1900.
            None => worksheet.write_string(line, place, words::date(on)).map(drop)?,
        },
    }
    Ok(())
}

fn date(on: NaiveDate) -> Option<ExcelDateTime> {
    let (month, day) = (u8::try_from(on.month()).ok()?, u8::try_from(on.day()).ok()?);
    ExcelDateTime::from_ymd(u16::try_from(on.year()).ok()?, month, day).ok()
}

/// As much of a text as a cell takes.
fn shortened(text: &str) -> &str {
    let mut held = 0;
    let end = text.char_indices().find(|(_, letter)| {
        held += letter.len_utf16();
        held > LONGEST
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

impl Column {
    /// In letters.
    fn width(self) -> u16 {
        match self {
            Self::Subject => 60,
            Self::Sender => 32,
            Self::Reference | Self::Standing => 22,
            _ => 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_a_cell_ends_and_not_within_a_letter() {
        assert_eq!(shortened("Été"), "Été");
        let long = "é".repeat(40_000);
        assert_eq!(shortened(&long).chars().count(), LONGEST);
        // Two units each: the last one does not fit by half.
        let wide = "🦊".repeat(20_000);
        assert_eq!(shortened(&wide).chars().count(), LONGEST / 2);
    }

    #[test]
    fn days_that_excel_does_not_know_are_no_dates() {
        let on = |year| date(NaiveDate::from_ymd_opt(year, 3, 1).unwrap());
        assert!(on(1899).is_none() && on(-5).is_none() && on(2026).is_some());
    }
}
