//! Whatever comes in, the reader answers.

use std::fs;
use std::sync::LazyLock;

use pli_domain::published::PublishedQuestion;
use pli_feeds::assemblee;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};
use tempfile::TempDir;

use crate::common::{ARCHIVES, fixture, question, read_bytes, read_path, real};

/// A real file, and the real questions of an archive: read once for all the cases.
static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| real("QANR5L17QE8115").to_string().into_bytes());
static QUESTIONS: LazyLock<Vec<PublishedQuestion>> =
    LazyLock::new(|| read_path(&fixture(ARCHIVES[2])).into_iter().flatten().collect());

/// The keys of the tree, so that arbitrary values reach the places where they matter.
const KEYS: [&str; 30] = [
    "question",
    "questionsEcrites",
    "uid",
    "identifiant",
    "numero",
    "legislature",
    "type",
    "indexationAN",
    "rubrique",
    "analyses",
    "analyse",
    "auteur",
    "groupe",
    "abrege",
    "minInt",
    "minAttribs",
    "minAttrib",
    "infoJO",
    "dateJO",
    "denomination",
    "textesQuestion",
    "texteQuestion",
    "texte",
    "erratum",
    "textesReponse",
    "texteReponse",
    "cloture",
    "libelleCloture",
    "renouvellements",
    "@xsi:nil",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "QANR5L1[0-9]Q(E|G|OSD)[0-9]{1,4}|[0-9]{4}-[01][0-9]-[0-3][0-9]".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let object = prop::collection::vec((prop::sample::select(&KEYS[..]), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|members| {
                Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), json in any::<bool>()) {
        let opening: &[u8] = if json { b"{\"question\":" } else { b"" };
        read_bytes(&[opening, &bytes].concat());
    }

    #[test]
    fn any_value(value in any_json()) {
        read_bytes(value.to_string().as_bytes());
    }

    #[test]
    fn any_value_under_a_question(value in any_json()) {
        let more = if let Value::Object(more) = value { more } else { Map::new() };
        let items = read_bytes(question(Value::Object(more)).to_string().as_bytes());
        prop_assert_eq!(items.len(), 1);
        if let Some(Ok(question)) = items.first() {
            prop_assert_eq!(question.digest.len(), 64);
            let _ = (question.subject(), question.answer_text(), question.answered_on());
        }
    }

    #[test]
    fn any_damage_to_a_real_file(at in any::<Index>(), byte in any::<u8>(), cut in any::<Option<Index>>()) {
        let mut bytes = FILE.clone();
        *at.get_mut(&mut bytes) = byte;
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_bytes(&bytes);
    }

    /// Damage may lose a question; it never changes one.
    #[test]
    fn any_damage_to_a_real_archive(at in any::<Index>(), byte in any::<u8>()) {
        let mut bytes = fs::read(fixture(ARCHIVES[2]))?;
        *at.get_mut(&mut bytes) = byte;
        let folder = TempDir::new()?;
        let path = folder.path().join("archive.zip");
        fs::write(&path, bytes)?;
        if let Ok(source) = assemblee::open(&path) {
            prop_assert!(source.flatten().all(|question| QUESTIONS.contains(&question)));
        }
    }
}
