//! Counters of what is open: what the cabinet looks at each morning, whatever is open.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What a counter is of.
const KEY: &str = "due_on, plan, stage, unrouted, declined, to_acknowledge";

/// What came since a day, and what of the open is reserved, are found without walking through all that is open.
const INDEXES: [(&str, &str); 2] = [
    ("dossier_open_arrived", "dossier (created_at) WHERE open"),
    ("dossier_open_reserved", "dossier (compartment_id, id) WHERE open AND compartment_id IS NOT NULL"),
];

/// What of a dossier's stage moved the counters of m0038, and what does from here on: whether it was answered is all that they ask.
const STAGE: &str = "stage";
const ANSWERED: &str = "stage = 'closed:answered'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for (name, on) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {on}")).await?;
        }
        for statement in tables(postgres) {
            run(manager, &statement).await?;
        }
        for statement in if postgres { postgres_triggers() } else { sqlite_triggers() } {
            run(manager, &statement).await?;
        }
        for statement in tally_triggers(postgres, ANSWERED) {
            run(manager, &statement).await?;
        }
        // After the triggers, which wait for whoever writes: what an older Pli does meanwhile is counted once.
        let count = format!(
            "INSERT INTO open_tally ({KEY}, number) SELECT {KEY}, COUNT(*) FROM open_dossier GROUP BY {KEY}"
        );
        run(manager, &count).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in tally_triggers(postgres, STAGE) {
            run(manager, &statement).await?;
        }
        for trigger in ["open_added", "open_moved", "open_gone"] {
            run(manager, &format!("DROP TRIGGER {trigger}{}", if postgres { " ON dossier" } else { "" }))
                .await?;
        }
        if postgres {
            run(manager, "DROP FUNCTION tally_open").await?;
        }
        for view in ["open_tallied", "open_dossier"] {
            run(manager, &format!("DROP VIEW {view}")).await?;
        }
        for table in ["open_move", "open_tally"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        Ok(())
    }
}

/// `open_tally` holds the counters, `open_move` what moved them since they were last summed up, and `open_dossier` says in which of
/// them each dossier is.
fn tables(postgres: bool) -> Vec<String> {
    let (day, number, whole) =
        if postgres { ("date", "bigint", "") } else { ("text", "integer", " WITHOUT ROWID") };
    let columns = format!(
        "due_on {day} NOT NULL, plan text NOT NULL, stage text NOT NULL, unrouted boolean NOT NULL, \
         declined boolean NOT NULL, to_acknowledge boolean NOT NULL, number {number} NOT NULL"
    );
    vec![
        format!("CREATE TABLE open_tally ({columns}, PRIMARY KEY ({KEY})){whole}"),
        format!("CREATE TABLE open_move ({columns})"),
        format!(
            "CREATE VIEW open_tallied AS SELECT {KEY}, number FROM open_tally UNION ALL SELECT {KEY}, number FROM open_move"
        ),
        format!("CREATE VIEW open_dossier AS SELECT {} FROM dossier AS d WHERE {}", place("d"), counted("d")),
    ]
}

/// In which counter a dossier is: by the day of its term, its plan and its stage, and by what is still to be done with it.
fn place(row: &str) -> String {
    format!(
        "{row}.due_on AS due_on, {row}.plan AS plan, {row}.stage AS stage, {row}.lead_id IS NULL AS unrouted, \
         {row}.declined_by_id IS NOT NULL AS declined, {row}.ack_due_on < '9999-12-31' AS to_acknowledge"
    )
}

/// Whether it is in one: what is closed is not, nor what is reserved.
fn counted(row: &str) -> String {
    format!("{row}.open AND {row}.compartment_id IS NULL")
}

/// Takes what a dossier was from its counter, and adds what it is.
fn step(rows: &[(&str, &str)]) -> String {
    let part = |(row, sign): &(&str, &str)| format!("SELECT {}, {sign} WHERE {}", place(row), counted(row));
    let parts: Vec<_> = rows.iter().map(part).collect();
    format!("INSERT INTO open_move ({KEY}, number) {};", parts.join(" UNION ALL "))
}

/// What of a dossier moves a counter.
fn moving(row: &str) -> String {
    format!(
        "({row}.open, {row}.compartment_id IS NULL, {row}.due_on, {row}.plan, {row}.stage, {row}.lead_id IS NULL, \
         {row}.declined_by_id IS NULL, {row}.ack_due_on < '9999-12-31')"
    )
}

const LEAVES: (&str, &str) = ("OLD", "-1");
const COMES: (&str, &str) = ("NEW", "1");

fn sqlite_triggers() -> Vec<String> {
    let trigger = |name: &str, on: &str, rows: &[(&str, &str)]| {
        format!("CREATE TRIGGER {name} AFTER {on} BEGIN {} END", step(rows))
    };
    let moved = format!("UPDATE ON dossier FOR EACH ROW WHEN {} IS NOT {}", moving("OLD"), moving("NEW"));
    vec![
        trigger("open_added", "INSERT ON dossier FOR EACH ROW", &[COMES]),
        trigger("open_moved", &moved, &[LEAVES, COMES]),
        trigger("open_gone", "DELETE ON dossier FOR EACH ROW", &[LEAVES]),
    ]
}

/// Of a row that is added there is no old one, of one that is taken out no new one: all of it is null there, and counts nothing.
fn postgres_triggers() -> Vec<String> {
    let trigger = |name: &str, on: &str, when: &str| {
        format!(
            "CREATE TRIGGER {name} AFTER {on} ON dossier FOR EACH ROW {when}EXECUTE FUNCTION tally_open()"
        )
    };
    let moved = format!("WHEN ({} IS DISTINCT FROM {}) ", moving("OLD"), moving("NEW"));
    vec![
        format!(
            "CREATE FUNCTION tally_open() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NULL; END $$",
            step(&[LEAVES, COMES])
        ),
        trigger("open_added", "INSERT", ""),
        trigger("open_moved", "UPDATE", &moved),
        trigger("open_gone", "DELETE", ""),
    ]
}

/// The triggers of m0038 on what is changed, in other words: an act that leaves a dossier open moved its counters out and in again.
fn tally_triggers(postgres: bool, stage: &str) -> Vec<String> {
    let dates = ["due_on", "legal_due_on", "internal_due_on", "closed_on"];
    let columns: Vec<_> =
        ["kind", "lead_id", stage, "open", "compartment_id"].into_iter().chain(dates).collect();
    let row = |name: &str| {
        let values: Vec<_> = columns.iter().map(|column| format!("{name}.{column}")).collect();
        format!("({})", values.join(", "))
    };
    let (old, new) = (row("OLD"), row("NEW"));
    let mut statements = Vec::new();
    for (name, when, (of, sign)) in [("tally_leaves", "BEFORE", LEAVES), ("tally_comes", "AFTER", COMES)] {
        if postgres {
            statements.push(format!(
                "CREATE OR REPLACE TRIGGER {name} {when} UPDATE ON dossier FOR EACH ROW \
                 WHEN ({old} IS DISTINCT FROM {new}) EXECUTE FUNCTION tally_dossier()"
            ));
        } else {
            let key = "clock, state, day, branch_id, kind";
            statements.push(format!("DROP TRIGGER {name}"));
            statements.push(format!(
                "CREATE TRIGGER {name} {when} UPDATE ON dossier FOR EACH ROW WHEN {old} IS NOT {new} BEGIN \
                 INSERT INTO tally_move ({key}, number) SELECT {key}, {sign} FROM dossier_tally WHERE dossier_id = {of}.id; END"
            ));
        }
    }
    statements
}
