//! Dashboards are read from a replica, and never show less than what was acknowledged before they were asked for, whatever becomes of
//! the replica: paused, stopped, promoted, left behind on another history, another database altogether.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use pli_domain::account::TokenScope;
use pli_tests::{DATABASE_URL, Engine, Fine as _, Office, PASSWORD, Person, TestStore};
use reqwest::Client;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Server, url};
use crate::program::{Program, Running};

const DATABASE: &str = "pli";

/// What a replica is asked is in its log.
const TELLING: [&str; 2] = ["log_statement=all", "max_standby_streaming_delay=0"];

const LETTER: &str = "mutation($key: String!) { answer: registerMail(input: { idempotencyKey: $key, sender: \"Mairie\", \
    subject: \"Lettre\", category: ORDINARY, channel: POST, documentOn: \"2020-03-02\", receivedOn: \"2020-03-03\" }) { \
    dossier { reference } userErrors { code } } }";

/// Pages that are read from a replica, who asks for each, and what is in the statement that costs.
const PAGES: [(&str, Person, &str); 5] = [
    ("/retards", Person::Manager, "\"tallied_span\""),
    ("/aujourdhui", Person::Coordinator, "\"count_0\""),
    ("/statistiques", Person::Manager, "\"author_group\""),
    ("/dossiers", Person::Manager, "AS \"listed\""),
    ("/ma-table", Person::Drafter, "\"dossier\".\"subject\""),
];

/// Where a replica stands that is not asked, in the words of a server's log.
const NOT_ASKED: [&str; 5] = ["behind", "other_history", "writes", "other_database", "away"];

/// Between two looks. Nothing is measured by it.
const PAUSE: Duration = Duration::from_millis(20);

/// A database, its replica, and an office that works on them.
struct Site {
    cluster: Cluster,
    first: Server,
    second: Server,
    office: Office,
    client: Client,
    clerk: String,
    manager: String,
}

impl Site {
    async fn open() -> Result<Self> {
        let cluster = Cluster::prepare().await?;
        let first = cluster.primary("first", &[]).await?;
        first.sql("postgres").await?.run(&format!("CREATE DATABASE {DATABASE}")).await?;
        let office = Office::on(TestStore::elsewhere(&url(&[&first], DATABASE)).await?).await?;
        let second = cluster.standby("second", &first, &TELLING).await?;
        let token = async |person: Person| -> Result<String> {
            let token =
                office.app.create_token(person.login(), "essai", TokenScope::Write, None).await.fine()?;
            Ok(token.reveal().to_owned())
        };
        let (clerk, manager) = (token(Person::Clerk).await?, token(Person::Manager).await?);
        let client = pli_tests::http().redirect(Policy::none()).build()?;
        Ok(Self { cluster, first, second, office, client, clerk, manager })
    }

    /// Servers that read dashboards from a replica.
    fn program(&self, replica: &str) -> Program {
        Program::of(&self.office).with(&["--replica", replica]).watched()
    }

    async fn ask(&self, server: &Running, token: &str, query: &str) -> Result<Value> {
        let body = json!({ "query": query, "variables": { "key": self.office.key().0 } });
        let asked = self.client.post(format!("{}/graphql", server.url)).bearer_auth(token).json(&body);
        let answer: Value = asked.send().await?.error_for_status()?.json().await?;
        ensure!(answer["errors"].is_null(), "{answer}");
        Ok(answer["data"]["answer"].clone())
    }

    /// Registers a letter that has been late for years.
    async fn act(&self, server: &Running) -> Result<()> {
        let answer = self.ask(server, &self.clerk, LETTER).await?;
        ensure!(answer["dossier"]["reference"].is_string(), "{answer}");
        Ok(())
    }

    /// How much is late, by the dashboard.
    async fn late(&self, server: &Running) -> Result<u64> {
        let answer = self.ask(server, &self.manager, "{ answer: retards { total } }").await?;
        answer["total"].as_u64().with_context(|| answer.to_string())
    }

