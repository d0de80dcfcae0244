//! What makes registering quick and keeps a letter from being registered twice: senders found by any word of their name,
//! and letters that were presented again.
//!
//! Rows that exist already get their senders' forms at the next start (`persistence/src/intake.rs`).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, uuid};
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: [&str; 4] = [
    // Everything a suggestion shows, in the order in which it is shown.
    "CREATE INDEX sender_form_start ON sender_form (form, sender, dossier_id)",
    "ALTER TABLE mail ADD COLUMN sender_named boolean NOT NULL DEFAULT FALSE",
    // Holds what is left to do; empty ever after.
    "CREATE INDEX mail_unnamed ON mail (dossier_id) WHERE NOT sender_named",
    // The letters that were presented again, and refused for it.
    "CREATE INDEX journal_presented ON journal (action, at, dossier_id) WHERE NOT accepted AND action = 'register'",
];

const DOWN: [&str; 4] = [
    "DROP INDEX journal_presented",
    "DROP INDEX mail_unnamed",
    "ALTER TABLE mail DROP COLUMN sender_named",
    "DROP TABLE sender_form",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sender_form(manager.get_database_backend())).await?;
        for statement in UP {
            run(manager, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            run(manager, statement).await?;
        }
        Ok(())
    }
}

fn sender_form(backend: DbBackend) -> TableCreateStatement {
    // Compared byte by byte, as SQLite does by itself: a beginning is a range.
    let plain = |name: &'static str| {
        let mut column = text(name);
        if backend == DbBackend::Postgres {
            column.extra("COLLATE \"C\"");
        }
        column
    };
    Table::create()
        .table("sender_form")
        .col(uuid("dossier_id"))
        // The name, folded, beginning with one of its words.
        .col(plain("form"))
        // As the clerk wrote it; empty when it is too long to be suggested.
        .col(plain("sender"))
        .primary_key(Index::create().col("dossier_id").col("form"))
        .foreign_key(ForeignKey::create().from("sender_form", "dossier_id").to("mail", "dossier_id"))
        .take()
}
