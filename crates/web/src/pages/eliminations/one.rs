//! One list of what is to be eliminated: what is on it, who approved it, and what is done to it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use pli_app::{EliminationDetail, EliminationItem, ItemOutcome, Key};
use pli_domain::actor::Who;
use pli_domain::elimination::{Disposition, Elimination, Items, ListCommand, ListState, lets_go};
use pli_domain::french::French as _;
use pli_domain::ids::{EliminationId, UserId};
use pli_domain::time::Timestamp;
use strum::{EnumString, IntoStaticStr};

use super::sentence;
use crate::failure::{Failure, Kind, html};
use crate::fields::InAddress;
use crate::form::{Alert, FormView, Input, Spec, Units, draw};
use crate::frame::{Frame, Here};
use crate::pages::export::{download, table};
use crate::post::{Named, Posted};
use crate::reading::Reading;
use crate::refused::{Refused, Told};
use crate::session::Session;
use crate::{Web, random, words};

const VISA: &[Spec] = &[Spec::new("visa", "Référence du visa des archives", Input::Line)
    .hint("Celle du bordereau visé par l’administration des archives, et sa date.")];
const RECEIPT: &[Spec] = &[Spec::new("receipt", "Référence de la prise en charge", Input::Line)
    .hint("Celle de l’accusé que les archives ont donné pour le versement.")];

/// What a form of the page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
enum Act {
    Approuver,
    Viser,
    PriseEnCharge,
    Abandonner,
    Retirer,
    Sort,
}

/// Something that was done to the list.
#[derive(Debug)]
struct Step {
    what: &'static str,
    by: String,
    at: String,
}

/// The buttons of a dossier of a list that can still be changed.
#[derive(Debug)]
struct Choice {
    dossier: String,
    /// What it would become instead, when the table lets it: code and words.
    other: Option<(&'static str, &'static str)>,
    keys: (String, String),
}

/// A dossier of the list.
#[derive(Debug)]
struct Row {
    reference: String,
    subject: String,
    closed_on: String,
    ended_on: String,
    fate: &'static str,
    choice: Option<Choice>,
}

#[derive(Template)]
#[template(path = "elimination.html")]
struct ListPage {
    frame: Frame,
    done: Option<&'static str>,
    alert: Option<Alert>,
    action: String,
    token: String,
    title: String,
    reserved: Option<String>,
    state: &'static str,
    rule: String,
    steps: Vec<Step>,
    visa: Option<String>,
    receipt: Option<String>,
    destroyed: String,
    transferred: String,
    /// Whether something of it goes to the archives now.
    transfers: bool,
    forms: Vec<FormView>,
    rows: Vec<Row>,
}

/// `GET /eliminations/{id}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(id): Named<String>,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let detail = find(&web, &session, &id).await?;
    let mut page = ListPage::load(&web, &session, &detail, None).await?;
    page.done = query.text("fait").parse::<Act>().ok().map(Act::done);
    html(StatusCode::OK, &page)
}

/// `GET /eliminations/{id}/{form}`: the address that a refused form leaves in the browser.
pub(crate) async fn back(Named((id, _)): Named<(String, String)>) -> Redirect {
    Redirect::to(&format!("/eliminations/{}", words::segment(&id)))
}

/// `POST /eliminations/{id}/{form}`
pub(crate) async fn change(
    State(web): State<Web>,
    Named((id, act)): Named<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let act: Act = act.parse().map_err(|_| Kind::NotFound)?;
    let Posted { session, fields } = &posted;
    let detail = find(&web, session, &id).await.map_err(|failure| failure.keeping(fields))?;
    match run(&web, &posted, detail.list.id, act).await {
        Ok(_) => {
            let to = format!("/eliminations/{}?fait={}", detail.list.id, <&str>::from(act));
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let told = refused.told(fields)?;
            let detail = find(&web, session, &id).await?;
            html(told.status, &ListPage::load(&web, session, &detail, Some((act, &told))).await?)
        }
    }
}

async fn run(web: &Web, posted: &Posted, id: EliminationId, act: Act) -> Result<Elimination, Refused> {
    let Posted { session, fields } = posted;
    let mut form = Reading::new(fields, &session.caller.organisation);
    let command = match act {
        Act::Approuver => Some(ListCommand::Review),
        Act::Viser => form.words("visa").map(|visa| ListCommand::Approve { visa }),
        Act::PriseEnCharge => form.words("receipt").map(|receipt| ListCommand::Receive { receipt }),
        Act::Abandonner => Some(ListCommand::Abandon),
        Act::Retirer => form.choice("dossier").map(|dossier| ListCommand::SetAside { dossier }),
        Act::Sort => {
            let (dossier, disposition) = (form.choice("dossier"), form.choice("disposition"));
            dossier
                .zip(disposition)
                .map(|(dossier, disposition)| ListCommand::Dispose { dossier, disposition })
        }
    };
    let command = form.end(command)?;
    let key = Key(fields.text("idempotencyKey").to_owned());
    Ok(web.app.change_elimination(&session.caller, key, id, command).await?)
}

