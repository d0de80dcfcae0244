//! The journal of the whole register: newest first, by pages, each in scope, at the cost of a page.

use anyhow::Result;
use pli_app::{Acts, Caller, RegisterLine, Sheet};
use pli_domain::actor::{SystemActor, Who};
use pli_domain::dossier::{Action, Command, Kind};
use pli_tests::samples::{day, petition, question, route};
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    each_reads_the_journals_of_what_they_may_read_and_no_others,
    the_newest_act_comes_first_whatever_the_page,
    each_filter_narrows_to_what_it_says,
    many_dossiers_are_read_another_way_and_the_same,
    a_page_is_found_by_the_indexes,
);

/// Several stories, an hour apart, acts that are refused among them.
async fn stories(office: &Office) -> Result<Vec<Sheet>> {
    let clerk = office.caller(Person::Clerk).await?;
    let dap = office.unit("DAP")?;
    let mut sheets = Vec::new();
    for hour in 0..4 {
        office.set_clock(&format!("2026-11-2{}T{:02}:30:00.250Z", 1 + hour / 2, 8 + hour))?;
        let mut sheet = office.register(petition(&format!("Lettre {hour}"))).await?;
        if hour > 0 {
            let steps = office.to_answer()?.into_iter().take(2 * hour);
            sheet = office.play(sheet.dossier.id, steps).await?;
        }
        office.act(Person::Auditor, sheet.dossier.id, Command::Accept).await?.refused()?;
        sheets.push(sheet);
    }
    let sheet = office.app.receive_question(&clerk, office.key(), question(7)).await.fine()?;
    sheets.push(office.play(sheet.dossier.id, [(Person::Coordinator, route(dap))]).await?);
    Ok(sheets)
}

async fn whole(office: &Office, caller: &Caller, acts: &Acts, size: u64) -> Result<Vec<RegisterLine>> {
    let (mut lines, mut before) = (Vec::new(), None);
    loop {
        let page = office.app.register(caller, acts, before, size).await.fine()?;
        assert!(page.items.len() <= usize::try_from(size)?);
        before = page.items.last().map(RegisterLine::place);
        lines.extend(page.items);
        if !page.more {
            return Ok(lines);
        }
    }
}

fn key(line: &RegisterLine) -> (pli_domain::time::Timestamp, pli_domain::ids::DossierId, u32) {
    (line.line.entry.at, line.line.entry.dossier, line.line.entry.seq)
}

async fn each_reads_the_journals_of_what_they_may_read_and_no_others(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sheets = stories(&office).await?;
    let mut numbers = Vec::new();
    for (person, caller) in office.everybody().await? {
        let mut expected = Vec::new();
        for sheet in &sheets {
            let journal = office.app.journal(&caller, sheet.dossier.id, 0, 100).await.fine()?;
            assert_eq!(!journal.items.is_empty(), sheet.dossier.is_in(&caller.scope), "{person:?}");
            expected.extend(journal.items.into_iter().map(|line| RegisterLine {
                line,
                kind: sheet.dossier.kind(),
                reference: sheet.dossier.reference.clone(),
                subject: sheet.subject.clone(),
            }));
        }
        expected.sort_by_key(key);
        expected.reverse();
        let found = whole(&office, &caller, &Acts::default(), 3).await?;
        assert_eq!(found, expected, "{person:?}");
        numbers.push((person, found.len()));
    }
    let number = |person| numbers.iter().find(|(one, _)| *one == person).map(|(_, number)| *number);
    assert_eq!(number(Person::Auditor), Some(22));
    assert_eq!(number(Person::Drafter), Some(18));
    assert_eq!(number(Person::Prisons), Some(2));
    assert_eq!(number(Person::Administrator), Some(0));
    Ok(())
}

async fn the_newest_act_comes_first_whatever_the_page(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    stories(&office).await?;
    let auditor = office.caller(Person::Auditor).await?;
    let all = whole(&office, &auditor, &Acts::default(), 100).await?;
    let keys: Vec<_> = all.iter().map(key).collect();
    assert!(keys.is_sorted_by(|one, next| one > next), "{keys:?}");
    for size in [1, 2, 5, 21, 22, 23] {
        assert_eq!(whole(&office, &auditor, &Acts::default(), size).await?, all, "by {size}");
    }
    // What is added meanwhile is before the first page: the next one neither repeats nor leaves out.
    let first = office.app.register(&auditor, &Acts::default(), None, 5).await.fine()?.items;
    office.set_clock("2026-11-25T08:00:00Z")?;
    office.register(petition("Arrivée entre-temps")).await?;
    let before = first.last().map(RegisterLine::place);
    let next = office.app.register(&auditor, &Acts::default(), before, 100).await.fine()?.items;
    assert_eq!([first, next].concat(), all);
    Ok(())
}

