//! What is open is found at the cost of what is open, people at the cost of a page, and a word at the cost of what holds it:
//! the queries of the lists, of *Retards* and its twelve weeks, and of *Recherche*, as the engines plan them.

use anyhow::Result;
use pli_app::List;
use pli_domain::dossier::Command;
use pli_tests::samples::{letter, petition, question};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    what_is_open_is_found_by_the_partial_indexes,
    a_page_of_people_costs_a_page,
    a_rare_word_is_found_by_the_index_and_not_by_walking_the_list,
    twelve_weeks_cost_twelve_weeks,
    senders_and_doubles_cost_what_that_sender_wrote,
    the_agenda_the_batches_and_the_look_alikes_cost_what_they_show,
);

/// The list of what is open, its next page, what is late, what is late by one clock, what is at risk, what is to be
/// acknowledged, the days of the calendar, and what awaits one person: in the words in which they are sent.
const QUERIES: [&str; 8] = [
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."legal_due_on" <= '2026-11-21' ORDER BY "dossier"."legal_due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND ("dossier"."due_on" >= '2026-11-22' AND "dossier"."due_on" <= '9999-12-30') AND (("dossier"."plan" = 'mail' AND "dossier"."stage" IN ('registered', 'received', 'routed') AND "dossier"."due_on" <= '2026-12-14') OR ("dossier"."plan" = 'oral' AND "dossier"."stage" IN ('drafting') AND "dossier"."due_on" <= '2026-11-27')) ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."ack_due_on" < '9999-12-31' ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT "dossier"."due_on", COUNT("dossier"."id") AS "number" FROM "dossier" WHERE TRUE AND "dossier"."open" AND ("dossier"."due_on" >= '2026-11-01' AND "dossier"."due_on" <= '2026-11-30') GROUP BY "dossier"."due_on" ORDER BY "dossier"."due_on" ASC"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."due_on" BETWEEN '2001-01-01' AND '2026-11-21' ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 21"#,
    r#"SELECT "dossier"."lead_id", (CASE WHEN ("dossier"."due_on" >= '2026-11-07' AND "dossier"."due_on" <= '2026-11-21') THEN 'up_to15' WHEN ("dossier"."due_on" <= '2026-09-22') THEN 'over60' END) AS "class", COUNT("dossier"."id") AS "number" FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."due_on" < '2026-11-22' GROUP BY "dossier"."lead_id", "class""#,
    r#"SELECT "dossier"."id", "dossier"."stage", "dossier"."plan", "dossier"."due_on" FROM "dossier" WHERE TRUE AND "dossier"."open" AND (("dossier"."stage" = 'review' AND "dossier"."lead_id" IN ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002') AND "dossier"."draft_author_id" <> '00000000-0000-7000-8000-000000000003') OR ("dossier"."stage" = 'signature' AND "dossier"."lead_id" IN ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002')))"#,
];

/// What is counted beside the counters for whoever is named in a compartment.
const RESERVED: &str = r#"SELECT CAST(SUM((CASE WHEN ("dossier"."open" AND "dossier"."lead_id" IS NULL) THEN 1 ELSE 0 END)) AS bigint) AS "count_0" FROM "dossier" WHERE TRUE AND ("dossier"."compartment_id" IS NULL OR "dossier"."compartment_id" IN ('00000000-0000-7000-8000-000000000001')) AND "dossier"."open" AND "dossier"."compartment_id" IS NOT NULL"#;

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
        "{numbers} INSERT INTO dossier (id, kind, reference, stage, open, subject, content, received_on, \
         due_on, closed_on, version, created_at, updated_at) \
         SELECT {id}, kind, 'SG-2020-A-' || i, 'closed:answered', FALSE, subject, content, received_on, \
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
    let plan = sql.plan(RESERVED).await?;
    assert!(plan.contains("dossier_open_reserved"), "{plan}");
    Ok(())
}

