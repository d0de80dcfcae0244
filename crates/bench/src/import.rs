//! The import of published questions, against reading them and writing the same rows.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use pli_feeds::assemblee;
use pli_tests::{Engine, Fine as _, Office, TestStore};

use crate::floor::Floor;
use crate::tape::{Names, Recorder, Tape};

/// How many questions Pli writes in one transaction.
const BATCH: usize = 100;

/// Questions a second, by the use case and by the floor, in one round.
pub(crate) async fn round(engine: Engine) -> Result<(f64, f64)> {
    let recorder = Recorder::default();
    let listener = recorder.clone();
    let database = TestStore::open(engine).await?.watched(move |statement| listener.hear(statement));
    let office = Office::on(database).await?;
    recorder.listen();
    let start = Instant::now();
    let report = office.app.import(assemblee::open(&archive())?, |_| {}).await.fine()?;
    let by_app = start.elapsed();
    let statements = recorder.stop();
    let read = usize::try_from(report.read())?;
    ensure!(read > 0 && report.refused() == 0, "{report:?}");

    // Elsewhere, so that the same rows are new there too.
    let other = Office::on(TestStore::open(engine).await?).await?;
    let floor = Floor::of(&other, 1).await?;
    let length = (statements.len() * BATCH).div_ceil(read);
    // Written in transactions of the same length, under the same names.
    let names = Names { id: uuid::Uuid::nil(), reference: "\0".to_owned(), key: "\0".to_owned() };
    let tapes: Vec<_> = statements
        .chunks(length)
        .map(|part| Tape { statements: part.to_vec(), names: Some(names.clone()) })
        .collect();
    let start = Instant::now();
    let parsed = assemblee::open(&archive())?.flatten().count();
    for tape in &tapes {
        floor.play(tape, Some(&names)).await?;
    }
    let by_floor = start.elapsed();
    ensure!(parsed == read, "{parsed} questions, {read} imported");
    Ok((each_second(read, by_app)?, each_second(read, by_floor)?))
}

fn each_second(count: usize, time: Duration) -> Result<f64> {
    Ok(f64::from(u32::try_from(count).context("too many")?) / time.as_secs_f64())
}

/// Real questions of the Assemblée.
fn archive() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../feeds/fixtures/assemblee/Questions_ecrites_extrait.json.zip")
}
