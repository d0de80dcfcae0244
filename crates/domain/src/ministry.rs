//! Which ministry is ours: the names in the public record change with each government, so they are data, with the days on
//! which each was ours.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::actor::Actor;
use crate::ids::DenominationId;
use crate::organisation::Organisation;
use crate::refusal::Refusal;
use crate::settings::{self, SettingsAction, SettingsRefusal};
use crate::text::fold;

/// A name under which the ministry is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denomination {
    /// Its identifier.
    pub id: DenominationId,
    /// The name, as published; accents, case and spaces do not matter.
    pub name: String,
    /// The first day on which a question given to it is ours.
    pub valid_from: NaiveDate,
    /// The last one, when it has an end.
    pub valid_until: Option<NaiveDate>,
}

impl Denomination {
    fn is_named(&self, name: &str) -> bool {
        fold(&self.name) == fold(name)
    }

    fn holds(&self, on: NaiveDate) -> bool {
        self.valid_from <= on && self.valid_until.is_none_or(|until| on <= until)
    }

    fn meets(&self, other: &Self) -> bool {
        let before = |end: Option<NaiveDate>, start| end.is_some_and(|end| end < start);
        !before(self.valid_until, other.valid_from) && !before(other.valid_until, self.valid_from)
    }
}

/// What an administrator does to a denomination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DenominationCommand {
    /// Adds one.
    Add {
        /// The name, as published.
        name: String,
        /// The first day.
        valid_from: NaiveDate,
        /// The last day, when it has an end.
        valid_until: Option<NaiveDate>,
    },
    /// Gives it other days.
    Change {
        /// The first day.
        valid_from: NaiveDate,
        /// The last day, when it has an end.
        valid_until: Option<NaiveDate>,
    },
    /// Takes it away, as if it had never been.
    Remove,
}

impl DenominationCommand {
    /// As the journal of settings names it.
    #[must_use]
    pub fn action(&self) -> SettingsAction {
        match self {
            Self::Add { .. } => SettingsAction::AddDenomination,
            Self::Change { .. } => SettingsAction::ChangeDenomination,
            Self::Remove => SettingsAction::RemoveDenomination,
        }
    }
}

/// Every name under which the ministry is or was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denominations(pub Vec<Denomination>);

/// The names seen in the files of both houses, legislatures XIV to XVII.
const SEEN: [&str; 3] = ["Ministère de la justice", "Justice", "Garde des sceaux, ministre de la justice"];

/// The first day of the Fifth Republic: since always, for what the houses publish.
const ALWAYS: NaiveDate = match NaiveDate::from_ymd_opt(1958, 10, 5) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The identifier of the first of them; each of the others has the next one.
const FIRST_ID: u128 = 0x0193_5e00_0000_7000_8000_0000_0000_0001;

impl Denominations {
    /// The names that a new Pli starts with, under the same identifiers everywhere.
    #[must_use]
    pub fn seed() -> Self {
        let seen = SEEN.into_iter().zip(FIRST_ID..).map(|(name, id)| Denomination {
            id: DenominationId(Uuid::from_u128(id)),
            name: name.to_owned(),
            valid_from: ALWAYS,
            valid_until: None,
        });
        Self(seen.collect())
    }

    /// Whether a published name is ours on a day; on any day, when the record does not say since when.
    #[must_use]
    pub fn are_ours(&self, name: &str, on: Option<NaiveDate>) -> bool {
        let mut named = self.0.iter().filter(|one| one.is_named(name));
        named.any(|one| on.is_none_or(|on| one.holds(on)))
    }

    /// Whether a published name looks like ours and is not: an administrator should say which.
    #[must_use]
    pub fn doubtful(&self, name: &str, on: Option<NaiveDate>) -> bool {
        let folded = fold(name);
        let word =
            |wanted: &str| folded.split(|sign: char| !sign.is_alphanumeric()).any(|word| word == wanted);
        (word("justice") || folded.contains("garde des sceaux")) && !self.are_ours(name, on)
    }

