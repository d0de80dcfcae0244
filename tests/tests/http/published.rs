//! The public record over HTTP: the API and the pages of a question, ours or another ministry's.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pli_domain::published::{
    Attribution, Closing, ClosingKind, Ministry, PublishedQuestion, PublishedText, Recall, Signalment,
};
use pli_feeds::{assemblee, senat};
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    real_records_are_read_whole_through_the_api,
    a_page_of_the_archive_shows_the_texts_and_the_life_of_a_question,
    what_a_text_hides_is_not_given_back,
);

const RECORD: &str = r"query($identity: String!) { publishedQuestion(identity: $identity) { ours record {
    uid title rubric terms author { reference civility name group constituency }
    askedMinistry { reference label } attributions { ministry { reference label } on cause }
    publishedOn page questionHtml questionText questionErrata { on page html text erratum }
    answers { on page html text erratum } closing { kind code label on }
    signalled { depositedOn publishedOn } renewedOn recalled { on } recallOf convertedOn sittingOn
    history { on what }
} } }";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures").join(name)
}

async fn with_real_questions(engine: Engine) -> Result<Served> {
    let served = Served::open(engine, false).await?;
    let app = &served.office.app;
    for archive in ["Questions_ecrites_extrait.json.zip", "Questions_orales_sans_debat_extrait.json.zip"] {
        let path = fixture("assemblee").join(archive);
        app.import(assemblee::open(&path)?, |_| {}).await.fine()?;
    }
    app.import(senat::open(&fixture("senat/questions_depuis_un_an_echantillon.csv"))?, |_| {})
        .await
        .fine()?;
    Ok(served)
}

/// A question to which everything happened that may.
fn eventful() -> Result<PublishedQuestion> {
    let mut record = published(2, day("2026-06-02")?)?;
    let text = |on: &str, erratum| -> Result<PublishedText> {
        let html = Some("<p>Le texte.</p>".to_owned());
        Ok(PublishedText { on: Some(day(on)?), page: Some("7".to_owned()), html, erratum })
    };
    let defence = Ministry { reference: Some("PO1".to_owned()), label: "Défense".to_owned() };
    let cause = Some("JO_LOI_DECRET".to_owned());
    record
        .attributions
        .insert(0, Attribution { ministry: defence, on: Some(day("2026-06-02")?), cause: None });
    record.attributions[1].on = Some(day("2026-07-01")?);
    record.attributions[1].cause = cause;
    record.page = Some("5123".to_owned());
    record.signalled =
        Some(Signalment { deposited_on: Some(day("2026-09-07")?), published_on: Some(day("2026-09-08")?) });
    record.renewed_on = vec![day("2026-09-15")?, day("2026-10-20")?];
    record.recalled = Some(Recall { on: Some(day("2026-09-22")?) });
    record.recall_of = Some("SEQ250605028".to_owned());
    record.question_errata = vec![text("2026-06-09", true)?];
    record.answers = vec![text("2026-11-03", false)?, text("2026-11-10", true)?];
    record.closing = Some(Closing {
        kind: ClosingKind::Answered,
        code: Some("REP_PUB".to_owned()),
        label: Some("Réponse publiée".to_owned()),
        on: Some(day("2026-11-03")?),
    });
    Ok(record.seal()?)
}

/// What the API tells of a question, its texts cut short.
async fn told(served: &Served, token: &str, identity: &str) -> Result<Value> {
    let answer = served.ask(Some(token), RECORD, json!({ "identity": identity })).await?;
    anyhow::ensure!(answer.get("errors").is_none(), "{answer}");
    let mut told = answer["data"]["publishedQuestion"].clone();
    shorten(&mut told);
    Ok(told)
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().count() > 120 => {
            *text = text.chars().take(120).chain(['…']).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

async fn real_records_are_read_whole_through_the_api(engine: Engine) -> Result<()> {
    let served = with_real_questions(engine).await?;
    // What is public is read by whoever has an account.
    let token = served.token(Person::Administrator).await?;
    let mut all = serde_json::Map::new();
    served.office.app.import([Ok(eventful()?)].into_iter(), |_| {}).await.fine()?;
    for identity in ["AN-17-QE-16458", "AN-16-QOSD-525", "SENAT-2025-QE-5028", "AN-17-QE-2"] {
        all.insert(identity.to_owned(), told(&served, &token, identity).await?);
    }
    insta::assert_json_snapshot!("what_the_public_record_tells", all);
    assert!(told(&served, &token, "AN-17-QE-999999").await?.is_null());
    assert!(told(&served, &token, "rien").await?.is_null());

    // A whole page of them: each record is read with the others, and it is not too much to ask.
    let page = "{ publishedQuestions(first: 100) { edges { node { identity record {
        uid publishedOn page author { name group constituency } answers { on page html } history { on what } } } } } }";
    let answer = served.ask(Some(&token), page, Value::Null).await?;
    let edges =
        answer["data"]["publishedQuestions"]["edges"].as_array().with_context(|| answer.to_string())?;
    assert_eq!(edges.len(), 100);
    assert!(edges.iter().all(|edge| edge["node"]["record"]["uid"].is_string()));
    Ok(())
}

