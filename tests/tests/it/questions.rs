//! The public record: the real questions of the Assemblée, imported and followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use pli_app::{Caller, List, Published, PublishedFilter, Report, Sheet};
use pli_domain::actor::{SystemActor, Who};
use pli_domain::deadline::Standing;
use pli_domain::dossier::{Command, Kind, Outcome, Stage};
use pli_domain::published::{PublishedQuestion, PublishedText, Signalment};
use pli_feeds::{Rejected, assemblee};
use pli_tests::samples::{day, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use serde_json::{Value, json};
use tempfile::TempDir;

pli_tests::on_both!(
    every_real_question_is_imported_and_ours_become_dossiers,
    the_same_import_again_changes_nothing,
    one_broken_file_does_not_stop_the_others,
    one_record_that_the_rules_refuse_does_not_stop_the_others,
    a_question_answered_later_is_closed_by_the_feed,
    the_public_record_wins_from_any_open_stage,
    a_question_that_a_clerk_entered_first_is_found_again,
    what_is_published_is_found_whatever_the_accents,
    pages_of_what_is_published_are_whole,
    the_files_of_the_senate_complete_each_other,
    the_whole_record_of_a_question_is_kept,
);

const ARCHIVES: [&str; 3] = [
    "Questions_ecrites_extrait.json.zip",
    "Questions_gouvernement_extrait.json.zip",
    "Questions_orales_sans_debat_extrait.json.zip",
];

/// One of ours that waits for its answer.
const WAITING: &str = "QANR5L17QE16458";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures/assemblee").join(name)
}

/// A row of `echeances_reelles.csv`, by the names of its columns.
type Row = BTreeMap<String, String>;

/// The oracle's rows, by the publisher's identifier.
fn oracle() -> Result<BTreeMap<String, Row>> {
    let mut reader = csv::Reader::from_path(fixture("echeances_reelles.csv"))?;
    let rows = reader.deserialize::<Row>().map(|row| {
        let row = row?;
        Ok((row["uid"].clone(), row))
    });
    rows.collect()
}

async fn import(office: &Office, path: &Path) -> Result<Report> {
    office.app.import(assemblee::open(path)?, |_| {}).await.fine()
}

async fn import_all(office: &Office) -> Result<Vec<Report>> {
    let mut reports = Vec::new();
    for archive in ARCHIVES {
        reports.push(import(office, &fixture(archive)).await?);
    }
    Ok(reports)
}

