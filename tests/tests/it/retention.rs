//! The end of closed dossiers: what has reached it, by a table that is kept by versions, and what is held back.

use anyhow::Result;
use pli_app::EndedPlace;
use pli_domain::actor::Role;
use pli_domain::dossier::Command;
use pli_domain::ids::DossierId;
use pli_domain::refusal::Refusal;
use pli_domain::retention::{Class, Fate, NewRetention, RetentionRefusal};
use pli_domain::settings::SettingsAction;
use pli_tests::samples::petition;
use pli_tests::{Engine, Fine as _, Office, Person};

pli_tests::on_both!(
    what_closed_is_due_when_its_life_is_over_and_not_before,
    what_is_frozen_reopened_or_reserved_is_not_on_the_list_of_others,
    a_line_of_the_table_is_changed_by_versions,
    what_is_due_is_found_by_its_index,
);

/// A letter that the clerk cancels today.
pub(crate) async fn cancelled(office: &Office, subject: &str) -> Result<DossierId> {
    let id = office.register(petition(subject)).await?.dossier.id;
    office.play(id, [(Person::Clerk, Command::Cancel { note: "Erreur.".to_owned() })]).await?;
    Ok(id)
}

/// What is due of a class, for a person.
async fn due(office: &Office, person: Person, class: Class) -> Result<Vec<DossierId>> {
    let caller = office.caller(person).await?;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = office.app.ended(&caller, class, None, after, 2).await.fine()?;
        after = page.items.last().map(|sheet| EndedPlace {
            closed_on: sheet.dossier.closed_on.unwrap_or_default(),
            id: sheet.dossier.id,
        });
        all.extend(page.items.iter().map(|sheet| sheet.dossier.id));
        if !page.more {
            return Ok(all);
        }
    }
}

async fn what_closed_is_due_when_its_life_is_over_and_not_before(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(cancelled(&office, &format!("Erreur {number}")).await?);
    }
    let answered = office.register(petition("Répondue")).await?.dossier.id;
    office.play(answered, office.to_answer()?).await?;
    office.register(petition("Ouverte")).await?;
    ids.sort_unstable();
    let coordinator = office.caller(Person::Coordinator).await?;
    // Closed on 22 November: three months for what was registered by mistake, 63 for a request.
    office.set_clock("2027-02-21T11:00:00Z")?;
    assert_eq!(office.app.ended_counts(&office.caller(Person::Coordinator).await?).await.fine()?, []);
    office.set_clock("2027-02-22T11:00:00Z")?;
    assert_eq!(due(&office, Person::Coordinator, Class::Void).await?, ids);
    let counts = office.app.ended_counts(&coordinator).await.fine()?;
    let told: Vec<_> = counts.iter().map(|count| (count.class, count.reserved, count.dossiers)).collect();
    assert_eq!(told, [(Class::Void, None, 5)]);
    office.set_clock("2032-02-22T11:00:00Z")?;
    assert_eq!(due(&office, Person::Auditor, Class::Petition).await?, [answered]);
    for person in [Person::Clerk, Person::Drafter, Person::Administrator, Person::Signatory] {
        let refused = office.app.ended_counts(&office.caller(person).await?).await;
        let only = Refusal::OnlyFor { role: Role::Coordinator };
        assert!(matches!(refused, Err(pli_app::Error::Refused(refusal)) if refusal == only), "{person:?}");
    }
    Ok(())
}

async fn what_is_frozen_reopened_or_reserved_is_not_on_the_list_of_others(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[]).await?;
    let frozen = cancelled(&office, "Gelée").await?;
    let reopened = cancelled(&office, "Rouverte").await?;
    let reserved = cancelled(&office, "Réservée").await?;
    let plain = cancelled(&office, "Ordinaire").await?;
    let note = || "Contentieux en cours.".to_owned();
    office.play(frozen, [(Person::Coordinator, Command::Freeze { note: note() })]).await?;
    office.play(reopened, [(Person::Coordinator, Command::Reopen { note: note() })]).await?;
    office.play(reserved, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    office.set_clock("2027-03-01T11:00:00Z")?;
    assert_eq!(due(&office, Person::Auditor, Class::Void).await?, [plain]);
    assert_eq!(due(&office, Person::Coordinator, Class::Void).await?, [plain], "each compartment by itself");
    let coordinator = office.caller(Person::Coordinator).await?;
    let own = office.app.ended(&coordinator, Class::Void, Some(compartment), None, 10).await.fine()?;
    assert_eq!(own.items.iter().map(|sheet| sheet.dossier.id).collect::<Vec<_>>(), [reserved]);
    let auditor = office.caller(Person::Auditor).await?;
    let others = office.app.ended(&auditor, Class::Void, Some(compartment), None, 10).await.fine()?;
    assert!(others.items.is_empty() && !others.more);
    let counts = office.app.ended_counts(&auditor).await.fine()?;
    assert_eq!(counts.iter().map(|count| count.dossiers).sum::<u64>(), 1, "nor counted");
    office.play(frozen, [(Person::Coordinator, Command::Unfreeze { note: note() })]).await?;
    let mut both = [frozen, plain];
    both.sort_unstable();
    assert_eq!(due(&office, Person::Auditor, Class::Void).await?, both);
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_line_of_the_table_is_changed_by_versions(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = cancelled(&office, "Erreur").await?;
    let administrator = office.caller(Person::Administrator).await?;
    let new = NewRetention { seen: 1, months: 1, fate: Fate::Destroy, source: "Tableau 2027".to_owned() };
    let (key, other) = (office.key(), NewRetention { months: 0, ..new.clone() });
    let change = |key, new| office.app.change_retention(&administrator, key, Class::Void, new);
    let refused = change(office.key(), other).await;
    let range = Refusal::Retention(RetentionRefusal::MonthsOutOfRange);
    assert!(matches!(refused, Err(pli_app::Error::Refused(refusal)) if refusal == range));
    let changed = change(key.clone(), new.clone()).await.fine()?;
    assert_eq!((changed.version, changed.months), (2, 1));
    assert_eq!(change(key, new.clone()).await.fine()?, changed, "the same key, the same answer");
    let stale = change(office.key(), new).await;
    let seen = Refusal::Retention(RetentionRefusal::RetentionChanged);
    assert!(matches!(stale, Err(pli_app::Error::Refused(refusal)) if refusal == seen));
    let told = office.app.settings_journal(&administrator, None, 10).await.fine()?.items;
    let acts: Vec<_> = told.iter().filter(|line| line.action == SettingsAction::ChangeRetention).collect();
    assert!(acts.len() == 1 && acts[0].payload.contains("\"months\":3"), "{acts:?}");
    office.set_clock("2026-12-22T11:00:00Z")?;
    assert_eq!(due(&office, Person::Coordinator, Class::Void).await?, [id], "by the version in force");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn what_is_due_is_found_by_its_index(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for number in 1..=3 {
        cancelled(&office, &format!("Erreur {number}")).await?;
    }
    let query = r#"SELECT * FROM "dossier" WHERE TRUE AND ("dossier"."ends_as" = 'void' AND "dossier"."closed_on" <= '2026-12-01') AND "dossier"."compartment_id" IS NULL ORDER BY "dossier"."closed_on" ASC, "dossier"."id" ASC LIMIT 21"#;
    let sql = office.database.sql().await?;
    if engine == Engine::Postgres {
        sql.run("SET enable_seqscan = off").await?;
    }
    let plan = sql.plan(query).await?;
    assert!(plan.contains("dossier_ends"), "{plan}");
    Ok(())
}
