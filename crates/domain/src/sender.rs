//! Who wrote a letter, as clerks write it down: `Mme Élise Garonne, Saint-Béat`. The name is what comes before the first
//! comma, without its courtesies; the place, what comes after.

use std::collections::BTreeSet;

use crate::text::fold;

/// How many words of a name are looked at.
const MOST: usize = 8;

/// How long a form may be, in bytes: an index of PostgreSQL holds short texts only.
const LONGEST: usize = 200;

/// What is written before a name and tells nobody from anybody else. *Le*, *la*, *les* go with them.
const COURTESIES: [&str; 26] = [
    "m",
    "mm",
    "mr",
    "mme",
    "mmes",
    "mlle",
    "mlles",
    "monsieur",
    "messieurs",
    "madame",
    "mesdames",
    "mademoiselle",
    "me",
    "maitre",
    "dr",
    "docteur",
    "pr",
    "professeur",
    "depute",
    "deputee",
    "senateur",
    "senatrice",
    "le",
    "la",
    "les",
    "l",
];

/// A sender, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    name: Vec<String>,
    place: BTreeSet<String>,
}

impl Sender {
    /// Takes apart what a clerk wrote.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let folded = fold(text);
        let (name, place) = folded.split_once([',', '(', ';']).unwrap_or((&folded, ""));
        let all: Vec<_> = words(name).collect();
        let mut own: Vec<_> =
            all.iter().filter(|word| !COURTESIES.contains(&word.as_str())).cloned().collect();
        if own.is_empty() {
            own = all;
        }
        own.truncate(MOST);
        Self { name: own, place: words(place).collect() }
    }

    /// The name, beginning with each of its words in turn: `elise garonne`, `garonne elise`. By these it is found,
    /// whichever word one begins with; those of two orders of the same name are the same. None when there is no word.
    #[must_use]
    pub fn forms(&self) -> Vec<String> {
        let turn = |start: usize| {
            let (end, begin) = self.name.split_at_checked(start)?;
            Some(cut(&[begin, end].concat().join(" ")).to_owned())
        };
        let mut forms: Vec<_> = (0..self.name.len()).filter_map(turn).collect();
        let mut seen = BTreeSet::new();
        forms.retain(|form| seen.insert(form.clone()));
        forms
    }

    /// Whether it may be the same person or body: the same name, in whichever order, and no other place.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let named = other.forms();
        let same = self.forms().first().is_some_and(|form| named.contains(form));
        same && (self.place.is_subset(&other.place) || other.place.is_subset(&self.place))
    }
}

/// What is typed of a sender, in the shape of [`Sender::forms`]: whatever begins with it may be meant. Courtesies are left
/// out; the place is not looked at.
#[must_use]
pub fn begun(text: &str) -> String {
    let name = text.split([',', '(', ';']).next().unwrap_or_default();
    let folded = fold(name);
    let all: Vec<_> = words(&folded).collect();
    // The last word may be the beginning of another: « me » of « Mercier ».
    let ended = name.len() < text.len() || name.ends_with(char::is_whitespace);
    let last = all.len().saturating_sub(usize::from(!ended));
    let kept = all.into_iter().enumerate();
    let kept = kept.filter(|(place, word)| *place >= last || !COURTESIES.contains(&word.as_str()));
    cut(&kept.map(|(_, word)| word).collect::<Vec<_>>().join(" ")).to_owned()
}

/// What is searched of a person: what was typed, without the courtesies, which tell nobody from anybody else.
#[must_use]
pub fn named(typed: &str) -> String {
    let courtesy = |word: &&str| {
        let mut folded = words(&fold(word)).collect::<Vec<_>>();
        folded.len() == 1 && folded.pop().is_some_and(|word| COURTESIES.contains(&word.as_str()))
    };
    let kept: Vec<_> = typed.split_whitespace().filter(|word| !courtesy(word)).collect();
    if kept.is_empty() { typed.trim().to_owned() } else { kept.join(" ") }
}

fn words(folded: &str) -> impl Iterator<Item = String> {
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned)
}

fn cut(form: &str) -> &str {
    form.get(..form.floor_char_boundary(LONGEST)).unwrap_or(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is(one: &str, other: &str) -> bool {
        Sender::parse(one).is(&Sender::parse(other))
    }

    #[test]
    fn courtesies_accents_order_and_a_place_left_out_do_not_matter() {
        for other in [
            "Mme Élise Garonne, Saint-Béat",
            "Madame ELISE GARONNE",
            "Garonne Élise",
            "Mme Élise Garonne (31440 Saint-Béat)",
        ] {
            assert!(is("Mme Élise Garonne, Saint-Béat", other), "{other}");
        }
        assert!(is("Le maire, Évreux", "M. le Maire, Evreux"));
        assert!(is("M.", "m."), "a courtesy alone is better than nothing");
    }

    #[test]
    fn another_place_or_another_name_is_another_sender() {
        assert!(!is("Le maire, Évreux", "Le maire, Lyon"));
        assert!(!is("Mme Élise Garonne", "Mme Garonne"));
        assert!(!is("Mme Élise Garonne", "Mme Élise Garon"));
        assert!(!is("", "") && !is("…", "…"), "nobody is nobody's double");
    }

    #[test]
    fn what_is_begun_is_the_beginning_of_a_form() {
        let forms = Sender::parse("Mme Élise Garonne, Saint-Béat").forms();
        assert_eq!(forms, ["elise garonne", "garonne elise"]);
        for typed in ["Él", "gar", "Mme ga", "GARONNE É", "Mme Élise Garonne, Sa"] {
            assert!(forms.iter().any(|form| form.starts_with(&begun(typed))), "{typed}");
        }
        assert_eq!(begun("Me"), "me", "of Mercier");
        assert_eq!(begun("Me "), "");
    }

    #[test]
    fn a_person_is_searched_without_courtesies() {
        assert_eq!(named(" Mme  Élise Garonne, Le Saint-Béat"), "Élise Garonne, Saint-Béat");
        assert_eq!(named("M. Dupont elise@exemple.fr"), "Dupont elise@exemple.fr");
        assert_eq!(named(" Madame "), "Madame");
        assert_eq!(named(""), "");
    }

    proptest! {
        #[test]
        fn to_be_the_same_goes_both_ways(one in "[a-d ,]{0,12}", other in "[a-d ,]{0,12}") {
            prop_assert_eq!(is(&one, &other), is(&other, &one));
        }

        #[test]
        fn any_text_can_be_taken_apart(text in ".{0,300}") {
            let sender = Sender::parse(&text);
            let forms = sender.forms();
            prop_assert!(forms.len() <= MOST && forms.iter().all(|form| form.len() <= LONGEST));
            prop_assert_eq!(sender.is(&sender), !forms.is_empty());
        }
    }
}
