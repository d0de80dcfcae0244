//! What was asked and what was acknowledged, against what is kept: the proof that nothing was lost or done twice.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use pli_domain::digest::Digest;
use pli_tests::{Office, Sql};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Registers a letter.
    Letter,
    /// Writes a version of the answer to the one question on which everybody works.
    Draft,
}

/// A command that was sent, once or many times, under one key.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) what: What,
    pub(crate) key: String,
    /// The reference of the dossier, when it was acknowledged.
    pub(crate) answer: Option<String>,
}

impl Deed {
    /// The words by which it is found again: no other command has them.
    pub(crate) fn words(&self) -> String {
        match self.what {
            What::Letter => format!("Lettre {}", self.key),
            What::Draft => format!("Version {}", self.key),
        }
    }
}

/// Every command that was acknowledged is there once, every other one once or not at all, with its key, its entry in the
/// journal and, for a letter, the reference that was told; references have no gap; and everything verifies.
pub(crate) async fn check(deeds: &[Deed], office: &Office) -> Result<()> {
    check_rows(deeds, &office.database.sql().await?).await?;
    ensure!(office.faults().await?.is_empty(), "{:?}", office.faults().await?);
    Ok(())
}

/// The same, without the replay of the journal.
pub(crate) async fn check_rows(deeds: &[Deed], sql: &Sql) -> Result<()> {
    let mut kept: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let letters = "SELECT subject, reference FROM dossier WHERE subject LIKE 'Lettre %'";
    let drafts = "SELECT text, reference FROM draft JOIN dossier ON dossier.id = dossier_id";
    for query in [letters, drafts] {
        for row in sql.rows(query).await? {
            kept.entry(row.try_get_by_index(0)?).or_default().push(row.try_get_by_index(1)?);
        }
    }
    let keys: BTreeSet<String> = sql.all("SELECT key FROM idempotency").await?.into_iter().collect();
    for deed in deeds {
        let found = kept.remove(&deed.words()).unwrap_or_default();
        ensure!(found.len() <= 1, "done twice: {deed:?}: {found:?}");
        let key = Digest::of([deed.key.as_str()]);
        ensure!(keys.contains(key.as_str()) == (found.len() == 1), "its key and its row disagree: {deed:?}");
        if let Some(told) = &deed.answer {
            ensure!(Some(told) == found.first(), "lost, or told otherwise: {deed:?}: {found:?}");
        }
    }
    ensure!(kept.is_empty(), "nobody asked for {kept:?}");
    let odd = "SELECT count(*) FROM dossier WHERE subject LIKE 'Lettre %' AND \
               (SELECT count(*) FROM journal WHERE dossier_id = id) <> 1";
    ensure!(sql.one::<i64>(odd).await? == 0, "a letter without its entry in the journal, or with two");
    let written: i64 = sql.one("SELECT count(*) FROM journal WHERE action = 'draft' AND accepted").await?;
    ensure!(
        written == sql.one::<i64>("SELECT count(*) FROM draft").await?,
        "a version is not in the journal"
    );
    let gaps = "SELECT count(*) FROM (SELECT count(*) AS entries, max(seq) AS last, min(seq) AS first \
                FROM journal GROUP BY dossier_id) AS each_one WHERE first <> 1 OR last <> entries";
    ensure!(sql.one::<i64>(gaps).await? == 0, "a journal has a gap");
    references_have_no_gap(sql).await
}

/// The chronos of each year are 1, 2, 3… to the last that was given.
async fn references_have_no_gap(sql: &Sql) -> Result<()> {
    let mut years: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for reference in sql.all::<String>("SELECT reference FROM dossier WHERE kind = 'mail'").await? {
        let (year, number) = reference.rsplit_once('-').context("no chrono")?;
        let new = years.entry(year.to_owned()).or_default().insert(number.parse()?);
        ensure!(new, "{reference} was given twice");
    }
    let mut last = Vec::new();
    for (year, numbers) in years {
        let count = i32::try_from(numbers.len())?;
        ensure!(numbers.into_iter().eq(1..=count), "{year}: a chrono is missing");
        last.push(count);
    }
    let mut counters: Vec<i32> = sql.all("SELECT last FROM counter WHERE series = 'arrival'").await?;
    last.sort_unstable();
    counters.sort_unstable();
    ensure!(last == counters, "a chrono was taken and not given: {last:?}, {counters:?}");
    Ok(())
}
