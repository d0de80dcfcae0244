//! What may be done with an account, by whom.

use proptest::prelude::*;
use proptest::sample::select;
use strum::VariantArray as _;
use uuid::Uuid;

use super::{Person, PersonCommand, PersonFacts, email, login};
use crate::actor::{Actor, Grant, Reach, Role};
use crate::ids::UserId;
use crate::organisation::Organisation;
use crate::refusal::Refusal;
use crate::samples;
use crate::settings::SettingsRefusal::{
    self, BeyondReach, EmailForm, LastAdministrator, LoginForm, LoginTaken, NameTooLong, OwnAccount,
    OwnAdministration,
};

struct Ministry(Organisation);

impl Ministry {
    fn grant(&self, role: Role, code: &str) -> Grant {
        Grant { role, unit: self.0.by_code(code).unwrap().id }
    }

    fn actor(&self, number: u128, role: Role, code: &str) -> Actor {
        samples::actor(number, role, self.grant(role, code).unit)
    }

    fn person(&self, number: u128, roles: &[(Role, &str)]) -> Person {
        let grants = roles.iter().map(|(role, code)| self.grant(*role, code)).collect();
        let id = UserId(Uuid::from_u128(number));
        Person { login: format!("p{number}"), name: format!("Personne {number}"), grants, ..Person::new(id) }
    }

