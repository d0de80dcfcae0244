//! Batches: the place of a question among those that get one answer.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer_null, uuid_null};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Two questions never take one place.
const INDEX: &str =
    "CREATE UNIQUE INDEX question_batch ON question (batch_id, batch_place) WHERE batch_id IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [uuid_null("batch_id"), integer_null("batch_place")] {
            manager.alter_table(Table::alter().table("question").add_column(column).take()).await?;
        }
        run(manager, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX question_batch").await?;
        for column in ["batch_place", "batch_id"] {
            manager.alter_table(Table::alter().table("question").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
