//! Whoever asks over HTTP, Pli or PostGraphile. They share the machine with the server that is measured, so they do the least that
//! a client can: connections are kept, and of an answer nothing is read but that it is one.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST};
use axum::http::request::Builder;
use axum::http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// Connections to one server.
#[derive(Debug)]
pub(crate) struct Client {
    authority: String,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
}

/// An answer of GraphQL.
#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    errors: Option<Value>,
}

impl Client {
    /// Of the server that answers at `http://…`.
    pub(crate) fn of(url: &str) -> Result<Self> {
        let authority = url.strip_prefix("http://").context("not an address of HTTP")?;
        Ok(Self { authority: authority.to_owned(), idle: Mutex::default() })
    }

    /// Asks in GraphQL, as whom a token names.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        token: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Result<T> {
        let body = serde_json::to_vec(&json!({ "query": query, "variables": variables }))?;
        let mut request = Request::post("/graphql").header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let answer: Answer<T> = serde_json::from_slice(&self.send(request, body.into()).await?)?;
        ensure!(answer.errors.is_none(), "{:?}", answer.errors);
        answer.data.context("neither data nor errors")
    }

    /// Asks for nothing that is looked at.
    pub(crate) async fn read(&self, token: Option<&str>, query: &str, variables: Value) -> Result<()> {
        self.ask::<IgnoredAny>(token, query, variables).await.map(drop)
    }

    /// Gets a page as the person of a cookie.
    pub(crate) async fn page(&self, path: &str, cookie: &str) -> Result<()> {
        let request = Request::builder().method(Method::GET).uri(path).header(COOKIE, cookie);
        self.send(request, Bytes::new()).await.map(drop)
    }

    async fn send(&self, request: Builder, body: Bytes) -> Result<Bytes> {
        // A server ends those that were idle for long.
        let kept = std::iter::from_fn(|| self.idle().pop()).find(|kept| !kept.is_closed());
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let request = request.header(HOST, &self.authority).body(Full::new(body))?;
        let answer = connection.send_request(request).await?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&bytes));
        connection.ready().await?;
        self.idle().push(connection);
        Ok(bytes)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SendRequest<Full<Bytes>>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.authority).await?;
        stream.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        // It ends with the connection, whose failure the request tells.
        tokio::spawn(driver);
        Ok(connection)
    }
}