/// Whether a line is one of those that are asked for, by the line itself: not by the query.
fn asked_for(acts: &Acts, line: &RegisterLine) -> bool {
    let (entry, on) = (&line.line.entry, line.line.entry.at.paris_date());
    acts.who.is_none_or(|who| entry.who == who)
        && acts.action.is_none_or(|action| entry.action == <&str>::from(action))
        && acts.from.is_none_or(|from| on >= from)
        && acts.to.is_none_or(|to| on <= to)
        && acts.kind.is_none_or(|kind| (kind == Kind::Question) == line.reference.starts_with("AN-"))
}

async fn each_filter_narrows_to_what_it_says(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    stories(&office).await?;
    let auditor = office.caller(Person::Auditor).await?;
    let all = whole(&office, &auditor, &Acts::default(), 100).await?;
    let clerk = office.caller(Person::Clerk).await?.actor.who;
    let at = |text: &str| day(text).map(Some);
    let any = Acts::default;
    let cases = [
        (Acts { who: Some(clerk), ..any() }, 5),
        (Acts { who: Some(Who::System(SystemActor::Feed)), ..any() }, 0),
        (Acts { action: Some(Action::Accept), ..any() }, 7),
        (Acts { from: at("2026-11-22")?, ..any() }, 16),
        (Acts { to: at("2026-11-21")?, ..any() }, 6),
        (Acts { from: at("-0001-01-01")?, to: at("9999-12-31")?, ..any() }, 22),
        (Acts { from: at("2026-11-22")?, to: at("2026-11-21")?, ..any() }, 0),
        (Acts { kind: Some(Kind::Question), ..any() }, 2),
        (
            Acts {
                kind: Some(Kind::Mail),
                action: Some(Action::Register),
                who: Some(clerk),
                from: at("2026-11-21")?,
                to: at("2026-11-21")?,
            },
            2,
        ),
    ];
    for (acts, number) in cases {
        let expected: Vec<_> = all.iter().filter(|line| asked_for(&acts, line)).cloned().collect();
        assert_eq!(expected.len(), number, "{acts:?}");
        assert_eq!(whole(&office, &auditor, &acts, 2).await?, expected, "{acts:?}");
    }
    Ok(())
}

/// A direction that has had a part in thousands of dossiers is read by walking the journal: it must see the same.
async fn many_dossiers_are_read_another_way_and_the_same(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    stories(&office).await?;
    let people = [Person::Drafter, Person::Prisons];
    let mut before = Vec::new();
    for person in people {
        let caller = office.caller(person).await?;
        before.push(whole(&office, &caller, &Acts::default(), 3).await?);
    }
    let sql = office.database.sql().await?;
    let numbers = match engine {
        Engine::Sqlite => "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)",
        Engine::Postgres => "WITH n AS (SELECT generate_series(10, 1200) AS i)",
    };
    // Parts that are over: they open nothing.
    let over = format!(
        "INSERT INTO assignment (dossier_id, position, unit_id, part, stage, since) {numbers} \
         SELECT dossier.id, 2 * i + (CASE code WHEN 'DAP' THEN 1 ELSE 0 END), unit.id, 'informed', 'withdrawn', '2026-01-01' FROM n, \
         (SELECT id FROM dossier ORDER BY reference DESC LIMIT 1) AS dossier, unit WHERE code IN ('DACS', 'DAP')"
    );
    assert_eq!(sql.run(&over).await?, 2_382);
    for (person, before) in people.into_iter().zip(before) {
        let caller = office.caller(person).await?;
        assert_eq!(whole(&office, &caller, &Acts::default(), 3).await?, before, "{person:?}");
        let acts = Acts { kind: Some(Kind::Mail), action: Some(Action::Accept), ..Acts::default() };
        let narrowed = whole(&office, &caller, &acts, 3).await?;
        let expected =
            before.iter().filter(|line| line.kind == Kind::Mail && line.line.entry.action == "accept");
        assert_eq!(narrowed, expected.cloned().collect::<Vec<_>>(), "{person:?}");
    }
    Ok(())
}

