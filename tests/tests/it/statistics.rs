//! The statistics of questions: each figure is the length of its list, and on real questions they are what one counts from
//! the same files without Pli.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use chrono::{Months, NaiveDate};
use pli_app::{By, Common, Counted, Statistics};
use pli_domain::dossier::Command;
use pli_domain::published::{ClosingKind, PublishedQuestion};
use pli_feeds::assemblee;
use pli_tests::samples::{day, published, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};
use strum::VariantArray as _;

pli_tests::on_both!(
    each_figure_is_the_length_of_its_list_for_everybody,
    real_questions_are_counted_as_one_counts_them_by_hand,
    neither_a_report_nor_a_transfer_asked_changes_the_legal_figure,
);

const EVER: (&str, &str) = ("2000-01-01", "2026-12-31");

async fn statistics(office: &Office, person: Person, by: By, period: (&str, &str)) -> Result<Statistics> {
    let caller = office.caller(person).await?;
    office.app.statistics(&caller, by, (day(period.0)?, day(period.1)?)).await.fine()
}

fn archive(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures/assemblee").join(name)
}

/// All the real questions, as if they had been put to us.
fn ours() -> Result<Vec<PublishedQuestion>> {
    let mut all = Vec::new();
    for name in ["Questions_ecrites_extrait.json.zip", "Questions_gouvernement_extrait.json.zip"] {
        for record in assemblee::open(&archive(name))? {
            let mut record = record?;
            record.attributions.clear();
            let justice = published(1, NaiveDate::MIN)?.asked_ministry;
            record.asked_ministry = justice;
            all.push(record.seal()?);
        }
    }
    Ok(all)
}

/// Where a question is counted, by its dates alone: two months from its publication, day for day.
fn by_hand(record: &PublishedQuestion, today: NaiveDate) -> Counted {
    let answered = record.answered_on();
    if !record.identity.kind.is_written() {
        return if answered.is_some() { Counted::InChamber } else { Counted::Pending };
    }
    let due = record.published_on.and_then(|on| on.checked_add_months(Months::new(2)));
    let end = match record.identity.term {
        14 => "2017-06-20",
        15 => "2022-06-21",
        16 => "2024-06-09",
        _ => "9999-12-31",
    };
    let ended = end.parse::<NaiveDate>().is_ok_and(|end| end < today);
    let closed = record.closing.as_ref().is_some_and(|closing| closing.kind != ClosingKind::Answered);
    match (answered, due) {
        (Some(on), Some(due)) if on <= due => Counted::InTime,
        (Some(_), _) => Counted::Late,
        (None, _) if ended || closed => Counted::Unanswered,
        (None, Some(due)) if due < today => Counted::PendingLate,
        (None, _) => Counted::Pending,
    }
}

async fn real_questions_are_counted_as_one_counts_them_by_hand(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let records = ours()?;
    let report = office.app.import(records.iter().cloned().map(Ok), |_| {}).await.fine()?;
    assert_eq!((report.dossiers, report.rejected.len()), (390, 0), "{report:?}");
    let mut groups: BTreeMap<Option<String>, BTreeMap<Counted, u64>> = BTreeMap::new();
    for record in &records {
        let group = record.author.group.clone().filter(|group| !group.is_empty());
        *groups.entry(group).or_default().entry(by_hand(record, office.today())).or_default() += 1;
    }
    assert!(groups.len() > 8, "the sample has many groups");
    let found = statistics(&office, Person::Manager, By::Group, EVER).await?;
    let mut counted = BTreeMap::new();
    for row in &found.rows {
        let Some(Common::Group(group)) = &row.key else { anyhow::bail!("{row:?}") };
        let figures = Counted::VARIANTS.iter().filter(|figure| **figure != Counted::Published);
        let figures = figures.map(|figure| (*figure, row.count(*figure))).filter(|(_, count)| *count > 0);
        counted.insert(group.clone(), figures.collect::<BTreeMap<_, _>>());
    }
    assert_eq!(counted, groups);
    assert_eq!(found.total.count(Counted::Published), 390);
    assert_eq!(found.total.count(Counted::InChamber), 43);
    let (in_time, late) = (found.total.count(Counted::InTime), found.total.count(Counted::Late));
    assert!(in_time > 40 && late > 40, "{in_time} and {late}: both are seen");
    Ok(())
}

async fn each_figure_is_the_length_of_its_list_for_everybody(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let records = ours()?;
    // The latest, among them some that nobody has answered, and some that are ours to route.
    let some = records.into_iter().filter(|record| record.identity.term == 17).take(60);
    office.app.import(some.map(Ok), |_| {}).await.fine()?;
    let clerk = office.caller(Person::Clerk).await?;
    for (number, unit) in (900_001..).zip(["DACS", "DAP", "DACS-C1"]) {
        let sheet = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        office.play(sheet.dossier.id, [(Person::Coordinator, route(office.unit(unit)?))]).await?;
    }
    let mut seen = 0;
    for (person, caller) in office.everybody().await? {
        for by in By::VARIANTS.iter().copied() {
            let found = statistics(&office, person, by, EVER).await?;
            let sum = |figure| found.rows.iter().map(|row| row.count(figure)).sum::<u64>();
            for row in found.rows.iter().chain([&found.total]) {
                for figure in Counted::VARIANTS.iter().copied() {
                    let length = office.app.count(&caller, &row.list(figure)).await.fine()?;
                    assert_eq!(row.count(figure), length, "{person:?} {by:?} {:?} {figure:?}", row.key);
                    assert_eq!(sum(figure), found.total.count(figure));
                    seen += u64::from(length > 0);
                }
                let parts = Counted::VARIANTS.iter().skip(1).map(|figure| row.count(*figure)).sum::<u64>();
                assert_eq!(parts, row.count(Counted::Published), "each question is counted once");
            }
        }
    }
    assert!(seen > 100, "{seen} figures");
    Ok(())
}

async fn neither_a_report_nor_a_transfer_asked_changes_the_legal_figure(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let sheet = office.app.receive_question(&clerk, office.key(), question(1)).await.fine()?;
    let id = sheet.dossier.id;
    office.play(id, [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    let before = statistics(&office, Person::Manager, By::House, EVER).await?;
    assert_eq!(before.total.count(Counted::PendingLate), 1);
    let ask = Command::RequestExtension {
        rule: "qe-internal".to_owned(),
        until: day("2027-01-15")?,
        note: "Données attendues.".to_owned(),
    };
    let grant = Command::GrantExtension { rule: "qe-internal".to_owned(), note: "Oui.".to_owned() };
    let transfer = Command::RequestTransfer { ministry: "Intérieur".to_owned() };
    office
        .play(
            id,
            [(Person::Correspondent, ask), (Person::Coordinator, grant), (Person::Coordinator, transfer)],
        )
        .await?;
    assert_eq!(statistics(&office, Person::Manager, By::House, EVER).await?, before);
    let outside = statistics(&office, Person::Manager, By::House, ("2026-09-16", "2026-12-31")).await?;
    assert_eq!(outside.rows.first().map(|row| row.count(Counted::Published)), None);
    assert_eq!(before.total.rate().context("a rate")?, 0);
    Ok(())
}
