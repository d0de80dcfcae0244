//! The end of a closed dossier: what holds it back, and what is left of it.

use super::*;
use crate::ids::EliminationId;
use crate::retention::{Class, RetentionRefusal};

fn eliminate() -> Command {
    let approved_by = [2, 3].map(|number| UserId(Uuid::from_u128(number)));
    Command::Eliminate { list: EliminationId(Uuid::nil()), approved_by }
}

fn freeze() -> Command {
    Command::Freeze { note: note() }
}

fn closed(office: &Office, dossier: Dossier) -> Dossier {
    let clerk = office.person(Role::Clerk);
    let event = dossier.decide(&clerk, &Command::Cancel { note: note() }, &office.facts()).unwrap();
    dossier.evolve(&event).unwrap()
}

#[test]
fn what_is_frozen_waits_for_no_end_and_is_not_eliminated() {
    let office = Office::new();
    let coordinator = office.person(Role::Coordinator);
    let open = office.letter();
    assert_eq!(Class::awaiting(&open), None, "open");
    let wrong = Refusal::WrongStage { action: Action::Freeze, stage: open.stage };
    assert_eq!(open.decide(&coordinator, &freeze(), &office.facts()), Err(wrong));
    let closed = closed(&office, open);
    assert_eq!(Class::awaiting(&closed), Some(Class::Void), "cancelled");
    let others = Err(Refusal::NotYours { action: Action::Freeze });
    assert_eq!(closed.decide(&office.person(Role::Clerk), &freeze(), &office.facts()), others);
    let event = closed.decide(&coordinator, &freeze(), &office.facts()).unwrap();
    let frozen = closed.clone().evolve(&event).unwrap();
    assert_eq!(Class::awaiting(&frozen), None);
    let decide = |actor: &Actor, command| frozen.decide(actor, &command, &office.facts());
    assert_eq!(decide(&coordinator, freeze()), RetentionRefusal::AlreadyFrozen.refuse());
    assert_eq!(decide(&Actor::reminder(), eliminate()), RetentionRefusal::Frozen.refuse());
    let event = decide(&coordinator, Command::Unfreeze { note: note() }).unwrap();
    assert_eq!(frozen.clone().evolve(&event).unwrap(), closed);
}

#[test]
fn only_pli_eliminates_and_nothing_happens_afterwards() {
    let office = Office::new();
    let closed = closed(&office, office.letter());
    for role in Role::VARIANTS {
        let refused = closed.decide(&office.person(*role), &eliminate(), &office.facts());
        assert_eq!(refused, Err(Refusal::NotYours { action: Action::Eliminate }), "{role:?}");
    }
    let event = closed.decide(&Actor::reminder(), &eliminate(), &office.facts()).unwrap();
    let gone = closed.evolve(&event).unwrap();
    assert_eq!((gone.eliminated_on, Class::awaiting(&gone)), (Some(office.facts().today), None));
    for role in Role::VARIANTS {
        assert_eq!(gone.allowed(&office.person(*role), &office.organisation), [], "{role:?}");
    }
    let again = gone.decide(&Actor::reminder(), &eliminate(), &office.facts());
    assert_eq!(again, RetentionRefusal::Eliminated.refuse());
}
