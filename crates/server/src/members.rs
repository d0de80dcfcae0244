//! `pli import elus`: the members of Parliament.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use pli_app::{App, Origin, Report};
use pli_domain::digest::Digest;
use pli_domain::import_run::Feed;
use pli_domain::member::PublishedMember;
use pli_feeds::{Source, members};

use crate::cli::Output;
use crate::jobs::{bar, code, failed, import_json, origin, print, tell};

/// Imports archives, folders and files, one after the other, in one run. All can be opened, or nothing is imported.
pub(crate) async fn import(app: &App, paths: &[PathBuf], output: Output) -> Result<ExitCode> {
    let origin = together(app, paths).await?;
    let opened =
        paths.iter().map(|path| members::open(path)).collect::<Result<Vec<Source<PublishedMember>>, _>>();
    let sources = match opened {
        Ok(sources) => sources,
        Err(error) => {
            app.import_refused(&origin, error.without_path()).await.map_err(failed)?;
            return Err(error.into());
        }
    };
    let progress = bar(None).with_message("élus");
    let source = sources.into_iter().flatten();
    let report = app.import_members_file(&origin, source, |report| progress.set_position(report.read()));
    let report = report.await.map_err(failed)?;
    progress.finish_and_clear();
    for rejection in &report.rejected {
        tell(&format!("refusé : {} : {}", rejection.source, rejection.reason));
    }
    print(&if output.json { import_json(&report).to_string() } else { line(&report) });
    if let Some(why) = report.failure() {
        tell(&format!("import en échec : {why}"));
    }
    Ok(code(report.rejected.is_empty() && report.failure().is_none()))
}

/// One origin of several files: their names, and a digest made of theirs.
async fn together(app: &App, paths: &[PathBuf]) -> Result<Origin> {
    if let [path] = paths {
        return origin(app, Feed::Members, path).await;
    }
    let (names, digests): (Vec<_>, Vec<_>) = paths.iter().map(|path| pli_feeds::fingerprint(path)).unzip();
    let digests: Option<Vec<_>> = digests.into_iter().collect();
    let digest = digests.map(|digests| Digest::of(digests.iter().map(Digest::as_str)));
    Ok(Origin { feed: Feed::Members, source: names.join(", "), digest })
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
