//! The questions of the Assemblée nationale, as its open data publishes them (legislatures XIV to XVII).
//!
//! A source is what the Assemblée offers to download, or what one made of it: a zip of one JSON file per
//! question, the same files in a folder, a single file, or the one big file of legislature XIV.

mod convert;
mod document;
mod heading;
mod reject;
mod shape;
mod source;
mod values;

pub use reject::{OpenError, RejectReason, Rejected};
pub use source::{Source, open};
