//! The tests, with everything they need around them.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::command::{Interrupt, cargo, find_program, run, run_until, setting};
use crate::postgres::{DURABLE, HASTY, Postgres};
use crate::tools::{self, AIOSMTPD, CALCURSE, CHROMEDRIVER, CHROMIUM, NODE, POSTGRESQL, PYTHON, XMLLINT};

/// A server where the tests may make databases: `postgres://role@host:port/postgres`.
pub(crate) const DATABASE_URL: &str = "PLI_TEST_DATABASE_URL";
/// The path of `chromedriver`.
const DRIVER_PATH: &str = "PLI_TEST_CHROMEDRIVER";
/// The path of the browser itself.
const BROWSER_PATH: &str = "PLI_TEST_CHROMIUM";
/// The path of the mail server.
const SMTP_PATH: &str = "PLI_TEST_AIOSMTPD";
/// The path of the calendar program.
const CALENDAR_PATH: &str = "PLI_TEST_CALCURSE";
/// The path of the XML validator.
const XMLLINT_PATH: &str = "PLI_TEST_XMLLINT";
/// The directory of the npm packages: the audits of GraphQL over HTTP, and axe.
const HTTP_AUDIT_DIR: &str = "PLI_TEST_HTTP_AUDIT";
/// The path of `schemathesis`, which asks the API all that its schema allows.
const SCHEMATHESIS_PATH: &str = "PLI_TEST_SCHEMATHESIS";
/// The directory of the OpenID provider.
const PROVIDER_DIR: &str = "PLI_TEST_OPENID_PROVIDER";
/// What every drift test's name ends in: it compares a generated file, or with `UPDATE=1` writes it.
const DRIFT_TESTS: &str = "is_current";

/// Runs every test, documentation's included. Nothing is skipped: what cannot be had is a failure.
pub(crate) fn test(root: &Path, arguments: &[String]) -> Result<()> {
    let database = setting(DATABASE_URL);
    let mut needed = vec![CHROMIUM, CHROMEDRIVER, NODE, PYTHON, AIOSMTPD, CALCURSE, XMLLINT];
    if database.is_none() {
        needed.push(POSTGRESQL);
    }
    tools::ensure_debian_packages(&needed)?;
    let audit = tools::ensure_npm_packages(root, "tests/http-audit")?;
    let provider = tools::ensure_npm_packages(root, "tests/openid-provider")?;
    let schemathesis = tools::ensure_schemathesis(root)?;

    let mut command = cargo_test(root, arguments);
    command.env(HTTP_AUDIT_DIR, audit).env(PROVIDER_DIR, provider).env(SCHEMATHESIS_PATH, schemathesis);
    default_path(&mut command, DRIVER_PATH, "chromedriver");
    default_path(&mut command, BROWSER_PATH, "chromium");
    default_path(&mut command, SMTP_PATH, "aiosmtpd");
    default_path(&mut command, CALENDAR_PATH, "calcurse");
    default_path(&mut command, XMLLINT_PATH, "xmllint");

    let interrupt = Interrupt::watch()?;
    let throwaway = if database.is_none() { Some(Postgres::start(&interrupt, HASTY)?) } else { None };
    if let Some(server) = &throwaway {
        println!("a throwaway PostgreSQL answers at {}", server.url());
        command.env(DATABASE_URL, server.url());
    }
    run_until(&mut command, &interrupt)?;
    println!("cargo xtask test: all passed");
    Ok(())
}

/// Measures Pli against its engines, on a PostgreSQL that loses nothing.
pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    tools::ensure_debian_packages(&[POSTGRESQL])?;
    run(cargo(root).args(["build", "--release", "-p", "pli-server", "-p", "pli-bench"]))?;
    let interrupt = Interrupt::watch()?;
    let server = Postgres::start(&interrupt, DURABLE)?;
    let mut command = Command::new(root.join("target/release/pli-bench"));
    command.args(arguments).env(DATABASE_URL, server.url()).current_dir(root);
    run_until(&mut command, &interrupt)
}

/// Writes every generated file again, by the tests that compare them.
pub(crate) fn generate(root: &Path) -> Result<()> {
    run(cargo(root).args(["test", "--workspace", "--quiet", DRIFT_TESTS]).env("UPDATE", "1"))?;
    println!("cargo xtask generate: `git diff` shows what has changed");
    Ok(())
}

/// `cargo test` on everything, unless the arguments choose packages themselves.
fn cargo_test(root: &Path, arguments: &[String]) -> Command {
    let mut command = cargo(root);
    command.arg("test");
    if !chooses_packages(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments);
    command
}

fn chooses_packages(arguments: &[String]) -> bool {
    let of_cargo = arguments.iter().take_while(|argument| *argument != "--");
    of_cargo.into_iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

/// Tells the tests where a program lies, unless the environment already does.
fn default_path(command: &mut Command, variable: &str, program: &str) {
    let path: Option<OsString> = setting(variable).or_else(|| find_program(program).map(Into::into));
    if let Some(path) = path {
        command.env(variable, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<String> {
        cargo_test(Path::new("/"), &line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn everything_is_tested_unless_packages_are_chosen() {
        assert_eq!(arguments(""), ["test", "--workspace"]);
        assert_eq!(arguments("deadline"), ["test", "--workspace", "deadline"]);
        assert_eq!(arguments("-p pli-domain"), ["test", "-p", "pli-domain"]);
        assert_eq!(arguments("--package=pli-domain x"), ["test", "--package=pli-domain", "x"]);
    }

    #[test]
    fn what_goes_to_the_tests_chooses_no_package() {
        assert_eq!(arguments("-- --nocapture -p"), ["test", "--workspace", "--", "--nocapture", "-p"]);
    }
}
