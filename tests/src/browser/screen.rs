//! What is seen: size, colours, pictures.

use std::fs;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{Browser, screenshots};

/// How much of a page is seen at once, in CSS pixels.
const HEIGHT: u64 = 800;

impl Browser {
    /// Gives the page another width.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn resize(&self, width: u32) -> Result<()> {
        self.size(width.into(), HEIGHT).await
    }

    /// Prefers dark colours or light ones, and that nothing moves: what moves is neither clicked nor seen where it is.
    pub(super) async fn prefer(&self, dark: bool) -> Result<()> {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await.map(drop)
    }

    /// By how many pixels the page is wider than the screen.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn overflow(&self) -> Result<u64> {
        let script = "return document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth";
        self.script(script).await?.as_u64().context("no width")
    }

    /// Keeps a picture of the whole page as `target/screenshots/NAME.png`.
    ///
    /// # Errors
    /// When it cannot be taken or kept.
    pub async fn screenshot(&self, name: &str) -> Result<()> {
        let size = self.script("return [innerWidth, document.documentElement.scrollHeight]").await?;
        let pixels = |place| size.get(place).and_then(Value::as_u64).context("no size");
        let (width, height) = (pixels(0)?, pixels(1)?);
        self.size(width, height.max(HEIGHT)).await?;
        let picture = self.session.text("screenshot").await?;
        let picture = BASE64_STANDARD.decode(picture)?;
        self.size(width, HEIGHT).await?;
        let folder = screenshots()?;
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(format!("{name}.png")), picture)?)
    }

    /// What the printer gets, as PDF, on the paper that the page asks for; kept as `target/screenshots/NAME.pdf`.
    ///
    /// # Errors
    /// When it cannot be printed or kept.
    pub async fn print(&self, name: &str) -> Result<Vec<u8>> {
        // `WebDriver`'s own command does not leave the paper to the page.
        let printed = self.devtools("Page.printToPDF", json!({ "preferCSSPageSize": true })).await?;
        let pdf = printed.get("data").and_then(Value::as_str).context("nothing is printed")?;
        let pdf = BASE64_STANDARD.decode(pdf)?;
        let folder = screenshots()?;
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{name}.pdf")), &pdf)?;
        Ok(pdf)
    }

    /// What is read on the paper.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn on_paper(&self) -> Result<String> {
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await?;
        let text = self.text("body").await;
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).await?;
        text
    }

    async fn size(&self, width: u64, height: u64) -> Result<()> {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await.map(drop)
    }

    /// A command of Chromium that `WebDriver` does not have.
    pub(super) async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let parameters = json!({ "cmd": command, "params": parameters });
        self.session.post("goog/cdp/execute", parameters).await.context(command.to_owned())
    }
}
