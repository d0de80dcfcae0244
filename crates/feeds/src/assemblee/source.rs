//! Where the files are: a zip, a folder, or one file.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use zip::ZipArchive;

use super::document;
use super::reject::{OpenError, RejectReason, Rejected};
use crate::record::PublishedQuestion;

/// The largest file that is read at all; the collection of legislature XIV is about half of it.
const LARGEST_FILE: u64 = 2 << 30;

/// How many records may wait for whoever imports them.
const READ_AHEAD: usize = 16;

type Item = Result<PublishedQuestion, Rejected>;

/// Opens a zip, a folder (with the folders in it), or a single JSON file.
///
/// # Errors
///
/// If it cannot be read, or is none of these. What is wrong with single files in it is told by the [`Source`].
pub fn open(path: &Path) -> Result<Source, OpenError> {
    Files::open(path).and_then(Source::begin).map_err(|failure| failure.of(path))
}

/// The questions of an opened source, in the order of the files' names.
///
/// The files are read in a thread, a few records ahead: a collection of a hundred thousand questions passes
/// through little memory. Dropping the source ends the thread.
#[derive(Debug)]
pub struct Source {
    items: Receiver<Item>,
    reader: Option<JoinHandle<()>>,
    total: Option<u64>,
}

impl Source {
    /// How many items will come, when that is known beforehand: not for a single file, which may be a collection.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    fn begin(files: Files) -> Result<Self, Failure> {
        let total = files.total();
        let (sender, items) = mpsc::sync_channel(READ_AHEAD);
        let mut send = move |item| match sender.send(item) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let read = move || {
            let _finished_or_stopped = files.read(&mut send);
        };
        let reader = thread::Builder::new().name("assemblee".to_owned()).spawn(read)?;
        Ok(Self { items, reader: Some(reader), total })
    }
}

impl Iterator for Source {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if let Ok(item) = self.items.recv() {
            return Some(item);
        }
        // A reader that panicked must not look like one that came to the end.
        if let Some(Err(panicked)) = self.reader.take().map(JoinHandle::join) {
            panic::resume_unwind(panicked);
        }
        None
    }
}

/// What goes wrong before the path is known.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error(transparent)]
    BrokenArchive(#[from] zip::result::ZipError),
    #[error("not recognised")]
    NotRecognised,
}

impl Failure {
    fn of(self, path: &Path) -> OpenError {
        let path = path.display().to_string();
        match self {
            Self::Unreadable(cause) => OpenError::Unreadable { path, cause },
            Self::BrokenArchive(cause) => OpenError::BrokenArchive { path, cause },
            Self::NotRecognised => OpenError::NotRecognised { path },
        }
    }
}

/// The files of a source, each with the name by which a user knows it, in the order of these names.
enum Files {
    Zipped(ZipArchive<BufReader<File>>, Vec<(String, usize)>),
    Plain(Vec<(String, PathBuf)>),
}

impl Files {
    fn open(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self::Plain(in_folder(path)?));
        }
        let mut start = Vec::new();
        File::open(path)?.take(512).read_to_end(&mut start)?;
        if start.starts_with(b"PK") {
            let archive = ZipArchive::new(BufReader::new(File::open(path)?))?;
            let members = members(&archive);
            Ok(Self::Zipped(archive, members))
        } else if looks_like_json(&start) {
            Ok(Self::Plain(vec![(name_of(path), path.to_owned())]))
        } else {
            Err(Failure::NotRecognised)
        }
    }

    fn total(&self) -> Option<u64> {
        let files = match self {
            Self::Zipped(_, members) => members.len(),
            Self::Plain(paths) => paths.len(),
        };
        (files != 1).then(|| u64::try_from(files).ok()).flatten()
    }

    fn read(self, send: &mut dyn FnMut(Item) -> ControlFlow<()>) -> ControlFlow<()> {
        match self {
            Self::Zipped(mut archive, members) => members.into_iter().try_for_each(|(source, index)| {
                let opened = check_member(&mut archive, index).and_then(|size| {
                    Ok((size, archive.by_index(index).map_err(|_| RejectReason::Unreadable)?))
                });
                read_one(&source, opened, send)
            }),
            Self::Plain(paths) => {
                paths.into_iter().try_for_each(|(source, path)| read_one(&source, check_file(&path), send))
            }
        }
    }
}

fn read_one(
    source: &str,
    opened: Result<(u64, impl Read), RejectReason>,
    send: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut emit = |outcome: document::Outcome| {
        send(outcome.map_err(|reason| Rejected { source: source.to_owned(), reason }))
    };
    match opened {
        Ok((size, input)) => document::read(input, size, &mut emit),
        Err(reason) => emit(Err(reason)),
    }
}

/// Unpacks a member into nothing. Only at its end does an archive tell whether a member is whole, and what an
/// archive says of a size need not be true: to know both before a record is believed, each member is unpacked twice.
fn check_member(archive: &mut ZipArchive<BufReader<File>>, index: usize) -> Result<u64, RejectReason> {
    let member = archive.by_index(index).map_err(|_| RejectReason::Unreadable)?;
    let size = io::copy(&mut member.take(LARGEST_FILE + 1), &mut io::sink());
    check_size(size.map_err(|_| RejectReason::Unreadable)?)
}

fn check_file(path: &Path) -> Result<(u64, File), RejectReason> {
    let unreadable = |_| RejectReason::Unreadable;
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    Ok((check_size(size)?, file))
}

fn check_size(size: u64) -> Result<u64, RejectReason> {
    if size > LARGEST_FILE { Err(RejectReason::TooLarge) } else { Ok(size) }
}

/// The JSON files of an archive, but for those that a Mac adds to hold its own attributes.
fn members(archive: &ZipArchive<BufReader<File>>) -> Vec<(String, usize)> {
    let names = archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned());
    let mut members: Vec<_> = names
        .zip(0..)
        .filter(|(name, _)| is_json(Path::new(name)) && !name.starts_with("__MACOSX/"))
        .collect();
    members.sort();
    members
}

/// The JSON files of a folder and of the folders in it.
fn in_folder(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let path = entry.path();
            // The type of the entry itself: a link to a folder above would lead round in circles.
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.is_file() && is_json(&path) {
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                files.push((name, path));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_json(path: &Path) -> bool {
    let hidden = name_of(path).starts_with('.');
    !hidden && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn looks_like_json(start: &[u8]) -> bool {
    let text = start.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(start).trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'['))
}
