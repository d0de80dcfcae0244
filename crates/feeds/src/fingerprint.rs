//! Which file it was: its name, and its digest.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use pli_domain::digest::{Digest, FileDigest};

use crate::source::{in_folder, name_of};

/// The name of a file or folder, without where it lies, and its digest. A file's is the plain SHA-256, which `sha256sum` gives
/// too; a folder's is made of the names and the digests of its files, in the order of the names. `None` when it cannot be read.
#[must_use]
pub fn fingerprint(path: &Path) -> (String, Option<Digest>) {
    let digest = if path.is_dir() { of_folder(path) } else { of_file(path) };
    (name_of(path), digest.ok())
}

fn of_file(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut digest = FileDigest::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some([]) | None => return Ok(digest.end()),
            Some(bytes) => digest.read(bytes),
        }
    }
}

fn of_folder(path: &Path) -> io::Result<Digest> {
    let mut parts = Vec::new();
    for (name, file) in in_folder(path, |_| false, |_| true)? {
        parts.push(name);
        parts.push(of_file(&file)?.to_string());
    }
    Ok(Digest::of(parts.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name_and_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let one = folder.path().join("un.csv");
        std::fs::write(&one, "abc").unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fingerprint(&one), ("un.csv".to_owned(), Digest::parse(known)));
        let whole = fingerprint(folder.path()).1.unwrap();
        std::fs::rename(&one, folder.path().join("deux.csv")).unwrap();
        assert_ne!(fingerprint(folder.path()).1, Some(whole), "the names count");
        assert_eq!(fingerprint(&one).1, None);
    }
}
