//! The publishers' HTML, made safe to show: no script, no style, no link, nothing loaded, tables and paragraphs kept.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;

/// What may stand in a text; of anything else the words stay.
const TAGS: [&str; 23] = [
    "b",
    "blockquote",
    "br",
    "caption",
    "div",
    "em",
    "i",
    "li",
    "ol",
    "p",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// Of these not even the words stay.
const SILENT: [&str; 7] = ["script", "style", "iframe", "object", "noscript", "template", "svg"];

/// The deepest that elements may lie in each other: to find the place of one costs as much as it lies deep.
const DEEPEST: usize = 200;

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::new();
    let spans = HashSet::from(["colspan", "rowspan"]);
    cleaner
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(SILENT))
        .tag_attributes(HashMap::from([("td", spans.clone()), ("th", spans)]))
        .generic_attributes(HashSet::new())
        // The real tables have `rowspan=2"`.
        .attribute_filter(|_, _, value| {
            let digits: String = value.chars().take_while(char::is_ascii_digit).take(3).collect();
            (!digits.is_empty()).then(|| digits.into())
        })
        .link_rel(None);
    cleaner
});

/// The text as HTML that is safe to show.
pub(crate) fn safe(html: &str) -> String {
    if is_deep(html) { ammonia::clean_text(html) } else { CLEANER.clean(html).to_string().trim().to_owned() }
}

/// Whether elements lie too deep in each other. Those that close each other, or that hold nothing, do not count.
fn is_deep(html: &str) -> bool {
    const FLAT: [&str; 12] = ["br", "p", "li", "td", "th", "tr", "hr", "img", "input", "meta", "link", "col"];
    let mut depth = 0_usize;
    for after in html.split('<').skip(1) {
        let (closing, tag) = match after.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, after),
        };
        let name = tag.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or_default();
        if name.is_empty() || FLAT.iter().any(|flat| flat.eq_ignore_ascii_case(name)) {
            continue;
        }
        depth = if closing { depth.saturating_sub(1) } else { depth.saturating_add(1) };
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_is_taken_out_and_what_is_said_stays() {
        for (html, expected) in [
            ("Un <strong>mot</strong> <em>dit</em>", "Un <strong>mot</strong> <em>dit</em>"),
            ("a<script>alert(1)</script>b<style>p{}</style>", "ab"),
            ("<p onclick=\"x()\" style='color:red' class=a>Bonjour</p>", "<p>Bonjour</p>"),
            ("<a href='javascript:x()'>lien</a>", "lien"),
            ("<img src=x onerror=alert(1)>image", "image"),
            ("<svg><a xlink:href='javascript:x()'>v</a></svg>fin", "fin"),
            (
                "<!-- DEBTAB --><table border='1'><tr><td align=left colspan=2>1</td></tr></table>",
                "<table><tbody><tr><td colspan=\"2\">1</td></tr></tbody></table>",
            ),
            ("<td rowspan=2\">1", "1"),
            (
                "<table><td rowspan=2\" colspan=x>1",
                "<table><tbody><tr><td rowspan=\"2\">1</td></tr></tbody></table>",
            ),
            ("20&#160;000 &#8364; l&#146;an &lt;b&gt;", "20&nbsp;000 € l’an &lt;b&gt;"),
            (
                "<iframe src='https://ailleurs.example'></iframe><form action=x><input name=a>mot</form>",
                "mot",
            ),
        ] {
            assert_eq!(safe(html), expected, "{html}");
        }
    }

    #[test]
    fn a_well_of_elements_costs_little() {
        let well = "<div>".repeat(300_000);
        assert!(!safe(&format!("{well}fond")).contains('<'));
        let list = "<p>a<br>".repeat(5_000);
        assert!(safe(&list).starts_with("<p>a<br>"));
    }

    proptest! {
        #[test]
        fn whatever_comes_in_nothing_that_acts_comes_out(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("<script>".to_owned()), Just("</script>".to_owned()), Just("<img src=x onerror=a>".to_owned()),
                    Just("<svg onload=a>".to_owned()), Just("<math><mtext><table><mglyph><style>".to_owned()),
                    Just("<a href=javascript:a>".to_owned()), Just("<!--".to_owned()), Just("-->".to_owned()),
                    Just("<p style=a>".to_owned()), Just("<td colspan=2 onclick=a>".to_owned()), "\\PC{0,8}",
                ],
                0..24,
            ),
        ) {
            let cleaned = safe(&parts.concat());
            // Clean is clean: nothing hides in it.
            prop_assert_eq!(safe(&cleaned), cleaned.clone());
            for tag in cleaned.split('<').skip(1) {
                let name = tag.trim_start_matches('/').split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap();
                prop_assert!(TAGS.contains(&name), "{}", cleaned);
                let attributes = tag.split('>').next().unwrap();
                prop_assert!(!attributes.contains('=') || attributes.contains("span=\""), "{}", cleaned);
            }
        }
    }
}
