//! An office served over HTTP, as `pli serve` serves it.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use pli_app::{AccessRules, Clock};
use pli_domain::account::TokenScope;
use pli_server::http::{Options, router};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Engine, Fine as _, Office, OpenId, Person, http};

/// An office that answers on a port of its own until it is dropped.
#[derive(Debug)]
pub struct Served {
    /// The office behind it.
    pub office: Office,
    /// Where it answers: `http://127.0.0.1:…`, without a final slash.
    pub url: String,
    /// A client without cookies that follows no redirection.
    pub client: Client,
    server: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Served {
    /// Opens an office and serves it, as a demonstration does or as a real one.
    ///
    /// # Errors
    /// When the database cannot be made, or no port is free.
    pub async fn open(engine: Engine, demo: bool) -> Result<Self> {
        Self::open_as(engine, Options { demo, ..Options::default() }).await
    }

    /// Opens an office with other rules of access than the default ones, and serves it.
    ///
    /// # Errors
    /// When the database cannot be made, or no port is free.
    pub async fn open_with(engine: Engine, rules: AccessRules) -> Result<Self> {
        Self::serve(engine, rules, async |_| Ok(Options::default())).await
    }

    /// Opens an office and serves it as a deployment chooses.
    ///
    /// # Errors
    /// When the database cannot be made, or no port is free.
    pub async fn open_as(engine: Engine, options: Options) -> Result<Self> {
        Self::serve(engine, AccessRules::default(), async |_| Ok(options)).await
    }

    /// Opens an office where one signs in by a provider too. Its clock stands at the present moment, since the provider has no
    /// other; see [`Served::catch_up`].
    ///
    /// # Errors
    /// When the database cannot be made, no port is free, or the provider does not answer.
    pub async fn open_by(engine: Engine, provider: &OpenId) -> Result<Self> {
        let options = async |url: &str| {
            provider.knows(url).await?;
            Ok(Options { provider: Some(provider.provider(url)?), ..Options::default() })
        };
        let served = Self::serve(engine, AccessRules::default(), options).await?;
        served.office.clock.set(Clock::System.now().instant());
        Ok(served)
    }

    /// Moves Pli's clock forward to the present moment, never back: the provider's runs on, and what it issues too far in Pli's
    /// future is refused.
    pub fn catch_up(&self) {
        let clock = &self.office.clock;
        clock.set(clock.now().instant().max(Clock::System.now().instant()));
    }

    async fn serve(
        engine: Engine,
        rules: AccessRules,
        options: impl AsyncFnOnce(&str) -> Result<Options>,
    ) -> Result<Self> {
        Self::over(Office::open(engine).await?, rules, options).await
    }

    /// Serves an office that is there.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn of(office: Office, rules: AccessRules, options: Options) -> Result<Self> {
        Self::over(office, rules, async |_| Ok(options)).await
    }

    async fn over(
        office: Office,
        rules: AccessRules,
        options: impl AsyncFnOnce(&str) -> Result<Options>,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let options = Options { public_url: url.clone(), ..options(&url).await? };
        let service = router(office.app.with_access(rules), options)
            .into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            // It is stopped by its end of the test: there is nobody to tell.
            let _ = axum::serve(listener, service).await;
        });
        let client = http().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { office, url, client, server })
    }

    /// A new token of the API.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token(&self, person: Person) -> Result<String> {
        let secret =
            self.office.app.create_token(person.login(), "tests", TokenScope::Write, None).await.fine()?;
        Ok(secret.reveal().to_owned())
    }

    /// Asks the API, as nobody or with a token, and reads the JSON of its answer.
    ///
    /// # Errors
    /// When it does not answer JSON.
    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Result<Value> {
        let body = json!({ "query": query, "variables": variables });
        let mut request = self.client.post(format!("{}/graphql", self.url)).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await?.json().await.context("the API did not answer JSON")
    }

    /// The session cookie of someone who has signed in on the page, as `name=value`.
    ///
    /// # Errors
    /// When the page does not give one.
    pub async fn cookie(&self, person: Person) -> Result<String> {
        let form = [("login", person.login()), ("password", crate::PASSWORD)];
        let answer = self.client.post(format!("{}/connexion", self.url)).form(&form).send().await?;
        let cookie = answer.headers().get("set-cookie").context("no cookie was given")?.to_str()?;
        Ok(cookie.split(';').next().unwrap_or_default().to_owned())
    }

    /// Gets a page with a session's cookie.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn page(&self, path: &str, cookie: &str) -> Result<Response> {
        Ok(self.client.get(format!("{}{path}", self.url)).header("cookie", cookie).send().await?)
    }
}
