//! A change of government and the denominations over HTTP: the pages and the API, as each person finds them.

use anyhow::{Context as _, Result};
use pli_app::List;
use pli_domain::dossier::{Command, Stage};
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::{Visitor, between, read};

pli_tests::on_both!(
    a_change_is_shown_confirmed_and_made_once,
    what_is_refused_says_why_and_keeps_what_was_typed,
    the_change_is_the_administrators,
    the_api_shows_makes_and_lists_a_change,
    the_denominations_are_kept_by_their_page,
    the_denominations_are_kept_through_the_api,
);

const PAGE: &str = "/reglages/gouvernement";
const NEW: &str = "Ministère de la justice et des libertés";

const CHANGE: [(&str, &str); 5] =
    [("from", "Justice"), ("destination", "notre"), ("to", NEW), ("on", "2026-11-10"), ("unit", "")];

/// A form with one field of another value.
fn with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    CHANGE.iter().copied().filter(|(one, _)| *one != name).chain([(name, value)]).collect()
}

/// Three questions given to us: the third waits for another ministry.
async fn three(served: &Served) -> Result<()> {
    let office = &served.office;
    for number in 1..=3 {
        let record = published(number, day("2026-09-15")?)?;
        office.app.import([Ok(record)].into_iter(), |_| {}).await.fine()?;
    }
    let auditor = office.caller(Person::Auditor).await?;
    let third = office.app.dossier_by_reference(&auditor, "AN-17-QE-3").await.fine()?.context("none")?;
    let asked = Command::RequestTransfer { ministry: "Armées".to_owned() };
    office.play(third.dossier.id, [(Person::Coordinator, asked)]).await?;
    Ok(())
}

/// How many questions were renamed.
async fn renamed(served: &Served) -> Result<i64> {
    let sql = served.office.database.sql().await?;
    sql.one("SELECT count(*) FROM journal WHERE action = 'rename'").await
}

async fn a_change_is_shown_confirmed_and_made_once(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let (status, empty) = visitor.get(PAGE).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(empty.contains("Aucune question n’est ouverte.") && empty.contains("Aucun encore."), "{empty}");
    three(&served).await?;
    let (_, page) = visitor.get(PAGE).await?;
    assert!(page.contains("<dt>Justice</dt>") && page.contains(">3</a></dd>"), "{page}");
    let (_, under) = visitor.get(&format!("{PAGE}?nom=Justice")).await?;
    assert_eq!(under.matches("href=\"/archives/AN-17-QE-").count(), 3, "the figure opens its list");

    let shown = visitor.post(&format!("{PAGE}/apercu"), &CHANGE).await?;
    assert_eq!(shown.status(), StatusCode::SEE_OTHER);
    let to = shown.headers()["location"].to_str()?.to_owned();
    let (status, preview) = visitor.get(&to).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(preview.contains("rien n’est encore changé"), "{preview}");
    assert!(preview.contains("Déplacer 2\u{a0}questions"), "{preview}");
    let aside = between(&preview, "voir=transfer_pending\"", "</a>");
    assert!(aside?.contains("un transfert à un autre ministère est demandé"), "{preview}");
    assert_eq!(renamed(&served).await?, 0, "a preview changes nothing");

    let form = between(&preview, "<form id=\"action-appliquer\"", "</form>")?;
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
    let fields = inputs.map(|input| {
        let (name, rest) = input.split_once('"').context("a name")?;
        Ok((name, between(rest, "value=\"", "\"")?))
    });
    let fields = fields.collect::<Result<Vec<_>>>()?;
    for _ in 0..2 {
        let done = visitor.post(&format!("{PAGE}/appliquer"), &fields).await?;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "a double click makes it once");
        assert_eq!(done.headers()["location"], "/reglages/gouvernement?fait=2");
    }
    assert_eq!(renamed(&served).await?, 2);
    let (_, after) = visitor.get(&format!("{PAGE}?fait=2")).await?;
    assert!(after.contains("Le changement est suivi\u{a0}: 2\u{a0}questions déplacées."), "{after}");
    let followed = between(&after, "<p><a href=\"/reglages/gouvernement/", "\"")?;
    let (status, moved) = visitor.get(&format!("{PAGE}/{followed}")).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(moved.matches("href=\"/archives/AN-17-QE-").count(), 2, "{moved}");
    assert!(moved.contains("<td>Ministère de la justice et des libertés</td>"), "{moved}");
    assert!(!moved.contains("Interrompu"), "{moved}");

    // Whoever reads dossiers opens the same list.
    let coordinator = Visitor::open(&served, Person::Coordinator).await?;
    let (_, list) = coordinator.get(&format!("/dossiers?changement={followed}")).await?;
    assert!(list.contains("AN-17-QE-1") && !list.contains("AN-17-QE-3"), "{list}");
    let (_, dossier) = coordinator.get("/dossiers/AN-17-QE-1").await?;
    assert!(dossier.contains(NEW), "{dossier}");
    let (_, journal) = visitor.get("/reglages/journal").await?;
    assert!(journal.contains("Justice") && journal.contains(NEW), "{journal}");
    let (_, names) = visitor.get("/reglages/denominations").await?;
    assert!(names.contains(NEW) && names.contains("au 10/12/2026"), "{names}");
    Ok(())
}

