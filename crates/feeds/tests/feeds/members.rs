//! The readers of the members, held to real actors and to the whole directory.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use pli_domain::identity::House;
use pli_domain::member::PublishedMember;
use pli_feeds::{Rejected, members};
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use crate::common::fixture_of;

type Item = Result<PublishedMember, Rejected>;

fn read_path(path: &Path) -> Vec<Item> {
    members::open(path).unwrap().collect()
}

fn read(name: &str, bytes: &[u8]) -> Vec<Item> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    members::open(&path).map(Iterator::collect).unwrap_or_default()
}

fn all(name: &str) -> Vec<PublishedMember> {
    read_path(&fixture_of("members", name)).into_iter().map(Result::unwrap).collect()
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

#[test]
fn every_real_actor_is_read_with_seat_and_group() {
    let actors = all("AMO_extrait.json.zip");
    assert_eq!(actors.len(), 58);
    let by_reference: HashMap<_, _> =
        actors.iter().map(|actor| (actor.reference.as_deref().unwrap(), actor)).collect();
    let one = by_reference["PA795124"];
    assert_eq!((one.civility.as_deref(), one.name().as_str()), (Some("M."), "Didier Padey"));
    assert_eq!(one.born_on, day("1965-11-09"));
    let seat = &one.mandates[0];
    assert_eq!((seat.house, seat.legislature), (House::Assembly, Some(17)));
    assert_eq!(
        (seat.constituency.as_deref(), seat.from, seat.to),
        (Some("Savoie (1)"), day("2024-07-07"), None)
    );
    assert_eq!(one.groups.len(), 1);
    assert!(!one.groups[0].short.is_empty() && one.groups[0].name.len() > one.groups[0].short.len());
    assert!(actors.iter().all(|actor| actor.born_on.is_some() && !actor.family_name.is_empty()));
}

#[test]
fn every_line_of_the_directory_is_read() {
    let deputies = all("elus-deputes-dep.csv");
    assert_eq!(deputies.len(), 574);
    let first = &deputies[0];
    assert_eq!((first.name().as_str(), first.civility.as_deref()), ("Xavier Breton", Some("M.")));
    assert_eq!(first.born_on, day("1962-11-25"));
    assert_eq!(first.mandates[0].constituency.as_deref(), Some("Ain (1)"));
    let senators = all("elus-senateurs-sen.csv");
    assert_eq!(senators.len(), 347);
    assert_eq!(senators[0].name(), "Florence Blatrix Contat");
    assert!(
        senators
            .iter()
            .all(|senator| senator.mandates[0].house == House::Senate && senator.born_on.is_some())
    );
}

/// Both sources speak of the same deputies; whom only one knows stays whom only one knows.
#[test]
fn the_two_sources_agree_on_who_is_who() {
    let directory = all("elus-deputes-dep.csv");
    let actors = all("AMO_extrait.json.zip");
    let matched =
        actors.iter().filter(|actor| directory.iter().filter(|line| line.is(actor)).count() == 1).count();
    assert!(matched > 40, "{matched}");
}

#[test]
fn what_is_no_member_is_refused_with_a_reason() {
    let code = |value: serde_json::Value| {
        read("une.json", value.to_string().as_bytes())[0].as_ref().unwrap_err().reason.code()
    };
    assert_eq!(code(json!({ "question": {} })), "not_a_member");
    assert_eq!(code(json!({ "acteur": 3 })), "unexpected_shape");
    assert_eq!(code(json!({ "acteur": {} })), "missing_identifier");
    assert_eq!(code(json!({ "acteur": { "uid": "PA1" } })), "not_a_member");
    assert_eq!(code(json!({ "organe": { "uid": { "a": 1 } } })), "unexpected_shape");
    assert_eq!(read("a.json", b"{")[0].as_ref().unwrap_err().reason.code(), "not_json");
    assert_eq!(
        read("a.csv", b"Nom;Date de naissance\n")[0].as_ref().unwrap_err().reason.code(),
        "missing_column"
    );
    let header = "Nom de l'élu;Prénom de l'élu;Date de naissance\n";
    let codes: Vec<_> = read("a.csv", format!("{header}X;Y;hier\n;Y;\nX;Y;01/02/1960\n").as_bytes())
        .iter()
        .map(|item| item.as_ref().map_or_else(|r| r.reason.code(), |_| "ok"))
        .collect();
    assert_eq!(codes, ["unreadable_date", "broken_line", "ok"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read("a.csv", &[b"Nom de l'\xe9lu;Pr\xe9nom de l'\xe9lu;Date de naissance\n", &bytes[..]].concat());
        read("a.json", &[b"{\"acteur\":", &bytes[..]].concat());
    }
}
