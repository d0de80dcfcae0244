//! Where the public record contradicts the office: what waits, what adopting and dismissing do.

use super::*;
use crate::delay::Clock;
use crate::dossier::{Discrepancy, Held};
use crate::public_record::{Closing, Reattribution};

fn coordinator(dossier: Dossier, command: &Command) -> Result<Dossier, Refusal> {
    Office::new().act(dossier, Role::Coordinator, command)
}

fn adopt(dossier: &Dossier, point: &Discrepancy) -> Dossier {
    coordinator(dossier.clone(), &point.clone().adopt(dossier.stage)).unwrap()
}

#[test]
fn silence_and_agreement_contradict_nothing() {
    let open = coordinator(question(17, "2026-09-01"), &Command::Signal { on: day("2026-11-10") }).unwrap();
    assert_eq!(PublicRecord::default().contradictions(&open), []);
    let agreed = PublicRecord {
        published_on: Some(day("2026-09-01")),
        signalled_on: Some(day("2026-11-10")),
        reattributed: Some(Reattribution {
            ministry: "Justice".to_owned(),
            ours: true,
            on: day("2026-10-01"),
            twice_on_that_day: false,
        }),
        ..PublicRecord::default()
    };
    assert_eq!(agreed.contradictions(&open), []);
}

#[test]
fn a_corrected_publication_moves_the_term() {
    let entered = question(17, "2026-09-08");
    assert_eq!(entered.clock_due_on(Clock::Legal), Some(day("2026-11-08")));
    let record = PublicRecord { published_on: Some(day("2026-09-01")), ..PublicRecord::default() };
    let [point] = record.contradictions(&entered).try_into().unwrap();
    assert_eq!(point.held(&entered), Some(Held::Day(day("2026-09-08"))));
    let corrected = adopt(&entered, &point);
    assert_eq!(corrected.received_on, day("2026-09-01"));
    assert_eq!(corrected.clock_due_on(Clock::Legal), Some(day("2026-11-01")));
    assert_eq!(record.contradictions(&corrected), []);
    let again = coordinator(corrected, &point.adopt(Stage::Received));
    assert_eq!(again.unwrap_err(), Refusal::NoDiscrepancy);
}

#[test]
fn a_corrected_signalment_moves_its_ten_days_only() {
    let signal = Command::Signal { on: day("2026-11-10") };
    let signalled = coordinator(question(17, "2026-09-15"), &signal).unwrap();
    let record = PublicRecord { signalled_on: Some(day("2026-11-12")), ..PublicRecord::default() };
    let [point] = record.contradictions(&signalled).try_into().unwrap();
    let corrected = adopt(&signalled, &point);
    let ten_days = |dossier: &Dossier| dossier.deadline(code::AN_QE_SIGNALLED).unwrap().due_on();
    assert_eq!((ten_days(&signalled), ten_days(&corrected)), (day("2026-11-20"), day("2026-11-22")));
    assert_eq!(corrected.question().unwrap().signalled_on, Some(day("2026-11-12")));
    assert_eq!(corrected.received_on, signalled.received_on);
}

#[test]
fn an_answer_of_another_day_is_judged_again() {
    let published =
        coordinator(question(17, "2026-09-08"), &Command::Publish { on: day("2026-11-03") }).unwrap();
    let record = PublicRecord { answered_on: Some(day("2026-11-17")), ..PublicRecord::default() };
    let [point] = record.contradictions(&published).try_into().unwrap();
    let corrected = adopt(&published, &point);
    assert_eq!(corrected.closed_on, Some(day("2026-11-17")));
    let stages = |dossier: &Dossier| dossier.deadline(code::AN_QE).map(|one| one.stage);
    assert_eq!(stages(&published), Some(crate::deadline::DeadlineStage::Met));
    assert_eq!(stages(&corrected), Some(crate::deadline::DeadlineStage::Missed));
}

