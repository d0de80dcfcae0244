use serde_json::json;

use super::*;

fn record(more: &serde_json::Value) -> PublishedQuestion {
    let bare = PublishedQuestion::bare("SENAT-2025-QE-5028".parse().unwrap(), "SEQ250605028".to_owned());
    let mut value = serde_json::to_value(bare).unwrap();
    for (key, more) in more.as_object().unwrap() {
        value[key] = more.clone();
    }
    serde_json::from_value::<PublishedQuestion>(value).unwrap().seal().unwrap()
}

fn answer(html: Option<&str>) -> serde_json::Value {
    json!([{ "on": "2025-07-17", "page": null, "html": html, "erratum": false }])
}

#[test]
fn what_a_later_source_leaves_out_stays_known() {
    let full = record(&json!({
        "title": "Permis de conduire", "question_html": "<p>Texte</p>", "answers": answer(Some("<p>Réponse</p>")),
        "published_on": "2025-06-12", "renewed_on": ["2025-10-01"],
    }));
    let list = record(&json!({ "title": "Permis", "answers": answer(None), "sitting_on": "2025-06-12" }));
    let both = list.clone().after(&full).unwrap();
    assert_eq!(both.title.as_deref(), Some("Permis"));
    assert_eq!(both.question_text(), "Texte");
    assert_eq!(both.answer_text(), "Réponse");
    assert_eq!(both.published_on, full.published_on);
    assert_eq!(both.sitting_on, list.sitting_on);
    assert_eq!(both.renewed_on.len(), 1);
    // The same again is no news.
    assert_eq!(list.after(&both).unwrap().digest, both.digest);
    assert_eq!(record(&json!({})).after(&both).unwrap().digest, both.digest);
}

#[test]
fn a_record_is_read_as_it_is_written() {
    let full = record(&json!({ "answers": answer(Some("<p>Réponse</p>")) }));
    let written = serde_json::to_string(&full).unwrap();
    assert_eq!(serde_json::from_str::<PublishedQuestion>(&written).unwrap(), full);
}

#[test]
fn a_name_is_what_is_known_of_it() {
    let name = |given: Option<&str>, family: Option<&str>| {
        let own = |part: Option<&str>| part.map(str::to_owned);
        Author { given_name: own(given), family_name: own(family), ..Author::default() }.name()
    };
    assert_eq!(name(Some("Corinne"), Some("Féret")).as_deref(), Some("Corinne Féret"));
    assert_eq!(name(None, Some("Féret")).as_deref(), Some("Féret"));
    assert_eq!(name(None, None), None);
}

#[test]
fn its_history_is_told_in_the_order_of_the_days() {
    let ministry = |label: &str, on: &str, cause: Option<&str>| json!({ "ministry": { "reference": null, "label": label }, "on": on, "cause": cause });
    let record = record(&json!({
        "published_on": "2014-01-07", "page": "18", "renewed_on": ["2014-04-15"],
        "attributions": [ministry("Défense", "2014-01-07", None), ministry("Défense", "2014-04-03", Some("JO_LOI_DECRET"))],
        "recalled": { "on": null }, "recall_of": "SEQ130100001",
        "answers": [
            { "on": "2014-05-13", "page": "3858", "html": "<p>R</p>", "erratum": false },
            { "on": "2014-05-20", "page": null, "html": null, "erratum": true },
        ],
        "closing": { "kind": "withdrawn", "code": null, "label": "Retrait", "on": "2014-06-01" },
    }));
    let told: Vec<_> = record.history().into_iter().map(|told| told.what.replace('\u{a0}', " ")).collect();
    assert_eq!(
        told,
        [
            "Publication de la question (page 18)",
            "Attribution : Défense",
            "Rappelle la question SEQ130100001",
            "Attribution : Défense (changement de gouvernement)",
            "Renouvelée par son auteur",
            "Publication de la réponse (page 3858)",
            "Rectificatif de la réponse",
            "Clôture : Retrait",
            "Rappelée par son auteur, faute de réponse",
        ]
    );
}

#[test]
fn its_history_tells_who_has_it_when_that_is_not_who_was_asked() {
    let ministry = |label: &str| json!({ "reference": null, "label": label });
    let told = |asked: &str, given: &str| {
        let record = record(&json!({
            "asked_ministry": ministry(asked),
            "attributions": [{ "ministry": ministry(given), "on": "2014-01-07", "cause": null }],
        }));
        record.history().into_iter().map(|told| told.what).collect::<Vec<_>>()
    };
    assert_eq!(told("Justice", "Justice"), [""; 0]);
    assert_eq!(told("Agriculture", "Justice"), ["Attribution\u{a0}: Justice"]);
}
