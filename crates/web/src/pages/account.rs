//! Mon compte: the password, the sessions, the tokens of the API, and what has happened to one's account.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Key, Means, NewToken, OpenSession};
use pli_domain::account::{AccessEntry, TOKEN_DAYS, TokenScope};
use pli_domain::french::French as _;
use pli_domain::ids::{LinkId, SessionId, TokenId};
use pli_domain::time::Timestamp;
use strum::{EnumString, IntoStaticStr, VariantArray as _};

use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices, draw};
use crate::frame::{Frame, Here};
use crate::pages::export::download;
use crate::pages::links::Links;
use crate::pages::personal::own_tables;
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random};

/// The new password.
pub(crate) const NEW: Spec = Spec::new("newPassword", "Nouveau mot de passe", Input::Password("new-password"))
    .hint("Douze caractères au moins. Plusieurs mots sans lien entre eux sont faciles à retenir et difficiles à deviner.");

/// The new password once more: it cannot be seen while it is typed.
pub(crate) const NEW_AGAIN: Spec =
    Spec::new("newPasswordAgain", "Nouveau mot de passe, encore une fois", Input::Password("new-password"));

const PASSWORD: &[Spec] =
    &[Spec::new("password", "Mot de passe actuel", Input::Password("current-password")), NEW, NEW_AGAIN];

fn scopes() -> Vec<(&'static str, &'static str)> {
    choices(TokenScope::VARIANTS)
}

const TOKEN: &[Spec] = &[
    Spec::new("name", "À quoi il sert", Input::Line).hint(
        "Le programme ou la personne à qui vous le confiez\u{a0}: «\u{a0}Tableau de bord du SG\u{a0}».",
    ),
    Spec::new("scope", "Ce qu’il permet", Input::OneOf(scopes)),
    Spec::new("days", "Durée, en jours", Input::Number).hint("De 1 à 365."),
];

/// How many lines of what has happened are shown.
const LINES: u64 = 20;

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Form {
    ChangePassword,
    CloseSession,
    CloseOthers,
    MakeToken,
    RevokeToken,
    RevokeLink,
    ExportData,
}

impl Form {
    fn done(self) -> Option<&'static str> {
        match self {
            Self::ChangePassword => Some("Votre mot de passe est changé. Vos autres sessions sont fermées."),
            Self::CloseSession => Some("La session est fermée."),
            Self::CloseOthers => Some("Vos autres sessions sont fermées."),
            Self::RevokeToken => Some("Le jeton est révoqué\u{a0}: il ne sert plus."),
            Self::RevokeLink => Some(
                "Le lien est révoqué\u{a0}: il n’ouvre plus rien, et la session qu’il avait ouverte est fermée.",
            ),
            // Its answer shows the token, or is the file.
            Self::MakeToken | Self::ExportData => None,
        }
    }
}

/// A line of a table, with the key of the form that ends what it is about.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scope: &'static str,
    pub(crate) since: String,
    pub(crate) used: Option<String>,
    pub(crate) end: Option<String>,
    pub(crate) ended: bool,
    pub(crate) current: bool,
    pub(crate) key: String,
}

/// Something that has happened.
#[derive(Debug)]
struct Happened {
    at: String,
    what: &'static str,
    detail: String,
    from: Option<String>,
}

/// A token that was made.
#[derive(Debug)]
struct Made {
    /// The token; `None` when it was shown before.
    secret: Option<String>,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    done: Option<&'static str>,
    alert: Option<Alert>,
    token: String,
    password: FormView,
    sessions: Vec<Kept>,
    others: bool,
    /// Whether the person came in by a link, which lets change nothing of the account itself.
    by_link: bool,
    links: Links,
    tokens: Vec<Kept>,
    revoke_token: String,
    made: Option<Made>,
    make: FormView,
    /// The key of the form that gives a copy of what is held on the person.
    export_key: String,
    happened: Vec<Happened>,
}

