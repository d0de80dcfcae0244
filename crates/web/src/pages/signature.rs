//! What waits for one's approval or signature: the list, then one dossier after the other.
//!
//! What one has seen is kept when one decides, or says « J’ai lu »: a page that is only shown changes nothing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use pli_app::{Acts, Look, Place, Queue, Sheet, Waiting};
use pli_domain::deadline::Standing;
use pli_domain::dossier::Action;
use pli_domain::french::French as _;
use pli_domain::ids::DossierId;

use super::documents::DocumentView;
use super::dossier::circuit::{self, Step};
use super::dossier::draft::{DraftView, Reading};
use super::dossier::forms::Forms;
use super::dossier::published::PublishedView;
use super::dossier::view::{Fact, documents, facts, published};
use super::dossier::{Asked, Attempt, Desk, Loaded, find};
use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FormView};
use crate::frame::{Frame, Here};
use crate::post::{Named, Posted};
use crate::session::Session;
use crate::words;

/// How many dossiers a page of the list holds.
const PAGE: usize = 50;

/// A dossier in the list.
#[derive(Debug)]
struct Row {
    reference: String,
    subject: String,
    sender: String,
    action: &'static str,
    /// What the person has seen of the draft.
    seen: String,
    /// Whether there is something that they have not seen.
    new: bool,
    by: Option<String>,
    /// Whether that day has passed.
    missed: bool,
    due: Option<String>,
    standing: String,
    late: bool,
}

/// A part of the list, and how many it holds.
#[derive(Debug)]
struct Facet {
    label: &'static str,
    count: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "signatures.html")]
struct ListPage {
    frame: Frame,
    heading: String,
    done: Option<String>,
    /// Empty when all of it is of one sort.
    facets: Vec<Facet>,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "signature.html")]
struct SignaturePage {
    frame: Frame,
    reference: String,
    kind: &'static str,
    subject: String,
    done: Option<String>,
    /// « Visa attendu », or why there is nothing to decide.
    asked: &'static str,
    by: Option<String>,
    missed: bool,
    due: Option<String>,
    standing: String,
    late: bool,
    /// « 2 sur 5 ».
    rank: Option<String>,
    /// What the person has seen of the draft.
    seen: Option<String>,
    /// The form that says that the version has been read.
    read: Option<ReadForm>,
    alert: Option<Alert>,
    /// To approve, or to sign.
    decide: Option<FormView>,
    /// The key that does it.
    key: &'static str,
    send_back: Option<FormView>,
    draft: Option<DraftView>,
    circuit: Vec<Step>,
    facts: Vec<Fact>,
    published: Option<PublishedView>,
    documents: Vec<DocumentView>,
    previous: Option<String>,
    next: Option<String>,
}

/// « J’ai lu ».
#[derive(Debug)]
struct ReadForm {
    token: String,
    version: u32,
}

/// What is asked: its word in the address, its words in the list, and the key that does it.
const ASKED: [(&str, Action, &str, &str); 2] =
    [("visa", Action::Approve, "À viser", "v"), ("signature", Action::Sign, "À signer", "s")];

/// `GET /signature`
pub(crate) async fn list(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let action = match query.text("acte") {
        "" => None,
        code => Some(ASKED.iter().find(|(one, ..)| *one == code).ok_or(Kind::Unreadable)?.1),
    };
    let after = match query.text("apres") {
        "" => None,
        text => Some(place(text).ok_or(Kind::Unreadable)?),
    };
    let queue = web.app.queue(&session.caller).await?;
    let page = queue.page(action, after, PAGE);
    let next = page.items.last().filter(|_| page.more).map(|last| href(action, Some(*last)));
    let waiting = web.app.waiting(&session.caller, &page.items).await?;
    let today = web.app.today();
    let list = ListPage {
        frame: Frame::of("Signature", &session, Here::Signature),
        heading: heading(&queue, action),
        done: done(&web, &session, query.text("fait")).await?,
        facets: facets(&queue, action),
        rows: waiting.iter().map(|waiting| Row::new(waiting, today)).collect(),
        first: after.map(|_| href(action, None)),
        next,
    };
    html(StatusCode::OK, &list)
}

/// `GET /signature/{reference}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(reference): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let sheet = find(&web, &session, &reference).await?;
    page(&web, &session, sheet, &query, None, StatusCode::OK).await
}

/// `GET /signature/{reference}/{action}`: the address that a refused form leaves in the browser.
pub(crate) async fn back(Named((reference, _)): Named<(String, String)>) -> Redirect {
    Redirect::to(&path(&reference))
}

/// `GET /signature/{reference}/lu`: the same.
pub(crate) async fn back_to(Named(reference): Named<String>) -> Redirect {
    Redirect::to(&path(&reference))
}

