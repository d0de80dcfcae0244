//! A validator that is not ours, on schemas that describe the exchange.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the program; `xmllint` of the path when it is not set.
const PROGRAM: &str = "PLI_TEST_XMLLINT";

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reponses").join(name)
}

/// What the validator finds wrong with a file: nothing when it holds to the schema.
pub(crate) fn faults(schema: &str, file: &Path) -> String {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reponses/schema").join(schema);
    let program = std::env::var(PROGRAM).unwrap_or_else(|_| "xmllint".to_owned());
    let mut command = Command::new(&program);
    command.args(["--noout", "--nonet", "--huge", "--schema"]).arg(schema).arg(file);
    let said = command.output().unwrap_or_else(|error| {
        panic!("{program} does not run ({error}): `cargo xtask test` brings it, or install libxml2-utils")
    });
    if said.status.success() { String::new() } else { String::from_utf8_lossy(&said.stderr).into_owned() }
}
