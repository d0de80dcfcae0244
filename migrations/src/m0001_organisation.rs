//! Units, people and what they do where.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, date_null, pk_uuid, text, text_uniq, timestamp_with_time_zone, uuid, uuid_null,
};

use crate::one_of;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const KINDS: &[&str] =
    &["ministry", "cabinet", "secretariat", "direction", "service", "delegation", "subdirection", "bureau"];

const ROLES: &[&str] = &[
    "clerk",
    "coordinator",
    "correspondent",
    "drafter",
    "approver",
    "signatory",
    "manager",
    "administrator",
    "auditor",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unit = Table::create()
            .table("unit")
            .col(pk_uuid("id"))
            .col(text_uniq("code"))
            .col(text("name"))
            .col(text("kind").check(one_of("kind", KINDS)))
            .col(uuid_null("parent_id"))
            .col(date("valid_from"))
            .col(date_null("valid_to"))
            .foreign_key(ForeignKey::create().from("unit", "parent_id").to("unit", "id"))
            .take();
        let account = Table::create()
            .table("account")
            .col(pk_uuid("id"))
            .col(text_uniq("login"))
            .col(text("name"))
            .col(text("password_hash"))
            .col(boolean("disabled").default(false))
            .col(timestamp_with_time_zone("created_at"))
            .take();
        let role = Table::create()
            .table("account_role")
            .col(uuid("account_id"))
            .col(uuid("unit_id"))
            .col(text("role").check(one_of("role", ROLES)))
            .primary_key(Index::create().col("account_id").col("unit_id").col("role"))
            .foreign_key(ForeignKey::create().from("account_role", "account_id").to("account", "id"))
            .foreign_key(ForeignKey::create().from("account_role", "unit_id").to("unit", "id"))
            .take();
        for table in [unit, account, role] {
            manager.create_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["account_role", "account", "unit"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}