async fn what_is_refused_says_why_and_keeps_what_was_typed(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    three(&served).await?;
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    for (field, value, said) in [
        ("from", "", "Dénomination actuelle"),
        ("from", "Défense", "dénomination"),
        ("destination", "ailleurs", "Les questions"),
        ("to", " ", "Nouvelle dénomination"),
        ("to", "JUSTICE", "nom"),
        ("on", "le 10", "Date du décret"),
        ("on", "2027-01-01", "futur"),
        ("unit", "NULLE-PART", "service"),
    ] {
        for act in ["apercu", "appliquer"] {
            let mut form = with(field, value);
            let key = format!("{field} {value} {act}");
            form.push(("idempotencyKey", &key));
            let (status, page) = read(visitor.post(&format!("{PAGE}/{act}"), &form).await?).await?;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{key}: {page}");
            let wrong = between(&page, "<div class=\"field wrong\">", "</div>")?;
            assert!(wrong.contains(&format!("id=\"apercu-{field}\"")), "{key}: {wrong}");
            let alert = between(&page, "id=\"erreurs\"", "</section>")?;
            assert!(alert.contains(said), "{key}: {alert}");
            let kept = if field == "to" { ("from", "Justice") } else { ("to", NEW) };
            let typed = between(&page, &format!("id=\"apercu-{}\"", kept.0), ">")?;
            assert!(typed.contains(kept.1), "{key}: {typed}");
        }
    }
    for wrong in ["?nom=Justice&page=x", "/00000000-0000-7000-8000-000000000000", "/rien"] {
        let (status, _) = visitor.get(&format!("{PAGE}{wrong}")).await?;
        let expected = if wrong.starts_with('?') { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(status, expected, "{wrong}");
    }
    assert_eq!(visitor.post(&format!("{PAGE}/rien"), &CHANGE).await?.status(), StatusCode::NOT_FOUND);
    assert_eq!(visitor.get(&format!("{PAGE}/apercu")).await?.0, StatusCode::SEE_OTHER);
    assert_eq!(renamed(&served).await?, 0);
    Ok(())
}

async fn the_change_is_the_administrators(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    three(&served).await?;
    let query = "{ openByDenomination { count } governmentChanges { id } }";
    for by in Person::ALL.into_iter().filter(|by| *by != Person::Administrator) {
        let visitor = Visitor::open(&served, by).await?;
        assert_eq!(visitor.get(PAGE).await?.0, StatusCode::FORBIDDEN, "{by:?}");
        for act in ["apercu", "appliquer"] {
            let done = visitor.post(&format!("{PAGE}/{act}"), &with("idempotencyKey", act)).await?;
            assert_eq!(done.status(), StatusCode::FORBIDDEN, "{by:?}");
        }
        let answer = served.ask(Some(&served.token(by).await?), query, Value::Null).await?;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_YOURS", "{by:?}");
    }
    let administrator = Visitor::open(&served, Person::Administrator).await?;
    let unsigned = with("token", "faux");
    let done = administrator.post(&format!("{PAGE}/appliquer"), &unsigned).await?;
    assert_eq!(done.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(renamed(&served).await?, 0);
    Ok(())
}

async fn the_api_shows_makes_and_lists_a_change(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    three(&served).await?;
    let token = served.token(Person::Administrator).await?;
    let input = json!({ "from": "Justice", "to": NEW, "leaves": false, "decreedOn": "2026-11-10" });
    let preview = "query($input: GovernmentInput!) {
        openByDenomination { ministry count }
        previewGovernmentChange(input: $input) {
            count moves { reference ministry since lead { code } } aside { reason count questions { reference } }
            userErrors { code field }
        }
    }";
    let shown = served.ask(Some(&token), preview, json!({ "input": input })).await?;
    assert_eq!(
        shown["data"]["openByDenomination"],
        json!([{ "ministry": "Justice", "count": 3 }]),
        "{shown}"
    );
    let found = &shown["data"]["previewGovernmentChange"];
    let aside =
        json!([{ "reason": "TRANSFER_PENDING", "count": 1, "questions": [{ "reference": "AN-17-QE-3" }] }]);
    assert_eq!((&found["count"], &found["aside"], &found["userErrors"]), (&json!(2), &aside, &json!([])));

    let make = "mutation($key: String!, $input: GovernmentInput!) {
        changeGovernment(idempotencyKey: $key, input: $input) {
            change { id from to leaves decreedOn moved endedAt unit { code } } userErrors { code field }
        }
    }";
    let changed = async |key: &str, input: &Value| {
        let variables = json!({ "key": key, "input": input });
        served.ask(Some(&token), make, variables).await
    };
    let done = changed("a", &input).await?;
    let change = &done["data"]["changeGovernment"]["change"];
    assert_eq!((&change["to"], &change["moved"], &change["unit"]), (&json!(NEW), &json!(2), &Value::Null));
    assert!(change["endedAt"].is_string(), "{done}");
    assert_eq!(changed("a", &input).await?, done, "the same key");
    let mut absurd = input.clone();
    (absurd["leaves"], absurd["to"]) = (json!(true), json!("Intérieur"));
    let reused = changed("a", &absurd).await?;
    assert_eq!(reused["errors"][0]["extensions"]["code"], "KEY_REUSED", "{reused}");
    let mut absurd = input.clone();
    absurd["to"] = json!("Justice");
    let kept = changed("b", &absurd).await?;
    let errors = &kept["data"]["changeGovernment"]["userErrors"];
    assert_eq!(errors[0]["field"], "to", "{kept}");

    let list = "query($id: ID!, $after: String) {
        governmentChanges { id moved }
        movedByGovernmentChange(id: $id, first: 1, after: $after) {
            edges { cursor node { reference ministry since } } pageInfo { hasNextPage }
        }
        dossiers(filter: { governmentChange: $id }) { totalCount }
    }";
    let mut names = Vec::new();
    let mut after = Value::Null;
    for more in [true, false] {
        let page = served.ask(Some(&token), list, json!({ "id": change["id"], "after": after })).await?;
        assert_eq!(page["data"]["governmentChanges"], json!([{ "id": change["id"], "moved": 2 }]), "{page}");
        assert_eq!(page["data"]["dossiers"]["totalCount"], 0, "an administrator reads no dossier");
        let moved = &page["data"]["movedByGovernmentChange"];
        let node = &moved["edges"][0]["node"];
        assert_eq!((&node["ministry"], &node["since"]), (&json!(NEW), &json!("2026-11-10")));
        names.push(node["reference"].as_str().context("no reference")?.to_owned());
        assert_eq!(moved["pageInfo"]["hasNextPage"], more, "{page}");
        after = moved["edges"][0]["cursor"].clone();
    }
    names.sort_unstable();
    assert_eq!(names, ["AN-17-QE-1", "AN-17-QE-2"]);
    let reader = served.token(Person::Coordinator).await?;
    let read = "query($id: ID!) { dossiers(filter: { governmentChange: $id }) { totalCount } }";
    let seen = served.ask(Some(&reader), read, json!({ "id": change["id"] })).await?;
    assert_eq!(seen["data"]["dossiers"]["totalCount"], 2);
    Ok(())
}

