//! The pieces of work that are measured: each through the API, through the use case, and as what these ask of the database.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use pli_app::{AccessRules, Caller, Key, List, Order};
use pli_domain::actor::Who;
use pli_domain::dossier::NewMail;
use pli_domain::ids::{DossierId, UnitId};
use pli_server::http::Options;
use pli_tests::large::word;
use pli_tests::{Engine, Fine as _, Office, Person, Served, samples};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Client;
use crate::floor::Floor;
use crate::postgraphile::{self, PostGraphile};
use crate::script;
use crate::tape::{Names, Recorder, Tape};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// A clerk registers a letter.
    Register,
    /// A coordinator routes it.
    Route,
    /// The first twenty open dossiers, with unit, deadline and people.
    Page,
    /// One dossier with its deadlines, assignments, text and journal.
    Dossier,
    /// What is late, by direction and age.
    Retards,
    /// The page *Retards*, with its twelve weeks and its year.
    RetardsPage,
    /// The page *Aujourd’hui*.
    DayPage,
    /// The dossiers that hold a word, with passages.
    Search,
}

/// Through what it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The server, over HTTP.
    Api,
    /// The same for one client alone, who waits for nobody else.
    Alone,
    /// The use case.
    App,
    /// The same statements by sqlx.
    Sqlx,
    /// The same statements by the engine's own library; on PostgreSQL, pgbench.
    Engine,
    /// PostGraphile on the same data.
    PostGraphile,
}

impl Level {
    /// In the order in which they take turns.
    pub(crate) const ALL: [Self; 6] =
        [Self::Api, Self::Alone, Self::App, Self::Sqlx, Self::Engine, Self::PostGraphile];
}

impl Work {
    /// In the order of the table: letters are registered before they are routed.
    pub(crate) const ALL: [Self; 8] = [
        Self::Register,
        Self::Route,
        Self::Page,
        Self::Dossier,
        Self::Retards,
        Self::RetardsPage,
        Self::DayPage,
        Self::Search,
    ];

    /// What the table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Register => "register a letter",
            Self::Route => "route it",
            Self::Page => "a page of 20",
            Self::Dossier => "one dossier in full",
            Self::Retards => "what is late",
            Self::RetardsPage => "the page *Retards*",
            Self::DayPage => "the page *Aujourd’hui*",
            Self::Search => "a search",
        }
    }

    /// Whether it is a page, which the server alone makes.
    pub(crate) fn is_page(self) -> bool {
        matches!(self, Self::RetardsPage | Self::DayPage)
    }

    /// Whether it changes the register.
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Register | Self::Route)
    }
}

/// How many dossiers, and how many words, are asked for in turn.
const VARIANTS: u64 = 32;

const REGISTER: &str = "mutation($key: String!, $sender: String!) { answer: registerMail(input: { idempotencyKey: $key, \
    sender: $sender, subject: \"Locaux du tribunal de proximité\", category: PETITION, channel: POST, \
    documentOn: \"2026-11-16\", receivedOn: \"2026-11-19\" }) { dossier { id reference } userErrors { code } } }";
const ROUTE: &str = "mutation($key: String!, $id: ID!, $lead: ID!) { answer: routeDossier(on: { id: $id, \
    idempotencyKey: $key }, lead: $lead) { dossier { id reference } userErrors { code } } }";
const PAGE: &str = "{ dossiers(first: 20, filter: { open: true }) { edges { cursor node { reference subject stage \
    lead { code name } deadline { dueOn standing { text } } draft { author } } } } }";
const DOSSIER: &str = "query($reference: String!) { dossierByReference(reference: $reference) { reference subject stage \
    allowedActions lead { name } assignments { unit { name } } deadlines { dueOn } deadline { explanation } \
    draft { text } ... on Mail { sender journal(first: 50) { edges { node { action at actor } } } } } }";
const RETARDS: &str = "{ retards { rows { unit { name } figures { ageClass count } } } }";
const SEARCH: &str = "query($words: String!) { search(words: $words, first: 20) { edges { node { \
    excerpt { of } dossier { reference subject stage } } } } }";

