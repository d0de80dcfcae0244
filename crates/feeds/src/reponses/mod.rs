//! *Réponses*, the Government's own system of questions: what a ministry sends to it and receives from it, as files.
//!
//! [`write()`] makes the request by which signed answers are sent; [`read()`] reads what the system answers. The messages are
//! XML 1.0 in UTF-8; the forms that are known are those of the schemas 3.4, and the tests hold a schema of our own to them.

mod element;
mod markup;
mod message;
mod question;
mod read;
mod write;

pub use markup::{Forbidden, check as check_markup, from_text as markup};
pub use message::{
    Attribution, Erratum, Ministry, Page, QuestionRef, Receipt, Received, Rejected, State, StateChange,
};
pub use question::UID;
pub use read::{ReadError, open, read};
pub use write::{Answer, Minister, WriteError, ask_questions, write};

/// Under which every message's namespace lies.
const SPACE: &str = "http://www.dila.premier-ministre.gouv.fr/solrep/reponses/";
