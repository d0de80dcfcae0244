//! What is open is found at the cost of what is open, and people at the cost of a page: the queries of the lists and of
//! *Retards*, as the engines plan them.

use anyhow::Result;
use pli_tests::samples::letter;
use pli_tests::{Engine, Office};

pli_tests::on_both!(what_is_open_is_found_by_the_partial_indexes, a_page_of_people_costs_a_page);

/// The list of what is open, its next page, what is late, what is late by one clock, what is at risk, what is to be
/// acknowledged, and the days of the calendar: in the words in which they are sent.
const QUERIES: [&str; 7] = [
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."legal_due_on" <= '2026-11-21' ORDER BY "dossier"."legal_due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND ("dossier"."due_on" >= '2026-11-22' AND "dossier"."due_on" <= '9999-12-30') AND (("dossier"."plan" = 'mail' AND "dossier"."stage" IN ('registered', 'received', 'routed') AND "dossier"."due_on" <= '2026-12-14') OR ("dossier"."plan" = 'oral' AND "dossier"."stage" IN ('drafting') AND "dossier"."due_on" <= '2026-11-27')) ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."ack_due_on" <= '2026-12-01' ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT "dossier"."due_on", COUNT("dossier"."id") AS "number" FROM "dossier" WHERE TRUE AND "dossier"."open" AND ("dossier"."due_on" >= '2026-11-01' AND "dossier"."due_on" <= '2026-11-30') GROUP BY "dossier"."due_on" ORDER BY "dossier"."due_on" ASC"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."due_on" BETWEEN '2001-01-01' AND '2026-11-21' ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT "dossier"."lead_id", "dossier"."due_on", COUNT("dossier"."id") AS "number" FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."due_on" < '2026-11-22' GROUP BY "dossier"."lead_id", "dossier"."due_on""#,
];

async fn what_is_open_is_found_by_the_partial_indexes(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for days in 0..20 {
        office.register(letter(office.today() - chrono::TimeDelta::days(days * 5))).await?;
    }
    let sql = office.database.sql().await?;
    let (numbers, id) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) ",
            "randomblob(16)",
        ),
        Engine::Postgres => ("WITH n AS (SELECT generate_series(1, 5000) AS i) ", "gen_random_uuid()"),
    };
    // Five thousand letters of other years, all closed.
    let closed = format!(
        "{numbers} INSERT INTO dossier (id, kind, reference, stage, open, subject, search_key, content, received_on, \
         due_on, closed_on, version, created_at, updated_at) \
         SELECT {id}, kind, 'SG-2020-A-' || i, 'closed:answered', FALSE, subject, search_key, content, received_on, \
         due_on, received_on, version, created_at, updated_at \
         FROM n CROSS JOIN (SELECT * FROM dossier LIMIT 1) AS one"
    );
    let insert = match engine {
        Engine::Sqlite => {
            closed.replacen(numbers, "", 1).replacen(" SELECT ", &format!(" {numbers} SELECT "), 1)
        }
        Engine::Postgres => closed,
    };
    assert_eq!(sql.run(&insert).await?, 5_000);
    sql.run("ANALYZE").await?;
    for query in QUERIES {
        let plan = sql.plan(query).await?;
        assert!(plan.contains("dossier_open_"), "{query}\n{plan}");
        let scan = if engine == Engine::Sqlite { "SCAN dossier\n" } else { "Seq Scan" };
        assert!(!plan.contains(scan), "{query}\n{plan}");
    }
    Ok(())
}

/// The list of people, its next page, and the open dossiers that some units lead: in the words in which they are sent.
const PEOPLE: [(&str, &str); 3] = [
    (
        "account_search",
        r#"SELECT * FROM "account" WHERE TRUE ORDER BY "account"."search_key" ASC, "account"."id" ASC LIMIT 51"#,
    ),
    (
        "account_search",
        r#"SELECT * FROM "account" WHERE TRUE AND ("search_key", "id") > ('nom 2500', '00000000-0000-7000-8000-000000000000') ORDER BY "account"."search_key" ASC, "account"."id" ASC LIMIT 51"#,
    ),
    (
        "session_account",
        r#"SELECT * FROM "session" WHERE "session"."account_id" = (SELECT id FROM account LIMIT 1)"#,
    ),
];

async fn a_page_of_people_costs_a_page(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sql = office.database.sql().await?;
    let columns = "(id, login, name, password_hash, disabled, created_at, search_key)";
    let (people, sessions) = match engine {
        Engine::Sqlite => (
            format!(
                "INSERT INTO account {columns} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                 WHERE i < 5000) SELECT randomblob(16), 'n' || i, 'Nom ' || i, '', FALSE, created_at, 'nom ' || i \
                 FROM n CROSS JOIN (SELECT created_at FROM account LIMIT 1)"
            ),
            "lower(hex(randomblob(16)))",
        ),
        Engine::Postgres => (
            format!(
                "INSERT INTO account {columns} SELECT gen_random_uuid(), 'n' || i, 'Nom ' || i, '', FALSE, now(), \
                 'nom ' || i FROM generate_series(1, 5000) AS n(i)"
            ),
            "gen_random_uuid()::text",
        ),
    };
    assert_eq!(sql.run(&people).await?, 5_000);
    let sessions = format!("INSERT INTO session SELECT {sessions}, id, created_at, created_at FROM account");
    sql.run(&sessions).await?;
    sql.run("ANALYZE").await?;
    for (index, query) in PEOPLE {
        let plan = sql.plan(query).await?;
        assert!(
            plan.contains(index) && !plan.contains("Sort") && !plan.contains("TEMP B-TREE"),
            "{query}\n{plan}"
        );
    }
    Ok(())
}
