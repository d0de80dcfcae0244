//! Backups on the command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use indicatif::ProgressBar;
use pli_app::{Backup, Files};
use serde_json::json;

use crate::cli::Output;
use crate::jobs;
use crate::place::{Place, folder, reach, sqlite_file};

/// What is said where PostgreSQL's own tools do it.
const NOT_HERE: &str = "seule une base SQLite se sauvegarde ainsi : avec PostgreSQL, servez-vous de pg_basebackup ou de pg_dump, \
                        puis copiez le dossier des documents (docs/operations.md)";

/// Makes a backup, while Pli works or not. The database is taken as it is: it may be that of an older server.
pub(crate) async fn make(place: &Place, to: &Path, output: Output) -> Result<ExitCode> {
    let (database, documents) = places(place)?;
    ensure!(database.is_file(), "il n’y a pas de base : {}", database.display());
    let store = reach(&place.url()).await?;
    let (bar, progress) = told();
    let copied = Backup::in_folder(to).make(&store, &Files::in_folder(documents), progress).await?;
    bar.finish_and_clear();
    if output.json {
        jobs::print(&json!({ "folder": to, "documents": copied }).to_string());
    } else {
        jobs::print(&format!("Sauvegarde faite dans {} : la base et {copied} documents.", to.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts a backup back; what it then holds is verified by whoever asked.
pub(crate) async fn put_back(place: &Place, from: &Path) -> Result<()> {
    let (database, documents) = places(place)?;
    let (bar, progress) = told();
    let copied = Backup::in_folder(from).restore(&database, &documents, progress).await?;
    bar.finish_and_clear();
    jobs::tell(&format!("Restauré : {}, et {copied} documents qui manquaient.", database.display()));
    Ok(())
}

/// A bar of the documents that are copied, and what moves it.
fn told() -> (ProgressBar, impl Fn(u64) + Send + 'static) {
    let bar = jobs::bar(None).with_message("documents");
    let moved = bar.clone();
    (bar, move |copied| moved.set_position(copied))
}

/// The file of the database and the folder of the documents.
fn places(place: &Place) -> Result<(PathBuf, PathBuf)> {
    let url = place.url();
    let database = sqlite_file(&url).context(NOT_HERE)?;
    Ok((database.to_owned(), folder(place.files.clone(), &url)?))
}