/// `GET /mon-compte`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let mut page = AccountPage::load(&web, &session, None).await?;
    page.done = query.text("fait").parse().ok().and_then(Form::done);
    html(StatusCode::OK, &page)
}

/// `GET /mon-compte/{form}`: the address that a form leaves in the browser.
pub(crate) async fn back(Named(form): Named<String>) -> Result<Redirect, Failure> {
    let _: Form = form.parse().map_err(|_| Kind::NotFound)?;
    Ok(Redirect::to("/mon-compte"))
}

/// `POST /mon-compte/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named(form): Named<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: Form = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    if form == Form::ExportData {
        return export(&web, session, fields).await;
    }
    match run(&web, session, fields, form).await {
        Ok(Some(made)) => {
            let mut page = AccountPage::load(&web, session, None).await?;
            page.made = Some(made);
            html(StatusCode::OK, &page)
        }
        Ok(None) => Ok(Redirect::to(&format!("/mon-compte?fait={}", <&str>::from(form))).into_response()),
        Err(refused) => {
            let told = refused.told(fields)?;
            let status = told.status;
            html(status, &AccountPage::load(&web, session, Some((form, told))).await?)
        }
    }
}

/// The copy of what is held on the person, as a file.
async fn export(web: &Web, session: &Session, fields: &Fields) -> Result<Response, Failure> {
    let key = Key(fields.text("idempotencyKey").to_owned());
    match web.app.own_data(&session.caller, key).await {
        Ok(data) => {
            let file = web.app.file_of(own_tables(&data).map_err(Failure::broken)?).await?;
            Ok(download(file, "mes-donnees.zip"))
        }
        Err(error) => {
            let told = Refused::from(error).told(fields)?;
            let status = told.status;
            html(status, &AccountPage::load(web, session, Some((Form::ExportData, told))).await?)
        }
    }
}

/// Does what a form says; the token, when it makes one.
async fn run(web: &Web, session: &Session, fields: &Fields, form: Form) -> Result<Option<Made>, Refused> {
    let caller = &session.caller;
    let key = Key(fields.text("idempotencyKey").to_owned());
    match form {
        Form::ChangePassword => {
            new_again(fields).map_err(|error| vec![error])?;
            let (present, new) = (fields.text("password"), fields.text("newPassword"));
            web.app.change_password(caller, key, present, new).await?;
        }
        Form::CloseSession => web.app.close_sessions(caller, Some(SessionId(id(fields)?))).await?,
        Form::CloseOthers => web.app.close_sessions(caller, None).await?,
        Form::MakeToken => {
            let mut reading = Reading::new(fields, &caller.organisation);
            let (name, scope) = (reading.words("name"), reading.choice("scope"));
            let days = reading.count("days");
            let read = name.zip(scope).zip(days).map(|((name, scope), days)| NewToken { name, scope, days });
            let new = reading.end(read)?;
            let (_, secret) = web.app.make_token(caller, key, new).await?;
            return Ok(Some(Made { secret: secret.map(|secret| secret.reveal().to_owned()) }));
        }
        Form::RevokeToken => web.app.revoke_token(caller, key, None, TokenId(id(fields)?)).await?,
        Form::RevokeLink => web.app.revoke_link(caller, key, None, LinkId(id(fields)?)).await?,
        Form::ExportData => {}
    }
    Ok(None)
}

/// Where a form is sent.
fn action(form: Form) -> String {
    format!("/mon-compte/{}", <&str>::from(form))
}

fn id<T: std::str::FromStr>(fields: &Fields) -> Result<T, Refused> {
    fields.text("id").parse().map_err(|_| Refused::App(pli_app::Error::NotFound))
}

