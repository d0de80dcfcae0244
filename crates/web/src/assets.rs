//! The files beside the pages, and the headers that keep the pages safe.

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use pli_domain::digest::Digest;

/// A file that is part of the binary.
pub(crate) struct Asset {
    path: &'static str,
    kind: &'static str,
    content: &'static str,
    digest: LazyLock<Digest>,
}

/// Declares a file, made of one of ours or of several, and its digest.
macro_rules! asset {
    ($path:literal, $kind:literal, $($file:literal),+) => {
        Asset {
            path: $path,
            kind: $kind,
            content: concat!($(include_str!($file)),+),
            digest: LazyLock::new(|| Digest::of([concat!($(include_str!($file)),+)])),
        }
    };
}

/// The look.
pub(crate) static STYLE: Asset = asset!(
    "/style.css",
    "text/css; charset=utf-8",
    "../assets/style.css",
    "../assets/deadlines.css",
    "../assets/lists.css"
);
/// What is a little easier with JavaScript.
pub(crate) static SCRIPT: Asset = asset!("/pli.js", "text/javascript; charset=utf-8", "../assets/pli.js");
/// The mark in the browser's tab.
pub(crate) static ICON: Asset = asset!("/icone.svg", "image/svg+xml", "../assets/icone.svg");

impl Asset {
    /// Its address, which changes with its content.
    pub(crate) fn href(&self) -> String {
        format!("{}?v={}", self.path, self.digest.as_str().get(..12).unwrap_or_default())
    }

    fn response(&self) -> Response {
        let headers = [(CONTENT_TYPE, self.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
        (headers, self.content).into_response()
    }
}

/// `GET /style.css`
pub(crate) async fn style() -> Response {
    STYLE.response()
}

/// `GET /pli.js`
pub(crate) async fn script() -> Response {
    SCRIPT.response()
}

/// `GET /icone.svg`
pub(crate) async fn icon() -> Response {
    ICON.response()
}

/// Nothing from another host, no script in a page, no frame around it, no copy kept of what a page shows. A document is
/// seen in a page: one of ours, or one that was chosen and is not sent yet (`blob:`).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; \
     frame-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Sets the headers that keep every answer safe.
pub(crate) async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // A document has a policy of its own.
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_from_another_host() {
        for asset in [&STYLE, &SCRIPT] {
            assert!(!asset.content.contains("http:") && !asset.content.contains("https:"), "{}", asset.path);
            assert!(!asset.content.contains("@import"));
        }
        for file in [
            include_str!("../assets/style.css"),
            include_str!("../assets/deadlines.css"),
            include_str!("../assets/lists.css"),
        ] {
            assert!(file.lines().count() < 500);
        }
        assert!(STYLE.href().starts_with("/style.css?v="));
        assert_eq!(STYLE.href().len(), "/style.css?v=".len() + 12);
    }
}
