//! The rules of accessibility that a program can check, by axe-core.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::fs;

use super::{Browser, setting};

/// Names the directory of the npm packages that `cargo xtask test` installs.
const PACKAGES: &str = "PLI_TEST_HTTP_AUDIT";

/// WCAG 2.0 to 2.2, levels A and AA, on which RGAA stands; and what axe holds for good practice.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const RUN: &str = "
    const [tags, done] = arguments;
    axe.run(document, { runOnly: { type: 'tag', values: tags } }).then(done, (error) => done({ error: String(error) }));
";

impl Browser {
    /// What axe finds wrong on the page, a line for each element; the page's own JavaScript must be allowed.
    ///
    /// # Errors
    /// When axe is not there, or does not run.
    pub async fn axe(&self) -> Result<Vec<String>> {
        let packages = setting(PACKAGES, "no npm packages: axe-core checks the accessibility of the pages")?;
        let source = Path::new(&packages).join("node_modules/axe-core/axe.min.js");
        let source = fs::read_to_string(&source).await.with_context(|| source.display().to_string())?;
        self.session.post("execute/sync", json!({ "script": source, "args": [] })).await?;
        let found = self.session.post("execute/async", json!({ "script": RUN, "args": [TAGS] })).await?;
        let ran = !list(&found, "passes").is_empty();
        ensure!(ran, "axe did not run: {}", text(&found, "error"));
        Ok(list(&found, "violations").iter().flat_map(told).collect())
    }
}

/// A violation, a line for each element.
fn told(violation: &Value) -> Vec<String> {
    let line = |node: &Value| {
        let summary = text(node, "failureSummary").replace('\n', " ");
        format!("{} ({}): {} {summary}", text(violation, "id"), text(violation, "help"), text(node, "html"))
    };
    list(violation, "nodes").iter().map(line).collect()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
