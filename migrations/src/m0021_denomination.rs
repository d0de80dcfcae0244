//! The names under which the ministry is published, each with its days.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, date_null, pk_uuid, text};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("denomination")
            .col(pk_uuid("id"))
            .col(text("name"))
            .col(date("valid_from"))
            .col(date_null("valid_until"))
            .take();
        manager.create_table(table).await?;
        // The questions of a name, when it becomes ours or is no longer.
        run(manager, "CREATE INDEX published_ministry ON published_question (ministry, identity)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX published_ministry").await?;
        manager.drop_table(Table::drop().table("denomination").take()).await
    }
}
