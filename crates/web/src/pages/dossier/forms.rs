//! The forms of a dossier's page: what this person may do to it now.

use pli_domain::dossier::{Action, Body, MailFacts};
use pli_domain::french::French as _;
use pli_domain::organisation::Organisation;

use super::{Attempt, Desk, Loaded};
use crate::actions::{fields, is_main};
use crate::failure::Failure;
use crate::fields::Fields;
use crate::form::{Alert, FormView, Units, draw};
use crate::random;
use crate::session::Session;

/// What can be done, and what went wrong.
#[derive(Debug)]
pub(in crate::pages) struct Forms {
    /// What brings the dossier forward.
    pub(in crate::pages) main: Vec<FormView>,
    /// The rest, folded.
    pub(in crate::pages) others: Vec<FormView>,
    /// What brings a document: it stands with the documents.
    pub(super) attach: Option<FormView>,
    pub(in crate::pages) alert: Option<Alert>,
    /// Whether the answer can be written here.
    pub(super) writes: bool,
}

impl Forms {
    pub(in crate::pages) fn new(
        session: &Session,
        loaded: &Loaded,
        attempt: Option<&Attempt>,
        desk: Desk,
    ) -> Result<Self, Failure> {
        let caller = &session.caller;
        let allowed = loaded.sheet.dossier.allowed(&caller.actor, &caller.organisation);
        let units = Units::open(&caller.organisation, loaded.today)
            .with_deadlines(&loaded.sheet.dossier, &caller.delays)
            .with_compartments(&loaded.compartments);
        let offered = allowed.iter().filter(|action| fields(**action).is_some() && desk.offers(**action));
        let shown = offered.map(|action| {
            let attempt = attempt.filter(|attempt| attempt.action == *action);
            form(*action, session, loaded, attempt, &units, desk).map(|form| (*action, form))
        });
        let shown = shown.collect::<Result<Vec<_>, _>>()?;
        let alert = attempt.map(|attempt| {
            let form = shown.iter().find(|(action, _)| *action == attempt.action).map(|(_, form)| form);
            let kept = if form.is_some() { Vec::new() } else { attempt.typed.typed() };
            Alert { kept, ..Alert::of(&attempt.errors, form) }
        });
        let writes = allowed.contains(&Action::Draft);
        let mut forms = Self { main: Vec::new(), others: Vec::new(), attach: None, alert, writes };
        for (action, form) in shown {
            match action {
                Action::Attach => forms.attach = Some(form),
                action if is_main(action) => forms.main.push(form),
                _ => forms.others.push(form),
            }
        }
        Ok(forms)
    }
}

/// One form, with what was typed in it or what it starts with.
fn form(
    action: Action,
    session: &Session,
    loaded: &Loaded,
    attempt: Option<&Attempt>,
    units: &Units,
    desk: Desk,
) -> Result<FormView, Failure> {
    let code: &'static str = action.into();
    let defaults = || defaults(action, loaded, &session.caller.organisation);
    let typed = attempt.map_or_else(defaults, |attempt| attempt.typed.clone());
    let errors = attempt.map_or(&[][..], |attempt| &attempt.errors);
    let key = match typed.text("idempotencyKey") {
        "" => random::key()?,
        key => key.to_owned(),
    };
    Ok(FormView {
        id: format!("action-{code}"),
        action: format!("{}/{}/{code}", desk.path(), loaded.sheet.dossier.reference),
        button: action.french(),
        intro: intro(action, loaded),
        open: attempt.is_some(),
        token: session.token(),
        key,
        version: Some(loaded.sheet.version),
        fields: draw(code, fields(action).unwrap_or_default(), &typed, errors, units),
    })
}

/// What a form holds before anything is typed. What the house does is mostly done today; a fact of the public record
/// has its own date, to be typed.
fn defaults(action: Action, loaded: &Loaded, organisation: &Organisation) -> Fields {
    let dossier = &loaded.sheet.dossier;
    let fields = Fields::default();
    match (action, &dossier.body) {
        (Action::Route, _) => {
            let proposed = dossier.declined.as_ref().and_then(|declined| declined.proposed);
            match proposed.and_then(|unit| organisation.unit(unit)) {
                Some(unit) => fields.with("lead", unit.code.clone()),
                None => fields,
            }
        }
        (Action::Draft, _) => fields.with("text", loaded.draft.clone().unwrap_or_default()),
        (Action::Dispatch, Body::Mail(facts)) => {
            fields.with("on", loaded.today.to_string()).with("channel", <&str>::from(facts.channel))
        }
        (Action::AnswerByPhone | Action::Acknowledge | Action::Resume, _) => {
            fields.with("on", loaded.today.to_string())
        }
        (Action::PlanSitting, Body::Question(facts)) => {
            let on = facts.sitting.as_ref().map(|sitting| sitting.on.to_string());
            fields
                .with("on", on.unwrap_or_default())
                .with("attendee", loaded.attendee.clone().unwrap_or_default())
        }
        (Action::Suspend, _) => fields.with("from", loaded.today.to_string()),
        (Action::CorrectSender, _) => fields
            .with("sender", loaded.sheet.sender.clone().unwrap_or_default())
            .with("subject", loaded.sheet.subject.clone()),
        _ => fields,
    }
}

/// What the button does not say.
fn intro(action: Action, loaded: &Loaded) -> Option<String> {
    let draft = loaded.sheet.dossier.draft.as_ref();
    let version = draft.map(|draft| (draft.version, loaded.name(draft.author)));
    match (action, &loaded.sheet.dossier.body) {
        (Action::Submit, _) => {
            version.map(|(version, _)| format!("Soumet la version {version}, telle qu’elle est enregistrée."))
        }
        (Action::Approve | Action::Sign, _) => {
            version.map(|(version, author)| format!("Porte sur la version {version}, écrite par {author}."))
        }
        (Action::File, Body::Mail(MailFacts { filing_proposed_by: Some(first), .. })) => {
            Some(format!("Proposé par {}\u{a0}; votre confirmation clôt le dossier.", loaded.name(*first)))
        }
        (Action::AcceptTransfer | Action::RefuseTransfer, Body::Question(facts)) => {
            facts.transfer_to.as_ref().map(|ministry| format!("Transfert demandé à {ministry}."))
        }
        (Action::Route, _) => {
            loaded.sheet.dossier.declined.as_ref().and_then(|declined| declined.proposed).map(|_| {
                "Le service proposé par celui qui a refusé est déjà choisi\u{a0}: vérifiez-le.".to_owned()
            })
        }
        _ => None,
    }
}
