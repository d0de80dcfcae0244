//! One dossier on one page: who has it, since when, until when and why, and what comes next.

mod batch;
pub(super) mod circuit;
pub(super) mod draft;
pub(super) mod forms;
pub(super) mod journal;
pub(super) mod published;
#[cfg(test)]
mod tests;
pub(super) mod view;

use std::collections::BTreeMap;

use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use pli_app::{Attached, Error, Key, Line, NearQuestion, Order, Published, Sheet};
use pli_domain::actor::Who;
use pli_domain::dossier::{Action, Body, Command, Event, MailFacts, Outcome, Stage};
use pli_domain::ids::{CompartmentId, DossierId, UserId};
use pli_domain::member::Member;
use pli_domain::published::PublishedQuestion;

use crate::Web;
use crate::actions::{Found, command, fields};
use crate::failure::{Failure, Kind, html, status};
use crate::fields::{Fields, InAddress};
use crate::form::FieldError;
use crate::pages::intake::Alike;
use crate::pages::signature;
use crate::post::{Named, Posted};
use crate::session::Session;
use crate::upload::{Uploaded, document};
use draft::{Answer, Reading};
use view::DossierPage;

/// How many pages of a journal are shown, of a hundred entries each.
const JOURNAL_PAGES: u8 = 5;

/// A dossier with all that its page shows.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) sheet: Sheet,
    pub(super) lines: Vec<Line>,
    /// Whether the journal is longer than that.
    more: bool,
    names: BTreeMap<UserId, String>,
    /// The current text of the answer.
    draft: Option<String>,
    /// The answer as it is read.
    pub(super) answer: Option<Answer>,
    published: Option<Published>,
    /// Who attends the sitting of a question for the ministry.
    attendee: Option<String>,
    record: Option<PublishedQuestion>,
    /// The member of Parliament who wrote or asked.
    member: Option<Member>,
    documents: Vec<Attached>,
    duplicate_of: Option<String>,
    /// The letters that may be the same, until it is given to a unit.
    alike: Vec<Alike>,
    /// The questions of its batch, the lead question first.
    batch: Vec<Sheet>,
    /// The questions that look like it.
    near: Vec<NearQuestion>,
    /// The compartments in which the person is named.
    compartments: BTreeMap<CompartmentId, String>,
    /// Why each deadline is what it is.
    why: Vec<Vec<String>>,
    pub(super) today: NaiveDate,
}

/// A form that was refused, with what was typed in it.
#[derive(Debug)]
pub(super) struct Attempt {
    action: Action,
    typed: Fields,
    errors: Vec<FieldError>,
}

/// The page on which a form is filled: its answer goes back there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Desk {
    /// The dossier's own.
    Dossier,
    /// The one that goes from signature to signature.
    Signature,
}

impl Desk {
    fn path(self) -> &'static str {
        match self {
            Self::Dossier => "/dossiers",
            Self::Signature => "/signature",
        }
    }

    /// Whether an action is done there.
    pub(super) fn offers(self, action: Action) -> bool {
        self == Self::Dossier || matches!(action, Action::Approve | Action::Sign | Action::SendBack)
    }
}

/// What was asked by a form.
pub(super) struct Asked {
    pub(super) action: Action,
    pub(super) sheet: Sheet,
    pub(super) posted: Posted,
    pub(super) desk: Desk,
}

/// `GET /dossiers/{reference}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(reference): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let sheet = find(&web, &session, &reference).await?;
    let loaded = Loaded::of(&web, &session, sheet, Reading::parse(&query)?).await?;
    let done = loaded.done(session.caller.actor.who, query.text("fait"));
    let done = done.or_else(|| loaded.joined(query.text("groupee")));
    html(StatusCode::OK, &DossierPage::new(&session, &loaded, None, done)?)
}

/// `GET /dossiers/{reference}/{action}`: the address that a refused form leaves in the browser.
pub(crate) async fn back(Named((reference, action)): Named<(String, String)>) -> Result<Redirect, Failure> {
    let action: Action = action.parse().map_err(|_| Kind::NotFound)?;
    let path: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
    Ok(Redirect::to(&format!("/dossiers/{path}#action-{}", <&str>::from(action))))
}

/// `POST /dossiers/{reference}/{action}`
pub(crate) async fn act(
    State(web): State<Web>,
    Named((reference, action)): Named<(String, String)>,
    request: Request,
) -> Result<Response, Failure> {
    let action: Action = action.parse().map_err(|_| Kind::NotFound)?;
    fields(action).ok_or(Kind::NotFound)?;
    let Uploaded { posted, refused } = match action {
        Action::Attach => Uploaded::from_request(request, &web).await?,
        _ => Posted::from_request(request, &web).await?.into(),
    };
    // The dossier may have left the person's sight while they were writing: what they wrote is shown again.
    let found = find(&web, &posted.session, &reference).await;
    let sheet = found.map_err(|failure| failure.keeping(&posted.fields))?;
    let asked = Asked { action, sheet, posted, desk: Desk::Dossier };
    if let Some(refused) = refused {
        return asked.refuse(&web, StatusCode::UNPROCESSABLE_ENTITY, vec![refused], true).await;
    }
    asked.answer(&web).await
}

