//! The searches that a person keeps: on *Recherche*, theirs alone. A search, or any list, is kept from its own page.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Key, List, NewSearch, SavedSearch, SearchChange};
use pli_domain::ids::SavedSearchId;
use pli_domain::organisation::Organisation;
use strum::{EnumString, IntoStaticStr};

use super::{list, search};
use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
use crate::filters::Filters;
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, draw};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random, words};

const NAME: Spec = Spec::new("name", "Nom", Input::Line);

const SAVE: &[Spec] = &[
    NAME,
    Spec::new("alert", "Alerte", Input::Check("M’écrire quand de nouveaux dossiers y entrent"))
        .hint("Un message par jour ouvré au plus.")
        .optional(),
];

const RENAME: &[Spec] = &[NAME];

/// What is done to a search that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum Form {
    Save,
    Rename,
    AlertOn,
    AlertOff,
    Remove,
}

impl Form {
    fn done(self) -> &'static str {
        match self {
            Self::Save => "La recherche est enregistrée.",
            Self::Rename => "La recherche est renommée.",
            Self::AlertOn => {
                "L’alerte est activée\u{a0}: Pli vous écrira quand de nouveaux dossiers y entreront."
            }
            Self::AlertOff => "L’alerte est désactivée.",
            Self::Remove => "La recherche est supprimée.",
        }
    }

    fn change(self, fields: &Fields) -> SearchChange {
        match self {
            Self::Rename => {
                SearchChange { name: Some(fields.text("name").to_owned()), ..SearchChange::default() }
            }
            other => SearchChange { alert: Some(other == Self::AlertOn), ..SearchChange::default() },
        }
    }
}

/// What a person keeps, as *Recherche* shows it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) done: Option<&'static str>,
    pub(super) alert: Option<Alert>,
    pub(super) rows: Vec<Row>,
    /// The name under which the search of the page is kept already.
    pub(super) current: Option<String>,
    /// An alert is on, and there is no address to which it could go.
    pub(super) unreachable: bool,
    pub(super) token: String,
}

/// A search that is kept.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) said: String,
    pub(super) alert: bool,
    /// Where its forms go.
    pub(super) action: String,
    pub(super) alert_key: String,
    pub(super) remove_key: String,
    pub(super) rename: FormView,
}

impl Kept {
    /// Nothing kept.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self {
            done: None,
            alert: None,
            rows: Vec::new(),
            current: None,
            unreachable: false,
            token: String::new(),
        }
    }

    /// What the person keeps, beside the list that the page shows, with the form that was refused.
    pub(super) async fn load(
        web: &Web,
        session: &Session,
        shown: Option<&List>,
        refused: Option<(SavedSearchId, &Told)>,
    ) -> Result<Self, Failure> {
        let caller = &session.caller;
        let searches = web.app.saved_searches(caller).await?;
        let alerted = searches.iter().any(|search| search.alert);
        let unreachable = alerted && web.app.notifications(caller).await?.1.is_none();
        Self::new(session, &searches, unreachable, shown, refused)
    }

    fn new(
        session: &Session,
        searches: &[SavedSearch],
        unreachable: bool,
        shown: Option<&List>,
        refused: Option<(SavedSearchId, &Told)>,
    ) -> Result<Self, Failure> {
        let same = |search: &&SavedSearch| Some(&Filters::of(search.list.clone()).list) == shown;
        let current = searches.iter().find(same).map(|search| search.name.clone());
        let row = |search: &SavedSearch| {
            let told = refused.filter(|(id, _)| *id == search.id).map(|(_, told)| told);
            Row::new(session, search, told)
        };
        let rows = searches.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let open = rows.iter().map(|row| &row.rename).find(|form| form.open);
        let alert = refused.map(|(_, told)| Alert::of(&told.errors, open));
        Ok(Self { done: None, alert, rows, current, unreachable, token: session.token() })
    }

    /// Says what was just done.
    pub(super) fn told(self, form: &str) -> Self {
        Self { done: form.parse().ok().map(Form::done), ..self }
    }
}