/// Refuses a new password that was not typed the same twice.
pub(crate) fn new_again(fields: &Fields) -> Result<(), FieldError> {
    if fields.text("newPassword") == fields.text("newPasswordAgain") {
        return Ok(());
    }
    let message = "Les deux saisies du nouveau mot de passe diffèrent\u{a0}: recommencez.".to_owned();
    Err(FieldError { field: Some("newPasswordAgain"), message })
}

impl AccountPage {
    async fn load(web: &Web, session: &Session, attempt: Option<(Form, Told)>) -> Result<Self, Failure> {
        let (app, caller) = (&web.app, &session.caller);
        let sessions = app.sessions(caller).await?;
        let tokens = app.tokens(caller).await?;
        let links = Links::new(web, &app.links(caller).await?, action(Form::RevokeLink))?;
        let happened = app.own_accesses(caller, None, LINES).await?.items;
        let password = view(session, Form::ChangePassword, attempt.as_ref())?;
        let make = view(session, Form::MakeToken, attempt.as_ref())?;
        let alert = attempt.map(|(form, told)| {
            let shown = match form {
                Form::MakeToken => Some(&make),
                Form::ChangePassword => Some(&password),
                _ => None,
            };
            Alert::of(&told.errors, shown)
        });
        Ok(Self {
            frame: Frame::of("Mon compte", session, Here::Account),
            done: None,
            alert,
            token: session.token(),
            password,
            others: sessions.len() > 1,
            by_link: matches!(caller.means, Means::Link(_)),
            links,
            sessions: sessions.into_iter().map(Kept::session).collect::<Result<_, _>>()?,
            tokens: tokens.into_iter().map(Kept::token).collect::<Result<_, _>>()?,
            revoke_token: action(Form::RevokeToken),
            made: None,
            make,
            export_key: random::key()?,
            happened: happened.into_iter().map(Happened::from).collect(),
        })
    }
}

fn view(session: &Session, form: Form, attempt: Option<&(Form, Told)>) -> Result<FormView, Failure> {
    let told = attempt.filter(|(of, _)| *of == form).map(|(_, told)| told);
    let defaults = Fields::default()
        .with("scope", <&str>::from(TokenScope::default()))
        .with("days", TOKEN_DAYS.to_string());
    let typed = told.map_or(&defaults, |told| &told.typed);
    let (specs, button, intro) = match form {
        Form::MakeToken => (TOKEN, "Créer un jeton", None),
        _ => (PASSWORD, "Changer mon mot de passe", Some("Vos autres sessions seront fermées.".to_owned())),
    };
    let code: &'static str = form.into();
    let key = match typed.text("idempotencyKey") {
        "" => random::key()?,
        key => key.to_owned(),
    };
    Ok(FormView {
        id: format!("action-{code}"),
        action: format!("/mon-compte/{code}"),
        button,
        intro,
        open: true,
        token: session.token(),
        key,
        version: None,
        fields: draw(code, specs, typed, told.map_or(&[][..], |told| &told.errors), &Units::none()),
    })
}

impl Kept {
    fn session(session: OpenSession) -> Result<Self, Failure> {
        Ok(Self {
            id: session.id.to_string(),
            name: if session.by_link { format!("{}, par un lien", session.browser) } else { session.browser },
            scope: "",
            since: session.since.french(),
            used: Some(session.used_at.french()),
            end: None,
            ended: false,
            current: session.current,
            key: random::key()?,
        })
    }

    pub(crate) fn token(token: pli_app::Token) -> Result<Self, Failure> {
        Ok(Self {
            id: token.id.to_string(),
            name: token.name,
            scope: token.scope.french(),
            since: token.created_at.french(),
            used: token.used_at.map(Timestamp::french),
            end: token.expires_at.map(Timestamp::french),
            ended: token.ended,
            current: false,
            key: random::key()?,
        })
    }
}

impl From<AccessEntry> for Happened {
    fn from(entry: AccessEntry) -> Self {
        Self { at: entry.at.french(), what: entry.event.french(), detail: entry.detail, from: entry.address }
    }
}
