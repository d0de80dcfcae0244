//! PostgreSQL servers of a test's own, on the loopback: one that writes, and others that stand by to take its place.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use pli_tests::{DATABASE_URL, Engine, Sql};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Who owns everything there.
const ROLE: &str = "pli";

/// What is lost with the machine is a test's data: a process that is killed loses nothing of what the system was given.
const SETTINGS: [&str; 3] = ["fsync=off", "listen_addresses=127.0.0.1", "max_connections=60"];

/// On the one that writes: nobody is told that something is done before it is on a standby too, and seen there.
pub(crate) const SYNCHRONOUS: [&str; 2] = ["synchronous_standby_names=*", "synchronous_commit=remote_apply"];

/// Between two looks. Nothing is measured by it.
const PAUSE: Duration = Duration::from_millis(20);

/// PostgreSQL's programs, and a folder for the servers.
#[derive(Debug)]
pub(crate) struct Cluster {
    binaries: PathBuf,
    folder: TempDir,
    /// As whom they run: PostgreSQL refuses to serve root.
    account: Option<String>,
}

/// One server. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    /// Its port of the loopback.
    pub(crate) port: u16,
    process: Child,
}

impl Cluster {
    /// With the programs of the server on which all other tests run, which is on this machine.
    pub(crate) async fn prepare() -> Result<Self> {
        let url = std::env::var(DATABASE_URL).with_context(|| format!("{DATABASE_URL} names no server"))?;
        let asked = Sql::connect(&url, Engine::Postgres).await?;
        let binaries: String = asked.one("SELECT setting FROM pg_config WHERE name = 'BINDIR'").await?;
        let binaries = PathBuf::from(binaries);
        ensure!(binaries.join("pg_basebackup").is_file(), "{} lacks programs", binaries.display());
        let folder = tempfile::Builder::new().prefix("pli-cluster-").tempdir()?;
        let me = output(Command::new("id").arg("--user")).await?;
        let account = if me.trim() == "0" { Some("postgres".to_owned()) } else { None };
        if let Some(account) = &account {
            output(Command::new("chown").arg(account).arg(folder.path())).await?;
        }
        Ok(Self { binaries, folder, account })
    }

    /// A new server that writes, with these settings.
    pub(crate) async fn primary(&self, name: &str, settings: &[&str]) -> Result<Server> {
        let mut made = self.program("initdb");
        made.args([
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username",
            ROLE,
            "-D",
        ]);
        output(made.arg(self.data(name))).await?;
        self.start(name, free_port()?, settings).await
    }

    /// A new server that stands by for another, and receives what it writes.
    pub(crate) async fn standby(&self, name: &str, of: &Server, settings: &[&str]) -> Result<Server> {
        let mut copied = self.program("pg_basebackup");
        copied.args(["--no-sync", "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"]);
        copied.args(["--host=127.0.0.1", "--username", ROLE, "--port", &of.port.to_string(), "-D"]);
        output(copied.arg(self.data(name))).await?;
        let streams = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        let others: i64 = of.sql("postgres").await?.one(streams).await?;
        let server = self.start(name, free_port()?, settings).await?;
        while of.sql("postgres").await?.one::<i64>(streams).await? == others {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(server)
    }

    /// A server that was killed, started again as it was, as if nothing had happened.
    pub(crate) async fn again(&self, name: &str, gone: &Server, settings: &[&str]) -> Result<Server> {
        self.start(name, gone.port, settings).await
    }

    /// Makes the standby of a server that is gone take its place.
    pub(crate) async fn promote(&self, name: &str) -> Result<()> {
        output(self.program("pg_ctl").args(["promote", "--wait", "-D"]).arg(self.data(name))).await?;
        Ok(())
    }

    async fn start(&self, name: &str, port: u16, settings: &[&str]) -> Result<Server> {
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data(name)).args(["-p", &port.to_string()]);
        for setting in SETTINGS.iter().chain(settings) {
            command.args(["-c", setting]);
        }
        command.arg("-c").arg(format!("unix_socket_directories={}", self.folder.path().display()));
        let log = self.folder.path().join(format!("{name}.log"));
        let log = fs::File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        let mut process = command.spawn()?;
        let port_given = port.to_string();
        while output(self.program("pg_isready").args(["--host=127.0.0.1", "--port", &port_given]))
            .await
            .is_err()
        {
            if let Some(ended) = process.try_wait()? {
                bail!("{name} ended at once ({ended}): {}", self.log(name));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Server { port, process })
    }

    /// One of the programs, run as the right user. It dies with the test.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        if let Some(account) = &self.account {
            command.args(["--reuid", account, "--regid", account, "--init-groups"]);
        }
        command.args(["--pdeathsig", "KILL", "--"]).arg(self.binaries.join(name));
        command.current_dir(self.folder.path());
        command
    }

    fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a server has said so far.
    pub(crate) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(format!("{name}.log"))).unwrap_or_default()
    }
}

impl Server {
    /// A connection to one of its databases.
    pub(crate) async fn sql(&self, database: &str) -> Result<Sql> {
        Sql::connect(&format!("postgres://{ROLE}@127.0.0.1:{}/{database}", self.port), Engine::Postgres).await
    }

    /// Kills it with all its processes at once, as a power cut would, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let id = self.process.id().context("it is gone")?;
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let all = children.split_whitespace().map(str::to_owned).chain([id.to_string()]);
        // Those that end by themselves meanwhile are no matter.
        Command::new("kill").arg("-KILL").args(all).stderr(Stdio::null()).status().await?;
        self.process.wait().await?;
        Ok(())
    }
}

/// Where the servers are, in the order given, for whoever is to find the one that writes.
pub(crate) fn url(servers: &[&Server], database: &str) -> String {
    let hosts: Vec<_> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
    format!("postgres://{ROLE}@{}/{database}", hosts.join(","))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// What a program prints, when it goes well.
async fn output(command: &mut Command) -> Result<String> {
    let done = command.stdin(Stdio::null()).output().await?;
    ensure!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(String::from_utf8(done.stdout)?)
}
