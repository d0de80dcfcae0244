//! Seals, which only grow as the journals do; and what each change of the settings left, chained.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_uniq, integer, text};
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 3] = ["seal", "seal_leaf", "settings_proof"];

/// A chain's seals; what is sealed of the journals that have no chain of their own.
const INDEXES: [(&str, &str); 3] = [
    ("seal_leaf_chain", "seal_leaf (chain, seal)"),
    ("access_journal_at", "access_journal (at)"),
    ("reading_at", "reading (at)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [seal(), leaf(), settings_proof()] {
            manager.create_table(table).await?;
        }
        for (name, on) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {on}")).await?;
        }
        for table in TABLES {
            for statement in only_grows(table, manager.get_database_backend()) {
                run(manager, &statement).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        for table in TABLES.into_iter().rev() {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// On PostgreSQL the function is the dossiers' journal's.
fn only_grows(table: &str, engine: DbBackend) -> Vec<String> {
    if engine == DbBackend::Postgres {
        return vec![format!(
            "CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION journal_only_grows()"
        )];
    }
    let key =
        if table == "seal_leaf" { "seal = NEW.seal AND chain = NEW.chain" } else { "number = NEW.number" };
    let replaced = format!("WHEN EXISTS (SELECT 1 FROM {table} WHERE {key})");
    // `INSERT OR REPLACE` deletes without the trigger of deletion.
    [("UPDATE", ""), ("DELETE", ""), ("INSERT", &replaced)]
        .map(|(act, when)| {
            format!(
                "CREATE TRIGGER {table}_no_{} BEFORE {act} ON {table} {when} \
                 BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
                act.to_lowercase()
            )
        })
        .to_vec()
}

/// `day` is the last day that it covers.
fn seal() -> TableCreateStatement {
    Table::create()
        .table("seal")
        .col(integer("number").primary_key())
        .col(date_uniq("day"))
        .col(integer("leaves"))
        .col(text("root"))
        .col(text("hash"))
        .take()
}

fn leaf() -> TableCreateStatement {
    Table::create()
        .table("seal_leaf")
        .col(integer("seal"))
        .col(text("chain"))
        .col(integer("length"))
        .col(text("head"))
        .primary_key(Index::create().col("seal").col("chain"))
        .foreign_key(ForeignKey::create().from("seal_leaf", "seal").to("seal", "number"))
        .take()
}

/// `seq` is the last entry of the journal of settings that it covers, `state` the digest of the settings as they were left.
fn settings_proof() -> TableCreateStatement {
    Table::create()
        .table("settings_proof")
        .col(integer("number").primary_key())
        .col(integer("seq"))
        .col(text("state"))
        .col(text("hash"))
        .take()
}