/// The list of people, its next page, and the open dossiers that some units lead: in the words in which they are sent.
const PEOPLE: [(&str, &str); 6] = [
    (
        "account_search",
        r#"SELECT * FROM "account" WHERE TRUE ORDER BY "account"."search_key" ASC, "account"."id" ASC LIMIT 51"#,
    ),
    (
        "account_search",
        r#"SELECT * FROM "account" WHERE TRUE AND ("search_key", "id") > ('nom 2500', '00000000-0000-7000-8000-000000000000') ORDER BY "account"."search_key" ASC, "account"."id" ASC LIMIT 51"#,
    ),
    ("account_links", r#"SELECT * FROM "account" WHERE "links" AND LOWER("email") = 'n12@justice.example'"#),
    (
        "session_account",
        r#"SELECT * FROM "session" WHERE "session"."account_id" = (SELECT id FROM account LIMIT 1)"#,
    ),
    (
        "access_journal_account",
        r#"SELECT * FROM "access_journal" WHERE "account_id" = (SELECT id FROM account LIMIT 1) ORDER BY "id" DESC LIMIT 21"#,
    ),
    ("access_journal", r#"SELECT * FROM "access_journal" ORDER BY "id" DESC LIMIT 51"#),
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
    let sessions = format!(
        "INSERT INTO session SELECT {sessions}, id, created_at, created_at, 'Firefox', NULL, NULL FROM account"
    );
    sql.run(&sessions).await?;
    let accesses =
        "INSERT INTO access_journal SELECT id, created_at, 'signed_in', id, id, NULL, '' FROM account";
    sql.run(accesses).await?;
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

/// Twenty thousand dossiers, of which three hold a word: the words are asked first, then the few dossiers, by their key.
async fn a_rare_word_is_found_by_the_index_and_not_by_walking_the_list(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for _ in 0..3 {
        office.register(petition("Ornithorynque")).await?;
    }
    let sql = office.database.sql().await?;
    let columns = "kind, stage, open, subject, content, received_on, version, created_at, updated_at";
    let statements: Vec<String> = match engine {
        Engine::Sqlite => vec![
            format!(
                "INSERT INTO dossier (id, reference, due_on, {columns}) \
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
                 SELECT randomblob(16), 'SG-2020-A-' || i, date('2020-01-01', '+' || (i % 2000) || ' days'), {columns} FROM n \
                 CROSS JOIN (SELECT * FROM dossier LIMIT 1) AS one"
            ),
            "INSERT INTO dossier_search (dossier_id, digest) \
             SELECT id, '' FROM dossier WHERE reference LIKE 'SG-2020-%'"
                .to_owned(),
            "INSERT INTO dossier_words (rowid, words) \
             SELECT place, 'banal ' || place FROM dossier_search WHERE digest = ''"
                .to_owned(),
        ],
        Engine::Postgres => vec![
            format!(
                "INSERT INTO dossier (id, reference, due_on, {columns}) \
                 SELECT gen_random_uuid(), 'SG-2020-A-' || i, DATE '2020-01-01' + i % 2000, {columns} FROM generate_series(1, 20000) AS i \
                 CROSS JOIN (SELECT * FROM dossier LIMIT 1) AS one"
            ),
            // Texts of a hundred words: to read them one by one costs more than to ask the index.
            "INSERT INTO dossier_search (dossier_id, digest, words) \
             SELECT id, '', array_to_tsvector('banal'::text || \
               ARRAY(SELECT 'mot' || (n * substr(reference, 11)::int) % 5003 FROM generate_series(1, 100) AS n)) \
             FROM dossier WHERE reference LIKE 'SG-2020-%'"
                .to_owned(),
        ],
    };
    for statement in statements {
        assert_eq!(sql.run(&statement).await?, 20_000, "{statement}");
    }
    sql.run(if engine == Engine::Sqlite { "ANALYZE" } else { "VACUUM ANALYZE" }).await?;
    let (held, index) = match engine {
        Engine::Sqlite => (
            "dossier.id IN (SELECT dossier_id FROM dossier_search WHERE place IN \
             (SELECT rowid FROM dossier_words WHERE dossier_words MATCH '\"ornithorynqu\"'))",
            "dossier_words VIRTUAL TABLE INDEX",
        ),
        Engine::Postgres => (
            "dossier.id IN (SELECT dossier_id FROM dossier_search \
             WHERE words @@ CAST('''ornithorynqu''' AS text)::tsquery OFFSET 0)",
            "Bitmap Index Scan on dossier_search_words",
        ),
    };
    for (select, order) in [
        ("*", "ORDER BY \"dossier\".\"due_on\" ASC, \"dossier\".\"id\" ASC LIMIT 51"),
        ("*", "ORDER BY \"dossier\".\"received_on\" DESC, \"dossier\".\"id\" DESC LIMIT 21"),
        ("COUNT(*)", ""),
        ("kind, stage, lead_id, COUNT(id)", "GROUP BY kind, stage, lead_id"),
    ] {
        for open in ["", " AND \"dossier\".\"open\""] {
            let query = format!("SELECT {select} FROM \"dossier\" WHERE TRUE{open} AND {held} {order}");
            let plan = sql.plan(&query).await?;
            assert!(plan.contains(index), "{query}\n{plan}");
            // The list is never walked in its order to look into one text after the other.
            assert!(
                !plan.contains("dossier_open_due") && !plan.contains("Index Scan using dossier_due"),
                "{query}\n{plan}"
            );
            assert!(!plan.contains("USING INDEX dossier_due"), "{query}\n{plan}");
        }
    }
    let clerk = office.caller(Person::Clerk).await?;
    for (word, number) in [("ornithorynques", 3), ("banal", 20_000)] {
        let list = List { words: Some(word.to_owned()), ..List::default() };
        assert_eq!(office.app.count(&clerk, &list).await.fine()?, number, "{word}");
    }
    Ok(())
}

/// The figures of some past days from their counters and from the rows, the list of one, what was closed in a period, and what was due in it by either clock: in
/// the words in which they are sent, each with the index that serves it.
const PAST: [(&str, &str); 6] = [
    (
        "past_tally",
        r#"SELECT "snapshot"."day", "snapshot"."counted", SUM("past_tally"."up_to15") AS "up_to15", SUM("past_tally"."on_time") AS "on_time" FROM "snapshot" LEFT JOIN "past_tally" ON "past_tally"."day" = "snapshot"."day" AND "past_tally"."clock" = 'own' WHERE "snapshot"."day" IN ('2026-11-15', '2026-11-22') GROUP BY "snapshot"."day""#,
    ),
    (
        "snapshot_span_days",
        r#"SELECT "snapshot"."day" AS "day", "snapshot_span"."due_on" AS "due_on", "snapshot_span"."at_risk" AS "at_risk", COUNT("snapshot_span"."dossier_id") AS "number" FROM "snapshot_span" INNER JOIN "snapshot" ON "snapshot_span"."first_on" <= "snapshot"."day" AND "snapshot_span"."last_on" >= "snapshot"."day" AND "snapshot"."day" IN ('2026-11-15', '2026-11-22') WHERE TRUE AND "snapshot_span"."last_on" >= '2026-11-15' GROUP BY "snapshot"."day", "snapshot_span"."due_on", "snapshot_span"."at_risk""#,
    ),
    (
        "snapshot_span_days",
        r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."id" IN (SELECT "dossier_id" FROM "snapshot_span" WHERE "first_on" <= '2026-11-22' AND "last_on" >= '2026-11-22' AND EXISTS(SELECT 1 FROM "snapshot" WHERE "day" = '2026-11-22') AND "due_on" <= '2026-11-21') ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 51"#,
    ),
    (
        "dossier_closed_on",
        r#"SELECT "dossier"."closed_on", COUNT("dossier"."id") AS "number" FROM "dossier" WHERE TRUE AND ("dossier"."stage" = 'closed:answered' AND "dossier"."due_on" < '9999-12-31' AND "dossier"."closed_on" <= "dossier"."due_on") AND ("dossier"."closed_on" >= '2026-09-07' AND "dossier"."closed_on" <= '2026-11-22') AND "dossier"."closed_on" IS NOT NULL GROUP BY "dossier"."closed_on""#,
    ),
    (
        "dossier_legal_due",
        r#"SELECT "dossier"."lead_id", COUNT("dossier"."id") AS "number" FROM "dossier" WHERE TRUE AND ("dossier"."legal_due_on" >= '2026-10-30' AND "dossier"."legal_due_on" <= '2026-11-21') GROUP BY "dossier"."lead_id""#,
    ),
    (
        "dossier_internal_due",
        r#"SELECT "dossier"."lead_id", COUNT("dossier"."id") AS "number" FROM "dossier" WHERE TRUE AND ("dossier"."internal_due_on" >= '2026-10-30' AND "dossier"."internal_due_on" <= '2026-11-21') GROUP BY "dossier"."lead_id""#,
    ),
];

/// Twenty thousand dossiers that stood in a snapshot of another year, a handful in those of this month.
async fn twelve_weeks_cost_twelve_weeks(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(letter(office.today())).await?;
    let sql = office.database.sql().await?;
    let columns =
        "kind, stage, open, subject, content, received_on, closed_on, version, created_at, updated_at";
    let values = "kind, 'closed:answered', FALSE, subject, content, received_on";
    let (numbers, id, day) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)",
            "randomblob(16)",
            "date('2020-01-01', '+' || (i % 2000) || ' days')",
        ),
        Engine::Postgres => (
            "WITH n AS (SELECT generate_series(1, 20000) AS i)",
            "gen_random_uuid()",
            "DATE '2020-01-01' + i % 2000",
        ),
    };
    let dossiers = format!(
        "INSERT INTO dossier (id, reference, due_on, legal_due_on, internal_due_on, {columns}) {numbers} \
         SELECT {id}, 'SG-2020-A-' || i, d, d, d, {values}, d, version, created_at, updated_at \
         FROM (SELECT i, {day} AS d FROM n) AS days CROSS JOIN (SELECT * FROM dossier LIMIT 1) AS one"
    );
    let spans = "INSERT INTO snapshot_span (dossier_id, first_on, last_on, due_on, legal_due_on, internal_due_on, at_risk) \
         SELECT id, '2020-01-01', due_on, due_on, due_on, due_on, FALSE FROM dossier WHERE NOT open";
    assert_eq!(sql.run(&dossiers).await?, 20_000);
    sql.run("INSERT INTO snapshot (day, taken_at) SELECT '2020-01-01', created_at FROM dossier LIMIT 1")
        .await?;
    assert_eq!(sql.run(spans).await?, 20_000);
    for days in [7, 0] {
        office.clock.set(office.now().instant() - chrono::TimeDelta::days(days));
        office.register(letter(office.today())).await?;
        office.app.take_snapshot().await.fine()?;
        office.clock.set(office.now().instant() + chrono::TimeDelta::days(days));
    }
    sql.run("ANALYZE").await?;
    for (index, query) in PAST {
        let plan = sql.plan(query).await?;
        assert!(plan.contains(index), "{query}\n{plan}");
        // The dossiers of a past day are then found by their keys, or all at once when they are many: as the engine likes.
        let table = if index.starts_with("dossier_") { "dossier" } else { "snapshot_span" };
        for walked in [format!("SCAN {table}\n"), format!("Seq Scan on {table} ")] {
            assert!(!plan.contains(&walked), "{query}\n{plan}");
        }
    }
    Ok(())
}

