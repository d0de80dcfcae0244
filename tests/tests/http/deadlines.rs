//! Deadlines through GraphQL: why a date, more time, an incomplete file; rules and calendars, and who may change them.

use anyhow::{Context as _, Result, ensure};
use pli_tests::samples::petition;
use pli_tests::{Engine, Person, Served};
use serde_json::{Value, json};

pli_tests::on_both!(
    a_dossier_says_by_when_on_each_clock_and_why,
    a_rule_is_changed_through_the_api_after_a_look_at_what_moves,
    what_cannot_be_is_refused_by_field_and_changes_nothing,
);

const SHOWN: &str = "reference version deadline { \
    dueOn legalDueOn internalDueOn acknowledgeBy atRisk explanation \
    standing { late daysLeft text } standingBy(clock: INTERNAL) { text } targets { milestone on } } \
    deadlines { rule purpose stage firstDueOn dueOn requestedUntil explanation }";

async fn ask(served: &Served, person: Person, query: &str, variables: Value) -> Result<Value> {
    let token = served.token(person).await?;
    let answer = served.ask(Some(&token), query, variables).await?;
    ensure!(answer.get("errors").is_none(), "{query}: {answer}");
    Ok(answer["data"].clone())
}

/// A mutation on the deadline of a rule.
async fn act(served: &Served, person: Person, id: &str, act: &str) -> Result<Value> {
    let (name, arguments) = act.split_once('(').context("no arguments")?;
    let query = format!(
        "mutation($on: OnDossier!) {{ answer: {name}(on: $on, {arguments} {{ dossier {{ {SHOWN} }} \
         userErrors {{ code field message }} }} }}"
    );
    let on = json!({ "on": { "id": id, "idempotencyKey": format!("{act}{person:?}") } });
    Ok(ask(served, person, &query, on).await?["answer"].clone())
}

/// A request that the DACS has taken.
async fn request(served: &Served) -> Result<String> {
    let id = served.office.register(petition("Frais d’avocat")).await?.dossier.id;
    served.office.play(id, served.office.to_drafting()?).await?;
    Ok(format!("mail:{id}"))
}

async fn a_dossier_says_by_when_on_each_clock_and_why(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = request(&served).await?;
    let mut story = Vec::new();
    for (person, what) in [
        (Person::Clerk, r#"acknowledgeMail(date: "2026-11-20")"#),
        (
            Person::Correspondent,
            r#"suspendDeadline(rule: "crpa-silence", from: "2026-11-20", until: "2026-12-10", note: "Livret de famille.")"#,
        ),
        (Person::Coordinator, r#"resumeDeadline(rule: "crpa-silence", date: "2026-11-22")"#),
        (
            Person::Correspondent,
            r#"requestExtension(rule: "petition-internal", until: "2027-01-15", note: "Consultation.")"#,
        ),
        (Person::Coordinator, r#"grantExtension(rule: "petition-internal", note: "Justifié.")"#),
    ] {
        let answer = act(&served, person, &id, what).await?;
        story.push(json!({ "act": what.split('(').next(), "answer": answer }));
    }
    insta::assert_json_snapshot!("the_deadlines_of_a_request", story);
    Ok(())
}

const CHANGE: &str = r#"{
    code: "mail", version: 1, label: "Réponse à un courrier", source: "Engagement de service",
    length: 15, unit: WORKING_DAYS, rollover: KEEP, validFrom: "2026-11-01"
}"#;

async fn a_rule_is_changed_through_the_api_after_a_look_at_what_moves(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    served.office.register(pli_tests::samples::letter("2026-11-04".parse()?)).await?;
    let look = format!(
        "{{ previewRuleChange(input: {CHANGE}) {{ lookedAt count moves {{ reference lead {{ code }} rule before after }} \
         userErrors {{ code }} }} }}"
    );
    let seen = ask(&served, Person::Administrator, &look, Value::Null).await?;
    let refused = ask(&served, Person::Manager, &look, Value::Null).await?;
    let change = format!(
        r#"mutation {{ changeDelayRule(idempotencyKey: "k", input: {CHANGE}) {{ userErrors {{ code }} }} }}"#
    );
    let kept_out = ask(&served, Person::Coordinator, &change, Value::Null).await?;
    let done = ask(&served, Person::Administrator, &change, Value::Null).await?;
    assert_eq!(ask(&served, Person::Administrator, &change, Value::Null).await?, done, "the same key");
    let rule = r#"{ delayRule(code: "mail") {
        version label source length unit validFrom versions { version validFrom }
        computed(start: "2026-11-04") { dueOn explanation }
    } }"#;
    let rule = ask(&served, Person::Drafter, rule, Value::Null).await?;
    let dossier = "{ dossierByReference(reference: \"SG-2026-A-000001\") { dueOn } }";
    let dossier = ask(&served, Person::Clerk, dossier, Value::Null).await?;
    let add = r#"mutation { addCalendarEntry(idempotencyKey: "c", input: {
        kind: SITTING, first: "2026-10-01", last: "2027-06-30", house: ASSEMBLY, label: "Session ordinaire"
    }) { calendarEntries { kind first last zone house label } userErrors { code } } }"#;
    let out = ask(&served, Person::Clerk, "{ calendarRunningOut }", Value::Null).await?;
    let calendar = ask(&served, Person::Administrator, add, Value::Null).await?;
    let still_out = ask(&served, Person::Clerk, "{ calendarRunningOut }", Value::Null).await?;
    insta::assert_json_snapshot!(
        "a_rule_changed",
        json!({
            "seen": seen, "refused": refused, "keptOut": kept_out, "done": done, "rule": rule, "dossier": dossier,
            "runningOut": out, "calendar": calendar, "stillRunningOut": still_out,
        })
    );
    Ok(())
}

