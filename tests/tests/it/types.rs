//! The six types of question, of each house that puts them: each is a dossier of its own, under its own rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pli_app::{List, Report, Sheet};
use pli_domain::actor::{SystemActor, Who};
use pli_domain::delay::code;
use pli_domain::dossier::{Command, Kind, Outcome, Stage};
use pli_domain::identity::{House, QuestionType};
use pli_feeds::{assemblee, senat};
use pli_tests::samples::{day, question};
use pli_tests::{Engine, Fine as _, Office, Person};
use serde_json::{Value, json};
use tempfile::TempDir;

pli_tests::on_both!(
    each_type_of_each_house_opens_its_dossier,
    a_written_question_becomes_an_oral_one,
    a_coordinator_converts_what_the_record_does_not_tell_of,
);

const HEADER: &str = "Sort;Nature;Numéro;Référence;Titre;Nom;Prénom;Civilité;Circonscription;Groupe;Type Appartenance;\
    Date de publication JO;Ministère de dépôt;Date de transmission;Ministère de transmission;Ministère de réponse;\
    Date de réponse JO;Référence de la question rappelée;Thème(s);Thème QC;URL Question";

/// One real question of each type of the Assemblée, and the archive that holds it.
const ASSEMBLY: [(&str, &str, &str); 3] = [
    ("ecrites", "QANR5L17QE16458", "QE"),
    ("orales_sans_debat", "QANR5L15QOSD1118", "QOSD"),
    ("gouvernement", "QANR5L15QG1125", "QG"),
];

fn archive(name: &str) -> PathBuf {
    let file = format!("../crates/feeds/fixtures/assemblee/Questions_{name}_extrait.json.zip");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// A real question, as if it had just been put to us.
fn put_to_us(name: &str, uid: &str, kind: &str) -> Result<Value> {
    let mut archive = zip::ZipArchive::new(File::open(archive(name))?)?;
    let mut value: Value = serde_json::from_reader(archive.by_name(&format!("json/{uid}.json"))?)?;
    let question = &mut value["question"];
    question["uid"] = json!(format!("QANR5L17{kind}77"));
    question["identifiant"]["numero"] = json!("77");
    question["identifiant"]["legislature"] = json!("17");
    question["minInt"]["developpe"] = json!("Ministère de la justice");
    let given = &mut question["minAttribs"]["minAttrib"];
    given["denomination"]["developpe"] = json!("Ministère de la justice");
    given["infoJO"]["dateJO"] = json!("2026-11-17");
    if question["textesQuestion"]["texteQuestion"].is_object() {
        question["textesQuestion"]["texteQuestion"]["infoJO"]["dateJO"] = json!("2026-11-17");
    }
    // The extract has lost the headings; a question to the Government has no text before it is put.
    question["indexationAN"]["rubrique"] = json!("justice");
    question["textesReponse"] = Value::Null;
    question["cloture"] = Value::Null;
    Ok(value)
}

async fn import_senate(office: &Office, name: &str, text: &str) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(name);
    fs::write(&path, text)?;
    office.app.import(senat::open(&path)?, |_| {}).await.fine()
}

/// A row of the Sénat's open data, of a question put to us.
fn row(nature: &str, number: &str) -> String {
    format!(
        "En attente de réponse;{nature};{number};SEQ2611{number};Le greffe;Daubet;Raphaël;M.;Lot;RDSE;;2026-11-19;Justice;;;;;;Justice;;"
    )
}

async fn find(office: &Office, reference: &str) -> Result<Sheet> {
    let clerk = office.caller(Person::Clerk).await?;
    let found = office.app.dossier_by_reference(&clerk, reference).await.fine()?;
    found.with_context(|| reference.to_owned())
}

