//! Text as people search for it: accents, case, apostrophes and kinds of space never matter.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The search key of a text: `L’École  d’Orléans` gives `l'ecole d'orleans`.
#[must_use]
pub fn fold(text: &str) -> String {
    // Most words are plain: nothing in them to take apart.
    if text.is_ascii() {
        return gathered(text.chars().map(|letter| letter.to_ascii_lowercase()), text.len());
    }
    taken_apart(text)
}

fn taken_apart(text: &str) -> String {
    let letters = text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    gathered(letters, text.len())
}

fn gathered(letters: impl Iterator<Item = char>, length: usize) -> String {
    let mut folded = String::with_capacity(length);
    for letter in letters {
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            '’' | '‘' | 'ʼ' => folded.push('\''),
            // No text holds it, so no search may ask for it: PostgreSQL refuses it outright.
            '\0' => {}
            letter if letter.is_whitespace() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            letter => folded.push(letter),
        }
    }
    folded.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_the_eye_takes_for_the_same_is_the_same() {
        assert_eq!(fold("L’École\u{a0} d'Orléans"), "l'ecole d'orleans");
        assert_eq!(fold("CŒUR n°\u{202f}12"), "coeur n° 12");
        assert_eq!(fold("  "), "");
        assert_eq!(fold("Zéro\0pointé"), "zeropointe");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in ".{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn a_plain_text_is_folded_as_any_other(text in "[\x00-\x7f]{0,40}") {
            prop_assert_eq!(fold(&text), taken_apart(&text));
        }
    }
}