/// What is asked at every letter that is typed: in the words in which it is sent.
const TYPED: [(&str, &str); 4] = [
    (
        "sender_form_start",
        r#"SELECT "sender_form"."form", "sender_form"."sender", COUNT("sender_form"."dossier_id") AS "number" FROM "sender_form" WHERE TRUE AND ("sender_form"."form" >= 'gar' AND "sender_form"."form" < 'gar􏿿' AND "sender_form"."sender" <> '') GROUP BY "sender_form"."form", "sender_form"."sender" ORDER BY "sender_form"."form" ASC, "sender_form"."sender" ASC LIMIT 16"#,
    ),
    (
        "sender_form_start",
        r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."id" IN (SELECT "dossier_id" FROM "sender_form" WHERE "form" = 'elise garonne') AND "dossier"."stage" NOT IN ('closed:duplicate', 'closed:cancelled') AND "dossier"."received_on" BETWEEN '2026-09-20' AND '2027-01-18' ORDER BY "dossier"."received_on" DESC, "dossier"."id" DESC LIMIT 100"#,
    ),
    (
        "attachment_file",
        r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."id" IN (SELECT "dossier_id" FROM "attachment" WHERE "file" IN ('abc')) AND "dossier"."stage" NOT IN ('closed:duplicate', 'closed:cancelled') ORDER BY "dossier"."received_on" DESC, "dossier"."id" DESC LIMIT 100"#,
    ),
    (
        "journal_presented",
        r#"SELECT COUNT(*) FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."id" IN (SELECT "dossier_id" FROM "journal" WHERE NOT accepted AND action = 'register' AND "at" >= '2026-11-15 00:00:00+00:00')"#,
    ),
];

