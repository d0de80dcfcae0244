//! What a form or an address holds: names and values, in order, a name as often as it comes.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Names that a form carries for itself; nobody types them.
const HIDDEN: [&str; 12] = [
    "token",
    "idempotencyKey",
    "version",
    "id",
    "suite",
    "password",
    "newPassword",
    "newPasswordAgain",
    "document",
    "withoutDocument",
    "apart",
    "then",
];

/// The fields of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

/// What an address asks, after its question mark. Any can be read.
pub(crate) struct InAddress(pub(crate) Fields);

impl<S: Sync> FromRequestParts<S> for InAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

impl Fields {
    /// Reads `name=value&…`. The line ends of a text are the same wherever it was typed.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect())
    }

    /// With one more value.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Without any value of that name.
    #[must_use]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    /// The first value of that name; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        let first = self.0.iter().find(|(other, _)| other == name);
        first.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Every value of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Every name and value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The values that a person typed and would not want to type again.
    pub(crate) fn typed(&self) -> Vec<String> {
        self.iter()
            .filter(|(name, value)| !HIDDEN.contains(name) && !value.trim().is_empty())
            .map(|(_, value)| value.to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_come_twice_and_line_ends_are_made_one() {
        let fields = Fields::parse(b"informed=DACS&informed=DAP&note=un%0D%0Adeux+%C3%A9t%C3%A9&token=x");
        assert_eq!(fields.all("informed").collect::<Vec<_>>(), ["DACS", "DAP"]);
        assert_eq!(fields.text("note"), "un\ndeux été");
        assert_eq!(fields.text("absent"), "");
        assert_eq!(fields.typed(), ["DACS", "DAP", "un\ndeux été"]);
    }
}