async fn each_type_of_each_house_opens_its_dossier(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let folder = TempDir::new()?;
    for (archive, uid, kind) in ASSEMBLY {
        fs::write(folder.path().join(format!("{kind}.json")), put_to_us(archive, uid, kind)?.to_string())?;
    }
    let report = office.app.import(assemblee::open(folder.path())?, |_| {}).await.fine()?;
    assert_eq!((report.dossiers, report.rejected.len()), (3, 0), "{report:?}");
    let letters = [
        ("QE", "00077"),
        ("QOSD", "0077S"),
        ("QOAD", "0077A"),
        ("QOAE", "0077E"),
        ("QG", "0077G"),
        ("QC", "0077C"),
    ];
    let rows = letters.map(|(nature, number)| row(nature, number)).join("\n");
    let report = import_senate(&office, "q.csv", &format!("{HEADER}\n{rows}\n")).await?;
    assert_eq!((report.dossiers, report.rejected.len()), (6, 0), "{report:?}");

    let clerk = office.caller(Person::Clerk).await?;
    let list = List { kind: Some(Kind::Question), ..List::default() };
    let mut told = BTreeMap::new();
    for sheet in office.walk(&clerk, &list, 4).await? {
        let dossier = &sheet.dossier;
        let identity = &dossier.question().context("no question")?.identity;
        assert_eq!((dossier.stage, dossier.reference.clone()), (Stage::Received, identity.to_string()));
        assert!(!sheet.subject.is_empty());
        let rules: BTreeSet<_> = dossier.deadlines.iter().map(|deadline| deadline.due.rule.clone()).collect();
        told.insert((identity.house, identity.kind), rules);
    }
    assert_eq!(told.len(), 9, "same number, and yet nine questions");
    for ((house, kind), rules) in &told {
        let expected = match (kind, house) {
            (QuestionType::Qe, House::Assembly) => vec![code::AN_QE, code::QE_INTERNAL],
            (QuestionType::Qe, House::Senate) => vec![code::SENAT_QE, code::QE_INTERNAL],
            (QuestionType::Qosd | QuestionType::Qoad | QuestionType::Qoae, _) => vec![code::QO_BRIEF],
            (QuestionType::Qg | QuestionType::Qc, _) => vec![code::QG_BRIEF],
        };
        let expected: BTreeSet<_> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(rules, &expected, "{house:?} {kind:?}");
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

/// The Sénat's dump tells on which day the author put it again in the chamber. The oral question is another one.
async fn a_written_question_becomes_an_oral_one(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    import_senate(&office, "q.csv", &format!("{HEADER}\n{}\n", row("QE", "00077"))).await?;
    let written = find(&office, "SENAT-2026-QE-77").await?;
    assert_eq!((written.dossier.stage, written.dossier.due_on().is_some()), (Stage::Received, true));

    let dump = "COPY questions.tam_ministeres (minid, minidremp, libelle) FROM stdin;\n7\t\\N\tJustice\n\\.\n\
        COPY questions.tam_questions (id, natquecod, legislature, numero, reference, titre, nom, prenom, datejodepot, \
        mindepotid, txtque, dattrans, dateseance) FROM stdin;\n\
        1\tQE\t17\t00077\tSEQ261100077\tLe greffe\tDaubet\tRaphaël\t2026-11-19\t7\t<p>Le greffe</p>\t2026-11-20\t\\N\n\
        2\tQOSD\t17\t0078S\tSEQ26110078S\tLe greffe\tDaubet\tRaphaël\t2026-11-20\t7\t<p>Le greffe</p>\t\\N\t2026-12-08\n\\.\n";
    let report = import_senate(&office, "questions.sql", dump).await?;
    assert_eq!((report.updated, report.created, report.dossiers), (1, 1, 1), "{report:?}");
    let closed = find(&office, "SENAT-2026-QE-77").await?.dossier;
    assert_eq!(
        (closed.stage, closed.closed_on),
        (Stage::Closed(Outcome::Converted), Some(day("2026-11-20")?))
    );
    let auditor = office.caller(Person::Auditor).await?;
    let lines = office.app.journal(&auditor, closed.id, 0, 100).await.fine()?.items;
    let told: Vec<_> = lines.iter().map(|line| (line.entry.who, line.entry.action.as_str())).collect();
    let feed = Who::System(SystemActor::Feed);
    assert_eq!(told, [(feed, "receive"), (feed, "convert")]);
    let oral = find(&office, "SENAT-2026-QOSD-78").await?.dossier;
    let sitting = oral.sitting().context("no sitting")?;
    assert_eq!((oral.stage, sitting.on), (Stage::Received, day("2026-12-08")?));

    let again = import_senate(&office, "questions.sql", dump).await?;
    assert_eq!((again.unchanged, again.dossiers), (2, 0), "{again:?}");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_coordinator_converts_what_the_record_does_not_tell_of(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sheet = office.app.receive_question(&clerk, office.key(), question(18_094)).await.fine()?;
    let convert = || Command::Convert { on: office.today() };
    assert!(office.play(sheet.dossier.id, [(Person::Clerk, convert())]).await.is_err());
    office.play(sheet.dossier.id, [(Person::Coordinator, convert())]).await?;
    let after = find(&office, "AN-17-QE-18094").await?.dossier;
    assert_eq!((after.stage, after.closed_on), (Stage::Closed(Outcome::Converted), Some(office.today())));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}
