//! Réglages: what the administrator keeps.
//!
//! To add a part: a line of [`SECTIONS`], and its module beside `units` and `people`.

pub(crate) mod accesses;
pub(crate) mod calendar;
pub(crate) mod compartment;
pub(crate) mod compartments;
pub(crate) mod delay;
pub(crate) mod delays;
pub(crate) mod denominations;
pub(crate) mod government;
mod identities;
pub(crate) mod journal;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod reminders;
pub(crate) mod retention;
mod simulation;
pub(crate) mod units;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::{Caller, Error};
use pli_domain::actor::Role;

use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::form::{Alert, FieldError, FormView, Spec, Units, draw};
use crate::frame::{Frame, Here};
use crate::random;
use crate::refused::{Refused, Told};
use crate::session::Session;

/// A part of the settings.
#[derive(Debug)]
struct Section {
    href: &'static str,
    label: &'static str,
    sentence: &'static str,
    /// Whether auditors read it too.
    audited: bool,
    /// Whether it is kept from the administrators of a part of the ministry.
    whole: bool,
}

/// The parts of the settings, in the order of the page.
const SECTIONS: &[Section] = &[
    Section {
        href: "/reglages/services",
        label: "Services",
        sentence: "L’organisation du ministère\u{a0}: ajouter un service, le renommer, le rattacher ailleurs, le fermer.",
        audited: false,
        whole: false,
    },
    Section {
        href: "/reglages/personnes",
        label: "Personnes",
        sentence: "Les comptes et leurs rôles\u{a0}: ajouter une personne, donner ou retirer un rôle, désactiver un compte.",
        audited: false,
        whole: false,
    },
    Section {
        href: "/reglages/denominations",
        label: "Dénominations",
        sentence: "Les noms sous lesquels les assemblées publient le ministère, et leurs dates.",
        audited: true,
        whole: false,
    },
    Section {
        href: "/reglages/gouvernement",
        label: "Changement de gouvernement",
        sentence: "Porter les questions ouvertes sous la nouvelle dénomination, ou les remettre à un autre ministère.",
        audited: false,
        whole: true,
    },
    Section {
        href: "/reglages/compartiments",
        label: "Compartiments",
        sentence: "Les personnes à qui des dossiers sont réservés\u{a0}: ouvrir un compartiment, y nommer quelqu’un, l’en retirer.",
        audited: false,
        whole: true,
    },
    Section {
        href: "/reglages/delais",
        label: "Délais",
        sentence: "Les règles de délai et leurs versions\u{a0}: simuler un changement, puis l’appliquer.",
        audited: true,
        whole: false,
    },
    Section {
        href: "/reglages/calendrier",
        label: "Calendrier",
        sentence: "Les jours fermés, les périodes de séance, les semaines sans Journal officiel.",
        audited: true,
        whole: false,
    },
    Section {
        href: "/reglages/relances",
        label: "Relances",
        sentence: "Qui est prévenu d’une échéance, et quand.",
        audited: false,
        whole: false,
    },
    Section {
        href: "/reglages/conservation",
        label: "Conservation",
        sentence: "Combien de temps les dossiers clos sont gardés, et ce qu’ils deviennent.",
        audited: true,
        whole: false,
    },
    Section {
        href: "/reglages/journal",
        label: "Journal des réglages",
        sentence: "Qui a changé quoi, et quand.",
        audited: true,
        whole: false,
    },
    Section {
        href: "/reglages/acces",
        label: "Journal des accès",
        sentence: "Qui s’est connecté, qui a été refusé, les mots de passe et les jetons.",
        audited: true,
        whole: true,
    },
];

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    sections: Vec<&'static Section>,
}

/// `GET /reglages`
pub(crate) async fn show(session: Session) -> Result<Response, Failure> {
    let sections = sections(&session.caller);
    if sections.is_empty() {
        return Err(Kind::OnlyFor(Role::Administrator).into());
    }
    html(StatusCode::OK, &SettingsPage { frame: Frame::of("Réglages", &session, Here::Settings), sections })
}

/// What an actor may open.
fn sections(caller: &Caller) -> Vec<&'static Section> {
    let Caller { actor, organisation, .. } = caller;
    let keeps =
        |whole| if whole { actor.administers_all(organisation) } else { actor.has(Role::Administrator) };
    let opens = |section: &&Section| keeps(section.whole) || (section.audited && actor.has(Role::Auditor));
    SECTIONS.iter().filter(opens).collect()
}

/// Lets in those who keep what holds for everybody.
fn keeper(session: &Session) -> Result<(), Failure> {
    let kept = session.caller.actor.must_administer_all(&session.caller.organisation);
    kept.map_err(|refusal| Error::from(refusal).into())
}

/// Whether an actor keeps the settings of the whole ministry.
fn keeps(session: &Session) -> bool {
    session.caller.actor.administers_all(&session.caller.organisation)
}

/// Opens what administrators keep and auditors read.
fn audited(session: &Session) -> Result<(), Failure> {
    let actor = &session.caller.actor;
    if actor.has(Role::Administrator) || actor.has(Role::Auditor) {
        return Ok(());
    }
    Err(Kind::OnlyFor(Role::Administrator).into())
}

/// Whether the page of all settings is open to an actor: some of them are read by everybody.
fn indexed(session: &Session) -> bool {
    !sections(&session.caller).is_empty()
}

/// A form that was refused, with what was typed in it.
#[derive(Debug)]
struct Attempt {
    /// The code of the form.
    form: &'static str,
    typed: Fields,
    errors: Vec<FieldError>,
}

impl Attempt {
    /// What is shown again, and the status of the page.
    fn new(form: &'static str, typed: &Fields, refused: Refused) -> Result<(StatusCode, Self), Failure> {
        let Told { status, errors, typed } = refused.told(typed)?;
        Ok((status, Self { form, typed, errors }))
    }

    /// The summary of what is wrong, each line leading to its field on the page.
    fn alert(&self, forms: &[&FormView]) -> Alert {
        let id = format!("action-{}", self.form);
        let form = forms.iter().copied().find(|form| form.id == id);
        let kept = if form.is_some() { Vec::new() } else { self.typed.typed() };
        Alert { kept, ..Alert::of(&self.errors, form) }
    }
}

/// The form of a page of the settings.
struct Draft<'a> {
    /// Its code.
    code: &'static str,
    /// Where it is sent to.
    action: &'a str,
    button: &'static str,
    intro: Option<String>,
    specs: &'static [Spec],
    /// What it holds before anything is typed.
    defaults: Fields,
}

impl Draft<'_> {
    /// The form, with what was typed in it when it was refused.
    fn view(self, session: &Session, attempt: Option<&Attempt>, units: &Units) -> Result<FormView, Failure> {
        let attempt = attempt.filter(|attempt| attempt.form == self.code);
        let typed = attempt.map_or(self.defaults, |attempt| attempt.typed.clone());
        let key = match typed.text("idempotencyKey") {
            "" => random::key()?,
            key => key.to_owned(),
        };
        let errors = attempt.map_or(&[][..], |attempt| &attempt.errors);
        Ok(FormView {
            id: format!("action-{}", self.code),
            action: self.action.to_owned(),
            button: self.button,
            intro: self.intro,
            open: attempt.is_some(),
            token: session.token(),
            key,
            version: None,
            fields: draw(self.code, self.specs, &typed, errors, units),
        })
    }
}
