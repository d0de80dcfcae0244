//! The members of Parliament: the Assemblée's `AMO` archives (actors, organs, mandates) and the national directory of the
//! elected (`elus-*.csv`). Addresses, professions and the like are left where they are: only what tells one person from
//! another, and where they sit, is read.

mod actor;
mod directory;

use std::path::Path;

use pli_domain::member::PublishedMember;

use crate::reject::OpenError;
use crate::source::{Kind, Source, looks_like_json};

const FILES: Kind = Kind {
    extensions: &["json", "csv"],
    looks: |start| looks_like_json(start) || is_directory(start),
    expected: "un fichier JSON ou CSV d’élus",
    // What actors refer to is to be known before them.
    later: |name| !name.contains("organe"),
};

/// Opens a zip, a folder (with the folders in it), or a single file.
///
/// # Errors
///
/// If it cannot be read, or is none of these. What is wrong with single files in it is told by the [`Source`].
pub fn open(path: &Path) -> Result<Source<PublishedMember>, OpenError> {
    let mut organs = actor::Organs::default();
    let source = Source::open(path, FILES, move |file, input, emit| {
        if Path::new(file.name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            directory::read(input, emit)
        } else {
            actor::read(file, input, &mut organs, emit)
        }
    });
    source.map(Source::uncounted)
}

fn is_directory(start: &[u8]) -> bool {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.contains(&b';') && line.windows(9).any(|word| word == b"naissance")
}
