//! Statistics over HTTP: the page whose numbers open their lists, and the API.

use anyhow::Result;
use pli_tests::samples::{day, published};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::json;

use crate::pages::{Visitor, between};

pli_tests::on_both!(each_number_of_the_page_opens_its_list, the_api_counts_the_same);

/// Two questions of two groups: one answered in time, one late.
async fn two(served: &Served) -> Result<()> {
    let mut records = Vec::new();
    for (number, group, answered) in [(1, Some("SOC"), Some("2026-09-22")), (2, None, None)] {
        let mut record = published(number, day("2026-09-08")?)?;
        record.author.group = group.map(str::to_owned);
        if let Some(on) = answered {
            let html = Some("<p>La réponse.</p>".to_owned());
            let text =
                pli_domain::published::PublishedText { on: Some(day(on)?), page: None, html, erratum: false };
            record.answers.push(text);
        }
        records.push(Ok(record.seal()?));
    }
    served.office.app.import(records.into_iter(), |_| {}).await.fine()?;
    Ok(())
}

async fn each_number_of_the_page_opens_its_list(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    two(&served).await?;
    let manager = Visitor::open(&served, Person::Manager).await?;
    let (status, page) = manager.get("/statistiques?par=groupe").await?;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<th scope=\"row\">SOC</th>") && page.contains("Groupe inconnu"), "{page}");
    assert!(page.contains("<td><span>50\u{a0}%</span></td>"), "{page}");
    let table = between(&page, "<table class=\"matrix\">", "</table>")?;
    let mut links = 0;
    for link in table.split("<a href=\"").skip(1) {
        let (href, rest) = link.split_once("\">").unwrap_or_default();
        let number = rest.split('<').next().unwrap_or_default();
        let (_, list) = manager.get(&href.replace("&#38;", "&")).await?;
        let heading = between(&list, "<h1>", "</h1>")?;
        assert!(heading.starts_with(&format!("{number}\u{a0}dossier")), "{href}: {heading}");
        links += 1;
    }
    assert_eq!(links, 7, "{table}");
    for (query, field) in [("du=2026-12-01&au=2026-01-01", "2026-12-01"), ("du=hier", "hier")] {
        let (status, page) = manager.get(&format!("/statistiques?{query}")).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("Écrivez deux dates") && page.contains(field), "{page}");
    }
    let (_, other) = manager.get("/statistiques?du=2025-01-01&au=2025-12-31").await?;
    assert!(other.contains("Aucune question n’a été publiée dans cette période"), "{other}");
    Ok(())
}

async fn the_api_counts_the_same(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    two(&served).await?;
    let token = served.token(Person::Manager).await?;
    let query = "query($from: NaiveDate!) { questionStatistics(by: GROUP, from: $from, to: \"2026-12-31\") {
        rows { group published inTime late pending pendingLate inChamber unanswered rate }
        total { published inTime pendingLate rate }
    } }";
    let answer = served.ask(Some(&token), query, json!({ "from": "2026-01-01" })).await?;
    insta::assert_json_snapshot!("how_many_were_answered_in_time", answer["data"]);
    let wrong = served.ask(Some(&token), query, json!({ "from": "2027-01-01" })).await?;
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let prisons = served.token(Person::Prisons).await?;
    let none = served.ask(Some(&prisons), query, json!({ "from": "2026-01-01" })).await?;
    assert_eq!(none["data"]["questionStatistics"]["total"]["published"], 0, "{none}");
    Ok(())
}
