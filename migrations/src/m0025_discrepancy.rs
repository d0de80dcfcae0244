//! Where the public record contradicts a dossier: what waits for a person, and what was decided.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, timestamp_with_time_zone, uuid};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(discrepancy()).await?;
        // A point is found once for a dossier; the page lists what waits, the oldest first.
        run(manager, "CREATE UNIQUE INDEX discrepancy_point ON discrepancy (dossier_id, point)").await?;
        run(manager, "CREATE INDEX discrepancy_waiting ON discrepancy (id) WHERE state = 'waiting'").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("discrepancy").take()).await
    }
}

fn discrepancy() -> TableCreateStatement {
    Table::create()
        .table("discrepancy")
        .col(uuid("id").primary_key())
        .col(uuid("dossier_id"))
        // What the record says, as JSON.
        .col(text("point"))
        .col(text("state").check(one_of("state", &["waiting", "adopted", "dismissed", "gone"])))
        .col(timestamp_with_time_zone("found_at"))
        .foreign_key(ForeignKey::create().from("discrepancy", "dossier_id").to("dossier", "id"))
        .take()
}
