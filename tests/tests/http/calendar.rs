//! The calendar feed, over HTTP, read by a calendar program.

use std::fs;
use std::process::Command as Program;

use anyhow::{Context as _, Result, ensure};
use pli_tests::samples::petition;
use pli_tests::{Engine, Person, Served};
use serde_json::json;

/// The path of `calcurse`, a calendar program for terminals.
const CALCURSE: &str = "PLI_TEST_CALCURSE";

async fn ask(served: &Served, token: &str, mutation: &str) -> Result<serde_json::Value> {
    let answer = served.ask(Some(token), &format!("mutation {{ {mutation} }}"), json!({})).await?;
    ensure!(answer.get("errors").is_none(), "{answer}");
    Ok(answer["data"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_program_reads_the_feed_until_it_is_taken_back() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let office = &served.office;
    let subject = "Accès aux soins ; dentaires, « suite » – \\ fin";
    for subject in [subject, "Aide juridictionnelle"] {
        let id = office.register(petition(subject)).await?.dossier.id;
        office.play(id, office.to_drafting()?).await?;
    }
    office.register(petition("À attribuer")).await?;
    let token = served.token(Person::Correspondent).await?;
    let path = ask(&served, &token, "openCalendarFeed { path }").await?;
    let path = path["openCalendarFeed"]["path"].as_str().context("no path")?.to_owned();
    let answer = served.client.get(format!("{}{path}", served.url)).send().await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "private, no-cache");
    let feed = answer.text().await?;

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pli.ics");
    fs::write(&file, &feed)?;
    let program = std::env::var(CALCURSE).with_context(|| format!("{CALCURSE}: see `cargo xtask test`"))?;
    let calcurse = || {
        let mut calcurse = Program::new(&program);
        calcurse.arg("--datadir").arg(folder.path()).arg("--confdir").arg(folder.path());
        calcurse.env("LC_ALL", "C.UTF-8");
        calcurse
    };
    let read = calcurse().arg("--import").arg(&file).output()?;
    let said = String::from_utf8_lossy(&read.stdout).into_owned() + &String::from_utf8_lossy(&read.stderr);
    ensure!(read.status.success(), "{said}");
    assert!(said.contains("2 events / 0 todos / 0 skipped"), "{said}\n{feed}");
    // What it keeps: the day, then the words.
    let shown = String::from_utf8(calcurse().arg("--grep").output()?.stdout)?;
    let (mut days, mut words): (Vec<_>, Vec<_>) =
        shown.lines().filter_map(|line| line.split_once(" [1] ")).unzip();
    // It names the file in which it keeps the description.
    for words in &mut words {
        *words =
            words.strip_prefix('>').and_then(|rest| rest.split_once(' ')).map_or(*words, |(_, rest)| rest);
    }
    days.dedup();
    words.sort_unstable();
    assert_eq!(days, ["01/19/2027"]);
    let first = format!("SG-2026-A-000001\u{a0}: {subject}");
    assert_eq!(words, [first.as_str(), "SG-2026-A-000002\u{a0}: Aide juridictionnelle"]);

    ask(&served, &token, "closeCalendarFeed").await?;
    let gone = served.client.get(format!("{}{path}", served.url)).send().await?;
    let wrong = served.client.get(format!("{}/calendrier/0000.ics", served.url)).send().await?;
    assert_eq!(
        (gone.status(), wrong.status()),
        (reqwest::StatusCode::NOT_FOUND, reqwest::StatusCode::NOT_FOUND)
    );
    assert_eq!(gone.text().await?, wrong.text().await?, "taken back is as never given");
    Ok(())
}
