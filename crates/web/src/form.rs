//! A form as it is shown: fields with their labels, what was typed, and what is wrong with it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_app::Error;
use pli_domain::delay::Delays;
use pli_domain::dossier::{Dossier, Media};
use pli_domain::french::French;
use pli_domain::ids::CompartmentId;
use pli_domain::organisation::{Organisation, Unit, UnitKind};
use pli_domain::refusal::Refusal;
use strum::VariantArray as _;

use crate::fields::Fields;
use crate::upload::Kept;
use crate::words;

/// A field, before anything is typed in it.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Its name, the same as in the API.
    pub(crate) name: &'static str,
    /// In French.
    pub(crate) label: &'static str,
    /// What helps to fill it; may be empty.
    pub(crate) hint: &'static str,
    /// Whether it may stay empty.
    pub(crate) optional: bool,
    /// How it is typed.
    pub(crate) input: Input,
    /// Whether values that are known are suggested while it is typed.
    pub(crate) suggested: bool,
}

/// How a field is typed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Input {
    /// One unit.
    Unit,
    /// Any number of units.
    Units,
    /// A short text.
    Line,
    /// A password: never shown again. What the browser may fill it with (`autocomplete`).
    Password(&'static str),
    /// A whole number.
    Number,
    /// A long text, shown on this many lines.
    Long(u8),
    /// A day.
    Date,
    /// A document.
    File,
    /// One of these: value and words.
    Of(fn() -> Vec<(&'static str, &'static str)>),
    /// One of these few, all seen at once.
    OneOf(fn() -> Vec<(&'static str, &'static str)>),
    /// Yes or no, with the words beside the box.
    Check(&'static str),
    /// One of the dossier's deadlines.
    Deadline(Which),
    /// One of the compartments in which the person is named.
    Compartment,
}

/// Which deadlines of the dossier can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that can be stopped.
    Suspendable,
    /// Those that are stopped.
    Suspended,
    /// Those for which more time can be asked.
    Extendable,
    /// Those for which more time was asked.
    Pending,
}

impl Spec {
    /// A field that must be filled.
    pub(crate) const fn new(name: &'static str, label: &'static str, input: Input) -> Self {
        Self { name, label, hint: "", optional: false, input, suggested: false }
    }

    /// With a hint.
    #[must_use]
    pub(crate) const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// With suggestions, by JavaScript; without it, a plain field.
    #[must_use]
    pub(crate) const fn suggested(self) -> Self {
        Self { suggested: true, ..self }
    }

    /// May stay empty.
    #[must_use]
    pub(crate) const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// The values and words of a closed list.
pub(crate) fn choices<T: Copy + French + Into<&'static str>>(all: &[T]) -> Vec<(&'static str, &'static str)> {
    all.iter().map(|one| ((*one).into(), one.french())).collect()
}

/// What is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The field; the whole form when `None`.
    pub(crate) field: Option<&'static str>,
    /// In French.
    pub(crate) message: String,
}

impl FieldError {
    /// What the rules say of a field.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self { field: refusal.field(), message: refusal.message() }
    }

    /// What a use case says.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::refused(refusal),
            other => Self { field: None, message: other.message() },
        }
    }
}

/// A choice in a list.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// How a field is drawn.
#[derive(Debug)]
pub(crate) enum Control {
    Line { value: String, numeric: bool },
    Password { fill: &'static str },
    Long { value: String, rows: u8 },
    Date { value: String },
    File { kept: Option<KeptView> },
    Select { choices: Vec<Choice> },
    Radios { choices: Vec<Choice> },
    Checks { choices: Vec<Choice>, any: bool },
    Check { words: &'static str, chosen: bool },
}

/// A document that came with the form before, and need not be sent again.
#[derive(Debug)]
pub(crate) struct KeptView {
    /// Its sealed name.
    pub(crate) sealed: String,
    pub(crate) name: String,
}

impl KeptView {
    fn of(sealed: &str) -> Option<Self> {
        Some(Self { sealed: sealed.to_owned(), name: Kept::unsealed(sealed)?.name })
    }
}

/// A field as it is shown.
#[derive(Debug)]
pub(crate) struct FieldView {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    pub(crate) optional: bool,
    pub(crate) error: Option<String>,
    pub(crate) suggested: bool,
    /// Whether one begins to type there.
    pub(crate) focused: bool,
    pub(crate) control: Control,
}

impl FieldView {
    /// The texts that describe it, for those who hear the page.
    pub(crate) fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-aide", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-erreur", self.id));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

/// A form as it is shown.
#[derive(Debug)]
pub(crate) struct FormView {
    pub(crate) id: String,
    pub(crate) action: String,
    pub(crate) button: &'static str,
    /// What it will do, when the button does not say all.
    pub(crate) intro: Option<String>,
    /// Whether it is unfolded among the rarer ones.
    pub(crate) open: bool,
    pub(crate) token: String,
    pub(crate) key: String,
    /// The version of the dossier that is shown.
    pub(crate) version: Option<u32>,
    pub(crate) fields: Vec<FieldView>,
}

impl FormView {
    /// What must be filled, in words.
    pub(crate) fn required(&self) -> Option<&'static str> {
        match (self.fields.iter().filter(|field| !field.optional).count(), self.fields.len()) {
            (0, _) => None,
            (1, 1) => Some("Ce champ est à remplir."),
            _ => Some("Tous les champs sont à remplir, sauf mention contraire."),
        }
    }

