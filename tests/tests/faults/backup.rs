//! A backup that is made while people work, and put back.

use anyhow::{Result, ensure};
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Office, Person, Sql};

use crate::history;
use crate::load::{Desk, Load};
use crate::program::Program;

const SCAN: &[u8] = b"%PDF-1.7 une lettre";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_under_load_holds_what_was_acknowledged_before() -> Result<()> {
    let office = Office::open(Engine::Sqlite).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let intake = pli_app::Intake {
        scan: Some(office.receive("lettre.pdf", SCAN).await.fine()?),
        ..petition("Tutelle").into()
    };
    office.app.register_mail(&clerk, office.key(), intake).await.fine()?;
    let program = Program::of(&office);
    let server = program.serve().await?;
    let mut load = Load::start(&Desk::open(&office, &[&server.url]).await?, 4);
    load.more(20).await?;
    let before = load.so_far();

    let folder = tempfile::tempdir()?;
    let (copy, place) = (folder.path().join("sauvegarde"), folder.path().join("autre"));
    let copied = program.run(&["backup", &copy.display().to_string(), "--json"]).await?;
    ensure!(copied.status.success(), "{copied:?}");
    load.more(10).await?;
    let after = load.stop().await?;

    let url = format!("sqlite://{}", place.join("pli.sqlite").display());
    std::fs::create_dir(&place)?;
    let elsewhere = Program::on(&url, &place.join("pli.files"));
    let restored = elsewhere.run(&["restore", &copy.display().to_string(), "--json"]).await?;
    ensure!(restored.status.success(), "{restored:?}");
    let seen: serde_json::Value = serde_json::from_slice(&restored.stdout)?;
    ensure!(seen["faults"] == serde_json::json!([]) && seen["dossiers"].as_u64() > Some(10), "{seen}");
    // What was acknowledged later is in the backup or not, once at most.
    let mut deeds = before.clone();
    let known = before.iter().map(|deed| deed.key.clone()).collect::<std::collections::BTreeSet<_>>();
    let later = after.into_iter().filter(|deed| !known.contains(&deed.key));
    deeds.extend(later.map(|deed| history::Deed { answer: None, ..deed }));
    history::check_rows(&deeds, &Sql::connect(&url, Engine::Sqlite).await?).await?;

    let again = elsewhere.run(&["restore", &copy.display().to_string()]).await?;
    ensure!(!again.status.success(), "nothing is written over");
    Ok(())
}
