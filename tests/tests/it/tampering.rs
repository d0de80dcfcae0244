//! Somebody who owns the database changes one value of one row: `pli verify` finds it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use pli_domain::delay::code;
use pli_domain::dossier::{Command, DeclineReason};
use pli_tests::samples::{draft, pdf, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person, Sql};

pli_tests::on_both!(one_value_altered_is_found);

/// The tables that hold a dossier, each with the columns that name a row.
const TABLES: [(&str, &str); 9] = [
    ("dossier", "id"),
    ("mail", "dossier_id"),
    ("question", "dossier_id"),
    ("assignment", "dossier_id, position"),
    ("deadline", "dossier_id, position"),
    ("draft", "dossier_id, version"),
    ("journal", "dossier_id, seq"),
    ("note", "dossier_id, seq"),
    ("attachment", "dossier_id, seq"),
];

/// What may be altered unseen, and why that is known. Whoever closes one of them takes it from this list.
const UNSEEN: [(&str, &str); 4] = [
    // When a row was written is in the journal, which is proved; these copies only sort and show.
    ("dossier", "created_at"),
    ("dossier", "updated_at"),
    ("draft", "created_at"),
    // Says only that the forms of the sender's name are kept: without it, they are made again at the next start.
    ("mail", "sender_named"),
];

/// Columns in which the database itself refuses an unknown word: another one that it knows.
const WORDS: [(&str, &str, [&str; 2]); 10] = [
    ("dossier", "plan", ["mail", "oral"]),
    ("deadline", "purpose", ["answer", "brief"]),
    ("dossier", "kind", ["mail", "question"]),
    ("mail", "category", ["ordinary", "petition"]),
    ("mail", "channel", ["post", "email"]),
    ("assignment", "part", ["lead", "informed"]),
    ("assignment", "stage", ["withdrawn", "accepted"]),
    ("deadline", "clock", ["legal", "internal"]),
    ("deadline", "stage", ["running", "met"]),
    ("attachment", "media", ["pdf", "png"]),
];

/// Dossiers that between them have something in every column.
async fn everything(office: &Office) -> Result<()> {
    let (dacs, dap) = (office.unit("DACS")?, office.unit("DAP")?);
    let decline = Command::Decline {
        reason: DeclineReason::OtherUnit,
        proposed: Some(dacs),
        note: "Pas nous.".to_owned(),
    };
    let first = office.register(petition("Répondue")).await?.dossier.id;
    office.play(first, [(Person::Clerk, route(dap)), (Person::Prisons, decline.clone())]).await?;
    office.act(Person::Prisons, first, Command::Accept).await?.failed()?;
    office.act(Person::Manager, first, route(dacs)).await?.refused()?;
    let scan = office.receive("lettre.pdf", &pdf("Madame")).await.fine()?;
    office.play(first, [(Person::Clerk, scan.into())]).await?;
    office.play(first, office.to_answer()?).await?;

    let stopped = office.register(petition("Incomplète")).await?.dossier.id;
    let (rule, on) = (code::PETITION_INTERNAL.to_owned(), office.today());
    let until = on + chrono::Days::new(90);
    let note = || "Pièces manquantes.".to_owned();
    let ask = Command::RequestExtension { rule: rule.clone(), until, note: note() };
    let grant = Command::GrantExtension { rule, note: note() };
    let suspend = Command::Suspend { rule: code::CRPA_SILENCE.to_owned(), from: on, until, note: note() };
    let mut steps = office.to_drafting()?;
    steps.extend([
        (Person::Correspondent, ask),
        (Person::Coordinator, grant),
        (Person::Correspondent, suspend),
        (Person::Clerk, Command::Acknowledge { on }),
    ]);
    office.play(stopped, steps).await?;

    let second = office.register(petition("Déclinée")).await?.dossier.id;
    let propose = Command::ProposeFiling { note: "Rien à répondre.".to_owned() };
    let with = Command::Route { lead: dap, contributors: vec![dacs], informed: vec![office.unit("DSJ")?] };
    office
        .play(second, [(Person::Clerk, with), (Person::Prisons, decline), (Person::Clerk, propose)])
        .await?;

    let clerk = office.caller(Person::Clerk).await?;
    let third = office.app.receive_question(&clerk, office.key(), question(18_094)).await.fine()?.dossier.id;
    let on = office.today();
    let transfer = Command::RequestTransfer { ministry: "Intérieur".to_owned() };
    let mut steps = office.to_drafting()?;
    steps.extend([
        (Person::Drafter, draft("Monsieur le député,")),
        (Person::Drafter, draft("Monsieur le député, la loi…")),
        (Person::Coordinator, Command::Signal { on }),
        (Person::Coordinator, Command::Renew { on }),
        (Person::Coordinator, Command::RecallNotice { on }),
        (Person::Coordinator, transfer),
    ]);
    office.play(third, steps).await?;
    Ok(())
}

