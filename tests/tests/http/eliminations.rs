//! The lists of elimination over HTTP: the pages and the API, from the proposal to what is left.

use anyhow::{Context as _, Result};
use pli_domain::dossier::Command;
use pli_tests::samples::{pdf, petition};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::{Visitor, between, read};

pli_tests::on_both!(
    two_people_let_a_list_go_by_its_pages,
    what_is_refused_says_why_and_loses_nothing,
    the_lists_are_the_coordinators_and_the_auditors,
    the_api_proposes_changes_and_follows_a_list,
);

const PAGE: &str = "/eliminations";

/// So many letters cancelled with a document each, and due: their references, the first closed first.
async fn due(served: &Served, number: usize) -> Result<Vec<String>> {
    let mut references = Vec::new();
    for letter in 0..number {
        let sheet = served.office.register(petition(&format!("Réclamation {letter}"))).await?;
        let scan = served.office.receive("scan.pdf", &pdf(&sheet.dossier.reference)).await.fine()?;
        let cancel = Command::Cancel { note: "Enregistré deux fois.".to_owned() };
        let acts = [(Person::Clerk, scan.into()), (Person::Clerk, cancel)];
        served.office.play(sheet.dossier.id, acts).await?;
        references.push(sheet.dossier.reference);
    }
    served.office.set_clock("2027-03-01T11:00:00Z")?;
    Ok(references)
}

/// The address of a list that is proposed by a form sent twice.
async fn proposed(visitor: &Visitor<'_>) -> Result<String> {
    let form = [("categorie", "void"), ("compartiment", ""), ("idempotencyKey", "proposer")];
    let mut addresses = Vec::new();
    for _ in 0..2 {
        let done = visitor.post(PAGE, &form).await?;
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        addresses.push(done.headers()["location"].to_str()?.to_owned());
    }
    assert_eq!(addresses[0], addresses[1], "a double click proposes one list");
    addresses.pop().context("no list")
}

/// The dossier that a button of a list's row names.
fn named(page: &str, reference: &str) -> Result<String> {
    let row = between(page, &format!("<a href=\"/dossiers/{reference}\">"), "</tr>")?;
    Ok(between(row, "name=\"dossier\" value=\"", "\"")?.to_owned())
}

/// Sends a form of a list; where it leads when it was accepted.
async fn send(visitor: &Visitor<'_>, list: &str, act: &str, fields: &[(&str, &str)]) -> Result<String> {
    let key = format!("{act} {fields:?}");
    let fields: Vec<_> = fields.iter().copied().chain([("idempotencyKey", key.as_str())]).collect();
    let done = visitor.post(&format!("{list}/{act}"), &fields).await?;
    assert_eq!(done.status(), StatusCode::SEE_OTHER, "{act}");
    Ok(done.headers()["location"].to_str()?.to_owned())
}

async fn two_people_let_a_list_go_by_its_pages(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let references = due(&served, 4).await?;
    let [kept, aside, gone, _] = references.as_slice() else { anyhow::bail!("{references:?}") };
    let first = Visitor::open(&served, Person::Coordinator).await?;
    let (status, page) = first.get(PAGE).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("/eliminations/echues?categorie=void\">4<"), "the figure opens its list: {page}");
    let list = proposed(&first).await?;
    let (_, page) = first.get(&list).await?;
    assert_eq!(page.matches("/retirer\"").count(), 4, "{page}");
    let dossier = named(&page, kept)?;
    let to =
        send(&first, &list, "sort", &[("dossier", dossier.as_str()), ("disposition", "transfer")]).await?;
    assert!(first.get(&to).await?.1.contains("Le sort du dossier est modifié."));
    send(&first, &list, "retirer", &[("dossier", named(&page, aside)?.as_str())]).await?;
    let (_, page) = first.get(&list).await?;
    assert!(!page.contains(aside.as_str()) && page.contains("<dd><b>1\u{a0}dossier</b></dd>"), "{page}");
    assert_eq!(first.get(&format!("{list}/versement.zip")).await?.0, StatusCode::NOT_FOUND);
    send(&first, &list, "approuver", &[]).await?;
    let (_, page) = first.get(&list).await?;
    assert!(!page.contains("/retirer\""), "what is approved does not change: {page}");

    let second = Visitor::open(&served, Person::Deputy).await?;
    let to = send(&second, &list, "viser", &[("visa", "AN 2027/14")]).await?;
    assert!(second.get(&to).await?.1.contains("Pli l’applique dans les minutes qui suivent"));
    assert_eq!(served.office.app.let_go().await.fine()?, 2);
    let package = served.page(&format!("{list}/versement.zip"), &second.cookie).await?;
    assert_eq!(package.headers()["content-type"], "application/zip");
    let name = package.headers()["content-disposition"].to_str()?;
    assert_eq!(name, "attachment; filename=\"versement-void-1.zip\"");
    assert!(package.bytes().await?.starts_with(b"PK"));
    send(&first, &list, "prise-en-charge", &[("receipt", "Versement 2027-3")]).await?;
    assert_eq!(served.office.app.let_go().await.fine()?, 1);

    let (_, page) = second.get(&list).await?;
    for said in ["AN 2027/14", "Versement 2027-3", "Versé", "Éliminé", "Première approbation"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Réclamation") && !page.contains("versement.zip"), "{page}");
    let (status, slip) = second.get(&format!("{list}/bordereau.csv")).await?;
    assert_eq!((status, slip.lines().count()), (StatusCode::OK, 4), "{slip}");
    assert!(slip.contains(kept.as_str()) && !slip.contains("Réclamation"), "{slip}");
    let (status, dossier) = second.get(&format!("/dossiers/{gone}")).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(!dossier.contains("Réclamation") && dossier.contains("élimin"), "{dossier}");
    let (_, page) = second.get(PAGE).await?;
    assert!(page.contains("/eliminations/echues?categorie=void\">1<"), "what was set aside is due: {page}");
    let (_, told) = Visitor::open(&served, Person::Administrator).await?.get("/reglages/journal").await?;
    for said in ["a proposé la liste", "avec le visa des archives", "a fini d’appliquer la liste"] {
        assert!(told.contains(said), "{said}: {told}");
    }
    Ok(())
}

