//! The words by which dossiers and published questions are found, kept for each engine as it searches best: an index of
//! FTS5 that keeps no text of its own, or a `tsvector` under GIN. Both hold the words that the domain makes, so both find
//! the same. Rows that exist already get theirs at the next start (`persistence/src/search.rs`).
//!
//! The folded copies that a search went through before go: nothing reads them any more.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// On SQLite `place` is the row of the index: a row's own number may change when the database is compacted.
/// The tokenizer `ascii` takes the words as they come, between spaces.
const SQLITE: &[&str] = &[
    "CREATE TABLE dossier_search (place integer PRIMARY KEY, \
     dossier_id blob NOT NULL UNIQUE REFERENCES dossier (id), digest text NOT NULL)",
    "CREATE VIRTUAL TABLE dossier_words USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
    "CREATE TABLE published_search (place integer PRIMARY KEY, \
     identity text NOT NULL UNIQUE REFERENCES published_question (identity), digest text NOT NULL)",
    "CREATE VIRTUAL TABLE published_words USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
];

const POSTGRES: &[&str] = &[
    "CREATE TABLE dossier_search (dossier_id uuid PRIMARY KEY REFERENCES dossier (id), \
     digest text NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX dossier_search_words ON dossier_search USING gin (words)",
    "CREATE TABLE published_search (identity text PRIMARY KEY REFERENCES published_question (identity), \
     digest text NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX published_search_words ON published_search USING gin (words)",
];

/// The tables that held a folded copy.
const FOLDED: [&str; 2] = ["dossier", "published_question"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in if postgres { POSTGRES } else { SQLITE } {
            run(manager, statement).await?;
        }
        for table in FOLDED {
            run(manager, &format!("ALTER TABLE {table} DROP COLUMN search_key")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in FOLDED {
            run(manager, &format!("ALTER TABLE {table} ADD COLUMN search_key text NOT NULL DEFAULT ''"))
                .await?;
        }
        let words: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => &[],
            _ => &["dossier_words", "published_words"],
        };
        for table in words.iter().chain(&["dossier_search", "published_search"]) {
            run(manager, &format!("DROP TABLE {table}")).await?;
        }
        Ok(())
    }
}