async fn one_value_altered_is_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    everything(&office).await?;
    assert_eq!(office.faults().await?, [""; 0]);
    let sql = office.database.sql().await?;
    sql.lift_the_guards().await?;
    let (mut tried, mut unseen) = (0, BTreeSet::new());
    for (table, key) in TABLES {
        sql.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await?;
        let rows = sql.one::<i64>(&format!("SELECT count(*) FROM {table}")).await?;
        assert!(rows > 0, "{table} is empty");
        for (column, kind) in columns(engine, &sql, table).await? {
            // What a row belongs to is not a value of it: that is a row taken out here and put in there.
            if key.split(", ").any(|part| part == column) {
                continue;
            }
            for row in 0..rows {
                alter(engine, &sql, (table, key), (&column, &kind), row).await?;
                let verified = office.app.verify(|_| {}).await;
                let seen = verified.fine().with_context(|| format!("{table}.{column}"))?;
                if seen.faults.is_empty() {
                    unseen.insert((table, column.clone()));
                }
                sql.run(&format!("DELETE FROM {table}")).await?;
                sql.run(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await?;
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried} only");
    assert_eq!(office.faults().await?, [""; 0], "all is put back");
    let known: BTreeSet<_> = UNSEEN.into_iter().map(|(table, column)| (table, column.to_owned())).collect();
    assert_eq!(unseen, known);
    Ok(())
}

/// The columns of a table, with what they hold.
async fn columns(engine: Engine, sql: &Sql, table: &str) -> Result<Vec<(String, String)>> {
    let (names, kinds) = match engine {
        Engine::Sqlite => {
            let of = |what| format!("SELECT {what} FROM pragma_table_info('{table}') ORDER BY cid");
            (of("name"), of("lower(type)"))
        }
        Engine::Postgres => {
            let of = |what| {
                format!(
                    "SELECT {what}::text FROM information_schema.columns WHERE table_name = '{table}' \
                     ORDER BY ordinal_position"
                )
            };
            (of("column_name"), of("data_type"))
        }
    };
    Ok(sql.all(&names).await?.into_iter().zip(sql.all(&kinds).await?).collect())
}

/// Gives one row's column another value of the same kind.
async fn alter(
    engine: Engine,
    sql: &Sql,
    (table, key): (&str, &str),
    (column, kind): (&str, &str),
    row: i64,
) -> Result<()> {
    let word = WORDS.into_iter().find(|word| (word.0, word.1) == (table, column));
    let value = match (word, engine) {
        (Some((_, _, [one, other])), _) => {
            format!("CASE {column} WHEN '{one}' THEN '{other}' ELSE '{one}' END")
        }
        (None, Engine::Sqlite) => match kind {
            "text" | "varchar" => format!("coalesce({column}, '') || 'x'"),
            "integer" => format!("coalesce({column}, 0) + 1"),
            "boolean" => format!("NOT {column}"),
            "date_text" => format!("date(coalesce({column}, '2001-01-01'), '-1 day')"),
            "timestamp_with_timezone_text" => "'2001-01-01T00:00:00+00:00'".to_owned(),
            "uuid_text" => "x'00000000000070008000000000000001'".to_owned(),
            other => anyhow::bail!("{table}.{column} is a {other}"),
        },
        (None, Engine::Postgres) => match kind {
            "text" => format!("coalesce({column}, '') || 'x'"),
            "integer" => format!("coalesce({column}, 0) + 1"),
            "boolean" => format!("NOT {column}"),
            "date" => format!("coalesce({column}, DATE '2001-01-01') - 1"),
            "timestamp with time zone" => format!("{column} + interval '1 second'"),
            "uuid" => "'00000000-0000-7000-8000-000000000001'::uuid".to_owned(),
            other => anyhow::bail!("{table}.{column} is a {other}"),
        },
    };
    let place = match engine {
        Engine::Sqlite => "rowid",
        Engine::Postgres => "ctid",
    };
    let which = format!("SELECT {place} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {row}");
    let changed =
        sql.run(&format!("UPDATE {table} SET {column} = {value} WHERE {place} = ({which})")).await?;
    anyhow::ensure!(changed == 1, "{table}.{column}: {changed} rows altered");
    Ok(())
}
