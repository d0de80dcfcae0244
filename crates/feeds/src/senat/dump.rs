//! The dump of the Sénat's database, as PostgreSQL writes it: `COPY table (columns) FROM stdin;`, a line a row, `\.`.
//!
//! Tables come in the order of their names, so the ministries are known before the questions, and the questions before
//! their answers. An answer is a record of its own, which completes that of its question: nothing waits in memory but the
//! name of each question under its identifier.

use std::collections::HashMap;
use std::io::BufRead;
use std::ops::ControlFlow;

use chrono::NaiveDate;
use pli_domain::identity::QuestionIdentity;
use pli_domain::published::{
    Author, ClosingKind, Ministry, PublishedQuestion, PublishedText, Recall, Signalment,
};

use super::identity::{self, Said};
use super::table::attributions;
use super::{fate, stopped};
use crate::bounds::Allowance;
use crate::html;
use crate::reject::RejectReason;
use crate::source::Emit;
use crate::values::date;

/// Reads the questions and the answers of a dump.
pub(super) fn read(
    mut input: impl BufRead,
    allowance: &Allowance,
    emit: &mut Emit<'_, PublishedQuestion>,
) -> ControlFlow<()> {
    let mut known = Known::default();
    let mut table: Option<(String, Vec<String>)> = None;
    let mut any = false;
    let mut line = String::new();
    for number in 1.. {
        allowance.renew();
        line.clear();
        match input.read_line(&mut line) {
            Ok(0) if table.is_some() => return emit(Err(RejectReason::BrokenLine { line: number })),
            Ok(0) if any => return ControlFlow::Continue(()),
            Ok(0) => return emit(Err(RejectReason::NotAQuestion)),
            Ok(_) => {}
            Err(_) => return emit(Err(stopped(allowance))),
        }
        let text = line.trim_end_matches(['\n', '\r']);
        match &table {
            None => {
                table = copied(text);
                any |= table.as_ref().is_some_and(|(name, _)| name == "tam_questions");
            }
            Some(_) if text == "\\." => table = None,
            Some((name, columns)) => {
                let fields: Vec<_> = text.split('\t').map(field).collect();
                let row = Row { columns, fields: &fields };
                if let Some(outcome) = known.row(name, &row, number) {
                    emit(outcome)?;
                }
            }
        }
    }
    ControlFlow::Continue(())
}

/// The table and its columns, where a line begins to copy one.
fn copied(line: &str) -> Option<(String, Vec<String>)> {
    let (table, rest) = line.strip_prefix("COPY ")?.split_once('(')?;
    let (columns, rest) = rest.split_once(')')?;
    if !rest.trim().eq_ignore_ascii_case("FROM stdin;") {
        return None;
    }
    let name = |text: &str| text.trim().trim_matches('"').to_owned();
    let table = table.rsplit('.').next().map(name)?;
    Some((table, columns.split(',').map(name).collect()))
}

/// A field without PostgreSQL's escapes; `\N` is no value.
fn field(text: &str) -> Option<String> {
    if text == "\\N" {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        if sign != '\\' {
            plain.push(sign);
            continue;
        }
        match signs.next() {
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('b') => plain.push('\u{8}'),
            Some('f') => plain.push('\u{c}'),
            Some('v') => plain.push('\u{b}'),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Some(plain)
}

/// A row of a table.
struct Row<'a> {
    columns: &'a [String],
    fields: &'a [Option<String>],
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|name| name == column)?;
        self.fields.get(place)?.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    fn own(&self, column: &str) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    fn day(&self, column: &str) -> Result<Option<NaiveDate>, RejectReason> {
        self.text(column).map_or(Ok(None), date)
    }

    fn html(&self, column: &str) -> Option<String> {
        self.text(column).map(html::safe).filter(|html| !html.is_empty())
    }
}

/// What the tables before told.
#[derive(Default)]
struct Known {
    fates: HashMap<String, String>,
    natures: HashMap<String, String>,
    ministries: HashMap<String, String>,
    questions: HashMap<String, QuestionIdentity>,
}

type Outcome = Result<PublishedQuestion, RejectReason>;

impl Known {
    fn row(&mut self, table: &str, row: &Row<'_>, line: u64) -> Option<Outcome> {
        let broken = || RejectReason::BrokenLine { line };
        match table {
            "sortquestion" => note(&mut self.fates, row, "sorquecod", "sorquelib"),
            "naturequestion" => note(&mut self.natures, row, "natquecod", "natquelib"),
            "tam_ministeres" => note(&mut self.ministries, row, "minid", "libelle"),
            "tam_questions" | "tam_reponses" if row.fields.len() != row.columns.len() => {
                return Some(Err(broken()));
            }
            "tam_questions" => {
                let read = self.question(row);
                if let (Ok(question), Some(id)) = (&read, row.text("id")) {
                    self.questions.insert(id.to_owned(), question.identity.clone());
                }
                return Some(read);
            }
            "tam_reponses" => {
                let identity = row.text("idque").and_then(|id| self.questions.get(id));
                return Some(identity.ok_or_else(broken).and_then(|identity| Self::answer(identity, row)));
            }
            _ => {}
        }
        None
    }

