//! pgbench, PostgreSQL's own: it plays the same statements, prepared, in one transaction where they write. No row is decoded.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::rounds::{Pace, Until};
use crate::script;
use crate::tape::Tape;

/// How many times as much it writes in a round: each client prepares its statements anew.
const TIMES: u64 = 4;

/// The most that one client writes in a round.
const MOST: u64 = 100_000;

/// Plays tapes in turn. What is written in a round is told apart by the number of the round, of the client, and its own.
pub(crate) fn pace(url: &str, tapes: &[Tape], clients: u32, round: u32, until: Until) -> Result<Pace> {
    let folder = std::env::temp_dir().join(format!("pli-pgbench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let mut command = Command::new("pgbench");
    command.args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string()]);
    match until {
        Until::Done(count) => {
            let each = (count.div_ceil(u64::from(clients)) * TIMES).min(MOST - 1);
            command.args(["-t", &each.to_string(), "-D", &format!("n={}", u64::from(round) * MOST)]);
        }
        // It knows whole seconds.
        Until::Elapsed(time) => {
            command.args(["-T", &time.as_secs().max(1).to_string()]);
        }
    }
    for (number, tape) in tapes.iter().enumerate() {
        let path = folder.join(format!("{number}.sql"));
        let lines = script::statements(tape, ":number::text").join(";\n");
        let text = if tape.names.is_some() {
            // Whoever comes from elsewhere has a number below.
            let number = format!("\\set n :n + 1\n\\set number (:client_id + 1) * {} + :n\n", MOST * 1000);
            format!("{number}BEGIN;\n{lines};\nEND;\n")
        } else {
            format!("{lines};\n")
        };
        fs::write(&path, text)?;
        command.arg("-f").arg(path);
    }
    let done = command.arg(url).output().context("pgbench is part of PostgreSQL's packages")?;
    fs::remove_dir_all(&folder)?;
    let told = String::from_utf8_lossy(&done.stdout);
    let figure = |name: &str| {
        let rest = told.lines().find_map(|line| line.strip_prefix(name))?;
        rest.split(' ').next()?.parse::<f64>().ok()
    };
    let (per_second, median) = (figure("tps = "), figure("latency average = "));
    let (Some(per_second), Some(median)) = (per_second.filter(|_| done.status.success()), median) else {
        bail!("pgbench: {told}{}", String::from_utf8_lossy(&done.stderr));
    };
    Ok(Pace { per_second, median })
}
