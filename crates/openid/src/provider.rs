//! The conversation with the provider.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use pli_domain::account::{Admission, Presented};
use pli_domain::time::Timestamp;
use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::RwLock;
use url::Url;

use crate::flow::Flow;
use crate::signature::{ALGORITHMS, install};

/// How long the provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most that it may answer, in bytes.
const LARGEST: usize = 1 << 20;

/// How far the provider's clock may be from ours, in seconds.
const SKEW: i64 = 30;

/// What is asked of a person, by ProConnect's names: what the account is found by, what tells them to the administrator, and
/// for whom they work.
const SCOPE: &str = "openid given_name usual_name email siret";

/// What a deployment chooses.
#[derive(Clone)]
pub struct Settings {
    /// Who answers for identities: `https://auth.agentconnect.gouv.fr/api/v2`.
    pub issuer: String,
    /// How Pli is called there.
    pub client_id: String,
    /// What proves it.
    pub client_secret: String,
    /// Where users find Pli, without a final slash.
    pub public_url: String,
    /// Whom it lets in.
    pub admission: Admission,
}

/// An OpenID provider.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    settings: Settings,
    http: Client,
    /// What the provider says of itself, once it was asked.
    known: RwLock<Option<Arc<Known>>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Provider").field(&self.0.settings.issuer).finish()
    }
}

/// What the provider says of itself (OpenID Connect Discovery 1.0).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    code_challenge_methods_supported: BTreeSet<String>,
}

struct Known {
    metadata: Metadata,
    keys: JwkSet,
}

/// What the browser brings back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What was sent with the question.
    pub state: String,
    /// What the tokens are asked by, unless there is an error.
    pub code: String,
    /// Why there is no code; empty when there is one.
    pub error: String,
    /// Who answers, when it says so (RFC 9207).
    pub issuer: String,
}

/// Someone for whom the provider answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Who.
    pub presented: Presented,
    /// The identity token, to sign out by.
    pub token: String,
}

/// Why nobody was identified. What is inside is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The provider does not answer, or not as one.
    #[error("the provider does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It says that nobody was identified: `access_denied`, `login_required`…
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// What it answered, or what was brought back, is not to be believed.
    #[error("not to be believed: {0}")]
    Untrue(String),
}

fn untrue<T>(why: impl std::fmt::Display) -> Result<T, Failure> {
    Err(Failure::Untrue(why.to_string()))
}

fn unreachable(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Unreachable(Box::new(error))
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

/// What the identity token says.
#[derive(Deserialize)]
struct IdClaims {
    sub: String,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nonce: String,
    acr: Option<String>,
    azp: Option<String>,
}

/// What is said of the person.
#[derive(Deserialize)]
struct UserClaims {
    sub: String,
    exp: Option<i64>,
    #[serde(default)]
    given_name: String,
    #[serde(default)]
    usual_name: String,
    #[serde(default)]
    email: String,
    siret: Option<String>,
}

impl Provider {
    /// The provider of these settings; it is not asked anything yet.
    ///
    /// # Errors
    /// When the issuer is no address, or is not one of an encrypted connection (save on this machine).
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        install();
        let address = Url::parse(&settings.issuer).or_else(untrue)?;
        let here = matches!(address.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if address.scheme() != "https" && !here {
            return untrue("the issuer's address must begin with https://");
        }
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unreachable)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(unreachable)?;
        Ok(Self(Arc::new(Inner { settings, http, known: RwLock::new(None) })))
    }

    /// Whom it lets in.
    #[must_use]
    pub fn admission(&self) -> &Admission {
        &self.0.settings.admission
    }

    /// Where the browser is to go to begin.
    ///
    /// # Errors
    /// [`Failure::Unreachable`].
    pub async fn begin(&self, flow: &Flow) -> Result<Url, Failure> {
        let known = self.0.known().await?;
        let levels: Vec<&str> = self.admission().levels().collect();
        let claims = serde_json::json!({ "id_token": { "acr": { "essential": true, "values": levels } } });
        let mut to = Url::parse(&known.metadata.authorization_endpoint).map_err(unreachable)?;
        let mut query = to.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.0.settings.client_id)
            .append_pair("redirect_uri", &self.0.settings.back())
            .append_pair("scope", SCOPE)
            .append_pair("state", flow.state())
            .append_pair("nonce", flow.nonce())
            .append_pair("claims", &claims.to_string());
        // ProConnect refuses what it does not know.
        if known.metadata.code_challenge_methods_supported.contains("S256") {
            query
                .append_pair("code_challenge", &flow.challenge())
                .append_pair("code_challenge_method", "S256");
        }
        drop(query);
        Ok(to)
    }

    /// Who came back.
    ///
    /// # Errors
    /// [`Failure`], with why nobody is identified.
    pub async fn finish(&self, flow: &Flow, answer: &Answer, now: Timestamp) -> Result<Identified, Failure> {
        let Settings { issuer, .. } = &self.0.settings;
        if answer.state != flow.state() {
            return untrue("the state is another one");
        }
        if !answer.issuer.is_empty() && !same_issuer(&answer.issuer, issuer) {
            return untrue("another issuer answers");
        }
        if !answer.error.is_empty() {
            return Err(Failure::Refused(answer.error.chars().take(60).collect()));
        }
        let tokens = self.0.tokens(flow, &answer.code).await?;
        let id: IdClaims = self.0.read(&tokens.id_token).await?;
        if id.nonce != flow.nonce() {
            return untrue("the nonce is another one");
        }
        if id.azp.is_some_and(|party| party != self.0.settings.client_id) {
            return untrue("the token is another party's");
        }
        let now = now.instant().timestamp();
        if id.exp <= now.saturating_sub(SKEW) || id.iat > now.saturating_add(SKEW) {
            return untrue("the token is not of now");
        }
        let user: UserClaims = self.0.read(&self.0.user(&tokens.access_token).await?).await?;
        if user.sub != id.sub || user.exp.is_some_and(|end| end <= now.saturating_sub(SKEW)) {
            return untrue("what is said of the person is of another, or of another time");
        }
        let presented = Presented {
            issuer: issuer.trim_end_matches('/').to_owned(),
            subject: id.sub,
            level: id.acr,
            siret: user.siret,
            name: format!("{} {}", user.given_name, user.usual_name).trim().to_owned(),
            email: user.email,
        };
        Ok(Identified { presented, token: tokens.id_token })
    }

    /// Where the browser is to go to sign out of the provider too; `None` when it knows no such thing, or does not answer.
    pub async fn leave(&self, token: &str, state: &str) -> Option<Url> {
        let known = self.0.known().await.ok()?;
        let mut to = Url::parse(known.metadata.end_session_endpoint.as_ref()?).ok()?;
        to.query_pairs_mut()
            .append_pair("id_token_hint", token)
            .append_pair("state", state)
            .append_pair("post_logout_redirect_uri", &self.0.settings.left());
        Some(to)
    }
}

