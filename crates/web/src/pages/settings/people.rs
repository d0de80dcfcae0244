//! The people with an account, and adding one.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use pli_app::{Caller, Key, Page, PeopleList};
use pli_domain::actor::{Grant, Role};
use pli_domain::french::French as _;
use pli_domain::ids::UserId;
use pli_domain::organisation::Organisation;
use pli_domain::people::{Person, PersonCommand};
use strum::VariantArray as _;

use super::person::PersonPage;
use super::{Attempt, Draft};
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::form::{Alert, Choice, FieldError, FormView, Input, Spec, Units, choices};
use crate::frame::{Frame, Here};
use crate::post::Posted;
use crate::reading::Reading;
use crate::session::Session;
use crate::words;

/// How many people a page of the list holds.
const PAGE: u64 = 50;

/// The code of the form that adds somebody.
const ADD_FORM: &str = "add";

fn roles() -> Vec<(&'static str, &'static str)> {
    choices(Role::VARIANTS)
}

pub(super) const NAME: Spec = Spec::new("name", "Nom", Input::Line).hint("Tel que les autres le liront.");
pub(super) const EMAIL: Spec = Spec::new("email", "Adresse électronique", Input::Line)
    .hint("Pli y écrira, par exemple pour une relance.")
    .optional();
pub(super) const ROLE: Spec = Spec::new("role", "Rôle", Input::Of(roles));
pub(super) const UNIT: Spec = Spec::new("unit", "Service", Input::Unit)
    .hint("Le rôle vaut dans ce service et dans ceux qui sont placés sous lui.");

const ADD: &[Spec] = &[
    Spec::new("login", "Identifiant", Input::Line)
        .hint("Ce que la personne tape pour se connecter\u{a0}: prenom.nom. Il ne change plus ensuite."),
    NAME,
    EMAIL,
    ROLE,
    UNIT,
];

/// Which people, and from where on.
#[derive(Clone, Debug, Default, PartialEq)]
struct Filters {
    list: PeopleList,
    after: Option<UserId>,
}

impl Filters {
    /// Reads an address; `None` when a word of it is none of ours. What is empty narrows nothing.
    fn parse(query: &str, organisation: &Organisation) -> Option<Self> {
        let mut filters = Self::default();
        for (name, value) in Fields::parse(query.as_bytes()).iter() {
            match (name, value.trim()) {
                (_, "") => {}
                ("service", code) => filters.list.unit = Some(organisation.by_code(code)?.id),
                ("q", words) => filters.list.words = Some(words.to_owned()),
                ("apres", id) => filters.after = Some(id.parse().ok()?),
                _ => {}
            }
        }
        Some(filters)
    }

    /// The address of the list.
    fn href(&self, organisation: &Organisation) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(words) = &self.list.words {
            query.append_pair("q", words);
        }
        if let Some(unit) = self.list.unit.and_then(|unit| organisation.unit(unit)) {
            query.append_pair("service", &unit.code);
        }
        if let Some(id) = self.after {
            query.append_pair("apres", &id.to_string());
        }
        match query.finish() {
            query if query.is_empty() => "/reglages/personnes".to_owned(),
            query => format!("/reglages/personnes?{query}"),
        }
    }
}

