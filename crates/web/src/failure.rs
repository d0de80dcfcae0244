//! What goes wrong, as a page: the one place that turns an error into words for a person.

use std::error::Error as StdError;

use askama::Template;
use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use pli_app::Error;
use pli_domain::actor::Role;
use pli_domain::french::{French as _, typeset};
use pli_domain::refusal::Refusal;

use crate::fields::Fields;
use crate::frame::Frame;
use crate::session::sign_in_for;
use crate::words;

/// A page that could not be given.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    /// What was typed, shown so that it is not lost.
    kept: Vec<String>,
}

/// Why.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Nobody is signed in: to the sign-in page, and back to this path.
    SignIn(String),
    /// The same, asked from another site (a link in a mail): the browser kept the cookie back, so that it must ask again.
    FromElsewhere(String),
    /// The form was shown to a session that has ended.
    SessionEnded,
    /// The form was sent by another site.
    Foreign,
    /// The form is larger than any of ours.
    TooLarge,
    /// The form or the address makes no sense.
    Unreadable,
    /// There is no such page, or none for this person.
    NotFound,
    /// The list has more dossiers than such a table takes.
    TooMany(u64),
    /// The page is kept to those who have a role.
    OnlyFor(Role),
    /// The use case failed.
    App(Error),
    /// The provider identified nobody whom Pli lets in: the status, and what to tell.
    NotIdentified(StatusCode, &'static str),
    /// Something of ours is broken.
    Broken(Box<dyn StdError + Send + Sync>),
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    frame: Frame,
    message: String,
    /// Where to go on, and the words of the link.
    way_out: (String, &'static str),
    /// Where the browser goes by itself.
    onward: Option<String>,
    kept: Vec<String>,
}

impl Failure {
    /// Something of ours is broken; it is logged when it is answered.
    pub(crate) fn broken(error: impl StdError + Send + Sync + 'static) -> Self {
        Kind::Broken(Box::new(error)).into()
    }

    /// Nobody is signed in.
    pub(crate) fn sign_in(parts: &Parts) -> Self {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let read = parts.method == Method::GET || parts.method == Method::HEAD;
        let elsewhere = parts.headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
        if read && elsewhere { Kind::FromElsewhere(path) } else { Kind::SignIn(path) }.into()
    }

    /// With what was typed.
    pub(crate) fn keeping(self, fields: &Fields) -> Self {
        Self { kept: fields.typed(), ..self }
    }
}

impl From<Kind> for Failure {
    fn from(kind: Kind) -> Self {
        Self { kind, kept: Vec::new() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Kind::NotFound.into(),
            Error::Refused(Refusal::OnlyFor { role }) => Kind::OnlyFor(role).into(),
            other => Kind::App(other).into(),
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::broken(error)
    }
}

/// The status of an error of a use case.
pub(crate) fn status(error: &Error) -> StatusCode {
    match error {
        Error::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Stale | Error::KeyReused => StatusCode::CONFLICT,
        Error::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Kind {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::FromElsewhere(_) => StatusCode::OK,
            Self::SessionEnded => StatusCode::UNAUTHORIZED,
            Self::Foreign | Self::OnlyFor(_) => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotIdentified(status, _) => *status,
            Self::App(error) => status(error),
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "Connexion",
            Self::FromElsewhere(_) => "Ouverture de Pli",
            Self::SessionEnded => "Votre session a pris fin",
            Self::Foreign => "Envoi refusé",
            Self::TooLarge => "Envoi trop volumineux",
            Self::TooMany(_) => "Liste trop longue",
            Self::Unreadable => "Demande incomprise",
            Self::NotFound => "Page introuvable",
            Self::OnlyFor(_) => "Page réservée",
            Self::NotIdentified(..) => "Connexion refusée",
            Self::App(Error::TooOften { .. }) => "Trop de demandes",
            Self::App(Error::Unavailable) => "Pli est momentanément indisponible",
            Self::App(Error::Refused(_)) => "Demande refusée",
            Self::App(_) | Self::Broken(_) => "Une erreur est survenue",
        }
    }

    fn message(&self) -> String {
        let text = match self {
            Self::SignIn(_) => "Connectez-vous pour continuer.",
            Self::FromElsewhere(_) => "La page demandée va s’ouvrir.",
            Self::SessionEnded => {
                "Rien n’a été enregistré. Connectez-vous de nouveau, puis recommencez : ce que vous aviez saisi est \
                 ci-dessous, copiez-le avant de quitter cette page."
            }
            Self::Foreign => {
                "Ce formulaire ne vient pas d’une page de Pli : rien n’a été enregistré. Ouvrez la page dans Pli, \
                 puis recommencez."
            }
            Self::TooLarge => {
                "Rien n’a été enregistré : un envoi ne peut pas dépasser 1 Mio. Revenez en arrière dans votre \
                 navigateur, puis raccourcissez le texte."
            }
            Self::Unreadable => "L’adresse ou le formulaire n’a pas pu être lu.",
            Self::NotFound => {
                "Cette page n’existe pas, ou elle ne vous est plus destinée : un dossier que vous venez de refuser, \
                 par exemple, retourne au cabinet."
            }
            Self::TooMany(most) => &format!(
                "Un classeur tient au plus {} : revenez à la liste et précisez vos critères.",
                words::counted(*most, "dossier", "dossiers")
            ),
            Self::OnlyFor(role) => &format!("Rôle nécessaire : {}.", role.french()),
            Self::NotIdentified(_, message) => message,
            Self::App(error) => return error.message(),
            Self::Broken(_) => "Elle a été consignée.",
        };
        typeset(text)
    }

    /// Logged once, here.
    fn log(&self) {
        match self {
            Self::App(Error::Internal(error)) | Self::Broken(error) => {
                tracing::error!(error = chain(error.as_ref()), "a page failed");
            }
            _ => {}
        }
    }
}

/// An error and what caused it, on one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Kind::SignIn(path) = &self.kind {
            return Redirect::to(&sign_in_for(path)).into_response();
        }
        self.kind.log();
        let onward = match &self.kind {
            Kind::FromElsewhere(path) => Some(sign_in_for(path)),
            _ => None,
        };
        let way_out = match (&self.kind, &onward) {
            (_, Some(onward)) => (onward.clone(), "Continuer"),
            (Kind::NotIdentified(..), _) => ("/connexion".to_owned(), "Revenir à la connexion"),
            (Kind::SessionEnded, _) => ("/connexion".to_owned(), "Se connecter"),
            _ => ("/".to_owned(), "Retour aux dossiers"),
        };
        let page = FailurePage {
            frame: Frame::alone(self.kind.title()),
            message: self.kind.message(),
            way_out,
            onward,
            kept: self.kept,
        };
        let body = page.render().unwrap_or_else(|_| page.message.clone());
        let answer = (self.kind.status(), Html(body));
        match self.kind {
            Kind::App(Error::TooOften { wait }) => ([(RETRY_AFTER, wait)], answer).into_response(),
            _ => answer.into_response(),
        }
    }
}

/// An address that is none of ours.
pub(crate) async fn no_page(_: HeaderMap) -> Failure {
    Kind::NotFound.into()
}

/// A page, rendered.
pub(crate) fn html(status: StatusCode, page: &impl Template) -> Result<Response, Failure> {
    Ok((status, Html(page.render()?)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_an_error_is_never_shown() {
        let inner = || "colonne secrète".into();
        for failure in [Failure::from(Error::Internal(inner())), Kind::Broken(inner()).into()] {
            assert_eq!(failure.kind.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(!failure.kind.message().contains("secrète"));
        }
    }

    #[test]
    fn what_was_typed_is_shown_as_text() {
        let page = FailurePage {
            frame: Frame::alone("Votre session a pris fin"),
            message: Kind::SessionEnded.message(),
            way_out: ("/connexion".to_owned(), "Se connecter"),
            onward: None,
            kept: vec!["</textarea><script>alert(1)</script>".to_owned()],
        };
        let html = page.render().unwrap();
        assert!(!html.contains("<script>alert") && html.contains("alert(1)"));
    }
}
