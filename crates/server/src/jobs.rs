//! The jobs of the command line. Each prints one closing line that sums up what it did, or JSON, and says by its exit
//! code whether something was refused.

use std::io::BufRead as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use chrono::TimeDelta;
use indicatif::{ProgressBar, ProgressStyle};
use pli_app::{App, NewPassword, Origin, Report};
use pli_domain::account::TokenScope;
use pli_domain::actor::Role;
use pli_domain::import_run::Feed;
use pli_domain::published::PublishedQuestion;
use pli_domain::time::Timestamp;
use pli_feeds::{OpenError, Source};
use serde_json::json;

use crate::cli::Output;
use crate::proof::KeptSeal;

/// Prints a line of the answer.
#[expect(clippy::print_stdout, reason = "a command line answers there")]
pub(crate) fn print(text: &str) {
    println!("{text}");
}

/// Tells a person something beside the answer.
#[expect(clippy::print_stderr, reason = "what is not the answer goes there")]
pub(crate) fn tell(text: &str) {
    eprintln!("{text}");
}

/// What a use case could not do, for the command line: here, unlike in the API, the cause is shown.
pub(crate) fn failed(error: pli_app::Error) -> anyhow::Error {
    match error {
        pli_app::Error::Internal(cause) => anyhow!(cause),
        other => anyhow!(other.message()),
    }
}

/// A bar on a terminal, nothing elsewhere.
pub(crate) fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, shape) = match total {
        Some(total) => (ProgressBar::new(total), "{bar:40} {pos}/{len} {msg} ({eta} restantes)"),
        None => (ProgressBar::no_length(), "{spinner} {pos} {msg}"),
    };
    match ProgressStyle::with_template(shape) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// 0 when all went well, 1 when something was refused.
