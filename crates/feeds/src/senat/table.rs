//! The CSV files (`questions-depuis-un-an.csv`, `qg.csv`): `;`, one line a question, no text.

use std::io::Read;
use std::ops::ControlFlow;

use chrono::NaiveDate;
use csv::StringRecord;
use pli_domain::identity::QuestionType;
use pli_domain::published::{
    Attribution, Author, ClosingKind, Ministry, PublishedQuestion, PublishedText, Recall,
};
use pli_domain::text::fold;

use super::identity::{self, Said};
use super::{fate, stopped};
use crate::bounds::Allowance;
use crate::reject::RejectReason;
use crate::source::Emit;
use crate::values::date;

/// Without these no question is known.
const NEEDED: [&str; 3] = ["Nature", "Numéro", "Titre"];

/// Reads the rows of a file.
pub(super) fn read(
    input: impl Read,
    allowance: &Allowance,
    emit: &mut Emit<'_, PublishedQuestion>,
) -> ControlFlow<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(input);
    let columns = match reader.headers() {
        Ok(header) => Columns::new(header),
        Err(_) => return emit(Err(stopped(allowance))),
    };
    if let Some(column) = NEEDED.iter().find(|column| columns.place(column).is_none()) {
        return emit(Err(RejectReason::MissingColumn { column: (*column).to_owned() }));
    }
    let mut row = StringRecord::new();
    loop {
        allowance.renew();
        match reader.read_record(&mut row) {
            Ok(false) => return ControlFlow::Continue(()),
            Ok(true) => emit(question(&columns, &row))?,
            Err(_) => return emit(Err(stopped(allowance))),
        }
    }
}

/// Where each column is, by its folded name.
struct Columns(Vec<String>);

impl Columns {
    fn new(header: &StringRecord) -> Self {
        Self(header.iter().map(|name| fold(name.trim_start_matches('\u{feff}').trim())).collect())
    }

    fn place(&self, name: &str) -> Option<usize> {
        let name = fold(name);
        self.0.iter().position(|column| *column == name)
    }

    fn text<'a>(&self, row: &'a StringRecord, name: &str) -> Option<&'a str> {
        row.get(self.place(name)?).map(str::trim).filter(|text| !text.is_empty())
    }

    fn own(&self, row: &StringRecord, name: &str) -> Option<String> {
        self.text(row, name).map(str::to_owned)
    }

    fn day(&self, row: &StringRecord, name: &str) -> Result<Option<NaiveDate>, RejectReason> {
        self.text(row, name).map_or(Ok(None), date)
    }

    fn ministry(&self, row: &StringRecord, name: &str) -> Option<Ministry> {
        self.own(row, name).map(|label| Ministry { reference: None, label })
    }
}

fn question(columns: &Columns, row: &StringRecord) -> Result<PublishedQuestion, RejectReason> {
    let published_on = columns.day(row, "Date de publication JO")?;
    let (identity, uid) = identity::read(Said {
        reference: columns.text(row, "Référence"),
        nature: columns.text(row, "Nature"),
        number: columns.text(row, "Numéro"),
        published_on,
    })?;
    let answered_on = columns.day(row, "Date de réponse JO")?;
    let (closing, recalled): (_, Option<Recall>) =
        fate(columns.text(row, "Sort").unwrap_or_default(), answered_on);
    let answered = answered_on.is_some()
        || closing.as_ref().is_some_and(|closing| closing.kind == ClosingKind::Answered);
    let asked = columns.ministry(row, "Ministère de dépôt");
    let given = [
        (asked.clone(), published_on),
        (columns.ministry(row, "Ministère de transmission"), columns.day(row, "Date de transmission")?),
        (columns.ministry(row, "Ministère de réponse"), None),
    ];
    let themes = [columns.text(row, "Thème(s)"), columns.text(row, "Thème QC")];
    let terms: Vec<_> = themes.into_iter().flatten().flat_map(|themes| themes.split([';', '|'])).collect();
    let in_chamber = !matches!(identity.kind, QuestionType::Qe | QuestionType::Qosd);
    PublishedQuestion {
        title: columns.own(row, "Titre"),
        rubric: terms.first().map(|term| term.trim().to_owned()),
        terms: terms.into_iter().map(|term| term.trim().to_owned()).collect(),
        author: Author {
            reference: None,
            civility: columns.own(row, "Civilité"),
            given_name: columns.own(row, "Prénom"),
            family_name: columns.own(row, "Nom"),
            group: columns.text(row, "Groupe").map(|group| {
                // `-A`: of the group's allies, `-R`: attached to it.
                format!("{group}{}", columns.text(row, "Type Appartenance").unwrap_or_default())
            }),
            constituency: columns.own(row, "Circonscription"),
        },
        asked_ministry: asked,
        attributions: attributions(given),
        published_on,
        answers: answered
            .then_some(PublishedText { on: answered_on, page: None, html: None, erratum: false })
            .into_iter()
            .collect(),
        closing,
        recalled,
        recall_of: columns.own(row, "Référence de la question rappelée"),
        sitting_on: published_on.filter(|_| in_chamber),
        ..PublishedQuestion::bare(identity, uid)
    }
    .seal()
    .map_err(|error| RejectReason::UnexpectedShape { detail: error.to_string() })
}

/// The ministries that a question passed through, each named once in its turn.
pub(super) fn attributions(
    given: impl IntoIterator<Item = (Option<Ministry>, Option<NaiveDate>)>,
) -> Vec<Attribution> {
    let mut all: Vec<Attribution> = Vec::new();
    for (ministry, on) in given {
        let Some(ministry) = ministry else { continue };
        if all.last().is_none_or(|last| last.ministry.label != ministry.label) {
            all.push(Attribution { ministry, on, cause: None });
        }
    }
    all
}
