//! What is reserved, over HTTP: for whoever is not named, each page and each answer stays what it was, to the letter.

use anyhow::{Context as _, Result};
use pli_app::Intake;
use pli_domain::dossier::Command;
use pli_domain::ids::CompartmentId;
use pli_tests::samples::{day, draft, letter, pdf, petition};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::Visitor;

pli_tests::on_both!(
    for_whoever_is_not_named_each_page_stays_to_the_letter,
    for_whoever_is_not_named_each_answer_of_the_api_stays_to_the_letter,
    a_dossier_is_reserved_and_released_on_its_page,
    a_compartment_is_kept_by_the_administrators_and_its_owner,
    compartments_are_kept_through_the_api,
);

const NAMED: [Person; 4] = [Person::Coordinator, Person::Clerk, Person::Correspondent, Person::Drafter];

/// Pages, and questions that pages ask by scripts; `{reference}` is that of the reserved letter to come.
const PAGES: &[&str] = &[
    "/",
    "/aujourdhui",
    "/ma-table",
    "/dossiers",
    "/dossiers?etat=tous",
    "/dossiers?etat=tous&q=proximit%C3%A9",
    "/dossiers?etat=tous&reserve=1",
    "/dossiers?service=DACS",
    "/dossiers?retard=tous",
    "/dossiers.csv?etat=tous",
    "/dossiers/{reference}",
    "/dossiers/{reference}/recepisse",
    "/dossiers/{reference}/etiquette",
    "/dossiers/{reference}/preuve",
    "/dossiers/{reference}/preuve.json",
    "/dossiers/{reference}/documents/0000",
    "/signature",
    "/signature/{reference}",
    "/journal",
    "/lots",
    "/retards",
    "/retards?service=DACS",
    "/statistiques",
    "/calendrier",
    "/ecarts",
    "/recherche",
    "/recherche?q=proximit%C3%A9",
    "/recherche?q={reference}",
    "/donnees-personnelles?q=proximit%C3%A9",
    "/elus",
    "/courriers/nouveau",
    "/reglages",
    "/reglages/services/DACS",
    "/reglages/personnes",
    "/reglages/delais",
    "/reglages/journal",
    "/reglages/compartiments",
    "/notifications",
];

/// Without what is drawn anew each time: tokens, keys, cursors, identifiers.
pub(crate) fn steady(text: &str) -> String {
    let drawn = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
    let mut steady = String::new();
    let mut run = String::new();
    for sign in text.chars().chain(['\n']) {
        if drawn(sign) {
            run.push(sign);
            continue;
        }
        steady.push_str(if run.len() >= 16 { "…" } else { &run });
        run.clear();
        steady.push(sign);
    }
    steady
}

pub(crate) struct Scene {
    pub(crate) served: Served,
    compartment: CompartmentId,
    /// The chrono that the reserved letter will have.
    pub(crate) reference: &'static str,
}

impl Scene {
    /// Two letters that are open to all, and a compartment.
    pub(crate) async fn open(engine: Engine) -> Result<Self> {
        let served = Served::open(engine, false).await?;
        let office = &served.office;
        let compartment = office.compartment("Nominations", NAMED[0], &NAMED[1..]).await?;
        let plain = office.register(letter(day("2026-08-10")?)).await?.dossier.id;
        office.play(plain, office.to_drafting()?).await?;
        office.register(petition("Divorce")).await?;
        Ok(Self { served, compartment, reference: "SG-2026-A-000003" })
    }

    /// A late letter at the table of the approver, who is not named.
    pub(crate) async fn reserve(&self) -> Result<()> {
        let office = &self.served.office;
        let clerk = office.caller(Person::Clerk).await?;
        let scan = office.receive("lettre.pdf", &pdf("Lettre")).await.fine()?;
        let mail = letter(day("2026-08-17")?);
        let intake = Intake { compartment: Some(self.compartment), scan: Some(scan), ..Intake::from(mail) };
        let sheet = office.app.register_mail(&clerk, office.key(), intake).await.fine()?;
        assert_eq!(sheet.dossier.reference, self.reference);
        let id = sheet.dossier.id;
        office.play(id, office.to_drafting()?).await?;
        office.play(id, [(Person::Drafter, draft("Madame,")), (Person::Drafter, Command::Submit)]).await?;
        Ok(())
    }