/// The stages of the dossiers that the auditor reads, by reference.
async fn dossiers(served: &Served) -> Result<Vec<(String, Stage)>> {
    let auditor = served.office.caller(Person::Auditor).await?;
    let found = served.office.walk(&auditor, &List::default(), 10).await?.into_iter();
    Ok(found.map(|sheet| (sheet.dossier.reference, sheet.dossier.stage)).collect())
}

/// A question that another ministry has.
async fn of_another(served: &Served, name: &str) -> Result<()> {
    let mut record = published(9, day("2026-09-15")?)?;
    record.attributions.clear();
    record.asked_ministry = Some(pli_domain::published::Ministry { reference: None, label: name.to_owned() });
    served.office.app.import([Ok(record.seal()?)].into_iter(), |_| {}).await.fine()?;
    Ok(())
}

async fn the_denominations_are_kept_by_their_page(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    of_another(&served, "Garde des sceaux").await?;
    assert_eq!(dossiers(&served).await?, []);
    let page = "/reglages/denominations";
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let form = |from, until, key| {
        [("name", "garde  des SCEAUX"), ("validFrom", from), ("validUntil", until), ("idempotencyKey", key)]
    };
    for (from, until, key) in [("", "", "1"), ("2026-02-30", "", "2"), ("2026-09-01", "2026-08-01", "3")] {
        let sent = visitor.post(&format!("{page}/nouvelle/ajouter"), &form(from, until, key)).await?;
        let (status, again) = read(sent).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{from} {until}");
        assert!(again.contains("aria-invalid=\"true\"") && again.contains("garde  des SCEAUX"), "{again}");
    }
    // The second time, nothing is left to do.
    for opened in [1, 0] {
        let added = visitor.post(&format!("{page}/nouvelle/ajouter"), &form("2026-09-01", "", "a")).await?;
        assert_eq!(added.status(), StatusCode::SEE_OTHER);
        let to = format!("/reglages/denominations?fait=ajouter&dossiers={opened}");
        assert_eq!(added.headers()["location"], to);
    }
    assert_eq!(dossiers(&served).await?, [("AN-17-QE-9".to_owned(), Stage::Received)]);
    let (_, shown) = visitor.get(&format!("{page}?fait=ajouter&dossiers=1")).await?;
    assert!(shown.contains("La dénomination est ajoutée\u{a0}: 1\u{a0}dossier ouvert."), "{shown}");
    let id = served.office.app.denominations().await.fine()?.0;
    let id = id.iter().find(|one| one.name.contains("SCEAUX")).context("not added")?.id;
    let days = [("validFrom", "2026-09-01"), ("validUntil", "2026-12-31"), ("idempotencyKey", "b")];
    let changed = visitor.post(&format!("{page}/{id}/modifier"), &days).await?;
    assert_eq!(changed.headers()["location"], "/reglages/denominations?fait=modifier&dossiers=0");
    let (_, shown) = visitor.get(page).await?;
    assert!(shown.contains("du 01/09/2026 au 31/12/2026"), "{shown}");

    for by in Person::ALL.into_iter().filter(|by| *by != Person::Administrator) {
        let other = Visitor::open(&served, by).await?;
        for act in ["modifier", "retirer"] {
            let refused = other.post(&format!("{page}/{id}/{act}"), &days).await?;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{by:?} {act}");
        }
    }
    let absent = "00000000-0000-7000-8000-000000000000";
    let gone = visitor.post(&format!("{page}/{absent}/retirer"), &[("idempotencyKey", "d")]).await?;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    let removed = visitor.post(&format!("{page}/{id}/retirer"), &[("idempotencyKey", "c")]).await?;
    assert_eq!(removed.headers()["location"], "/reglages/denominations?fait=retirer&dossiers=0");
    assert!(!visitor.get(page).await?.1.contains("SCEAUX"));
    assert_eq!(dossiers(&served).await?.len(), 1, "what it opened stays");
    Ok(())
}

