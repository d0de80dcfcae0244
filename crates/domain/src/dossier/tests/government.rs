//! A change of government: what moves, what is left aside, and that nothing else of a question changes.

use super::property::any_command;
use super::*;
use crate::dossier::Renaming;
use crate::government::{Aside, Change, Destination, Fate, Holding};
use crate::ministry::{DenominationCommand, Denominations};
use crate::published::{Attribution, Ministry, PublishedQuestion};
use crate::settings::SettingsRefusal;

const NEW: &str = "Justice et libertés";

fn change(to: Destination, on: &str) -> Change {
    Change { from: "Justice".to_owned(), to, on: day(on), unit: None }
}

fn renamed(on: &str) -> Change {
    change(Destination::Ours(NEW.to_owned()), on)
}

fn handed_over(on: &str) -> Change {
    change(Destination::Other("Intérieur".to_owned()), on)
}

fn administrator() -> Actor {
    samples::actor(1, Role::Administrator, Office::new().unit("MJ"))
}

fn held(ministry: &str, since: &str) -> Holding {
    Holding { ministry: ministry.to_owned(), since: Some(day(since)) }
}

fn fate(change: &Change, dossier: &Dossier, held: &Holding) -> Option<Fate> {
    change.fate(dossier, Some(held), &Office::new().organisation)
}

fn follow(change: &Change, dossier: &Dossier) -> Result<Dossier, Refusal> {
    let event = dossier.decide(&administrator(), &change.command(), &Office::new().facts())?;
    Ok(dossier.clone().evolve(&event).unwrap())
}

#[test]
fn a_question_stays_ours_under_the_new_name_and_nothing_else_changes() {
    let before = Office::new().to_signature(question(17, "2026-09-15"));
    let after = follow(&renamed("2026-11-10"), &before).unwrap();
    let facts = after.question().unwrap();
    assert_eq!(facts.renamed, Some(Renaming { ministry: NEW.to_owned(), on: day("2026-11-10") }));
    let mut as_before = after.clone();
    as_before.question_mut().unwrap().renamed = None;
    assert_eq!(as_before, before, "no delay starts again, and nobody begins again");
    // Under the new name, the same change is about it no more.
    let holding = Holding::of(&after, None).unwrap();
    assert_eq!(fate(&renamed("2026-11-10"), &after, &holding), None);
}

#[test]
fn a_question_that_is_handed_over_ends_here_on_the_day_of_the_decree() {
    let gone = follow(&handed_over("2026-11-10"), &question(17, "2026-09-15")).unwrap();
    assert_eq!((gone.stage, gone.closed_on), (Stage::Closed(Outcome::Transferred), Some(day("2026-11-10"))));
    assert_eq!(gone.question().unwrap().transfer_to.as_deref(), Some("Intérieur"));
    assert!(gone.deadlines.iter().all(|deadline| !deadline.is_open()));
}

#[test]
fn what_is_signed_asked_of_another_or_later_is_left_aside() {
    let office = Office::new();
    let justice = held("JUSTICE", "2026-09-15");
    let aside = |why| Some(Fate::LeftAside(why));
    let signed =
        office.act(office.to_signature(question(17, "2026-09-15")), Role::Signatory, &Command::Sign).unwrap();
    let asked = Command::RequestTransfer { ministry: "Armées".to_owned() };
    let asked = office.act(question(17, "2026-09-15"), Role::Coordinator, &asked).unwrap();
    let later = question(17, "2026-11-17");
    for change in [renamed("2026-11-10"), handed_over("2026-11-10")] {
        assert_eq!(fate(&change, &signed, &justice), aside(Aside::Signed));
        assert_eq!(fate(&change, &asked, &justice), aside(Aside::TransferPending));
        assert_eq!(fate(&change, &later, &justice), aside(Aside::Later));
        assert_eq!(fate(&change, &question(17, "2026-09-15"), &justice), Some(Fate::Moves));
        let given_later = held("Justice", "2026-11-11");
        assert_eq!(fate(&change, &question(17, "2026-09-15"), &given_later), aside(Aside::Later));
        // Another name, nobody's, a letter, a closed one: no business of the change.
        assert_eq!(fate(&change, &later, &held("Intérieur", "2026-09-15")), None);
        assert_eq!(change.fate(&later, None, &office.organisation), None);
        assert_eq!(fate(&change, &office.letter(), &justice), None);
        let closed = follow(&handed_over("2026-11-10"), &question(17, "2026-09-15")).unwrap();
        assert_eq!(fate(&change, &closed, &justice), None);
    }
}

#[test]
fn a_unit_takes_its_own_questions_and_those_below_it() {
    let office = Office::new();
    let led = office.act(question(17, "2026-09-15"), Role::Coordinator, &office.route_to("C1")).unwrap();
    let justice = held("Justice", "2026-09-15");
    let of = |code| Change { unit: Some(office.unit(code)), ..handed_over("2026-11-10") };
    assert_eq!(fate(&of("DACS"), &led, &justice), Some(Fate::Moves));
    assert_eq!(fate(&of("DACG"), &led, &justice), None);
    assert_eq!(fate(&of("DACS"), &question(17, "2026-09-15"), &justice), None, "no unit leads it");
}

