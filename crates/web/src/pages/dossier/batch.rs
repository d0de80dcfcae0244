//! The batch of a question on its page, and the questions that look like it.

use pli_app::{NearQuestion, Sheet};
use pli_domain::actor::Role;
use pli_domain::dossier::Stage;
use pli_domain::french::French as _;

use super::Loaded;
use crate::Web;
use crate::failure::Failure;
use crate::random;
use crate::session::Session;
use crate::words;

/// A question of the batch.
#[derive(Debug)]
pub(super) struct MateRow {
    pub(super) reference: String,
    pub(super) subject: String,
    pub(super) due: Option<String>,
    pub(super) leads: bool,
    /// Whether it is the question of the page.
    pub(super) here: bool,
}

/// A question that looks like it, and the form that puts it in the batch.
#[derive(Debug)]
pub(super) struct AlikeRow {
    pub(super) reference: String,
    pub(super) subject: String,
    pub(super) about: String,
    pub(super) percent: u8,
    /// Its batch is another one: it must leave it first.
    pub(super) elsewhere: bool,
    pub(super) version: u32,
    pub(super) key: String,
}

/// What a page shows of batches.
#[derive(Debug)]
pub(super) struct BatchView {
    pub(super) mates: Vec<MateRow>,
    pub(super) alike: Vec<AlikeRow>,
    pub(super) token: String,
}

impl BatchView {
    /// `None` when there is nothing to show.
    pub(super) fn new(session: &Session, loaded: &Loaded) -> Result<Option<Self>, Failure> {
        let here = loaded.sheet.dossier.id;
        let first = loaded.batch.first().map(|lead| lead.dossier.id);
        let mate = |sheet: &Sheet| MateRow {
            reference: sheet.dossier.reference.clone(),
            subject: sheet.subject.clone(),
            due: sheet.dossier.due_on().map(words::date),
            leads: Some(sheet.dossier.id) == first,
            here: sheet.dossier.id == here,
        };
        let alike = loaded.near.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let view = Self { mates: loaded.batch.iter().map(mate).collect(), alike, token: session.token() };
        Ok(Some(view).filter(|view| !view.mates.is_empty() || !view.alike.is_empty()))
    }
}

fn row(found: &NearQuestion) -> Result<AlikeRow, Failure> {
    let dossier = &found.sheet.dossier;
    Ok(AlikeRow {
        reference: dossier.reference.clone(),
        subject: found.sheet.subject.clone(),
        about: format!(
            "publiée le {}, {}",
            words::date(dossier.received_on),
            dossier.stage.french().to_lowercase()
        ),
        percent: found.percent,
        elsewhere: dossier.seat().is_some(),
        version: found.sheet.version,
        key: random::key()?,
    })
}

/// The questions of its batch, and those that look like it: these for whoever may add them, while it takes any.
pub(super) async fn of(
    web: &Web,
    session: &Session,
    sheet: &Sheet,
) -> Result<(Vec<Sheet>, Vec<NearQuestion>), Failure> {
    let (app, caller) = (&web.app, &session.caller);
    let batch = match sheet.dossier.seat() {
        Some(seat) => app.batches(caller, &[seat.batch]).await?.remove(&seat.batch).unwrap_or_default(),
        None => Vec::new(),
    };
    let takes = matches!(sheet.dossier.stage, Stage::Received | Stage::Routed | Stage::Drafting)
        && sheet.dossier.question().is_some_and(|facts| facts.identity.kind.is_written());
    let alike = if takes && caller.actor.has(Role::Coordinator) {
        app.near_questions(caller, sheet).await?
    } else {
        Vec::new()
    };
    Ok((batch, alike))
}
