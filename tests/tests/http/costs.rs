//! What a page and a request of the API cost, on a register of thousands: how many statements, and
//! how each engine plans every one of them, as it is really sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use pli_app::{AccessRules, Length};
use pli_server::http::Options;
use pli_tests::Person::{
    self, Administrator, Auditor, Clerk, Coordinator, Correspondent, Manager, Signatory,
};
use pli_tests::{Engine, Fine as _, Office, Served, Sql, TestStore};
use reqwest::StatusCode;
use sea_orm::Statement;
use serde_json::{Value, json};

pli_tests::on_both!(a_page_and_a_request_cost_what_they_show);

/// Dossiers in the register; some 5 % of them open.
const SIZE: u64 = 8_000;

/// The most rows that may be put in order: what is open, not what is stored.
const SORTED: u64 = SIZE / 10;

/// The most statements that dossiers cost a page which nobody had read before: some at first, and some beside them.
const UNKNOWN: usize = 10;

/// The tables that grow with the register: no page reads one from end to end.
const BIG: [&str; 12] = [
    "dossier",
    "mail",
    "sender_form",
    "question",
    "assignment",
    "deadline",
    "draft",
    "journal",
    "note",
    "dossier_search",
    "published_question",
    "snapshot_span",
];

/// The indexes of a part of a table: read from end to end, they cost what is open, reserved, signalled, asked for or waiting.
const PARTIAL: [&str; 7] = [
    "assignment_open",
    "dossier_open_",
    "dossier_reserved",
    "question_signalled",
    "question_sitting",
    "deadline_requested",
    "discrepancy_waiting",
];

const PAGES: [(Person, &str); 33] = [
    (Clerk, "/aujourdhui"),
    (Clerk, "/courriers/nouveau"),
    (Clerk, "/mon-compte"),
    (Coordinator, "/dossiers"),
    (Coordinator, "/dossiers?etat=tous"),
    (Coordinator, "/dossiers?service=DACS"),
    (Coordinator, "/dossiers?sans-service=1"),
    (Coordinator, "/dossiers?etape=drafting"),
    (Coordinator, "/dossiers?signale=1"),
    (Coordinator, "/dossiers?presente=1"),
    (Coordinator, "/dossiers?risque=1"),
    (Coordinator, "/dossiers?horloge=legal"),
    (Coordinator, "/dossiers?etat=tous&recu=2024"),
    (Coordinator, "/dossiers?repondu=en-retard&etat=clos"),
    (Coordinator, "/dossiers?etat=clos&clos=2026-01-01_2026-02-01"),
    (Coordinator, "/dossiers?q=kcd"),
    (Coordinator, "/dossiers?etat=tous&q=kcd"),
    (Coordinator, "/dossiers/SG-2026-A-000001"),
    (Coordinator, "/dossiers/SG-2026-A-000032"),
    (Coordinator, "/recherche?q=kcd"),
    (Coordinator, "/ecarts"),
    (Coordinator, "/lots"),
    (Coordinator, "/agenda"),
    (Coordinator, "/elus"),
    (Correspondent, "/dossiers"),
    (Correspondent, "/ma-table"),
    (Signatory, "/signature"),
    (Manager, "/dossiers?retard=tous"),
    (Manager, "/retards"),
    (Manager, "/statistiques"),
    (Manager, "/calendrier"),
    (Auditor, "/journal"),
    (Administrator, "/reglages/personnes"),
];

const REQUESTS: [(Person, &str, &str); 7] = [
    (Clerk, "me", "{ me { name } }"),
    (
        Coordinator,
        "a page of 20, with unit, deadline and people",
        "{ dossiers(first: 20, filter: { open: true }) { edges { cursor node { reference subject stage \
         lead { code name } deadline { dueOn standing { text } } draft { author } } } } }",
    ),
    (
        Coordinator,
        "one dossier in full",
        "{ dossierByReference(reference: \"SG-2026-A-000032\") { reference subject stage allowedActions lead { name } \
         assignments { unit { name } } deadlines { dueOn } deadline { explanation } draft { text } \
         ... on Mail { sender journal(first: 50) { edges { node { action at actor } } } } } }",
    ),
    (Manager, "what is late", "{ retards { rows { unit { name } figures { ageClass count } } } }"),
    (Coordinator, "a search", "{ search(words: \"kcd\") { edges { node { dossier { reference } } } } }"),
    (
        Coordinator,
        "the journal",
        "{ journal(first: 20) { edges { node { action dossier { reference } } } } }",
    ),
    (
        Clerk,
        "a letter registered",
        "mutation { registerMail(input: { idempotencyKey: \"coûts\", sender: \"Mme Coût\", subject: \"Greffe\", \
         category: PETITION, channel: POST, documentOn: \"2026-11-16\", receivedOn: \"2026-11-19\" }) \
         { dossier { id reference } userErrors { message } } }",
    ),
];

