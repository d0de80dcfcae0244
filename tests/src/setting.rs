//! What `cargo xtask test` tells the tests.

use anyhow::{Context as _, Result};

/// What a variable names; `otherwise` says what it would be for.
pub(crate) fn setting(variable: &str, otherwise: &str) -> Result<String> {
    let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
    value.with_context(|| {
        format!("{variable} names {otherwise}. `cargo xtask test` installs what is missing and runs every test; none is skipped.")
    })
}
