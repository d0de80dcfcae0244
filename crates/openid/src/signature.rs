//! Signatures of the provider's tokens, checked by `ring`, which Pli stands on for TLS already: `jsonwebtoken` lets its user
//! choose, and what it offers itself would bring a second cryptography. Only the two algorithms that ProConnect signs by and
//! that are not a shared secret are known; nothing is signed here.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

/// What Pli believes.
pub(crate) const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Has `jsonwebtoken` check signatures this way in this process; it may be said several times.
pub(crate) fn install() {
    // Whoever said it first said the same.
    let _ = PROVIDER.install_default();
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as `jsonwebtoken` calls it")]
fn signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::UnsupportedAlgorithm.into())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as `jsonwebtoken` calls it")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    match (algorithm, key.family()) {
        (Algorithm::RS256, AlgorithmFamily::Rsa) | (Algorithm::ES256, AlgorithmFamily::Ec) => {
            Ok(Box::new(Checked { algorithm: *algorithm, key: key.clone() }))
        }
        _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
    }
}

/// A key, and how it signs.
struct Checked {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for Checked {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let checked = match (self.algorithm, self.key.kind()) {
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            _ => Err(ring::error::Unspecified),
        };
        checked.map_err(|_| Error::new())
    }
}

impl JwtVerifier for Checked {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::crypto::verify;

    /// RFC 7515, appendix A.3: what is signed, the signature, the key.
    const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    #[test]
    fn a_signature_is_of_one_text_by_one_key_in_one_way() {
        install();
        let key = DecodingKey::from_ec_components(X, Y).unwrap();
        let good = |signed: &str, signature: &str, key: &DecodingKey, algorithm| {
            verify(signature, signed.as_bytes(), key, algorithm).unwrap_or(false)
        };
        assert!(good(SIGNED, SIGNATURE, &key, Algorithm::ES256));
        assert!(!good(&format!("{SIGNED}A"), SIGNATURE, &key, Algorithm::ES256));
        assert!(!good(SIGNED, &SIGNATURE.replace("DtEh", "DtEi"), &key, Algorithm::ES256));
        assert!(!good(SIGNED, "", &key, Algorithm::ES256));
        for other in [Algorithm::RS256, Algorithm::HS256, Algorithm::ES384, Algorithm::EdDSA] {
            assert!(!good(SIGNED, SIGNATURE, &key, other), "{other:?}");
        }
        let secret = DecodingKey::from_secret(b"what both know");
        assert!(!good(SIGNED, SIGNATURE, &secret, Algorithm::HS256));
    }
}
