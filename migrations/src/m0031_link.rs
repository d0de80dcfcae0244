//! Links that let occasional contributors in: who may have them, those that were asked for, and the sessions that they opened.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, pk_uuid, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A link is found by its secret's digest; a person's, the latest first; those that wait for their message, which are few; and
/// who may have one, by the address that is typed.
const INDEXES: [&str; 4] = [
    "CREATE UNIQUE INDEX entry_link_digest ON entry_link (digest)",
    "CREATE INDEX entry_link_account ON entry_link (account_id, asked_at)",
    "CREATE INDEX entry_link_waiting ON entry_link (asked_at) WHERE digest IS NULL",
    "CREATE INDEX account_links ON account (lower(email)) WHERE links",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(entry_link()).await?;
        for (table, column) in
            [("account", boolean("links").default(false).take()), ("session", uuid_null("link_id").take())]
        {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        for index in INDEXES {
            run(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX account_links").await?;
        for (table, column) in [("session", "link_id"), ("account", "links")] {
            manager.alter_table(Table::alter().table(table).drop_column(column).take()).await?;
        }
        manager.drop_table(Table::drop().table("entry_link").take()).await
    }
}

/// Of the secret, only the digest, from when the message is written. `asked_by` is whoever keeps the account, when it was they
/// who had it sent: without a foreign key, as in the journals.
fn entry_link() -> TableCreateStatement {
    Table::create()
        .table("entry_link")
        .col(pk_uuid("id"))
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("asked_at"))
        .col(uuid_null("asked_by"))
        .col(text_null("digest"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(uuid_null("message_id"))
        .foreign_key(ForeignKey::create().from("entry_link", "account_id").to("account", "id"))
        .take()
}