    async fn sign_in(&self, server: &Running, person: Person) -> Result<String> {
        let form = [("login", person.login()), ("password", PASSWORD)];
        let answer = self.client.post(format!("{}/connexion", server.url)).form(&form).send().await?;
        let cookie = answer.headers().get(SET_COOKIE).context("no cookie was given")?.to_str()?;
        Ok(cookie.split(';').next().unwrap_or_default().to_owned())
    }

    async fn page(&self, server: &Running, path: &str, cookie: &str) -> Result<String> {
        let asked = self.client.get(format!("{}{path}", server.url)).header(COOKIE, cookie);
        Ok(asked.send().await?.error_for_status()?.text().await?)
    }

    /// How much is to be routed, by the cabinet's home page.
    async fn to_route(&self, server: &Running, coordinator: &str) -> Result<u64> {
        let page = self.page(server, "/aujourdhui", coordinator).await?;
        let (_, after) = page.split_once("À attribuer</span> <b>").context("no figure")?;
        Ok(after.split('<').next().unwrap_or_default().parse()?)
    }

    /// How many statements with these words the replica was asked.
    fn seen(&self, words: &str) -> usize {
        let log = self.cluster.log("second");
        log.lines().filter(|line| line.contains("execute ") && line.contains(words)).count()
    }

    /// Asks for the dashboard until the replica is asked for it.
    async fn until_seen(&self, server: &Running) -> Result<()> {
        let before = self.seen("\"tallied_span\"");
        while self.seen("\"tallied_span\"") == before {
            self.late(server).await?;
        }
        Ok(())
    }

    /// Acts through each server in turn, and looks through each of them, once: what was done is there.
    async fn each_act_is_seen(&self, servers: &[&Running]) -> Result<()> {
        let coordinator = self.sign_in(servers[0], Person::Coordinator).await?;
        let late = self.late(servers[0]).await?;
        let to_route = self.to_route(servers[0], &coordinator).await?;
        for (number, actor) in (1..).zip(servers) {
            self.act(actor).await?;
            for reader in servers {
                ensure!(self.late(reader).await? == late + number, "less than what was acknowledged");
                let seen = self.to_route(reader, &coordinator).await?;
                ensure!(seen == to_route + number, "the home page shows less than what was acknowledged");
            }
        }
        Ok(())
    }

    async fn figures(&self, server: &Running) -> Result<String> {
        let metrics = server.metrics.as_ref().context("it says no figures")?;
        Ok(self.client.get(metrics).send().await?.text().await?)
    }

    /// Waits until a server says that the replica follows, or that it does not. It is ready all the same.
    async fn until_it_follows(&self, server: &Running, follows: bool) -> Result<()> {
        let wanted = format!("pli_replica_follows {}", u8::from(follows));
        while !self.figures(server).await?.contains(&wanted) {
            tokio::time::sleep(PAUSE).await;
        }
        ensure!(self.client.get(format!("{}/ready", server.url)).send().await?.status() == 200);
        Ok(())
    }
}

