//! Following what happens: who is told, by which server, and who is not.

use anyhow::{Context as _, Result, ensure};
use pli_app::{AccessRules, App, Files, Store};
use pli_domain::account::TokenScope;
use pli_domain::dossier::Command;
use pli_server::http::{Options, router};
use pli_tests::Person::{Clerk, Coordinator, Correspondent, Drafter, Prisons};
use pli_tests::samples::{draft, petition, route};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::reserved::Scene;

pli_tests::on_both!(
    an_open_dossier_is_told_what_another_server_does,
    whoever_is_outside_is_told_nothing,
    a_session_that_has_ended_follows_no_more,
    to_follow_a_reserved_dossier_is_not_to_read_it,
    a_program_follows_a_dossier_and_its_worklist,
    what_is_out_of_reach_is_not_found_by_following_it,
    nobody_follows_without_end,
);

/// Another server on the same database, which follows what is written; the first one does not.
struct Other {
    app: App,
    url: String,
}

impl Other {
    async fn beside(served: &Served) -> Result<Self> {
        let office = &served.office;
        let store = Store::connect(office.database.url()).await?;
        let app = App::new(store, Files::in_folder(office.files.path()), office.clock.clone());
        let app = app.with_access(AccessRules { per_person: None, ..AccessRules::default() });
        let followed = app.clone();
        tokio::spawn(async move { followed.listen().await });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let service = router(app.clone(), Options::default());
        tokio::spawn(async move { axum::serve(listener, service).await });
        Ok(Self { app, url })
    }

    /// Opens a stream of the pages.
    async fn stream(&self, served: &Served, path: &str, cookie: &str) -> Result<Stream> {
        let asked = served.client.get(format!("{}{path}", self.url)).header("cookie", cookie);
        Ok(Stream { answer: asked.send().await?, unread: String::new() })
    }

    /// Opens a subscription of the API.
    async fn subscribe(&self, served: &Served, token: Option<&str>, query: &str) -> Result<Stream> {
        let asked = served.client.post(format!("{}/graphql", self.url)).header("accept", "text/event-stream");
        let asked = match token {
            Some(token) => asked.bearer_auth(token),
            None => asked,
        };
        let answer = asked.json(&json!({ "query": query })).send().await?;
        Ok(Stream { answer, unread: String::new() })
    }
}

/// Events as they come.
struct Stream {
    answer: Response,
    unread: String,
}

impl Stream {
    fn status(&self) -> StatusCode {
        self.answer.status()
    }

    /// The next event; `None` when the stream is over.
    async fn next(&mut self) -> Result<Option<String>> {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.unread = rest;
                if !event.starts_with(':') {
                    return Ok(Some(event));
                }
                continue;
            }
            let Some(more) = self.answer.chunk().await? else { return Ok(None) };
            self.unread.push_str(std::str::from_utf8(&more)?);
        }
    }

    /// What a subscription is told next.
    async fn told(&mut self) -> Result<Value> {
        let event = self.next().await?.context("it is over")?;
        let said = event.strip_prefix("event: next\ndata: ").with_context(|| event.clone())?;
        Ok(serde_json::from_str(said)?)
    }
}

const CHANGE: &str = "event: change\ndata: change";

fn is_change(event: Option<&String>) -> bool {
    event.is_some_and(|event| event == CHANGE)
}

