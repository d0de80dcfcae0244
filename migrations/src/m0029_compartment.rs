//! Compartments: the people to whom dossiers are reserved, and who has opened what is reserved.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{pk_uuid, text, text_uniq, timestamp_with_time_zone, uuid, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What is reserved is little: what must be kept out of a list is found without reading the rest.
const INDEXES: [(&str, &str); 2] = [
    ("dossier_reserved", "dossier (compartment_id, id) WHERE compartment_id IS NOT NULL"),
    ("compartment_account", "compartment_person (account_id, compartment_id)"),
];

const SQLITE: &[&str] = &[
    "CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
    "CREATE TRIGGER reading_no_delete BEFORE DELETE ON reading \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
];

/// The function is the dossiers' journal's.
const POSTGRES: &[&str] =
    &["CREATE TRIGGER reading_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON reading \
     FOR EACH STATEMENT EXECUTE FUNCTION journal_only_grows()"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [compartment(), person(), reading()] {
            manager.create_table(table).await?;
        }
        let column = uuid_null("compartment_id");
        manager.alter_table(Table::alter().table("dossier").add_column(column).take()).await?;
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
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        manager.alter_table(Table::alter().table("dossier").drop_column("compartment_id").take()).await?;
        for table in ["reading", "compartment_person", "compartment"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn compartment() -> TableCreateStatement {
    Table::create()
        .table("compartment")
        .col(pk_uuid("id"))
        .col(text("name"))
        // Without accents or capitals: two names that one would take for each other are one.
        .col(text_uniq("name_key"))
        .col(uuid("owner_id"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(ForeignKey::create().from("compartment", "owner_id").to("account", "id"))
        .take()
}

fn person() -> TableCreateStatement {
    Table::create()
        .table("compartment_person")
        .col(uuid("compartment_id"))
        .col(uuid("account_id"))
        .primary_key(Index::create().col("compartment_id").col("account_id"))
        .foreign_key(
            ForeignKey::create().from("compartment_person", "compartment_id").to("compartment", "id"),
        )
        .foreign_key(ForeignKey::create().from("compartment_person", "account_id").to("account", "id"))
        .take()
}

/// In the order in which the owner of a compartment reads it.
fn reading() -> TableCreateStatement {
    Table::create()
        .table("reading")
        .col(uuid("compartment_id"))
        .col(timestamp_with_time_zone("at"))
        .col(uuid("dossier_id"))
        .col(uuid("account_id"))
        .primary_key(Index::create().col("compartment_id").col("at").col("dossier_id").col("account_id"))
        .foreign_key(ForeignKey::create().from("reading", "compartment_id").to("compartment", "id"))
        .foreign_key(ForeignKey::create().from("reading", "dossier_id").to("dossier", "id"))
        .foreign_key(ForeignKey::create().from("reading", "account_id").to("account", "id"))
        .take()
}
