//! A database for each test: SQLite in a temporary file, PostgreSQL in a database of its own.

use std::fs;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use pli_persistence::Store;
use sea_orm::Statement;
use tempfile::TempDir;
use tokio::runtime;
use tokio::sync::OnceCell;

use crate::Sql;

/// Names the PostgreSQL server on which the tests may make databases.
pub const DATABASE_URL: &str = "PLI_TEST_DATABASE_URL";

/// The two engines; each promises the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in a file.
    Sqlite,
    /// PostgreSQL, on the server that [`DATABASE_URL`] names.
    Postgres,
}

/// A database that is gone when dropped.
#[derive(Debug)]
pub struct TestStore {
    /// The store on it.
    pub store: Store,
    /// Which engine it is on.
    pub engine: Engine,
    url: String,
    /// Last, so that it goes when nothing uses it any more.
    _place: Place,
}

#[derive(Debug)]
#[expect(dead_code, reason = "kept for what happens when it is dropped")]
enum Place {
    File(TempDir),
    Database(Database),
    Elsewhere,
}

impl TestStore {
    /// An empty database with an up-to-date schema.
    ///
    /// # Errors
    /// When the database cannot be made, or PostgreSQL is not there.
    pub async fn open(engine: Engine) -> Result<Self> {
        match engine {
            Engine::Sqlite => {
                let template = SQLITE.get_or_try_init(migrated_file).await?;
                Self::in_file(Some(template)).await
            }
            Engine::Postgres => {
                let template = POSTGRES.get_or_try_init(migrated_database).await?;
                Self::in_database(Some(template)).await
            }
        }
    }

    /// A database with nothing in it, not even a schema.
    ///
    /// # Errors
    /// When the database cannot be made, or PostgreSQL is not there.
    pub async fn bare(engine: Engine) -> Result<Self> {
        match engine {
            Engine::Sqlite => Self::in_file(None).await,
            Engine::Postgres => Self::in_database(None).await,
        }
    }

    /// A database of PostgreSQL that the test keeps itself, brought up to date.
    ///
    /// # Errors
    /// When it cannot be reached or changed.
    pub async fn elsewhere(url: &str) -> Result<Self> {
        let store = Store::connect(url).await?;
        store.migrate().await?;
        Ok(Self { store, engine: Engine::Postgres, url: url.to_owned(), _place: Place::Elsewhere })
    }

    /// The same, and whoever listens is told of every statement.
    #[must_use]
    pub fn watched(self, told: impl Fn(&Statement) + Send + Sync + 'static) -> Self {
        Self { store: self.store.clone().watched(told), ..self }
    }

    /// Where it is, as `pli` takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection that goes round the store.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn sql(&self) -> Result<Sql> {
        Sql::connect(&self.url, self.engine).await
    }

    async fn in_file(content: Option<&Vec<u8>>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("pli-test-").tempdir()?;
        let file = folder.path().join("pli.sqlite");
        if let Some(content) = content {
            fs::write(&file, content)?;
        }
        let url = format!("sqlite://{}", file.display());
        let store = Store::connect(&url).await?;
        Ok(Self { store, engine: Engine::Sqlite, url, _place: Place::File(folder) })
    }

    async fn in_database(template: Option<&String>) -> Result<Self> {
        let database = Database::create(&format!("{}_{}", prefix(), next()), template).await?;
        let url = database.url()?;
        let store = Store::connect(&url).await?;
        Ok(Self { store, engine: Engine::Postgres, url, _place: Place::Database(database) })
    }
}

/// The bytes of a migrated SQLite file.
static SQLITE: OnceCell<Vec<u8>> = OnceCell::const_new();

/// The name of a migrated PostgreSQL database; it stays on the server, which `cargo xtask test` throws away.
static POSTGRES: OnceCell<String> = OnceCell::const_new();

async fn migrated_file() -> Result<Vec<u8>> {
    let bare = TestStore::bare(Engine::Sqlite).await?;
    bare.store.migrate().await?;
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("template.sqlite");
    bare.sql().await?.run(&format!("VACUUM INTO '{}'", copy.display())).await?;
    Ok(fs::read(copy)?)
}

async fn migrated_database() -> Result<String> {
    let name = format!("{}_template", prefix());
    let template = Database::create(&name, None).await?;
    let store = Store::connect(&template.url()?).await?;
    store.migrate().await?;
    // A database with somebody in it is no template.
    let others = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    template.server.run(&others).await?;
    template.keep();
    Ok(name)
}

/// What the names of this process's databases begin with: another process may be testing on the same server.
fn prefix() -> String {
    format!("pli_test_{}", process::id())
}

fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A PostgreSQL database of ours.
#[derive(Debug)]
struct Database {
    name: String,
    server: Sql,
    kept: bool,
}

impl Database {
    async fn create(name: &str, template: Option<&String>) -> Result<Self> {
        let server = Sql::connect(&server_url()?, Engine::Postgres).await?;
        // One of that name can only be what a killed process has left.
        server.run(&drop_statement(name)).await?;
        let template = template.map_or("template1", String::as_str);
        server.run(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        Ok(Self { name: name.to_owned(), server, kept: false })
    }

    fn url(&self) -> Result<String> {
        let server = server_url()?;
        let (address, settings) = server.split_once('?').unwrap_or((&server, ""));
        let (address, _) = address.rsplit_once('/').context("the URL names no database")?;
        let settings = if settings.is_empty() { String::new() } else { format!("?{settings}") };
        Ok(format!("{address}/{}{settings}", self.name))
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Database {
    /// On a thread of its own: the test's runtime may be ending.
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let statement = drop_statement(&self.name);
        let drop_it = move || -> Result<()> {
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                Sql::connect(&server_url()?, Engine::Postgres).await?.run(&statement).await.map(drop)
            })
        };
        // What cannot be dropped goes with the server.
        let _best_effort = thread::spawn(drop_it).join();
    }
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

fn server_url() -> Result<String> {
    std::env::var(DATABASE_URL).ok().filter(|url| !url.is_empty()).ok_or_else(|| {
        anyhow!(
            "{DATABASE_URL} names no PostgreSQL server. `cargo xtask test` starts a throwaway one and runs every \
             test; `cargo xtask postgres` starts one and says what to export. The PostgreSQL half is never skipped."
        )
    })
}
