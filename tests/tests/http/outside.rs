//! Whoever is outside, by another unit, another role or another compartment: what is there is not told from what is not, by no
//! page, no form and no field of the API. Each is found in the sources, so that a new one is tried without anybody thinking of it.

use anyhow::{Context as _, Result};
use pli_domain::dossier::Action;
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use serde_json::Value;
use strum::VariantArray as _;

use crate::guards::{ROUTES, arguments, composite, described};
use crate::pages::Visitor;
use crate::reserved::{Scene, steady};

pli_tests::on_both!(
    no_page_tells_what_is_there_from_what_is_not,
    no_field_of_the_api_tells_what_is_there_from_what_is_not,
);

/// A letter that the DACS has, and one that is not there.
const OF_THE_DACS: &str = "SG-2026-A-000001";
const NOT_THERE: &str = "SG-2026-A-999999";

/// Who is outside what: another unit, no role that reads, not in the compartment, though some of them read everything else.
fn outside(reserved: &'static str) -> Vec<(Person, &'static str)> {
    let named_nowhere = [
        Person::Deputy,
        Person::Auditor,
        Person::Manager,
        Person::Signatory,
        Person::Approver,
        Person::Administrator,
    ];
    let unit = [(Person::Prisons, OF_THE_DACS), (Person::Administrator, OF_THE_DACS)];
    unit.into_iter().chain(named_nowhere.map(|person| (person, reserved))).collect()
}

/// The addresses of one dossier, each act in its turn.
fn addresses() -> Vec<(String, bool)> {
    let declared = ROUTES.split(".route(").skip(1).filter_map(|route| {
        let path = route.split('"').nth(1).filter(|path| path.contains("{reference}"))?;
        Some((path, route.contains("post")))
    });
    let acts = |(path, posts): (&str, bool)| {
        let path = path.replace("{file}", &"0".repeat(64));
        if !path.contains("{action}") {
            return vec![(path, posts)];
        }
        let act = |action: &Action| (path.replace("{action}", (*action).into()), posts);
        Action::VARIANTS.iter().map(act).collect()
    };
    declared.flat_map(acts).collect()
}

async fn no_page_tells_what_is_there_from_what_is_not(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    scene.reserve().await?;
    let addresses = addresses();
    assert!(addresses.len() > 60, "{addresses:?}");
    for (person, there) in outside(scene.reference) {
        let visitor = Visitor::open(&scene.served, person).await?;
        for (address, posts) in &addresses {
            let mut seen = Vec::new();
            for reference in [there, NOT_THERE] {
                let path = address.replace("{reference}", reference);
                let (status, page) = visitor.get(&path).await?;
                seen.push((status, steady(&page).replace(reference, "…")));
                if *posts {
                    let form = [("version", "1"), ("idempotencyKey", address.as_str()), ("note", "Un mot.")];
                    let answer = visitor.post(&path, &form).await?;
                    let status = answer.status();
                    assert_ne!(status, StatusCode::SEE_OTHER, "{person:?} {path}: it was done");
                    seen.push((status, steady(&answer.text().await?).replace(reference, "…")));
                }
            }
            let (known, unknown) = seen.split_at(seen.len() / 2);
            assert_eq!(known, unknown, "{person:?} {address}");
        }
    }
    // It is there, for whom it concerns.
    for (person, there) in [(Person::Drafter, OF_THE_DACS), (Person::Coordinator, scene.reference)] {
        let visitor = Visitor::open(&scene.served, person).await?;
        assert_eq!(visitor.get(&format!("/dossiers/{there}")).await?.0, StatusCode::OK, "{person:?}");
    }
    Ok(())
}

/// Every field that takes an identifier: `ID` stands for it, and `beside` for a unit or a person that is named with it.
pub(crate) async fn questions(beside: &str) -> Result<Vec<String>> {
    let schema = described(&Served::open(Engine::Sqlite, true).await?).await?;
    let types = &schema["data"]["__schema"]["types"];
    let all = types.as_array().context("no types")?;
    let mut questions = Vec::new();
    for (root, word) in [("Query", "query"), ("Mutation", "mutation")] {
        let fields = all.iter().find(|one| one["name"] == root).context("no root")?["fields"].clone();
        for field in fields.as_array().context("no fields")? {
            let name = field["name"].as_str().context("a name")?;
            let args = field["args"].as_array().cloned().unwrap_or_default();
            let given = arguments(types, &args, ("ID", beside));
            if given.contains("\"ID\"") {
                let selection = if composite(&field["type"]) { " { __typename }" } else { "" };
                let refused =
                    if word == "mutation" { " { userErrors { code message field } }" } else { selection };
                let given = given.replace("idempotencyKey: \"x\"", &format!("idempotencyKey: \"{name}\""));
                questions.push(format!("{word} {{ {name}({given}){refused} }}"));
            }
        }
    }
    Ok(questions)
}

async fn no_field_of_the_api_tells_what_is_there_from_what_is_not(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    scene.reserve().await?;
    let (served, office) = (&scene.served, &scene.served.office);
    let questions = questions(&format!("unit:{}", office.unit("DACS")?)).await?;
    assert!(questions.len() > 40, "{questions:?}");
    let coordinator = office.caller(Person::Coordinator).await?;
    let mut absent = 0_usize;
    for (person, there) in outside(scene.reference) {
        let token = served.token(person).await?;
        let sheet =
            office.app.dossier_by_reference(&coordinator, there).await.fine()?.context("not there")?;
        let ids = [sheet.dossier.id.to_string(), "00000000-0000-7000-8000-000000000000".to_owned()];
        for question in &questions {
            let mut told = Vec::new();
            for id in &ids {
                let question = question.replace("\"ID\"", &format!("\"mail:{id}\""));
                let answer = served.ask(Some(&token), &question, Value::Null).await?;
                absent += usize::from(answer["errors"][0]["extensions"]["code"] == "NOT_FOUND");
                told.push(answer.to_string().replace(id, "…"));
            }
            assert_eq!(told[0], told[1], "{person:?} {question}");
        }
    }
    assert!(absent > 400, "{absent}: most of them look for the dossier");
    Ok(())
}