    /// Everything that the pages show to somebody.
    async fn seen(&self, visitor: &Visitor<'_>) -> Result<Vec<(String, StatusCode, String)>> {
        let mut seen = Vec::new();
        for page in PAGES {
            let path = page.replace("{reference}", self.reference);
            let (status, body) = visitor.get(&path).await?;
            seen.push((path, status, steady(&body)));
        }
        let again = [
            ("sender", "Mairie de Saint-Ferréol"),
            ("subject", "Locaux du tribunal de proximité"),
            ("documentOn", "2026-08-17"),
            ("receivedOn", "2026-08-17"),
        ];
        for path in ["/courriers/nouveau/semblables", "/courriers/nouveau/expediteurs"] {
            let answer = visitor.post(path, &again).await?;
            let status = answer.status();
            seen.push((path.to_owned(), status, steady(&answer.text().await?)));
        }
        for action in ["approve", "reserve", "release", "attach", "mark_duplicate"] {
            let path = format!("/dossiers/{}/{action}", self.reference);
            let answer = visitor.post(&path, &[("version", "1"), ("of", self.reference)]).await?;
            let status = answer.status();
            seen.push((path, status, steady(&answer.text().await?)));
        }
        Ok(seen)
    }
}

async fn for_whoever_is_not_named_each_page_stays_to_the_letter(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    let mut before = Vec::new();
    for person in Person::ALL.into_iter().filter(|person| !NAMED.contains(person)) {
        let visitor = Visitor::open(&scene.served, person).await?;
        before.push((person, scene.seen(&visitor).await?, visitor));
    }
    let named = Visitor::open(&scene.served, Person::Drafter).await?;
    let path = format!("/dossiers/{}", scene.reference);
    assert_eq!(named.get(&path).await?.0, StatusCode::NOT_FOUND);
    scene.reserve().await?;
    assert_eq!(named.get(&path).await?.0, StatusCode::OK, "it is there for who is named");
    for (person, seen, visitor) in before {
        for (then, now) in seen.into_iter().zip(scene.seen(&visitor).await?) {
            assert_eq!(now, then, "{person:?}");
        }
    }
    Ok(())
}

/// Everything that lists, counts, finds or suggests in the API.
const QUESTIONS: &str = r#"query($reference: String!, $id: ID!) {
    dossier(id: $id) { id }
    dossierByReference(reference: $reference) { id }
    dossiers(filter: {}) { totalCount edges { cursor node { reference } } pageInfo { endCursor hasNextPage } }
    reserved: dossiers(filter: { reserved: true }) { totalCount }
    search(words: "proximité") { facets { total } edges { node { dossier { reference } } } }
    retards { total rows { total } trend { from } }
    journal(first: 50) { edges { node { action dossier { reference } } } }
    senderSuggestions(typed: "saint") { sender letters }
    probableDuplicates(of: {
        sender: "Mairie de Saint-Ferréol", subject: "Locaux du tribunal de proximité", documentOn: "2026-08-17"
    }) { signs }
    discrepancies { edges { cursor } }
    batches { edges { cursor } }
    compartments { id }
}"#;

async fn for_whoever_is_not_named_each_answer_of_the_api_stays_to_the_letter(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    let served = &scene.served;
    let ask = async |token: Option<&str>, id: &str| -> Result<Value> {
        let variables = json!({ "reference": scene.reference, "id": id });
        served.ask(token, QUESTIONS, variables).await
    };
    let nothing = "mail:0190b6d2-7c3a-7000-8000-000000000001";
    let mut before = Vec::new();
    for person in Person::ALL.into_iter().filter(|person| !NAMED.contains(person)) {
        let token = served.token(person).await?;
        before.push((person, ask(Some(&token), nothing).await?, token));
    }
    scene.reserve().await?;
    let drafter = served.token(Person::Drafter).await?;
    let own = ask(Some(&drafter), nothing).await?;
    let id = own["data"]["dossierByReference"]["id"].as_str().context("not seen by who is named")?;
    for (person, then, token) in before {
        assert!(then["errors"].is_null(), "{then}");
        assert_eq!(ask(Some(&token), id).await?, then, "{person:?}");
        // An act on it is answered as one on what does not exist.
        let mutation = "mutation($on: OnDossier!) { approveDraft(on: $on) { dossier { id } } }";
        let on = |id| json!({ "on": { "id": id, "idempotencyKey": id } });
        let refused = served.ask(Some(&token), mutation, on(id)).await?;
        assert_eq!(refused, served.ask(Some(&token), mutation, on(nothing)).await?, "{person:?}");
    }
    assert_eq!(ask(None, id).await?, ask(None, nothing).await?);
    Ok(())
}