impl Row {
    fn new(session: &Session, search: &SavedSearch, told: Option<&Told>) -> Result<Self, Failure> {
        let organisation = &session.caller.organisation;
        let action = format!("/recherche/enregistrees/{}", search.id);
        let rename = FormView {
            id: format!("action-rename-{}", search.id),
            action: format!("{action}/rename"),
            button: "Renommer",
            intro: None,
            open: told.is_some(),
            token: session.token(),
            key: random::key()?,
            version: None,
            fields: draw(
                &format!("rename-{}", search.id),
                RENAME,
                &told.map_or_else(|| Fields::default().with("name", &search.name), |told| told.typed.clone()),
                told.map_or(&[][..], |told| &told.errors),
                &Units::none(),
            ),
        };
        Ok(Self {
            name: search.name.clone(),
            href: href(&search.list, organisation),
            said: list::sentence(&Filters::of(search.list.clone()), organisation),
            alert: search.alert,
            action,
            alert_key: random::key()?,
            remove_key: random::key()?,
            rename,
        })
    }
}

/// The address of what a search finds: where words are sought, *Recherche*; otherwise the list.
fn href(list: &List, organisation: &Organisation) -> String {
    let filters = Filters::of(list.clone());
    match filters.list.words {
        Some(_) => format!("/recherche?{}", filters.query(None, organisation)),
        None => filters.href(organisation),
    }
}

/// The address at which a list can be kept.
pub(super) fn keep(filters: &Filters, organisation: &Organisation) -> String {
    format!("/recherche/enregistrer?{}", filters.after(None).query(None, organisation))
}

#[derive(Template)]
#[template(path = "save_search.html")]
struct SavePage {
    frame: Frame,
    alert: Option<Alert>,
    said: String,
    count: String,
    /// Where the list is read.
    href: String,
    form: FormView,
}

/// `GET /recherche/enregistrer`
pub(crate) async fn form(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let filters = read(query, &session)?;
    let name = filters.list.words.clone().unwrap_or_default();
    let typed = Fields::default().with("name", name);
    html(StatusCode::OK, &SavePage::load(&web, &session, &filters, &typed, &[]).await?)
}

/// `POST /recherche/enregistrer`
pub(crate) async fn save(
    State(web): State<Web>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    let filters = read(query, session).map_err(|failure| failure.keeping(fields))?;
    let new = NewSearch {
        name: fields.text("name").to_owned(),
        list: filters.list.clone(),
        alert: fields.text("alert") == "1",
    };
    match web.app.save_search(&session.caller, key(fields), new).await {
        Ok(_) => Ok(done(Form::Save)),
        Err(error) => {
            let Told { status, errors, typed } = Refused::from(error).told(fields)?;
            html(status, &SavePage::load(&web, session, &filters, &typed, &errors).await?)
        }
    }
}

/// `GET /recherche/enregistrees/{id}`: what the search finds now.
pub(crate) async fn open(
    State(web): State<Web>,
    session: Session,
    Named(id): Named<String>,
) -> Result<Redirect, Failure> {
    let search = find(&web, &session, &id).await?;
    Ok(Redirect::to(&href(&search.list, &session.caller.organisation)))
}

/// `GET /recherche/enregistrees/{id}/{form}`: the address that a refused form leaves in the browser.
pub(crate) async fn back(Named((id, form)): Named<(SavedSearchId, String)>) -> Redirect {
    match form.parse() {
        Ok(Form::Rename) => Redirect::to(&format!("/recherche#action-rename-{id}")),
        _ => Redirect::to("/recherche#enregistrees"),
    }
}

