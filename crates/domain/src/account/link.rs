//! Links that are sent to occasional contributors: whoever opens one is signed in, once, without a password.
//!
//! A link stands on the mailbox alone, so it opens less than the person may do: what contributes to answers, nothing that is
//! reserved, nothing of the account itself ([decision 0031](../../../../docs/decisions/0031-links.md)).

use chrono::TimeDelta;

use crate::account::AccountRefusal;
use crate::actor::{Actor, Role};
use crate::ids::{LinkId, UserId};
use crate::people::Person;
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// How long a link may wait for its message to leave; after that it never does.
pub const LINK_WAITS: TimeDelta = TimeDelta::hours(1);

/// How long a link may be opened, once it is written.
pub const LINK_LASTS: TimeDelta = TimeDelta::hours(2);

/// How long after a link was asked for the next one may be, unless it has served: nobody's mailbox is filled by others, and
/// nobody is kept from a link by those that others asked for.
const BETWEEN: TimeDelta = TimeDelta::minutes(15);

/// A link that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its identifier; it opens nothing by it.
    pub id: LinkId,
    /// Whom it lets in.
    pub person: UserId,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Who had it sent, when that was not the person.
    pub asked_by: Option<UserId>,
    /// Until when it may be opened; `None` while it is not written.
    pub expires_at: Option<Timestamp>,
    /// When it was opened.
    pub used_at: Option<Timestamp>,
}

/// What has become of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Its message leaves soon.
    Waiting,
    /// Its message could not leave.
    Lost,
    /// It opens.
    Open,
    /// It has served.
    Used,
    /// Nobody opened it in time.
    Expired,
}

impl Link {
    /// What has become of it, in French: « Envoyé, cesse de servir le 24/11/2026 à 01 h 31 ».
    #[must_use]
    pub fn french(&self, now: Timestamp) -> String {
        let dated = |words: &str, at: Option<Timestamp>| match at {
            Some(at) => format!("{words} le {}", at.french()),
            None => words.to_owned(),
        };
        match self.state(now) {
            LinkState::Waiting => "Part dans un instant".to_owned(),
            LinkState::Lost => "N’a pas pu être envoyé".to_owned(),
            LinkState::Open => dated("Envoyé, cesse de servir", self.expires_at),
            LinkState::Used => dated("A servi", self.used_at),
            LinkState::Expired => dated("N’a pas servi, expiré", self.expires_at),
        }
    }

    /// What has become of it.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> LinkState {
        match (self.used_at, self.expires_at) {
            (Some(_), _) => LinkState::Used,
            (None, Some(end)) if now < end => LinkState::Open,
            (None, Some(_)) => LinkState::Expired,
            (None, None) if since(self.asked_at, now) < LINK_WAITS => LinkState::Waiting,
            (None, None) => LinkState::Lost,
        }
    }

    /// Whether the person who asks once more is sent another one.
    #[must_use]
    pub fn makes_way(&self, now: Timestamp) -> bool {
        self.used_at.is_some() || since(self.asked_at, now) >= BETWEEN
    }
}

fn since(then: Timestamp, now: Timestamp) -> TimeDelta {
    now.instant().signed_duration_since(then.instant())
}

impl Person {
    /// Where a link may be sent to them.
    ///
    /// # Errors
    /// [`AccountRefusal`] with what is missing.
    pub fn link_address(&self) -> Result<&str, Refusal> {
        if self.disabled {
            return AccountRefusal::AccountDisabled.refuse();
        }
        if !self.links {
            return AccountRefusal::LinksForbidden.refuse();
        }
        self.email.as_deref().ok_or(Refusal::Account(AccountRefusal::NoAddress))
    }

    /// Whether the links that were sent to them, as they were `before`, still open: not once the address is another one.
    #[must_use]
    pub fn keeps_links(&self, before: &Self) -> bool {
        self.email == before.email && self.link_address().is_ok()
    }
}

impl Actor {
    /// The same person, come in by a link.
    #[must_use]
    pub fn by_link(mut self) -> Self {
        self.grants.retain(|grant| grant.role.contributes());
        self.compartments.clear();
        self
    }
}

