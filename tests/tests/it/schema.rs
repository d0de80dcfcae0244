//! The schema: its steps forwards and back, and the words that the database itself holds to.

use anyhow::Result;
use pli_app::Origin;
use pli_domain::actor::Role;
use pli_domain::assignment::{AssignmentStage, Part};
use pli_domain::calendar::EntryKind;
use pli_domain::deadline::DeadlineStage;
use pli_domain::delay::plan::Plan;
use pli_domain::delay::{Clock, LengthUnit, Purpose, Rollover, StartEvent};
use pli_domain::dossier::{Category, Channel, Kind, Media};
use pli_domain::identity::House;
use pli_domain::import_run::Feed;
use pli_domain::organisation::UnitKind;
use pli_domain::reference::Series;
use pli_domain::reminder::{Level, Notifications};
use pli_tests::samples::{pdf, petition, question};
use pli_tests::{Engine, Fine as _, Office, Person, Sql, TestStore};
use strum::VariantArray;

pli_tests::on_both!(
    every_step_can_be_taken_back_and_taken_again,
    to_migrate_twice_is_to_migrate_once,
    the_database_knows_the_words_of_the_domain_and_no_others,
);

/// Everything that the schema is made of, as the engine tells it.
async fn described(engine: Engine, sql: &Sql) -> Result<Vec<String>> {
    let query = match engine {
        Engine::Sqlite => {
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master \
             WHERE name NOT LIKE 'seaql%' AND tbl_name NOT LIKE 'seaql%' ORDER BY 1"
        }
        Engine::Postgres => {
            "SELECT t FROM ( \
               SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) AS t \
               FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'seaql%' \
               UNION ALL SELECT indexdef FROM pg_indexes \
               WHERE schemaname = 'public' AND tablename NOT LIKE 'seaql%' \
               UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
               FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
                 AND conrelid <> 0 AND conrelid::regclass::text NOT LIKE 'seaql%' \
               UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
               UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace \
             ) AS all_of_it ORDER BY t"
        }
    };
    sql.all(query).await
}

/// Takes this step of the schema back, by the beginning of its name, and those after it: the database is as an older Pli left it.
pub(crate) async fn step_back(office: &Office, step: &str) -> Result<()> {
    let sql = office.database.sql().await?;
    let since = format!("SELECT COUNT(*) FROM seaql_migrations WHERE version >= '{step}'");
    let steps = sql.one::<i64>(&since).await?;
    Ok(office.database.store.unmigrate(Some(steps.try_into()?)).await?)
}

async fn every_step_can_be_taken_back_and_taken_again(engine: Engine) -> Result<()> {
    let database = TestStore::bare(engine).await?;
    let sql = database.sql().await?;
    assert_eq!(described(engine, &sql).await?, [""; 0]);
    database.store.migrate().await?;
    let up = described(engine, &sql).await?;
    assert!(up.len() > 16, "{up:?}");
    database.store.unmigrate(None).await?;
    assert_eq!(described(engine, &sql).await?, [""; 0], "left behind");
    database.store.migrate().await?;
    assert_eq!(described(engine, &sql).await?, up);
    Ok(())
}

async fn to_migrate_twice_is_to_migrate_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let letter = office.register(petition("Migrée")).await?;
    office.database.store.migrate().await?;
    let clerk = office.caller(Person::Clerk).await?;
    assert_eq!(office.app.dossier(&clerk, letter.dossier.id).await.fine()?, Some(letter));
    Ok(())
}

fn words<T: VariantArray + Copy + Into<&'static str>>() -> Vec<&'static str> {
    T::VARIANTS.iter().map(|variant| (*variant).into()).collect()
}

/// Each column with a closed list of words gets each word in turn, and then one that no enum has.
async fn the_database_knows_the_words_of_the_domain_and_no_others(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let id = office.register(petition("Mots")).await?.dossier.id;
    let scan = office.receive("lettre.pdf", &pdf("Madame")).await.fine()?;
    office.play(id, [(Person::Clerk, scan.into())]).await?;
    office.play(id, office.to_answer()?).await?;
    office.app.receive_question(&clerk, office.key(), question(1)).await.fine()?;
    let sql = office.database.sql().await?;
    sql.run(
        "INSERT INTO calendar_entry (id, kind, first_on, last_on, label) SELECT id, 'closed', '2026-05-15', \
         '2026-05-15', 'Pont' FROM unit LIMIT 1",
    )
    .await?;
    let origin = Origin { feed: Feed::Senate, source: "questions.csv".to_owned(), digest: None };
    office.app.import_refused(&origin, "illisible".to_owned()).await.fine()?;
    let one = |table: &str, place: &str| format!("SELECT {place} FROM {table} ORDER BY {place} LIMIT 1");
    let mut open_to_all = Vec::new();
    for (table, column, known) in [
        ("unit", "kind", words::<UnitKind>()),
        ("account_role", "role", words::<Role>()),
        ("dossier", "kind", words::<Kind>()),
        ("mail", "category", words::<Category>()),
        ("mail", "channel", words::<Channel>()),
        ("assignment", "part", words::<Part>()),
        ("assignment", "stage", words::<AssignmentStage>()),
        ("deadline", "clock", words::<Clock>()),
        ("deadline", "stage", words::<DeadlineStage>()),
        ("deadline", "purpose", words::<Purpose>()),
        ("dossier", "plan", words::<Plan>()),
        ("account", "notifications", words::<Notifications>()),
        ("delay_rule", "clock", words::<Clock>()),
        ("delay_rule", "purpose", words::<Purpose>()),
        ("delay_rule", "start", words::<StartEvent>()),
        ("delay_rule", "length_unit", words::<LengthUnit>()),
        ("delay_rule", "rollover", words::<Rollover>()),
        ("delay_rule", "gazette", words::<House>()),
        ("calendar_entry", "kind", words::<EntryKind>()),
        ("calendar_entry", "house", words::<House>()),
        ("reminder_rule", "level", words::<Level>()),
        ("attachment", "media", words::<Media>()),
        ("import_run", "feed", words::<Feed>()),
        ("counter", "series", vec![Series::Arrival.into(), Series::Departure.into()]),
    ] {
        let place = if engine == Engine::Sqlite { "rowid" } else { "ctid" };
        for word in known {
            // The counter has a row for each series already: one is enough to try each word on.
            if table == "counter" {
                sql.run("DELETE FROM counter WHERE series = 'departure'").await?;
            }
            let row = one(table, place);
            let update = format!("UPDATE {table} SET {column} = '{word}' WHERE {place} = ({row})");
            assert_eq!(sql.run(&update).await?, 1, "{update}");
        }
        let row = one(table, place);
        let unknown = format!("UPDATE {table} SET {column} = 'inconnu' WHERE {place} = ({row})");
        if sql.run(&unknown).await.is_ok() {
            open_to_all.push((table, column));
        }
    }
    assert_eq!(open_to_all, [("", ""); 0], "an unknown word was let in");
    Ok(())
}
