//! The rows of the list, with the columns that were chosen.

use chrono::NaiveDate;
use pli_app::{Caller, Sheet};
use pli_domain::deadline::Standing;
use strum::VariantArray as _;

use crate::columns::{Column, Table};
use crate::filters::Filters;
use crate::words;

/// A dossier in the list.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) reference: String,
    pub(super) late: bool,
    /// After its reference.
    pub(super) cells: Vec<Cell>,
}

/// A cell; the class says how it stands on a small screen.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) class: &'static str,
    /// Its column, said again on a small screen.
    pub(super) heading: &'static str,
    pub(super) content: Content,
}

/// What stands in a cell.
#[derive(Debug)]
pub(super) enum Content {
    Plain(String),
    /// What it is about; under it the sender.
    Subject {
        subject: String,
        sender: String,
    },
    /// Its short name and its full one.
    Unit {
        code: String,
        name: String,
    },
    /// To be given to a unit.
    ToRoute,
    /// Until when; behind it how it stands.
    Due {
        due: Option<String>,
        standing: String,
        at_risk: bool,
    },
}

/// A column that may be shown.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) code: &'static str,
    pub(super) heading: &'static str,
    pub(super) chosen: bool,
    /// Always shown.
    pub(super) fixed: bool,
}

/// The columns that have a place of their own: the sender stands under the subject, the standing behind the due date.
pub(super) fn drawn(columns: &[Column]) -> impl Iterator<Item = Column> {
    let beside = |column| match column {
        Column::Sender => Some(Column::Subject),
        Column::Standing => Some(Column::Due),
        _ => None,
    };
    columns.iter().copied().filter(move |column| beside(*column).is_none_or(|host| !columns.contains(&host)))
}

/// How a column stands on a small screen.
pub(super) fn class(column: Column) -> &'static str {
    match column {
        Column::Reference | Column::Subject => "",
        Column::Due => "due",
        Column::Stage | Column::Unit => "short",
        _ => "more",
    }
}

/// Every column, to be chosen.
pub(super) fn shown(filters: &Filters) -> Vec<Shown> {
    let shown = |column: &Column| Shown {
        code: (*column).into(),
        heading: column.heading(),
        chosen: filters.columns().contains(column),
        fixed: *column == Column::Reference,
    };
    Column::VARIANTS.iter().map(shown).collect()
}

impl Row {
    pub(super) fn new(sheet: &Sheet, filters: &Filters, caller: &Caller, today: NaiveDate) -> Self {
        let table = Table { list: &filters.list, organisation: &caller.organisation, today };
        let columns = filters.columns();
        let cell = |column| Cell {
            class: class(column),
            heading: column.heading(),
            content: Content::new(column, columns, sheet, &table, caller),
        };
        Self {
            reference: sheet.dossier.reference.clone(),
            late: matches!(table.standing(&sheet.dossier), Standing::Late { .. }),
            cells: drawn(columns).filter(|column| *column != Column::Reference).map(cell).collect(),
        }
    }
}

impl Content {
    fn new(column: Column, columns: &[Column], sheet: &Sheet, table: &Table<'_>, caller: &Caller) -> Self {
        let dossier = &sheet.dossier;
        let beside = |column| {
            let chosen = Some(column).filter(|column| columns.contains(column));
            chosen.map(|column| table.value(column, sheet).text()).unwrap_or_default()
        };
        match (column, dossier.lead) {
            (Column::Subject, _) => {
                Self::Subject { subject: sheet.subject.clone(), sender: beside(Column::Sender) }
            }
            (Column::Unit, Some(unit)) => Self::Unit {
                code: words::unit_code(table.organisation, unit),
                name: words::unit(table.organisation, unit),
            },
            (Column::Unit, None) if dossier.stage.is_open() => Self::ToRoute,
            (Column::Due, _) => Self::Due {
                due: table.term(dossier).due_on.map(words::date),
                standing: beside(Column::Standing),
                at_risk: dossier.is_at_risk(&caller.delays, table.today),
            },
            (column, _) => match table.value(column, sheet).text() {
                text if text.is_empty() => Self::Plain("–".to_owned()),
                text => Self::Plain(text),
            },
        }
    }
}
