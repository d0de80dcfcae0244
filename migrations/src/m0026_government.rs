//! Changes of government that were followed, the questions that each has moved, and the name under which each of those stands.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, date_null, pk_uuid, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [text_null("ministry"), date_null("ministry_since")] {
            manager.alter_table(Table::alter().table("question").add_column(column).take()).await?;
        }
        manager.create_table(change()).await?;
        manager.create_table(moved()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["government_move", "government_change"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        for column in ["ministry_since", "ministry"] {
            manager.alter_table(Table::alter().table("question").drop_column(column).take()).await?;
        }
        Ok(())
    }
}

/// `ended_at` is empty while questions are still to be moved.
fn change() -> TableCreateStatement {
    Table::create()
        .table("government_change")
        .col(pk_uuid("id"))
        .col(text("from_name"))
        .col(text("to_name"))
        .col(boolean("leaves"))
        .col(date("decreed_on"))
        .col(uuid_null("unit_id"))
        .col(text("who"))
        .col(timestamp_with_time_zone("at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .foreign_key(ForeignKey::create().from("government_change", "unit_id").to("unit", "id"))
        .take()
}

fn moved() -> TableCreateStatement {
    Table::create()
        .table("government_move")
        .col(uuid("change_id"))
        .col(uuid("dossier_id"))
        .primary_key(Index::create().col("change_id").col("dossier_id"))
        .foreign_key(ForeignKey::create().from("government_move", "change_id").to("government_change", "id"))
        .foreign_key(ForeignKey::create().from("government_move", "dossier_id").to("dossier", "id"))
        .take()
}