/// An act on the letter that was registered.
const ACT: &str =
    "mutation($on: OnDossier!, $lead: ID!) { routeDossier(on: $on, lead: $lead) { userErrors { message } } }";

async fn a_page_and_a_request_cost_what_they_show(engine: Engine) -> Result<()> {
    let asked = Asked::default();
    let listener = asked.clone();
    let database = TestStore::open(engine).await?.watched(move |statement| listener.keep(statement));
    let served = Served::of(Office::on(database).await?, AccessRules::default(), Options::default()).await?;
    served.office.fill(SIZE, |_| {}).await?;
    served.office.app.take_snapshot().await.fine()?;
    // The clerk's second visit, a day later: what has arrived since the first is told.
    served.office.set_clock("2026-11-23T09:00:00Z")?;
    served.cookie(Clerk).await?;
    let sql = looking(&served.office.database).await?;
    let mut measured = Measured { sql, asked, costs: String::new() };
    let mut cookies = BTreeMap::new();
    for (person, path) in PAGES {
        if !cookies.contains_key(person.login()) {
            cookies.insert(person.login(), served.cookie(person).await?);
        }
        let cookie = cookies.get(person.login()).context("no cookie")?;
        let mut asked = Vec::new();
        for _ in 0..2 {
            measured.asked.take();
            let page = served.page(path, cookie).await?;
            ensure!(page.status() == StatusCode::OK, "{path}: {}", page.status());
            asked.push(measured.look(path).await?);
        }
        measured.write(path, &asked)?;
    }
    let mut last = Value::Null;
    for (person, name, query) in REQUESTS {
        let token = served.token(person).await?;
        let mut asked = Vec::new();
        for _ in 0..if query.starts_with("mutation") { 1 } else { 2 } {
            measured.asked.take();
            last = served.ask(Some(&token), query, json!({})).await?;
            ensure!(last.get("errors").unwrap_or(&Value::Null).is_null(), "{name}: {last}");
            asked.push(measured.look(name).await?);
        }
        measured.write(name, &asked)?;
    }
    let token = served.token(Clerk).await?;
    let on =
        json!({ "id": last["data"]["registerMail"]["dossier"]["id"], "idempotencyKey": "coûts de l’acte" });
    let lead = served.office.unit("DACS")?;
    measured.asked.take();
    let done = served.ask(Some(&token), ACT, json!({ "on": on, "lead": format!("unit:{lead}") })).await?;
    ensure!(done["data"]["routeDossier"]["userErrors"] == json!([]), "{done}");
    let asked = measured.look("an act on it").await?;
    measured.write("an act on it", &[asked])?;
    insta::assert_snapshot!(format!("statements_{engine:?}"), measured.costs);

    // The day is counted without the indexes of what is open; and what looks at plans sees something: without the index of what has
    // arrived, it reads all that was ever stored.
    for index in ["lead", "due", "stage", "legal", "internal", "ack"] {
        measured.sql.run(&format!("DROP INDEX dossier_open_{index}")).await?;
    }
    // A connection that was not there before: SQLite keeps an explained plan as it was.
    measured.sql = looking(&served.office.database).await?;
    let cookie = cookies.get(Clerk.login()).context("no cookie")?;
    measured.asked.take();
    served.page("/aujourdhui", cookie).await?;
    measured.look("without what is open").await?;
    measured.sql.run("DROP INDEX dossier_open_arrived").await?;
    measured.sql = looking(&served.office.database).await?;
    served.page("/aujourdhui", cookie).await?;
    let fault =
        measured.look("without what has arrived").await.err().context("nothing was seen")?.to_string();
    ensure!(fault.contains("dossier"), "{fault}");
    Ok(())
}

