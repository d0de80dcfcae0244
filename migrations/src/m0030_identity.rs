//! Identities that a provider answers for (ProConnect), sign-ins by it that have begun, and by what a session signs out there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{pk_uuid, text, text_null, timestamp_with_time_zone, uuid_null};

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// An identity is found by who answers for it and its name there, which nobody else has; an account's, and those that wait, by
/// the account.
const INDEXES: [&str; 2] = [
    "CREATE UNIQUE INDEX identity_name ON identity (issuer, subject)",
    "CREATE INDEX identity_account ON identity (account_id, seen_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [identity(), sign_in_flow()] {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            run(manager, index).await?;
        }
        let column = text_null("provider_token");
        manager.alter_table(Table::alter().table("session").add_column(column).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("session").drop_column("provider_token").take()).await?;
        for table in ["sign_in_flow", "identity"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// Without an account it waits to be bound to one.
fn identity() -> TableCreateStatement {
    Table::create()
        .table("identity")
        .col(pk_uuid("id"))
        .col(text("issuer"))
        .col(text("subject"))
        .col(text("name"))
        .col(text("email"))
        .col(timestamp_with_time_zone("seen_at"))
        .col(uuid_null("account_id"))
        .foreign_key(ForeignKey::create().from("identity", "account_id").to("account", "id"))
        .take()
}

/// A row serves once, for a few minutes; of the browser's secret, only the digest.
fn sign_in_flow() -> TableCreateStatement {
    Table::create()
        .table("sign_in_flow")
        .col(text("digest").primary_key())
        .col(text("onward"))
        .col(timestamp_with_time_zone("started_at"))
        .take()
}
