//! Which texts are about the same thing: the cosine of their words, the rarer the heavier.
//!
//! Members who write for the same campaign seldom copy each other word for word; they use the same rare words. Measured on
//! real questions that got one answer, this finds them where runs of words (shingles) do not.

use std::collections::BTreeMap;

use crate::search;

/// How alike two texts are: 0 for no word in common, 1 for the same words.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Likeness(f64);

impl Likeness {
    /// From here on two questions are shown to a person as perhaps the same. Below, most are not.
    pub const WORTH_SHOWING: Self = Self(0.2);

    /// In hundredths, for people.
    #[must_use]
    pub fn percent(self) -> u8 {
        (0..=100).take_while(|hundredth| f64::from(*hundredth) <= self.0 * 100.0 + 0.5).last().unwrap_or(0)
    }
}

/// Texts that can be compared with each other: what is rare is so among them.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Of each text the weight of its words, by their number, in order; their squares sum to one.
    texts: Vec<Vec<(u32, f64)>>,
}

impl Corpus {
    /// Looks at texts. Each is known by its place afterwards.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut counted: Vec<BTreeMap<u32, u32>> = Vec::new();
        for text in texts {
            let mut counts = BTreeMap::new();
            for word in search::index([text]).into_iter().filter(|word| word.chars().count() > 2) {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                let number = *numbers.entry(word).or_insert(next);
                let count: &mut u32 = counts.entry(number).or_default();
                *count = count.saturating_add(1);
            }
            counted.push(counts);
        }
        let mut holders: BTreeMap<u32, u32> = BTreeMap::new();
        for word in counted.iter().flat_map(BTreeMap::keys) {
            let holding = holders.entry(*word).or_default();
            *holding = holding.saturating_add(1);
        }
        let all = f64::from(u32::try_from(counted.len()).unwrap_or(u32::MAX));
        let rarity = |word: &u32| {
            let holding = f64::from(holders.get(word).copied().unwrap_or(1));
            // A word that all texts hold still says a little, or two texts alone could not be compared.
            ((all + 1.0) / (holding + 0.5)).ln()
        };
        let weighed = counted.iter().map(|counts| {
            normal(counts.iter().map(|(word, count)| (*word, (1.0 + f64::from(*count).ln()) * rarity(word))))
        });
        Self { texts: weighed.collect() }
    }

    /// How alike two of the texts are; `None` where there is no such text.
    #[must_use]
    pub fn likeness(&self, one: usize, other: usize) -> Option<Likeness> {
        let (mut one, mut other) =
            (self.texts.get(one)?.iter().peekable(), self.texts.get(other)?.iter().peekable());
        let mut sum = 0.0;
        while let (Some((left, weight)), Some((right, by))) = (one.peek(), other.peek()) {
            match left.cmp(right) {
                std::cmp::Ordering::Less => drop(one.next()),
                std::cmp::Ordering::Greater => drop(other.next()),
                std::cmp::Ordering::Equal => {
                    sum += weight * by;
                    one.next();
                    other.next();
                }
            }
        }
        Some(Likeness(sum.clamp(0.0, 1.0)))
    }

    /// The other texts that are worth showing beside one of them, the most alike first.
    #[must_use]
    pub fn nearest(&self, one: usize) -> Vec<(usize, Likeness)> {
        let others = (0..self.texts.len()).filter(|other| *other != one);
        let mut near: Vec<_> = others
            .filter_map(|other| Some((other, self.likeness(one, other)?)))
            .filter(|(_, likeness)| *likeness >= Likeness::WORTH_SHOWING)
            .collect();
        near.sort_by(|(first, likeness), (second, by)| by.0.total_cmp(&likeness.0).then(first.cmp(second)));
        near
    }
}

/// The same weights, so that their squares sum to one.
fn normal(weights: impl Iterator<Item = (u32, f64)>) -> Vec<(u32, f64)> {
    let weights: Vec<_> = weights.collect();
    let length = weights.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
    let length = if length > 0.0 { length } else { 1.0 };
    weights.into_iter().map(|(word, weight)| (word, weight / length)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_rare_words_decide() {
        let corpus = Corpus::new([
            "M. le député attire l’attention de M. le ministre sur la détresse des étudiants en BTS et leurs examens.",
            "Mme la députée interroge M. le ministre sur les examens des étudiantes de BTS en présentiel.",
            "M. le député attire l’attention de M. le ministre sur la détresse des greffes et leurs effectifs.",
            "",
        ]);
        let of = |one, other| corpus.likeness(one, other).unwrap();
        assert!(of(0, 1) > of(1, 2) && of(0, 1) >= Likeness::WORTH_SHOWING, "{corpus:?}");
        assert_eq!(of(0, 0).percent(), 100);
        assert_eq!(of(0, 3).percent(), 0);
        assert_eq!(corpus.likeness(0, 4), None);
        assert_eq!(corpus.nearest(1).first().map(|(other, _)| *other), Some(0));
    }

    proptest! {
        /// Of words that no stem shortens: a text of which nothing is kept is like none, not even itself.
        #[test]
        fn likeness_is_symmetric_and_the_same_words_are_alike(
            texts in prop::collection::vec("[bcdfg]{3} [bcdfg]{3,4} [bcdfg]{3}", 2..6)
        ) {
            let corpus = Corpus::new(texts.iter().map(String::as_str));
            for one in 0..texts.len() {
                prop_assert_eq!(corpus.likeness(one, one).unwrap().percent(), 100);
                for other in 0..texts.len() {
                    let (there, back) = (corpus.likeness(one, other).unwrap(), corpus.likeness(other, one).unwrap());
                    prop_assert!((there.0 - back.0).abs() < 1e-9);
                }
                let near = corpus.nearest(one);
                prop_assert!(near.windows(2).all(|pair| pair[0].1 >= pair[1].1));
            }
        }
    }
}
