//! Chance: what makes the key of a form its own.

use pli_domain::digest::hex;

use crate::failure::Failure;

/// A new key: 16 bytes of chance, in hexadecimal.
pub(crate) fn key() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(Failure::broken)?;
    Ok(hex(&bytes))
}
