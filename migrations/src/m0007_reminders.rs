//! Reminders: rules, what was sent to whom, how each person wants to be told, and calendar feeds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, integer, integer_null, pk_uuid, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LEVELS: &[&str] = &["holder", "correspondent", "head", "cabinet"];
const STATES: &[&str] = &["sending", "sent", "failed", "refused", "unknown"];

const INDEXES: [&str; 2] = [
    "CREATE INDEX digest_open ON digest (claimed_until) WHERE state = 'sending'",
    "CREATE INDEX digest_item_digest ON digest_item (digest_id, dossier_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [reminder_rule(), digest(), digest_item(), calendar_feed()] {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            run(manager, index).await?;
        }
        for column in columns() {
            manager.alter_table(Table::alter().table("account").add_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let name = column.get_column_name().clone();
            let alter = Table::alter().table("account").drop_column(Alias::new(name)).take();
            manager.alter_table(alter).await?;
        }
        for table in ["calendar_feed", "digest_item", "digest", "reminder_rule"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn columns() -> [ColumnDef; 4] {
    let ways = &["immediate", "daily", "none"];
    [
        text_null("email").take(),
        // When the person signed in last, and the time before: what has come since is new to them.
        timestamp_with_time_zone_null("signed_in_at").take(),
        timestamp_with_time_zone_null("signed_in_before").take(),
        text("notifications").default("daily").check(one_of("notifications", ways)).take(),
    ]
}

fn reminder_rule() -> TableCreateStatement {
    Table::create()
        .table("reminder_rule")
        .col(text("code").primary_key())
        // From the due date, negative before it.
        .col(integer("offset_days"))
        .col(integer_null("every"))
        .col(text("level").check(one_of("level", LEVELS)))
        .col(boolean("active"))
        .take()
}

/// A message to a person; number 0 is the morning's. The unique index is what makes one server send it.
fn digest() -> TableCreateStatement {
    Table::create()
        .table("digest")
        .col(pk_uuid("id"))
        .col(uuid("account_id"))
        .col(date("day"))
        .col(integer("number"))
        .col(text("state").check(one_of("state", STATES)))
        .col(integer("tries"))
        .col(timestamp_with_time_zone("claimed_until"))
        .col(timestamp_with_time_zone_null("sent_at"))
        .index(Index::create().name("digest_once").unique().col("account_id").col("day").col("number"))
        .foreign_key(ForeignKey::create().from("digest", "account_id").to("account", "id"))
        .take()
}

/// A reminder in a message. Nobody is sent the same one twice.
fn digest_item() -> TableCreateStatement {
    Table::create()
        .table("digest_item")
        .col(uuid("account_id"))
        .col(uuid("dossier_id"))
        .col(text("rule"))
        .col(date("fell_on"))
        .col(uuid("digest_id"))
        .primary_key(Index::create().col("account_id").col("dossier_id").col("rule").col("fell_on"))
        .foreign_key(ForeignKey::create().from("digest_item", "digest_id").to("digest", "id"))
        .foreign_key(ForeignKey::create().from("digest_item", "dossier_id").to("dossier", "id"))
        .take()
}

/// One private address a person; only its digest is kept.
fn calendar_feed() -> TableCreateStatement {
    Table::create()
        .table("calendar_feed")
        .col(uuid("account_id").primary_key())
        .col(text("digest").unique_key())
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(ForeignKey::create().from("calendar_feed", "account_id").to("account", "id"))
        .take()
}