pub(super) async fn find(web: &Web, session: &Session, reference: &str) -> Result<Sheet, Failure> {
    let found = web.app.dossier_by_reference(&session.caller, reference).await?;
    found.ok_or_else(|| Kind::NotFound.into())
}

impl Asked {
    /// Does what is asked, or says why not.
    pub(super) async fn answer(self, web: &Web) -> Result<Response, Failure> {
        match self.command(web).await? {
            Ok(command) => self.run(web, command).await,
            Err(errors) => self.refuse(web, StatusCode::UNPROCESSABLE_ENTITY, errors, true).await,
        }
    }

    /// The command that the form makes.
    async fn command(&self, web: &Web) -> Result<Result<Command, Vec<FieldError>>, Failure> {
        let Posted { session, fields } = &self.posted;
        let mut found = Found::default();
        match self.action {
            Action::MarkDuplicate => found.other = self.other(web, fields.text("of")).await?,
            Action::JoinBatch => found.other = self.other(web, fields.text("with")).await?,
            Action::Attach => match document(&web.app, &self.posted).await {
                Ok(document) => found.document = document,
                Err(error @ Error::Refused(_)) => return Ok(Err(vec![FieldError::of(&error)])),
                Err(error) => return Err(error.into()),
            },
            _ => {}
        }
        Ok(command(self.action, fields, &session.caller.organisation, &found))
    }

    /// The dossier of which this one is the duplicate.
    async fn other(&self, web: &Web, reference: &str) -> Result<Option<DossierId>, Failure> {
        let found = web.app.dossier_by_reference(&self.posted.session.caller, reference).await?;
        Ok(found.map(|sheet| sheet.dossier.id))
    }

    async fn run(self, web: &Web, command: Command) -> Result<Response, Failure> {
        let Posted { session, fields } = &self.posted;
        let order = Order {
            dossier: self.sheet.dossier.id,
            version: Some(fields.text("version").parse().map_err(|_| Kind::Unreadable)?),
            key: Key(fields.text("idempotencyKey").to_owned()),
            command,
        };
        match web.app.act(&session.caller, order).await {
            Ok(_) if self.desk == Desk::Signature => {
                signature::onward(web, session, &self.sheet, self.action).await
            }
            Ok(sheet) => Ok(self.done(&sheet)),
            Err(error @ (Error::NotFound | Error::Internal(_))) => Err(Failure::from(error).keeping(fields)),
            Err(error) => {
                let keep_key = !matches!(error, Error::KeyReused);
                self.refuse(web, status(&error), vec![FieldError::of(&error)], keep_key).await
            }
        }
    }

    /// Back to the dossier, or to the list when it is another's from now on.
    fn done(&self, after: &Sheet) -> Response {
        let action: &'static str = self.action.into();
        // Added from the page of the lead question: one goes on from there.
        if self.action == Action::JoinBatch && !self.posted.fields.text("retour").is_empty() {
            let lead: String =
                form_urlencoded::byte_serialize(self.posted.fields.text("with").as_bytes()).collect();
            return Redirect::to(&format!("/dossiers/{lead}?groupee={}#lot", after.dossier.reference))
                .into_response();
        }
        let path = if after.dossier.is_in(&self.posted.session.caller.scope) {
            format!("/dossiers/{}?fait={action}", after.dossier.reference)
        } else {
            format!("/dossiers?fait={action}")
        };
        Redirect::to(&path).into_response()
    }

    /// The same page, as the dossier stands now, with what is wrong and all that was typed. The key stays, so that a form
    /// sent again after a failure half-way is done once.
    async fn refuse(
        self,
        web: &Web,
        status: StatusCode,
        errors: Vec<FieldError>,
        keep_key: bool,
    ) -> Result<Response, Failure> {
        let Posted { session, fields } = self.posted;
        let typed = if keep_key { fields } else { fields.without("idempotencyKey") };
        let shown = async {
            let sheet = find(web, &session, &self.sheet.dossier.reference).await?;
            let attempt = Attempt { action: self.action, typed: typed.clone(), errors };
            if self.desk == Desk::Signature {
                let query = Fields::default();
                return signature::page(web, &session, sheet, &query, Some(&attempt), status).await;
            }
            let loaded = Loaded::of(web, &session, sheet, Reading::default()).await?;
            html(status, &DossierPage::new(&session, &loaded, Some(&attempt), None)?)
        };
        shown.await.map_err(|failure: Failure| failure.keeping(&typed))
    }
}

/// The member of Parliament who wrote the letter or put the question, when it is known which.
async fn author(web: &Web, sheet: &Sheet, published: Option<&Published>) -> Result<Option<Member>, Failure> {
    let id = match &sheet.dossier.body {
        Body::Mail(mail) => mail.member,
        Body::Question(_) => published.and_then(|published| published.member),
    };
    match id {
        Some(id) => Ok(web.app.member(id).await?),
        None => Ok(None),
    }
}

