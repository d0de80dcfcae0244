//! What a person has seen of a draft, and the journal across dossiers.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, timestamp_with_time_zone, uuid};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The journal only grows, so each way of reading it across dossiers has its index, in the order in which it is read. What
/// awaits approval or signature is found among what is open, stage by stage.
const INDEXES: [(&str, &str); 4] = [
    ("journal_at", "journal (at, dossier_id, seq)"),
    ("journal_who", "journal (who, at, dossier_id, seq)"),
    ("journal_action", "journal (action, at, dossier_id, seq)"),
    ("dossier_open_stage", "dossier (stage, due_on, id) WHERE open"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(draft_look()).await?;
        for (name, columns) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {columns}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        manager.drop_table(Table::drop().table("draft_look").take()).await
    }
}

/// The last version of a dossier's draft that a person said they had seen, or acted on.
fn draft_look() -> TableCreateStatement {
    Table::create()
        .table("draft_look")
        .col(uuid("account_id"))
        .col(uuid("dossier_id"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("account_id").col("dossier_id"))
        .foreign_key(ForeignKey::create().from("draft_look", "account_id").to("account", "id"))
        .foreign_key(
            ForeignKey::create()
                .from("draft_look", ("dossier_id", "version"))
                .to("draft", ("dossier_id", "version")),
        )
        .take()
}
