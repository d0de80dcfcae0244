//! A mark for each kind of counters, another one whenever what is summed up in them changes: what was read of them under a mark
//! holds for as long as that stands. What moved them since is told apart from it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The counters that have a mark.
const MARKED: [&str; 3] = ["tally", "open_tally", "past_tally"];

/// What moves a mark, by the name of its trigger on SQLite.
const MOVED_BY: [(&str, &str); 3] = [("added", "INSERT"), ("moved", "UPDATE"), ("gone", "DELETE")];

/// What a counter of the day is of (m0041).
const OPEN: &str = "due_on, plan, stage, unrouted, declined, to_acknowledge";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let statements = marks(postgres).into_iter().chain(triggers(postgres)).chain(views(postgres, true));
        for statement in statements {
            run(manager, &statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in views(postgres, false) {
            run(manager, &statement).await?;
        }
        for table in MARKED {
            if postgres {
                run(manager, &format!("DROP TRIGGER {table}_marked ON {table}")).await?;
            } else {
                for (name, _) in MOVED_BY {
                    run(manager, &format!("DROP TRIGGER {table}_marked_{name}")).await?;
                }
            }
        }
        if postgres {
            run(manager, "DROP FUNCTION tally_marked").await?;
        }
        manager.drop_table(Table::drop().table("tally_mark").take()).await
    }
}

/// Marks are drawn by lot: a database that is restored does not come upon one that stood for something else.
fn marks(postgres: bool) -> Vec<String> {
    let (id, drawn, whole) = if postgres {
        ("uuid", "gen_random_uuid()", "")
    } else {
        ("blob", "randomblob(16)", " WITHOUT ROWID")
    };
    let mut statements =
        vec![format!("CREATE TABLE tally_mark (tally text NOT NULL PRIMARY KEY, mark {id} NOT NULL){whole}")];
    statements.extend(MARKED.map(|table| format!("INSERT INTO tally_mark VALUES ('{table}', {drawn})")));
    statements
}

/// In the transaction of whoever sums up, counts again or changes a counter by hand, of whichever version.
fn triggers(postgres: bool) -> Vec<String> {
    if postgres {
        let mut statements = vec![
            "CREATE FUNCTION tally_marked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             UPDATE tally_mark SET mark = gen_random_uuid() WHERE tally = TG_TABLE_NAME; RETURN NULL; END $$"
                .to_owned(),
        ];
        statements.extend(MARKED.map(|table| {
            format!(
                "CREATE TRIGGER {table}_marked AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION tally_marked()"
            )
        }));
        return statements;
    }
    let of = |table| {
        MOVED_BY.map(|(name, on)| {
            format!(
                "CREATE TRIGGER {table}_marked_{name} AFTER {on} ON {table} FOR EACH ROW BEGIN \
                 UPDATE tally_mark SET mark = randomblob(16) WHERE tally = '{table}'; END"
            )
        })
    };
    MARKED.into_iter().flat_map(of).collect()
}

/// The views of m0040 and m0041, which say of each number whether it is summed up, from here on.
fn views(postgres: bool, told: bool) -> Vec<String> {
    let monday = if postgres {
        "(day - (EXTRACT(ISODOW FROM day)::integer - 1))"
    } else {
        "date(day, 'weekday 0', '-6 days')"
    };
    let summed = |summed: &str| if told { format!(", {summed} AS summed") } else { String::new() };
    let span = |span: &str, day: &str, table: &str, sums: &str| {
        format!(
            "SELECT '{span}' AS span, clock, state, {day} AS day, branch_id, kind, number{} FROM {table}",
            summed(sums)
        )
    };
    let spans = [
        span("day", "day", "tally", "TRUE"),
        span("day", "day", "tally_move", "FALSE"),
        span("week", "week", "tally_week", "TRUE"),
        span("week", monday, "tally_move", "FALSE"),
    ];
    let open = [("open_tally", "TRUE"), ("open_move", "FALSE")]
        .map(|(table, sums)| format!("SELECT {OPEN}, number{} FROM {table}", summed(sums)));
    let view = |name: &str, parts: &[String]| {
        let parts = parts.join(" UNION ALL ");
        // A column is added to a view while older servers read it; it is not taken away so.
        if postgres && told {
            return vec![format!("CREATE OR REPLACE VIEW {name} AS {parts}")];
        }
        vec![format!("DROP VIEW {name}"), format!("CREATE VIEW {name} AS {parts}")]
    };
    [view("tallied_span", &spans), view("open_tallied", &open)].concat()
}