#[test]
fn another_end_is_followed_from_a_closed_question() {
    let withdrawn =
        coordinator(question(17, "2026-09-08"), &Command::Withdraw { on: day("2026-10-01") }).unwrap();
    let record = PublicRecord { answered_on: Some(day("2026-11-03")), ..PublicRecord::default() };
    let [point] = record.contradictions(&withdrawn).try_into().unwrap();
    assert_eq!(point.held(&withdrawn), Some(Held::Ended(Outcome::Withdrawn, day("2026-10-01"))));
    let answered = adopt(&withdrawn, &point);
    assert_eq!(answered.stage, Stage::Closed(Outcome::Answered));
    assert_eq!(answered.closed_on, Some(day("2026-11-03")));
    let lapsed =
        PublicRecord { closed_on: Some((Closing::Lapsed, day("2026-11-10"))), ..PublicRecord::default() };
    let [point] = lapsed.contradictions(&answered).try_into().unwrap();
    assert_eq!(adopt(&answered, &point).stage, Stage::Closed(Outcome::Lapsed));
}

#[test]
fn a_transfer_that_nobody_asked_waits_and_one_asked_does_not() {
    let open = question(17, "2026-09-08");
    let moved = Reattribution {
        ministry: "Intérieur".to_owned(),
        ours: false,
        on: day("2026-10-06"),
        twice_on_that_day: false,
    };
    let record = PublicRecord { reattributed: Some(moved), ..PublicRecord::default() };
    assert_eq!(record.follow(&open, today()), []);
    let [point] = record.contradictions(&open).try_into().unwrap();
    let gone = adopt(&open, &point);
    assert_eq!(gone.stage, Stage::Closed(Outcome::Transferred));
    // Answered by the other ministry: no business of ours.
    let answered = PublicRecord { answered_on: Some(day("2026-11-17")), ..record.clone() };
    assert_eq!(answered.contradictions(&gone), []);

    let ask = Command::RequestTransfer { ministry: "Intérieur".to_owned() };
    let asked = coordinator(open, &ask).unwrap();
    assert_eq!(record.follow(&asked, today()), [Command::AcceptTransfer { on: day("2026-10-06") }]);
}

#[test]
fn a_question_that_comes_back_is_dealt_with_again() {
    let office = Office::new();
    let ask = Command::RequestTransfer { ministry: "Intérieur".to_owned() };
    let accept = Command::AcceptTransfer { on: day("2026-10-06") };
    let gone = [office.route_to("DACS"), ask, accept]
        .iter()
        .fold(question(17, "2026-09-08"), |dossier, command| coordinator(dossier, command).unwrap());
    let back = |on: &str, twice_on_that_day| {
        let ministry = "Justice".to_owned();
        let back = Reattribution { ministry, ours: true, on: day(on), twice_on_that_day };
        PublicRecord { reattributed: Some(back), ..PublicRecord::default() }
    };
    let given_and_passed_on = back("2026-10-06", false);
    assert_eq!(given_and_passed_on.contradictions(&gone), [], "the record has not followed yet");
    let [same_day] = back("2026-10-06", true).contradictions(&gone).try_into().unwrap();
    assert_eq!(adopt(&gone, &same_day).stage, Stage::Received);
    let [point] = back("2026-10-20", false).contradictions(&gone).try_into().unwrap();
    let here = adopt(&gone, &point);
    assert_eq!((here.stage, here.lead, here.closed_on), (Stage::Received, None, None));
    assert_eq!(here.clock_due_on(Clock::Legal), Some(day("2026-11-08")), "the two months do not begin again");
    assert!(coordinator(here, &office.route_to("DACS")).is_ok());
}

#[test]
fn dismissing_takes_a_coordinator_and_a_reason_and_changes_nothing() {
    let entered = question(17, "2026-09-08");
    let discrepancy = Discrepancy::Publication { on: day("2026-09-01") };
    let dismiss = |note: &str| Command::Dismiss { discrepancy: discrepancy.clone(), note: note.to_owned() };
    assert_eq!(coordinator(entered.clone(), &dismiss("")).unwrap_err(), Refusal::Required { field: "note" });
    let clerk = Office::new().act(entered.clone(), Role::Clerk, &dismiss("Erreur du JO."));
    assert_eq!(clerk.unwrap_err(), Refusal::NotYours { action: Action::Dismiss });
    assert_eq!(coordinator(entered.clone(), &dismiss("Erreur du JO.")).unwrap(), entered);
}
