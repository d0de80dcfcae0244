//! One person: what they do where, and their account.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use pli_app::{Error, Key, Secret};
use pli_domain::actor::Grant;
use pli_domain::french::French as _;
use pli_domain::people::{Person, PersonCommand};
use strum::{EnumString, IntoStaticStr};

use super::identities::{self, Identities};
use super::people::{EMAIL, NAME, ROLE, UNIT, href, kept};
use super::{Attempt, Draft};
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Spec};
use crate::frame::{Frame, Here};
use crate::pages::account::Kept;
use crate::pages::links::Links;
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::Refused;
use crate::session::Session;
use crate::{Web, random, words};

const CHANGE: &[Spec] = &[NAME, EMAIL];
const GRANT: &[Spec] = &[ROLE, UNIT];

/// What is done to a person by a form of their page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum PersonForm {
    Grant,
    Revoke,
    Change,
    ResetPassword,
    RevokeToken,
    BindIdentity,
    UnbindIdentity,
    AllowLinks,
    ForbidLinks,
    SendLink,
    RevokeLink,
    Disable,
    Enable,
}

impl PersonForm {
    fn button(self) -> &'static str {
        match self {
            Self::Grant => "Donner le rôle",
            Self::Revoke => "Retirer",
            Self::Change => "Enregistrer le nom et l’adresse",
            Self::RevokeToken | Self::RevokeLink => "Révoquer",
            Self::AllowLinks => "Autoriser les liens d’accès",
            Self::ForbidLinks => "Ne plus autoriser les liens d’accès",
            Self::SendLink => "Envoyer un lien d’accès",
            Self::BindIdentity => "Rattacher",
            Self::UnbindIdentity => "Détacher",
            Self::ResetPassword => "Tirer un nouveau mot de passe",
            Self::Disable => "Désactiver le compte",
            Self::Enable => "Réactiver le compte",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Grant => "Le rôle est donné.",
            Self::Revoke => "Le rôle est retiré.",
            Self::Change => "La personne est modifiée.",
            Self::ResetPassword => "Le mot de passe est changé.",
            Self::RevokeToken => "Le jeton est révoqué\u{a0}: il ne sert plus.",
            Self::BindIdentity => "L’identité est rattachée\u{a0}: elle ouvre ce compte.",
            Self::UnbindIdentity => {
                "L’identité est détachée\u{a0}: elle n’ouvre plus ce compte, et ses sessions sont fermées."
            }
            Self::AllowLinks => {
                "Les liens d’accès sont autorisés\u{a0}: la personne peut en demander un depuis la page de connexion."
            }
            Self::ForbidLinks => {
                "Les liens d’accès ne sont plus autorisés\u{a0}: ceux qui étaient envoyés n’ouvrent plus rien, et leurs sessions sont fermées."
            }
            Self::SendLink => "Le lien part dans un instant à l’adresse de la personne.",
            Self::RevokeLink => {
                "Le lien est révoqué\u{a0}: il n’ouvre plus rien, et la session qu’il avait ouverte est fermée."
            }
            Self::Disable => "Le compte est désactivé\u{a0}: ses sessions et ses jetons ne servent plus.",
            Self::Enable => "Le compte est réactivé.",
        }
    }

    fn intro(self) -> Option<&'static str> {
        match self {
            Self::ResetPassword => Some(
                "Le mot de passe actuel et les sessions ouvertes ne serviront plus. Le nouveau ne sera montré qu’une fois.",
            ),
            Self::AllowLinks => Some(
                "La personne entrera sans mot de passe, par un lien envoyé à son adresse\u{a0}: de quoi tenir sa table de correspondant, de \
                 rédacteur ou de valideur. Un lien n’ouvre aucun dossier réservé, et ne permet ni de signer ni de tenir les réglages.",
            ),
            Self::Disable => Some(
                "La personne ne pourra plus se connecter, et ses jetons ne serviront plus. Ce qu’elle a fait reste au journal.",
            ),
            _ => None,
        }
    }

    fn specs(self) -> &'static [Spec] {
        match self {
            Self::Change => CHANGE,
            Self::Grant => GRANT,
            Self::Revoke
            | Self::ResetPassword
            | Self::RevokeToken
            | Self::BindIdentity
            | Self::UnbindIdentity
            | Self::AllowLinks
            | Self::ForbidLinks
            | Self::SendLink
            | Self::RevokeLink
            | Self::Disable
            | Self::Enable => &[],
        }
    }

    /// The command that a filled form makes.
    fn command(self, posted: &Posted) -> Result<PersonCommand, Vec<FieldError>> {
        let mut form = Reading::new(&posted.fields, &posted.session.caller.organisation);
        let mut grant = || {
            let (role, unit) = (form.choice("role"), form.unit("unit"));
            Some(Grant { role: role?, unit: unit? })
        };
        let read = match self {
            Self::Grant => grant().map(PersonCommand::Grant),
            Self::Revoke => grant().map(PersonCommand::Revoke),
            Self::Change => {
                let email = Some(form.text("email"));
                form.words("name").map(|name| PersonCommand::Change { name: Some(name), email })
            }
            Self::ResetPassword => Some(PersonCommand::ResetPassword),
            // No commands of the person's: see [`run`].
            Self::RevokeToken
            | Self::BindIdentity
            | Self::UnbindIdentity
            | Self::SendLink
            | Self::RevokeLink => None,
            Self::AllowLinks => Some(PersonCommand::AllowLinks),
            Self::ForbidLinks => Some(PersonCommand::ForbidLinks),
            Self::Disable => Some(PersonCommand::Disable),
            Self::Enable => Some(PersonCommand::Enable),
        };
        form.end(read)
    }
}

