//! Registering a letter: from an empty form to a chrono, by keyboard alone. What may have come before is shown while it is
//! typed, and asked about before a chrono is taken.

mod alike;
mod slip;

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Error, Intake, Key, Sheet};
use pli_domain::actor::Role;
use pli_domain::dossier::{Action, Body, Category, NewMail};
use pli_domain::french::French as _;
use pli_domain::ids::MemberId;
use pli_domain::member::Member;
use pli_domain::organisation::Organisation;
use pli_domain::refusal::Refusal;
use pli_domain::sender::Sender;
use strum::VariantArray as _;

pub(crate) use alike::{Alike, presented, senders, show as alike};
pub(crate) use slip::{label, slip};

use super::documents::DocumentView;
use crate::actions::channels;
use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::form::{Alert, FieldError, FormView, Input, Spec, Units, choices, draw};
use crate::frame::{Frame, Here};
use crate::post::Posted;
use crate::reading::Reading;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::upload::{ACCEPTED, DOCUMENT, Uploaded, document};
use crate::{Web, random};

fn categories() -> Vec<(&'static str, &'static str)> {
    choices(Category::VARIANTS)
}

const MAIL: &[Spec] = &[
    Spec::new("sender", "Expéditeur", Input::Line).hint("Nom et qualité, ou organisme, et lieu.").suggested(),
    Spec::new("subject", "Objet", Input::Line),
    Spec::new("category", "Nature", Input::Of(categories)).hint("Elle fixe le délai de réponse."),
    Spec::new("channel", "Mode d’arrivée", Input::Of(channels)),
    Spec::new("documentOn", "Date du document", Input::Date),
    Spec::new("receivedOn", "Date de réception", Input::Date).hint("Le délai court à partir de cette date."),
    Spec::new("firstReceivedOn", "Reçu d’abord par une autre administration le", Input::Date)
        .hint("Pour une requête qui nous a été transmise\u{a0}: le délai légal court à partir de cette date.")
        .optional(),
    Spec::new("urgent", "Urgence", Input::Check("Ce courrier est urgent")).optional(),
    Spec::new(DOCUMENT, "Document numérisé", Input::File).hint(ACCEPTED).optional(),
];

/// To whom the letter is reserved: asked of a clerk who is named somewhere.
const RESERVE: &[Spec] = &[Spec::new("compartment", "Réservé à", Input::Compartment)
    .hint("Seules les personnes de ce compartiment sauront que le courrier existe.")
    .optional()];

/// The letters at which the clerk has looked, and which are others: their identifiers.
const APART: &str = "apart";

/// The member of Parliament who was picked among the suggestions.
const MEMBER: &str = "member";

/// What the button « Enregistrer et continuer » says.
const THEN: &str = "then";

#[derive(Template)]
#[template(path = "intake.html")]
struct IntakePage {
    frame: Frame,
    /// The letter before, in a batch.
    last: Option<Last>,
    alert: Option<Alert>,
    form: FormView,
    alike: Vec<Alike>,
    /// Whether the clerk is asked about those, and so which they are.
    apart: Option<String>,
    /// Whether another letter is to follow.
    again: bool,
    /// The member of Parliament who was picked as the sender.
    member: String,
    /// The document that the form keeps, beside it.
    preview: Option<DocumentView>,
}

/// The letter that was registered just before.
#[derive(Debug)]
struct Last {
    reference: String,
    about: String,
    /// Who brought it again meanwhile.
    presented: Vec<String>,
}

