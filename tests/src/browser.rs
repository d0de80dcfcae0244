//! A person at a real browser: headless Chromium, driven through `WebDriver`.
//!
//! Nothing sleeps: an act that leads to another page waits for that page. One ChromeDriver serves every browser that is open
//! at the same time, and ends with the last of them; Chromium ends with its driver, whatever happens to the test.

mod axe;
mod driver;
mod screen;
mod webdriver;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::setting::setting;
use crate::{PASSWORD, Person};
use driver::Driver;
use webdriver::{By, Element, Session};

/// How long a page may take, in milliseconds; only a failure takes so long.
const PATIENCE: u64 = 20_000;

/// The tab key, in [`Browser::keys`].
pub const TAB: &str = "\u{e004}";
/// The enter key, in [`Browser::keys`].
pub const ENTER: &str = "\u{e007}";

/// Quiet, without network of its own, and in American English wherever it runs: see [`Browser::fill`].
const FLAGS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en-US",
    // Through a pipe, so that Chromium ends when its driver does.
    "--remote-debugging-pipe",
    "--window-size=1280,800",
];

/// The space bar, in [`Browser::keys`].
pub const SPACE: &str = " ";

/// How the browser is set.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// In CSS pixels.
    pub width: u32,
    /// Whether the pages' JavaScript runs.
    pub javascript: bool,
    /// Whether the person prefers dark colours.
    pub dark: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 1280, javascript: true, dark: false }
    }
}

/// A browser with a profile of its own, until it is dropped.
#[derive(Debug)]
pub struct Browser {
    session: Session,
    /// Where Pli answers, without a final slash.
    url: String,
    driver: Arc<Driver>,
    /// Last, so that it goes when nothing writes in it any more.
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.driver.close(&self.session.id);
    }
}

impl Browser {
    /// Opens a browser on the Pli that answers at a URL.
    ///
    /// # Errors
    /// When the browser or its driver is not there, or does not start.
    pub async fn open(url: &str, look: Look) -> Result<Self> {
        let chromium = driver::program(driver::CHROMIUM)?;
        let driver = tokio::task::spawn_blocking(Driver::shared).await??;
        let profile = tempfile::Builder::new().prefix("pli-browser-").tempdir()?;
        let mut args: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        args.push(format!("--user-data-dir={}", profile.path().display()));
        let javascript = if look.javascript { 1 } else { 2 };
        let options = json!({
            "binary": chromium,
            "args": args,
            "prefs": { "profile.managed_default_content_settings.javascript": javascript },
        });
        let capabilities = json!({ "goog:chromeOptions": options, "unhandledPromptBehavior": "ignore" });
        let session = Session::open(&driver.url(), &capabilities).await.context("Chromium does not start")?;
        let browser = Self { session, url: url.to_owned(), driver, _profile: profile };
        browser.resize(look.width).await?;
        browser.prefer(look.dark).await?;
        Ok(browser)
    }