async fn what_cannot_be_is_refused_by_field_and_changes_nothing(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = request(&served).await?;
    let before = served.office.faults().await?;
    for (person, what, code, field) in [
        (
            Person::Correspondent,
            r#"suspendDeadline(rule: "crpa-silence", from: "2026-11-20", until: "2026-11-19", note: "x")"#,
            "ENDS_BEFORE_IT_BEGINS",
            json!("until"),
        ),
        (
            Person::Correspondent,
            r#"suspendDeadline(rule: "nulle", from: "2026-11-20", until: "2026-11-29", note: "x")"#,
            "DEADLINE_UNKNOWN",
            json!("rule"),
        ),
        (
            Person::Correspondent,
            r#"suspendDeadline(rule: "crpa-silence", from: "2026-11-20", until: "9999-12-31", note: "x")"#,
            "TOO_LONG",
            json!("until"),
        ),
        (
            Person::Correspondent,
            r#"suspendDeadline(rule: "crpa-silence", from: "2026-11-20", until: "2026-11-29", note: " ")"#,
            "REQUIRED",
            json!("note"),
        ),
        (
            Person::Correspondent,
            r#"requestExtension(rule: "crpa-silence", until: "2027-03-01", note: "x")"#,
            "CLOCK_CANNOT_EXTEND",
            Value::Null,
        ),
        (
            Person::Coordinator,
            r#"grantExtension(rule: "petition-internal", note: "x")"#,
            "NO_EXTENSION_PENDING",
            Value::Null,
        ),
        (Person::Auditor, r#"acknowledgeMail(date: "2026-11-20")"#, "NOT_YOURS", Value::Null),
    ] {
        let answer = act(&served, person, &id, what).await?;
        assert_eq!(answer["userErrors"][0]["code"], code, "{what}: {answer}");
        assert_eq!(answer["userErrors"][0]["field"], field, "{what}");
        assert_eq!(answer["dossier"], Value::Null);
    }
    assert_eq!(served.office.faults().await?, before);
    let administrator = served.token(Person::Administrator).await?;
    for (what, code) in [
        ("length: 15, unit: WORKING_DAYS", "length: 999999, unit: MONTHS"),
        ("\"2026-11-01\"", "\"+262142-12-31\""),
    ]
    .map(|(is, becomes)| (CHANGE.replace(is, becomes), becomes))
    {
        let query = format!(
            r#"mutation {{ changeDelayRule(idempotencyKey: "k", input: {what}) {{ userErrors {{ code field }} }} }}"#
        );
        let answer = served.ask(Some(&administrator), &query, Value::Null).await?;
        let refused = answer["data"]["changeDelayRule"]["userErrors"][0]["code"].is_string();
        let unread = answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT";
        assert!(refused || unread, "{code}: {answer}");
    }
    let rule = ask(&served, Person::Clerk, "{ delayRule(code: \"mail\") { version } }", Value::Null).await?;
    assert_eq!(rule["delayRule"]["version"], 1);
    Ok(())
}