/// The JSON of one real written question.
fn real(uid: &str) -> Result<Value> {
    let mut archive = zip::ZipArchive::new(File::open(fixture(ARCHIVES[0]))?)?;
    let mut bytes = Vec::new();
    archive.by_name(&format!("json/{uid}.json"))?.read_to_end(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// The same question with its answer, published on a day.
fn answered(mut value: Value, on: &str) -> Value {
    let issue = json!({ "typeJO": "JO_QUESTION", "dateJO": on, "pageJO": "1234" });
    value["question"]["textesReponse"] =
        json!({ "texteReponse": { "infoJO": issue, "texte": "Le ministère de la justice a pris…" } });
    value["question"]["cloture"] =
        json!({ "codeCloture": "REP_PUB", "libelleCloture": "Réponse publiée", "dateCloture": on });
    value
}

fn folder_with(files: &[(&str, String)]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, content) in files {
        fs::write(folder.path().join(name), content)?;
    }
    Ok(folder)
}

fn read(value: &Value) -> Result<PublishedQuestion> {
    let folder = folder_with(&[("une.json", value.to_string())])?;
    let record = assemblee::open(folder.path())?.next().context("nothing read")?;
    Ok(record?)
}

async fn our_dossiers(office: &Office, caller: &Caller) -> Result<Vec<Sheet>> {
    office.walk(caller, &List { kind: Some(Kind::Question), ..List::default() }, 5).await
}

/// The whole of what is published, by pages of that size.
async fn walk(office: &Office, filter: &PublishedFilter, size: u64) -> Result<Vec<Published>> {
    let mut all: Vec<Published> = Vec::new();
    loop {
        let after = all.last().map(|last| last.identity.to_string());
        let page = office.app.published_questions(filter, after.as_deref(), size).await.fine()?;
        let more = page.more;
        assert!(u64::try_from(page.items.len())? <= size);
        all.extend(page.items);
        if !more {
            return Ok(all);
        }
    }
}

async fn every_real_question_is_imported_and_ours_become_dossiers(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let reports = import_all(&office).await?;
    let told: Vec<_> = reports.iter().map(|report| (report.created, report.read())).collect();
    assert_eq!(told, [(347, 347), (43, 43), (6, 6)]);
    assert!(reports.iter().all(|report| report.rejected.is_empty()), "{reports:?}");
    let oracle = oracle()?;
    let published = walk(&office, &PublishedFilter::default(), 100).await?;
    let ours: BTreeMap<_, _> = published
        .iter()
        .filter(|question| question.ours)
        .map(|question| (question.identity.clone(), question))
        .collect();
    assert_eq!(ours.len(), 12);
    assert_eq!(reports.iter().map(|report| report.dossiers).sum::<u64>(), 12);

    let clerk = office.caller(Person::Clerk).await?;
    let sheets = our_dossiers(&office, &clerk).await?;
    assert_eq!(sheets.len(), 12);
    let mut open = Vec::new();
    for Sheet { dossier, .. } in &sheets {
        let identity = &dossier.question().context("no question")?.identity;
        let row = &oracle[&ours[identity].uid];
        assert_eq!(dossier.received_on.to_string(), row["date_jo_question"]);
        let standing = dossier.term().standing(office.today());
        let lapsed = Stage::Closed(Outcome::Lapsed);
        match row["statut"].as_str() {
            "repondue" => {
                assert_eq!(dossier.stage, Stage::Closed(Outcome::Answered), "{row:?}");
                assert_eq!(dossier.due_on(), Some(day(&row["echeance_2_mois"])?), "{row:?}");
                assert_eq!(dossier.closed_on, Some(day(&row["date_jo_reponse"])?), "{row:?}");
                let late = row["retard_jours"].parse()?;
                let expected =
                    if late > 0 { Standing::AnsweredLate { by: late } } else { Standing::AnsweredInTime };
                assert_eq!(standing, expected, "{row:?}");
            }
            "sans_reponse_fin_legislature" => {
                let end = if identity.term == 15 { "2022-06-21" } else { "2024-06-09" };
                assert_eq!((dossier.stage, dossier.closed_on), (lapsed, Some(day(end)?)), "{row:?}");
                assert_eq!(standing, Standing::NoTerm);
            }
            "en_attente" => {
                assert_eq!(dossier.stage, Stage::Received);
                assert_eq!(dossier.due_on(), Some(day(&row["echeance_2_mois"])?), "{row:?}");
                open.push(dossier.reference.as_str());
            }
            other => anyhow::bail!("{other}"),
        }
    }
    assert_eq!(open, ["AN-17-QE-16458"]);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn the_same_import_again_changes_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    import_all(&office).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let before = our_dossiers(&office, &clerk).await?;
    let sql = office.database.sql().await?;
    let entries = sql.one::<i64>("SELECT count(*) FROM journal").await?;
    office.set_clock("2026-11-23T09:00:00Z")?;
    let reports = import_all(&office).await?;
    let told: Vec<_> = reports.iter().map(|report| (report.unchanged, report.read())).collect();
    assert_eq!(told, [(347, 347), (43, 43), (6, 6)]);
    assert_eq!(our_dossiers(&office, &clerk).await?, before);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM journal").await?, entries);
    assert_eq!(sql.one::<i64>("SELECT count(DISTINCT imported_at) FROM published_question").await?, 1);
    Ok(())
}

async fn one_broken_file_does_not_stop_the_others(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let folder = folder_with(&[
        ("a.json", real(WAITING)?.to_string()),
        ("b.json", "{ \"question\": { \"uid\": ".to_owned()),
        ("c.json", real("QANR5L17QE8115")?.to_string()),
    ])?;
    let report = import(&office, folder.path()).await?;
    assert_eq!((report.created, report.dossiers, report.rejected.len()), (2, 1, 1));
    let rejection = &report.rejected[0];
    assert_eq!((rejection.source.as_str(), rejection.code), ("b.json", "not_json"));
    assert!(!rejection.reason.is_empty());
    assert_eq!(report.read(), 3);
    Ok(())
}

/// The reader finds nothing wrong with them, the rules do: no text at all, or a date from which nothing can be counted.
async fn one_record_that_the_rules_refuse_does_not_stop_the_others(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut without_subject = read(&real(WAITING)?)?;
    without_subject.identity.number = 1;
    (without_subject.title, without_subject.rubric, without_subject.question_html) = (None, None, None);
    let mut without_end = read(&real(WAITING)?)?;
    without_end.identity.number = 2;
    without_end.published_on = Some(NaiveDate::MAX);
    let mut signalled_at_the_end_of_time = read(&real(WAITING)?)?;
    signalled_at_the_end_of_time.identity.number = 3;
    let deposited_on = Some(NaiveDate::MAX);
    signalled_at_the_end_of_time.signalled = Some(Signalment { deposited_on, published_on: None });
    let good = read(&real(WAITING)?)?;
    let records: Vec<Result<_, Rejected>> =
        vec![Ok(without_subject), Ok(without_end), Ok(signalled_at_the_end_of_time), Ok(good)];
    let report = office.app.import(records.into_iter(), |_| {}).await.fine()?;
    assert_eq!((report.dossiers, report.rejected.len(), report.read()), (1, 3, 4), "{report:?}");
    assert_eq!(
        walk(&office, &PublishedFilter::default(), 10).await?.len(),
        1,
        "of what is rejected nothing is kept"
    );
    let clerk = office.caller(Person::Clerk).await?;
    assert_eq!(our_dossiers(&office, &clerk).await?.len(), 1);
    Ok(())
}

async fn a_question_answered_later_is_closed_by_the_feed(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let waiting = folder_with(&[("une.json", real(WAITING)?.to_string())])?;
    assert_eq!(import(&office, waiting.path()).await?.created, 1);
    let with_answer = answered(real(WAITING)?, "2026-11-17");
    let later = folder_with(&[("une.json", with_answer.to_string())])?;
    let report = import(&office, later.path()).await?;
    assert_eq!((report.updated, report.created, report.dossiers), (1, 0, 0), "{report:?}");

    let auditor = office.caller(Person::Auditor).await?;
    let sheet = office.app.dossier_by_reference(&auditor, "AN-17-QE-16458").await.fine()?.context("gone")?;
    assert_eq!(sheet.dossier.stage, Stage::Closed(Outcome::Answered));
    assert_eq!(sheet.dossier.closed_on, Some(day("2026-11-17")?));
    assert_eq!(sheet.dossier.term().standing(office.today()), Standing::AnsweredLate { by: 79 });
    let lines = office.app.journal(&auditor, sheet.dossier.id, 0, 100).await.fine()?.items;
    let told: Vec<_> = lines.iter().map(|line| (line.entry.who, line.entry.action.as_str())).collect();
    let feed = Who::System(SystemActor::Feed);
    assert_eq!(told, [(feed, "receive"), (feed, "publish")]);
    assert_eq!(feed.to_string(), "system:feed");
    let identity = "AN-17-QE-16458".parse()?;
    let published = office.app.published(&identity).await.fine()?.context("not kept")?;
    assert_eq!(published.answered_on, Some(day("2026-11-17")?));
    assert!(published.answer.starts_with("Le ministère"));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn the_public_record_wins_from_any_open_stage(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let dacs = office.unit("DACS")?;
    let mut story = vec![(Person::Coordinator, route(dacs)), (Person::Correspondent, Command::Accept)];
    story.extend(office.to_answer()?.into_iter().skip(2).take(4));
    story.push((Person::Coordinator, Command::Transmit));
    for length in 0..=story.len() {
        let mut value = real(WAITING)?;
        let uid = format!("QANR5L17QE{}", 900 + length);
        value["question"]["uid"] = json!(uid);
        value["question"]["identifiant"]["numero"] = json!((900 + length).to_string());
        import(&office, folder_with(&[("une.json", value.to_string())])?.path()).await?;
        let clerk = office.caller(Person::Clerk).await?;
        let name = format!("AN-17-QE-{}", 900 + length);
        let sheet = office.app.dossier_by_reference(&clerk, &name).await.fine()?.context("not opened")?;
        if length > 0 {
            office.play(sheet.dossier.id, story.iter().take(length).cloned()).await?;
        }
        let folder = folder_with(&[("une.json", answered(value, "2026-11-17").to_string())])?;
        assert_eq!(import(&office, folder.path()).await?.updated, 1);
        let after = office.app.dossier(&clerk, sheet.dossier.id).await.fine()?.context("gone")?;
        assert_eq!(after.dossier.stage, Stage::Closed(Outcome::Answered), "after {length} steps");
    }
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_question_that_a_clerk_entered_first_is_found_again(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut entered = question(16_458);
    entered.published_on = day("2026-06-30")?;
    let sheet = office.app.receive_question(&clerk, office.key(), entered).await.fine()?;
    let folder = folder_with(&[("une.json", answered(real(WAITING)?, "2026-11-17").to_string())])?;
    let report = import(&office, folder.path()).await?;
    assert_eq!((report.created, report.dossiers), (1, 0));
    let after = office.app.dossier(&clerk, sheet.dossier.id).await.fine()?.context("gone")?;
    assert_eq!(after.dossier.stage, Stage::Closed(Outcome::Answered));
    assert_eq!(our_dossiers(&office, &clerk).await?.len(), 1);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_is_published_is_found_whatever_the_accents(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    import_all(&office).await?;
    for (typed, same) in [
        ("Sécurité sanitaire", "SECURITE  SANITAIRE"),
        ("l'attention de Mme la ministre", "L’ATTENTION de mme la Ministre"),
        ("QANR5L17QE8115", "qanr5l17qe8115"),
    ] {
        let find = async |words: &str| {
            let filter = PublishedFilter { words: Some(words.to_owned()), ..PublishedFilter::default() };
            walk(&office, &filter, 100).await
        };
        let found = find(typed).await?;
        assert!(!found.is_empty() && found.len() < 396, "{typed}: {}", found.len());
        assert_eq!(found, find(same).await?, "{typed}");
    }
    let filter = PublishedFilter {
        words: Some("relocalisation".to_owned()),
        ours: Some(true),
        ..PublishedFilter::default()
    };
    assert_eq!(walk(&office, &filter, 100).await?, []);
    Ok(())
}

async fn pages_of_what_is_published_are_whole(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    import_all(&office).await?;
    for (ours, count) in [(None, 396), (Some(true), 12), (Some(false), 384)] {
        let filter = PublishedFilter { ours, ..PublishedFilter::default() };
        let by_seven = walk(&office, &filter, 7).await?;
        let identities: BTreeSet<_> = by_seven.iter().map(|question| question.identity.to_string()).collect();
        assert_eq!((by_seven.len(), identities.len()), (count, count));
        // A page ends where the last item ends: none asks for a page that is empty.
        assert_eq!(by_seven, walk(&office, &filter, 100).await?);
    }
    let most = office.app.published_questions(&PublishedFilter::default(), None, 1_000_000).await.fine()?;
    assert_eq!((most.items.len(), most.more), (100, true));
    let none = office.app.published_questions(&PublishedFilter::default(), Some("ZZZ"), 7).await.fine()?;
    assert_eq!((none.items.len(), none.more), (0, false));
    Ok(())
}

fn senate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures/senat").join(name)
}

async fn import_senate(office: &Office, name: &str) -> Result<Report> {
    office.app.import(pli_feeds::senat::open(&senate(name))?, |_| {}).await.fine()
}

fn told(report: &Report) -> (u64, u64, u64) {
    (report.created, report.updated, report.unchanged)
}

/// The list of the open data has no texts; the dump has them. Neither takes away what the other told, in any order.
async fn the_files_of_the_senate_complete_each_other(engine: Engine) -> Result<()> {
    const LIST: &str = "questions_depuis_un_an_echantillon.csv";
    let office = Office::open(engine).await?;
    assert_eq!(told(&import_senate(&office, LIST).await?), (3, 0, 0));
    assert_eq!(told(&import_senate(&office, LIST).await?), (0, 0, 3));
    assert_eq!(told(&import_senate(&office, "question_search_result.html").await?), (10, 0, 0));

    let identity: pli_domain::identity::QuestionIdentity = "SENAT-2025-QE-5028".parse()?;
    let text = |on, html: &str| PublishedText { on, page: None, html: Some(html.to_owned()), erratum: false };
    let mut answered = PublishedQuestion::bare(identity.clone(), identity.to_string());
    answered.question_html = Some("<p>La question</p>".to_owned());
    answered.answers = vec![text(Some(day("2025-07-17")?), "<p>La réponse</p>")];
    let report = office.app.import([Ok(answered.seal()?)].into_iter(), |_| {}).await.fine()?;
    assert_eq!(told(&report), (0, 1, 0));
    assert_eq!(told(&import_senate(&office, LIST).await?), (0, 0, 3));
    let record = office.app.published_record(&identity).await.fine()?.context("no record")?;
    assert_eq!((record.uid.as_str(), record.answer_text().as_str()), ("SEQ250605028", "La réponse"));
    assert_eq!(record.author.constituency.as_deref(), Some("Lot"));

    // The numbers start again after an election: another question of that name is not taken for this one.
    let mut other = PublishedQuestion::bare(identity.clone(), "SEQ251005028".to_owned());
    other.published_on = Some(day("2025-10-09")?);
    let report = office.app.import([Ok(other.seal()?)].into_iter(), |_| {}).await.fine()?;
    assert_eq!(report.rejected[0].code, "identity_taken");
    assert_eq!(office.app.published_record(&identity).await.fine()?, Some(record));
    Ok(())
}

async fn the_whole_record_of_a_question_is_kept(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let path = fixture("q14_14-47351QE.xml");
    assert_eq!(told(&import(&office, &path).await?), (1, 0, 0));
    assert_eq!(told(&import(&office, &path).await?), (0, 0, 1));
    let read = assemblee::open(&path)?.next().context("nothing read")??;
    let kept = office.app.published_record(&read.identity).await.fine()?;
    assert_eq!(kept.as_ref(), Some(&read));
    assert!(read.history().iter().any(|told| told.what.contains("changement de gouvernement")));
    Ok(())
}
