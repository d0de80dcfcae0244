//! Pli over HTTP: the API as a program uses it, and what it must not let through.

#![expect(clippy::indexing_slicing, reason = "indexing JSON gives null, and a test that finds null fails")]

mod accessibility;
mod account;
mod agenda;
mod api;
mod audit;
mod batches;
mod calendar;
mod changes;
mod costs;
mod deadlines;
mod discrepancies;
mod documents;
mod eliminations;
mod export;
mod government;
mod guards;
mod hardening;
mod imports;
mod intake;
mod links;
mod members;
mod openid;
mod others;
mod outside;
mod pages;
mod personal;
mod proof;
mod published;
mod ready;
mod reserved;
mod saved;
mod schemathesis;
mod search;
mod settings;
mod signature;
mod statistics;
mod theme;
mod workbook;
