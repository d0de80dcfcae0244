//! The journal of the whole register.

use chrono::{Days, NaiveDate};
use pli_domain::actor::Who;
use pli_domain::dossier::{Action, Kind};
use pli_domain::ids::UserId;
use pli_domain::time::Timestamp;
use pli_persistence::JournalFilter;

use crate::lists::PAGE;
use crate::{App, Caller, Error, JournalPlace, Page, RegisterLine};

/// Which acts. Each part that is given narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acts {
    /// Done by one person, or by one part of Pli.
    pub who: Option<Who>,
    /// Of one sort.
    pub action: Option<Action>,
    /// From this day on, in Paris.
    pub from: Option<NaiveDate>,
    /// Up to this day, included.
    pub to: Option<NaiveDate>,
    /// On letters, or on questions.
    pub kind: Option<Kind>,
}

/// The days that both engines can be asked for, in the order of the calendar.
const DAYS: (NaiveDate, NaiveDate) =
    match (NaiveDate::from_ymd_opt(1000, 1, 1), NaiveDate::from_ymd_opt(9999, 12, 30)) {
        (Some(first), Some(last)) => (first, last),
        _ => (NaiveDate::MIN, NaiveDate::MAX),
    };

impl Acts {
    fn filter(&self) -> JournalFilter {
        let (first, last) = DAYS;
        let next = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
        JournalFilter {
            who: self.who,
            action: self.action,
            from: self.from.map(|day| Timestamp::start_of(day.clamp(first, last))),
            until: self.to.map(|day| Timestamp::start_of(next(day.clamp(first, last)))),
            kind: self.kind,
        }
    }
}

impl App {
    /// A page of the journal of every dossier that the caller may read, the newest act first; at most 100.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn register(
        &self,
        caller: &Caller,
        acts: &Acts,
        before: Option<JournalPlace>,
        size: u64,
    ) -> Result<Page<RegisterLine>, Error> {
        Ok(self.reader(caller).register(&acts.filter(), before, size.min(PAGE)).await?)
    }

    /// Everybody who has or had an account, by name: those who may have acted.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn everybody(&self) -> Result<Vec<(UserId, String)>, Error> {
        Ok(self.store.everybody().await?)
    }
}
