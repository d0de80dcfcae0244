//! The server to which mail is handed over, as a URL names it.

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// How long each of the server's addresses may take to answer before the next one is tried.
const PATIENCE_PER_ADDRESS: Duration = Duration::from_secs(10);

/// How its address is written. The one that was given is never repeated: a password may be anywhere in it.
const HOW: &str = "l’adresse du serveur de courrier ne se lit pas\u{a0}: écrivez smtps://utilisateur:motdepasse@serveur, \
                   smtp://utilisateur:motdepasse@serveur?tls=required ou smtp://serveur:25, avec dans le mot de passe %40 \
                   pour @, %3A pour :, %2F pour /, %3F pour ?, %23 pour # et %25 pour %";

/// A server, and how to talk to it.
pub(super) struct Server {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    /// What this machine calls itself.
    hello: ClientId,
}

enum Encryption {
    None,
    /// From the first byte.
    Whole(TlsParameters),
    /// By STARTTLS; a server that does not offer it is left.
    Started(TlsParameters),
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl Server {
    /// Reads a URL.
    pub(super) fn read(url: &str) -> Result<Self> {
        let url = Url::parse(url).context(HOW)?;
        // What stands there is a piece of a password with a `/` or a `#` in it.
        ensure!(matches!(url.path(), "" | "/") && url.fragment().is_none(), HOW);
        let host = match url.host().context(HOW)? {
            Host::Ipv6(address) => address.to_string(),
            host => host.to_string(),
        };
        ensure!(!host.is_empty(), HOW);
        let tls = || TlsParameters::new(host.clone()).context("TLS ne peut pas être préparé");
        let (encryption, usual_port) = match (url.scheme(), url.query()) {
            ("smtps", None) => (Encryption::Whole(tls()?), 465),
            ("smtp", Some("tls=required")) => (Encryption::Started(tls()?), 587),
            ("smtp", None) => (Encryption::None, 25),
            _ => bail!(HOW),
        };
        let credentials = credentials(&url)?;
        ensure!(
            credentials.is_none() || !matches!(encryption, Encryption::None),
            "le mot de passe du serveur de courrier passerait en clair\u{a0}: écrivez smtps://… ou ajoutez ?tls=required"
        );
        let port = url.port().unwrap_or(usual_port);
        Ok(Self { host, port, encryption, credentials, hello: ClientId::default() })
    }

    /// Connects, encrypts, says who we are.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let whole = match &self.encryption {
            Encryption::Whole(tls) => Some(tls.clone()),
            Encryption::None | Encryption::Started(_) => None,
        };
        let place = (self.host.as_str(), self.port);
        let patience = Some(PATIENCE_PER_ADDRESS);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, patience, &self.hello, whole, None).await?;
        if let Encryption::Started(tls) = &self.encryption {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

/// Both the user and the password, or neither.
fn credentials(url: &Url) -> Result<Option<Credentials>> {
    let decoded = |text| percent_decode_str(text).decode_utf8().map(String::from).context(HOW);
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => bail!(HOW),
        (user, Some(password)) => Ok(Some(Credentials::new(decoded(user)?, decoded(password)?))),
    }
}
