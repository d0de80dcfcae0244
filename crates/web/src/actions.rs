//! The forms of the actions: which fields each has, how prominent it is, and the command that it makes.

use pli_app::Document;
use pli_domain::dossier::{Action, Channel, Command, DeclineReason};
use pli_domain::ids::DossierId;
use pli_domain::organisation::Organisation;
use pli_domain::refusal::Refusal;
use strum::VariantArray as _;

use crate::fields::Fields;
use crate::form::{FieldError, Input, Spec, Which, choices};
use crate::reading::Reading;
use crate::upload::{ACCEPTED, DOCUMENT};

fn reasons() -> Vec<(&'static str, &'static str)> {
    choices(DeclineReason::VARIANTS)
}

/// How something came or left.
pub(crate) fn channels() -> Vec<(&'static str, &'static str)> {
    choices(Channel::VARIANTS)
}

const LEAD: Spec = Spec::new("lead", "Service pilote", Input::Unit);
const ON: Spec = Spec::new("on", "Date", Input::Date);
const REASON: Spec = Spec::new("note", "Motif", Input::Long(3));

const ROUTE: &[Spec] = &[
    LEAD,
    Spec::new("contributors", "Contributeurs", Input::Units).optional(),
    Spec::new("informed", "Pour information", Input::Units).optional(),
];
const DECLINE: &[Spec] = &[
    Spec::new("reason", "Motif", Input::Of(reasons)),
    Spec::new("proposed", "Service proposé", Input::Unit).optional(),
    Spec::new("note", "Explication", Input::Long(3))
        .hint("Obligatoire si vous ne proposez pas de service.")
        .optional(),
];
const REROUTE: &[Spec] = &[Spec::new("lead", "Nouveau service pilote", Input::Unit)];
const DRAFT: &[Spec] = &[Spec::new("text", "Projet de réponse", Input::Long(18))
    .hint("Chaque enregistrement fait une nouvelle version\u{a0}; les précédentes sont gardées.")];
const SEND_BACK: &[Spec] = &[Spec::new("note", "Ce qui est à reprendre", Input::Long(3))];
const DISPATCH: &[Spec] = &[
    Spec::new("channel", "Mode d’envoi", Input::Of(channels)),
    Spec::new("on", "Date d’envoi", Input::Date),
    Spec::new("tracking", "Numéro de suivi", Input::Line).optional(),
];
const BY_PHONE: &[Spec] = &[
    Spec::new("on", "Date de l’appel", Input::Date),
    Spec::new("note", "Ce qui a été dit, et à qui", Input::Long(3)),
];
const WITH_REASON: &[Spec] = &[REASON];
const REDIRECT: &[Spec] = &[Spec::new("note", "Autorité compétente et avis à l’expéditeur", Input::Long(3))
    .hint("L’expéditeur doit être avisé de la transmission (CRPA, art.\u{a0}L114-2).")];
const DUPLICATE: &[Spec] =
    &[Spec::new("of", "Référence de l’autre dossier", Input::Line).hint("Par exemple SG-2026-A-000123.")];
const PUBLISH: &[Spec] = &[Spec::new("on", "Date du Journal officiel", Input::Date)];
const TRANSFER: &[Spec] = &[Spec::new("ministry", "Ministère destinataire", Input::Line)];
const SIGNAL: &[Spec] =
    &[Spec::new("on", "Date du signalement", Input::Date).hint("La réponse est due dix jours après.")];
