//! Why a form was not done, and what is shown with it again.

use axum::http::StatusCode;
use pli_app::Error;
use pli_domain::refusal::Refusal;

use crate::failure::{Failure, status};
use crate::fields::Fields;
use crate::form::FieldError;

/// Why a form was not done.
pub(crate) enum Refused {
    /// It cannot be read.
    Unread(Vec<FieldError>),
    /// The use case says no.
    App(Error),
}

/// What is shown with the form again.
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) errors: Vec<FieldError>,
    /// What was typed. The key stays, so that a form sent again after a failure half-way is done once.
    pub(crate) typed: Fields,
}

impl Refused {
    /// What to show with the form again.
    ///
    /// # Errors
    /// When there is no form to show: what was typed is shown on a page of its own.
    pub(crate) fn told(self, typed: &Fields) -> Result<Told, Failure> {
        let typed = typed.clone();
        match self {
            Self::Unread(errors) => Ok(Told { status: StatusCode::UNPROCESSABLE_ENTITY, errors, typed }),
            Self::App(
                error @ (Error::Internal(_)
                | Error::NotFound
                | Error::TooOften { .. }
                | Error::Refused(Refusal::OnlyFor { .. })),
            ) => Err(Failure::from(error).keeping(&typed)),
            Self::App(error) => {
                let keep_key = !matches!(error, Error::KeyReused);
                let typed = if keep_key { typed } else { typed.without("idempotencyKey") };
                Ok(Told { status: status(&error), errors: vec![FieldError::of(&error)], typed })
            }
        }
    }
}

impl From<Vec<FieldError>> for Refused {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Unread(errors)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}
