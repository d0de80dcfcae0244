//! The *chrono*: a number of the register, yearly, without a gap, never reused.

use std::fmt;

use strum::{EnumString, IntoStaticStr};

/// The two registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Series {
    /// Courrier arrivée (`A`).
    Arrival,
    /// Courrier départ (`D`).
    Departure,
}

/// A chrono such as `SG-2026-A-000123`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The register.
    pub series: Series,
    /// The civil year in which it was given.
    pub year: i32,
    /// From 1 each year.
    pub number: u32,
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.series {
            Series::Arrival => 'A',
            Series::Departure => 'D',
        };
        write!(out, "SG-{}-{letter}-{:06}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chrono_is_written_as_on_the_register() {
        let first = Reference { series: Series::Arrival, year: 2026, number: 1 };
        assert_eq!(first.to_string(), "SG-2026-A-000001");
        assert_eq!(Reference { series: Series::Departure, ..first }.to_string(), "SG-2026-D-000001");
    }
}
