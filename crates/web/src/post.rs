//! Reading a form that was sent: from our own pages, by the session that was shown it.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

use crate::Web;
use crate::failure::{Failure, Kind};
use crate::fields::Fields;
use crate::session::Session;

/// A form sent by someone who is signed in.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Who sent it.
    pub(crate) session: Session,
    /// What they wrote.
    pub(crate) fields: Fields,
}

/// The fields alone, for the one form that comes before any session.
impl FromRequest<Web> for Fields {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        if !same_site(request.headers()) {
            return Err(Kind::Foreign.into());
        }
        let body = Bytes::from_request(request, web).await.map_err(|rejection| {
            let too_large = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
            if too_large { Kind::TooLarge } else { Kind::Unreadable }
        })?;
        Ok(Self::parse(&body))
    }
}

impl FromRequest<Web> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let headers = parts.headers.clone();
        let anonymous = Failure::sign_in(&parts);
        let fields = Fields::from_request(Request::from_parts(parts, body), web).await?;
        Self::by(Session::of(web, &headers).await?, fields, anonymous)
    }
}

impl Posted {
    /// The form as this session sent it. Without a session, or with another one than the form was shown to, nothing is
    /// done; what was typed is shown again, and when nothing was, the `anonymous` answer is given.
    pub(crate) fn by(session: Option<Session>, fields: Fields, anonymous: Failure) -> Result<Self, Failure> {
        match session {
            Some(session) if session.sent(fields.text("token")) => Ok(Self { session, fields }),
            None if fields.typed().is_empty() => Err(anonymous),
            _ => Err(Failure::from(Kind::SessionEnded).keeping(&fields)),
        }
    }
}

/// Whether the browser says that a form comes from a page of ours. A browser too old to say it is let through: the
/// cookie is not sent from elsewhere, and the token is not known there.
pub(crate) fn same_site(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = header("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match header(ORIGIN.as_str()) {
        None => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(HOST.as_str())
        }
    }
}

/// The parts of the path; what is not text is not found.
#[derive(Debug)]
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Web> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let Path(named) =
            Path::<T>::from_request_parts(parts, web).await.map_err(|_| Failure::from(Kind::NotFound))?;
        Ok(Self(named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn sent(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), HeaderValue::from_static(value))
        });
        same_site(&headers.collect())
    }

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        assert!(sent(&[]));
        assert!(sent(&[("sec-fetch-site", "same-origin")]));
        assert!(sent(&[("sec-fetch-site", "none")]));
        assert!(!sent(&[("sec-fetch-site", "cross-site")]));
        assert!(!sent(&[("sec-fetch-site", "same-site")]));
        let host = ("host", "pli.example:8443");
        assert!(sent(&[host, ("origin", "https://pli.example:8443")]));
        assert!(!sent(&[host, ("origin", "https://mechant.example")]));
        assert!(!sent(&[host, ("origin", "https://pli.example")]));
        assert!(!sent(&[host, ("origin", "null")]));
    }
}