/// What is asked of the journal, in the words in which it is sent, and the index that answers: the next page of everything,
/// one person's acts, one sort of act, questions alone, some days; then what a direction of many dossiers may read, and a
/// bureau of few.
fn questions(engine: Engine, many: &str, few: &str) -> Vec<(String, &'static str)> {
    let nobody = match engine {
        Engine::Sqlite => "X'00000000000070008000000000000000'",
        Engine::Postgres => "'00000000-0000-7000-8000-000000000000'",
    };
    let parts = |unit: &str, and: &str| {
        format!(
            r#"(SELECT "dossier_id" FROM "assignment" WHERE "unit_id" IN ({unit}) AND "stage" NOT IN ('declined', 'withdrawn'){and})"#
        )
    };
    let key = r#"("journal"."at", "journal"."dossier_id", "journal"."seq")"#;
    let same = r#" AND "assignment"."dossier_id" = "journal"."dossier_id""#;
    let kind = r#"EXISTS(SELECT 1 FROM "dossier" WHERE "dossier"."id" = "journal"."dossier_id" AND "dossier"."kind" = 'mail')"#;
    let asked = [
        ("TRUE".to_owned(), "journal_at"),
        (format!("{key} < ('2020-01-10T00:00:00+00:00', {nobody}, 3)"), "journal_at"),
        (r#""journal"."who" = 'user:17'"#.to_owned(), "journal_who"),
        (r#""journal"."action" = 'act17'"#.to_owned(), "journal_action"),
        (kind.to_owned(), "journal_at"),
        (
            r#""journal"."at" >= '2020-01-05T00:00:00+00:00' AND "journal"."at" < '2020-01-06T00:00:00+00:00'"#
                .to_owned(),
            "journal_at",
        ),
        (format!("EXISTS{}", parts(many, same)), "journal_at"),
        (format!(r#""journal"."dossier_id" IN {}"#, parts(few, "")), "assignment_unit"),
    ];
    let order = r#"ORDER BY "journal"."at" DESC, "journal"."dossier_id" DESC, "journal"."seq" DESC LIMIT 51"#;
    let whole = |(asked, index)| (format!(r#"SELECT * FROM "journal" WHERE {asked} {order}"#), index);
    asked.into_iter().map(whole).collect()
}

async fn a_page_is_found_by_the_indexes(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.register(petition("Modèle")).await?;
    let sql = office.database.sql().await?;
    let (dossiers, entries, id, at) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6)",
            "randomblob(16)",
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2020-01-01', '+' || (d * 6 + i) || ' minutes')",
        ),
        Engine::Postgres => (
            "WITH n AS (SELECT generate_series(1, 5000) AS i)",
            "WITH n AS (SELECT generate_series(1, 6) AS i)",
            "gen_random_uuid()",
            "timestamptz '2020-01-01 00:00:00Z' + (d * 6 + i) * interval '1 minute'",
        ),
    };
    let closed = format!(
        "INSERT INTO dossier (id, kind, reference, stage, open, subject, content, received_on, due_on, \
         closed_on, version, created_at, updated_at) {dossiers} \
         SELECT {id}, 'mail', i, 'closed:answered', FALSE, subject, content, received_on, due_on, \
         received_on, version, created_at, updated_at FROM n CROSS JOIN (SELECT * FROM dossier LIMIT 1) AS one"
    );
    assert_eq!(sql.run(&closed).await?, 5_000);
    let numbered = "(SELECT id, CAST(reference AS integer) AS d FROM dossier WHERE NOT open) AS numbered";
    let written = format!(
        "INSERT INTO journal (dossier_id, seq, at, who, action, from_stage, to_stage, payload, accepted, hash) \
         {entries} SELECT id, i, {at}, 'user:' || (d % 50), 'act' || (d % 40), '', '', '{{}}', TRUE, '' \
         FROM n CROSS JOIN {numbered}"
    );
    assert_eq!(sql.run(&written).await?, 30_000);
    for (code, which) in [("DACS", "d % 2 = 0"), ("DAP", "d < 4")] {
        let given = format!(
            "INSERT INTO assignment (dossier_id, position, unit_id, part, stage, since) \
             SELECT numbered.id, {}, unit.id, 'lead', 'accepted', '2020-01-01' FROM {numbered}, unit \
             WHERE code = '{code}' AND {which}",
            code.len()
        );
        sql.run(&given).await?;
    }
    sql.run("ANALYZE").await?;
    let unit = |code| {
        let id = office.unit(code)?.0;
        anyhow::Ok(if engine == Engine::Sqlite { format!("X'{}'", id.simple()) } else { format!("'{id}'") })
    };
    for (query, index) in questions(engine, &unit("DACS")?, &unit("DAP")?) {
        let plan = sql.plan(&query).await?;
        assert!(plan.contains(index), "{query}\n{plan}");
        let scan = if engine == Engine::Sqlite { "SCAN journal\n" } else { "Seq Scan on journal" };
        assert!(!format!("{plan}\n").contains(scan), "{query}\n{plan}");
        let sorts = plan.contains("USE TEMP B-TREE FOR ORDER BY") || plan.contains("Sort");
        assert_eq!(sorts, index == "assignment_unit", "{query}\n{plan}");
    }
    Ok(())
}
