//! What a person asks about the data that are held on them.

use super::*;
use crate::personal::PersonalRefusal;

fn correct(sender: &str, subject: &str) -> Command {
    Command::CorrectSender { sender: sender.to_owned(), subject: subject.to_owned(), note: note() }
}

#[test]
fn a_sender_is_corrected_with_a_reason_and_the_journal_holds_the_digest() {
    let office = Office::new();
    let letter = office.letter();
    let decide = |role, command: &Command| letter.decide(&office.person(role), command, &office.facts());
    let event = decide(Role::Clerk, &correct("Mme Martine", "Frais d’avocat")).unwrap();
    assert!(!serde_json::to_string(&event).unwrap().contains("Martine"));
    let corrected = letter.clone().evolve(&event).unwrap();
    assert_eq!(corrected.content, Digest::of(["Mme Martine", "Frais d’avocat"]));
    assert_eq!(corrected.stage, letter.stage);
    let same = decide(Role::Clerk, &correct("Mme Martin", "Frais d’avocat"));
    assert_eq!(same, PersonalRefusal::SenderUnchanged.refuse());
    for (sender, subject, field) in [(" ", "x", "sender"), ("x", " ", "subject")] {
        assert_eq!(decide(Role::Clerk, &correct(sender, subject)), Err(Refusal::Required { field }));
    }
    let silent =
        Command::CorrectSender { sender: "x".to_owned(), subject: "y".to_owned(), note: " ".to_owned() };
    assert_eq!(decide(Role::Clerk, &silent), Err(Refusal::Required { field: "note" }));
}

#[test]
fn what_is_closed_is_corrected_by_a_coordinator_and_a_question_never() {
    let office = Office::new();
    let (clerk, coordinator) = (office.person(Role::Clerk), office.person(Role::Coordinator));
    let letter = office.letter();
    let event = letter.decide(&clerk, &Command::Cancel { note: note() }, &office.facts()).unwrap();
    let closed = letter.evolve(&event).unwrap();
    let new = correct("Mme Martine", "Frais");
    let refused = Err(Refusal::NotYours { action: Action::CorrectSender });
    assert_eq!(closed.decide(&clerk, &new, &office.facts()), refused);
    assert!(closed.decide(&coordinator, &new, &office.facts()).is_ok());
    let question = question(17, "2026-11-17");
    let stage = question.stage;
    let wrong = Err(Refusal::WrongStage { action: Action::CorrectSender, stage });
    assert_eq!(question.decide(&coordinator, &new, &office.facts()), wrong);
}

#[test]
fn only_a_coordinator_gives_a_copy() {
    let office = Office::new();
    let request = DossierId(Uuid::from_u128(901));
    for dossier in [office.letter(), question(17, "2026-11-17")] {
        for role in Role::VARIANTS {
            let decided =
                dossier.decide(&office.person(*role), &Command::Disclose { request }, &office.facts());
            assert_eq!(decided.is_ok(), *role == Role::Coordinator, "{role:?}");
        }
    }
}