/// A register that is served, those who work on it, and what their work asks of the database.
pub(crate) struct Site {
    /// The server, and the office behind it.
    pub(crate) served: Served,
    client: Client,
    floor: Floor,
    /// On PostgreSQL.
    rival: Option<PostGraphile>,
    tapes: BTreeMap<Work, Vec<Tape>>,
    clerk: (Caller, String),
    coordinator: (Caller, String),
    manager: (Caller, String),
    cookie: String,
    lead: (UnitId, Value),
    /// Copies in the register of each closed model.
    copies: u64,
    next: AtomicU64,
    /// What was registered at each level and is still to be routed.
    letters: Mutex<BTreeMap<Level, Vec<Letter>>>,
}

/// A letter to route: its identifier, in the API's words when the API gave it.
#[derive(Clone, Debug)]
enum Letter {
    Known(DossierId),
    Named(String),
}

impl Site {
    /// Serves a register that was filled to that size, and listens once to each piece of work.
    pub(crate) async fn open(
        office: Office,
        dossiers: u64,
        recorder: &Recorder,
        clients: u32,
    ) -> Result<Arc<Self>> {
        let floor = Floor::of(&office, clients).await?;
        let rules = AccessRules { per_person: None, per_address: None, ..AccessRules::default() };
        let served = Served::of(office, rules, Options::default()).await?;
        let client = Client::of(&served.url)?;
        let person = async |person| {
            let caller = served.office.caller(person).await?;
            anyhow::Ok((caller, served.token(person).await?))
        };
        let (clerk, coordinator) = (person(Person::Clerk).await?, person(Person::Coordinator).await?);
        let manager = person(Person::Manager).await?;
        let cookie = served.cookie(Person::Manager).await?;
        let unit = served.ask(Some(&coordinator.1), "{ unit(code: \"DACS\") { id } }", json!({})).await?;
        let lead = (served.office.unit("DACS")?, unit.pointer("/data/unit/id").context("no unit")?.clone());
        let mut site = Self {
            served,
            client,
            floor,
            rival: None,
            tapes: BTreeMap::new(),
            clerk,
            coordinator,
            manager,
            cookie,
            lead,
            copies: (dossiers * 95 / 100 / 30).saturating_sub(1).max(1),
            next: AtomicU64::new(1),
            letters: Mutex::default(),
        };
        for work in Work::ALL {
            let tapes =
                site.record(work, recorder).await.with_context(|| format!("listening to {work:?}"))?;
            site.tapes.insert(work, tapes);
        }
        if site.served.office.database.engine == Engine::Postgres {
            let acts = [("register_letter", Work::Register), ("route_letter", Work::Route)];
            let acts =
                acts.map(|(name, work)| Ok(script::function(name, site.tape(work, Level::Engine, 0)?.0)));
            let acts = acts.into_iter().collect::<Result<Vec<_>>>()?;
            site.rival = Some(PostGraphile::start(&site.served.office, &acts).await?);
        }
        Ok(Arc::new(site))
    }

    async fn record(&self, work: Work, recorder: &Recorder) -> Result<Vec<Tape>> {
        let mut tapes = Vec::new();
        // As whoever has not read it before: Pli knows the sheets of what it has. The page is always the same one.
        let varied = !work.writes() && work != Work::Page;
        for number in 0..if varied { VARIANTS } else { 1 } {
            let key = self.served.office.key();
            let letter = if work == Work::Route { Some(self.letter_of(Level::App)?) } else { None };
            recorder.listen();
            let sheet = self.by_app(work, number, key.clone(), letter).await?;
            let statements = recorder.stop();
            let names = sheet.map(|(id, reference)| Names { id: id.0, reference, key: key.0 });
            tapes.push(Tape { statements, names });
        }
        Ok(tapes)
    }

