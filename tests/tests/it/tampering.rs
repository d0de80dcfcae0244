//! Somebody who owns the database changes one value of one row: `pli verify` finds it.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use pli_app::Change;
use pli_domain::calendar::{Entry, EntryKind};
use pli_domain::delay::code;
use pli_domain::dossier::{Command, DeclineReason};
use pli_domain::government::{self, Destination};
use pli_domain::retention::Class;
use pli_tests::samples::{day, draft, pdf, petition, published, question, route};
use pli_tests::{Engine, Fine as _, Office, PASSWORD, Person, Sql};

pli_tests::on_both!(every_table_is_proved_or_proves_nothing, one_value_altered_is_found);

/// The tables under proof, each with the columns that name a row.
const PROVED: [(&str, &str); 27] = [
    ("dossier", "id"),
    ("mail", "dossier_id"),
    ("question", "dossier_id"),
    ("assignment", "dossier_id, position"),
    ("deadline", "dossier_id, position"),
    ("draft", "dossier_id, version"),
    ("journal", "dossier_id, seq"),
    ("note", "dossier_id, seq"),
    ("attachment", "dossier_id, seq"),
    ("unit", "id"),
    ("account", "id"),
    ("account_role", "account_id, unit_id, role"),
    ("delay_rule", "code, version"),
    ("calendar_entry", "id"),
    ("reminder_rule", "code"),
    ("retention_rule", "class, version"),
    ("denomination", "id"),
    ("compartment", "id"),
    ("compartment_person", "compartment_id, account_id"),
    ("elimination", "id"),
    ("settings_journal", "seq"),
    ("settings_proof", "number"),
    ("elimination_item", "list_id, dossier_id"),
    ("access_journal", "id"),
    ("reading", "compartment_id, at, dossier_id, account_id"),
    ("seal", "number"),
    ("seal_leaf", "seal, chain"),
];

/// The tables that prove nothing, and why. Whoever adds a table puts it on one of the two lists.
const UNPROVED: [(&str, &str); 39] = [
    (
        "api_token",
        "who comes in is in the journal of accesses; a token that is altered lets nobody in, or is made anew",
    ),
    ("calendar_feed", "an address of one's own, made anew when it fails"),
    ("counter", "a chrono that is given twice is refused by the dossier's own unique reference"),
    ("device", "tells only how failed sign-ins are counted"),
    ("digest", "a message sent is no act: what was due can be computed again"),
    ("digest_item", "the same"),
    ("discrepancy", "found again by the next import; what was decided is in the dossier's journal"),
    ("dossier_search", "the index of the search, made again from the rows; verify compares it"),
    ("draft_look", "what one has read, for oneself"),
    ("entry_link", "lives for a day; who had it sent, and who came in by it, is in the journal of accesses"),
    ("exchange_token", "where the exchange with « Réponses » stopped; a wrong one reads again"),
    (
        "government_change",
        "who changed what is in the settings' journal, and each question's move in its dossier's",
    ),
    ("government_move", "the same"),
    ("identity", "who bound it, to which account, and who came in by it are in the journal of accesses"),
    ("idempotency", "whether a key has served; forgotten, an act is refused by the stage that it left"),
    ("import_dossier", "the report of an import; that a dossier was received is in its journal"),
    ("import_rejection", "the same, and an import may be run again"),
    ("import_run", "the same"),
    ("known_match", "what an alert has told already"),
    ("member", "copied from public data, and copied again by the next import"),
    ("member_form", "made from `member`"),
    ("open_move", "counted from the dossiers; verify compares each counter with a recount"),
    ("open_tally", "the same"),
    ("past_tally", "counted from the snapshots; verify compares each counter with a recount"),
    ("published_search", "the index of the search, made again from the rows"),
    ("published_question", "copied from public data, and copied again by the next import"),
    ("published_record", "the same"),
    ("saved_search", "one's own searches"),
    ("sender_form", "made again from the senders' names"),
    ("search_whole", "says that all are in the index of the search; verify compares that for each dossier"),
    ("session", "lives for twelve hours; who comes in is in the journal of accesses"),
    ("tally", "counted from the dossiers; verify compares each counter with a recount"),
    ("tally_move", "the same"),
    ("tally_week", "the same"),
    ("tally_mark", "whether counters are as they were read last: another one has them read again"),
    ("seaql_migrations", "which steps of the schema were taken"),
    ("sign_in_flow", "lives for ten minutes; one that is altered lets nobody in"),
    ("snapshot", "figures of the past, which prove no act"),
    ("snapshot_span", "the same"),
];

/// What the engine keeps of an index of words, SQLite's in tables of its own.
const WORDS_OF: [&str; 2] = ["dossier_words", "published_words"];

/// What may be altered unseen, and why that is known. Whoever closes one of them takes it from this list.
const UNSEEN: [(&str, &str); 12] = [
    // When a row was written is in the journal, which is proved; these copies only sort and show.
    ("dossier", "created_at"),
    ("dossier", "updated_at"),
    ("draft", "created_at"),
    // Says only that the forms of the sender's name are kept: without it, they are made again at the next start.
    ("mail", "sender_named"),
    // A person's own: no act of the settings. Who came in by a password put in its place is in the journal of accesses.
    ("account", "password_hash"),
    ("account", "password_drawn"),
    ("account", "notifications"),
    ("account", "signed_in_at"),
    ("account", "signed_in_before"),
    // Made of the name, the login and the address, which are proved.
    ("account", "search_key"),
    // Their order counts, and is compared; the last may be given a higher number.
    ("assignment", "position"),
    ("deadline", "position"),
];

