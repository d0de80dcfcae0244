//! One's own account: sessions that tell when they were used and from which browser, browsers that are known, what a token
//! lets do, passwords that were drawn, and the journal of accesses, which only grows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, pk_uuid, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE: &[&str] = &[
    "CREATE TRIGGER access_journal_no_update BEFORE UPDATE ON access_journal \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
    "CREATE TRIGGER access_journal_no_delete BEFORE DELETE ON access_journal \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
    // `INSERT OR REPLACE` deletes without the trigger of deletion.
    "CREATE TRIGGER access_journal_no_replace BEFORE INSERT ON access_journal \
     WHEN EXISTS (SELECT 1 FROM access_journal WHERE id = NEW.id) \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
];

/// The function is the dossiers' journal's.
const POSTGRES: &[&str] = &["CREATE TRIGGER access_journal_only_grows \
     BEFORE UPDATE OR DELETE OR TRUNCATE ON access_journal \
     FOR EACH STATEMENT EXECUTE FUNCTION journal_only_grows()"];

/// What is found by its person: sessions, tokens, browsers, what happened.
const INDEXES: [(&str, &str); 4] = [
    ("session_account", "session (account_id)"),
    ("api_token_account", "api_token (account_id)"),
    ("device_account", "device (account_id)"),
    ("access_journal_account", "access_journal (account_id, id)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // When a session of before was last used, nobody knows: its bearer signs in once more.
        manager.drop_table(Table::drop().table("session").take()).await?;
        for table in [session(), device(), access_journal()] {
            manager.create_table(table).await?;
        }
        let added = [
            ("api_token", text("scope").default("write").check(one_of("scope", &["read", "write"])).take()),
            ("api_token", timestamp_with_time_zone_null("used_at").take()),
            ("account", boolean("password_drawn").default(false).take()),
        ];
        for (table, column) in added {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        for (name, on) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {on}")).await?;
        }
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in if postgres { POSTGRES } else { SQLITE } {
            run(manager, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX api_token_account").await?;
        for (table, column) in
            [("account", "password_drawn"), ("api_token", "used_at"), ("api_token", "scope")]
        {
            manager.alter_table(Table::alter().table(table).drop_column(column).take()).await?;
        }
        for table in ["access_journal", "device", "session"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        manager.create_table(session_before()).await?;
        run(manager, "CREATE INDEX session_account ON session (account_id)").await
    }
}

/// `browser` is its name in words.
fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(text("digest").primary_key())
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("used_at"))
        .col(text("browser"))
        .foreign_key(ForeignKey::create().from("session", "account_id").to("account", "id"))
        .take()
}

/// As `m0002_access` and `m0012_settings` left it.
fn session_before() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(text("digest").primary_key())
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .foreign_key(ForeignKey::create().from("session", "account_id").to("account", "id"))
        .take()
}

/// A browser that has signed in as the account before; one that several people use has a row for each.
fn device() -> TableCreateStatement {
    Table::create()
        .table("device")
        .col(text("digest"))
        .col(uuid("account_id"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(Index::create().col("digest").col("account_id"))
        .foreign_key(ForeignKey::create().from("device", "account_id").to("account", "id"))
        .take()
}

/// `account_id` is whose account it happened to, `by_id` who did it: both without a foreign key, as in the other journals.
fn access_journal() -> TableCreateStatement {
    Table::create()
        .table("access_journal")
        .col(pk_uuid("id"))
        .col(timestamp_with_time_zone("at"))
        .col(text("event"))
        .col(uuid_null("account_id"))
        .col(uuid_null("by_id"))
        .col(text_null("address"))
        .col(text("detail"))
        .take()
}