/// `POST /signature/{reference}/{action}`
pub(crate) async fn act(
    State(web): State<Web>,
    Named((reference, action)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let action: Action = action.parse().map_err(|_| Kind::NotFound)?;
    if !Desk::Signature.offers(action) {
        return Err(Kind::NotFound.into());
    }
    let found = find(&web, &posted.session, &reference).await;
    let sheet = found.map_err(|failure| failure.keeping(&posted.fields))?;
    Asked { action, sheet, posted, desk: Desk::Signature }.answer(&web).await
}

/// `POST /signature/{reference}/lu`
pub(crate) async fn read(
    State(web): State<Web>,
    Named(reference): Named<String>,
    posted: Posted,
) -> Result<Redirect, Failure> {
    let sheet = find(&web, &posted.session, &reference).await?;
    let version = posted.fields.text("seen").parse().map_err(|_| Kind::Unreadable)?;
    web.app.mark_read(&posted.session.caller, sheet.dossier.id, version).await?;
    Ok(Redirect::to(&path(&sheet.dossier.reference)))
}

/// After an act: to the next dossier in line, or back to the list.
pub(super) async fn onward(
    web: &Web,
    session: &Session,
    before: &Sheet,
    action: Action,
) -> Result<Response, Failure> {
    let place = Place::of_sheet(before, &session.caller.delays);
    let next = web.app.queue(&session.caller).await?.next(place);
    let [next] = names(web, session, [next]).await?;
    let path = next.map_or_else(|| "/signature".to_owned(), |reference| path(&reference));
    Ok(Redirect::to(&format!("{path}?fait={}", <&str>::from(action))).into_response())
}

/// The page of one dossier, read as the address asks; unless it says otherwise, what has changed since this person's last
/// look is shown.
pub(super) async fn page(
    web: &Web,
    session: &Session,
    sheet: Sheet,
    query: &Fields,
    attempt: Option<&Attempt>,
    status: StatusCode,
) -> Result<Response, Failure> {
    let id = sheet.dossier.id;
    let place = Place::of_sheet(&sheet, &session.caller.delays);
    let queue = web.app.queue(&session.caller).await?;
    let [previous, next] = names(web, session, [queue.previous(place), queue.next(place)]).await?;
    let look = web.app.looks(&session.caller, &[id]).await?.remove(&id);
    let rank = queue.rank(id).map(|rank| format!("{rank} sur {}", queue.count(None)));
    let done = done(web, session, query.text("fait")).await?;
    let mut reading = Reading::parse(query)?;
    if query.all("depuis").next().is_none() {
        let read = reading.version.or_else(|| sheet.dossier.draft.as_ref().map(|draft| draft.version));
        reading.since = look.map(|look| look.version).filter(|seen| Some(*seen) < read);
    }
    let loaded = Loaded::of(web, session, sheet, reading).await?;
    let around = Around { rank, previous, next, look, done };
    html(status, &SignaturePage::new(session, &loaded, attempt, around)?)
}

/// What is known of a dossier's place in line.
struct Around {
    rank: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    look: Option<Look>,
    done: Option<String>,
}

/// The references of some dossiers.
async fn names<const N: usize>(
    web: &Web,
    session: &Session,
    ids: [Option<DossierId>; N],
) -> Result<[Option<String>; N], Failure> {
    let wanted: Vec<_> = ids.into_iter().flatten().collect();
    let sheets = web.app.some_dossiers(&session.caller, &wanted).await?;
    let name = |id| sheets.iter().find(|sheet| sheet.dossier.id == id);
    Ok(ids.map(|id| id.and_then(name).map(|sheet| sheet.dossier.reference.clone())))
}

/// What to say of an act, if it is the last one of this person.
async fn done(web: &Web, session: &Session, action: &str) -> Result<Option<String>, Failure> {
    let Some(action) = action.parse::<Action>().ok().filter(|action| Desk::Signature.offers(*action)) else {
        return Ok(None);
    };
    let mine = Acts { who: Some(session.caller.actor.who), ..Acts::default() };
    let last = web.app.register(&session.caller, &mine, None, 1).await?.items.pop();
    let last = last.filter(|last| last.line.entry.accepted && last.line.entry.action == <&str>::from(action));
    let told = action.told().strip_prefix("a ").unwrap_or_default();
    Ok(last.map(|last| format!("Vous avez {told}\u{a0}: {}, {}.", last.reference, last.subject)))
}

fn path(reference: &str) -> String {
    let reference: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
    format!("/signature/{reference}")
}

/// The address of the list.
fn href(action: Option<Action>, after: Option<Place>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some((code, ..)) = ASKED.iter().find(|(_, one, ..)| Some(*one) == action) {
        query.append_pair("acte", code);
    }
    if let Some(Place { by, due_on, id }) = after {
        query.append_pair("apres", &format!("{by}_{due_on}_{id}"));
    }
    match query.finish() {
        query if query.is_empty() => "/signature".to_owned(),
        query => format!("/signature?{query}"),
    }
}

fn place(word: &str) -> Option<Place> {
    let (by, rest) = word.split_once('_')?;
    let (due_on, id) = rest.split_once('_')?;
    Some(Place { by: by.parse().ok()?, due_on: due_on.parse().ok()?, id: id.parse().ok()? })
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn heading(queue: &Queue, action: Option<Action>) -> String {
    let what = match action {
        Some(Action::Approve) => "votre visa",
        Some(_) => "votre signature",
        None => "votre décision",
    };
    match queue.count(action) {
        0 => format!("Aucun dossier n’attend {what}"),
        1 => format!("1\u{a0}dossier attend {what}"),
        count => format!("{}\u{a0}dossiers attendent {what}", words::number(number(count))),
    }
}

/// All, then each sort; none when there is one sort only.
fn facets(queue: &Queue, chosen: Option<Action>) -> Vec<Facet> {
    let facet = |label, action| Facet {
        label,
        count: words::number(number(queue.count(action))),
        href: href(action, None),
        current: action == chosen,
    };
    if chosen.is_none() && ASKED.iter().any(|(_, action, ..)| queue.count(Some(*action)) == 0) {
        return Vec::new();
    }
    let each = ASKED.iter().map(|(_, action, label, _)| facet(*label, Some(*action)));
    [facet("Tous", None)].into_iter().chain(each).collect()
}

/// What a person has seen of a draft, and whether there is something new in it.
fn seen(sheet: &Sheet, look: Option<Look>) -> (String, bool) {
    let version = sheet.dossier.draft.as_ref().map_or(0, |draft| draft.version);
    match look {
        None => (format!("version {version}, que vous n’avez pas encore lue"), true),
        Some(look) if look.version < version => {
            (format!("version {version}\u{a0}; vous aviez lu la {}", look.version), true)
        }
        Some(_) => (format!("version {version}, déjà lue"), false),
    }
}

impl Row {
    fn new(waiting: &Waiting, today: NaiveDate) -> Self {
        let Waiting { sheet, action, by, look } = waiting;
        let standing = sheet.dossier.term().standing(today);
        let (seen, new) = seen(sheet, *look);
        Self {
            reference: sheet.dossier.reference.clone(),
            subject: sheet.subject.clone(),
            sender: sheet.sender.clone().unwrap_or_default(),
            action: action.french(),
            seen,
            new,
            by: by.map(words::date),
            missed: by.is_some_and(|by| by < today),
            due: sheet.dossier.due_on().map(words::date),
            standing: standing.french(),
            late: matches!(standing, Standing::Late { .. }),
        }
    }
}

impl SignaturePage {
    fn new(
        session: &Session,
        loaded: &Loaded,
        attempt: Option<&Attempt>,
        around: Around,
    ) -> Result<Self, Failure> {
        let dossier = &loaded.sheet.dossier;
        let Forms { mut main, mut others, alert, .. } =
            Forms::new(session, loaded, attempt, Desk::Signature)?;
        // The stage calls for one of the two, never both.
        let decide = main.pop();
        let asked = ASKED
            .iter()
            .find(|(_, action, ..)| decide.as_ref().is_some_and(|form| form.button == action.french()));
        let waits = around.rank.is_some();
        let title = format!("Signature\u{a0}: {}", dossier.reference);
        let target = dossier.targets(&session.caller.delays).first().map(|target| target.on);
        let target = target.filter(|_| waits);
        let standing = dossier.term().standing(loaded.today);
        let (seen, new) = seen(&loaded.sheet, around.look);
        let version = dossier.draft.as_ref().map(|draft| draft.version);
        Ok(Self {
            frame: Frame::of(&title, session, Here::Signature),
            reference: dossier.reference.clone(),
            kind: dossier.kind().french(),
            subject: loaded.sheet.subject.clone(),
            done: around.done,
            asked: asked.map_or("Rien", |(_, _, label, _)| *label),
            key: asked.map_or("", |(.., key)| *key),
            alert,
            decide,
            send_back: others.pop(),
            by: target.map(words::date),
            missed: target.is_some_and(|on| on < loaded.today),
            due: dossier.due_on().map(words::date),
            standing: standing.french(),
            late: matches!(standing, Standing::Late { .. }),
            rank: around.rank,
            seen: version.filter(|_| waits).map(|_| seen),
            read: version
                .filter(|_| waits && new)
                .map(|version| ReadForm { token: session.token(), version }),
            draft: DraftView::new(loaded, false),
            circuit: circuit::steps(loaded),
            facts: facts(loaded),
            published: published(loaded),
            documents: documents(loaded),
            previous: around.previous,
            next: around.next,
        })
    }
}
