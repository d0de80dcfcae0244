//! The questions of the Assemblée nationale, as its open data publishes them (legislatures XIV to XVII).
//!
//! A source is what the Assemblée offers to download, or what one made of it: a zip of one file per question, the same
//! files in a folder, a single file, or the one big file of legislature XIV; in JSON or in XML, or in the former XML of
//! its site.

mod convert;
mod document;
mod former;
mod heading;
mod shape;

use std::path::Path;

use pli_domain::published::PublishedQuestion;

use crate::reject::OpenError;
use crate::source::{Kind, Source, looks_like_json, looks_like_markup};

const FILES: Kind = Kind {
    extensions: &["json", "xml"],
    looks: |start| looks_like_json(start) || looks_like_markup(start),
    expected: "un fichier JSON ou XML",
    later: |_| false,
};

/// Opens a zip, a folder (with the folders in it), or a single file.
///
/// # Errors
///
/// If it cannot be read, or is none of these. What is wrong with single files in it is told by the [`Source`].
pub fn open(path: &Path) -> Result<Source<PublishedQuestion>, OpenError> {
    Source::open(path, FILES, |file, input, emit| document::read(input, file.size, emit))
}
