//! What was measured, as tables in Markdown.

use std::collections::BTreeMap;
use std::fmt;

use crate::rounds::Pace;
use crate::work::{Level, Work};

/// The figures of one register, round by round.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<(Work, Level), Vec<Pace>>);

/// A median with its spread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    low: f64,
    /// Half of them are below.
    pub(crate) median: f64,
    high: f64,
}

impl Spread {
    /// Of some figures; `None` of none.
    pub(crate) fn of(mut all: Vec<f64>) -> Option<Self> {
        all.sort_unstable_by(f64::total_cmp);
        Some(Self { low: *all.first()?, median: *all.get(all.len() / 2)?, high: *all.last()? })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = if self.median >= 100.0 { 0 } else { 2 };
        write!(f, "{:.digits$} ({:.digits$}–{:.digits$})", self.median, self.low, self.high)
    }
}

impl Figures {
    /// Keeps what one round has given.
    pub(crate) fn keep(&mut self, work: Work, level: Level, pace: Pace) {
        self.0.entry((work, level)).or_default().push(pace);
    }

    fn rounds(&self, work: Work, level: Level) -> &[Pace] {
        self.0.get(&(work, level)).map_or(&[], Vec::as_slice)
    }

    fn speed(&self, work: Work, level: Level) -> Option<Spread> {
        Spread::of(self.rounds(work, level).iter().map(|pace| pace.per_second).collect())
    }

    /// How long the work takes by the API, in milliseconds.
    pub(crate) fn wait(&self, work: Work, level: Level) -> Option<Spread> {
        Spread::of(self.rounds(work, level).iter().map(|pace| pace.median).collect())
    }

    /// How many times as fast, round by round: what shares the machine slows both.
    fn ratio(&self, work: Work, level: Level, floor: Level) -> Option<Spread> {
        let pairs = self.rounds(work, level).iter().zip(self.rounds(work, floor));
        Spread::of(pairs.map(|(above, below)| above.per_second / below.per_second).collect())
    }
}

fn cell(spread: Option<Spread>) -> String {
    spread.map_or("–".to_owned(), |spread| spread.to_string())
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| work | API, /s | one client, /s | use case, /s | sqlx, /s | engine, /s | PostGraphile, /s | API ÷ sqlx | use case ÷ sqlx | API ÷ engine | API ÷ PostGraphile | API, ms | one client, ms |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
        for work in Work::ALL {
            let speeds = Level::ALL.map(|level| cell(self.speed(work, level)));
            let ratios = [
                (Level::Api, Level::Sqlx),
                (Level::App, Level::Sqlx),
                (Level::Api, Level::Engine),
                (Level::Api, Level::PostGraphile),
            ]
            .map(|(level, floor)| cell(self.ratio(work, level, floor)));
            let waits = [Level::Api, Level::Alone].map(|level| cell(self.wait(work, level)));
            let cells: Vec<_> = speeds.into_iter().chain(ratios).chain(waits).collect();
            writeln!(f, "| {} | {} |", work.name(), cells.join(" | "))?;
        }
        Ok(())
    }
}
