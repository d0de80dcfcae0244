//! The sitting in which a question is put: its day, who says so, and the digest of the name of whoever attends.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_null, text_null};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Until someone says otherwise, a question is put on the day of its publication.
const SUPPOSED: &str = "UPDATE question SET sitting_source = 'supposed', \
    sitting_on = (SELECT received_on FROM dossier WHERE dossier.id = question.dossier_id) \
    WHERE identity NOT LIKE '%-QE-%'";

/// The agenda reads the days that it shows.
const INDEX: &str =
    "CREATE INDEX question_sitting ON question (sitting_on, dossier_id) WHERE sitting_on IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [date_null("sitting_on"), text_null("sitting_source"), text_null("attendee")] {
            manager.alter_table(Table::alter().table("question").add_column(column).take()).await?;
        }
        run(manager, SUPPOSED).await?;
        run(manager, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX question_sitting").await?;
        for column in ["attendee", "sitting_source", "sitting_on"] {
            manager.alter_table(Table::alter().table("question").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
