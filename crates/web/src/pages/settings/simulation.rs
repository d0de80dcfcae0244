//! What a change of the delays would move, shown before it is made, and the button that makes it.

use pli_app::Moves;

use crate::failure::Failure;
use crate::fields::Fields;
use crate::form::Spec;
use crate::session::Session;
use crate::{random, words};

/// How many dates are shown; the count says how many there are.
const SHOWN: usize = 500;

/// A date that would move. An administrator reads no dossier: there is nothing more of it than this.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) reference: String,
    pub(super) unit: String,
    pub(super) rule: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// What was found, and the form that makes the change with the very values that were tried.
#[derive(Debug)]
pub(super) struct Simulation {
    pub(super) looked_at: String,
    pub(super) moved: String,
    pub(super) rows: Vec<Row>,
    /// How many more there are than are shown.
    pub(super) more: Option<String>,
    pub(super) action: String,
    pub(super) button: &'static str,
    pub(super) token: String,
    pub(super) key: String,
    pub(super) carried: Vec<(&'static str, String)>,
}

impl Simulation {
    /// `carried` goes with the form that is sent to `action`.
    pub(super) fn new(
        session: &Session,
        found: &Moves,
        action: String,
        button: &'static str,
        carried: Vec<(&'static str, String)>,
    ) -> Result<Self, Failure> {
        let caller = &session.caller;
        let rule = |code: &str| {
            let rule = caller.delays.rules.latest(code);
            rule.map_or(code, |rule| rule.label.as_str()).to_owned()
        };
        let rows = found.moves.iter().take(SHOWN).map(|moved| Row {
            reference: moved.reference.clone(),
            unit: moved.lead.map(|unit| words::unit_code(&caller.organisation, unit)).unwrap_or_default(),
            rule: rule(&moved.rule),
            before: words::date(moved.before),
            after: words::date(moved.after),
        });
        let count =
            |number: usize, one, many| words::counted(u64::try_from(number).unwrap_or(u64::MAX), one, many);
        let hidden = found.moves.len().saturating_sub(SHOWN);
        Ok(Self {
            looked_at: words::counted(found.looked_at, "dossier ouvert examiné", "dossiers ouverts examinés"),
            moved: count(found.moves.len(), "échéance changerait", "échéances changeraient"),
            rows: rows.collect(),
            more: (hidden > 0).then(|| count(hidden, "autre", "autres")),
            action,
            button,
            token: session.token(),
            key: random::key()?,
            carried,
        })
    }
}

/// The values of a form, to be carried as they were typed.
pub(super) fn carried(specs: &[Spec], typed: &Fields) -> Vec<(&'static str, String)> {
    specs.iter().map(|spec| (spec.name, typed.text(spec.name).to_owned())).collect()
}
