//! What has arrived since a moment is counted by its index alone.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX dossier_open_arrived").await?;
        run(manager, "CREATE INDEX dossier_open_arrived ON dossier (created_at, compartment_id) WHERE open")
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX dossier_open_arrived").await?;
        run(manager, "CREATE INDEX dossier_open_arrived ON dossier (created_at) WHERE open").await
    }
}
