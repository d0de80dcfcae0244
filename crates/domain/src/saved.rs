//! Searches that a person keeps under a name, and of which Pli may tell them what is new.

use crate::refusal::Refusal;
use crate::settings;

/// How many a person may keep: what fits on a page that is read at a glance.
pub const MOST: usize = 50;

/// How many dossiers a search may find when its alert is switched on: a larger one tells nothing worth reading.
pub const WIDEST_ALERT: u64 = 1_000;

/// A name as it is kept.
///
/// # Errors
/// When it is empty, too long, or holds what is no text.
pub fn name(text: &str) -> Result<String, Refusal> {
    settings::name(text, "name")
}

/// Whether a person who keeps so many may keep one more.
///
/// # Errors
/// [`Refusal::TooManySearches`] when not.
pub fn one_more(kept: usize) -> Result<(), Refusal> {
    if kept < MOST { Ok(()) } else { Err(Refusal::TooManySearches) }
}

/// Whether a search that finds so many can have an alert.
///
/// # Errors
/// [`Refusal::AlertTooWide`] when not.
pub fn alert(found: u64) -> Result<(), Refusal> {
    if found <= WIDEST_ALERT { Ok(()) } else { Err(Refusal::AlertTooWide) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_on_one_line_and_says_something() {
        assert_eq!(name("  Soins\u{a0} des détenus \n"), Ok("Soins des détenus".to_owned()));
        assert_eq!(name(" \u{a0}"), Err(Refusal::Required { field: "name" }));
        assert_eq!(name(&"x".repeat(201)).unwrap_err().field(), Some("name"));
        assert!(name("a\0b").is_err());
    }

    #[test]
    fn there_is_a_limit_and_it_is_said() {
        assert_eq!((one_more(49), one_more(50)), (Ok(()), Err(Refusal::TooManySearches)));
        assert_eq!((alert(1_000), alert(1_001)), (Ok(()), Err(Refusal::AlertTooWide)));
        assert!(Refusal::TooManySearches.message().contains("50"));
        assert!(Refusal::AlertTooWide.message().contains("1\u{202f}000"));
    }
}
