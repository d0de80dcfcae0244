//! How one wants to be told of what is due: messages, and one's own calendar.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::Secret;
use pli_domain::reminder::Notifications;
use pli_domain::time::Timestamp;
use strum::{EnumString, IntoStaticStr, VariantArray as _};

use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices, draw};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::session::Session;
use crate::{Web, random};

fn ways() -> Vec<(&'static str, &'static str)> {
    choices(Notifications::VARIANTS)
}

const CHOOSE: &[Spec] = &[Spec::new("notifications", "Recevoir les relances", Input::OneOf(ways))];

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Form {
    Choose,
    OpenFeed,
    CloseFeed,
}

impl Form {
    fn specs(self) -> &'static [Spec] {
        match self {
            Self::Choose => CHOOSE,
            Self::OpenFeed | Self::CloseFeed => &[],
        }
    }

    fn done(self) -> Option<&'static str> {
        match self {
            Self::Choose => Some("Votre choix est enregistré."),
            Self::CloseFeed => Some("L’adresse est supprimée\u{a0}: elle ne donne plus rien."),
            // Its answer shows the address.
            Self::OpenFeed => None,
        }
    }
}

#[derive(Template)]
#[template(path = "notifications.html")]
struct NotificationsPage {
    frame: Frame,
    done: Option<&'static str>,
    alert: Option<Alert>,
    email: Option<String>,
    choose: FormView,
    /// The private address, this once.
    address: Option<String>,
    /// Since when there is one.
    since: Option<String>,
    open: FormView,
    close: FormView,
}

/// `GET /notifications`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let mut page = NotificationsPage::load(&web, &session, &[]).await?;
    page.done = query.text("fait").parse().ok().and_then(Form::done);
    html(StatusCode::OK, &page)
}

/// `GET /notifications/{form}`: the address that a form leaves in the browser.
pub(crate) async fn back(Named(form): Named<String>) -> Result<Redirect, Failure> {
    let form: Form = form.parse().map_err(|_| Kind::NotFound)?;
    Ok(Redirect::to(&format!("/notifications#action-{}", <&str>::from(form))))
}

/// `POST /notifications/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named(form): Named<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: Form = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    let caller = &session.caller;
    match form {
        Form::Choose => {
            let mut reading = Reading::new(fields, &caller.organisation);
            let chosen = reading.choice("notifications");
            match reading.end(chosen) {
                Ok(chosen) => web.app.choose_notifications(caller, chosen).await?,
                Err(errors) => {
                    let page = NotificationsPage::load(&web, session, &errors).await?;
                    return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
                }
            }
        }
        Form::OpenFeed => {
            let secret = web.app.open_feed(caller).await?;
            let mut page = NotificationsPage::load(&web, session, &[]).await?;
            page.address = Some(address(&web.options.public_url, &secret));
            return html(StatusCode::OK, &page);
        }
        Form::CloseFeed => web.app.close_feed(caller).await?,
    }
    Ok(Redirect::to(&format!("/notifications?fait={}", <&str>::from(form))).into_response())
}

/// The address of a feed, whole, as calendar programs ask for it.
fn address(public_url: &str, secret: &Secret) -> String {
    format!("{}/calendrier/{}.ics", public_url.trim_end_matches('/'), secret.reveal())
}

impl NotificationsPage {
    async fn load(web: &Web, session: &Session, errors: &[FieldError]) -> Result<Self, Failure> {
        let (chosen, email) = web.app.notifications(&session.caller).await?;
        let since = web.app.feed_since(&session.caller).await?;
        let typed = Fields::default().with("notifications", <&str>::from(chosen));
        let form = |form: Form, button| view(form, button, session, &typed, errors);
        let choose = form(Form::Choose, "Enregistrer mon choix")?;
        let replaces = if since.is_some() { "Remplacer l’adresse" } else { "Créer une adresse" };
        Ok(Self {
            frame: Frame::of("Mes notifications", session, Here::Notifications),
            done: None,
            alert: (!errors.is_empty()).then(|| Alert::of(errors, Some(&choose))),
            email,
            choose,
            address: None,
            since: since.map(Timestamp::french),
            open: form(Form::OpenFeed, replaces)?,
            close: form(Form::CloseFeed, "Supprimer l’adresse")?,
        })
    }
}

fn view(
    form: Form,
    button: &'static str,
    session: &Session,
    typed: &Fields,
    errors: &[FieldError],
) -> Result<FormView, Failure> {
    let code: &'static str = form.into();
    Ok(FormView {
        id: format!("action-{code}"),
        action: format!("/notifications/{code}"),
        button,
        intro: None,
        open: true,
        token: session.token(),
        key: random::key()?,
        version: None,
        fields: draw(code, form.specs(), typed, errors, &Units::none()),
    })
}
