//! Delay rules and the calendar as data; two clocks on a dossier, and what moved its deadlines.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, date, date_null, integer, pk_uuid, text, text_null};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CLOCKS: &[&str] = &["legal", "internal"];
const PURPOSES: &[&str] = &["answer", "acknowledgement", "redirection", "brief", "stage"];
const PLANS: &[&str] = &["mail", "assembly_written", "senate_written", "oral", "government"];
const HOUSES: &[&str] = &["assembly", "senate"];
const STARTS: &[&str] = &[
    "publication",
    "signalling",
    "request_received",
    "request_received_by_competent",
    "file_complete",
    "letter_received",
    "found_incompetent",
    "sitting",
    "term",
];

/// What never comes, so that lists can be paged on the column.
const NEVER: &str = "9999-12-31";

/// The columns that the dossiers of before get, from what is known of them.
const FILL: [&str; 2] = [
    "UPDATE dossier SET plan = CASE \
     WHEN kind = 'mail' THEN 'mail' \
     WHEN reference LIKE 'AN-%-QE-%' THEN 'assembly_written' \
     WHEN reference LIKE 'SENAT-%-QE-%' THEN 'senate_written' \
     WHEN reference LIKE '%-QG-%' OR reference LIKE '%-QC-%' THEN 'government' \
     ELSE 'oral' END",
    "UPDATE dossier SET \
     legal_due_on = COALESCE((SELECT min(due_on) FROM deadline WHERE dossier_id = dossier.id \
       AND clock = 'legal' AND stage <> 'cancelled'), legal_due_on), \
     internal_due_on = COALESCE((SELECT min(due_on) FROM deadline WHERE dossier_id = dossier.id \
       AND clock = 'internal' AND stage <> 'cancelled'), internal_due_on)",
];

/// Lists by one clock, acknowledgements to be sent, suspensions that end: each costs what is open.
const INDEXES: [&str; 5] = [
    "CREATE INDEX dossier_open_legal ON dossier (legal_due_on, id) WHERE open",
    "CREATE INDEX dossier_open_internal ON dossier (internal_due_on, id) WHERE open",
    "CREATE INDEX dossier_open_ack ON dossier (ack_due_on, id) WHERE open",
    "CREATE INDEX deadline_requested ON deadline (dossier_id) WHERE requested_until IS NOT NULL",
    "CREATE INDEX deadline_suspended ON deadline (dossier_id) WHERE stage = 'suspended'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(delay_rule()).await?;
        manager.create_table(calendar_entry()).await?;
        for (table, column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        for statement in FILL.into_iter().chain(INDEXES) {
            run(manager, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in [
            "dossier_open_legal",
            "dossier_open_internal",
            "dossier_open_ack",
            "deadline_requested",
            "deadline_suspended",
        ] {
            run(manager, &format!("DROP INDEX {index}")).await?;
        }
        for (table, column) in columns() {
            let name = column.get_column_name().clone();
            manager.alter_table(Table::alter().table(table).drop_column(Alias::new(name)).take()).await?;
        }
        for table in ["calendar_entry", "delay_rule"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn columns() -> Vec<(&'static str, ColumnDef)> {
    let never = |name| date(name).default(NEVER).take();
    vec![
        ("dossier", text("plan").default("mail").check(one_of("plan", PLANS)).take()),
        ("dossier", never("legal_due_on")),
        ("dossier", never("internal_due_on")),
        ("dossier", never("ack_due_on")),
        ("mail", date_null("first_received_on").take()),
        ("mail", boolean("urgent").default(false).take()),
        ("deadline", integer("version").default(1).take()),
        ("deadline", text("purpose").default("answer").check(one_of("purpose", PURPOSES)).take()),
        // The new last day that was asked for, while it awaits a decision: a coordinator's list.
        ("deadline", date_null("requested_until").take()),
        // What moved it, as JSON: read with the deadline, never searched.
        ("deadline", text("changes").default("[]").take()),
    ]
}

fn delay_rule() -> TableCreateStatement {
    Table::create()
        .table("delay_rule")
        .col(text("code"))
        .col(integer("version"))
        .col(integer("position"))
        .col(text("label"))
        .col(text("source"))
        .col(text("clock").check(one_of("clock", CLOCKS)))
        .col(text("purpose").check(one_of("purpose", PURPOSES)))
        .col(text("start").check(one_of("start", STARTS)))
        .col(integer("length"))
        .col(text("length_unit").check(one_of("length_unit", &["days", "working_days", "months"])))
        .col(text("rollover").check(one_of("rollover", &["keep", "next_working_day"])))
        .col(text_null("gazette").check(one_of("gazette", HOUSES)))
        .col(boolean("suspendable"))
        .col(boolean("extendable"))
        .col(date("valid_from"))
        .col(date_null("valid_to"))
        .primary_key(Index::create().col("code").col("version"))
        .take()
}

fn calendar_entry() -> TableCreateStatement {
    Table::create()
        .table("calendar_entry")
        .col(pk_uuid("id"))
        .col(text("kind").check(one_of("kind", &["closed", "sitting", "no_issue"])))
        .col(date("first_on"))
        .col(date("last_on"))
        .col(text_null("zone"))
        .col(text_null("house").check(one_of("house", HOUSES)))
        .col(text("label"))
        .take()
}
