//! Where in a text the words were found.

use std::ops::Range;

use super::query::{Query, Term};
use super::words::{Word, words_like};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// As it stands in the text.
    pub text: String,
    /// Whether the query asks for it.
    pub found: bool,
}

/// A whole text, with what was found in it told apart.
#[must_use]
pub fn marked(text: &str, query: &Query) -> Vec<Piece> {
    let words = looked_for(text, query);
    pieces(text, 0..text.len(), &places(&words, query))
}

/// Some `length` bytes of a text around the first place where something was found, cut between words, with what was found
/// told apart; `None` when nothing was. An ellipsis stands for what is left out.
#[must_use]
pub fn excerpt(text: &str, query: &Query, length: usize) -> Option<Vec<Piece>> {
    let words = looked_for(text, query);
    let places = places(&words, query);
    let first = places.first()?;
    let from = first.start.saturating_sub(length / 3);
    let start = words.iter().map(|word| word.place.start).find(|start| *start >= from).unwrap_or(0);
    let until = start.saturating_add(length).max(first.end);
    let end = words.iter().map(|word| word.place.end).rfind(|end| *end <= until).unwrap_or(text.len());
    // What stands before the first word or after the last one, such as a full stop, is no reason for an ellipsis.
    let (head, tail) =
        (words.first().map_or(0, |word| word.place.start), words.last().map_or(0, |word| word.place.end));
    let shown = (if start <= head { 0 } else { start })..(if end >= tail { text.len() } else { end });
    let mut pieces = pieces(text, shown.clone(), &places);
    let left_out = |text: &str| Piece { text: text.to_owned(), found: false };
    if shown.start > 0 {
        pieces.insert(0, left_out("… "));
    }
    if shown.end < text.len() {
        pieces.push(left_out(" …"));
    }
    Some(pieces)
}

/// Whether a text holds all that a query asks for.
#[must_use]
pub fn holds(text: &str, query: &Query) -> bool {
    let words = looked_for(text, query);
    let there = |term: &Term| words.windows(term.stems.len()).any(|window| term.is(window));
    !query.is_empty() && query.terms().iter().all(there)
}

/// The words of a text, told apart as far as a query does.
fn looked_for(text: &str, query: &Query) -> Vec<Word> {
    words_like(text, |first| query.terms().iter().any(|term| term.may_begin(first))).collect()
}

/// The places of a text that a query asks for, in order, none over another.
fn places(words: &[Word], query: &Query) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for term in query.terms() {
        for window in words.windows(term.stems.len()).filter(|window| term.is(window)) {
            if let (Some(first), Some(last)) = (window.first(), window.last()) {
                places.push(first.place.start..last.place.end);
            }
        }
    }
    places.sort_by_key(|place| (place.start, place.end));
    places.into_iter().fold(Vec::new(), |mut apart: Vec<Range<usize>>, place| {
        match apart.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => apart.push(place),
        }
        apart
    })
}

/// The part of a text, cut into what was found and what stands between.
fn pieces(text: &str, shown: Range<usize>, places: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = shown.start;
    let mut push = |range: Range<usize>, found| match text.get(range) {
        Some(part) if !part.is_empty() => pieces.push(Piece { text: part.to_owned(), found }),
        _ => {}
    };
    for place in places.iter().filter(|place| place.start >= shown.start && place.end <= shown.end) {
        push(at..place.start, false);
        push(place.clone(), true);
        at = place.end;
    }
    push(at..shown.end, false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// With what was found between brackets.
    fn told(pieces: &[Piece]) -> String {
        let piece =
            |piece: &Piece| if piece.found { format!("[{}]", piece.text) } else { piece.text.clone() };
        pieces.iter().map(piece).collect()
    }

    fn mark(text: &str, typed: &str) -> String {
        told(&marked(text, &Query::parse(typed)))
    }

    #[test]
    fn what_was_found_is_marked_as_it_is_written() {
        assert_eq!(mark("Les Avocats, l’aide.", "avocat aide"), "Les [Avocats], l’[aide].");
        assert_eq!(mark("E\u{301}lise et ÉLISE", "élise"), "[E\u{301}lise] et [ÉLISE]");
        assert_eq!(mark("AN-17-QE-18094 et 18095", "18094"), "AN-17-QE-[18094] et 18095");
        assert_eq!(mark("SG-2026-A-000012, 2026", "2026-A-12"), "SG-[2026-A-000012], 2026");
        assert_eq!(mark("aide aux victimes, aide", "\"aide aux\""), "[aide aux] victimes, aide");
        assert_eq!(mark("juridiction et juriste", "juri"), "[juridiction] et [juriste]");
        assert_eq!(mark("justi\u{ad}ce", "justice"), "[justi\u{ad}ce]");
        assert_eq!(mark("<b>aide</b>", "aide"), "<b>[aide]</b>");
        assert_eq!(mark("rien", "aide"), "rien");
        assert_eq!(mark("", "aide"), "");
    }

    #[test]
    fn an_excerpt_begins_and_ends_between_words() {
        let text = "Un deux trois quatre cinq six sept huit avocat neuf dix onze douze treize.";
        let excerpt = |typed, length| excerpt(text, &Query::parse(typed), length).map(|pieces| told(&pieces));
        assert_eq!(excerpt("avocats", 36).as_deref(), Some("… sept huit [avocat] neuf dix onze douze …"));
        assert_eq!(excerpt("un", 12).as_deref(), Some("[Un] deux …"));
        assert_eq!(excerpt("treize", 20).as_deref(), Some("… douze [treize]."));
        assert_eq!(excerpt("avocat", 500).as_deref().map(str::len), Some(text.len() + 2));
        assert_eq!(excerpt("absent", 36), None);
    }

    proptest! {
        /// What is not read of the words changes nothing of what is found.
        #[test]
        fn every_word_that_is_asked_for_is_read(text in "[a-dA-D0-3éœ’\u{301}\u{ad} .-]{0,40}", typed in "[a-dA-D0-3é \"-]{1,12}") {
            let query = Query::parse(&typed);
            let all: Vec<_> = crate::search::words::words(&text).collect();
            prop_assert_eq!(places(&looked_for(&text, &query), &query), places(&all, &query));
        }

        #[test]
        fn a_marked_text_is_the_text(text in ".{0,60}", typed in ".{0,12}", length in 0_usize..80) {
            let query = Query::parse(&typed);
            let whole: String = marked(&text, &query).into_iter().map(|piece| piece.text).collect();
            prop_assert_eq!(&whole, &text);
            if let Some(pieces) = excerpt(&text, &query, length) {
                prop_assert!(pieces.iter().any(|piece| piece.found));
            }
        }
    }
}
