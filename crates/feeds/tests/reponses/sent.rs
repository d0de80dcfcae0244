//! The request by which answers are sent.

use std::path::Path;

use pli_domain::identity::{House, QuestionType};
use pli_feeds::assemblee;
use pli_feeds::reponses::{
    Answer, Minister, QuestionRef, WriteError, ask_questions, check_markup, markup, write,
};
use proptest::prelude::*;
use tempfile::NamedTempFile;

use crate::xmllint::faults;

fn minister() -> Minister {
    Minister {
        id: 12,
        title: "Garde des sceaux, ministre de la justice".to_owned(),
        ministry: "Justice & \u{b}<libertés>".to_owned(),
    }
}

fn question(number: u32) -> QuestionRef {
    QuestionRef { house: House::Assembly, legislature: 17, kind: QuestionType::Qe, number }
}

fn written(answers: &[Answer]) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    write(&minister(), answers, &file).unwrap();
    file
}

#[test]
fn a_common_answer_names_all_its_questions() {
    let senate = QuestionRef { house: House::Senate, number: 5028, ..question(1) };
    let text = "Madame la députée,\n\nLes mesures :\n- a < b ]]> c\n- la fin".to_owned();
    let file = written(&[
        Answer { questions: vec![question(16458), senate], text },
        Answer { questions: vec![question(3038)], text: "Non.".to_owned() },
    ]);
    assert_eq!(faults("WSreponse.xsd", file.path()), "");
    let xml = std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(xml.matches("<r:id_questions>").count(), 3);
    assert!(
        xml.contains("<c:source>SENAT</c:source>") && xml.contains("<li>a &lt; b ]]&gt; c</li>"),
        "{xml}"
    );
    assert!(xml.contains("<![CDATA[<p>Madame la députée,</p>"), "{xml}");
}

#[test]
fn nothing_to_send_is_no_request() {
    let nobody = [Answer { questions: Vec::new(), text: "Oui.".to_owned() }];
    assert!(matches!(write(&minister(), &[], Vec::new()), Err(WriteError::NoAnswer)));
    assert!(matches!(write(&minister(), &nobody, Vec::new()), Err(WriteError::NoQuestion)));
}

#[test]
fn what_follows_a_jeton_is_asked_for() {
    let file = NamedTempFile::new().unwrap();
    ask_questions("2026<07>", &file).unwrap();
    assert_eq!(faults("WSquestion.xsd", file.path()), "");
}

#[test]
fn every_real_answer_can_be_sent() {
    let archive =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/assemblee/Questions_ecrites_extrait.json.zip");
    let questions = assemblee::open(&archive).unwrap().map(Result::unwrap);
    let answers: Vec<_> = questions
        .filter(|record| !record.answer_text().is_empty())
        .map(|record| {
            let on = record.published_on.unwrap();
            Answer { questions: vec![QuestionRef::of(&record.identity, on)], text: record.answer_text() }
        })
        .collect();
    assert_eq!(answers.len(), 215);
    assert_eq!(faults("WSreponse.xsd", written(&answers).path()), "");
}

/// The validator must be able to say no, or what it says of the others is worth nothing.
#[test]
fn the_validator_refuses_what_is_out_of_order() {
    let file = written(&[Answer { questions: vec![question(1)], text: "Oui.".to_owned() }]);
    let xml = std::fs::read_to_string(file.path()).unwrap();
    for (from, to) in [
        ("<c:type>QE</c:type>", "<c:type>QX</c:type>"),
        ("<c:legislature>17</c:legislature>", ""),
        ("id=\"12\"", "id=\"douze\""),
        ("<c:intitule_min>", "<r:intitule_min>"),
        ("r:texte_reponse", "r:text_reponse"),
    ] {
        let broken = NamedTempFile::new().unwrap();
        std::fs::write(broken.path(), xml.replace(from, to)).unwrap();
        assert_ne!(faults("WSreponse.xsd", broken.path()), "", "{from}");
    }
}

proptest! {
    #[test]
    fn whatever_is_written_holds_only_the_tags_that_are_taken(text in "(?s).{0,200}") {
        let html = markup(&text);
        prop_assert_eq!(check_markup(&html), Ok(()));
        let whole = |letter: &char| !letter.is_whitespace() && !"-–—•*".contains(*letter);
        let plain = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        for letter in text.chars().filter(whole).filter(|letter| *letter > '\u{9f}' && *letter < '\u{fffe}') {
            prop_assert!(plain.contains(letter), "{letter:?} is lost");
        }
    }
}

/// One file of many texts: the validator is run once.
#[test]
fn a_text_of_any_characters_makes_a_valid_request() {
    let strange = [
        "]]>",
        "<![CDATA[",
        "&#0;",
        "\u{0}\u{1}\u{1b}",
        "\u{fffe}\u{ffff}",
        "a\r\nb\rc",
        "<p>",
        "𝔘\u{10ffff}",
        "\u{85}\u{2028}",
    ];
    let mut answers = Vec::new();
    for first in strange {
        for second in strange {
            let text = format!("x{first}{second}");
            answers.push(Answer { questions: vec![question(7)], text });
        }
    }
    assert_eq!(faults("WSreponse.xsd", written(&answers).path()), "");
}