    /// Goes to a path, as if it were typed in the address bar.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn go(&self, path: &str) -> Result<()> {
        let goes = self.session.post("url", json!({ "url": format!("{}{path}", self.url) })).await;
        goes.map(drop).with_context(|| format!("going to {path}"))
    }

    /// Goes back, as with the browser's button.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn back(&self) -> Result<()> {
        self.session.post("back", json!({})).await.map(drop)
    }

    /// Goes back to another view of the same page, and waits for what it shows.
    ///
    /// # Errors
    /// When the browser does not answer, or nothing comes.
    pub async fn back_here(&self) -> Result<()> {
        self.leave(self.back()).await.context("going back")
    }

    /// Somebody sits down at the browser, signs in on the page, and goes to the list.
    ///
    /// # Errors
    /// When the page does not let them in.
    pub async fn sign_in(&self, person: Person) -> Result<()> {
        self.go("/connexion").await?;
        self.forget().await?;
        self.go("/connexion").await?;
        self.give_name(person.login(), PASSWORD).await?;
        ensure!(self.path().await? != "/connexion", "{person:?} is not let in: {}", self.main().await?);
        self.go("/dossiers").await
    }

    /// Fills the form of the sign-in page, and sends it.
    ///
    /// # Errors
    /// When it is not on the page.
    pub async fn give_name(&self, login: &str, password: &str) -> Result<()> {
        self.fill("connexion-login", login).await?;
        self.fill("connexion-password", password).await?;
        self.press("Se connecter").await
    }

    /// Fills the field of that id: a text is typed, an option chosen by its value, a file by its path, a date typed as the
    /// browser asks for it (an empty one is cleared).
    ///
    /// # Errors
    /// When the field is not there, not seen, or not to be changed.
    pub async fn fill(&self, id: &str, value: &str) -> Result<()> {
        let filled = async {
            let field = self.find(&format!("#{id}")).await?;
            match (field.tag().await?.as_str(), field.property("type").await?.as_str()) {
                ("select", _) => self.click(&format!("#{id} option[value='{value}']")).await?,
                // The browser asks for a path, and nothing can be cleared.
                (_, "file") => field.type_in(value).await?,
                (_, "date") if !value.is_empty() => field.type_in(&american(value)?).await?,
                _ => {
                    field.clear().await?;
                    field.type_in(value).await?;
                }
            }
            anyhow::Ok(())
        };
        filled.await.with_context(|| format!("filling #{id}"))
    }

    /// Unfolds the form of a rarer act.
    ///
    /// # Errors
    /// When the page does not have it, folded.
    pub async fn unfold(&self, act: &str) -> Result<()> {
        let summary = format!("//details[not(@open)][.//form[@id='action-{act}']]/summary");
        self.session.find(By::XPath(&summary)).await?.click().await
    }

    /// Presses the button of that name, and waits for the page that it leads to.
    ///
    /// # Errors
    /// When there is not one such button, or it leads nowhere.
    pub async fn press(&self, name: &str) -> Result<()> {
        let button = self.button(name).await?;
        self.leave(button.click()).await.with_context(|| format!("pressing “{name}”"))
    }

    /// Presses the button that a selector finds, and waits for the page that it leads to.
    ///
    /// # Errors
    /// When there is none, or it leads nowhere.
    pub async fn press_at(&self, selector: &str) -> Result<()> {
        self.leave(self.click(selector)).await.with_context(|| format!("pressing {selector}"))
    }

    /// Presses the button of that name twice, as fast as one does by mistake, and waits for the page that it leads to.
    ///
    /// # Errors
    /// When there is not one such button, or it leads nowhere.
    pub async fn press_twice(&self, name: &str) -> Result<()> {
        let button = self.button(name).await?;
        let (down, up) =
            (json!({ "type": "pointerDown", "button": 0 }), json!({ "type": "pointerUp", "button": 0 }));
        let over = json!({ "type": "pointerMove", "origin": button.json(), "x": 0, "y": 0 });
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": [over, down, up, down, up] });
        self.leave(self.session.post("actions", json!({ "actions": [mouse] }))).await
    }

    /// Follows the link of that name, and waits for its page.
    ///
    /// # Errors
    /// When there is none, or it leads nowhere.
    pub async fn follow(&self, name: &str) -> Result<()> {
        let link = format!("//a[normalize-space()={name:?}]");
        let link = self.session.find(By::XPath(&link)).await?;
        self.leave(link.click()).await.with_context(|| format!("following “{name}”"))
    }

    /// Clicks on what a selector finds, without leaving the page.
    ///
    /// # Errors
    /// When there is none.
    pub async fn click(&self, selector: &str) -> Result<()> {
        self.find(selector).await?.click().await
    }

    /// Types keys where the focus is; see [`TAB`] and [`ENTER`].
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn keys(&self, keys: &str) -> Result<()> {
        let active = self.session.active().await?;
        if active.property("type").await? != "file" {
            return active.type_in(keys).await;
        }
        // What is typed in a file field would be taken for a path: the keys are pressed instead.
        let pressed = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|how| json!({ "type": how, "value": key.to_string() })));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": pressed.collect::<Vec<_>>() });
        self.session.post("actions", json!({ "actions": [keyboard] })).await.map(drop)
    }

    /// Types keys that lead to another page, and waits for it.
    ///
    /// # Errors
    /// When they lead nowhere.
    pub async fn keys_away(&self, keys: &str) -> Result<()> {
        self.leave(self.keys(keys)).await
    }

    /// What the page asks to have confirmed.
    ///
    /// # Errors
    /// When it asks nothing.
    pub async fn asked(&self) -> Result<String> {
        Ok(plain(&self.session.text("alert/text").await?))
    }

    /// Confirms what the page asks.
    ///
    /// # Errors
    /// When it asks nothing.
    pub async fn accept(&self) -> Result<()> {
        self.session.post("alert/accept", json!({})).await.map(drop)
    }

    /// Thinks better of what the page asks.
    ///
    /// # Errors
    /// When it asks nothing.
    pub async fn refuse(&self) -> Result<()> {
        self.session.post("alert/dismiss", json!({})).await.map(drop)
    }

    /// Does something that leads to another page, or to another view of it, and waits for what it shows.
    async fn leave<T>(&self, act: impl Future<Output = Result<T>>) -> Result<()> {
        self.script("document.querySelector('main').dataset.left = 1").await?;
        act.await?;
        self.wait_for("main:not([data-left])").await.context("no other page came")
    }

    /// Waits until a selector finds something.
    ///
    /// # Errors
    /// When nothing comes.
    pub async fn wait_for(&self, selector: &str) -> Result<()> {
        self.session.post("timeouts", json!({ "implicit": PATIENCE })).await?;
        let found = self.find(selector).await.map(drop);
        self.session.post("timeouts", json!({ "implicit": 0 })).await?;
        found
    }

    /// The address of the page, after the host.
    ///
    /// # Errors
    /// When it is a page of another host.
    pub async fn path(&self) -> Result<String> {
        let url = self.session.text("url").await?;
        let path = url.strip_prefix(&self.url).with_context(|| format!("elsewhere: {url}"))?;
        Ok(path.to_owned())
    }

    /// The title of the page.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn title(&self) -> Result<String> {
        self.session.text("title").await
    }

    /// The source of the page, as the browser holds it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn source(&self) -> Result<String> {
        self.session.text("source").await
    }

    /// The HTTP status with which the page came.
    ///
    /// # Errors
    /// When the browser does not say it.
    pub async fn status(&self) -> Result<u64> {
        let status =
            self.script("return performance.getEntriesByType('navigation')[0].responseStatus").await?;
        status.as_u64().with_context(|| format!("no status: {status}"))
    }

    /// What is read in the page's main part.
    ///
    /// # Errors
    /// When there is none.
    pub async fn main(&self) -> Result<String> {
        self.text("main").await
    }

    /// What is read in the first element that a selector finds.
    ///
    /// # Errors
    /// When there is none.
    pub async fn text(&self, selector: &str) -> Result<String> {
        Ok(plain(&self.find(selector).await?.text().await?))
    }

    /// What is read in each element that a selector finds.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn texts(&self, selector: &str) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for element in self.session.find_all(By::Css(selector)).await? {
            texts.push(plain(&element.text().await?));
        }
        Ok(texts)
    }

    /// What the summary of errors says, line by line.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn errors(&self) -> Result<Vec<String>> {
        self.texts("#erreurs li").await
    }

    /// How many elements a selector finds.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn count(&self, selector: &str) -> Result<usize> {
        Ok(self.session.find_all(By::Css(selector)).await?.len())
    }

    /// What the field of that id holds.
    ///
    /// # Errors
    /// When there is none.
    pub async fn value(&self, id: &str) -> Result<String> {
        self.find(&format!("#{id}")).await?.property("value").await
    }

    /// An attribute of the first element that a selector finds; empty when it does not have it.
    ///
    /// # Errors
    /// When there is no such element.
    pub async fn attribute(&self, selector: &str, name: &str) -> Result<String> {
        self.find(selector).await?.attribute(name).await
    }

    /// The id of what has the focus; its own words when it has no id.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn focused(&self) -> Result<String> {
        let active = self.session.active().await?;
        match active.property("id").await? {
            id if id.is_empty() => Ok(plain(&active.text().await?)),
            id => Ok(id),
        }
    }

    /// Goes on with the tab key until the focus is on that id or words.
    ///
    /// # Errors
    /// When the focus comes nowhere new before.
    pub async fn tab_to(&self, wanted: &str) -> Result<()> {
        let mut passed = BTreeSet::new();
        // The parts of a date are one field with several stops.
        for _ in 0..80 {
            self.keys(TAB).await?;
            let focused = self.focused().await?;
            if focused == wanted {
                return Ok(());
            }
            passed.insert(focused);
        }
        Err(anyhow!("the tab key does not lead to {wanted}, but to {passed:?}"))
    }

    /// Runs a script of the test's own, even where the pages' JavaScript does not run.
    ///
    /// # Errors
    /// When it fails.
    pub async fn script(&self, script: &str) -> Result<Value> {
        let ran = self.session.post("execute/sync", json!({ "script": script, "args": [] })).await;
        ran.with_context(|| script.to_owned())
    }

    /// Whoever was signed in is so no more.
    async fn forget(&self) -> Result<()> {
        // What makes the browser known stays, as it does for whoever signs out.
        self.devtools("Network.deleteCookies", json!({ "name": "pli_session", "url": self.url }))
            .await
            .map(drop)
    }

    async fn find(&self, selector: &str) -> Result<Element<'_>> {
        self.session.find(By::Css(selector)).await
    }

    /// The only button of that name that is seen.
    async fn button(&self, name: &str) -> Result<Element<'_>> {
        let mut seen = Vec::new();
        // A no-break space is a space to whoever reads.
        let name = name.replace('\u{a0}', " ");
        let all = format!("//button[normalize-space(translate(., '\u{a0}', ' '))='{name}']");
        for button in self.session.find_all(By::XPath(&all)).await? {
            if button.is_seen().await? {
                seen.push(button);
            }
        }
        ensure!(seen.len() == 1, "{} buttons “{name}” on {}", seen.len(), self.path().await?);
        seen.pop().context("none")
    }
}

/// A date as one types it in American English: the order of its parts follows the browser's language.
fn american(date: &str) -> Result<String> {
    let (year, rest) = date.split_once('-').context("not a date")?;
    let (month, day) = rest.split_once('-').context("not a date")?;
    Ok(format!("{month}{day}{year}"))
}

/// On one line, with plain spaces, which are easier to compare.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where what the tests show is kept: with what they build.
fn screenshots() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    // target/debug/deps/browser-…
    Ok(program.ancestors().nth(3).context("no target directory")?.join("screenshots"))
}
