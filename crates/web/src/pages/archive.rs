//! A published question, whichever ministry it is put to. It is public: everybody who is signed in may read it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::Published;
use pli_domain::french::French as _;
use pli_domain::identity::QuestionIdentity;

use super::dossier::published::{self, PublishedView};
use super::dossier::view::Fact;
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

#[derive(Template)]
#[template(path = "archive.html")]
struct ArchivePage {
    frame: Frame,
    identity: String,
    kind: &'static str,
    subject: String,
    /// The reference of its dossier, if there is one and this person may read it.
    dossier: Option<String>,
    published: PublishedView,
    facts: Vec<Fact>,
}

/// `GET /archives/{identity}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let identity: QuestionIdentity = name.parse().map_err(|_| Kind::NotFound)?;
    let published = web.app.published(&identity).await?.ok_or(Kind::NotFound)?;
    let record = web.app.published_record(&identity).await?;
    let dossier = web.app.dossier_by_reference(&session.caller, &identity.to_string()).await?;
    let mut facts = facts(&published);
    let member = match published.member {
        Some(id) => web.app.member(id).await?,
        None => None,
    };
    facts.extend(published::facts(&published, record.as_ref(), member.as_ref()));
    let page = ArchivePage {
        frame: Frame::of(&published.subject, &session, Here::Elsewhere),
        identity: identity.to_string(),
        kind: identity.kind.french(),
        subject: published.subject.clone(),
        dossier: dossier.map(|sheet| sheet.dossier.reference),
        published: PublishedView::new(&published, record.as_ref()),
        facts,
    };
    html(StatusCode::OK, &page)
}

/// Which question it is, and since when it is published.
fn facts(published: &Published) -> Vec<Fact> {
    let fact = |name, value| Fact { name, value, href: None };
    let identity = &published.identity;
    let mut facts = vec![
        fact("Assemblée", identity.house.french().to_owned()),
        fact("Législature ou année", identity.term.to_string()),
        fact("Numéro", identity.number.to_string()),
    ];
    facts.extend(published.published_on.map(|on| fact("Publiée le", words::date(on))));
    facts
}
