//! A small explorer of the API for demonstrations: the usual one (`GraphiQL`) is loaded from other hosts, and nothing here is
//! (`docs/decisions/0005`).

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};

/// The page.
pub(super) fn page() -> impl IntoResponse {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                  frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    ([(CONTENT_SECURITY_POLICY, policy)], Html(include_str!("../../assets/explorer.html")))
}

/// Its script.
pub(super) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../../assets/explorer.js"))
}
