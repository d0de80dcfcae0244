//! What is somebody else's, or out of reach, under another identifier than a dossier's: sessions, tokens, links, saved searches,
//! batches, discrepancies, compartments, lists of elimination, runs of imports. It is not told from what is not there, by no page,
//! no form and no field of the API. The kinds and the pages are found in the sources, so that a new one is tried or says why not.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use pli_app::{AccessRules, List, NewSearch};
use pli_domain::dossier::Command;
use pli_domain::people::PersonCommand;
use pli_domain::retention::Class;
use pli_tests::samples::{day, petition, published, question};
use pli_tests::{Engine, Fine as _, Person, Served};
use serde_json::{Value, json};

use crate::guards::ROUTES;
use crate::outside::questions;
use crate::pages::Visitor;
use crate::reserved::steady;

pli_tests::on_both!(no_field_of_the_api_tells_what_is_somebody_elses, no_page_tells_what_is_somebody_elses,);

const IDS: &str = include_str!("../../../crates/graphql/src/ids.rs");

/// Kinds that are not tried here, and why.
const ELSEWHERE: [(&str, &str); 8] = [
    ("mail", "a dossier: `outside`"),
    ("question", "a dossier: `outside`"),
    ("unit", "everybody knows the units"),
    ("member", "the public record, and everybody's"),
    ("entry", "everybody reads the calendar; changing it is refused by role, before it is looked for"),
    ("denomination", "the same"),
    ("government", "a list narrowed by it shows what one may see anyway"),
    ("identity", "the administrators', refused by role before it is looked for: `openid`"),
];

/// Pages with a part in their address that names nothing of anybody's, and why.
const NOBODYS: [(&str, &str); 15] = [
    ("/connexion/lien/", "a secret: `links`"),
    ("/calendrier/", "a secret: `calendar`"),
    ("/documents/", "sealed for the session that was given it: `documents`"),
    ("/archives/", "the public record"),
    ("/elus/", "the public record"),
    ("/theme/", "files of the ministry's looks"),
    ("/notifications/", "forms of one's own"),
    ("/reglages/services/", "everybody knows the units"),
    ("/reglages/personnes/", "everybody knows who is there; changing is the administrators': `settings`"),
    ("/reglages/delais/", "everybody reads the rules; changing is the administrators': `settings`"),
    ("/reglages/calendrier/", "the same"),
    ("/reglages/relances/", "the same"),
    ("/reglages/conservation/", "the same"),
    ("/reglages/denominations/", "the same"),
    ("/reglages/gouvernement/", "the administrators', refused before it is looked for: `government`"),
];

/// Something that is there, something that is not, and those who must not tell the one from the other.
struct Thing {
    kind: &'static str,
    there: String,
    absent: String,
    outsiders: Vec<Person>,
}

impl Thing {
    fn of(kind: &'static str, there: &impl ToString, outsiders: &[Person]) -> Self {
        let absent = "00000000-0000-7000-8000-000000000000".to_owned();
        Self { kind, there: there.to_string(), absent, outsiders: outsiders.to_vec() }
    }
}

