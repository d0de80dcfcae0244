//! The runs of imports: each leaves what it read, what it did and how it ended; one that was killed can be run again.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pli_app::{Error, List, Origin, RunDetail, RunFilter};
use pli_domain::import_run::{Counts, Ending, Feed, RunState};
use pli_domain::published::PublishedQuestion;
use pli_feeds::{RejectReason, Rejected, assemblee, reponses, senat};
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    a_run_says_what_was_read_and_the_same_file_says_that_it_was,
    a_message_of_reponses_leaves_its_run_too,
    a_file_that_cannot_be_read_changes_nothing,
    a_file_that_breaks_in_the_middle_keeps_what_came_before,
    a_run_that_was_killed_is_interrupted_and_the_next_one_goes_on,
    rejections_are_counted_without_end_and_kept_up_to_a_bound,
    only_those_who_look_after_imports_read_them,
    the_list_is_narrowed_and_turned,
);

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures").join(name)
}

fn origin(feed: Feed, path: &Path) -> Origin {
    let (source, digest) = pli_feeds::fingerprint(path);
    Origin { feed, source, digest }
}

async fn run(office: &Office, number: u32) -> Result<RunDetail> {
    let caller = office.caller(Person::Coordinator).await?;
    office.app.import_run(&caller, number).await.fine()?.with_context(|| format!("no run {number}"))
}

async fn stored(office: &Office) -> Result<Vec<String>> {
    office.database.sql().await?.all("SELECT identity FROM published_question ORDER BY 1").await
}

async fn a_run_says_what_was_read_and_the_same_file_says_that_it_was(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let path = fixture("assemblee/Questions_orales_sans_debat_extrait.json.zip");
    let origin = origin(Feed::Assembly, &path);
    let digest = origin.digest.clone().context("not read")?;
    assert_eq!(office.app.already_imported(&digest).await.fine()?, None);
    let report = office.app.import_file(&origin, assemblee::open(&path)?, |_| {}).await.fine()?;
    office.set_clock("2026-11-23T02:00:00Z")?;
    assert!(office.app.already_imported(&digest).await.fine()?.is_some());
    office.app.import_file(&origin, assemblee::open(&path)?, |_| {}).await.fine()?;

    let first = run(&office, 1).await?;
    assert_eq!(first.run.source, "Questions_orales_sans_debat_extrait.json.zip", "the name alone");
    assert_eq!((first.state, first.before), (RunState::Done, None));
    let counts = Counts { created: report.created, dossiers: report.dossiers, ..Counts::default() };
    assert_eq!((first.run.counts, first.run.counts.created), (counts, 6));
    let coordinator = office.caller(Person::Coordinator).await?;
    let list = List { import: Some(1), ..List::default() };
    let opened = office.walk(&coordinator, &list, 2).await?;
    assert_eq!(u64::try_from(opened.len())?, report.dossiers, "the figure opens its list");
    let told = office.app.opened_by_runs(&coordinator, &[1, 2]).await.fine()?;
    assert_eq!(told, [(1, report.dossiers)].into_iter().filter(|(_, count)| *count > 0).collect());
    let again = run(&office, 2).await?;
    assert_eq!((again.run.counts.created, again.run.counts.unchanged), (0, 6));
    assert_eq!(again.before.map(|run| run.number), Some(1));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_message_of_reponses_leaves_its_run_too(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for page in ["questions.xml", "changements.xml"] {
        let path = fixture("reponses").join(page);
        let origin = origin(Feed::Reponses, &path);
        office.app.receive_file(&origin, reponses::open(&path)?).await.fine()?;
    }
    let questions = run(&office, 1).await?.run;
    assert_eq!((questions.counts.created, questions.counts.dossiers), (3, 2));
    let coordinator = office.caller(Person::Coordinator).await?;
    let opened = office.walk(&coordinator, &List { import: Some(1), ..List::default() }, 10).await?;
    assert_eq!(opened.len(), 2);
    let changes = run(&office, 2).await?.run;
    assert_eq!((changes.counts.updated, changes.ending), (2, Some(Ending::Done)));
    Ok(())
}

async fn a_file_that_cannot_be_read_changes_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let folder = tempfile::tempdir()?;
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).map(|()| path)
    };
    // Cut short: a zip whose directory, at its end, is missing.
    let whole = std::fs::read(fixture("assemblee/Questions_orales_sans_debat_extrait.json.zip"))?;
    let cut = file("coupe.zip", whole.get(..whole.len() / 2).context("empty")?)?;
    let refused = assemblee::open(&cut).err().context("it was opened")?;
    let said = refused.without_path();
    assert!(said.contains("Archive illisible") && !said.contains("coupe.zip"), "{said}");
    office.app.import_refused(&origin(Feed::Assembly, &cut), said.clone()).await.fine()?;
    // A table without what it needs, and what is no JSON at all.
    let table = file("questions.csv", b"Sort;Nature;Titre\nx;QE;y\n")?;
    office.app.import_file(&origin(Feed::Senate, &table), senat::open(&table)?, |_| {}).await.fine()?;
    let json = file("question.json", b"{ \"question\": ")?;
    office.app.import_file(&origin(Feed::Assembly, &json), assemblee::open(&json)?, |_| {}).await.fine()?;
    let empty = folder.path().join("vide");
    std::fs::create_dir(&empty)?;
    office.app.import_file(&origin(Feed::Assembly, &empty), assemblee::open(&empty)?, |_| {}).await.fine()?;

    assert_eq!(stored(&office).await?, [""; 0], "the previous state is intact");
    for number in 1..=4 {
        let detail = run(&office, number).await?;
        assert_eq!(detail.state, RunState::Failed, "{number}");
        assert_eq!(detail.run.counts.created, 0);
    }
    assert_eq!(run(&office, 1).await?.run.ending, Some(Ending::Failed(said)));
    assert_eq!(
        run(&office, 2).await?.rejections.first().map(|one| one.code.as_str()),
        Some("missing_column")
    );
    assert_eq!(run(&office, 3).await?.rejections.first().map(|one| one.code.as_str()), Some("not_json"));
    Ok(())
}

