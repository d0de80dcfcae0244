//! The counters of m0038 are moved by what stands in the row that is written. The triggers looked it up in the view, each clock and
//! state by itself, which took half of what it takes to route a dossier.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What a counter is of (m0038).
const KEY: &str = "clock, state, day, branch_id, kind";

/// The clocks, each with the column of its term.
const CLOCKS: [(&str, &str); 3] =
    [("own", "due_on"), ("legal", "legal_due_on"), ("internal", "internal_due_on")];

/// What of a dossier moves its counters (m0041).
const COUNTED: [&str; 9] = [
    "kind",
    "lead_id",
    "stage = 'closed:answered'",
    "open",
    "compartment_id",
    "due_on",
    "legal_due_on",
    "internal_due_on",
    "closed_on",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        moved_by(manager, |sign, row| by_row(postgres, sign, row)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        moved_by(manager, by_view).await
    }
}

/// Has the triggers add a dossier to its counters, and take it from them, in these words.
async fn moved_by(manager: &SchemaManager<'_>, step: impl Fn(&str, &str) -> String) -> Result<(), DbErr> {
    let (leaves, comes) = (step("-1", "OLD"), step("1", "NEW"));
    if manager.get_database_backend() == DbBackend::Postgres {
        let function = format!(
            "CREATE OR REPLACE FUNCTION tally_dossier() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF TG_WHEN = 'AFTER' THEN {comes} RETURN NULL; END IF; \
             {leaves} IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        );
        return run(manager, &function).await;
    }
    let row = |name: &str| format!("({})", COUNTED.map(|column| format!("{name}.{column}")).join(", "));
    let moved = format!("UPDATE ON dossier FOR EACH ROW WHEN {} IS NOT {}", row("OLD"), row("NEW"));
    for (name, on, step) in [
        ("tally_added", "AFTER INSERT ON dossier", &comes),
        ("tally_leaves", &format!("BEFORE {moved}"), &leaves),
        ("tally_comes", &format!("AFTER {moved}"), &comes),
        ("tally_gone", "BEFORE DELETE ON dossier", &leaves),
    ] {
        run(manager, &format!("DROP TRIGGER {name}")).await?;
        run(manager, &format!("CREATE TRIGGER {name} {on} BEGIN {step} END")).await?;
    }
    Ok(())
}

/// By the view of m0038, which a recount and `pli verify` read.
fn by_view(sign: &str, row: &str) -> String {
    format!(
        "INSERT INTO tally_move ({KEY}, number) SELECT {KEY}, {sign} FROM dossier_tally WHERE dossier_id = {row}.id;"
    )
}

/// By the row itself: what the view says of it.
fn by_row(postgres: bool, sign: &str, row: &str) -> String {
    let nobody = if postgres {
        "'00000000-0000-0000-0000-000000000000'::uuid"
    } else {
        "x'00000000000000000000000000000000'"
    };
    let branch =
        format!("COALESCE((SELECT branch_id FROM unit WHERE id = {row}.lead_id), {row}.lead_id, {nobody})");
    let answered = format!("{row}.stage = 'closed:answered'");
    let of_clock = |(clock, due): (&str, &str)| {
        let due = format!("{row}.{due}");
        let within = format!("{row}.compartment_id IS NULL AND {due} < '9999-12-31'");
        let closed = format!("{row}.closed_on");
        let counter = |state: &str, day: &str| {
            format!("SELECT '{clock}', CASE {state} END, {day}, {branch}, {row}.kind, {sign}")
        };
        format!(
            "{} WHERE {within} UNION ALL {} WHERE {within} AND {answered} AND {closed} IS NOT NULL",
            counter(
                &format!(
                    "WHEN {row}.open THEN 'open' WHEN {answered} AND {closed} <= {due} THEN 'in_time' \
                     WHEN {answered} AND {closed} > {due} THEN 'too_late' ELSE 'unanswered'"
                ),
                &due,
            ),
            counter(&format!("WHEN {closed} <= {due} THEN 'closed_in_time' ELSE 'closed_too_late'"), &closed,),
        )
    };
    format!("INSERT INTO tally_move ({KEY}, number) {};", CLOCKS.map(of_clock).join(" UNION ALL "))
}
