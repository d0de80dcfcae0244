//! Searches that a person keeps under a name, and the dossiers that each with an alert has told of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, pk_uuid, text, timestamp_with_time_zone, uuid, uuid_null};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [&str; 2] = [
    "CREATE INDEX saved_search_alert ON saved_search (looked_on) WHERE alert",
    "CREATE INDEX known_match_digest ON known_match (digest_id) WHERE digest_id IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [saved_search(), known_match()] {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            run(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["known_match", "saved_search"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// `list` is which dossiers, as JSON; `looked_on` the last day on which Pli looked for something new.
fn saved_search() -> TableCreateStatement {
    Table::create()
        .table("saved_search")
        .col(pk_uuid("id"))
        .col(uuid("account_id"))
        .col(text("name"))
        .col(text("list"))
        .col(boolean("alert"))
        .col(date("looked_on"))
        .col(timestamp_with_time_zone("created_at"))
        .index(Index::create().name("saved_search_name").unique().col("account_id").col("name"))
        .foreign_key(ForeignKey::create().from("saved_search", "account_id").to("account", "id"))
        .take()
}

/// What an alert has found: before it was switched on, or in a message. What is not found any more is forgotten.
fn known_match() -> TableCreateStatement {
    Table::create()
        .table("known_match")
        .col(uuid("search_id"))
        .col(uuid("dossier_id"))
        .col(uuid_null("digest_id"))
        .primary_key(Index::create().col("search_id").col("dossier_id"))
        .foreign_key(
            ForeignKey::create()
                .from("known_match", "search_id")
                .to("saved_search", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(ForeignKey::create().from("known_match", "dossier_id").to("dossier", "id"))
        .foreign_key(ForeignKey::create().from("known_match", "digest_id").to("digest", "id"))
        .take()
}