pub(crate) fn code(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Imports a house's files, by the reader that opens them.
pub(crate) async fn import(
    app: &App,
    feed: Feed,
    path: &Path,
    open: impl FnOnce(&Path) -> Result<Source<PublishedQuestion>, OpenError>,
    output: Output,
) -> Result<ExitCode> {
    let origin = origin(app, feed, path).await?;
    let source = match open(path) {
        Ok(source) => source,
        Err(error) => {
            app.import_refused(&origin, error.without_path()).await.map_err(failed)?;
            return Err(error.into());
        }
    };
    let progress = bar(source.total()).with_message("questions");
    let report = app.import_file(&origin, source, |report| progress.set_position(report.read()));
    let report = report.await.map_err(failed)?;
    progress.finish_and_clear();
    for rejection in &report.rejected {
        tell(&format!("refusé : {} : {}", rejection.source, rejection.reason));
    }
    if let Some(why) = report.failure() {
        tell(&format!("import en échec : {why}"));
    }
    print(&if output.json { import_json(&report).to_string() } else { import_line(feed, &report) });
    Ok(code(report.rejected.is_empty() && report.failure().is_none()))
}

/// Where an import comes from; says so when the very same file was imported before.
pub(crate) async fn origin(app: &App, feed: Feed, path: &Path) -> Result<Origin> {
    let (source, digest) = pli_feeds::fingerprint(path);
    if let Some(digest) = &digest
        && let Some(at) = app.already_imported(digest).await.map_err(failed)?
    {
        tell(&format!("ce fichier a déjà été importé le {} : rien ne devrait changer.", at.french()));
    }
    Ok(Origin { feed, source, digest })
}

pub(crate) fn import_json(report: &Report) -> serde_json::Value {
    let rejected = report.rejected.iter().map(
        |rejection| json!({ "source": rejection.source, "code": rejection.code, "reason": rejection.reason }),
    );
    json!({
        "read": report.read(),
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "dossiers": report.dossiers,
        "rejected": rejected.collect::<Vec<_>>(),
    })
}

fn import_line(feed: Feed, report: &Report) -> String {
    let whose = match feed {
        Feed::Assembly => "de l’Assemblée nationale",
        Feed::Senate => "du Sénat",
        Feed::Reponses => "de « Réponses »",
        Feed::Members => "des élus",
    };
    format!(
        "Import {whose} : {} lues, {} nouvelles, {} mises à jour, {} inchangées, {} refusées ; \
         dossiers ouverts : {}.",
        report.read(),
        report.created,
        report.updated,
        report.unchanged,
        report.refused(),
        report.dossiers
    )
}

/// Verifies the seals and the journal, against a seal that was kept elsewhere when there is one.
pub(crate) async fn verify(app: &App, kept: Option<&KeptSeal>, output: Output) -> Result<ExitCode> {
    let progress = bar(None).with_message("dossiers");
    let mut seen = app.verify(|done| progress.set_position(done)).await.map_err(failed)?;
    if let Some(kept) = kept {
        seen.faults.extend(kept.fault(app).await?);
    }
    progress.finish_and_clear();
    if output.json {
        let faults =
            seen.faults.iter().map(|fault| json!({ "dossier": fault.reference, "what": fault.what }));
        print(
            &json!({
                "dossiers": seen.dossiers,
                "entries": seen.entries,
                "seals": seen.seals,
                "faults": faults.collect::<Vec<_>>(),
            })
            .to_string(),
        );
    } else {
        for fault in &seen.faults {
            tell(&format!("anomalie : {} : {}", fault.reference, fault.what));
        }
        print(&format!(
            "Vérification : {} dossiers, {} entrées du journal, {} sceaux, {} anomalies.",
            seen.dossiers,
            seen.entries,
            seen.seals,
            seen.faults.len()
        ));
    }
    Ok(code(seen.faults.is_empty()))
}

/// Someone to whom an account is given.
pub(crate) struct Person {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

/// Adds an account.
pub(crate) async fn add_user(
    app: &App,
    person: &Person,
    roles: &[String],
    password_stdin: bool,
    output: Output,
) -> Result<ExitCode> {
    let roles = roles.iter().map(|role| parse_role(role)).collect::<Result<Vec<_>>>()?;
    let given = if password_stdin { Some(read_password()?) } else { None };
    let drawn = if given.is_none() { Some(pli_app::Secret::password().map_err(failed)?) } else { None };
    let password = match (&given, &drawn) {
        (None, Some(drawn)) => NewPassword::Drawn(drawn),
        (given, _) => NewPassword::Chosen(given.as_deref().unwrap_or_default()),
    };
    let Person { login, name, email } = person;
    let added =
        app.add_account(login, name, password, email.as_deref(), &roles).await.map_err(
            |error| match error {
                pli_app::Error::NotFound => anyhow!("un des services n’existe pas"),
                other => failed(other),
            },
        )?;
    if !added {
        bail!("l’identifiant « {login} » est déjà pris");
    }
    let shown = drawn.as_ref().map(pli_app::Secret::reveal);
    if output.json {
        print(&json!({ "login": login, "password": shown }).to_string());
    } else {
        let password = shown.map(|shown| format!(" Mot de passe : {shown}")).unwrap_or_default();
        print(&format!("Compte « {login} » créé.{password}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// `clerk@SG-CAB`: a role and the code of a unit.
pub(crate) fn parse_role(text: &str) -> Result<(Role, String)> {
    let (role, unit) =
        text.split_once('@').with_context(|| format!("« {text} » n’est pas de la forme rôle@SERVICE"))?;
    let role = role.parse().with_context(|| format!("le rôle « {role} » n’existe pas"))?;
    Ok((role, unit.to_owned()))
}

fn read_password() -> Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("mot de passe illisible")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < 12 {
        bail!("le mot de passe doit avoir au moins douze caractères");
    }
    Ok(password.to_owned())
}

/// Makes a token.
pub(crate) async fn create_token(
    app: &App,
    login: &str,
    name: &str,
    scope: TokenScope,
    days: u32,
    output: Output,
) -> Result<ExitCode> {
    let now = pli_app::Clock::System.now().instant();
    let expires_at = Timestamp::new(now + TimeDelta::days(days.into()));
    let secret =
        app.create_token(login, name, scope, Some(expires_at)).await.map_err(|error| match error {
            pli_app::Error::NotFound => anyhow!("aucun compte « {login} »"),
            other => failed(other),
        })?;
    if output.json {
        print(&json!({ "login": login, "name": name, "token": secret.reveal() }).to_string());
    } else {
        print(&format!(
            "Jeton « {name} » créé pour « {login} » ; il ne sera plus montré : {}",
            secret.reveal()
        ));
    }
    Ok(ExitCode::SUCCESS)
}
