//! A throwaway PostgreSQL: its own data directory, its own port, gone when dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use crate::command::{Interrupt, find_program, output};

/// The oldest version that Pli supports.
const OLDEST: u32 = 15;
/// Where Debian puts each version, in a directory named after it.
const DEBIAN: &str = "/usr/lib/postgresql";
/// The role that owns everything.
const ROLE: &str = "pli";
/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What every server is told.
const SETTINGS: [&str; 2] = ["listen_addresses=127.0.0.1", "max_connections=300"];

/// Speed before safety: what is lost with the machine is a test's data.
pub(crate) const HASTY: &[&str] = &["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// As safe as an installed one, and with some memory: what is measured is what one would have.
pub(crate) const DURABLE: &[&str] = &["shared_buffers=512MB", "max_wal_size=4GB"];

/// A running server.
pub(crate) struct Postgres {
    process: Child,
    port: u16,
    place: Place,
}

impl Postgres {
    /// Makes a data directory and starts a server on it, [`HASTY`] or [`DURABLE`].
    pub(crate) fn start(interrupt: &Interrupt, settings: &[&str]) -> Result<Self> {
        let place = Place::prepare()?;
        let (process, port) = place.serve(interrupt, settings).context("PostgreSQL does not start")?;
        Ok(Self { process, port, place })
    }

    /// Where to reach it, as a role that may do anything.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/postgres", self.port)
    }

    /// Waits until a stop is asked for; a server that ends before is an error.
    pub(crate) fn wait(&mut self, interrupt: &Interrupt) -> Result<()> {
        while interrupt.tick().is_ok() {
            if let Some(status) = self.process.try_wait()? {
                bail!("PostgreSQL ended by itself ({status}):\n{}", self.place.log());
            }
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

/// What `pg_ctl stop --mode=immediate` does, unless the server has ended already.
fn stop(process: &mut Child) {
    if matches!(process.try_wait(), Ok(None)) {
        kill_process(Pid::from_child(process), Signal::QUIT).ok();
        process.wait().ok();
    }
}

/// Where a server lives, and who runs it.
struct Place {
    binaries: PathBuf,
    dir: TempDir,
    /// Set for root, whom the server refuses.
    account: Option<Account>,
}

/// A user of the machine, and that user's group.
struct Account {
    user: String,
    group: String,
}

impl Account {
    /// Who runs the server when root starts it: the package's own user, else the one who owns nothing.
    fn for_server() -> Result<Self> {
        Self::named("postgres").or_else(|_| Self::named("nobody"))
    }

    fn named(user: &str) -> Result<Self> {
        let group = output(Command::new("id").args(["--group", "--name", user]))?;
        Ok(Self { user: user.to_owned(), group: group.trim_end().to_owned() })
    }
}

impl Place {
    fn prepare() -> Result<Self> {
        let binaries =
            find_binaries().with_context(|| format!("no PostgreSQL {OLDEST} or later is installed"))?;
        let account = if geteuid().is_root() { Some(Account::for_server()?) } else { None };
        let dir = tempfile::Builder::new().prefix("pli-postgres-").tempdir()?;
        if let Some(account) = &account {
            output(Command::new("chown").arg(&account.user).arg(dir.path()))?;
        }
        let place = Self { binaries, dir, account };
        output(
            place
                .program("initdb")
                .args([
                    "--auth=trust",
                    "--no-sync",
                    "--no-instructions",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                ])
                .args(["--username", ROLE, "-D"])
                .arg(place.data()),
        )?;
        Ok(place)
    }

    /// Starts the server on a free port and waits until it answers.
    fn serve(&self, interrupt: &Interrupt, settings: &[&str]) -> Result<(Child, u16)> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &port.to_string()]);
        for setting in SETTINGS.iter().chain(settings) {
            command.args(["-c", setting]);
        }
        command.arg("-c").arg(format!("unix_socket_directories={}", self.dir.path().display()));
        let log = File::create(self.log_file())?;
        // A group of its own keeps the terminal's Ctrl-C from it: it goes last, once the tests have gone.
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let mut process = command.spawn().context("starting PostgreSQL")?;
        match self.until_ready(&mut process, port, interrupt) {
            Ok(()) => Ok((process, port)),
            Err(error) => {
                stop(&mut process);
                Err(error)
            }
        }
    }

    fn until_ready(&self, process: &mut Child, port: u16, interrupt: &Interrupt) -> Result<()> {
        let started = Instant::now();
        let port = port.to_string();
        while started.elapsed() < PATIENCE {
            interrupt.tick()?;
            if let Some(status) = process.try_wait()? {
                bail!("it ended at once ({status}):\n{}", self.log());
            }
            let asked = output(self.program("pg_isready").args([
                "--quiet",
                "--host=127.0.0.1",
                "--port",
                &port,
                "--username",
                ROLE,
            ]));
            if asked.is_ok() {
                return Ok(());
            }
        }
        bail!("it did not answer within {} s:\n{}", PATIENCE.as_secs(), self.log())
    }

    /// One of the server's programs, run as the right user. It dies with this program, whatever ends this program.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        if let Some(Account { user, group }) = &self.account {
            command.args(["--reuid", user, "--regid", group, "--init-groups"]);
        }
        command
            .args(["--pdeathsig", "QUIT", "--"])
            .arg(self.binaries.join(name))
            .current_dir(self.dir.path());
        command
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.dir.path().join("server.log")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

/// The directory of the server's programs: Debian's newest, else the one that the `PATH` leads to.
pub(crate) fn find_binaries() -> Option<PathBuf> {
    let debian = newest_first(&names_in(Path::new(DEBIAN)))
        .into_iter()
        .map(|version| Path::new(DEBIAN).join(version.to_string()).join("bin"));
    let configured =
        output(Command::new("pg_config").arg("--bindir")).ok().map(|dir| PathBuf::from(dir.trim_end()));
    let on_path = find_program("initdb")
        .and_then(|initdb| fs::canonicalize(initdb).ok())
        .and_then(|initdb| initdb.parent().map(Path::to_owned));
    debian.chain(configured).chain(on_path).find(|dir| serves(dir))
}

/// Whether a directory holds a server that is new enough, and what is needed beside it.
fn serves(dir: &Path) -> bool {
    ["initdb", "pg_isready"].iter().all(|name| dir.join(name).is_file())
        && output(Command::new(dir.join("postgres")).arg("--version"))
            .is_ok_and(|line| major_version(&line).is_some_and(|major| major >= OLDEST))
}

/// The 15 in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_version(line: &str) -> Option<u32> {
    let version = line.split_whitespace().nth(2)?;
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version.get(..digits)?.parse().ok()
}

/// The versions among the names of directories, the highest first.
fn newest_first(names: &[String]) -> Vec<u32> {
    let mut versions: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let names = ["9.6", "15", "lib", "9", "17"].map(str::to_owned);
        assert_eq!(newest_first(&names), [17, 15, 9]);
    }

    #[test]
    fn the_major_version_is_read_from_what_the_server_says() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("postgres: not found"), None);
        assert_eq!(major_version(""), None);
    }
}
