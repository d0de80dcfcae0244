//! The French pages, made on the server on top of `pli-app`; everything works without JavaScript.
//!
//! A request goes: router below → an extractor says who asks ([`session`], `post`: a page that forgets it does not
//! compile) → a handler of `pages` calls one use case → a view (a struct with the words to show) → its template.
//!
//! - Filters live in the URL (`filters`), what a person does to a dossier in one table of forms (`actions`).
//! - A form that brings a document is read by `upload`, which stores it, and gives it back by `pages::documents`.
//! - What goes wrong becomes a page in one place (`failure`).
//! - The look is `assets/*.css`, driven by the custom properties of `style.css`.
//!
//! To add a page: a module in `pages`, a template, a route below, a line in `frame::Here` when it stands in the menu.

#![deny(missing_docs)]

mod actions;
mod assets;
mod chart;
mod columns;
mod diff;
mod failure;
mod fields;
mod filters;
mod form;
mod frame;
mod pages;
mod post;
mod random;
mod reading;
mod refused;
#[cfg(test)]
mod samples;
pub mod session;
mod theme;
mod upload;
mod words;

pub use theme::Theme;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post as posting};
use pli_app::App;
use pli_openid::Provider;

use failure::Failure;
use pages::{
    accessibility, account, agenda, archive, batches, bulk, calendar, changes, discrepancies, documents,
    dossier, eliminations, export, feed, home, imports, intake, links, list, members, notifications,
    personal, proconnect, proof, question, register, retards, saved, search, settings, sign_in, signature,
    statistics,
};

use session::ClientAddress;

/// The password of every account of the demonstration, as the sign-in page tells it.
pub const DEMO_PASSWORD: &str = "demonstration";

/// The most that a form may hold beside its document, in bytes.
const LARGEST_FORM: usize = 1 << 20;

/// What a deployment chooses.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where users find Pli, as they type it: `https://pli.example`.
    pub public_url: String,
    /// Shows the accounts of the demonstration on the sign-in page.
    pub demo: bool,
    /// Keeps the session's cookie to HTTPS.
    pub secure_cookies: bool,
    /// Whom users tell of what they cannot use: an address, or words.
    pub accessibility_contact: Option<String>,
    /// What is laid over the look.
    pub theme: Theme,
    /// By whom the State's agents may sign in.
    pub provider: Option<Provider>,
}

/// What every page stands on.
#[derive(Clone, Debug)]
struct Web {
    app: App,
    options: Options,
}

/// The pages.
pub fn router(app: App, options: Options) -> Router {
    let web = Web { app, options };
    Router::new()
        .route("/", get(home::show))
        .route("/connexion", get(sign_in::show).post(sign_in::enter))
        .route("/connexion/mot-de-passe", get(sign_in::back).post(sign_in::choose))
        .route("/connexion/lien", get(links::show).post(links::ask))
        .route("/connexion/lien/{secret}", get(links::offer).post(links::enter))
        .route("/connexion/proconnect", get(proconnect::begin))
        .route("/connexion/proconnect/retour", get(proconnect::back))
        .route("/deconnexion", get(home::show).post(sign_in::leave))
        .route("/aujourdhui", get(home::today))
        .route("/ma-table", get(home::table))
        .route("/dossiers", get(list::show))
        .route("/dossiers.xlsx", get(export::workbook::show))
        .route("/dossiers/lot", get(bulk::preview).post(bulk::confirm))
        .route("/dossiers.csv", get(export::show))
        .route("/changements", get(changes::all))
        .route("/dossiers/{reference}", get(dossier::show))
        .route("/dossiers/{reference}/changements", get(changes::dossier))
        .route("/dossiers/{reference}/recepisse", get(intake::slip))
        .route("/dossiers/{reference}/etiquette", get(intake::label))
        .route("/dossiers/{reference}/preuve", get(proof::show))
        .route("/dossiers/{reference}/preuve.json", get(proof::package))
        .route("/dossiers/{reference}/{action}", get(dossier::back).merge(posting(dossier::act)))
        .route("/dossiers/{reference}/documents/{file}", get(documents::show))
        .route("/documents/{sealed}", get(documents::preview))
        .route("/courriers/nouveau", get(intake::new_mail).post(intake::register_mail))
        .route("/courriers/nouveau/semblables", posting(intake::alike))
        .route("/courriers/nouveau/expediteurs", posting(intake::senders))
        .route("/questions/nouvelle", get(question::new_question).post(question::receive_question))
        .route("/signature", get(signature::list))
        .route("/signature/{reference}", get(signature::show))
        .route("/signature/{reference}/lu", get(signature::back_to).post(signature::read))
        .route("/signature/{reference}/{action}", get(signature::back).merge(posting(signature::act)))
        .route("/journal", get(register::show))
        .route("/lots", get(batches::show))
        .route("/agenda", get(agenda::show))
        .route("/retards", get(retards::show))
        .route("/statistiques", get(statistics::show))
        .route("/calendrier", get(calendar::show))
        .route("/calendrier/{feed}", get(feed::show))
        .route("/ecarts", get(discrepancies::show))
        .route("/ecarts/{id}/{verdict}", get(discrepancies::back).merge(posting(discrepancies::settle)))
        .route("/eliminations", get(eliminations::list).post(eliminations::propose))
        .route("/eliminations/echues", get(eliminations::ended))
        .route("/eliminations/{id}", get(eliminations::one::show))
        .route("/eliminations/{id}/bordereau.csv", get(eliminations::one::slip))
        .route("/eliminations/{id}/versement.zip", get(eliminations::one::package))
        .route(
            "/eliminations/{id}/{form}",
            get(eliminations::one::back).merge(posting(eliminations::one::change)),
        )
        .route("/donnees-personnelles", get(personal::show).post(personal::give))
        .route("/archives/{identity}", get(archive::show))
        .route("/imports", get(imports::list))
        .route("/imports/{number}", get(imports::show))
        .route("/elus", get(members::list))
        .route("/elus/{id}", get(members::show))
        .route("/recherche", get(search::show))
        .route("/recherche/enregistrer", get(saved::form).post(saved::save))
        .route("/recherche/enregistrees/{id}", get(saved::open))
        .route("/recherche/enregistrees/{id}/{form}", get(saved::back).merge(posting(saved::change)))
        .merge(settings_pages())
        .route("/accessibilite", get(accessibility::show))
        .route("/mon-compte", get(account::show))
        .route("/mon-compte/{form}", get(account::back).merge(posting(account::change)))
        .route("/notifications", get(notifications::show))
        .route("/notifications/{form}", get(notifications::back).merge(posting(notifications::change)))
        .route("/style.css", get(assets::style))
        .route("/pli.js", get(assets::script))
        .route("/icone.svg", get(assets::icon))
        .route("/theme/{file}", get(theme::file))
        .fallback(failure::no_page)
        .method_not_allowed_fallback(failure::no_page)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn_with_state(web.clone(), leased))
        .layer(from_fn_with_state(web.clone(), counted))
        .layer(map_response(assets::secure))
        .with_state(web)
}

