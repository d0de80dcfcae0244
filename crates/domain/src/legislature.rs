//! The legislatures of the Assemblée nationale: a question still unanswered when one ends lapses (usage; the houses
//! print it as « Fin de mandat »).

use chrono::NaiveDate;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteenth_ended_by_dissolution_and_the_seventeenth_lasts() {
        assert_eq!(ended_on(16), NaiveDate::from_ymd_opt(2024, 6, 9));
        assert_eq!(ended_on(17), None);
        assert!(ENDS.iter().all(|(number, _)| ended_on(*number).is_some()));
    }
}