    /// Whether it brings a document, which is sent in another way.
    pub(crate) fn brings_document(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.control, Control::File { .. }))
    }
}

/// What a file field lets choose.
pub(crate) fn accepted() -> String {
    let kinds = Media::VARIANTS.iter().map(|media| {
        let ends = media.extensions().iter().map(|end| format!(".{end}"));
        ends.chain([media.mime().to_owned()]).collect::<Vec<_>>().join(",")
    });
    kinds.collect::<Vec<_>>().join(",")
}

/// A line of the summary of what is wrong: where it leads, and its words.
#[derive(Debug)]
pub(crate) struct AlertLine {
    pub(crate) href: Option<String>,
    pub(crate) message: String,
}

/// What stands at the top of a page whose form was refused.
#[derive(Debug)]
pub(crate) struct Alert {
    pub(crate) title: &'static str,
    pub(crate) lines: Vec<AlertLine>,
    /// What was typed in a form that is not on the page any more.
    pub(crate) kept: Vec<String>,
}

impl Alert {
    /// The summary of the errors of a form; each leads to its field.
    pub(crate) fn of(errors: &[FieldError], shown: Option<&FormView>) -> Self {
        let fields = shown.map_or(&[][..], |form| &form.fields);
        Self::on(errors, fields, shown.map(|form| form.id.as_str()))
    }

    /// The same, of fields that are shown within a form of that name.
    pub(crate) fn on(errors: &[FieldError], fields: &[FieldView], form: Option<&str>) -> Self {
        let lines = errors.iter().map(|error| {
            let field = error.field.and_then(|name| fields.iter().find(|field| field.name == name));
            AlertLine {
                href: field.map(|field| field.id.as_str()).or(form).map(|id| format!("#{id}")),
                message: match field {
                    Some(field) => format!("{}\u{a0}: {}", field.label, error.message),
                    None => error.message.clone(),
                },
            }
        });
        Self { title: "Rien n’a été enregistré", lines: lines.collect(), kept: Vec::new() }
    }
}

/// What fields need to know of the world.
#[derive(Debug)]
pub(crate) struct Units {
    /// Code and words of the units that can be chosen.
    choosable: Vec<(String, String)>,
    /// Code and words of the deadlines that can be chosen.
    deadlines: Vec<(Which, String, String)>,
    /// Identifier and name of the compartments that can be chosen.
    compartments: Vec<(String, String)>,
}

impl Units {
    /// For a form that names none.
    pub(crate) fn none() -> Self {
        Self { choosable: Vec::new(), deadlines: Vec::new(), compartments: Vec::new() }
    }

    /// The units to which work may be given on that day, in the order of the tree.
    pub(crate) fn open(organisation: &Organisation, today: NaiveDate) -> Self {
        Self::which(organisation, today, |unit| unit.kind != UnitKind::Ministry && unit.is_open(today))
    }

    /// Some units, in the order of the tree; those that are closed on that day say so.
    pub(crate) fn which(
        organisation: &Organisation,
        today: NaiveDate,
        wanted: impl Fn(&Unit) -> bool,
    ) -> Self {
        let named = organisation.in_order().into_iter().filter(|unit| wanted(unit)).map(|unit| {
            let depth = organisation.path(unit.id).len().saturating_sub(2);
            let closed = if unit.valid_to.is_some_and(|last| last < today) { " (fermé)" } else { "" };
            let label = format!("{}{} – {}{closed}", "\u{a0}\u{a0}".repeat(depth), unit.code, unit.name);
            (unit.code.clone(), label)
        });
        Self { choosable: named.collect(), ..Self::none() }
    }

