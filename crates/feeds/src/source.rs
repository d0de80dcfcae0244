//! Where the files are: a zip, a folder, or one file.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use zip::ZipArchive;

use crate::reject::{OpenError, RejectReason, Rejected};

/// The largest file that is read at all; the Sénat's dump, the largest there is, is about half of it.
const LARGEST_FILE: u64 = 4 << 30;

/// The most that is unpacked of one archive, so that a small one made to fill a disk costs little.
const LARGEST_ARCHIVE: u64 = 16 << 30;

/// How much of a file tells what it is.
const START: u64 = 4096;

/// How many records may wait for whoever imports them.
const READ_AHEAD: usize = 16;

/// Takes what becomes of each record, until it has had enough.
pub(crate) type Emit<'a, T> = dyn FnMut(Result<T, RejectReason>) -> ControlFlow<()> + 'a;

/// A kind of source: which files it is made of, and in which order they are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// The endings of its files.
    pub(crate) extensions: &'static [&'static str],
    /// Whether a lone file looks like one, from its first bytes.
    pub(crate) looks: fn(&[u8]) -> bool,
    /// What a lone file should have been, in French.
    pub(crate) expected: &'static str,
    /// Which files come first, by their names: `false` before `true`, then in the order of the names.
    pub(crate) later: fn(&str) -> bool,
}

/// What is known of a file before it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened<'a> {
    /// The name by which a user knows it.
    pub(crate) name: &'a str,
    /// Its size, unpacked.
    pub(crate) size: u64,
}

/// The records of an opened source.
///
/// The files are read in a thread, a few records ahead: a collection of a hundred thousand questions passes
/// through little memory. Dropping the source ends the thread.
#[derive(Debug)]
pub struct Source<T> {
    items: Receiver<Result<T, Rejected>>,
    reader: Option<JoinHandle<()>>,
    total: Option<u64>,
}

