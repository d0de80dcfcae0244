//! Members of Parliament: one person, whatever houses and terms they sat in.
//!
//! - Sources tell of the same person ([`PublishedMember::is`]) or not; what they tell completes itself
//!   ([`PublishedMember::with`]).
//! - The author of a question is one of them, or nobody ([`author()`]): homonyms are never guessed at.

mod author;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::identity::House;
use crate::ids::MemberId;
use crate::text::fold;

pub use author::{author, author_key, completed};

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

/// A member as they are known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who they are, whatever is told of them.
    pub id: MemberId,
    /// All that is known of them.
    pub known: PublishedMember,
}

/// Several people may be meant: nothing says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("several people may be meant")]
pub struct Ambiguous;

impl Mandate {
    /// Whether it ran on a day. One that is not said to have ended runs.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        covers(self.from, self.to, day)
    }

    /// Whether another source speaks of this seat: begun on the same day; or, when one of the two does not tell the
    /// legislature (the directory counts from the day after the vote, or from a return), for the same place at the same time.
    fn is(&self, other: &Self) -> bool {
        if self.house != other.house {
            return false;
        }
        let unsaid = self.legislature.is_none() || other.legislature.is_none();
        let overlap = |one: &Self, other: &Self| one.to.zip(other.from).is_none_or(|(to, from)| from <= to);
        let place = |seat: &Self| seat.constituency.as_deref().map(words);
        let apart = place(self).zip(place(other)).is_some_and(|(one, other)| one != other);
        self.from == other.from || (unsaid && overlap(self, other) && overlap(other, self) && !apart)
    }

    /// What is known when another source speaks of it too. The one that tells the legislature tells the days.
    fn with(&self, other: &Self) -> Self {
        let from = match (self.legislature, other.legislature) {
            (Some(_), None) => self.from.or(other.from),
            (None, Some(_)) => other.from.or(self.from),
            _ => self.from.min(other.from).or(self.from).or(other.from),
        };
        Self {
            from,
            house: self.house,
            legislature: self.legislature.or(other.legislature),
            constituency: self.constituency.clone().or_else(|| other.constituency.clone()),
            to: other.to.or(self.to),
        }
    }
}

impl Membership {
    /// Whether it ran on a day.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        covers(self.from, self.to, day)
    }
}

fn covers(from: Option<NaiveDate>, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
}

impl PublishedMember {
    /// Whether it can be told of whom it speaks: without a reference or a day of birth, anybody of that name may be meant.
    #[must_use]
    pub fn is_told_apart(&self) -> bool {
        self.reference.is_some() || self.born_on.is_some()
    }

    /// Which of the people known it speaks of; `None` when of none. A reference says it alone.
    ///
    /// # Errors
    /// [`Ambiguous`] when several are the same as far as it tells.
    pub fn among<'a>(&self, known: &'a [Member]) -> Result<Option<&'a Member>, Ambiguous> {
        let referred = |one: &&Member| self.reference.is_some() && self.reference == one.known.reference;
        if let Some(one) = known.iter().find(referred) {
            return Ok(Some(one));
        }
        let mut same = known.iter().filter(|one| one.known.is(self));
        match (same.next(), same.next()) {
            (one, None) => Ok(one),
            _ => Err(Ambiguous),
        }
    }

    /// The seat held in a house on a day.
    #[must_use]
    pub fn seat(&self, house: House, day: NaiveDate) -> Option<&Mandate> {
        self.mandates.iter().rfind(|seat| seat.house == house && seat.covers(day))
    }

    /// The group on a day; the last joined when it was several.
    #[must_use]
    pub fn group(&self, day: NaiveDate) -> Option<&Membership> {
        self.groups.iter().rfind(|group| group.covers(day))
    }

    /// How a clerk writes them as the sender of a letter, on a day: `M. Didier Padey, député, Savoie (1)`.
    #[must_use]
    pub fn as_sender(&self, day: NaiveDate) -> String {
        let name = match &self.civility {
            Some(civility) => format!("{civility} {}", self.name()),
            None => self.name(),
        };
        let seat = self.mandates.iter().rfind(|seat| seat.covers(day)).or(self.mandates.last());
        let Some(seat) = seat else { return name };
        let place = seat.constituency.iter().map(|place| format!(", {place}"));
        [format!("{name}, {}", self.office(seat.house))].into_iter().chain(place).collect()
    }

    /// What a member of a house is called.
    #[must_use]
    pub fn office(&self, house: House) -> &'static str {
        match (house, self.civility.as_deref()) {
            (House::Assembly, Some("Mme")) => "députée",
            (House::Assembly, _) => "député",
            (House::Senate, Some("Mme")) => "sénatrice",
            (House::Senate, _) => "sénateur",
        }
    }

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

    /// What is known when another source speaks of the same person. A seat of which both tell is one; an end that is told
    /// holds.
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
    words(&format!("{family_name} {given_name}"))
}

