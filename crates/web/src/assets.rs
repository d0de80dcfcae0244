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
    "../assets/lists.css",
    "../assets/saved.css",
    "../assets/accessibility.css",
    "../assets/intake.css",
    "../assets/print.css",
    "../assets/signature.css",
    "../assets/batch.css",
    "../assets/agenda.css"
);
/// What is a little easier with JavaScript.
pub(crate) static SCRIPT: Asset = asset!(
    "/pli.js",
    "text/javascript; charset=utf-8",
    "../assets/pli.js",
    "../assets/live.js",
    "../assets/turn.js",
    "../assets/intake.js"
);
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
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; img-src 'self' blob:; \
     connect-src 'self'; frame-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

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
    use std::collections::BTreeMap;

    /// The colours of a block of the style, by name.
    fn colours(block: &str) -> BTreeMap<&str, [f64; 3]> {
        let declared = block.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
        let channels = |hex: &str| {
            [0, 2, 4]
                .map(|at| f64::from(u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap()) / 255.0)
        };
        declared.map(|(name, hex)| (name, channels(hex))).collect()
    }

    /// The contrast of two colours (WCAG 2.1).
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let light = |colour: [f64; 3]| {
            let linear = colour
                .map(|part| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05
        };
        let (one, other) = (light(one), light(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn what_is_read_and_what_is_seen_stand_out_in_light_and_in_the_dark() {
        let css = include_str!("../assets/style.css");
        let mut blocks = css.split(":root {").skip(1).map(|block| block.split('}').next().unwrap());
        let light = colours(blocks.next().unwrap());
        let mut dark = light.clone();
        dark.extend(colours(blocks.next().unwrap()));
        assert_ne!(light, dark);
        let grounds = ["paper", "card", "accent-wash", "late-wash", "notice-wash"];
        let read = ["ink", "soft", "accent", "late", "notice"];
        for (theme, colours) in [("light", light), ("dark", dark)] {
            for ground in grounds {
                for (least, inks) in [(4.5, &read[..]), (3.0, &["edge", "focus"][..])] {
                    for ink in inks {
                        let found = contrast(colours[ink], colours[ground]);
                        assert!(found >= least, "{theme}: {ink} on {ground}: {found:.2}");
                    }
                }
            }
            for (ink, ground) in [("on-accent", "accent"), ("ink", "mark")] {
                let found = contrast(colours[ink], colours[ground]);
                assert!(found >= 4.5, "{theme}: {ink} on {ground}: {found:.2}");
            }
        }
    }

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
            include_str!("../assets/saved.css"),
            include_str!("../assets/accessibility.css"),
            include_str!("../assets/intake.css"),
        ] {
            assert!(file.lines().count() < 500);
        }
        assert!(STYLE.href().starts_with("/style.css?v="));
        assert_eq!(STYLE.href().len(), "/style.css?v=".len() + 12);
    }
}
