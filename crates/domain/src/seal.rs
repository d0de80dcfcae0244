//! Seals: once a day, one digest over the heads of all chains that moved, chained to the seal before. Whoever keeps one seal
//! elsewhere can tell that nothing before it was altered, cut short, or taken out whole.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::ids::DossierId;
use crate::time::Timestamp;

/// What is sealed, in the order of the names: that of the leaves in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// What was written in the journal of accesses since the seal before.
    Accesses,
    /// The journal of a dossier.
    Dossier(DossierId),
    /// The openings of reserved dossiers since the seal before.
    Readings,
    /// The journal of settings, with what it says of the settings.
    Settings,
}

impl fmt::Display for Chain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dossier(id) => write!(out, "dossier:{id}"),
            Self::Settings => out.write_str("settings"),
            Self::Accesses => out.write_str("accesses"),
            Self::Readings => out.write_str("readings"),
        }
    }
}

/// A chain that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown chain")]
pub struct UnknownChain;

impl FromStr for Chain {
    type Err = UnknownChain;

    fn from_str(text: &str) -> Result<Self, UnknownChain> {
        Ok(match text {
            "settings" => Self::Settings,
            "accesses" => Self::Accesses,
            "readings" => Self::Readings,
            other => {
                let id = other.strip_prefix("dossier:").and_then(|id| id.parse().ok());
                Self::Dossier(DossierId(id.ok_or(UnknownChain)?))
            }
        })
    }
}

/// How far a chain had come when it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Which chain.
    pub chain: Chain,
    /// How many entries it had; of accesses and readings, how many there were since the seal before.
    pub length: u32,
    /// The hash of the last of them.
    pub head: Digest,
}

impl Leaf {
    /// What stands for the leaf in the tree. Its first word keeps a leaf from being taken for a node.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(["leaf", &self.chain.to_string(), &self.length.to_string(), self.head.as_str()])
    }
}

/// A step from a leaf up to the root: what stands beside, and on which side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// It stands before.
    Left(Digest),
    /// It stands after.
    Right(Digest),
}

fn node(left: &Digest, right: &Digest) -> Digest {
    Digest::of(["node", left.as_str(), right.as_str()])
}

/// One level up: two by two, in order; the last goes up alone when it has no neighbour.
fn above(level: &[Digest]) -> Vec<Digest> {
    level
        .chunks(2)
        .map(|pair| match pair {
            [left, right] => node(left, right),
            alone => alone.first().cloned().unwrap_or_else(empty),
        })
        .collect()
}

/// The root of the tree of the leaves, in their order; of none, the digest of the word `empty`. They may come one by one: of
/// those before, one digest a level is kept, that of what has no neighbour yet.
#[must_use]
pub fn root(leaves: impl IntoIterator<Item = Digest>) -> Digest {
    let mut alone: Vec<Option<Digest>> = Vec::new();
    for leaf in leaves {
        let mut complete = leaf;
        let mut level = 0;
        while let Some(left) = alone.get_mut(level).and_then(Option::take) {
            complete = node(&left, &complete);
            level += 1;
        }
        match alone.get_mut(level) {
            Some(place) => *place = Some(complete),
            None => alone.push(Some(complete)),
        }
    }
    alone.into_iter().flatten().reduce(|right, left| node(&left, &right)).unwrap_or_else(empty)
}

fn empty() -> Digest {
    Digest::of(["empty"])
}

/// The steps from one of the leaves up to the root. They tell nothing of the other leaves but digests.
#[must_use]
pub fn path(leaves: &[Digest], place: usize) -> Vec<Step> {
    let (mut level, mut place, mut steps) = (leaves.to_vec(), place, Vec::new());
    while level.len() > 1 {
        let beside = place ^ 1;
        if let Some(digest) = level.get(beside) {
            let digest = digest.clone();
            steps.push(if beside < place { Step::Left(digest) } else { Step::Right(digest) });
        }
        level = above(&level);
        place /= 2;
    }
    steps
}

