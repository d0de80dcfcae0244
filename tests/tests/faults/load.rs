//! Clients at work: each command is sent again under its key until it is acknowledged, as a client that means well does.

use std::io::Write as _;
use std::net::TcpStream;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use pli_domain::account::TokenScope;
use pli_tests::{Fine as _, Office, Person};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::history::{Deed, What};

const LETTER: &str = "mutation($key: String!, $words: String!) { answer: registerMail(input: { idempotencyKey: $key, \
    sender: \"Mairie\", subject: $words, category: ORDINARY, channel: POST, documentOn: \"2020-03-02\", \
    receivedOn: \"2020-03-03\" }) { dossier { id reference } userErrors { code } } }";
const DRAFT: &str = "mutation($key: String!, $words: String!, $id: ID!) { \
    answer: saveDraft(on: { id: $id, idempotencyKey: $key }, text: $words) { dossier { id reference } userErrors { code } } }";
const QUESTION: &str = "mutation($key: String!) { answer: receiveQuestion(input: { idempotencyKey: $key, house: ASSEMBLY, \
    number: 1, publishedOn: \"2020-03-03\", subject: \"Greffes\", term: 15, type: QE }) { dossier { id reference } userErrors { code } } }";
const ROUTE: &str = "mutation($key: String!, $id: ID!, $lead: ID!) { \
    answer: routeDossier(on: { id: $id, idempotencyKey: $key }, lead: $lead) { dossier { id reference } userErrors { code } } }";
const ACCEPT: &str = "mutation($key: String!, $id: ID!) { \
    answer: acceptDossier(on: { id: $id, idempotencyKey: $key }) { dossier { id reference } userErrors { code } } }";

/// Between two tries. Nothing is measured by it.
const PAUSE: Duration = Duration::from_millis(10);

/// Where the clients ask, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    client: Client,
    urls: Vec<String>,
    clerk: String,
    drafter: String,
    question: String,
    /// Whether each command is first sent by somebody who hangs up before the answer.
    hanging_up: bool,
    /// How often a server said that it could not.
    refused: Arc<AtomicUsize>,
}

impl Desk {
    /// A desk in front of servers that share an office's database, with one question that is being answered.
    pub(crate) async fn open(office: &Office, urls: &[&str]) -> Result<Self> {
        let token = async |person: Person| -> Result<String> {
            let token =
                office.app.create_token(person.login(), "essai", TokenScope::Write, None).await.fine()?;
            Ok(token.reveal().to_owned())
        };
        let mut desk = Self {
            client: pli_tests::http().build()?,
            urls: urls.iter().map(|&url| url.to_owned()).collect(),
            clerk: token(Person::Clerk).await?,
            drafter: token(Person::Drafter).await?,
            question: String::new(),
            hanging_up: false,
            refused: Arc::default(),
        };
        let (coordinator, correspondent) =
            (token(Person::Coordinator).await?, token(Person::Correspondent).await?);
        let unit = json!({ "query": "{ answer: unit(code: \"DACS\") { id } }" });
        let unit = desk.send(0, &coordinator, &unit).await.context("no answer")?;
        let lead = &unit["data"]["answer"]["id"];
        let clerk = desk.clerk.clone();
        for (person, query) in [(&clerk, QUESTION), (&coordinator, ROUTE), (&correspondent, ACCEPT)] {
            let variables = json!({ "key": query, "id": desk.question, "lead": lead });
            let answer = desk.ask(0, person, query, &variables).await?.context("no answer")?;
            answer["id"].as_str().unwrap_or_default().clone_into(&mut desk.question);
        }
        Ok(desk)
    }

    /// The same desk, where each command is first sent by somebody who hangs up.
    pub(crate) fn hanging_up(self) -> Self {
        Self { hanging_up: true, ..self }
    }

