//! A register of the size that one likes: letters and questions played by the office, then copied by the database.
//!
//! What is copied has the shapes that the office gave it: real subjects and answers, every stage, journals and deadlines.
//! Each copy has its own reference, days, lead unit and a word of its own to be found by; its chain is its model's, so a
//! register so filled does not verify. Some 5 % is open, whatever the size.

use std::path::Path;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use pli_domain::dossier::{Command, NewMail, NewQuestion};
use pli_domain::ids::DossierId;
use pli_domain::published::PublishedQuestion;
use pli_domain::search;
use pli_feeds::assemblee;

use crate::samples::{dispatch, draft, letter, petition, route};
use crate::{Engine, Fine as _, Office, Person, Sql};

/// Letters and questions that are played: the stage that each reaches is its number's.
const MODELS: u32 = 40;

/// One in so many is a question.
const QUESTIONS: u32 = 5;

/// Of [`MODELS`], how many stay open: one for each stage.
const OPEN: u32 = 10;

/// How many copies one statement makes of each model: a transaction of some ten thousand dossiers.
const BATCH: u64 = 500;

/// The tables of a dossier, each after those that it refers to.
const TABLES: [&str; 9] =
    ["dossier", "mail", "question", "sender_form", "assignment", "deadline", "draft", "journal", "note"];

/// A model, as its copies are made of it.
struct Model {
    id: DossierId,
    open: bool,
    words: Vec<String>,
}

impl Office {
    /// Fills the register up to `size` dossiers; tells the number there is after each batch.
    ///
    /// # Errors
    /// When the database refuses something.
    pub async fn fill(&self, size: u64, mut told: impl FnMut(u64)) -> Result<()> {
        let sql = self.database.sql().await?;
        let models = self.models().await?;
        let copies = |open| {
            let (share, models) = if open { (5, OPEN) } else { (95, MODELS - OPEN) };
            (size * share / 100 / u64::from(models)).saturating_sub(1)
        };
        let last = copies(true).max(copies(false));
        self.prepare(&sql, &models, copies).await?;
        for first in (1..=last).step_by(usize::try_from(BATCH)?) {
            let until = last.min(first + BATCH - 1);
            for table in TABLES {
                sql.run(&self.copy(&sql, table, first, until).await?).await?;
            }
            for statement in self.copy_words(first, until) {
                sql.run(&statement).await?;
            }
            told(sql.one::<i64>("SELECT COUNT(*) FROM dossier").await?.unsigned_abs());
        }
        self.database.store.fold_counters(1).await?;
        sql.run("DROP TABLE large_model").await?;
        sql.run("DROP TABLE large_lead").await?;
        if self.database.engine == Engine::Postgres {
            sql.run("VACUUM ANALYZE").await?;
        } else {
            sql.run("ANALYZE").await?;
        }
        Ok(())
    }

    /// What is copied, with real subjects and answers.
    async fn models(&self) -> Result<Vec<Model>> {
        let mut models = Vec::new();
        for (number, question) in (0..MODELS).zip(real_questions()?) {
            let subject = question.subject();
            let answer = question.answer_text();
            let received = self.today() - TimeDelta::days(i64::from(number));
            let sender = format!("Mme Ada Modèle{number}");
            let asked = number % QUESTIONS == QUESTIONS - 1;
            let sheet = if asked {
                let identity = question.identity.clone();
                let question = NewQuestion { identity, published_on: received, subject: subject.clone() };
                let clerk = self.caller(Person::Clerk).await?;
                self.app.receive_question(&clerk, self.key(), question).await.fine()?
            } else {
                let mail = if number % 2 == 0 { petition(&subject) } else { letter(received) };
                self.register(NewMail { subject: subject.clone(), sender: sender.clone(), ..mail }).await?
            };
            let id = sheet.dossier.id;
            let open = number < OPEN;
            let steps = self.to_be_copied(&answer, asked)?;
            let reached = if open { usize::try_from(number)?.min(steps.len() - 1) } else { steps.len() };
            if reached > 0 {
                self.play(id, steps.into_iter().take(reached)).await?;
            }
            let texts = [subject.as_str(), sender.as_str(), answer.as_str()];
            models.push(Model { id, open, words: search::index(texts) });
        }
        Ok(models)
    }

