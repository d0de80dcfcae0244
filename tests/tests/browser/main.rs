//! What people do on the pages, in a real browser: on both engines, with JavaScript and without, by keyboard, and seen by axe.

mod accessibility;
mod account;
mod agenda;
mod batches;
mod deadlines;
mod desk;
mod discrepancies;
mod documents;
mod dossiers;
mod errors;
mod focus;
mod imports;
mod intake;
mod keyboard;
mod letters;
mod lists;
mod live;
mod openid;
mod print;
mod reserved;
mod saved;
mod search;
mod settings;
mod sign_in;
mod signature;
mod states;
