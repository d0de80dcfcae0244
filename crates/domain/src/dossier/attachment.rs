//! What may be attached to a dossier: the scan of a letter, an answer as it was signed.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::digest::Digest;

/// The largest document, in bytes: 20 MiB, some two hundred scanned pages.
pub const LARGEST: u32 = 20 << 20;

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 150;

/// What a document is, by what it holds: a name proves nothing.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Media {
    /// A PDF.
    Pdf,
    /// A JPEG image.
    Jpeg,
    /// A PNG image.
    Png,
    /// A TIFF image, as scanners make; browsers do not show it.
    Tiff,
}

/// A document of a dossier. Its name is personal words, kept beside the journal as the note of the act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// SHA-256 of its bytes, by which it is stored.
    pub file: Digest,
    /// What it is.
    pub media: Media,
    /// How long it is, in bytes.
    pub bytes: u32,
}

impl Media {
    /// How many of the first bytes are enough to tell.
    pub const HEAD: usize = 8;

    /// What a document that begins so is; `None` for all that is not accepted.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        const SIGNS: [(&[u8], Media); 5] = [
            (b"%PDF-", Media::Pdf),
            (b"\xff\xd8\xff", Media::Jpeg),
            (b"\x89PNG\r\n\x1a\n", Media::Png),
            (b"II*\0", Media::Tiff),
            (b"MM\0*", Media::Tiff),
        ];
        SIGNS.into_iter().find(|(sign, _)| head.starts_with(sign)).map(|(_, media)| media)
    }

    /// Its name on the web (MIME).
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Tiff => "image/tiff",
        }
    }

    /// The ends of a name that say so, the usual one first.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Tiff => &["tif", "tiff"],
        }
    }

    /// The name under which such a document is kept: what was sent without any folder or invisible sign, cut short when
    /// it is endless, and never with the end of another kind of file.
    #[must_use]
    pub fn name(self, sent: &str) -> String {
        let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
        let seen = |sign: &char| !sign.is_control() && !turns_text(*sign);
        let name: String = last.chars().filter(seen).collect();
        let (stem, end) = name.trim().rsplit_once('.').unwrap_or((name.trim(), ""));
        let known = self.extensions().iter().any(|own| own.eq_ignore_ascii_case(end));
        let (stem, end) = if known { (stem, end) } else { (name.trim(), self.usual_extension()) };
        let stem: String = stem.chars().take(LONGEST_NAME).collect();
        let stem = stem.trim_matches(['.', ' ']);
        format!("{}.{end}", if stem.is_empty() { "document" } else { stem })
    }

    fn usual_extension(self) -> &'static str {
        self.extensions().first().copied().unwrap_or_default()
    }
}

/// Whether a sign makes what follows be read from the other side: « fdp.exe » would show as « exe.pdf ».
fn turns_text(sign: char) -> bool {
    matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_told_by_what_it_holds() {
        let is = |head: &[u8]| Media::of(head);
        assert_eq!(is(b"%PDF-1.7\n"), Some(Media::Pdf));
        assert_eq!(is(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(Media::Jpeg));
        assert_eq!(is(b"\x89PNG\r\n\x1a\n"), Some(Media::Png));
        assert_eq!(is(b"II*\0\x08\0\0\0"), Some(Media::Tiff));
        assert_eq!(is(b"MM\0*\0\0\0\x08"), Some(Media::Tiff));
        for other in
            [&b""[..], b"%PD", b"PK\x03\x04", b"<!doctype html>", b"<svg xmlns", b"GIF89a", b"\xff\xd8"]
        {
            assert_eq!(is(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_name_is_one_name_of_that_kind() {
        for (sent, kept) in [
            ("Lettre de Mme Garonne.pdf", "Lettre de Mme Garonne.pdf"),
            ("SCAN0001.PDF", "SCAN0001.PDF"),
            ("C:\\Users\\agent\\lettre.pdf", "lettre.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("virus.exe", "virus.exe.pdf"),
            ("un\r\ndeux\0.pdf", "undeux.pdf"),
            ("\u{202e}fdp.exe", "fdp.exe.pdf"),
            ("  .pdf ", "document.pdf"),
            ("...", "document.pdf"),
            ("", "document.pdf"),
            ("n° 12 — « été ».pdf", "n° 12 — « été ».pdf"),
        ] {
            assert_eq!(Media::Pdf.name(sent), kept, "{sent:?}");
        }
        assert_eq!(Media::Jpeg.name("photo.jpeg"), "photo.jpeg");
        let long = Media::Tiff.name(&"é".repeat(1_000));
        assert_eq!(long.chars().count(), LONGEST_NAME + ".tif".len());
    }
}