impl Loaded {
    pub(super) async fn of(
        web: &Web,
        session: &Session,
        sheet: Sheet,
        reading: Reading,
    ) -> Result<Self, Failure> {
        let (app, caller) = (&web.app, &session.caller);
        let (mut lines, mut more) = (Vec::new(), true);
        for _ in 0..JOURNAL_PAGES {
            let after = lines.last().map_or(0, |line: &Line| line.entry.seq);
            let page = app.journal(caller, sheet.dossier.id, after, 100).await?;
            lines.extend(page.items);
            more = page.more;
            if !more {
                break;
            }
        }
        let published = match &sheet.dossier.body {
            Body::Question(facts) => app.published(&facts.identity).await?,
            Body::Mail(_) => None,
        };
        let record = match &published {
            Some(published) => app.published_record(&published.identity).await?,
            None => None,
        };
        let id = sheet.dossier.id;
        let documents = app.attachments(caller, &[id]).await?.remove(&id).unwrap_or_default();
        let (batch, near) = batch::of(web, session, &sheet).await?;
        let joiners = documents.iter().map(|attached| attached.who);
        let answer = Answer::of(web, session, &sheet, reading).await?;
        let writers = answer.iter().flat_map(Answer::writers);
        Ok(Self {
            names: app.names(people(&sheet, &lines).into_iter().chain(joiners).chain(writers)).await?,
            draft: match answer.as_ref().and_then(|answer| answer.current(&sheet)) {
                Some(text) => Some(text),
                None => app.draft(caller, &sheet).await?,
            },
            answer,
            duplicate_of: duplicate_of(web, session, &sheet, &lines).await?,
            alike: match sheet.dossier.stage {
                Stage::Registered => Alike::all(web, app.look_alikes(caller, &sheet).await?).await?,
                _ => Vec::new(),
            },
            why: app.explanations(caller, &sheet).await?,
            compartments: app.own_compartments(caller).await?,
            member: author(web, &sheet, published.as_ref()).await?,
            published,
            record,
            attendee: attendee(web, session, &sheet).await?,
            documents,
            batch,
            near,
            today: app.today(),
            sheet,
            lines,
            more,
        })
    }

    /// The name of a person.
    pub(super) fn name(&self, user: UserId) -> &str {
        journal::name(&self.names, user)
    }

    /// What to say of a question that was added to the batch from this page.
    fn joined(&self, reference: &str) -> Option<String> {
        let mate = self.batch.iter().find(|mate| mate.dossier.reference == reference)?;
        Some(format!("{} est dans le lot.", mate.dossier.reference))
    }

    /// What to say of an act, if it is this person's and the last one, or of the same moment: a letter is registered with
    /// its document.
    fn done(&self, who: Who, action: &str) -> Option<String> {
        let mut accepted = self.lines.iter().rev().filter(|line| line.entry.accepted).peekable();
        let last = accepted.peek()?.entry.at;
        let action: Action = action.parse().ok()?;
        let own = accepted
            .take_while(|line| line.entry.at == last)
            .any(|line| line.entry.who == who && line.entry.action == <&str>::from(action));
        let told = action.told().strip_prefix("a ")?;
        own.then(|| format!("Vous avez {told}."))
    }
}

/// Those who are named on the page.
fn people(sheet: &Sheet, lines: &[Line]) -> Vec<Who> {
    let dossier = &sheet.dossier;
    let proposer = match &dossier.body {
        Body::Mail(MailFacts { filing_proposed_by, .. }) => *filing_proposed_by,
        Body::Question(_) => None,
    };
    let author = dossier.draft.as_ref().map(|draft| draft.author);
    let named = [proposer, author, dossier.signed_by].into_iter().flatten().map(Who::User);
    lines.iter().map(|line| line.entry.who).chain(named).collect()
}

/// The reference of the dossier of which this one is the duplicate, when it may be read.
async fn duplicate_of(
    web: &Web,
    session: &Session,
    sheet: &Sheet,
    lines: &[Line],
) -> Result<Option<String>, Failure> {
    if sheet.dossier.stage != Stage::Closed(Outcome::Duplicate) {
        return Ok(None);
    }
    let of = lines.iter().rev().find_map(|line| match journal::event(line) {
        Some(Event::MarkedDuplicate { of, .. }) => Some(of),
        _ => None,
    });
    match of {
        Some(of) => Ok(web.app.dossier(&session.caller, of).await?.map(|sheet| sheet.dossier.reference)),
        None => Ok(None),
    }
}

/// Who attends the sitting of a question for the ministry, once that is said.
async fn attendee(web: &Web, session: &Session, sheet: &Sheet) -> Result<Option<String>, Failure> {
    let id = sheet.dossier.id;
    match sheet.dossier.sitting().and_then(|sitting| sitting.attendee.as_ref()) {
        Some(_) => Ok(web.app.attendees(&session.caller, &[id]).await?.remove(&id)),
        None => Ok(None),
    }
}