#[tokio::test]
async fn what_a_batch_did_counts_once_it_is_kept() -> Result<()> {
    let office = Office::open(Engine::Sqlite).await?;
    let last = published(120, day("2026-09-15")?)?.identity;
    let full = format!(
        "CREATE TRIGGER full BEFORE INSERT ON published_question WHEN new.identity = '{last}' \
         BEGIN SELECT RAISE(ABORT, 'no room'); END"
    );
    office.database.sql().await?.run(&full).await?;
    office.app.import_file(&anything(), questions(130)?.into_iter(), |_| {}).await.map(drop).failed()?;
    let detail = run(&office, 1).await?;
    assert_eq!((detail.state, detail.run.counts.created), (RunState::Failed, 100));
    assert_eq!(stored(&office).await?.len(), 100);
    Ok(())
}

/// So many questions, and then whatever is told.
fn questions(many: u32) -> Result<Vec<Result<PublishedQuestion, Rejected>>> {
    (1..=many).map(|number| Ok(Ok(published(number, day("2026-09-15")?)?))).collect()
}

fn broken() -> Result<PublishedQuestion, Rejected> {
    Err(Rejected { source: "questions.json".to_owned(), reason: RejectReason::NotJson { line: 7 } })
}

fn anything() -> Origin {
    Origin { feed: Feed::Assembly, source: "questions.json".to_owned(), digest: None }
}