/// A role that the person holds, and the button that takes it.
#[derive(Debug)]
struct Held {
    role: &'static str,
    unit: String,
    role_code: &'static str,
    unit_code: String,
    /// The key of the form; `None` when the role is not theirs to take.
    key: Option<String>,
}

/// What is said of a password.
#[derive(Debug)]
struct Drawn {
    /// The password; `None` when it was shown before.
    password: Option<String>,
}

#[derive(Template)]
#[template(path = "person.html")]
pub(super) struct PersonPage {
    frame: Frame,
    done: Option<&'static str>,
    drawn: Option<Drawn>,
    alert: Option<Alert>,
    name: String,
    login: String,
    email: Option<String>,
    disabled: bool,
    linked: bool,
    held: Vec<Held>,
    revoke: String,
    token: String,
    tokens: Vec<Kept>,
    revoke_token: String,
    links: Links,
    identities: Vec<Identities>,
    forms: Vec<FormView>,
}

/// `GET /reglages/personnes/{login}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(login): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let person = find(&web, &session, &login).await?;
    let mut page = PersonPage::load(&web, &session, &person, None).await?;
    page.done = query.text("fait").parse::<PersonForm>().ok().map(PersonForm::done);
    html(StatusCode::OK, &page)
}

/// `GET /reglages/personnes/{login}/{form}`: the address that a form leaves in the browser.
pub(crate) async fn back(Named((login, form)): Named<(String, String)>) -> Result<Redirect, Failure> {
    let form: PersonForm = form.parse().map_err(|_| Kind::NotFound)?;
    Ok(Redirect::to(&format!("{}#action-{}", href(&login), <&str>::from(form))))
}

/// `POST /reglages/personnes/{login}/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named((login, form)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: PersonForm = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    let person = find(&web, session, &login).await.map_err(|failure| failure.keeping(fields))?;
    match run(&web, &posted, &person, form).await {
        Ok(Some((person, secret))) => {
            html(StatusCode::OK, &PersonPage::drawn(&web, session, &person, secret.as_ref()).await?)
        }
        Ok(None) => {
            let to = format!("{}?fait={}", href(&login), <&str>::from(form));
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let (status, attempt) = Attempt::new(form.into(), fields, refused)?;
            let person = find(&web, session, &login).await.map_err(|failure| failure.keeping(fields))?;
            html(status, &PersonPage::load(&web, session, &person, Some(&attempt)).await?)
        }
    }
}

/// Does what a form says; a password that was drawn, when it draws one.
async fn run(
    web: &Web,
    posted: &Posted,
    person: &Person,
    form: PersonForm,
) -> Result<Option<(Person, Option<Secret>)>, Refused> {
    let caller = &posted.session.caller;
    let key = Key(posted.fields.text("idempotencyKey").to_owned());
    match form {
        PersonForm::RevokeToken => {
            web.app.revoke_token(caller, key, Some(person.id), named(posted)?).await?;
            return Ok(None);
        }
        PersonForm::SendLink => {
            web.app.send_link(caller, key, person.id).await?;
            return Ok(None);
        }
        PersonForm::RevokeLink => {
            web.app.revoke_link(caller, key, Some(person.id), named(posted)?).await?;
            return Ok(None);
        }
        PersonForm::BindIdentity => {
            web.app.bind_identity(caller, key, person.id, named(posted)?).await?;
            return Ok(None);
        }
        PersonForm::UnbindIdentity => {
            web.app.unbind_identity(caller, key, person.id, named(posted)?).await?;
            return Ok(None);
        }
        _ => {}
    }
    match form.command(posted)? {
        PersonCommand::ResetPassword => Ok(Some(web.app.reset_password(caller, key, person.id).await?)),
        command => {
            web.app.change_person(caller, key, person.id, command).await?;
            Ok(None)
        }
    }
}

