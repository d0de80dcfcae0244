//! What binds a sign-in to the browser where it began.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pli_domain::digest::Digest;
use sha2::{Digest as _, Sha256};

/// A sign-in that has begun. Each of its parts is a digest of the browser's secret, in 64 hexadecimal characters: ProConnect
/// wants 32 at least of `state` and `nonce`, PKCE 43 at least of the verifier. None tells another, nor the secret.
#[derive(Clone)]
pub struct Flow {
    state: Digest,
    nonce: Digest,
    verifier: Digest,
}

impl Flow {
    /// The sign-in of a browser's secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        let part = |name| Digest::of(["pli-openid", name, secret]);
        Self { state: part("state"), nonce: part("nonce"), verifier: part("verifier") }
    }

    /// What comes back with the answer.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.as_str()
    }

    /// What the identity token must hold.
    pub(crate) fn nonce(&self) -> &str {
        self.nonce.as_str()
    }

    /// What proves that whoever brings the code is who asked for it.
    pub(crate) fn verifier(&self) -> &str {
        self.verifier.as_str()
    }

    /// What is told of the verifier beforehand (`S256`).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_long_and_tell_nothing_of_each_other() {
        let (one, other) = (Flow::of("secret"), Flow::of("autre"));
        let parts =
            [one.state(), one.nonce(), one.verifier(), other.state(), other.nonce(), other.verifier()];
        assert!(parts.iter().all(|part| part.len() == 64), "ProConnect refuses less than 32");
        let distinct: std::collections::BTreeSet<_> = parts.into_iter().collect();
        assert_eq!(distinct.len(), 6);
        assert_eq!(Flow::of("secret").state(), one.state());
    }
}
