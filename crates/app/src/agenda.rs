//! The agenda of the questions that are put in the chamber.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pli_domain::identity::House;
use pli_domain::ids::{DossierId, UnitId};
use pli_domain::refusal::Refusal;

use crate::reminders::own_units;
use crate::{App, Caller, Error, Page, Published, Sheet};

/// The most questions that an agenda holds.
pub const AGENDA: u64 = 300;

/// The most days that an agenda covers.
const DAYS: chrono::TimeDelta = chrono::TimeDelta::days(92);

/// A question that is put in the chamber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oral {
    /// Its dossier.
    pub sheet: Sheet,
    /// What was published of it, once imported.
    pub published: Option<Published>,
    /// Who attends for the ministry, once known.
    pub attendee: Option<String>,
}

impl App {
    /// The questions that the caller may read which are put on these days, in the order of the sittings; at most
    /// [`AGENDA`], and whether there are more. It costs what is put on these days.
    ///
    /// # Errors
    /// [`Error::Refused`] when the days are none or too many; [`Error`] when the database fails.
    pub async fn agenda(
        &self,
        caller: &Caller,
        (from, to): (NaiveDate, NaiveDate),
        house: Option<House>,
    ) -> Result<Page<Oral>, Error> {
        if to < from {
            return Err(Refusal::EndsBeforeItBegins { field: "to" }.into());
        }
        if to.signed_duration_since(from) > DAYS {
            return Err(Refusal::TooLong { field: "to" }.into());
        }
        let Page { items, more } = self.reader(caller).sittings((from, to), house, AGENDA).await?;
        let attended = items
            .iter()
            .filter(|sheet| sheet.dossier.sitting().is_some_and(|sitting| sitting.attendee.is_some()));
        let attended: Vec<_> = attended.map(|sheet| sheet.dossier.id).collect();
        let mut attendees = self.attendees(caller, &attended).await?;
        let identities = items.iter().filter_map(|sheet| Some(&sheet.dossier.question()?.identity));
        let mut published = self.store.published(identities).await?;
        let oral = |sheet: Sheet| Oral {
            attendee: attendees.remove(&sheet.dossier.id),
            published: sheet.dossier.question().and_then(|facts| published.remove(&facts.identity)),
            sheet,
        };
        Ok(Page { items: items.into_iter().map(oral).collect(), more })
    }

    /// The first day after that one on which a question that the caller may read is put.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn next_sitting(&self, caller: &Caller, after: NaiveDate) -> Result<Option<NaiveDate>, Error> {
        Ok(self.reader(caller).next_sitting(after).await?)
    }

    /// The questions of the caller's units that are still to be put and are not among these: once the brief is delivered
    /// nothing of it is due any more.
    pub(crate) async fn sittings_to_come(
        &self,
        caller: &Caller,
        known: &[Sheet],
    ) -> Result<Vec<Sheet>, Error> {
        let today = self.today();
        let far = today.checked_add_days(chrono::Days::new(366)).unwrap_or(today);
        let known: BTreeSet<_> = known.iter().map(|sheet| sheet.dossier.id).collect();
        let units = own_units(caller);
        let own = |lead: Option<UnitId>| {
            units.as_ref().is_none_or(|units| lead.is_some_and(|lead| units.contains(&lead)))
        };
        let mut coming = self.reader(caller).sittings((today, far), None, AGENDA).await?.items;
        coming.retain(|sheet| {
            let dossier = &sheet.dossier;
            dossier.stage.is_open() && own(dossier.lead) && !known.contains(&dossier.id)
        });
        Ok(coming)
    }

    /// Who attends for the ministry, by dossier, as it was said last.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn attendees(
        &self,
        caller: &Caller,
        dossiers: &[DossierId],
    ) -> Result<BTreeMap<DossierId, String>, Error> {
        Ok(self.reader(caller).attendees(dossiers).await?)
    }
}
