//! What the administrator keeps in the pages: the journal of settings, which only grows; the names of people as one
//! searches for them; and keys of commands that are not on a dossier.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, text, timestamp_with_time_zone};
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE: &[&str] = &[
    "CREATE TRIGGER settings_journal_no_update BEFORE UPDATE ON settings_journal \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
    "CREATE TRIGGER settings_journal_no_delete BEFORE DELETE ON settings_journal \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
    // `INSERT OR REPLACE` deletes without the trigger of deletion.
    "CREATE TRIGGER settings_journal_no_replace BEFORE INSERT ON settings_journal \
     WHEN EXISTS (SELECT 1 FROM settings_journal WHERE seq = NEW.seq) \
     BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END",
];

/// The function is the dossiers' journal's.
const POSTGRES: &[&str] = &["CREATE TRIGGER settings_journal_only_grows \
     BEFORE UPDATE OR DELETE OR TRUNCATE ON settings_journal \
     FOR EACH STATEMENT EXECUTE FUNCTION journal_only_grows()"];

/// A list of people is paged by name; the people of a unit, and the sessions of a person, are found by theirs.
const INDEXES: [(&str, &str); 3] = [
    ("account_search", "account (search_key, id)"),
    ("account_role_unit", "account_role (unit_id, account_id)"),
    ("session_account", "session (account_id)"),
];

/// The letters of French names that are not plain; SQLite alone does not know that « É » is « é ».
const LETTERS: [(&str, &str); 15] = [
    ("àÀâÂäÄáÁãÃåÅ", "a"),
    ("çÇ", "c"),
    ("éÉèÈêÊëË", "e"),
    ("îÎïÏíÍìÌ", "i"),
    ("ñÑ", "n"),
    ("ôÔöÖóÓòÒõÕ", "o"),
    ("ùÙûÛüÜúÚ", "u"),
    ("ÿŸýÝ", "y"),
    ("šŠ", "s"),
    ("žŽ", "z"),
    ("œŒ", "oe"),
    ("æÆ", "ae"),
    ("’‘ʼ", "''"),
    ("\u{a0}\u{202f}", " "),
    ("ĞğǦǧ", "g"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(settings_journal()).await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in if postgres { POSTGRES } else { SQLITE } {
            run(manager, statement).await?;
        }
        let column = text("search_key").default("").take();
        manager.alter_table(Table::alter().table("account").add_column(column).take()).await?;
        let key = folded("rtrim(name || ' ' || login || ' ' || coalesce(email, ''))");
        run(manager, &format!("UPDATE account SET search_key = {key}")).await?;
        for (name, on) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {on}")).await?;
        }
        run(manager, "ALTER TABLE idempotency RENAME COLUMN dossier_id TO subject_id").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "ALTER TABLE idempotency RENAME COLUMN subject_id TO dossier_id").await?;
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        manager.alter_table(Table::alter().table("account").drop_column("search_key").take()).await?;
        manager.drop_table(Table::drop().table("settings_journal").take()).await
    }
}

fn settings_journal() -> TableCreateStatement {
    Table::create()
        .table("settings_journal")
        .col(integer("seq").primary_key())
        .col(timestamp_with_time_zone("at"))
        .col(text("who"))
        .col(text("action"))
        .col(text("subject_kind"))
        .col(text("subject_id"))
        .col(text("payload"))
        .take()
}

/// The search key of a text, in SQL: what `pli_domain::text::fold` makes of a French name.
fn folded(text: &str) -> String {
    let letters = LETTERS.iter().flat_map(|(from, to)| from.chars().map(move |letter| (letter, to)));
    letters.fold(format!("lower({text})"), |sql, (letter, to)| format!("replace({sql}, '{letter}', '{to}')"))
}