async fn a_dossier_is_reserved_and_released_on_its_page(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    let (coordinator, deputy) = (
        Visitor::open(&scene.served, Person::Coordinator).await?,
        Visitor::open(&scene.served, Person::Deputy).await?,
    );
    let path = "/dossiers/SG-2026-A-000002";
    let (_, page) = coordinator.get(path).await?;
    assert!(page.contains("action-reserve") && page.contains(">Nominations</option>"), "{page}");
    assert!(!deputy.get(path).await?.1.contains("action-reserve"), "who is named nowhere reserves nothing");
    let id = scene.compartment.to_string();
    let reserve = [("version", "1"), ("idempotencyKey", "r"), ("compartment", id.as_str())];
    let unknown = [("version", "1"), ("idempotencyKey", "u"), ("compartment", "x")];
    let refused = coordinator.post(&format!("{path}/reserve"), &unknown).await?;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let done = coordinator.post(&format!("{path}/reserve"), &reserve).await?;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    assert!(coordinator.get(path).await?.1.contains("Réservé à"));
    assert_eq!(deputy.get(path).await?.0, StatusCode::NOT_FOUND);
    let release = [("version", "2"), ("idempotencyKey", "l"), ("note", "Rendu public.")];
    let done = coordinator.post(&format!("{path}/release"), &release).await?;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    assert_eq!(deputy.get(path).await?.0, StatusCode::OK);
    Ok(())
}

async fn a_compartment_is_kept_by_the_administrators_and_its_owner(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    let served = &scene.served;
    let path = format!("/reglages/compartiments/{}", scene.compartment);
    for person in Person::ALL {
        let visitor = Visitor::open(served, person).await?;
        let keeps = matches!(person, Person::Administrator | Person::Coordinator);
        let knows = keeps || NAMED.contains(&person);
        let seen = if knows { StatusCode::OK } else { StatusCode::NOT_FOUND };
        for page in ["/reglages/compartiments", path.as_str()] {
            assert_eq!(visitor.get(page).await?.0, seen, "{person:?} {page}");
        }
        let page = visitor.get(&path).await?.1;
        assert_eq!(page.contains("action-admit"), keeps, "{person:?}");
        assert_eq!(page.contains("Qui a ouvert quoi"), person == Person::Coordinator, "{person:?}");
        let admit = [("person", Person::Correspondent.login()), ("idempotencyKey", person.login())];
        let expected = match (knows, keeps) {
            (_, true) => StatusCode::SEE_OTHER,
            (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, false) => StatusCode::NOT_FOUND,
        };
        let done = visitor.post(&format!("{path}/admit"), &admit).await?;
        assert_eq!(done.status(), expected, "{person:?}");
        let forged = visitor.post(&format!("{path}/admit"), &[("token", "x"), admit[0]]).await?;
        assert_eq!(forged.status(), StatusCode::UNAUTHORIZED, "{person:?}");
        let opened = [("name", person.login()), ("owner", Person::Manager.login()), ("idempotencyKey", "o")];
        let done = visitor.post("/reglages/compartiments", &opened).await?.status();
        assert_eq!(done == StatusCode::SEE_OTHER, person == Person::Administrator, "{person:?}");
    }
    let owner = Visitor::open(served, Person::Coordinator).await?;
    let wrong = [("person", "<script>"), ("idempotencyKey", "w")];
    let refused = owner.post(&format!("{path}/admit"), &wrong).await?;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text().await?;
    assert!(
        page.contains("Aucun compte ouvert ne correspond") && page.contains("value=\"&#60;script&#62;\"")
    );
    scene.reserve().await?;
    Visitor::open(served, Person::Clerk).await?.get(&format!("/dossiers/{}", scene.reference)).await?;
    let (_, page) = owner.get(&path).await?;
    assert!(page.contains(scene.reference) && page.contains(Person::Clerk.name()), "{page}");
    assert_eq!(owner.get(&format!("{path}?avant=x")).await?.0, StatusCode::BAD_REQUEST);
    Ok(())
}