    fn facts(&self) -> PersonFacts<'_> {
        PersonFacts { organisation: &self.0, login_taken: false, another_administrator: true }
    }

    /// What the administrator of a unit is answered.
    fn asked(&self, code: &str, person: &Person, command: &PersonCommand) -> Result<Person, Refusal> {
        command.decide(&self.actor(1, Role::Administrator, code), person.clone(), &self.facts())
    }

    fn refused(&self, code: &str, person: &Person, command: &PersonCommand) -> SettingsRefusal {
        match self.asked(code, person, command) {
            Err(Refusal::Settings(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }
}

fn ministry() -> Ministry {
    Ministry(samples::organisation())
}

fn add(login: &str, email: &str, grants: Vec<Grant>) -> PersonCommand {
    PersonCommand::Add {
        login: login.to_owned(),
        name: " Inès  Berthaumieux ".to_owned(),
        email: email.to_owned(),
        grants,
    }
}

fn change(name: Option<&str>, email: Option<&str>) -> PersonCommand {
    PersonCommand::Change { name: name.map(str::to_owned), email: email.map(str::to_owned) }
}

#[test]
fn a_person_comes_changes_and_goes() {
    let ministry = ministry();
    let role = ministry.grant(Role::Correspondent, "DACS");
    let new = Person::new(UserId(Uuid::from_u128(9)));
    let added =
        ministry.asked("MJ", &new, &add(" Ines.B ", " ines@justice.example ", vec![role, role])).unwrap();
    assert_eq!((added.login.as_str(), added.name.as_str()), ("ines.b", "Inès Berthaumieux"));
    assert_eq!((added.email.as_deref(), added.grants.len()), (Some("ines@justice.example"), 1));
    let named = ministry.asked("MJ", &added, &change(Some("Inès B."), None)).unwrap();
    assert_eq!((named.name.as_str(), named.email.is_some()), ("Inès B.", true));
    assert_eq!(ministry.asked("MJ", &named, &change(None, Some(" "))).unwrap().email, None);
    let drafter = ministry.grant(Role::Drafter, "C1");
    let both = ministry.asked("MJ", &named, &PersonCommand::Grant(drafter)).unwrap();
    assert_eq!(both.grants, [role, drafter]);
    assert_eq!(ministry.asked("MJ", &both, &PersonCommand::Grant(drafter)).unwrap(), both, "held already");
    assert_eq!(ministry.asked("MJ", &both, &PersonCommand::Revoke(role)).unwrap().grants, [drafter]);
    let disabled = ministry.asked("MJ", &both, &PersonCommand::Disable).unwrap();
    assert!(disabled.disabled);
    assert_eq!(ministry.asked("MJ", &disabled, &PersonCommand::Enable).unwrap(), both);
    assert_eq!(ministry.asked("MJ", &both, &PersonCommand::ResetPassword).unwrap(), both);
    let linked = ministry.asked("MJ", &both, &PersonCommand::AllowLinks).unwrap();
    assert!(linked.links && !both.links, "nobody comes in by links before that is said");
    assert_eq!(ministry.asked("MJ", &linked, &PersonCommand::ForbidLinks).unwrap(), both);
}

#[test]
fn what_is_typed_has_a_form() {
    for good in ["a", "chef-de-cabinet", "ines.b", "2-essai", "i_b@justice.example", &"a".repeat(64)] {
        assert_eq!(login(good).as_deref(), Ok(good));
    }
    for wrong in ["-a", ".a", "invité", "a b", "a/b", "a\0", &"a".repeat(65)] {
        assert_eq!(login(wrong), LoginForm.refuse(), "{wrong}");
    }
    for good in ["a@b", "prenom.nom+pli@justice.example", &format!("{}@b", "é".repeat(252))] {
        assert_eq!(email(good), Ok(Some(good.to_owned())));
    }
    for wrong in
        ["a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\u{a0}c", "a@b\0", &format!("{}@b", "é".repeat(253))]
    {
        assert_eq!(email(wrong), EmailForm.refuse(), "{wrong}");
    }
    let ministry = ministry();
    let person = ministry.person(9, &[]);
    let long = "a".repeat(201);
    assert_eq!(ministry.refused("MJ", &person, &change(Some(&long), None)), NameTooLong { field: "name" });
    let empty = ministry.asked("MJ", &person, &change(Some(" "), None));
    assert_eq!(empty, Err(Refusal::Required { field: "name" }));
    let taken = PersonFacts { login_taken: true, ..ministry.facts() };
    let actor = ministry.actor(1, Role::Administrator, "MJ");
    assert_eq!(add("ines", "", Vec::new()).decide(&actor, person, &taken), LoginTaken.refuse());
}

#[test]
fn nobody_leaves_the_ministry_without_an_administrator_nor_steps_down_alone() {
    let ministry = ministry();
    let root = ministry.grant(Role::Administrator, "MJ");
    let own = ministry.person(1, &[(Role::Administrator, "MJ"), (Role::Administrator, "DACS")]);
    assert_eq!(ministry.refused("MJ", &own, &PersonCommand::Disable), OwnAccount);
    for code in ["MJ", "DACS"] {
        let revoke = PersonCommand::Revoke(ministry.grant(Role::Administrator, code));
        assert_eq!(ministry.refused("MJ", &own, &revoke), OwnAdministration);
    }
    let not_held = PersonCommand::Revoke(ministry.grant(Role::Administrator, "DACG"));
    assert_eq!(ministry.asked("MJ", &own, &not_held).as_ref(), Ok(&own));

    // The last one, whoever asks: two administrators may have sent each other away at the same time.
    let last = ministry.person(2, &[(Role::Administrator, "MJ")]);
    let actor = ministry.actor(1, Role::Administrator, "MJ");
    let alone = PersonFacts { another_administrator: false, ..ministry.facts() };
    for command in [PersonCommand::Disable, PersonCommand::Revoke(root)] {
        assert!(ministry.asked("MJ", &last, &command).is_ok());
        assert_eq!(command.decide(&actor, last.clone(), &alone), LastAdministrator.refuse());
        let disabled = Person { disabled: true, ..last.clone() };
        assert!(command.decide(&actor, disabled, &alone).is_ok(), "who lets nobody in is missed by nobody");
    }
    let below = ministry.person(3, &[(Role::Administrator, "DACS")]);
    assert!(PersonCommand::Disable.decide(&actor, below, &alone).is_ok());
}

#[test]
fn the_administrator_of_a_unit_keeps_those_whose_every_role_is_there() {
    let ministry = ministry();
    let drafter = ministry.person(2, &[(Role::Drafter, "C1")]);
    let peer = ministry.person(3, &[(Role::Administrator, "DACS")]);
    let shared = ministry.person(4, &[(Role::Drafter, "C1"), (Role::Drafter, "DACG")]);
    let clerk = ministry.person(5, &[(Role::Clerk, "C1")]);
    let nobody = ministry.person(6, &[]);
    for command in [
        change(Some("Autre"), None),
        PersonCommand::Disable,
        PersonCommand::ResetPassword,
        PersonCommand::AllowLinks,
    ] {
        for kept in [&drafter, &peer] {
            assert!(ministry.asked("DACS", kept, &command).is_ok(), "{command:?}");
        }
        for other in [&shared, &clerk, &nobody] {
            assert_eq!(ministry.refused("DACS", other, &command), BeyondReach, "{command:?}");
            assert!(ministry.asked("MJ", other, &command).is_ok());
        }
    }
    let revoke = PersonCommand::Revoke(ministry.grant(Role::Drafter, "C1"));
    assert_eq!(ministry.asked("DACS", &shared, &revoke).unwrap().grants.len(), 1);
    let elsewhere = PersonCommand::Revoke(ministry.grant(Role::Drafter, "DACG"));
    assert_eq!(ministry.refused("DACS", &shared, &elsewhere), BeyondReach);
    // A person whom they could not keep afterwards.
    let bare = ministry.asked("DACS", &ministry.person(7, &[]), &add("x", "", Vec::new()));
    assert_eq!(bare, Err(Refusal::Required { field: "grants" }));
    assert!(ministry.asked("MJ", &ministry.person(7, &[]), &add("x", "", Vec::new())).is_ok());
    for role in Role::VARIANTS.iter().filter(|role| **role != Role::Administrator) {
        let actor = ministry.actor(8, *role, "MJ");
        let answer = PersonCommand::Enable.decide(&actor, drafter.clone(), &ministry.facts());
        assert_eq!(answer, Err(Refusal::OnlyFor { role: Role::Administrator }));
    }
}

fn any_grant() -> impl Strategy<Value = (Role, &'static str)> {
    (select(Role::VARIANTS), select(&["MJ", "SG", "DACS", "C1", "DACG"][..]))
}

proptest! {
    /// Whatever the administrator of a direction does to whomever, nobody reads more than the direction who did not
    /// before; and a new password is drawn for nobody who does.
    #[test]
    fn the_administrator_of_a_unit_opens_nothing_beyond_it(
        held in prop::collection::vec(any_grant(), 0..4),
        (role, code) in any_grant(),
        what in 0_u8..4,
    ) {
        let ministry = ministry();
        let person = ministry.person(2, &held);
        let grant = ministry.grant(role, code);
        let command = match what {
            0 => PersonCommand::Grant(grant),
            1 => PersonCommand::Revoke(grant),
            2 => add("x", "", vec![grant]),
            _ => PersonCommand::ResetPassword,
        };
        let opens = |person: &Person| Actor { grants: person.grants.clone(), ..Actor::feed() };
        let scope = |person: &Person| {
            let actor = Actor { who: crate::actor::Who::User(person.id), ..opens(person) };
            actor.scope(&ministry.0).reach
        };
        let direction = ministry.0.subtree(ministry.grant(role, "DACS").unit);
        let within = |reach: &Reach| match reach {
            Reach::Nothing => true,
            Reach::All => false,
            Reach::Units(units) => units.is_subset(&direction),
        };
        if let Ok(after) = ministry.asked("DACS", &person, &command) {
            let more = after.grants.iter().find(|grant| !person.grants.contains(grant));
            if let Some(more) = more {
                prop_assert!(within(&more.reach(&ministry.0)) && direction.contains(&more.unit));
            }
            if command == PersonCommand::ResetPassword {
                prop_assert!(within(&scope(&after)), "{:?}", after);
                prop_assert!(after.grants.iter().all(|grant| direction.contains(&grant.unit)));
            }
        }
    }
}
