//! The reader held to what the Assemblée nationale really published.

use std::collections::HashMap;
use std::fs;

use chrono::NaiveDate;
use pli_domain::identity::QuestionType;
use pli_domain::published::{ClosingKind, PublishedQuestion};
use pli_feeds::assemblee;

use crate::common::{ARCHIVES, fixture, read_path};

fn questions(archive: &str) -> Vec<PublishedQuestion> {
    read_path(&fixture(archive)).into_iter().collect::<Result<_, _>>().unwrap()
}

fn all() -> Vec<PublishedQuestion> {
    ARCHIVES.into_iter().flat_map(questions).collect()
}

fn find(uid: &str) -> PublishedQuestion {
    all().into_iter().find(|question| question.uid == uid).unwrap()
}

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

#[test]
fn every_real_question_is_read() {
    for (archive, kind, count) in [
        (ARCHIVES[0], QuestionType::Qe, 347),
        (ARCHIVES[1], QuestionType::Qg, 43),
        (ARCHIVES[2], QuestionType::Qosd, 6),
    ] {
        assert_eq!(assemblee::open(&fixture(archive)).unwrap().total(), Some(count));
        let questions = questions(archive);
        assert_eq!(u64::try_from(questions.len()), Ok(count));
        for question in questions {
            assert_eq!(question.identity.kind, kind);
            assert!(question.published_on.is_some(), "{}", question.uid);
            assert!(question.attributed_ministry().is_some(), "{}", question.uid);
            assert!(!question.subject().is_empty(), "{}", question.uid);
            assert_eq!(question.answered_on().is_some(), question.closing.is_some(), "{}", question.uid);
            assert_eq!(question.answers.is_empty(), question.answer_text().is_empty(), "{}", question.uid);
            assert!(!question.answer_text().contains(['<', '\u{a0}']), "{}", question.uid);
        }
    }
}

/// The first fields of a line of `echeances_reelles.csv`: none of them is quoted before the dates.
#[test]
fn dates_are_those_of_the_oracle() {
    let oracle = fs::read_to_string(fixture("echeances_reelles.csv")).unwrap();
    let columns: Vec<_> = oracle.lines().next().unwrap().split(',').collect();
    let column = |name| columns.iter().position(|column| *column == name).unwrap();
    let (asked, answered) = (column("date_jo_question"), column("date_jo_reponse"));
    let questions: HashMap<_, _> =
        all().into_iter().map(|question| (question.uid.clone(), question)).collect();

    let mut checked = 0;
    for line in oracle.lines().skip(1) {
        let fields = fields(line);
        let Some(question) = questions.get(&fields[0]) else {
            continue;
        };
        assert_eq!(question.answered_on(), fields[answered].parse().ok(), "{line}");
        // The oracle gives no date for a question to the Government: its text is not printed apart.
        if question.identity.kind != QuestionType::Qg {
            assert_eq!(question.published_on, fields[asked].parse().ok(), "{line}");
        }
        checked += 1;
    }
    assert_eq!(checked, 396);
}

/// Splits a line of CSV, whose fields may be quoted.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
    }
    fields
}

#[test]
fn a_written_question_is_read_whole() {
    let question = find("QANR5L17QE8115");
    assert_eq!(question.identity.to_string(), "AN-17-QE-8115");
    assert_eq!(question.subject(), "Relocalisation de la production pharmaceutique et sécurité sanitaire");
    assert_eq!(question.rubric, None);
    assert_eq!(question.author.group.as_deref(), Some("SOC"));
    assert_eq!(
        question.attributed_ministry().unwrap().label,
        "Ministère du travail, de la santé, des solidarités et des familles"
    );
    assert_eq!(question.attributions[0].cause.as_deref(), Some("JO_QUESTION"));
    assert_eq!(question.published_on, day(2025, 7, 1));
    assert_eq!(question.answered_on(), day(2025, 12, 23));
    let closing = question.closing.as_ref().unwrap();
    assert_eq!(closing.kind, ClosingKind::Answered);
    assert_eq!(closing.code.as_deref(), Some("REP_PUB"));
    assert!(question.question_text().starts_with("M. Jérôme Guedj attire l'attention"));
    assert!(question.answer_text().starts_with("Le renforcement de notre souveraineté"));
    assert_eq!((&question.signalled, question.renewed_on.len()), (&None, 0));
}

#[test]
fn a_question_to_the_government_is_in_its_answer() {
    let question = find("QANR5L17QG890");
    assert_eq!(question.question_html, None);
    assert_eq!(question.question_text(), "");
    assert_eq!(question.subject(), "Suspension de la réforme des retraites");
    assert_eq!(question.published_on, day(2025, 10, 22));
    assert_eq!(find("QANR5L15QG1125").subject(), "AFFAIRE BENALLA");
    assert!(question.answer_text().contains("allez-vous, oui ou non, prendre une lettre rectificative ?"));
}

#[test]
fn a_question_without_a_title_is_called_by_its_beginning() {
    let question = find("QANR5L15QOSD296");
    assert_eq!(question.title, None);
    assert_eq!(
        question.subject(),
        "Mme Marine Le Pen attire l'attention de Mme la ministre des armées sur les soldats des armées françaises \
         blessés en…"
    );
}

#[test]
fn no_two_questions_have_one_digest() {
    let mut digests: Vec<_> = all().into_iter().map(|question| question.digest).collect();
    assert!(digests.iter().all(|digest| digest.len() == 64));
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 396);
}
