//! The members of Parliament, and which of them wrote or asked.
//!
//! A member's seats and groups are JSON: read whole with the person, never searched. Questions that are older than this are
//! marked, so that the next import of members looks for their authors.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, date_null, pk_uuid, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [&str; 7] = [
    "CREATE UNIQUE INDEX member_reference ON member (reference) WHERE reference IS NOT NULL",
    "CREATE INDEX member_name ON member (name_key, id)",
    "CREATE INDEX member_form_start ON member_form (form, member_id)",
    "CREATE INDEX published_question_author ON published_question (author_key)",
    "CREATE INDEX published_question_member ON published_question (member_id, published_on, identity) \
     WHERE member_id IS NOT NULL",
    // Holds what is left to do.
    "CREATE INDEX published_question_unsettled ON published_question (identity) WHERE NOT author_settled",
    "CREATE INDEX mail_member ON mail (member_id) WHERE member_id IS NOT NULL",
];

const DOWN: [&str; 10] = [
    "DROP INDEX mail_member",
    "DROP INDEX published_question_unsettled",
    "DROP INDEX published_question_member",
    "DROP INDEX published_question_author",
    "ALTER TABLE mail DROP COLUMN member_id",
    "ALTER TABLE published_question DROP COLUMN author_settled",
    "ALTER TABLE published_question DROP COLUMN member_id",
    "ALTER TABLE published_question DROP COLUMN author_key",
    "DROP TABLE member_form",
    "DROP TABLE member",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        manager.create_table(member(backend)).await?;
        manager.create_table(member_form(backend)).await?;
        let mut settled = boolean("author_settled");
        settled.default(false);
        let added = [
            ("published_question", text_null("author_key")),
            ("published_question", uuid_null("member_id")),
            ("published_question", settled),
            ("mail", uuid_null("member_id")),
        ];
        for (table, column) in added {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        for index in INDEXES {
            run(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            run(manager, statement).await?;
        }
        Ok(())
    }
}

/// Compared byte by byte, as SQLite does by itself: a beginning is a range, a list goes on after a key.
fn plain(name: &'static str, backend: DbBackend) -> ColumnDef {
    let mut column = text(name);
    if backend == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

fn member(backend: DbBackend) -> TableCreateStatement {
    Table::create()
        .table("member")
        .col(pk_uuid("id"))
        // The publisher's.
        .col(text_null("reference"))
        // Family name and given name, folded: homonyms share it.
        .col(plain("name_key", backend))
        .col(text_null("civility"))
        .col(text("given_name"))
        .col(text("family_name"))
        // With the name, what tells one person from another.
        .col(date_null("born_on"))
        .col(text("mandates"))
        .col(text("groups"))
        .col(timestamp_with_time_zone("imported_at"))
        .take()
}

fn member_form(backend: DbBackend) -> TableCreateStatement {
    Table::create()
        .table("member_form")
        .col(uuid("member_id"))
        // The name, folded, beginning with one of its words.
        .col(plain("form", backend))
        .primary_key(Index::create().col("member_id").col("form"))
        .foreign_key(ForeignKey::create().from("member_form", "member_id").to("member", "id"))
        .take()
}
