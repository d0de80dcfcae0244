//! The way of an answer through the hands that submit, approve, send back and sign it.

use pli_domain::dossier::{Action, Event};

use super::Loaded;
use super::journal::{event, who};

/// What somebody decided.
#[derive(Debug)]
pub(in crate::pages) struct Step {
    pub(in crate::pages) at: String,
    pub(in crate::pages) who: String,
    pub(in crate::pages) told: &'static str,
    /// On which version.
    pub(in crate::pages) version: Option<u32>,
    /// What they said.
    pub(in crate::pages) note: Option<String>,
    /// Whether it went back.
    pub(in crate::pages) back: bool,
}

/// The steps, the first one first.
pub(in crate::pages) fn steps(loaded: &Loaded) -> Vec<Step> {
    let mut version = None;
    let mut steps = Vec::new();
    for line in &loaded.lines {
        let Some(event) = event(line) else { continue };
        if let Event::Drafted { version: written, .. } = event {
            version = Some(written);
        }
        let action = event.action();
        let back = matches!(action, Action::SendBack | Action::RecallAnswer);
        if back || matches!(action, Action::Submit | Action::Approve | Action::Sign) {
            steps.push(Step {
                at: line.entry.at.french(),
                who: who(line, &loaded.names),
                told: action.told(),
                version,
                note: line.note.clone(),
                back,
            });
        }
    }
    steps
}
