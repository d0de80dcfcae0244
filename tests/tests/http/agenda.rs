//! The agenda of oral questions over HTTP: the API, the page, the form, the calendar.

use anyhow::{Context as _, Result};
use pli_domain::dossier::{Command, NewQuestion};
use pli_domain::identity::QuestionType;
use pli_tests::samples::{day, question, route};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::{Visitor, between, read};

pli_tests::on_both!(
    a_sitting_is_planned_and_read_through_the_api,
    the_page_shows_the_week_and_the_form_plans_a_sitting,
    a_sitting_stays_in_ones_calendar_when_the_brief_is_delivered,
);

/// A question that is put in the chamber on that day, and given to the DACS.
async fn oral(served: &Served, number: u32, on: &str) -> Result<String> {
    let office = &served.office;
    let clerk = office.caller(Person::Clerk).await?;
    let NewQuestion { mut identity, .. } = question(number);
    identity.kind = QuestionType::Qosd;
    let asked = NewQuestion { identity, published_on: day(on)?, subject: "Moyens des greffes".to_owned() };
    let sheet = office.app.receive_question(&clerk, office.key(), asked).await.fine()?;
    office.play(sheet.dossier.id, [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    Ok(sheet.dossier.reference)
}

const PLAN: &str = "mutation($on: OnDossier!, $date: NaiveDate!, $attendee: String) {
    planSitting(on: $on, date: $date, attendee: $attendee) {
        dossier { dueOn ... on Question { sitting { on source attendee } } } userErrors { code field } } }";

const AGENDA: &str = "query($from: NaiveDate!, $to: NaiveDate!, $house: House) {
    oralAgenda(from: $from, to: $to, house: $house) { reference stage dueOn sitting { on source attendee } } }";

async fn a_sitting_is_planned_and_read_through_the_api(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let reference = oral(&served, 1, "2026-12-01").await?;
    oral(&served, 2, "2026-12-02").await?;
    let ask = async |person: Person, query: &str, variables: Value| -> Result<Value> {
        served.ask(Some(&served.token(person).await?), query, variables).await
    };
    let find = "query($name: String!) { dossierByReference(reference: $name) { id } }";
    let found = ask(Person::Coordinator, find, json!({ "name": reference })).await?;
    let id = found["data"]["dossierByReference"]["id"].clone();
    let plan = |key: &str, date: &str| {
        let on = json!({ "id": id, "idempotencyKey": key });
        json!({ "on": on, "date": date, "attendee": "Mme Dumas" })
    };
    let planned = ask(Person::Coordinator, PLAN, plan("un", "2026-12-08")).await?;
    let again = ask(Person::Coordinator, PLAN, plan("un", "2026-12-08")).await?;
    assert_eq!(planned, again);
    let dossier = &planned["data"]["planSitting"]["dossier"];
    let sitting = json!({ "on": "2026-12-08", "source": "PERSON", "attendee": "Mme Dumas" });
    assert_eq!((&dossier["sitting"], &dossier["dueOn"]), (&sitting, &json!("2026-12-07")), "{planned}");

    let code = |answer: &Value| answer["data"]["planSitting"]["userErrors"][0]["code"].clone();
    let far = ask(Person::Coordinator, PLAN, plan("deux", "2030-01-01")).await?;
    assert_eq!(code(&far), "DATE_OUT_OF_RANGE", "{far}");
    let not_theirs = ask(Person::Drafter, PLAN, plan("trois", "2026-12-09")).await?;
    assert_eq!(code(&not_theirs), "NOT_YOURS", "{not_theirs}");
    let unseen = ask(Person::Prisons, PLAN, plan("quatre", "2026-12-09")).await?;
    assert!(unseen.to_string().contains("NOT_FOUND"), "{unseen}");

    let week = json!({ "from": "2026-11-30", "to": "2026-12-13" });
    let listed = ask(Person::Drafter, AGENDA, week.clone()).await?;
    let days = listed["data"]["oralAgenda"].as_array().with_context(|| listed.to_string())?;
    let days: Vec<_> = days.iter().map(|one| (&one["sitting"]["on"], &one["sitting"]["source"])).collect();
    let (first, second) = (json!("2026-12-02"), json!("2026-12-08"));
    assert_eq!(days, [(&first, &json!("SUPPOSED")), (&second, &json!("PERSON"))], "{listed}");
    assert_eq!(ask(Person::Prisons, AGENDA, week.clone()).await?["data"]["oralAgenda"], json!([]));
    let senate = json!({ "from": "2026-11-30", "to": "2026-12-13", "house": "SENATE" });
    assert_eq!(ask(Person::Coordinator, AGENDA, senate).await?["data"]["oralAgenda"], json!([]));
    let long = json!({ "from": "2026-01-01", "to": "2026-12-31" });
    assert!(ask(Person::Coordinator, AGENDA, long).await?.to_string().contains("TOO_LONG"));
    let nobody = served.ask(None, AGENDA, week).await?;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    Ok(())
}