async fn senders_and_doubles_cost_what_that_sender_wrote(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(petition("Divorce")).await?;
    let sql = office.database.sql().await?;
    let (numbers, id, text) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)",
            "CAST(printf('%016d', i) AS blob)",
            "printf('%064d', i)",
        ),
        Engine::Postgres => (
            "WITH n AS (SELECT generate_series(1, 5000) AS i)",
            "CAST(lpad(to_hex(i), 32, '0') AS uuid)",
            "lpad(CAST(i AS text), 64, '0')",
        ),
    };
    // Five thousand letters of as many senders, each with its scan.
    for (table, columns, values) in [
        (
            "dossier",
            "id, kind, reference, stage, open, subject, content, received_on, due_on, version, created_at, updated_at",
            format!(
                "{id}, kind, 'SG-2020-A-' || i, stage, open, subject, content, received_on, due_on, version, \
                 created_at, updated_at"
            ),
        ),
        (
            "mail",
            "dossier_id, sender, category, document_on, urgent, channel, sender_named",
            format!("{id}, 'M. ' || i, 'petition', received_on, FALSE, 'post', TRUE"),
        ),
        ("sender_form", "dossier_id, form, sender", format!("{id}, 'nom ' || i, 'Nom ' || i")),
        (
            "journal",
            "dossier_id, seq, at, who, action, from_stage, to_stage, payload, accepted, hash",
            format!("{id}, 1, created_at, '', 'register', '', '', '', TRUE, {text}"),
        ),
        ("attachment", "dossier_id, seq, file, media, bytes", format!("{id}, 1, {text}, 'pdf', 1")),
    ] {
        let rows = "n CROSS JOIN (SELECT * FROM dossier WHERE reference LIKE 'SG-2026-%' LIMIT 1) AS one";
        let insert = match engine {
            Engine::Sqlite => {
                format!("INSERT INTO {table} ({columns}) {numbers} SELECT {values} FROM {rows}")
            }
            Engine::Postgres => {
                format!("{numbers} INSERT INTO {table} ({columns}) SELECT {values} FROM {rows}")
            }
        };
        assert_eq!(sql.run(&insert).await?, 5_000, "{table}");
    }
    sql.run(if engine == Engine::Sqlite { "ANALYZE" } else { "VACUUM ANALYZE" }).await?;
    for (index, query) in TYPED {
        let plan = sql.plan(query).await?;
        let scan = if engine == Engine::Sqlite { "SCAN " } else { "Seq Scan" };
        assert!(plan.contains(index) && !plan.contains(scan), "{query}\n{plan}");
    }
    Ok(())
}

