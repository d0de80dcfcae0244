//! The searches that a person keeps: theirs alone, under a name, within limits.

use anyhow::Result;
use pli_app::{Asked, Error, Late, List, NewSearch, SavedSearch, SearchChange};
use pli_domain::deadline::{AgeClass, Timeliness};
use pli_domain::delay::Clock;
use pli_domain::dossier::{Kind, Outcome, Stage};
use pli_domain::identity::{House, QuestionType};
use pli_domain::ids::{DigestId, GovernmentChangeId, MemberId};
use pli_domain::refusal::Refusal;
use pli_domain::saved::MOST;
use pli_tests::samples::{day, petition};
use pli_tests::{Engine, Fine as _, Office, Person, Sql};

pli_tests::on_both!(
    a_search_is_kept_as_it_was_and_found_by_its_owner_alone,
    what_is_asked_twice_is_done_once,
    names_are_ones_own_and_there_is_a_limit,
    an_alert_knows_what_was_there_and_is_refused_when_too_wide,
    looking_for_what_is_new_costs_what_one_search_knows,
);

fn search(name: &str, list: List) -> NewSearch {
    NewSearch { name: name.to_owned(), list, alert: false }
}

fn words(words: &str) -> List {
    List { words: Some(words.to_owned()), ..List::default() }
}

async fn names(office: &Office, person: Person) -> Result<Vec<String>> {
    let caller = office.caller(person).await?;
    let kept = office.app.saved_searches(&caller).await.fine()?;
    Ok(kept.into_iter().map(|search| search.name).collect())
}

async fn a_search_is_kept_as_it_was_and_found_by_its_owner_alone(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let everything = List {
        open: Some(true),
        kind: Some(Kind::Question),
        stage: Some(Stage::Closed(Outcome::Answered)),
        unit: Some(office.unit("DACS")?),
        unrouted: true,
        clock: Some(Clock::Internal),
        late: Some(Late::Class(AgeClass::UpTo30)),
        at_risk: true,
        due: Some((day("2026-11-01")?, day("2026-11-30")?)),
        to_acknowledge: true,
        to_decide: true,
        declined: true,
        signalled: true,
        reserved: true,
        presented: true,
        since: Some(office.now()),
        sitting: Some((day("2026-11-24")?, day("2026-12-08")?)),
        import: Some(12),
        government: Some("0190b6d2-7c3a-7000-8000-000000000003".parse::<GovernmentChangeId>()?),
        message: Some("0190b6d2-7c3a-7000-8000-000000000001".parse::<DigestId>()?),
        year: Some(2026),
        answered: Some(Timeliness::Late),
        awaiting_me: true,
        unanswered: true,
        received: Some((day("2025-01-01")?, day("2025-12-31")?)),
        asked: Asked {
            house: Some(House::Senate),
            kind: Some(QuestionType::Qe),
            group: Some("SOC".to_owned()),
        },
        member: Some("0190b6d2-7c3a-7000-8000-000000000002".parse::<MemberId>()?),
        closed: Some((day("2026-01-01")?, day("2026-06-30")?)),
        as_of: Some(day("2026-11-02")?),
        words: Some("« aide juridictionnelle » 50 %".to_owned()),
    };
    for (name, list) in [("Tout", everything), ("Élus", List::default()), ("avocats", words("avocat"))] {
        let saved = office.app.save_search(&clerk, office.key(), search(name, list.clone())).await.fine()?;
        let kept = office.app.saved_searches(&clerk).await.fine()?;
        assert_eq!(kept.iter().find(|other| other.name == name), Some(&saved));
        assert_eq!(saved.list, list);
    }
    assert_eq!(names(&office, Person::Clerk).await?, ["avocats", "Élus", "Tout"], "as a person sorts them");
    let [saved, ..] = &office.app.saved_searches(&clerk).await.fine()?[..] else { panic!("none is kept") };
    for person in Person::ALL.into_iter().filter(|person| *person != Person::Clerk) {
        assert_eq!(names(&office, person).await?, [""; 0], "{person:?}");
        let other = office.caller(person).await?;
        let change = SearchChange { alert: Some(true), ..SearchChange::default() };
        let changed = office.app.change_search(&other, office.key(), saved.id, change).await;
        assert!(matches!(changed, Err(Error::NotFound)), "{person:?}: {changed:?}");
        let removed = office.app.remove_search(&other, office.key(), saved.id).await;
        assert!(matches!(removed, Err(Error::NotFound)), "{person:?}: {removed:?}");
    }
    office.app.remove_search(&clerk, office.key(), saved.id).await.fine()?;
    assert_eq!(names(&office, Person::Clerk).await?, ["Élus", "Tout"]);
    let again = office.app.remove_search(&clerk, office.key(), saved.id).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    Ok(())
}