async fn the_denominations_are_kept_through_the_api(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    of_another(&served, "Garde des sceaux").await?;
    let add = "mutation($name: String!, $from: NaiveDate!, $until: NaiveDate) {
        addDenomination(input: { idempotencyKey: \"a\", name: $name, validFrom: $from, validUntil: $until }) {
            denominations { id name } dossiers userErrors { code field }
        }
    }";
    let new = json!({ "name": "Garde des sceaux", "from": "2026-09-01" });
    let clerk = served.token(Person::Clerk).await?;
    let refused = served.ask(Some(&clerk), add, new.clone()).await?;
    let errors = &refused["data"]["addDenomination"]["userErrors"];
    assert_eq!(errors, &json!([{ "code": "NOT_YOURS", "field": null }]), "{refused}");
    let token = served.token(Person::Administrator).await?;
    let done = served.ask(Some(&token), add, new.clone()).await?;
    let added = &done["data"]["addDenomination"];
    assert_eq!((&added["dossiers"], &added["userErrors"]), (&json!(1), &json!([])), "{done}");
    let again = served.ask(Some(&token), add, new).await?;
    assert_eq!(again["data"]["addDenomination"]["denominations"], added["denominations"], "the same key");
    let all = added["denominations"].as_array().context("no list")?;
    let id = &all.iter().find(|one| one["name"] == "Garde des sceaux").context("not added")?["id"];
    let on = |key: &str| json!({ "on": { "id": id, "idempotencyKey": key } });
    let change = "mutation($on: OnSetting!) {
        changeDenomination(on: $on, validFrom: \"2026-09-01\", validUntil: \"2026-08-01\") { userErrors { field } }
    }";
    let absurd = served.ask(Some(&token), change, on("b")).await?;
    let errors = &absurd["data"]["changeDenomination"]["userErrors"];
    assert_eq!(errors, &json!([{ "field": "validUntil" }]), "{absurd}");
    let change = change.replace("2026-08-01", "2026-12-31");
    let changed = served.ask(Some(&token), &change, on("c")).await?;
    assert_eq!(changed["data"]["changeDenomination"]["userErrors"], json!([]), "{changed}");
    let listed = served.ask(Some(&clerk), "{ denominations { name validUntil } }", Value::Null).await?;
    let known = listed["data"]["denominations"].as_array().context("no list")?;
    assert!(known.contains(&json!({ "name": "Garde des sceaux", "validUntil": "2026-12-31" })), "{listed}");
    let remove = "mutation($on: OnSetting!) { removeDenomination(on: $on) { denominations { name } userErrors { code } } }";
    let refused = served.ask(Some(&clerk), remove, on("d")).await?;
    assert_eq!(refused["data"]["removeDenomination"]["userErrors"], json!([{ "code": "NOT_YOURS" }]));
    let removed = served.ask(Some(&token), remove, on("e")).await?;
    let left = removed["data"]["removeDenomination"]["denominations"].as_array().context("no list")?;
    assert!(!left.contains(&json!({ "name": "Garde des sceaux" })), "{removed}");
    Ok(())
}
