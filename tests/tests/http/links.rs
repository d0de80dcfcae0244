//! Links over HTTP: asked for, opened, and what is done with the session that they open.

use anyhow::{Context as _, Result};
use pli_domain::people::PersonCommand;
use pli_tests::samples::petition;
use pli_tests::{Engine, Person, Served};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    a_link_is_asked_for_sent_opened_and_serves_once,
    nothing_tells_which_addresses_are_known_nor_what_is_wrong_with_a_link,
    a_session_by_a_link_is_kept_to_what_contributes,
    the_administrator_sends_links_and_takes_them_back,
    the_api_says_who_may_have_links_sends_and_takes_them_back,
);

async fn ask(served: &Served, email: &str) -> Result<Response> {
    let url = format!("{}/connexion/lien", served.url);
    Ok(served.client.post(url).form(&[("email", email)]).send().await?)
}

async fn open(served: &Served, secret: &str) -> Result<Response> {
    Ok(served.client.post(format!("{}/connexion/lien/{secret}", served.url)).send().await?)
}

/// What an answer tells: its status, its headers but the moment, its text.
async fn told(answer: Response) -> Result<(StatusCode, Vec<(String, String)>, String)> {
    let headers = answer.headers().iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())));
    let (status, headers) = (answer.status(), headers.collect::<Result<_>>()?);
    Ok((status, headers, answer.text().await?))
}

fn session(answer: &Response) -> Result<String> {
    let kept = answer.headers().get("set-cookie").context("no session")?.to_str()?;
    assert!(kept.contains("; HttpOnly; SameSite=Strict"), "{kept}");
    Ok(kept.split(';').next().unwrap_or_default().to_owned())
}

/// The cookie of somebody who has come in by a link.
async fn by_link(served: &Served, person: Person) -> Result<String> {
    served.office.change_person(person, PersonCommand::AllowLinks).await?;
    served.office.ask_link(&person.email()).await?;
    let (_, secret) = served.office.link().await?.context("no link")?;
    session(&open(served, &secret).await?)
}

async fn a_link_is_asked_for_sent_opened_and_serves_once(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    served.office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    let asked = ask(&served, &Person::Drafter.email()).await?;
    assert_eq!(asked.headers()["location"], "/connexion/lien?fait=demande");
    let (_, secret) = served.office.link().await?.context("no link")?;
    let offered = served.client.get(format!("{}/connexion/lien/{secret}", served.url));
    let looked = offered.header("sec-fetch-site", "cross-site").send().await?;
    assert!(looked.status() == StatusCode::OK && looked.headers().get("set-cookie").is_none());
    assert!(looked.text().await?.contains("Entrer dans Pli"));
    let head = served.client.head(format!("{}/connexion/lien/{secret}", served.url)).send().await?;
    assert_eq!(head.status(), StatusCode::OK, "looking at it does not use it");
    let foreign = served.client.post(format!("{}/connexion/lien/{secret}", served.url));
    let foreign = foreign.header("sec-fetch-site", "cross-site").send().await?;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "nor does another site");
    let entered = open(&served, &secret).await?;
    assert_eq!(
        (entered.status(), &entered.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/ma-table".parse()?)
    );
    let cookie = session(&entered)?;
    let table = served.page("/ma-table", &cookie).await?;
    assert_eq!(table.status(), StatusCode::OK);
    assert!(table.text().await?.contains(Person::Drafter.name()));
    assert_eq!(open(&served, &secret).await?.status(), StatusCode::UNAUTHORIZED);
    Ok(())
}

async fn nothing_tells_which_addresses_are_known_nor_what_is_wrong_with_a_link(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    let known = told(ask(&served, &Person::Drafter.email()).await?).await?;
    let again = told(ask(&served, &Person::Drafter.email()).await?).await?;
    let without = told(ask(&served, &Person::Clerk.email()).await?).await?;
    let unknown = told(ask(&served, "personne@justice.example").await?).await?;
    assert_eq!(known.0, StatusCode::SEE_OTHER);
    assert!(known == again && known == without && known == unknown, "{known:?} {unknown:?}");
    let (status, _, page) = told(ask(&served, "redaction").await?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("value=\"redaction\"") && page.contains("prenom.nom@exemple.fr"), "{page}");

    let (_, used) = office.link().await?.context("no link")?;
    open(&served, &used).await?;
    let mut answers = vec![told(open(&served, &"0".repeat(64)).await?).await?];
    answers.push(told(open(&served, "x").await?).await?);
    answers.push(told(open(&served, &used).await?).await?);
    let next = async || {
        office.ask_link(&Person::Drafter.email()).await?;
        anyhow::Ok(office.link().await?.context("no link")?.1)
    };
    office.set_clock("2026-11-22T09:01:00Z")?;
    let revoked = next().await?;
    let owner = Visitor::open(&served, Person::Drafter).await?;
    let (_, page) = owner.get("/mon-compte").await?;
    let form = between(&page, "action=\"/mon-compte/revoke_link\"", "</form>")?;
    let id = between(form, "name=\"id\" value=\"", "\"")?;
    let stranger = Visitor::open(&served, Person::Approver).await?;
    let theirs = stranger.post("/mon-compte/revoke_link", &[("idempotencyKey", "1"), ("id", id)]).await?;
    assert_eq!(theirs.status(), StatusCode::NOT_FOUND);
    let done = owner.post("/mon-compte/revoke_link", &[("idempotencyKey", "1"), ("id", id)]).await?;
    assert_eq!(done.headers()["location"], "/mon-compte?fait=revoke_link");
    answers.push(told(open(&served, &revoked).await?).await?);
    let late = next().await?;
    let forbidden = late.clone();
    office.set_clock("2026-11-22T11:01:00Z")?;
    answers.push(told(open(&served, &late).await?).await?);
    office.change_person(Person::Drafter, PersonCommand::ForbidLinks).await?;
    answers.push(told(open(&served, &forbidden).await?).await?);
    let (status, _, page) = &answers[0];
    assert!(*status == StatusCode::UNAUTHORIZED && page.contains("Ce lien n’ouvre rien"), "{page}");
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    Ok(())
}

