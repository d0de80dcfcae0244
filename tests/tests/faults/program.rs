//! `pli` as a process: started, killed, started again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result};
use pli_tests::Office;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How `pli serve` is started: on which database, with what.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    database: String,
    files: PathBuf,
    arguments: Vec<OsString>,
}

/// A server that runs. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    process: Child,
    /// Where it answers, without a final slash.
    pub(crate) url: String,
}

impl Program {
    /// On a database and a folder of documents; nobody's requests are counted.
    pub(crate) fn on(database: &str, files: &Path) -> Self {
        let arguments = ["--person-rate", "0", "--address-rate", "0"].map(OsString::from).into();
        Self { database: database.to_owned(), files: files.to_owned(), arguments }
    }

    /// On an office's database.
    pub(crate) fn of(office: &Office) -> Self {
        Self::on(office.database.url(), office.files.path())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pli-tested"));
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
        let mut process = self.begin(listen)?;
        let output = process.stdout.take().context("no output")?;
        let mut lines = BufReader::new(output).lines();
        let mut said = Vec::new();
        while let Some(line) = lines.next_line().await? {
            if let Some((_, rest)) = line.split_once("http://localhost:") {
                let port = rest.split(' ').next().unwrap_or_default();
                let url = format!("http://127.0.0.1:{port}");
                return Ok(Running { process, url });
            }
            said.push(line);
        }
        anyhow::bail!("it ended before it answered: {said:?}")
    }

    /// Starts a server, and waits for nothing.
    pub(crate) fn begin(&self, listen: &str) -> Result<Child> {
        let mut command = self.command();
        command.args(["serve", "--listen", listen]).args(&self.arguments).stdout(Stdio::piped());
        Ok(command.spawn()?)
    }
}

impl Running {
    /// Kills it as a power cut would, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}