async fn what_is_asked_twice_is_done_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let (save, rename, remove) = (office.key(), office.key(), office.key());
    let saved =
        office.app.save_search(&clerk, save.clone(), search("Avocats", words("avocat"))).await.fine()?;
    let again =
        office.app.save_search(&clerk, save.clone(), search("Avocats", words("avocat"))).await.fine()?;
    assert_eq!(again, saved);
    let other = office.app.save_search(&clerk, save, search("Autre", words("avocat"))).await;
    assert!(matches!(other, Err(Error::KeyReused)), "{other:?}");
    let change = SearchChange { name: Some("Barreau".to_owned()), ..SearchChange::default() };
    for _ in 0..2 {
        let renamed =
            office.app.change_search(&clerk, rename.clone(), saved.id, change.clone()).await.fine()?;
        assert_eq!(renamed, SavedSearch { name: "Barreau".to_owned(), ..saved.clone() });
    }
    for _ in 0..2 {
        office.app.remove_search(&clerk, remove.clone(), saved.id).await.fine()?;
    }
    assert_eq!(names(&office, Person::Clerk).await?, [""; 0]);
    Ok(())
}

async fn names_are_ones_own_and_there_is_a_limit(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let save =
        async |name: &str| office.app.save_search(&clerk, office.key(), search(name, List::default())).await;
    for nothing in ["", " \u{a0} "] {
        assert_eq!(save(nothing).await.refused()?, Refusal::Required { field: "name" });
    }
    save("Été").await.fine()?;
    assert_eq!(save("  ete ").await.refused()?, Refusal::SearchNameTaken);
    let coordinator = office.caller(Person::Coordinator).await?;
    office.app.save_search(&coordinator, office.key(), search("Été", List::default())).await.fine()?;
    let hiver = save("Hiver").await.fine()?;
    let rename = async |name: &str| {
        let change = SearchChange { name: Some(name.to_owned()), ..SearchChange::default() };
        office.app.change_search(&clerk, office.key(), hiver.id, change).await
    };
    assert_eq!(rename("ÉTÉ").await.refused()?, Refusal::SearchNameTaken);
    assert_eq!(rename("HIVER").await.fine()?.name, "HIVER", "its own name is free");
    for number in 3..=MOST {
        save(&format!("Recherche {number}")).await.fine()?;
    }
    assert_eq!(save("Une de trop").await.refused()?, Refusal::TooManySearches);
    office.app.remove_search(&clerk, office.key(), hiver.id).await.fine()?;
    save("La dernière").await.fine()?;
    Ok(())
}

async fn an_alert_knows_what_was_there_and_is_refused_when_too_wide(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = office.caller(Person::Clerk).await?;
    for number in 0..3 {
        office.register(petition(&format!("Lettre {number}"))).await?;
    }
    let sql = office.database.sql().await?;
    let known = async || sql.all::<String>("SELECT CAST(count(*) AS text) FROM known_match").await;
    let new = NewSearch { alert: true, ..search("Lettres", words("lettre")) };
    let saved = office.app.save_search(&clerk, office.key(), new).await.fine()?;
    assert!(saved.alert);
    assert_eq!(known().await?, ["3"]);
    let switch = async |alert| {
        let change = SearchChange { alert: Some(alert), ..SearchChange::default() };
        office.app.change_search(&clerk, office.key(), saved.id, change).await
    };
    assert!(!switch(false).await.fine()?.alert);
    assert_eq!(known().await?, ["0"]);
    assert!(switch(true).await.fine()?.alert);
    assert_eq!(known().await?, ["3"]);
    switch(false).await.fine()?;
    many(engine, &sql, 1_000).await?;
    let all = office.app.save_search(&clerk, office.key(), search("Tout", List::default())).await.fine()?;
    let change = SearchChange { alert: Some(true), ..SearchChange::default() };
    let wide = office.app.change_search(&clerk, office.key(), all.id, change).await.refused()?;
    assert_eq!((wide.code(), wide.field()), ("ALERT_TOO_WIDE", Some("alert")));
    let new = NewSearch { alert: true, ..search("Encore tout", List::default()) };
    assert_eq!(office.app.save_search(&clerk, office.key(), new).await.refused()?, Refusal::AlertTooWide);
    assert_eq!(names(&office, Person::Clerk).await?, ["Lettres", "Tout"], "nothing half-kept");
    office.app.remove_search(&clerk, office.key(), saved.id).await.fine()?;
    assert_eq!(known().await?, ["0"], "nothing is left behind");
    Ok(())
}