    /// What a command makes of a denomination; `None` when it takes it away.
    ///
    /// # Errors
    /// [`Refusal`] with the field to correct, or to whoever does not administer the ministry.
    pub fn decide(
        &self,
        actor: &Actor,
        organisation: &Organisation,
        id: DenominationId,
        command: &DenominationCommand,
    ) -> Result<Option<Denomination>, Refusal> {
        actor.must_administer_all(organisation)?;
        // Whoever asks has looked whether there is one.
        let known = || self.0.iter().find(|one| one.id == id).ok_or(Refusal::RuleUnknown { field: "id" });
        let one = match command {
            DenominationCommand::Remove => return known().map(|_| None),
            DenominationCommand::Add { name, valid_from, valid_until } => Denomination {
                id,
                name: settings::name(name, "name")?,
                valid_from: *valid_from,
                valid_until: *valid_until,
            },
            DenominationCommand::Change { valid_from, valid_until } => {
                Denomination { valid_from: *valid_from, valid_until: *valid_until, ..known()?.clone() }
            }
        };
        if one.valid_until.is_some_and(|until| until < one.valid_from) {
            return Err(Refusal::EndsBeforeItBegins { field: "validUntil" });
        }
        let taken = |other: &&Denomination| other.id != id && other.is_named(&one.name) && other.meets(&one);
        if self.0.iter().any(|other| taken(&other)) {
            return SettingsRefusal::DenominationTaken.refuse();
        }
        Ok(Some(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Role;
    use crate::samples;

    fn id(number: u128) -> DenominationId {
        DenominationId(Uuid::from_u128(number))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_ours_on_their_days_however_they_are_written() {
        let mut known = Denominations::seed();
        for ours in ["Justice", "Ministère de la justice", "Garde des Sceaux,  ministre de la Justice"] {
            assert!(known.are_ours(ours, Some(day("2014-04-03"))), "{ours}");
        }
        for other in ["Intérieur", "Ministère de la justice et des libertés", "Défense", ""] {
            assert!(!known.are_ours(other, None), "{other}");
        }
        known.0[1].valid_until = Some(day("2027-05-10"));
        assert!(known.are_ours("justice", Some(day("2027-05-10"))) && known.are_ours("justice", None));
        assert!(!known.are_ours("justice", Some(day("2027-05-11"))));
    }

    #[test]
    fn what_looks_like_ours_is_doubtful() {
        let known = Denominations::seed();
        for doubtful in ["Justice et libertés", "Ministère auprès de la garde des sceaux"] {
            assert!(known.doubtful(doubtful, None), "{doubtful}");
        }
        for clear in ["Justice", "Intérieur", "Injustices"] {
            assert!(!known.doubtful(clear, None), "{clear}");
        }
    }

    #[test]
    fn administrators_keep_them_and_no_day_is_said_twice() {
        let organisation = samples::organisation();
        let unit = |code: &str| organisation.by_code(code).unwrap().id;
        let keeper = samples::actor(1, Role::Administrator, unit("MJ"));
        let add = |from: &str, until: Option<&str>| DenominationCommand::Add {
            name: " Justice  et libertés".to_owned(),
            valid_from: day(from),
            valid_until: until.map(day),
        };
        let mut known = Denominations::seed();
        let mut decide = |who: &Actor, id, command: &DenominationCommand| {
            let decided = known.decide(who, &organisation, id, command)?;
            known.0.retain(|one| one.id != id);
            known.0.extend(decided.clone());
            Ok::<_, Refusal>(decided)
        };
        let added = decide(&keeper, id(9), &add("2009-06-24", Some("2012-05-15"))).unwrap().unwrap();
        assert_eq!(added.name, "Justice et libertés");
        let taken = SettingsRefusal::DenominationTaken.refuse();
        assert_eq!(decide(&keeper, id(10), &add("2012-05-15", None)), taken);
        let ends = Err(Refusal::EndsBeforeItBegins { field: "validUntil" });
        assert_eq!(decide(&keeper, id(10), &add("2012-05-16", Some("2012-05-15"))), ends);
        assert!(decide(&keeper, id(10), &add("2012-05-16", None)).is_ok());
        assert_eq!(decide(&keeper, id(10), &DenominationCommand::Remove), Ok(None));
        assert!(decide(&keeper, id(10), &DenominationCommand::Remove).is_err());
        let coordinator = samples::actor(2, Role::Coordinator, unit("SG"));
        assert!(decide(&coordinator, id(11), &add("2020-01-01", None)).is_err());
    }
}