    /// Does it once.
    pub(crate) async fn once(&self, work: Work, level: Level) -> Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        match level {
            Level::Api | Level::Alone => self.by_api(work, number).await,
            Level::App => {
                let letter = if work == Work::Route { Some(self.letter_of(level)?) } else { None };
                self.by_app(work, number, Key(format!("essai-{number}")), letter).await.map(drop)
            }
            Level::PostGraphile => self.by_postgraphile(work, number).await,
            Level::Sqlx | Level::Engine => {
                let (tape, names) = self.tape(work, level, number)?;
                self.floor.play(tape, names.as_ref()).await
            }
        }
    }

    /// The statements of one piece of work, under names that are new where it writes.
    pub(crate) fn tape(&self, work: Work, level: Level, number: u64) -> Result<(&Tape, Option<Names>)> {
        let tapes = self.tapes.get(&work).context("nothing was heard")?;
        let tape = tapes.get(usize::try_from(number)? % tapes.len()).context("nothing was heard")?;
        if tape.names.is_none() {
            return Ok((tape, None));
        }
        let id = match work {
            Work::Route => match self.letter_of(level)? {
                Letter::Known(id) => id.0,
                Letter::Named(_) => Uuid::nil(),
            },
            // One after the other, as Pli's own are.
            _ => Uuid::from_u128((0x019f << 112) | u128::from(number)),
        };
        if work == Work::Register {
            self.keep(level, Letter::Known(DossierId(id)));
        }
        Ok((tape, Some(Names { id, reference: format!("SG-2018-A-{id}"), key: format!("essai-{number}") })))
    }

    /// What a piece of work asked of the database, each time that it was listened to.
    pub(crate) fn tapes(&self, work: Work) -> Result<&[Tape]> {
        Ok(self.tapes.get(&work).context("nothing was heard")?)
    }

    /// Whether PostGraphile does this work too.
    pub(crate) fn is_rivalled(&self, work: Work) -> bool {
        self.rival.is_some() && !work.is_page() && work != Work::Search
    }

    async fn by_postgraphile(&self, work: Work, number: u64) -> Result<()> {
        let rival = self.rival.as_ref().context("there is no PostGraphile")?;
        match work {
            Work::Page => rival.ask(postgraphile::PAGE, json!({})).await,
            Work::Dossier => {
                let (reference, _) = self.variant(number);
                rival.ask(postgraphile::DOSSIER, json!({ "reference": reference })).await
            }
            Work::Retards => {
                let today = self.served.office.today();
                rival.ask(postgraphile::RETARDS, json!({ "today": today })).await
            }
            Work::Register => {
                rival.ask(postgraphile::REGISTER, json!({ "number": number.to_string() })).await?;
                self.keep(Level::PostGraphile, Letter::Named(number.to_string()));
                Ok(())
            }
            _ => {
                let letter = self.letter_of(Level::PostGraphile)?;
                let Letter::Named(number) = letter else { anyhow::bail!("no letter") };
                rival.ask(postgraphile::ROUTE, json!({ "number": number })).await
            }
        }
    }

    /// A number that nothing else has.
    pub(crate) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn keep(&self, level: Level, letter: Letter) {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.entry(level).or_default().push(letter);
    }

    fn letter_of(&self, level: Level) -> Result<Letter> {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.get_mut(&level).and_then(Vec::pop).context("no letter is left to route")
    }

    /// A copy of a closed model, in turn: its reference, and the word by which it is found.
    fn variant(&self, number: u64) -> (String, String) {
        let copy = 1 + number % VARIANTS * self.copies / VARIANTS;
        (format!("SG-2019-A-{}", copy * 40 + 20), word(copy))
    }

    async fn by_app(
        &self,
        work: Work,
        number: u64,
        key: Key,
        letter: Option<Letter>,
    ) -> Result<Option<(DossierId, String)>> {
        let app = &self.served.office.app;
        let (coordinator, _) = &self.coordinator;
        let open = List { open: Some(true), ..List::default() };
        let (reference, words) = self.variant(number);
        match work {
            Work::Register => {
                let mail = NewMail {
                    sender: sender(&key.0),
                    ..samples::petition("Locaux du tribunal de proximité")
                };
                let sheet = app.register_mail(&self.clerk.0, key, mail).await.fine()?;
                self.keep(Level::App, Letter::Known(sheet.dossier.id));
                return Ok(Some((sheet.dossier.id, sheet.dossier.reference)));
            }
            Work::Route => {
                let Some(Letter::Known(dossier)) = letter else { anyhow::bail!("no letter") };
                let order = Order { dossier, version: None, key, command: samples::route(self.lead.0) };
                let sheet = app.act(coordinator, order).await.fine()?;
                return Ok(Some((dossier, sheet.dossier.reference)));
            }
            Work::Page => {
                let page = app.dossiers(coordinator, &open, None, 20).await.fine()?;
                let authors = page.items.iter().filter_map(|sheet| sheet.dossier.draft.as_ref());
                app.names(authors.map(|draft| Who::User(draft.author))).await.fine()?;
                ensure!(page.items.len() == 20, "{} dossiers", page.items.len());
            }
            Work::Dossier => {
                let sheet = app.dossier_by_reference(coordinator, &reference).await.fine()?;
                let sheet = sheet.with_context(|| format!("no {reference}"))?;
                app.draft(coordinator, &sheet).await.fine()?;
                let journal = app.journal(coordinator, sheet.dossier.id, 0, 50).await.fine()?;
                app.names(journal.items.iter().map(|line| line.entry.who)).await.fine()?;
            }
            Work::Retards | Work::RetardsPage => {
                let late = app.retards(&self.manager.0, &List::default()).await.fine()?;
                ensure!(!late.rows.is_empty(), "nothing is late");
            }
            Work::DayPage => {
                let day = app.day(&self.manager.0).await.fine()?;
                ensure!(!day.is_empty(), "nothing is to be done");
            }
            Work::Search => {
                let list = List { words: Some(words), ..List::default() };
                let found = app.found(coordinator, &list, None, 20).await.fine()?;
                ensure!(!found.items.is_empty(), "nothing was found");
            }
        }
        Ok(None)
    }

    async fn by_api(&self, work: Work, number: u64) -> Result<()> {
        let (reference, words) = self.variant(number);
        let key = format!("essai-{number}");
        let (person, query, variables) = match work {
            Work::Register => (&self.clerk, REGISTER, json!({ "key": key, "sender": sender(&key) })),
            Work::Route => {
                let Letter::Named(id) = self.letter_of(Level::Api)? else { anyhow::bail!("no letter") };
                (&self.coordinator, ROUTE, json!({ "key": key, "id": id, "lead": self.lead.1 }))
            }
            Work::Page => (&self.coordinator, PAGE, json!({})),
            Work::Dossier => (&self.coordinator, DOSSIER, json!({ "reference": reference })),
            Work::Retards => (&self.manager, RETARDS, json!({})),
            Work::RetardsPage => return self.client.page("/retards", &self.cookie).await,
            Work::DayPage => return self.client.page("/aujourdhui", &self.cookie).await,
            Work::Search => (&self.coordinator, SEARCH, json!({ "words": words })),
        };
        if !work.writes() {
            return self.client.read(Some(&person.1), query, variables).await;
        }
        let Acted { answer } = self.client.ask(Some(&person.1), query, variables).await?;
        ensure!(answer.user_errors.is_empty(), "{work:?}: {:?}", answer.user_errors);
        if work == Work::Register {
            let dossier = answer.dossier.context("no dossier")?;
            self.keep(Level::Api, Letter::Named(dossier.id));
        }
        Ok(())
    }
}

/// What the API says of an act.
#[derive(Deserialize)]
struct Acted {
    answer: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    dossier: Option<Named>,
    user_errors: Vec<Value>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Each letter has a sender of its own.
fn sender(key: &str) -> String {
    format!("Mme Ada {}", key.replace(|c: char| !c.is_alphanumeric(), ""))
}