async fn a_session_by_a_link_is_kept_to_what_contributes(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let cookie = by_link(&served, Person::Drafter).await?;
    let page = served.page("/mon-compte", &cookie).await?.text().await?;
    assert!(
        page.contains("Vous êtes entré par un lien") && page.contains(", par un lien <b>(celui-ci)</b>"),
        "{page}"
    );
    assert!(!page.contains("/mon-compte/change_password") && !page.contains("/mon-compte/make_token"));
    let token = between(&page, "name=\"token\" value=\"", "\"")?.to_owned();
    let post = async |path: &str, fields: &[(&str, &str)]| {
        let form: Vec<_> = fields.iter().copied().chain([("token", token.as_str())]).collect();
        let request = served.client.post(format!("{}{path}", served.url)).header("cookie", &cookie);
        anyhow::Ok(request.form(&form).send().await?)
    };
    let password = [
        ("idempotencyKey", "1"),
        ("password", pli_tests::PASSWORD),
        ("newPassword", "agrafe bleue quatorze"),
        ("newPasswordAgain", "agrafe bleue quatorze"),
    ];
    let make = [("idempotencyKey", "2"), ("name", "Tableau"), ("scope", "read"), ("days", "1")];
    for (path, fields) in [("/mon-compte/change_password", &password), ("/mon-compte/make_token", &make)] {
        let answer = post(path, fields).await?;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(
            answer.text().await?.contains("Vous êtes entré par un lien, qui ne permet pas cela"),
            "{path}"
        );
    }
    assert!(office.come_in(Person::Drafter.login(), pli_tests::PASSWORD).await?.is_some());
    // By its cookie the API does no more than the pages.
    let ask = async |cookie: &str, query: &str| -> Result<Value> {
        let request = served.client.post(format!("{}/graphql", served.url)).header("cookie", cookie);
        Ok(request.json(&json!({ "query": query })).send().await?.json().await?)
    };
    let make = "mutation { createToken(input: { idempotencyKey: \"a\", name: \"x\", scope: READ }) { userErrors { code } } }";
    let answer = ask(&cookie, make).await?;
    assert_eq!(answer["data"]["createToken"]["userErrors"][0]["code"], "NOT_BY_LINK", "{answer}");

    let id = office.register(petition("Ouverte")).await?.dossier.reference;
    let signatory = by_link(&served, Person::Signatory).await?;
    for path in ["/signature".to_owned(), format!("/dossiers/{id}")] {
        let (own, theirs) = (
            Visitor::open(&served, Person::Signatory).await?.get(&path).await?,
            served.page(&path, &signatory).await?,
        );
        assert_eq!(own.0, StatusCode::OK, "{path}");
        let theirs = (theirs.status(), theirs.text().await?);
        assert!(theirs.0 != StatusCode::OK || !theirs.1.contains(&id), "{path}");
    }
    let administrator = by_link(&served, Person::Administrator).await?;
    let (kept, hidden) = (StatusCode::FORBIDDEN, StatusCode::NOT_FOUND);
    for (path, status) in
        [("/reglages/personnes", kept), ("/reglages/acces", kept), ("/reglages/compartiments", hidden)]
    {
        let own = Visitor::open(&served, Person::Administrator).await?.get(path).await?;
        assert_eq!(own.0, StatusCode::OK, "{path}");
        assert_eq!(served.page(path, &administrator).await?.status(), status, "{path}");
    }
    Ok(())
}

