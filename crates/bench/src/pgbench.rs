//! pgbench, PostgreSQL's own: reading plays the same statements, prepared, no row decoded; writing is its « simple update »,
//! which any durable change may be measured against.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::rounds::{Pace, Until};
use crate::tape::Tape;

/// Makes its own tables beside the register; a client seldom meets another's row.
pub(crate) fn prepare(url: &str, clients: u32) -> Result<()> {
    let made = Command::new("pgbench").args(["-i", "-q", "-s", &clients.to_string(), url]).output()?;
    ensure!(made.status.success(), "pgbench: {}", String::from_utf8_lossy(&made.stderr));
    Ok(())
}

/// Plays tapes in turn; its own transaction when they write.
pub(crate) fn pace(url: &str, tapes: &[Tape], writes: bool, clients: u32, until: Until) -> Result<Pace> {
    let folder = std::env::temp_dir().join(format!("pli-pgbench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let mut command = Command::new("pgbench");
    command.args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string()]);
    match until {
        Until::Done(count) => {
            command.args(["-t", &count.div_ceil(u64::from(clients)).to_string()]);
        }
        // It knows whole seconds.
        Until::Elapsed(time) => {
            command.args(["-T", &time.as_secs().max(1).to_string()]);
        }
    }
    if writes {
        command.arg("-N");
    } else {
        for (number, tape) in tapes.iter().enumerate() {
            let script = folder.join(format!("{number}.sql"));
            let lines =
                tape.statements.iter().map(|statement| format!("{};\n", quoted(&statement.to_string())));
            fs::write(&script, lines.collect::<String>())?;
            command.arg("-f").arg(script);
        }
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
        anyhow::bail!("pgbench: {told}{}", String::from_utf8_lossy(&done.stderr));
    };
    Ok(Pace { per_second, median })
}

/// A statement without a colon in its texts, which pgbench would take for the beginning of a variable's name.
fn quoted(sql: &str) -> String {
    let mut out = String::new();
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\'' {
            out.push(letter);
            continue;
        }
        let escaped = out.ends_with('E');
        let mut text = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' if letters.next_if_eq(&'\'').is_some() => text.push_str("''"),
                '\'' => break,
                '\\' => {
                    text.push('\\');
                    // Written twice where it meant itself; with what follows where it does not.
                    text.push(if escaped { letters.next().unwrap_or('\\') } else { '\\' });
                }
                ':' => text.push_str("\\072"),
                other => text.push(other),
            }
        }
        out.push_str(if escaped { "'" } else { "E'" });
        out.push_str(&text);
        out.push('\'');
    }
    out
}
