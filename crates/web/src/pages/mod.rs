//! The pages: each handler calls one use case and shows its answer.

pub(crate) mod accessibility;
pub(crate) mod account;
pub(crate) mod agenda;
pub(crate) mod archive;
pub(crate) mod batches;
pub(crate) mod bulk;
pub(crate) mod calendar;
pub(crate) mod discrepancies;
pub(crate) mod documents;
pub(crate) mod dossier;
pub(crate) mod export;
pub(crate) mod feed;
pub(crate) mod home;
pub(crate) mod imports;
pub(crate) mod intake;
pub(crate) mod list;
pub(crate) mod notifications;
pub(crate) mod question;
pub(crate) mod register;
pub(crate) mod retards;
pub(crate) mod saved;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod signature;
pub(crate) mod statistics;
