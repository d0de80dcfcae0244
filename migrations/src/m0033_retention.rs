//! The table of retention; and on each dossier what it says of its end.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date_null, integer, text, text_null};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// As what a closed dossier waits for its end. From then on it is written with each act.
const AWAITING: &str = "UPDATE dossier SET ends_as = CASE \
     WHEN kind = 'question' THEN 'question' \
     WHEN stage IN ('closed:duplicate', 'closed:cancelled') THEN 'void' \
     ELSE (SELECT mail.category FROM mail WHERE mail.dossier_id = dossier.id) END \
     WHERE NOT open";

/// What has reached its end is found without reading what is open or gone.
const INDEX: &str = "CREATE INDEX dossier_ends ON dossier (ends_as, closed_on, id) WHERE ends_as IS NOT NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(rule()).await?;
        for column in
            [boolean("frozen").default(false).take(), date_null("eliminated_on"), text_null("ends_as")]
        {
            manager.alter_table(Table::alter().table("dossier").add_column(column).take()).await?;
        }
        run(manager, AWAITING).await?;
        run(manager, INDEX).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX dossier_ends").await?;
        for column in ["ends_as", "eliminated_on", "frozen"] {
            manager.alter_table(Table::alter().table("dossier").drop_column(column).take()).await?;
        }
        manager.drop_table(Table::drop().table("retention_rule").take()).await
    }
}

/// `months` counts from the closing; the newest version of a class is in force.
fn rule() -> TableCreateStatement {
    Table::create()
        .table("retention_rule")
        .col(text("class"))
        .col(integer("version"))
        .col(integer("months"))
        .col(text("fate").check(one_of("fate", &["keep", "destroy", "sort"])))
        .col(text("source"))
        .primary_key(Index::create().col("class").col("version"))
        .take()
}
