//! What CI runs, and a developer before handing in.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::command::{cargo, run};
use crate::testing;
use crate::tools::{self, CargoTool};

/// Licences, duplicate versions, sources.
const DENY: CargoTool = CargoTool { subcommand: "deny", version: "0.20.2" };
/// Dependencies that nothing uses.
const MACHETE: CargoTool = CargoTool { subcommand: "machete", version: "0.9.2" };

/// Runs every check in turn and stops at the first that fails.
pub(crate) fn check(root: &Path, without_tests: bool) -> Result<()> {
    let cargo_step = |arguments: &[&str]| {
        step(&format!("cargo {}", arguments.join(" ")), || {
            run(cargo(root).args(arguments).env("RUSTDOCFLAGS", "-D warnings"))
        })
    };
    cargo_step(&["fmt", "--all", "--check"])?;
    cargo_step(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo_step(&["doc", "--workspace", "--no-deps", "--document-private-items"])?;
    if !without_tests {
        step("cargo xtask test", || testing::test(root, &[]))?;
    }
    for tool in [DENY, MACHETE] {
        tools::ensure_cargo_tool(root, &tool)?;
    }
    cargo_step(&["deny", "check", "bans", "licenses", "sources"])?;
    cargo_step(&["machete"])?;
    println!("\ncargo xtask check: all passed{}", if without_tests { " (without the tests)" } else { "" });
    Ok(())
}

/// Announces a step, runs it, and says how long it took.
fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n=== {name}");
    let started = Instant::now();
    work().with_context(|| format!("the step `{name}` failed"))?;
    println!("=== {name}: passed in {} s", started.elapsed().as_secs());
    Ok(())
}
