//! The sitting in which a question is put: what is due before it follows its day, whoever says it.

use super::*;
use crate::dossier::{Discrepancy, Held, SittingSource};

fn put(kind: QuestionType, on: &str) -> Dossier {
    let office = Office::new();
    let identity = QuestionIdentity { house: House::Assembly, term: 17, kind, number: 7 };
    let question = NewQuestion { identity, published_on: day(on), subject: note() };
    let event = question.receive(&office.person(Role::Clerk), &office.facts()).unwrap();
    Dossier::begin(DossierId(Uuid::from_u128(906)), &event).unwrap()
}

fn plan(on: &str, attendee: &str) -> Command {
    Command::PlanSitting { on: day(on), attendee: attendee.to_owned() }
}

fn planned(dossier: Dossier, on: &str) -> Dossier {
    Office::new().act(dossier, Role::Coordinator, &plan(on, "Mme Dumas")).unwrap()
}

fn feed(dossier: Dossier, record: &PublicRecord) -> Dossier {
    let office = Office::new();
    record.follow(&dossier, today()).iter().fold(dossier, |dossier, command| {
        let event = dossier.decide(&Actor::feed(), command, &office.facts()).unwrap();
        dossier.evolve(&event).unwrap()
    })
}

fn said(on: &str) -> PublicRecord {
    PublicRecord { sitting_on: Some(day(on)), ..PublicRecord::default() }
}

fn day_and_source(dossier: &Dossier) -> (NaiveDate, SittingSource) {
    let sitting = dossier.sitting().unwrap();
    (sitting.on, sitting.source)
}

#[test]
fn the_brief_is_due_before_the_sitting_that_is_planned() {
    let oral = put(QuestionType::Qosd, "2026-12-01");
    assert_eq!(day_and_source(&oral), (day("2026-12-01"), SittingSource::Supposed));
    let oral = planned(oral, "2026-12-08");
    assert_eq!(day_and_source(&oral), (day("2026-12-08"), SittingSource::Person));
    assert_eq!(oral.due_on(), Some(day("2026-12-07")));
    assert!(oral.sitting().unwrap().attendee.is_some());
    // Planned again without a name: nobody attends any more.
    let oral = Office::new().act(oral, Role::Coordinator, &plan("2026-12-08", " ")).unwrap();
    assert_eq!(oral.sitting().unwrap().attendee, None);
    let government = planned(put(QuestionType::Qg, "2026-11-24"), "2026-11-25");
    assert_eq!(government.due_on(), Some(day("2026-11-25")));
}

#[test]
fn a_brief_that_is_delivered_stays_delivered() {
    let office = Office::new();
    let signed = office.to_signature(put(QuestionType::Qosd, "2026-12-01"));
    let signed = office.act(signed, Role::Signatory, &Command::Sign).unwrap();
    let sent = office.act(signed, Role::Coordinator, &Command::Transmit).unwrap();
    let before = sent.deadlines.clone();
    assert_eq!(planned(sent, "2026-12-08").deadlines, before);
}

#[test]
fn only_a_coordinator_plans_and_only_what_is_put_in_the_chamber_within_a_year() {
    let office = Office::new();
    let oral = put(QuestionType::Qc, "2026-12-01");
    for role in Role::VARIANTS.iter().filter(|role| **role != Role::Coordinator) {
        let refused = office.act(oral.clone(), *role, &plan("2026-12-08", ""));
        assert_eq!(refused, Err(Refusal::NotYours { action: Action::PlanSitting }), "{role:?}");
    }
    let refused = |dossier, on| office.act(dossier, Role::Coordinator, &plan(on, "")).unwrap_err();
    for far in ["2028-01-01", "2024-01-01", "-0001-01-01"] {
        assert_eq!(refused(oral.clone(), far), Refusal::DateOutOfRange { field: "on" }, "{far}");
    }
    assert_eq!(refused(question(17, "2026-09-15"), "2026-12-01"), Refusal::OnlyInChamber);
    let zero = office.act(oral, Role::Coordinator, &plan("2026-12-08", "M.\0"));
    assert_eq!(zero, Err(Refusal::NullCharacter { field: "note" }));
}

#[test]
fn the_record_moves_what_nobody_has_said_and_contradicts_a_person() {
    let supposed = put(QuestionType::Qosd, "2026-12-01");
    assert!(said("2026-12-01").follow(&supposed, today()).is_empty(), "it says what was supposed");
    assert_eq!(said("2026-12-08").contradictions(&supposed), []);
    let moved = feed(supposed, &said("2026-12-08"));
    assert_eq!(day_and_source(&moved), (day("2026-12-08"), SittingSource::Record));
    assert_eq!(moved.due_on(), Some(day("2026-12-07")));
    assert_eq!(day_and_source(&feed(moved.clone(), &said("2026-12-15"))).0, day("2026-12-15"));

    let ours = planned(moved, "2026-12-10");
    assert_eq!(feed(ours.clone(), &said("2026-12-15")), ours, "a person's day is not overwritten");
    let [point] = said("2026-12-15").contradictions(&ours).try_into().unwrap();
    assert_eq!(point, Discrepancy::Sitting { on: day("2026-12-15") });
    assert_eq!(point.held(&ours), Some(Held::Day(day("2026-12-10"))));
    let office = Office::new();
    let adopted = office.act(ours, Role::Coordinator, &point.clone().adopt(Stage::Received)).unwrap();
    assert_eq!(day_and_source(&adopted), (day("2026-12-15"), SittingSource::Record));
    assert_eq!(adopted.due_on(), Some(day("2026-12-14")));
    assert!(adopted.sitting().unwrap().attendee.is_some(), "who attends has not changed");
    assert_eq!(point.held(&adopted), None);
}

#[test]
fn a_corrected_publication_moves_only_a_sitting_that_is_supposed() {
    let office = Office::new();
    let published = Discrepancy::Publication { on: day("2026-11-24") };
    let correct = |dossier: Dossier| {
        office.act(dossier, Role::Coordinator, &published.clone().adopt(Stage::Received)).unwrap()
    };
    let supposed = correct(put(QuestionType::Qosd, "2026-12-01"));
    assert_eq!(day_and_source(&supposed).0, day("2026-11-24"));
    assert_eq!(supposed.due_on(), Some(day("2026-11-23")));
    let known = correct(planned(put(QuestionType::Qosd, "2026-12-01"), "2026-12-08"));
    assert_eq!((known.received_on, day_and_source(&known).0), (day("2026-11-24"), day("2026-12-08")));
    assert_eq!(known.due_on(), Some(day("2026-12-07")));
}
