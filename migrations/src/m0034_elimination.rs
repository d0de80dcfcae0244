//! The lists by which closed dossiers are let go, and what is on them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date, integer, pk_uuid, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A dossier waits on one list at most; what is to be carried out is found without reading what is done.
const INDEXES: [(&str, &str); 3] = [
    ("UNIQUE INDEX elimination_item_waiting", "elimination_item (dossier_id) WHERE outcome IS NULL"),
    ("INDEX elimination_approved", "elimination (id) WHERE state = 'approved'"),
    ("INDEX elimination_proposed_at", "elimination (proposed_at, id)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [list(), item()] {
            manager.create_table(table).await?;
        }
        for (name, on) in INDEXES {
            run(manager, &format!("CREATE {name} ON {on}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["elimination_item", "elimination"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// `class` and `version` name the line of the table; `content` is the digest of what is on it.
fn list() -> TableCreateStatement {
    let states = &["proposed", "reviewed", "approved", "done", "abandoned"];
    Table::create()
        .table("elimination")
        .col(pk_uuid("id"))
        .col(integer("number"))
        .col(text("class"))
        .col(integer("version"))
        .col(uuid_null("compartment_id"))
        .col(text("state").check(one_of("state", states)))
        .col(text("content"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("reviewed_by"))
        .col(timestamp_with_time_zone_null("reviewed_at"))
        .col(uuid_null("approved_by"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(text_null("visa"))
        .col(text_null("receipt"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .foreign_key(
            ForeignKey::create()
                .from("elimination", ("class", "version"))
                .to("retention_rule", ("class", "version")),
        )
        .take()
}

/// `outcome` is empty while it waits, `erased` once its words are taken out, `done` once its documents are too, `left` when
/// it stays as it is.
fn item() -> TableCreateStatement {
    Table::create()
        .table("elimination_item")
        .col(uuid("list_id"))
        .col(uuid("dossier_id"))
        .col(text("disposition").check(one_of("disposition", &["transfer", "destroy"])))
        .col(date("closed_on"))
        .col(text_null("outcome").check(one_of("outcome", &["erased", "done", "left"])))
        .primary_key(Index::create().col("list_id").col("dossier_id"))
        .foreign_key(ForeignKey::create().from("elimination_item", "list_id").to("elimination", "id"))
        .foreign_key(ForeignKey::create().from("elimination_item", "dossier_id").to("dossier", "id"))
        .take()
}