/// Where a form is sent.
fn action(person: &Person, form: PersonForm) -> String {
    format!("{}/{}", href(&person.login), <&str>::from(form))
}

/// What a line of a table names.
fn named<T: std::str::FromStr>(posted: &Posted) -> Result<T, Error> {
    posted.fields.text("id").parse().map_err(|_| Error::NotFound)
}

async fn find(web: &Web, session: &Session, login: &str) -> Result<Person, Failure> {
    web.app.person(&session.caller, login).await?.ok_or_else(|| Kind::NotFound.into())
}

impl PersonPage {
    /// The page that shows a password this once.
    pub(super) async fn drawn(
        web: &Web,
        session: &Session,
        person: &Person,
        secret: Option<&Secret>,
    ) -> Result<Self, Failure> {
        let drawn = Drawn { password: secret.map(|secret| secret.reveal().to_owned()) };
        Ok(Self { drawn: Some(drawn), ..Self::load(web, session, person, None).await? })
    }

    /// The page, with the person's tokens, links and identities when the caller keeps the account.
    async fn load(
        web: &Web,
        session: &Session,
        person: &Person,
        attempt: Option<&Attempt>,
    ) -> Result<Self, Failure> {
        let tokens = web.app.tokens_of(&session.caller, person).await?;
        let tokens = tokens.into_iter().map(Kept::token).collect::<Result<_, _>>()?;
        let identities = identities::load(web, session, person).await?;
        let links = web.app.links_of(&session.caller, person).await?;
        let links = Links::new(web, &links, action(person, PersonForm::RevokeLink))?;
        Ok(Self { tokens, links, identities, ..Self::new(session, person, web.app.today(), attempt)? })
    }

    fn new(
        session: &Session,
        person: &Person,
        today: NaiveDate,
        attempt: Option<&Attempt>,
    ) -> Result<Self, Failure> {
        let (actor, organisation) = (&session.caller.actor, &*session.caller.organisation);
        let held = |grant: &Grant| {
            let may = actor.may_give(*grant, organisation);
            Ok(Held {
                role: grant.role.french(),
                unit: words::unit(organisation, grant.unit),
                role_code: grant.role.into(),
                unit_code: words::unit_code(organisation, grant.unit),
                key: if may { Some(random::key()?) } else { None },
            })
        };
        let held = person.grants.iter().map(held).collect::<Result<Vec<_>, Failure>>()?;
        let forms = forms(session, person, today, attempt)?;
        Ok(Self {
            frame: Frame::of(&person.name, session, Here::Settings),
            done: None,
            drawn: None,
            alert: attempt.map(|attempt| attempt.alert(&forms.iter().collect::<Vec<_>>())),
            name: person.name.clone(),
            login: person.login.clone(),
            email: person.email.clone(),
            disabled: person.disabled,
            linked: person.links,
            held,
            revoke: action(person, PersonForm::Revoke),
            token: session.token(),
            tokens: Vec::new(),
            identities: Vec::new(),
            revoke_token: action(person, PersonForm::RevokeToken),
            links: Links { rows: Vec::new(), action: String::new() },
            forms,
        })
    }
}

/// What the caller may do to a person.
fn forms(
    session: &Session,
    person: &Person,
    today: NaiveDate,
    attempt: Option<&Attempt>,
) -> Result<Vec<FormView>, Failure> {
    let caller = &session.caller;
    let units = kept(caller, today);
    let access = if person.disabled { PersonForm::Enable } else { PersonForm::Disable };
    let offered = if caller.actor.keeps(person, &caller.organisation) {
        let links: &[_] = match (person.links, person.link_address()) {
            (true, Ok(_)) => &[PersonForm::SendLink, PersonForm::ForbidLinks],
            (true, Err(_)) => &[PersonForm::ForbidLinks],
            (false, _) => &[PersonForm::AllowLinks],
        };
        [&[PersonForm::Grant, PersonForm::Change], links, &[PersonForm::ResetPassword, access]].concat()
    } else {
        vec![PersonForm::Grant]
    };
    let page = href(&person.login);
    let form = |form: PersonForm| {
        let code: &'static str = form.into();
        let draft = Draft {
            code,
            action: &format!("{page}/{code}"),
            button: form.button(),
            intro: form.intro().map(str::to_owned),
            specs: form.specs(),
            defaults: Fields::default()
                .with("name", person.name.as_str())
                .with("email", person.email.as_deref().unwrap_or_default()),
        };
        draft.view(session, attempt, &units)
    };
    offered.into_iter().map(form).collect()
}