impl Role {
    /// Whether it contributes to answers, no more: it neither signs, nor keeps the register or the settings, nor reads all of them.
    #[must_use]
    pub fn contributes(self) -> bool {
        match self {
            Self::Correspondent | Self::Drafter | Self::Approver => true,
            Self::Clerk
            | Self::Coordinator
            | Self::Signatory
            | Self::Manager
            | Self::Administrator
            | Self::Auditor => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Compartments;
    use crate::ids::CompartmentId;
    use crate::samples;
    use chrono::{DateTime, Utc};
    use strum::VariantArray as _;
    use uuid::Uuid;

    fn at(minutes: i64) -> Timestamp {
        let start: DateTime<Utc> = "2026-11-23T22:30:00Z".parse().unwrap();
        Timestamp::new(start + TimeDelta::minutes(minutes))
    }

    fn link(expires_at: Option<Timestamp>, used_at: Option<Timestamp>) -> Link {
        let person = UserId(Uuid::from_u128(1));
        Link { id: LinkId(Uuid::from_u128(2)), person, asked_at: at(0), asked_by: None, expires_at, used_at }
    }

    #[test]
    fn a_link_leaves_within_the_hour_opens_for_two_and_once() {
        let waiting = link(None, None);
        assert_eq!((waiting.state(at(59)), waiting.state(at(60))), (LinkState::Waiting, LinkState::Lost));
        let open = link(Some(at(121)), None);
        assert_eq!((open.state(at(120)), open.state(at(121))), (LinkState::Open, LinkState::Expired));
        assert_eq!(open.french(at(1)), "Envoyé, cesse de servir le 24/11/2026 à 01\u{a0}h\u{a0}31");
        let used = link(Some(at(121)), Some(at(5)));
        assert_eq!((used.state(at(6)), used.state(at(500))), (LinkState::Used, LinkState::Used));
    }

    #[test]
    fn another_is_sent_a_quarter_of_an_hour_later_or_once_it_has_served() {
        let open = link(Some(at(121)), None);
        assert!(!open.makes_way(at(14)) && open.makes_way(at(15)));
        assert!(link(Some(at(121)), Some(at(1))).makes_way(at(2)));
    }

    #[test]
    fn a_link_is_sent_to_an_open_account_that_may_have_one() {
        let person = Person {
            email: Some("ines@justice.example".to_owned()),
            links: true,
            ..Person::new(UserId(Uuid::from_u128(1)))
        };
        assert_eq!(person.link_address(), Ok("ines@justice.example"));
        let disabled = Person { disabled: true, ..person.clone() };
        let forbidden = Person { links: false, ..person.clone() };
        let nowhere = Person { email: None, ..person.clone() };
        let moved = Person { email: Some("autre@justice.example".to_owned()), ..person.clone() };
        for (other, refused) in [
            (&disabled, AccountRefusal::AccountDisabled),
            (&forbidden, AccountRefusal::LinksForbidden),
            (&nowhere, AccountRefusal::NoAddress),
        ] {
            assert_eq!(other.link_address(), Err(Refusal::Account(refused)));
            assert!(!other.keeps_links(&person));
        }
        assert!(!moved.keeps_links(&person) && moved.link_address().is_ok());
        assert!(Person { name: "Inès B.".to_owned(), ..person.clone() }.keeps_links(&person));
    }

    #[test]
    fn whoever_comes_in_by_a_link_contributes_and_opens_nothing_reserved() {
        let organisation = samples::organisation();
        let unit = organisation.by_code("DACS").unwrap().id;
        let reserved = CompartmentId(Uuid::from_u128(7));
        for role in Role::VARIANTS {
            let actor = Actor { compartments: [reserved].into(), ..samples::actor(1, *role, unit) }.by_link();
            let kept = matches!(role, Role::Correspondent | Role::Drafter | Role::Approver);
            assert_eq!(actor.has(*role), kept, "{role:?}");
            let scope = actor.scope(&organisation);
            assert_eq!(scope.compartments, Compartments::Of([].into()));
            assert_eq!(scope.allows([unit].into_iter(), None), kept, "{role:?}");
            assert!(!scope.allows([unit].into_iter(), Some(reserved)), "{role:?}");
        }
    }
}
