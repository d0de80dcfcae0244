//! `pli` as a process: started, killed, started again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use pli_tests::Office;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How `pli serve` is started: on which database, with what.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    database: String,
    files: PathBuf,
    arguments: Vec<OsString>,
    /// How large a file of its may grow, in blocks of 512 bytes.
    room: Option<u32>,
}

/// A server that runs. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    process: Child,
    /// Where it answers, without a final slash.
    pub(crate) url: String,
    /// Where its figures are, if it shows them.
    pub(crate) metrics: Option<String>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// On a database and a folder of documents; nobody's requests are counted.
    pub(crate) fn on(database: &str, files: &Path) -> Self {
        let arguments = ["--person-rate", "0", "--address-rate", "0"].map(OsString::from).into();
        Self { database: database.to_owned(), files: files.to_owned(), arguments, room: None }
    }

    /// On an office's database.
    pub(crate) fn of(office: &Office) -> Self {
        Self::on(office.database.url(), office.files.path())
    }

    /// The same with further arguments of `serve`.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    /// The same, which shows its figures.
    pub(crate) fn watched(self) -> Self {
        self.with(&["--metrics", "127.0.0.1:0"])
    }

    /// The same on a disk where files have so much room, in blocks of 512 bytes: what is written beyond fails, as on a full one.
    pub(crate) fn with_room(self, blocks: u32) -> Self {
        Self { room: Some(blocks), ..self }
    }

    fn command(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_pli-tested");
        let mut command = Command::new(if self.room.is_some() { "sh" } else { program });
        if let Some(blocks) = self.room {
            // Without the signal by which such a write would end the process.
            let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} \"$@\"");
            command.args(["-c", &limited, "sh"]);
        }
        command.env("PLI_DATABASE_URL", &self.database).env("PLI_FILES", &self.files);
        command.kill_on_drop(true).stdin(Stdio::null());
        command
    }

    /// Runs one job to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<Output> {
        Ok(self.command().args(arguments).output().await?)
    }

    /// Starts a server on a port that is free, and waits until it answers.
    pub(crate) async fn serve(&self) -> Result<Running> {
        self.serve_at("127.0.0.1:0").await
    }

    /// Starts a server in the place of one that is gone.
    pub(crate) async fn serve_again(&self, gone: &Running) -> Result<Running> {
        self.serve_at(gone.url.trim_start_matches("http://")).await
    }

    async fn serve_at(&self, listen: &str) -> Result<Running> {
        Self::wait(self.begin(listen)?).await
    }

    /// Starts a server whose log is kept, as detailed as `RUST_LOG` says.
    pub(crate) async fn serve_telling(&self, log: &str) -> Result<Running> {
        let mut command = self.serving("127.0.0.1:0");
        Self::wait(command.env("RUST_LOG", log).stderr(Stdio::piped()).spawn()?).await
    }

    async fn wait(mut process: Child) -> Result<Running> {
        let mut output = BufReader::new(process.stdout.take().context("no output")?).lines();
        let mut said: Vec<String> = Vec::new();
        while let Some(line) = output.next_line().await? {
            let port_in = |line: &str| {
                Some(line.split_once("http://localhost:")?.1.split([' ', '/']).next()?.to_owned())
            };
            if line.starts_with("Pli ")
                && let Some(port) = port_in(&line)
            {
                let url = format!("http://127.0.0.1:{port}");
                let metrics = said.iter().find_map(|line: &String| port_in(line));
                let metrics = metrics.map(|port| format!("http://127.0.0.1:{port}/metrics"));
                return Ok(Running { process, url, metrics, output });
            }
            said.push(line);
        }
        anyhow::bail!("it ended before it answered: {said:?}")
    }

    /// Starts a server, and waits for nothing.
    pub(crate) fn begin(&self, listen: &str) -> Result<Child> {
        Ok(self.serving(listen).spawn()?)
    }

    fn serving(&self, listen: &str) -> Command {
        let mut command = self.command();
        command.args(["serve", "--listen", listen]).args(&self.arguments).stdout(Stdio::piped());
        command
    }
}

impl Running {
    /// Kills it as a power cut would, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }

    /// Tells it to stop, as a supervisor does, and waits until it has. What it said in its log, when that was kept.
    pub(crate) async fn stop(mut self) -> Result<String> {
        let id = self.process.id().context("it is gone")?.to_string();
        ensure!(Command::new("kill").args(["-TERM", &id]).status().await?.success(), "it cannot be told");
        let mut said = String::new();
        if let Some(mut log) = self.process.stderr.take() {
            log.read_to_string(&mut said).await?;
        }
        while self.output.next_line().await?.is_some() {}
        let ended = self.process.wait().await?;
        ensure!(ended.success(), "it ended badly: {ended}");
        Ok(said)
    }
}