    fn ministry(&self, row: &Row<'_>, id: &str, label: &str) -> Option<Ministry> {
        let reference = row.own(id);
        let named = || reference.as_ref().and_then(|id| self.ministries.get(id)).cloned();
        Some(Ministry { label: row.own(label).or_else(named)?, reference })
    }

    fn question(&self, row: &Row<'_>) -> Outcome {
        let nature = row.text("natquecod");
        let nature = nature.map(|code| {
            self.natures.get(code).map_or(code, |label| {
                // The code says it where it is one of ours.
                if code.starts_with('Q') { code } else { label }
            })
        });
        let published_on = row.day("datejodepot")?;
        let (identity, uid) = identity::read(Said {
            reference: row.text("reference"),
            nature,
            number: row.text("numero"),
            published_on,
        })?;
        let answered_on = row.day("datejorep1")?;
        let words = row.text("sorquecod").map(|code| self.fates.get(code).map_or(code, String::as_str));
        let (mut closing, recalled) = fate(words.unwrap_or_default(), row.day("datecloture")?);
        let answered = closing.as_ref().is_some_and(|closing| closing.kind == ClosingKind::Answered);
        if let Some(closing) = closing.as_mut().filter(|_| answered) {
            closing.on = answered_on.or(closing.on);
        }
        let recalled_on = row.day("daterappel")?;
        let asked = self.ministry(row, "mindepotid", "mindepotlib");
        let mut attributions = attributions([
            (asked.clone(), published_on),
            (self.ministry(row, "mintranid", "mintranlib"), row.day("datejotran")?),
            (self.ministry(row, "minrepid1", "minreplib1"), None),
        ]);
        if let Some(second) = attributions.get_mut(1) {
            second.cause = row.text("tranisreattr").and_then(cause);
        }
        let signalled = row.day("datesignal")?;
        let terms =
            ["rubrique", "renvoi1", "renvoi2", "renvoi3"].into_iter().filter_map(|column| row.own(column));
        let erratum = printed(row.day("dateerr")?, row.own("pageerr"), row.html("txterrque"), true);
        let answer = printed(answered_on, None, None, false);
        sealed(PublishedQuestion {
            title: row.own("titre"),
            rubric: row.own("rubrique"),
            terms: terms.collect(),
            author: Author {
                reference: row.own("matricule"),
                civility: row.own("codequalite"),
                given_name: row.own("prenom"),
                family_name: row.own("nom"),
                group: row.own("groupe"),
                constituency: row.own("circonscription"),
            },
            asked_ministry: asked,
            attributions,
            published_on,
            page: row.own("pagejodepot"),
            question_html: row.html("txtque"),
            question_errata: erratum.into_iter().collect(),
            answers: answer.into_iter().collect(),
            closing,
            signalled: signalled.map(|on| Signalment { deposited_on: Some(on), published_on: None }),
            recalled: recalled.map(|_| Recall { on: recalled_on }),
            recall_of: row.own("refquerappelee"),
            converted_on: row.day("dattrans")?,
            sitting_on: row.day("dateseance")?,
            ..PublishedQuestion::bare(identity, uid)
        })
    }

    /// An answer, as all that is known of its question.
    fn answer(identity: &QuestionIdentity, row: &Row<'_>) -> Outcome {
        let answers = [
            printed(row.day("datejorep")?, row.own("pagejorep"), row.html("txtrep"), false),
            printed(row.day("errdate")?, row.own("errpage"), row.html("txterrrep"), true),
        ];
        sealed(PublishedQuestion {
            answers: answers.into_iter().flatten().collect(),
            ..PublishedQuestion::bare(identity.clone(), identity.to_string())
        })
    }
}

fn note(known: &mut HashMap<String, String>, row: &Row<'_>, key: &str, value: &str) {
    if let (Some(key), Some(value)) = (row.text(key), row.text(value)) {
        known.insert(key.to_owned(), value.to_owned());
    }
}

/// `O`: given to another ministry; `N`: moved with its ministry.
fn cause(sign: &str) -> Option<String> {
    match sign {
        "O" => Some("REATTRIBUTION".to_owned()),
        "N" => Some("REAFFECTATION".to_owned()),
        _ => None,
    }
}

fn printed(
    on: Option<NaiveDate>,
    page: Option<String>,
    html: Option<String>,
    erratum: bool,
) -> Option<PublishedText> {
    (on.is_some() || html.is_some()).then_some(PublishedText { on, page, html, erratum })
}

fn sealed(record: PublishedQuestion) -> Outcome {
    record.seal().map_err(|error| RejectReason::UnexpectedShape { detail: error.to_string() })
}
