//! The counting of days and months.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::{Length, Step};
use crate::calendar::{Calendar, DayOff};

/// Working days are counted one by one: beyond some forty years a length is a mistake, and would never end.
const MOST_WORKING_DAYS: u32 = 10_000;

/// The last day of a delay, before anything moves it; the first day to act by, when it is counted back.
pub(super) fn last_day(
    length: Length,
    start: NaiveDate,
    back: bool,
    calendar: &Calendar,
) -> Option<NaiveDate> {
    match (length, back) {
        (Length::Days(days), false) => start.checked_add_days(Days::new(days.into())),
        (Length::Days(days), true) => start.checked_sub_days(Days::new(days.into())),
        (Length::Months(months), false) => start.checked_add_months(Months::new(months)),
        (Length::Months(months), true) => start.checked_sub_months(Months::new(months)),
        (Length::WorkingDays(0), _) => Some(start),
        (Length::WorkingDays(days), _) if days > MOST_WORKING_DAYS => None,
        (Length::WorkingDays(days), _) => {
            let next = if back { NaiveDate::pred_opt } else { NaiveDate::succ_opt };
            let days_on = std::iter::successors(next(&start), next);
            let mut working = days_on.filter(|day| calendar.is_working_day(*day));
            working.nth(usize::try_from(days - 1).ok()?)
        }
    }
}

/// The days that are not working days from `first` to `last`, both included, a weekend at a time.
pub(super) fn days_off(first: NaiveDate, last: NaiveDate, calendar: &Calendar) -> Vec<Step> {
    let days = std::iter::successors(Some(first), NaiveDate::succ_opt).take_while(|day| *day <= last);
    let mut steps: Vec<Step> = Vec::new();
    for day in days {
        let Some(off) = calendar.day_off(day) else { continue };
        match steps.last_mut() {
            Some(Step::Skipped { last, off: DayOff::Weekend, .. })
                if day.weekday() == Weekday::Sun && last.succ_opt() == Some(day) =>
            {
                *last = day;
            }
            _ => steps.push(Step::Skipped { first: day, last: day, off, zone: calendar.zone }),
        }
    }
    steps
}

/// Where an incomplete file moves a due date, an implicit **refusal** for one (CRPA, art. L114-5, al. 3): by the days
/// from the notice that asks for the missing pieces, to their receipt or to the end of the time given, whichever comes
/// first.
///
/// `None` when the suspension ends before it began, begins after the due date (the refusal is then already born), or
/// runs past the end of the calendar. An implicit **acceptance** is not suspended: it starts again from the receipt of
/// the pieces (same article, al. 2), so compute the rule from that day.
#[must_use]
pub fn suspended(due_on: NaiveDate, from: NaiveDate, until: NaiveDate) -> Option<NaiveDate> {
    let days = u64::try_from((until - from).num_days()).ok()?;
    if from > due_on { None } else { due_on.checked_add_days(Days::new(days)) }
}
