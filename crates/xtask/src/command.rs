//! Running other programs.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// How often a running program is looked at.
const TICK: Duration = Duration::from_millis(50);
/// What a program has to end by itself once asked.
const GRACE: Duration = Duration::from_secs(1);

/// Says whether someone wants this program to stop, so that what it started is stopped first.
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From here on Ctrl-C, a hang-up and a request to end are noted instead of killing this program.
    pub(crate) fn watch() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&flag)).context("watching for signals")?;
        }
        Ok(Self(flag))
    }

    /// Waits one tick; fails once a stop was asked for.
    pub(crate) fn tick(&self) -> Result<()> {
        thread::sleep(TICK);
        ensure!(!self.raised(), "interrupted");
        Ok(())
    }

    fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The directory of the workspace's `Cargo.toml`.
pub(crate) fn workspace_root() -> Result<PathBuf> {
    let crate_dir = env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
    let root = Path::new(&crate_dir).ancestors().nth(2).context("the crate lies outside the workspace")?;
    Ok(root.to_owned())
}

/// The `cargo` that started this program, in the workspace.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root);
    // `cargo run` names the package that it runs: a subcommand that sees the name takes itself for that package, and a build
    // script that looks at it (ring's) runs again, with all that stands on it.
    for (name, _) in env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command to its end; anything but success is an error that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("starting {}", words(command)))?;
    succeeded(command, status)
}

/// Like [`run`], but stops the command, and what it has started, when this program is told to stop.
pub(crate) fn run_until(command: &mut Command, interrupt: &Interrupt) -> Result<()> {
    // In a group of its own, so that nothing of it outlives a signal that only this program got.
    command.stdin(Stdio::null()).process_group(0);
    let mut child = command.spawn().with_context(|| format!("starting {}", words(command)))?;
    while interrupt.tick().is_ok() {
        if let Some(status) = child.try_wait()? {
            return succeeded(command, status);
        }
    }
    stop_group(&mut child)?;
    bail!("interrupted")
}

/// Ends a child and everything in its group: asks first, then makes sure.
fn stop_group(child: &mut Child) -> Result<()> {
    let group = Pid::from_child(child);
    let deadline = Instant::now() + GRACE;
    kill_process_group(group, Signal::TERM)?;
    while child.try_wait()?.is_none() && Instant::now() < deadline {
        thread::sleep(TICK);
    }
    match kill_process_group(group, Signal::KILL) {
        Ok(()) | Err(Errno::SRCH) => {}
        Err(error) => return Err(error.into()),
    }
    child.wait()?;
    Ok(())
}

/// Runs a command quietly and returns what it wrote; a failure shows what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting {}", words(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}):\n{}", words(command), output.status, said.trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Where a program lies on the `PATH`.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// A setting from the environment; an empty one counts as none.
pub(crate) fn setting(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "`{}` failed ({status})", words(command));
    Ok(())
}

/// A command as one would type it; for people, not for a shell.
fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut line = program.to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_failure_names_the_command_and_what_it_said() {
        let error =
            output(Command::new("sh").args(["-c", "echo no luck >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c"), "{error}");
        assert!(error.contains("exit status: 3") && error.contains("no luck"), "{error}");
    }

    #[test]
    fn a_command_is_stopped_with_what_it_started() {
        let interrupt = Interrupt(Arc::new(AtomicBool::new(false)));
        let flag = Arc::clone(&interrupt.0);
        let dir = tempfile::tempdir().unwrap();
        let script = "sleep 60 & echo $! > child; wait";
        let stopper = thread::spawn({
            let started = dir.path().join("child");
            move || {
                let deadline = Instant::now() + Duration::from_secs(10);
                while fs::read_to_string(&started).unwrap_or_default().is_empty() && Instant::now() < deadline
                {
                    thread::sleep(TICK);
                }
                flag.store(true, Ordering::Relaxed);
            }
        });
        let error =
            run_until(Command::new("sh").args(["-c", script]).current_dir(&dir), &interrupt).unwrap_err();
        stopper.join().unwrap();
        assert_eq!(error.to_string(), "interrupted");
        let child = fs::read_to_string(dir.path().join("child")).unwrap();
        let status = || fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        let gone = |status: &str| status.is_empty() || status.contains(") Z ");
        // It is told to end, and ends when it has its turn.
        let deadline = Instant::now() + Duration::from_secs(10);
        while !gone(&status()) && Instant::now() < deadline {
            thread::sleep(TICK);
        }
        let status = status();
        assert!(gone(&status), "still there: {status}");
    }
}
