//! Compartments: what is reserved to named people (need to know).
//!
//! A compartment has a name, an owner and people. A dossier is reserved to one by [`Command::Reserve`]: whoever is not named
//! there does not know that it exists, whatever their roles; whoever is named reads it as far as their roles reach.
//! Administrators keep the compartments and read nothing of them; nobody gives themselves access.
//!
//! [`Command::Reserve`]: crate::dossier::Command::Reserve

use std::collections::BTreeSet;

use crate::actor::Actor;
use crate::ids::{CompartmentId, UserId};
use crate::organisation::Organisation;
use crate::refusal::Refusal;
use crate::settings::{self, SettingsAction};

/// People who may know of what is reserved to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compartment {
    /// Its identifier.
    pub id: CompartmentId,
    /// As shown to its people, and to those who keep it.
    pub name: String,
    /// Who answers for it: says who else is named, and is shown who has read what. Always one of its people.
    pub owner: UserId,
    /// Who is named.
    pub people: BTreeSet<UserId>,
}

/// What is asked of a compartment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompartmentCommand {
    /// Make it.
    Open {
        /// Its name, unique.
        name: String,
        /// Who answers for it.
        owner: UserId,
    },
    /// Give it another name.
    Rename {
        /// The name, unique.
        name: String,
    },
    /// Name somebody; one who is named already stays.
    Admit {
        /// Whom.
        person: UserId,
    },
    /// Name somebody no more; one who is not named stays away.
    Remove {
        /// Whom.
        person: UserId,
    },
    /// Make one of its people its owner.
    Entrust {
        /// Whom.
        owner: UserId,
    },
}

/// What [`CompartmentCommand::decide`] must know of the world.
#[derive(Clone, Copy, Debug)]
pub struct CompartmentFacts<'a> {
    /// The organisation.
    pub organisation: &'a Organisation,
    /// Whether another compartment has the name that is asked for.
    pub name_taken: bool,
    /// Whether whoever is named by the command has an account that lets them in.
    pub person_known: bool,
}

/// Why something about a compartment is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum CompartmentRefusal {
    /// Another compartment has this name.
    CompartmentNameTaken,
    /// Only its owner and the ministry's administrators keep it.
    NotYourCompartment,
    /// Nobody gives themselves access.
    OwnAccess,
    /// There is no such person, or their account is closed.
    PersonUnknown {
        /// Its name in the API.
        field: &'static str,
    },
    /// The owner is one of its people.
    OwnerNotNamed,
    /// The owner stays named until another answers for it.
    OwnerStays,
    /// There is no such compartment, or the person who asks is not named in it.
    CompartmentUnknown,
    /// The person who asks is named in no compartment.
    NoCompartment,
    /// The dossier is reserved to that compartment already.
    AlreadyReserved,
    /// The dossier is not reserved.
    NotReserved,
    /// What is reserved is answered by itself.
    ReservedAlone,
}

impl CompartmentCommand {
    /// Its name in the journal of settings.
    #[must_use]
    pub fn action(&self) -> SettingsAction {
        match self {
            Self::Open { .. } => SettingsAction::OpenCompartment,
            Self::Rename { .. } => SettingsAction::RenameCompartment,
            Self::Admit { .. } => SettingsAction::AdmitPerson,
            Self::Remove { .. } => SettingsAction::RemovePerson,
            Self::Entrust { .. } => SettingsAction::EntrustCompartment,
        }
    }

    /// Whom it names, or makes the owner.
    #[must_use]
    pub fn names(&self) -> Option<UserId> {
        match self {
            Self::Open { owner, .. } | Self::Entrust { owner } => Some(*owner),
            Self::Admit { person } => Some(*person),
            Self::Rename { .. } | Self::Remove { .. } => None,
        }
    }

