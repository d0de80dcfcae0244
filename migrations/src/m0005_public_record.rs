//! The questions that the houses publish, ours and those of other ministries, kept for searching.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date_null, text, text_null, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("published_question")
            .col(text("identity").primary_key())
            .col(text("uid"))
            .col(text("subject"))
            .col(text_null("author"))
            .col(text_null("author_group"))
            .col(text_null("ministry"))
            .col(boolean("ours"))
            .col(date_null("published_on"))
            .col(date_null("answered_on"))
            .col(text("question_text"))
            .col(text("answer_text"))
            .col(text("search_key"))
            .col(text("digest"))
            .col(timestamp_with_time_zone("imported_at"))
            .take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("published_question").take()).await
    }
}
