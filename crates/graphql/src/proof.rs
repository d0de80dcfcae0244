//! The proof of a dossier.

use async_graphql::SimpleObject;
use chrono::NaiveDate;
use pli_domain::proof::PackedSeal;

/// What proves a dossier, and what is wrong with it.
#[derive(SimpleObject)]
pub(crate) struct Proof {
    /// What does not hold, in French; empty when all holds.
    faults: Vec<String>,
    /// How many entries its journal has, each chained to the one before.
    entries: usize,
    /// How many of them, from the first, a seal covers.
    sealed: u32,
    /// The seals that cover it, the oldest first: each covers all that was done up to the end of its day.
    seals: Vec<Seal>,
    /// The last seal that was taken, whatever it covers: whoever keeps it elsewhere can tell later that nothing has changed.
    last_seal: Option<Seal>,
    /// The package to be kept, as JSON in a text: `pli proof check` checks it, without a database.
    package: String,
}

/// A day's seal.
#[derive(SimpleObject)]
pub(crate) struct Seal {
    /// Its number, from 1.
    number: u32,
    /// The last day that it covers.
    day: NaiveDate,
    /// What it is known by (SHA-256).
    hash: String,
}

impl From<&PackedSeal> for Seal {
    fn from(packed: &PackedSeal) -> Self {
        Self { number: packed.seal.number, day: packed.seal.day, hash: packed.hash.to_string() }
    }
}

impl From<pli_app::Proof> for Proof {
    fn from(proof: pli_app::Proof) -> Self {
        let package = &proof.package;
        Self {
            faults: proof.faults,
            entries: package.entries.len(),
            sealed: package.covered.last().map_or(0, |covered| covered.length),
            seals: package.covering().map(|(_, packed)| Seal::from(packed)).collect(),
            last_seal: package.seals.last().map(Seal::from),
            package: package.json(),
        }
    }
}
