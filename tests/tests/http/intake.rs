//! The pieces of page that are asked while a letter is typed, and what is printed: to those who may see it, and to nobody
//! else.

use anyhow::{Context as _, Result};
use pli_tests::samples::{petition, question, route};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

pli_tests::on_both!(the_api_tells_what_may_have_come_before);

/// The token that the forms of a session carry.
async fn token(served: &Served, cookie: &str) -> Result<String> {
    let page = served.page("/notifications", cookie).await?.text().await?;
    let (_, rest) = page.split_once("name=\"token\" value=\"").context("no token")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

async fn post(served: &Served, path: &str, cookie: &str, form: &[(&str, &str)]) -> Result<Response> {
    let request = served.client.post(format!("{}{path}", served.url)).header("cookie", cookie);
    Ok(request.header("sec-fetch-site", "same-origin").form(form).send().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_hold_what_their_reader_may_see() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let id = served.office.register(petition("Divorce")).await?.dossier.id;
    served.office.play(id, [(Person::Clerk, route(served.office.unit("DACS")?))]).await?;
    for (person, sees) in [(Person::Clerk, true), (Person::Correspondent, true), (Person::Prisons, false)] {
        let cookie = served.cookie(person).await?;
        let token = token(&served, &cookie).await?;
        let form = [("token", token.as_str()), ("sender", "Mme Élise Garonne"), ("subject", "divorce")];
        for path in ["/courriers/nouveau/semblables", "/courriers/nouveau/expediteurs"] {
            let answer = post(&served, path, &cookie, &form).await?;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let piece = answer.text().await?;
            assert_eq!(piece.contains("Mme Élise Garonne"), sees, "{person:?} {path} {piece}");
            assert!(sees || piece.trim().is_empty() && !piece.contains("<html"), "{piece}");
            // Without the token of one's session nothing is answered; nor is it to a link.
            let foreign = post(&served, path, &cookie, &form[1..]).await?;
            assert!(!foreign.status().is_success(), "{}", foreign.status());
            let link = served.page(&format!("{path}?sender=Garonne"), &cookie).await?;
            assert_eq!(link.status(), StatusCode::NOT_FOUND);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_printed_is_seen_by_those_who_see_the_dossier() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    let sheet = served.office.register(petition("Divorce")).await?;
    let reference = &sheet.dossier.reference;
    served.office.play(sheet.dossier.id, [(Person::Clerk, route(served.office.unit("DACS")?))]).await?;
    let (clerk, prisons) = (served.cookie(Person::Clerk).await?, served.cookie(Person::Prisons).await?);
    let caller = served.office.caller(Person::Clerk).await?;
    let question =
        served.office.app.receive_question(&caller, served.office.key(), question(1)).await.fine()?;
    for piece in ["recepisse", "etiquette"] {
        let page = served.page(&format!("/dossiers/{reference}/{piece}"), &clerk).await?.text().await?;
        assert!(page.contains(reference) && page.contains("Mme Élise Garonne"), "{page}");
        let hidden = served.page(&format!("/dossiers/{reference}/{piece}"), &prisons).await?;
        assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
        let absent = served.page(&format!("/dossiers/SG-2026-A-999999/{piece}"), &prisons).await?;
        assert_eq!(hidden.text().await?, absent.text().await?);
        let none = served.page(&format!("/dossiers/{}/{piece}", question.dossier.reference), &clerk).await?;
        assert_eq!(none.status(), StatusCode::NOT_FOUND, "a question has none");
    }
    Ok(())
}

async fn the_api_tells_what_may_have_come_before(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let clerk = served.token(Person::Clerk).await?;
    let first = served.office.register(petition("Aide juridictionnelle")).await?;
    let ask = "query($of: LetterInput!) { senderSuggestions(typed: \"GARO\") { sender letters } \
        probableDuplicates(of: $of) { id reference sender subject receivedOn registeredAt registeredBy signs reason } }";
    let of =
        json!({ "sender": "Garonne Elise", "subject": "aide juridictionnelle", "receivedOn": "2026-11-20" });
    let answer = served.ask(Some(&clerk), ask, json!({ "of": of })).await?;
    let id = format!("mail:{}", first.dossier.id);
    assert_eq!(
        answer["data"],
        json!({
            "senderSuggestions": [{ "sender": "Mme Élise Garonne", "letters": 1 }],
            "probableDuplicates": [{
                "id": id,
                "reference": "SG-2026-A-000001",
                "sender": "Mme Élise Garonne",
                "subject": "Aide juridictionnelle",
                "receivedOn": "2026-11-19",
                "registeredAt": "2026-11-22T09:00:00+00:00",
                "registeredBy": "Nadège Trémolat",
                "signs": ["SAME_SENDER", "NEAR_SUBJECT"],
                "reason": "même expéditeur, objet proche",
            }],
        }),
        "{answer}"
    );
    let wrong = served.ask(Some(&clerk), ask, json!({ "of": { "file": "abc" } })).await?;
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let prisons = served.token(Person::Prisons).await?;
    let answer = served.ask(Some(&prisons), ask, json!({ "of": of })).await?;
    assert_eq!(answer["data"], json!({ "senderSuggestions": [], "probableDuplicates": [] }));

    let register = "mutation($apart: [ID!], $key: String!) { registerMail(input: { idempotencyKey: $key, \
        sender: \"Mme Élise Garonne\", subject: \"Aide juridictionnelle\", category: PETITION, channel: POST, \
        documentOn: \"2026-11-16\", receivedOn: \"2026-11-19\", apart: $apart }) \
        { dossier { reference } userErrors { code field } } }";
    for (apart, reference, code) in [
        (json!([]), Value::Null, json!([{ "code": "PROBABLE_DUPLICATE", "field": null }])),
        (json!([id]), json!({ "reference": "SG-2026-A-000002" }), json!([])),
        (Value::Null, json!({ "reference": "SG-2026-A-000003" }), json!([])),
    ] {
        let key = format!("{apart}");
        let answer = served.ask(Some(&clerk), register, json!({ "apart": apart, "key": key })).await?;
        let done = &answer["data"]["registerMail"];
        assert_eq!((&done["dossier"], &done["userErrors"]), (&reference, &code), "{answer}");
    }
    Ok(())
}