/// `POST /recherche/enregistrees/{id}/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named((id, form)): Named<(SavedSearchId, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let form: Form = form.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    let outcome = match form {
        Form::Save => return Err(Kind::NotFound.into()),
        Form::Remove => web.app.remove_search(&session.caller, key(fields), id).await,
        Form::Rename | Form::AlertOn | Form::AlertOff => {
            let change = form.change(fields);
            web.app.change_search(&session.caller, key(fields), id, change).await.map(drop)
        }
    };
    match outcome {
        Ok(()) => Ok(done(form)),
        Err(error) => {
            let mut told = Refused::from(error).told(fields)?;
            if form != Form::Rename {
                // Its form has no field: the name stands in the other one, as it is.
                let search = find(&web, session, &id.to_string()).await?;
                told.typed = Fields::default().with("name", search.name);
            }
            let kept = Kept::load(&web, session, None, Some((id, &told))).await?;
            search::refused(told.status, session, kept)
        }
    }
}

fn key(fields: &Fields) -> Key {
    Key(fields.text("idempotencyKey").to_owned())
}

fn done(form: Form) -> Response {
    Redirect::to(&format!("/recherche?fait={}#enregistrees", <&str>::from(form))).into_response()
}

fn read(query: Option<String>, session: &Session) -> Result<Filters, Failure> {
    let filters = Filters::read(&query.unwrap_or_default(), None, &session.caller.organisation);
    Ok(filters.ok_or(Kind::Unreadable)?)
}

async fn find(web: &Web, session: &Session, id: &str) -> Result<SavedSearch, Failure> {
    let searches = web.app.saved_searches(&session.caller).await?;
    let found = searches.into_iter().find(|search| search.id.to_string() == id);
    Ok(found.ok_or(Kind::NotFound)?)
}

impl SavePage {
    async fn load(
        web: &Web,
        session: &Session,
        filters: &Filters,
        typed: &Fields,
        errors: &[FieldError],
    ) -> Result<Self, Failure> {
        let (caller, organisation) = (&session.caller, &session.caller.organisation);
        let count = web.app.count(caller, &filters.list).await?;
        let key = match typed.text("idempotencyKey") {
            "" => random::key()?,
            key => key.to_owned(),
        };
        let form = FormView {
            id: "action-save".to_owned(),
            action: keep(filters, organisation),
            button: "Enregistrer la recherche",
            intro: None,
            open: true,
            token: session.token(),
            key,
            version: None,
            fields: draw("save", SAVE, typed, errors, &Units::none()),
        };
        Ok(Self {
            frame: Frame::of("Enregistrer une recherche", session, Here::Search),
            alert: (!errors.is_empty()).then(|| Alert::of(errors, Some(&form))),
            said: list::sentence(filters, organisation),
            count: words::counted(count, "dossier", "dossiers"),
            href: href(&filters.list, organisation),
            form,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, NASTY};
    use pli_domain::actor::Role;
    use pli_domain::time::Timestamp;
    use uuid::Uuid;

    fn kept(number: u128, name: &str, query: &str, alert: bool) -> SavedSearch {
        let list = Filters::read(query, None, &samples::organisation()).unwrap().list;
        let id = SavedSearchId(Uuid::from_u128(number));
        SavedSearch {
            id,
            name: name.to_owned(),
            list,
            alert,
            saved_at: Timestamp::new(chrono::DateTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn a_search_leads_where_it_is_read_and_says_what_it_is() {
        let session = samples::session(&[(Role::Clerk, "SG")]);
        let searches = [
            kept(1, NASTY, "q=prison&type=courrier", true),
            kept(2, "Retards de la DACS", "etat=ouverts&retard=tous&service=DACS", false),
        ];
        let shown = searches[1].list.clone();
        let kept = Kept::new(&session, &searches, false, Some(&shown), None).unwrap();
        let rows: Vec<_> =
            kept.rows.iter().map(|row| (row.href.as_str(), row.said.replace('\u{a0}', " "))).collect();
        assert_eq!(
            rows,
            [
                (
                    "/recherche?type=courrier&q=prison",
                    "Dossiers, type « Courrier », contenant « prison »".to_owned()
                ),
                ("/dossiers?service=DACS&retard=tous", "Dossiers en retard, service DACS".to_owned()),
            ]
        );
        assert_eq!(kept.current.as_deref(), Some("Retards de la DACS"));
    }
}
