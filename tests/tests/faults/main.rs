//! What may go wrong around Pli while people work: whatever was acknowledged is kept, once.

#![expect(clippy::indexing_slicing, reason = "a test that reaches past the end fails, as it should")]

mod backup;
mod cluster;
mod cut;
mod history;
mod idle;
mod killed;
mod load;
mod program;
mod race;
mod replica;
mod standby;
mod upgrade;
mod watched;