impl<T: Send + 'static> Source<T> {
    /// Opens what is at a path; `read` makes records of one file after the other.
    pub(crate) fn open(
        path: &Path,
        kind: Kind,
        read: impl FnMut(Opened<'_>, &mut dyn Read, &mut Emit<'_, T>) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Self, OpenError> {
        let begun = Files::open(path, kind).and_then(|files| Self::begin(files, read));
        begun.map_err(|failure| failure.of(path, kind))
    }

    fn begin(
        files: Files,
        mut read: impl FnMut(Opened<'_>, &mut dyn Read, &mut Emit<'_, T>) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Self, Failure> {
        let total = files.total();
        let (sender, items) = mpsc::sync_channel(READ_AHEAD);
        let mut send = move |item| match sender.send(item) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let work = move || {
            let _finished_or_stopped = files.read(&mut read, &mut send);
        };
        let reader = thread::Builder::new().name("feed".to_owned()).spawn(work)?;
        Ok(Self { items, reader: Some(reader), total })
    }
}

impl<T> Source<T> {
    /// The same, where files hold any number of records.
    pub(crate) fn uncounted(self) -> Self {
        Self { total: None, ..self }
    }

    /// How many items will come, when that is known beforehand: not for a single file, which may be a collection.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

impl<T> Iterator for Source<T> {
    type Item = Result<T, Rejected>;

    fn next(&mut self) -> Option<Self::Item> {
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
    fn of(self, path: &Path, kind: Kind) -> OpenError {
        let path = path.display().to_string();
        match self {
            Self::Unreadable(cause) => OpenError::Unreadable { path, cause },
            Self::BrokenArchive(cause) => OpenError::BrokenArchive { path, cause },
            Self::NotRecognised => OpenError::NotRecognised { path, expected: kind.expected },
        }
    }
}

/// The files of a source, each with the name by which a user knows it, in the order of these names.
enum Files {
    Zipped(ZipArchive<BufReader<File>>, Vec<(String, usize)>),
    Plain(Vec<(String, PathBuf)>),
}

impl Files {
    fn open(path: &Path, kind: Kind) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(Self::Plain(in_folder(path, kind.later, |path| is_of(kind, path))?));
        }
        let mut start = Vec::new();
        File::open(path)?.take(START).read_to_end(&mut start)?;
        if start.starts_with(b"PK") {
            let archive = ZipArchive::new(BufReader::new(File::open(path)?))?;
            let members = members(&archive, kind);
            Ok(Self::Zipped(archive, members))
        } else if (kind.looks)(&start) {
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

    fn read<T>(
        self,
        read: &mut impl FnMut(Opened<'_>, &mut dyn Read, &mut Emit<'_, T>) -> ControlFlow<()>,
        send: &mut dyn FnMut(Result<T, Rejected>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut one = |name: &str, opened: Result<(u64, &mut dyn Read), RejectReason>| {
            let mut emit = |outcome: Result<T, RejectReason>| {
                send(outcome.map_err(|reason| Rejected { source: name.to_owned(), reason }))
            };
            match opened {
                Ok((size, input)) => read(Opened { name, size }, input, &mut emit),
                Err(reason) => emit(Err(reason)),
            }
        };
        match self {
            Self::Zipped(mut archive, members) => {
                let mut left = LARGEST_ARCHIVE;
                members.into_iter().try_for_each(|(name, index)| {
                    let size = check_member(&mut archive, index, left);
                    left = left.saturating_sub(*size.as_ref().unwrap_or(&LARGEST_FILE));
                    let member = size.and_then(|size| {
                        Ok((size, archive.by_index(index).map_err(|_| RejectReason::Unreadable)?))
                    });
                    match member {
                        Ok((size, mut member)) => one(&name, Ok((size, &mut member))),
                        Err(reason) => one(&name, Err(reason)),
                    }
                })
            }
            Self::Plain(paths) => paths.into_iter().try_for_each(|(name, path)| match check_file(&path) {
                Ok((size, mut file)) => one(&name, Ok((size, &mut file))),
                Err(reason) => one(&name, Err(reason)),
            }),
        }
    }
}

/// Unpacks a member into nothing. Only at its end does an archive tell whether a member is whole, and what an
/// archive says of a size need not be true: to know both before a record is believed, each member is unpacked twice.
fn check_member(
    archive: &mut ZipArchive<BufReader<File>>,
    index: usize,
    left: u64,
) -> Result<u64, RejectReason> {
    let member = archive.by_index(index).map_err(|_| RejectReason::Unreadable)?;
    let most = LARGEST_FILE.min(left);
    let size = io::copy(&mut member.take(most.saturating_add(1)), &mut io::sink());
    check_size(size.map_err(|_| RejectReason::Unreadable)?, most)
}

fn check_file(path: &Path) -> Result<(u64, File), RejectReason> {
    let unreadable = |_| RejectReason::Unreadable;
    let file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    Ok((check_size(size, LARGEST_FILE)?, file))
}

fn check_size(size: u64, most: u64) -> Result<u64, RejectReason> {
    if size > most { Err(RejectReason::TooLarge) } else { Ok(size) }
}

/// The files of an archive, but for those that a Mac adds to hold its own attributes.
fn members(archive: &ZipArchive<BufReader<File>>, kind: Kind) -> Vec<(String, usize)> {
    let names = archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned());
    let mut members: Vec<_> = names
        .zip(0..)
        .filter(|(name, _)| is_of(kind, Path::new(name)) && !name.starts_with("__MACOSX/"))
        .collect();
    members.sort_by_cached_key(|(name, index)| ((kind.later)(name), name.clone(), *index));
    members
}

/// The files of a folder and of the folders in it.
pub(crate) fn in_folder(
    folder: &Path,
    later: fn(&str) -> bool,
    wanted: impl Fn(&Path) -> bool,
) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            let path = entry.path();
            // The type of the entry itself: a link to a folder above would lead round in circles.
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.is_file() && wanted(&path) {
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                files.push((name, path));
            }
        }
    }
    files.sort_by_cached_key(|(name, _)| (later(name), name.clone()));
    Ok(files)
}

fn is_of(kind: Kind, path: &Path) -> bool {
    let hidden = name_of(path).starts_with('.');
    let known = |extension: &OsStr| kind.extensions.iter().any(|known| extension.eq_ignore_ascii_case(known));
    !hidden && path.extension().is_some_and(known)
}

pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Whether a file begins as JSON does.
pub(crate) fn looks_like_json(start: &[u8]) -> bool {
    matches!(first_sign(start), Some(b'{' | b'['))
}

/// Whether a file begins as XML or HTML does.
pub(crate) fn looks_like_markup(start: &[u8]) -> bool {
    first_sign(start) == Some(b'<')
}

fn first_sign(start: &[u8]) -> Option<u8> {
    let text = start.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(start).trim_ascii_start();
    text.first().copied()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// A thousandth of it on the disk: whoever unpacks it stops where the archive has had its share.
    #[test]
    fn a_small_archive_made_to_fill_a_disk_is_unpacked_up_to_its_bound() {
        let mut written = ZipWriter::new(Cursor::new(Vec::new()));
        written.start_file("1.json", SimpleFileOptions::default()).unwrap();
        written.write_all(&vec![b' '; 4 << 20]).unwrap();
        let bytes = written.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 16, "{}", bytes.len());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bombe.zip");
        fs::write(&path, bytes).unwrap();
        let open = || ZipArchive::new(BufReader::new(File::open(&path).unwrap())).unwrap();
        assert_eq!(check_member(&mut open(), 0, 4 << 20).unwrap(), 4 << 20);
        let refused = check_member(&mut open(), 0, (4 << 20) - 1);
        assert!(matches!(refused, Err(RejectReason::TooLarge)), "{refused:?}");
        assert!(matches!(check_member(&mut open(), 0, 0), Err(RejectReason::TooLarge)));
    }
}
