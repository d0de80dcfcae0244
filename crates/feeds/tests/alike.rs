//! How well look-alikes are found, measured on real questions: two that got one answer are look-alikes.
//!
//! The label is the answer's text and the date of its Journal officiel (never its page: that is the first page of the answers).
//! An answer that holds the other whole counts as the same: a common answer is sometimes printed with a paragraph more.
//! `PLI_TEST_QUESTIONS` names a larger archive; its figures are printed, and nothing is asserted of them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that reads wrong files or reaches past the end fails, as it should"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pli_domain::alike::Corpus;
use pli_domain::published::PublishedQuestion;
use pli_feeds::assemblee;

/// Questions this far apart are not proposed to each other.
const WINDOW: i64 = 92;

fn questions(path: &Path) -> Vec<PublishedQuestion> {
    let all = assemblee::open(path).unwrap().filter_map(Result::ok);
    all.filter(|record| !record.question_text().is_empty() && record.published_on.is_some()).collect()
}

/// Runs of five words.
fn runs(text: &str) -> BTreeSet<Vec<String>> {
    let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
    words.windows(5).map(<[String]>::to_vec).collect()
}

/// Whether two answered questions got one answer.
fn one_answer(one: &PublishedQuestion, other: &PublishedQuestion) -> bool {
    if one.answered_on() != other.answered_on() {
        return false;
    }
    let (one, other) = (runs(&one.answer_text()), runs(&other.answer_text()));
    let shorter = one.len().min(other.len());
    shorter > 0 && one.intersection(&other).count() * 10 >= shorter * 9
}

fn in_window(one: &PublishedQuestion, other: &PublishedQuestion) -> bool {
    let days = (one.published_on.unwrap() - other.published_on.unwrap()).num_days().abs();
    days <= WINDOW
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Measure {
    /// Pairs of questions that got one answer.
    labelled: usize,
    /// Of these, how many are proposed.
    found: usize,
    /// Of these, how many are each other's first proposal.
    first: usize,
    /// Pairs that are proposed, of questions that were both answered.
    proposed: usize,
    /// Of the labelled, how many have the same text but for spaces and case: the exact digest's catch.
    exact: usize,
}

fn measure(questions: &[PublishedQuestion]) -> Measure {
    let texts: Vec<_> = questions.iter().map(PublishedQuestion::question_text).collect();
    let corpus = Corpus::new(texts.iter().map(String::as_str));
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let proposals: Vec<Vec<usize>> = (0..questions.len())
        .map(|one| {
            let near = corpus.nearest(one).into_iter().map(|(other, _)| other);
            near.filter(|other| in_window(&questions[one], &questions[*other])).take(5).collect()
        })
        .collect();
    let shown = |one: usize, other: usize| proposals[one].contains(&other) || proposals[other].contains(&one);
    let mut seen = Measure::default();
    for one in 0..questions.len() {
        for other in one + 1..questions.len() {
            let (left, right) = (&questions[one], &questions[other]);
            if left.answers.is_empty() || right.answers.is_empty() {
                continue;
            }
            let same = one_answer(left, right);
            let proposed = shown(one, other);
            let mutual = proposals[one].first() == Some(&other) && proposals[other].first() == Some(&one);
            seen.labelled += usize::from(same);
            seen.found += usize::from(same && proposed);
            seen.first += usize::from(same && mutual);
            seen.proposed += usize::from(proposed);
            seen.exact += usize::from(same && folded(&texts[one]) == folded(&texts[other]));
        }
    }
    seen
}

/// The real files that hold answers, of both houses; the Sénat's hold none.
const ANSWERED: [&str; 4] = [
    "Questions_ecrites_extrait.json.zip",
    "Questions_gouvernement_extrait.json.zip",
    "Questions_orales_sans_debat_extrait.json.zip",
    "q14_14-47351QE.xml",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/assemblee").join(name)
}

/// The label is as large as the data: of all real answers of one day, none but these share even three runs in ten.
#[test]
fn the_real_files_hold_two_common_answers_and_none_that_is_nearly_one() {
    let read = |name: &&str| assemblee::open(&fixture(name)).unwrap().filter_map(Result::ok);
    let answered: Vec<_> =
        ANSWERED.iter().flat_map(read).filter(|record| !record.answer_text().is_empty()).collect();
    let texts: Vec<_> = answered.iter().map(|record| runs(&record.answer_text())).collect();
    let (mut of_one_day, mut common) = (0_usize, Vec::new());
    for one in 0..answered.len() {
        for other in one + 1..answered.len() {
            if answered[one].answered_on() != answered[other].answered_on() {
                continue;
            }
            of_one_day += 1;
            let shorter = texts[one].len().min(texts[other].len());
            if texts[one].intersection(&texts[other]).count() * 10 >= shorter * 3 {
                common.push([&answered[one], &answered[other]].map(|record| record.identity.to_string()));
            }
        }
    }
    println!("{} answers, {of_one_day} pairs of one day: {common:?}", answered.len());
    for pair in &mut common {
        pair.sort_unstable();
    }
    common.sort_unstable();
    let known = [["AN-15-QE-38476", "AN-15-QE-38640"], ["AN-15-QE-41830", "AN-15-QE-41831"]];
    assert_eq!(common, known);
}

#[test]
fn questions_that_got_one_answer_are_proposed_to_each_other() {
    let questions = questions(&fixture("Questions_ecrites_extrait.json.zip"));
    let seen = measure(&questions);
    println!("{} questions: {seen:?}", questions.len());
    // The recorded figures; see the decision on look-alikes. They may get better, not worse.
    assert_eq!((seen.labelled, seen.exact), (2, 0), "the label and the baseline");
    assert!(seen.found >= 2 && seen.first >= 1 && seen.proposed <= 17, "{seen:?}");
}

#[test]
fn a_larger_archive_is_measured_when_there_is_one() {
    let Some(path) = std::env::var_os("PLI_TEST_QUESTIONS").map(PathBuf::from) else { return };
    let questions = questions(&path);
    println!("{} questions: {:?}", questions.len(), measure(&questions));
}