    fn to_be_copied(&self, answer: &str, asked: bool) -> Result<Vec<(Person, Command)>> {
        let mut steps = vec![
            (Person::Coordinator, route(self.unit("DACS")?)),
            (Person::Correspondent, Command::Accept),
            (Person::Drafter, draft(answer)),
            (Person::Drafter, Command::Submit),
            (Person::Approver, Command::Approve),
            (Person::Signatory, Command::Sign),
        ];
        if asked {
            steps.push((Person::Coordinator, Command::Transmit));
            steps.push((Person::Coordinator, Command::Publish { on: self.today() }));
        } else {
            steps.push((Person::Clerk, dispatch(self.today())));
        }
        Ok(steps)
    }

    /// Writes down what the copies are made of: the models, and the units that will lead them.
    async fn prepare(&self, sql: &Sql, models: &[Model], copies: impl Fn(bool) -> u64) -> Result<()> {
        let id = if self.database.engine == Engine::Postgres { "uuid" } else { "blob" };
        sql.run(&format!(
            "CREATE TABLE large_model (id {id} PRIMARY KEY, n integer, copies integer, words text)"
        ))
        .await?;
        sql.run(&format!("CREATE TABLE large_lead (n integer PRIMARY KEY, id {id})")).await?;
        for (number, model) in models.iter().enumerate() {
            let Model { id, open, words } = model;
            let (id, copies, words) = (self.literal(id.0), copies(*open), words.join(" "));
            sql.run(&format!("INSERT INTO large_model VALUES ({id}, {number}, {copies}, '{words}')")).await?;
        }
        let leads = self.organisation.in_order();
        for (number, unit) in leads.iter().enumerate() {
            let id = self.literal(unit.id.0);
            sql.run(&format!("INSERT INTO large_lead VALUES ({number}, {id})")).await?;
        }
        Ok(())
    }

    fn literal(&self, id: uuid::Uuid) -> String {
        match self.database.engine {
            Engine::Sqlite => format!("x'{}'", id.simple()),
            Engine::Postgres => format!("'{id}'"),
        }
    }

