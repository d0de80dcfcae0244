//! The use cases, one function each; the only caller of persistence. `graphql`, `web` and the command line stand on it.
//!
//! - Who asks comes in as a [`Caller`]; what they may not read is not found.
//! - A command runs to its end even when the client hangs up, in one unit of work, and answers the same to the same key.
//! - The clock is read in [`Clock`] only.

#![deny(missing_docs)]

mod access;
mod account;
mod agenda;
mod alerts;
mod archive;
mod backup;
mod batches;
mod bulk;
mod caller;
mod clock;
mod commands;
mod compartments;
mod copies;
mod delays;
mod denominations;
mod discrepancies;
mod documents;
mod eliminations;
mod error;
mod exchange;
mod government;
mod home;
mod identities;
mod import;
mod intake;
mod limits;
mod links;
mod lists;
mod live;
mod members;
mod own_data;
mod people;
mod personal;
mod proof;
mod register;
mod reminders;
mod retention;
mod runs;
mod saved;
mod search;
mod settings;
mod setup;
mod signature;
mod standing;
mod statistics;
mod tokens;
mod trend;
mod units;

use std::sync::Arc;

pub use access::{Attempt, Entered, Secret, SignIn};
pub use account::OpenSession;
pub use agenda::{AGENDA, Oral};
pub use backup::{Backup, BackupError};
pub use batches::NearQuestion;
pub use bulk::{Foreseen, MOST, Seen};
pub use caller::{Caller, Means};
pub use clock::Clock;
pub use commands::{Key, Order, REFUSALS};
pub use compartments::ReadingLine;
pub use delays::{Change, Move, Moves};
pub use discrepancies::Discrepant;
pub use documents::{Document, Upload};
pub use eliminations::EliminationDetail;
pub use error::Error;
pub use exchange::{Exchanged, SignedAnswer};
pub use government::{Concerned, GovernmentPreview, HeldCount};
pub use home::{Tile, What, awaits};
pub use identities::Recognised;
pub use import::{Rejection, Report};
pub use intake::{Intake, LookAlike};
pub use limits::AccessRules;
pub use lists::{Late, List, Retards, RetardsRow};
pub use live::{Bearer, Following};
pub use own_data::{OwnAct, OwnData};
pub use people::PeopleList;
pub use personal::{Disclosed, Disclosure, Held, Mentioned};
pub use pli_persistence::{
    Asked, Attached, DASHBOARDS, DraftVersion, DueDay, EliminationItem, EliminationPlace, EndedCount,
    EndedPlace, Fault, Files, ItemOutcome, JournalPlace, Known, Lease, Length, Line, Look, MemberPlace,
    MessageState, Moment, NEVER, Page, Position, Published, PublishedFilter, Reading, Receipt, RegisterLine,
    RejectedRecord, RunFilter, Sealed, Sheet, Store, StoreError, Suggestion, Verification,
};
pub use proof::Proof;
pub use register::Acts;
pub use reminders::{Feed, Message, Outcome};
pub use runs::{Origin, RunDetail};
pub use saved::{NewSearch, SavedSearch, SearchChange};
pub use search::{Excerpt, Facet, Facets, Found, FoundPublished, Source};
pub use setup::{NewPassword, NewUnit};
pub use signature::{Place, Queue, Waiting};
pub use standing::{Standing, StandingRow, Unready};
pub use statistics::{By, Common, Counted, Statistics, StatisticsRow};
pub use tokens::{NewToken, Token};
pub use trend::{Figure, OnTime, OnTimeRow, Trend, Week};

use limits::Access;
use live::Live;

/// Pli, whole: a store, the documents beside it, and a clock.
#[derive(Clone, Debug)]
pub struct App {
    store: Store,
    files: Files,
    clock: Clock,
    access: Arc<Access>,
    live: Arc<Live>,
}

impl App {
    /// Pli on a store whose schema is up to date.
    #[must_use]
    pub fn new(store: Store, files: Files, clock: Clock) -> Self {
        let access = Arc::new(Access::new(AccessRules::default(), &clock));
        Self { store, files, clock, access, live: Arc::default() }
    }

    /// The same Pli with other rules of access than the default ones.
    #[must_use]
    pub fn with_access(&self, rules: AccessRules) -> Self {
        Self { access: Arc::new(Access::new(rules, &self.clock)), ..self.clone() }
    }

    /// The same Pli on another clock.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        let access = Arc::new(Access::new(self.access.rules, &clock));
        Self { clock, access, ..self.clone() }
    }

    /// The same Pli, whose dashboards are read from a replica of its database while that has what they must show.
    ///
    /// # Errors
    /// [`Error`] when the address cannot be read, or the database itself fails: a replica may be away.
    pub async fn with_replica(self, url: &str) -> Result<Self, Error> {
        Ok(Self { store: self.store.with_replica(url).await?, ..self })
    }

    /// Whether dashboards are read from the replica; `None` when there is none.
    #[must_use]
    pub fn replica_follows(&self) -> Option<bool> {
        self.store.replica_follows()
    }

    /// Whether no dossier exists at all.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.store.reader(pli_domain::actor::Scope::ALL).is_empty().await?)
    }

    /// Today in Paris.
    #[must_use]
    pub fn today(&self) -> chrono::NaiveDate {
        self.clock.now().paris_date()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> pli_domain::time::Timestamp {
        self.clock.now()
    }

    /// Looks at every chain and every document, and replays the journal against the rows.
    ///
    /// # Errors
    /// [`Error`] when the database cannot be read.
    pub async fn verify(&self, progress: impl FnMut(u64) + Send) -> Result<Verification, Error> {
        Ok(self.store.verify(&self.files, progress).await?)
    }
}
