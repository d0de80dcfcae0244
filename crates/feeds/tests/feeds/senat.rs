//! The readers of the Sénat's files. The rows of the CSV file and the page are real; the dump is made for these tests from
//! the documented columns, because no real one is small enough to be kept here.

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use pli_domain::identity::QuestionType;
use pli_domain::published::{ClosingKind, PublishedQuestion};
use pli_feeds::{Rejected, senat};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::common::{fixture_of, zipped};

type Item = Result<PublishedQuestion, Rejected>;

const HEADER: &str = "Sort;Nature;Numéro;Référence;Titre;Nom;Prénom;Civilité;Circonscription;Groupe;Type Appartenance;\
    Date de publication JO;Ministère de dépôt;Date de transmission;Ministère de transmission;Ministère de réponse;\
    Date de réponse JO;Référence de la question rappelée;Thème(s);Thème QC;URL Question";

fn read_path(path: &Path) -> Vec<Item> {
    senat::open(path).unwrap().collect()
}

fn read(name: &str, bytes: &[u8]) -> Vec<Item> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    senat::open(&path).map(Iterator::collect).unwrap_or_default()
}

fn row(row: &str) -> Item {
    read("q.csv", format!("{HEADER}\n{row}\n").as_bytes()).remove(0)
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

#[test]
fn every_row_of_the_open_data_is_read() {
    let path = fixture_of("senat", "questions_depuis_un_an_echantillon.csv");
    let questions: Vec<_> = read_path(&path).into_iter().map(Result::unwrap).collect();
    let names: Vec<_> = questions.iter().map(|question| question.identity.to_string()).collect();
    assert_eq!(names, ["SENAT-2025-QE-5028", "SENAT-2026-QE-8995", "SENAT-2026-QE-7859"]);
    let first = &questions[0];
    assert_eq!(first.uid, "SEQ250605028");
    assert_eq!(first.subject(), "Dysfonctionnement du système d'examen du permis de conduire");
    assert_eq!(first.author.name().as_deref(), Some("Raphaël Daubet"));
    assert_eq!(first.author.group.as_deref(), Some("RDSE"));
    assert_eq!(first.author.constituency.as_deref(), Some("Lot"));
    assert_eq!(first.asked_ministry.as_ref().unwrap().label, "Intérieur");
    assert_eq!(first.attributions.len(), 1);
    assert_eq!((first.published_on, first.answered_on()), (day("2025-06-12"), day("2025-07-17")));
    assert_eq!(first.closing.as_ref().unwrap().kind, ClosingKind::Answered);
    assert_eq!(first.terms, ["Transports"]);
    assert_eq!((questions[1].answered_on(), &questions[1].closing), (None, &None));
    assert_eq!(questions[2].answered_on(), day("2026-06-04"));
}

#[test]
fn a_row_may_tell_of_another_ministry_of_a_recall_and_of_the_chamber() {
    let given =
        row("En attente de réponse;QE;07859;SEQ260207859;T;Féret;Corinne;Mme;Calvados;SER;-A;2026-02-26;\
                     Transition écologique;2026-03-05;Mer et pêche;;;SEQ250605028;Pêche;;")
        .unwrap();
    let ministries: Vec<_> =
        given.attributions.iter().map(|to| (to.ministry.label.as_str(), to.on)).collect();
    assert_eq!(
        ministries,
        [("Transition écologique", day("2026-02-26")), ("Mer et pêche", day("2026-03-05"))]
    );
    assert_eq!(given.recall_of.as_deref(), Some("SEQ250605028"));
    assert_eq!(given.author.group.as_deref(), Some("SER-A"));
    let recalled = row("Rappelée;QE;07859;SEQ260207859;T;;;;;;;2026-02-26;;;;;;;;;").unwrap();
    assert!(recalled.recalled.is_some() && recalled.closing.is_none());
    let oral =
        row("Réponse reçue;QG;1079G;SEQ16031079G;T;;;;;;;2016-03-18;;;;Justice;2016-03-18;;;;").unwrap();
    assert_eq!((oral.identity.kind, oral.sitting_on), (QuestionType::Qg, day("2016-03-18")));
    assert_eq!(oral.attributed_ministry().unwrap().label, "Justice");
    let withdrawn = row("Question retirée;QOSD;1054S;SEQ25061054S;T;;;;;;;2025-06-12;;;;;;;;;").unwrap();
    assert_eq!(withdrawn.closing.unwrap().kind, ClosingKind::Withdrawn);
}

#[test]
fn the_six_types_are_six_questions_though_their_numbers_are_one() {
    let names = [
        ("QE", "01054"),
        ("QOSD", "1054S"),
        ("QOAD", "1054A"),
        ("QOAE", "1054E"),
        ("QG", "1054G"),
        ("QC", "1054C"),
    ]
    .map(|(nature, number)| {
        let read = row(&format!("En cours;{nature};{number};SEQ2601{number};T;;;;;;;2026-01-08;;;;;;;;;"));
        read.unwrap().identity.to_string()
    });
    let expected =
        ["QE", "QOSD", "QOAD", "QOAE", "QG", "QC"].map(|nature| format!("SENAT-2026-{nature}-1054"));
    assert_eq!(names, expected);
}

#[test]
fn a_broken_row_does_not_hide_the_others() {
    let good = "En cours;QE;00001;SEQ260100001;T;;;;;;;2026-01-08;;;;;;;;;";
    let rows = [good, "En cours;QE;00002;SEQ260100003;T", "En cours;QX;00002;SEQ260100002;T", ";;;;", good];
    let items = read("q.csv", format!("{HEADER}\n{}", rows.join("\n")).as_bytes());
    let codes: Vec<_> =
        items.iter().map(|item| item.as_ref().map_or_else(|r| r.reason.code(), |_| "ok")).collect();
    assert_eq!(codes, ["ok", "number_mismatch", "unknown_type", "missing_identifier", "ok"]);
    let headless = read("q.csv", b"Sort;Nature;Titre\nEn cours;QE;T\n");
    assert_eq!(
        headless[0].as_ref().unwrap_err().to_string(),
        "q.csv\u{a0}: La colonne «\u{a0}Numéro\u{a0}» manque."
    );
    let endless = format!("{HEADER}\nEn cours;QE;00001;SEQ260100001;\"{}", "a".repeat(20 << 20));
    assert_eq!(read("q.csv", endless.as_bytes())[0].as_ref().unwrap_err().reason.code(), "too_large");
}

#[test]
fn the_ten_questions_of_a_page_of_results_are_read() {
    let questions = read_path(&fixture_of("senat", "question_search_result.html"));
    let questions: Vec<_> = questions.into_iter().map(Result::unwrap).collect();
    let numbers: Vec<_> = questions.iter().map(|question| question.identity.number).collect();
    assert_eq!(numbers, [791, 792, 793, 794, 795, 773, 774, 775, 776, 777]);
    let first = &questions[0];
    assert_eq!(
        (first.identity.to_string().as_str(), first.uid.as_str()),
        ("SENAT-2016-QG-791", "SEQ16030791G")
    );
    assert_eq!(first.subject(), "Partenariat entre La Poste et l'État : maisons de services au public");
    assert_eq!(first.author.name().as_deref(), Some("Georges Labazée"));
    assert_eq!(first.author.civility.as_deref(), Some("M."));
    assert_eq!(
        first.attributed_ministry().unwrap().label,
        "Ministère de l'aménagement du territoire, de la ruralité et des collectivités territoriales"
    );
    for question in &questions {
        assert_eq!(question.identity.kind, QuestionType::Qg);
        assert!(question.published_on.is_some() && question.sitting_on == question.published_on);
        assert!(question.answered_on().is_some() && question.author.family_name.is_some());
        assert!(question.title.is_some() && question.attributed_ministry().is_some());
    }
    assert_eq!(questions[1].attributed_ministry().unwrap().label, "Premier ministre");
    assert_eq!(read("p.html", b"<html><p>Aucun")[0].as_ref().unwrap_err().reason.code(), "not_a_question");
}

/// A dump with only the columns that matter here; PostgreSQL names those it copies.
fn dump(questions: &str, answers: &str) -> String {
    format!(
        "--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'UTF8';\nCREATE TABLE x (\n    COPY text\n);\n\
         COPY questions.naturequestion (natquecod, natquelib, natquenumtri) FROM stdin;\nQE\tQuestion écrite\t1\n\\.\n\
         COPY questions.sortquestion (sorquecod, sorquelib, sorquenumtri) FROM stdin;\n1\tRéponse reçue\t1\n2\tRetirée\t2\n\
         3\tRappelée\t3\n\\.\n\
         COPY questions.tam_ministeres (minid, minidremp, libelle) FROM stdin;\n7\t\\N\tJustice\n8\t7\tIntérieur\n\\.\n\
         COPY questions.tam_questions (id, sorquecod, matricule, natquecod, legislature, numero, reference, titre, \
         datecloture, nom, prenom, codequalite, circonscription, groupe, rubrique, datejodepot, mindepotid, datejotran, \
         mintranid, tranisreattr, datejorep1, txtque, datesignal, pagejodepot, pageerr, dateerr, txterrque, \
         refquerappelee, daterappel, dattrans, dateseance) FROM stdin;\n{questions}\\.\n\
         COPY questions.tam_reponses (idque, datejorep, txtrep, minrepid, pagejorep, errpage, errdate, txterrrep) FROM \
         stdin;\n{answers}\\.\n"
    )
}

const QUESTION: &str = "11\t1\t20012A\tQE\t17\t05028\tSEQ250605028\tTitre\t2025-07-17\tDaubet\tRaphaël\tM.\tLot\tRDSE\t\
    Justice\t2025-06-12 00:00:00\t8\t2025-06-20\t7\tO\t2025-07-17\t<p>Une\\nquestion\\\\ <script>x</script></p>\t\\N\t3310\t\
    3400\t2025-06-19\t<p>Lire</p>\t\\N\t\\N\t\\N\t\\N\n";

#[test]
fn a_dump_is_read_row_by_row() {
    let answer = "11\t2025-07-17\t<p>La réponse</p>\t7\t4020\t4100\t2025-07-24\t<p>Lire : réponse</p>\n";
    let items = read("questions.sql", dump(QUESTION, answer).as_bytes());
    let [question, answer] = items.try_into().map(|items: [Item; 2]| items.map(Result::unwrap)).unwrap();
    assert_eq!(question.identity.to_string(), "SENAT-2025-QE-5028");
    assert_eq!(question.question_html.as_deref(), Some("<p>Une\nquestion\\ </p>"));
    assert_eq!((question.published_on, question.page.as_deref()), (day("2025-06-12"), Some("3310")));
    let given: Vec<_> =
        question.attributions.iter().map(|to| (to.ministry.label.as_str(), to.cause.as_deref())).collect();
    assert_eq!(given, [("Intérieur", None), ("Justice", Some("REATTRIBUTION"))]);
    assert_eq!(question.author.reference.as_deref(), Some("20012A"));
    assert_eq!(question.question_errata[0].on, day("2025-06-19"));
    assert_eq!(question.closing.as_ref().unwrap().on, day("2025-07-17"));

    let whole = answer.after(&question).unwrap();
    assert_eq!(whole.uid, "SEQ250605028");
    assert_eq!(whole.answer_text(), "La réponse");
    assert_eq!(whole.answers.iter().filter(|text| text.erratum).count(), 1);
    assert_eq!(whole.title.as_deref(), Some("Titre"));

    // Reading the questions again takes nothing away.
    assert_eq!(question.after(&whole).unwrap().answer_text(), "La réponse");
}

#[test]
fn a_dump_tells_of_signalling_withdrawal_recall_and_conversion() {
    let of = |line: &str| read("questions.sql", dump(line, "").as_bytes()).remove(0).unwrap();
    let line = QUESTION.replace("11\t1\t", "11\t2\t").replace("\t\\N\t3310", "\t2025-09-01\t3310");
    let withdrawn = of(&line);
    assert_eq!(withdrawn.closing.unwrap().kind, ClosingKind::Withdrawn);
    assert_eq!(withdrawn.signalled.unwrap().deposited_on, day("2025-09-01"));
    let line = QUESTION
        .replace("11\t1\t", "11\t3\t")
        .replace("\\N\t\\N\t\\N\t\\N\n", "\\N\t2025-08-14\t2025-09-25\t2025-10-07\n");
    let recalled = of(&line);
    assert_eq!(recalled.recalled.unwrap().on, day("2025-08-14"));
    assert_eq!((recalled.converted_on, recalled.sitting_on), (day("2025-09-25"), day("2025-10-07")));
}

#[test]
fn a_damaged_dump_tells_where() {
    let codes = |text: &str| {
        let items = read("questions.sql", text.as_bytes());
        items.iter().map(|item| item.as_ref().map_or_else(|r| r.reason.code(), |_| "ok")).collect::<Vec<_>>()
    };
    let whole = dump(QUESTION, "");
    let cut = whole.split_once("COPY questions.tam_reponses").unwrap().0.replace("\\.\n\\.\n", "");
    assert_eq!(codes(cut.trim_end_matches("\\.\n")), ["ok", "broken_line"]);
    assert_eq!(
        codes(&dump("11\tseul\n", "99\t2025-07-17\tx\t\\N\t\\N\t\\N\t\\N\t\\N\n")),
        ["broken_line", "broken_line"]
    );
    assert_eq!(codes("-- PostgreSQL database dump\nSELECT 1;\n"), ["not_a_question"]);
    assert_eq!(codes(&dump(&"a".repeat(20 << 20), "")), ["too_large"]);
}

#[test]
fn an_archive_may_hold_any_of_them() {
    let folder = TempDir::new().unwrap();
    let table = fs::read(fixture_of("senat", "questions_depuis_un_an_echantillon.csv")).unwrap();
    let path =
        zipped(&folder, &[("a.csv", &table), ("b.sql", dump(QUESTION, "").as_bytes()), ("c.txt", b"rien")]);
    assert_eq!(read_path(&path).into_iter().filter_map(Result::ok).count(), 4);
    assert_eq!(senat::open(&path).unwrap().total(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read("q.csv", &[HEADER.as_bytes(), b"\n", &bytes].concat());
        read("q.html", &[b"<a href='visio.do?id=qSEQ1603", &bytes[..]].concat());
        read("q.sql", &[b"COPY tam_questions (id, reference) FROM stdin;\n", &bytes[..]].concat());
    }

    #[test]
    fn any_damage_to_the_real_page(at in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = fs::read(fixture_of("senat", "question_search_result.html"))?;
        bytes.truncate(cut.index(bytes.len()).max(1000));
        *at.get_mut(&mut bytes) = b'<';
        prop_assert!(read("p.html", &bytes).len() <= 10);
    }
}
