//! The calendar: public holidays and working days, by computation, in each zone of the Republic.
//!
//! Today's law is applied to every year: the list is that of the Code du travail, art. L3133-1, with art. L3134-13 in
//! Alsace-Moselle and art. L3422-2 overseas. What the law was in, say, 1950 is not told here.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::french::French;

mod entry;

pub use entry::{Calendar, DayOff, Entry, EntryKind};

/// Where holidays are the same. The codes are the file names of the public data (Etalab, « Jours fériés en France »).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Zone {
    /// Metropolitan France but for Alsace-Moselle: the zone of the central administration.
    #[default]
    Metropole,
    /// Bas-Rhin, Haut-Rhin and Moselle: two days more.
    AlsaceMoselle,
    /// Guadeloupe: 27 May.
    Guadeloupe,
    /// Guyane: 10 June.
    Guyane,
    /// La Réunion: 20 December.
    LaReunion,
    /// Martinique: 22 May.
    Martinique,
    /// Mayotte: 27 April.
    Mayotte,
    /// Nouvelle-Calédonie; its own holidays are not in the public data, hence not here.
    NouvelleCaledonie,
    /// Polynésie française; its own holidays are not in the public data, hence not here.
    PolynesieFrancaise,
    /// Saint-Barthélemy: 9 October.
    SaintBarthelemy,
    /// Saint-Martin: 28 May; 27 May until 2017.
    SaintMartin,
    /// Saint-Pierre-et-Miquelon.
    SaintPierreEtMiquelon,
    /// Wallis-et-Futuna; its own holidays are not in the public data, hence not here.
    WallisEtFutuna,
}

impl French for Zone {
    fn french(&self) -> &'static str {
        match self {
            Self::Metropole => "Métropole",
            Self::AlsaceMoselle => "Alsace-Moselle",
            Self::Guadeloupe => "Guadeloupe",
            Self::Guyane => "Guyane",
            Self::LaReunion => "La Réunion",
            Self::Martinique => "Martinique",
            Self::Mayotte => "Mayotte",
            Self::NouvelleCaledonie => "Nouvelle-Calédonie",
            Self::PolynesieFrancaise => "Polynésie française",
            Self::SaintBarthelemy => "Saint-Barthélemy",
            Self::SaintMartin => "Saint-Martin",
            Self::SaintPierreEtMiquelon => "Saint-Pierre-et-Miquelon",
            Self::WallisEtFutuna => "Wallis-et-Futuna",
        }
    }
}

impl Zone {
    /// Where a day is a holiday: « férié **en Alsace-Moselle** ».
    #[must_use]
    pub fn there(self) -> &'static str {
        match self {
            Self::Metropole => "en métropole",
            Self::AlsaceMoselle => "en Alsace-Moselle",
            Self::Guadeloupe => "en Guadeloupe",
            Self::Guyane => "en Guyane",
            Self::LaReunion => "à La Réunion",
            Self::Martinique => "en Martinique",
            Self::Mayotte => "à Mayotte",
            Self::NouvelleCaledonie => "en Nouvelle-Calédonie",
            Self::PolynesieFrancaise => "en Polynésie française",
            Self::SaintBarthelemy => "à Saint-Barthélemy",
            Self::SaintMartin => "à Saint-Martin",
            Self::SaintPierreEtMiquelon => "à Saint-Pierre-et-Miquelon",
            Self::WallisEtFutuna => "à Wallis-et-Futuna",
        }
    }
}

/// Easter Sunday of the Gregorian calendar: from 1583, up to the end of chrono's calendar (year 262142).
///
/// The anonymous algorithm of 1876, known as Meeus/Jones/Butcher (J. Meeus, *Astronomical Algorithms*, chapter 8).
/// Written out rather than taken from a crate: a dependency to follow would weigh more than these ten lines, which the
/// tests hold against another method and against the public data.
#[must_use]
pub fn easter(year: i32) -> Option<NaiveDate> {
    let positive = u32::try_from(year).ok().filter(|year| *year >= 1583)?;
    let (golden, century, in_century) = (positive % 19, positive / 100, positive % 100);
    let corrections = century - century / 4 - (8 * century + 13) / 25;
    let moon = (19 * golden + corrections + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - moon - in_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let day = moon + weekday + 114 - 7 * late;
    NaiveDate::from_ymd_opt(year, day / 31, day % 31 + 1)
}

/// The public holiday that falls on that day in that zone, by its French name.
///
/// Of two on one day it names the one that the public data name: the local one, then the moveable one
/// (01/05/2008 is the Ascension).
#[must_use]
pub fn holiday(day: NaiveDate, zone: Zone) -> Option<&'static str> {
    abolition(day, zone).or_else(|| moveable(day, zone)).or_else(|| fixed(day, zone))
}

