//! The main job, through GraphQL alone: register, route, answer, ask what is late, read the journal.

use anyhow::{Context as _, Result};
use pli_tests::{Engine, Person, Served};
use serde_json::{Value, json};

pli_tests::on_both!(
    a_letter_is_answered_through_the_api,
    what_is_late_is_counted_and_listed,
    a_refusal_is_in_the_payload_with_its_field,
    what_is_out_of_scope_is_not_found,
    the_same_key_runs_once,
    a_version_that_has_passed_is_a_conflict,
    a_question_is_received_by_hand,
);

const REGISTER: &str = r#"mutation Register($key: String!, $subject: String!, $sender: String = "Mme Martin, Lyon") {
    registerMail(input: {
        idempotencyKey: $key, sender: $sender, subject: $subject, category: PETITION, channel: POST,
        documentOn: "2026-11-16", receivedOn: "2026-11-19"
    }) {
        dossier { id reference stage dueOn standing { late daysLeft text } allowedActions version }
        userErrors { code field message }
    }
}"#;

/// The data of an answer that must have no error.
fn data(answer: Value) -> Result<Value> {
    let Value::Object(mut answer) = answer else { anyhow::bail!("the API answered {answer}") };
    anyhow::ensure!(!answer.contains_key("errors"), "the API answered {answer:?}");
    answer.remove("data").context("no data")
}

/// The code of an answer's first error.
fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

/// The identifier of a letter that the clerk has just registered.
async fn registered(served: &Served, subject: &str) -> Result<String> {
    let clerk = served.token(Person::Clerk).await?;
    let answer = served.ask(Some(&clerk), REGISTER, json!({ "key": subject, "subject": subject })).await?;
    let data = data(answer)?;
    Ok(data["registerMail"]["dossier"]["id"].as_str().context("no dossier")?.to_owned())
}

/// The identifier of a unit.
async fn unit(served: &Served, code: &str) -> Result<String> {
    let clerk = served.token(Person::Clerk).await?;
    let query = "query($code: String!) { unit(code: $code) { id } }";
    let data = data(served.ask(Some(&clerk), query, json!({ "code": code })).await?)?;
    Ok(data["unit"]["id"].as_str().context("no unit")?.to_owned())
}

/// Runs one mutation on a dossier: its name, and its arguments beside `on`.
async fn act(served: &Served, person: Person, id: &str, name: &str, arguments: &str) -> Result<Value> {
    let token = served.token(person).await?;
    let query = format!(
        "mutation($on: OnDossier!) {{ answer: {name}(on: $on{arguments}) {{ \
         dossier {{ reference stage outcome allowedActions version declined {{ reason proposed {{ code }} }} }} \
         userErrors {{ code field message }} }} }}"
    );
    let on = json!({ "id": id, "idempotencyKey": format!("{name} {arguments}") });
    served.ask(Some(&token), &query, json!({ "on": on })).await
}

async fn a_letter_is_answered_through_the_api(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = registered(&served, "Frais d’avocat").await?;
    let (dacs, dap) = (unit(&served, "DACS").await?, unit(&served, "DAP").await?);
    let acts = [
        (Person::Clerk, "routeDossier", format!(", lead: {dap:?}")),
        (Person::Prisons, "declineDossier", format!(", reason: OTHER_UNIT, proposed: {dacs:?}")),
        (Person::Coordinator, "routeDossier", format!(", lead: {dacs:?}, informed: [{dap:?}]")),
        (Person::Correspondent, "acceptDossier", String::new()),
        (Person::Drafter, "saveDraft", ", text: \"Madame,\"".to_owned()),
        (Person::Drafter, "submitDraft", String::new()),
        (Person::Approver, "sendBackDraft", ", note: \"Citez le décret.\"".to_owned()),
        (Person::Drafter, "saveDraft", ", text: \"Madame, le décret…\"".to_owned()),
        (Person::Drafter, "submitDraft", " ".to_owned()),
        (Person::Approver, "approveDraft", String::new()),
        (Person::Signatory, "signAnswer", String::new()),
        (Person::Clerk, "dispatchAnswer", ", channel: POST, date: \"2026-11-22\"".to_owned()),
    ];
    let mut stages = Vec::new();
    for (person, name, arguments) in acts {
        let answer = data(act(&served, person, &id, name, &arguments).await?)?;
        assert_eq!(answer["answer"]["userErrors"], json!([]), "{name}");
        stages.push(answer["answer"]["dossier"]["stage"].clone());
    }
    let expected = "REGISTERED ROUTED REGISTERED ROUTED DRAFTING DRAFTING REVIEW DRAFTING DRAFTING REVIEW SIGNATURE \
                    OUTGOING CLOSED";
    assert_eq!(json!(expected.split(' ').skip(1).collect::<Vec<_>>()), json!(stages));
    let auditor = served.token(Person::Auditor).await?;
    let query = r"query($id: ID!) { dossier(id: $id) {
        __typename reference subject kind stage outcome receivedOn closedOn dueOn version allowedActions
        standing { late daysLeft answeredLateBy ageClass text }
        lead { code }
        assignments { unit { code } part stage since }
        deadlines { rule label source clock startOn dueOn stage }
        draft { version author text }
        ... on Mail {
            sender category channel documentOn departure
            journal { edges { node { seq at actor action fromStage toStage accepted note } } pageInfo { hasNextPage } }
        }
    } }";
    let dossier = data(served.ask(Some(&auditor), query, json!({ "id": id })).await?)?;
    insta::assert_json_snapshot!("a_letter_that_was_answered", dossier);
    Ok(())
}

