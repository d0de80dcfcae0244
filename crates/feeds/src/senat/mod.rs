//! The questions of the Sénat: the CSV files of its open data, the dump of its database, and the pages of results of its
//! site. Each says a part; the records of one question complete each other.

mod dump;
mod identity;
mod page;
mod table;

use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

use pli_domain::published::{Closing, ClosingKind, PublishedQuestion, Recall};
use pli_domain::text::fold;

use crate::bounds::Allowance;
use crate::encoding;
use crate::reject::{OpenError, RejectReason};
use crate::source::{Emit, Kind, Source, looks_like_markup};

const FILES: Kind = Kind {
    extensions: &["csv", "html", "htm", "sql"],
    looks: |start| looks_like_markup(start) || is_dump(start) || is_table(start),
    expected: "un fichier CSV, HTML ou SQL du Sénat",
    later: |_| false,
};

/// The most that one row may take: the longest texts of questions have a hundredth of it.
const LARGEST_ROW: u64 = 16 << 20;

/// Opens a zip, a folder (with the folders in it), or a single file.
///
/// # Errors
///
/// If it cannot be read, or is none of these. What is wrong with single files in it is told by the [`Source`].
pub fn open(path: &Path) -> Result<Source<PublishedQuestion>, OpenError> {
    Source::open(path, FILES, |_, input, emit| read(input, emit)).map(Source::uncounted)
}

fn read(input: &mut dyn Read, emit: &mut Emit<'_, PublishedQuestion>) -> ControlFlow<()> {
    let allowance = Allowance::new(LARGEST_ROW);
    let mut start = Vec::new();
    if input.take(4096).read_to_end(&mut start).is_err() {
        return emit(Err(RejectReason::Unreadable));
    }
    let whole = allowance.bound(std::io::Cursor::new(start.clone()).chain(input));
    let Ok(text) = encoding::utf8(whole) else {
        return emit(Err(RejectReason::Unreadable));
    };
    if looks_like_markup(&start) {
        page::read(text, emit)
    } else if is_dump(&start) {
        dump::read(BufReader::new(text), &allowance, emit)
    } else {
        table::read(text, &allowance, emit)
    }
}

/// What became of reading, when it stopped before the end.
fn stopped(allowance: &Allowance) -> RejectReason {
    if allowance.is_spent() { RejectReason::TooLarge } else { RejectReason::Unreadable }
}

fn is_dump(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    text.lines().any(|line| line.starts_with("-- PostgreSQL database dump") || line.starts_with("COPY "))
}

fn is_table(start: &[u8]) -> bool {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.windows(7).any(|word| word == b"Nature;") || line.windows(5).any(|word| word == b"Sort;")
}

/// What the Sénat says of a question's fate (`Sort`): how it was closed, or that it was put again.
fn fate(words: &str, on: Option<chrono::NaiveDate>) -> (Option<Closing>, Option<Recall>) {
    let folded = fold(words);
    let says = |part: &str| folded.contains(part);
    let closed = |kind| (Some(Closing { kind, code: None, label: Some(words.to_owned()), on }), None);
    if says("attente") || says("cours") || folded.is_empty() {
        (None, None)
    } else if says("retir") || says("retrait") {
        closed(ClosingKind::Withdrawn)
    } else if says("caduque") || says("caducit") {
        closed(ClosingKind::Lapsed)
    } else if says("rappel") {
        (None, Some(Recall { on: None }))
    } else if says("recue") || says("repon") {
        closed(ClosingKind::Answered)
    } else {
        closed(ClosingKind::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fate_is_read_by_its_words() {
        let kind = |words| fate(words, None).0.map(|closing| closing.kind);
        assert_eq!(kind("Réponse reçue"), Some(ClosingKind::Answered));
        assert_eq!(kind("Question retirée"), Some(ClosingKind::Withdrawn));
        assert_eq!(kind("Caduque"), Some(ClosingKind::Lapsed));
        assert_eq!(kind("Close"), Some(ClosingKind::Other));
        for open in ["En attente de réponse", "En cours", "", "Rappelée"] {
            assert_eq!(kind(open), None, "{open}");
        }
        assert!(fate("Rappelée", None).1.is_some());
    }
}
