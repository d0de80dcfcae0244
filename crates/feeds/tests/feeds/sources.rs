//! Zips, folders and files, whole and damaged.

use std::fs;
use std::io::Write;

use pli_feeds::{OpenError, assemblee};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{ARCHIVES, fixture, members, question, read_bytes, read_path, real, zipped};

fn numbered(number: u32) -> Value {
    question(json!({ "uid": format!("QANR5L14QE{number}") }))
}

#[test]
fn a_zip_a_folder_and_a_file_say_the_same() {
    let archive = ARCHIVES[2];
    let folder = TempDir::new().unwrap();
    for (name, bytes) in members(archive) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(folder.path().join("LISEZMOI.txt"), "Licence Ouverte").unwrap();
    let from_zip = read_path(&fixture(archive));
    assert_eq!(assemblee::open(folder.path()).unwrap().total(), Some(6));
    assert_eq!(read_path(folder.path()), from_zip);

    let mut alone: Vec<_> = members(archive).iter().flat_map(|(_, bytes)| read_bytes(bytes)).collect();
    alone.sort_by_key(|item| item.as_ref().unwrap().uid.clone());
    assert_eq!(alone, from_zip);
}

/// Legislature XIV is published as one file.
#[test]
fn a_collection_is_read_question_by_question() {
    let uids = ["QANR5L17QE8115", "QANR5L15QE1056"];
    let alone = uids.map(|uid| crate::common::read_value(&real(uid)));
    let questions: Vec<_> = uids.iter().map(|uid| real(uid)["question"].take()).collect();
    let all = json!({ "@xmlns": "x", "questionsEcrites": { "@xmlns:xsi": "y", "question": questions } })
        .to_string();
    assert_eq!(read_bytes(all.as_bytes()), alone);

    let folder = TempDir::new().unwrap();
    let zip = zipped(&folder, &[("Questions_ecrites_XIV.json", all.as_bytes())]);
    assert_eq!(assemblee::open(&zip).unwrap().total(), None);
    assert_eq!(read_path(&zip), alone);

    let one = json!({ "questionsEcrites": { "question": questions[0] } }).to_string();
    assert_eq!(read_bytes(one.as_bytes()), alone[..1]);
}

#[test]
fn a_broken_question_does_not_hide_the_others_of_its_collection() {
    let questions = [json!({ "uid": "QANR5L14QE1" }), json!(3), json!({}), json!({ "uid": "QANR5L14QE4" })];
    let items = read_bytes(json!({ "questionsEcrites": { "question": questions } }).to_string().as_bytes());
    let codes: Vec<_> =
        items.iter().map(|item| item.as_ref().map_or_else(|r| r.reason.code(), |q| &q.uid)).collect();
    assert_eq!(codes, ["QANR5L14QE1", "not_a_question", "missing_identifier", "QANR5L14QE4"]);

    let cut = format!("{{\"questionsEcrites\": {{\"question\": [\n{},\n{{\"uid\"", numbered(1)["question"]);
    let items = read_bytes(cut.as_bytes());
    assert_eq!(items[0].as_ref().unwrap().uid, "QANR5L14QE1");
    assert_eq!(
        items[1].as_ref().unwrap_err().to_string(),
        "une.json\u{a0}: Ce fichier n’est pas du JSON valide (ligne 3)."
    );
    assert_eq!(items.len(), 2);
}

#[test]
fn a_large_collection_is_read_as_far_as_one_wants() {
    let questions: Vec<_> = (1..=2000).map(|number| numbered(number)["question"].take()).collect();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("XIV.json");
    fs::write(&path, json!({ "questionsEcrites": { "question": questions } }).to_string()).unwrap();
    assert_eq!(assemblee::open(&path).unwrap().take(3).filter_map(Result::ok).count(), 3);
    let numbers: Vec<_> = assemblee::open(&path).unwrap().map(|item| item.unwrap().identity.number).collect();
    assert_eq!(numbers, (1..=2000).collect::<Vec<_>>());
}

#[test]
fn a_truncated_question_is_refused_as_a_whole() {
    for broken in
        ["{\"question\": {\"uid\": \"QANR5L17QE12\"}", "{\"question\": {\"uid\": \"QANR5L17QE12\"}} et plus"]
    {
        let items = read_bytes(broken.as_bytes());
        assert_eq!(items.len(), 1, "{items:?}");
        assert_eq!(items[0].as_ref().unwrap_err().reason.code(), "not_json");
    }
}

