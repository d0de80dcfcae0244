//! Counters by direction and day: what is late and what was answered in time, whatever the register holds.

use std::fmt::Write as _;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid_null;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The clocks, each with the column of its term.
const CLOCKS: [(&str, &str); 3] =
    [("own", "due_on"), ("legal", "legal_due_on"), ("internal", "internal_due_on")];

/// What a counter is of, and what it counts.
const KEY: &str = "clock, state, day, branch_id, kind";

/// What of a dossier moves a counter.
const COUNTED: [&str; 9] = [
    "kind",
    "lead_id",
    "stage",
    "open",
    "due_on",
    "legal_due_on",
    "internal_due_on",
    "closed_on",
    "compartment_id",
];

/// The direction of each unit: the units under the ministry are their own.
const TOP: &str = "UPDATE unit SET branch_id = id WHERE parent_id IS NULL OR parent_id IN \
     (SELECT id FROM unit WHERE parent_id IS NULL)";
const BELOW: &str = "UPDATE unit SET branch_id = (SELECT above.branch_id FROM unit AS above \
     WHERE above.id = unit.parent_id) WHERE branch_id IS NULL";

/// How deep an organisation may be; deeper units are placed by the next change of the organisation.
const DEPTH: usize = 12;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        manager.alter_table(Table::alter().table("unit").add_column(uuid_null("branch_id")).take()).await?;
        run(manager, TOP).await?;
        for _ in 0..DEPTH {
            run(manager, BELOW).await?;
        }
        for statement in tables(postgres) {
            run(manager, &statement).await?;
        }
        run(manager, &view(postgres)).await?;
        run(
            manager,
            &format!(
                "INSERT INTO tally ({KEY}, number) SELECT {KEY}, COUNT(*) FROM dossier_tally GROUP BY {KEY}"
            ),
        )
        .await?;
        for statement in if postgres { postgres_triggers() } else { sqlite_triggers() } {
            run(manager, &statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for trigger in ["tally_added", "tally_leaves", "tally_comes", "tally_gone"] {
            let of = if manager.get_database_backend() == DbBackend::Postgres { " ON dossier" } else { "" };
            run(manager, &format!("DROP TRIGGER {trigger}{of}")).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            run(manager, "DROP FUNCTION tally_dossier").await?;
        }
        for view in ["tallied", "dossier_tally"] {
            run(manager, &format!("DROP VIEW {view}")).await?;
        }
        for table in ["tally_move", "tally"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        manager.alter_table(Table::alter().table("unit").drop_column("branch_id").take()).await
    }
}

/// `tally` holds the counters; `tally_move` what was added to them and taken from them since they were last summed up, so that
/// commands at the same time do not wait for each other.
fn tables(postgres: bool) -> Vec<String> {
    let (id, number) = if postgres { ("uuid", "bigint") } else { ("blob", "integer") };
    let day = if postgres { "date" } else { "text" };
    let columns = format!(
        "clock text NOT NULL, state text NOT NULL, day {day} NOT NULL, branch_id {id} NOT NULL, kind text NOT NULL, \
         number {number} NOT NULL"
    );
    let key = if postgres {
        format!("PRIMARY KEY ({KEY}) INCLUDE (number)")
    } else {
        format!("PRIMARY KEY ({KEY})")
    };
    let whole = if postgres { "" } else { " WITHOUT ROWID" };
    vec![
        format!("CREATE TABLE tally ({columns}, {key}){whole}"),
        format!("CREATE TABLE tally_move ({columns})"),
        format!(
            "CREATE VIEW tallied AS SELECT {KEY}, number FROM tally UNION ALL SELECT {KEY}, number FROM tally_move"
        ),
        "CREATE INDEX tally_empty ON tally (number) WHERE number = 0".to_owned(),
    ]
}

/// In which counters each dossier is: by the day of its term, and when it was answered by the day of its closing. What is
/// reserved is in none.
fn view(postgres: bool) -> String {
    let nobody = if postgres {
        "'00000000-0000-0000-0000-000000000000'::uuid"
    } else {
        "x'00000000000000000000000000000000'"
    };
    let mut parts = String::new();
    for (clock, due) in CLOCKS {
        let of = format!(
            "d.id AS dossier_id, d.kind AS kind, COALESCE(u.branch_id, d.lead_id, {nobody}) AS branch_id, '{clock}' AS clock"
        );
        let from = format!(
            "FROM dossier AS d LEFT JOIN unit AS u ON u.id = d.lead_id \
             WHERE d.compartment_id IS NULL AND d.{due} < '9999-12-31'"
        );
        let answered = "d.stage = 'closed:answered'";
        let _ = write!(
            parts,
            "{union}SELECT {of}, CASE WHEN d.open THEN 'open' WHEN {answered} AND d.closed_on <= d.{due} THEN 'in_time' \
             WHEN {answered} AND d.closed_on > d.{due} THEN 'too_late' ELSE 'unanswered' END AS state, d.{due} AS day {from} \
             UNION ALL SELECT {of}, CASE WHEN d.closed_on <= d.{due} THEN 'closed_in_time' ELSE 'closed_too_late' END AS state, \
             d.closed_on AS day {from} AND {answered} AND d.closed_on IS NOT NULL",
            union = if parts.is_empty() { "" } else { " UNION ALL " },
        );
    }
    format!("CREATE VIEW dossier_tally AS {parts}")
}

/// Adds a dossier to its counters, or takes it from them.
fn step(sign: &str, row: &str) -> String {
    format!(
        "INSERT INTO tally_move ({KEY}, number) SELECT {KEY}, {sign} FROM dossier_tally WHERE dossier_id = {row}.id;"
    )
}

fn row(name: &str) -> String {
    format!("({})", COUNTED.map(|column| format!("{name}.{column}")).join(", "))
}

fn sqlite_triggers() -> Vec<String> {
    let moved = format!("FOR EACH ROW WHEN {} IS NOT {}", row("OLD"), row("NEW"));
    vec![
        format!("CREATE TRIGGER tally_added AFTER INSERT ON dossier BEGIN {} END", step("1", "NEW")),
        format!(
            "CREATE TRIGGER tally_leaves BEFORE UPDATE ON dossier {moved} BEGIN {} END",
            step("-1", "OLD")
        ),
        format!("CREATE TRIGGER tally_comes AFTER UPDATE ON dossier {moved} BEGIN {} END", step("1", "NEW")),
        format!("CREATE TRIGGER tally_gone BEFORE DELETE ON dossier BEGIN {} END", step("-1", "OLD")),
    ]
}

fn postgres_triggers() -> Vec<String> {
    let moved = format!("FOR EACH ROW WHEN ({} IS DISTINCT FROM {})", row("OLD"), row("NEW"));
    let run = "EXECUTE FUNCTION tally_dossier()";
    vec![
        format!(
            "CREATE FUNCTION tally_dossier() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF TG_WHEN = 'AFTER' THEN {} RETURN NULL; END IF; \
             {} IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            step("1", "NEW"),
            step("-1", "OLD"),
        ),
        format!("CREATE TRIGGER tally_added AFTER INSERT ON dossier FOR EACH ROW {run}"),
        format!("CREATE TRIGGER tally_leaves BEFORE UPDATE ON dossier {moved} {run}"),
        format!("CREATE TRIGGER tally_comes AFTER UPDATE ON dossier {moved} {run}"),
        format!("CREATE TRIGGER tally_gone BEFORE DELETE ON dossier FOR EACH ROW {run}"),
    ]
}