async fn an_open_dossier_is_told_what_another_server_does(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let other = Other::beside(&served).await?;
    let sheet = served.office.register(petition("Aide juridictionnelle")).await?;
    let cookie = served.cookie(Coordinator).await?;
    let page = served.page(&format!("/dossiers/{}", sheet.dossier.reference), &cookie).await?.text().await?;
    let address = page.split("data-changes=\"").nth(1).and_then(|rest| rest.split('"').next());
    let address = address.context("the page does not say where it is told")?;
    let mut stream = other.stream(&served, address, &cookie).await?;
    ensure!(stream.status() == StatusCode::OK, "{}", stream.status());
    ensure!(stream.answer.headers()["content-type"] == "text/event-stream", "{:?}", stream.answer.headers());
    let steps = [(Coordinator, route(served.office.unit("DACS")?))];
    served.office.play(sheet.dossier.id, steps).await?;
    let event = stream.next().await?;
    ensure!(is_change(event.as_ref()), "{event:?}");
    // Whoever comes back with what was shown before is told at once.
    let mut late = other.stream(&served, address, &cookie).await?;
    ensure!(is_change(late.next().await?.as_ref()));
    other.app.stop_following();
    ensure!(
        stream.next().await?.is_none() && late.next().await?.is_none(),
        "a server that stops ends streams"
    );
    Ok(())
}

async fn whoever_is_outside_is_told_nothing(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let other = Other::beside(&served).await?;
    let office = &served.office;
    let sheet = office.register(petition("Aide juridictionnelle")).await?;
    let routed = office.play(sheet.dossier.id, [(Coordinator, route(office.unit("DACS")?))]).await?;
    let (inside, outside) = (served.cookie(Clerk).await?, served.cookie(Prisons).await?);
    let path = format!("/dossiers/{}/changements?version={}", sheet.dossier.reference, routed.version);
    ensure!(other.stream(&served, &path, &outside).await?.status() == StatusCode::NOT_FOUND);
    // Once somebody was told, the other server surely listens.
    let mut first = other.stream(&served, &path, &inside).await?;
    office.play(sheet.dossier.id, [(Correspondent, Command::Accept)]).await?;
    ensure!(is_change(first.next().await?.as_ref()));
    let mut theirs = other.stream(&served, "/changements", &outside).await?;
    let mut ours = other.stream(&served, "/changements", &inside).await?;
    office.play(sheet.dossier.id, [(Drafter, draft("Madame,"))]).await?;
    ensure!(is_change(ours.next().await?.as_ref()));
    other.app.stop_following();
    ensure!(theirs.next().await?.is_none(), "somebody outside was told of it");
    Ok(())
}

async fn a_session_that_has_ended_follows_no_more(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let other = Other::beside(&served).await?;
    let sheet = served.office.register(petition("Aide juridictionnelle")).await?;
    let cookie = served.cookie(Coordinator).await?;
    let path = format!("/dossiers/{}/changements?version={}", sheet.dossier.reference, sheet.version);
    let mut stream = other.stream(&served, &path, &cookie).await?;
    let sql = served.office.database.sql().await?;
    sql.run("DELETE FROM session").await?;
    let steps = [(Coordinator, route(served.office.unit("DACS")?))];
    served.office.play(sheet.dossier.id, steps).await?;
    ensure!(stream.next().await?.is_none(), "it was told after its end");
    ensure!(other.stream(&served, &path, &cookie).await?.status() == StatusCode::SEE_OTHER);
    Ok(())
}

async fn to_follow_a_reserved_dossier_is_not_to_read_it(engine: Engine) -> Result<()> {
    let scene = Scene::open(engine).await?;
    scene.reserve().await?;
    let other = Other::beside(&scene.served).await?;
    let sql = scene.served.office.database.sql().await?;
    let read: i64 = sql.one("SELECT count(*) FROM reading").await?;
    let path = format!("/dossiers/{}/changements?version=0", scene.reference);
    let mut told = other.stream(&scene.served, &path, &scene.served.cookie(Clerk).await?).await?;
    ensure!(is_change(told.next().await?.as_ref()), "{}", told.status());
    for person in [Person::Administrator, Person::Auditor, Person::Prisons] {
        let cookie = scene.served.cookie(person).await?;
        let status = other.stream(&scene.served, &path, &cookie).await?.status();
        ensure!(status == StatusCode::NOT_FOUND, "{person:?}: {status}");
    }
    ensure!(sql.one::<i64>("SELECT count(*) FROM reading").await? == read, "it was taken for a reading");
    Ok(())
}

