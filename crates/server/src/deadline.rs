//! `pli deadline`: a due date, and why.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use chrono::NaiveDate;
use clap::Args;
use pli_domain::calendar::Zone;
use pli_domain::delay::{DelayRule, Delays};
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
pub(crate) fn run(wanted: &Deadline, delays: &Delays) -> Result<ExitCode> {
    match (&wanted.rule, wanted.start) {
        (Some(rule), Some(start)) if !wanted.list => compute(delays, rule, start, wanted)?,
        _ => list(delays, wanted.output),
    }
    Ok(ExitCode::SUCCESS)
}

fn compute(delays: &Delays, code: &str, start: NaiveDate, wanted: &Deadline) -> Result<()> {
    let latest = delays.rules.latest(code).with_context(|| {
        format!("la règle « {code} » n’existe pas : `pli deadline --list` les donne toutes")
    })?;
    let rule = delays
        .rules
        .in_force(code, start)
        .with_context(|| format!("la règle « {} » ne vaut pas pour le {start}", latest.label))?;
    let zone = &wanted.zone;
    let zone: Zone = zone.parse().with_context(|| format!("la zone « {zone} » n’existe pas"))?;
    let computed = rule
        .compute(start, &delays.calendar.in_zone(zone))
        .with_context(|| format!("aucune échéance ne peut être calculée à partir du {start}"))?;
    let explanation: Vec<_> = computed.explanation().collect();
    if wanted.output.json {
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

fn list(delays: &Delays, output: Output) {
    let rules: Vec<&DelayRule> = delays.rules.newest().collect();
    if output.json {
        let rules = rules.iter().map(|rule| {
            json!({
                "code": rule.code, "version": rule.version, "label": rule.label, "source": rule.source,
                "clock": <&str>::from(rule.clock), "start": <&str>::from(rule.start), "length": rule.length.count(),
                "unit": <&str>::from(rule.length.unit()), "rollover": <&str>::from(rule.rollover),
                "validFrom": rule.valid_from, "validTo": rule.valid_to,
            })
        });
        print(&serde_json::Value::Array(rules.collect()).to_string());
        return;
    }
    for rule in &rules {
        print(&format!("{:<22} {} ({} ; {})", rule.code, rule.label, rule.clock.french(), rule.source));
    }
    print(&format!("{} règles.", rules.len()));
}