const ACKNOWLEDGE: &[Spec] = &[Spec::new("on", "Date d’envoi de l’accusé de réception", Input::Date)];
const REASON_OF_CLOCK: Spec = Spec::new("note", "Motif", Input::Long(2));
const SUSPEND: &[Spec] = &[
    Spec::new("rule", "Délai", Input::Deadline(Which::Suspendable)),
    Spec::new("from", "Pièces demandées le", Input::Date),
    Spec::new("until", "À produire avant le", Input::Date)
        .hint("L’échéance est repoussée d’autant de jours (CRPA, art.\u{a0}L114-5)."),
    Spec::new("note", "Pièces manquantes", Input::Long(2)),
];
const RESUME: &[Spec] = &[
    Spec::new("rule", "Délai", Input::Deadline(Which::Suspended)),
    Spec::new("on", "Pièces reçues le", Input::Date),
];
const REQUEST_EXTENSION: &[Spec] = &[
    Spec::new("rule", "Délai", Input::Deadline(Which::Extendable)),
    Spec::new("until", "Nouvelle échéance", Input::Date),
    REASON_OF_CLOCK,
];
const DECIDE_EXTENSION: &[Spec] =
    &[Spec::new("rule", "Délai", Input::Deadline(Which::Pending)), REASON_OF_CLOCK];
const ATTACH: &[Spec] = &[Spec::new(DOCUMENT, "Document", Input::File).hint(ACCEPTED)];
const JOIN_BATCH: &[Spec] = &[Spec::new("with", "Référence de l’autre question", Input::Line)
    .hint("Par exemple AN-17-QE-18094. Cette question rejoint son lot, et prend son état et son projet.")];
const RESERVE: &[Spec] = &[Spec::new("compartment", "Compartiment", Input::Compartment)
    .hint("Seules les personnes de ce compartiment sauront que le dossier existe.")];
const PLAN_SITTING: &[Spec] = &[
    Spec::new("on", "Date de la séance", Input::Date),
    Spec::new("attendee", "Qui représente le ministère en séance", Input::Line)
        .hint("Par exemple la garde des sceaux, ou le directeur qui la remplace.")
        .optional(),
];
const CORRECT_SENDER: &[Spec] = &[
    Spec::new("sender", "Expéditeur", Input::Line)
        .hint("Nom, puis adresse ou courriel\u{a0}: ce qui était écrit n’est pas conservé."),
    Spec::new("subject", "Objet", Input::Line).hint("À corriger s’il nomme la personne."),
    REASON,
];
const DATED: &[Spec] = &[ON];
const NOTHING: &[Spec] = &[];

/// The fields of an action's form; `None` when it is not done to a dossier but opens one.
pub(crate) fn fields(action: Action) -> Option<&'static [Spec]> {
    Some(match action {
        // These open a dossier or a batch, follow a rule, a list or a government that changed, settle an écart, or answer a
        // person: their pages are elsewhere.
        Action::Register
        | Action::Receive
        | Action::Reschedule
        | Action::Rename
        | Action::HandOver
        | Action::Rectify
        | Action::Realign
        | Action::Dismiss
        | Action::OpenBatch
        | Action::Eliminate
        | Action::Disclose => return None,
        Action::Route => ROUTE,
        Action::Decline => DECLINE,
        Action::Reroute => REROUTE,
        Action::Draft => DRAFT,
        Action::SendBack => SEND_BACK,
        Action::Dispatch => DISPATCH,
        Action::AnswerByPhone => BY_PHONE,
        Action::ProposeFiling
        | Action::Cancel
        | Action::Reopen
        | Action::RecallAnswer
        | Action::Release
        | Action::Freeze
        | Action::Unfreeze => WITH_REASON,
        Action::Redirect => REDIRECT,
        Action::MarkDuplicate => DUPLICATE,
        Action::Publish => PUBLISH,
        Action::RequestTransfer => TRANSFER,
        Action::Signal => SIGNAL,
        Action::Acknowledge => ACKNOWLEDGE,
        Action::Suspend => SUSPEND,
        Action::Resume => RESUME,
        Action::RequestExtension => REQUEST_EXTENSION,
        Action::GrantExtension | Action::RefuseExtension => DECIDE_EXTENSION,
        Action::Attach => ATTACH,
        Action::JoinBatch => JOIN_BATCH,
        Action::Reserve => RESERVE,
        Action::PlanSitting => PLAN_SITTING,
        Action::CorrectSender => CORRECT_SENDER,
        Action::Withdraw
        | Action::Lapse
        | Action::Convert
        | Action::AcceptTransfer
        | Action::Renew
        | Action::RecallNotice
        | Action::Correct => DATED,
        Action::Accept
        | Action::Submit
        | Action::Approve
        | Action::Sign
        | Action::File
        | Action::Transmit
        | Action::RefuseTransfer
        | Action::LeaveBatch => NOTHING,
    })
}

