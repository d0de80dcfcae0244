//! Twelve weeks of *Retards* as a chart and a table, and what was answered in time.

use chrono::NaiveDate;
use pli_app::{Figure, Late, OnTime, OnTimeRow, Trend, Week};
use pli_domain::deadline::{AgeClass, Timeliness};
use pli_domain::french::French as _;
use pli_domain::ids::UnitId;
use pli_domain::organisation::Organisation;
use strum::VariantArray as _;

use super::Cell;
use crate::chart::{Chart, Point};
use crate::words;

/// Twelve weeks.
#[derive(Debug)]
pub(super) struct Past {
    /// What is to be known of how far it goes back.
    pub(super) since: Option<String>,
    /// `None` while there is no snapshot.
    pub(super) chart: Option<Chart>,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<WeekRow>,
}

/// A week.
#[derive(Debug)]
pub(super) struct WeekRow {
    pub(super) from: String,
    /// The day of its snapshot.
    pub(super) day: String,
    pub(super) cells: Vec<Cell>,
}

/// The figures of a week, with their heads.
fn figures() -> Vec<(Figure, &'static str)> {
    let classes = AgeClass::VARIANTS.iter().map(|class| (Figure::Late(Late::Class(*class)), class.french()));
    let rest = [
        (Figure::Late(Late::Any), "En retard"),
        (Figure::AtRisk, "À risque"),
        (Figure::Open, "Ouverts"),
        (Figure::Answered(Timeliness::InTime), "Répondus dans le délai"),
        (Figure::Answered(Timeliness::Late), "Répondus en retard"),
    ];
    classes.chain(rest).collect()
}

impl Past {
    pub(super) fn new(trend: &Trend, organisation: &Organisation) -> Self {
        let from = trend.weeks.first().map(|week| week.from);
        let since = match trend.since {
            None => Some(
                "L’historique commence avec le premier relevé\u{a0}: Pli en fait un chaque jour.".to_owned(),
            ),
            Some(day) if Some(day) > from => Some(format!("L’historique commence le {}.", words::date(day))),
            Some(_) => None,
        };
        let row = |week: &Week| {
            let day = week.day.map(words::date);
            let row = format!("semaine du {}", words::date(week.from));
            let cell = |(figure, head): (Figure, &str)| match week.list(figure) {
                Some(list) => {
                    let words = format!("{row}, {}", head.to_lowercase());
                    Cell::of(week.count(figure), list, words, organisation)
                }
                None => Cell::none(),
            };
            WeekRow {
                from: words::date(week.from),
                day: day.unwrap_or_else(|| "–".to_owned()),
                cells: figures().into_iter().map(cell).collect(),
            }
        };
        Self {
            since,
            chart: chart(trend),
            columns: figures().into_iter().map(|(_, head)| head).collect(),
            rows: trend.weeks.iter().map(row).collect(),
        }
    }
}

fn chart(trend: &Trend) -> Option<Chart> {
    let late = |week: &Week| week.day.map(|day| (day, week.count(Figure::Late(Late::Any))));
    let known: Vec<_> = trend.weeks.iter().filter_map(late).collect();
    let ((first, before), (last, now)) = (*known.first()?, *known.last()?);
    let short = |day: NaiveDate| day.format("%d/%m").to_string();
    let point = |week: &Week| Point {
        label: short(week.day.unwrap_or(week.from)),
        value: late(week).map(|(_, count)| count),
    };
    let description = format!(
        "{} le {}, {} le {}. Le tableau qui suit donne chaque semaine.",
        words::number(before),
        words::date(first),
        words::number(now),
        words::date(last),
    );
    let title = "Dossiers en retard, au dernier relevé de chaque semaine".to_owned();
    Some(Chart::bars("evolution", title, description, trend.weeks.iter().map(point).collect()))
}

/// What was due in two periods, and answered in time.
#[derive(Debug)]
pub(super) struct Answers {
    /// « Du 02/09/2026 au 24/11/2026 », for each period.
    pub(super) periods: [String; 2],
    pub(super) rows: Vec<AnswersRow>,
    pub(super) total: [Share; 2],
}

/// A direction.
#[derive(Debug)]
pub(super) struct AnswersRow {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) shares: [Share; 2],
}

/// What of a direction was due in a period.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) cells: Vec<Cell>,
    pub(super) rate: String,
}

impl Answers {
    pub(super) fn new(weeks: &OnTime, year: &OnTime, organisation: &Organisation) -> Self {
        let both = [weeks, year];
        let order = organisation.in_order();
        let place = |unit: &Option<UnitId>| order.iter().position(|known| Some(known.id) == *unit);
        let mut units: Vec<_> = both.into_iter().flat_map(|found| &found.rows).map(|row| row.unit).collect();
        units.sort_by_key(place);
        units.dedup();
        let row = |unit: &Option<UnitId>| {
            let known = unit.and_then(|unit| organisation.unit(unit));
            let code = known.map_or("À attribuer", |unit| &unit.code);
            AnswersRow {
                code: code.to_owned(),
                name: known.map_or("sans service pilote", |unit| &unit.name).to_owned(),
                shares: both.map(|found| {
                    let none = OnTimeRow { unit: *unit, due: 0, in_time: 0 };
                    let row = found.rows.iter().find(|row| row.unit == *unit).unwrap_or(&none);
                    Share::new(found, Some(row), code, organisation)
                }),
            }
        };
        Self {
            periods: both.map(|found| {
                format!("du {} au {}", words::date(found.from), words::date(found.to.max(found.from)))
            }),
            rows: units.iter().map(row).collect(),
            total: both.map(|found| Share::new(found, None, "tous services", organisation)),
        }
    }
}

impl Share {
    fn new(found: &OnTime, row: Option<&OnTimeRow>, words: &str, organisation: &Organisation) -> Self {
        let total = found.total();
        let figures = row.unwrap_or(&total);
        let cell = |(count, in_time, said)| {
            Cell::of(count, found.list(row, in_time), format!("{words}, {said}"), organisation)
        };
        let cells = [(figures.due, false, "échus"), (figures.in_time, true, "répondus dans le délai")];
        Self { cells: cells.map(cell).into(), rate: rate(figures) }
    }
}

/// « 83 % », cut down: a hundred is all of them.
fn rate(row: &OnTimeRow) -> String {
    match row.in_time.saturating_mul(100).checked_div(row.due) {
        Some(percent) => format!("{percent}\u{a0}%"),
        None => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_percent_is_all_of_them() {
        let row = |due, in_time| rate(&OnTimeRow { unit: None, due, in_time });
        assert_eq!(row(1_000, 999), "99\u{a0}%");
        assert_eq!(row(1_000, 1_000), "100\u{a0}%");
        assert_eq!(row(3, 0), "0\u{a0}%");
        assert_eq!(row(0, 0), "–");
    }
}
