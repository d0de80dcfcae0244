//! The words of a text: runs of letters and runs of digits, folded, each reduced to its stem.

use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::char::is_combining_mark;

use crate::text::fold;

/// The most words of one text that are searched: some forty pages. PostgreSQL knows no position beyond.
const MOST: usize = 16_000;

/// The most bytes of a word that are looked at: longer ones are no words, and an index has no room for them.
const LONGEST: usize = 48;

/// Stands between two fields, so that no phrase goes from one into the next. No query can hold it.
const BETWEEN: &str = "¶";

/// A word and where it stands in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// As it is written, folded: `avocats`. Empty when it is none of those that are looked for.
    pub(super) form: String,
    /// The bytes of the text that it is made of.
    pub(super) place: Range<usize>,
}

impl Word {
    /// What it is found by: `avocat`.
    pub(super) fn stem(&self) -> String {
        stem(&self.form)
    }

    /// Whether it is found by this stem.
    pub(super) fn is(&self, stem: &str) -> bool {
        self.may_be(stem) && self.stem() == stem
    }

    /// Whether its stem begins like this.
    pub(super) fn begins(&self, begun: &str) -> bool {
        self.may_be(begun) && self.stem().starts_with(begun)
    }

    /// A stem keeps the first letter of its word: most words of a text need not be reduced to see that they are another. A
    /// number may lose its zeros.
    fn may_be(&self, stem: &str) -> bool {
        let first = |text: &str| text.as_bytes().first().copied();
        first(&self.form) == first(stem) || self.form.starts_with('0')
    }
}

/// The words of a text, in order.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word> {
    words_like(text, |_| true)
}

/// The same, for whoever looks for words that begin with some letters: of a plain word that begins with another, it is not read which
/// it is. Most words of a text are.
pub(super) fn words_like(text: &str, begins: impl Fn(u8) -> bool) -> impl Iterator<Item = Word> {
    runs(text).flat_map(move |place| {
        let run = text.get(place.clone()).unwrap_or_default();
        let plain = run.bytes().all(|letter| letter.is_ascii_alphabetic());
        let other = plain && run.bytes().next().is_some_and(|first| !begins(first.to_ascii_lowercase()));
        let forms = if other { vec![String::new()] } else { forms(run) };
        forms.into_iter().map(move |form| Word { form, place: place.clone() })
    })
}

/// The words of a run, folded.
fn forms(run: &str) -> Vec<String> {
    let folded = if run.is_ascii() {
        fold(run)
    } else {
        fold(&run.chars().filter(|letter| !unseen(*letter)).collect::<String>())
    };
    parts(&folded).map(|part| cut(part).to_owned()).collect()
}

/// The words by which a thing is found that is made of these fields, in order.
#[must_use]
pub fn index<'a>(fields: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let fields = fields.into_iter().filter(|field| !field.is_empty());
    let each =
        fields.flat_map(|field| [BETWEEN.to_owned()].into_iter().chain(words(field).map(|word| word.stem())));
    each.skip(1).take(MOST).collect()
}

/// The runs of letters and digits, as the eye sees them: a hyphen that only shows at the end of a line is inside a word.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while letters.next_if(|(_, letter)| !in_word(*letter)).is_some() {}
        let start = letters.peek()?.0;
        while letters.next_if(|(_, letter)| in_word(*letter)).is_some() {}
        Some(start..letters.peek().map_or(text.len(), |(end, _)| *end))
    })
}

fn in_word(letter: char) -> bool {
    let other = || is_combining_mark(letter) || unseen(letter);
    letter.is_alphanumeric() || (letter == '\0' || !letter.is_ascii()) && other()
}

/// What has no width: the soft hyphen, joiners, the byte order mark; and the character zero, which no text holds.
fn unseen(letter: char) -> bool {
    matches!(letter, '\0' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// A folded run, cut where letters meet digits (`qe18094`, `l114`) and where folding has brought something else.
fn parts(folded: &str) -> impl Iterator<Item = &str> {
    let pieces = folded.split(|letter: char| !letter.is_alphanumeric());
    pieces.flat_map(|piece| {
        let bytes = piece.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
        bytes.filter_map(|part| std::str::from_utf8(part).ok())
    })
}

/// What a word is found by. A number is found whole, with or without the zeros before it; a French word by its stem.
fn stem(form: &str) -> String {
    if form.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = form.trim_start_matches('0');
        return if number.is_empty() { "0" } else { number }.to_owned();
    }
    if form.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Stemmer::create(Algorithm::French).stem(&mended(form)).into_owned();
    }
    form.to_owned()
}

/// What the stemmer does not do for us, since it goes by accents that folding has taken away (*condamnée*, *greffière*) and
/// leaves some plurals alone (*détenus*, *visas*, *lois*). What this is worth was measured: decision 0011.
fn mended(form: &str) -> String {
    let (one, many) = form.strip_suffix('s').map_or((form, ""), |one| (one, "s"));
    if let Some(root) = one.strip_suffix("ee") {
        return format!("{root}e{many}");
    }
    if one.ends_with("iere") {
        return format!("{}{many}", one.strip_suffix('e').unwrap_or(one));
    }
    let plural = one.len() > 2 && (one.ends_with(['a', 'o', 'u']) || one.ends_with("oi"));
    if plural { one } else { form }.to_owned()
}

fn cut(form: &str) -> &str {
    form.get(..form.floor_char_boundary(LONGEST)).unwrap_or(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What is told without reducing a word is what its stem says.
        #[test]
        fn a_word_is_what_its_stem_is(text in "[a-z]{1,12}|[0-9]{1,6}|[a-zéœçß0-9]{1,8}", other in "[a-z]{1,4}|[0-9]{1,3}") {
            for word in words(&text) {
                let stem = word.stem();
                prop_assert!(word.is(&stem) && word.begins(&stem));
                for part in (1..=stem.len()).filter_map(|end| stem.get(..end)) {
                    prop_assert!(word.begins(part));
                }
                prop_assert_eq!(word.is(&other), stem == other);
                prop_assert_eq!(word.begins(&other), stem.starts_with(&other));
            }
        }
    }
}
