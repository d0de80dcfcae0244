//! What is searched: words that must all be there, some of them side by side.

use super::words::{Word, words};

/// The most terms of a query; who pastes a page has said enough by then.
const MOST: usize = 32;

/// From how many letters on a word may stand for those that begin like it.
const BEGINNING: usize = 3;

/// Words that tell nothing: a query leaves them out, unless it holds nothing else or sets them between quotation marks.
const SMALL: &[&str] = &[
    "a", "ai", "as", "au", "aux", "avec", "c", "ce", "ces", "cet", "cette", "d", "dans", "de", "des", "du",
    "elle", "elles", "en", "est", "et", "eux", "il", "ils", "j", "je", "jusqu", "l", "la", "le", "les",
    "leur", "leurs", "lorsqu", "lui", "m", "mais", "me", "n", "ne", "nos", "notre", "nous", "on", "ont",
    "ou", "par", "pas", "pour", "puisqu", "qu", "que", "qui", "quoiqu", "s", "sa", "se", "ses", "si", "son",
    "sont", "sur", "t", "te", "tu", "un", "une", "vos", "votre", "vous", "y",
];

/// A query: every term must be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

/// Words that must follow each other in one field. There is always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The stems, in order; letters and digits only.
    pub stems: Vec<String>,
    /// How the last word may begin instead: it may not be typed to its end yet.
    pub beginning: Option<String>,
}

impl Query {
    /// Reads what was typed; there is no text that it refuses. Between quotation marks stand words that follow each other;
    /// so do those of a reference or of a compound (`2026-A-12`, `porte-parole`). The last word may be only begun.
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        let groups = groups(&typed.replace(['«', '»', '“', '”'], "\""));
        let telling = groups.iter().any(|group| !group.is_small());
        let last = groups.len().saturating_sub(1);
        let mut terms = Vec::new();
        for (place, group) in groups.into_iter().enumerate() {
            if telling && group.is_small() {
                continue;
            }
            let term = group.term(place == last);
            if terms.len() < MOST && !terms.contains(&term) {
                terms.push(term);
            }
        }
        Self { terms }
    }

    /// The terms, which must all be found.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether nothing can be found: no letter and no digit was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

impl Term {
    /// Whether one of its words may begin with this letter.
    pub(super) fn may_begin(&self, first: u8) -> bool {
        self.stems.iter().chain(&self.beginning).any(|begun| begun.as_bytes().first() == Some(&first))
    }

    /// Whether these words, as many as the term has, are those that it asks for.
    pub(super) fn is(&self, words: &[Word]) -> bool {
        let same = self.stems.len() == words.len()
            && self.stems.iter().zip(words).rev().skip(1).all(|(stem, word)| word.is(stem));
        let last = words.last().zip(self.stems.last());
        same && last.is_some_and(|(word, stem)| {
            word.is(stem) || self.beginning.as_ref().is_some_and(|begun| word.begins(begun))
        })
    }
}

/// Words that were typed together.
struct Group {
    words: Vec<Word>,
    /// Not between quotation marks.
    loose: bool,
}

fn groups(typed: &str) -> Vec<Group> {
    let parts: Vec<_> = typed.split('"').collect();
    let mut groups = Vec::new();
    for (place, part) in (1..).zip(&parts) {
        // A quotation mark that is never closed is none.
        let loose = place % 2 == 1 || place == parts.len();
        let pieces = part.split(|letter| loose && between(letter));
        groups.extend(pieces.map(|piece| Group { words: words(piece).take(MOST).collect(), loose }));
    }
    groups.retain(|group| !group.words.is_empty());
    groups
}

/// What stands between words that need not follow each other: spaces, and the apostrophe of `l’aide`.
fn between(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\'' | '’' | '‘' | 'ʼ' | '＇')
}

impl Group {
    fn is_small(&self) -> bool {
        self.loose && self.words.iter().all(is_small)
    }