    /// What a compartment becomes by it; `before` is `None` for [`CompartmentCommand::Open`], and `id` the one that is drawn.
    ///
    /// # Errors
    /// The first [`Refusal`] met: who asks, then what.
    pub fn decide(
        &self,
        actor: &Actor,
        id: CompartmentId,
        before: Option<Compartment>,
        facts: &CompartmentFacts<'_>,
    ) -> Result<Compartment, Refusal> {
        use CompartmentRefusal as No;
        let keeps = actor.administers_all(facts.organisation);
        let Some(mut compartment) = before else {
            actor.must_administer_all(facts.organisation)?;
            return self.open(actor, id, facts);
        };
        if !keeps && actor.user() != Some(compartment.owner) {
            return No::NotYourCompartment.refuse();
        }
        match self {
            Self::Open { .. } => {}
            Self::Rename { name } => compartment.name = free(name, facts)?,
            Self::Admit { person } => {
                let new = !compartment.people.contains(person);
                if new && actor.user() == Some(*person) {
                    return No::OwnAccess.refuse();
                }
                known("person", facts)?;
                compartment.people.insert(*person);
            }
            Self::Remove { person } if *person == compartment.owner => return No::OwnerStays.refuse(),
            Self::Remove { person } => {
                compartment.people.remove(person);
            }
            Self::Entrust { owner } if !compartment.people.contains(owner) => {
                return No::OwnerNotNamed.refuse();
            }
            Self::Entrust { owner } => {
                known("owner", facts)?;
                compartment.owner = *owner;
            }
        }
        Ok(compartment)
    }

    /// A new compartment, of its owner alone.
    fn open(
        &self,
        actor: &Actor,
        id: CompartmentId,
        facts: &CompartmentFacts<'_>,
    ) -> Result<Compartment, Refusal> {
        let Self::Open { name, owner } = self else {
            return CompartmentRefusal::CompartmentUnknown.refuse();
        };
        let name = free(name, facts)?;
        if actor.user() == Some(*owner) {
            return CompartmentRefusal::OwnAccess.refuse();
        }
        known("owner", facts)?;
        Ok(Compartment { id, name, owner: *owner, people: BTreeSet::from([*owner]) })
    }
}

fn free(name: &str, facts: &CompartmentFacts<'_>) -> Result<String, Refusal> {
    let name = settings::name(name, "name")?;
    if facts.name_taken { CompartmentRefusal::CompartmentNameTaken.refuse() } else { Ok(name) }
}

fn known(field: &'static str, facts: &CompartmentFacts<'_>) -> Result<(), Refusal> {
    if facts.person_known { Ok(()) } else { CompartmentRefusal::PersonUnknown { field }.refuse() }
}

impl CompartmentRefusal {
    /// As the outcome of a decision.
    pub(crate) fn refuse<T>(self) -> Result<T, Refusal> {
        Err(Refusal::Compartment(self))
    }

