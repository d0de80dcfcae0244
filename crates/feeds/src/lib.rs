//! Readers of the outside: bytes in, typed records out.
//!
//! A reader knows the files of one publisher and nothing of the rules. What it yields is a plain record of the domain,
//! the same whichever house published it, so whoever imports never sees a publisher's format.
//!
//! ```no_run
//! use pli_feeds::assemblee;
//!
//! let source = assemblee::open("Questions_ecrites.json.zip".as_ref())?;
//! for item in source {
//!     match item {
//!         Ok(question) => { /* import it, unless its digest is already known */ }
//!         Err(rejected) => { /* show it: it says which file, and why */ }
//!     }
//! }
//! # Ok::<(), pli_feeds::OpenError>(())
//! ```
//!
//! # Adding a reader
//!
//! 1. Write a module with an `open` that returns a [`Source`]: an iterator of `Result<record, Rejected>`.
//! 2. Describe the publisher's format in a private `shape` module with derived serde types, as lenient as the
//!    publisher is careless, and turn shapes into records in one other place.
//! 3. One broken record is one [`Rejected`], with a code that stays and a French sentence; it never stops the rest.
//!    Only a source that cannot be begun at all is an error of `open`.
//! 4. Texts are cleaned on the way in: no record holds HTML that is not safe to show.
//! 5. Build the record, then [`seal`](pli_domain::published::PublishedQuestion::seal) it, so an unchanged record is
//!    recognised at the next import.
//! 6. Put real data and its licence under `fixtures/`, and hold the reader to it.
//!
//! What a file may cost is bounded: its size, what an archive unpacks to, the length of a field, how deep elements lie in
//! each other. No entity of a document's own is ever resolved.

pub mod assemblee;
mod bounds;
mod encoding;
mod fingerprint;
mod html;
pub mod members;
mod reject;
pub mod reponses;
pub mod senat;
mod source;
mod values;
mod xml;

pub use fingerprint::fingerprint;
pub use reject::{OpenError, RejectReason, Rejected};
pub use source::Source;