/// The pages of what the administrator keeps.
fn settings_pages() -> Router<Web> {
    Router::new()
        .route("/reglages", get(settings::show))
        .route("/reglages/services", get(settings::units::list).post(settings::units::add))
        .route("/reglages/services/{code}", get(settings::units::show))
        .route(
            "/reglages/services/{code}/{form}",
            get(settings::units::back).merge(posting(settings::units::change)),
        )
        .route("/reglages/personnes", get(settings::people::list).post(settings::people::add))
        .route("/reglages/personnes/{login}", get(settings::person::show))
        .route(
            "/reglages/personnes/{login}/{form}",
            get(settings::person::back).merge(posting(settings::person::change)),
        )
        .route("/reglages/denominations", get(settings::denominations::show))
        .route(
            "/reglages/denominations/{id}/{act}",
            get(settings::denominations::back).merge(posting(settings::denominations::change)),
        )
        .route("/reglages/gouvernement", get(settings::government::show))
        .route(
            "/reglages/gouvernement/{name}",
            get(settings::government::moved).merge(posting(settings::government::change)),
        )
        .route("/reglages/compartiments", get(settings::compartments::list).post(settings::compartments::add))
        .route("/reglages/compartiments/{id}", get(settings::compartment::show))
        .route(
            "/reglages/compartiments/{id}/{form}",
            get(settings::compartment::back).merge(posting(settings::compartment::change)),
        )
        .route("/reglages/delais", get(settings::delays::show))
        .route("/reglages/delais/{code}", get(settings::delay::show))
        .route(
            "/reglages/delais/{code}/{form}",
            get(settings::delay::back).merge(posting(settings::delay::change)),
        )
        .route("/reglages/calendrier", get(settings::calendar::show))
        .route(
            "/reglages/calendrier/{form}",
            get(settings::calendar::back).merge(posting(settings::calendar::add)),
        )
        .route(
            "/reglages/calendrier/jours/{id}",
            get(settings::calendar::removal).merge(posting(settings::calendar::remove)),
        )
        .route("/reglages/relances", get(settings::reminders::show))
        .route(
            "/reglages/relances/{code}",
            get(settings::reminders::back).merge(posting(settings::reminders::change)),
        )
        .route("/reglages/conservation", get(settings::retention::show))
        .route(
            "/reglages/conservation/{class}",
            get(settings::retention::back).merge(posting(settings::retention::change)),
        )
        .route("/reglages/journal", get(settings::journal::show))
        .route("/reglages/acces", get(settings::accesses::show))
}

/// Counts one more request from where it comes.
async fn counted(State(web): State<Web>, request: Request, next: Next) -> Response {
    if let Some(ClientAddress(address)) = request.extensions().get().copied()
        && let Err(error) = web.app.one_more_from(address)
    {
        return Failure::from(error).into_response();
    }
    next.run(request).await
}

/// Has a page read all that it shows on one connection, which goes back before the page is sent. A form that is sent has none: it
/// may arrive slowly, and what it changes takes a connection of its own.
async fn leased(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let lease = web.app.lease();
    request.extensions_mut().insert(lease.clone());
    let response = next.run(request).await;
    lease.end().await;
    response
}
