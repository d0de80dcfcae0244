//! The two pages that open a dossier: a letter is registered, a question is received.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{Key, Sheet};
use pli_domain::actor::Role;
use pli_domain::dossier::{Action, Category, NewMail, NewQuestion};
use pli_domain::french::French as _;
use pli_domain::identity::{House, QuestionIdentity, QuestionType};
use pli_domain::organisation::Organisation;
use strum::VariantArray as _;

use super::documents::DocumentView;
use crate::actions::channels;
use crate::failure::{Failure, Kind, html};
use crate::fields::Fields;
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

const HOUSES: [(&str, House); 2] = [("AN", House::Assembly), ("SENAT", House::Senate)];

fn houses() -> Vec<(&'static str, &'static str)> {
    HOUSES.iter().map(|(code, house)| (*code, house.french())).collect()
}

fn types() -> Vec<(&'static str, &'static str)> {
    QuestionType::ALL.iter().map(|kind| (kind.code(), kind.french())).collect()
}

const MAIL: &[Spec] = &[
    Spec::new("sender", "Expéditeur", Input::Line).hint("Nom et qualité, ou organisme, et lieu."),
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

const QUESTION: &[Spec] = &[
    Spec::new("house", "Assemblée", Input::Of(houses)),
    Spec::new("term", "Législature ou année", Input::Number)
        .hint("Le numéro de la législature à l’Assemblée nationale, l’année au Sénat."),
    Spec::new("type", "Type de question", Input::Of(types)),
    Spec::new("number", "Numéro", Input::Number),
    Spec::new("publishedOn", "Date de publication", Input::Date)
        .hint("Au Journal officiel\u{a0}; pour une question orale, la date de la séance."),
    Spec::new("subject", "Objet", Input::Line),
];

/// One of the two pages.
#[derive(Clone, Copy)]
struct Opening {
    title: &'static str,
    intro: &'static str,
    path: &'static str,
    action: Action,
    here: Here,
    specs: &'static [Spec],
}

const NEW_MAIL: Opening = Opening {
    title: "Enregistrer un courrier",
    intro: "Le courrier reçoit le prochain numéro de chrono de l’année\u{a0}; il reste ensuite à l’attribuer.",
    path: "/courriers/nouveau",
    action: Action::Register,
    here: Here::NewMail,
    specs: MAIL,
};

const NEW_QUESTION: Opening = Opening {
    title: "Recevoir une question",
    intro: "Pour une question connue avant sa publication\u{a0}: les autres arrivent d’elles-mêmes.",
    path: "/questions/nouvelle",
    action: Action::Receive,
    here: Here::NewQuestion,
    specs: QUESTION,
};

#[derive(Template)]
#[template(path = "create.html")]
struct CreatePage {
    frame: Frame,
    heading: &'static str,
    intro: &'static str,
    alert: Option<Alert>,
    form: FormView,
    /// The document that the form keeps, beside it.
    preview: Option<DocumentView>,
}

impl Opening {
    /// The page, with what was typed and what is wrong with it.
    fn page(self, session: &Session, typed: &Fields, errors: &[FieldError]) -> Result<CreatePage, Failure> {
        let code: &'static str = self.action.into();
        let key = match typed.text("idempotencyKey") {
            "" => random::key()?,
            key => key.to_owned(),
        };
        let form = FormView {
            id: format!("action-{code}"),
            action: self.path.to_owned(),
            button: self.action.french(),
            intro: None,
            open: true,
            token: session.token(),
            key,
            version: None,
            fields: draw(code, self.specs, typed, errors, &Units::none()),
        };
        Ok(CreatePage {
            frame: Frame::of(self.title, session, self.here),
            heading: self.title,
            intro: self.intro,
            preview: DocumentView::kept(typed.text(DOCUMENT)),
            alert: (!errors.is_empty()).then(|| Alert::of(errors, Some(&form))),
            form,
        })
    }

    /// The empty form, for those who may send it.
    fn show(self, session: &Session, defaults: &Fields) -> Result<Response, Failure> {
        if !session.caller.actor.has(Role::Clerk) {
            return Err(Kind::OnlyFor(Role::Clerk).into());
        }
        html(StatusCode::OK, &self.page(session, defaults, &[])?)
    }

    /// To the new dossier, or back to the form with what is wrong.
    fn answer(self, posted: &Posted, done: Result<Sheet, Refused>) -> Result<Response, Failure> {
        match done {
            Ok(sheet) => {
                let code: &'static str = self.action.into();
                let path = format!("/dossiers/{}?fait={code}", sheet.dossier.reference);
                Ok(Redirect::to(&path).into_response())
            }
            Err(refused) => {
                let Told { status, errors, typed } = refused.told(&posted.fields)?;
                html(status, &self.page(&posted.session, &typed, &errors)?)
            }
        }
    }
}

/// `GET /courriers/nouveau`
pub(crate) async fn new_mail(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    let today = web.app.today().to_string();
    NEW_MAIL.show(&session, &Fields::default().with("receivedOn", today))
}

/// `POST /courriers/nouveau`
pub(crate) async fn register_mail(State(web): State<Web>, sent: Uploaded) -> Result<Response, Failure> {
    let Uploaded { posted, refused } = sent;
    let done = register(&web, &posted, refused).await;
    NEW_MAIL.answer(&posted, done)
}

async fn register(web: &Web, posted: &Posted, refused: Option<FieldError>) -> Result<Sheet, Refused> {
    let caller = &posted.session.caller;
    let mail = match (mail(&posted.fields, &caller.organisation), refused) {
        (Ok(mail), None) => mail,
        // All that is wrong is said at once.
        (mail, refused) => {
            return Err(mail.err().into_iter().flatten().chain(refused).collect::<Vec<_>>().into());
        }
    };
    let scan = document(&web.app, posted).await?;
    let key = Key(posted.fields.text("idempotencyKey").to_owned());
    Ok(web.app.register_with_document(caller, key, mail, scan).await?)
}

/// `GET /questions/nouvelle`
pub(crate) async fn new_question(session: Session) -> Result<Response, Failure> {
    NEW_QUESTION.show(&session, &Fields::default())
}

/// `POST /questions/nouvelle`
pub(crate) async fn receive_question(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let done = receive(&web, &posted).await;
    NEW_QUESTION.answer(&posted, done)
}

async fn receive(web: &Web, posted: &Posted) -> Result<Sheet, Refused> {
    let caller = &posted.session.caller;
    let question = question(&posted.fields, &caller.organisation)?;
    let key = Key(posted.fields.text("idempotencyKey").to_owned());
    Ok(web.app.receive_question(caller, key, question).await?)
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

/// The question that a filled form describes.
fn question(fields: &Fields, organisation: &Organisation) -> Result<NewQuestion, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let house = form.of("house", |code| HOUSES.iter().find(|(own, _)| *own == code).map(|(_, house)| *house));
    let term = form.number("term");
    let kind = form.of("type", |code| QuestionType::ALL.into_iter().find(|kind| kind.code() == code));
    let number = form.number("number");
    let (published_on, subject) = (form.date("publishedOn"), form.words("subject"));
    let read = || {
        let identity = QuestionIdentity { house: house?, term: term?, kind: kind?, number: number? };
        Some(NewQuestion { identity, published_on: published_on?, subject: subject? })
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
        let errors = question(&Fields::default(), &samples::organisation()).unwrap_err();
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field).collect();
        assert_eq!(fields, ["house", "term", "type", "number", "publishedOn", "subject"]);
        let all = MAIL.iter().chain(QUESTION).map(|spec| spec.name);
        assert!(all.clone().all(str::is_ascii), "names of the API");
    }

    #[test]
    fn a_filled_form_is_a_question() {
        let fields = Fields::default()
            .with("house", "SENAT")
            .with("term", "2026")
            .with("type", "QE")
            .with("number", "5028")
            .with("publishedOn", "2026-03-05")
            .with("subject", "Greffes");
        let received = question(&fields, &samples::organisation()).unwrap();
        assert_eq!(received.identity.to_string(), "SENAT-2026-QE-5028");
        let wrong = question(
            &fields.clone().with("x", "").without("number").with("number", "0"),
            &samples::organisation(),
        );
        assert_eq!(wrong.unwrap_err()[0].field, Some("number"));
    }
}
