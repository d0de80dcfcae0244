//! The counting of days and months.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::{Length, Step};
use crate::calendar::{self, DayOff, Zone};

/// Working days are counted one by one: beyond some forty years a length is a mistake, and would never end.
const MOST_WORKING_DAYS: u64 = 10_000;

/// The last day of a delay, before anything moves it.
pub(super) fn last_day(length: Length, start: NaiveDate, zone: Zone) -> Option<NaiveDate> {
    match length {
        Length::Days(days) => start.checked_add_days(Days::new(days)),
        Length::Months(months) => start.checked_add_months(Months::new(months)),
        Length::WorkingDays(0) => Some(start),
        Length::WorkingDays(days) if days > MOST_WORKING_DAYS => None,
        Length::WorkingDays(days) => {
            let mut working = days_after(start).filter(|day| calendar::is_working_day(*day, zone));
            working.nth(usize::try_from(days - 1).ok()?)
        }
    }
}

/// The days that are not working days from `first` to `last`, both included, a weekend at a time.
pub(super) fn days_off(first: NaiveDate, last: NaiveDate, zone: Zone) -> Vec<Step> {
    let days = std::iter::once(first).chain(days_after(first)).take_while(|day| *day <= last);
    let mut steps: Vec<Step> = Vec::new();
    for day in days {
        let Some(off) = calendar::day_off(day, zone) else { continue };
        match steps.last_mut() {
            Some(Step::Skipped { last, off: DayOff::Weekend, .. })
                if day.weekday() == Weekday::Sun && last.succ_opt() == Some(day) =>
            {
                *last = day;
            }
            _ => steps.push(Step::Skipped { first: day, last: day, off, zone }),
        }
    }
    steps
}

/// Every day after that one, to the end of the calendar.
fn days_after(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    std::iter::successors(day.succ_opt(), NaiveDate::succ_opt)
}

/// Where an incomplete file moves an implicit **refusal** (CRPA, art. L114-5, al. 3): by the days from the notice
/// that asks for the missing pieces, to their receipt or to the end of the time given, whichever comes first.
///
/// `None` when the suspension ends before it began, begins after the due date (the refusal is then already born), or
/// runs past the end of the calendar. An implicit **acceptance** is not suspended: it starts again from the receipt of
/// the pieces (same article, al. 2), so compute the rule from that day.
#[must_use]
pub fn suspended(due_on: NaiveDate, from: NaiveDate, until: NaiveDate) -> Option<NaiveDate> {
    let days = u64::try_from((until - from).num_days()).ok()?;
    if from > due_on { None } else { due_on.checked_add_days(Days::new(days)) }
}