async fn a_file_that_breaks_in_the_middle_keeps_what_came_before(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut records = questions(130)?;
    records.push(broken());
    office.app.import_file(&anything(), records.into_iter(), |_| {}).await.fine()?;
    let detail = run(&office, 1).await?;
    assert_eq!(
        (detail.state, detail.run.counts.created, detail.run.counts.rejected),
        (RunState::Failed, 130, 1)
    );
    assert!(matches!(&detail.run.ending, Some(Ending::Failed(why)) if why.contains("ligne 7")));
    assert_eq!(stored(&office).await?.len(), 130);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_run_that_was_killed_is_interrupted_and_the_next_one_goes_on(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let app = office.app.clone();
    let records = questions(230)?;
    let killed = records.clone().into_iter().enumerate().inspect(|(place, _)| {
        assert!(*place < 150, "killed between two batches");
    });
    let killed = killed.map(|(_, record)| record);
    let death = tokio::spawn(async move { app.import_file(&anything(), killed, |_| {}).await.is_ok() }).await;
    assert!(death.is_err());
    let first = run(&office, 1).await?;
    assert_eq!((first.state, first.run.counts.created), (RunState::Running, 100), "whole batches");
    assert_eq!(stored(&office).await?.len(), 100);
    office.set_clock("2026-11-22T09:10:01Z")?;
    assert_eq!(run(&office, 1).await?.state, RunState::Interrupted);

    office.app.import_file(&anything(), records.into_iter(), |_| {}).await.fine()?;
    let second = run(&office, 2).await?;
    assert_eq!((second.run.counts.unchanged, second.run.counts.created), (100, 130));
    assert_eq!((second.state, stored(&office).await?.len()), (RunState::Done, 230));
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn rejections_are_counted_without_end_and_kept_up_to_a_bound(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let long = "x".repeat(100_000);
    let rejected = std::iter::repeat_with(|| {
        Err(Rejected {
            source: "QANR5L17QM1.json".to_owned(),
            reason: RejectReason::UnknownIdentifier { uid: long.clone() },
        })
    });
    let records = questions(1)?.into_iter().chain(rejected.take(10_250));
    let report = office.app.import_file(&anything(), records, |_| {}).await.fine()?;
    assert_eq!((report.refused(), report.rejected.len()), (10_250, 10_000));
    assert!(report.rejected.iter().all(|one| one.reason.len() < 1_000));
    let detail = run(&office, 1).await?;
    assert_eq!((detail.run.counts.rejected, detail.rejections.len()), (10_250, 500));
    assert_eq!(detail.state, RunState::Done, "a record that is not understood is no damage");
    Ok(())
}

async fn only_those_who_look_after_imports_read_them(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.app.import_refused(&anything(), "illisible".to_owned()).await.fine()?;
    for (person, caller) in office.everybody().await? {
        let allowed = matches!(person, Person::Coordinator | Person::Deputy | Person::Administrator);
        let list = office.app.import_runs(&caller, RunFilter::default(), None, 10).await;
        let one = office.app.import_run(&caller, 1).await;
        if allowed {
            assert_eq!(list.fine()?.items.len(), 1, "{person:?}");
            assert!(one.fine()?.is_some(), "{person:?}");
        } else {
            assert!(matches!(list, Err(Error::Refused(_))), "{person:?}");
            assert!(matches!(one, Err(Error::Refused(_))), "{person:?}");
        }
    }
    Ok(())
}

async fn the_list_is_narrowed_and_turned(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for feed in [Feed::Assembly, Feed::Senate, Feed::Assembly] {
        let origin = Origin { feed, ..anything() };
        office.app.import_file(&origin, questions(1)?.into_iter(), |_| {}).await.fine()?;
    }
    office.app.import_refused(&anything(), "illisible".to_owned()).await.fine()?;
    let caller = office.caller(Person::Administrator).await?;
    let numbers = async |feed, state, before, size| {
        let page = office.app.import_runs(&caller, RunFilter { feed, state }, before, size).await.fine()?;
        anyhow::Ok((page.items.iter().map(|(run, _)| run.number).collect::<Vec<_>>(), page.more))
    };
    assert_eq!(numbers(None, None, None, 3).await?, (vec![4, 3, 2], true));
    assert_eq!(numbers(None, None, Some(2), 3).await?, (vec![1], false));
    assert_eq!(numbers(Some(Feed::Assembly), Some(RunState::Done), None, 3).await?, (vec![3, 1], false));
    assert_eq!(numbers(None, Some(RunState::Failed), None, 3).await?, (vec![4], false));
    assert_eq!(numbers(None, Some(RunState::Interrupted), None, 3).await?, (vec![], false));
    Ok(())
}