    /// The statement that copies a table's rows of every model, some times each.
    async fn copy(&self, sql: &Sql, table: &str, first: u64, until: u64) -> Result<String> {
        let columns: Vec<String> = match self.database.engine {
            Engine::Sqlite => sql.all(&format!("SELECT name FROM pragma_table_info('{table}')")).await?,
            Engine::Postgres => {
                let names = "SELECT column_name::text FROM information_schema.columns WHERE table_name";
                sql.all(&format!("{names} = '{table}' ORDER BY ordinal_position")).await?
            }
        };
        let key = if table == "dossier" { "id" } else { "dossier_id" };
        let values: Vec<_> = columns.iter().map(|column| self.copied(table, column)).collect();
        Ok(format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {} JOIN {table} AS t ON t.{key} = m.id",
            columns.join(", "),
            values.join(", "),
            self.copies(first, until),
        ))
    }

    /// One row for each copy: `m` is its model, `c.k` its number.
    fn copies(&self, first: u64, until: u64) -> String {
        let numbers = match self.database.engine {
            Engine::Sqlite => format!(
                "(WITH RECURSIVE c(k) AS (SELECT {first} UNION ALL SELECT k + 1 FROM c WHERE k < {until}) \
                 SELECT k FROM c) AS c"
            ),
            Engine::Postgres => format!("generate_series({first}, {until}) AS c(k)"),
        };
        format!("{numbers} JOIN large_model AS m ON m.copies >= c.k")
    }

    /// What a copy holds in a column.
    fn copied(&self, table: &str, column: &str) -> String {
        match (table, column) {
            ("dossier", "id") | (_, "dossier_id") => self.identifier(),
            ("dossier", "reference") => format!(
                "CASE t.kind WHEN 'mail' THEN 'SG-2019-A-' ELSE 'AN-1-QE-' END || (c.k * {MODELS} + m.n)"
            ),
            ("question", "identity") => format!("'AN-1-QE-' || (c.k * {MODELS} + m.n)"),
            // The years behind for what is closed, some months around today for what is open.
            (
                "dossier",
                "received_on" | "closed_on" | "due_on" | "legal_due_on" | "internal_due_on" | "ack_due_on",
            ) => {
                let days = "(CASE WHEN t.open THEN c.k * 7 % 150 - 60 ELSE c.k * 3 % 2500 END)";
                match self.database.engine {
                    Engine::Sqlite => format!(
                        "CASE t.{column} WHEN '9999-12-31' THEN t.{column} ELSE date(t.{column}, (-{days}) || ' days') END"
                    ),
                    Engine::Postgres => format!(
                        "CASE t.{column} WHEN '9999-12-31' THEN t.{column} ELSE t.{column} - {days}::integer END"
                    ),
                }
            }
            // Registered over the years too: what arrived since somebody was here is a few.
            ("dossier", "created_at") => {
                let days = "(CASE WHEN t.open THEN c.k * 7 % 150 ELSE c.k * 3 % 2500 END)";
                match self.database.engine {
                    Engine::Sqlite => {
                        format!("date(t.{column}, (-{days}) || ' days') || substr(t.{column}, 11)")
                    }
                    Engine::Postgres => format!("t.{column} - {days} * interval '1 day'"),
                }
            }
            ("dossier", "lead_id") | ("assignment", "unit_id") => {
                let units = self.organisation.in_order().len();
                format!(
                    "CASE WHEN t.{column} IS NULL THEN NULL ELSE (SELECT id FROM large_lead WHERE n = (c.k + m.n) % {units}) END"
                )
            }
            _ => format!("t.{column}"),
        }
    }

    /// The identifier of a copy: its model's, under another beginning.
    fn identifier(&self) -> String {
        match self.database.engine {
            Engine::Sqlite => "unhex(printf('%08x', c.k) || substr(hex(m.id), 9))".to_owned(),
            Engine::Postgres => "(lpad(to_hex(c.k), 8, '0') || substr(m.id::text, 9))::uuid".to_owned(),
        }
    }

    /// The statements that make copies found by what their models say, and by a word of their own: see [`word`].
    fn copy_words(&self, first: u64, until: u64) -> Vec<String> {
        let (copies, id) = (self.copies(first, until), self.identifier());
        let own = LETTERS.iter().enumerate().fold("CAST(c.k AS text)".to_owned(), |text, (digit, letter)| {
            format!("replace({text}, '{digit}', '{letter}')")
        });
        match self.database.engine {
            Engine::Sqlite => vec![
                format!("INSERT INTO dossier_search (dossier_id, digest) SELECT {id}, '' FROM {copies}"),
                format!(
                    "INSERT INTO dossier_words (rowid, words) SELECT s.place, m.words || ' k' || {own} FROM {copies} \
                     JOIN dossier_search AS s ON s.dossier_id = {id}"
                ),
            ],
            Engine::Postgres => vec![format!(
                "INSERT INTO dossier_search (dossier_id, digest, words) SELECT {id}, '', \
                 to_tsvector('simple', m.words || ' k' || {own}) FROM {copies}"
            )],
        }
    }
}

/// The letters that stand for the digits of a copy's number.
const LETTERS: [&str; 10] = ["b", "c", "d", "f", "g", "h", "j", "k", "l", "m"];

/// The word by which the copies of that number are found.
#[must_use]
pub fn word(copy: u64) -> String {
    let letter = |digit: char| digit.to_digit(10).and_then(|digit| LETTERS.get(usize::try_from(digit).ok()?));
    std::iter::once("k").chain(copy.to_string().chars().filter_map(letter).copied()).collect()
}

/// Real questions that were answered.
fn real_questions() -> Result<impl Iterator<Item = PublishedQuestion>> {
    let archive = "../crates/feeds/fixtures/assemblee/Questions_ecrites_extrait.json.zip";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(archive);
    let source = assemblee::open(&path).context("the real questions are not there")?;
    Ok(source.flatten().filter(|question| !question.answer_text().is_empty()))
}