async fn the_page_shows_the_week_and_the_form_plans_a_sitting(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let coordinator = Visitor::open(&served, Person::Coordinator).await?;
    let (_, empty) = coordinator.get("/agenda").await?;
    assert!(empty.contains("Aucune question n’est posée en séance cette semaine"), "{empty}");
    let reference = oral(&served, 1, "2026-12-01").await?;
    let (_, empty) = coordinator.get("/agenda").await?;
    assert!(between(&empty, "Prochaine séance", "</p>")?.contains("/agenda?semaine=2026-11-30"), "{empty}");
    let (_, week) = coordinator.get("/agenda?semaine=2026-12-03").await?;
    let row = between(&week, &format!("<a href=\"/dossiers/{reference}\">"), "</tr>")?;
    for words in ["séance à confirmer", "Fiche due le 30/11/2026", "À désigner", "DACS"] {
        assert!(row.contains(words), "{words}: {row}");
    }
    let path = format!("/dossiers/{reference}/plan_sitting");
    let (_, page) = coordinator.get(&format!("/dossiers/{reference}")).await?;
    let form = between(&page, &format!("action=\"{path}\""), "</form>")?;
    assert!(form.contains("value=\"2026-12-01\""), "the form begins with what is known: {form}");
    let input = |name: &str| between(form, &format!("name=\"{name}\" value=\""), "\"").map(str::to_owned);
    let (key, version) = (input("idempotencyKey")?, input("version")?);
    let typed = |on: &'static str| {
        [
            ("idempotencyKey", key.as_str()),
            ("version", &version),
            ("on", on),
            ("attendee", "Mme <b>Dumas</b>"),
        ]
    };
    let (status, wrong) = read(coordinator.post(&path, &typed("2030-01-01")).await?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.contains("aria-invalid=\"true\"") && wrong.contains("Mme &#60;b&#62;Dumas"), "{wrong}");
    assert_eq!(coordinator.post(&path, &typed("2026-11-24")).await?.status(), StatusCode::SEE_OTHER);

    let (_, week) = coordinator.get("/agenda?semaine=2026-11-24&assemblee=AN").await?;
    let row = between(&week, &format!("<a href=\"/dossiers/{reference}\">"), "</tr>")?;
    assert!(row.contains("Dumas") && !row.contains("<b>Dumas") && !row.contains("à confirmer"), "{row}");
    served.office.set_clock("2026-11-25T09:00:00Z")?;
    // The session has ended meanwhile.
    let coordinator = Visitor::open(&served, Person::Coordinator).await?;
    let (_, week) = coordinator.get("/agenda?assemblee=AN").await?;
    let row = between(&week, "<tr class=\"late\">", "</tr>")?;
    assert!(row.contains("en retard de"), "{row}");
    let (_, page) = coordinator.get(&format!("/dossiers/{reference}")).await?;
    assert!(between(&page, "<dt>Séance</dt>", "</dd>")?.contains("24/11/2026"));

    let prisons = Visitor::open(&served, Person::Prisons).await?;
    assert!(!prisons.get("/agenda?semaine=2026-11-24").await?.1.contains(&reference));
    for wrong in ["/agenda?semaine=x", "/agenda?assemblee=X", "/agenda?semaine=9999-01-01"] {
        assert_eq!(coordinator.get(wrong).await?.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let drafter = Visitor::open(&served, Person::Drafter).await?;
    let (_, page) = drafter.get(&format!("/dossiers/{reference}")).await?;
    assert!(!page.contains("plan_sitting"), "the cabinet plans, not the drafter");
    Ok(())
}

async fn a_sitting_stays_in_ones_calendar_when_the_brief_is_delivered(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let reference = oral(&served, 1, "2026-12-01").await?;
    let token = served.token(Person::Correspondent).await?;
    let opened = served.ask(Some(&token), "mutation { openCalendarFeed { path } }", json!({})).await?;
    let path = opened["data"]["openCalendarFeed"]["path"].as_str().context("no path")?.to_owned();
    let feed = async || -> Result<String> {
        Ok(served.client.get(format!("{}{path}", served.url)).send().await?.text().await?)
    };
    let before = feed().await?;
    assert!(before.contains("DTSTART;VALUE=DATE:20261130") && before.contains("DTSTART;VALUE=DATE:20261201"));
    let caller = office.caller(Person::Coordinator).await?;
    let sheet = office.app.dossier_by_reference(&caller, &reference).await.fine()?.context("not found")?;
    let mut steps = office.to_answer()?;
    steps.remove(0);
    steps.pop();
    steps.push((Person::Coordinator, Command::Transmit));
    office.play(sheet.dossier.id, steps).await?;
    let after = feed().await?;
    assert_eq!(after.matches("BEGIN:VEVENT").count(), 1, "{after}");
    assert!(after.contains("DTSTART;VALUE=DATE:20261201") && after.contains("Séance"), "{after}");
    Ok(())
}
