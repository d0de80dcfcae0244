//! The documents of a dossier. What they hold lies outside the database; their names are the notes of the acts that
//! joined them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, text, uuid};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(attachment()).await?;
        // A dossier has a document once; and other dossiers that have the same are found by it.
        run(manager, "CREATE UNIQUE INDEX attachment_file ON attachment (file, dossier_id)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("attachment").take()).await
    }
}

fn attachment() -> TableCreateStatement {
    Table::create()
        .table("attachment")
        .col(uuid("dossier_id"))
        // The act that joined it.
        .col(integer("seq"))
        // SHA-256 of what it holds.
        .col(text("file"))
        .col(text("media").check(one_of("media", &["pdf", "jpeg", "png", "tiff"])))
        .col(integer("bytes"))
        .primary_key(Index::create().col("dossier_id").col("seq"))
        .foreign_key(
            ForeignKey::create()
                .from("attachment", ("dossier_id", "seq"))
                .to("journal", ("dossier_id", "seq")),
        )
        .take()
}
