//! The pages that are received.

use chrono::NaiveDate;
use pli_feeds::reponses::{Received, State, open};

use crate::xmllint::{faults, fixture};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_pages_of_these_tests_hold_to_the_forms() {
    for (schema, page) in [
        ("WSquestion.xsd", "questions.xml"),
        ("WSquestion.xsd", "changements.xml"),
        ("WSquestion.xsd", "errata.xml"),
        ("WSattribution.xsd", "attributions.xml"),
        ("WSreponse.xsd", "resultats.xml"),
    ] {
        assert_eq!(faults(schema, &fixture(page)), "", "{page}");
    }
}

#[test]
fn questions_become_the_records_that_the_houses_files_give() {
    let Received::Questions(page) = open(&fixture("questions.xml")).unwrap() else { panic!("no questions") };
    assert_eq!((page.token.as_str(), page.last, page.items.len()), ("20260701", false, 3));
    let records: Vec<_> = page.items.into_iter().map(Result::unwrap).collect();
    let [first, _, senate] = records.as_slice() else { panic!("three") };
    assert_eq!(first.identity.to_string(), "AN-17-QE-16458");
    assert_eq!(first.subject(), "Garantir l'accès des femmes détenues aux soins gynécologiques en prison");
    assert_eq!(first.published_on, Some(day("2026-06-30")));
    assert_eq!(first.attributed_ministry().unwrap().label, "Justice");
    assert!(first.question_text().chars().count() > 1000);
    // The Sénat's number is known by its year, whatever the legislature.
    assert_eq!(senate.identity.to_string(), "SENAT-2025-QE-5028");
    assert_eq!(senate.author.name().as_deref(), Some("Raphaël Daubet"));
    assert_eq!(senate.question_text(), "Il lui demande ce qu’il compte faire & quand.");
    assert_eq!(senate.rubric.as_deref(), Some("Permis de conduire"));
    assert_eq!(senate.digest.len(), 64);
}

#[test]
fn changes_errata_attributions_and_receipts_are_read() {
    let Received::Changes(page) = open(&fixture("changements.xml")).unwrap() else { panic!("no changes") };
    let changes: Vec<_> = page.items.into_iter().map(Result::unwrap).collect();
    let states: Vec<_> = changes.iter().map(|change| change.state).collect();
    assert_eq!(states, [State::Signalled, State::Renewed, State::Answered, State::Withdrawn]);
    let withdrawn = changes.last().unwrap();
    assert_eq!(
        (withdrawn.on, withdrawn.question.to_string().as_str()),
        (day("2025-07-01"), "SENAT-L17-QE-5028")
    );
    let named: Vec<_> =
        withdrawn.question.identities(day("2026-11-22")).iter().map(ToString::to_string).collect();
    assert_eq!(named, ["SENAT-2024-QE-5028", "SENAT-2025-QE-5028", "SENAT-2026-QE-5028"]);

    let Received::Errata(page) = open(&fixture("errata.xml")).unwrap() else { panic!("no errata") };
    let erratum = page.items.into_iter().next().unwrap().unwrap();
    assert_eq!(
        (erratum.on, erratum.html.as_str()),
        (Some(day("2026-07-07")), "<p>Texte corrigé de la question.</p>")
    );

    let Received::Attributions(page) = open(&fixture("attributions.xml")).unwrap() else { panic!("none") };
    let given: Vec<_> = page.items.into_iter().map(Result::unwrap).collect();
    let told: Vec<_> = given.iter().map(|to| (to.ministry.label.as_str(), to.on)).collect();
    assert_eq!(told, [("Intérieur", Some(day("2026-10-01"))), ("Justice", None)]);

    let Received::Receipts(receipts) = open(&fixture("resultats.xml")).unwrap() else { panic!("none") };
    let refused: Vec<_> = receipts.into_iter().map(|receipt| receipt.unwrap().refused).collect();
    assert_eq!(refused, [None, Some("Cette question est déjà répondue.".to_owned())]);
}