/// The words of a text, folded.
fn words(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The seats of which both tell, or one. What one source tells apart is never made one.
fn seats(known: &[Mandate], said: &[Mandate]) -> Vec<Mandate> {
    let mut all = known.to_vec();
    let mut new = Vec::new();
    for seat in said {
        let begun = all.iter().position(|one| one.is(seat) && one.from == seat.from);
        let place = begun.or_else(|| all.iter().position(|one| one.is(seat)));
        match place.and_then(|place| all.get_mut(place)) {
            Some(one) => *one = one.with(seat),
            None => new.push(seat.clone()),
        }
    }
    all.append(&mut new);
    all.sort();
    all
}

fn times(known: &[Membership], said: &[Membership]) -> Vec<Membership> {
    let mut all = known.to_vec();
    for time in said {
        match all.iter_mut().find(|one| one.short == time.short && one.from == time.from) {
            Some(one) => one.to = time.to.or(one.to),
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

    /// The directory tells of the seat that the Assemblée tells of, from the day after the vote or from a return.
    #[test]
    fn a_seat_of_which_both_sources_tell_is_one() {
        let told = |from, legislature| PublishedMember {
            mandates: vec![Mandate {
                legislature,
                constituency: Some("Savoie (1)".to_owned()),
                ..seat(House::Assembly, from)
            }],
            ..member("Didier", "Padey", "1965-11-09", legislature.map(|_| "PA795124"))
        };
        let actor = told("2024-07-07", Some(17));
        for directory in [told("2024-07-08", None), told("2025-01-24", None)] {
            assert_eq!(actor.with(&directory).mandates, actor.mandates);
            assert_eq!(directory.with(&actor).mandates, actor.mandates);
        }
        let before = PublishedMember {
            mandates: vec![Mandate {
                to: day("2024-06-09"),
                legislature: Some(16),
                ..seat(House::Assembly, "2022-06-22")
            }],
            ..actor.clone()
        };
        assert_eq!(before.with(&actor).mandates.len(), 2, "two legislatures");
        let elsewhere = PublishedMember {
            mandates: vec![Mandate {
                constituency: Some("Ain (2)".to_owned()),
                ..seat(House::Assembly, "2027-06-21")
            }],
            ..told("2027-06-21", None)
        };
        assert_eq!(actor.with(&elsewhere).mandates.len(), 2, "another constituency");
    }

    #[test]
    fn an_end_that_is_told_holds_and_silence_takes_none_away() {
        let open = PublishedMember {
            mandates: vec![seat(House::Senate, "2020-10-01")],
            ..member("A", "B", "1950-01-01", None)
        };
        let ended = PublishedMember {
            mandates: vec![Mandate { to: day("2024-01-01"), ..seat(House::Senate, "2020-10-01") }],
            ..open.clone()
        };
        assert_eq!(open.with(&ended).mandates, ended.mandates);
        assert_eq!(ended.with(&open).mandates, ended.mandates);
        assert!(open.seat(House::Senate, day("2025-01-01").unwrap()).is_some());
        assert!(ended.seat(House::Senate, day("2025-01-01").unwrap()).is_none());
    }

    #[test]
    fn a_record_speaks_of_one_person_or_says_that_it_does_not_know() {
        let known = |id, known| Member { id: MemberId(uuid::Uuid::from_u128(id)), known };
        let people = [
            known(1, member("Jean", "Martin", "1960-01-01", Some("PA1"))),
            known(2, member("Jean", "Martin", "1960-01-01", Some("PA2"))),
            known(3, member("Jean", "Martin", "1971-01-01", None)),
        ];
        let among = |said: &PublishedMember| said.among(&people).map(|one| one.map(|one| one.id.0.as_u128()));
        assert_eq!(among(&member("J.", "Martin", "", Some("PA2"))), Ok(Some(2)));
        assert_eq!(among(&member("JEAN", "MARTIN", "1971-01-01", Some("PA3"))), Ok(Some(3)));
        assert_eq!(among(&member("Jean", "Martin", "1960-01-01", Some("PA4"))), Ok(None));
        assert_eq!(among(&member("Jean", "Martin", "1960-01-01", None)), Err(Ambiguous));
        assert!(!member("Jean", "Martin", "", None).is_told_apart());
    }

    #[test]
    fn a_sender_is_named_with_the_seat_of_the_day() {
        let padey = PublishedMember {
            civility: Some("M.".to_owned()),
            mandates: vec![
                Mandate {
                    constituency: Some("Savoie (1)".to_owned()),
                    to: day("2024-06-09"),
                    ..seat(House::Assembly, "2017-06-18")
                },
                Mandate { constituency: Some("Savoie".to_owned()), ..seat(House::Senate, "2024-10-01") },
            ],
            ..member("Didier", "Padey", "1965-11-09", None)
        };
        assert_eq!(padey.as_sender(day("2020-01-01").unwrap()), "M. Didier Padey, député, Savoie (1)");
        assert_eq!(padey.as_sender(day("2026-01-01").unwrap()), "M. Didier Padey, sénateur, Savoie");
        assert_eq!(member("Didier", "Padey", "", None).as_sender(day("2026-01-01").unwrap()), "Didier Padey");
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
