//! What a large register is walked by: the signalled questions, and the letters and questions of some days.

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
        run(
            manager,
            "CREATE INDEX question_signalled ON question (dossier_id) WHERE signalled_on IS NOT NULL",
        )
        .await?;
        run(manager, "CREATE INDEX dossier_received ON dossier (received_on)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX dossier_received").await?;
        run(manager, "DROP INDEX question_signalled").await
    }
}
