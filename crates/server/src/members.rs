//! `pli import elus`: the members of Parliament.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use pli_app::{App, Report};
use pli_domain::member::PublishedMember;
use pli_feeds::{Source, members};

use crate::cli::Output;
use crate::jobs::{bar, code, failed, import_json, print, tell};

/// Imports archives, folders and files, one after the other. All can be opened, or nothing is imported.
pub(crate) async fn import(app: &App, paths: &[PathBuf], output: Output) -> Result<ExitCode> {
    let sources =
        paths.iter().map(|path| members::open(path)).collect::<Result<Vec<Source<PublishedMember>>, _>>()?;
    let progress = bar(None).with_message("élus");
    let source = sources.into_iter().flatten();
    let report =
        app.import_members(source, |report| progress.set_position(report.read())).await.map_err(failed)?;
    progress.finish_and_clear();
    for rejection in &report.rejected {
        tell(&format!("refusé : {} : {}", rejection.source, rejection.reason));
    }
    print(&if output.json { import_json(&report).to_string() } else { line(&report) });
    Ok(code(report.rejected.is_empty()))
}

fn line(report: &Report) -> String {
    format!(
        "Import des élus : {} lus, {} nouveaux, {} mis à jour, {} inchangés, {} refusés.",
        report.read(),
        report.created,
        report.updated,
        report.unchanged,
        report.rejected.len()
    )
}