impl Settings {
    /// Where the provider sends the browser back, as it is declared there.
    fn back(&self) -> String {
        format!("{}/connexion/proconnect/retour", self.public_url)
    }

    /// Where it sends it back after signing out, as it is declared there.
    fn left(&self) -> String {
        format!("{}/connexion", self.public_url)
    }
}

fn same_issuer(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

impl Inner {
    /// What the provider says of itself; asked once.
    async fn known(&self) -> Result<Arc<Known>, Failure> {
        if let Some(known) = self.known.read().await.clone() {
            return Ok(known);
        }
        self.ask().await
    }

    /// What the provider says of itself, asked again.
    async fn ask(&self) -> Result<Arc<Known>, Failure> {
        let issuer = self.settings.issuer.trim_end_matches('/');
        let discovery = format!("{issuer}/.well-known/openid-configuration");
        let metadata: Metadata = self.json(self.http.get(discovery)).await?;
        if !same_issuer(&metadata.issuer, issuer) {
            return untrue("another issuer answers at this address");
        }
        let keys = self.json(self.http.get(&metadata.jwks_uri)).await?;
        let known = Arc::new(Known { metadata, keys });
        *self.known.write().await = Some(known.clone());
        Ok(known)
    }

    /// The tokens of a code, which serves once.
    async fn tokens(&self, flow: &Flow, code: &str) -> Result<Tokens, Failure> {
        let known = self.known().await?;
        let back = self.settings.back();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("client_id", &self.settings.client_id),
            ("client_secret", &self.settings.client_secret),
            ("code_verifier", flow.verifier()),
        ];
        self.json(self.http.post(&known.metadata.token_endpoint).form(&form)).await
    }

    /// What is said of the person, signed.
    async fn user(&self, access_token: &str) -> Result<String, Failure> {
        let known = self.known().await?;
        let request = self.http.get(&known.metadata.userinfo_endpoint).bearer_auth(access_token);
        String::from_utf8(self.bytes(request).await?).or_else(untrue)
    }

    /// What a token says, when the provider has signed it for us. A key that is not known may be new: keys are asked again, once.
    async fn read<T: DeserializeOwned>(&self, token: &str) -> Result<T, Failure> {
        let header = decode_header(token).or_else(untrue)?;
        if !ALGORITHMS.contains(&header.alg) {
            return untrue(format!("a token is signed by {:?}", header.alg));
        }
        let Some(name) = header.kid else { return untrue("a token does not say by which key") };
        let mut known = self.known().await?;
        if known.keys.find(&name).is_none() {
            known = self.ask().await?;
        }
        let Some(key) = known.keys.find(&name) else { return untrue("a token is signed by another key") };
        let key = DecodingKey::from_jwk(key).or_else(untrue)?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&known.metadata.issuer]);
        validation.set_audience(&[&self.settings.client_id]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        // By Pli's own clock, where the claims are looked at.
        validation.validate_exp = false;
        Ok(decode(token, &key, &validation).or_else(untrue)?.claims)
    }

    async fn json<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, Failure> {
        serde_json::from_slice(&self.bytes(request).await?).map_err(unreachable)
    }

    /// The body of an answer: one that refuses what was brought is untrue, any other that is no success is no answer.
    async fn bytes(&self, request: reqwest::RequestBuilder) -> Result<Vec<u8>, Failure> {
        let mut answer = request.send().await.map_err(unreachable)?;
        if answer.status().is_client_error() {
            return untrue(format!("{} answers {}", answer.url().path(), answer.status()));
        }
        let mut body = Vec::new();
        if let Err(error) = answer.error_for_status_ref() {
            return Err(unreachable(error));
        }
        while let Some(piece) = answer.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&piece);
            if body.len() > LARGEST {
                return untrue("an answer is too long");
            }
        }
        Ok(body)
    }
}
