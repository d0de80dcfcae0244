//! Counters of the past days: how the open dossiers stood in the snapshots of the last weeks, whatever was open then.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The clocks, each with the column of its term.
const CLOCKS: [(&str, &str); 3] =
    [("own", "due_on"), ("legal", "legal_due_on"), ("internal", "internal_due_on")];

/// What a counter is of.
const KEY: &str = "clock, day, lead_id, kind";

/// What it counts: each open dossier in one column, by how late it was, or at risk, or neither.
const COUNTS: [&str; 6] = ["up_to15", "up_to30", "up_to60", "over60", "at_risk", "on_time"];

/// The snapshots that *Retards* still shows: twelve weeks.
const SHOWN: i32 = 84;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        // Whoever takes a snapshot without counting it, as an older Pli does, leaves it so.
        let counted = boolean("counted").default(false).take();
        manager.alter_table(Table::alter().table("snapshot").add_column(counted).take()).await?;
        run(manager, &table(postgres)).await?;
        run(manager, &view(postgres)).await?;
        let last = before(postgres, "(SELECT MAX(day) FROM snapshot)", SHOWN);
        run(manager, &format!("UPDATE snapshot SET counted = TRUE WHERE day > {last}")).await?;
        run(manager, &moved("", "counted", "")).await?;
        for statement in if postgres { postgres_triggers() } else { sqlite_triggers() } {
            run(manager, &statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for trigger in ["past_leaves", "past_comes"] {
            run(manager, &format!("DROP TRIGGER {trigger}{}", if postgres { " ON dossier" } else { "" }))
                .await?;
        }
        if postgres {
            run(manager, "DROP FUNCTION tally_past").await?;
        }
        run(manager, "DROP VIEW past_dossier").await?;
        manager.drop_table(Table::drop().table("past_tally").take()).await?;
        manager.alter_table(Table::alter().table("snapshot").drop_column("counted").take()).await
    }
}

fn table(postgres: bool) -> String {
    let (id, day) = if postgres { ("uuid", "date") } else { ("blob", "text") };
    let counts = COUNTS.map(|count| format!("{count} integer NOT NULL")).join(", ");
    let whole = if postgres { "" } else { " WITHOUT ROWID" };
    format!(
        "CREATE TABLE past_tally (clock text NOT NULL, day {day} NOT NULL, lead_id {id} NOT NULL, kind text NOT NULL, \
         {counts}, PRIMARY KEY ({KEY})){whole}"
    )
}

/// The day that comes some days before another.
fn before(postgres: bool, day: &str, days: i32) -> String {
    if postgres { format!("({day} - {days})") } else { format!("date({day}, '-{days} days')") }
}

/// How each dossier stood in each snapshot, on each clock. What is reserved today is not there.
fn view(postgres: bool) -> String {
    let nobody = if postgres {
        "'00000000-0000-0000-0000-000000000000'::uuid"
    } else {
        "x'00000000000000000000000000000000'"
    };
    let of_clock = |(clock, due): (&str, &str)| {
        let back = |days| before(postgres, "s.day", days);
        let counts = [
            format!("p.{due} < s.day AND p.{due} >= {}", back(15)),
            format!("p.{due} < {} AND p.{due} >= {}", back(15), back(30)),
            format!("p.{due} < {} AND p.{due} >= {}", back(30), back(60)),
            format!("p.{due} < {}", back(60)),
            format!("p.{due} >= s.day AND p.at_risk AND p.{due} < '9999-12-31'"),
            format!("p.{due} >= s.day AND NOT (p.at_risk AND p.{due} < '9999-12-31')"),
        ];
        let counts: Vec<_> = COUNTS
            .iter()
            .zip(counts)
            .map(|(name, counted)| format!("CASE WHEN {counted} THEN 1 ELSE 0 END AS {name}"))
            .collect();
        format!(
            "SELECT p.dossier_id AS dossier_id, '{clock}' AS clock, s.day AS day, s.counted AS counted, \
             COALESCE(p.lead_id, {nobody}) AS lead_id, d.kind AS kind, {} \
             FROM snapshot AS s JOIN snapshot_span AS p ON p.first_on <= s.day AND p.last_on >= s.day \
             JOIN dossier AS d ON d.id = p.dossier_id WHERE d.compartment_id IS NULL",
            counts.join(", ")
        )
    };
    format!("CREATE VIEW past_dossier AS {}", CLOCKS.map(of_clock).join(" UNION ALL "))
}

/// Adds some rows of the view to their counters, or takes them from these.
fn moved(sign: &str, rows: &str, again: &str) -> String {
    let sums = COUNTS.map(|count| format!("{sign}SUM({count})")).join(", ");
    format!(
        "INSERT INTO past_tally ({KEY}, {counts}) SELECT {KEY}, {sums} FROM past_dossier WHERE {rows} \
         GROUP BY {KEY}{again}",
        counts = COUNTS.join(", "),
    )
}

/// What is reserved leaves the past days, and comes back to them when it is no more.
fn step(sign: &str, row: &str) -> String {
    let sums = COUNTS.map(|count| format!("{count} = past_tally.{count} + excluded.{count}")).join(", ");
    let again = format!(" ON CONFLICT ({KEY}) DO UPDATE SET {sums};");
    moved(sign, &format!("dossier_id = {row}.id AND counted"), &again)
}

const LEAVES: &str = "OLD.compartment_id IS NULL AND NEW.compartment_id IS NOT NULL";
const COMES: &str = "OLD.compartment_id IS NOT NULL AND NEW.compartment_id IS NULL";

fn sqlite_triggers() -> Vec<String> {
    vec![
        format!(
            "CREATE TRIGGER past_leaves BEFORE UPDATE ON dossier FOR EACH ROW WHEN {LEAVES} BEGIN {} END",
            step("-", "OLD")
        ),
        format!(
            "CREATE TRIGGER past_comes AFTER UPDATE ON dossier FOR EACH ROW WHEN {COMES} BEGIN {} END",
            step("", "NEW")
        ),
    ]
}

/// The lock keeps a snapshot that is being counted, and whatever else is being reserved, apart from this.
fn postgres_triggers() -> Vec<String> {
    vec![
        format!(
            "CREATE FUNCTION tally_past() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             LOCK TABLE past_tally IN SHARE ROW EXCLUSIVE MODE; \
             IF TG_WHEN = 'AFTER' THEN {} RETURN NULL; END IF; {} RETURN NEW; END $$",
            step("", "NEW"),
            step("-", "OLD"),
        ),
        format!(
            "CREATE TRIGGER past_leaves BEFORE UPDATE ON dossier FOR EACH ROW WHEN ({LEAVES}) \
             EXECUTE FUNCTION tally_past()"
        ),
        format!(
            "CREATE TRIGGER past_comes AFTER UPDATE ON dossier FOR EACH ROW WHEN ({COMES}) \
             EXECUTE FUNCTION tally_past()"
        ),
    ]
}
