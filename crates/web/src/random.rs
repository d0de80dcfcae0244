//! Chance: what makes the key of a form its own.

use pli_domain::digest::hex;

use crate::failure::Failure;
use crate::fields::Fields;

/// The key that a form carries; a new one when it carries none.
pub(crate) fn key_of(typed: &Fields) -> Result<String, Failure> {
    match typed.text("idempotencyKey") {
        "" => key(),
        key => Ok(key.to_owned()),
    }
}

/// A new key: 16 bytes of chance, in hexadecimal.
pub(crate) fn key() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(Failure::broken)?;
    Ok(hex(&bytes))
}
