//! What a page of figures, a unit's list and a start cost no more than what is open: the counters by week, the parts that units
//! have in open dossiers, and the mark that everything is indexed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;
use sea_orm_migration::sea_orm::DbBackend;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What a counter of a week is of: that of a day (m0038), by the Monday.
const KEY: &str = "clock, state, week, branch_id, kind";

/// The tables whose rows the mark stands for.
const INDEXES: [&str; 2] = ["dossier_search", "published_search"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let open = boolean("open").default(true).take();
        manager.alter_table(Table::alter().table("assignment").add_column(open).take()).await?;
        for statement in weeks(postgres).into_iter().chain(parts(postgres)).chain(mark(postgres)) {
            run(manager, &statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let triggers = [
            ("week_added", "tally"),
            ("week_moved", "tally"),
            ("week_gone", "tally"),
            ("part_closes", "dossier"),
            ("part_begins", "assignment"),
            ("dossier_search_gone", "dossier_search"),
            ("published_search_gone", "published_search"),
        ];
        for (trigger, table) in triggers {
            let of = if postgres { format!(" ON {table}") } else { String::new() };
            run(manager, &format!("DROP TRIGGER {trigger}{of}")).await?;
        }
        if postgres {
            for table in INDEXES {
                run(manager, &format!("DROP TRIGGER {table}_emptied ON {table}")).await?;
            }
            for function in [
                "tally_week_added",
                "tally_week_moved",
                "tally_week_gone",
                "part_closes",
                "part_begins",
                "search_gone",
            ] {
                run(manager, &format!("DROP FUNCTION {function}")).await?;
            }
        }
        run(manager, "DROP VIEW tallied_span").await?;
        run(manager, "DROP INDEX assignment_open").await?;
        for table in ["tally_week", "search_whole"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        manager.alter_table(Table::alter().table("assignment").drop_column("open").take()).await
    }
}

fn monday(postgres: bool) -> &'static str {
    if postgres {
        "(day - (EXTRACT(ISODOW FROM day)::integer - 1))"
    } else {
        "date(day, 'weekday 0', '-6 days')"
    }
}

/// The counters of a week are the sums of its days. The database moves them with these, so that an older Pli, which knows nothing of
/// them, keeps them too. A period is read by its whole weeks, and by the days at its ends.
fn weeks(postgres: bool) -> Vec<String> {
    let (id, day, number) = if postgres { ("uuid", "date", "bigint") } else { ("blob", "text", "integer") };
    let (whole, key) = if postgres {
        ("", format!("PRIMARY KEY ({KEY}) INCLUDE (number)"))
    } else {
        (" WITHOUT ROWID", format!("PRIMARY KEY ({KEY})"))
    };
    let monday = monday(postgres);
    let span = |span: &str, day: &str, table: &str| {
        format!("SELECT '{span}' AS span, clock, state, {day} AS day, branch_id, kind, number FROM {table}")
    };
    let mut statements = vec![
        format!(
            "CREATE TABLE tally_week (clock text NOT NULL, state text NOT NULL, week {day} NOT NULL, \
             branch_id {id} NOT NULL, kind text NOT NULL, number {number} NOT NULL, {key}){whole}"
        ),
        format!(
            "INSERT INTO tally_week ({KEY}, number) SELECT clock, state, {monday} AS week, branch_id, kind, SUM(number) \
             FROM tally GROUP BY {KEY}"
        ),
        format!(
            "CREATE VIEW tallied_span AS {} UNION ALL {} UNION ALL {} UNION ALL {}",
            span("day", "day", "tally"),
            span("day", "day", "tally_move"),
            span("week", "week", "tally_week"),
            span("week", monday, "tally_move"),
        ),
    ];
    statements.extend(if postgres { postgres_weeks() } else { sqlite_weeks() });
    statements
}

fn sqlite_weeks() -> Vec<String> {
    let moved = |row: &str, number: &str| {
        format!(
            "INSERT INTO tally_week ({KEY}, number) VALUES ({row}.clock, {row}.state, \
             date({row}.day, 'weekday 0', '-6 days'), {row}.branch_id, {row}.kind, {number}) \
             ON CONFLICT ({KEY}) DO UPDATE SET number = number + excluded.number;"
        )
    };
    let trigger = |name: &str, on: &str, body: &str| {
        format!("CREATE TRIGGER {name} AFTER {on} ON tally FOR EACH ROW BEGIN {body} END")
    };
    vec![
        trigger("week_added", "INSERT", &moved("NEW", "NEW.number")),
        trigger("week_moved", "UPDATE", &(moved("OLD", "-OLD.number") + " " + &moved("NEW", "NEW.number"))),
        trigger("week_gone", "DELETE", &moved("OLD", "-OLD.number")),
    ]
}

/// By statement, in the order of the key: two that sum up at once do not wait for each other crosswise.
fn postgres_weeks() -> Vec<String> {
    let monday = monday(true);
    let rows = |sign: &str, table: &str| {
        format!("SELECT clock, state, {monday} AS week, branch_id, kind, {sign}number AS number FROM {table}")
    };
    let mut statements = Vec::new();
    for (name, on, tables, moved) in [
        ("added", "INSERT", "NEW TABLE AS came", rows("", "came")),
        (
            "moved",
            "UPDATE",
            "OLD TABLE AS went NEW TABLE AS came",
            format!("{} UNION ALL {}", rows("", "came"), rows("-", "went")),
        ),
        ("gone", "DELETE", "OLD TABLE AS went", rows("-", "went")),
    ] {
        statements.push(format!(
            "CREATE FUNCTION tally_week_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             INSERT INTO tally_week ({KEY}, number) SELECT {KEY}, SUM(number)::bigint FROM ({moved}) AS moved \
             GROUP BY {KEY} HAVING SUM(number) <> 0 ORDER BY {KEY} \
             ON CONFLICT ({KEY}) DO UPDATE SET number = tally_week.number + EXCLUDED.number; RETURN NULL; END $$"
        ));
        statements.push(format!(
            "CREATE TRIGGER week_{name} AFTER {on} ON tally REFERENCING {tables} FOR EACH STATEMENT \
             EXECUTE FUNCTION tally_week_{name}()"
        ));
    }
    statements
}

/// Whether the dossier in which a unit has a part is open, beside the part: a unit's list is found by what is open of it.
fn parts(postgres: bool) -> Vec<String> {
    let mut statements = vec![
        "UPDATE assignment SET open = FALSE WHERE dossier_id IN (SELECT id FROM dossier WHERE NOT open)"
            .to_owned(),
        "CREATE INDEX assignment_open ON assignment (unit_id, dossier_id, stage) WHERE open".to_owned(),
    ];
    let update = "UPDATE assignment SET open = NEW.open WHERE dossier_id = NEW.id;";
    statements.extend(if postgres {
        vec![
            format!(
                "CREATE FUNCTION part_closes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {update} RETURN NULL; END $$"
            ),
            "CREATE TRIGGER part_closes AFTER UPDATE ON dossier FOR EACH ROW WHEN (OLD.open <> NEW.open) \
             EXECUTE FUNCTION part_closes()"
                .to_owned(),
            "CREATE FUNCTION part_begins() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             NEW.open := COALESCE((SELECT open FROM dossier WHERE id = NEW.dossier_id), TRUE); RETURN NEW; END $$"
                .to_owned(),
            "CREATE TRIGGER part_begins BEFORE INSERT ON assignment FOR EACH ROW EXECUTE FUNCTION part_begins()"
                .to_owned(),
        ]
    } else {
        vec![
            format!(
                "CREATE TRIGGER part_closes AFTER UPDATE ON dossier FOR EACH ROW WHEN OLD.open <> NEW.open BEGIN {update} END"
            ),
            "CREATE TRIGGER part_begins AFTER INSERT ON assignment FOR EACH ROW \
             WHEN NEW.open <> (SELECT open FROM dossier WHERE id = NEW.dossier_id) BEGIN \
             UPDATE assignment SET open = NOT NEW.open WHERE dossier_id = NEW.dossier_id AND position = NEW.position; END"
                .to_owned(),
        ]
    });
    statements
}

/// A row here says that every dossier and published question is in the index of words. Whatever takes a row out of the index takes
/// the mark away, and the next start looks over all of them.
fn mark(postgres: bool) -> Vec<String> {
    let mut statements = vec!["CREATE TABLE search_whole (number integer PRIMARY KEY)".to_owned()];
    if postgres {
        statements.push(
            "CREATE FUNCTION search_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             DELETE FROM search_whole; RETURN NULL; END $$"
                .to_owned(),
        );
    }
    for table in INDEXES {
        if postgres {
            for (name, on) in [("gone", "DELETE"), ("emptied", "TRUNCATE")] {
                statements.push(format!(
                    "CREATE TRIGGER {table}_{name} AFTER {on} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION search_gone()"
                ));
            }
        } else {
            statements.push(format!(
                "CREATE TRIGGER {table}_gone AFTER DELETE ON {table} FOR EACH ROW BEGIN DELETE FROM search_whole; END"
            ));
        }
    }
    statements
}
