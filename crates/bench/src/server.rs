//! The program `pli` itself: how soon it answers, what it holds in memory, how large it is.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use pli_tests::Office;

/// How many seconds it may take to come to rest.
const PATIENCE: u32 = 60;

/// What was seen of one start on an existing database.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Started {
    /// From the call to the line that says where it answers.
    pub(crate) ready: Duration,
    /// What it holds in memory then, in MiB.
    pub(crate) resident: f64,
}

/// The program, beside this one.
pub(crate) fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name("pli");
    anyhow::ensure!(
        program.is_file(),
        "there is no {}: build pli-server in the same profile",
        program.display()
    );
    Ok(program)
}

/// Starts it on an office's database, and ends it.
pub(crate) fn start(program: &Path, office: &Office) -> Result<Started> {
    let start = Instant::now();
    let mut server = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--database", office.database.url(), "--files"])
        .arg(office.files.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let seen = watch(&mut server, start);
    server.kill()?;
    server.wait()?;
    seen
}

fn watch(server: &mut std::process::Child, start: Instant) -> Result<Started> {
    let output = server.stdout.take().context("no output")?;
    for line in BufReader::new(output).lines() {
        if line?.contains("http://localhost:") {
            let ready = start.elapsed();
            settle(server.id())?;
            let status = std::fs::read_to_string(format!("/proc/{}/status", server.id()))?;
            let resident =
                status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
            let resident: f64 = resident.context("no VmRSS")?.trim().parse()?;
            return Ok(Started { ready, resident: resident / 1024.0 });
        }
    }
    anyhow::bail!("it ended before it answered")
}

/// Waits until it has done nothing for a second: its background work looks round first, and may have a day's snapshot to take.
fn settle(server: u32) -> Result<()> {
    let mut worked = None;
    for _ in 0..PATIENCE {
        std::thread::sleep(Duration::from_secs(1));
        let stat = std::fs::read_to_string(format!("/proc/{server}/stat"))?;
        // After the name: state, ids, faults, then the ticks of its own time and the kernel's.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let ticks: Vec<_> = fields.split_whitespace().skip(11).take(2).map(str::to_owned).collect();
        if worked.as_ref() == Some(&ticks) {
            return Ok(());
        }
        worked = Some(ticks);
    }
    anyhow::bail!("it is never idle")
}
