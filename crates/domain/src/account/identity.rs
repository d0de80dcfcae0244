//! Identities that a provider of the State answers for (ProConnect): whom Pli lets in by them, and which account each opens.
//!
//! An identity is told by who answers for it and by the name that it has there (`iss` and `sub`), never by its address: two with
//! the same address are two, to be bound by hand.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::account::AccountRefusal;
use crate::french::French;
use crate::ids::{IdentityId, UserId};
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// The number of an organisation: 14 digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Siret(String);

impl FromStr for Siret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.split_whitespace().collect();
        if digits.len() == 14 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err("un SIRET a 14 chiffres")
        }
    }
}

/// Someone for whom a provider answers, as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Who answers.
    pub issuer: String,
    /// The person's name there: it means nothing elsewhere, and stays.
    pub subject: String,
    /// How surely they were identified (`acr`).
    pub level: Option<String>,
    /// For which organisation they work.
    pub siret: Option<String>,
    /// Their name.
    pub name: String,
    /// Their professional address; empty when it is not told.
    pub email: String,
}

/// Whom a deployment lets in by a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// The ministry's organisations.
    pub sirets: BTreeSet<Siret>,
    /// The levels that are enough.
    pub levels: BTreeSet<String>,
}

/// Why an identity lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The person was not identified surely enough.
    Level,
    /// They work elsewhere.
    Organisation,
}

impl French for NotAdmitted {
    fn french(&self) -> &'static str {
        match self {
            Self::Level => "niveau d’identification insuffisant",
            Self::Organisation => "autre organisation",
        }
    }
}

impl Admission {
    /// The levels that are enough.
    pub fn levels(&self) -> impl Iterator<Item = &str> {
        self.levels.iter().map(String::as_str)
    }

    /// Whether an identity is let in: identified surely enough, and of the ministry.
    ///
    /// # Errors
    /// [`NotAdmitted`], with what is missing.
    pub fn admit(&self, presented: &Presented) -> Result<(), NotAdmitted> {
        if !presented.level.as_ref().is_some_and(|level| self.levels.contains(level)) {
            return Err(NotAdmitted::Level);
        }
        let siret = presented.siret.as_deref().and_then(|siret| siret.parse().ok());
        if !siret.is_some_and(|siret: Siret| self.sirets.contains(&siret)) {
            return Err(NotAdmitted::Organisation);
        }
        Ok(())
    }
}

/// An identity that has come, bound to an account or waiting to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its identifier here.
    pub id: IdentityId,
    /// Who answers for it.
    pub issuer: String,
    /// Its name there.
    pub subject: String,
    /// The person's name, as told when they last came.
    pub name: String,
    /// Their address, as told when they last came.
    pub email: String,
    /// When they last came.
    pub seen_at: Timestamp,
    /// The account that it opens.
    pub person: Option<UserId>,
}

impl Identity {
    /// What tells it from another of the same name and address.
    #[must_use]
    pub fn mark(&self) -> &str {
        let from = self.subject.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
        self.subject.get(from..).unwrap_or_default()
    }

    /// The identity bound to an account.
    ///
    /// # Errors
    /// When it opens another one: it is taken from there first.
    pub fn bind(self, person: UserId) -> Result<Self, Refusal> {
        match self.person {
            Some(other) if other != person => AccountRefusal::IdentityTaken.refuse(),
            _ => Ok(Self { person: Some(person), ..self }),
        }
    }

    /// The identity taken from an account; `None` when it does not open that one.
    #[must_use]
    pub fn unbind(self, person: UserId) -> Option<Self> {
        (self.person == Some(person)).then_some(Self { person: None, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use uuid::Uuid;

    fn presented(level: Option<&str>, siret: Option<&str>) -> Presented {
        Presented {
            issuer: "https://fournisseur.example".to_owned(),
            subject: "704e024229015d2bd47f7a5e5ab05b35".to_owned(),
            level: level.map(str::to_owned),
            siret: siret.map(str::to_owned),
            name: "Nadège Trémolat".to_owned(),
            email: "nadege.tremolat@justice.example".to_owned(),
        }
    }

    #[test]
    fn a_siret_has_fourteen_digits() {
        assert_eq!("110 010 014 00016".parse(), Ok(Siret("11001001400016".to_owned())));
        for wrong in ["", "1100100140001", "110010014000160", "1100100140001a", "١١٠٠١٠٠١٤٠٠٠١٦"]
        {
            assert!(wrong.parse::<Siret>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_the_ministrys_own_agents_surely_identified_are_let_in() {
        let admission = Admission {
            sirets: ["11001001400016".parse().unwrap()].into(),
            levels: ["eidas1".to_owned(), "eidas2".to_owned()].into(),
        };
        let admit = |level, siret| admission.admit(&presented(level, siret));
        assert_eq!(admit(Some("eidas1"), Some("11001001400016")), Ok(()));
        assert_eq!(admit(Some("eidas2"), Some("110 010 014 00016")), Ok(()));
        for level in [None, Some(""), Some("eidas0"), Some("EIDAS1")] {
            assert_eq!(admit(level, Some("11001001400016")), Err(NotAdmitted::Level), "{level:?}");
        }
        for siret in [None, Some(""), Some("13002526500013"), Some("110010014")] {
            assert_eq!(admit(Some("eidas1"), siret), Err(NotAdmitted::Organisation), "{siret:?}");
        }
        let nobody = Admission::default();
        assert!(nobody.admit(&presented(Some("eidas1"), Some("11001001400016"))).is_err());
    }

    #[test]
    fn an_identity_opens_one_account() {
        let (one, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let Presented { issuer, subject, name, email, .. } = presented(None, None);
        let seen_at = Timestamp::new(DateTime::UNIX_EPOCH);
        let id = IdentityId(Uuid::from_u128(3));
        let waiting = Identity { id, issuer, subject, name, email, seen_at, person: None };
        assert_eq!(waiting.mark(), "5ab05b35");
        let bound = waiting.bind(one).unwrap();
        assert_eq!(bound.person, Some(one));
        assert_eq!(bound.clone().bind(one).unwrap(), bound);
        assert_eq!(bound.clone().bind(other), AccountRefusal::IdentityTaken.refuse());
        assert_eq!(bound.clone().unbind(other), None);
        assert_eq!(bound.unbind(one).unwrap().person, None);
        let short = Identity {
            subject: "é1".to_owned(),
            ..Identity {
                id,
                issuer: String::new(),
                subject: String::new(),
                name: String::new(),
                email: String::new(),
                seen_at,
                person: None,
            }
        };
        assert_eq!(short.mark(), "é1");
    }
}
