//! Who asks: the session's cookie, and the extractor that turns it into a caller.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE as COOKIES;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use pli_app::{Caller, Lease, List};
use pli_domain::actor::Role;
use pli_domain::digest::Digest;

use crate::Web;
use crate::failure::Failure;

/// The name of the session's cookie.
pub const COOKIE: &str = "pli_session";

/// The name of the cookie by which a browser is known when it signs in again.
const DEVICE: &str = "pli_appareil";

/// The name of the cookie that binds a sign-in at the provider's to the browser where it began.
const FLOW: &str = "pli_identification";

/// How long a browser keeps it: as long as Pli does, in seconds.
const DEVICE_AGE: u32 = 180 * 24 * 60 * 60;

/// Says that a page asks by itself, its reader doing nothing: it does not keep the session open.
const PASSIVE: &str = "pli-passive";

/// From which address of the network a request comes; whoever serves the pages puts it in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// The session's secret that a request bears, if any; [`pli_app::App::by_session`] says whose it is.
#[must_use]
pub fn secret(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE)
}

/// What the browser keeps since it signed in before.
pub(crate) fn device(headers: &HeaderMap) -> Option<String> {
    cookie(headers, DEVICE)
}

/// The secret of a sign-in that has begun at the provider's.
pub(crate) fn flow(headers: &HeaderMap) -> Option<String> {
    cookie(headers, FLOW)
}

/// Whether a page asks by itself: see [`pli_app::App::by_session`].
#[must_use]
pub fn passive(headers: &HeaderMap) -> bool {
    headers.contains_key(PASSIVE)
}

/// Notes that a page asks by itself, where a browser cannot say so.
pub(crate) fn asks_by_itself(headers: &mut HeaderMap) {
    headers.insert(PASSIVE, HeaderValue::from_static("1"));
}

fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let lines = headers.get_all(COOKIES).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, value)| *name == wanted && !value.is_empty())?;
    Some(value.to_owned())
}

/// The cookie that keeps a secret in the browser until it is closed.
pub(crate) fn keep(secret: &str, secure: bool) -> Result<HeaderValue, Failure> {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&cookie).map_err(Failure::broken)
}

/// The cookie by which the browser is known when it signs in again.
pub(crate) fn keep_device(secret: &str, secure: bool) -> Result<HeaderValue, Failure> {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!(
        "{DEVICE}={secret}; Path=/connexion; Max-Age={DEVICE_AGE}; HttpOnly; SameSite=Strict{secure}"
    );
    HeaderValue::from_str(&cookie).map_err(Failure::broken)
}

/// The cookie of a sign-in at the provider's. Unlike the others it comes back from another site, and only where the answer does; it
/// lets nobody in.
pub(crate) fn keep_flow(secret: &str, secure: bool) -> Result<HeaderValue, Failure> {
    let secure = if secure { "; Secure" } else { "" };
    let cookie =
        format!("{FLOW}={secret}; Path=/connexion/proconnect; Max-Age=600; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).map_err(Failure::broken)
}

/// The cookie that forgets it.
pub(crate) fn forget(secure: bool) -> Result<HeaderValue, Failure> {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{secure}");
    HeaderValue::from_str(&cookie).map_err(Failure::broken)
}

/// A session that is open. A handler that takes it is reached by nobody else.
#[derive(Debug)]
pub(crate) struct Session {
    /// Who asks.
    pub(crate) caller: Caller,
    secret: String,
    /// See [`Session::waiting`].
    waiting: Option<u64>,
}

impl Session {
    /// The session that these headers bear.
    pub(crate) async fn of(web: &Web, headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        Self::on(web, headers, None).await
    }

    /// The same, for whom all is read on the connection of a lease.
    async fn on(web: &Web, headers: &HeaderMap, lease: Option<&Lease>) -> Result<Option<Self>, Failure> {
        let Some(secret) = secret(headers) else {
            return Ok(None);
        };
        let app = lease.map_or_else(|| web.app.clone(), |lease| web.app.on(lease));
        let Some(caller) = app.by_session(&secret, passive(headers)).await? else { return Ok(None) };
        let decides = [Role::Approver, Role::Signatory].iter().any(|role| caller.actor.has(*role));
        let mine = List { awaiting_me: true, ..List::default() };
        let waiting = if decides { Some(web.app.count(&caller, &mine).await?) } else { None };
        Ok(Some(Self { caller, secret, waiting }))
    }

    /// A session of the tests.
    #[cfg(test)]
    pub(crate) fn sample(caller: Caller) -> Self {
        Self::with_secret(caller, "0af3")
    }

    /// Another session of the tests.
    #[cfg(test)]
    pub(crate) fn with_secret(caller: Caller, secret: &str) -> Self {
        Self { caller, secret: secret.to_owned(), waiting: None }
    }

    /// How many dossiers wait for this person's approval or signature; `None` for whoever gives neither.
    pub(crate) fn waiting(&self) -> Option<u64> {
        self.waiting
    }

    /// What every form of this session carries: another site cannot know it.
    pub(crate) fn token(&self) -> String {
        token(&self.secret)
    }

    /// Whether a form came from this session.
    pub(crate) fn sent(&self, given: &str) -> bool {
        // Digests are compared, so that the time it takes says nothing of the token.
        Digest::of([given]) == Digest::of([self.token().as_str()])
    }

    /// The secret: to close the session, or to seal what is this session's alone. Never to be shown.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }
}

fn token(secret: &str) -> String {
    Digest::of(["pli-web form token", secret]).to_string()
}

impl FromRequestParts<Web> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        match Self::on(web, &parts.headers, parts.extensions.get()).await? {
            Some(session) => Ok(session),
            None => Err(Failure::sign_in(parts)),
        }
    }
}

