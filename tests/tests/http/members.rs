//! The members of Parliament over HTTP: the pages and the API, as each person finds them.

use anyhow::{Context as _, Result};
use pli_app::List;
use pli_domain::dossier::{Body, NewMail};
use pli_domain::ids::MemberId;
use pli_domain::published::{Author, PublishedQuestion};
use pli_tests::samples::{day, deputy, petition, published, route};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::StatusCode;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::pages::{Visitor, between, read};

pli_tests::on_both!(
    a_members_page_shows_what_its_reader_may_read,
    members_are_looked_for_by_name,
    the_clerk_picks_a_member_or_types_a_sender,
    the_api_tells_of_members,
);

/// So that none may be taken for another.
const SUBJECTS: [&str; 7] = ["Greffe", "Prison", "Divorce", "Casier", "Tutelle", "Notaires", "Adoption"];

const SENDER: &str = "Mme Zoé Lefort, députée, Gers (1)";

/// Two homonyms; a letter of the first and a question of hers to us, both given to DACS, and one to another ministry.
async fn hers(served: &Served) -> Result<MemberId> {
    let office = &served.office;
    let said = [deputy("PA1", "1980-01-01")?, deputy("PA2", "1955-05-05")?].map(Ok);
    office.app.import_members(said.into_iter(), |_| {}).await.fine()?;
    let member = office.app.members("PA1", None, 1).await.fine()?.items.pop().context("she is not there")?.id;
    let letter = office.register(NewMail { member: Some(member), ..petition("Tribunal d’Auch") }).await?;
    let author = Author { reference: Some("PA1".to_owned()), ..Author::default() };
    for (number, ministry) in [(1, "Justice"), (2, "Agriculture")] {
        let mut record =
            PublishedQuestion { author: author.clone(), ..published(number, day("2026-09-15")?)? };
        for attribution in &mut record.attributions {
            ministry.clone_into(&mut attribution.ministry.label);
        }
        office.app.import([Ok(record.seal()?)].into_iter(), |_| {}).await.fine()?;
    }
    let clerk = office.caller(Person::Clerk).await?;
    let question =
        office.app.dossier_by_reference(&clerk, "AN-17-QE-1").await.fine()?.context("no dossier")?;
    for id in [letter.dossier.id, question.dossier.id] {
        office.play(id, [(Person::Coordinator, route(office.unit("DACS")?))]).await?;
    }
    Ok(member)
}

async fn a_members_page_shows_what_its_reader_may_read(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = Box::pin(hers(&served)).await?;
    let path = format!("/elus/{id}");
    let clerk = Visitor::open(&served, Person::Clerk).await?;
    let (status, page) = clerk.get(&path).await?;
    assert_eq!(status, StatusCode::OK);
    for words in [
        "Mme Zoé Lefort",
        "députée, Gers (1)",
        "<a href=\"/dossiers/SG-2026-A-000001\">",
        "<a href=\"/dossiers/AN-17-QE-1\">",
        "<a href=\"/archives/AN-17-QE-2\">AN-17-QE-2</a> Frais d’avocat des victimes",
        "2\u{a0}questions publiées",
        "Socialistes et apparentés",
        "07/07/2024",
        "en cours",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("1980"), "the day of birth is shown to nobody: {page}");
    // Each figure opens its list, which holds as many.
    for (label, address) in
        [("Courriers</dt>", "type=courrier"), ("Questions suivies ici</dt>", "type=question")]
    {
        let (_, rest) = page.split_once(label).context("no figure")?;
        assert!(between(rest, "<b>", "</b>")? == "1", "{rest}");
        let href = between(rest, "href=\"", "\"")?.replace("&#38;", "&").replace("&amp;", "&");
        assert!(href.contains(address) && href.contains("etat=tous"), "{href}");
        let (status, list) = clerk.get(&href).await?;
        assert_eq!(status, StatusCode::OK);
        assert!(list.contains("d’un même élu") && list.contains("1\u{a0}dossier"), "{list}");
    }
    // Both dossiers lead to her page; the question's names her, who is a reference in the record.
    for reference in ["SG-2026-A-000001", "AN-17-QE-1"] {
        let (_, dossier) = clerk.get(&format!("/dossiers/{reference}")).await?;
        assert!(dossier.contains(&format!("<a href=\"{path}\">")), "{dossier}");
        assert!(dossier.contains("Zoé Lefort") && dossier.contains("Gers (1)"), "{dossier}");
    }
    let (_, archived) = clerk.get("/archives/AN-17-QE-2").await?;
    assert!(archived.contains(&format!("<a href=\"{path}\">Zoé Lefort (SOC)</a>")), "{archived}");
    // Another direction sees what is public, and no more.
    let prisons = Visitor::open(&served, Person::Prisons).await?;
    let (status, page) = prisons.get(&path).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("/archives/AN-17-QE-1") && page.contains("/archives/AN-17-QE-2"), "{page}");
    assert!(!page.contains("SG-2026-A-000001") && !page.contains("href=\"/dossiers/AN"), "{page}");
    assert!(page.contains("<b>0</b>") && !page.contains("<b>1</b>"), "{page}");

    let nobody = served.client.get(format!("{}{path}", served.url)).send().await?;
    assert_ne!(nobody.status(), StatusCode::OK);
    for (path, wanted) in [
        ("/elus/x".to_owned(), StatusCode::NOT_FOUND),
        ("/elus/00000000-0000-7000-8000-000000000000".to_owned(), StatusCode::NOT_FOUND),
        (format!("{path}?courriers=x"), StatusCode::BAD_REQUEST),
        (format!("{path}?questions=x"), StatusCode::BAD_REQUEST),
        ("/elus?apres=x".to_owned(), StatusCode::BAD_REQUEST),
        ("/dossiers?elu=x".to_owned(), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(clerk.get(&path).await?.0, wanted, "{path}");
    }
    // After the last one nothing is left, and one can go back.
    let (_, end) = clerk.get(&format!("{path}?questions=AN-17-QE-1")).await?;
    assert!(end.contains("Revenir au début") && !end.contains("AN-17-QE-2"), "{end}");
    Ok(())
}

