//! The legislatures of the Assemblée nationale: a question still unanswered when one ends lapses (usage; the houses
//! print it as « Fin de mandat »).

use chrono::{Datelike as _, NaiveDate};

/// Last day of each ended legislature on which its questions still stood, read off the published records
/// (« Fin de mandat » of QE 14-94534 on 20/06/2017) and, for the sixteenth, the decree of dissolution of 09/06/2024.
const ENDS: &[(u16, (i32, u32, u32))] =
    &[(13, (2012, 6, 19)), (14, (2017, 6, 20)), (15, (2022, 6, 21)), (16, (2024, 6, 9))];

/// The day a legislature ended; `None` while it lasts, or where it is older than the open data (before the thirteenth).
#[must_use]
pub fn ended_on(legislature: u16) -> Option<NaiveDate> {
    let (_, (year, month, day)) = ENDS.iter().find(|(number, _)| *number == legislature)?;
    NaiveDate::from_ymd_opt(*year, *month, *day)
}

/// The legislature that a day belongs to, of those in the open data: the thirteenth for whatever is older.
#[must_use]
pub fn on(day: NaiveDate) -> u16 {
    let (first, last) = (13, ENDS.last().map_or(13, |(number, _)| number.saturating_add(1)));
    let lasts = |legislature: &u16| ended_on(*legislature).is_none_or(|end| day <= end);
    (first..=last).find(lasts).unwrap_or(last)
}

/// The years of a legislature, up to this one while it lasts. The Sénat, which is never dissolved, counts its questions by
/// the Assemblée's legislatures too.
pub fn years(legislature: u16, today: NaiveDate) -> impl Iterator<Item = u16> {
    let year = |day: NaiveDate| u16::try_from(day.year()).unwrap_or_default();
    let first = legislature.checked_sub(1).and_then(ended_on).map(year);
    let last = year(ended_on(legislature).unwrap_or(today));
    first.into_iter().flat_map(move |first| first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteenth_ended_by_dissolution_and_the_seventeenth_lasts() {
        assert_eq!(ended_on(16), NaiveDate::from_ymd_opt(2024, 6, 9));
        assert_eq!(ended_on(17), None);
        assert!(ENDS.iter().all(|(number, _)| ended_on(*number).is_some()));
    }

    #[test]
    fn a_day_belongs_to_one_legislature_and_a_year_to_two_at_most() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let today = day(2026, 11, 22);
        assert_eq!(
            [on(day(2017, 6, 20)), on(day(2017, 6, 21)), on(today), on(day(1999, 1, 1))],
            [14, 15, 17, 13]
        );
        assert_eq!(years(17, today).collect::<Vec<_>>(), [2024, 2025, 2026]);
        assert_eq!(years(16, today).collect::<Vec<_>>(), [2022, 2023, 2024]);
        assert_eq!(years(99, today).count() + years(0, today).count(), 0);
    }
}