    /// Does one thing until it is acknowledged, or until the clients are told to stop.
    async fn accomplish(&self, deed: &mut Deed, client: usize, stopped: &AtomicBool) -> Result<()> {
        let (person, query) = match deed.what {
            What::Letter => (&self.clerk, LETTER),
            What::Draft => (&self.drafter, DRAFT),
        };
        let variables = json!({ "key": deed.key, "words": deed.words(), "id": self.question });
        let mut server = client;
        if self.hanging_up {
            // To the next server, if there are several; whether it was heard, nobody knows.
            let _ = self.hang_up(server + 1, person, query, &variables);
        }
        loop {
            if let Some(dossier) = self.ask(server, person, query, &variables).await? {
                deed.answer = Some(dossier["reference"].as_str().context("no reference")?.to_owned());
                return Ok(());
            }
            if stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            server += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The dossier of an answer; `None` when it is not known whether the command was done.
    async fn ask(&self, server: usize, token: &str, query: &str, variables: &Value) -> Result<Option<Value>> {
        let body = json!({ "query": query, "variables": variables });
        let Some(answer) = self.send(server, token, &body).await else { return Ok(None) };
        match answer["errors"][0]["extensions"]["code"].as_str() {
            Some("UNAVAILABLE") => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                return Ok(None);
            }
            Some(_) => bail!("{answer}"),
            None => {}
        }
        let told = &answer["data"]["answer"];
        ensure!(told["userErrors"] == json!([]), "{answer}");
        Ok(Some(told["dossier"].clone()))
    }

    async fn send(&self, server: usize, token: &str, body: &Value) -> Option<Value> {
        let url = self.urls.get(server % self.urls.len())?;
        let answer =
            self.client.post(format!("{url}/graphql")).bearer_auth(token).json(body).send().await.ok()?;
        if answer.status().is_server_error() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        answer.json().await.ok()
    }

    /// Sends a whole request and goes away.
    fn hang_up(&self, server: usize, token: &str, query: &str, variables: &Value) -> Result<()> {
        let address =
            self.urls.get(server % self.urls.len()).context("no server")?.trim_start_matches("http://");
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "POST /graphql HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        Ok(())
    }
}

/// Clients who work until they are told to stop.
#[derive(Debug)]
pub(crate) struct Load {
    clients: JoinSet<Result<Vec<Deed>>>,
    stopped: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<Deed>>>,
    refused: Arc<AtomicUsize>,
}

impl Load {
    /// Sends so many clients to a desk: half of what each does is letters, the other half is on one dossier.
    pub(crate) fn start(desk: &Desk, clients: usize) -> Self {
        Self::start_as(desk, 0..clients)
    }

    /// The same, by clients of these numbers: those of another load have others.
    pub(crate) fn start_as(desk: &Desk, clients: Range<usize>) -> Self {
        let mut load = Self {
            clients: JoinSet::new(),
            stopped: Arc::default(),
            acknowledged: Arc::default(),
            refused: desk.refused.clone(),
        };
        for client in clients {
            let (desk, stopped, acknowledged) =
                (desk.clone(), load.stopped.clone(), load.acknowledged.clone());
            load.clients.spawn(async move {
                let mut deeds = Vec::new();
                while !stopped.load(Ordering::Relaxed) {
                    let number = deeds.len();
                    let what = if number % 2 == 0 { What::Letter } else { What::Draft };
                    let mut deed = Deed { what, key: format!("{client}-{number}"), answer: None };
                    desk.accomplish(&mut deed, client, &stopped).await?;
                    if let Some(answer) = deed.answer.clone() {
                        acknowledged.lock().unwrap_or_else(PoisonError::into_inner).push(deed.clone());
                        if number % 3 == 0 {
                            // Asked once more: the same answer.
                            desk.accomplish(&mut deed, client, &stopped).await?;
                            ensure!(deed.answer.as_ref() == Some(&answer), "another answer: {deed:?}");
                        }
                    }
                    deeds.push(deed);
                }
                Ok(deeds)
            });
        }
        load
    }

    /// Waits until so many more commands are acknowledged.
    pub(crate) async fn more(&mut self, more: usize) -> Result<()> {
        let enough = self.so_far().len() + more;
        self.until(|load| load.so_far().len() >= enough).await
    }

    /// Waits until a server has said so often that it could not.
    pub(crate) async fn until_refused(&mut self, often: usize) -> Result<()> {
        self.until(|load| load.refused.load(Ordering::Relaxed) >= often).await
    }

    async fn until(&mut self, enough: impl Fn(&Self) -> bool) -> Result<()> {
        while !enough(self) {
            if let Some(ended) = self.clients.try_join_next() {
                bail!("a client ended: {:?}", ended?);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// What is acknowledged by now.
    pub(crate) fn so_far(&self) -> Vec<Deed> {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells the clients to stop; everything that they asked for.
    pub(crate) async fn stop(self) -> Result<Vec<Deed>> {
        self.stopped.store(true, Ordering::Relaxed);
        let lists = self.clients.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(lists.into_iter().flatten().collect())
    }
}