    /// With the deadlines of a dossier.
    #[must_use]
    pub(crate) fn with_deadlines(self, dossier: &Dossier, delays: &Delays) -> Self {
        let open = dossier.deadlines.iter().filter(|deadline| deadline.is_open());
        let choices = open.flat_map(|deadline| {
            let rule = delays.rule_of(&deadline.due);
            let label = rule.map_or(deadline.due.rule.as_str(), |rule| rule.label.as_str());
            let words = format!("{label}, {}", words::date(deadline.due_on()));
            let stopped = deadline.suspended_until().is_some();
            let can = [
                (Which::Suspendable, rule.is_some_and(|rule| rule.suspendable) && !stopped),
                (Which::Suspended, stopped),
                (Which::Extendable, rule.is_some_and(|rule| rule.extendable) && deadline.pending().is_none()),
                (Which::Pending, deadline.pending().is_some()),
            ];
            let code = deadline.due.rule.clone();
            can.into_iter()
                .filter(|(_, can)| *can)
                .map(move |(which, _)| (which, code.clone(), words.clone()))
        });
        Self { deadlines: choices.collect(), ..self }
    }

    /// With compartments.
    #[must_use]
    pub(crate) fn with_compartments(self, named: &BTreeMap<CompartmentId, String>) -> Self {
        let choices = named.iter().map(|(id, name)| (id.to_string(), name.clone()));
        Self { compartments: choices.collect(), ..self }
    }

    /// As choices, those of these codes chosen.
    pub(crate) fn choices(&self, chosen: &dyn Fn(&str) -> bool) -> Vec<Choice> {
        let choice = |(code, label): &(String, String)| Choice {
            value: code.clone(),
            label: label.clone(),
            chosen: chosen(code),
        };
        self.choosable.iter().map(choice).collect()
    }
}

/// Draws fields with what was typed in them.
pub(crate) fn draw(
    prefix: &str,
    specs: &'static [Spec],
    typed: &Fields,
    errors: &[FieldError],
    units: &Units,
) -> Vec<FieldView> {
    let field = |spec: &'static Spec| FieldView {
        id: format!("{prefix}-{}", spec.name),
        name: spec.name,
        label: spec.label,
        hint: spec.hint,
        optional: spec.optional,
        suggested: spec.suggested,
        focused: false,
        error: errors.iter().find(|error| error.field == Some(spec.name)).map(|error| error.message.clone()),
        control: control(spec, typed, units),
    };
    specs.iter().map(field).collect()
}

fn control(spec: &Spec, typed: &Fields, units: &Units) -> Control {
    let value = typed.text(spec.name);
    let first = || Choice { value: String::new(), label: "Choisir…".to_owned(), chosen: value.is_empty() };
    match spec.input {
        Input::Line => Control::Line { value: value.to_owned(), numeric: false },
        Input::Password(fill) => Control::Password { fill },
        Input::Number => Control::Line { value: value.to_owned(), numeric: true },
        Input::Long(rows) => Control::Long { value: value.to_owned(), rows },
        Input::Date => Control::Date { value: value.to_owned() },
        Input::File => Control::File { kept: KeptView::of(value) },
        Input::Unit => {
            let mut choices = vec![first()];
            choices.extend(units.choices(&|code| code == value));
            Control::Select { choices }
        }
        Input::Units => {
            let choices = units.choices(&|code| typed.all(spec.name).any(|value| value == code));
            Control::Checks { any: choices.iter().any(|choice| choice.chosen), choices }
        }
        Input::Check(words) => Control::Check { words, chosen: value == "1" },
        Input::Deadline(which) => {
            let mine = units.deadlines.iter().filter(|(one, ..)| *one == which);
            let mine: Vec<_> = mine.map(|(_, code, label)| (code.as_str(), label.as_str())).collect();
            // Of a single one there is nothing to choose.
            let value = if let [(only, _)] = mine[..] { only } else { value };
            let first = (mine.len() != 1).then(first);
            Control::Select { choices: first.into_iter().chain(listed(mine, value)).collect() }
        }
        Input::Compartment => {
            let named = units.compartments.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
            let none = if spec.optional { "À personne en particulier" } else { "Choisir…" };
            let first = Choice { label: none.to_owned(), ..first() };
            Control::Select { choices: [first].into_iter().chain(listed(named, value)).collect() }
        }
        Input::Of(all) => {
            Control::Select { choices: [first()].into_iter().chain(listed(all(), value)).collect() }
        }
        Input::OneOf(all) => Control::Radios { choices: listed(all(), value).collect() },
    }
}

/// A closed list as choices.
fn listed<'a>(all: Vec<(&'a str, &'a str)>, value: &'a str) -> impl Iterator<Item = Choice> + 'a {
    all.into_iter().map(move |(code, label)| Choice {
        value: code.to_owned(),
        label: label.to_owned(),
        chosen: code == value,
    })
}
