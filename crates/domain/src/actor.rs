//! Who acts, and what they may see.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::french::French as _;
use crate::ids::{CompartmentId, UnitId, UserId};
use crate::organisation::Organisation;
use crate::refusal::Refusal;
use crate::settings::SettingsRefusal;

/// What a person does in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Logs incoming mail and sends what leaves (bureau du cabinet).
    Clerk,
    /// Routes, watches and unblocks (cabinet).
    Coordinator,
    /// Chef de cabinet of a direction: accepts or declines for it.
    Correspondent,
    /// Writes the draft.
    Drafter,
    /// Approves the draft of another.
    Approver,
    /// Signs.
    Signatory,
    /// Watches what is late.
    Manager,
    /// Keeps units, people and rules; reads no dossier.
    Administrator,
    /// Reads everything, changes nothing.
    Auditor,
}

/// The parts of Pli that act by themselves, under their own name in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SystemActor {
    /// The import of the public record.
    Feed,
    /// What Pli does when a day has come: reminders, suspensions that end.
    Reminder,
    /// The command line, run by whoever keeps the server.
    CommandLine,
}

/// The one who acts, as the journal names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A person.
    User(UserId),
    /// A part of Pli.
    System(SystemActor),
}

/// `user:<uuid>` or `system:feed`: the form stored.
impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(out, "user:{id}"),
            Self::System(actor) => write!(out, "system:{}", <&'static str>::from(actor)),
        }
    }
}

/// The text names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of an actor")]
pub struct NotAnActor;

impl std::str::FromStr for Who {
    type Err = NotAnActor;

    fn from_str(text: &str) -> Result<Self, NotAnActor> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| NotAnActor),
            Some(("system", name)) => name.parse().map(Self::System).map_err(|_| NotAnActor),
            _ => Err(NotAnActor),
        }
    }
}

/// A role held in a unit, and so over all units below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where.
    pub unit: UnitId,
}

/// A person or a part of Pli, with what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// As shown to others.
    pub name: String,
    /// The roles held.
    pub grants: Vec<Grant>,
    /// The compartments in which they are named.
    pub compartments: BTreeSet<CompartmentId>,
}

impl Actor {
    /// The import of the public record.
    #[must_use]
    pub fn feed() -> Self {
        Self::system(SystemActor::Feed)
    }

    /// Pli itself, when a day has come.
    #[must_use]
    pub fn reminder() -> Self {
        Self::system(SystemActor::Reminder)
    }

    fn system(part: SystemActor) -> Self {
        Self {
            who: Who::System(part),
            name: part.french().to_owned(),
            grants: Vec::new(),
            compartments: BTreeSet::new(),
        }
    }

    /// The command line, which may do what the ministry's administrators may.
    #[must_use]
    pub fn command_line(organisation: &Organisation) -> Self {
        let grants = organisation.roots().map(|unit| Grant { role: Role::Administrator, unit });
        Self { grants: grants.collect(), ..Self::system(SystemActor::CommandLine) }
    }

    /// The person, unless a part of Pli acts.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self.who {
            Who::User(id) => Some(id),
            Who::System(_) => None,
        }
    }

    /// Whether the role is held anywhere.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether the role is held over a unit: in it, or in one above it.
    #[must_use]
    pub fn holds(&self, role: Role, unit: UnitId, organisation: &Organisation) -> bool {
        let path = organisation.path(unit);
        self.grants.iter().any(|grant| grant.role == role && path.contains(&grant.unit))
    }

    /// Whether they keep a unit, what stands below it and the people there.
    #[must_use]
    pub fn administers(&self, unit: UnitId, organisation: &Organisation) -> bool {
        self.holds(Role::Administrator, unit, organisation)
    }

    /// Whether they keep the whole ministry.
    #[must_use]
    pub fn administers_all(&self, organisation: &Organisation) -> bool {
        let mut roots = self.grants.iter().filter(|grant| organisation.is_root(grant.unit));
        roots.any(|grant| grant.role == Role::Administrator)
    }

    /// Refuses whoever administers nothing.
    ///
    /// # Errors
    /// [`Refusal::OnlyFor`] administrators.
    pub fn must_administer(&self) -> Result<(), Refusal> {
        let role = Role::Administrator;
        if self.has(role) { Ok(()) } else { Err(Refusal::OnlyFor { role }) }
    }

    /// Refuses whoever does not administer the whole ministry: what holds for everybody is theirs to keep.
    ///
    /// # Errors
    /// [`Refusal::OnlyFor`] administrators, [`SettingsRefusal::BeyondReach`] to those of some units only.
    pub fn must_administer_all(&self, organisation: &Organisation) -> Result<(), Refusal> {
        self.must_administer()?;
        if self.administers_all(organisation) { Ok(()) } else { SettingsRefusal::BeyondReach.refuse() }
    }

    /// What this actor may read.
    #[must_use]
    pub fn scope(&self, organisation: &Organisation) -> Scope {
        if matches!(self.who, Who::System(_)) {
            return Scope::ALL;
        }
        let reach =
            self.grants.iter().fold(Reach::Nothing, |reach, grant| reach.or(grant.reach(organisation)));
        Scope { reach, compartments: Compartments::Of(self.compartments.clone()) }
    }
}

