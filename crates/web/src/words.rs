//! French as it is printed: dates, numbers, plurals, units.

use std::fmt::Write as _;

use chrono::NaiveDate;
use pli_domain::ids::UnitId;
use pli_domain::organisation::Organisation;

/// « 05/03/2026 ».
pub(crate) fn date(on: NaiveDate) -> String {
    on.format("%d/%m/%Y").to_string()
}

/// « 12 345 », with narrow spaces that do not break.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place) % 3 == 0 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// « 1 dossier », « 2 dossiers ».
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{}\u{a0}{}", number(count), if count > 1 { many } else { one })
}

/// « 340 Kio », « 1,2 Mio »: rounded up, since nothing that exists is nothing.
pub(crate) fn size(bytes: u32) -> String {
    const MIB: u32 = 1 << 20;
    if bytes < MIB {
        return format!("{}\u{a0}Kio", bytes.div_ceil(1 << 10));
    }
    let tenths = u64::from(bytes).saturating_mul(10).div_ceil(u64::from(MIB));
    match tenths % 10 {
        0 => format!("{}\u{a0}Mio", tenths / 10),
        tenth => format!("{},{tenth}\u{a0}Mio", tenths / 10),
    }
}

/// « DACS – Direction des affaires civiles et du sceau ».
pub(crate) fn unit(organisation: &Organisation, id: UnitId) -> String {
    match organisation.unit(id) {
        Some(unit) => format!("{} – {}", unit.code, unit.name),
        None => "Service inconnu".to_owned(),
    }
}

/// The short name of a unit.
pub(crate) fn unit_code(organisation: &Organisation, id: UnitId) -> String {
    organisation.unit(id).map_or_else(|| "?".to_owned(), |unit| unit.code.clone())
}

/// A name as a part of an address, whatever it is made of.
pub(crate) fn segment(name: &str) -> String {
    // What a form writes as « + » is a space.
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The lines of a text that hold something, each a paragraph.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The same, as HTML.
pub(crate) fn safe_paragraphs(text: &str) -> String {
    let escaped = paragraphs(text).into_iter();
    let escaped = escaped.map(|line| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    escaped.map(|line| ["<p>", &line, "</p>\n"].concat()).collect()
}

/// « DACS, DAP et DPJJ ».
pub(crate) fn listed(items: &[String]) -> String {
    let mut text = String::new();
    for (place, item) in items.iter().enumerate() {
        let last = place.saturating_add(1) == items.len();
        let before = if place == 0 {
            ""
        } else if last {
            " et "
        } else {
            ", "
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{before}{item}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_plurals_are_french() {
        assert_eq!(counted(0, "dossier", "dossiers"), "0\u{a0}dossier");
        assert_eq!(counted(1, "dossier", "dossiers"), "1\u{a0}dossier");
        assert_eq!(counted(12_345, "dossier", "dossiers"), "12\u{202f}345\u{a0}dossiers");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(999), "999");
    }

    #[test]
    fn a_name_is_one_part_of_an_address() {
        assert_eq!(segment("DACS-C1"), "DACS-C1");
        assert_eq!(segment("D&<É +/%"), "D%26%3C%C3%89%20%2B%2F%25");
    }

    #[test]
    fn sizes_are_rounded_up() {
        let said = [1, 1_024, 1_025, 1_048_576, 1_200_000, 20 << 20].map(size);
        assert_eq!(
            said.map(|size| size.replace('\u{a0}', " ")),
            ["1 Kio", "1 Kio", "2 Kio", "1 Mio", "1,2 Mio", "20 Mio"]
        );
    }

    #[test]
    fn a_list_ends_with_and() {
        let items: Vec<String> = ["DACS", "DAP", "DPJJ"].map(str::to_owned).to_vec();
        assert_eq!(listed(&items), "DACS, DAP et DPJJ");
        assert_eq!(listed(&items[..2]), "DACS et DAP");
        assert_eq!(listed(&items[..1]), "DACS");
    }
}
