//! Messages that are none, and parts that are wrong.

use pli_feeds::reponses::{ReadError, Received, open, read};
use proptest::prelude::*;

use crate::xmllint::fixture;

const SPACE: &str = "http://www.dila.premier-ministre.gouv.fr/solrep/reponses/WSquestion";

fn changes(parts: &str) -> String {
    format!(
        "<x:chercherChangementDEtatQuestionsResponse xmlns:x=\"{SPACE}\"><x:jeton_changements_etat>1</x:jeton_changements_etat>\
         <x:dernier_renvoi>1</x:dernier_renvoi><x:statut>OK</x:statut>{parts}</x:chercherChangementDEtatQuestionsResponse>"
    )
}

fn change(number: &str, kind: &str, state: &str, on: &str) -> String {
    format!(
        "<x:changements_etat><x:id_question><x:numero_question>{number}</x:numero_question><x:type>{kind}</x:type>\
         <x:source>AN</x:source><x:legislature>17</x:legislature></x:id_question><x:type_modif>{state}</x:type_modif>\
         <x:date_modif>{on}</x:date_modif></x:changements_etat>"
    )
}

#[test]
fn what_is_no_message_is_refused_with_its_reason() {
    let question = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]>";
    let deep = format!("<x xmlns=\"{SPACE}\">{}", "<x>".repeat(40));
    let many = format!("<x xmlns=\"{SPACE}\">{}</x>", "<x/>".repeat(400_000));
    for (xml, expected) in [
        ("", "NotXml"),
        ("{}", "NotXml"),
        (question, "DocumentType"),
        ("<chercherQuestionsResponse/>", "NotAMessage"),
        ("<a xmlns=\"http://www.w3.org/1999/xhtml\"/>", "NotAMessage"),
        (&format!("<x xmlns=\"{SPACE}\"/>"), "NotAMessage"),
        (&format!("<x xmlns=\"{SPACE}\">"), "NotXml"),
        (&format!("<x xmlns=\"{SPACE}\">&b;</x>"), "NotXml"),
        (&format!("<x xmlns=\"{SPACE}\"></y>"), "NotXml"),
        (&format!("<chercherErrataQuestionsResponse xmlns=\"{SPACE}\"/>"), "NoToken"),
        (&deep, "TooMuch"),
        (&many, "TooMuch"),
        (&changes("").replace("OK", "KO"), "Refused"),
    ] {
        let error = read(xml).unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{error:?} for {}", xml.get(..80).unwrap_or(xml));
    }
    assert!(matches!(open("nulle-part.xml".as_ref()), Err(ReadError::Unreadable { .. })));
    let latin = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(latin.path(), b"<a>\xe9</a>").unwrap();
    assert!(matches!(open(latin.path()), Err(ReadError::NotUtf8)));
}

#[test]
fn a_part_that_is_wrong_is_told_and_stops_no_other() {
    let page = changes(
        &[
            change("7", "QE", "SIGNALE", "2026-11-02"),
            change("0", "QE", "SIGNALE", "2026-11-02"),
            change("sept", "QE", "SIGNALE", "2026-11-02"),
            change("7", "QX", "SIGNALE", "2026-11-02"),
            change("7", "QE", "PERDU", "2026-11-02"),
            change("7", "QE", "SIGNALE", "2026-13-02"),
            change("7", "QE", "SIGNALE", "9999-12-31"),
            change("7", "QE", "SIGNALE", ""),
            "<x:changements_etat/>".to_owned(),
        ]
        .concat(),
    );
    let Received::Changes(page) = read(&page).unwrap() else { panic!("no changes") };
    let told: Vec<_> = page
        .items
        .iter()
        .map(|item| {
            item.as_ref().map_or_else(|rejected| (rejected.source_name.as_str(), rejected.code), |_| ("", ""))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("", ""),
            ("changements_etat n° 2", "unreadable_element"),
            ("changements_etat n° 3", "unreadable_element"),
            ("changements_etat n° 4", "unreadable_element"),
            ("AN-L17-QE-7", "unreadable_element"),
            ("AN-L17-QE-7", "unreadable_element"),
            ("AN-L17-QE-7", "unreadable_element"),
            ("AN-L17-QE-7", "missing_element"),
            ("changements_etat n° 9", "missing_element"),
        ]
    );
}

proptest! {
    /// Damage of any kind is an error or a message, never a panic.
    #[test]
    fn a_damaged_page_is_read_or_refused(at in any::<prop::sample::Index>(), length in 0_usize..40, put in "[<>&\"'/!\\[\\]a-z;#]{0,6}") {
        let page = std::fs::read_to_string(fixture("questions.xml")).unwrap();
        let letters: Vec<_> = page.chars().collect();
        let from = at.index(letters.len());
        let damaged: String = letters.iter().take(from).chain(put.chars().collect::<Vec<_>>().iter())
            .chain(letters.iter().skip(from + length)).collect();
        let _read_or_refused = read(&damaged);
    }
}
