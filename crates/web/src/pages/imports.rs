//! « Imports »: each run of an import, what it did, and what it could not take.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::TimeDelta;
use pli_app::{Page, RejectedRecord, RunDetail, RunFilter};
use pli_domain::french::French as _;
use pli_domain::import_run::{Ending, Feed, ImportRun, RunState};
use strum::VariantArray as _;

use crate::failure::{Failure, Kind, html};
use crate::fields::{Fields, InAddress};
use crate::filters::choice;
use crate::form::Choice;
use crate::frame::{Frame, Here};
use crate::post::Named;
use crate::session::Session;
use crate::{Web, words};

/// How many runs a page holds.
const PAGE: u64 = 30;

/// Which runs an address asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Filters {
    filter: RunFilter,
    before: Option<u32>,
}

/// A run in the list.
#[derive(Debug)]
struct Row {
    number: u32,
    feed: &'static str,
    source: String,
    started: String,
    took: String,
    state: &'static str,
    /// Whether somebody should look at it.
    unwell: bool,
    created: String,
    updated: String,
    unchanged: String,
    dossiers: String,
    /// Where these dossiers are listed.
    listed: Option<String>,
    rejected: String,
    /// Whether there are rejections to open.
    rejects: bool,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    frame: Frame,
    feeds: Vec<Choice>,
    states: Vec<Choice>,
    narrows: bool,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    row: Row,
    digest: Option<String>,
    why: Option<String>,
    /// What to do now, when it did not end well.
    advice: Option<&'static str>,
    /// The number and the day of the run that read the same file.
    before: Option<(u32, String)>,
    /// Names of ministries that look like ours, each with the address where it is added, for those who may.
    doubtful: Vec<(String, Option<String>)>,
    rejections: Vec<RejectedRecord>,
    /// How many rejections are not named.
    more: Option<String>,
}

/// `GET /imports`
pub(crate) async fn list(
    State(web): State<Web>,
    session: Session,
    InAddress(query): InAddress,
) -> Result<Response, Failure> {
    let filters = Filters::parse(&query).ok_or(Kind::Unreadable)?;
    let found = web.app.import_runs(&session.caller, filters.filter, filters.before, PAGE).await?;
    let runs: Vec<u32> = found.items.iter().map(|(run, _)| run.number).collect();
    let opened = web.app.opened_by_runs(&session.caller, &runs).await?;
    html(StatusCode::OK, &ImportsPage::new(&session, filters, &found, &opened))
}

/// `GET /imports/{number}`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    Named(number): Named<String>,
) -> Result<Response, Failure> {
    let number = number.parse().map_err(|_| Kind::NotFound)?;
    let detail = web.app.import_run(&session.caller, number).await?.ok_or(Kind::NotFound)?;
    let opened = web.app.opened_by_runs(&session.caller, &[number]).await?;
    html(StatusCode::OK, &ImportPage::new(&session, detail, opened.get(&number).copied()))
}

impl Filters {
    /// Reads an address; `None` when a word of it is none of ours.
    fn parse(query: &Fields) -> Option<Self> {
        let mut filters = Self::default();
        for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
            match name {
                "source" => filters.filter.feed = Some(value.parse().ok()?),
                "etat" => filters.filter.state = Some(value.parse().ok()?),
                "avant" => filters.before = Some(value.parse().ok()?),
                _ => {}
            }
        }
        Some(filters)
    }

    fn href(self) -> String {
        let parts = [
            self.filter.feed.map(|feed| format!("source={}", <&str>::from(feed))),
            self.filter.state.map(|state| format!("etat={}", <&str>::from(state))),
            self.before.map(|before| format!("avant={before}")),
        ];
        match parts.into_iter().flatten().collect::<Vec<_>>().join("&") {
            query if query.is_empty() => "/imports".to_owned(),
            query => format!("/imports?{query}"),
        }
    }
}

impl ImportsPage {
    fn new(
        session: &Session,
        filters: Filters,
        found: &Page<(ImportRun, RunState)>,
        opened: &BTreeMap<u32, u64>,
    ) -> Self {
        let RunFilter { feed, state } = filters.filter;
        let every = |label: &str, chosen| choice("", label, chosen);
        let feeds =
            Feed::VARIANTS.iter().map(|one| choice(<&str>::from(*one), one.french(), feed == Some(*one)));
        let states = RunState::VARIANTS
            .iter()
            .map(|one| choice(<&str>::from(*one), one.french(), state == Some(*one)));
        let last = found.items.last().filter(|_| found.more);
        Self {
            frame: Frame::of("Imports", session, Here::Imports),
            feeds: [every("Toutes", feed.is_none())].into_iter().chain(feeds).collect(),
            states: [every("Tous", state.is_none())].into_iter().chain(states).collect(),
            narrows: filters.filter != RunFilter::default(),
            rows: found
                .items
                .iter()
                .map(|(run, state)| Row::new(run, *state, opened.get(&run.number).copied()))
                .collect(),
            first: filters.before.map(|_| Filters { before: None, ..filters }.href()),
            next: last.map(|(run, _)| Filters { before: Some(run.number), ..filters }.href()),
        }
    }
}

