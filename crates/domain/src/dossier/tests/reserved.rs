//! What is reserved: who may do it, and what it keeps from happening.

use super::*;
use crate::compartment::CompartmentRefusal;
use crate::ids::{BatchId, CompartmentId};

fn compartment(number: u128) -> CompartmentId {
    CompartmentId(Uuid::from_u128(number))
}

/// A person who is named in a compartment.
fn named(office: &Office, role: Role) -> Actor {
    let mut actor = office.person(role);
    actor.compartments.insert(compartment(1));
    actor
}

fn reserve(number: u128) -> Command {
    Command::Reserve { compartment: compartment(number) }
}

#[test]
fn whoever_reserves_a_dossier_is_named_in_the_compartment() {
    let office = Office::new();
    let letter = office.letter();
    let decide = |actor: &Actor, command: &Command| letter.decide(actor, command, &office.facts());
    let reserved = Event::Reserved { compartment: compartment(1) };
    assert_eq!(decide(&named(&office, Role::Clerk), &reserve(1)), Ok(reserved.clone()));
    assert_eq!(decide(&named(&office, Role::Coordinator), &reserve(1)), Ok(reserved));
    let unknown = CompartmentRefusal::CompartmentUnknown.refuse();
    assert_eq!(decide(&named(&office, Role::Coordinator), &reserve(2)), unknown, "exists or not");
    let none = CompartmentRefusal::NoCompartment.refuse();
    assert_eq!(decide(&office.person(Role::Coordinator), &reserve(1)), none);
    let others = Refusal::NotYours { action: Action::Reserve };
    assert_eq!(decide(&named(&office, Role::Administrator), &reserve(1)), Err(others));
    let button = |actor: &Actor| letter.allowed(actor, &office.organisation).contains(&Action::Reserve);
    assert!(button(&named(&office, Role::Clerk)) && !button(&office.person(Role::Clerk)));
}

#[test]
fn a_reserve_is_lifted_with_a_reason_by_a_coordinator() {
    let office = Office::new();
    let (clerk, coordinator) = (named(&office, Role::Clerk), named(&office, Role::Coordinator));
    let release = Command::Release { note: note() };
    let open = office.letter();
    let refused = CompartmentRefusal::NotReserved.refuse();
    assert_eq!(open.decide(&coordinator, &release, &office.facts()), refused);
    let event = open.decide(&clerk, &reserve(1), &office.facts()).unwrap();
    let reserved = open.clone().evolve(&event).unwrap();
    let again = CompartmentRefusal::AlreadyReserved.refuse();
    assert_eq!(reserved.decide(&clerk, &reserve(1), &office.facts()), again);
    let others = Refusal::NotYours { action: Action::Release };
    assert_eq!(reserved.decide(&clerk, &release, &office.facts()), Err(others));
    let silent = Command::Release { note: " ".to_owned() };
    let required = Refusal::Required { field: "note" };
    assert_eq!(reserved.decide(&coordinator, &silent, &office.facts()), Err(required));
    let event = reserved.decide(&coordinator, &release, &office.facts()).unwrap();
    assert_eq!(reserved.evolve(&event).unwrap(), open);
}

#[test]
fn what_is_reserved_stays_so_when_it_closes_and_opens_again() {
    let office = Office::new();
    let coordinator = named(&office, Role::Coordinator);
    let mut dossier = office.letter();
    for command in [reserve(1), Command::Redirect { note: note() }, Command::Reopen { note: note() }] {
        let event = dossier.decide(&coordinator, &command, &office.facts()).unwrap();
        dossier = dossier.evolve(&event).unwrap();
        assert_eq!(dossier.reserved, Some(compartment(1)), "{command:?}");
    }
}

#[test]
fn a_reserved_question_is_in_no_batch() {
    let office = Office::new();
    let coordinator = named(&office, Role::Coordinator);
    let open = Command::OpenBatch { batch: BatchId(Uuid::from_u128(5)) };
    let after = |dossier: &Dossier, command: &Command| {
        let event = dossier.decide(&coordinator, command, &office.facts()).unwrap();
        dossier.clone().evolve(&event).unwrap()
    };
    let alone = CompartmentRefusal::ReservedAlone;
    let plain = question(17, "2026-11-17");
    let reserved = after(&plain, &reserve(1));
    assert_eq!(reserved.decide(&coordinator, &open, &office.facts()), alone.refuse());
    let mut other = plain.clone();
    other.id = DossierId(Uuid::from_u128(902));
    assert_eq!(other.may_join(&coordinator, &reserved, &office.organisation), alone.refuse());
    let lead = after(&other, &open);
    assert_eq!(reserved.may_join(&coordinator, &lead, &office.organisation), alone.refuse());
    assert_eq!(lead.decide(&coordinator, &reserve(1), &office.facts()), alone.refuse());
}