/// The root to which the steps lead from a leaf.
#[must_use]
pub fn climb(leaf: &Digest, steps: &[Step]) -> Digest {
    steps.iter().fold(leaf.clone(), |below, step| match step {
        Step::Left(left) => node(left, &below),
        Step::Right(right) => node(&below, right),
    })
}

/// A day's seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Its number, from 1, without a gap.
    pub number: u32,
    /// The last day that it covers, from midnight to midnight in Paris; it follows the last day of the seal before.
    pub day: NaiveDate,
    /// How many leaves it is over.
    pub leaves: u32,
    /// The root of their tree.
    pub root: Digest,
}

impl Seal {
    /// The seal itself, given the one before; the first follows the empty text.
    #[must_use]
    pub fn hash(&self, previous: Option<&Digest>) -> Digest {
        let [number, day, leaves] = [self.number.to_string(), self.day.to_string(), self.leaves.to_string()];
        let previous = previous.map_or("", Digest::as_str);
        Digest::of(["seal", previous, &number, &day, &leaves, self.root.as_str()])
    }

    /// The moment at which what it covers ends: the first of the next day.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        Self::end_of(self.day)
    }

    /// The same of any day.
    #[must_use]
    pub fn end_of(day: NaiveDate) -> Timestamp {
        Timestamp::start_of(day.succ_opt().unwrap_or(day))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn leaves(number: usize) -> Vec<Digest> {
        (0..number).map(|number| Digest::of([number.to_string().as_str()])).collect()
    }

    #[test]
    fn every_field_and_the_seal_before_count() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let seal = Seal { number: 1, day, leaves: 2, root: root(leaves(2)) };
        let mut hashes = vec![seal.hash(None), seal.hash(Some(&seal.hash(None)))];
        for change in [
            |seal: &mut Seal| seal.number = 2,
            |seal: &mut Seal| seal.day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
            |seal: &mut Seal| seal.leaves = 3,
            |seal: &mut Seal| seal.root = root(leaves(3)),
        ] {
            let mut altered = seal.clone();
            change(&mut altered);
            hashes.push(altered.hash(None));
        }
        let distinct: BTreeSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
    }

    #[test]
    fn a_chain_reads_back_as_it_is_written() {
        for chain in
            [Chain::Dossier(DossierId(uuid::Uuid::max())), Chain::Settings, Chain::Accesses, Chain::Readings]
        {
            assert_eq!(chain.to_string().parse(), Ok(chain));
        }
        assert_eq!("dossier:un".parse::<Chain>(), Err(UnknownChain));
    }

    proptest! {
        #[test]
        fn chains_come_in_the_order_of_their_names(one: u128, other: u128) {
            let dossier = |number| Chain::Dossier(DossierId(uuid::Uuid::from_u128(number)));
            let mut chains = [Chain::Settings, dossier(one), Chain::Readings, dossier(other), Chain::Accesses];
            chains.sort();
            prop_assert!(chains.is_sorted_by_key(Chain::to_string));
        }

        #[test]
        fn each_leaf_leads_to_the_root_and_no_other_does(number in 1_usize..70, place: prop::sample::Index, other: prop::sample::Index) {
            let all = leaves(number);
            let (place, other) = (place.index(number), other.index(number));
            let steps = path(&all, place);
            prop_assert_eq!(climb(&all[place], &steps), root(all.clone()));
            prop_assert_eq!(climb(&all[other], &steps) == root(all.clone()), other == place);
            prop_assert_ne!(climb(&Digest::of(["x"]), &steps), root(all.clone()));
            // Depth grows as the logarithm.
            prop_assert!(steps.len() <= 7);
        }

        #[test]
        fn a_leaf_altered_added_or_taken_out_changes_the_root(number in 1_usize..70, place: prop::sample::Index) {
            let all = leaves(number);
            let place = place.index(number);
            let mut altered = all.clone();
            altered[place] = Digest::of(["x"]);
            prop_assert_ne!(root(altered), root(all.clone()));
            let mut fewer = all.clone();
            fewer.remove(place);
            prop_assert_ne!(root(fewer), root(all.clone()));
            let mut more = all.clone();
            more.push(all[place].clone());
            prop_assert_ne!(root(more), root(all.clone()));
        }
    }
}