/// Whether the form is shown unfolded: what brings the dossier forward. The others are folded below it.
pub(crate) fn is_main(action: Action) -> bool {
    matches!(
        action,
        Action::Route
            | Action::Accept
            | Action::Draft
            | Action::Submit
            | Action::Approve
            | Action::Sign
            | Action::Dispatch
            | Action::File
            | Action::Transmit
    )
}

/// What was found of what a form names.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The dossier whose reference was typed, when it may be read.
    pub(crate) other: Option<DossierId>,
    /// The document that came.
    pub(crate) document: Option<Document>,
}

/// The command that a filled form makes.
///
/// # Errors
/// What cannot be read of the form. What can be read is for the rules to judge.
pub(crate) fn command(
    action: Action,
    fields: &Fields,
    organisation: &Organisation,
    found: &Found,
) -> Result<Command, Vec<FieldError>> {
    let mut form = Reading::new(fields, organisation);
    let note = form.text("note");
    let read = match action {
        // These open a dossier or a batch, follow a rule, a list or a government that changed, settle an écart, or answer a
        // person: their pages are elsewhere.
        Action::Register
        | Action::Receive
        | Action::Reschedule
        | Action::Rename
        | Action::HandOver
        | Action::Rectify
        | Action::Realign
        | Action::Dismiss
        | Action::OpenBatch
        | Action::Eliminate
        | Action::Disclose => None,
        Action::Route => route(&mut form),
        Action::Accept => Some(Command::Accept),
        Action::Decline => decline(&mut form, note),
        Action::Reroute => form.unit("lead").map(|lead| Command::Reroute { lead }),
        Action::Draft => Some(Command::Draft { text: form.text("text") }),
        Action::Submit => Some(Command::Submit),
        Action::Approve => Some(Command::Approve),
        Action::SendBack => Some(Command::SendBack { note }),
        Action::Sign => Some(Command::Sign),
        Action::Dispatch => dispatch(&mut form),
        Action::AnswerByPhone => form.date("on").map(|on| Command::AnswerByPhone { on, note }),
        Action::ProposeFiling => Some(Command::ProposeFiling { note }),
        Action::File => Some(Command::File),
        Action::Redirect => Some(Command::Redirect { note }),
        Action::MarkDuplicate => {
            form.named("of", found.other, &Refusal::DuplicateUnknown).map(|of| Command::MarkDuplicate { of })
        }
        Action::Cancel => Some(Command::Cancel { note }),
        Action::Reopen => Some(Command::Reopen { note }),
        Action::Transmit => Some(Command::Transmit),
        Action::RecallAnswer => Some(Command::RecallAnswer { note }),
        Action::Publish => form.date("on").map(|on| Command::Publish { on }),
        Action::Withdraw => form.date("on").map(|on| Command::Withdraw { on }),
        Action::Lapse => form.date("on").map(|on| Command::Lapse { on }),
        Action::Convert => form.date("on").map(|on| Command::Convert { on }),
        Action::RequestTransfer => Some(Command::RequestTransfer { ministry: form.text("ministry") }),
        Action::AcceptTransfer => form.date("on").map(|on| Command::AcceptTransfer { on }),
        Action::RefuseTransfer => Some(Command::RefuseTransfer),
        Action::Signal => form.date("on").map(|on| Command::Signal { on }),
        Action::Renew => form.date("on").map(|on| Command::Renew { on }),
        Action::RecallNotice => form.date("on").map(|on| Command::RecallNotice { on }),
        Action::Correct => form.date("on").map(|on| Command::Correct { on }),
        Action::Acknowledge => form.date("on").map(|on| Command::Acknowledge { on }),
        Action::Suspend => suspend(&mut form, note),
        Action::Resume => {
            let (rule, on) = (form.words("rule"), form.date("on"));
            rule.zip(on).map(|(rule, on)| Command::Resume { rule, on })
        }
        Action::RequestExtension => {
            let (rule, until) = (form.words("rule"), form.date("until"));
            rule.zip(until).map(|(rule, until)| Command::RequestExtension { rule, until, note })
        }
        Action::GrantExtension => form.words("rule").map(|rule| Command::GrantExtension { rule, note }),
        Action::RefuseExtension => form.words("rule").map(|rule| Command::RefuseExtension { rule, note }),
        Action::Attach => form.document(found.document.as_ref()).map(Command::from),
        Action::JoinBatch => {
            form.named("with", found.other, &Refusal::BatchUnknown).map(|with| Command::JoinBatch { with })
        }
        Action::LeaveBatch => Some(Command::LeaveBatch),
        Action::Reserve => form.choice("compartment").map(|compartment| Command::Reserve { compartment }),
        Action::Release => Some(Command::Release { note }),
        Action::Freeze => Some(Command::Freeze { note }),
        Action::Unfreeze => Some(Command::Unfreeze { note }),
        Action::CorrectSender => {
            let (sender, subject) = (form.text("sender"), form.text("subject"));
            Some(Command::CorrectSender { sender, subject, note })
        }
        Action::PlanSitting => {
            form.date("on").map(|on| Command::PlanSitting { on, attendee: form.text("attendee") })
        }
    };
    form.end(read)
}

