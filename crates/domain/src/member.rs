//! Members of Parliament: one person, whatever houses and terms they sat in.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::identity::House;
use crate::text::fold;

/// A member as one source publishes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedMember {
    /// The publisher's own reference: `PA795124`.
    pub reference: Option<String>,
    /// `M.` or `Mme`.
    pub civility: Option<String>,
    /// The given name.
    pub given_name: String,
    /// The family name.
    pub family_name: String,
    /// The day of birth: with the name, what tells one person from another.
    pub born_on: Option<NaiveDate>,
    /// Where they sit or sat, oldest first.
    pub mandates: Vec<Mandate>,
    /// The groups that they were in, oldest first.
    pub groups: Vec<Membership>,
}

/// A seat in a house.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mandate {
    /// Since when.
    pub from: Option<NaiveDate>,
    /// The house.
    pub house: House,
    /// Of which legislature (Assemblée).
    pub legislature: Option<u16>,
    /// What they were elected for: `Ain (1)`.
    pub constituency: Option<String>,
    /// Until when.
    pub to: Option<NaiveDate>,
}

/// A time in a political group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Membership {
    /// Since when.
    pub from: Option<NaiveDate>,
    /// The short form: `SOC`.
    pub short: String,
    /// The whole name.
    pub name: String,
    /// Until when.
    pub to: Option<NaiveDate>,
}

impl PublishedMember {
    /// The given name and the family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }

    /// The name as people are compared by it: without accents, capitals or hyphens. Two people may share it.
    #[must_use]
    pub fn name_key(&self) -> String {
        name_key(&self.given_name, &self.family_name)
    }

    /// The digest of all that is said.
    ///
    /// # Errors
    /// If the record cannot be serialised.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        Ok(Digest::of([serde_json::to_string(self)?.as_str()]))
    }

    /// What is known when another source speaks of the same person. Seats that both tell of, begun in the same house on the
    /// same day, are one.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        // A name all in capitals is a list's; one that is not was written by someone.
        let shouted = |name: &str| !name.chars().any(char::is_lowercase);
        let better = if other.reference.is_some() || shouted(&self.family_name) { other } else { self };
        Self {
            reference: self.reference.clone().or_else(|| other.reference.clone()),
            civility: better.civility.clone().or_else(|| self.civility.clone()),
            given_name: better.given_name.clone(),
            family_name: better.family_name.clone(),
            born_on: self.born_on.or(other.born_on),
            mandates: seats(&self.mandates, &other.mandates),
            groups: times(&self.groups, &other.groups),
        }
    }

    /// Whether two records may be of one person: the same reference, or the same name and day of birth. A name alone is not
    /// enough: homonyms are never made one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (&self.reference, &other.reference) {
            (Some(one), Some(another)) => one == another,
            _ => {
                self.born_on.is_some() && self.born_on == other.born_on && self.name_key() == other.name_key()
            }
        }
    }
}

/// A name as people are compared by it.
#[must_use]
pub fn name_key(given_name: &str, family_name: &str) -> String {
    let folded = fold(&format!("{family_name} {given_name}"));
    folded
        .split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn seats(known: &[Mandate], said: &[Mandate]) -> Vec<Mandate> {
    let mut all = known.to_vec();
    for seat in said {
        let same = |one: &&mut Mandate| one.house == seat.house && one.from == seat.from;
        match all.iter_mut().find(same) {
            Some(one) => {
                one.legislature = one.legislature.or(seat.legislature);
                one.constituency = one.constituency.take().or_else(|| seat.constituency.clone());
                one.to = one.to.or(seat.to);
            }
            None => all.push(seat.clone()),
        }
    }
    all.sort();
    all
}

fn times(known: &[Membership], said: &[Membership]) -> Vec<Membership> {
    let mut all = known.to_vec();
    for time in said {
        match all.iter_mut().find(|one| one.short == time.short && one.from == time.from) {
            Some(one) => one.to = one.to.or(time.to),
            None => all.push(time.clone()),
        }
    }
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn member(given: &str, family: &str, born: &str, reference: Option<&str>) -> PublishedMember {
        PublishedMember {
            reference: reference.map(str::to_owned),
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            born_on: day(born),
            ..PublishedMember::default()
        }
    }

    fn seat(house: House, from: &str) -> Mandate {
        Mandate { from: day(from), house, legislature: None, constituency: None, to: None }
    }

    #[test]
    fn a_name_is_compared_without_its_accents_and_hyphens() {
        assert_eq!(name_key("Jean-François", "D’Étoile"), name_key("JEAN FRANCOIS", "d'étoile"));
        assert_ne!(name_key("Jean", "Martin"), name_key("Martin", "Jean"));
    }

    #[test]
    fn homonyms_are_never_one_person() {
        let one = member("Jean", "Martin", "1960-01-01", None);
        assert!(one.is(&member("JEAN", "MARTIN", "1960-01-01", Some("PA1"))));
        for other in [
            member("Jean", "Martin", "1961-01-01", None),
            member("Jean", "Martin", "", None),
            member("Jeanne", "Martin", "1960-01-01", None),
        ] {
            assert!(!one.is(&other), "{other:?}");
        }
        let (first, second) = (member("A", "B", "", Some("PA1")), member("A", "B", "", Some("PA2")));
        assert!(!first.is(&second));
        assert!(first.is(&first.clone()));
    }

    #[test]
    fn a_deputy_become_senator_is_one_person_with_two_seats() {
        let deputy = PublishedMember {
            mandates: vec![seat(House::Assembly, "2017-06-18")],
            ..member("Éliane", "Giraud", "1952-08-11", Some("PA9"))
        };
        let senator = PublishedMember {
            mandates: vec![seat(House::Senate, "2020-10-01")],
            ..member("ÉLIANE", "GIRAUD", "1952-08-11", None)
        };
        let person = deputy.with(&senator);
        assert_eq!(person.mandates.len(), 2);
        assert_eq!(person.name(), "Éliane Giraud");
        assert_eq!(person.with(&senator), person);
        assert_eq!(senator.with(&deputy).name(), "Éliane Giraud");
        assert_eq!(senator.with(&deputy).mandates, person.mandates);
    }

    proptest! {
        #[test]
        fn saying_the_same_again_adds_nothing(days in prop::collection::vec((0_i64..9000, any::<bool>()), 0..6)) {
            let begin = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
            let mandates = days.iter().map(|(day, senate)| Mandate {
                house: if *senate { House::Senate } else { House::Assembly },
                from: begin.checked_add_signed(chrono::TimeDelta::days(*day)),
                ..seat(House::Senate, "")
            });
            let said = PublishedMember { mandates: mandates.collect(), ..member("A", "B", "1950-01-01", None) };
            let once = member("A", "B", "1950-01-01", None).with(&said);
            prop_assert_eq!(once.with(&said), once.clone());
        }
    }
}