/// Where to go after signing in: a path of ours, or the first page. A link must not lead elsewhere by this way.
pub(crate) fn local(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//");
    let plain = path.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'\\');
    let loops = path.starts_with("/connexion") || path.starts_with("/deconnexion");
    if own && plain && !loops { path } else { "/" }
}

/// The sign-in page that leads back to a path.
pub(crate) fn sign_in_for(path: &str) -> String {
    match local(path) {
        "/" => "/connexion".to_owned(),
        path => {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("suite", path).finish();
            format!("/connexion?{query}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bearing(cookies: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIES, HeaderValue::from_static(cookie));
        }
        secret(&headers)
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(bearing(&["pli_session=abc"]).as_deref(), Some("abc"));
        assert_eq!(bearing(&["a=b; pli_session=abc;c=d"]).as_deref(), Some("abc"));
        assert_eq!(bearing(&["a=b", "pli_session=abc"]).as_deref(), Some("abc"));
        for none in ["", "pli_session", "pli_session=", "xpli_session=abc", "a=pli_session=abc"] {
            assert_eq!(bearing(&[none]), None, "{none}");
        }
    }

    #[test]
    fn the_cookie_is_read_back_and_kept_from_scripts_and_other_sites() {
        let cookie = keep("0af3", true).unwrap();
        let cookie = cookie.to_str().unwrap();
        assert_eq!(cookie, "pli_session=0af3; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert!(!keep("0af3", false).unwrap().to_str().unwrap().contains("Secure"));
        let device = keep_device("0af3", true).unwrap();
        let kept = "pli_appareil=0af3; Path=/connexion; Max-Age=15552000; HttpOnly; SameSite=Strict; Secure";
        assert_eq!(device.to_str().unwrap(), kept);
        assert!(forget(false).unwrap().to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn only_our_own_paths_lead_on() {
        for own in ["/", "/dossiers", "/dossiers?q=a%20b&retard=tous", "/dossiers/SG-2026-A-000001"] {
            assert_eq!(local(own), own);
        }
        for other in [
            "",
            "dossiers",
            "//mechant.example",
            "///mechant.example",
            "/\\mechant.example",
            "\\\\mechant.example",
            "https://mechant.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=y",
            "/\t/mechant.example",
            "/été",
            "/connexion?suite=/connexion",
            "/deconnexion",
        ] {
            assert_eq!(local(other), "/", "{other}");
        }
    }

    #[test]
    fn the_token_of_a_session_is_its_own() {
        assert_ne!(token("a"), token("b"));
        assert_ne!(token("a"), "a");
    }

    proptest! {
        #[test]
        fn what_leads_on_stays_on_this_host(path in "[/\\\\a-z:.?%@\\s]{0,12}") {
            let path = local(&path);
            prop_assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'));
        }
    }
}