/// A week of the agenda, the next sitting, the list of batches and its next page, and the questions with which one is
/// compared, each with the index that gives it: in the words in which they are sent.
const QUESTIONS: [(&str, &str); 5] = [
    (
        "question_sitting",
        r#"SELECT * FROM "question" WHERE TRUE AND "question"."sitting_on" BETWEEN '2026-11-23' AND '2026-11-29' ORDER BY "question"."sitting_on" ASC, "question"."dossier_id" ASC LIMIT 301"#,
    ),
    (
        "question_sitting",
        r#"SELECT * FROM "question" WHERE TRUE AND "question"."sitting_on" > '2026-11-29' ORDER BY "question"."sitting_on" ASC LIMIT 1"#,
    ),
    (
        "question_batch",
        r#"SELECT "question"."batch_id" FROM "question" WHERE TRUE AND "question"."batch_id" IS NOT NULL GROUP BY "question"."batch_id" ORDER BY "question"."batch_id" DESC LIMIT 31"#,
    ),
    (
        "question_batch",
        r#"SELECT "question"."batch_id" FROM "question" WHERE TRUE AND "question"."batch_id" IS NOT NULL AND "question"."batch_id" < '00000000-0000-7000-8000-000000000001' GROUP BY "question"."batch_id" ORDER BY "question"."batch_id" DESC LIMIT 31"#,
    ),
    (
        "dossier_open_",
        r#"SELECT * FROM "dossier" WHERE TRUE AND "dossier"."open" AND "dossier"."kind" = 'question' AND "dossier"."stage" IN ('received', 'routed', 'drafting', 'review', 'signature') AND "dossier"."received_on" BETWEEN '2026-06-15' AND '2026-12-16' ORDER BY "dossier"."due_on" ASC, "dossier"."id" ASC LIMIT 101"#,
    ),
];

