//! `pli seal` and `pli proof`: what is kept elsewhere, and the proof of a dossier, checked without a database.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use pli_app::{App, Fault};
use pli_domain::digest::Digest;
use pli_domain::proof::Package;
use serde_json::json;

use crate::cli::Output;
use crate::jobs::{code, failed, print, tell};

/// A seal that somebody kept elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct KeptSeal {
    number: u32,
    hash: Digest,
}

/// Reads `12:5d41…`.
pub(crate) fn kept_seal(text: &str) -> Result<KeptSeal> {
    let parts =
        text.split_once(':').and_then(|(number, hash)| Some((number.parse().ok()?, Digest::parse(hash)?)));
    let (number, hash) = parts.context(
        "écrivez le numéro du sceau, deux-points, puis son empreinte de 64 signes, comme `pli seal` les imprime",
    )?;
    Ok(KeptSeal { number, hash })
}

impl KeptSeal {
    /// What is wrong when the seal is not there as it was.
    pub(crate) async fn fault(&self, app: &App) -> Result<Option<Fault>> {
        let seals = app.seals(self.number).await.map_err(failed)?;
        let same =
            seals.first().is_some_and(|found| found.seal.number == self.number && found.hash == self.hash);
        let reference = format!("sceau {}", self.number);
        Ok((!same)
            .then(|| Fault { reference, what: "il n’est plus celui que vous avez conservé".to_owned() }))
    }
}

/// What is to be proved, or checked.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Wanted {
    #[command(subcommand)]
    pub(crate) check: Option<Check>,
    /// Référence du dossier, telle que `SG-2026-A-000123`.
    #[arg(required = true, value_name = "DOSSIER")]
    dossier: Option<String>,
    /// Fichier à écrire ; `preuve-RÉFÉRENCE.json` s’il n’est pas donné.
    #[arg(long, value_name = "FICHIER")]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Check {
    /// Vérifie un fichier de preuve, sans base ni réseau.
    Check(Checked),
}

/// What is to be checked.
#[derive(Debug, Args)]
pub(crate) struct Checked {
    /// Le fichier de preuve.
    file: PathBuf,
    /// Sceau que vous avez conservé ailleurs, tel que `12:5d41…` : il doit être celui du fichier.
    #[arg(long, value_name = "NUMÉRO:EMPREINTE", value_parser = kept_seal)]
    seal: Option<KeptSeal>,
    #[command(flatten)]
    output: Output,
}

/// Prints the last seal.
pub(crate) async fn seal(app: &App, output: Output) -> Result<ExitCode> {
    let last = app.last_seal().await.map_err(failed)?;
    let Some(last) = last else {
        tell("Aucun sceau : le premier est posé après minuit par le serveur.");
        return Ok(code(false));
    };
    let (seal, hash) = (&last.seal, &last.hash);
    print(&if output.json {
        json!({ "number": seal.number, "day": seal.day, "leaves": seal.leaves, "hash": hash }).to_string()
    } else {
        format!("{}:{hash}", seal.number)
    });
    Ok(ExitCode::SUCCESS)
}

/// Writes the package of a dossier.
pub(crate) async fn write(app: &App, wanted: &Wanted) -> Result<ExitCode> {
    let reference = wanted.dossier.as_deref().unwrap_or_default().trim();
    let Some(package) = app.proof_of(reference).await.map_err(failed)? else {
        bail!("aucun dossier « {reference} »");
    };
    let out = wanted.out.clone().unwrap_or_else(|| package.file_name().into());
    fs::write(&out, package.json()).with_context(|| format!("impossible d’écrire {}", out.display()))?;
    print(&format!(
        "Preuve de {reference} dans {} (entrées : {}, sceaux qui la couvrent : {}).",
        out.display(),
        package.entries.len(),
        package.covered.len()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Checks a package; nothing but the file is read.
pub(crate) fn check(wanted: &Checked) -> Result<ExitCode> {
    let file = &wanted.file;
    let text = fs::read(file).with_context(|| format!("impossible de lire {}", file.display()))?;
    let package: Package = serde_json::from_slice(&text)
        .ok()
        .with_context(|| format!("{} n’est pas un fichier de preuve de Pli", file.display()))?;
    let checked = package.check(wanted.seal.as_ref().map(|kept| (kept.number, &kept.hash)));
    let well = checked.faults.is_empty();
    if wanted.output.json {
        let answer = json!({
            "reference": package.reference, "holds": checked.holds, "unsaid": checked.unsaid, "faults": checked.faults,
        });
        print(&answer.to_string());
        return Ok(code(well));
    }
    for (mark, lines) in
        [("tient   ", &checked.holds), ("à savoir", &checked.unsaid), ("anomalie", &checked.faults)]
    {
        for line in lines {
            print(&format!("{mark} : {line}"));
        }
    }
    let verdict = if well { "la preuve tient" } else { "LA PREUVE NE TIENT PAS" };
    print(&format!("{} : {verdict}.", package.reference));
    Ok(code(well))
}
