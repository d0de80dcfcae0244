//! The filters of the list as a form.

use chrono::NaiveDate;
use pli_app::Late;
use pli_domain::deadline::AgeClass;
use pli_domain::french::French as _;
use pli_domain::organisation::Organisation;
use strum::VariantArray as _;

use crate::fields::Fields;
use crate::filters::{self, ANSWERS, Filters, KINDS, STATES, choice};
use crate::form::Choice;

/// The names of its fields.
const FIELDS: [&str; 11] = [
    "q",
    "etat",
    "type",
    "etape",
    "service",
    "retard",
    "horloge",
    "repondu",
    "risque",
    "accuse",
    "sans-service",
];

/// The filters as a form.
#[derive(Debug)]
pub(super) struct FilterForm {
    pub(super) states: Vec<Choice>,
    pub(super) kinds: Vec<Choice>,
    pub(super) stages: Vec<Choice>,
    pub(super) units: Vec<Choice>,
    pub(super) lates: Vec<Choice>,
    pub(super) clocks: Vec<Choice>,
    pub(super) at_risk: bool,
    pub(super) to_acknowledge: bool,
    pub(super) answers: Vec<Choice>,
    /// What the form carries along: days, a message, columns.
    pub(super) carried: Fields,
    pub(super) unrouted: bool,
    pub(super) words: String,
}

impl FilterForm {
    pub(super) fn new(filters: &Filters, organisation: &Organisation, today: NaiveDate) -> Self {
        let list = &filters.list;
        let every = |label: &str, chosen| choice("", label, chosen);
        let opens = STATES.iter().map(|(code, label, open)| choice(code, label, *open == list.open));
        let kinds = KINDS.iter().map(|(code, kind)| choice(code, kind.french(), list.kind == Some(*kind)));
        let stages =
            filters::stages().map(|stage| choice(&stage.code(), stage.french(), list.stage == Some(stage)));
        let lates = [Late::Any].into_iter().chain(AgeClass::VARIANTS.iter().copied().map(Late::Class));
        let lates = lates.map(|late| {
            let label = match late {
                Late::Any => "En retard",
                Late::Class(class) => class.french(),
            };
            choice(filters::late_code(late), label, list.late == Some(late))
        });
        let answers = ANSWERS
            .iter()
            .map(|(code, answered, label)| choice(code, label, list.answered == Some(*answered)));
        Self {
            states: opens.collect(),
            kinds: [every("Tous", list.kind.is_none())].into_iter().chain(kinds).collect(),
            stages: [every("Toutes", list.stage.is_none())].into_iter().chain(stages).collect(),
            units: filters::units(list.unit, organisation, today),
            lates: [every("Peu importe", list.late.is_none())].into_iter().chain(lates).collect(),
            clocks: filters::clocks(list.clock),
            at_risk: list.at_risk,
            to_acknowledge: list.to_acknowledge,
            answers: [every("Peu importe", list.answered.is_none())].into_iter().chain(answers).collect(),
            carried: filters.others(&FIELDS, organisation),
            unrouted: list.unrouted,
            words: list.words.clone().unwrap_or_default(),
        }
    }
}