/// Where the replica stood, by a server's log: at first it follows, and each line says that it stands elsewhere than before.
fn stood(said: &str) -> Vec<&'static str> {
    let told = said.lines().filter_map(|line| {
        if line.contains("dashboards are read from the replica again") {
            return Some("follows");
        }
        let left = line.contains("dashboards are not read from the replica");
        NOT_ASKED.into_iter().find(|state| left && line.contains(&format!("\"{state}\"")))
    });
    std::iter::once("follows").chain(told).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dashboards_are_read_from_the_replica_and_show_all_that_was_acknowledged() -> Result<()> {
    let site = Site::open().await?;
    let program = site.program(&url(&[&site.second], DATABASE));
    let (one, two) = (program.serve().await?, program.serve().await?);
    site.act(&one).await?;
    for (path, person, words) in PAGES {
        let cookie = site.sign_in(&one, person).await?;
        for server in [&one, &two] {
            let before = site.seen(words);
            while site.seen(words) == before {
                site.page(server, path, &cookie).await?;
            }
        }
    }
    for private in ["\"session\"", "\"api_token\"", "INSERT", "UPDATE"] {
        ensure!(site.seen(private) == 0, "the replica was asked for {private}");
    }
    site.each_act_is_seen(&[&one, &two]).await?;

    let replica = site.second.sql(DATABASE).await?;
    replica.run("SELECT pg_wal_replay_pause()").await?;
    while replica.one::<String>("SELECT pg_get_wal_replay_pause_state()").await? != "paused" {}
    site.act(&one).await?;
    let before = site.seen("\"tallied_span\"");
    site.each_act_is_seen(&[&one, &two, &one, &two]).await?;
    ensure!(site.seen("\"tallied_span\"") == before, "the replica lacks what it was asked for");
    for server in [&one, &two] {
        site.until_it_follows(server, false).await?;
    }

    replica.run("SELECT pg_wal_replay_resume()").await?;
    for server in [&one, &two] {
        site.until_it_follows(server, true).await?;
        site.until_seen(server).await?;
    }
    site.each_act_is_seen(&[&one, &two]).await?;
    let figures = site.figures(&one).await?;
    for asked in ["replica", "primary"] {
        let figure = format!("pli_dashboards_total{{server=\"{asked}\"}}");
        ensure!(figures.contains(&figure), "{figures}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_becomes_of_the_replica_dashboards_answer() -> Result<()> {
    let mut site = Site::open().await?;
    let server = site.program(&url(&[&site.second], DATABASE)).serve_telling("warn").await?;
    site.until_seen(&server).await?;

    site.second.kill().await?;
    site.each_act_is_seen(&[&server]).await?;
    site.until_it_follows(&server, false).await?;
    // One that starts without its replica works as well.
    let other = site.program(&url(&[&site.second], DATABASE)).serve().await?;
    site.each_act_is_seen(&[&server, &other]).await?;
    site.second = site.cluster.again("second", &site.second, &TELLING).await?;
    for server in [&server, &other] {
        site.until_it_follows(server, true).await?;
        site.until_seen(server).await?;
    }

    site.cluster.promote("second").await?;
    let before = site.seen("\"tallied_span\"");
    site.each_act_is_seen(&[&server, &other]).await?;
    ensure!(site.seen("\"tallied_span\"") == before, "a server that stands by no more was asked");
    site.until_it_follows(&server, false).await?;
    // A look that took too long told that it is away: another look ends before the third is begun, the other server being gone.
    drop(other);
    let looks = site.seen("'other_database'");
    while site.seen("'other_database'") < looks + 3 {
        tokio::time::sleep(PAUSE).await;
    }
    let said = server.stop().await?;
    let stood = stood(&said);
    let twice = stood.windows(2).any(|pair| matches!(pair, [before, after] if before == after));
    ensure!(!twice, "nothing has changed, and it is said: {said}");
    ensure!(stood.contains(&"away"), "{said}");
    // The last look may have taken too long as well.
    let last = stood.iter().rfind(|state| **state != "away");
    ensure!(last == Some(&"writes"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_of_something_else_is_not_asked() -> Result<()> {
    let site = Site::open().await?;
    // The register of another office, on the same servers.
    site.first.sql("postgres").await?.run("CREATE DATABASE other").await?;
    TestStore::elsewhere(&url(&[&site.first], "other")).await?;
    for other in [url(&[&site.second], "other"), std::env::var(DATABASE_URL)?] {
        let server = site.program(&other).serve().await?;
        site.each_act_is_seen(&[&server]).await?;
        site.until_it_follows(&server, false).await?;
    }
    ensure!(site.seen("\"tallied_span\"") == 0, "another database was asked");
    let office = Office::open(Engine::Sqlite).await?;
    let refused = Program::of(&office).run(&["serve", "--replica", &url(&[&site.second], DATABASE)]).await?;
    let said = String::from_utf8(refused.stderr)?;
    ensure!(
        refused.status.code() == Some(2) && said.contains("--replica ne sert qu’avec PostgreSQL"),
        "{said}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_on_a_history_that_was_left_is_not_asked() -> Result<()> {
    let mut site = Site::open().await?;
    let mut third = site.cluster.standby("third", &site.first, &[]).await?;
    let database = url(&[&site.first, &third], DATABASE);
    let program = Program::on(&database, site.office.files.path());
    let server = program.with(&["--replica", &url(&[&site.second], DATABASE)]).watched().serve().await?;
    site.until_seen(&server).await?;

    // The one that will take the place lacks the end of what the replica has.
    third.kill().await?;
    site.act(&server).await?;
    let sql = site.first.sql(DATABASE).await?;
    sql.run("CREATE TABLE ballast AS SELECT generate_series(1, 100000) AS number").await?;
    let end: String = sql.one("SELECT pg_current_wal_lsn()::text").await?;
    let replica = site.second.sql(DATABASE).await?;
    let there = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn");
    while !replica.one::<bool>(&there).await? {}
    site.first.kill().await?;
    third = site.cluster.again("third", &third, &[]).await?;
    site.cluster.promote("third").await?;
    while site.client.get(format!("{}/ready", server.url)).send().await?.status() != 200 {}

    let before = site.seen("\"tallied_span\"");
    site.each_act_is_seen(&[&server]).await?;
    let written: String = third.sql(DATABASE).await?.one("SELECT pg_current_wal_lsn()::text").await?;
    let behind = format!("SELECT pg_last_wal_replay_lsn() < '{written}'::pg_lsn");
    ensure!(!replica.one::<bool>(&behind).await?, "its place alone would have told");
    ensure!(site.seen("\"tallied_span\"") == before, "a replica of what is no more was asked");
    site.until_it_follows(&server, false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_replica_takes_back_or_has_no_time_for_the_database_answers() -> Result<()> {
    let site = Site::open().await?;
    // On the replica alone the counters take a minute.
    let sql = site.first.sql(DATABASE).await?;
    let view: String = sql.one("SELECT pg_get_viewdef('tallied_span')").await?;
    let slow = "(SELECT CASE WHEN pg_is_in_recovery() THEN pg_sleep(60) END OFFSET 0) AS slow";
    sql.run(&format!(
        "CREATE OR REPLACE VIEW tallied_span AS SELECT counted.* FROM {slow}, ({}) AS counted",
        view.trim_end_matches(';')
    ))
    .await?;
    let server = site.program(&url(&[&site.second], DATABASE)).serve_telling("warn").await?;
    site.act(&server).await?;

    let replica = site.second.sql(DATABASE).await?;
    let running = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    let busy = async {
        while replica.one::<i64>(running).await? < 6 {}
        ensure!(site.late(&server).await? == 1, "another answer");
        // What the replica has to replay is in the way of the statement.
        sql.run("BEGIN; LOCK TABLE tally_move IN ACCESS EXCLUSIVE MODE; COMMIT").await
    };
    let asking = || async {
        while !site.cluster.log("second").contains("due to conflict with recovery") {
            ensure!(site.late(&server).await? == 1, "another answer");
        }
        Ok(())
    };
    // More than the connections that a server has to its replica.
    tokio::try_join!(busy, try_join_all((0..12).map(|_| asking())))?;
    sql.run(&format!("CREATE OR REPLACE VIEW tallied_span AS {view}")).await?;
    site.until_seen(&server).await?;
    let said = server.stop().await?;
    ensure!(!said.contains("dashboards are not read"), "the replica was left for one statement: {said}");
    Ok(())
}