async fn members_are_looked_for_by_name(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let clerk = Visitor::open(&served, Person::Clerk).await?;
    assert!(clerk.get("/elus").await?.1.contains("Aucun élu n’est encore importé"));
    let id = Box::pin(hers(&served)).await?;
    for query in ["", "?q=lef", "?q=zo%C3%A9", "?q=Mme+LEFORT"] {
        let (status, page) = clerk.get(&format!("/elus{query}")).await?;
        assert_eq!((status, page.matches("href=\"/elus/").count()), (StatusCode::OK, 2), "{query}: {page}");
    }
    let (_, one) = clerk.get("/elus?q=PA1").await?;
    assert!(one.contains(&format!("href=\"/elus/{id}\"")) && one.matches("href=\"/elus/").count() == 1);
    let (_, none) = clerk.get("/elus?q=%3Cscript%3Ealert%281%29").await?;
    assert!(none.contains("Aucun élu connu") && !none.contains("<script>alert"), "{none}");
    assert!(clerk.get("/recherche").await?.1.contains("href=\"/elus\""));
    Ok(())
}

async fn the_clerk_picks_a_member_or_types_a_sender(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = Box::pin(hers(&served)).await?;
    let clerk = Visitor::open(&served, Person::Clerk).await?;
    let typed = [("sender", "lef")];
    let (_, piece) = read(clerk.post("/courriers/nouveau/expediteurs", &typed).await?).await?;
    assert_eq!(piece.matches("data-member=").count(), 2, "homonyms are both proposed: {piece}");
    assert!(piece.contains(&format!("data-value=\"{SENDER}\" data-member=\"{id}\"")), "{piece}");

    let (_, page) = clerk.get("/courriers/nouveau").await?;
    let token = between(&page, "name=\"token\" value=\"", "\"")?.to_owned();
    let unknown = "00000000-0000-7000-8000-000000000000".to_owned();
    for (place, (sender, picked, kept)) in [
        (SENDER, id.to_string(), Some(id)),
        ("Zoé LEFORT", id.to_string(), Some(id)),
        ("Mme Zoé Lefort, maire de Saint-Ferréol", id.to_string(), None),
        ("Mme Lefort", id.to_string(), None),
        (SENDER, String::new(), None),
        (SENDER, unknown, None),
        (SENDER, "x".to_owned(), None),
    ]
    .into_iter()
    .enumerate()
    {
        let fields = [
            ("token", token.clone()),
            ("idempotencyKey", format!("lettre-{place}")),
            ("sender", sender.to_owned()),
            ("member", picked),
            ("subject", SUBJECTS[place].to_owned()),
            ("category", "member_letter".to_owned()),
            ("channel", "email".to_owned()),
            ("documentOn", format!("2026-{:02}-16", place + 1)),
            ("receivedOn", format!("2026-{:02}-19", place + 1)),
        ];
        let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
        let request = served.client.post(format!("{}/courriers/nouveau", served.url));
        let request = request.header("cookie", &clerk.cookie).header("sec-fetch-site", "same-origin");
        let answer = request.multipart(form).send().await?;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{sender}: {}", answer.text().await?);
        let reference = format!("SG-2026-A-{:06}", place + 2);
        let caller = served.office.caller(Person::Clerk).await?;
        let sheet = served.office.app.dossier_by_reference(&caller, &reference).await.fine()?;
        let Body::Mail(mail) = sheet.context("not registered")?.dossier.body else {
            anyhow::bail!("a letter")
        };
        assert_eq!(mail.member, kept, "{sender}");
    }
    // A form that is refused keeps the pick.
    let form = Form::new().text("token", token).text("sender", SENDER).text("member", id.to_string());
    let request = served.client.post(format!("{}/courriers/nouveau", served.url));
    let request = request.header("cookie", &clerk.cookie).header("sec-fetch-site", "same-origin");
    let (status, page) = read(request.multipart(form).send().await?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains(&format!("name=\"member\" value=\"{id}\"")) && page.contains("relié à sa fiche"),
        "{page}"
    );
    assert_eq!(served.office.faults().await?, [""; 0], "the journal gives the rows");
    Ok(())
}

