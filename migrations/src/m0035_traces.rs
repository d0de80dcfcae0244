//! The end of traces: what the journal of accesses and the openings of reserved dossiers hold goes once it is older than the
//! table of retention says, counted back from the last seal; until then the database lets nobody take it out.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The tables, with the trigger of PostgreSQL that held both changes and deletions.
const TABLES: [(&str, &str); 2] =
    [("access_journal", "access_journal_only_grows"), ("reading", "reading_only_grows")];

/// For how many months, by the version in force.
const MONTHS: &str = "SELECT months FROM retention_rule WHERE class = 'access' ORDER BY version DESC LIMIT 1";

/// The first day that is kept, or nothing while there is no seal; a month that is too short ends on its last day, as in the
/// domain. `date` would go on into the next one.
const SQLITE_SINCE: &str = "SELECT min(date(last, '-' || months || ' months'), \
     date(last, 'start of month', '-' || months || ' months', '+1 month', '-1 day')) \
     FROM (SELECT max(day) AS last FROM seal)";

const POSTGRES: &str = "CREATE FUNCTION trace_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF (OLD.at AT TIME ZONE 'UTC')::date >= COALESCE(\
       (SELECT (max(day) - make_interval(months => ({MONTHS})))::date FROM seal), '-infinity'::date) \
     THEN RAISE EXCEPTION 'a trace is kept until its end'; END IF; RETURN OLD; END $$";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        if postgres {
            run(manager, &POSTGRES.replace("{MONTHS}", MONTHS)).await?;
        }
        for (table, trigger) in TABLES {
            if postgres {
                run(manager, &format!("DROP TRIGGER {trigger} ON {table}")).await?;
                run(manager, &only_grows(trigger, table, "UPDATE OR TRUNCATE")).await?;
                let kept = format!(
                    "CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} \
                     FOR EACH ROW EXECUTE FUNCTION trace_is_kept()"
                );
                run(manager, &kept).await?;
            } else {
                run(manager, &format!("DROP TRIGGER {table}_no_delete")).await?;
                let since = format!("{SQLITE_SINCE}, ({MONTHS})");
                run(
                    manager,
                    &no_delete(table, &format!("WHEN substr(OLD.at, 1, 10) >= COALESCE(({since}), '')")),
                )
                .await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for (table, trigger) in TABLES {
            if postgres {
                run(manager, &format!("DROP TRIGGER {table}_is_kept ON {table}")).await?;
                run(manager, &format!("DROP TRIGGER {trigger} ON {table}")).await?;
                run(manager, &only_grows(trigger, table, "UPDATE OR DELETE OR TRUNCATE")).await?;
            } else {
                run(manager, &format!("DROP TRIGGER {table}_no_delete")).await?;
                run(manager, &no_delete(table, "")).await?;
            }
        }
        if postgres {
            run(manager, "DROP FUNCTION trace_is_kept").await?;
        }
        Ok(())
    }
}

fn only_grows(trigger: &str, table: &str, changes: &str) -> String {
    format!(
        "CREATE TRIGGER {trigger} BEFORE {changes} ON {table} \
         FOR EACH STATEMENT EXECUTE FUNCTION journal_only_grows()"
    )
}

fn no_delete(table: &str, when: &str) -> String {
    format!(
        "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {when} \
         BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END"
    )
}