#[test]
fn the_later_of_the_record_and_the_change_says_who_has_a_question() {
    let dossier = question(17, "2026-09-15");
    let identity = dossier.question().unwrap().identity.clone();
    let given = |ministry: &str, on: &str| {
        let mut record = PublishedQuestion::bare(identity.clone(), "x".to_owned());
        let ministry = Ministry { reference: None, label: ministry.to_owned() };
        record.attributions.push(Attribution { ministry, on: Some(day(on)), cause: None });
        record
    };
    let early = given("Justice", "2026-09-15");
    assert_eq!(Holding::of(&dossier, None), None);
    assert_eq!(Holding::of(&dossier, Some(&early)), Some(held("Justice", "2026-09-15")));
    let dossier = follow(&renamed("2026-11-10"), &dossier).unwrap();
    assert_eq!(Holding::of(&dossier, Some(&early)), Some(held(NEW, "2026-11-10")));
    let late = given("Intérieur", "2026-11-12");
    assert_eq!(Holding::of(&dossier, Some(&late)), Some(held("Intérieur", "2026-11-12")));
}

#[test]
fn a_change_that_makes_no_sense_is_refused_by_field() {
    let office = Office::new();
    let known = Denominations::seed();
    let check = |change: Change| change.checked(&administrator(), &office.organisation, &known, today());
    assert_eq!(check(renamed("2026-11-10")), Ok(renamed("2026-11-10")));
    let spaced = Change { from: " justice ".to_owned(), ..renamed("2026-11-10") };
    assert_eq!(check(spaced).unwrap().from, "justice");
    let unknown = Change { from: "Défense".to_owned(), ..renamed("2026-11-10") };
    assert_eq!(check(unknown), SettingsRefusal::DenominationUnknown.refuse());
    let same = change(Destination::Ours("JUSTICE".to_owned()), "2026-11-10");
    assert_eq!(check(same), SettingsRefusal::DenominationSame.refuse());
    let ours = change(Destination::Other("Ministère de la justice".to_owned()), "2026-11-10");
    assert_eq!(check(ours), SettingsRefusal::DenominationOurs.refuse());
    let nobody = change(Destination::Other(" ".to_owned()), "2026-11-10");
    assert_eq!(check(nobody), Err(Refusal::Required { field: "to" }));
    assert_eq!(check(renamed("2026-11-23")), Err(Refusal::DateInFuture { field: "on" }));
    let unit = Change { unit: Some(UnitId(Uuid::nil())), ..renamed("2026-11-10") };
    assert_eq!(check(unit), Err(Refusal::UnitUnknown { field: "unit" }));
    for role in Role::VARIANTS.iter().filter(|role| **role != Role::Administrator) {
        let asked =
            renamed("2026-11-10").checked(&office.person(*role), &office.organisation, &known, today());
        assert_eq!(asked, Err(Refusal::OnlyFor { role: Role::Administrator }));
    }
    let below = samples::actor(2, Role::Administrator, office.unit("DACS"));
    let asked = renamed("2026-11-10").checked(&below, &office.organisation, &known, today());
    assert_eq!(asked, SettingsRefusal::BeyondReach.refuse());
}

#[test]
fn the_old_name_ends_a_month_after_the_decree_and_the_new_one_begins_that_day() {
    let known = Denominations::seed();
    let (ended, added) = renamed("2026-11-10").renames(&known);
    let ended: Vec<_> = ended.iter().map(|one| (one.name.as_str(), one.valid_until)).collect();
    assert_eq!(ended, [("Justice", Some(day("2026-12-10")))]);
    let add =
        DenominationCommand::Add { name: NEW.to_owned(), valid_from: day("2026-11-10"), valid_until: None };
    assert_eq!(added, Some(add));
    assert_eq!(handed_over("2026-11-10").renames(&known), (Vec::new(), None));
    let back = change(Destination::Ours("Ministère de la justice".to_owned()), "2026-11-10");
    assert_eq!(back.renames(&known).1, None, "it is ours already");
}

proptest! {
    /// Whatever has happened to a question, the preview says what the act would do: what moves is accepted, what is left
    /// aside is refused.
    #[test]
    fn the_preview_is_what_happens(
        acts in prop::collection::vec((any_command(), 0..Role::VARIANTS.len() + 1), 0..40),
        out in any::<bool>(), on in prop::sample::select(vec!["2026-11-10", "2026-11-17", "2026-11-20"]),
    ) {
        let office = Office::new();
        let mut dossier = question(17, "2026-11-17");
        for (command, by) in acts {
            let actor = Role::VARIANTS.get(by).map_or_else(Actor::feed, |role| office.person(*role));
            if let Ok(event) = dossier.decide(&actor, &command, &office.facts()) {
                dossier = dossier.evolve(&event).unwrap();
            }
        }
        let change = if out { handed_over(on) } else { renamed(on) };
        let justice = held("Justice", "2026-11-17");
        match fate(&change, &dossier, &justice) {
            Some(Fate::Moves) => prop_assert!(follow(&change, &dossier).is_ok()),
            Some(Fate::LeftAside(_)) => prop_assert!(follow(&change, &dossier).is_err()),
            None => prop_assert!(!dossier.stage.is_open()),
        }
    }
}
