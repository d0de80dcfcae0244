//! Some texts begin with what the page already says, the number and the date: `1234. — 7 janvier 2025. — `.

/// The text without its heading.
pub(super) fn off(text: &str) -> &str {
    after_heading(text).unwrap_or(text)
}

fn after_heading(text: &str) -> Option<&str> {
    let (number, rest) = text.split_once('.')?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (date, rest) = after_dash(rest)?.split_once('.')?;
    let words: Vec<_> = date.split_whitespace().collect();
    let [day, month, year] = words.as_slice() else {
        return None;
    };
    let is_date = day.trim_end_matches("er").parse::<u8>().is_ok()
        && MONTHS.contains(&month.to_lowercase().as_str())
        && year.parse::<u16>().is_ok();
    is_date.then(|| after_dash(rest)).flatten()
}

fn after_dash(text: &str) -> Option<&str> {
    let text = after_spaces(text);
    ["—", "–", "-", "&#8212;", "&#8211;", "&mdash;", "&ndash;"]
        .iter()
        .find_map(|dash| text.strip_prefix(dash))
        .map(after_spaces)
}

fn after_spaces(text: &str) -> &str {
    let mut text = text.trim_start();
    while let Some(rest) = ["&#160;", "&nbsp;"].iter().find_map(|space| text.strip_prefix(space)) {
        text = rest.trim_start();
    }
    text
}

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_taken_off() {
        for heading in [
            "1234. — 7 janvier 2025. — ",
            "1234.\u{a0}—\u{a0}1er\u{a0}août 2025.\u{a0}—\u{a0}",
            "9. - 31 Décembre 2024. -",
            "9.&#160;&#8212; 31 décembre 2024.&nbsp;&mdash; ",
        ] {
            assert_eq!(off(&format!("{heading}M. Untel")), "M. Untel", "{heading}");
        }
        for text in
            ["M. Untel", "1234. Untel", "12. — 7 sept 2025. — M.", "2025. — A. — B", "1. — 7 mai 2025 —"]
        {
            assert_eq!(off(text), text);
        }
    }
}
