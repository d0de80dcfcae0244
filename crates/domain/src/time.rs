//! Instants and legal dates. The clock is never read here: `now` and `today` come in as values.

use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Europe::Paris;
use serde::{Deserialize, Serialize};

/// An instant in UTC, cut to the microsecond: what both engines keep, so that it reads back as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Cuts an instant to the microsecond.
    #[must_use]
    pub fn new(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(6))
    }

    /// The instant itself.
    #[must_use]
    pub fn instant(self) -> DateTime<Utc> {
        self.0
    }

    /// The civil date in Europe/Paris, on which delays are counted.
    #[must_use]
    pub fn paris_date(self) -> NaiveDate {
        self.0.with_timezone(&Paris).date_naive()
    }

    /// The moment at which a day begins in Europe/Paris: midnight, where no clock is ever put forward or back.
    #[must_use]
    pub fn start_of(day: NaiveDate) -> Self {
        let midnight = day.and_time(NaiveTime::MIN);
        Self::new(match Paris.from_local_datetime(&midnight).earliest() {
            Some(start) => start.to_utc(),
            None => midnight.and_utc(),
        })
    }

    /// The hour in Europe/Paris, 0 to 23.
    #[must_use]
    pub fn paris_hour(self) -> u32 {
        self.0.with_timezone(&Paris).hour()
    }

    /// Day and time in Europe/Paris as a clerk writes them: `22/11/2026 à 18 h 05`.
    #[must_use]
    pub fn french(self) -> String {
        self.0.with_timezone(&Paris).format("%d/%m/%Y à %H\u{a0}h\u{a0}%M").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_received_at_half_past_eleven_in_the_evening_in_utc_is_of_the_next_day_in_paris() {
        let late = Timestamp::new("2026-11-22T23:30:00.123456789Z".parse().unwrap());
        assert_eq!(late.paris_date(), NaiveDate::from_ymd_opt(2026, 11, 23).unwrap());
        assert_eq!(late.instant().timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(late.french(), "23/11/2026 à 00\u{a0}h\u{a0}30");
    }

    #[test]
    fn a_day_begins_at_midnight_in_paris_in_summer_and_in_winter() {
        for (day, start) in [("2026-07-01", "2026-06-30T22:00:00Z"), ("2026-12-01", "2026-11-30T23:00:00Z")] {
            let day = day.parse().unwrap();
            assert_eq!(Timestamp::start_of(day), Timestamp::new(start.parse().unwrap()));
            assert_eq!(Timestamp::start_of(day).paris_date(), day);
        }
    }
}