impl IntakePage {
    /// The page, with what was typed and what is wrong with it.
    async fn new(
        web: &Web,
        session: &Session,
        typed: &Fields,
        errors: &[FieldError],
    ) -> Result<Self, Failure> {
        let code: &'static str = Action::Register.into();
        let named = web.app.own_compartments(&session.caller).await?;
        let asked = if named.is_empty() { &[][..] } else { RESERVE };
        let units = Units::none().with_compartments(&named);
        let mut fields = draw(code, MAIL, typed, errors, &units);
        fields.extend(draw(code, asked, typed, errors, &units));
        let form = FormView {
            id: format!("action-{code}"),
            action: "/courriers/nouveau".to_owned(),
            button: Action::Register.french(),
            intro: None,
            open: true,
            token: session.token(),
            key: random::key_of(typed)?,
            version: None,
            fields,
        };
        Ok(Self {
            frame: Frame::of("Enregistrer un courrier", session, Here::NewMail),
            last: None,
            preview: DocumentView::kept(typed.text(DOCUMENT)),
            alert: (!errors.is_empty()).then(|| Alert::of(errors, Some(&form))),
            form,
            alike: Vec::new(),
            apart: None,
            again: typed.text(THEN) == "again",
            member: typed.text(MEMBER).to_owned(),
        })
    }

    /// The page that asks about the letters that this one may be: all that was typed is there.
    async fn asking(web: &Web, posted: &Posted, told: &Told) -> Result<Self, Failure> {
        let Posted { session, .. } = posted;
        let letter = alike::typed(session, &told.typed);
        let found = web.app.probable_duplicates(&session.caller, &letter).await?;
        let apart = found.iter().map(|one| one.known.id.to_string()).collect::<Vec<_>>().join(" ");
        let mut page = Self::new(web, session, &told.typed, &told.errors).await?;
        if let Some(line) = page.alert.iter_mut().flat_map(|alert| &mut alert.lines).next() {
            line.href = Some("#semblables".to_owned());
        }
        page.alike = Alike::all(web, found).await?;
        page.apart = Some(apart);
        Ok(page)
    }
}

/// `GET /courriers/nouveau`; after another one of a batch, with what the two have in common.
pub(crate) async fn new_mail(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    if !session.caller.actor.has(Role::Clerk) {
        return Err(Kind::OnlyFor(Role::Clerk).into());
    }
    let last = match query.text("apres") {
        "" => None,
        reference => web.app.dossier_by_reference(&session.caller, reference).await?,
    };
    let fields = match &last {
        Some(Sheet { dossier, .. }) if let Body::Mail(mail) = &dossier.body => Fields::default()
            .with("category", <&str>::from(mail.category))
            .with("channel", <&str>::from(mail.channel))
            .with("receivedOn", dossier.received_on.to_string()),
        _ => Fields::default().with("receivedOn", web.app.today().to_string()),
    };
    let mut page = IntakePage::new(&web, &session, &fields, &[]).await?;
    if let Some(sheet) = last {
        page.last = Some(Last::of(&web, &session, &sheet).await?);
        if let Some(first) = page.form.fields.first_mut() {
            first.focused = true;
        }
    }
    html(StatusCode::OK, &page)
}

impl Last {
    async fn of(web: &Web, session: &Session, sheet: &Sheet) -> Result<Self, Failure> {
        let lines = web.app.journal(&session.caller, sheet.dossier.id, 0, 100).await?.items;
        let names = web.app.names(lines.iter().map(|line| line.entry.who)).await?;
        let sender = sheet.sender.as_deref().unwrap_or_default();
        Ok(Self {
            reference: sheet.dossier.reference.clone(),
            about: format!("{sender}, «\u{a0}{}\u{a0}»", sheet.subject),
            presented: presented(&lines, &names),
        })
    }
}