async fn a_page_of_the_archive_shows_the_texts_and_the_life_of_a_question(engine: Engine) -> Result<()> {
    let served = with_real_questions(engine).await?;
    for person in Person::ALL {
        let (status, page) = Visitor::open(&served, person).await?.get("/archives/AN-16-QOSD-525").await?;
        assert_eq!(status, StatusCode::OK, "{person:?}");
        let history = between(&page, "<h2 id=\"jo\">", "</section>")?;
        assert!(history.contains("31/01/2024") && history.contains("Publication de la réponse"), "{history}");
        assert!(
            between(&page, "<h2 id=\"reponse\">", "</section>")?.contains("<br"),
            "the text keeps its lines"
        );
    }
    let coordinator = Visitor::open(&served, Person::Coordinator).await?;
    let (_, ours) = coordinator.get("/archives/AN-17-QE-16458").await?;
    assert!(ours.contains("href=\"/dossiers/AN-17-QE-16458\""), "its dossier is open to the coordinator");
    let prisons = Visitor::open(&served, Person::Prisons).await?;
    let (_, ours) = prisons.get("/archives/AN-17-QE-16458").await?;
    assert!(
        ours.contains("id=\"question\"") && !ours.contains("/dossiers/AN-17-QE-16458"),
        "public, the dossier not"
    );
    for nothing in ["/archives/AN-17-QE-999999", "/archives/rien", "/archives/AN-17-QE-0", "/archives/%00"] {
        assert_eq!(coordinator.get(nothing).await?.0, StatusCode::NOT_FOUND, "{nothing}");
    }
    Ok(())
}

/// A record of another ministry that a hostile file tells, read as every file is.
fn hostile(answer: &str) -> Result<Vec<PublishedQuestion>> {
    let value = json!({ "question": {
        "uid": "QANR5L17QE4242", "type": "QE",
        "identifiant": { "numero": "4242", "regime": "5eme République", "legislature": "17" },
        "indexationAN": { "rubrique": "<script>alert(1)</script>", "teteAnalyse": null,
            "analyses": { "analyse": "<img src=x onerror=alert(2)>" } },
        "auteur": { "identite": { "acteurRef": "PA1", "mandatRef": "PM1" },
            "groupe": { "organeRef": "PO1", "abrege": "<b>G</b>", "developpe": "Groupe" } },
        "minInt": { "organeRef": "PO2", "abrege": "Défense", "developpe": "Ministère <i>des</i> armées" },
        "textesQuestion": { "texteQuestion": {
            "infoJO": { "typeJO": "JO_QUESTION", "dateJO": "2026-09-08", "pageJO": "1" },
            "texte": "Avant<script>alert(3)</script><p onclick=\"alert(4)\">le texte</p>" } },
        "textesReponse": { "texteReponse": {
            "infoJO": { "typeJO": "JO_QUESTION", "dateJO": "2026-10-06", "pageJO": "2" }, "texte": answer } },
    } });
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("une.json"), value.to_string())?;
    Ok(assemblee::open(folder.path())?.collect::<Result<_, _>>()?)
}

async fn what_a_text_hides_is_not_given_back(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let app = &served.office.app;
    let answer = "Dit<iframe src=\"https://ailleurs.example\"></iframe><a href=\"javascript:alert(5)\">ici</a>\
                  <style>*{display:none}</style><svg onload=alert(6)></svg>";
    app.import(hostile(answer)?.into_iter().map(Ok), |_| {}).await.fine()?;
    // One of ours, whose plain fields hold markup: they are shown as they are written.
    let mut ours = published(1, day("2026-09-08")?)?;
    ours.title = Some("<script>alert(7)</script>".to_owned());
    ours.author.constituency = Some("\"><script>alert(8)</script>".to_owned());
    app.import([Ok(ours.seal()?)].into_iter(), |_| {}).await.fine()?;

    let token = served.token(Person::Coordinator).await?;
    let answer = served.ask(Some(&token), RECORD, json!({ "identity": "AN-17-QE-4242" })).await?;
    let record = &answer["data"]["publishedQuestion"]["record"];
    let html = format!("{}{}", record["questionHtml"], record["answers"][0]["html"]);
    assert!(html.contains("le texte") && html.contains("Dit") && html.contains("ici"), "{answer}");
    for evil in ["script", "onclick", "iframe", "style", "onload", "ailleurs"] {
        assert!(!html.contains(evil), "{evil}: {html}");
    }
    let coordinator = Visitor::open(&served, Person::Coordinator).await?;
    for page in ["/archives/AN-17-QE-4242", "/archives/AN-17-QE-1", "/dossiers/AN-17-QE-1"] {
        let (status, html) = coordinator.get(page).await?;
        assert_eq!(status, StatusCode::OK, "{page}");
        for evil in ["<script>", "<img", "<iframe", "onclick", "onload", "javascript:", "<svg", "<i>des"] {
            assert!(!html.contains(evil), "{page} holds {evil}");
        }
    }
    Ok(())
}
