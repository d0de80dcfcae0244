//! Which crate may lean on which: the arrows of the design, section 3, as cargo knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// Each crate with those of the house that it may lean on.
const ARROWS: [(&str, &[&str]); 12] = [
    ("pli-domain", &[]),
    ("pli-migrations", &[]),
    ("pli-feeds", &["pli-domain"]),
    ("pli-persistence", &["pli-domain", "pli-migrations"]),
    ("pli-app", &["pli-domain", "pli-persistence", "pli-feeds"]),
    ("pli-graphql", &["pli-app", "pli-domain"]),
    ("pli-openid", &["pli-domain"]),
    ("pli-web", &["pli-app", "pli-domain", "pli-openid"]),
    ("pli-server", &["pli-app", "pli-domain", "pli-feeds", "pli-graphql", "pli-openid", "pli-web"]),
    ("xtask", &[]),
    // The tests stand outside: they may look at everything.
    (
        "pli-tests",
        &[
            "pli-app",
            "pli-domain",
            "pli-feeds",
            "pli-graphql",
            "pli-migrations",
            "pli-openid",
            "pli-persistence",
            "pli-server",
            "pli-web",
        ],
    ),
    // So does what measures: it works at an office of the tests.
    ("pli-bench", &["pli-app", "pli-domain", "pli-feeds", "pli-server", "pli-tests"]),
];

/// What each crate may not name, whoever made it.
const FOREIGN: [(&str, &[&str]); 6] = [
    (
        "pli-domain",
        &["tokio", "sea-orm", "sea-orm-migration", "sqlx", "async-graphql", "axum", "zip", "tracing"],
    ),
    ("pli-feeds", &["tokio", "sea-orm", "sea-orm-migration", "sqlx", "async-graphql", "axum"]),
    ("pli-app", &["sea-orm", "sea-orm-migration", "sqlx", "async-graphql", "axum", "askama"]),
    ("pli-openid", &["sea-orm", "sea-orm-migration", "sqlx", "async-graphql", "axum", "askama"]),
    ("pli-graphql", &["sea-orm", "sea-orm-migration", "sqlx", "askama"]),
    ("pli-web", &["sea-orm", "sea-orm-migration", "sqlx", "async-graphql"]),
];

/// What each crate of the workspace leans on when it is built: not for its own tests.
fn dependencies() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let arguments =
        ["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path", manifest];
    let output = Command::new(cargo).args(arguments).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let name = |value: &Value| Some(value.get("name")?.as_str()?.to_owned());
    let mut all = BTreeMap::new();
    for package in metadata["packages"].as_array().context("no packages")? {
        let listed = package["dependencies"].as_array().context("no dependencies")?;
        let built = listed.iter().filter(|dependency| dependency["kind"] != "dev");
        all.insert(name(package).context("no name")?, built.filter_map(name).collect());
    }
    Ok(all)
}

#[test]
fn every_crate_leans_on_those_below_it_only() -> Result<()> {
    let crates = dependencies()?;
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let known: BTreeSet<_> = allowed.keys().map(ToString::to_string).collect();
    let found: BTreeSet<_> = crates.keys().cloned().collect();
    assert_eq!(found, known, "a crate is missing from the arrows, or from the workspace");
    for (name, leans_on) in &crates {
        let of_the_house: BTreeSet<_> = leans_on.iter().filter(|other| found.contains(*other)).collect();
        let may: BTreeSet<_> = allowed[name.as_str()].iter().map(ToString::to_string).collect();
        let too_many: Vec<_> = of_the_house.into_iter().filter(|other| !may.contains(*other)).collect();
        assert_eq!(too_many, [""; 0], "{name} leans on what it may not");
    }
    Ok(())
}

#[test]
fn nobody_leans_on_the_server() -> Result<()> {
    for (name, leans_on) in dependencies()? {
        let may = ["pli-tests", "pli-bench"].contains(&name.as_str());
        assert!(may || !leans_on.contains("pli-server"), "{name}");
    }
    Ok(())
}

#[test]
fn no_crate_names_what_is_not_its_trade() -> Result<()> {
    let crates = dependencies()?;
    for (name, foreign) in FOREIGN {
        let leans_on = crates.get(name).with_context(|| format!("no crate {name}"))?;
        let named: Vec<_> = foreign.iter().filter(|other| leans_on.contains(**other)).collect();
        assert_eq!(named, [&""; 0], "{name} names them");
    }
    Ok(())
}
