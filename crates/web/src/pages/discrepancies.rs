//! « Écarts »: where the public record contradicts the office, and what a coordinator decides of each.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Discrepant, Key, Page};
use pli_domain::dossier::{Action, Held};
use pli_domain::ids::DiscrepancyId;

use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FormView, Input, Spec, Units, draw};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random, words};

/// How many a page holds.
const PAGE: u64 = 25;

const ADOPT: &str = "retenir";
const DISMISS: &str = "ecarter";

const REASON: &[Spec] = &[Spec::new("note", "Motif", Input::Long(2))];

/// A discrepancy, and what may be done about it.
#[derive(Debug)]
struct Row {
    id: String,
    reference: String,
    subject: String,
    label: &'static str,
    held: String,
    published: String,
    since: String,
    forms: Option<(FormView, FormView)>,
}

#[derive(Template)]
#[template(path = "discrepancies.html")]
struct DiscrepanciesPage {
    frame: Frame,
    done: Option<String>,
    alert: Option<Alert>,
    total: String,
    rows: Vec<Row>,
    /// Whether some are the reader's to settle.
    decides: bool,
    first: Option<&'static str>,
    next: Option<String>,
}

/// A form that was refused: on which discrepancy, and what to say.
type Again<'a> = Option<(DiscrepancyId, &'a Told)>;

/// `GET /ecarts`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let after = match query.text("apres") {
        "" => None,
        id => Some(id.parse().map_err(|_| Kind::Unreadable)?),
    };
    let mut page = load(&web, &session, after, None).await?;
    page.done = match query.text("fait") {
        ADOPT => Some(format!("{}\u{a0}: la valeur publiée est retenue.", query.text("dossier"))),
        DISMISS => Some(format!("{}\u{a0}: notre valeur est gardée.", query.text("dossier"))),
        _ => None,
    };
    html(StatusCode::OK, &page)
}

/// `GET /ecarts/{id}/{verdict}`: the address that a refused form leaves in the browser.
pub(crate) async fn back() -> Redirect {
    Redirect::to("/ecarts")
}

/// `POST /ecarts/{id}/{verdict}`
pub(crate) async fn settle(
    State(web): State<Web>,
    Named((id, verdict)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { session, fields } = &posted;
    let id: DiscrepancyId = id.parse().map_err(|_| Kind::NotFound)?;
    let key = Key(fields.text("idempotencyKey").to_owned());
    let done = match verdict.as_str() {
        ADOPT => web.app.adopt_discrepancy(&session.caller, key, id).await,
        DISMISS => {
            web.app.dismiss_discrepancy(&session.caller, key, id, fields.text("note").to_owned()).await
        }
        _ => return Err(Kind::NotFound.into()),
    };
    match done {
        Ok(sheet) => {
            let reference = words::segment(&sheet.dossier.reference);
            Ok(Redirect::to(&format!("/ecarts?fait={verdict}&dossier={reference}")).into_response())
        }
        Err(error) => {
            let told = Refused::App(error).told(fields)?;
            let page = load(&web, session, None, Some((id, &told))).await?;
            html(told.status, &page)
        }
    }
}

async fn load(
    web: &Web,
    session: &Session,
    after: Option<DiscrepancyId>,
    again: Again<'_>,
) -> Result<DiscrepanciesPage, Failure> {
    let found = web.app.discrepancies(&session.caller, after, PAGE).await?;
    let total = web.app.count_discrepancies(&session.caller).await?;
    DiscrepanciesPage::new(session, after.is_some(), &found, total, again)
}

impl DiscrepanciesPage {
    fn new(
        session: &Session,
        later: bool,
        found: &Page<Discrepant>,
        total: u64,
        again: Again<'_>,
    ) -> Result<Self, Failure> {
        let rows =
            found.items.iter().map(|one| Row::new(session, one, again)).collect::<Result<Vec<_>, _>>()?;
        let open = rows.iter().filter_map(|row| row.forms.as_ref()).map(|(_, dismiss)| dismiss);
        let open = open.into_iter().find(|form| form.open);
        let last = found.items.last().filter(|_| found.more);
        Ok(Self {
            frame: Frame::of("Écarts", session, Here::Discrepancies),
            done: None,
            alert: again.map(|(_, told)| Alert::of(&told.errors, open)),
            total: words::counted(total, "écart à trancher", "écarts à trancher"),
            first: later.then_some("/ecarts"),
            next: last.map(|last| format!("/ecarts?apres={}", last.found.id)),
            decides: rows.iter().any(|row| row.forms.is_some()),
            rows,
        })
    }
}

impl Row {
    fn new(session: &Session, one: &Discrepant, again: Again<'_>) -> Result<Self, Failure> {
        let Discrepant { found, sheet, held } = one;
        let caller = &session.caller;
        let decides = sheet.dossier.allowed(&caller.actor, &caller.organisation).contains(&Action::Dismiss);
        let told = again.filter(|(id, _)| *id == found.id).map(|(_, told)| told);
        let forms = if decides { Some(forms(session, found.id, told)?) } else { None };
        Ok(Self {
            id: found.id.to_string(),
            reference: sheet.dossier.reference.clone(),
            subject: sheet.subject.clone(),
            label: found.point.label(),
            held: held.map_or_else(|| "corrigé depuis".to_owned(), Held::french),
            published: found.point.published(),
            since: words::date(found.at.paris_date()),
            forms,
        })
    }
}

/// One button adopts; dismissing takes a reason.
fn forms(session: &Session, id: DiscrepancyId, told: Option<&Told>) -> Result<(FormView, FormView), Failure> {
    let form = |verdict: &str, button, open, fields| {
        Ok::<_, Failure>(FormView {
            id: format!("{verdict}-{id}"),
            action: format!("/ecarts/{id}/{verdict}"),
            button,
            intro: None,
            open,
            token: session.token(),
            key: random::key()?,
            version: None,
            fields,
        })
    };
    let nothing = Fields::default();
    let (typed, errors) = told.map_or((&nothing, &[][..]), |told| (&told.typed, &told.errors));
    let reason = draw(&format!("ecart-{id}"), REASON, typed, errors, &Units::none());
    Ok((
        form(ADOPT, "Retenir la valeur publiée", false, Vec::new())?,
        form(DISMISS, "Garder notre valeur", told.is_some(), reason)?,
    ))
}
