//! What the tests of the readers share.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use pli_domain::published::PublishedQuestion;
use pli_feeds::{Rejected, assemblee};
use serde_json::{Value, json};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What came of one record.
pub(crate) type Item = Result<PublishedQuestion, Rejected>;

/// The archives of real questions.
pub(crate) const ARCHIVES: [&str; 3] = [
    "Questions_ecrites_extrait.json.zip",
    "Questions_gouvernement_extrait.json.zip",
    "Questions_orales_sans_debat_extrait.json.zip",
];

/// A file of `fixtures/assemblee`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/assemblee").join(name)
}

/// A file of another folder of `fixtures`.
pub(crate) fn fixture_of(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder).join(name)
}

/// The names and the bytes in one of the [`ARCHIVES`].
pub(crate) fn members(archive: &str) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(File::open(fixture(archive)).unwrap()).unwrap();
    let count = archive.len();
    let read = |index| {
        let mut member = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        (member.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(read).collect()
}

/// One real question, as JSON.
pub(crate) fn real(uid: &str) -> Value {
    let members = ARCHIVES.into_iter().flat_map(members);
    let name = format!("json/{uid}.json");
    let (_, bytes) = members.into_iter().find(|(member, _)| *member == name).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The smallest question, with some keys more.
pub(crate) fn question(more: Value) -> Value {
    let mut question = json!({ "uid": "QANR5L17QE12" });
    let Value::Object(more) = more else { panic!("an object of keys") };
    question.as_object_mut().unwrap().extend(more);
    json!({ "question": question })
}

/// All that the reader makes of a path.
pub(crate) fn read_path(path: &Path) -> Vec<Item> {
    assemblee::open(path).unwrap().collect()
}

/// All that the reader makes of the bytes of a single file.
pub(crate) fn read_bytes(bytes: &[u8]) -> Vec<Item> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("une.json");
    fs::write(&path, bytes).unwrap();
    assemblee::open(&path).map(Iterator::collect).unwrap_or_default()
}

/// What the reader makes of a file of one question.
pub(crate) fn read_value(value: &Value) -> Item {
    let mut items = read_bytes(value.to_string().as_bytes());
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0)
}

/// The code of the rejection of a file of one question.
pub(crate) fn rejection(value: &Value) -> &'static str {
    read_value(value).unwrap_err().reason.code()
}

/// Makes a zip of these files.
pub(crate) fn zipped(folder: &TempDir, files: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.path().join("archive.zip");
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    path
}
