//! How the open dossiers stood, day after day; and what finds the answers of a period.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, timestamp_with_time_zone, uuid, uuid_null};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The spans that hold on a day; answers by the day on which they were given, and by the day on which they were due.
const INDEXES: [(&str, &str); 4] = [
    ("snapshot_span_days", "snapshot_span (last_on, first_on)"),
    ("dossier_closed_on", "dossier (closed_on) WHERE closed_on IS NOT NULL"),
    ("dossier_legal_due", "dossier (legal_due_on, id)"),
    ("dossier_internal_due", "dossier (internal_due_on, id)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [snapshot(), span()] {
            manager.create_table(table).await?;
        }
        for (name, on) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {on}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        for table in ["snapshot_span", "snapshot"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// A day on which the open dossiers were looked at. Its key is what makes one server do it.
fn snapshot() -> TableCreateStatement {
    Table::create()
        .table("snapshot")
        .col(date("day").primary_key())
        .col(timestamp_with_time_zone("taken_at"))
        .take()
}

/// How an open dossier stood, from one snapshot to another, both included; the last is 9999-12-31 while it stands so.
fn span() -> TableCreateStatement {
    Table::create()
        .table("snapshot_span")
        .col(uuid("dossier_id"))
        .col(date("first_on"))
        .col(date("last_on"))
        .col(uuid_null("lead_id"))
        .col(date("due_on"))
        .col(date("legal_due_on"))
        .col(date("internal_due_on"))
        .col(boolean("at_risk"))
        .primary_key(Index::create().col("dossier_id").col("first_on"))
        .foreign_key(ForeignKey::create().from("snapshot_span", "dossier_id").to("dossier", "id"))
        .foreign_key(ForeignKey::create().from("snapshot_span", "first_on").to("snapshot", "day"))
        .take()
}
