//! The weekly Journal officiel of an assembly's questions, which an answer must catch.
//!
//! The week in which none appears is not known here: a sitting calendar is data.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Step;
use crate::identity::House;

/// What a due date means for the Journal officiel; `None` past either end of the calendar.
///
/// Assemblée nationale: the list of questions without an answer is in the first issue after the due date. Sénat: its
/// list has no known day (monthly, to be confirmed); from the day after, the author may have the question converted.
pub(super) fn steps(house: House, due_on: NaiveDate) -> Option<[Step; 2]> {
    let last_issue = Step::LastIssue { house, on: last_issue(house, due_on)? };
    let without_answer = match house {
        House::Assembly => Step::ReminderList { on: first_issue_after(house, due_on)? },
        House::Senate => Step::Conversion { from: due_on.succ_opt()? },
    };
    Some([last_issue, without_answer])
}

/// Tuesday for the Assemblée nationale, Thursday for the Sénat.
fn day_of_issue(house: House) -> Weekday {
    match house {
        House::Assembly => Weekday::Tue,
        House::Senate => Weekday::Thu,
    }
}

/// The last issue up to the due date, that day included.
fn last_issue(house: House, due_on: NaiveDate) -> Option<NaiveDate> {
    let since = due_on.weekday().days_since(day_of_issue(house));
    due_on.checked_sub_days(Days::new(since.into()))
}

/// The first issue after the due date, that day excluded.
fn first_issue_after(house: House, due_on: NaiveDate) -> Option<NaiveDate> {
    last_issue(house, due_on)?.checked_add_days(Days::new(7))
}
