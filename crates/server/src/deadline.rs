//! `pli deadline`: a due date, and why.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use clap::Args;
use pli_domain::calendar::Zone;
use pli_domain::delay;
use pli_domain::french::French as _;
use serde_json::json;

use crate::cli::Output;
use crate::jobs::print;

/// What is to be computed.
#[derive(Debug, Args)]
pub(crate) struct Deadline {
    /// Code de la règle, tel que `an-qe` ; `--list` les donne toutes.
    #[arg(required_unless_present = "list", value_name = "RÈGLE")]
    rule: Option<String>,
    /// Date de l’événement qui fait courir le délai, telle que 2026-09-15.
    #[arg(required_unless_present = "list", value_name = "DÉPART")]
    start: Option<NaiveDate>,
    /// Zone des jours fériés, telle que `alsace-moselle`.
    #[arg(long, default_value = "metropole")]
    zone: String,
    /// Imprime les règles.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    output: Output,
}

/// Computes, or lists the rules.
pub(crate) fn run(wanted: &Deadline) -> Result<ExitCode> {
    match (&wanted.rule, wanted.start) {
        (Some(rule), Some(start)) if !wanted.list => compute(rule, start, &wanted.zone, wanted.output)?,
        _ => list(wanted.output),
    }
    Ok(ExitCode::SUCCESS)
}

fn compute(code: &str, start: NaiveDate, zone: &str, output: Output) -> Result<()> {
    let rule = delay::by_code(code).with_context(|| {
        format!("la règle « {code} » n’existe pas : `pli deadline --list` les donne toutes")
    })?;
    let zone: Zone = zone.parse().with_context(|| format!("la zone « {zone} » n’existe pas"))?;
    let computed = rule
        .compute(start, zone)
        .with_context(|| format!("aucune échéance ne peut être calculée à partir du {start}"))?;
    let explanation: Vec<_> = computed.explanation().collect();
    if output.json {
        let zone = <&str>::from(zone);
        let answer = json!({
            "rule": rule.code, "zone": zone, "start": start, "dueOn": computed.due_on, "explanation": explanation,
        });
        print(&answer.to_string());
    } else {
        print(&explanation.join("\n"));
    }
    Ok(())
}

fn list(output: Output) {
    if output.json {
        let rules = delay::RULES.iter().map(|rule| {
            json!({ "code": rule.code, "label": rule.label, "source": rule.source, "clock": <&str>::from(rule.clock) })
        });
        print(&serde_json::Value::Array(rules.collect()).to_string());
        return;
    }
    for rule in delay::RULES {
        print(&format!("{:<22} {} ({} ; {})", rule.code, rule.label, rule.clock.french(), rule.source));
    }
    print(&format!("{} règles.", delay::RULES.len()));
}