    /// The field that it is about, by its name in the API.
    pub(crate) fn field(self) -> Option<&'static str> {
        match self {
            Self::CompartmentNameTaken => Some("name"),
            Self::OwnAccess => Some("person"),
            Self::PersonUnknown { field } => Some(field),
            Self::OwnerNotNamed => Some("owner"),
            Self::CompartmentUnknown | Self::AlreadyReserved => Some("compartment"),
            _ => None,
        }
    }

    /// What to tell the person, in French.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::CompartmentNameTaken => {
                "Un autre compartiment porte déjà ce nom\u{a0}: choisissez-en un autre."
            }
            Self::NotYourCompartment => {
                "Ce compartiment est tenu par son responsable et par les administrateurs du ministère\u{a0}: \
                 adressez-vous à eux."
            }
            Self::OwnAccess => {
                "Nul ne se donne accès à lui-même\u{a0}: demandez-le au responsable du compartiment ou à un autre \
                 administrateur."
            }
            Self::PersonUnknown { .. } => {
                "Aucun compte ouvert ne correspond\u{a0}: choisissez une personne dans la liste."
            }
            Self::OwnerNotNamed => {
                "Le responsable est l’une des personnes du compartiment\u{a0}: ajoutez-la d’abord."
            }
            Self::OwnerStays => {
                "Cette personne est responsable du compartiment\u{a0}: confiez-le d’abord à une autre."
            }
            Self::CompartmentUnknown => "Choisissez un compartiment dans la liste.",
            Self::NoCompartment => {
                "Vous n’êtes dans aucun compartiment\u{a0}: une personne qui en fait partie peut réserver ce dossier."
            }
            Self::AlreadyReserved => "Ce dossier est déjà réservé à ce compartiment.",
            Self::NotReserved => "Ce dossier n’est pas réservé.",
            Self::ReservedAlone => {
                "Un dossier réservé est traité seul\u{a0}: il ne rejoint pas de lot, et une question en lot ne se \
                 réserve pas."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Role;
    use crate::samples;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn person(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn held() -> Compartment {
        let people = [2, 3].map(person).into();
        Compartment {
            id: CompartmentId(Uuid::nil()),
            name: "Nominations".to_owned(),
            owner: person(2),
            people,
        }
    }

    fn asked(number: u128, role: Role, command: &CompartmentCommand) -> Result<Compartment, Refusal> {
        let organisation = samples::organisation();
        let root = organisation.by_code("MJ").unwrap().id;
        let facts = CompartmentFacts { organisation: &organisation, name_taken: false, person_known: true };
        let before = (!matches!(command, CompartmentCommand::Open { .. })).then(held);
        command.decide(&samples::actor(number, role, root), held().id, before, &facts)
    }

    #[test]
    fn its_owner_and_the_administrators_keep_it() {
        let admit = CompartmentCommand::Admit { person: person(9) };
        assert!(asked(1, Role::Administrator, &admit).is_ok_and(|after| after.people.len() == 3));
        assert!(asked(2, Role::Coordinator, &admit).is_ok_and(|after| after.people.contains(&person(9))));
        let refused = CompartmentRefusal::NotYourCompartment.refuse();
        assert_eq!(asked(3, Role::Coordinator, &admit), refused, "named, and not its owner");
        assert_eq!(asked(4, Role::Auditor, &admit), refused);
        let open = CompartmentCommand::Open { name: " Grâces ".to_owned(), owner: person(5) };
        assert_eq!(asked(2, Role::Coordinator, &open), Err(Refusal::OnlyFor { role: Role::Administrator }));
        let opened = asked(1, Role::Administrator, &open).unwrap();
        assert_eq!((opened.name.as_str(), opened.people), ("Grâces", BTreeSet::from([person(5)])));
    }

    #[test]
    fn it_always_has_an_owner_who_is_named() {
        let asked = |command| asked(1, Role::Administrator, &command);
        let no = CompartmentRefusal::OwnerStays.refuse();
        assert_eq!(asked(CompartmentCommand::Remove { person: person(2) }), no);
        let no = CompartmentRefusal::OwnerNotNamed.refuse();
        assert_eq!(asked(CompartmentCommand::Entrust { owner: person(9) }), no);
        assert_eq!(asked(CompartmentCommand::Entrust { owner: person(3) }).unwrap().owner, person(3));
        assert_eq!(asked(CompartmentCommand::Remove { person: person(3) }).unwrap().people.len(), 1);
    }

    proptest! {
        /// Whoever asks, and whatever they ask: they are not named afterwards unless they were before.
        #[test]
        fn nobody_gives_themselves_access(
            asker in 1_u128..6, named in 1_u128..6, what in 0..4_u8, administers in any::<bool>(),
        ) {
            let named = person(named);
            let command = match what {
                0 => CompartmentCommand::Open { name: "Grâces".to_owned(), owner: named },
                1 => CompartmentCommand::Admit { person: named },
                2 => CompartmentCommand::Remove { person: named },
                _ => CompartmentCommand::Entrust { owner: named },
            };
            let role = if administers { Role::Administrator } else { Role::Coordinator };
            if let Ok(after) = asked(asker, role, &command) {
                let before = what != 0 && held().people.contains(&person(asker));
                prop_assert!(before || !after.people.contains(&person(asker)));
                prop_assert!(after.people.contains(&after.owner));
            }
        }
    }
}
