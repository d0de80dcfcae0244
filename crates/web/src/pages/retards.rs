//! What is late, by direction and age; how it went for twelve weeks; how much was answered in time.

mod trend;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use pli_app::{Late, List, Retards};
use pli_domain::deadline::AgeClass;
use pli_domain::french::French;
use pli_domain::organisation::Organisation;
use strum::VariantArray as _;

use crate::Web;
use crate::failure::{Failure, Kind, html};
use crate::filters::{Filters, KINDS, clocks, switch, units};
use crate::form::Choice;
use crate::frame::{Frame, Here};
use crate::session::Session;
use crate::words;

/// A figure, and the list that it counts.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) count: String,
    /// `None` when there is nothing to list.
    pub(super) href: Option<String>,
    /// The list in words, for those who hear the link alone.
    pub(super) list: String,
}

#[derive(Debug)]
struct Row {
    code: String,
    name: String,
    cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "retards.html")]
struct RetardsPage {
    frame: Frame,
    clocks: Vec<Choice>,
    kinds: Vec<Choice>,
    units: Vec<Choice>,
    today: String,
    total: String,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    totals: Vec<Cell>,
    trend: trend::Past,
    on_time: trend::Answers,
}

/// `GET /retards`
pub(crate) async fn show(
    State(web): State<Web>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let filters = Filters::parse(&query.unwrap_or_default(), &session.caller.organisation);
    let Filters { list: List { clock, kind, unit, .. }, .. } = filters.ok_or(Kind::Unreadable)?;
    let list = List { clock, kind, unit, ..List::default() };
    let (app, caller) = (&web.app, &session.caller);
    let retards = app.retards(caller, &list).await?;
    let organisation = &caller.organisation;
    let trend = trend::Past::new(&app.trend(caller, &list).await?, organisation);
    let [weeks, year] = app.on_time(caller, &list, app.periods()).await?;
    let on_time = trend::Answers::new(&weeks, &year, organisation);
    let frame = Frame::of("Retards", &session, Here::Retards);
    html(StatusCode::OK, &RetardsPage::new(frame, &retards, trend, on_time, organisation))
}

/// The columns: each class, then all of them.
fn classes() -> impl Iterator<Item = Option<AgeClass>> {
    AgeClass::VARIANTS.iter().copied().map(Some).chain([None])
}

impl RetardsPage {
    fn new(
        frame: Frame,
        retards: &Retards,
        trend: trend::Past,
        on_time: trend::Answers,
        organisation: &Organisation,
    ) -> Self {
        let rows = retards.rows.iter().map(|row| {
            let unit = row.unit.and_then(|unit| organisation.unit(unit));
            let code = unit.map_or("À attribuer", |unit| &unit.code);
            let cell = |class| Cell::new(row.count(class), row.list(class), code, class, organisation);
            Row {
                code: code.to_owned(),
                name: unit.map_or("sans service pilote", |unit| &unit.name).to_owned(),
                cells: classes().map(cell).collect(),
            }
        });
        let sum = |class| retards.rows.iter().map(|row| row.count(class)).sum();
        let totals = classes().map(|class| {
            let list = List { late: Some(class.map_or(Late::Any, Late::Class)), ..retards.list.clone() };
            Cell::new(sum(class), list, "tous services", class, organisation)
        });
        let total = words::counted(sum(None), "dossier en retard", "dossiers en retard");
        Self {
            frame,
            clocks: clocks(retards.list.clock),
            kinds: switch(
                "Tous",
                KINDS.iter().map(|(code, kind)| (*code, kind.french(), retards.list.kind == Some(*kind))),
            ),
            units: units(retards.list.unit, organisation, retards.today),
            today: words::date(retards.today),
            total,
            columns: AgeClass::VARIANTS.iter().map(French::french).collect(),
            rows: rows.collect(),
            totals: totals.collect(),
            trend,
            on_time,
        }
    }
}

impl Cell {
    fn new(count: u64, list: List, row: &str, class: Option<AgeClass>, organisation: &Organisation) -> Self {
        let column = class.map_or_else(|| "tous âges".to_owned(), |class| class.french().to_lowercase());
        Self::of(count, list, format!("{row}, {column}"), organisation)
    }

    /// A figure and its list, said in words.
    pub(super) fn of(count: u64, list: List, words: String, organisation: &Organisation) -> Self {
        let href = (count > 0).then(|| Filters::of(list).href(organisation));
        Self { count: words::number(count), href, list: words }
    }

    /// No figure.
    fn none() -> Self {
        Self { count: "–".to_owned(), href: None, list: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use pli_app::{OnTime, RetardsRow, Trend};
    use std::collections::BTreeMap;

    fn page(rows: Vec<RetardsRow>) -> RetardsPage {
        let retards = Retards { rows, today: samples::today(), list: List::default() };
        let organisation = samples::organisation();
        let trend = trend::Past::new(&Trend { since: None, weeks: Vec::new() }, &organisation);
        let (from, to) = (samples::today(), samples::today());
        let none = OnTime { from, to, rows: Vec::new(), list: List::default() };
        let on_time = trend::Answers::new(&none, &none, &organisation);
        RetardsPage::new(Frame::alone("Retards"), &retards, trend, on_time, &organisation)
    }

    #[test]
    fn each_figure_opens_the_list_that_it_counts() {
        let organisation = samples::organisation();
        let unit = organisation.by_code("DACS").map(|unit| unit.id);
        let counts = |pairs: &[(AgeClass, u64)]| pairs.iter().copied().collect::<BTreeMap<_, _>>();
        let page = page(vec![
            RetardsRow { unit: None, counts: counts(&[(AgeClass::UpTo15, 2)]), list: List::default() },
            RetardsRow {
                unit,
                counts: counts(&[(AgeClass::UpTo15, 1), (AgeClass::Over60, 1_200)]),
                list: List::default(),
            },
        ]);
        let figures = |cells: &[Cell]| {
            cells.iter().map(|cell| (cell.count.clone(), cell.href.clone())).collect::<Vec<_>>()
        };
        let link = |count: &str, href: &str| (count.to_owned(), Some(href.to_owned()));
        let none = ("0".to_owned(), None);
        assert_eq!(
            figures(&page.rows[0].cells),
            [
                link("2", "/dossiers?sans-service=1&retard=up_to15"),
                none.clone(),
                none.clone(),
                none.clone(),
                link("2", "/dossiers?sans-service=1&retard=tous"),
            ]
        );
        assert_eq!(
            figures(&page.rows[1].cells),
            [
                link("1", "/dossiers?service=DACS&retard=up_to15"),
                none.clone(),
                none.clone(),
                link("1\u{202f}200", "/dossiers?service=DACS&retard=over60"),
                link("1\u{202f}201", "/dossiers?service=DACS&retard=tous"),
            ]
        );
        assert_eq!(
            figures(&page.totals),
            [
                link("3", "/dossiers?retard=up_to15"),
                none.clone(),
                none,
                link("1\u{202f}200", "/dossiers?retard=over60"),
                link("1\u{202f}203", "/dossiers?retard=tous"),
            ]
        );
        assert!(page.render().unwrap().contains("<caption"));
    }

    #[test]
    fn nothing_late_is_said_in_words() {
        let html = page(Vec::new()).render().unwrap();
        assert!(html.contains("Rien n’est en retard.") && !html.contains("<table"));
    }
}
