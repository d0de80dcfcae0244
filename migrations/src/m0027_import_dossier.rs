//! Which dossiers a run of an import has opened: its figure opens their list.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("import_dossier")
            .col(integer("run"))
            .col(uuid("dossier_id"))
            .primary_key(Index::create().col("run").col("dossier_id"))
            .foreign_key(ForeignKey::create().from("import_dossier", "run").to("import_run", "number"))
            .foreign_key(ForeignKey::create().from("import_dossier", "dossier_id").to("dossier", "id"))
            .take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("import_dossier").take()).await
    }
}
