//! ChromeDriver: one for all the browsers that are open at the same time.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

/// Names the browser's program.
pub(super) const CHROMIUM: &str = "PLI_TEST_CHROMIUM";
/// Names its driver's program.
const CHROMEDRIVER: &str = "PLI_TEST_CHROMEDRIVER";

/// How often it is started before that fails: the port that it draws may be taken for the other family of addresses, and
/// then it ends at once.
const STARTS: usize = 5;

static SHARED: Mutex<Weak<Driver>> = Mutex::new(Weak::new());

/// A ChromeDriver on a port of its own, until it is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    port: u16,
    /// Kept open: it may still write.
    _output: BufReader<ChildStdout>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // If it has already ended, so much the better.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

impl Driver {
    /// The driver that runs, or a new one.
    pub(super) fn shared() -> Result<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(driver) = shared.upgrade() {
            return Ok(driver);
        }
        let driver = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&driver);
        Ok(driver)
    }

    fn start() -> Result<Self> {
        let program = program(CHROMEDRIVER)?;
        let mut said = Vec::new();
        for _ in 0..STARTS {
            if let Some(driver) = Self::try_start(&program, &mut said)? {
                return Ok(driver);
            }
        }
        Err(anyhow!("ChromeDriver has ended without saying on which port it answers: {said:?}"))
    }

    /// One that answers; `None` when it has ended before it named its port.
    fn try_start(program: &str, said: &mut Vec<String>) -> Result<Option<Self>> {
        let mut process = Command::new(program)
            .arg("--port=0")
            // Chromium's language, where `--lang` is not asked.
            .env("LANGUAGE", "en_US")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        let mut output = BufReader::new(process.stdout.take().context("no output")?);
        let named = port(&mut output, said);
        let port = named.as_ref().ok().copied().flatten().unwrap_or_default();
        // Dropped, and with it the process, when it names no port.
        let driver = Self { process, port, _output: output };
        Ok(named?.map(|_| driver))
    }

    /// Where it answers.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Closes a browser, and waits until it is closed. By hand: the test's runtime may be ending.
    pub(super) fn close(&self, session: &str) {
        let close = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            write!(
                stream,
                "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
            )?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            // It answers when Chromium has ended, and keeps the connection.
            stream.read(&mut [0; 64]).map(drop)
        };
        // What cannot be closed ends with the driver.
        let _best_effort = close();
    }
}

/// The port that it says it has taken; `None` when it ends before. What else it says is noted.
fn port(output: &mut impl BufRead, said: &mut Vec<String>) -> Result<Option<u16>> {
    for line in output.lines() {
        let line = line?;
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse::<u16>().map(Some).with_context(|| line.clone());
        }
        said.push(line);
    }
    Ok(None)
}

/// The program that a variable names.
pub(super) fn program(variable: &str) -> Result<String> {
    super::setting(variable, "no program: the tests of the pages drive a real Chromium through ChromeDriver")
}