impl ImportPage {
    fn new(session: &Session, detail: RunDetail, opened: Option<u64>) -> Self {
        let RunDetail { run, state, rejections, before } = detail;
        let named = u64::try_from(rejections.len()).unwrap_or_default();
        let adds = session.caller.actor.administers_all(&session.caller.organisation);
        let more = run.counts.rejected.saturating_sub(named);
        let advice = match state {
            RunState::Failed => Some(
                "Ce qui a été lu avant est gardé. Relancez l’import avec un fichier entier\u{a0}: ce qui est déjà connu ne change pas.",
            ),
            RunState::Interrupted => Some(
                "Le programme s’est arrêté avant la fin. Relancez le même import\u{a0}: il reprend, et ce qui est déjà connu ne change pas.",
            ),
            RunState::Running | RunState::Done => None,
        };
        Self {
            frame: Frame::of(&format!("Import n°\u{a0}{}", run.number), session, Here::Imports),
            row: Row::new(&run, state, opened),
            digest: run.digest.as_ref().map(ToString::to_string),
            why: match run.ending {
                Some(Ending::Failed(why)) => Some(why),
                _ => None,
            },
            advice,
            before: before.map(|run| (run.number, words::date(run.started_at.paris_date()))),
            doubtful: run.ministries.iter().map(|name| (name.clone(), adds.then(|| added(name)))).collect(),
            rejections,
            more: (more > 0).then(|| {
                words::counted(more, "autre enregistrement refusé", "autres enregistrements refusés")
            }),
        }
    }
}

impl Row {
    /// `opened` is how many of the dossiers that the run has opened can be listed: of an old run, none is named.
    fn new(run: &ImportRun, state: RunState, opened: Option<u64>) -> Self {
        let counts = run.counts;
        Self {
            number: run.number,
            feed: run.feed.french(),
            source: run.source.clone(),
            started: run.started_at.french(),
            took: took(run.duration()),
            state: state.french(),
            unwell: matches!(state, RunState::Failed | RunState::Interrupted),
            created: words::number(counts.created),
            updated: words::number(counts.updated),
            unchanged: words::number(counts.unchanged),
            dossiers: words::number(opened.unwrap_or(counts.dossiers)),
            listed: opened.map(|_| format!("/dossiers?etat=tous&import={}", run.number)),
            rejected: words::number(counts.rejected),
            rejects: counts.rejected > 0,
        }
    }
}

/// Where a name is added to those of the ministry, the form filled in.
fn added(name: &str) -> String {
    format!("/reglages/denominations?nom={}", words::segment(name))
}

/// « 2 min 05 s ».
fn took(duration: TimeDelta) -> String {
    let seconds = duration.num_seconds().max(0);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "moins d’une seconde".to_owned(),
        (0, 0, seconds) => format!("{seconds}\u{a0}s"),
        (0, minutes, seconds) => format!("{minutes}\u{a0}min\u{a0}{seconds:02}\u{a0}s"),
        (hours, minutes, _) => format!("{hours}\u{a0}h\u{a0}{minutes:02}\u{a0}min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_at_a_glance() {
        let told = [0, 9, 125, 7_260].map(|seconds| took(TimeDelta::seconds(seconds)));
        let told = told.map(|text| text.replace('\u{a0}', " "));
        assert_eq!(told, ["moins d’une seconde", "9 s", "2 min 05 s", "2 h 01 min"]);
    }

    #[test]
    fn an_address_gives_its_runs_back() {
        for state in RunState::VARIANTS.iter().copied().map(Some).chain([None]) {
            for feed in Feed::VARIANTS.iter().copied().map(Some).chain([None]) {
                for before in [None, Some(12)] {
                    let filters = Filters { filter: RunFilter { feed, state }, before };
                    let href = filters.href();
                    let query = href.strip_prefix("/imports").unwrap().trim_start_matches('?').to_owned();
                    assert_eq!(Filters::parse(&Fields::parse(query.as_bytes())), Some(filters));
                }
            }
        }
        assert_eq!(Filters::parse(&Fields::parse(b"etat=x")), None);
    }
}
