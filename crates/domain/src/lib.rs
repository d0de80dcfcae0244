//! The rules of Pli: what a dossier is, who may do what to it, and until when.
//!
//! Pure: no async, no input or output, no database, no GraphQL. The clock, ids and facts come in as values.

pub mod identity;
