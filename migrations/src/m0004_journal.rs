//! The journal, which only grows, and the words said with its entries, which may be taken out later.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, integer, text, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE: &[&str] = &[
    "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
    "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
    // `INSERT OR REPLACE` deletes without the trigger of deletion.
    "CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal \
     WHEN EXISTS (SELECT 1 FROM journal WHERE dossier_id = NEW.dossier_id AND seq = NEW.seq) \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
];

const POSTGRES: &[&str] = &[
    "CREATE FUNCTION journal_only_grows() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'the journal only grows'; END $$",
    "CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal \
     FOR EACH STATEMENT EXECUTE FUNCTION journal_only_grows()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(journal()).await?;
        manager.create_table(note()).await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in if postgres { POSTGRES } else { SQLITE } {
            run(manager, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("note").take()).await?;
        manager.drop_table(Table::drop().table("journal").take()).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            run(manager, "DROP FUNCTION journal_only_grows").await?;
        }
        Ok(())
    }
}

fn journal() -> TableCreateStatement {
    Table::create()
        .table("journal")
        .col(uuid("dossier_id"))
        .col(integer("seq"))
        .col(timestamp_with_time_zone("at"))
        .col(text("who"))
        .col(text("action"))
        .col(text("from_stage"))
        .col(text("to_stage"))
        .col(text("payload"))
        .col(boolean("accepted"))
        .col(text("hash"))
        .primary_key(Index::create().col("dossier_id").col("seq"))
        .foreign_key(ForeignKey::create().from("journal", "dossier_id").to("dossier", "id"))
        .take()
}

fn note() -> TableCreateStatement {
    Table::create()
        .table("note")
        .col(uuid("dossier_id"))
        .col(integer("seq"))
        .col(text("words"))
        .primary_key(Index::create().col("dossier_id").col("seq"))
        .foreign_key(
            ForeignKey::create().from("note", ("dossier_id", "seq")).to("journal", ("dossier_id", "seq")),
        )
        .take()
}
