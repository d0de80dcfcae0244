//! Dossiers: what letters and questions share, what is only in one of them, parts of units, deadlines, drafts, and the
//! registers' counters.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date, date_null, integer, integer_null, pk_uuid, text, text_null, text_uniq,
    timestamp_with_time_zone, uuid, uuid_null,
};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Dashboards and lists of what is open cost what is open: these indexes hold nothing else.
const INDEXES: [&str; 4] = [
    "CREATE INDEX dossier_open_due ON dossier (due_on, id) WHERE open",
    "CREATE INDEX dossier_open_lead ON dossier (lead_id, due_on) WHERE open",
    "CREATE INDEX dossier_due ON dossier (due_on, id)",
    "CREATE INDEX assignment_unit ON assignment (unit_id, dossier_id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [dossier(), mail(), question(), assignment(), deadline(), draft(), counter()] {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            run(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["counter", "draft", "deadline", "assignment", "question", "mail", "dossier"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

fn dossier() -> TableCreateStatement {
    Table::create()
        .table("dossier")
        .col(pk_uuid("id"))
        .col(text("kind").check(one_of("kind", &["mail", "question"])))
        .col(text_uniq("reference"))
        .col(text("stage"))
        .col(boolean("open"))
        .col(text("subject"))
        .col(text("search_key"))
        .col(text("content"))
        .col(date("received_on"))
        // The first date by which something is due; 9999-12-31 when nothing is, so that lists can be paged on it.
        .col(date("due_on"))
        .col(uuid_null("lead_id"))
        .col(integer_null("draft_version"))
        .col(text_null("draft_text"))
        .col(uuid_null("draft_author_id"))
        .col(uuid_null("signed_by_id"))
        .col(uuid_null("declined_by_id"))
        .col(text_null("declined_reason"))
        .col(uuid_null("declined_proposed_id"))
        .col(date_null("closed_on"))
        .col(integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(ForeignKey::create().from("dossier", "lead_id").to("unit", "id"))
        .take()
}

fn mail() -> TableCreateStatement {
    Table::create()
        .table("mail")
        .col(pk_uuid("dossier_id"))
        .col(text("sender"))
        .col(text("category").check(one_of("category", &["ordinary", "petition", "member_letter"])))
        .col(date("document_on"))
        .col(text("channel").check(one_of("channel", &["post", "email", "courier"])))
        .col(uuid_null("filing_proposed_by_id"))
        .col(text_null("departure"))
        .foreign_key(ForeignKey::create().from("mail", "dossier_id").to("dossier", "id"))
        .take()
}

fn question() -> TableCreateStatement {
    Table::create()
        .table("question")
        .col(pk_uuid("dossier_id"))
        .col(text_uniq("identity"))
        .col(date_null("signalled_on"))
        .col(integer("renewals"))
        .col(integer("recalls"))
        .col(integer("corrections"))
        .col(text_null("transfer_to"))
        .foreign_key(ForeignKey::create().from("question", "dossier_id").to("dossier", "id"))
        .take()
}

fn assignment() -> TableCreateStatement {
    let stages = ["proposed", "accepted", "delivered", "declined", "withdrawn"];
    Table::create()
        .table("assignment")
        .col(uuid("dossier_id"))
        .col(integer("position"))
        .col(uuid("unit_id"))
        .col(text("part").check(one_of("part", &["lead", "contributor", "informed"])))
        .col(text("stage").check(one_of("stage", &stages)))
        .col(date("since"))
        .primary_key(Index::create().col("dossier_id").col("position"))
        .foreign_key(ForeignKey::create().from("assignment", "dossier_id").to("dossier", "id"))
        .foreign_key(ForeignKey::create().from("assignment", "unit_id").to("unit", "id"))
        .take()
}

fn deadline() -> TableCreateStatement {
    let stages = ["running", "suspended", "met", "missed", "cancelled"];
    Table::create()
        .table("deadline")
        .col(uuid("dossier_id"))
        .col(integer("position"))
        .col(text("rule"))
        .col(text("clock").check(one_of("clock", &["legal", "internal"])))
        .col(date("start_on"))
        .col(date("due_on"))
        .col(text("stage").check(one_of("stage", &stages)))
        .primary_key(Index::create().col("dossier_id").col("position"))
        .foreign_key(ForeignKey::create().from("deadline", "dossier_id").to("dossier", "id"))
        .take()
}

fn draft() -> TableCreateStatement {
    Table::create()
        .table("draft")
        .col(uuid("dossier_id"))
        .col(integer("version"))
        .col(text("text"))
        .col(uuid("author_id"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("dossier_id").col("version"))
        .foreign_key(ForeignKey::create().from("draft", "dossier_id").to("dossier", "id"))
        .take()
}

fn counter() -> TableCreateStatement {
    Table::create()
        .table("counter")
        .col(text("series").check(one_of("series", &["arrival", "departure"])))
        .col(integer("year"))
        .col(integer("last"))
        .primary_key(Index::create().col("series").col("year"))
        .take()
}
