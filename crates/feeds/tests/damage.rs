//! Each real file, damaged in every way that chance finds: no reader falls over, and nothing unsafe comes out.
//!
//! It runs a little with the other tests; `PROPTEST_CASES=100000 cargo test -p pli-feeds --test damage` runs it long.
#![expect(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use std::fs;
use std::path::{Path, PathBuf};

use pli_domain::published::PublishedQuestion;
use pli_feeds::{assemblee, members, reponses, senat};
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

/// What makes a careless reader fall over, or a page run what it shows.
const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:alert(1)\">",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "&a;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "\"",
    "{\"a\":",
    "[[[[[[[[",
    "99999999999999999999",
    "9999-99-99",
    "\0",
    "\u{feff}",
    "\r\n\t;,",
];

/// One thing that happens to a file.
#[derive(Clone, Debug)]
enum Damage {
    Byte(Index, u8),
    Hostile(Index, &'static str),
    Lost(Index, Index),
    Repeated(Index, Index, usize),
    Cut(Index),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Self::Byte(at, byte)),
            (any::<Index>(), prop::sample::select(&HOSTILE[..]))
                .prop_map(|(at, what)| Self::Hostile(at, what)),
            (any::<Index>(), any::<Index>()).prop_map(|(from, length)| Self::Lost(from, length)),
            (any::<Index>(), any::<Index>(), 2_usize..60)
                .prop_map(|(from, length, times)| Self::Repeated(from, length, times)),
            any::<Index>().prop_map(Self::Cut),
        ]
    }

    fn happen(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        // A part of a few hundred bytes: an element, a row, a member.
        let part = |from: &Index, width: &Index| {
            let from = from.index(length);
            from..length.min(from + width.index(400))
        };
        match self {
            Self::Byte(at, byte) => *at.get_mut(bytes) = *byte,
            Self::Hostile(at, what) => {
                let at = at.index(length);
                bytes.splice(at..at, what.bytes());
            }
            Self::Lost(from, width) => drop(bytes.drain(part(from, width))),
            Self::Repeated(from, width, times) => {
                let part = part(from, width);
                let again = bytes.get(part.clone()).unwrap_or_default().repeat(*times);
                bytes.splice(part, again);
            }
            Self::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// A damaged copy of a real file, under its own name.
fn damaged(name: &str, damages: &[Damage]) -> (TempDir, PathBuf) {
    let mut bytes = fs::read(fixture(name)).unwrap();
    for damage in damages {
        damage.happen(&mut bytes);
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(Path::new(name).file_name().unwrap());
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Nothing that a browser would run is in a text that Pli keeps.
fn is_safe(question: &PublishedQuestion) -> Result<(), TestCaseError> {
    let texts =
        question.question_errata.iter().chain(&question.answers).filter_map(|text| text.html.as_ref());
    for html in texts.chain(&question.question_html) {
        for run in ["<script", "<img", "<iframe", "javascript:", "onerror"] {
            // As a text, escaped, it does no harm.
            let mut tags = html.split('<').skip(1).filter_map(|rest| rest.split('>').next());
            let live = tags.any(|tag| format!("<{tag}").contains(run));
            prop_assert!(!live, "{run} in {html}");
        }
    }
    Ok(())
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    prop::collection::vec(Damage::any(), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn the_assemblees_former_xml(damages in damages()) {
        let (_folder, path) = damaged("assemblee/q14_14-47351QE.xml", &damages);
        for question in assemblee::open(&path).into_iter().flatten().flatten() {
            is_safe(&question)?;
        }
    }

    #[test]
    fn the_senats_files(
        name in prop::sample::select(&["senat/question_search_result.html", "senat/questions_depuis_un_an_echantillon.csv"][..]),
        damages in damages(),
    ) {
        let (_folder, path) = damaged(name, &damages);
        for question in senat::open(&path).into_iter().flatten().flatten() {
            is_safe(&question)?;
        }
    }

    #[test]
    fn the_members(
        name in prop::sample::select(&["members/AMO_extrait.json.zip", "members/elus-deputes-dep.csv"][..]),
        damages in damages(),
    ) {
        let (_folder, path) = damaged(name, &damages);
        for member in members::open(&path).into_iter().flatten().flatten() {
            prop_assert!(!member.family_name.is_empty());
        }
    }

    #[test]
    fn the_messages_of_reponses(
        name in prop::sample::select(&["attributions", "changements", "errata", "questions", "resultats"][..]),
        damages in damages(),
    ) {
        let (_folder, path) = damaged(&format!("reponses/{name}.xml"), &damages);
        if let Ok(received) = reponses::open(&path) {
            let all = format!("{received:?}");
            prop_assert!(!all.contains("<script"), "{all}");
        }
    }
}
