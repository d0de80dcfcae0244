//! PostGraphile on the same PostgreSQL data: what a team would otherwise put there. npm brings it, and its Node; one process a
//! core. It has the register's tables as they are, its own keys and links, a function for what is late, and one for each act, which
//! asks the database the same as Pli does, in one call: no rights, no rules, and what it writes is always the same.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use pli_tests::Office;
use serde_json::Value;

use crate::client::Client;

const PACKAGE: &str = include_str!("../postgraphile/package.json");
const SERVER: &str = include_str!("../postgraphile/server.mjs");

/// What a team would add to the tables: who wrote a draft, and what is late.
const SCHEMA: [&str; 2] = [
    "COMMENT ON TABLE dossier IS '@foreignKey (draft_author_id) references account (id)'",
    "CREATE FUNCTION late(today date) RETURNS TABLE (lead_id uuid, name text, age integer, number bigint) LANGUAGE sql STABLE AS $$ \
     SELECT d.lead_id, u.name, CASE WHEN today - due_on <= 15 THEN 1 WHEN today - due_on <= 30 THEN 2 \
     WHEN today - due_on <= 60 THEN 3 ELSE 4 END AS age, count(*) FROM dossier AS d LEFT JOIN unit AS u ON u.id = d.lead_id \
     WHERE open AND due_on < today GROUP BY 1, 2, 3 $$",
];

pub(crate) const PAGE: &str = "{ allDossiers(first: 20, orderBy: [DUE_ON_ASC, PRIMARY_KEY_ASC], condition: { open: true }) \
    { edges { cursor node { reference subject stage unitByLeadId { code name } dueOn accountByDraftAuthorId { name } } } } }";
pub(crate) const DOSSIER: &str = "query($reference: String!) { dossierByReference(reference: $reference) { reference subject \
    stage unitByLeadId { name } assignmentsByDossierId { nodes { unitByUnitId { name } } } deadlinesByDossierId \
    { nodes { dueOn } } draftsByDossierId(last: 1) { nodes { text } } mailByDossierId { sender } \
    journalsByDossierId(first: 50) { nodes { action at who } } } }";
pub(crate) const RETARDS: &str = "query($today: Date!) { late(today: $today) { nodes { name age number } } }";
pub(crate) const REGISTER: &str =
    "mutation($number: String!) { registerLetter(input: { newNumber: $number }) { result } }";
pub(crate) const ROUTE: &str =
    "mutation($number: String!) { routeLetter(input: { newNumber: $number }) { result } }";

/// A running server; it ends with this.
pub(crate) struct PostGraphile {
    process: Child,
    client: Client,
}

impl PostGraphile {
    /// Installs it where npm keeps it from one run to the next, and starts it on an office's database, with the functions that act there.
    pub(crate) async fn start(office: &Office, acts: &[String]) -> Result<Self> {
        let folder = install()?;
        let sql = office.database.sql().await?;
        for statement in SCHEMA.into_iter().chain(acts.iter().map(String::as_str)) {
            sql.run(statement).await.with_context(|| statement.to_owned())?;
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut process = Command::new(folder.join("node_modules/node/bin/node"))
            .arg("server.mjs")
            .args([office.database.url(), &port.to_string()])
            .current_dir(&folder)
            .env("GRAPHILE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = process.stdout.take().context("no output")?;
        let ready = BufReader::new(output).lines().map_while(Result::ok).any(|line| line == "ready");
        let started = Self { process, client: Client::of(&format!("http://127.0.0.1:{port}"))? };
        ensure!(ready, "PostGraphile ended before it answered");
        Ok(started)
    }

    /// Asks it something.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Result<()> {
        self.client.read(None, query, variables).await
    }
}

impl Drop for PostGraphile {
    fn drop(&mut self) {
        // Its workers end when it does.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn install() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/postgraphile");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("package.json"), PACKAGE)?;
    fs::write(folder.join("server.mjs"), SERVER)?;
    let installed = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--silent"])
        .current_dir(&folder)
        .status()
        .context("npm brings PostGraphile")?;
    ensure!(installed.success(), "npm could not install PostGraphile");
    Ok(folder)
}
