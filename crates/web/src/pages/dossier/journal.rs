//! The journal, told in French: who did what, when, from which state to which.

use std::collections::BTreeMap;

use pli_app::Line;
use pli_domain::actor::Who;
use pli_domain::dossier::{Action, Event, Stage};
use pli_domain::french::French as _;
use pli_domain::ids::{UnitId, UserId};
use pli_domain::organisation::Organisation;

use super::Loaded;
use crate::words;

/// A line of the table.
#[derive(Debug)]
pub(in crate::pages) struct JournalRow {
    pub(in crate::pages) at: String,
    pub(in crate::pages) who: String,
    pub(in crate::pages) told: String,
    /// To whom, until when, under which number.
    pub(in crate::pages) detail: Option<String>,
    /// « Attribué → En rédaction ».
    pub(in crate::pages) from: Option<&'static str>,
    pub(in crate::pages) to: &'static str,
    pub(in crate::pages) note: Option<String>,
    pub(in crate::pages) refused: bool,
}

/// The rows, oldest first.
pub(super) fn rows(loaded: &Loaded, organisation: &Organisation) -> Vec<JournalRow> {
    loaded.lines.iter().map(|line| row(line, &loaded.names, organisation)).collect()
}

/// The name of whoever acted.
pub(super) fn who(line: &Line, names: &BTreeMap<UserId, String>) -> String {
    match line.entry.who {
        Who::User(user) => name(names, user).to_owned(),
        Who::System(part) => part.french().to_owned(),
    }
}

/// The name of a person.
pub(super) fn name(names: &BTreeMap<UserId, String>, user: UserId) -> &str {
    names.get(&user).map_or("Personne inconnue", String::as_str)
}

/// One entry, told.
pub(in crate::pages) fn row(
    line: &Line,
    names: &BTreeMap<UserId, String>,
    organisation: &Organisation,
) -> JournalRow {
    let entry = &line.entry;
    let action = entry.action.parse::<Action>().ok();
    let told = match (entry.accepted, action) {
        (true, Some(action)) => action.told().to_owned(),
        (false, Some(Action::Register)) => "a présenté un courrier semblable".to_owned(),
        (false, Some(action)) => format!("a tenté en vain\u{a0}: «\u{a0}{}\u{a0}»", action.french()),
        (_, None) => entry.action.clone(),
    };
    JournalRow {
        at: entry.at.french(),
        who: who(line, names),
        told,
        detail: event(line).and_then(|event| detail(&event, organisation)),
        from: (entry.from != entry.to).then(|| stage(&entry.from)).flatten(),
        to: stage(&entry.to).unwrap_or("–"),
        note: line.note.clone(),
        refused: !entry.accepted,
    }
}

fn stage(code: &str) -> Option<&'static str> {
    code.parse::<Stage>().ok().map(|stage| stage.french())
}

/// What an accepted entry holds.
pub(super) fn event(line: &Line) -> Option<Event> {
    line.entry.accepted.then(|| serde_json::from_str(&line.entry.payload).ok()).flatten()
}

/// The day on which the present stage began.
pub(super) fn since(loaded: &Loaded) -> Option<String> {
    let moved = |line: &&Line| line.entry.accepted && line.entry.from != line.entry.to;
    let last = loaded.lines.iter().rfind(moved).filter(|_| !loaded.more)?;
    Some(words::date(last.entry.at.paris_date()))
}

fn detail(event: &Event, organisation: &Organisation) -> Option<String> {
    let codes = |units: &[UnitId]| {
        let codes: Vec<_> = units.iter().map(|unit| words::unit_code(organisation, *unit)).collect();
        words::listed(&codes)
    };
    let dated = |on| Some(format!("le {}", words::date(on)));
    match event {
        Event::Routed { lead, contributors, informed, .. } => {
            let mut text = format!("à {}", words::unit_code(organisation, *lead));
            for (units, part) in [(contributors, "avec"), (informed, "pour information")] {
                if !units.is_empty() {
                    text = text + ", " + part + " " + &codes(units);
                }
            }
            Some(text)
        }
        Event::Rerouted { lead, .. } => Some(format!("à {}", words::unit_code(organisation, *lead))),
        Event::Declined { reason, proposed, .. } => Some(match proposed {
            Some(unit) => {
                format!("{}, propose {}", reason.french(), words::unit_code(organisation, *unit))
            }
            None => reason.french().to_owned(),
        }),
        Event::Drafted { version, .. }
        | Event::Submitted { version }
        | Event::Approved { version }
        | Event::Signed { version, .. } => Some(format!("version {version}")),
        Event::Dispatched { reference, channel, on, .. } => {
            Some(format!("{reference}, {}, le {}", channel.french().to_lowercase(), words::date(*on)))
        }
        Event::Suspended { from, until, .. } => {
            Some(format!("du {} au {}", words::date(*from), words::date(*until)))
        }
        Event::ExtensionRequested { until, .. } => Some(format!("au {}", words::date(*until))),
        Event::Rescheduled { due } => Some(format!("échéance au {}", words::date(due.due_on))),
        Event::TransferRequested { ministry } => Some(format!("à {ministry}")),
        Event::Renamed { ministry, on } => Some(format!("{ministry}, depuis le {}", words::date(*on))),
        Event::HandedOver { ministry, on } => Some(format!("à {ministry}, le {}", words::date(*on))),
        Event::BatchJoined { draft: Some(draft), .. } => {
            Some(format!("projet de la question directrice, version {} ici", draft.version))
        }
        Event::AnsweredByPhone { on, .. }
        | Event::Acknowledged { on }
        | Event::Resumed { on, .. }
        | Event::Published { on }
        | Event::Withdrawn { on }
        | Event::Lapsed { on }
        | Event::Converted { on }
        | Event::TransferAccepted { on }
        | Event::Signalled { on, .. }
        | Event::Renewed { on }
        | Event::RecallNoticed { on }
        | Event::SittingPlanned { on, .. }
        | Event::Corrected { on } => dated(*on),
        _ => None,
    }
}
