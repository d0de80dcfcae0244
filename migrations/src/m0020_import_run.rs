//! The runs of imports, and what each could not take.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, text, text_null, timestamp_with_time_zone};

use crate::{one_of, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const FEEDS: &[&str] = &["assembly", "senate", "reponses", "members"];
const STATES: &[&str] = &["running", "done", "failed"];

const INDEXES: [&str; 2] = [
    "CREATE INDEX import_run_digest ON import_run (digest, number)",
    "CREATE INDEX import_run_unwell ON import_run (beat_at) WHERE state <> 'done'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [import_run(), import_rejection()] {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            run(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["import_rejection", "import_run"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

/// `beat_at` is when the run kept something last: one that says nothing any more was interrupted.
fn import_run() -> TableCreateStatement {
    let counts = ["created", "updated", "unchanged", "dossiers", "rejected"];
    let mut table = Table::create()
        .table("import_run")
        .col(integer("number").primary_key())
        .col(text("feed").check(one_of("feed", FEEDS)))
        .col(text("source"))
        .col(text_null("digest"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone("beat_at"))
        .col(text("state").check(one_of("state", STATES)))
        .col(text_null("why"))
        // Names that no denomination covers, as JSON.
        .col(text("ministries"))
        .take();
    for count in counts {
        table.col(big_integer(count));
    }
    table
}

/// The first rejections of a run; it counts them all.
fn import_rejection() -> TableCreateStatement {
    Table::create()
        .table("import_rejection")
        .col(integer("run"))
        .col(integer("seq"))
        .col(text("source"))
        .col(text("code"))
        .col(text("reason"))
        .primary_key(Index::create().col("run").col("seq"))
        .foreign_key(ForeignKey::create().from("import_rejection", "run").to("import_run", "number"))
        .take()
}
