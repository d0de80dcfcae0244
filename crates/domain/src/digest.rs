//! Fingerprints (SHA-256): what the journal keeps in place of texts, so that a text can be anonymised later
//! while its entry still proves which text it was.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A SHA-256 in lower hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of some parts, each preceded by its length: `["ab", "c"]` and `["a", "bc"]` differ.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hex(&hasher.finalize()))
    }

    /// A digest that a person or a program gives: 64 signs of lower hexadecimal, nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = text.bytes().all(|sign| matches!(sign, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && hexadecimal).then(|| Self(text.to_owned()))
    }

    /// A digest read back from storage; its form is not checked.
    #[must_use]
    pub fn stored(hex: String) -> Self {
        Self(hex)
    }

    /// A name for what the digest is of, that may be shown: its first half. Nobody gets the digest from it.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        // The first 32 digits of a digest are always a UUID.
        self.0.get(..32).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    /// The hexadecimal text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a file as it comes; its digest is the plain one, which `sha256sum` gives too.
#[derive(Clone, Debug, Default)]
pub struct FileDigest(Sha256);

impl FileDigest {
    /// Reads on.
    pub fn read(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was read.
    #[must_use]
    pub fn end(self) -> Digest {
        Digest(hex(&self.0.finalize()))
    }
}

/// Bytes in lower hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = fmt::Write::write_fmt(&mut hex, format_args!("{byte:02x}"));
        hex
    })
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(Digest::of(["ab", "c"]), Digest::of(["a", "bc"]));
        assert_eq!(Digest::of(["a"]).as_str().len(), 64);
    }

    #[test]
    fn a_file_has_the_digest_that_everybody_gives_it() {
        let mut digest = FileDigest::default();
        digest.read(b"a");
        digest.read(b"bc");
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.end().as_str(), known);
        assert_eq!(Digest::parse(known).as_ref().map(Digest::as_str), Some(known));
        for wrong in ["", "../../etc/passwd", &known.to_uppercase(), &known[1..], &format!("{known}0")] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
    }
}
