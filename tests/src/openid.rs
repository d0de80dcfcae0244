//! A real OpenID provider, `oidc-provider`, which is certified: Node runs it, set as ProConnect is.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use pli_domain::account::Admission;
use pli_openid::{Provider, Settings};
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::http;
use crate::setting::setting;

/// Names the folder of the provider.
const FOLDER: &str = "PLI_TEST_OPENID_PROVIDER";

/// The SIRET of the office.
pub const SIRET: &str = "11001001400016";

/// An agent's name at the provider's.
pub const AGENT: &str = "704e024229015d2bd47f7a5e5ab05b35c8336ab403c38022";

/// Another agent's, who has the same address.
pub const NAMESAKE: &str = "0f2c6a8d7e114a06b1a4d30c5f9b7e2ad6c8f0a1b2c3d4e5";

const CLIENT: &str = "pli";
const SECRET: &str = "secret-de-pli-chez-le-fournisseur";

/// A provider on a port of its own, until it is dropped.
#[derive(Debug)]
pub struct OpenId {
    child: Child,
    /// Who it says that it is: `http://localhost:…`, another site than Pli's `127.0.0.1`.
    pub issuer: String,
    client: Client,
}

impl Drop for OpenId {
    fn drop(&mut self) {
        self.stop();
    }
}

impl OpenId {
    /// Starts a provider that knows nobody yet.
    ///
    /// # Errors
    /// When its packages are not there, or it does not start.
    pub fn open() -> Result<Self> {
        let folder = setting(FOLDER, "the folder of the OpenID provider")?;
        let client = http().redirect(reqwest::redirect::Policy::none()).build()?;
        let mut child = Command::new("node")
            .arg("provider.mjs")
            .current_dir(folder)
            // It ends when nobody holds the other side any more.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("node could not be started")?;
        let out = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let port: u16 = line.trim().parse().context("the provider did not start")?;
        Ok(Self { child, issuer: format!("http://localhost:{port}"), client })
    }

    /// Stops it: nothing answers any more.
    pub fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Makes it anew, with other keys: it knows two agents of the office, and a Pli that answers at an address.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn knows(&self, public_url: &str) -> Result<()> {
        let agent = json!({
            "given_name": "Nadège", "usual_name": "Trémolat",
            "email": "nadege.tremolat@justice.example", "siret": SIRET,
        });
        self.tell(&json!({
            "public_url": public_url, "client_id": CLIENT, "client_secret": SECRET,
            "alg": "RS256", "level": "eidas1", "people": { AGENT: agent, NAMESAKE: agent },
        }))
        .await
    }

    /// Makes it anew, with other keys, and with what is told changed.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn tell(&self, changes: &Value) -> Result<()> {
        self.client.post(format!("{}/test", self.issuer)).json(changes).send().await?.error_for_status()?;
        Ok(())
    }

    /// What a Pli that answers at an address is to know of it.
    ///
    /// # Errors
    /// When its address is none.
    pub fn provider(&self, public_url: &str) -> Result<Provider> {
        Ok(Provider::new(Settings {
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned(),
            public_url: public_url.to_owned(),
            admission: Admission {
                sirets: [SIRET.parse().map_err(anyhow::Error::msg)?].into(),
                levels: ["eidas1".to_owned()].into(),
            },
        })?)
    }

    /// A browser that has not been there yet.
    #[must_use]
    pub fn visitor(&self) -> AtProvider<'_> {
        AtProvider { provider: self, cookies: BTreeMap::new() }
    }
}

/// A browser at the provider's, with what it keeps from there.
#[derive(Debug)]
pub struct AtProvider<'a> {
    provider: &'a OpenId,
    cookies: BTreeMap<String, String>,
}

impl AtProvider<'_> {
    /// Goes where Pli sends the browser, says who one is when it is asked, and follows until one is sent back to Pli: there.
    ///
    /// # Errors
    /// When it leads nowhere.
    pub async fn identify(&mut self, to: &str, sub: &str) -> Result<String> {
        self.follow(to, ("sub", sub)).await
    }

    /// The same, by refusing instead.
    ///
    /// # Errors
    /// When it leads nowhere.
    pub async fn refuse(&mut self, to: &str) -> Result<String> {
        self.follow(to, ("refuse", "1")).await
    }

    /// Goes where Pli sends the browser to sign out, and confirms: where it is sent back to.
    ///
    /// # Errors
    /// When it leads nowhere.
    pub async fn leave(&mut self, to: &str) -> Result<String> {
        let page = self.get(to).await?.text().await?;
        let xsrf = page.split("name=\"xsrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let form = [("xsrf", xsrf.context("no form to sign out")?), ("logout", "yes")];
        let answer = self.post(&format!("{}/session/end/confirm", self.provider.issuer), &form).await?;
        location(&answer)
    }

    async fn follow(&mut self, to: &str, said: (&str, &str)) -> Result<String> {
        let mut to = to.to_owned();
        for _ in 0..8 {
            if !to.starts_with(&self.provider.issuer) {
                return Ok(to);
            }
            let answer = self.get(&to).await?;
            let answer = if answer.status().is_redirection() {
                answer
            } else if to.contains("/interaction/") {
                self.post(&to, &[said]).await?
            } else {
                bail!("{to}: {} {}", answer.status(), answer.text().await?)
            };
            to = location(&answer)?;
            if to.starts_with('/') {
                to = format!("{}{to}", self.provider.issuer);
            }
        }
        bail!("no end: {to}")
    }

    async fn get(&mut self, url: &str) -> Result<Response> {
        let request = self.provider.client.get(url).header("cookie", self.kept());
        Ok(self.keep(request.send().await?))
    }

    async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Result<Response> {
        let request = self.provider.client.post(url).header("cookie", self.kept()).form(form);
        Ok(self.keep(request.send().await?))
    }

    fn kept(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: Response) -> Response {
        let lines = answer.headers().get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        for (name, value) in lines.filter_map(|line| line.split(';').next()?.split_once('=')) {
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

fn location(answer: &Response) -> Result<String> {
    let to = answer.headers().get("location").with_context(|| format!("{} leads nowhere", answer.url()))?;
    Ok(to.to_str()?.to_owned())
}
