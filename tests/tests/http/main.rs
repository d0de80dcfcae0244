//! Pli over HTTP: the API as a program uses it, and what it must not let through.

mod api;
mod audit;
mod hardening;