/// `POST /courriers/nouveau`
pub(crate) async fn register_mail(State(web): State<Web>, sent: Uploaded) -> Result<Response, Failure> {
    let Uploaded { posted, refused } = sent;
    match register(&web, &posted, refused).await {
        Ok(sheet) => {
            let reference = &sheet.dossier.reference;
            let again = posted.fields.text(THEN) == "again";
            let path = if again {
                format!("/courriers/nouveau?apres={reference}")
            } else {
                format!("/dossiers/{reference}?fait=register")
            };
            Ok(Redirect::to(&path).into_response())
        }
        Err(refused) => {
            let asked = matches!(refused, Refused::App(Error::Refused(Refusal::ProbableDuplicate)));
            let told = refused.told(&posted.fields)?;
            let page = if asked {
                let page = IntakePage::asking(&web, &posted, &told).await;
                page.map_err(|failure| failure.keeping(&told.typed))?
            } else {
                IntakePage::new(&web, &posted.session, &told.typed, &told.errors).await?
            };
            html(told.status, &page)
        }
    }
}

async fn register(web: &Web, posted: &Posted, refused: Option<FieldError>) -> Result<Sheet, Refused> {
    let caller = &posted.session.caller;
    let mail = match (mail(&posted.fields, &caller.organisation), refused) {
        (Ok(mail), None) => picked(web, &posted.fields, mail).await?,
        // All that is wrong is said at once.
        (mail, refused) => {
            return Err(mail.err().into_iter().flatten().chain(refused).collect::<Vec<_>>().into());
        }
    };
    let scan = document(&web.app, posted).await?;
    let key = Key(posted.fields.text("idempotencyKey").to_owned());
    let apart = posted.fields.text(APART).split(' ').filter_map(|id| id.parse().ok());
    let mut form = Reading::new(&posted.fields, &caller.organisation);
    let compartment = form.maybe_choice("compartment");
    let compartment = form.end(Some(compartment))?;
    let intake = Intake { mail, scan, apart: Some(apart.collect::<BTreeSet<_>>()), compartment };
    Ok(web.app.register_mail(caller, key, intake).await?)
}

/// The letter with the member who was picked, as long as the sender is still written as they are: what was typed over a
/// pick is a plain sender.
async fn picked(web: &Web, fields: &Fields, mail: NewMail) -> Result<NewMail, Refused> {
    let Ok(id) = fields.text(MEMBER).parse::<MemberId>() else { return Ok(mail) };
    let member = web.app.member(id).await?;
    let written = Sender::parse(&mail.sender);
    let same = |member: &Member| written.is(&Sender::parse(&member.known.as_sender(web.app.today())));
    Ok(NewMail { member: member.filter(same).map(|member| member.id), ..mail })
}

/// The letter that a filled form describes.
fn mail(fields: &Fields, organisation: &Organisation) -> Result<NewMail, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let (sender, subject) = (form.words("sender"), form.words("subject"));
    let (category, channel) = (form.choice("category"), form.choice("channel"));
    let (document_on, received_on) = (form.date("documentOn"), form.date("receivedOn"));
    let first_received_on = form.maybe_date("firstReceivedOn");
    let urgent = fields.text("urgent") == "1";
    let read = || {
        Some(NewMail {
            sender: sender?,
            member: None,
            subject: subject?,
            category: category?,
            document_on: document_on?,
            received_on: received_on?,
            first_received_on,
            urgent,
            channel: channel?,
        })
    };
    let read = read();
    form.end(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn letter() -> Fields {
        Fields::default()
            .with("sender", " Mme Lestrelin, Évreux ")
            .with("subject", "Casier judiciaire")
            .with("category", "petition")
            .with("channel", "email")
            .with("documentOn", "01/03/2026")
            .with("receivedOn", "2026-03-05")
    }

    #[test]
    fn a_filled_form_is_a_letter() {
        let mail = mail(&letter(), &samples::organisation()).unwrap();
        assert_eq!((mail.sender.as_str(), mail.category), ("Mme Lestrelin, Évreux", Category::Petition));
        assert_eq!(mail.received_on, samples::today());
    }

    #[test]
    fn everything_missing_is_said_at_once() {
        let errors = mail(&Fields::default(), &samples::organisation()).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["sender", "subject", "category", "channel", "documentOn", "receivedOn"]);
        assert!(MAIL.iter().map(|spec| spec.name).all(str::is_ascii), "names of the API");
    }
}