fn route(form: &mut Reading<'_>) -> Option<Command> {
    let lead = form.unit("lead");
    let (contributors, informed) = (form.units("contributors"), form.units("informed"));
    Some(Command::Route { lead: lead?, contributors, informed })
}

fn suspend(form: &mut Reading<'_>, note: String) -> Option<Command> {
    let (rule, from, until) = (form.words("rule"), form.date("from"), form.date("until"));
    Some(Command::Suspend { rule: rule?, from: from?, until: until?, note })
}

fn decline(form: &mut Reading<'_>, note: String) -> Option<Command> {
    let reason = form.choice("reason");
    let proposed = form.maybe_unit("proposed");
    Some(Command::Decline { reason: reason?, proposed, note })
}

fn dispatch(form: &mut Reading<'_>) -> Option<Command> {
    let (channel, on) = (form.choice("channel"), form.date("on"));
    Some(Command::Dispatch { channel: channel?, on: on?, tracking: form.text("tracking") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use pli_domain::dossier::{Kind, Stage, awaited};

    /// A form filled as its fields ask.
    fn filled(specs: &[Spec]) -> Fields {
        specs.iter().fold(Fields::default(), |fields, spec| {
            let value = match spec.input {
                Input::Unit => "DACS",
                Input::Units => return fields.with(spec.name, "C1").with(spec.name, "DACG"),
                Input::Password(_) | Input::Line | Input::Long(_) => "des mots",
                Input::Number => "12",
                Input::Date => "2026-03-05",
                Input::File => "found",
                Input::Of(all) | Input::OneOf(all) => all()[0].0,
                Input::Check(_) => "1",
                Input::Deadline(_) => "crpa-silence",
                Input::Compartment => "0190b6d2-7c3a-7000-8000-000000000001",
            };
            fields.with(spec.name, value)
        })
    }

    /// What follows a rule or a government that changed or a list, settles an écart, or answers a person.
    fn elsewhere(action: Action) -> bool {
        use Action::{Disclose, Dismiss, Eliminate, HandOver, Realign, Rectify, Rename, Reschedule};
        matches!(action, Reschedule | Rename | HandOver | Rectify | Realign | Dismiss | Eliminate | Disclose)
    }

    #[test]
    fn every_action_on_a_dossier_has_a_form_that_makes_its_command() {
        let organisation = samples::organisation();
        let found = Found { other: Some(samples::dossier(2)), document: Some(samples::document()) };
        for action in Action::VARIANTS.iter().copied() {
            let Some(specs) = fields(action) else {
                assert!(
                    elsewhere(action)
                        || matches!(action, Action::Register | Action::Receive | Action::OpenBatch)
                );
                assert!(command(action, &Fields::default(), &organisation, &found).is_err());
                continue;
            };
            let command = command(action, &filled(specs), &organisation, &found).unwrap();
            assert_eq!(command.action(), action);
            let note = command.needs_note() || command.note().is_some();
            let asked =
                specs.iter().any(|spec| matches!(spec.name, "note" | "tracking" | "attendee" | DOCUMENT));
            assert_eq!(note, asked, "{action:?} says words that its form does not ask, or the reverse");
            assert!(specs.iter().all(|spec| spec.name != "note" || spec.optional || command.needs_note()));
        }
    }

    #[test]
    fn every_action_of_the_tables_has_a_form() {
        for edge in Kind::VARIANTS.iter().flat_map(|kind| kind.edges()).filter(|edge| !edge.from.is_empty()) {
            assert!(
                fields(edge.action).is_some() || elsewhere(edge.action) || edge.action == Action::OpenBatch,
                "{:?}",
                edge.action
            );
        }
        for (kind, stage) in Kind::VARIANTS.iter().flat_map(|kind| Stage::OPEN.map(|stage| (*kind, stage))) {
            let known = kind.edges().iter().any(|edge| edge.from.contains(&stage));
            assert_eq!(awaited(kind, stage).is_some(), known, "{kind:?} {stage:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_beside_its_field() {
        let organisation = samples::organisation();
        let errors = |action, fields: &Fields| {
            let errors = command(action, fields, &organisation, &Found::default()).unwrap_err();
            errors.into_iter().map(|error| (error.field.unwrap(), error.message)).collect::<Vec<_>>()
        };
        let required = Refusal::Required { field: "on" }.message();
        let empty = errors(Action::Dispatch, &Fields::default());
        assert_eq!(empty, [("channel", required.clone()), ("on", required.clone())]);
        let wrong = Fields::default().with("channel", "post").with("on", "31/02/2026");
        assert!(errors(Action::Dispatch, &wrong)[0].1.contains("JJ/MM/AAAA"));
        let unknown = Fields::default().with("lead", "DACS").with("informed", "NULLE-PART");
        assert_eq!(errors(Action::Route, &unknown)[0].0, "informed");
        assert_eq!(errors(Action::Route, &Fields::default()), [("lead", required.clone())]);
        assert_eq!(errors(Action::MarkDuplicate, &Fields::default()), [("of", required)]);
        let absent = errors(Action::MarkDuplicate, &Fields::default().with("of", "SG-2026-A-999999"));
        assert_eq!(absent, [("of", Refusal::DuplicateUnknown.message())]);
    }

    #[test]
    fn a_date_is_read_in_both_writings() {
        let organisation = samples::organisation();
        let on = |text: &str| {
            command(Action::Publish, &Fields::default().with("on", text), &organisation, &Found::default())
        };
        assert_eq!(on("2026-03-05"), on(" 05/03/2026 "));
        assert!(on("2026-03-05").is_ok());
    }

    #[test]
    fn a_decline_needs_no_unit() {
        let organisation = samples::organisation();
        let fields = Fields::default().with("reason", "other").with("note", "Non");
        let command = command(Action::Decline, &fields, &organisation, &Found::default());
        assert_eq!(
            command,
            Ok(Command::Decline { reason: DeclineReason::Other, proposed: None, note: "Non".to_owned() })
        );
    }
}