async fn what_is_late_is_counted_and_listed(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    for (subject, hour) in [("Un", "08"), ("Deux", "09"), ("Trois", "10")] {
        served.office.set_clock(&format!("2026-11-22T{hour}:00:00Z"))?;
        let id = registered(&served, subject).await?;
        if subject != "Trois" {
            let dacs = unit(&served, "DACS").await?;
            act(&served, Person::Clerk, &id, "routeDossier", &format!(", lead: {dacs:?}")).await?;
        }
    }
    // Received on 19 November, due on 19 January: sixteen days late on 4 February.
    served.office.set_clock("2027-02-04T09:00:00Z")?;
    let manager = served.token(Person::Manager).await?;
    let query = r"{ retards { today total rows {
        unit { code } total
        figures { ageClass count dossiers { totalCount edges { node { reference standing { late daysLeft text } } } } }
    } } }";
    let retards = data(served.ask(Some(&manager), query, Value::Null).await?)?;
    for row in retards["retards"]["rows"].as_array().context("rows")? {
        for figure in row["figures"].as_array().context("figures")? {
            assert_eq!(figure["count"], figure["dossiers"]["totalCount"], "{figure}");
        }
    }
    insta::assert_json_snapshot!("what_is_late", retards);
    Ok(())
}

async fn a_refusal_is_in_the_payload_with_its_field(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let clerk = served.token(Person::Clerk).await?;
    let answer = served.ask(Some(&clerk), REGISTER, json!({ "key": "1", "subject": " " })).await?;
    insta::assert_json_snapshot!("a_letter_without_a_subject", data(answer)?["registerMail"]);
    let id = registered(&served, "Frais d’avocat").await?;
    let refused = data(act(&served, Person::Clerk, &id, "signAnswer", "").await?)?;
    assert_eq!(refused["answer"]["userErrors"][0]["code"], "WRONG_STAGE");
    assert_eq!(refused["answer"]["dossier"], Value::Null);
    Ok(())
}

async fn what_is_out_of_scope_is_not_found(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = registered(&served, "Frais d’avocat").await?;
    let dacs = unit(&served, "DACS").await?;
    act(&served, Person::Clerk, &id, "routeDossier", &format!(", lead: {dacs:?}")).await?;
    let prisons = served.token(Person::Prisons).await?;
    let query = r#"query($id: ID!) {
        dossier(id: $id) { reference }
        dossierByReference(reference: "SG-2026-A-000001") { reference }
        dossiers { totalCount edges { node { reference } } }
        retards { total }
    }"#;
    let seen = data(served.ask(Some(&prisons), query, json!({ "id": id })).await?)?;
    let nothing = json!({
        "dossier": null,
        "dossierByReference": null,
        "dossiers": { "totalCount": 0, "edges": [] },
        "retards": { "total": 0 },
    });
    assert_eq!(seen, nothing);
    let hidden = act(&served, Person::Prisons, &id, "acceptDossier", "").await?;
    let missing = "mail:00000000-0000-7000-8000-000000000000";
    let absent = act(&served, Person::Prisons, missing, "acceptDossier", "").await?;
    assert_eq!(code(&hidden), "NOT_FOUND");
    assert_eq!(hidden, absent, "out of scope looks like not found");
    Ok(())
}

async fn the_same_key_runs_once(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let clerk = served.token(Person::Clerk).await?;
    let ask =
        |subject: &'static str| served.ask(Some(&clerk), REGISTER, json!({ "key": "k", "subject": subject }));
    let first = ask("Frais d’avocat").await?;
    assert_eq!(ask("Frais d’avocat").await?, first);
    assert_eq!(code(&ask("Autre chose").await?), "KEY_REUSED");
    let count = data(served.ask(Some(&clerk), "{ dossiers { totalCount } }", Value::Null).await?)?;
    assert_eq!(count["dossiers"]["totalCount"], 1);
    Ok(())
}

async fn a_version_that_has_passed_is_a_conflict(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = registered(&served, "Frais d’avocat").await?;
    let clerk = served.token(Person::Clerk).await?;
    let query = r#"mutation($id: ID!) {
        cancelMail(on: { id: $id, version: 7, idempotencyKey: "k" }, note: "Erreur.") { dossier { stage } }
    }"#;
    let answer = served.ask(Some(&clerk), query, json!({ "id": id })).await?;
    assert_eq!(code(&answer), "STALE");
    Ok(())
}

async fn a_question_is_received_by_hand(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let clerk = served.token(Person::Clerk).await?;
    let query = r#"mutation($key: String!) {
        receiveQuestion(input: {
            idempotencyKey: $key, house: ASSEMBLY, term: 17, type: QE, number: 18094,
            publishedOn: "2026-09-15", subject: "Frais d’avocat"
        }) {
            dossier { reference stage dueOn standing { late daysLeft text } deadlines { rule source } }
            userErrors { code field message }
        }
    }"#;
    let first = data(served.ask(Some(&clerk), query, json!({ "key": "1" })).await?)?;
    let again = data(served.ask(Some(&clerk), query, json!({ "key": "2" })).await?)?;
    insta::assert_json_snapshot!("a_question_received_by_hand", json!({ "first": first, "again": again }));
    Ok(())
}
