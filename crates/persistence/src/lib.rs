//! Where dossiers are kept: SQLite in a file, or PostgreSQL; one code for both.
//!
//! - [`Store`] opens the database. [`Reader`] reads what a [`Scope`](pli_domain::actor::Scope) allows.
//!   [`UnitOfWork`] writes: a row, its journal entry and the words said with it, in one transaction.
//! - [`Files`] keeps the documents, outside the database.
//! - The entities are private: no other crate can name a table. Every select starts in `select.rs`; clippy refuses the
//!   ORM's bare calls everywhere else.
//! - What people search for is indexed in the transaction that changes it (`search.rs`): a text that is to be found has its
//!   place in `words_of` there.
//!
//! To keep something new: a migration, an entity in `entity.rs`, its place in `select.rs` (scoped by its dossier, or
//! open to all), a write on the unit of work, a read on the reader.

#![deny(missing_docs)]

mod access;
mod accesses;
mod agenda;
mod attachments;
mod awaiting;
mod backup;
mod batches;
mod compartments;
mod convert;
mod counters;
mod current;
mod day;
mod delays;
mod denominations;
mod discrepancies;
mod dossiers;
mod drafts;
mod eliminations;
mod entity;
mod erase;
mod error;
mod exchange;
mod files;
mod filter;
mod found;
mod government;
mod group;
mod herald;
mod hosts;
mod identities;
mod import_runs;
mod intake;
mod journal;
mod known;
mod lease;
mod length;
mod links;
mod members;
mod organisation;
mod past;
mod people;
mod personal;
mod published;
mod read;
mod record;
mod register;
mod reminders;
mod replica;
mod retards;
mod retention;
mod saved;
mod seals;
mod search;
mod select;
mod sessions;
mod settings;
mod settled;
mod snapshots;
mod source;
mod standing;
mod statistics;
mod store;
mod sums;
mod tally;
mod together;
mod tokens;
mod traces;
mod uow;
mod verify;

pub use access::Account;
pub use attachments::Attached;
pub use awaiting::{Awaiting, Turn};
pub use backup::{copy_file, file_digest};
pub use compartments::Reading;
pub use convert::NEVER;
pub use current::{Now, Settings};
pub use discrepancies::{Found, Verdict};
pub use dossiers::{Content, Sheet};
pub use drafts::{DraftVersion, Look};
pub use eliminations::{EliminationPlace, Item as EliminationItem, ItemOutcome};
pub use error::StoreError;
pub use files::{Files, Incoming};
pub use filter::{Filter, Risk};
pub use found::{Group, Receipt};
pub use herald::Written;
pub use identities::FlowRow;
pub use import_runs::{KEPT_REJECTIONS, RejectedRecord, RunFilter};
pub use intake::{Known, Suggestion};
pub use journal::{Act, Line};
pub use lease::Lease;
pub use length::Length;
pub use members::MemberPlace;
pub use past::PastGroup;
pub use people::PeopleFilter;
pub use personal::Mention;
pub use published::{Published, PublishedFilter};
pub use read::{DueDay, Page, Position, Reader};
pub use register::{JournalFilter, JournalPlace, RegisterLine};
pub use reminders::{Item, MessageState, Pursuit, Recipient};
pub use replica::{DASHBOARDS, Moment};
pub use retards::LateGroup;
pub use retention::{Ended, EndedCount, EndedPlace};
pub use saved::{News, SavedRow, Slot};
pub use seals::Sealed;
pub use sessions::SessionRow;
pub use settings::{Place, SettingsAct};
pub use snapshots::{OpenDossier, Past, SNAPSHOT_BATCH, Snapshots};

pub use statistics::{Answerable, Asked};
pub use store::Store;
pub use tally::{AnsweredGroup, DueGroup};
pub use tokens::TokenRow;
pub use uow::{Claim, UnitOfWork};
pub use verify::{Fault, Verification};