/// Columns in which the database itself refuses an unknown word: another one that it knows.
const WORDS: [(&str, &str, [&str; 2]); 27] = [
    ("unit", "kind", ["direction", "bureau"]),
    ("account", "notifications", ["daily", "none"]),
    ("account_role", "role", ["clerk", "auditor"]),
    ("delay_rule", "clock", ["legal", "internal"]),
    ("delay_rule", "purpose", ["answer", "brief"]),
    ("delay_rule", "start", ["publication", "signalling"]),
    ("delay_rule", "length_unit", ["days", "months"]),
    ("delay_rule", "rollover", ["keep", "next_working_day"]),
    ("delay_rule", "gazette", ["assembly", "senate"]),
    ("calendar_entry", "kind", ["closed", "sitting"]),
    ("calendar_entry", "house", ["assembly", "senate"]),
    ("calendar_entry", "zone", ["metropole", "mayotte"]),
    ("reminder_rule", "level", ["holder", "head"]),
    ("retention_rule", "fate", ["keep", "sort"]),
    ("elimination", "state", ["approved", "done"]),
    ("elimination_item", "disposition", ["destroy", "transfer"]),
    ("elimination_item", "outcome", ["done", "left"]),
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
    renamed(office).await
}

/// A question that a change of government has brought under another name.
async fn renamed(office: &Office) -> Result<()> {
    let record = published(1, day("2026-09-15")?)?;
    office.app.import([Ok(record)].into_iter(), |_| {}).await.fine()?;
    let to = Destination::Ours("Ministère de la justice et des libertés".to_owned());
    let change = government::Change { from: "Justice".to_owned(), to, on: day("2026-11-10")?, unit: None };
    let administrator = office.caller(Person::Administrator).await?;
    let done = office.app.change_government(&administrator, office.key(), change).await.fine()?;
    assert_eq!(office.app.moved_by(done.id).await.fine()?, 1);
    Ok(())
}

/// What the people of the office have seen and settled: a compartment, an opening, a sign-in; all of it sealed.
async fn sealed(office: &Office) -> Result<()> {
    everything(office).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Clerk]).await?;
    let id = office.register(petition("Réservée")).await?.dossier.id;
    office.play(id, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    office.app.dossier(&office.caller(Person::Coordinator).await?, id).await.fine()?.context("not seen")?;
    let entry = Entry {
        id: office.app.new_entry_id(),
        kind: EntryKind::Closed,
        first: day("2027-12-24")?,
        last: day("2027-12-31")?,
        zone: None,
        house: None,
        label: "Fermeture de fin d’année".to_owned(),
    };
    let administrator = office.caller(Person::Administrator).await?;
    office.app.change_delays(&administrator, office.key(), Change::AddEntry(entry)).await.fine()?;
    office.come_in(Person::Clerk.login(), PASSWORD).await?.context("not let in")?;
    let gone = office.register(petition("Par erreur")).await?.dossier.id;
    office.play(gone, [(Person::Clerk, Command::Cancel { note: "Erreur.".to_owned() })]).await?;
    office.set_clock("2027-03-01T11:00:00Z")?;
    let list = crate::eliminations::approved(office, Class::Void).await?;
    office.app.let_go().await.fine()?;
    office.app.elimination(&office.caller(Person::Auditor).await?, list).await.fine()?.context("no list")?;
    office.set_clock("2027-03-02T01:00:00Z")?;
    office.app.seal_day().await.fine()?.context("not sealed")?;
    Ok(())
}

async fn every_table_is_proved_or_proves_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let tables = match engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        Engine::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' \
             AND table_type = 'BASE TABLE'"
        }
    };
    let tables = office.database.sql().await?.all::<String>(tables).await?;
    let tables: BTreeSet<_> =
        tables.into_iter().filter(|table| !WORDS_OF.iter().any(|words| table.starts_with(words))).collect();
    let decided = PROVED.iter().chain(&UNPROVED).map(|(table, _)| (*table).to_owned());
    let (number, decided): (usize, BTreeSet<_>) = (PROVED.len() + UNPROVED.len(), decided.collect());
    assert_eq!(number, decided.len(), "one decision each");
    assert_eq!(tables, decided, "every table is under proof, or has the reason why not");
    Ok(())
}

async fn one_value_altered_is_found(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    sealed(&office).await?;
    assert_eq!(office.faults().await?, [""; 0]);
    let sql = office.database.sql().await?;
    sql.lift_the_guards().await?;
    let (mut tried, mut unseen) = (0, BTreeSet::new());
    for (table, key) in PROVED {
        sql.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await?;
        let rows = sql.one::<i64>(&format!("SELECT count(*) FROM {table}")).await?;
        assert!(rows > 0, "{table} is empty");
        for (column, kind) in columns(engine, &sql, table).await? {
            for row in tried_of(table, rows) {
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

/// Which rows of a table are altered: each of a dossier's; of the settings, which are one digest, the first and the last.
fn tried_of(table: &str, rows: i64) -> Vec<i64> {
    let settings = PROVED.iter().skip_while(|(table, _)| *table != "unit");
    let mut settings = settings.take_while(|(table, _)| *table != "settings_journal");
    if settings.any(|(one, _)| *one == table) && rows > 2 { vec![0, rows - 1] } else { (0..rows).collect() }
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
            "integer" => format!("coalesce({column}, 0) + 1000"),
            "boolean" => format!("NOT {column}"),
            "date_text" => format!("date(coalesce({column}, '2001-01-01'), '-1 day')"),
            "timestamp_with_timezone_text" => "'2001-01-01T00:00:00+00:00'".to_owned(),
            "uuid_text" => "x'00000000000070008000000000000001'".to_owned(),
            other => anyhow::bail!("{table}.{column} is a {other}"),
        },
        (None, Engine::Postgres) => match kind {
            "text" => format!("coalesce({column}, '') || 'x'"),
            "integer" => format!("coalesce({column}, 0) + 1000"),
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