async fn what_is_refused_says_why_and_loses_nothing(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let references = due(&served, 1).await?;
    let first = Visitor::open(&served, Person::Coordinator).await?;
    let list = proposed(&first).await?;
    let again = [("categorie", "void"), ("compartiment", ""), ("idempotencyKey", "encore")];
    let (status, page) = read(first.post(PAGE, &again).await?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(between(&page, "id=\"erreurs\"", "</section>")?.contains("échu"), "{page}");
    send(&first, &list, "approuver", &[]).await?;
    for (visa, key, said) in [("", "1", "visa"), ("AN 2027/14", "2", "autre personne")] {
        let form = [("visa", visa), ("idempotencyKey", key)];
        let (status, page) = read(first.post(&format!("{list}/viser"), &form).await?).await?;
        assert!([StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT].contains(&status), "{status}");
        assert!(between(&page, "id=\"erreurs\"", "</section>")?.contains(said), "{said}: {page}");
        assert!(page.contains(&format!("value=\"{visa}\"")), "what was typed stays: {page}");
    }
    let dossier = [("dossier", "00000000-0000-7000-8000-000000000000"), ("idempotencyKey", "3")];
    let (_, page) = read(first.post(&format!("{list}/retirer"), &dossier).await?).await?;
    assert!(page.contains("id=\"erreurs\""), "{page}");
    for path in ["/00000000-0000-7000-8000-000000000000", "/rien", "?apres=x", "/echues?categorie=x"] {
        let status = first.get(&format!("{PAGE}{path}")).await?.0;
        assert!([StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST].contains(&status), "{path}: {status}");
    }
    assert_eq!(first.get(&format!("{list}/viser")).await?.0, StatusCode::SEE_OTHER);
    assert_eq!(first.post(&format!("{list}/rien"), &dossier).await?.status(), StatusCode::NOT_FOUND);
    assert_eq!(served.office.app.let_go().await.fine()?, 0);
    let (_, dossier) = first.get(&format!("/dossiers/{}", references[0])).await?;
    assert!(dossier.contains("Réclamation 0"), "{dossier}");
    send(&first, &list, "abandonner", &[]).await?;
    assert!(first.get(PAGE).await?.1.contains("/eliminations/echues?categorie=void\">1<"));
    Ok(())
}

async fn the_lists_are_the_coordinators_and_the_auditors(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    due(&served, 1).await?;
    let list = proposed(&Visitor::open(&served, Person::Coordinator).await?).await?;
    let query = "{ eliminations { edges { node { id } } } }";
    for by in Person::ALL {
        let visitor = Visitor::open(&served, by).await?;
        let reads = matches!(by, Person::Coordinator | Person::Deputy | Person::Auditor);
        let expected = if reads { StatusCode::OK } else { StatusCode::FORBIDDEN };
        for path in [PAGE.to_owned(), list.clone(), format!("{list}/bordereau.csv")] {
            assert_eq!(visitor.get(&path).await?.0, expected, "{by:?} {path}");
        }
        let answer = served.ask(Some(&served.token(by).await?), query, Value::Null).await?;
        let refused = answer["errors"][0]["extensions"]["code"] == "NOT_YOURS";
        assert_eq!(refused, !reads, "{by:?}: {answer}");
        if matches!(by, Person::Coordinator | Person::Deputy) {
            continue;
        }
        let (_, page) = visitor.get(&list).await?;
        assert!(!page.contains("action=\"/eliminations"), "{by:?}: {page}");
        for act in ["approuver", "abandonner"] {
            let done = visitor.post(&format!("{list}/{act}"), &[("idempotencyKey", act)]).await?;
            assert_eq!(done.status(), StatusCode::FORBIDDEN, "{by:?} {act}");
        }
    }
    let unsigned = [("token", "faux"), ("idempotencyKey", "x")];
    let visitor = Visitor::open(&served, Person::Coordinator).await?;
    let done = visitor.post(&format!("{list}/approuver"), &unsigned).await?;
    assert_eq!(done.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}

async fn the_api_proposes_changes_and_follows_a_list(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let references = due(&served, 3).await?;
    let (first, second) = (served.token(Person::Coordinator).await?, served.token(Person::Deputy).await?);
    let proposal = "mutation($key: String!) {
        proposeElimination(input: { idempotencyKey: $key, class: VOID }) {
            elimination { id number state items { disposition outcome dossier { id reference } } }
            userErrors { code field }
        }
    }";
    let made = served.ask(Some(&first), proposal, json!({ "key": "a" })).await?;
    assert_eq!(served.ask(Some(&first), proposal, json!({ "key": "a" })).await?, made, "the same key");
    let list = &made["data"]["proposeElimination"]["elimination"];
    assert_eq!((&list["number"], &list["state"]), (&json!(1), &json!("PROPOSED")), "{made}");
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
    let nothing = served.ask(Some(&first), proposal, json!({ "key": "b" })).await?;
    assert_eq!(nothing["data"]["proposeElimination"]["userErrors"][0]["code"], "NOTHING_DUE", "{nothing}");

    let asked = async |token: &str, key: &str, field: &str| {
        let query = format!(
            "mutation($on: OnSetting!) {{
                {field} {{ elimination {{ state visa items {{ dossier {{ reference }} outcome }} }} userErrors {{ code }} }}
            }}"
        );
        let on = json!({ "on": { "idempotencyKey": key, "id": list["id"] } });
        let answer = served.ask(Some(token), &query, on).await?;
        let (_, payload) = answer["data"].as_object().and_then(|all| all.iter().next()).context("no data")?;
        anyhow::Ok(payload.clone())
    };
    let id = |number: usize| list["items"][number]["dossier"]["id"].as_str().unwrap_or_default().to_owned();
    let aside = asked(&first, "c", &format!("setAside(on: $on, dossier: \"{}\")", id(0))).await?;
    assert_eq!(aside["elimination"]["items"].as_array().map(Vec::len), Some(2), "{aside}");
    let dispose = format!("dispose(on: $on, dossier: \"{}\", disposition: TRANSFER)", id(1));
    assert_eq!(asked(&first, "d", &dispose).await?["userErrors"], json!([]));
    let early = asked(&second, "e", "approveElimination(on: $on, visa: \"V\")").await?;
    assert_eq!(early["userErrors"][0]["code"], "NOT_REVIEWED", "{early}");
    assert_eq!(asked(&first, "f", "reviewElimination(on: $on)").await?["elimination"]["state"], "REVIEWED");
    let alone = asked(&first, "g", "approveElimination(on: $on, visa: \"V\")").await?;
    assert_eq!(alone["userErrors"][0]["code"], "SECOND_PERSON", "{alone}");
    let approved = asked(&second, "h", "approveElimination(on: $on, visa: \"V\")").await?;
    assert_eq!(approved["elimination"]["visa"], "V", "{approved}");
    assert_eq!(served.office.app.let_go().await.fine()?, 1);
    let received = asked(&first, "i", "receiveElimination(on: $on, receipt: \"R\")").await?;
    assert_eq!(received["userErrors"], json!([]));
    assert_eq!(served.office.app.let_go().await.fine()?, 1);
    let late = asked(&first, "j", "abandonElimination(on: $on)").await?;
    assert_eq!(late["userErrors"][0]["code"], "LIST_DECIDED", "{late}");

    let read = "query($id: ID!) {
        elimination(id: $id) {
            state receipt endedAt compartment { id } rule { class } proposed { by at } reviewed { by } approved { by }
            items { outcome disposition dossier { reference subject } }
        }
        eliminations(first: 1) { edges { cursor node { id } } pageInfo { hasNextPage } }
    }";
    let auditor = served.token(Person::Auditor).await?;
    let seen = served.ask(Some(&auditor), read, json!({ "id": list["id"] })).await?;
    let found = &seen["data"]["elimination"];
    assert_eq!((&found["state"], &found["receipt"]), (&json!("DONE"), &json!("R")), "{seen}");
    let items = found["items"].as_array().context("no items")?;
    assert!(items.iter().all(|item| item["outcome"] == "DONE"), "{seen}");
    assert!(!seen.to_string().contains("Réclamation"), "{seen}");
    assert_eq!(seen["data"]["eliminations"]["edges"][0]["node"]["id"], list["id"], "{seen}");
    assert!(references.iter().any(|reference| items[0]["dossier"]["reference"] == json!(reference)));
    Ok(())
}
