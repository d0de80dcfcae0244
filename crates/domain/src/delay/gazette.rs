//! The weekly Journal officiel of an assembly's questions, which an answer must catch.
//!
//! The weeks in which none appears are entries of the calendar.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Step;
use crate::calendar::Calendar;
use crate::identity::House;

/// What a due date means for the Journal officiel; `None` past either end of the calendar.
///
/// Assemblée nationale: the list of questions without an answer is in the first issue after the due date. Sénat: its
/// list has no known day (monthly, to be confirmed); from the day after, the author may have the question converted.
pub(super) fn steps(house: House, due_on: NaiveDate, calendar: &Calendar) -> Option<[Step; 2]> {
    let last_issue = Step::LastIssue { house, on: last_issue(house, due_on, calendar)? };
    let without_answer = match house {
        House::Assembly => Step::ReminderList { on: first_issue_after(house, due_on, calendar)? },
        House::Senate => Step::Conversion { from: due_on.succ_opt()? },
    };
    Some([last_issue, without_answer])
}

/// Tuesday for the Assemblée nationale, Thursday for the Sénat.
#[must_use]
pub fn day_of_issue(house: House) -> Weekday {
    match house {
        House::Assembly => Weekday::Tue,
        House::Senate => Weekday::Thu,
    }
}

/// Whether a house's Journal officiel of questions appears on that day.
#[must_use]
pub fn is_issue(house: House, day: NaiveDate, calendar: &Calendar) -> bool {
    day.weekday() == day_of_issue(house) && calendar.issue_appears(house, day)
}

/// The last issue up to the due date, that day included.
#[must_use]
pub fn last_issue(house: House, due_on: NaiveDate, calendar: &Calendar) -> Option<NaiveDate> {
    let since = due_on.weekday().days_since(day_of_issue(house));
    weekly(due_on.checked_sub_days(Days::new(since.into()))?, house, calendar, NaiveDate::checked_sub_days)
}

/// The first issue after the due date, that day excluded.
fn first_issue_after(house: House, due_on: NaiveDate, calendar: &Calendar) -> Option<NaiveDate> {
    let since = due_on.weekday().days_since(day_of_issue(house));
    let week = due_on.checked_sub_days(Days::new(since.into()))?.checked_add_days(Days::new(7))?;
    weekly(week, house, calendar, NaiveDate::checked_add_days)
}

/// From a day of issue, week after week, to one on which an issue appears.
fn weekly(
    day: NaiveDate,
    house: House,
    calendar: &Calendar,
    step: fn(NaiveDate, Days) -> Option<NaiveDate>,
) -> Option<NaiveDate> {
    let weeks = std::iter::successors(Some(day), |day| step(*day, Days::new(7)));
    weeks.take(60).find(|day| calendar.issue_appears(house, *day))
}
