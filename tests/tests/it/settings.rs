//! The journal of settings: one line for each change, kept with it or not at all.

use anyhow::{Context as _, Result};
use pli_domain::actor::{Grant, Role, Who};
use pli_domain::organisation::UnitCommand;
use pli_domain::people::PersonCommand;
use pli_domain::settings::{SettingsAction, SettingsEntry};
use pli_tests::samples::day;
use pli_tests::{Engine, Fine as _, Office, Person};
use serde_json::{Value, json};

pli_tests::on_both!(
    each_change_leaves_a_line_without_secrets,
    a_change_that_cannot_be_journalled_is_not_made,
    a_line_can_be_neither_changed_nor_taken_out,
    the_journal_is_read_newest_first_by_administrators_and_auditors,
);

async fn lines(office: &Office) -> Result<Vec<SettingsEntry>> {
    let auditor = office.caller(Person::Auditor).await?;
    let mut items = office.app.settings_journal(&auditor, None, 100).await.fine()?.items;
    items.reverse();
    Ok(items)
}

/// The administrator closes a unit.
async fn close(office: &Office, code: &str) -> Result<Result<(), pli_app::Error>> {
    let administrator = office.caller(Person::Administrator).await?;
    let command = UnitCommand::Close { last_day: day("2026-12-31")? };
    let closed = office.app.change_unit(&administrator, office.key(), office.unit(code)?, command).await;
    Ok(closed.map(drop))
}

async fn each_change_leaves_a_line_without_secrets(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let app = &office.app;
    close(&office, "DACS-C1").await?.fine()?;
    let drafter = Grant { role: Role::Drafter, unit: office.unit("DACS")? };
    let command = PersonCommand::Add {
        login: "ozanne".to_owned(),
        name: "Perrine Ozanne".to_owned(),
        email: String::new(),
        grants: vec![drafter],
    };
    let (person, first) = app.add_person(&administrator, office.key(), command).await.fine()?;
    let email = PersonCommand::Change { name: None, email: Some("ozanne@justice.example".to_owned()) };
    for command in
        [email, PersonCommand::Revoke(drafter), PersonCommand::Grant(drafter), PersonCommand::Disable]
    {
        app.change_person(&administrator, office.key(), person.id, command).await.fine()?;
    }
    let (_, second) = app.reset_password(&administrator, office.key(), person.id).await.fine()?;

    let lines = lines(&office).await?;
    let actions: Vec<_> = lines.iter().map(|line| line.action).collect();
    assert_eq!(
        actions,
        [
            SettingsAction::CloseUnit,
            SettingsAction::AddPerson,
            SettingsAction::ChangePerson,
            SettingsAction::RevokeRole,
            SettingsAction::GrantRole,
            SettingsAction::DisableAccount,
            SettingsAction::ResetPassword
        ]
    );
    let mut payloads = Vec::new();
    for (line, place) in lines.iter().zip(1..) {
        assert_eq!((line.seq, line.at, line.who), (place, office.now(), administrator.actor.who));
        payloads.push(serde_json::from_str::<Value>(&line.payload)?);
    }
    assert_eq!(lines[0].subject.id, office.unit("DACS-C1")?.to_string());
    assert_eq!(payloads[0]["before"]["validTo"], Value::Null);
    assert_eq!(payloads[0]["after"]["validTo"], "2026-12-31");
    assert_eq!(lines[1].subject.id, person.id.to_string());
    assert_eq!(payloads[1]["before"], Value::Null);
    let added = json!({
        "login": "ozanne", "name": "Perrine Ozanne", "email": null, "disabled": false, "links": false,
        "roles": ["drafter@DACS"],
    });
    assert_eq!(payloads[1]["after"], added);
    assert_eq!(payloads[2]["after"]["email"], "ozanne@justice.example");
    assert_eq!(payloads[3]["after"]["roles"], json!([]));
    assert_eq!(payloads[5]["after"]["disabled"], true);
    let all = payloads.iter().map(Value::to_string).collect::<String>();
    for secret in [first, second] {
        let secret = secret.context("no password")?;
        assert!(
            !all.contains(secret.reveal()) && !all.contains("argon2") && !all.contains("assword"),
            "{all}"
        );
    }
    Ok(())
}

async fn a_change_that_cannot_be_journalled_is_not_made(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let sql = office.database.sql().await?;
    let deaf = match engine {
        Engine::Sqlite => {
            "CREATE TRIGGER deaf BEFORE INSERT ON settings_journal BEGIN SELECT RAISE(ABORT, 'deaf'); END"
        }
        Engine::Postgres => "ALTER TABLE settings_journal ADD CONSTRAINT deaf CHECK (seq < 0)",
    };
    sql.run(deaf).await?;
    let before = office.app.organisation().await.fine()?.by_code("DACS-C1").cloned();
    close(&office, "DACS-C1").await?.failed()?;
    let administrator = office.caller(Person::Administrator).await?;
    let command = PersonCommand::Add {
        login: "ozanne".to_owned(),
        name: "Perrine Ozanne".to_owned(),
        email: String::new(),
        grants: Vec::new(),
    };
    office.app.add_person(&administrator, office.key(), command).await.map(drop).failed()?;
    assert_eq!(office.app.organisation().await.fine()?.by_code("DACS-C1").cloned(), before);
    assert_eq!(office.database.store.person("ozanne").await?, None);
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM idempotency").await?, 0, "their keys are free");
    Ok(())
}

async fn a_line_can_be_neither_changed_nor_taken_out(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    close(&office, "DACS-C1").await?.fine()?;
    close(&office, "DACS-C2").await?.fine()?;
    let before = lines(&office).await?;
    let sql = office.database.sql().await?;
    let mut attempts = vec![
        "UPDATE settings_journal SET who = 'system:feed'",
        "UPDATE settings_journal SET payload = payload WHERE seq = 1",
        "DELETE FROM settings_journal",
        "DELETE FROM settings_journal WHERE seq = 2",
    ];
    match engine {
        Engine::Postgres => attempts.push("TRUNCATE settings_journal"),
        Engine::Sqlite => attempts.push(
            "INSERT OR REPLACE INTO settings_journal SELECT seq, at, 'system:feed', action, subject_kind, subject_id, \
             payload FROM settings_journal WHERE seq = 2",
        ),
    }
    for attempt in attempts {
        assert!(sql.run(attempt).await.is_err(), "{attempt}");
    }
    assert_eq!(lines(&office).await?, before);
    Ok(())
}

async fn the_journal_is_read_newest_first_by_administrators_and_auditors(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for code in ["DACS-C1", "DACS-C2", "DACS-C3", "DACS-C", "DACS-D1"] {
        close(&office, code).await?.fine()?;
    }
    for (person, caller) in office.everybody().await? {
        let first = office.app.settings_journal(&caller, None, 2).await;
        if !matches!(person, Person::Administrator | Person::Auditor) {
            assert_eq!(first.map(drop).refused()?.code(), "NOT_YOURS", "{person:?}");
            continue;
        }
        let mut page = first.fine()?;
        let mut seen = Vec::new();
        while page.more {
            seen.extend(page.items.iter().map(|line| line.seq));
            page = office.app.settings_journal(&caller, seen.last().copied(), 2).await.fine()?;
        }
        seen.extend(page.items.iter().map(|line| line.seq));
        assert_eq!(seen, [5, 4, 3, 2, 1]);
        assert!(page.items.iter().all(|line| matches!(line.who, Who::User(_))));
    }
    Ok(())
}