async fn the_administrator_sends_links_and_takes_them_back(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let administrator = Visitor::open(&served, Person::Administrator).await?;
    let page = format!("/reglages/personnes/{}", Person::Drafter.login());
    let post = async |form: &str, id: &str| {
        let fields = [("idempotencyKey", form), ("id", id)];
        let answer = administrator.post(&format!("{page}/{form}"), &fields).await?;
        anyhow::Ok(answer)
    };
    let refused = post("send_link", "").await?;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await?.contains("n’est pas autorisée à entrer par un lien"));
    let (_, before) = administrator.get(&page).await?;
    assert!(before.contains("Autoriser les liens d’accès") && !before.contains("Envoyer un lien d’accès"));
    assert_eq!(post("allow_links", "").await?.status(), StatusCode::SEE_OTHER);
    let sent = administrator.post(&format!("{page}/send_link"), &[("idempotencyKey", "envoi")]).await?;
    assert_eq!(sent.headers()["location"].to_str()?, format!("{page}?fait=send_link"));
    let (_, secret) = served.office.link().await?.context("no link")?;
    let cookie = session(&open(&served, &secret).await?)?;
    let (_, shown) = administrator.get(&page).await?;
    assert!(shown.contains("A servi le 22/11/2026") && !shown.contains(&secret), "{shown}");
    let form = between(&shown, "/revoke_link\"", "</form>")?;
    let id = between(form, "name=\"id\" value=\"", "\"")?.to_owned();
    assert_eq!(post("revoke_link", &id).await?.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        served.page("/ma-table", &cookie).await?.status(),
        StatusCode::SEE_OTHER,
        "its session is closed"
    );
    let stranger = Visitor::open(&served, Person::Coordinator).await?;
    for form in ["allow_links", "send_link", "revoke_link"] {
        let answer =
            stranger.post(&format!("{page}/{form}"), &[("idempotencyKey", "x"), ("id", &id)]).await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{form}");
    }
    let journal = administrator.get("/reglages/journal").await?.1;
    assert!(journal.contains("a autorisé les liens d’accès pour le compte"), "{journal}");
    Ok(())
}

async fn the_api_says_who_may_have_links_sends_and_takes_them_back(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let cookie = served.cookie(Person::Administrator).await?;
    let ask = async |cookie: &str, query: String| -> Result<Value> {
        let request = served.client.post(format!("{}/graphql", served.url)).header("cookie", cookie);
        Ok(request.json(&json!({ "query": query })).send().await?.json().await?)
    };
    let drafter = served.office.database.store.person(Person::Drafter.login()).await?.context("nobody")?;
    let on = |id: &str, key: &str| format!("on: {{ id: \"{id}\", idempotencyKey: \"{key}\" }}");
    let person = format!("person:{}", drafter.id);
    let allow = format!(
        "mutation {{ setLinksAllowed({}, allowed: true) {{ person {{ linksAllowed }} userErrors {{ code }} }} }}",
        on(&person, "1")
    );
    let answer = ask(&cookie, allow).await?;
    assert_eq!(answer["data"]["setLinksAllowed"]["person"]["linksAllowed"], true, "{answer}");
    let send = |key| format!("mutation {{ sendLink({}) {{ userErrors {{ code }} }} }}", on(&person, key));
    let answer = ask(&cookie, send("2")).await?;
    assert_eq!(answer["data"]["sendLink"]["userErrors"], json!([]), "{answer}");
    let (_, secret) = served.office.link().await?.context("no link")?;
    let list = format!(
        "{{ linksOf(login: \"{}\") {{ id askedBy state expiresAt usedAt }} }}",
        Person::Drafter.login()
    );
    let answer = ask(&cookie, list.clone()).await?;
    let link = &answer["data"]["linksOf"][0];
    assert_eq!(link["state"], "OPEN", "{answer}");
    assert_eq!(link["askedBy"], Person::Administrator.name());
    let own = session(&open(&served, &secret).await?)?;
    let mine = "{ me { links { id state } sessions { byLink current } } }".to_owned();
    let answer = ask(&own, mine).await?;
    assert_eq!(answer["data"]["me"]["links"][0]["state"], "USED", "{answer}");
    assert_eq!(answer["data"]["me"]["sessions"][0], json!({ "byLink": true, "current": true }), "{answer}");
    let id = link["id"].as_str().context("no id")?;
    let stranger = served.cookie(Person::Coordinator).await?;
    let revoke = |person: &str| {
        let person = if person.is_empty() { String::new() } else { format!(", person: \"{person}\"") };
        format!("mutation {{ revokeLink({}{person}) {{ userErrors {{ code }} }} }}", on(id, "3"))
    };
    let answer = ask(&stranger, revoke("")).await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
    for query in [revoke(&person), send("4")] {
        let answer = ask(&stranger, query).await?;
        assert!(answer.to_string().contains("NOT_YOURS"), "{answer}");
    }
    let answer = ask(&stranger, list).await?;
    assert!(answer["data"]["linksOf"].is_null() && answer["errors"].is_array(), "{answer}");
    let answer = ask(&cookie, revoke(&person)).await?;
    assert_eq!(answer["data"]["revokeLink"]["userErrors"], json!([]), "{answer}");
    assert_eq!(served.page("/ma-table", &own).await?.status(), StatusCode::SEE_OTHER);
    Ok(())
}
