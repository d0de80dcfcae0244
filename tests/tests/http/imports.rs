//! Imports over HTTP: the pages and the API, as each person finds them.

use anyhow::{Context as _, Result};
use pli_app::Origin;
use pli_domain::import_run::Feed;
use pli_feeds::{RejectReason, Rejected};
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::json;

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    the_pages_show_each_run_and_what_it_refused,
    each_page_is_theirs_who_look_after_imports,
    the_api_lists_the_runs,
);

/// One import of two questions with something refused, and one that failed.
pub(crate) async fn two(served: &Served) -> Result<()> {
    let app = &served.office.app;
    let origin = Origin { feed: Feed::Assembly, source: "questions <b>.zip".to_owned(), digest: None };
    let reason = RejectReason::UnknownType {
        uid: "QANR5L17QM1".to_owned(),
        code: "<script>alert(1)</script>".to_owned(),
    };
    let records = [
        Ok(published(1, day("2026-09-08")?)?),
        Ok(published(2, day("2026-09-08")?)?),
        Err(Rejected { source: "QANR5L17QM1.json".to_owned(), reason }),
    ];
    app.import_file(&origin, records.into_iter(), |_| {}).await.fine()?;
    let origin = Origin { feed: Feed::Senate, source: "questions.zip".to_owned(), digest: None };
    app.import_refused(&origin, "Archive illisible.".to_owned()).await.fine()
}

async fn the_pages_show_each_run_and_what_it_refused(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let coordinator = Visitor::open(&served, Person::Coordinator).await?;
    let (_, empty) = coordinator.get("/imports").await?;
    assert!(empty.contains("Aucun fichier n’a encore été importé"), "{empty}");
    two(&served).await?;
    let (status, page) = coordinator.get("/imports").await?;
    assert_eq!((status, page.matches("<th scope=\"row\">").count()), (StatusCode::OK, 2), "{page}");
    assert!(page.contains("href=\"/imports/1#refus\">1</a>") && !page.contains("questions <b>"), "{page}");
    let (_, failed) = coordinator.get("/imports?etat=failed").await?;
    assert!(failed.contains("href=\"/imports/2\"") && !failed.contains("href=\"/imports/1\""));
    let (_, none) = coordinator.get("/imports?etat=interrupted&source=senate").await?;
    assert!(none.contains("Aucun import ne répond"), "{none}");
    for wrong in ["/imports?etat=x", "/imports?source=x", "/imports?avant=x"] {
        assert_eq!(coordinator.get(wrong).await?.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let (_, one) = coordinator.get("/imports/1").await?;
    assert!(between(&one, "<dt>Nouveaux</dt>", "</div>")?.contains("<dd>2</dd>"), "{one}");
    assert!(
        one.contains("unknown_type") && one.contains("alert(1)") && !one.contains("<script>alert"),
        "{one}"
    );
    let (_, two) = coordinator.get("/imports/2").await?;
    assert!(two.contains("Archive illisible.") && two.contains("Relancez l’import"), "{two}");
    Ok(())
}

async fn each_page_is_theirs_who_look_after_imports(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    two(&served).await?;
    for by in Person::ALL {
        let cookie = served.cookie(by).await?;
        let allowed = matches!(by, Person::Coordinator | Person::Deputy | Person::Administrator);
        let menu = served.page("/dossiers", &cookie).await?.text().await?;
        assert_eq!(menu.contains("href=\"/imports\""), allowed, "{by:?}: the menu");
        let token = served.token(by).await?;
        for (page, there) in
            [("/imports", true), ("/imports/1", true), ("/imports/9", false), ("/imports/x", false)]
        {
            let expected = match (allowed, there) {
                (true, true) => StatusCode::OK,
                (true, false) => StatusCode::NOT_FOUND,
                (false, _) if page == "/imports/x" => StatusCode::NOT_FOUND,
                (false, _) => StatusCode::FORBIDDEN,
            };
            assert_eq!(served.page(page, &cookie).await?.status(), expected, "{by:?} {page}");
        }
        for query in ["{ importRuns { edges { cursor } } }", "{ importRun(id: \"run:1\") { run { id } } }"] {
            let answer = served.ask(Some(&token), query, json!({})).await?;
            let code = answer["errors"][0]["extensions"]["code"].as_str();
            assert_eq!(code, (!allowed).then_some("NOT_YOURS"), "{by:?} {query}");
        }
    }
    let anonymous = served.client.get(format!("{}/imports/1", served.url)).send().await?;
    assert_eq!(anonymous.headers()["location"], "/connexion?suite=%2Fimports%2F1");
    Ok(())
}

async fn the_api_lists_the_runs(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    two(&served).await?;
    let token = served.token(Person::Administrator).await?;
    let query = "query($after: String) { importRuns(first: 1, after: $after) {
        edges { cursor node { id number feed source digest state why startedAt finishedAt seconds
          created updated unchanged dossiers rejected } } pageInfo { hasNextPage }
    } }";
    let latest = served.ask(Some(&token), query, json!({})).await?;
    let after = &latest["data"]["importRuns"]["edges"][0]["cursor"];
    let first = served.ask(Some(&token), query, json!({ "after": after })).await?;
    insta::assert_json_snapshot!("runs_of_imports", json!([latest["data"], first["data"]]));
    let one = "query($id: ID!) { importRun(id: $id) {
        run { number } rejections { source code reason } sameFileBefore { number } } }";
    let refused = served.ask(Some(&token), one, json!({ "id": "run:1" })).await?;
    let rejections = refused["data"]["importRun"]["rejections"].as_array().context("no list")?;
    assert_eq!((rejections.len(), &rejections[0]["code"]), (1, &json!("unknown_type")));
    let none = served.ask(Some(&token), one, json!({ "id": "run:99" })).await?;
    assert!(none["data"]["importRun"].is_null() && none["errors"].is_null(), "{none}");
    let bad = served.ask(Some(&token), one, json!({ "id": "unit:1" })).await?;
    assert_eq!(bad["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    Ok(())
}