async fn a_program_follows_a_dossier_and_its_worklist(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let other = Other::beside(&served).await?;
    let office = &served.office;
    let sheet = office.register(petition("Aide juridictionnelle")).await?;
    let token = office.app.create_token(Coordinator.login(), "suivi", TokenScope::Read, None).await.fine()?;
    let id = format!("mail:{}", sheet.dossier.id);
    let query = format!(
        "subscription {{ dossierChanged(id: \"{id}\", version: {}) {{ id version }} }}",
        sheet.version
    );
    let mut one = other.subscribe(&served, Some(token.reveal()), &query).await?;
    let worklist = "subscription { worklistChanged { at } }";
    let mut all = other.subscribe(&served, Some(token.reveal()), worklist).await?;
    office.play(sheet.dossier.id, [(Coordinator, route(office.unit("DACS")?))]).await?;
    let told = one.told().await?;
    ensure!(
        told == json!({ "data": { "dossierChanged": { "id": id, "version": sheet.version + 1 } } }),
        "{told}"
    );
    ensure!(all.told().await?["data"]["worklistChanged"]["at"].is_string());
    other.app.stop_following();
    let end = one.next().await?;
    ensure!(end.as_deref().is_some_and(|end| end.starts_with("event: complete")), "{end:?}");
    ensure!(one.next().await?.is_none());
    Ok(())
}

async fn what_is_out_of_reach_is_not_found_by_following_it(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let other = Other::beside(&served).await?;
    let sheet = served.office.register(petition("Aide juridictionnelle")).await?;
    let outside = served.token(Prisons).await?;
    let mut said = Vec::new();
    for id in [sheet.dossier.id.to_string(), "018f0000-0000-7000-8000-000000000000".to_owned()] {
        let query = format!("subscription {{ dossierChanged(id: \"mail:{id}\") {{ version }} }}");
        let mut stream = other.subscribe(&served, Some(&outside), &query).await?;
        said.push(stream.told().await?);
        ensure!(stream.next().await?.is_some_and(|end| end.starts_with("event: complete")));
        let nobody = other.subscribe(&served, None, &query).await?.told().await?;
        ensure!(nobody["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", "{nobody}");
    }
    ensure!(said[0] == said[1] && said[0]["errors"][0]["extensions"]["code"] == "NOT_FOUND", "{said:?}");
    let worklist = "subscription { worklistChanged { at } }";
    let nobody = other.subscribe(&served, None, worklist).await?.told().await?;
    ensure!(nobody["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", "{nobody}");
    // Asked otherwise, it is said how to ask.
    let plain = served.ask(Some(&outside), worklist, json!({})).await?;
    ensure!(plain["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE", "{plain}");
    let by_link = format!("{}/graphql?query=subscription%7BworklistChanged%7Bat%7D%7D", other.url);
    let refused = served.client.get(by_link).bearer_auth(&outside).send().await?.status();
    ensure!(refused == StatusCode::METHOD_NOT_ALLOWED, "{refused}");
    Ok(())
}

async fn nobody_follows_without_end(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let other = Other::beside(&served).await?;
    let cookie = served.cookie(Clerk).await?;
    let mut open = Vec::new();
    for number in 0..20 {
        let stream = other.stream(&served, "/changements", &cookie).await?;
        ensure!(stream.status() == StatusCode::OK, "{number}: {}", stream.status());
        open.push(stream);
    }
    let more = other.stream(&served, "/changements", &cookie).await?.status();
    ensure!(more == StatusCode::TOO_MANY_REQUESTS, "{more}");
    let colleague = served.cookie(Coordinator).await?;
    ensure!(other.stream(&served, "/changements", &colleague).await?.status() == StatusCode::OK);
    // None of them holds a connection: whoever asks for a page has it.
    let page = served.client.get(format!("{}/dossiers", other.url)).header("cookie", &cookie).send().await?;
    ensure!(page.status() == StatusCode::OK, "{}", page.status());
    Ok(())
}