async fn compartments_are_kept_through_the_api(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    let served = &scene.served;
    let token = served.token(Person::Administrator).await?;
    let people = "{ people(first: 100) { edges { node { id login } } } }";
    let people = served.ask(Some(&token), people, Value::Null).await?;
    let edges = people["data"]["people"]["edges"].as_array().context("people")?.clone();
    let id = |person: Person| {
        let found = edges.iter().find(|edge| edge["node"]["login"] == person.login());
        found.map(|edge| edge["node"]["id"].clone()).context("nobody has this login")
    };
    let open = "mutation($owner: ID!) { openCompartment(input: {
        idempotencyKey: \"1\", name: \"Grâces\", owner: $owner
    }) { compartment { id name owner { name } people { name } readings { edges { cursor } } } userErrors { code field } } }";
    let opened = served.ask(Some(&token), open, json!({ "owner": id(Person::Manager)? })).await?;
    let compartment = &opened["data"]["openCompartment"]["compartment"];
    assert_eq!(compartment["people"], json!([{ "name": Person::Manager.name() }]), "{opened}");
    assert_eq!(compartment["readings"], Value::Null, "an administrator is not shown who has read what");
    let refused = served.ask(Some(&token), open, json!({ "owner": id(Person::Administrator)? })).await?;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "KEY_REUSED", "{refused}");
    for (key, mutation, code) in [
        ("2", format!("admitToCompartment(on: $on, person: {})", id(Person::Auditor)?), None),
        ("3", format!("entrustCompartment(on: $on, owner: {})", id(Person::Clerk)?), Some("OWNER_NOT_NAMED")),
        ("4", format!("entrustCompartment(on: $on, owner: {})", id(Person::Auditor)?), None),
        (
            "5",
            format!("removeFromCompartment(on: $on, person: {})", id(Person::Auditor)?),
            Some("OWNER_STAYS"),
        ),
        ("6", format!("removeFromCompartment(on: $on, person: {})", id(Person::Manager)?), None),
        ("7", "renameCompartment(on: $on, name: \"nominations\")".to_owned(), Some("COMPARTMENT_NAME_TAKEN")),
    ] {
        let query = format!(
            "mutation($on: OnSetting!) {{ answer: {mutation} {{ compartment {{ id }} userErrors {{ code }} }} }}"
        );
        let on = json!({ "on": { "id": compartment["id"], "idempotencyKey": key } });
        let answer = served.ask(Some(&token), &query, on).await?;
        assert_eq!(answer["data"]["answer"]["userErrors"][0]["code"].as_str(), code, "{mutation}: {answer}");
    }
    let auditor = served.token(Person::Auditor).await?;
    let own = "{ compartments { name owner { name } readings { edges { node { at reader } } } } }";
    let own = served.ask(Some(&auditor), own, Value::Null).await?;
    let expected = json!([{
        "name": "Grâces", "owner": { "name": Person::Auditor.name() }, "readings": { "edges": [] },
    }]);
    assert_eq!(own["data"]["compartments"], expected, "{own}");
    // Reserved and released through the API, by who is named.
    let coordinator = served.token(Person::Coordinator).await?;
    let by_reference = "{ dossierByReference(reference: \"SG-2026-A-000002\") { id compartment { name } } }";
    let found = served.ask(Some(&coordinator), by_reference, Value::Null).await?;
    let on = |key| json!({ "id": found["data"]["dossierByReference"]["id"], "idempotencyKey": key });
    let reserve = "mutation($on: OnDossier!, $compartment: ID!) {
        reserve(on: $on, compartment: $compartment) { dossier { compartment { name } } userErrors { code field } }
    }";
    let variables = |compartment: &Value, key| json!({ "on": on(key), "compartment": compartment });
    let unknown = served.ask(Some(&coordinator), reserve, variables(&compartment["id"], "8")).await?;
    let expected = json!([{ "code": "COMPARTMENT_UNKNOWN", "field": "compartment" }]);
    assert_eq!(unknown["data"]["reserve"]["userErrors"], expected, "{unknown}");
    let mine = json!(format!("compartment:{}", scene.compartment));
    let done = served.ask(Some(&coordinator), reserve, variables(&mine, "9")).await?;
    assert_eq!(done["data"]["reserve"]["dossier"]["compartment"]["name"], "Nominations", "{done}");
    let release =
        "mutation($on: OnDossier!) { release(on: $on, note: \"Rendu public.\") { userErrors { code } } }";
    let done = served.ask(Some(&coordinator), release, json!({ "on": on("10") })).await?;
    assert_eq!(done["data"]["release"]["userErrors"], json!([]), "{done}");
    Ok(())
}
