//! Signing in by an OpenID provider, as the State's agents do by ProConnect: the code flow with PKCE, `state` and `nonce`.
//!
//! [`Provider`] holds the conversation and checks whatever the provider signs; whom Pli lets in is the domain's to say
//! ([`pli_domain::account::Admission`]), and which account an identity opens, the use cases'.
//!
//! A sign-in is one secret, drawn when it begins and kept by the browser alone: `state`, `nonce` and the verifier of PKCE are
//! digests of it ([`Flow`]), so nothing of them is stored.

#![deny(missing_docs)]

mod flow;
mod provider;
mod signature;

pub use flow::Flow;
pub use provider::{Answer, Failure, Identified, Provider, Settings};