/// One thing of each kind, on a day on which a reserved letter has reached its end.
async fn things(served: &Served) -> Result<Vec<Thing>> {
    use Person::{Administrator, Auditor, Clerk, Coordinator, Deputy, Drafter, Manager, Prisons};
    let (office, app) = (&served.office, &served.office.app);
    let compartment = office.compartment("Nominations", Coordinator, &[Clerk]).await?;
    let reserved = office.register(petition("Réservée")).await?.dossier.id;
    let cancel = Command::Cancel { note: "Erreur.".to_owned() };
    let acts = [(Coordinator, Command::Reserve { compartment }), (Clerk, cancel)];
    office.play(reserved, acts).await?;
    office.set_clock("2027-03-01T11:00:00Z")?;
    let (coordinator, clerk) = (office.caller(Coordinator).await?, office.caller(Clerk).await?);
    let list =
        app.propose_elimination(&coordinator, office.key(), Class::Void, Some(compartment)).await.fine()?;

    served.cookie(Coordinator).await?;
    served.token(Coordinator).await?;
    let session = app.sessions(&coordinator).await.fine()?.pop().context("no session")?;
    let token = app.tokens(&coordinator).await.fine()?.pop().context("no token")?;
    let search = NewSearch { name: "À relire".to_owned(), list: List::default(), alert: false };
    let search = app.save_search(&coordinator, office.key(), search).await.fine()?;
    office.change_person(Drafter, PersonCommand::AllowLinks).await?;
    office.ask_link(&Drafter.email()).await?;
    office.link().await?;
    let link = app.links(&office.caller(Drafter).await?).await.fine()?.pop().context("no link")?;

    let mut questions = Vec::new();
    for number in [1, 2] {
        questions.push(app.receive_question(&clerk, office.key(), question(number)).await.fine()?.dossier.id);
    }
    let together = "mutation($on: OnDossier!, $lead: ID!) { createBatch(on: $on, lead: $lead) {
        dossier { ... on Question { batch { id } } } } }";
    let on = json!({ "id": format!("question:{}", questions[1]), "idempotencyKey": "lot" });
    let variables = json!({ "on": on, "lead": format!("question:{}", questions[0]) });
    let made = served.ask(Some(&served.token(Coordinator).await?), together, variables).await?;
    let batch = made["data"]["createBatch"]["dossier"]["batch"]["id"].as_str();
    let batch = batch.and_then(|id| id.strip_prefix("batch:")).with_context(|| format!("{made}"))?.to_owned();
    app.receive_question(&clerk, office.key(), question(3)).await.fine()?;
    app.import([Ok(published(3, day("2026-09-08")?)?)].into_iter(), |_| {}).await.fine()?;
    let waiting = "{ discrepancies(first: 1) { edges { node { id } } } }";
    let found = served.ask(Some(&served.token(Coordinator).await?), waiting, Value::Null).await?;
    let discrepancy = found["data"]["discrepancies"]["edges"][0]["node"]["id"].as_str();
    let discrepancy =
        discrepancy.and_then(|id| id.strip_prefix("discrepancy:")).with_context(|| format!("{found}"))?;
    crate::imports::two(served).await?;
    let person = coordinator.actor.user().context("nobody")?;

    let run = Thing { absent: "999".to_owned(), ..Thing::of("run", &1, &[Clerk, Prisons]) };
    Ok(vec![
        Thing::of("session", &session.id, &[Clerk, Administrator]),
        Thing::of("token", &token.id, &[Clerk, Prisons]),
        Thing::of("link", &link.id, &[Clerk, Prisons]),
        Thing::of("search", &search.id, &[Clerk, Administrator]),
        Thing::of("batch", &batch, &[Prisons, Administrator]),
        Thing::of("discrepancy", &discrepancy, &[Prisons, Administrator]),
        Thing::of("compartment", &compartment, &[Deputy, Auditor, Manager]),
        Thing::of("elimination", &list.id, &[Deputy, Auditor, Manager]),
        Thing::of("person", &person, &[Clerk, Prisons]),
        run,
    ])
}

async fn no_field_of_the_api_tells_what_is_somebody_elses(engine: Engine) -> Result<()> {
    let rules = AccessRules { per_person: None, per_address: None, ..AccessRules::default() };
    let served = Served::open_with(engine, rules).await?;
    let things = Box::pin(things(&served)).await?;
    for kind in IDS.split("Some((\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let tried = things.iter().any(|thing| thing.kind == kind);
        assert!(tried || ELSEWHERE.iter().any(|(one, _)| *one == kind), "{kind} is not tried");
    }
    let mut asked = questions("ID").await?;
    asked.extend(questions(&format!("unit:{}", served.office.unit("DACS")?)).await?);
    asked.sort_unstable();
    asked.dedup();
    let mut answers = BTreeMap::<&str, usize>::new();
    for thing in &things {
        for person in &thing.outsiders {
            let token = served.token(*person).await?;
            for question in &asked {
                let mut told = Vec::new();
                for id in [&thing.there, &thing.absent] {
                    let question = question.replace("\"ID\"", &format!("\"{}:{id}\"", thing.kind));
                    let answer = served.ask(Some(&token), &question, Value::Null).await?;
                    let read = answer["errors"][0]["extensions"]["code"] != "BAD_USER_INPUT";
                    *answers.entry(thing.kind).or_default() += usize::from(read);
                    told.push(answer.to_string().replace(&format!(":{id}\""), "…"));
                }
                assert_eq!(told[0], told[1], "{person:?} {} {question}", thing.kind);
            }
        }
    }
    for thing in &things {
        assert!(answers.get(thing.kind).is_some_and(|number| *number >= 4), "{}: {answers:?}", thing.kind);
    }
    Ok(())
}

