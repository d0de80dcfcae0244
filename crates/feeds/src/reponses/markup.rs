//! The little HTML in which *Réponses* takes an answer. It refuses an answer that holds any other tag, and takes every `<`
//! for the beginning of one.

/// The tags that it takes, in small letters; it compares without regard to case.
const TAGS: [&str; 15] =
    ["p", "ul", "ol", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "b", "i", "strong", "em"];

/// What begins a line of a list, as people type it.
const BULLETS: [&str; 5] = ["- ", "– ", "— ", "• ", "* "];

/// The first thing that *Réponses* would refuse in an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("balise non admise : « <{0} »")]
pub struct Forbidden(String);

/// The text of an answer, written in plain text, as *Réponses* takes it: a paragraph for each line, a list for lines that
/// begin with a dash.
#[must_use]
pub fn from_text(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut in_list = false;
    for line in text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()) {
        let item = BULLETS.iter().find_map(|bullet| line.strip_prefix(bullet));
        if item.is_some() != in_list {
            html.push_str(if in_list { "</ul>\n" } else { "<ul>\n" });
            in_list = !in_list;
        }
        let (open, close) = if in_list { ("<li>", "</li>\n") } else { ("<p>", "</p>\n") };
        html.push_str(open);
        escape(item.unwrap_or(line), &mut html);
        html.push_str(close);
    }
    if in_list {
        html.push_str("</ul>\n");
    }
    html
}

fn escape(text: &str, html: &mut String) {
    for character in text.trim().chars().filter(|character| in_xml(*character)) {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
}

/// Whether XML 1.0 has a way to hold this character at all. What comes out of a word processor may have none.
pub(super) fn in_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Looks at every `<`, as *Réponses* does.
///
/// # Errors
/// The first tag that is not one of those that it takes, or `<` that begins none.
pub fn check(html: &str) -> Result<(), Forbidden> {
    html.split('<').skip(1).try_for_each(|after| {
        let name = after.strip_prefix('/').unwrap_or(after);
        let end = name.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        let known = TAGS.contains(&name.to_ascii_lowercase().as_str());
        let ends = rest.starts_with(['>', '/', ' ', '\t', '\n', '\r']) && rest.contains('>');
        let shown = || after.chars().take(20).collect();
        if known && ends { Ok(()) } else { Err(Forbidden(shown())) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_paragraphs_and_dashes_a_list() {
        let text =
            "Monsieur le député,\r\n\r\nTrois mesures :\n- l’aide ; \n– le <script> & l’accueil\n\nFin.";
        let html = from_text(text);
        assert_eq!(
            html,
            "<p>Monsieur le député,</p>\n<p>Trois mesures :</p>\n<ul>\n<li>l’aide ;</li>\n\
             <li>le &lt;script&gt; &amp; l’accueil</li>\n</ul>\n<p>Fin.</p>\n"
        );
        assert_eq!(check(&html), Ok(()));
        assert_eq!(from_text("- seul"), "<ul>\n<li>seul</li>\n</ul>\n");
        assert_eq!(from_text("a\u{b}b\u{fffe}"), "<p>ab</p>\n");
    }

    #[test]
    fn every_other_sign_that_opens_a_tag_is_refused() {
        for good in ["", "texte > 3", "<P>a</P>", "<td >x</td>", "<table\nclass=x>", "</em>"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["<br>", "<script>", "a < b", "<", "<p", "<!-- -->", "<p<b>", "< p>", "<pre>", "<p\u{a0}>"]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
