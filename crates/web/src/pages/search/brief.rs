//! What the page says of a dossier beside the words that were found.

use chrono::NaiveDate;
use pli_app::{Caller, List, Sheet};
use pli_domain::deadline::Standing;
use pli_domain::french::French as _;

use crate::words;

/// A dossier in a line.
#[derive(Debug)]
pub(super) struct Brief {
    pub(super) reference: String,
    pub(super) stage: &'static str,
    pub(super) unit: String,
    pub(super) unit_name: String,
    pub(super) due: Option<String>,
    pub(super) standing: String,
    pub(super) late: bool,
    pub(super) open: bool,
}

impl Brief {
    pub(super) fn new(sheet: &Sheet, list: &List, caller: &Caller, today: NaiveDate) -> Self {
        let (dossier, organisation) = (&sheet.dossier, &*caller.organisation);
        let term = list.term(dossier);
        let standing = term.standing(today);
        Self {
            reference: dossier.reference.clone(),
            stage: dossier.stage.french(),
            unit: dossier.lead.map(|unit| words::unit_code(organisation, unit)).unwrap_or_default(),
            unit_name: dossier.lead.map(|unit| words::unit(organisation, unit)).unwrap_or_default(),
            due: term.due_on.map(words::date),
            standing: standing.french(),
            late: matches!(standing, Standing::Late { .. }),
            open: dossier.stage.is_open(),
        }
    }
}
