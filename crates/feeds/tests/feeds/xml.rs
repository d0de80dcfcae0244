//! The Assemblée's XML, the former one and the one of now, held to the JSON of the same questions.

use std::fs;

use chrono::NaiveDate;
use pli_domain::published::{ClosingKind, PublishedQuestion};
use pli_feeds::{Rejected, assemblee};
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{fixture, read_path, read_value, real, zipped};

const FORMER: &str = "q14_14-47351QE.xml";

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn read(bytes: &[u8]) -> Vec<Result<PublishedQuestion, Rejected>> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("une.xml");
    fs::write(&path, bytes).unwrap();
    assemblee::open(&path).map(Iterator::collect).unwrap_or_default()
}

#[test]
fn a_question_in_the_former_xml_is_read_whole() {
    let question = read_path(&fixture(FORMER)).remove(0).unwrap();
    assert_eq!(question.identity.to_string(), "AN-14-QE-47351");
    assert_eq!(question.uid, "QANR5L14QE47351");
    assert_eq!(question.subject(), "équipements militaires. vieillissement. bilan");
    assert_eq!(question.rubric.as_deref(), Some("défense"));
    assert_eq!(question.terms, ["équipements", "équipements militaires", "vieillissement", "bilan"]);
    let author = &question.author;
    assert_eq!(author.reference.as_deref(), Some("PA923"));
    assert_eq!(author.civility.as_deref(), Some("M."));
    assert_eq!(author.name().as_deref(), Some("François Cornut-Gentille"));
    assert_eq!(author.group.as_deref(), Some("LES-REP"));
    assert_eq!(author.constituency.as_deref(), Some("Haute-Marne (2)"));
    assert_eq!((question.published_on, question.page.as_deref()), (day("2014-01-07"), Some("18")));
    assert_eq!(question.asked_ministry.as_ref().unwrap().reference.as_deref(), Some("PO653280"));
    let given: Vec<_> = question.attributions.iter().map(|to| (to.on, to.cause.as_deref())).collect();
    assert_eq!(given, [(day("2014-01-07"), Some("JO_QUESTION")), (day("2014-04-03"), Some("JO_LOI_DECRET"))]);
    assert_eq!(question.attributed_ministry().unwrap().reference.as_deref(), Some("PO700737"));
    assert_eq!(question.renewed_on, [day("2014-04-15").unwrap()]);
    assert_eq!(question.signalled, None);
    let closing = question.closing.as_ref().unwrap();
    assert_eq!((closing.kind, closing.on), (ClosingKind::Answered, day("2014-05-13")));
    assert!(question.question_text().starts_with("M. François Cornut-Gentille interroge"));
    assert!(question.question_errata.is_empty() && question.answers.len() == 1);
    let answer = question.answers[0].html.as_deref().unwrap();
    assert!(answer.contains("<th rowspan=\"2\">TYPE DE MATÉRIEL</th>"), "{answer}");
    assert!(!answer.contains("align") && !answer.contains("DEBTAB"), "{answer}");
    assert!(question.answer_text().contains("AMX30B2 DT"));
}

/// The XML of now is the JSON's own tree.
#[test]
fn the_xml_of_now_says_what_the_json_says() {
    let json = real("QANR5L17QE8115");
    let expected = read_value(&json).unwrap();
    let inner = written("question", &json["question"]);
    let xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{inner}");
    assert_eq!(read(xml.as_bytes())[0].as_ref().unwrap(), &expected);

    // Legislature XIV: one file, no namespace.
    let all = format!("<questionsEcrites>{inner}{inner}</questionsEcrites>");
    let items = read(all.as_bytes());
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item.as_ref() == Ok(&expected)));

    let folder = TempDir::new().unwrap();
    let zip = zipped(&folder, &[("xml/a.xml", xml.as_bytes()), ("xml/b.xsd", b"<x/>")]);
    assert_eq!(read_path(&zip), [Ok(expected)]);
}

/// Writes a tree as the machine that made the JSON read it.
fn written(name: &str, value: &Value) -> String {
    match value {
        Value::Array(list) => list.iter().map(|value| written(name, value)).collect(),
        Value::Null => format!("<{name}/>"),
        Value::Object(members) => {
            let (attributes, elements): (Vec<_>, Vec<_>) =
                members.iter().partition(|(key, _)| key.starts_with('@'));
            let attribute = |(key, value): &(&String, &Value)| format!(" {}={value}", &key[1..]);
            let attributes: String = attributes.iter().map(attribute).collect();
            let elements: String = elements.into_iter().map(|(key, value)| written(key, value)).collect();
            format!("<{name}{attributes}>{elements}</{name}>")
        }
        text => {
            let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            format!("<{name}>{}</{name}>", text.replace('&', "&amp;").replace('<', "&lt;"))
        }
    }
}

#[test]
fn what_is_no_question_is_refused_with_a_reason() {
    for (xml, code) in [
        ("<QUESTION/>", "not_a_question"),
        ("<question/>", "not_a_question"),
        ("<acteur/>", "not_a_question"),
        ("<questionsEcrites/>", "not_a_question"),
        ("<QUESTION TYPE='QE'><LEGISLATURE>14</LEGISLATURE></QUESTION>", "missing_identifier"),
        (
            "<QUESTION TYPE='QX'><LEGISLATURE>14</LEGISLATURE><DEPOT NUMERO='1'/></QUESTION>",
            "unknown_identifier",
        ),
        (
            "<QUESTION TYPE='QE'><LEGISLATURE>14</LEGISLATURE><DEPOT NUMERO='1'><DATE_JO>hier</DATE_JO></DEPOT></QUESTION>",
            "unreadable_date",
        ),
        ("<!DOCTYPE x SYSTEM 'file:///etc/passwd'><QUESTION/>", "document_type"),
        ("<QUESTION><DEPOT></QUESTION>", "not_xml"),
    ] {
        let items = read(xml.as_bytes());
        assert_eq!(items.len(), 1, "{xml}");
        assert_eq!(items[0].as_ref().unwrap_err().reason.code(), code, "{xml}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_damage_to_a_real_file(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<Option<prop::sample::Index>>()) {
        let mut bytes = fs::read(fixture(FORMER))?;
        *at.get_mut(&mut bytes) = byte;
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        prop_assert!(read(&bytes).len() <= 1);
    }
}
