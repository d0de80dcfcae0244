//! Changes of the organisation: each rule, and that no sequence of them breaks the tree.

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use strum::VariantArray as _;
use uuid::Uuid;

use super::UnitCommand;
use crate::actor::{Actor, Role};
use crate::ids::UnitId;
use crate::organisation::{Organisation, Unit, UnitKind};
use crate::refusal::Refusal;
use crate::samples;
use crate::settings::SettingsRefusal::{
    self, BeyondReach, CodeForm, CodeTaken, DateTooFar, OneMinistry, ParentCloses, RootStays, UnitLoop,
    UnitsBelowOpen,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn new(number: u128) -> UnitId {
    UnitId(Uuid::from_u128(number))
}

fn of(organisation: &Organisation, code: &str) -> UnitId {
    organisation.by_code(code).unwrap().id
}

/// The ministry of the samples, with a first day that is written down.
fn ministry() -> Organisation {
    let units = samples::organisation().in_order().into_iter().cloned().collect::<Vec<_>>();
    Organisation::new(units.into_iter().map(|unit| Unit { valid_from: day("2020-01-01"), ..unit }))
}

fn administrator(organisation: &Organisation, code: &str) -> Actor {
    samples::actor(1, Role::Administrator, of(organisation, code))
}

fn add(organisation: &Organisation, code: &str, parent: &str) -> UnitCommand {
    UnitCommand::Add {
        code: code.to_owned(),
        name: "Bureau du droit des obligations".to_owned(),
        kind: UnitKind::Bureau,
        parent: of(organisation, parent),
        valid_from: day("2026-01-01"),
    }
}

fn move_under(organisation: &Organisation, parent: &str) -> UnitCommand {
    UnitCommand::Change { name: None, kind: None, parent: Some(of(organisation, parent)) }
}

fn close(last_day: &str) -> UnitCommand {
    UnitCommand::Close { last_day: day(last_day) }
}

/// What the administrator of a unit is answered.
fn answered(
    organisation: &Organisation,
    by: &str,
    code: &str,
    command: &UnitCommand,
) -> Result<Unit, Refusal> {
    let adds = matches!(command, UnitCommand::Add { .. });
    let id = if adds { new(9) } else { of(organisation, code) };
    organisation.decide(&administrator(organisation, by), id, command)
}

/// What the ministry's administrator is answered.
fn asked(organisation: &Organisation, code: &str, command: &UnitCommand) -> Result<Unit, Refusal> {
    answered(organisation, "MJ", code, command)
}

fn refused(organisation: &Organisation, code: &str, command: &UnitCommand) -> SettingsRefusal {
    match asked(organisation, code, command) {
        Err(Refusal::Settings(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_unit_is_added_renamed_moved_closed_and_reopened() {
    let ministry = ministry();
    let added = asked(&ministry, "", &add(&ministry, " dacs-c4 ", "DACS")).unwrap();
    assert_eq!((added.code.as_str(), added.parent), ("DACS-C4", Some(of(&ministry, "DACS"))));
    let ministry = ministry.with(added);
    let rename = UnitCommand::Change {
        name: Some(" Bureau  du droit ".to_owned()),
        kind: Some(UnitKind::Service),
        parent: Some(of(&ministry, "DACG")),
    };
    let changed = asked(&ministry, "DACS-C4", &rename).unwrap();
    assert_eq!((changed.name.as_str(), changed.kind), ("Bureau du droit", UnitKind::Service));
    let ministry = ministry.with(changed);
    assert_eq!(ministry.subtree(of(&ministry, "DACG")).len(), 2);
    let closed = asked(&ministry, "DACS-C4", &close("2026-06-30")).unwrap();
    assert!(closed.is_open(day("2026-06-30")) && !closed.is_open(day("2026-07-01")));
    let open = asked(&ministry.with(closed), "DACS-C4", &UnitCommand::Reopen).unwrap();
    assert_eq!(open.valid_to, None);
}

#[test]
fn a_code_is_simple_and_one_units_only() {
    let ministry = ministry();
    for code in ["D", "2026", "SG-SADJAV-AJ", "dacs-c9", &"A".repeat(24)] {
        assert!(asked(&ministry, "", &add(&ministry, code, "DACS")).is_ok(), "{code}");
    }
    for code in ["-", "A--B", "A-", "DÉ", "A B", "A/B", "A_B", &"A".repeat(25)] {
        assert_eq!(refused(&ministry, "", &add(&ministry, code, "DACS")), CodeForm, "{code}");
    }
    assert_eq!(refused(&ministry, "", &add(&ministry, "dacg", "DACS")), CodeTaken);
    let empty = asked(&ministry, "", &add(&ministry, " ", "DACS"));
    assert_eq!(empty, Err(Refusal::Required { field: "code" }));
}

#[test]
fn a_unit_stands_neither_under_itself_nor_under_what_is_below_it() {
    let ministry = ministry();
    for parent in ["DACS", "C1"] {
        assert_eq!(refused(&ministry, "DACS", &move_under(&ministry, parent)), UnitLoop, "{parent}");
    }
    assert!(asked(&ministry, "DACS", &move_under(&ministry, "SG")).is_ok());
    let nowhere = UnitCommand::Change { name: None, kind: None, parent: Some(new(99)) };
    assert_eq!(asked(&ministry, "DACS", &nowhere), Err(Refusal::UnitUnknown { field: "parent" }));
}

#[test]
fn the_ministry_stays_at_the_root_and_alone_of_its_kind() {
    let ministry = ministry();
    assert_eq!(refused(&ministry, "MJ", &move_under(&ministry, "SG")), RootStays);
    assert_eq!(refused(&ministry, "MJ", &close("2026-12-31")), RootStays);
    let kind = |kind| UnitCommand::Change { name: None, kind: Some(kind), parent: None };
    assert_eq!(refused(&ministry, "MJ", &kind(UnitKind::Direction)), OneMinistry);
    assert_eq!(refused(&ministry, "SG", &kind(UnitKind::Ministry)), OneMinistry);
    let rename = UnitCommand::Change { name: Some("Chancellerie".to_owned()), kind: None, parent: None };
    assert_eq!(asked(&ministry, "MJ", &rename).unwrap().name, "Chancellerie");
}

#[test]
fn a_unit_does_not_outlive_the_one_above_it() {
    let ministry = ministry();
    assert_eq!(refused(&ministry, "DACS", &close("2026-12-31")), UnitsBelowOpen);
    let closed = asked(&ministry, "C1", &close("2026-06-30")).unwrap();
    let ministry = ministry.with(closed);
    let closed = asked(&ministry, "DACS", &close("2026-06-30")).unwrap();
    let ministry = ministry.with(closed);
    assert_eq!(refused(&ministry, "C1", &UnitCommand::Reopen), ParentCloses { field: None });
    let longer = refused(&ministry, "C1", &close("2026-07-01"));
    assert_eq!(longer, ParentCloses { field: Some("lastDay") });
    let below = ParentCloses { field: Some("parent") };
    assert_eq!(refused(&ministry, "", &add(&ministry, "DACS-C4", "DACS")), below);
    assert_eq!(refused(&ministry, "DACG", &move_under(&ministry, "DACS")), below);
}

#[test]
fn dates_are_in_order_and_in_our_times() {
    let ministry = ministry();
    let early = asked(&ministry, "DACG", &close("2019-12-31"));
    assert_eq!(early, Err(Refusal::EndsBeforeItBegins { field: "lastDay" }));
    assert!(asked(&ministry, "DACG", &close("2020-01-01")).is_ok());
    for year in ["1026-01-01", "20260-01-01"] {
        let far = UnitCommand::Close {
            last_day: NaiveDate::parse_from_str(year, "%Y-%m-%d").unwrap_or(NaiveDate::MAX),
        };
        assert_eq!(refused(&ministry, "DACG", &far), DateTooFar { field: "lastDay" });
    }
}

#[test]
fn the_administrator_of_a_unit_keeps_what_is_below_it() {
    let ministry = ministry();
    let ask = |code, command| answered(&ministry, "DACS", code, &command).map(drop);
    assert_eq!(ask("", add(&ministry, "DACS-C4", "DACS")), Ok(()));
    assert_eq!(ask("C1", close("2026-12-31")), Ok(()));
    let beyond = BeyondReach.refuse();
    assert_eq!(ask("DACS", close("2026-12-31")), beyond, "itself");
    assert_eq!(ask("DACG", close("2026-12-31")), beyond, "another direction");
    assert_eq!(ask("C1", move_under(&ministry, "DACG")), beyond, "to another direction");
    assert_eq!(ask("", add(&ministry, "DACG-X", "DACG")), beyond);
    for role in Role::VARIANTS.iter().filter(|role| **role != Role::Administrator) {
        let other = samples::actor(2, *role, of(&ministry, "MJ"));
        let answer = ministry.decide(&other, of(&ministry, "C1"), &close("2026-12-31"));
        assert_eq!(answer, Err(Refusal::OnlyFor { role: Role::Administrator }));
        assert_eq!(answer.unwrap_err().code(), "NOT_YOURS");
    }
}

/// Something that an administrator may try: of which unit, under which other, on which day.
fn any_command() -> impl Strategy<Value = (Index, Index, UnitKind, u8, i64)> {
    (any::<Index>(), any::<Index>(), select(UnitKind::VARIANTS), 0_u8..4, 0_i64..2_000)
}

proptest! {
    /// Whatever is asked, what is accepted leaves a tree: one root, no loop, each code once, nobody outlives the one
    /// above.
    #[test]
    fn no_loop_ever_arises(commands in prop::collection::vec(any_command(), 1..40)) {
        let mut ministry = ministry();
        for (number, (unit, parent, kind, what, days)) in (100..).zip(commands) {
            let units: Vec<UnitId> = ministry.in_order().into_iter().map(|unit| unit.id).collect();
            let (mut unit, parent) = (*unit.get(&units), *parent.get(&units));
            let day = day("2020-06-01") + chrono::TimeDelta::days(days);
            let command = match what {
                0 => {
                    unit = new(number);
                    let code = format!("U{}", days % 50);
                    UnitCommand::Add { code, name: "Bureau".to_owned(), kind, parent, valid_from: day }
                }
                1 => UnitCommand::Close { last_day: day },
                2 => UnitCommand::Reopen,
                _ => UnitCommand::Change { name: None, kind: Some(kind), parent: Some(parent) },
            };
            if let Ok(after) = ministry.decide(&administrator(&ministry, "MJ"), unit, &command) {
                ministry = ministry.with(after);
            }
        }
        let units = ministry.in_order();
        prop_assert_eq!(units.len(), ministry.units.len(), "all hang from the root");
        prop_assert_eq!(ministry.roots().count(), 1);
        let codes: std::collections::BTreeSet<_> = units.iter().map(|unit| &unit.code).collect();
        prop_assert_eq!(codes.len(), units.len());
        for unit in units {
            prop_assert!(ministry.path(unit.id).last().is_some_and(|top| ministry.is_root(*top)));
            prop_assert!(unit.valid_to.is_none_or(|last| unit.valid_from <= last));
            let above = unit.parent.and_then(|parent| ministry.unit(parent)).and_then(|above| above.valid_to);
            prop_assert!(above.is_none_or(|end| unit.valid_to.is_some_and(|last| last <= end)));
        }
    }
}