    fn term(self, last: bool) -> Term {
        // `n°18094` is the number; `2026-A-12` keeps its `a`.
        let start = self.words.iter().position(|word| self.loose && !is_small(word)).unwrap_or(0);
        let words = self.words.get(start..).unwrap_or_default();
        let begun = words.last().filter(|word| last && self.loose && may_go_on(&word.form));
        Term { stems: words.iter().map(Word::stem).collect(), beginning: begun.map(|word| word.form.clone()) }
    }
}

fn is_small(word: &Word) -> bool {
    SMALL.contains(&word.form.as_str())
}

/// A number is typed whole, so that 12 is not 1 200 too.
fn may_go_on(form: &str) -> bool {
    form.chars().count() >= BEGINNING && !form.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::index;
    use proptest::prelude::*;

    /// What a query asks, as text: terms between spaces, words that follow each other joined, `~` where it may go on.
    fn read(typed: &str) -> String {
        let term = |term: &Term| {
            let begun = term.beginning.as_ref().map(|begun| format!("~{begun}"));
            term.stems.join("+") + &begun.unwrap_or_default()
        };
        Query::parse(typed).terms().iter().map(term).collect::<Vec<_>>().join(" ")
    }

    /// What the engines are to answer: whether a text made of these fields is found.
    fn found(typed: &str, fields: &[&str]) -> bool {
        let query = Query::parse(typed);
        let fields: Vec<Vec<Word>> = fields.iter().map(|field| words(field).collect()).collect();
        let holds = |term: &Term| {
            fields.iter().any(|field| field.windows(term.stems.len()).any(|window| term.is(window)))
        };
        !query.is_empty() && query.terms().iter().all(holds)
    }

    #[test]
    fn what_is_typed_is_read_as_it_is_meant() {
        for (typed, asked) in [
            ("avocats", "avocat~avocats"),
            ("L’aide juridictionnelle", "aid juridictionnel~juridictionnelle"),
            ("frais d'avocat des victimes", "frais avocat victim~victimes"),
            ("SG-2026-A-000123", "sg+2026+a+123"),
            ("000123", "123"),
            ("2026-a-12", "2026+a+12"),
            ("QE n° 18094", "qe 18094"),
            ("QE18094", "qe+18094"),
            ("n°18094", "18094"),
            ("article L114-2", "articl 114+2"),
            ("\"aide aux victimes\"", "aid+aux+victim"),
            ("« aide aux » victimes", "aid+aux victim~victimes"),
            ("greffe \"aide aux victimes", "greff aid victim~victimes"),
            ("porte-parole", "port+parol~parole"),
            ("la", "la"),
            ("de la", "de la"),
            ("avocat de", "avocat"),
            ("prison prison", "prison prison~prison"),
            ("av", "av"),
        ] {
            assert_eq!(read(typed), asked, "{typed}");
        }
        for nothing in ["", " ", "\"", "\"\"", "*", "%", "-", "\0", "🏛️", "«»", "'", "^ : ( ) + & | ! <->"]
        {
            assert!(Query::parse(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn forms_of_a_word_find_each_other() {
        for family in [
            "avocat avocats Avocats AVOCAT",
            "tribunal tribunaux",
            "condamné condamnée condamnés condamnées condamner condamne condamnation condamnait",
            "détenu détenus détenue détenues DETENU",
            "juridictionnel juridictionnelle juridictionnels juridictionnelles",
            "greffier greffière greffiers greffières",
            "policier policière policières",
            "victime victimes",
            "visa visas",
            "loi lois",
            "renvoi renvois",
            "revenu revenus",
            "œuvre oeuvres ŒUVRE",
        ] {
            for typed in family.split(' ') {
                for written in family.split(' ') {
                    assert!(found(&format!("\"{typed}\""), &[written]), "{typed} does not find {written}");
                }
            }
        }
        assert!(
            !found("avocat", &["avoir"]) && !found("prison", &["prise"]) && !found("\"cour\"", &["courrier"])
        );
    }

    #[test]
    fn every_word_must_be_found_and_a_phrase_in_one_field() {
        let fields = ["SG-2026-A-000123", "M. Le Goff", "Aide juridictionnelle des mineurs"];
        for typed in [
            "aide mineurs",
            "mineur aide",
            "goff mineur",
            "l'aide JURIDICTIONNELLE",
            "jurid",
            "\"aide juridictionnelle\"",
            "123",
            "0123",
            "2026-A-123",
            "SG-2026",
            "le",
            "Le Goff",
            "aide aux mineurs",
            "\"des mineurs\"",
        ] {
            assert!(found(typed, &fields), "{typed}");
        }
        for typed in [
            "aide majeurs",
            "\"aux mineurs\"",
            "\"mineurs aide\"",
            "\"Goff aide\"",
            "12",
            "2026-A-12",
            "2025-A-123",
            "\"jurid\"",
            "jurid mineurs",
            "*",
        ] {
            assert!(!found(typed, &fields), "{typed}");
        }
    }

    /// A text as people type it: words, marks, and whatever else.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![".{0,60}", "[a-zéèçœ'’ \"«»0-9.,*-]{0,60}"]
    }

    proptest! {
        #[test]
        fn nothing_typed_breaks_a_query(typed in any_text()) {
            for term in Query::parse(&typed).terms() {
                prop_assert!(!term.stems.is_empty());
                for word in term.stems.iter().chain(&term.beginning) {
                    prop_assert!(!word.is_empty() && word.len() <= 48 && word.chars().all(char::is_alphanumeric), "{}", word);
                }
            }
        }

        /// Accents (composed or not), case, apostrophes and kinds of space never matter.
        #[test]
        fn what_the_eye_takes_for_the_same_is_searched_the_same(typed in "[a-zA-ZàâçéèêëîïôùûüœæÀÉÈÔŒ'’ 0-9-]{0,40}") {
            use unicode_normalization::UnicodeNormalization as _;
            let query = Query::parse(&typed);
            prop_assert_eq!(&Query::parse(&typed.to_uppercase()), &query);
            prop_assert_eq!(&Query::parse(&typed.nfd().collect::<String>()), &query);
            prop_assert_eq!(&Query::parse(&typed.replace(' ', "\u{a0}\u{202f}").replace('’', "'")), &query);
            prop_assert_eq!(&Query::parse(&crate::text::fold(&typed)), &query);
        }

        /// Whoever types words of a text, in any order and form of letters, finds it.
        #[test]
        fn a_text_is_found_by_its_own_words(text in "[a-zéèç0-9]{1,12}( [a-zéèç0-9]{1,12}){0,8}", skip in 0_usize..8, upper: bool) {
            let some: Vec<_> = text.split(' ').rev().skip(skip).collect();
            let typed = some.join(" ");
            let typed = if upper { typed.to_uppercase() } else { typed };
            prop_assert!(some.is_empty() || found(&typed, &["autre", &text]), "{} in {}", typed, text);
            let phrase = format!("\"{text}\"");
            prop_assert!(found(&phrase, &[&text]), "{}", phrase);
        }

        #[test]
        fn an_index_holds_words_and_no_more_than_there_is_room_for(fields in proptest::collection::vec(any_text(), 0..4)) {
            let index = index(fields.iter().map(String::as_str));
            prop_assert!(index.iter().all(|word| !word.is_empty() && word.chars().all(|letter| letter.is_alphanumeric() || letter == '¶')));
        }
    }

    #[test]
    fn a_very_long_text_is_cut_and_so_is_a_very_long_word() {
        assert_eq!(index([&*"mot ".repeat(40_000)]).len(), 16_000);
        assert!(index([&*"é".repeat(20_000)])[0].len() <= 48);
        assert!(found(&"é".repeat(20_000), &[&"é".repeat(20_000)]));
        let many: Vec<_> = (0..10_000).map(|n| format!("mot{n}")).collect();
        assert_eq!(Query::parse(&many.join(" ")).terms().len(), 32);
        assert_eq!(Query::parse(&"a-".repeat(5_000)).terms()[0].stems.len(), 32);
    }
}