/// Commemoration of the abolition of slavery (Code du travail, art. L3422-2; Code général de la fonction publique,
/// art. L651-2; loi n° 83-550 du 30 juin 1983).
fn abolition(day: NaiveDate, zone: Zone) -> Option<&'static str> {
    let date = match zone {
        Zone::Guadeloupe => (5, 27),
        Zone::Guyane => (6, 10),
        Zone::LaReunion => (12, 20),
        Zone::Martinique => (5, 22),
        Zone::Mayotte => (4, 27),
        Zone::SaintBarthelemy => (10, 9),
        // The code long said 27 May; 28 May has been kept since 2018, and the public data follow.
        Zone::SaintMartin if day.year() < 2018 => (5, 27),
        Zone::SaintMartin => (5, 28),
        _ => return None,
    };
    ((day.month(), day.day()) == date).then_some("Abolition de l’esclavage")
}

/// The holidays that follow Easter. Good Friday is the local law of Alsace-Moselle (Code du travail, art. L3134-13),
/// strictly of the communes with a Protestant or a mixed church; the public data give it to the whole zone.
fn moveable(day: NaiveDate, zone: Zone) -> Option<&'static str> {
    match (day - easter(day.year())?).num_days() {
        -2 if zone == Zone::AlsaceMoselle => Some("Vendredi saint"),
        1 => Some("Lundi de Pâques"),
        39 => Some("Ascension"),
        50 => Some("Lundi de Pentecôte"),
        _ => None,
    }
}

