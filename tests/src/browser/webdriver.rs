//! `WebDriver`, as much of it as the tests speak: <https://www.w3.org/TR/webdriver2/>.

use anyhow::{Context as _, Result, anyhow};
use reqwest::Client;
use serde_json::{Value, json};

use crate::http;

/// How an answer names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser that a driver has opened.
#[derive(Debug)]
pub(super) struct Session {
    http: Client,
    /// `http://127.0.0.1:…/session/…`
    url: String,
    /// Its name.
    pub(super) id: String,
}

/// How an element is found: `css selector` or `xpath`, and the words of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum By<'a> {
    Css(&'a str),
    XPath(&'a str),
}

impl By<'_> {
    fn json(self) -> Value {
        match self {
            Self::Css(value) => json!({ "using": "css selector", "value": value }),
            Self::XPath(value) => json!({ "using": "xpath", "value": value }),
        }
    }
}

/// An element of the page that is shown.
#[derive(Debug)]
pub(super) struct Element<'a> {
    session: &'a Session,
    id: String,
}

impl Session {
    /// Asks the driver at a URL for a browser with these capabilities.
    pub(super) async fn open(driver: &str, capabilities: &Value) -> Result<Self> {
        let http = http().no_proxy().build()?;
        let asked = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let opened = answer(http.post(format!("{driver}/session")).json(&asked)).await?;
        let id = opened.get("sessionId").and_then(Value::as_str).context("no session")?.to_owned();
        Ok(Self { http, url: format!("{driver}/session/{id}"), id })
    }

    /// Gives a command.
    pub(super) async fn post(&self, command: &str, parameters: Value) -> Result<Value> {
        answer(self.http.post(format!("{}/{command}", self.url)).json(&parameters)).await
    }

    /// Asks.
    pub(super) async fn get(&self, question: &str) -> Result<Value> {
        answer(self.http.get(format!("{}/{question}", self.url))).await
    }

    /// Asks for a text.
    pub(super) async fn text(&self, question: &str) -> Result<String> {
        Ok(self.get(question).await?.as_str().unwrap_or_default().to_owned())
    }

    /// The first element.
    pub(super) async fn find(&self, by: By<'_>) -> Result<Element<'_>> {
        let found = self.post("element", by.json()).await.with_context(|| format!("no {by:?}"))?;
        self.element(&found)
    }

    /// Every element.
    pub(super) async fn find_all(&self, by: By<'_>) -> Result<Vec<Element<'_>>> {
        let found = self.post("elements", by.json()).await?;
        found.as_array().into_iter().flatten().map(|one| self.element(one)).collect()
    }

    /// The element that has the focus.
    pub(super) async fn active(&self) -> Result<Element<'_>> {
        let found = self.get("element/active").await?;
        self.element(&found)
    }

    fn element(&self, found: &Value) -> Result<Element<'_>> {
        let id =
            found.get(ELEMENT).and_then(Value::as_str).with_context(|| format!("no element: {found}"))?;
        Ok(Element { session: self, id: id.to_owned() })
    }
}

impl Element<'_> {
    /// What is read in it.
    pub(super) async fn text(&self) -> Result<String> {
        self.ask("text").await
    }

    /// The name of its tag.
    pub(super) async fn tag(&self) -> Result<String> {
        self.ask("name").await
    }

    /// An attribute; empty when it does not have it.
    pub(super) async fn attribute(&self, name: &str) -> Result<String> {
        self.ask(&format!("attribute/{name}")).await
    }

    /// A property; empty when it does not have it.
    pub(super) async fn property(&self, name: &str) -> Result<String> {
        self.ask(&format!("property/{name}")).await
    }

    /// Whether it is seen.
    pub(super) async fn is_seen(&self) -> Result<bool> {
        let seen = self.session.get(&format!("element/{}/displayed", self.id)).await?;
        seen.as_bool().with_context(|| format!("{seen}"))
    }

    /// Clicks on it.
    pub(super) async fn click(&self) -> Result<()> {
        self.tell("click", json!({})).await
    }

    /// Empties it.
    pub(super) async fn clear(&self) -> Result<()> {
        self.tell("clear", json!({})).await
    }

    /// Types in it.
    pub(super) async fn type_in(&self, text: &str) -> Result<()> {
        self.tell("value", json!({ "text": text })).await
    }

    /// Itself, in the parameters of a command.
    pub(super) fn json(&self) -> Value {
        json!({ ELEMENT: self.id })
    }

    async fn ask(&self, question: &str) -> Result<String> {
        self.session.text(&format!("element/{}/{question}", self.id)).await
    }

    async fn tell(&self, command: &str, parameters: Value) -> Result<()> {
        self.session.post(&format!("element/{}/{command}", self.id), parameters).await.map(drop)
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value> {
    let answer = request.send().await.context("the driver does not answer")?;
    let refused = !answer.status().is_success();
    let mut body: Value = answer.json().await?;
    let value = body.get_mut("value").map(Value::take).unwrap_or_default();
    if refused {
        let said = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
        return Err(anyhow!("{}: {}", said("error"), said("message").lines().next().unwrap_or_default()));
    }
    Ok(value)
}
