//! Searching texts as people do: accents, case, apostrophes and kinds of space never matter, nor do plurals, feminines
//! and the endings of verbs.
//!
//! Both engines are given the words that are made here and nothing else, so both find the same. To change how words are
//! made, add a migration that empties the index: what it lacks is put there at the next start.

mod excerpt;
mod query;
mod words;

pub use excerpt::{Piece, excerpt, holds, marked};
pub use query::{Query, Term};
pub use words::index;