/// `GET /eliminations/{id}/bordereau.csv`: the slip.
pub(crate) async fn slip(
    State(web): State<Web>,
    session: Session,
    Named(id): Named<String>,
) -> Result<Response, Failure> {
    let EliminationDetail { list, items } = find(&web, &session, &id).await?;
    let headings = ["Référence", "Catégorie", "Clos le", "Échu le", "Documents", "Sort final", "Suite"];
    let lines = items.iter().map(|item| {
        let closed_on = item.closed_on;
        [
            item.sheet.dossier.reference.clone(),
            list.rule.class.french().to_owned(),
            words::date(closed_on),
            words::date(list.rule.ends_on(closed_on)),
            item.sheet.dossier.attachments.len().to_string(),
            item.disposition.french().to_owned(),
            outcome(item).unwrap_or_default().to_owned(),
        ]
    });
    let class: &str = list.rule.class.into();
    let file = format!("attachment; filename=\"bordereau-{class}-{}.csv\"", list.number);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, file)];
    let body = table(&headings, lines).map_err(|error| Kind::Broken(error.into()))?;
    Ok((headers, body).into_response())
}

/// `GET /eliminations/{id}/versement.zip`: what goes to the archives.
pub(crate) async fn package(
    State(web): State<Web>,
    session: Session,
    Named(id): Named<String>,
) -> Result<Response, Failure> {
    let EliminationDetail { list, .. } = find(&web, &session, &id).await?;
    let file = web.app.archive_package(&session.caller, list.id).await?.ok_or(Kind::NotFound)?;
    let class: &str = list.rule.class.into();
    Ok(download(file, &format!("versement-{class}-{}.zip", list.number)))
}

async fn find(web: &Web, session: &Session, id: &str) -> Result<EliminationDetail, Failure> {
    let id = id.parse().map_err(|_| Kind::NotFound)?;
    web.app.elimination(&session.caller, id).await?.ok_or_else(|| Kind::NotFound.into())
}

/// What became of a dossier; nothing while it waits.
fn outcome(item: &EliminationItem) -> Option<&'static str> {
    item.outcome.map(|outcome| match (outcome, item.disposition) {
        (ItemOutcome::Left, _) => "Laissé en l’état",
        (_, Disposition::Transfer) => "Versé",
        (_, Disposition::Destroy) => "Éliminé",
    })
}

impl Act {
    fn done(self) -> &'static str {
        match self {
            Self::Approuver => "La liste est approuvée une première fois.",
            Self::Viser => "La liste est approuvée\u{a0}: Pli l’applique dans les minutes qui suivent.",
            Self::PriseEnCharge => "La prise en charge est notée\u{a0}: Pli retire ce qui est versé.",
            Self::Abandonner => "La liste est abandonnée\u{a0}: rien n’est éliminé.",
            Self::Retirer => "Le dossier est retiré de la liste.",
            Self::Sort => "Le sort du dossier est modifié.",
        }
    }
}

impl ListPage {
    async fn load(
        web: &Web,
        session: &Session,
        detail: &EliminationDetail,
        refused: Option<(Act, &Told)>,
    ) -> Result<Self, Failure> {
        let EliminationDetail { list, items } = detail;
        let people = [Some(list.proposed), list.reviewed, list.approved].into_iter().flatten();
        let names = web.app.names(people.map(|(person, _)| Who::User(person))).await?;
        let compartments = web.app.own_compartments(&session.caller).await?;
        let all: Items = items.iter().map(|item| (item.sheet.dossier.id, item.disposition)).collect();
        let forms = forms(session, list, &all, refused)?;
        let count = |wanted| {
            let number = items.iter().filter(|item| item.disposition == wanted).count();
            words::counted(u64::try_from(number).unwrap_or(u64::MAX), "dossier", "dossiers")
        };
        let title = format!("{} n°\u{a0}{}", list.rule.class.french(), list.number);
        let open = forms.iter().find(|form| form.open);
        Ok(Self {
            frame: Frame::of(&format!("Liste d’élimination\u{a0}: {title}"), session, Here::Eliminations),
            done: None,
            alert: refused.map(|(_, told)| Alert::of(&told.errors, open)),
            action: format!("/eliminations/{}", list.id),
            token: session.token(),
            title,
            reserved: list.reserved.map(|id| compartments.get(&id).cloned().unwrap_or_default()),
            state: list.state.french(),
            rule: sentence(&list.rule),
            steps: steps(list, &names),
            visa: list.visa.clone(),
            receipt: list.receipt.clone(),
            destroyed: count(Disposition::Destroy),
            transferred: count(Disposition::Transfer),
            transfers: list.awaits_receipt(&all),
            rows: items.iter().map(|item| Row::new(session, list, item)).collect::<Result<_, _>>()?,
            forms,
        })
    }
}

