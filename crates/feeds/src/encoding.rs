//! In which letters a file is written: the Sénat's are in Windows-1252, whatever they say, until someone saves them anew.

use std::io::{self, Cursor, Read};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;

/// How much is looked at to tell.
const SAMPLE: u64 = 64 << 10;

/// The file in UTF-8. Bytes that mean nothing become `\u{fffd}`; they stop nothing.
pub(crate) fn utf8(mut input: impl Read) -> io::Result<impl Read> {
    let mut start = Vec::new();
    input.by_ref().take(SAMPLE).read_to_end(&mut start)?;
    let encoding = declared(&start).unwrap_or_else(|| likely(&start));
    Ok(DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(Cursor::new(start).chain(input)))
}

/// What an XML declaration or a database's dump says of itself.
fn declared(start: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(start.get(..2048).unwrap_or(start));
    let said = if let Some((_, rest)) = head.split_once("client_encoding = '") {
        rest.split('\'').next()?.replace("LATIN", "iso-8859-").replace("WIN", "windows-")
    } else {
        let (declaration, _) = head.strip_prefix("<?xml")?.split_once("?>")?;
        let (_, rest) = declaration.split_once("encoding")?;
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        rest.split(['"', '\'']).nth(1)?.to_owned()
    };
    Encoding::for_label(said.as_bytes())
}

/// UTF-8 if it reads as such, a letter cut off at the end of the sample apart.
fn likely(start: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(start) {
        Ok(_) => UTF_8,
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        utf8(bytes).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_file_is_read_in_the_letters_it_is_written_in() {
        for (bytes, text) in [
            (&b"Num\xe9ro \x96 \x80"[..], "Numéro – €"),
            ("Numéro – €".as_bytes(), "Numéro – €"),
            (b"\xef\xbb\xbfa", "a"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-1'?>\xe9",
                "<?xml version='1.0' encoding='ISO-8859-1'?>é",
            ),
            (b"SET client_encoding = 'LATIN1';\n\xe9", "SET client_encoding = 'LATIN1';\né"),
            (b"SET client_encoding = 'UTF8';\n\xc3\xa9", "SET client_encoding = 'UTF8';\né"),
            (b"<?xml encoding='\xff\xfe'?>a", "<?xml encoding='ÿþ'?>a"),
            (b"", ""),
        ] {
            assert_eq!(read(bytes), text);
        }
        let cut = [&vec![b'a'; 65535][..], "é\u{e9}".as_bytes()].concat();
        assert!(read(&cut).ends_with("éé"));
    }
}
