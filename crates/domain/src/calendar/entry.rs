//! What the administrator adds to the public holidays: days closed, sitting periods, weeks without a Journal officiel.

use chrono::{Datelike, Days, NaiveDate};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::Zone;
use crate::identity::House;
use crate::ids::EntryId;
use crate::refusal::Refusal;

/// What an entry of the calendar says of its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum EntryKind {
    /// Nobody works: a bridge, an exceptional closure.
    Closed,
    /// A house sits.
    Sitting,
    /// A house's Journal officiel of questions does not appear.
    NoIssue,
}

/// Some days in a row, and what is so on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier.
    pub id: EntryId,
    /// What is so.
    pub kind: EntryKind,
    /// First day.
    pub first: NaiveDate,
    /// Last day, included.
    pub last: NaiveDate,
    /// Where nobody works; everywhere when `None`. Only of [`EntryKind::Closed`].
    pub zone: Option<Zone>,
    /// Which house; never `None` but for [`EntryKind::Closed`].
    pub house: Option<House>,
    /// In French, as shown.
    pub label: String,
}

/// The longest entry: a session of Parliament lasts from October to June.
const LONGEST: i64 = 366;

/// How long before its end a calendar is said to run out.
const NOTICE: Days = Days::new(60);

impl Entry {
    /// Whether it makes sense.
    ///
    /// # Errors
    /// The [`Refusal`] that says what to correct.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.label.trim().is_empty() {
            return Err(Refusal::Required { field: "label" });
        }
        if self.label.contains('\0') {
            return Err(Refusal::NullCharacter { field: "label" });
        }
        if !(1900..=2200).contains(&self.first.year()) {
            return Err(Refusal::DateOutOfRange { field: "first" });
        }
        if self.last < self.first {
            return Err(Refusal::EndsBeforeItBegins { field: "last" });
        }
        if (self.last - self.first).num_days() > LONGEST {
            return Err(Refusal::TooLong { field: "last" });
        }
        if self.kind != EntryKind::Closed && self.house.is_none() {
            return Err(Refusal::Required { field: "house" });
        }
        Ok(())
    }

    fn covers(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }
}

/// The calendar of a place: its public holidays, and what was added to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Where.
    pub zone: Zone,
    /// What was added.
    pub entries: Vec<Entry>,
}

/// Why a day is not a working day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayOff {
    /// Saturday or Sunday, whether or not it is a holiday too.
    Weekend,
    /// A public holiday from Monday to Friday, by its name.
    Holiday(&'static str),
    /// Closed by the administrator, with the label given.
    Closed(String),
}

impl Calendar {
    /// The public holidays of a zone, and nothing else.
    #[must_use]
    pub fn of(zone: Zone) -> Self {
        Self { zone, entries: Vec::new() }
    }

    /// The same entries elsewhere.
    #[must_use]
    pub fn in_zone(&self, zone: Zone) -> Self {
        Self { zone, entries: self.entries.clone() }
    }