/// A person in the list.
#[derive(Debug)]
struct Row {
    href: String,
    name: String,
    login: String,
    email: String,
    roles: Vec<String>,
    disabled: bool,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    alert: Option<Alert>,
    form: FormView,
    words: String,
    units: Vec<Choice>,
    narrows: bool,
    caption: String,
    /// Whose identities wait to be bound to an account.
    waiting: Vec<String>,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /reglages/personnes`
pub(crate) async fn list(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let filters = Filters::parse(&query.unwrap_or_default(), &session.caller.organisation);
    let filters = filters.ok_or(Kind::Unreadable)?;
    html(StatusCode::OK, &PeoplePage::load(&web, &session, &filters, None).await?)
}

/// `POST /reglages/personnes`: to the person's page, with the password that is shown this once.
pub(crate) async fn add(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    let done = async {
        let command = new_person(fields, &session.caller.organisation)?;
        let key = Key(fields.text("idempotencyKey").to_owned());
        Ok(web.app.add_person(&session.caller, key, command).await?)
    };
    match done.await {
        Ok((person, secret)) => {
            html(StatusCode::OK, &PersonPage::drawn(&web, session, &person, secret.as_ref()).await?)
        }
        Err(refused) => {
            let (status, attempt) = Attempt::new(ADD_FORM, fields, refused)?;
            let page = PeoplePage::load(&web, session, &Filters::default(), Some(&attempt)).await?;
            html(status, &page)
        }
    }
}

/// The person that a filled form describes.
fn new_person(fields: &Fields, organisation: &Organisation) -> Result<PersonCommand, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let (login, name, email) = (form.words("login"), form.words("name"), form.text("email"));
    let (role, unit) = (form.choice("role"), form.unit("unit"));
    let read = || {
        let grants = vec![Grant { role: role?, unit: unit? }];
        Some(PersonCommand::Add { login: login?, name: name?, email, grants })
    };
    let read = read();
    form.end(read)
}

/// The units whose people a caller keeps.
pub(super) fn kept(caller: &Caller, today: NaiveDate) -> Units {
    Units::which(&caller.organisation, today, |unit| caller.actor.administers(unit.id, &caller.organisation))
}

/// The address of a person's page.
pub(super) fn href(login: &str) -> String {
    format!("/reglages/personnes/{}", words::segment(login))
}

/// « Rédacteur (DACS) ».
pub(super) fn role(grant: Grant, organisation: &Organisation) -> String {
    format!("{} ({})", grant.role.french(), words::unit_code(organisation, grant.unit))
}

impl PeoplePage {
    async fn load(
        web: &Web,
        session: &Session,
        filters: &Filters,
        attempt: Option<&Attempt>,
    ) -> Result<Self, Failure> {
        let caller = &session.caller;
        let found = web.app.people(caller, &filters.list, filters.after, PAGE).await?;
        let units = kept(caller, web.app.today());
        let draft = Draft {
            code: ADD_FORM,
            action: "/reglages/personnes",
            button: "Ajouter la personne",
            intro: Some("Un mot de passe est tiré au sort\u{a0}; il ne sera montré qu’une fois.".to_owned()),
            specs: ADD,
            defaults: Fields::default(),
        };
        let form = draft.view(session, attempt, &units)?;
        let waiting = web.app.waiting_identities(caller).await?;
        let waiting = waiting.into_iter().map(|identity| identity.name).collect();
        Ok(Self { waiting, ..Self::new(session, filters, &found, &units, form, attempt) })
    }

    fn new(
        session: &Session,
        filters: &Filters,
        found: &Page<Person>,
        units: &Units,
        form: FormView,
        attempt: Option<&Attempt>,
    ) -> Self {
        let organisation = &*session.caller.organisation;
        let unit = filters.list.unit.and_then(|unit| organisation.unit(unit));
        let code = unit.map(|unit| unit.code.as_str()).unwrap_or_default();
        let every = Choice { value: String::new(), label: "Tous".to_owned(), chosen: code.is_empty() };
        let place = |after: Option<UserId>| Filters { after, ..filters.clone() }.href(organisation);
        let said = unit.map(|unit| format!(", service {} et ceux placés sous lui", unit.code));
        Self {
            frame: Frame::of("Personnes", session, Here::Settings),
            alert: attempt.map(|attempt| attempt.alert(&[&form])),
            form,
            words: filters.list.words.clone().unwrap_or_default(),
            units: [every].into_iter().chain(units.choices(&|value| value == code)).collect(),
            narrows: filters.list != PeopleList::default(),
            caption: format!("Personnes par ordre alphabétique{}", said.unwrap_or_default()),
            waiting: Vec::new(),
            rows: found.items.iter().map(|person| Row::new(person, organisation)).collect(),
            first: filters.after.map(|_| place(None)),
            next: found.items.last().filter(|_| found.more).map(|last| place(Some(last.id))),
        }
    }
}

impl Row {
    fn new(person: &Person, organisation: &Organisation) -> Self {
        Self {
            href: href(&person.login),
            name: person.name.clone(),
            login: person.login.clone(),
            email: person.email.clone().unwrap_or_default(),
            roles: person.grants.iter().map(|grant| role(*grant, organisation)).collect(),
            disabled: person.disabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_address_gives_its_list_back() {
        let organisation = samples::organisation();
        for query in [
            "",
            "q=Ozanne+Perrine",
            "service=DACS",
            "q=%C3%A9&service=D%26%3C%C3%89+%2B%2F%25&apres=00000000-0000-0000-0000-000000000007",
        ] {
            let filters = Filters::parse(query, &organisation).unwrap();
            let href = filters.href(&organisation);
            assert_eq!(href.strip_prefix("/reglages/personnes").unwrap().trim_start_matches('?'), query);
        }
        assert_eq!(Filters::parse("q=+&service=&x=1", &organisation), Some(Filters::default()));
        for wrong in ["service=X", "apres=x"] {
            assert_eq!(Filters::parse(wrong, &organisation), None, "{wrong}");
        }
    }

    #[test]
    fn everything_missing_is_said_at_once() {
        let errors = new_person(&Fields::default(), &samples::organisation()).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["login", "name", "role", "unit"]);
    }
}
