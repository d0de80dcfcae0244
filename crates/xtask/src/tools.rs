//! The programs that the tests and the checks need, found or installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};
use rustix::process::geteuid;

use crate::command::{cargo, find_program, run};
use crate::postgres;

/// Something to run that Debian has a package for.
pub(crate) struct Tool {
    present: fn() -> bool,
    packages: &'static [&'static str],
}

/// The database server.
pub(crate) const POSTGRESQL: Tool =
    Tool { present: || postgres::find_binaries().is_some(), packages: &["postgresql"] };
/// The browser.
pub(crate) const CHROMIUM: Tool =
    Tool { present: || find_program("chromium").is_some(), packages: &["chromium"] };
/// What drives the browser.
pub(crate) const CHROMEDRIVER: Tool =
    Tool { present: || find_program("chromedriver").is_some(), packages: &["chromium-driver"] };
/// The mail server to which the tests send.
pub(crate) const AIOSMTPD: Tool =
    Tool { present: || find_program("aiosmtpd").is_some(), packages: &["python3-aiosmtpd"] };
/// The calendar program that reads what Pli publishes.
pub(crate) const CALCURSE: Tool =
    Tool { present: || find_program("calcurse").is_some(), packages: &["calcurse"] };
/// The validator of what is sent to *Réponses*.
pub(crate) const XMLLINT: Tool =
    Tool { present: || find_program("xmllint").is_some(), packages: &["libxml2-utils"] };
/// What runs the audits of `tests/http-audit`, and the provider of `tests/openid-provider`.
pub(crate) const NODE: Tool = Tool {
    present: || find_program("node").is_some() && find_program("npm").is_some(),
    packages: &["nodejs", "npm"],
};

/// What makes the environment of `tests/schemathesis`.
pub(crate) const PYTHON: Tool = Tool {
    present: || {
        let ensured = Command::new("python3").args(["-c", "import venv, ensurepip"]).status();
        ensured.is_ok_and(|status| status.success())
    },
    packages: &["python3-venv"],
};

/// A cargo subcommand from the package registry.
pub(crate) struct CargoTool {
    /// What stands after `cargo`.
    pub(crate) subcommand: &'static str,
    /// What is installed when there is none; a newer one already there is used.
    pub(crate) version: &'static str,
}

/// Installs what is missing of `tools` with Debian's package manager, as root or through `sudo`.
pub(crate) fn ensure_debian_packages(tools: &[Tool]) -> Result<()> {
    let missing: Vec<&str> =
        tools.iter().filter(|tool| !(tool.present)()).flat_map(|tool| tool.packages).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    println!("installing {list}");
    run(apt_get().arg("update").arg("--quiet"))
        .and_then(|()| {
            run(apt_get().args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(&missing))
        })
        .with_context(|| {
            format!("the tests need these Debian packages, and they could not be installed: {list}")
        })
}

/// Makes sure that `cargo SUBCOMMAND` exists.
pub(crate) fn ensure_cargo_tool(root: &Path, tool: &CargoTool) -> Result<()> {
    let CargoTool { subcommand, version } = tool;
    let found =
        cargo(root).args([subcommand, "--version"]).output().is_ok_and(|output| output.status.success());
    if found {
        return Ok(());
    }
    println!("installing cargo-{subcommand} {version}: some minutes, once");
    run(cargo(root).args(["install", "--locked", "--quiet"]).arg(format!("cargo-{subcommand}@{version}")))
}

/// Installs the npm packages of a folder of the repository when they are missing or older than their lock; returns its path.
pub(crate) fn ensure_npm_packages(root: &Path, folder: &str) -> Result<PathBuf> {
    let dir = root.join(folder);
    let installed = modified(&dir.join("node_modules/.package-lock.json"));
    let wanted = modified(&dir.join("package-lock.json"));
    if wanted.is_none() || installed < wanted {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&dir))?;
    }
    Ok(dir)
}

/// Makes the Python environment of schemathesis when it is missing or older than its list; returns the program.
pub(crate) fn ensure_schemathesis(root: &Path) -> Result<PathBuf> {
    let (wanted, environment) =
        (root.join("tests/schemathesis/requirements.txt"), root.join("target/schemathesis"));
    let done = environment.join("installed");
    if modified(&done) < modified(&wanted) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
        let pip = ["install", "--quiet", "--require-hashes", "--disable-pip-version-check", "--requirement"];
        run(Command::new(environment.join("bin/pip")).args(pip).arg(&wanted))?;
        fs::write(&done, "")?;
    }
    Ok(environment.join("bin/schemathesis"))
}

/// `apt-get`, with the right to install and nobody to ask.
fn apt_get() -> Command {
    let mut command = if geteuid().is_root() {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "env"]);
        sudo
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    command
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|data| data.modified()).ok()
}