async fn the_api_tells_of_members(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let id = Box::pin(hers(&served)).await?;
    let id = json!({ "id": format!("member:{id}") });
    let token = served.token(Person::Clerk).await?;
    let query = "query($id: ID!) { member(id: $id) {
        reference civility name
        mandates { house legislature constituency from to } groups { short name from to }
        dossiers { totalCount edges { node { reference } } }
        publishedQuestions { edges { node { identity author group constituency member { id name } } } }
    } }";
    let answer = served.ask(Some(&token), query, id.clone()).await?;
    let mut seen = answer["data"]["member"].clone();
    for edge in seen["publishedQuestions"]["edges"].as_array_mut().context("no questions")? {
        assert_eq!(edge["node"]["member"]["id"].take(), id["id"]);
    }
    insta::assert_json_snapshot!("what_a_member_has_done", seen);
    let prisons = served.token(Person::Prisons).await?;
    let other = served.ask(Some(&prisons), query, id.clone()).await?;
    assert_eq!(other["data"]["member"]["dossiers"]["totalCount"], 0);
    assert_eq!(other["data"]["member"]["publishedQuestions"], answer["data"]["member"]["publishedQuestions"]);

    let list = "query($id: ID!) { dossiers(filter: { member: $id }) {
        totalCount edges { node { reference ... on Mail { member { name } } } }
    } }";
    let listed = served.ask(Some(&token), list, id.clone()).await?;
    assert_eq!(listed["data"]["dossiers"]["totalCount"], 2, "{listed}");

    let members = "query($after: String) { members(search: \"lefort\", first: 1, after: $after) {
        edges { cursor node { name } } pageInfo { hasNextPage }
    } }";
    let mut after = Value::Null;
    for more in [true, false] {
        let page = served.ask(Some(&token), members, json!({ "after": after })).await?;
        assert_eq!(page["data"]["members"]["pageInfo"]["hasNextPage"], more, "{page}");
        after = page["data"]["members"]["edges"][0]["cursor"].clone();
    }

    let register = "mutation($member: ID) { registerMail(input: {
        idempotencyKey: \"a\", sender: \"Mme Zoé Lefort\", member: $member, subject: \"Tribunal\",
        category: MEMBER_LETTER, documentOn: \"2026-11-16\", receivedOn: \"2026-11-19\", channel: POST
    }) { dossier { ... on Mail { member { name } } } userErrors { code field } } }";
    let absent = json!({ "member": "member:00000000-0000-7000-8000-000000000000" });
    let refused = served.ask(Some(&token), register, absent).await?;
    assert_eq!(
        refused["data"]["registerMail"]["userErrors"],
        json!([{ "code": "MEMBER_UNKNOWN", "field": "member" }])
    );
    let done = served.ask(Some(&token), register, json!({ "member": id["id"] })).await?;
    assert_eq!(done["data"]["registerMail"]["dossier"]["member"]["name"], "Zoé Lefort", "{done}");
    let caller = served.office.caller(Person::Clerk).await?;
    assert_eq!(served.office.app.count(&caller, &List::default()).await.fine()?, 3);
    Ok(())
}