/// Who did what to the list.
fn steps(list: &Elimination, names: &BTreeMap<UserId, String>) -> Vec<Step> {
    let step = |what, (by, at): (UserId, Timestamp)| Step {
        what,
        by: names.get(&by).cloned().unwrap_or_default(),
        at: at.french(),
    };
    let taken = [
        ("Proposée", Some(list.proposed)),
        ("Première approbation", list.reviewed),
        ("Seconde approbation", list.approved),
    ];
    taken.into_iter().filter_map(|(what, by)| Some(step(what, by?))).collect()
}

/// The forms that the person may fill now.
fn forms(
    session: &Session,
    list: &Elimination,
    items: &Items,
    refused: Option<(Act, &Told)>,
) -> Result<Vec<FormView>, Failure> {
    if lets_go(&session.caller.actor).is_err() {
        return Ok(Vec::new());
    }
    let review = (
        Act::Approuver,
        "Approuver la liste",
        "Première approbation\u{a0}: la liste ne changera plus. Une autre personne donnera la seconde.",
        &[][..],
    );
    let approve = (
        Act::Viser,
        "Approuver avec le visa des archives",
        "Seconde approbation, par une autre personne que celles qui ont proposé et approuvé la liste. Les textes, les \
         expéditeurs et les documents seront effacés, sans retour.",
        VISA,
    );
    let receive = (
        Act::PriseEnCharge,
        "Noter la prise en charge",
        "Les archives ont reçu et vérifié le versement\u{a0}: ce qui leur est versé sera effacé ici.",
        RECEIPT,
    );
    let abandon = (
        Act::Abandonner,
        "Abandonner la liste",
        "Rien n’est éliminé\u{a0}; les dossiers restent échus.",
        &[][..],
    );
    let offered = match list.state {
        ListState::Proposed => vec![review, abandon],
        ListState::Reviewed => vec![approve, abandon],
        ListState::Approved if list.awaits_receipt(items) => vec![receive],
        _ => Vec::new(),
    };
    let form = |(act, button, intro, specs): (Act, &'static str, &str, &'static [Spec])| {
        let told = refused.filter(|(what, _)| *what == act).map(|(_, told)| told);
        let fields = told.map(|told| told.typed.clone()).unwrap_or_default();
        let code: &str = act.into();
        Ok(FormView {
            id: format!("action-{code}"),
            action: format!("/eliminations/{}/{code}", list.id),
            button,
            intro: Some(intro.to_owned()),
            open: told.is_some(),
            token: session.token(),
            key: random::key()?,
            version: None,
            fields: draw(code, specs, &fields, told.map_or(&[][..], |told| &told.errors), &Units::none()),
        })
    };
    offered.into_iter().map(form).collect()
}

impl Row {
    fn new(session: &Session, list: &Elimination, item: &EliminationItem) -> Result<Self, Failure> {
        let dossier = &item.sheet.dossier;
        let changes = list.state == ListState::Proposed && lets_go(&session.caller.actor).is_ok();
        let choice = if changes {
            let other = match (item.disposition, list.rule.fate) {
                (Disposition::Destroy, _) => Some(("transfer", "Verser")),
                (Disposition::Transfer, pli_domain::retention::Fate::Keep) => None,
                (Disposition::Transfer, _) => Some(("destroy", "Éliminer")),
            };
            Some(Choice { dossier: dossier.id.to_string(), other, keys: (random::key()?, random::key()?) })
        } else {
            None
        };
        Ok(Self {
            reference: dossier.reference.clone(),
            subject: item.sheet.subject.clone(),
            closed_on: words::date(item.closed_on),
            ended_on: words::date(list.rule.ends_on(item.closed_on)),
            fate: outcome(item).unwrap_or_else(|| item.disposition.french()),
            choice,
        })
    }
}
