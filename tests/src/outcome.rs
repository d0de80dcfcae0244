//! What a use case answered, in a test.

use anyhow::{Result, anyhow, bail};
use pli_app::Error;
use pli_domain::refusal::Refusal;

/// Reads the answer of a use case.
pub trait Fine<T> {
    /// The answer; a failure of the use case is a failure of the test.
    ///
    /// # Errors
    /// The use case's.
    fn fine(self) -> Result<T>;

    /// The refusal that was expected; anything else is a failure of the test.
    ///
    /// # Errors
    /// When it was not refused by the rules.
    fn refused(self) -> Result<Refusal>;

    /// The error that was expected, whichever; an answer is a failure of the test.
    ///
    /// # Errors
    /// When there was an answer.
    fn failed(self) -> Result<Error>;
}

impl<T> Fine<T> for Result<T, Error> {
    fn fine(self) -> Result<T> {
        self.map_err(|error| anyhow!("{error:?}"))
    }

    fn refused(self) -> Result<Refusal> {
        match self {
            Err(Error::Refused(refusal)) => Ok(refusal),
            Err(other) => bail!("failed otherwise than by a refusal: {other:?}"),
            Ok(_) => bail!("was not refused"),
        }
    }

    fn failed(self) -> Result<Error> {
        self.err().ok_or_else(|| anyhow!("did not fail"))
    }
}
