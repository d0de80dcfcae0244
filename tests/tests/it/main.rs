//! What Pli promises, on both engines.

#![expect(clippy::indexing_slicing, reason = "a test that reaches past the end fails, as it should")]

mod account;
mod agenda;
mod arrows;
mod batches;
mod bulk;
mod clock;
mod concurrency;
mod deadlines;
mod denominations;
mod discrepancies;
mod documents;
mod eliminations;
mod exchange;
mod government;
mod home;
mod idempotency;
mod imports;
mod intake;
mod journal;
mod letters;
mod links;
mod members;
mod oddities;
mod people;
mod plans;
mod proof;
mod property;
mod questions;
mod register;
mod reserved;
mod retards;
mod retention;
mod saved;
mod schema;
mod scope;
mod search;
mod servers;
mod settings;
mod signature;
mod statistics;
mod tampering;
mod trend;
mod types;
mod units;
