//! The exchange with *Réponses*, by files: what is sent is written, what is received is read.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use pli_app::{App, Exchanged};
use pli_domain::import_run::Feed;
use pli_feeds::reponses::{self, Answer, Minister};
use serde_json::json;

use crate::cli::Output;
use crate::jobs::{code, failed, origin, print, tell};

/// What is written for *Réponses*.
#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// Écrit les réponses signées dans la forme de « Réponses » (`envoyerReponses`).
    Reponses(Answers),
    /// Écrit la demande des questions suivantes à « Réponses » (`chercherQuestions`), après la dernière page importée.
    DemandeQuestions(Request),
}

/// The signed answers.
#[derive(Debug, Args)]
pub(crate) struct Answers {
    /// Fichier à écrire ; il ne doit pas exister.
    path: PathBuf,
    /// Numéro du ministère dans « Réponses ».
    #[arg(long, env = "PLI_REPONSES_MINISTRE", value_name = "NUMÉRO")]
    ministre: i32,
    /// Titre du ministre au Journal officiel.
    #[arg(
        long,
        env = "PLI_REPONSES_TITRE",
        value_name = "TITRE",
        default_value = "Garde des sceaux, ministre de la justice"
    )]
    titre: String,
    /// Intitulé du ministère.
    #[arg(long, env = "PLI_REPONSES_INTITULE", value_name = "INTITULÉ", default_value = "Justice")]
    intitule: String,
    #[command(flatten)]
    output: Output,
}

/// The request for what follows.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Fichier à écrire ; il ne doit pas exister.
    path: PathBuf,
    /// Jeton à rappeler, au lieu de celui de la dernière page importée.
    #[arg(long, value_name = "JETON")]
    jeton: Option<String>,
}

/// Writes what was asked for.
pub(crate) async fn export(app: &App, export: Export) -> Result<ExitCode> {
    match export {
        Export::Reponses(wanted) => answers(app, &wanted).await,
        Export::DemandeQuestions(wanted) => {
            let token = match wanted.jeton {
                Some(token) => token,
                None => app.questions_token().await.map_err(failed)?.context(
                    "aucune page de questions n’a encore été importée : donnez le premier jeton par --jeton",
                )?,
            };
            new_file(&wanted.path, |out| Ok(reponses::ask_questions(&token, out)?))?;
            print(&format!(
                "Demande des questions qui suivent le jeton {token} : {}.",
                wanted.path.display()
            ));
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn answers(app: &App, wanted: &Answers) -> Result<ExitCode> {
    let (signed, broken) = app.signed_answers().await.map_err(failed)?;
    for reference in &broken {
        tell(&format!("écartée : {reference} : le texte n’est pas celui qui a été signé"));
    }
    let questions: usize = signed.iter().map(|answer| answer.questions.len()).sum();
    let answers: Vec<_> =
        signed.into_iter().map(|answer| Answer { questions: answer.questions, text: answer.text }).collect();
    if !answers.is_empty() {
        let minister =
            Minister { id: wanted.ministre, title: wanted.titre.clone(), ministry: wanted.intitule.clone() };
        new_file(&wanted.path, |out| Ok(reponses::write(&minister, &answers, out)?))?;
    }
    if wanted.output.json {
        let file = (!answers.is_empty()).then(|| wanted.path.display().to_string());
        print(
            &json!({ "answers": answers.len(), "questions": questions, "file": file, "broken": broken })
                .to_string(),
        );
    } else if answers.is_empty() {
        print("Aucune réponse signée n’attend d’être transmise : aucun fichier n’est écrit.");
    } else {
        print(&format!(
            "Réponses à transmettre : {} réponses, {questions} questions, dans {}. Une fois le fichier déposé, \
             transmettez chaque question dans Pli.",
            answers.len(),
            wanted.path.display()
        ));
    }
    Ok(code(broken.is_empty()))
}

/// Writes a file that was not there; one that cannot be written whole does not stay.
fn new_file(path: &Path, write: impl FnOnce(BufWriter<File>) -> Result<()>) -> Result<()> {
    let file = File::create_new(path).with_context(|| format!("impossible de créer {}", path.display()))?;
    let written = write(BufWriter::new(file));
    if written.is_err() {
        let _what_was_written = fs::remove_file(path);
    }
    written
}

/// Takes in messages of *Réponses*, in the order in which they are given.
pub(crate) async fn import(app: &App, paths: &[PathBuf], output: Output) -> Result<ExitCode> {
    let mut well = true;
    let mut told = Vec::new();
    for path in paths {
        let origin = origin(app, Feed::Reponses, path).await?;
        let message = match reponses::open(path) {
            Ok(message) => message,
            Err(error) => {
                app.import_refused(&origin, error.without_path()).await.map_err(failed)?;
                return Err(error).with_context(|| path.display().to_string());
            }
        };
        let done = app.receive_file(&origin, message).await.map_err(failed)?;
        for rejection in done.report.rejected.iter().chain(&done.rejected) {
            well = false;
            tell(&format!("refusé : {} : {}", rejection.source, rejection.reason));
        }
        if output.json {
            told.push(in_json(path, &done));
        } else {
            print(&line(path, &done));
        }
    }
    if output.json {
        print(&json!(told).to_string());
    }
    Ok(code(well))
}

fn in_json(path: &Path, done: &Exchanged) -> serde_json::Value {
    let rejected = done.report.rejected.iter().chain(&done.rejected).map(
        |rejection| json!({ "source": rejection.source, "code": rejection.code, "reason": rejection.reason }),
    );
    json!({
        "file": path.display().to_string(),
        "created": done.report.created,
        "updated": done.report.updated,
        "unchanged": done.report.unchanged,
        "dossiers": done.report.dossiers,
        "applied": done.applied,
        "passed": done.passed,
        "rejected": rejected.collect::<Vec<_>>(),
        "token": done.token.as_ref().map(|(token, _)| token),
        "last": done.token.as_ref().map(|(_, last)| last),
    })
}

fn line(path: &Path, done: &Exchanged) -> String {
    let Exchanged { report, .. } = done;
    let rejected = report.rejected.len() + done.rejected.len();
    let next = match &done.token {
        Some((token, false)) => format!(" Il reste des pages : rappelez le jeton {token}."),
        Some((token, true)) => format!(" Dernière page, jeton {token}."),
        None => String::new(),
    };
    format!(
        "{} : questions nouvelles : {}, mises à jour : {}, inchangées : {} ; dossiers ouverts : {} ; suites données : {}, \
         sans suite : {} ; refusées : {rejected}.{next}",
        path.display(),
        report.created,
        report.updated,
        report.unchanged,
        report.dossiers,
        done.applied,
        done.passed,
    )
}
