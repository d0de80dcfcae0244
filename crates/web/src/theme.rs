//! What a deployment lays over the look: tokens, fonts and a mark of its own, in a folder that is read when the server starts.
//!
//! `theme.css` comes after the style of Pli and sets its custom properties; it may name the other files of the folder, by
//! their names alone. This is how a ministry brings the State's design system, which is never in this repository.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::Web;
use crate::failure::{Failure, Kind};
use crate::post::Named;

/// The file that sets the tokens.
const SHEET: &str = "theme.css";

/// What a theme may hold, in bytes: it is kept in memory.
const LARGEST: u64 = 8 << 20;

/// The kinds of files of a theme, by the end of their names.
const KINDS: [(&str, &str); 5] = [
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
];

/// A file of the theme.
#[derive(Debug)]
struct File {
    kind: &'static str,
    content: Bytes,
}

/// A theme; without any file, the look is Pli's own.
#[derive(Clone, Debug, Default)]
pub struct Theme(Arc<BTreeMap<String, File>>);

impl Theme {
    /// Reads a theme from its folder.
    ///
    /// # Errors
    /// When the folder has no `theme.css`, holds too much, or a file that is of no use in a theme; in French.
    pub fn read(folder: &Path) -> Result<Self> {
        let (mut files, mut bytes) = (BTreeMap::new(), 0_u64);
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            bytes = bytes.saturating_add(entry.metadata()?.len());
            let Some(kind) = kind(&name).filter(|_| entry.path().is_file()) else {
                return refuse(format!(
                    "« {name} » n’a pas sa place dans un thème (css, svg, png, woff, woff2)"
                ));
            };
            if bytes > LARGEST {
                return refuse(format!("le thème dépasse {} Mio", LARGEST >> 20));
            }
            files.insert(name, File { kind, content: fs::read(entry.path())?.into() });
        }
        if !files.contains_key(SHEET) {
            return refuse(format!("le thème n’a pas de fichier {SHEET}"));
        }
        Ok(Self(Arc::new(files)))
    }
}

fn refuse<T>(why: String) -> Result<T> {
    Err(Error::new(ErrorKind::InvalidData, why))
}

fn kind(name: &str) -> Option<&'static str> {
    let (_, end) = name.rsplit_once('.')?;
    KINDS.iter().find(|(known, _)| *known == end).map(|(_, kind)| *kind)
}

/// `GET /theme/{file}`: for everybody, the sign-in page wears it too. Without a theme the sheet is empty.
pub(crate) async fn file(
    State(web): State<Web>,
    Named(name): Named<String>,
) -> std::result::Result<Response, Failure> {
    let (kind, content) = match (web.options.theme.0.get(&name), name.as_str()) {
        (Some(file), _) => (file.kind, file.content.clone()),
        (None, SHEET) => ("text/css; charset=utf-8", Bytes::new()),
        (None, _) => return Err(Kind::NotFound.into()),
    };
    // A deployment changes its theme when it starts again.
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=3600")], content).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(files: &[(&str, &str)]) -> Result<Theme> {
        let folder = tempfile::tempdir()?;
        for (name, content) in files {
            fs::write(folder.path().join(name), content)?;
        }
        Theme::read(folder.path())
    }

    #[test]
    fn a_theme_is_a_sheet_with_its_fonts_and_its_mark() {
        let read = theme(&[("theme.css", ":root { --accent: #000091 }"), ("marque.svg", "<svg/>")]).unwrap();
        assert_eq!(read.0.keys().collect::<Vec<_>>(), ["marque.svg", "theme.css"]);
        let refused = |files: &[(&str, &str)]| theme(files).unwrap_err().to_string();
        assert!(refused(&[("marque.svg", "<svg/>")]).contains("theme.css"));
        assert!(refused(&[("theme.css", ""), ("theme.js", "")]).contains("theme.js"));
        assert!(Theme::read(Path::new("/nulle/part")).is_err());
    }
}