/// As many letters again, all alike, straight into the table.
async fn many(engine: Engine, sql: &Sql, count: u32) -> Result<()> {
    let columns = match engine {
        Engine::Sqlite => {
            "SELECT group_concat(name, ', ') FROM pragma_table_info('dossier') WHERE name NOT IN ('id', 'reference')"
        }
        Engine::Postgres => {
            "SELECT string_agg(column_name, ', ') FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = 'dossier' AND column_name NOT IN ('id', 'reference')"
        }
    };
    let columns = sql.all::<String>(columns).await?.join("");
    let (numbers, id) = match engine {
        Engine::Sqlite => (
            format!(
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)"
            ),
            "randomblob(16)",
        ),
        Engine::Postgres => (format!("generate_series(1, {count}) AS n(i)"), "gen_random_uuid()"),
    };
    let statement = format!(
        "INSERT INTO dossier (id, reference, {columns}) SELECT {id}, 'SG-2019-A-' || i, {columns} FROM {numbers} \
         CROSS JOIN (SELECT * FROM dossier LIMIT 1) AS one"
    );
    assert_eq!(sql.run(&statement).await?, u64::from(count));
    Ok(())
}

async fn looking_for_what_is_new_costs_what_one_search_knows(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(petition("Modèle")).await?;
    let clerk = office.caller(Person::Clerk).await?;
    let new = NewSearch { alert: true, ..search("Modèle", words("modèle")) };
    let saved = office.app.save_search(&clerk, office.key(), new).await.fine()?;
    let sql = office.database.sql().await?;
    many(engine, &sql, 20_000).await?;
    let others = match engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    // Other searches, of others, know everything.
    for number in 0..3 {
        sql.run(&format!(
            "INSERT INTO saved_search (id, account_id, name, list, alert, looked_on, created_at) \
             SELECT {others}, account_id, 'autre {number}', list, alert, looked_on, created_at FROM saved_search LIMIT 1"
        ))
        .await?;
    }
    sql.run(
        "INSERT INTO known_match (search_id, dossier_id) SELECT saved_search.id, dossier.id \
         FROM saved_search CROSS JOIN dossier WHERE saved_search.name LIKE 'autre%'",
    )
    .await?;
    sql.run(if engine == Engine::Sqlite { "ANALYZE" } else { "VACUUM ANALYZE" }).await?;
    let id = match engine {
        Engine::Sqlite => format!("x'{}'", saved.id.0.simple()),
        Engine::Postgres => format!("'{}'", saved.id),
    };
    // The search's own rows by the key of the table, whatever the others know.
    let known = format!("SELECT dossier_id FROM known_match WHERE search_id = {id}");
    let news = format!(
        "SELECT id FROM dossier WHERE open AND id NOT IN ({known}) ORDER BY received_on DESC, id DESC"
    );
    for query in [&known, &news] {
        let plan = sql.plan(query).await?;
        let by_key = match engine {
            Engine::Sqlite => plan.contains("SEARCH known_match USING") && plan.contains("(search_id=?)"),
            Engine::Postgres => {
                !plan.contains("Seq Scan on known_match") && plan.contains("known_match_pkey")
            }
        };
        assert!(by_key, "{query}\n{plan}");
    }
    // The alerts of the day, without all the searches that nobody wants to hear of.
    sql.run(&format!(
        "INSERT INTO saved_search (id, account_id, name, list, alert, looked_on, created_at) \
         SELECT {others}, account_id, one.reference, list, false, looked_on, saved_search.created_at \
         FROM saved_search CROSS JOIN (SELECT reference FROM dossier LIMIT 2000) AS one WHERE name = 'Modèle'"
    ))
    .await?;
    sql.run(if engine == Engine::Sqlite { "ANALYZE" } else { "VACUUM ANALYZE" }).await?;
    let due = r#"SELECT * FROM "saved_search" WHERE "saved_search"."alert" AND "saved_search"."looked_on" < '2026-11-23' ORDER BY "saved_search"."created_at" ASC, "saved_search"."id" ASC"#;
    let plan = sql.plan(due).await?;
    assert!(plan.contains("saved_search_alert"), "{plan}");
    Ok(())
}
