//! The rules of Pli: what a dossier is, who may do what to it, and until when.
//!
//! Pure: no async, no input or output, no database, no GraphQL. The clock, ids and facts come in as values.

#![deny(missing_docs)]

pub mod account;
pub mod actor;
pub mod alike;
pub mod assignment;
pub mod calendar;
pub mod compartment;
pub mod deadline;
pub mod delay;
pub mod digest;
pub mod dossier;
pub mod duplicate;
pub mod elimination;
pub mod french;
pub mod government;
pub mod identity;
pub mod ids;
pub mod import_run;
pub mod journal;
pub mod legislature;
pub mod machine;
pub mod member;
pub mod ministry;
pub mod notice;
pub mod organisation;
pub mod people;
pub mod personal;
pub mod proof;
pub mod public_record;
pub mod published;
pub mod reference;
pub mod refusal;
pub mod reminder;
pub mod retention;
#[cfg(test)]
mod samples;
pub mod saved;
pub mod seal;
pub mod search;
pub mod sender;
pub mod settings;
pub mod text;
pub mod time;
