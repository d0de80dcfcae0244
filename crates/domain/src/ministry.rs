//! Which ministry a question is attributed to: the names in the public record change with each government.

use crate::text::fold;

/// Whether a published name is the Ministry of Justice's.
#[must_use]
pub fn is_ours(name: &str) -> bool {
    let name = fold(name);
    let word = |wanted: &str| name.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == wanted);
    word("justice") || name.contains("garde des sceaux")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_ministry_through_the_governments() {
        for ours in ["Justice", "Ministère de la justice", "Garde des Sceaux, ministre de la Justice"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in ["Intérieur", "Ministère de la transition écologique", "Défense", ""] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