impl Grant {
    /// What this role opens: the register of the cabinet to those who keep or audit it, the dossiers of a unit and of
    /// those below it to its people, no dossier to the administrator.
    pub(crate) fn reach(&self, organisation: &Organisation) -> Reach {
        match self.role {
            Role::Clerk | Role::Coordinator | Role::Auditor => Reach::All,
            Role::Administrator => Reach::Nothing,
            Role::Correspondent | Role::Drafter | Role::Approver | Role::Signatory | Role::Manager => {
                if organisation.is_root(self.unit) {
                    Reach::All
                } else {
                    Reach::Units(organisation.subtree(self.unit))
                }
            }
        }
    }
}

/// The dossiers that may be read: those within reach, less what is reserved to others. Every read starts from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// What the roles open.
    pub reach: Reach,
    /// Of what is reserved, what remains.
    pub compartments: Compartments,
}

/// The dossiers that roles open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// None at all.
    Nothing,
    /// Those in which one of these units has a part.
    Units(BTreeSet<UnitId>),
    /// The whole register.
    All,
}

/// The reserved dossiers that may be read, as far as the roles reach. A compartment opens nothing by itself: it only keeps
/// out whoever is not named in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compartments {
    /// Those of these compartments.
    Of(BTreeSet<CompartmentId>),
    /// Of all: for the parts of Pli, which show them to nobody.
    All,
}

impl Scope {
    /// Everything: for what Pli does by itself.
    pub const ALL: Self = Self { reach: Reach::All, compartments: Compartments::All };

    /// Everything that is not reserved: for figures about the register that are shown to whoever reads no dossier.
    #[must_use]
    pub fn unreserved() -> Self {
        Self { reach: Reach::All, compartments: Compartments::Of(BTreeSet::new()) }
    }

    /// Whether a dossier may be read in which these units have a part, and which is reserved to that compartment.
    pub fn allows(&self, units: impl Iterator<Item = UnitId>, reserved: Option<CompartmentId>) -> bool {
        self.compartments.open(reserved) && self.reach.covers(units)
    }
}

impl Compartments {
    /// Whether what is reserved to that compartment, or to none, is open.
    #[must_use]
    pub fn open(&self, reserved: Option<CompartmentId>) -> bool {
        match (self, reserved) {
            (Self::All, _) | (_, None) => true,
            (Self::Of(named), Some(compartment)) => named.contains(&compartment),
        }
    }
}

impl Reach {
    /// What either opens.
    #[must_use]
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nothing, scope) | (scope, Self::Nothing) => scope,
            (Self::Units(mut units), Self::Units(more)) => {
                units.extend(more);
                Self::Units(units)
            }
        }
    }

    /// Whether a dossier in which these units have a part is opened.
    fn covers(&self, mut units: impl Iterator<Item = UnitId>) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Units(mine) => units.any(|unit| mine.contains(&unit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn each_role_sees_its_own() {
        let organisation = samples::organisation();
        let unit = |code: &str| organisation.by_code(code).unwrap().id;
        let reach = |role, code| samples::actor(1, role, unit(code)).scope(&organisation).reach;
        assert_eq!(reach(Role::Clerk, "SG"), Reach::All);
        assert_eq!(reach(Role::Manager, "MJ"), Reach::All);
        assert_eq!(reach(Role::Manager, "DACG"), Reach::Units(BTreeSet::from([unit("DACG")])));
        assert_eq!(reach(Role::Drafter, "DACS"), Reach::Units(BTreeSet::from([unit("DACS"), unit("C1")])));
        assert_eq!(reach(Role::Administrator, "MJ"), Reach::Nothing);
        assert!(!Reach::Nothing.covers([unit("DACS")].into_iter()));
        assert!(reach(Role::Drafter, "DACS").covers([unit("DACG"), unit("C1")].into_iter()));
        assert!(!reach(Role::Drafter, "DACS").covers([unit("DACG")].into_iter()));
    }

    #[test]
    fn a_compartment_only_keeps_out() {
        let organisation = samples::organisation();
        let unit = |code: &str| organisation.by_code(code).unwrap().id;
        let reserved = |number| CompartmentId(uuid::Uuid::from_u128(number));
        let named = |role, code, compartments: &[u128]| {
            let compartments = compartments.iter().copied().map(reserved).collect();
            let actor = Actor { compartments, ..samples::actor(1, role, unit(code)) };
            actor.scope(&organisation)
        };
        let led = || [unit("DACS")].into_iter();
        for (scope, plain, one, two) in [
            (named(Role::Clerk, "SG", &[]), true, false, false),
            (named(Role::Auditor, "MJ", &[]), true, false, false),
            (named(Role::Coordinator, "SG", &[1]), true, true, false),
            (named(Role::Drafter, "DACS", &[1, 2]), true, true, true),
            (named(Role::Drafter, "DACG", &[1]), false, false, false),
            (named(Role::Administrator, "MJ", &[1]), false, false, false),
            (Scope::unreserved(), true, false, false),
            (Scope::ALL, true, true, true),
        ] {
            assert_eq!(scope.allows(led(), None), plain, "{scope:?}");
            assert_eq!(scope.allows(led(), Some(reserved(1))), one, "{scope:?}");
            assert_eq!(scope.allows(led(), Some(reserved(2))), two, "{scope:?}");
        }
    }

    #[test]
    fn the_stored_name_of_an_actor_is_read_back() {
        for who in
            [Who::System(SystemActor::Feed), samples::actor(3, Role::Clerk, UnitId(uuid::Uuid::nil())).who]
        {
            assert_eq!(who.to_string().parse(), Ok(who));
        }
        assert_eq!("user:x".parse::<Who>(), Err(NotAnActor));
    }
}