/// The addresses of the pages and forms that name a thing, by its kind; `ID` stands for it.
fn addresses(kind: &str) -> Vec<String> {
    let forms = |before: &str, forms: &[&str]| forms.iter().map(|form| format!("{before}/{form}")).collect();
    match kind {
        "search" => {
            let mut all: Vec<_> =
                forms("/recherche/enregistrees/ID", &["rename", "alert_on", "alert_off", "remove"]);
            all.push("/recherche/enregistrees/ID".to_owned());
            all
        }
        "session" => forms("/mon-compte", &["close_session"]),
        "token" => forms("/mon-compte", &["revoke_token"]),
        "link" => forms("/mon-compte", &["revoke_link"]),
        "discrepancy" => forms("/ecarts/ID", &["retenir", "ecarter"]),
        "elimination" => {
            let acts = ["approuver", "viser", "prise-en-charge", "abandonner", "retirer", "sort"];
            let mut all: Vec<_> = forms("/eliminations/ID", &acts);
            all.extend(forms("/eliminations/ID", &["bordereau.csv", "versement.zip"]));
            all.push("/eliminations/ID".to_owned());
            all
        }
        "compartment" => {
            let mut all: Vec<_> =
                forms("/reglages/compartiments/ID", &["rename", "admit", "remove", "entrust"]);
            all.push("/reglages/compartiments/ID".to_owned());
            all
        }
        "run" => vec!["/imports/ID".to_owned()],
        _ => Vec::new(),
    }
}

async fn no_page_tells_what_is_somebody_elses(engine: Engine) -> Result<()> {
    let rules = AccessRules { per_person: None, per_address: None, ..AccessRules::default() };
    let served = Served::open_with(engine, rules).await?;
    let things = Box::pin(things(&served)).await?;
    let parts = ROUTES.split(".route(").skip(1).filter_map(|route| route.split('"').nth(1));
    for path in parts.filter(|path| path.contains('{') && !path.contains("{reference}")) {
        let before = path.split('{').next().unwrap_or_default();
        let tried =
            things.iter().any(|thing| addresses(thing.kind).iter().any(|one| one.starts_with(before)));
        assert!(tried || NOBODYS.iter().any(|(one, _)| before.starts_with(one)), "{path} is not tried");
    }
    for thing in &things {
        for person in &thing.outsiders {
            let visitor = Visitor::open(&served, *person).await?;
            for address in addresses(thing.kind) {
                let mut seen = Vec::new();
                for id in [&thing.there, &thing.absent] {
                    let path = address.replace("ID", id);
                    let (status, page) = visitor.get(&path).await?;
                    seen.push((status, steady(&page).replace(&path, "…")));
                    let form = [
                        ("idempotencyKey", address.as_str()),
                        ("id", id),
                        ("name", "Un nom"),
                        ("note", "Un mot."),
                    ];
                    let answer = visitor.post(&path, &form).await?;
                    let status = answer.status();
                    seen.push((status, steady(&answer.text().await?).replace(&path, "…")));
                }
                let (known, unknown) = seen.split_at(2);
                assert_eq!(known, unknown, "{person:?} {} {address}", thing.kind);
            }
        }
    }
    Ok(())
}
