//! From HTML to plain text, for lists and searches.
//!
//! Nothing here makes HTML safe to show: the result is text, to be escaped like any other.

/// The text without its markup: entities decoded, a line per block, single spaces.
#[must_use]
pub fn plain(html: &str) -> String {
    // A line of the file is no line of the text: only blocks make lines.
    tidy(&decode(&strip(&html.replace(['\n', '\r'], " "))))
}

/// The beginning of a text, cut between words, at most `length` characters and an ellipsis.
pub(super) fn excerpt(text: &str, length: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((cut, _)) = line.char_indices().nth(length) else {
        return line;
    };
    let (head, tail) = line.split_at(cut);
    let whole_words = match head.rfind(' ') {
        Some(space) if !tail.starts_with(' ') => head.split_at(space).0,
        _ => head,
    };
    format!("{}…", whole_words.trim_end_matches([' ', ',', ';', ':', '.']))
}

/// Tags that end a line; the others leave no trace.
const BLOCKS: [&str; 14] =
    ["br", "p", "div", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "caption", "center"];

/// Tags that set two words apart on one line.
const CELLS: [&str; 2] = ["td", "th"];

/// Replaces comments and tags by what they look like on paper.
fn strip(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = if let Some((looks, after)) = markup(after) {
            text.push_str(looks);
            after
        } else {
            text.push('<');
            after
        };
    }
    text.push_str(rest);
    text
}

/// Reads the markup that follows a `<`: what it looks like, and what comes after it. `None` if the `<` was
/// only a less-than sign.
fn markup(after: &str) -> Option<(&'static str, &str)> {
    if let Some(comment) = after.strip_prefix("!--") {
        return Some(("", comment.split_once("-->").map_or("", |(_, rest)| rest)));
    }
    if !after.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '!')) {
        return None;
    }
    // A tag ends before the next begins: a sign that opens nothing costs no search to the end of the text.
    let (tag, rest) = after.split_at(after.find(['<', '>'])?);
    Some((looks_of(tag), rest.strip_prefix('>')?))
}

fn looks_of(tag: &str) -> &'static str {
    let name =
        tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    if BLOCKS.iter().any(is) {
        "\n"
    } else if CELLS.iter().any(is) {
        " "
    } else {
        ""
    }
}

/// No entity is longer than this, between its `&` and its `;`.
const LONGEST_ENTITY: usize = 10;

/// Replaces entities by their characters; what is no entity stays as it is.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        rest = if let Some((character, rest)) = entity(after) {
            decoded.push(character);
            rest
        } else {
            decoded.push('&');
            after
        };
    }
    decoded.push_str(rest);
    decoded
}

/// Reads the entity that follows an `&`: its character, and what comes after it.
fn entity(after: &str) -> Option<(char, &str)> {
    let (end, _) = after.char_indices().take(LONGEST_ENTITY + 1).find(|(_, character)| *character == ';')?;
    let (name, rest) = after.split_at(end);
    Some((named(name)?, rest.strip_prefix(';')?))
}

fn named(name: &str) -> Option<char> {
    match name.strip_prefix('#') {
        Some(number) => numbered(number),
        None => NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character),
    }
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    let character = char::from_u32(code.ok()?)?;
    let misnumbered = WINDOWS.iter().find(|(known, _)| *known == character);
    Some(misnumbered.map_or(character, |(_, meant)| *meant))
}

/// The entities that French texts use.
const NAMED: [(&str, char); 48] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("euro", '€'),
    ("oelig", 'œ'),
    ("OElig", 'Œ'),
    ("aelig", 'æ'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("bull", '•'),
    ("middot", '·'),
    ("deg", '°'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("sect", '§'),
    ("times", '×'),
    ("frac12", '½'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ocirc", 'ô'),
    ("ugrave", 'ù'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("Agrave", 'À'),
    ("Acirc", 'Â'),
    ("Ccedil", 'Ç'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Ecirc", 'Ê'),
    ("Icirc", 'Î'),
    ("Ocirc", 'Ô'),
];

/// Control characters by which old files mean the character of that number in Windows-1252.
const WINDOWS: [(char, char); 11] = [
    ('\u{80}', '€'),
    ('\u{85}', '…'),
    ('\u{8c}', 'Œ'),
    ('\u{91}', '‘'),
    ('\u{92}', '’'),
    ('\u{93}', '“'),
    ('\u{94}', '”'),
    ('\u{95}', '•'),
    ('\u{96}', '–'),
    ('\u{97}', '—'),
    ('\u{9c}', 'œ'),
];

/// Single spaces (unbreakable ones too), no empty lines.
fn tidy(text: &str) -> String {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = text.lines().map(words).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_leaves_its_looks_only() {
        for (html, expected) in [
            ("Un <strong>mot</strong>.<br>Deux<BR/>trois</p>", "Un mot.\nDeux\ntrois"),
            ("<!-- DEBTAB --><table border='1'><tr><td>1</td><td>2</td></tr><tr><th>3</table>", "1 2\n3"),
            ("a < b et 3<4, <fin", "a < b et 3<4, <fin"),
            ("avant <!-- jamais fermé", "avant"),
            ("20&#160;000&nbsp;&#8364; &#x153;uvre l&#146;an &eacute;t&eacute;", "20 000 € œuvre l’an été"),
            ("AT&T; R&D &inconnu; &#0x; & fin &", "AT&T; R&D &inconnu; &#0x; & fin &"),
            ("&lt;br&gt; &amp;amp;", "<br> &amp;"),
        ] {
            assert_eq!(plain(html), expected, "{html}");
        }
    }

    #[test]
    fn an_excerpt_ends_with_a_word() {
        assert_eq!(excerpt("Un texte court", 120), "Un texte court");
        assert_eq!(excerpt("Mme la ministre, chargée", 15), "Mme la…");
        assert_eq!(excerpt("Mme la ministre, chargée", 16), "Mme la ministre…");
        assert_eq!(excerpt("Mme la ministre", 12), "Mme la…");
        assert_eq!(excerpt("anticonstitutionnellement", 5), "antic…");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(html in "\\PC*|[<>&;/!a-z#0-9 -]{0,60}", length in 0_usize..40) {
            let text = plain(&html);
            prop_assert!(excerpt(&text, length).chars().count() <= length + 1);
        }
    }
}