    fn found(&self, kind: EntryKind, day: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.kind == kind && entry.covers(day))
    }

    /// Why nobody works on that day; `None` on a working day.
    #[must_use]
    pub fn day_off(&self, day: NaiveDate) -> Option<DayOff> {
        use chrono::Weekday::{Sat, Sun};
        if matches!(day.weekday(), Sat | Sun) {
            return Some(DayOff::Weekend);
        }
        let closed = || {
            let mut closed = self.found(EntryKind::Closed, day);
            closed.find(|entry| entry.zone.is_none_or(|zone| zone == self.zone))
        };
        super::holiday(day, self.zone)
            .map(DayOff::Holiday)
            .or_else(|| closed().map(|entry| DayOff::Closed(entry.label.clone())))
    }

    /// Whether it is a working day (« jour ouvré »): Monday to Friday, holidays and closed days excepted.
    #[must_use]
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.day_off(day).is_none()
    }

    /// The first working day from that day on, the day itself included; `None` past the end of the calendar.
    #[must_use]
    pub fn next_working_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        std::iter::successors(Some(day), NaiveDate::succ_opt).find(|day| self.is_working_day(*day))
    }

    /// Whether a house sits on that day.
    #[must_use]
    pub fn sits(&self, house: House, day: NaiveDate) -> bool {
        self.found(EntryKind::Sitting, day).any(|entry| entry.house == Some(house))
    }

    /// Whether a house's Journal officiel, if it is its day, appears.
    #[must_use]
    pub fn issue_appears(&self, house: House, day: NaiveDate) -> bool {
        !self.found(EntryKind::NoIssue, day).any(|entry| entry.house == Some(house))
    }

    /// The houses whose sitting periods are known for less than two months from now, each with the last day known.
    /// Public holidays are computed and never run out.
    #[must_use]
    pub fn running_out(&self, today: NaiveDate) -> Vec<(House, Option<NaiveDate>)> {
        let known = |house| {
            let periods = self.entries.iter().filter(|entry| entry.kind == EntryKind::Sitting);
            periods.filter(|entry| entry.house == Some(house)).map(|entry| entry.last).max()
        };
        let enough = today.checked_add_days(NOTICE).unwrap_or(today);
        let houses = House::VARIANTS.iter().map(|house| (*house, known(*house)));
        houses.filter(|(_, last)| last.is_none_or(|last| last < enough)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn entry(kind: EntryKind, first: &str, last: &str) -> Entry {
        let house = (kind != EntryKind::Closed).then_some(House::Assembly);
        let label = "Pont de l’Ascension".to_owned();
        Entry { id: EntryId(Uuid::nil()), kind, first: day(first), last: day(last), zone: None, house, label }
    }

    #[test]
    fn a_closed_day_is_no_working_day_where_it_is_closed() {
        let mut bridge = entry(EntryKind::Closed, "2026-05-15", "2026-05-15");
        let calendar = |entry: &Entry| Calendar { zone: Zone::Metropole, entries: vec![entry.clone()] };
        let label = DayOff::Closed("Pont de l’Ascension".to_owned());
        assert_eq!(calendar(&bridge).day_off(day("2026-05-15")), Some(label));
        assert_eq!(calendar(&bridge).next_working_day(day("2026-05-14")), Some(day("2026-05-18")));
        bridge.zone = Some(Zone::Mayotte);
        assert!(calendar(&bridge).is_working_day(day("2026-05-15")));
        assert!(!calendar(&bridge).in_zone(Zone::Mayotte).is_working_day(day("2026-05-15")));
    }

    #[test]
    fn sittings_and_issues_are_those_of_one_house() {
        let entries = vec![
            entry(EntryKind::Sitting, "2026-10-01", "2027-06-30"),
            entry(EntryKind::NoIssue, "2026-12-29", "2026-12-29"),
        ];
        let calendar = Calendar { zone: Zone::Metropole, entries };
        assert!(calendar.sits(House::Assembly, day("2026-10-01")));
        assert!(!calendar.sits(House::Assembly, day("2026-09-30")));
        assert!(!calendar.sits(House::Senate, day("2026-10-01")));
        assert!(!calendar.issue_appears(House::Assembly, day("2026-12-29")));
        assert!(calendar.issue_appears(House::Senate, day("2026-12-29")));
        assert!(calendar.is_working_day(day("2026-12-29")), "people work when no issue appears");
    }

    #[test]
    fn a_calendar_that_runs_out_says_for_which_house() {
        let calendar = |last| Calendar {
            zone: Zone::Metropole,
            entries: vec![entry(EntryKind::Sitting, "2026-10-01", last)],
        };
        let today = day("2026-11-22");
        let senate = (House::Senate, None);
        assert_eq!(calendar("2027-06-30").running_out(today), [senate]);
        assert_eq!(calendar("2027-01-21").running_out(today), [senate], "sixty days are enough");
        let assembly = (House::Assembly, Some(day("2027-01-20")));
        assert_eq!(calendar("2027-01-20").running_out(today), [assembly, senate]);
    }

    #[test]
    fn an_entry_that_makes_no_sense_is_refused() {
        let good = entry(EntryKind::Sitting, "2026-10-01", "2027-06-30");
        assert_eq!(good.check(), Ok(()));
        let with = |change: fn(&mut Entry)| {
            let mut entry = good.clone();
            change(&mut entry);
            entry.check().unwrap_err().code()
        };
        assert_eq!(with(|entry| entry.last = entry.first - Days::new(1)), "ENDS_BEFORE_IT_BEGINS");
        assert_eq!(with(|entry| entry.last = entry.first + Days::new(400)), "TOO_LONG");
        assert_eq!(with(|entry| entry.first = NaiveDate::MIN), "DATE_OUT_OF_RANGE");
        assert_eq!(with(|entry| entry.house = None), "REQUIRED");
        assert_eq!(with(|entry| entry.label = "  ".to_owned()), "REQUIRED");
        assert_eq!(with(|entry| entry.label = "\0".to_owned()), "NULL_CHARACTER");
    }
}
