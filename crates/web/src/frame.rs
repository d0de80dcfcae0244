//! What stands around every page: title, menu, who is signed in.

use pli_domain::actor::{Reach, Role};
use pli_domain::french::French as _;
use pli_domain::import_run::ImportRun;

use crate::assets;
use crate::pages::home::has_table;
use crate::session::Session;
use crate::words;

/// Where in the menu a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    /// The cabinet's day.
    Today,
    /// A direction's table.
    Table,
    /// The list.
    Dossiers,
    /// What waits for one's approval or signature.
    Signature,
    /// What was done.
    Journal,
    /// Questions that get one answer.
    Batches,
    /// Questions that are put in the chamber.
    Agenda,
    /// What is late.
    Retards,
    /// The statistics of questions.
    Statistics,
    /// The month.
    Calendar,
    /// Where the public record contradicts the office.
    Discrepancies,
    /// The runs of imports.
    Imports,
    /// Looking for something.
    Search,
    /// Registering a letter.
    NewMail,
    /// Receiving a question.
    NewQuestion,
    /// What the administrator keeps.
    Settings,
    /// One's notifications.
    Notifications,
    /// One's own account.
    Account,
    /// A page that the menu does not name.
    Elsewhere,
    /// The compartments.
    Compartments,
    /// What has reached its end.
    Eliminations,
}

/// A line of the menu.
#[derive(Debug)]
pub(crate) struct NavLink {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
    /// How much waits there, where something may; empty when nothing does.
    pub(crate) count: Option<String>,
}

/// Who is signed in.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) roles: String,
    /// The token of the form that signs out.
    pub(crate) token: String,
    /// Whether the page is that of one's notifications.
    pub(crate) notified: bool,
    /// Whether the page is that of one's account.
    pub(crate) account: bool,
}

/// The frame of a page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) nav: Vec<NavLink>,
    pub(crate) user: Option<User>,
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

impl Frame {
    /// A page shown to anybody.
    pub(crate) fn alone(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            nav: Vec::new(),
            user: None,
            style: assets::STYLE.href(),
            script: assets::SCRIPT.href(),
            icon: assets::ICON.href(),
        }
    }

    /// A page shown to someone who is signed in.
    pub(crate) fn of(title: &str, session: &Session, here: Here) -> Self {
        let actor = &session.caller.actor;
        let mut roles: Vec<String> =
            actor.grants.iter().map(|grant| grant.role.french().to_owned()).collect();
        roles.dedup();
        let link = |href, label, at| NavLink { href, label, current: here == at, count: None };
        let mut nav = Vec::new();
        if actor.has(Role::Clerk) || actor.has(Role::Coordinator) {
            nav.push(link("/aujourdhui", "Aujourd’hui", Here::Today));
        }
        if has_table(actor) {
            nav.push(link("/ma-table", "Ma table", Here::Table));
        }
        if let Some(waiting) = session.waiting() {
            let count = if waiting > 0 { words::number(waiting) } else { String::new() };
            nav.push(NavLink { count: Some(count), ..link("/signature", "Signature", Here::Signature) });
        }
        nav.push(link("/dossiers", "Dossiers", Here::Dossiers));
        nav.push(link("/lots", "Lots", Here::Batches));
        nav.push(link("/agenda", "Agenda", Here::Agenda));
        nav.push(link("/retards", "Retards", Here::Retards));
        if actor.has(Role::Coordinator) || actor.has(Role::Manager) {
            nav.push(link("/statistiques", "Statistiques", Here::Statistics));
        }
        nav.push(link("/calendrier", "Calendrier", Here::Calendar));
        if actor.has(Role::Clerk) || actor.has(Role::Coordinator) {
            nav.push(link("/ecarts", "Écarts", Here::Discrepancies));
        }
        if actor.has(Role::Coordinator) || actor.has(Role::Auditor) {
            nav.push(link("/eliminations", "Éliminations", Here::Eliminations));
        }
        nav.push(link("/recherche", "Recherche", Here::Search));
        if actor.has(Role::Clerk) {
            nav.push(link("/courriers/nouveau", "Enregistrer un courrier", Here::NewMail));
            nav.push(link("/questions/nouvelle", "Recevoir une question", Here::NewQuestion));
        }
        if !actor.compartments.is_empty() {
            nav.push(link("/reglages/compartiments", "Compartiments", Here::Compartments));
        }
        if session.caller.scope.reach == Reach::All {
            nav.push(link("/journal", "Journal", Here::Journal));
        }
        if ImportRun::readable_by(actor).is_ok() {
            nav.push(link("/imports", "Imports", Here::Imports));
        }
        if actor.has(Role::Administrator) || actor.has(Role::Auditor) {
            nav.push(link("/reglages", "Réglages", Here::Settings));
        }
        let user = User {
            name: actor.name.clone(),
            roles: words::listed(&roles),
            token: session.token(),
            notified: here == Here::Notifications,
            account: here == Here::Account,
        };
        Self { nav, user: Some(user), ..Self::alone(title) }
    }
}
