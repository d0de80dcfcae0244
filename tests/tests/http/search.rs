//! Searching through the API.

use anyhow::{Context as _, Result};
use pli_tests::samples::{draft, petition, question};
use pli_tests::{Engine, Fine as _, Person, Served};
use serde_json::{Value, json};

pli_tests::on_both!(what_is_found_comes_with_its_passage_and_its_figures, a_search_without_words_is_refused);

const SEARCH: &str = r"query($words: String!, $filter: DossierFilter, $first: Int = 20, $after: String) {
    search(words: $words, filter: $filter, first: $first, after: $after) {
        edges { node { dossier { reference subject stage outcome } excerpt { of pieces { text found } } } }
        pageInfo { hasPreviousPage hasNextPage endCursor }
        facets {
            total open closed late
            kinds { kind count } stages { stage outcome count } directions { unit { code } count }
            years { year count }
        }
    }
}";

async fn what_is_found_comes_with_its_passage_and_its_figures(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let first = office.register(petition("Locaux du greffe")).await?.dossier.id;
    office.play(first, office.to_drafting()?).await?;
    office.play(first, [(Person::Drafter, draft("Madame, les avocats du barreau seront reçus."))]).await?;
    let second = office.register(petition("Honoraires de Me Garonne")).await?.dossier.id;
    office.play(second, office.to_answer()?).await?;
    let clerk = office.caller(Person::Clerk).await?;
    office.app.receive_question(&clerk, office.key(), question(7)).await.fine()?;
    let token = served.token(Person::Clerk).await?;
    let ask = async |variables: Value| served.ask(Some(&token), SEARCH, variables).await;

    let avocat = ask(json!({ "words": "Avocat" })).await?;
    let found = &avocat["data"]["search"];
    insta::assert_json_snapshot!(
        "what_a_search_has_found",
        json!({ "edges": found["edges"], "facets": found["facets"] })
    );
    // Each figure of the facets by the filter that it names.
    let all = ask(json!({ "words": "garonne" })).await?["data"]["search"]["facets"].clone();
    assert_eq!(all["total"], 2, "{all}");
    for (filter, figure) in [
        (json!({ "kind": "MAIL" }), &all["kinds"][0]["count"]),
        (json!({ "open": true }), &all["open"]),
        (json!({ "open": false }), &all["closed"]),
        (json!({ "stage": "DRAFTING" }), &all["stages"][0]["count"]),
        (json!({ "outcome": "ANSWERED" }), &all["stages"][1]["count"]),
        (json!({ "receivedIn": 2026 }), &all["years"][0]["count"]),
        (json!({ "late": true }), &all["late"]),
    ] {
        let narrowed = ask(json!({ "words": "garonne", "filter": filter.clone() })).await?;
        let found = &narrowed["data"]["search"];
        assert_eq!(&found["facets"]["total"], figure, "{filter}: {narrowed}");
        assert_eq!(json!(found["edges"].as_array().map(Vec::len)), *figure, "{filter}: {narrowed}");
    }
    // By pages of one, without a double.
    let page = ask(json!({ "words": "madame", "first": 1 })).await?["data"]["search"].clone();
    assert_eq!(page["pageInfo"]["hasNextPage"], true, "{page}");
    let next = ask(json!({ "words": "madame", "first": 1, "after": page["pageInfo"]["endCursor"] })).await?;
    let next = &next["data"]["search"];
    assert_eq!((&next["pageInfo"]["hasNextPage"], &next["facets"]["total"]), (&json!(false), &json!(2)));
    assert_ne!(next["edges"][0]["node"], page["edges"][0]["node"]);

    // Whoever reads nothing finds nothing, and hears of nothing.
    let token = served.token(Person::Administrator).await?;
    let blind =
        served.ask(Some(&token), SEARCH, json!({ "words": "madame" })).await?["data"]["search"].clone();
    assert_eq!((&blind["edges"], &blind["facets"]["total"]), (&json!([]), &json!(0)));
    Ok(())
}

async fn a_search_without_words_is_refused(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let token = served.token(Person::Clerk).await?;
    let answer = served.ask(Some(&token), SEARCH, json!({ "words": "  " })).await?;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let nobody = served.ask(None, SEARCH, json!({ "words": "greffe" })).await?;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    // The page of a hundred with all that it shows is not too much.
    let full = served.ask(Some(&token), SEARCH, json!({ "words": "greffe", "first": 100 })).await?;
    full["data"]["search"]["edges"].as_array().with_context(|| full.to_string())?;
    // What is odd is answered, and says nothing of the inside.
    for words in ["\"", "*", "NEAR(", "a AND", "\u{0}", "%", "';--", "é:*"] {
        let answer = served.ask(Some(&token), SEARCH, json!({ "words": words })).await?;
        assert_eq!(answer["data"]["search"]["facets"]["total"], 0, "{words}: {answer}");
    }
    let bad = served.ask(Some(&token), SEARCH, json!({ "words": "a", "after": "x" })).await?;
    assert_eq!(bad["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    Ok(())
}