/// Ten thousand questions of other years, put in the chamber and closed, in no batch.
async fn the_agenda_the_batches_and_the_look_alikes_cost_what_they_show(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let mut ids = Vec::new();
    for number in 1..20 {
        let sheet = office.app.receive_question(&clerk, office.key(), question(number)).await.fine()?;
        ids.push(sheet.dossier.id);
    }
    office.play(ids[1], [(Person::Coordinator, Command::JoinBatch { with: ids[0] })]).await?;
    let sql = office.database.sql().await?;
    let (numbers, id, before, on) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)",
            "randomblob(16)",
            "date('2015-01-01', (i / 5) || ' days')",
            "closed_on",
        ),
        Engine::Postgres => (
            "WITH n AS (SELECT generate_series(1, 10000) AS i)",
            "gen_random_uuid()",
            "DATE '2015-01-01' + i / 5",
            "closed_on",
        ),
    };
    let dossiers = format!(
        "INSERT INTO dossier (id, kind, reference, stage, open, subject, content, received_on, due_on, closed_on, \
         version, created_at, updated_at) {numbers} SELECT {id}, kind, 'AN-14-QG-' || i, 'closed:answered', FALSE, \
         subject, content, received_on, due_on, {before}, version, created_at, updated_at \
         FROM n CROSS JOIN (SELECT * FROM dossier LIMIT 1) AS one"
    );
    assert_eq!(sql.run(&dossiers).await?, 10_000);
    let questions = format!(
        "INSERT INTO question (dossier_id, identity, renewals, recalls, corrections, sitting_on, sitting_source) \
         SELECT id, reference, 0, 0, 0, {on}, 'supposed' FROM dossier WHERE reference LIKE 'AN-14-QG-%'"
    );
    assert_eq!(sql.run(&questions).await?, 10_000);
    sql.run("ANALYZE").await?;
    for (index, query) in QUESTIONS {
        let plan = sql.plan(query).await?;
        assert!(plan.contains(index), "{query}\n{plan}");
        assert!(!plan.contains("SCAN dossier\n") && !plan.contains("Seq Scan"), "{query}\n{plan}");
    }
    Ok(())
}