/// The holidays of the same date every year (Code du travail, art. L3133-1; 26 December: art. L3134-13).
fn fixed(day: NaiveDate, zone: Zone) -> Option<&'static str> {
    match (day.month(), day.day()) {
        (1, 1) => Some("1er\u{a0}janvier"),
        (5, 1) => Some("1er\u{a0}mai"),
        (5, 8) => Some("8\u{a0}mai"),
        (7, 14) => Some("14\u{a0}juillet"),
        (8, 15) => Some("Assomption"),
        (11, 1) => Some("Toussaint"),
        (11, 11) => Some("11\u{a0}novembre"),
        (12, 25) => Some("Jour de Noël"),
        (12, 26) if zone == Zone::AlsaceMoselle => Some("2e\u{a0}jour de Noël"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Easter by its definition, and by none of the arithmetic above: the paschal full moon from the epact of Clavius
    /// (D. Knuth, *The Art of Computer Programming*, vol. 1, 1.3.2, exercise 14), then the Sunday after it by chrono.
    fn sunday_after_the_paschal_moon(year: i32) -> NaiveDate {
        let golden = year.rem_euclid(19) + 1;
        let century = year / 100 + 1;
        let (solar, lunar) = (3 * century / 4 - 12, (8 * century + 5) / 25 - 5);
        let epact = match (11 * golden + 20 + lunar - solar).rem_euclid(30) {
            25 if golden > 11 => 26,
            24 => 25,
            epact => epact,
        };
        let moon = if epact > 23 { 74 - epact } else { 44 - epact };
        let first_of_march = NaiveDate::from_ymd_opt(year, 3, 1).unwrap();
        let full_moon = first_of_march + chrono::TimeDelta::days(i64::from(moon - 1));
        full_moon.iter_days().skip(1).find(|day| day.weekday() == Weekday::Sun).unwrap()
    }

    /// Our names have the typography of a printed page; the files have that of a keyboard.
    fn as_published(name: &str) -> String {
        name.replace('\u{a0}', " ").replace('’', "'").replace("2e jour", "2ème jour")
    }

    /// Every zone, every day: no holiday missing, none too many, and the same names.
    #[test]
    fn the_public_data_and_the_computation_are_the_same() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/jours_feries");
        for zone in Zone::VARIANTS {
            let code: &str = zone.into();
            let file = std::fs::read_to_string(folder.join(format!("{code}.json"))).unwrap();
            let published: BTreeMap<NaiveDate, String> = serde_json::from_str(&file).unwrap();
            let (first, last) = (published.keys().next().unwrap(), published.keys().last().unwrap());
            assert_eq!((first.year(), last.year()), (2006, 2031), "{code}");
            let computed: BTreeMap<NaiveDate, String> = day("2006-01-01")
                .iter_days()
                .take_while(|day| day.year() <= 2031)
                .filter_map(|day| Some((day, as_published(holiday(day, *zone)?))))
                .collect();
            assert_eq!(computed, published, "{code}");
        }
    }

    #[test]
    fn every_public_file_has_its_zone_and_every_zone_its_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/jours_feries");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".json")?.to_owned()))
            .collect();
        let codes: BTreeSet<String> =
            Zone::VARIANTS.iter().map(|zone| <&str>::from(zone).to_owned()).collect();
        assert_eq!(files, codes);
        for code in codes {
            let zone: Zone = code.parse().unwrap();
            assert_eq!(serde_json::to_value(zone).unwrap(), serde_json::Value::from(code));
        }
    }

    #[test]
    fn of_two_holidays_on_one_day_the_name_is_that_of_the_public_data() {
        for (on, zone, name) in [
            ("2008-05-01", Zone::Metropole, "Ascension"),
            ("2019-06-10", Zone::Guyane, "Abolition de l’esclavage"),
            ("2019-06-10", Zone::Metropole, "Lundi de Pentecôte"),
            ("2030-06-10", Zone::Guyane, "Abolition de l’esclavage"),
            ("2031-05-22", Zone::Martinique, "Abolition de l’esclavage"),
            ("2031-05-22", Zone::Metropole, "Ascension"),
        ] {
            assert_eq!(holiday(day(on), zone), Some(name), "{on} {zone:?}");
        }
    }

    #[test]
    fn working_days_of_the_rules() {
        let metropole = |on| Calendar::of(Zone::Metropole).day_off(day(on));
        assert_eq!(metropole("2026-05-14"), Some(DayOff::Holiday("Ascension")));
        assert_eq!(metropole("2026-08-15"), Some(DayOff::Weekend), "a Saturday");
        assert_eq!(metropole("2026-04-03"), None);
        assert_eq!(
            Calendar::of(Zone::AlsaceMoselle).day_off(day("2026-04-03")),
            Some(DayOff::Holiday("Vendredi saint"))
        );
        for (from, to) in [
            ("2026-10-31", "2026-11-02"),
            ("2026-05-14", "2026-05-15"),
            ("2021-05-23", "2021-05-25"),
            ("2026-11-23", "2026-11-23"),
        ] {
            assert_eq!(Calendar::of(Zone::Metropole).next_working_day(day(from)), Some(day(to)), "{from}");
        }
    }

    #[test]
    fn easter_is_that_of_the_epacts_from_1583_to_9999() {
        for year in 1583..=9999 {
            assert_eq!(easter(year), Some(sunday_after_the_paschal_moon(year)), "{year}");
        }
    }

    /// Earliest, latest, and the two exceptions of the computus (1954, 1981).
    #[test]
    fn known_easters() {
        for known in [
            "1818-03-22",
            "1943-04-25",
            "1954-04-18",
            "1961-04-02",
            "1981-04-19",
            "2000-04-23",
            "2008-03-23",
            "2026-04-05",
            "2038-04-25",
            "2285-03-22",
        ] {
            assert_eq!(easter(day(known).year()), Some(day(known)));
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_dates() {
        for year in [i32::MIN, -1, 0, 1582, 262_143, i32::MAX] {
            assert_eq!(easter(year), None, "{year}");
        }
        for edge in [NaiveDate::MIN, NaiveDate::MAX] {
            let _ = holiday(edge, Zone::AlsaceMoselle);
        }
        assert_eq!(Calendar::default().next_working_day(NaiveDate::MAX), Some(NaiveDate::MAX), "a Wednesday");
    }

    proptest! {
        #[test]
        fn easter_and_what_follows_it(year in 1900_i32..=2200) {
            let sunday = easter(year).unwrap();
            prop_assert_eq!(sunday, sunday_after_the_paschal_moon(year));
            prop_assert_eq!(sunday.weekday(), Weekday::Sun);
            let bound = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
            prop_assert!((bound(3, 22)..=bound(4, 25)).contains(&sunday));
            for (after, weekday, name) in [
                (1, Weekday::Mon, "Lundi de Pâques"),
                (39, Weekday::Thu, "Ascension"),
                (50, Weekday::Mon, "Lundi de Pentecôte"),
            ] {
                let feast = sunday + chrono::Days::new(after);
                prop_assert_eq!(feast.weekday(), weekday);
                prop_assert_eq!(holiday(feast, Zone::Metropole), Some(name));
            }
        }

        /// 11 holidays a year in every zone, one or two more in some, one less when two meet.
        #[test]
        fn a_year_has_ten_to_thirteen_holidays(year in 1900_i32..=2200, zone in 0..Zone::VARIANTS.len()) {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let days = first.iter_days().take_while(|day| day.year() == year);
            let count = days.filter(|day| holiday(*day, Zone::VARIANTS[zone]).is_some()).count();
            prop_assert!((10..=13).contains(&count), "{}", count);
        }

        #[test]
        fn the_next_working_day_is_the_first(offset in 0_u64..100_000, zone in 0..Zone::VARIANTS.len()) {
            let (from, zone) = (day("1900-01-01") + chrono::Days::new(offset), Zone::VARIANTS[zone]);
            let calendar = Calendar::of(zone);
            let next = calendar.next_working_day(from).unwrap();
            prop_assert!(calendar.is_working_day(next));
            prop_assert!(from.iter_days().take_while(|day| *day < next).all(|day| !calendar.is_working_day(day)));
            prop_assert!((next - from).num_days() <= 5);
        }
    }
}