#[test]
fn a_damaged_member_does_not_hide_the_others() {
    let folder = TempDir::new().unwrap();
    let texts = [1, 2, 3].map(|number| numbered(number).to_string());
    let files = [
        ("json/1.json", texts[0].as_bytes()),
        ("json/2.json", texts[1].as_bytes()),
        ("json/3.json", texts[2].as_bytes()),
    ];
    let path = zipped(&folder, &files);

    // The second member's packed bytes come after its name, the first time the name occurs.
    let mut bytes = fs::read(&path).unwrap();
    let name = b"json/2.json";
    let start = bytes.windows(name.len()).position(|window| window == name).unwrap() + name.len();
    bytes[start + 4..start + 20].fill(0xff);
    fs::write(&path, bytes).unwrap();

    let items = read_path(&path);
    assert_eq!(items.len(), 3);
    let rejected = items[1].as_ref().unwrap_err();
    assert_eq!((rejected.source.as_str(), rejected.reason.code()), ("json/2.json", "unreadable"));
    assert_eq!(items.iter().flatten().map(|question| question.identity.number).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn an_archive_is_searched_for_json_only() {
    let folder = TempDir::new().unwrap();
    assert_eq!(assemblee::open(&zipped(&folder, &[])).unwrap().total(), Some(0));
    assert_eq!(read_path(&zipped(&folder, &[])), []);
    let text = numbered(1).to_string();
    let files: [(&str, &[u8]); 5] = [
        ("LISEZMOI.txt", b"rien"),
        ("__MACOSX/json/._1.json", b"rien"),
        ("json/b.JSON", text.as_bytes()),
        ("json/a.json", b"rien"),
        ("json/._a.json", b"rien"),
    ];
    let items = read_path(&zipped(&folder, &files));
    assert_eq!(items[0].as_ref().unwrap_err().source, "json/a.json");
    assert_eq!(items[1].as_ref().unwrap().uid, "QANR5L14QE1");
    assert_eq!(items.len(), 2);
}

#[test]
fn a_file_too_large_for_one_question_is_refused() {
    let folder = TempDir::new().unwrap();
    let large = question(json!({ "textesQuestion": { "texteQuestion": { "texte": " ".repeat(17 << 20) } } }))
        .to_string();
    let small = numbered(1).to_string();
    let path = zipped(&folder, &[("1.json", large.as_bytes()), ("2.json", small.as_bytes())]);
    let items = read_path(&path);
    assert_eq!(items[0].as_ref().unwrap_err().reason.code(), "too_large");
    assert!(items[1].is_ok());
}

#[test]
fn what_lies_deep_or_has_another_type_costs_its_record_and_no_other() {
    let folder = TempDir::new().unwrap();
    let deep = |open: &str, close: &str| {
        let (open, close) = (open.repeat(200_000), close.repeat(200_000));
        format!("{{\"question\":{{\"uid\":\"QANR5L17QE1\",\"textesQuestion\":{open}null{close}}}}}")
    };
    let (lists, objects) = (deep("[", "]"), deep("{\"texteQuestion\":", "}"));
    let mistyped = question(json!({ "uid": { "uid": [17] }, "identifiant": "un" })).to_string();
    let small = numbered(4).to_string();
    let files = [&lists, &objects, &mistyped, &small];
    let names = ["1.json", "2.json", "3.json", "4.json"];
    let files: Vec<_> = names.into_iter().zip(files.map(String::as_bytes)).collect();
    let items = read_path(&zipped(&folder, &files));
    let refused: Vec<_> = items.iter().filter_map(|item| item.as_ref().err()).collect();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert!(refused.iter().all(|refused| !refused.to_string().is_empty()));
    assert_eq!(items[3].as_ref().unwrap().uid, "QANR5L14QE4");
}

#[test]
fn what_is_no_source_is_not_opened() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("courrier.pdf");
    let missing = assemblee::open(&path).unwrap_err();
    assert!(matches!(missing, OpenError::Unreadable { .. }));
    assert!(missing.to_string().ends_with("courrier.pdf\u{a0}: il n’existe pas."));

    fs::write(&path, "%PDF-1.7").unwrap();
    let refused = assemblee::open(&path).unwrap_err();
    assert!(matches!(refused, OpenError::NotRecognised { .. }));
    assert!(
        refused.to_string().ends_with("n’est ni une archive zip, ni un dossier, ni un fichier JSON ou XML.")
    );

    fs::write(&path, "").unwrap();
    assert!(matches!(assemblee::open(&path), Err(OpenError::NotRecognised { .. })));

    let whole = fs::read(fixture(ARCHIVES[2])).unwrap();
    fs::File::create(&path).unwrap().write_all(&whole[..whole.len() / 2]).unwrap();
    assert!(matches!(assemblee::open(&path), Err(OpenError::BrokenArchive { .. })));
}

#[test]
fn a_source_can_be_sent_to_another_thread() {
    fn is_send(_: &impl Send) {}
    is_send(&assemblee::open(&fixture(ARCHIVES[2])).unwrap());
}