/// Where plans are looked at.
async fn looking(database: &TestStore) -> Result<Sql> {
    let sql = database.sql().await?;
    if database.engine == Engine::Postgres {
        // A table of some hundred pages is soon read: what counts is whether an index can serve.
        sql.run("SET enable_seqscan = off").await?;
    }
    Ok(sql)
}

/// What was asked of the database since one last looked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Statement>>>);

impl Asked {
    fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, statement: &Statement) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
    }
}

struct Measured {
    sql: Sql,
    asked: Asked,
    costs: String,
}

impl Measured {
    /// Writes down how many statements something took at last. The first time it may have met dossiers that nobody had read before.
    fn write(&mut self, what: &str, asked: &[usize]) -> Result<()> {
        let last = asked.last().context("nothing was asked")?;
        ensure!(asked.iter().all(|asked| *asked <= last + UNKNOWN), "{what}: {asked:?}");
        Ok(writeln!(self.costs, "{last:3}  {what}")?)
    }

    /// Looks at how each statement is planned that something took, and counts them.
    async fn look(&mut self, what: &str) -> Result<usize> {
        let asked = self.asked.take();
        let number = asked.len();
        for statement in asked {
            let text = statement.to_string();
            if text.starts_with("SELECT") {
                let plan = self.sql.plan(&text).await?;
                // There are as many counters as directions and days, whatever the register holds.
                let counters = text.contains(" FROM \"tallied_span\" ");
                // The day costs the same, whatever is open.
                let day = text.contains(" FROM \"open_tallied\"");
                let below = plan.lines().skip(1).chain([""]);
                let fault = plan.lines().zip(below).find(|(line, below)| {
                    walks(line, &text)
                        || passes(line, below, &text)
                        || (day && line.contains("dossier_open_"))
                        || (!counters && sorts(line))
                });
                let fault = fault.map(|(line, _)| line);
                ensure!(fault.is_none(), "{what}: {}\n{text}\n{plan}", fault.unwrap_or_default());
            }
        }
        Ok(number)
    }
}

/// Whether a line of a plan reads a big table, or the index of a whole one, from end to end. A list that stands in the
/// order of its index is read until the page is full.
fn walks(line: &str, text: &str) -> bool {
    let line = line.trim_start_matches([' ', '-', '>']);
    let Some(rest) = line.strip_prefix("Seq Scan on ").or_else(|| line.strip_prefix("SCAN ")) else {
        return false;
    };
    let table = rest.split(' ').next().unwrap_or_default();
    let partial = PARTIAL.iter().any(|index| rest.contains(index));
    let in_order = rest.contains(" USING ") && text.contains(" LIMIT ") && text.contains(" ORDER BY ");
    // How long a list is, is counted so far and no further.
    let counted = text.ends_with(&format!(" LIMIT {}) AS \"listed\"", Length::MOST + 1));
    BIG.contains(&table) && !partial && !in_order && !counted
}

/// Whether a line of PostgreSQL's plan passes over the whole of an index, for want of something to look for in it.
fn passes(line: &str, below: &str, text: &str) -> bool {
    let Some((_, index)) =
        line.split_once("Index Scan using ").or_else(|| line.split_once("Index Only Scan using "))
    else {
        return false;
    };
    let whole = !below.trim_start().starts_with("Index Cond:");
    let big = BIG.iter().any(|table| index.contains(&format!(" on {table} ")));
    let partial = PARTIAL.iter().any(|part| index.starts_with(part));
    whole && big && !partial && !text.contains(" LIMIT ") && rows(line).is_some_and(|rows| rows > SORTED)
}

/// Whether a line of PostgreSQL's plan puts too many rows in order. (SQLite does not say how many.)
fn sorts(line: &str) -> bool {
    line.contains("Sort  (") && rows(line).is_some_and(|rows| rows > SORTED)
}

/// How many rows PostgreSQL expects of a line of its plan.
fn rows(line: &str) -> Option<u64> {
    line.split_once("rows=").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok())
}
